"""`zksolvency account deposit` by an account below maintenance margin: flagged with consent, cured in several steps."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from cli.account_stage import AccountStage, account_stage
from rich.console import Console

from prover.chain import Permission
from prover.cli import _account_deposit
from verifier import InputError

pytestmark = pytest.mark.full

DEPOSIT = 20_000 * 10**18
WINDOW = 60


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccountStage]:
    with account_stage(tmp_path_factory.mktemp("deposit"), deposit=DEPOSIT) as opened:
        opened.trade("alice", "bob", "BTC-PERP", "5", "97150.5")
        opened.hidden.clear()
        yield opened


@pytest.fixture
def stage(opened: AccountStage) -> Iterator[AccountStage]:
    """Bob is short 5 BTC at 97,150.5 USD. At 100,500 he has 3,252.50 USD and needs 5,025, or 10,050 to be cured."""
    node = opened.book.node
    before = node.request("evm_snapshot")
    node.request("anvil_setBlockTimestampInterval", 1)  # however busy the machine is, the cure window stays open
    opened.book.post(BTC_PERP="100500")
    yield opened
    node.request("anvil_removeBlockTimestampInterval")
    node.request("evm_revert", before)


def deposit(stage: AccountStage, amount: str, *flags: object, **settings: Any) -> Any:
    words = ["--asset", "USD", "--amount", amount, "--account", "bob"]
    return stage.run("account", "deposit", *words, *flags, **settings)


def limits(stage: AccountStage) -> Any:
    return stage.run("account", "limits", "--account", "bob", "--json", shows=True).json


def permission(stage: AccountStage) -> Permission:
    return stage.book.book.contracts.book.permission_of(stage.owners["bob"].identity)


def test_a_deposit_that_flags_a_free_account_needs_its_owners_consent(stage: AccountStage) -> None:
    before = stage.state("bob")
    for typed, complaint in (("n\n", "nothing was sent; a larger deposit flags no account"), ("", "input ended")):
        declined = deposit(stage, "1700", stdin=typed)
        assert (declined.code, complaint in declined.stderr) == (3, True), declined
        assert "the book flags an account for such a deposit" in declined.stderr
    assert (stage.state("bob"), permission(stage)) == (before, Permission.FREE)
    with pytest.raises(InputError, match="or agree to the flag"):  # so it is with a program
        stage.owners["bob"].deposit(stage.book.book.n, 1_700 * 10**18)
    assert (stage.state("bob"), permission(stage)) == (before, Permission.FREE)
    agreed = deposit(stage, "1700", stdin="y\n")
    assert agreed.code == 0, agreed
    assert permission(stage) is Permission.TOP_UP_ONLY


def test_several_deposits_cure_a_flagged_account(stage: AccountStage) -> None:
    flagging = deposit(stage, "1700", "--may-flag", "--json")
    assert flagging.code == 0, flagging
    assert (flagging.json["claim"], flagging.json["flagged"]) == ("tops-up", True)
    assert 0 < flagging.json["cure_window_left"] <= WINDOW
    assert "`zksolvency account limits --account bob` shows it" in flagging.stderr
    found = limits(stage)
    assert (found["flagged"], found["missing"], found["permitted"]) == (True, "5097.5", False)

    second = deposit(stage, "5000", "--json")
    assert (second.json["claim"], second.json["flagged"]) == ("reduces-risk", True)
    assert "the chain will show that it does not raise its risk" in second.stderr
    assert permission(stage) is Permission.TOP_UP_ONLY
    shown = stage.run("account", "limits", "--account", "bob", shows=True).stdout
    assert "a deposit of 97.50 USD cures it at these prices" in shown
    assert "while flags are not stopped" in shown

    cure = deposit(stage, limits(stage)["missing"], "--json")
    assert (cure.json["claim"], cure.json["flagged"]) == ("meets-initial-margin", False)
    assert "cure_window_left" not in cure.json
    assert permission(stage) is Permission.FREE
    assert Decimal(limits(stage)["above_initial_margin"]) == 0


def test_after_the_cure_window_one_deposit_has_to_cure(stage: AccountStage) -> None:
    assert deposit(stage, "1700", "--may-flag").code == 0
    stage.book.node.move_clock(stage.book.book.contracts.chain.timestamp() + WINDOW)
    stage.book.post(BTC_PERP="100500")
    before = stage.state("bob")
    assert permission(stage) is Permission.CURE_ONLY
    late = deposit(stage, "5000", "--json")
    assert (late.code, "the cure window is over" in late.error["message"]) == (5, True), late
    assert (stage.state("bob"), limits(stage)["cure_window_left"]) == (before, 0)
    assert (
        "is over: one deposit has to cure it" in stage.run("account", "limits", "--account", "bob", shows=True).stdout
    )
    assert deposit(stage, "5097.5").code == 0
    assert permission(stage) is Permission.FREE


def test_a_person_at_a_terminal_sees_what_is_missing(stage: AccountStage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log, which others may read, does not: so it is with what is printed for machines."""
    console = Console(force_terminal=True, stderr=True, highlight=False, markup=False, soft_wrap=True, no_color=True)
    monkeypatch.setattr(_account_deposit, "errors", lambda: console)
    quiet = deposit(stage, "1700", "--may-flag", "--json")
    assert "5,097.50" not in quiet.stderr
    monkeypatch.undo()
    assert "5,0" not in deposit(stage, "10").stderr
    monkeypatch.setattr(_account_deposit, "errors", lambda: console)
    assert "a deposit of 5,077.50 USD cures it at these prices" in deposit(stage, "10").stderr
