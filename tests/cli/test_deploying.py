"""Commands that pay for contracts: nothing is sent unasked, and no address is lost."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli.harness import ENVIRONMENT, PROGRAM, Run

from prover.account import GuardianKey, point_to_text
from prover.chain import Chain
from prover.chain._sender import Sender
from prover.onchain import DeploymentKind, DeploymentRecord
from prover.toolchain import Anvil
from verifier import ChainError

full = pytest.mark.full

CHAIN = ["chain", "deploy"]
BOOK = ["book", "deploy", "--guardian", point_to_text(GuardianKey(987654321).point), "--reporter", "0x" + "a1" * 20]
COMMANDS = pytest.mark.parametrize("words", [CHAIN, BOOK], ids=["chain", "book"])
PARTIAL = {
    "format": "zksolvency/partial-deployment/1",
    "contracts": [{"chain_id": 5, "contract": "Old", "address": "0x" + "1" * 40, "transaction": None}],
}


@pytest.fixture
def node() -> Iterator[Anvil]:
    with Anvil() as anvil:
        yield anvil


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chain 31337 is taken for a public one: on a real one the contracts refuse development keys."""
    for module in ("prover.cli._deploying", "prover.onchain._deployment"):
        monkeypatch.setattr(f"{module}.is_local_chain", lambda _: False)


def at_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prover.cli._deploying.has_terminal", lambda: True)


def fail_after(monkeypatch: pytest.MonkeyPatch, count: int, error: BaseException) -> None:
    """Let the sender send some transactions, and fail then."""
    sent, send = [], Sender.send

    def failing(self: Sender, request: dict[str, Any], what: str) -> Any:
        if len(sent) == count:
            raise error
        sent.append(what)
        return send(self, request, what)

    monkeypatch.setattr(Sender, "send", failing)


def blocks(node: Anvil) -> tuple[int, int]:
    """Newest block, and nonce of the sender with what waits."""
    sender = node.request("eth_accounts")[0]
    return int(node.request("eth_blockNumber"), 16), int(node.request("eth_getTransactionCount", sender, "pending"), 16)


def listed(path: Path) -> list[dict[str, Any]]:
    content = json.loads(path.read_text())
    assert content["format"] == PARTIAL["format"]
    contracts: list[dict[str, Any]] = content["contracts"]
    return contracts


# ---------------------------------------------------------------------------------------------- before any node


@COMMANDS
def test_a_target_is_checked_before_anything_is_built(run: Run, tmp_path: Path, words: list[str]) -> None:
    there, link, unreadable = tmp_path / "there.json", tmp_path / "link.json", tmp_path / "new.json"
    there.write_text("precious")
    link.symlink_to(tmp_path / "nowhere.json")
    (tmp_path / "new.partial.json").write_text("{}")
    for target, refusal in (
        (there, "exists already"),
        (link, "exists already"),
        (tmp_path, "is a folder"),
        (tmp_path / "absent" / "record.json", "no folder"),
        (Path("/proc/record.json"), "cannot be written"),
        (unreadable, "new.partial.json"),
    ):
        for extra in ([], ["--dry-run"]):
            refused = run(*words, "--rpc", "http://127.0.0.1:1", "--deployment", target, *extra, "--json")
            assert (refused.code, refusal in refused.error["message"]) == (3, True), refused
    assert there.read_text() == "precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.json", "new.partial.json", "there.json"]


# ---------------------------------------------------------------------------------------------- on nodes


@full
def test_nothing_is_put_into_the_pot_unasked(run: Run, node: Anvil, tmp_path: Path) -> None:
    options = ["--rpc", node.url, "--deployment"]
    assert run(*CHAIN, *options, tmp_path / "none.json").code == 0
    assert run("chain", "show", *options, tmp_path / "none.json", "--json").json["tip_pot"] == 0
    assert blocks(node)[1] == 3
    assert run(*CHAIN, *options, tmp_path / "some.json", "--pot", "7wei", "--tip", "5wei").code == 0
    assert run("chain", "show", *options, tmp_path / "some.json", "--json").json["tip_pot"] == 7


@full
@COMMANDS
def test_a_dry_run_tells_what_a_run_then_does(run: Run, node: Anvil, tmp_path: Path, words: list[str]) -> None:
    options = [*words, "--rpc", node.url, "--deployment", tmp_path / "record.json"]
    extra = ["--gate", "--engine"] if words is BOOK else ["--pot", "7wei"]
    before = blocks(node)
    told = run(*options, *extra, "--dry-run", "--json")
    assert told.code == 0, told
    shown = run(*options, *extra, "--dry-run")
    assert (shown.code, blocks(node), list(tmp_path.iterdir())) == (0, before, [])

    plan = told.json
    assert run(*options, *extra).code == 0
    chain = Chain(node.url, {})
    sent = chain.transactions()
    receipts = [chain.receipt(bytes(item["hash"])) for item in sent]
    addresses = [receipt["contractAddress"] or receipt["to"] for receipt in receipts]
    assert [item["address"] for item in plan["transactions"]] == addresses
    assert plan["value"] == sum(item["value"] for item in sent) == (0 if words is BOOK else 7)
    used = sum(receipt["gasUsed"] for receipt in receipts)
    assert used * 0.9 <= plan["estimated_gas"] <= used * 1.5
    assert plan["estimated_cost"] == plan["estimated_gas"] * plan["gas_price"] + plan["value"]
    assert {item["gas_from"] for item in plan["transactions"]} == {"node", "size"}
    assert (plan["dry_run"], plan["chain_id"], plan["sender"]) == (True, 31337, chain.sender)
    assert plan["deployment"] == str(tmp_path / "record.json")
    for item in plan["transactions"]:
        assert item["contract"] in shown.stdout
        assert item["address"] in shown.stdout
    if words is BOOK:
        (source,) = (item for item in plan["transactions"] if item["function"] == "setPriceSource")
        rounds = next(item for item in plan["transactions"] if item["contract"] == "PriceRounds")
        assert source["settings"] == {"source": rounds["address"]}
        settings = {"staleAfter": 3600, "minInterval": 10, "maxReportAge": 30}
        assert {name: rounds["settings"][name] for name in settings} == settings
        breaker = next(item for item in plan["transactions"] if item["contract"] == "CircuitBreaker")
        assert breaker["settings"]["resumeGrace"] == 600
    assert "asked of the node" in shown.stdout
    assert "from sizes of code and arguments" in shown.stdout


@full
@pytest.mark.parametrize(("words", "count"), [(CHAIN, 0), (CHAIN, 1), (CHAIN, 2), (BOOK, 0), (BOOK, 5), (BOOK, 10)])
def test_a_deployment_that_fails_half_way_keeps_what_it_paid_for(
    run: Run, node: Anvil, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], count: int
) -> None:
    record, partial = tmp_path / "record.json", tmp_path / "record.partial.json"
    options = [*words, "--rpc", node.url, "--deployment", record]
    with monkeypatch.context() as patch:
        fail_after(patch, count, ChainError("out of luck", refusal="Luck"))
        failed = run(*options, "--json")
    assert (failed.code, failed.error["message"].startswith("out of luck")) == (6, True), failed
    assert not record.exists()
    chain = Chain(node.url, {})
    receipts = [chain.receipt(bytes(item["hash"])) for item in chain.transactions()]
    stand = [(receipt["contractAddress"], receipt["transactionHash"].to_0x_hex()) for receipt in receipts]
    stand = [pair for pair in stand if pair[0]]
    if not count:
        assert (failed.error["message"], list(tmp_path.iterdir())) == ("out of luck", [])
        return
    assert [(entry["address"], entry["transaction"]) for entry in listed(partial)] == stand
    assert str(partial) in failed.error["message"]
    assert all(f"{entry['contract']} at {entry['address']}" in failed.error["message"] for entry in listed(partial))

    with monkeypatch.context() as patch:  # a second failure adds to the list
        fail_after(patch, 1, ChainError("out of luck"))
        assert run(*options).code == 6
    assert len(listed(partial)) == len(stand) + 1
    done = run(*options)
    assert (done.code, [path.name for path in tmp_path.iterdir()]) == (0, ["record.json"]), done
    assert all(address in done.stderr for address, _ in stand)


@full
def test_an_interruption_tells_what_was_done(
    run: Run, node: Anvil, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was being sent may be mined still."""
    fail_after(monkeypatch, 1, KeyboardInterrupt())
    stopped = run(*CHAIN, "--rpc", node.url, "--deployment", tmp_path / "record.json")
    assert stopped.code == 130
    first, second = listed(tmp_path / "record.partial.json")
    assert (first["contract"], second["contract"], second["transaction"]) == (
        "Margin13Verifier",
        "OwnerPriceRounds",
        None,
    )
    assert f"{first['address']}, OwnerPriceRounds at {second['address']} (perhaps" in stopped.stderr


@full
def test_a_killed_deployment_leaves_its_list(node: Anvil, run: Run, tmp_path: Path) -> None:
    record, partial = tmp_path / "record.json", tmp_path / "record.partial.json"
    arguments = [*PROGRAM, *CHAIN, "--rpc", node.url, "--deployment", str(record)]
    node.request("evm_setAutomine", False)
    process = subprocess.Popen(arguments, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        await_entries(partial, 1)
        while not int(node.request("txpool_status")["pending"], 16):
            time.sleep(0.05)
        node.request("evm_mine")
        await_entries(partial, 2)
        while not int(node.request("txpool_status")["pending"], 16):
            time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)
    node.request("evm_mine")  # what was sent is mined after the end of the program
    first, second = listed(partial)
    assert (first["contract"], first["transaction"] is None) == ("Margin13Verifier", False)
    assert (second["contract"], second["transaction"]) == ("OwnerPriceRounds", None)
    chain = Chain(node.url, {})
    assert chain.has_code(first["address"])
    assert chain.has_code(second["address"])
    assert not record.exists()

    node.request("evm_setAutomine", True)
    again = run(*CHAIN, "--rpc", node.url, "--deployment", record)
    assert (again.code, partial.exists(), record.exists()) == (0, False, True)
    assert first["address"] in again.stderr


def await_entries(path: Path, count: int) -> None:
    deadline = time.monotonic() + 60
    while not path.exists() or len(listed(path)) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)


@full
@COMMANDS
def test_a_record_that_cannot_be_written_is_shown(
    run: Run, node: Anvil, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    """Another program writes the file after it was checked. Nothing is overwritten, and nothing is lost."""
    record, partial = tmp_path / "record.json", tmp_path / "record.partial.json"
    options = ["--rpc", node.url, "--deployment"]
    original = Chain.deploy

    def deploy(self: Chain, name: str, *arguments: Any) -> Any:
        record.write_text("precious")
        return original(self, name, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Chain, "deploy", deploy)
        failed = run(*words, *options, record, "--json")
    assert (failed.code, "exists already" in failed.error["message"]) == (3, True), failed
    assert str(partial) in failed.error["message"]
    assert record.read_text() == "precious"
    assert all(entry["transaction"] for entry in listed(partial))
    shown = tmp_path / "shown.json"
    shown.write_text(failed.stderr[failed.stderr.index("{") :])
    assert run(words[0], "show", *options, shown).code == 0


@full
def test_a_list_that_cannot_be_written_is_told(
    run: Run, node: Anvil, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk fills up while contracts are deployed."""
    folder = tmp_path / "records"
    folder.mkdir()
    original = Chain.deploy

    def deploy(self: Chain, name: str, *arguments: Any) -> Any:
        made = original(self, name, *arguments)
        folder.rename(tmp_path / "gone")
        return made

    monkeypatch.setattr(Chain, "deploy", deploy)
    failed = run(*CHAIN, "--rpc", node.url, "--deployment", folder / "record.json", "--json")
    assert (failed.code, "keep this list" in failed.error["message"]) == (3, True), failed
    address = Chain(node.url, {}).receipt(bytes(Chain(node.url, {}).transactions()[0]["hash"]))["contractAddress"]
    assert f"Margin13Verifier at {address}" in failed.error["message"]


@full
def test_a_pot_that_cannot_be_filled_loses_no_contract(
    run: Run, node: Anvil, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = tmp_path / "record.json"
    fail_after(monkeypatch, 3, ChainError("out of ETH"))
    failed = run(*CHAIN, "--rpc", node.url, "--deployment", record, "--pot", "7wei")
    assert (failed.code, f"{record} is their record" in failed.stderr) == (6, True), failed
    assert [path.name for path in tmp_path.iterdir()] == ["record.json"]
    assert Chain(node.url, {}).has_code(DeploymentRecord.load(record, DeploymentKind.GATE).contracts["gate"])


@full
@COMMANDS
def test_a_public_chain_is_asked_about(
    run: Run, node: Anvil, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, public: None, words: list[str]
) -> None:
    options = [*words, "--rpc", node.url, "--deployment", tmp_path / "record.json"]
    before = blocks(node)
    unasked = run(*options, "--json")
    assert (unasked.code, "--yes" in unasked.error["message"]) == (3, True), unasked
    assert "nothing was sent" in unasked.error["message"]
    at_terminal(monkeypatch)
    for answer, code in (("n\n", 3), ("\n", 3), ("", 3)):
        refused = run(*options, stdin=answer)
        assert refused.code == code, refused
        last = "RegistrarGate" if words is CHAIN else "MarginBook"
        assert all(word in refused.stderr for word in ("31337", Chain(node.url, {}).sender, last, "cost, estimate"))
    assert (blocks(node), list(tmp_path.iterdir())) == (before, [])

    agreed = run(*options, "--json", stdin="y\n")
    assert agreed.code == 0, agreed
    assert "chain_id" in json.loads(agreed.stdout.splitlines()[-1])


@full
def test_yes_answers_the_question(run: Run, node: Anvil, tmp_path: Path, public: None) -> None:
    done = run(*CHAIN, "--rpc", node.url, "--deployment", tmp_path / "record.json", "--yes", "--json")
    assert (done.code, done.json["chain_id"]) == (0, 31337), done
    assert "cost, estimate" in done.stderr


@full
def test_a_public_chain_refuses_development_keys_before_anything_is_sent(
    run: Run, node: Anvil, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.request("anvil_setChainId", 5)
    options = [*CHAIN, "--rpc", node.url, "--deployment", tmp_path / "record.json", "--json"]
    before = blocks(node)
    assert "--yes" in run(*options).error["message"]
    at_terminal(monkeypatch)
    for extra in ([], ["--yes"], ["--dry-run"]):
        refused = run(*options, *extra)
        assert (refused.code, "DevelopmentKeyOnPublicChain" in refused.error["message"]) == (6, True), refused
        assert "nothing was sent" in refused.error["message"]
    assert (blocks(node), list(tmp_path.iterdir())) == (before, [])


@full
def test_a_terminal_is_asked(node: Anvil, tmp_path: Path) -> None:
    """The program itself, at a terminal."""
    script = (
        "from prover.cli import _deploying; from prover.onchain import _deployment\n"
        "_deploying.is_local_chain = _deployment.is_local_chain = lambda _: False\n"
        "from prover.cli import main; main()"
    )
    ours, theirs = pty.openpty()
    arguments = [sys.executable, "-c", script, *CHAIN, "--rpc", node.url, "--deployment", str(tmp_path / "record.json")]
    process = subprocess.Popen(
        arguments, env=ENVIRONMENT, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    os.write(ours, b"n\n")
    _, stderr = process.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert (process.returncode, "not confirmed: nothing was sent" in stderr) == (3, True), stderr
    assert blocks(node) == (0, 0)
