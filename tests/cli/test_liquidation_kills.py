"""kill -9 of guardian, liquidator and owner at every step: the next command goes on, and nothing happens twice.

Spec ZS-98.
"""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Final

import pytest
from cli.account_stage import AccountStage
from cli.harness import ENVIRONMENT, QUICK_PROGRAM, Run
from cli.liquidation_stage import (
    LOW,
    identity,
    is_flagged,
    liquidator_words,
    open_words,
    put_back,
    sold_stage,
    wait,
    write_keys,
)

from prover.liquidation import LiquidatorKey, SealedNotice
from prover.toolchain import Anvil
from tests.fault_proxy import Answer, Call, FaultProxy, after, hangs

pytestmark = pytest.mark.full

PATIENCE: Final = 60.0
SEND: Final = "eth_sendTransaction"
BOND: Final = 5 * 10**16
OPENING_BOND: Final = 2 * 10**16
RECIPIENT: Final = "0x" + "0" * 36 + "beef"


class Step(StrEnum):
    """Where a program is killed while it sends its transaction.

    PROVEN: it is about to send: no node has the transaction.
    SENT: the node has it, and it is mined before the next command.
    PENDING: the node has it, and it is mined while the next command sends.
    MINED: it is mined, and the program does not know.
    """

    PROVEN = "proven"
    SENT = "sent"
    PENDING = "pending"
    MINED = "mined"


def steps(quick: Step) -> pytest.MarkDecorator:
    """Every step; one of them is left to `make test`."""
    cases = [step if step is quick else pytest.param(step, marks=pytest.mark.deep) for step in Step]
    return pytest.mark.parametrize("step", cases)


@pytest.fixture(scope="module")
def sold(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccountStage]:
    with sold_stage(tmp_path_factory.mktemp("sold")) as made:
        yield made


@pytest.fixture
def stage(sold: AccountStage) -> Iterator[AccountStage]:
    """The same for each test."""
    with put_back(sold):
        yield sold
        sold.book.node.request("evm_setAutomine", True)


@pytest.fixture
def key(stage: AccountStage, tmp_path: Path, quick_passphrases: None) -> LiquidatorKey:
    return write_keys(stage, tmp_path)


def kill(process: "subprocess.Popen[str]", reached: Callable[[], bool]) -> None:
    """kill -9 once something has happened."""
    deadline = time.monotonic() + PATIENCE
    try:
        while not reached():
            assert time.monotonic() < deadline, "it never came so far"
            assert process.poll() is None, process.communicate()
            time.sleep(0.02)
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE)
    assert process.returncode == -signal.SIGKILL


def start(words: Sequence[object], program: Sequence[str] = QUICK_PROGRAM) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*program, *map(str, words)], env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def is_mined(node: Anvil, answer: Answer) -> bool:
    return node.request("eth_getTransactionReceipt", json.loads(answer.body)["result"]) is not None


def killed(stage: AccountStage, step: Step, words: Sequence[object]) -> None:
    """Run a command in a process of its own, which is killed at a step of its transaction."""
    node, reached = stage.book.node, threading.Event()

    def fault(call: Call) -> None:
        if step is not Step.PROVEN:
            answer = call.forward()
            while step is Step.MINED and not is_mined(node, answer):
                time.sleep(0.02)
        reached.set()
        hangs(call)

    with FaultProxy(node.url) as proxy:
        proxy.always(SEND, fault)
        node.request("evm_setAutomine", step not in {Step.SENT, Step.PENDING})
        kill(start([proxy.url if word == node.url else word for word in words]), reached.is_set)
    if step is Step.SENT:
        node.request("evm_mine")
    if step is not Step.PENDING:
        node.request("evm_setAutomine", True)


@contextmanager
def mining_what_is_pending(stage: AccountStage, step: Step, words: Sequence[object]) -> Iterator[list[object]]:
    """The words of the next command, while whose sending a pending transaction is mined."""
    node = stage.book.node
    if step is not Step.PENDING:
        yield list(words)
        return
    with FaultProxy(node.url) as proxy:
        proxy.then(SEND, after(lambda: node.request("evm_mine")))
        yield [proxy.url if word == node.url else word for word in words]
    node.request("evm_setAutomine", True)


def events(stage: AccountStage, name: str) -> int:
    """How many events of an engine, of this name, the chain has."""
    engine = stage.book.book.contracts.engine
    assert engine is not None
    return len(engine.contract.logs(name))


@steps(Step.MINED)
def test_a_guardian_killed_as_it_flags_goes_on(
    run: Run, stage: AccountStage, key: LiquidatorKey, tmp_path: Path, step: Step
) -> None:
    stage.book.post(BTC_PERP=LOW)
    words = open_words(stage, tmp_path, identity(stage, "alice"), "--recipient", RECIPIENT)
    killed(stage, step, [*words, "--follow"])
    with mining_what_is_pending(stage, step, words) as again:
        done = run(*again)
    assert (done.code, done.json["state"]) == (0, "for sale"), done
    SealedNotice.load(Path(done.json["notice"])).open(key)
    assert events(stage, "AccountFlagged") == 1
    assert stage.book.book.contracts.chain.balance(RECIPIENT) == OPENING_BOND


@steps(Step.PENDING)
def test_a_watch_killed_as_it_flags_goes_on(
    run: Run, stage: AccountStage, key: LiquidatorKey, tmp_path: Path, step: Step
) -> None:
    stage.book.post(BTC_PERP=LOW)
    words = ["guardian", "watch", "--flag", "--guardian-key", tmp_path / "guardian.age"]
    words += ["--passphrase-file", stage.passphrase_file, *stage.book.options, "--recipient", RECIPIENT, "--json"]
    killed(stage, step, words)
    with mining_what_is_pending(stage, step, words) as again:
        done = run(*again, "--once")
    assert done.code == 0, done
    told = [json.loads(line)["event"] for line in done.stdout.splitlines()]
    last = {Step.PROVEN: ["flagged"], Step.PENDING: ["flag-refused"]}
    assert told == ["start", *last.get(step, [])]
    assert events(stage, "AccountFlagged") == 1
    assert is_flagged(stage, "alice")
    assert stage.book.book.contracts.chain.balance(RECIPIENT) == OPENING_BOND


@steps(Step.PENDING)
def test_a_liquidator_killed_as_it_takes_goes_on(
    run: Run, stage: AccountStage, key: LiquidatorKey, tmp_path: Path, step: Step
) -> None:
    """It is told that the part is its own, and not that another one was faster."""
    stage.book.post(BTC_PERP=LOW)
    notice = run(*open_words(stage, tmp_path, identity(stage, "alice"))).json["notice"]
    wait(stage, 70)
    before, wallet = totals(stage), stage.wallet.read_bytes()
    words = ["liquidation", "take", notice, *liquidator_words(stage, tmp_path), "--account", "bob", "--yes"]
    words += [*stage.options(), "--json"]
    killed(stage, step, words)
    with mining_what_is_pending(stage, step, words) as again:
        done = run(*again)
    if step is Step.PROVEN:
        assert (done.code, done.json["cured"]) == (0, True), done
    else:
        assert done.code == (6 if step is Step.PENDING else 3), done
        assert "your account has taken a part of it over already" in done.error["message"]
    assert events(stage, "TakenOver") == 1
    assert totals(stage) == before
    assert not is_flagged(stage, "alice")
    assert stage.wallet.read_bytes() == wallet


@steps(Step.SENT)
def test_an_owner_killed_as_it_answers_goes_on(stage: AccountStage, key: LiquidatorKey, step: Step) -> None:
    stage.book.post()
    assert stage.plain("liquidation", "challenge", identity(stage, "alice"), *stage.book.options).code == 0
    wallet = stage.wallet.read_bytes()
    words = ["account", "answer", "--account", "alice", "--recipient", RECIPIENT, *stage.options(), "--json"]
    killed(stage, step, words)
    with mining_what_is_pending(stage, step, words) as again:
        done = stage.plain(*again)
    if step is Step.PROVEN:
        assert done.code == 0, done
    else:
        assert "not challenged" in done.error["message"], done
    assert events(stage, "ChallengeAnswered") == 1
    assert stage.book.book.contracts.chain.balance(RECIPIENT) == BOND
    assert stage.wallet.read_bytes() == wallet


def totals(stage: AccountStage) -> list[int]:
    """Balances and cash of both accounts together."""
    (first, cash), (second, other) = (stage.state(name) for name in ("alice", "bob"))
    return [*(one + two for one, two in zip(first, second, strict=True)), cash + other]


CUT_OFF: Final = """
import os, signal, sys
def die(descriptor):
    if ".notice-" in os.readlink(f"/proc/self/fd/{descriptor}"):
        os.ftruncate(descriptor, 1000)
        os.kill(os.getpid(), signal.SIGKILL)
    fsync(descriptor)
fsync, os.fsync = os.fsync, die
from prover.cli import main; main()
"""
"""Is killed in the middle of a notice."""

UNNAMED: Final = """
import os, signal, sys
def die(event, args):
    if event == "os.link" and ".notice-" in str(args[0]):
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(die)
from prover.cli import main; main()
"""
"""Is killed before a notice that is written gets its name."""


@pytest.mark.parametrize(
    ("side", "program"),
    [
        pytest.param("guardian", CUT_OFF, id="guardian, cut off"),
        pytest.param("guardian", UNNAMED, id="guardian, unnamed", marks=pytest.mark.deep),
        pytest.param("owner", CUT_OFF, id="owner, cut off", marks=pytest.mark.deep),
        pytest.param("owner", UNNAMED, id="owner, unnamed"),
    ],
)
def test_a_notice_is_whole_or_not_there(
    run: Run, stage: AccountStage, key: LiquidatorKey, tmp_path: Path, side: str, program: str
) -> None:
    stage.book.post(BTC_PERP=LOW)
    words = open_words(stage, tmp_path, identity(stage, "alice"))
    Path(run(*words).json["notice"]).unlink()
    if side == "owner":
        words = ["account", "release", "--liquidator", key.recipient, "--taker", identity(stage, "bob")]
        words += ["--out", tmp_path / "notices" / "notice-1.json", "--account", "alice", *stage.options(), "--json"]
    process = start(words, [sys.executable, "-c", program])
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == -signal.SIGKILL, output
    assert list((tmp_path / "notices").glob("[!.]*")) == []
    done = run(*words)
    assert done.code == 0, done
    (made,) = (tmp_path / "notices").glob("[!.]*")
    assert SealedNotice.load(made).open(key).parcels
