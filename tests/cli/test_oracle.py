"""`zksolvency oracle`: reports signed without a node, rounds posted on a real one."""

import json
import re
import stat
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from cli.book_stage import BOOK, PRICES, BookStage, book_stage
from cli.harness import Outcome, Run, assert_hidden
from eth_account import Account as Signer
from eth_account.signers.local import LocalAccount

from prover import PriceRound
from prover.chain import BOOK_ROLES, Level, Report, RoundsClient, is_signed_by_its_reporter, sign_report
from prover.formats import format_clock
from prover.onchain import DeploymentKind, DeploymentRecord, ReportFile
from prover.toolchain import load_book

full = pytest.mark.full

PASSPHRASE = "correct horse staple"  # noqa: S105 - of keystores made here
ROUNDS = "0x0165878A594ca255338adfa4d48449f69242Eb8F"
REPORTER = Signer.from_key("0x" + "7" * 64)


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    path = tmp_path / "passphrase"
    path.touch(0o600)
    path.write_text(PASSPHRASE + "\n")
    return path


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """A book on a chain without a node: signing needs none."""
    path = tmp_path / "margin-book.json"
    contracts = dict.fromkeys(BOOK_ROLES, ROUNDS)
    DeploymentRecord(DeploymentKind.BOOK, 5, BOOK, load_book(BOOK).digest(), 0, contracts).save(path)
    return path


def keystore_of(signer: LocalAccount, folder: Path) -> Path:
    """A keystore that takes no second to open."""
    path = folder / f"{signer.address}.json"
    if not path.exists():
        path.write_text(json.dumps(signer.encrypt(PASSPHRASE, kdf="pbkdf2", iterations=2)))
    return path


def round_file(folder: Path, *, timestamp: int = 1_763_800_000, omitted: Sequence[str] = (), **prices: str) -> Path:
    """A price round as its writer hands it to reporters; `BTC_PERP="100000"` changes BTC-PERP."""
    changed = {**PRICES, **{symbol.replace("_", "-"): price for symbol, price in prices.items()}}
    funding = {"BTC-PERP": "152.25", "SOL-PERP": "-0.31"}
    content = {
        "book": BOOK,
        "id": 1,
        "timestamp": timestamp,
        "prices": {symbol: price for symbol, price in changed.items() if symbol not in omitted},
        "funding": {symbol: paid for symbol, paid in funding.items() if symbol not in omitted},
    }
    path = folder / "round-1.json"
    path.write_text(json.dumps({"format": "zksolvency/round/1", **content}))
    return path


# ---------------------------------------------------------------------------------------------- without a node


def test_a_new_key_opens_with_its_passphrase_and_is_shown_nowhere(run: Run, passphrase: Path, tmp_path: Path) -> None:
    out = tmp_path / "reporter.json"
    made = run("oracle", "keygen", "--out", out, "--passphrase-file", passphrase, "--json")
    assert made.code == 0, made
    key = bytes(Signer.decrypt(json.loads(out.read_text()), PASSPHRASE))
    assert Signer.from_key(key).address == made.json["reporter"]
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    secrets = {key.hex(), str(int.from_bytes(key, "big")), PASSPHRASE}
    assert_hidden(secrets, made.stdout, made.stderr, out.read_bytes())
    before = out.read_bytes()
    again = run("oracle", "keygen", "--out", out, "--passphrase-file", passphrase, "--json")
    assert (again.code, "exists already" in again.error["message"]) == (3, True)
    assert out.read_bytes() == before


def test_a_new_key_asks_twice(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "reporter.json"
    made = run("oracle", "keygen", "--out", out, stdin=f"{PASSPHRASE}\n{PASSPHRASE}\n")
    assert made.code == 0, made
    assert PASSPHRASE not in made.stdout + made.stderr
    assert Signer.decrypt(json.loads(out.read_text()), PASSPHRASE)


def sign(run: Run, record: Path, passphrase: Path, round_: Path, *options: object) -> Outcome:
    folder = record.parent
    keystore = keystore_of(REPORTER, folder)
    arguments = ["--round", round_, "--keystore", keystore, "--passphrase-file", passphrase, "--deployment", record]
    return run("oracle", "sign", *arguments, "--out", folder / "report.json", *options, "--json")


def test_a_report_says_what_was_signed_where(run: Run, record: Path, passphrase: Path, tmp_path: Path) -> None:
    assert sign(run, record, passphrase, round_file(tmp_path)).code == 0
    file = ReportFile.load(tmp_path / "report.json")
    prices = PriceRound.load(tmp_path / "round-1.json", load_book(BOOK))
    assert (file.chain_id, file.rounds, file.report.reporter) == (5, ROUNDS, REPORTER.address)
    assert (file.report.prices, file.report.funding) == (prices.prices, prices.funding)
    assert (file.report.timestamp, file.report.priced_slots) == (prices.timestamp, (1 << 13) - 1)
    assert is_signed_by_its_reporter(file.report, 5, ROUNDS)
    assert not is_signed_by_its_reporter(file.report, 6, ROUNDS)
    assert not is_signed_by_its_reporter(file.report, 5, "0x" + "1" * 40)


def test_an_asset_that_the_file_leaves_out_is_not_priced(
    run: Run, record: Path, passphrase: Path, tmp_path: Path
) -> None:
    signed = sign(run, record, passphrase, round_file(tmp_path, omitted=["WBTC", "BTC-PERP"]))
    assert (signed.code, signed.json["not_priced"]) == (0, ["WBTC", "BTC-PERP"])
    assert "does not price WBTC, BTC-PERP" in signed.stderr
    content = json.loads((tmp_path / "report.json").read_text())
    assert content["priced_slots"] == [1, 2, *range(4, 13)]
    report = ReportFile.load(tmp_path / "report.json").report
    assert report.priced_slots == ((1 << 13) - 1) & ~0b1001
    assert is_signed_by_its_reporter(report, 5, ROUNDS)


def test_an_asset_that_the_file_has_as_stale_is_not_priced(
    run: Run, record: Path, passphrase: Path, tmp_path: Path
) -> None:
    """Its price is an older one: a reporter who signed it would make it fresh."""
    round_ = round_file(tmp_path)
    round_.write_text(json.dumps(json.loads(round_.read_text()) | {"stale": ["BTC-PERP"]}))
    signed = sign(run, record, passphrase, round_)
    assert (signed.code, signed.json["not_priced"]) == (0, ["BTC-PERP"])
    report = ReportFile.load(tmp_path / "report.json").report
    assert (report.priced_slots >> 3 & 1, report.prices[3], report.funding[3]) == (0, 0, 0)


def test_funding_of_an_asset_that_is_not_priced_is_refused(
    run: Run, record: Path, passphrase: Path, tmp_path: Path
) -> None:
    round_ = round_file(tmp_path, omitted=["BTC-PERP"])
    content = json.loads(round_.read_text())
    round_.write_text(json.dumps(content | {"funding": {"BTC-PERP": "1"}}))
    result = sign(run, record, passphrase, round_)
    assert (result.code, "no price for BTC-PERP" in result.error["message"]) == (3, True)


def test_now_takes_the_place_of_the_time_in_the_file(run: Run, record: Path, passphrase: Path, tmp_path: Path) -> None:
    earliest = int(time.time())
    assert sign(run, record, passphrase, round_file(tmp_path), "--now").code == 0
    assert earliest <= ReportFile.load(tmp_path / "report.json").report.timestamp <= time.time()


def test_a_wrong_passphrase_is_told_without_it(run: Run, record: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.touch(0o600)
    wrong.write_text("incorrect horse\n")
    result = sign(run, record, wrong, round_file(tmp_path))
    assert (result.code, "wrong passphrase" in result.error["message"]) == (3, True)
    assert "incorrect" not in result.stdout + result.stderr
    assert not (tmp_path / "report.json").exists()


def test_sign_overwrites_nothing(run: Run, record: Path, passphrase: Path, tmp_path: Path) -> None:
    round_, key = round_file(tmp_path), tmp_path / "guardian.age"
    key.write_text("the only copy")
    for target in (key, round_, keystore_of(REPORTER, tmp_path), record, passphrase):
        before = target.read_bytes()
        result = sign(run, record, passphrase, round_, "--out", target)
        assert (result.code, "exists already" in result.error["message"]) == (3, True)
        assert target.read_bytes() == before


def test_sign_refuses_a_round_of_another_book(run: Run, record: Path, passphrase: Path, tmp_path: Path) -> None:
    round_ = round_file(tmp_path)
    round_.write_text(round_.read_text().replace(BOOK, "perps-13"))
    result = sign(run, record, passphrase, round_)
    assert (result.code, "perps-13" in result.error["message"]) == (3, True)


@pytest.fixture
def report_content(run: Run, record: Path, passphrase: Path, tmp_path: Path) -> dict[str, Any]:
    assert sign(run, record, passphrase, round_file(tmp_path)).code == 0
    content: dict[str, Any] = json.loads((tmp_path / "report.json").read_text())
    return content


MALFORMED: list[tuple[str, object]] = [
    ("format", "zksolvency/report/1"),
    ("chain_id", 0),
    ("chain_id", "5"),
    ("rounds", "0x12"),
    ("reporter", "me"),
    ("priced_slots", 1),
    ("priced_slots", ["0"]),
    ("priced_slots", [-1]),
    ("priced_slots", [58]),
    ("priced_slots", [2, 1]),
    ("priced_slots", [3, 3]),
    ("timestamp", -1),
    ("timestamp", 1 << 64),
    ("prices", "97000"),
    ("prices", [97000]),
    ("prices", ["-1"]),
    ("prices", ["1.5"]),
    ("funding", ["01"]),
    ("funding", ["-0"]),
    ("signature", "0x"),
    ("signature", "0x123"),
    ("signature", "zz"),
    ("extra", 1),
]


@pytest.mark.parametrize(("field", "value"), MALFORMED)
def test_a_malformed_report_is_refused(
    run: Run, report_content: dict[str, Any], tmp_path: Path, field: str, value: object
) -> None:
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(report_content | {field: value}))
    result = run("oracle", "post", path, "--json")
    assert (result.code, field in result.error["message"]) == (3, True), result


def test_a_report_without_a_field_is_refused(run: Run, report_content: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    for field in report_content:
        path.write_text(json.dumps({name: value for name, value in report_content.items() if name != field}))
        result = run("oracle", "post", path, "--json")
        assert (result.code, field in result.error["message"]) == (3, True), result


# ---------------------------------------------------------------------------------------------- on a node


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BookStage]:
    with book_stage(tmp_path_factory.mktemp("book"), first_round=False) as made:
        yield made


def saved(
    stage: BookStage, folder: Path, *, count: int = 2, timestamp: int | None = None, **prices: str | None
) -> list[Path]:
    """Reports as files; `BTC_PERP=None` leaves a price out."""
    return save(stage, folder, stage.reports(count=count, timestamp=timestamp, **prices))


def save(stage: BookStage, folder: Path, reports: Sequence[Report]) -> list[Path]:
    chain, rounds = stage.book.contracts.chain, stage.book.contracts.rounds.contract.address
    paths = [folder / f"report-{number}.json" for number in range(len(reports))]
    for path, report in zip(paths, reports, strict=True):
        ReportFile(chain.chain_id, rounds, report).save(path, overwrite=True)
    return paths


def altered(path: Path, **changes: object) -> Path:
    content = json.loads(path.read_text())
    target = path.with_name(f"altered-{path.name}")
    target.write_text(json.dumps(content | changes))
    return target


def reach(stage: BookStage, timestamp: int) -> None:
    """Mine a block at the time of reports, which a node may judge them by."""
    stage.node.move_clock(max(timestamp, stage.book.contracts.chain.timestamp() + 1))


@full
def test_from_prices_to_a_round_by_three_reporters(
    run: Run, stage: BookStage, passphrase: Path, tmp_path: Path
) -> None:
    """As its users do it: signed now, posted now."""
    following = stage.book.contracts.rounds.latest_id() + 1
    reports = []
    for number, reporter in enumerate(stage.reporters):
        reports.append(tmp_path / f"report-{number}.json")
        arguments = ["--keystore", keystore_of(reporter, tmp_path), "--passphrase-file", passphrase, "--now"]
        round_ = round_file(tmp_path, BTC_PERP=str(97_100 + number))
        signed = run(
            "oracle", "sign", "--round", round_, *arguments, "--deployment", stage.record, "--out", reports[-1]
        )
        assert signed.code == 0, signed
    posted = run("oracle", "post", *reports, *stage.options, "--json")
    assert posted.code == 0, posted
    assert (posted.json["result"], posted.json["round"], posted.json["reports"]) == ("recorded", following, 3)
    assert (posted.json["stale"], posted.json["discarded_candidate"]) == ([], False)
    assert posted.json["gas"] > 21_000
    assert re.fullmatch("0x[0-9a-f]{64}", posted.json["transaction"])
    assert posted.json["margins"] == posted.json["effective_prices"] == "as the reference has them"
    latest = stage.book.latest_round()
    slot = stage.book.assets.slots["BTC-PERP"]
    assert (latest.id, latest.prices[slot]) == (following, 97_101 * 10**9)
    assert latest.prices[slot] - latest.vectors.effective_prices[slot] == 152_250_000_000


@full
def test_an_idle_chain_takes_reports_that_are_newer_than_its_newest_block(
    run: Run, stage: BookStage, tmp_path: Path
) -> None:
    """It mines when it is told to, so no block would ever come to judge them by."""
    stage.node.request("evm_increaseTime", 5)  # the newest block stays as old as it is
    posted = run("oracle", "post", *saved(stage, tmp_path), *stage.options, "--json")
    assert posted.code == 0, posted
    assert "waiting" not in posted.stderr


@full
def test_what_the_contract_would_refuse_is_refused_before_gas(run: Run, stage: BookStage, tmp_path: Path) -> None:
    stage.post()
    blocks = stage.book.contracts.chain.block_number()
    one, two = saved(stage, tmp_path)
    stranger = Signer.create()

    def refusal(*reports: Path) -> str:
        outcome = run("oracle", "post", *reports, *stage.options, "--json")
        assert outcome.code == 3, outcome
        assert stage.book.contracts.chain.block_number() == blocks
        message: str = outcome.error["message"]
        return message

    assert "2 of 3 reporters make a round" in refusal(one)
    assert "chain 5" in refusal(altered(one, chain_id=5), altered(two, chain_id=5))
    elsewhere = {"rounds": "0x" + "9" * 40}
    assert "not for this book" in refusal(altered(one, **elsewhere), altered(two, **elsewhere))
    assert "no reporter of this book" in refusal(one, altered(two, reporter=stranger.address))
    prices = json.loads(two.read_text())["prices"]
    assert "was it altered" in refusal(one, altered(two, prices=[str(int(prices[0]) + 1), *prices[1:]]))
    assert "was it altered" in refusal(one, altered(two, signature="0x" + "00" * 65))
    assert "13 prices" in refusal(one, altered(two, prices=prices[1:]))
    first, second = stage.reports()
    chain, address = stage.book.contracts.chain.chain_id, stage.book.contracts.rounds.contract.address
    said = {"timestamp": second.timestamp, "prices": second.prices, "funding": second.funding}

    def signed(**changes: Any) -> list[Path]:
        return save(stage, tmp_path, [first, sign_report(stage.reporters[1], chain, address, **said | changes)])

    assert "WBTC that no round can hold" in refusal(*signed(prices=[1 << 64, *second.prices[1:]]))
    assert "1 of 2 reports price WBTC" in refusal(*signed(prices=[None, *second.prices[1:]]))


@full
def test_reports_out_of_their_time_are_refused(run: Run, stage: BookStage, tmp_path: Path) -> None:
    stage.post()

    def refusal(timestamp: int) -> str:
        reports = saved(stage, tmp_path, timestamp=timestamp)
        outcome = run("oracle", "post", *reports, *stage.options, "--json")
        assert outcome.code == 3, outcome
        message: str = outcome.error["message"]
        return message

    newest = stage.book.latest_round().timestamp
    assert "not newer than those of the last set" in refusal(newest)
    now = max(stage.book.contracts.chain.timestamp(), int(time.time()))
    assert "in the future" in refusal(now + 3600)
    now = max(stage.book.contracts.chain.timestamp(), int(time.time())) + 100
    reach(stage, now)
    mixed = [stage.reports(timestamp=now - 20)[0], stage.reports(timestamp=now + 30)[1]]
    outcome = run("oracle", "post", *save(stage, tmp_path, mixed), *stage.options, "--json")
    assert (outcome.code, "will be too old" in outcome.error["message"]) == (3, True), outcome
    stage.node.move_clock(now + 1000)
    assert "sign them again" in refusal(newest + 1)


@full
def test_a_stale_round_is_told_as_such(run: Run, stage: BookStage) -> None:
    stage.post()
    stage.node.move_clock(stage.book.contracts.chain.timestamp() + 901)
    shown = run("book", "show", *stage.options)
    assert "too old for proofs (at most 5 min)" in shown.stdout
    assert "oracle sign --now" in shown.stdout
    stage.post()
    assert "too old" not in run("book", "show", *stage.options).stdout


@full
def test_fractions_that_a_steward_raised_are_told(run: Run, stage: BookStage, tmp_path: Path) -> None:
    risk = stage.book.contracts.risk_parameters
    slot = stage.book.assets.slots["ETH-PERP"]
    steward = risk.contract.read("STEWARD_ROLE")
    risk.contract.send("grantRole", steward, stage.book.contracts.chain.sender)
    risk.tighten(slot, risk.asset(slot)._replace(maintenance_ppm=12_000, initial_ppm=24_000))
    reports = saved(stage, tmp_path)
    stage.node.move_clock(stage.book.contracts.chain.timestamp() + 1)
    posted = run("oracle", "post", *reports, *stage.options, "--json")
    assert posted.code == 0, posted
    assert posted.json["margins"] == "other fractions for ETH-PERP"
    assert "margins of ETH-PERP" in posted.stderr


@full
def test_a_crash_is_held_told_and_confirmed(run: Run, stage: BookStage, tmp_path: Path) -> None:
    """A fall of 30 % from the first report to the round, with the commands of its users."""
    before = stage.post()
    rounds, breaker = stage.book.contracts.rounds, stage.book.contracts.breaker
    reports = saved(stage, tmp_path, BTC_PERP="68000")
    reach(stage, stage.book.contracts.chain.timestamp() + 1)
    held = run("oracle", "post", *reports, *stage.options, "--json")
    assert held.code == 1, held
    candidate = rounds.candidate()
    assert candidate is not None
    assert (held.json["result"], held.json["round"], held.json["far"]) == ("held", None, ["BTC-PERP"])
    assert held.json["post_again_after"] == candidate.held_at + 60
    assert held.json["waits_until"] == candidate.held_at + 900
    assert "BTC-PERP moves from 97,150.5 to 68,000 USD, by more than 647.605233 USD (0.6666 %)" in held.stderr
    assert f"sign and post again after {format_clock(candidate.held_at + 60)}" in held.stderr
    assert (rounds.latest_id(), breaker.level()) == (before, Level.NO_WITHDRAWALS)

    view = run("book", "show", *stage.options, "--json").json
    assert view["breaker"] == {
        "level": 3,
        "stops": "no new flags, no withdrawals, no new risk, no takeovers, no pay-outs",
        "raised_level": 0,
        "tripped_until": candidate.held_at + 900,
        "active_time": view["breaker"]["active_time"],
    }
    assert view["candidate"]["confirmable_at"] == candidate.held_at + 60
    (moved,) = view["candidate"]["assets"]
    assert moved == {"symbol": "BTC-PERP", "reference_price": "97150.5", "price": "68000"}
    shown = run("book", "show", *stage.options).stdout
    assert "level 3, no new flags, no withdrawals" in shown
    assert "candidate" in shown
    assert "BTC-PERP 68000 USD" in shown
    assert "CandidateHeld" in shown
    resumed = run("book", "resume", *stage.options, "--json")
    assert "transaction" not in resumed.json
    assert "no guardian has raised the level" in resumed.stderr

    reports = saved(stage, tmp_path, BTC_PERP="68100")
    reach(stage, stage.book.contracts.chain.timestamp() + 1)
    young = run("oracle", "post", *reports, *stage.options, "--json")
    assert (young.code, young.error["kind"]) == (3, "input")
    assert f"sign and post again after {format_clock(candidate.held_at + 60)}" in young.error["message"]

    stage.node.move_clock(candidate.held_at + 60)
    reports = saved(stage, tmp_path, BTC_PERP="68100")
    reach(stage, stage.book.contracts.chain.timestamp() + 1)
    confirmed = run("oracle", "post", *reports, *stage.options, "--json")
    assert confirmed.code == 0, confirmed
    assert (confirmed.json["result"], confirmed.json["round"]) == ("confirmed", before + 1)
    assert breaker.level() is Level.OPEN
    assert run("book", "show", *stage.options, "--json").json["candidate"] is None


@full
def test_a_wrong_price_is_discarded_by_the_next_set(run: Run, stage: BookStage, tmp_path: Path) -> None:
    before = stage.post()
    reports = saved(stage, tmp_path, BTC_PERP="971505")
    reach(stage, stage.book.contracts.chain.timestamp() + 1)
    assert run("oracle", "post", *reports, *stage.options).code == 1
    reports = saved(stage, tmp_path)
    reach(stage, stage.book.contracts.chain.timestamp() + 1)
    posted = run("oracle", "post", *reports, *stage.options, "--json")
    assert (posted.code, posted.json["round"], posted.json["discarded_candidate"]) == (0, before + 1, True)
    assert stage.book.contracts.breaker.level() is Level.OPEN


@full
def test_stale_slots_are_told_with_their_reasons(run: Run, stage: BookStage, tmp_path: Path) -> None:
    stage.post()
    reports = saved(stage, tmp_path, SOL=None, DOGE_PERP="11")
    reach(stage, stage.book.contracts.chain.timestamp() + 1)
    posted = run("oracle", "post", *reports, *stage.options, "--json")
    assert posted.code == 0, posted
    assert posted.json["stale"] == ["SOL", "DOGE-PERP"]
    assert "SOL: 2 of 2 reports leave it out" in posted.stderr
    assert "DOGE-PERP: its price of 11 USD is outside 0.01 to 10 USD" in posted.stderr
    assert run("book", "show", *stage.options, "--json").json["round"]["stale"] == ["SOL", "DOGE-PERP"]
    assert re.search(r"DOGE-PERP +stale", run("book", "show", *stage.options).stdout)
    stage.post()


@full
def test_a_held_set_is_told_whatever_the_node_shows_of_it(
    run: Run, stage: BookStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind one URL may stand several nodes, and one of them lags."""
    stage.post()
    reports = saved(stage, tmp_path, BTC_PERP="140000")
    reach(stage, stage.book.contracts.chain.timestamp() + 1)
    monkeypatch.setattr(RoundsClient, "candidate", lambda _: None)
    held = run("oracle", "post", *reports, *stage.options, "--json")
    assert (held.code, held.json["far"]) == (1, ["BTC-PERP"]), held
    assert "sign and post again after" in held.stderr
    monkeypatch.undo()
    stage.post()


@full
def test_only_governance_resumes(run: Run, stage: BookStage, tmp_path: Path) -> None:
    stranger = Signer.create()
    stage.node.request("anvil_setBalance", stranger.address, hex(10**18))
    options = [*stage.options, "--keystore", keystore_of(stranger, tmp_path), "--json"]
    stage.book.contracts.breaker.make_guardian(stage.book.contracts.chain.sender)
    stage.book.contracts.breaker.raise_to(Level.NO_WITHDRAWALS)
    refused = run("book", "resume", *options, stdin=f"{PASSPHRASE}\n")
    assert refused.code == 6
    assert "AccessControlUnauthorizedAccount" in refused.stdout
    resumed = run("book", "resume", *stage.options, "--json").json
    assert (resumed["level_before"], resumed["level"]) == (3, 0)


@full
def test_a_dead_node_is_a_chain_error(run: Run, stage: BookStage, tmp_path: Path) -> None:
    reports = saved(stage, tmp_path)
    outcome = run("oracle", "post", *reports, "--rpc", "http://127.0.0.1:1", "--deployment", stage.record, "--json")
    assert (outcome.code, outcome.error["kind"]) == (6, "chain")
