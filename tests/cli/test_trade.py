"""`zksolvency account trade`: offered by one, taken by another, hidden from all others."""

import stat
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cli.account_stage import AccountStage, account_stage, write_quick_wallet
from cli.harness import assert_hidden

from prover import Domain, Side, Ticket
from prover.account import Wallet, WalletAccount
from prover.chain import OnchainRound, RoundsClient
from prover.toolchain import build
from prover.trade import Offer

pytestmark = pytest.mark.full

DEPOSIT = 20_000 * 10**18
SIZE, PRICE = "0.135791357", "97531.246813579"
COST = Decimal(SIZE) * Decimal(PRICE)
BTC_PERP = 3


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccountStage]:
    with account_stage(tmp_path_factory.mktemp("trade"), deposit=DEPOSIT) as opened:
        yield opened


@pytest.fixture
def terms(stage: AccountStage, tmp_path: Path) -> Path:
    path = tmp_path / "terms.csv"
    path.write_text(f"side,asset,size,price\nsell,BTC-PERP,{SIZE},{PRICE}\n")
    stage.hide(SIZE, PRICE)
    return path


@pytest.fixture
def offered(stage: AccountStage, terms: Path, tmp_path: Path) -> Path:
    """Bob offers to sell."""
    out = tmp_path / "offer.txt"
    assert stage.run("account", "trade", "offer", "--yes", "--terms", terms, "--out", out, "--account", "bob").code == 0
    return out


@pytest.fixture(params=[Side.BUY, Side.SELL])
def drawn(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Side:
    """The side that offers of a test are written with."""
    monkeypatch.setattr("prover.trade._terms.secrets.choice", lambda _: request.param)
    return Side(request.param)


def take(stage: AccountStage, offer: Path, *flags: object, account: str = "alice", **settings: Any) -> Any:
    return stage.run("account", "trade", "take", offer, "--account", account, *flags, **settings)


def refusal(stage: AccountStage, offer: Path, account: str = "alice") -> str:
    """Why an offer is not taken: told before any question."""
    before = stage.state(account)
    outcome = take(stage, offer, "--yes", "--json", account=account)
    assert (outcome.code, outcome.error["kind"]) == (3, "input"), outcome
    assert stage.state(account) == before
    return outcome.error["message"]


def changed(offer: Path, **changes: object) -> Path:
    """A copy of an offer with some of its parts changed."""
    old = Offer.load(offer)
    values = {"ticket": old.ticket, "side": old.side, "round_id": old.round_id, "maker_update": old.maker_update}
    path = offer.with_name("changed.json")
    Offer(**(values | changes)).save(path, overwrite=True)  # type: ignore[arg-type]
    return path


# ------------------------------------------------------------------------------------------------ the story


def test_a_trade_is_offered_shown_taken_and_hidden_from_all_others(
    drawn: Side, stage: AccountStage, offered: Path
) -> None:
    assert stat.S_IMODE(offered.stat().st_mode) == 0o600
    maker = Offer.load(offered)
    assert maker.side is drawn
    stage.hide(SIZE, PRICE, maker.ticket)
    (before_a, cash_a), (before_b, cash_b) = stage.state("alice"), stage.state("bob")

    shown = stage.plain("account", "trade", "show", offered, *stage.book.options, "--json", shows=True).json
    assert (shown["asset"], shown["side"], shown["size"], shown["price"]) == ("BTC-PERP", "buy", SIZE, PRICE)
    assert Decimal(shown["notional"]) == COST
    assert (shown["proof_verified"], shown["takeable"], shown["reason"]) == (True, True, None)

    asked = take(stage, offered, stdin="y\n", shows=True)
    assert asked.code == 0, asked
    facts = dict(line.split(maxsplit=1) for line in asked.stderr.splitlines() if len(line.split()) > 1)
    assert (facts["you"], facts["asset"], facts["size"]) == ("buy", "BTC-PERP", SIZE)
    assert facts["price"] == "97,531.246813579 USD"
    assert "97,150.5 USD at round" in asked.stderr
    assert facts["proof"] == "verifies"
    assert "+0.4% from the mark price, against you" in asked.stderr
    assert f"{COST:,.2f}"[:-1] in asked.stderr
    assert_hidden(stage.secrets(), asked.stdout)  # terms are for the eyes of who is asked

    moved, cost = int(Decimal(SIZE) * 10**9), int(COST * 10**18)
    (after_a, left_a), (after_b, left_b) = stage.state("alice"), stage.state("bob")
    assert (after_a[BTC_PERP] - before_a[BTC_PERP], left_a - cash_a) == (moved, -cost)
    assert (after_b[BTC_PERP] - before_b[BTC_PERP], left_b - cash_b) == (-moved, cost)

    assert "settled" in refusal(stage, offered)
    late = stage.plain("account", "trade", "show", offered, *stage.book.options, shows=True)
    assert (late.code, "no: the offer was taken already" in late.stdout) == (0, True)
    events = stage.book.book.contracts.book.contract.log_data()
    (size,) = maker.ticket.legs.values()
    words = [value.to_bytes(32) for value in (abs(size), abs(maker.ticket.cost), maker.ticket.salt)]
    assert not any(word in data for data in events for word in words)


def test_machines_take_without_being_asked_and_leave_no_terms_in_their_logs(stage: AccountStage, offered: Path) -> None:
    taken = take(stage, offered, "--yes", "--json")
    assert taken.code == 0, taken
    assert_hidden(stage.secrets(), taken.stdout, taken.stderr)
    assert "take this offer?" not in taken.stderr
    assert int(taken.json["ticket"], 16) == Offer.load(offered).ticket.id
    assert taken.json["gas"] > 100_000
    assert taken.json["transaction"].startswith("0x")


def test_an_offer_is_one_line_that_can_be_pasted(stage: AccountStage, terms: Path, tmp_path: Path) -> None:
    out = tmp_path / "offer.txt"
    stage.run("account", "trade", "offer", "--yes", "--terms", terms, "--out", out, "--account", "bob")
    text = out.read_text()
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert text.count("\n") == 1
    from_file = stage.plain("account", "trade", "show", out, *stage.book.options, "--json", shows=True).json
    pasted = stage.plain(
        "account", "trade", "show", "-", *stage.book.options, "--json", stdin=f"\n {text}\n", shows=True
    ).json
    assert pasted == from_file
    assert "add --yes" in take(stage, Path("-"), stdin=text).stderr
    assert take(stage, Path("-"), "--yes", stdin=text).code == 0


def test_terms_are_asked_for_or_piped(stage: AccountStage, terms: Path, tmp_path: Path) -> None:
    typed, piped = tmp_path / "typed.json", tmp_path / "piped.json"
    words = ["account", "trade", "offer", "--account", "bob", "--json", "--out"]
    # the test runner prints what is typed
    asked = stage.run(*words, typed, stdin=f"sell\nBTC-PERP\n{SIZE}\n{PRICE}\nn\ny\n", shows=True)
    assert asked.code == 0, asked
    assert_hidden(stage.hidden, asked.stdout.splitlines()[-1])
    assert "add --yes" in stage.run(*words, piped, "--terms", "-", stdin=terms.read_text()).error["message"]
    quiet = stage.run(*words, piped, "--terms", "-", "--yes", stdin=terms.read_text())
    assert quiet.code == 0, quiet
    assert_hidden(stage.hidden, quiet.stdout, quiet.stderr)
    offers = [Offer.load(path) for path in (typed, piped)]
    first, second = (
        [offer.side.sign * value for value in (*offer.ticket.amounts, offer.ticket.cost)] for offer in offers
    )
    assert first == second
    assert offers[0].ticket.salt != offers[1].ticket.salt


def test_declining_or_silence_sends_nothing(stage: AccountStage, offered: Path) -> None:
    before = stage.state("alice")
    for typed, complaint in (("n\n", "not taken"), ("", "standard input ended")):
        outcome = take(stage, offered, stdin=typed, shows=True)
        assert (outcome.code, complaint in outcome.stderr) == (3, True), outcome
    assert stage.state("alice") == before


def test_an_offer_far_from_the_mark_price_is_doubted(stage: AccountStage, tmp_path: Path) -> None:
    doubted = "far from the mark price"
    for side, price, far in (("sell", "87435.45", False), ("sell", "87435.44", True), ("buy", "106865.56", True)):
        terms, out = tmp_path / "terms.csv", tmp_path / f"{price}.json"
        terms.write_text(f"side,asset,size,price\n{side},BTC-PERP,0.01,{price}\n")
        outcome = stage.run("account", "trade", "offer", "--yes", "--terms", terms, "--out", out, "--account", "bob")
        assert (outcome.code, doubted in outcome.stderr) == (0, far), outcome
        assert_hidden({price}, outcome.stdout.replace(out.name, ""), outcome.stderr)


def offer_of(stage: AccountStage, folder: Path, side: str, price: str) -> Path:
    """Bob's offer, of a size within every limit."""
    terms, out = folder / "of.csv", folder / f"{side}-{price}.json"
    terms.write_text(f"side,asset,size,price\n{side},BTC-PERP,0.01,{price}\n")
    assert stage.run("account", "trade", "offer", "--yes", "--terms", terms, "--out", out, "--account", "bob").code == 0
    return out


@pytest.fixture
def slow_clock(stage: AccountStage) -> Iterator[None]:
    """A second passes with each block, however long the machine takes: a round is in its grace for some blocks."""
    node = stage.book.node
    node.move_clock(stage.book.book.contracts.chain.timestamp() + 3_600)  # or time of the machine would count
    node.request("anvil_setBlockTimestampInterval", 1)
    yield
    node.request("anvil_removeBlockTimestampInterval")


@pytest.mark.usefixtures("slow_clock")
def test_a_taker_sees_what_the_trade_is_worth_now_with_the_funding_since(stage: AccountStage, tmp_path: Path) -> None:
    """Funding is booked as it was at the offer's round: what has accrued since is the taker's gain or loss."""
    stage.book.post()
    offers = {side: offer_of(stage, tmp_path, side, "97150.5") for side in ("sell", "buy")}
    before = stage.book.book.latest_round().id
    for side, words in (("sell", "at the mark price"), ("buy", "at the mark price")):
        shown = stage.plain("account", "trade", "show", offers[side], *stage.book.options, shows=True).stdout
        assert f"distance      {words}\n" in shown
        assert "agreed" not in shown
    newest = stage.book.post(funding={"BTC-PERP": "300"})
    for side, words in (("sell", "against you"), ("buy", "in your favour")):
        options = [*stage.book.options, "--json"]
        told = stage.plain("account", "trade", "show", offers[side], *options, shows=True).json
        assert (told["price"], told["mark_price"], told["notional"]) == ("97450.5", "97150.5", "974.505")
        assert (told["agreed_price"], told["agreed_mark_price"]) == ("97150.5", "97150.5")
        assert (told["mark_round"], told["round"]) == (newest, before)
        shown = stage.plain("account", "trade", "show", offers[side], *stage.book.options, shows=True).stdout
        assert f"97,450.5 USD, with the funding since round {before}\n" in shown
        assert f"+0.3% from the mark price, {words}\n" in shown
        assert f"97,150.5 USD at round {before}, at the mark price\n" in shown

    state, cash = stage.state("alice")
    far = take(stage, offers["sell"], "--yes", "--max-distance", "0.308", "--json")
    assert (far.code, f"mark price of round {newest}" in far.error["message"]) == (3, True), far
    assert stage.state("alice") == (state, cash)
    assert take(stage, offers["sell"], "--yes", "--max-distance", "0.309").code == 0
    assert stage.state("alice")[1] == cash - 971505 * 10**15
    stage.book.post()


@pytest.mark.usefixtures("slow_clock")
def test_a_price_must_be_near_at_the_offers_round_too(stage: AccountStage, tmp_path: Path) -> None:
    """The newest round is the node's word; that of the offer is in the proofs."""
    stage.book.post()
    before, offered = stage.book.book.latest_round().id, offer_of(stage, tmp_path, "sell", "98000")
    stage.book.post(BTC_PERP="98000")
    far = take(stage, offered, "--yes", "--max-distance", "0.8", "--json")
    assert (far.code, f"mark price of round {before} " in far.error["message"]) == (3, True), far
    assert take(stage, offered, "--max-distance", "0.8", stdin="y\n", shows=True).code == 3
    assert take(stage, offered, "--yes", "--max-distance", "0.9").code == 0
    stage.book.post()
    favour = offer_of(stage, tmp_path, "sell", "96000")
    assert take(stage, favour, "--yes", "--max-distance", "0").code == 0


@pytest.mark.parametrize("distance", ["-1", "0.5%", "far", "0.00001"])
def test_a_distance_that_is_none_is_refused(stage: AccountStage, tmp_path: Path, distance: str) -> None:
    refused = take(stage, tmp_path / "absent.json", "--yes", "--max-distance", distance, "--json")
    assert (refused.code, "--max-distance" in refused.error["message"]) == (3, True)


def test_a_basket_is_one_trade(stage: AccountStage, tmp_path: Path) -> None:
    """Bob offers a spread: he sells a perpetual and buys another, at the mark but for a dollar."""
    stage.book.post()
    round_ = stage.book.book.latest_round()
    slots = stage.book.book.assets.slots
    other = slots["ETH-PERP"]
    marks = {slot: Decimal(round_.prices[slot]) / 10**9 for slot in (BTC_PERP, other)}
    terms, out = tmp_path / "terms.csv", tmp_path / "spread.json"
    rows = f"sell,BTC-PERP,0.02,{marks[BTC_PERP] + 50}\nbuy,ETH-PERP,0.3,{marks[other]}\n"
    terms.write_text(f"side,asset,size,price\n{rows}")
    offered = stage.run("account", "trade", "offer", "--yes", "--terms", terms, "--out", out, "--account", "bob")
    assert offered.code == 0, offered
    (before_a, cash_a), (before_b, cash_b) = stage.state("alice"), stage.state("bob")

    shown = stage.plain("account", "trade", "show", out, *stage.book.options, "--json", shows=True).json
    assert [(leg["asset"], leg["side"], leg["size"]) for leg in shown["legs"]] == [
        ("BTC-PERP", "buy", "0.02"),
        ("ETH-PERP", "sell", "0.3"),
    ]
    assert Decimal(shown["pays"]) - Decimal(shown["pays_at_mark_prices"]) == 1
    assert "price" not in shown
    words = stage.plain("account", "trade", "show", out, *stage.book.options, shows=True).stdout
    assert "you buy" in words
    assert "0.3 ETH-PERP, mark price" in words
    assert "from the mark price, against you" in words

    percent = 100 / Decimal(shown["notional"])
    assert take(stage, out, "--yes", "--max-distance", f"{percent * Decimal('0.9'):.4f}").code == 3
    assert take(stage, out, "--yes", "--max-distance", f"{percent * Decimal('1.1'):.4f}").code == 0
    (after_a, left_a), (after_b, left_b) = stage.state("alice"), stage.state("bob")
    gained = {slot: a - b for slot, (a, b) in enumerate(zip(after_a, before_a, strict=True)) if a != b}
    assert gained == {BTC_PERP: 2 * 10**7, other: -3 * 10**8}
    assert [a + b for a, b in zip(after_a, after_b, strict=True)] == [
        a + b for a, b in zip(before_a, before_b, strict=True)
    ]
    assert left_a + left_b == cash_a + cash_b


def test_a_maker_sees_every_leg_and_the_sum_and_is_asked(stage: AccountStage, tmp_path: Path) -> None:
    """A roll: out of one perpetual at 97,000 USD, for 970 USD, into another for 700 USD."""
    stage.book.post()
    out = tmp_path / "roll.txt"
    words = ["account", "trade", "offer", "--account", "bob", "--out", out]
    typed = "sell\nBTC-PERP\n0.01\n97000\ny\nbuy\nETH-PERP\n0.2\n3500\nn\n"
    declined = stage.run(*words, stdin=typed + "n\n", shows=True)
    assert (declined.code, "nothing was written" in declined.stderr) == (3, True), declined
    assert not out.exists()
    made = stage.run(*words, stdin=typed + "y\n", shows=True)
    assert made.code == 0, made
    facts = [line.split("  ", 1) for line in made.stderr.splitlines() if "  " in line]
    shown = {label: value.strip() for label, value in facts}
    assert shown["account"] == "bob"
    assert shown["you sell"] == "0.01 BTC-PERP, mark price 97,150.5 USD"
    assert shown["you buy"].startswith("0.2 ETH-PERP, mark price ")
    assert shown["for all"] == "you are paid 270.00 USD"
    assert shown["distance"] == "+1.1% from the mark price, in your favour"
    taker = stage.plain("account", "trade", "show", out, *stage.book.options, "--json", shows=True).json
    assert [(leg["asset"], leg["side"]) for leg in taker["legs"]] == [("BTC-PERP", "buy"), ("ETH-PERP", "sell")]
    assert Decimal(taker["pays"]) == 270


def test_an_offer_is_made_at_the_prices_that_are_newest_when_its_maker_agrees(
    stage: AccountStage, terms: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A maker may think for longer than a round lasts, and an offer at an older round is refused soon."""
    posted = []

    def think(*_: object, **__: object) -> bool:
        posted.append(stage.book.post())
        return True

    monkeypatch.setattr("prover.cli._account_trade.typer.confirm", think)
    out = tmp_path / "offer.txt"
    words = ["account", "trade", "offer", "--terms", terms, "--out", out, "--account", "bob"]
    assert stage.run(*words, shows=True).code == 0
    assert [Offer.load(out).round_id] == posted


# ------------------------------------------------------------------------------------------------ refusals


def test_a_node_that_invents_a_mark_price_moves_no_terms(
    stage: AccountStage, offered: Path, terms: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mark prices are in no proof: both proofs would verify, and one of the two would have paid too much."""
    honest = RoundsClient.round

    def lying(self: RoundsClient, round_id: int, *scale: int) -> OnchainRound:
        round_ = honest(self, round_id, *scale)
        prices = list(round_.prices)
        prices[BTC_PERP] += 500 * 10**9
        return round_._replace(prices=tuple(prices))

    monkeypatch.setattr(RoundsClient, "round", lying)
    out, before = tmp_path / "false.json", stage.state("alice")
    for outcome in (
        stage.run("account", "trade", "offer", "--yes", "--terms", terms, "--out", out, "--account", "bob", "--json"),
        stage.plain("account", "trade", "show", offered, *stage.book.options, "--json"),
        take(stage, offered, "--yes", "--json"),
    ):
        assert (outcome.code, outcome.error["kind"]) == (6, "chain"), outcome
        assert "price of BTC-PERP at round" in outcome.error["message"]
        assert "does not fit its margin per unit" in outcome.error["message"]
    assert not out.exists()
    assert stage.state("alice") == before


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_an_offer_file_open_to_others_is_refused(stage: AccountStage, offered: Path, mode: int) -> None:
    offered.chmod(mode)
    assert "chmod 600" in refusal(stage, offered)
    shown = stage.plain("account", "trade", "show", offered, *stage.book.options)
    assert (shown.code, "chmod 600" in shown.stderr) == (3, True)


def test_own_offers_are_refused(stage: AccountStage, offered: Path) -> None:
    assert "this account's own" in refusal(stage, offered, account="bob")
    assert "take this offer?" not in take(stage, offered, account="bob", stdin="y\n").stderr


def test_offers_of_other_books_are_refused(stage: AccountStage, offered: Path) -> None:
    old = Offer.load(offered).ticket
    elsewhere = Ticket.create(Domain(1, old.domain.contract), old.amounts, old.cost)
    other = changed(offered, ticket=elsewhere)
    assert "another book or chain" in refusal(stage, other)
    shown = stage.plain("account", "trade", "show", other, *stage.book.options)
    assert (shown.code, "another book or chain" in shown.stderr) == (3, True)


def test_an_offer_of_nothing_for_money_is_refused(stage: AccountStage, offered: Path) -> None:
    old = Offer.load(offered).ticket
    nothing = changed(offered, ticket=Ticket.create(old.domain, (0,) * stage.book.book.n, old.cost))
    assert "do not take it" in refusal(stage, nothing)


def test_an_offer_of_an_unknown_account_is_refused(stage: AccountStage, offered: Path) -> None:
    update = Offer.load(offered).maker_update
    strange = replace(update, account=12345)
    assert "no account of this book" in refusal(stage, changed(offered, maker_update=strange))


def test_an_offer_in_the_name_of_another_account_is_refused(stage: AccountStage, offered: Path) -> None:
    """The book compares the account that it names with the commitment that the proof starts from."""
    update = Offer.load(offered).maker_update
    other = replace(update, account=stage.owners["alice"].identity)
    assert "has changed since" in refusal(stage, changed(offered, maker_update=other))


def test_an_offer_at_a_round_to_come_is_refused(stage: AccountStage, offered: Path) -> None:
    assert "price round that the chain does not have" in refusal(stage, changed(offered, round_id=10**6))


def test_an_offer_ends_when_its_maker_changes(stage: AccountStage, offered: Path) -> None:
    stage.owners["bob"].deposit(stage.book.book.n, 10**18)
    assert "has changed since" in refusal(stage, offered)


def test_an_offer_whose_terms_were_changed_on_the_way_is_refused(stage: AccountStage, offered: Path) -> None:
    """The proof is of the terms: no intermediary can change them."""
    old, before = Offer.load(offered).ticket, stage.state("alice")
    cheaper = changed(offered, ticket=Ticket.create(old.domain, old.amounts, old.cost - 10**18))
    outcome = take(stage, cheaper, "--yes", "--json")
    assert (outcome.code, outcome.error["kind"]) == (1, "refused")
    assert outcome.error["reason"] == "proof-does-not-verify"
    assert "take this offer?" not in take(stage, cheaper, stdin="y\n").stderr
    assert stage.state("alice") == before
    shown = stage.plain("account", "trade", "show", cheaper, *stage.book.options, "--json", shows=True).json
    assert (shown["proof_verified"], shown["takeable"]) == (False, False)
    assert "the maker's proof does not verify" in shown["reason"]


def test_a_proof_is_shown_as_not_verified_where_no_key_is_at_hand(
    stage: AccountStage, offered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["account", "trade", "show", offered, *stage.book.options]
    monkeypatch.setattr("prover.onchain._offer_checks.find_built", lambda name: None)
    shown = stage.plain(*words, "--json", shows=True).json
    assert (shown["proof_verified"], shown["takeable"]) == (None, True)
    assert "not verified: no key of update-13" in stage.plain(*words, shows=True).stdout
    other = build(["open-13"])["open-13"]
    monkeypatch.setattr("prover.onchain._offer_checks.find_built", lambda name: other)
    assert "not verified: the book verifies update with another key" in stage.plain(*words, shows=True).stdout


def test_a_trade_that_the_account_cannot_bear_is_not_proven(stage: AccountStage, tmp_path: Path) -> None:
    terms, out = tmp_path / "terms.csv", tmp_path / "offer.txt"
    terms.write_text("side,asset,size,price\nbuy,BTC-PERP,77.123456789,97150.5\n")
    outcome = stage.run(
        "account", "trade", "offer", "--yes", "--terms", terms, "--out", out, "--account", "bob", "--json"
    )
    assert (outcome.code, outcome.error["kind"]) == (5, "proving")
    assert "below initial margin" in outcome.error["message"]
    assert_hidden({"77.1", "77123"}, outcome.stdout, outcome.stderr)
    assert not out.exists()


def test_an_account_that_is_not_open_cannot_take(stage: AccountStage, offered: Path, tmp_path: Path) -> None:
    path = tmp_path / "fresh.age"
    fresh = WalletAccount.create("fresh", stage.book.book.domain, stage.book.guardian.point)
    write_quick_wallet(path, Wallet((fresh,)))
    outcome = stage.run("account", "trade", "take", offered, "--yes", "--json", wallet=path)
    assert (outcome.code, "`zksolvency account open` goes on" in outcome.error["message"]) == (6, True)


@pytest.mark.parametrize("content", ["", "{}", "zksoffer2abc", "zksticket1abc", "\u0661"])
def test_damaged_offers_are_refused(stage: AccountStage, tmp_path: Path, content: str) -> None:
    path = tmp_path / "offer.txt"
    path.write_text(content)
    path.chmod(0o600)
    assert refusal(stage, path).startswith("offer")


def test_offers_overwrite_nothing(stage: AccountStage, terms: Path, offered: Path) -> None:
    before = offered.read_bytes()
    again = stage.run("account", "trade", "offer", "--yes", "--terms", terms, "--out", offered, "--account", "bob")
    assert (again.code, "exists already" in again.stderr) == (3, True)
    assert "wallet" not in again.stderr  # told before anything is opened or proven
    assert offered.read_bytes() == before


def test_an_offer_ends_with_its_prices(stage: AccountStage, terms: Path, offered: Path, tmp_path: Path) -> None:
    """Last, since the clock of the chain does not go back."""
    limit = stage.book.book.contracts.book.max_proof_age()
    posted = stage.book.book.latest_round().timestamp
    stage.book.node.move_clock(posted + limit + 5)
    assert "ask for a new offer" in refusal(stage, offered)
    words = [
        "account",
        "trade",
        "offer",
        "--yes",
        "--terms",
        terms,
        "--out",
        tmp_path / "late.json",
        "--account",
        "bob",
    ]
    late = stage.run(*words, "--json")
    assert (late.code, "post a new one" in late.error["message"]) == (3, True)
    assert not (tmp_path / "late.json").exists()
    stage.book.post()
    assert stage.run(*words).code == 0
    stage.owners["alice"].deposit(stage.book.book.n, 10**18)
    early = tmp_path / "late.json"
    assert Offer.load(early).round_id == stage.book.book.latest_round().id
    stage.book.post()
    stage.owners["alice"].deposit(stage.book.book.n, 10**18)
    assert "your account has changed at a later round" in refusal(stage, early)
