"""Calls and events as web3 encodes and decodes them, and data that are no answer."""

from typing import Any

import pytest
from eth_abi import encode
from web3 import Web3
from web3.exceptions import BadFunctionCallOutput

from prover.chain._abi import ContractAbi

ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
PAIR = [{"name": "who", "type": "address"}, {"name": "amounts", "type": "uint256[]"}]
ABI: list[dict[str, Any]] = [
    {
        "type": "function",
        "name": "move",
        "stateMutability": "view",
        "inputs": [{"name": "pairs", "type": "tuple[]", "components": PAIR}, {"name": "id", "type": "bytes32"}],
        "outputs": [{"name": "", "type": "tuple", "components": PAIR}, {"name": "", "type": "address[2]"}],
    },
    {
        "type": "function",
        "name": "name",
        "stateMutability": "view",
        "inputs": [],
        "outputs": [{"name": "", "type": "string"}],
    },
    *(
        {"type": "function", "name": "twice", "stateMutability": "view", "inputs": inputs, "outputs": []}
        for inputs in ([], [{"name": "id", "type": "uint8"}])
    ),
    {
        "type": "event",
        "name": "Moved",
        "anonymous": False,
        "inputs": [
            {"name": "from", "type": "address", "indexed": True},
            {"name": "pair", "type": "tuple", "components": PAIR, "indexed": False},
            {"name": "note", "type": "string", "indexed": True},
        ],
    },
]
WEB3 = Web3()
OWN = ContractAbi(ABI, WEB3.codec)
RAW = WEB3.eth.contract(abi=ABI)  # type: ignore[call-overload]


def test_a_call_is_encoded_as_by_web3() -> None:
    arguments = [[(ADDRESS, [1, 2]), (ADDRESS, [])], b"\1" * 32]
    assert OWN.functions["move"].encode(arguments).hex() == RAW.encode_abi("move", arguments)[2:]


def test_an_answer_has_lists_tuples_and_addresses_with_checksums() -> None:
    low = ADDRESS.lower()
    data = encode(["(address,uint256[])", "address[2]"], [(low, [3, 4]), [low, low]])
    assert OWN.functions["move"].decode(data) == [(ADDRESS, [3, 4]), [ADDRESS, ADDRESS]]
    assert OWN.functions["name"].decode(encode(["string"], ["zk"])) == "zk"


def test_a_log_is_decoded_as_by_web3() -> None:
    topics = [WEB3.keccak(text="Moved(address,(address,uint256[]),string)"), encode(["address"], [ADDRESS])]
    topics = [*topics, WEB3.keccak(text="hello")]
    log = {"topics": topics, "data": encode(["(address,uint256[])"], [(ADDRESS, [5])])}
    event = OWN.events[bytes(topics[0])]
    whole = {**log, **dict.fromkeys(("logIndex", "transactionIndex", "blockNumber"), 0), "address": ADDRESS}
    whole |= {"transactionHash": b"\0" * 32, "blockHash": b"\0" * 32}
    expected = dict(RAW.events.Moved().process_log(whole)["args"])  # type: ignore[arg-type]
    assert event.decode(log) == {**expected, "pair": dict(expected["pair"])}


def test_functions_that_share_a_name_are_left_out() -> None:
    assert set(OWN.functions) == {"move", "name"}


@pytest.mark.parametrize("data", [b"", b"\1" * 31, encode(["bytes"], [b"\xff\xfe"]), b"\xff" * 64])
def test_what_is_no_answer_is_an_error_of_the_node(data: bytes) -> None:
    with pytest.raises(BadFunctionCallOutput, match=rf"^{len(data)} bytes that are not string"):
        OWN.functions["name"].decode(data)


def test_a_log_that_lacks_a_topic_is_an_error_of_the_node() -> None:
    (event,) = OWN.events.values()
    with pytest.raises(BadFunctionCallOutput):
        event.decode({"topics": [event.topic], "data": b""})
