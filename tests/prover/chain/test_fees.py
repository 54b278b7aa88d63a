"""Fees of replacements, and what nodes say of transactions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hexbytes import HexBytes
from hypothesis import given
from hypothesis import strategies as st
from web3.exceptions import ContractLogicError, Web3RPCError

from prover.chain._broadcast_result import BroadcastResult, broadcast_result
from prover.chain._fees import Fees, GasEstimates, gas_limit

SAYINGS = [
    ("already known", BroadcastResult.ACCEPTED),  # geth, reth
    ("Transaction with the same hash was already imported.", BroadcastResult.ACCEPTED),  # nethermind
    ("AlreadyKnown", BroadcastResult.ACCEPTED),  # nethermind
    ("transaction already imported", BroadcastResult.ACCEPTED),  # anvil
    ("nonce too low: next nonce 5, tx nonce 4", BroadcastResult.NONCE_USED),  # geth
    ("nonce too low", BroadcastResult.NONCE_USED),  # reth, erigon, anvil
    ("OldNonce, Current nonce: 5, nonce of rejected tx: 4", BroadcastResult.NONCE_USED),  # nethermind
    ("Nonce too low", BroadcastResult.NONCE_USED),  # besu
    ("invalid nonce; got 4, expected 5: invalid sequence", BroadcastResult.NONCE_USED),  # ethermint
    ("Nonce too high. Expected nonce to be 4 but got 5.", BroadcastResult.NONCE_AHEAD),  # hardhat
    ("NonceGap, Future nonce. Expected nonce: 4", BroadcastResult.NONCE_AHEAD),  # nethermind
    ("replacement transaction underpriced", BroadcastResult.NONCE_OCCUPIED),  # geth, reth, anvil
    ("Replacement transaction underpriced", BroadcastResult.NONCE_OCCUPIED),  # besu
    ("ReplacementNotAllowed", BroadcastResult.NONCE_OCCUPIED),  # nethermind
    ("could not replace existing tx", BroadcastResult.NONCE_OCCUPIED),  # erigon
    ("transaction underpriced: tip needed 1000000000, tip permitted 1", BroadcastResult.UNDERPRICED),  # geth
    ("max fee per gas less than block base fee: address 0x00, maxFeePerGas: 1", BroadcastResult.UNDERPRICED),  # geth
    ("FeeTooLow, MaxFeePerGas too low", BroadcastResult.UNDERPRICED),  # nethermind
    ("fee too low", BroadcastResult.UNDERPRICED),  # erigon
    ("txpool is full", BroadcastResult.UNDERPRICED),  # geth
    (
        "insufficient funds for gas * price + value: balance 1, tx cost 2, overshot 1",
        BroadcastResult.INSUFFICIENT_FUNDS,
    ),  # geth
    ("Insufficient funds for gas * price + value", BroadcastResult.INSUFFICIENT_FUNDS),  # anvil
    ("InsufficientFunds, Balance is 1 less than sending value", BroadcastResult.INSUFFICIENT_FUNDS),  # nethermind
    ("Upfront cost exceeds account balance", BroadcastResult.INSUFFICIENT_FUNDS),  # besu
    ("exceeds block gas limit", BroadcastResult.INVALID),  # geth
    ("ExceedsGasLimit", BroadcastResult.INVALID),  # nethermind
    ("Transaction gas limit exceeds block gas limit", BroadcastResult.INVALID),  # besu
    ("intrinsic gas too low", BroadcastResult.INVALID),  # geth
    ("unknown transaction type", BroadcastResult.INVALID),
    ("transaction type not supported", BroadcastResult.INVALID),  # geth
    ("invalid chain id for signer: have 1 want 5", BroadcastResult.INVALID),  # geth
    ("only replay-protected (EIP-155) transactions allowed over RPC", BroadcastResult.INVALID),  # geth
    ("max priority fee per gas higher than max fee per gas", BroadcastResult.INVALID),  # geth
    ("rlp: expected input list for types.DynamicFeeTx", BroadcastResult.INVALID),  # geth
    ("the method eth_sendRawTransaction does not exist/is not available", BroadcastResult.INVALID),  # geth
    ("internal error", BroadcastResult.REFUSED),
]

WEI = st.integers(min_value=0, max_value=10**15)


@st.composite
def fees(draw: st.DrawFn) -> Fees:
    tip = draw(WEI)
    return Fees(tip + draw(WEI), tip)


@pytest.mark.parametrize(("message", "answer"), SAYINGS, ids=[message[:40] for message, _ in SAYINGS])
def test_what_clients_say_is_understood(message: str, answer: BroadcastResult) -> None:
    response = {"jsonrpc": "2.0", "id": 1, "error": {"code": -32000, "message": message}}
    assert broadcast_result(Web3RPCError(repr(response["error"]), rpc_response=response)) is answer  # type: ignore[arg-type]


@given(fees(), fees())
def test_a_replacement_pays_an_eighth_more_and_what_is_asked_now(old: Fees, now: Fees) -> None:
    new = old.raised(now)
    assert 8 * new.cap >= 9 * old.cap
    assert 8 * new.tip >= 9 * old.tip
    assert new.cap > old.cap
    assert new.tip > old.tip
    assert new.cap >= now.cap
    assert new.tip >= now.tip
    assert new.cap >= new.tip


@dataclass
class CountingNode:
    """Runs calls that need some gas, and counts how."""

    needed: int
    runs: list[str] = field(default_factory=list)

    @property
    def eth(self) -> Any:
        return SimpleNamespace(call=self.call, estimate_gas=self.estimate)

    def call(self, request: Mapping[str, Any]) -> bytes:
        self.runs.append("call")
        if request["gas"] < self.needed:
            raise ContractLogicError("out of gas, which a contract may take for a wrong proof")
        return b""

    def estimate(self, _: object, block: str = "latest") -> int:
        self.runs.append(f"estimate at {block}")
        if not self.needed:
            raise ContractLogicError("refused")
        return self.needed


FLAG = {"to": "0x" + "11" * 20, "data": HexBytes("0x01020304" + "00" * 32)}
OTHER = {**FLAG, "data": HexBytes("0x01020305")}


def test_a_call_whose_function_was_estimated_is_run_once() -> None:
    node = CountingNode(100_000)
    estimates = GasEstimates(cast("Any", node))
    assert [estimates.of(FLAG) for _ in range(2)] == [100_000] * 2
    assert node.runs == ["estimate at latest", "call"]
    node.needed = 104_000
    assert gas_limit(estimates.of(FLAG)) == 120_000  # a seventh is left for a state that changes
    assert estimates.of(OTHER) == 104_000
    assert node.runs[2:] == ["call", "estimate at latest"]


def test_a_call_that_needs_more_than_before_is_estimated_again() -> None:
    node = CountingNode(100_000)
    estimates = GasEstimates(cast("Any", node))
    estimates.of(FLAG)
    node.needed = 105_001
    assert estimates.of(FLAG) == 105_001
    node.needed = 50_000
    assert estimates.of(FLAG) == 105_001
    assert node.runs == ["estimate at latest", "call", "estimate at latest", "call"]


def test_why_a_call_is_refused_is_told_by_an_estimate() -> None:
    node = CountingNode(100_000)
    estimates = GasEstimates(cast("Any", node))
    estimates.of(FLAG)
    node.needed = 0
    node.call = lambda request: (_ for _ in ()).throw(ContractLogicError("refused"))  # type: ignore[method-assign]
    with pytest.raises(ContractLogicError, match="refused"):
        estimates.of(FLAG)
    assert node.runs[1:] == ["estimate at latest", "estimate at pending"]


def test_what_deploys_a_contract_is_always_estimated() -> None:
    node = CountingNode(100_000)
    estimates = GasEstimates(cast("Any", node))
    assert [estimates.of({"data": "0x6080"}) for _ in range(2)] == [100_000] * 2
    assert node.runs == ["estimate at latest"] * 2
