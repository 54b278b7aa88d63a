"""Commands of expiries: the calendar, delisting, settlement, sleeping accounts, the next listing, and the end."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from cli.account_stage import AccountStage, account_stage, write_quick_wallet
from cli.book_stage import PRICES
from cli.harness import Run
from cli.test_oracle import PASSPHRASE, keystore_of

from prover.chain import ReportPurpose
from prover.formats import format_iso
from prover.market import QUOTE_DECIMALS
from prover.onchain import DeploymentRecord, ReportFile
from prover.toolchain import find_book

full = pytest.mark.full

DEPOSIT: Final = 10_000 * 10**QUOTE_DECIMALS
ASSET: Final = "SOL-PERP"
DAY: Final = 86_400


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[AccountStage]:
    """Alice is long, bob is short of a perpetual that will be delisted."""
    with account_stage(tmp_path, deposit=DEPOSIT, gate=True) as made:
        made.trade("alice", "bob", ASSET, "3.456789012", "211.123456789")
        made.hidden.discard("211")  # which turns up by chance
        yield made


def options(stage: AccountStage) -> list[object]:
    """Of a guardian."""
    key = stage.folder / "guardian.age"
    write_quick_wallet(key, stage.book.guardian)  # encrypted alike
    return ["--guardian-key", key, "--passphrase-file", stage.passphrase_file, *stage.book.options]


def slot(stage: AccountStage, number: int) -> dict[str, Any]:
    outcome = stage.plain("book", "expiries", *stage.book.options, "--json")
    assert outcome.code == 0, outcome
    entry: dict[str, Any] = outcome.json["slots"][number]
    return entry


def expiry_file(stage: AccountStage, expiry: int) -> Path:
    path = stage.folder / "expiry.json"
    content = {"book": "majors-13", "id": 1, "timestamp": expiry, "prices": {ASSET: PRICES[ASSET]}}
    path.write_text(json.dumps({"format": "zksolvency/round/1", **content}))
    return path


def signed(stage: AccountStage, expiry: int) -> list[Path]:
    """Reports of two reporters for a settlement, made by the program."""
    secret = stage.folder / "reporters-passphrase"
    secret.touch(0o600)
    secret.write_text(PASSPHRASE + "\n")
    made = []
    for number, reporter in enumerate(stage.book.reporters[:2]):
        out = stage.folder / f"expiry-{expiry}-{number}.json"
        words = ["--round", expiry_file(stage, expiry), "--keystore", keystore_of(reporter, stage.folder), "--out", out]
        place = ["--passphrase-file", secret, "--deployment", stage.book.record]
        outcome = stage.plain("oracle", "sign", "--settlement", *words, *place, "--json")
        assert (outcome.code, outcome.json["purpose"]) == (0, "settlement"), outcome
        made.append(out)
    return made


@full
def test_a_perpetual_is_delisted_settled_and_replaced(stage: AccountStage) -> None:  # noqa: PLR0915 - one story
    book, sol = stage.book, stage.book.book.assets.slots[ASSET]
    now = book.book.contracts.chain.timestamp()
    expiry = now + DAY + 3_600
    assert slot(stage, sol)["status"] == "live"
    for words, told in (
        (["WBTC", "--at", format_iso(expiry)], "is spot"),
        (["NONE-PERP", "--at", format_iso(expiry)], "book expiries"),
        ([ASSET, "--at", format_iso(now + 3_600)], "the notice is at least 1 d"),
        ([ASSET, "--at", "Friday"], "is no time in UTC"),
    ):
        outcome = stage.plain("book", "delist", *words, *book.options)
        assert (outcome.code, told in outcome.stderr) == (3, True), outcome
    outcome = stage.plain("book", "delist", ASSET, "--at", format_iso(expiry), *book.options, "--json")
    assert (outcome.code, outcome.json["expires"]) == (0, format_iso(expiry)), outcome
    outcome = stage.plain("book", "delist", ASSET, "--at", format_iso(expiry + 1), *book.options)
    assert (outcome.code, "already, for ever" in outcome.stderr) == (3, True)
    assert slot(stage, sol)["status"] == "reduce-only"

    # reports of that very second settle it, once a round has come
    reports = signed(stage, expiry)
    outcome = stage.plain("oracle", "settle", *reports, *book.options)
    assert (outcome.code, "the newest round is from before" in outcome.stderr) == (3, True), outcome
    book.node.move_clock(expiry - 1)
    book.post()
    assert slot(stage, sol)["status"] == "due"
    ordinary = stage.folder / "ordinary.json"
    rounds = book.book.contracts.rounds.contract.address
    ReportFile(31337, rounds, book.reports(timestamp=expiry)[0]).save(ordinary)
    outcome = stage.plain("oracle", "settle", ordinary, reports[1], *book.options)
    assert (outcome.code, "oracle sign --settlement" in outcome.stderr) == (3, True), outcome
    outcome = stage.plain("oracle", "post", *reports, *book.options)
    assert (outcome.code, "signed for a settlement" in outcome.stderr) == (3, True), outcome
    outcome = stage.plain("oracle", "settle", *reports, *book.options, "--json")
    assert (outcome.code, outcome.json["epoch"]) == (0, 1), outcome
    assert (list(outcome.json["settled"]), outcome.json["left"]) == ([ASSET], [])
    outcome = stage.plain("oracle", "settle", *reports, *book.options)
    assert (outcome.code, "no asset of the book expires at" in outcome.stderr) == (3, True)
    assert slot(stage, sol)["status"] == "settled"

    # accounts turn it into cash: alice herself, bob by his guardian
    book.node.move_clock(expiry + 150)
    book.post()
    assert (slot(stage, sol)["status"], slot(stage, sol)["epoch"]) == ("free", 1)
    outcome = stage.run("account", "deposit", "--account", "alice", "--asset", "USD", "--amount", "1")
    assert (outcome.code, "account expire" in outcome.stderr) == (6, True), outcome
    outcome = stage.plain("guardian", "show", *options(stage), "--json")
    assert [entry["asleep"] for entry in outcome.json["accounts"]] == [True, True]
    assert "expired" in stage.plain("guardian", "show", *options(stage)).stdout
    outcome = stage.run("account", "limits", "--account", "alice")
    assert (outcome.code, "account expire" in outcome.stderr) == (6, True), outcome
    outcome = stage.run("wallet", "show", "--positions", shows=True)
    assert (outcome.code, outcome.stdout.count("`account expire`"), "health" in outcome.stdout) == (0, 2, False), (
        outcome
    )
    outcome = stage.run("account", "expire", "--account", "alice", "--json")
    assert (outcome.code, outcome.json["epoch"], outcome.json["proofs"]) == (0, 1, 1), outcome
    outcome = stage.run("account", "expire", "--account", "alice")
    assert (outcome.code, "nothing was sent" in outcome.stderr) == (0, True)
    assert stage.plain("guardian", "expire", *options(stage)).code == 3
    outcome = stage.plain("guardian", "expire", "--all", *options(stage), "--json")
    assert (outcome.code, [row["proofs"] for row in outcome.json["accounts"]]) == (0, [1]), outcome
    assert "no account of this guardian" in stage.plain("guardian", "expire", "--all", *options(stage)).stdout
    assert not any(stage.state("alice")[0] + stage.state("bob")[0])

    # governance lists another asset in its slot, and the book file follows
    listed = next(
        asset for asset in json.loads(find_book("majors-13").read_text())["assets"] if asset["symbol"] == ASSET
    )
    calendar = stage.folder / "listings.json"
    assets = [{**listed, "symbol": "SOL2-PERP"}]
    calendar.write_text(json.dumps({"format": "zksolvency/listings/1", "book": "majors-13", "assets": assets}))
    for words, sent in ((["--dry-run"], False), ([], True)):
        outcome = stage.plain("book", "list-next", "--calendar", calendar, *words, *book.options, "--json")
        (row,) = outcome.json["listings"]
        assert (row["step"], row["slot"], row["replaces"], outcome.json["sent"]) == ("announce", sol, ASSET, sent)
    assert "the delay of its announcement runs" in stage.plain(
        "book", "list-next", "--calendar", calendar, *book.options
    ).stdout.replace("\n", " ")
    book.node.move_clock(book.book.contracts.chain.timestamp() + DAY)
    outcome = stage.plain("book", "list-next", "--calendar", calendar, *book.options, "--json")
    assert (outcome.code, outcome.json["listings"][0]["step"]) == (0, "list"), outcome
    assert (slot(stage, sol)["symbol"], slot(stage, sol)["status"]) == ("SOL2-PERP", "live")
    out = stage.folder / "fetched.json"
    outcome = stage.plain("book", "fetch", "--out", out, *book.options, "--json")
    assert (outcome.code, outcome.json["new"]) == (0, ["SOL2-PERP"]), outcome
    record = DeploymentRecord.load_any(book.record)
    assert record.assets().slots["SOL2-PERP"] == sol
    assert ReportFile.load(reports[0]).report.purpose is ReportPurpose.SETTLEMENT


@full
def test_a_book_whose_reporters_are_silent_winds_down(stage: AccountStage) -> None:
    book = stage.book
    outcome = stage.plain("book", "wind-down", *book.options)
    assert (outcome.code, "not silent for long enough" in outcome.stderr) == (6, True), outcome
    book.node.move_clock(book.book.contracts.chain.timestamp() + 8 * DAY)
    outcome = stage.plain("book", "wind-down", *book.options, "--json")
    assert (outcome.code, outcome.json["started"], outcome.json["epoch"]) == (0, True, 1), outcome
    outcome = stage.plain("book", "wind-down", *book.options, "--json")
    assert (outcome.code, outcome.json["recorded"]) == (0, False), outcome
    assert stage.plain("book", "expiries", *book.options, "--json").json["winding_down"] is True
    outcome = stage.run("account", "exit", "1", "--account", "alice", "--to", "0x" + "5" * 40)
    assert (outcome.code, "account expire" in outcome.stderr) == (6, True), outcome
    assert stage.run("account", "expire", "--account", "alice").code == 0
    assert stage.run("account", "exit", "1", "--account", "alice", "--to", "0x" + "5" * 40).code == 0
    calendar = stage.folder / "listings.json"
    calendar.write_text(json.dumps({"format": "zksolvency/listings/1", "book": "majors-13", "assets": []}))
    outcome = stage.plain("book", "list-next", "--calendar", calendar, *book.options)
    assert (outcome.code, "winds down" in outcome.stderr) == (3, True), outcome


def test_a_settlement_is_signed_for_the_time_in_the_file(run: Run) -> None:
    outcome = run(
        "oracle", "sign", "--settlement", "--now", "--round", "r.json", "--keystore", "k.json", "--out", "o.json"
    )
    assert (outcome.code, "does not go with --now" in outcome.stderr) == (3, True)
