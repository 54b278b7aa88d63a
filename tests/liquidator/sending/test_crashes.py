"""kill -9 of a process between each pair of steps: its job is mined exactly once after a restart."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from eth_account.signers.local import LocalAccount

from liquidator.store import EngineStore, Outcome, Stage, TransactionState
from prover.toolchain import Anvil
from tests.payments import FLAG, OpenOutbox, balance, count, pay, states, target, until

pytestmark = pytest.mark.full

PROGRAM = """
import os, signal, sys
from pathlib import Path

from eth_account import Account

from liquidator.sending import Outbox
from liquidator.store import EngineStore
from prover.chain import SendingAccount
from prover.chain._broadcast_routes import PublicRoute
from tests.payments import FLAG, POLICY, SETTINGS, pay

step, url, key, path, to = sys.argv[1:]


def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


def then_die(function):
    def run(*arguments, **named):
        function(*arguments, **named)
        die()
    return run


match step:
    case "signed":
        EngineStore.write_transaction = die
    case "written":
        EngineStore.write_transaction = then_die(EngineStore.write_transaction)
    case "before broadcast":
        PublicRoute.broadcast = die
    case "broadcast":
        PublicRoute.broadcast = then_die(PublicRoute.broadcast)
    case "mined":
        EngineStore.mark_mined = die
    case "recorded":
        EngineStore.mark_mined = then_die(EngineStore.mark_mined)
    case "replaced":
        EngineStore.write_replacement = die
    case "replacement written":
        EngineStore.write_replacement = then_die(EngineStore.write_replacement)

with EngineStore(Path(path)) as store, Outbox(url, Account.from_key(key), store, SETTINGS, policy=POLICY) as outbox:
    with outbox.work(FLAG, 7):
        pay(outbox, to)
"""


def run(step: str, node: Anvil, signer: LocalAccount, path: Path, to: str) -> int:
    """Run the program until it is killed, and return its exit code."""
    arguments = [step, node.url, signer.key.hex(), str(path), to]
    root = Path(__file__).parents[3]
    environment = {**os.environ, "PYTHONPATH": f"{root}:{root / 'tests'}"}
    done = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], env=environment, cwd=root, check=False)
    return done.returncode


STEPS = ("signed", "written", "before broadcast", "broadcast", "mined", "recorded")


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_process_leaves_a_job_that_is_mined_once(
    node: Anvil, signer: LocalAccount, path: Path, open_outbox: OpenOutbox, store: EngineStore, step: str
) -> None:
    to = target()
    assert run(step, node, signer, path, to) == -signal.SIGKILL
    outbox = open_outbox()
    job = store.job(1)
    if step != "signed":
        until(lambda: states(store, outbox) == {0: TransactionState.MINED})  # before the job is begun again
        assert store.job(job.id).stage is Stage.MINED
    with outbox.work(FLAG, 7):
        assert pay(outbox, to)["status"] == 1
    assert store.job(job.id).outcome is Outcome.DONE
    assert (balance(node, to), count(node, signer.address)) == (1, 1)


@pytest.mark.parametrize("step", ["broadcast", "replaced", "replacement written"])
def test_a_process_that_is_killed_while_blocks_are_slow_leaves_a_job_that_is_mined_once(
    node: Anvil, signer: LocalAccount, path: Path, open_outbox: OpenOutbox, store: EngineStore, step: str
) -> None:
    node.request("evm_setAutomine", False)
    to = target()
    assert run(step, node, signer, path, to) == -signal.SIGKILL
    outbox = open_outbox()
    node.request("evm_setIntervalMining", 1)
    with outbox.work(FLAG, 7):
        assert pay(outbox, to)["status"] == 1
    assert (balance(node, to), count(node, signer.address)) == (1, 1)


@pytest.mark.deep
def test_processes_that_are_killed_again_and_again_mine_one_transaction(
    node: Anvil, signer: LocalAccount, path: Path, open_outbox: OpenOutbox, store: EngineStore
) -> None:
    to = target()
    for step in STEPS:
        assert run(step, node, signer, path, to) in {-signal.SIGKILL, 0}
    outbox = open_outbox()
    with outbox.work(FLAG, 7):
        pay(outbox, to)
    assert (balance(node, to), count(node, signer.address)) == (1, 1)


def test_a_second_process_on_a_key_is_refused_while_the_first_lives(
    node: Anvil, signer: LocalAccount, tmp_path: Path, open_outbox: OpenOutbox
) -> None:
    """It has a store of its own: the lock is that of the key."""
    first, to = open_outbox(), target()
    assert run("", node, signer, tmp_path / "other.sqlite", to) == 1
    assert balance(node, to) == 0
    first.close()
    assert run("", node, signer, tmp_path / "other.sqlite", to) == 0
    assert balance(node, to) == 1
