"""`zksolvency liquidation`, `account release` and `account answer` on a real node with real proofs."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest
from cli.account_stage import PASSPHRASE, AccountStage
from cli.harness import Outcome, Run, assert_hidden
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
from snippets import GUIDES, program_commands

from prover.liquidation import LiquidatorKey, SealedNotice
from prover.onchain import Sale, SaleEnd
from verifier import ChainError

pytestmark = pytest.mark.full

BOND: Final = 5 * 10**16


@pytest.fixture(scope="module")
def sold(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccountStage]:
    with sold_stage(tmp_path_factory.mktemp("sold")) as made:
        yield made


@pytest.fixture
def stage(sold: AccountStage) -> Iterator[AccountStage]:
    """The same for each test."""
    with put_back(sold):
        yield sold


@pytest.fixture
def key(stage: AccountStage, tmp_path: Path, quick_passphrases: None) -> LiquidatorKey:
    return write_keys(stage, tmp_path)


def test_a_guardian_tells_and_a_liquidator_takes(
    run: Run, stage: AccountStage, key: LiquidatorKey, tmp_path: Path
) -> None:
    alice, bob = identity(stage, "alice"), identity(stage, "bob")
    early = run(*open_words(stage, tmp_path, alice[:12]))
    assert (early.code, early.json["state"]) == (0, "healthy: nothing is to be sold"), early
    round_ = stage.book.post(BTC_PERP=LOW)
    opened = run(*open_words(stage, tmp_path, alice[:12]))
    assert opened.code == 0, opened
    assert {name: opened.json[name] for name in ("account", "ground", "flagged", "state", "round")} == {
        "account": alice,
        "ground": "maintenance",
        "flagged": True,
        "state": "for sale",
        "round": round_,
    }
    path = Path(opened.json["notice"])
    assert alice[2:] not in path.name
    sealed = SealedNotice.load(path)
    assert sealed.guardian == stage.book.book.contracts.chain.sender
    assert len(sealed.open(key).parcels) == opened.json["parcels"]

    words = liquidator_words(stage, tmp_path)
    offered = stage.run("liquidation", "offers", path, *words, "--account", "bob", "--json", shows=True)
    (row,) = offered.json["notices"]
    assert (row["account"], row["error"]) == (alice, None)
    assert all(parcel["in_seconds"] > 0 for parcel in row["parcels"])
    soon = stage.run("liquidation", "take", path, *words, "--account", "bob", "--yes", "--json")
    assert (soon.code, "the first one is due in" in soon.error["message"]) == (3, True), soon
    wait(stage, 70)
    before = {name: stage.state(name) for name in ("alice", "bob")}
    shown = stage.plain("liquidation", "show", alice, *stage.book.options)
    assert "for sale" in shown.stdout
    low = stage.run("liquidation", "take", path, *words, "--account", "bob", "--yes", "--max-rate", "9.99", "--json")
    assert (low.code, "within --max-rate" in low.error["message"]) == (3, True), low
    dear = stage.run("liquidation", "take", path, *words, "--account", "bob", "--yes", "--min-profit", "9e9", "--json")
    assert dear.code == 3
    taken = stage.run("liquidation", "take", path, *words, "--account", "bob", "--yes", "--json")
    assert taken.code == 0, taken
    assert {name: taken.json[name] for name in ("account", "victim", "ground", "round", "cured")} == {
        "account": "bob",
        "victim": alice,
        "ground": "maintenance",
        "round": round_,
        "cured": True,
    }
    after = {name: stage.state(name) for name in ("alice", "bob")}
    for slot in range(13):
        assert sum(after[name][0][slot] for name in after) == sum(before[name][0][slot] for name in before)
    assert sum(after[name][1] for name in after) == sum(before[name][1] for name in before)
    assert after["alice"][0] != before["alice"][0]
    assert not is_flagged(stage, "alice")
    (row,) = stage.plain("liquidation", "show", alice, *stage.book.options, "--json").json["takeovers"]
    assert (row["taker"], row["cured"], row["rate"]) == (bob, True, taken.json["rate"])
    late = stage.run("liquidation", "offers", path, *words, "--account", "bob")
    assert "your account has taken a part of it over already" in " ".join(late.stdout.split())
    assert_hidden(stage.secrets() | {key.identity}, opened.stdout, opened.stderr, taken.stdout, taken.stderr)


def test_a_parcel_is_shown_before_it_is_taken(
    stage: AccountStage, run: Run, key: LiquidatorKey, tmp_path: Path
) -> None:
    """Its amounts and the expected profit, on stderr; an answer other than yes sends nothing."""
    stage.book.post(BTC_PERP=LOW)
    opened = run(*open_words(stage, tmp_path, identity(stage, "alice")))
    wait(stage, 70)
    words = ["liquidation", "take", opened.json["notice"], *liquidator_words(stage, tmp_path), "--account", "bob"]
    asked = stage.run(*words, stdin="n\n", shows=True)
    assert asked.code == 3
    for label in ("you buy", "BTC-PERP", "reward", "price impact", "gas", "profit"):
        assert label in asked.stderr
    assert is_flagged(stage, "alice")
    assert stage.run(*words, stdin="y\n", shows=True).code == 0
    assert not is_flagged(stage, "alice")


def test_a_sale_is_followed_until_nothing_is_left(
    run: Run, stage: AccountStage, key: LiquidatorKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.book.post(BTC_PERP=LOW)
    words = liquidator_words(stage, tmp_path)

    def instead_of_waiting(_: float) -> None:
        """A liquidator acts while the guardian waits."""
        for path in (tmp_path / "notices").iterdir():
            wait(stage, 70)
            assert stage.run("liquidation", "take", path, *words, "--account", "bob", "--yes", "--json").code == 0

    look, failures = Sale.look, iter([ChainError("the node is gone")])

    def failing_once(sale: Sale) -> object:
        for error in failures:
            raise error
        return look(sale)

    monkeypatch.setattr("prover.cli._liquidation_open._pause", instead_of_waiting)
    monkeypatch.setattr(Sale, "look", failing_once)
    followed = run(*open_words(stage, tmp_path, identity(stage, "alice"), "--follow"))
    assert followed.code == 0, followed
    assert "the node is gone" in followed.stderr
    flagged, sold, end = map(json.loads, followed.stdout.splitlines())
    assert flagged["flagged"]
    assert sold["state"] == "for sale"
    assert end["state"].startswith("healthy")


def test_a_sale_that_is_followed_ends_when_its_end_has_lasted(
    run: Run, stage: AccountStage, key: LiquidatorKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For as many blocks as transactions wait. Without --follow there is one look, which says what it sees."""
    asked: list[int] = []

    def look(sale: Sale) -> SaleEnd:
        asked.append(sale.confirmations)
        return SaleEnd.HEALTHY

    monkeypatch.setattr(Sale, "look", look)
    for more in (["--follow"], []):
        words = open_words(stage, tmp_path, identity(stage, "alice"), "--confirmations", "4", *more)
        assert run(*words).code == 0
    assert asked == [4, 1]


def test_an_owner_releases_a_part_for_nothing(
    stage: AccountStage, key: LiquidatorKey, tmp_path: Path, run: Run
) -> None:
    """In the cure window: no reward is due."""
    out = tmp_path / "release.json"
    words = ["account", "release", "--liquidator", key.recipient, "--taker", identity(stage, "bob"), "--out", out]
    stage.book.post(BTC_PERP=LOW)
    assert run(*open_words(stage, tmp_path, identity(stage, "alice"))).code == 0
    made = stage.run(*words, "--account", "alice", "--json")
    assert made.code == 0, made
    taken = stage.run(
        *("liquidation", "take", out, *liquidator_words(stage, tmp_path), "--account", "bob"),
        *("--yes", "--max-rate", "0", "--min-profit=-1000000", "--json"),
    )
    assert taken.code == 0, taken
    assert (taken.json["rate"], taken.json["uncovered_rate"], taken.json["cured"]) == (0, 0, True)
    assert stage.run(*words, "--account", "alice", "--json").code == 3  # the file is there


def test_an_account_is_challenged_and_answers(stage: AccountStage, key: LiquidatorKey) -> None:
    alice = identity(stage, "alice")
    stage.book.post()
    none = stage.run("account", "answer", "--account", "alice", "--json")
    assert (none.code, "not challenged" in none.error["message"]) == (3, True)
    asked = stage.plain("liquidation", "challenge", alice, *stage.book.options, "--json")
    assert (asked.code, asked.json["challenge"], asked.json["bond"]) == (0, "asked", BOND), asked
    assert stage.plain("liquidation", "show", alice, *stage.book.options, "--json").json["challenge"]["round"] == 2
    early = stage.plain("liquidation", "challenge", alice, *stage.book.options, "--json")
    assert (early.code, early.error["kind"]) == (6, "chain")
    answered = stage.run("account", "answer", "--account", "alice", "--recipient", "0x" + "0" * 38 + "ab", "--json")
    assert (answered.code, answered.json["bond"]) == (0, BOND), answered
    assert stage.book.book.contracts.chain.balance("0x" + "0" * 38 + "ab") == BOND
    assert stage.plain("liquidation", "show", alice, *stage.book.options, "--json").json["challenge"] is None


def test_what_cannot_be_is_refused(stage: AccountStage, key: LiquidatorKey, tmp_path: Path, run: Run) -> None:
    unknown = stage.plain("liquidation", "show", "0x" + "12" * 31, *stage.book.options, "--json")
    assert (unknown.code, unknown.error["kind"]) == (6, "chain")
    words = open_words(stage, tmp_path, identity(stage, "alice"))
    for changes in (["--seconds", "640", "--step", "10"], ["--out", tmp_path / "nowhere"]):
        refused = run(*words[:-1], *changes, "--json")
        assert (refused.code, refused.error["kind"]) == (3, "input")
    bad = stage.run(
        "liquidation", "take", tmp_path / "none.json", *liquidator_words(stage, tmp_path), "--account", "bob", "--json"
    )
    assert (bad.code, bad.error["kind"]) == (3, "input")


def test_the_commands_of_the_guide_sell_take_release_and_answer(
    run: Run, stage: AccountStage, key: LiquidatorKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All but `show-notice`, whose output tests/prover/liquidation/test_guide.py compares."""
    monkeypatch.chdir(tmp_path)
    alice, bob = identity(stage, "alice"), identity(stage, "bob")
    stage.book.post(BTC_PERP=LOW)
    commands = program_commands((GUIDES / "liquidation.md").read_text())
    deploy, keygen, opens, offers, asked, unasked, shows, cure, release, challenge, answer, *rest = commands
    assert {tuple(words[:2]) for words in rest} == {("liquidation", "show-notice")}
    assert run(*deploy, "--help").code == 0
    Path("liquidator.age").unlink()
    private = ["--passphrase-file", stage.passphrase_file]
    assert run(*keygen, *private).code == 0
    recipient = LiquidatorKey.load(Path("liquidator.age"), PASSPHRASE).recipient
    Path("liquidators.txt").write_text(recipient)

    def follow(words: Sequence[str], *more: object, stdin: str | None = None) -> Outcome:
        """Type a command with the names of this book in place of the page's."""
        names = {"0x2a71c09be3": alice, "IDENTITY": bob, "age1...": recipient, "takeovers": "bob", "trading": "alice"}
        done = run(*(names.get(word, word) for word in words), *more, *stage.book.options, stdin=stdin)
        assert done.code == 0, (words, done)
        return done

    follow(opens, *private)
    (made,) = Path("notices").iterdir()
    made.rename(offers[2])
    wallet = ["--wallet", stage.wallet, *private]
    both = [*wallet, "--key-passphrase-file", stage.passphrase_file]
    assert "in " in follow(offers, *both).stdout
    wait(stage, 70)
    before = stage.book.node.request("evm_snapshot")
    follow(asked, *both, stdin="y\n")
    stage.book.node.request("evm_revert", before)
    assert "now" in follow(offers, *both).stdout
    before = stage.book.node.request("evm_snapshot")
    follow(cure, *wallet, stdin="y\n")
    assert not is_flagged(stage, "alice")
    stage.book.node.request("evm_revert", before)
    follow(release, *wallet)
    follow(unasked, *both)
    assert "taken over" in follow([*shows[:-1], "0x2a71c09be3"]).stdout
    stage.book.post(BTC_PERP=LOW)  # at the round of its takeover the account is proven
    follow([*challenge[:-1], "0x2a71c09be3"])
    assert "0.05 ETH" in follow(answer, *wallet).stdout


def test_debt_is_written_off_paid_by_the_fund_and_shared(
    run: Run, stage: AccountStage, key: LiquidatorKey, tmp_path: Path
) -> None:
    """The fund pays a tenth of what it holds in a round; deposits wait for consent until the rest is paid."""
    alice, book = identity(stage, "alice"), stage.book.options
    sender = stage.book.book.contracts.chain.sender
    assert stage.plain("fund", "deposit", "100", *book, "--json").code == 0
    stage.book.post(BTC_PERP="92700")
    opened = run(*open_words(stage, tmp_path, alice))
    words = ["liquidation", "take", opened.json["notice"], *liquidator_words(stage, tmp_path), "--account", "bob"]
    assert stage.run(*words, "--yes", "--min-profit=-1000000", "--json").code == 0
    guardian = ["--guardian-key", tmp_path / "guardian.age", "--passphrase-file", stage.passphrase_file, *book]
    early = run("liquidation", "write-off", alice, *guardian, "--json")
    assert (early.code, "cure window" in early.error["message"]) == (6, True), early
    wait(stage, 70)
    ended = run(*open_words(stage, tmp_path, alice))
    assert ended.json["state"].startswith("unsellable")
    written = run("liquidation", "write-off", alice, *guardian, "--json")
    assert written.code == 0, written
    shown = stage.plain("book", "shortfall", "--owner", sender, *book, "--json").json
    assert float(shown["shortfall"]) == float(written.json["shortfall"]) > 0
    assert (shown["fund"], shown["claims"], shown["owed"]) == ("90", "0", "0")
    assert 0.9 < float(shown["worth"]) < 1
    assert "% of what accounts are owed" in stage.plain("book", "shortfall", *book).stdout

    refused = stage.run("account", "deposit", "--asset", "USD", "--amount", "7", "--account", "bob", "--json")
    assert (refused.code, "book accept-haircut" in refused.error["message"]) == (6, True), refused
    assert stage.plain("book", "accept-haircut", "90", *book, "--json").code == 0
    assert stage.run("account", "deposit", "--asset", "USD", "--amount", "7", "--account", "bob", "--json").code == 0
    drawn = stage.plain("fund", "draw", *book, "--json")
    assert (drawn.code, "limits" in drawn.error["message"]) == (3, True), drawn
    stage.book.post()
    drawn = stage.plain("fund", "draw", *book, "--json")
    assert drawn.code == 0, drawn
    assert 0 < float(drawn.json["shortfall"]) < float(written.json["shortfall"])
    assert stage.plain("fund", "show", *book, "--json").json["fund"] == "81"
    paid = stage.plain("book", "recapitalise", "100000", *book, "--json")
    assert (paid.code, float(paid.json["shortfall"])) == (0, 0), paid
    for words in (["book", "recapitalise", "1"], ["book", "claim"], ["fund", "draw"]):
        nothing = stage.plain(*words, *book, "--json")
        assert (nothing.code, nothing.error["kind"]) == (3, "input")


def test_money_leaves_the_fund_after_a_request(stage: AccountStage) -> None:
    book, sender = stage.book.options, stage.book.book.contracts.chain.sender
    for words in (["deposit", "0"], ["request"], ["redeem"]):
        refused = stage.plain("fund", *words, *book, "--json")
        assert (refused.code, refused.error["kind"]) == (3, "input"), refused
    assert stage.plain("fund", "deposit", "1000", *book, "--json").code == 0
    asked = stage.plain("fund", "request", "--amount", "250", *book, "--json")
    assert (asked.code, asked.json["due_in"]) == (0, 7 * 86_400), asked
    shown = stage.plain("fund", "show", "--owner", sender, *book, "--json").json
    assert (shown["fund"], shown["drawable"], shown["cooldown"]) == ("1000", "100", 7 * 86_400)
    assert float(shown["worth"]) == pytest.approx(1_000)
    assert float(shown["requested"]) == pytest.approx(250)
    assert shown["redeemable"] == "0"
    assert "7 d" in stage.plain("fund", "show", *book).stdout
    early = stage.plain("fund", "redeem", *book, "--json")
    assert (early.code, "fund show --owner" in early.error["message"]) == (3, True)


def test_a_flag_ends_where_prices_recover(run: Run, stage: AccountStage, key: LiquidatorKey, tmp_path: Path) -> None:
    alice = identity(stage, "alice")
    stage.book.post(BTC_PERP=LOW)
    assert run(*open_words(stage, tmp_path, alice)).code == 0
    words = ["liquidation", "recover", alice, "--guardian-key", tmp_path / "guardian.age", *stage.book.options]
    words += ["--passphrase-file", stage.passphrase_file, "--json"]
    early = run(*words)
    assert (early.code, early.error["kind"]) == (5, "proving"), early
    stage.book.post()
    assert run(*words).code == 0
    assert not is_flagged(stage, "alice")
