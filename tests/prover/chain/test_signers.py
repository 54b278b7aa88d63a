"""Remote signers: anvil is one. The lying ones are simulated, by a proxy in front of it."""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from prover.chain import (
    Chain,
    ContractCode,
    RemoteSigner,
    ReportPurpose,
    RequestPolicy,
    SignerError,
    is_signed_by_its_reporter,
)
from prover.chain._reports import sign_report
from prover.toolchain import Anvil
from tests.fault_proxy import EVERY, FaultProxy, answers, before, hangs, passes, refuses, results, rewrites
from verifier import SlotFractions

full = pytest.mark.full

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "remote-signers.md"
POLICY = RequestPolicy(attempts=2, backoff_seconds=0.02, response_seconds=2, request_seconds=3, bump_seconds=0.4)
KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"  # of anvil's second account
LOCAL = Account.from_key(KEY)
ROUNDS = "0x0165878A594ca255338adfa4d48449f69242Eb8F"
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
SENT: dict[str, Any] = {
    "from": LOCAL.address,
    "to": ROUNDS,
    "value": 7,
    "data": b"\x01\x00",
    "gas": 50_000,
    "nonce": 3,
    "chainId": 31337,
    "maxFeePerGas": 3 * 10**9,
    "maxPriorityFeePerGas": 1,
}
TYPED, TRANSACTION, RAW = "eth_signTypedData_v4", "eth_signTransaction", "eth_sendRawTransaction"


@pytest.fixture(scope="module")
def node() -> Iterator[Anvil]:
    with Anvil() as node:
        yield node


@pytest.fixture
def remote(proxy: FaultProxy) -> RemoteSigner:
    return RemoteSigner(proxy.url, LOCAL.address, POLICY)


def signed(signer: Any, **changes: Any) -> Any:
    said = {"timestamp": 1_763_800_000, "prices": [2**64 - 1, None, 0], "funding": [-(2**64) + 9, 0, 5], **changes}
    return sign_report(signer, 31337, ROUNDS, **said)


@full
def test_a_remote_signature_is_that_of_the_key(remote: RemoteSigner) -> None:
    assert signed(remote) == signed(LOCAL)
    assert is_signed_by_its_reporter(signed(remote), 31337, ROUNDS)
    assert signed(remote, purpose=ReportPurpose.SETTLEMENT) == signed(LOCAL, purpose=ReportPurpose.SETTLEMENT)
    ours, theirs = LOCAL.sign_transaction(SENT), remote.sign_transaction(SENT)
    assert (theirs.raw_transaction, theirs.hash) == (ours.raw_transaction, ours.hash)


@full
def test_the_object_of_other_nodes_is_taken_too(proxy: FaultProxy, remote: RemoteSigner) -> None:
    """geth answers with the transaction beside its bytes; some signers give v as 0 and 1."""
    proxy.always(TRANSACTION, rewrites(lambda raw: {"raw": raw, "tx": {"nonce": "0x3"}}))
    assert remote.sign_transaction(SENT).raw_transaction == LOCAL.sign_transaction(SENT).raw_transaction
    proxy.always(TYPED, rewrites(lambda text: f"{text[:-2]}{int(text[-2:], 16) - 27:02x}"))
    assert signed(remote) == signed(LOCAL)


def high_s(text: str) -> str:
    """The other form of a signature: it recovers the same address, and contracts refuse it."""
    signature = bytes.fromhex(text[2:])
    s = (ORDER - int.from_bytes(signature[32:64])).to_bytes(32)
    return f"0x{(signature[:32] + s + bytes([55 - signature[64]])).hex()}"


LIES: dict[str, Callable[[str], object]] = {
    "by another account": lambda _: f"0x{signed(Account.create()).signature.hex()}",
    "over another report": lambda _: f"0x{signed(LOCAL, timestamp=5).signature.hex()}",
    "for another purpose": lambda _: f"0x{signed(LOCAL, purpose=ReportPurpose.SETTLEMENT).signature.hex()}",
    "the high form": high_s,
    "zeros": lambda _: f"0x{'00' * 65}",
    "no point": lambda _: f"0x{'ff' * 64}1b",
}


@full
@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_signature_that_is_another_is_refused(
    proxy: FaultProxy, remote: RemoteSigner, lie: Callable[[str], object]
) -> None:
    proxy.always(TYPED, rewrites(lie))
    with pytest.raises(SignerError, match=f"the signer at {proxy.url} gave a signature that is not that of 0x"):
        signed(remote)


def resigned(signer: Any = LOCAL, **changes: Any) -> Callable[[object], object]:
    fields = {**SENT, "from": signer.address, **changes}
    return lambda _: signer.sign_transaction(fields).raw_transaction.to_0x_hex()


OTHERS: dict[str, Callable[[Any], object]] = {
    "by another account": resigned(Account.create()),
    "to another account": resigned(to="0x" + "2" * 40),
    "of another value": resigned(value=10**18),
    "of another nonce": resigned(nonce=4),
    "with other data": resigned(data=b"\x01"),
    "with other fees": resigned(maxFeePerGas=10**12),
    "of another chain": resigned(chainId=1),
    "with another gas limit": resigned(gas=16_000_000),
    "of the old type": lambda _: LOCAL.sign_transaction(
        {name: SENT[name] for name in ("to", "value", "data", "gas", "nonce", "chainId")} | {"gasPrice": 10**9}
    ).raw_transaction.to_0x_hex(),
    "nothing": lambda _: "0x",
    "no transaction": lambda _: "0x02c0",
    "of no known type": lambda _: "0x7f00",
}


@full
@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_a_transaction_that_is_another_is_refused(
    proxy: FaultProxy, remote: RemoteSigner, other: Callable[[Any], object]
) -> None:
    proxy.always(TRANSACTION, rewrites(other))
    with pytest.raises(SignerError, match=f"the signer at {proxy.url} gave something else than the transaction"):
        remote.sign_transaction(SENT)


@full
def test_a_signer_that_does_not_answer_is_named(
    proxy: FaultProxy, remote: RemoteSigner, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    remote = RemoteSigner(proxy.url, LOCAL.address, replace(POLICY, response_seconds=0.3, notice_seconds=0.1))
    proxy.always(EVERY, hangs)
    with pytest.raises(SignerError, match=f"the signer at {proxy.url} does not answer in time"):
        signed(remote)
    assert f"the signer at {proxy.url} has not answered {TYPED}" in caplog.text
    proxy.always(EVERY, results({"signature": 5}))
    with pytest.raises(SignerError, match=f"the signer at {proxy.url} answers with something that is no JSON-RPC"):
        signed(remote)
    proxy.always(EVERY, answers(302))
    with pytest.raises(SignerError, match=f"the signer at {proxy.url} answers with"):
        signed(remote)
    with pytest.raises(SignerError, match=r"the signer at http://127.0.0.1:1 does not answer"):
        RemoteSigner("http://127.0.0.1:1", policy=POLICY)


@full
def test_a_refusal_is_told_without_the_key_of_the_url(proxy: FaultProxy) -> None:
    secret = "0123456789abcdefSECRET"  # noqa: S105
    remote = RemoteSigner(f"{proxy.url}/{secret}", LOCAL.address, POLICY)
    assert secret not in repr(remote)
    proxy.always(TYPED, refuses("no rule for {path}"))
    with pytest.raises(SignerError, match=rf"refuses {TYPED}: no rule for /\(hidden\)") as caught:
        signed(remote)
    assert secret not in str(caught.value)


@full
def test_the_account_is_one_of_the_signer(node: Anvil, proxy: FaultProxy) -> None:
    with pytest.raises(SignerError, match=r"has the accounts 0xf39Fd6e5\w*, .* and 5 more: name one"):
        RemoteSigner(node.url)
    with pytest.raises(SignerError, match=f"has no account {ROUNDS}"):
        RemoteSigner(node.url, ROUNDS)
    proxy.always("eth_accounts", rewrites(lambda found: found[1:2]))
    assert RemoteSigner(proxy.url).address == LOCAL.address
    proxy.always("eth_accounts", results([]))
    with pytest.raises(SignerError, match="has no account"):
        RemoteSigner(proxy.url)


@full
def test_a_remote_account_deploys_and_sends(node: Anvil, code: Mapping[str, ContractCode]) -> None:
    chain = Chain(node.url, code, RemoteSigner(node.url, LOCAL.address))
    assert chain.sender == LOCAL.address
    rounds = chain.deploy("OwnerPriceRounds", chain.sender, [tuple(SlotFractions(30_000, 50_000))])
    receipt = rounds.send("postRound", [1], [0])
    assert receipt["from"] == LOCAL.address
    assert rounds.read("latestRoundId") == 1


@full
def test_the_python_of_the_guide_runs(node: Anvil, capsys: pytest.CaptureFixture[str]) -> None:
    (source,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    names = {"code": {}, "url": node.url}
    exec(compile(source.replace("http://127.0.0.1:9000", node.url), GUIDE.name, "exec"), names)  # noqa: S102
    assert capsys.readouterr().out == f"{LOCAL.address}\n"


@full
def test_what_a_signer_does_not_sign_is_not_sent(
    node: Anvil, proxy: FaultProxy, code: Mapping[str, ContractCode]
) -> None:
    chain = Chain(proxy.url, code, RemoteSigner(proxy.url, LOCAL.address, POLICY), policy=POLICY)
    proxy.always(TRANSACTION, rewrites(resigned(to="0x" + "2" * 40)))
    with pytest.raises(SignerError, match=r"deploying OwnerPriceRounds: the signer at .*; nothing was sent"):
        chain.deploy("OwnerPriceRounds", chain.sender, [tuple(SlotFractions(30_000, 50_000))])
    assert proxy.count(RAW) == 0


@full
def test_a_transaction_is_waited_for_when_its_replacement_is_not_signed(
    node: Anvil, proxy: FaultProxy, code: Mapping[str, ContractCode], caplog: pytest.LogCaptureFixture
) -> None:
    chain = Chain(node.url, code, RemoteSigner(proxy.url, LOCAL.address, POLICY), policy=POLICY)
    rounds = chain.deploy("OwnerPriceRounds", chain.sender, [tuple(SlotFractions(30_000, 50_000))])
    node.request("evm_setAutomine", False)
    try:
        proxy.then(TRANSACTION, passes, before(lambda: node.request("anvil_mine"), refuses("the policy says no")))
        assert rounds.send("postRound", [1], [0])["status"] == 1
    finally:
        node.request("evm_setAutomine", True)
    assert "cannot be replaced by one with higher fees: the signer at" in caplog.text
    assert rounds.read("latestRoundId") == 1


def test_a_changed_form_of_a_signature_is_no_signature() -> None:
    """Contracts refuse it, so one of them would cost a whole set of reports."""
    report = signed(LOCAL)
    other = replace(report, signature=bytes.fromhex(high_s(f"0x{report.signature.hex()}")[2:]))
    low_v = replace(report, signature=report.signature[:-1] + bytes([report.signature[-1] - 27]))
    longer = replace(report, signature=report.signature + b"\0")
    assert is_signed_by_its_reporter(report, 31337, ROUNDS)
    assert not any(is_signed_by_its_reporter(one, 31337, ROUNDS) for one in (other, low_v, longer))
