"""What a stopped book or a gate lets an account do, and what the program shows for it by itself."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from cli.account_stage import AccountStage, account_stage

from prover import Claim
from prover.chain import Chain, Level, Permission
from prover.cli._output import as_hex
from prover.onchain import permission_name
from prover.trade import Offer

pytestmark = pytest.mark.full

DEPOSIT = 20_000 * 10**18
ELSEWHERE = "0x" + "12" * 20

GATE = Chain.checksum(0x6A7E)
GATE_CODE = "0x600435545f5260205ff3"
"""Answers every call with the storage slot that its first argument names: permissionOf(account, roundId)."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccountStage]:
    """Alice is long 5 BTC, bob is short 5, and the book has a gate that lets both do anything."""
    with account_stage(tmp_path_factory.mktemp("permission"), deposit=DEPOSIT) as opened:
        opened.trade("alice", "bob", "BTC-PERP", "5", "97150.5")
        opened.hidden.clear()  # these tests are about other things, and 5 is everywhere
        node, contract = opened.book.node, opened.book.book.contracts.book
        node.request("anvil_setCode", GATE, GATE_CODE)
        contract.announce_gate(GATE)
        node.move_clock(opened.book.book.contracts.chain.timestamp() + 2 * 86_400)
        contract.activate_gate()
        breaker = opened.book.book.contracts.breaker
        breaker.make_guardian(opened.book.book.contracts.chain.sender)
        yield opened


@pytest.fixture(autouse=True)
def fresh(stage: AccountStage) -> Iterator[None]:
    """New prices, and a round in which every account rested; afterwards, each may do anything again."""
    for _ in range(2):
        stage.book.post()
    yield
    breaker = stage.book.book.contracts.breaker
    if breaker.level() is not Level.OPEN:
        breaker.lower_to(Level.OPEN)
    for name in stage.owners:
        gate(stage, name, Permission.FREE)


def gate(stage: AccountStage, name: str, permission: Permission) -> None:
    """Let the gate permit this to an account."""
    identity = stage.owners[name].identity
    stage.book.node.request("anvil_setStorageAt", GATE, as_hex(identity), as_hex(permission))
    assert stage.book.book.contracts.book.permission_of(identity) is permission


def stop(stage: AccountStage) -> None:
    """Let the circuit breaker stop withdrawals and new risk: its lowest level does."""
    stage.book.book.contracts.breaker.raise_to(Level.NO_FLAGS)


def last_call(stage: AccountStage) -> Mapping[str, Any]:
    """Arguments of the newest transaction to the book."""
    contract = stage.book.book.contracts.book.contract
    data = [t["input"] for t in contract.chain.transactions() if t["to"] == contract.address][-1]
    return contract.chain.decode(contract, bytes(data))[1]


def offer(stage: AccountStage, folder: Path, account: str, side: str, *flags: object) -> Any:
    """Offer half a bitcoin at the mark price."""
    terms = folder / "terms.csv"
    terms.write_text(f"side,asset,size,price\n{side},BTC-PERP,0.5,97150.5\n")
    out = folder / f"{account}-{side}.json"
    words = ["--terms", terms, "--yes", "--out", out, "--account", account, *flags]
    return stage.run("account", "trade", "offer", *words)


def show(stage: AccountStage, path: Path) -> Any:
    return stage.plain("account", "trade", "show", path, *stage.book.options, "--json").json


def take(stage: AccountStage, path: Path, account: str, *flags: object) -> Any:
    return stage.run("account", "trade", "take", path, "--yes", "--account", account, *flags)


def withdraw(stage: AccountStage, account: str) -> Any:
    words = ["--asset", "USD", "--amount", "1", "--to", ELSEWHERE, "--account", account, "--json"]
    return stage.run("account", "withdraw", *words)


def deposit(stage: AccountStage, account: str, amount: str) -> Any:
    return stage.run("account", "deposit", "--asset", "USD", "--amount", amount, "--account", account)


# ------------------------------------------------------------------------------------------------ deposits


def test_a_flagged_account_is_cured_from_the_command_line(stage: AccountStage) -> None:
    stage.book.post(BTC_PERP="99500")  # bob loses 11,750 USD, and needs 9,950
    gate(stage, "bob", Permission.CURE_ONLY)
    before = stage.state("bob")
    short = deposit(stage, "bob", "1000")
    assert (short.code, "below initial margin" in short.stderr) == (5, True), short
    assert stage.state("bob") == before
    cured = deposit(stage, "bob", "2000")
    assert cured.code == 0, cured
    assert "the chain will show that it meets initial margin" in cured.stderr
    assert last_call(stage)["update"]["claim"] == Claim.MEETS_INITIAL_MARGIN
    assert stage.state("bob") == (before[0], before[1] + 2_000 * 10**18)


def test_an_account_that_changed_often_shows_initial_margin(stage: AccountStage, tmp_path: Path) -> None:  # ZS-100
    contract, bob = stage.book.book.contracts.book, stage.owners["bob"].identity
    for _ in range(4):
        assert not contract.must_show_margin(bob)
        paid = deposit(stage, "bob", "1")
        assert (paid.code, "will show" in paid.stderr) == (0, False), paid
    assert contract.must_show_margin(bob)
    reduces = offer(stage, tmp_path, "bob", "buy", "--reduce-only")
    assert (reduces.code, "until two price rounds have come" in reduces.stderr) == (6, True), reduces
    made = offer(stage, tmp_path, "bob", "sell")
    assert "has changed often in a row: the chain will show that it meets initial margin" in made.stderr
    path = tmp_path / "bob-sell.json"
    assert Offer.load(path).maker_update.claim == Claim.MEETS_INITIAL_MARGIN
    assert show(stage, path)["takeable"]
    paid = deposit(stage, "bob", "1")
    assert (paid.code, "initial margin after the deposit" in paid.stderr) == (0, True), paid
    assert last_call(stage)["update"]["claim"] == Claim.MEETS_INITIAL_MARGIN
    assert not contract.must_show_margin(bob)


@pytest.mark.parametrize("stopped", [False, True])
def test_other_deposits_show_nothing(stage: AccountStage, stopped: bool) -> None:
    if stopped:
        stop(stage)
    paid = deposit(stage, "alice", "1")
    assert (paid.code, "will show" in paid.stderr) == (0, False), paid
    assert last_call(stage)["update"]["claim"] == Claim.UNSAID


# ------------------------------------------------------------------------------------------------ trades


def test_while_no_new_risk_is_permitted_two_accounts_reduce_theirs(stage: AccountStage, tmp_path: Path) -> None:
    stop(stage)
    raises = offer(stage, tmp_path, "bob", "sell")
    assert (raises.code, "risk would not fall" in raises.stderr) == (5, True), raises
    made = offer(stage, tmp_path, "bob", "buy")
    assert made.code == 0, made
    assert "the chain will show that the trade does not raise the account's risk" in made.stderr
    path = tmp_path / "bob-buy.json"
    assert Offer.load(path).maker_update.claim == Claim.REDUCES_RISK
    told = show(stage, path)
    assert (told["takeable"], told["reduce_only"]) == (True, True)
    shown = stage.plain("account", "trade", "show", path, *stage.book.options).stdout
    assert "yes, by an account whose risk it does not raise" in shown
    taken = take(stage, path, "alice")
    assert taken.code == 0, taken
    assert "the chain will show" in taken.stderr
    assert {last_call(stage)["settlement"][side]["claim"] for side in ("buyer", "seller")} == {Claim.REDUCES_RISK}


def test_an_offer_that_shows_nothing_is_not_taken_once_new_risk_is_stopped(stage: AccountStage, tmp_path: Path) -> None:
    assert offer(stage, tmp_path, "bob", "buy").code == 0
    path = tmp_path / "bob-buy.json"
    assert Offer.load(path).maker_update.claim == Claim.UNSAID
    told = show(stage, path)
    assert (told["takeable"], told["reduce_only"]) == (True, False)
    stop(stage)
    told = show(stage, path)
    assert (told["takeable"], "made with --reduce-only" in told["reason"]) == (False, True)
    refused = take(stage, path, "alice", "--json")
    assert (refused.code, "made with --reduce-only" in refused.error["message"]) == (3, True), refused


def test_both_sides_can_reduce_only_before_they_must(stage: AccountStage, tmp_path: Path) -> None:
    made = offer(stage, tmp_path, "bob", "buy", "--reduce-only")
    assert (made.code, "will show" in made.stderr) == (0, False), made
    path = tmp_path / "bob-buy.json"
    assert Offer.load(path).maker_update.claim == Claim.REDUCES_RISK
    assert take(stage, path, "alice", "--reduce-only").code == 0
    assert {last_call(stage)["settlement"][side]["claim"] for side in ("buyer", "seller")} == {Claim.REDUCES_RISK}


def test_newer_prices_end_an_offer_whatever_it_shows(stage: AccountStage, tmp_path: Path) -> None:  # ZS-57
    """Of the offer's own age nothing is left to be desired: prices are known to be old once newer ones have come."""
    assert offer(stage, tmp_path, "bob", "buy").code == 0
    (tmp_path / "reduce").mkdir()
    assert offer(stage, tmp_path / "reduce", "bob", "buy", "--reduce-only").code == 0
    stage.book.post()
    grace = stage.book.book.contracts.book.trade_grace()
    stage.book.node.move_clock(stage.book.book.contracts.chain.timestamp() + grace + 1)
    for folder in (tmp_path, tmp_path / "reduce"):
        told = show(stage, folder / "bob-buy.json")
        assert (told["takeable"], "newer prices have come" in told["reason"]) == (False, True)
        refused = take(stage, folder / "bob-buy.json", "alice", "--reduce-only", "--json")
        assert (refused.code, "newer prices have come" in refused.error["message"]) == (3, True), refused


@pytest.mark.parametrize("permission", [Permission.TOP_UP_ONLY, Permission.CURE_ONLY, Permission.FROZEN])
def test_a_maker_that_may_not_trade_is_told_to_the_taker(
    stage: AccountStage, tmp_path: Path, permission: Permission
) -> None:
    assert offer(stage, tmp_path, "bob", "buy", "--reduce-only").code == 0
    path = tmp_path / "bob-buy.json"
    gate(stage, "bob", permission)
    name = permission_name(permission)
    told = show(stage, path)
    assert (told["takeable"], f"may not trade now ({name})" in told["reason"]) == (False, True)
    assert f"({name})" in take(stage, path, "alice", "--json").error["message"]


# ------------------------------------------------------------------------------------------------ refusals


def test_what_an_account_may_not_do_names_its_permission(stage: AccountStage, tmp_path: Path) -> None:
    assert offer(stage, tmp_path, "bob", "buy").code == 0

    def refused(outcome: Any, *words: str) -> None:
        assert (outcome.code, outcome.error["kind"]) == (6, "chain"), outcome
        assert outcome.error["message"].startswith("not permitted: ")
        assert all(word in outcome.error["message"] for word in words), outcome

    stop(stage)
    refused(withdraw(stage, "alice"), "the circuit breaker lets the account take on no new risk", "(NoNewRisk)")
    stage.book.book.contracts.breaker.lower_to(Level.OPEN)
    gate(stage, "alice", Permission.NO_NEW_RISK)
    refused(withdraw(stage, "alice"), "the gate of the book", "(NoNewRisk)")
    for permission in (Permission.TOP_UP_ONLY, Permission.CURE_ONLY, Permission.FROZEN):
        name = f"({permission_name(permission)})"
        gate(stage, "alice", permission)
        refused(withdraw(stage, "alice"), name)
        refused(offer(stage, tmp_path, "alice", "sell", "--json"), name)
        refused(take(stage, tmp_path / "bob-buy.json", "alice", "--json"), name)
    refused(
        stage.run("account", "deposit", "--asset", "USD", "--amount", "1", "--account", "alice", "--json"), "(Frozen)"
    )
