"""`zksolvency account limits`, and a refused withdrawal: how much can be taken out, to the last unit of a token."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from cli.account_stage import AccountStage, account_stage
from rich.console import Console

from prover.chain import Level
from prover.cli import _account_withdraw

pytestmark = pytest.mark.full

DEPOSIT = 20_000 * 10**18
ELSEWHERE = "0x" + "12" * 20
CENT = Decimal("0.000001")
"""The smallest amount of the token."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccountStage]:
    """Alice is long 3 BTC of perpetuals, so her USD balance is far below 0; bob has half a bitcoin of collateral."""
    with account_stage(tmp_path_factory.mktemp("limits"), deposit=DEPOSIT) as opened:
        opened.trade("alice", "bob", "BTC-PERP", "3.000000001", "97150.5")
        opened.hidden.clear()
        token = opened.book.book.contracts.token(0)
        token.mint(opened.book.book.contracts.chain.sender, 10**8)
        opened.owners["bob"].deposit(0, 5 * 10**8)
        yield opened


def limits(stage: AccountStage, account: str, *words: object) -> Any:
    return stage.run("account", "limits", "--account", account, *words, shows=True)


def withdraw(stage: AccountStage, account: str, asset: str, amount: Decimal) -> Any:
    words = ["--asset", asset, "--amount", f"{amount:f}", "--to", ELSEWHERE, "--account", account]
    return stage.run("account", "withdraw", *words)


@pytest.mark.parametrize(("account", "asset", "step"), [("alice", "USD", CENT), ("bob", "WBTC", Decimal("0.00000001"))])
def test_what_is_shown_can_be_withdrawn_and_no_more(
    stage: AccountStage, account: str, asset: str, step: Decimal
) -> None:
    stage.book.post()
    node = stage.book.node
    before = node.request("evm_snapshot")
    shown = limits(stage, account, "--json")
    assert shown.code == 0, shown
    assert "positions are shown" in shown.stderr
    most = Decimal(shown.json["withdrawable"][asset])
    assert (most > 0, most % step) == (True, 0)
    refused = withdraw(stage, account, asset, most + step)
    assert refused.code == 5, refused
    assert f"`zksolvency account limits --account {account}` shows how much can be withdrawn" in refused.stderr
    assert not any(character.isdigit() for character in refused.stderr.replace("limits", ""))
    paid = withdraw(stage, account, asset, most)
    assert paid.code == 0, paid
    assert Decimal(limits(stage, account, "--json").json["withdrawable"].get(asset, "0")) == 0
    node.request("evm_revert", before)


def test_people_see_what_is_free_and_what_a_withdrawal_would_lack(stage: AccountStage) -> None:
    """Alice owes 271,451.50 USD, and her perpetuals are worth 291,451.50: initial margin is 2 % of that.

    And a billionth of a bitcoin more, so that not all of it is a whole unit of the token.
    """
    stage.book.post()
    shown = limits(stage, "alice", "--asset", "USD", "--amount", "15000")
    assert shown.code == 0, shown
    lines = [line.rstrip() for line in shown.stdout.splitlines()]
    assert "initial      14,170.96 USD above initial margin" in lines
    assert "cash         20,000.00 USD above 0" in lines
    assert ["USD", "14170.969998"] in [line.split() for line in lines]
    after = lines[lines.index("after a withdrawal of 15000 USD") + 1 :]
    assert "initial      829.04 USD BELOW initial margin: deposit, or reduce positions" in after
    assert "possible     no: the account would be below initial margin" in after
    enough = limits(stage, "alice", "--asset", "USD", "--amount", "14170.969998", "--json").json
    assert set(enough["withdrawable"]) == {"USD"}  # of spot assets, it lists those that the account holds
    assert enough["after"]["reasons"] == []
    assert 0 < Decimal(enough["after"]["above_initial_margin"]) < CENT


def test_cash_that_is_short_says_by_how_much_and_what_to_do(stage: AccountStage) -> None:
    """Bob has 20,000 USD and half a bitcoin of spot, of which 5 % can be borrowed."""
    stage.book.post()
    shown = limits(stage, "bob", "--asset", "USD", "--amount", "30000").stdout
    assert "cash         7,575.00 USD short: sell spot, or deposit" in shown
    assert "cash would be short, spot may back little debt: sell spot or deposit, or withdraw less" in shown
    stocked = limits(stage, "bob", "--asset", "WBTC", "--amount", "0.6", "--json").json
    assert any("an asset would be short" in reason for reason in stocked["after"]["reasons"])


def test_a_person_at_a_terminal_sees_by_how_much_a_withdrawal_is_too_large(
    stage: AccountStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log, which others may read, does not: so it is with what is printed for machines."""
    stage.book.post()
    console = Console(force_terminal=True, stderr=True, highlight=False, markup=False, soft_wrap=True, no_color=True)
    monkeypatch.setattr(_account_withdraw, "errors", lambda: console)
    refused = withdraw(stage, "alice", "USD", Decimal(15000))
    assert (refused.code, "829.04 USD BELOW initial margin" in refused.stderr) == (5, True), refused
    words = ["--asset", "USD", "--amount", "15000", "--to", ELSEWHERE, "--account", "alice", "--json"]
    assert "829.04" not in stage.run("account", "withdraw", *words).stderr


def test_a_book_that_pays_nothing_out_now_says_so_beside_the_amounts(stage: AccountStage) -> None:
    stage.book.post()
    breaker = stage.book.book.contracts.breaker
    breaker.make_guardian(stage.book.book.contracts.chain.sender)
    breaker.raise_to(Level.NO_FLAGS)
    try:
        shown = limits(stage, "alice", "--json")
    finally:
        breaker.lower_to(Level.OPEN)
    assert (shown.json["permitted"], "the circuit breaker lets" in shown.stderr) == (False, True)
    assert limits(stage, "alice", "--json").json["permitted"] is True


@pytest.mark.parametrize("words", [["--asset", "USD"], ["--amount", "1"]])
def test_half_a_withdrawal_is_none(stage: AccountStage, words: list[str]) -> None:
    refused = limits(stage, "alice", *words, "--json")
    assert (refused.code, "go together" in refused.error["message"]) == (3, True)
