"""`zksolvency oracle`: reports signed without a node, rounds posted on a real one."""

import json
import re
import stat
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cli.book_stage import BOOK, PRICES, BookStage, book_stage
from cli.harness import Outcome, Run, assert_hidden
from eth_account import Account as Signer
from eth_account.signers.local import LocalAccount

from prover import PriceRound
from prover._report_file import ReportFile
from prover.cli._files import load_book
from prover.cli._oracle_post import load_reports
from prover.cli._oracle_reference import agreed_round, differences, lower_median
from verifier import ChainError, InputError
from verifier.chain import Contract, Event, Level, OnchainRound, is_signed_by_its_reporter

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
    """A book on a chain that nobody runs: signing needs none."""
    addresses = dict.fromkeys(("risk_parameters", "breaker", "rounds", "margin_book"), ROUNDS)
    content = {"format": "zksolvency/book-deployment/1", "chain_id": 5, "book": BOOK, "first_block": 0, "tokens": {}}
    path = tmp_path / "margin-book.json"
    path.write_text(json.dumps(content | addresses | {"book_digest": load_book(BOOK).digest()}))
    return path


def keystore_of(signer: LocalAccount, folder: Path) -> Path:
    """A keystore that takes no second to open."""
    path = folder / f"{signer.address}.json"
    if not path.exists():
        path.write_text(json.dumps(signer.encrypt(PASSPHRASE, kdf="pbkdf2", iterations=2)))
    return path


def round_file(folder: Path, *, id_: int = 1, timestamp: int = 1_763_800_000, **prices: str) -> Path:
    """A price round as its writer hands it to reporters; `BTC_PERP="100000"` changes BTC-PERP."""
    changed = {**PRICES, **{symbol.replace("_", "-"): price for symbol, price in prices.items()}}
    funding = {"BTC-PERP": "152.25", "SOL-PERP": "-0.31"}
    content = {"book": BOOK, "id": id_, "timestamp": timestamp, "prices": changed, "funding": funding}
    path = folder / f"round-{id_}.json"
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
    assert (file.chain_id, file.rounds) == (5, ROUNDS)
    assert (file.report.reporter, file.report.round_id) == (REPORTER.address, 1)
    assert (file.report.prices, file.report.funding) == (prices.prices, prices.funding)
    assert file.report.timestamp == prices.timestamp
    assert is_signed_by_its_reporter(file.report, 5, ROUNDS)
    assert not is_signed_by_its_reporter(file.report, 6, ROUNDS)
    assert not is_signed_by_its_reporter(file.report, 5, "0x" + "1" * 40)


def test_now_and_id_take_the_place_of_what_the_file_says(
    run: Run, record: Path, passphrase: Path, tmp_path: Path
) -> None:
    earliest = int(time.time())
    assert sign(run, record, passphrase, round_file(tmp_path), "--now", "--id", 7).code == 0
    report = ReportFile.load(tmp_path / "report.json").report
    assert earliest <= report.timestamp <= time.time()
    assert report.round_id == 7


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
    ("format", "zksolvency/report/2"),
    ("chain_id", 0),
    ("chain_id", "5"),
    ("rounds", "0x12"),
    ("reporter", "me"),
    ("round", 0),
    ("round", 1 << 64),
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


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("chain_id", 6, "another chain or contract"),
        ("rounds", "0x" + "1" * 40, "another chain or contract"),
        ("round", 2, "for round 2"),
        ("timestamp", 1, "the same reporter"),
    ],
)
def test_reports_that_make_no_round_together_are_refused(
    report_content: dict[str, Any], tmp_path: Path, field: str, value: object, words: str
) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    first.write_text(json.dumps(report_content))
    second.write_text(json.dumps(report_content | {field: value}))
    with pytest.raises(InputError, match=words):
        load_reports([first, second])
    with pytest.raises(InputError, match="named twice"):
        load_reports([first, first])


def test_the_median_is_the_lower_one_of_two() -> None:
    """As ReportTable.isLowerMedian of the contracts."""
    assert [lower_median(values) for values in ([3], [9, 3], [5, 1, 9], [4, 3, 2, 1])] == [3, 3, 5, 2]


def test_the_reference_finds_each_difference(report_content: dict[str, Any], tmp_path: Path) -> None:
    report = ReportFile.load(tmp_path / "report.json").report
    agreed = agreed_round(load_book(BOOK), [report])
    vectors = agreed.vectors
    right = OnchainRound(1, report.timestamp, report.prices, vectors)
    assert differences(right, agreed) == ([], [])

    def plus_one(values: tuple[int, ...]) -> tuple[int, ...]:
        return (values[0], values[1] + 1, *values[2:])

    assert differences(right._replace(prices=plus_one(right.prices)), agreed) == (["WETH"], [])
    for name, difference in (
        ("effective_prices", (["WETH"], [])),
        ("maintenance_per_unit", ([], ["WETH"])),
        ("initial_per_unit", ([], ["WETH"])),
    ):
        other = replace(vectors, **{name: plus_one(getattr(vectors, name))})
        assert differences(right._replace(vectors=other), agreed) == difference


# ---------------------------------------------------------------------------------------------- on a node


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BookStage]:
    with book_stage(tmp_path_factory.mktemp("book"), first_round=False) as made:
        yield made


def saved(stage: BookStage, folder: Path, *, count: int = 2, timestamp: int | None = None, **prices: str) -> list[Path]:
    """Reports for the next round, as files."""
    chain, rounds = stage.book.contracts.chain, stage.book.contracts.rounds.contract.address
    paths = []
    for number, report in enumerate(stage.reports(count=count, timestamp=timestamp, **prices)):
        paths.append(folder / f"report-{number}.json")
        ReportFile(chain.chain_id, rounds, report).save(paths[-1], overwrite=True)
    return paths


def altered(path: Path, **changes: object) -> Path:
    content = json.loads(path.read_text())
    target = path.with_name(f"altered-{path.name}")
    target.write_text(json.dumps(content | changes))
    return target


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
        price = str(97_100 + number)
        round_ = round_file(tmp_path, id_=following, BTC_PERP=price)
        signed = run(
            "oracle", "sign", "--round", round_, *arguments, "--deployment", stage.record, "--out", reports[-1]
        )
        assert signed.code == 0, signed
    posted = run("oracle", "post", *reports, *stage.options, "--json")
    assert posted.code == 0, posted
    assert (posted.json["round"], posted.json["reports"]) == (following, 3)
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
    assert "the chain's next round is" in refusal(altered(one, round=77), altered(two, round=77))
    assert "no reporter of this book" in refusal(one, altered(two, reporter=stranger.address))
    prices = json.loads(two.read_text())["prices"]
    assert "was it altered" in refusal(one, altered(two, prices=[str(int(prices[0]) + 1), *prices[1:]]))
    assert "was it altered" in refusal(one, altered(two, signature="0x" + "00" * 65))
    assert "13 prices" in refusal(one, altered(two, prices=prices[1:]))
    assert "WBTC" in refusal(one, altered(two, prices=["0", *prices[1:]]))
    assert "WBTC" in refusal(one, altered(two, prices=[str(1 << 64), *prices[1:]]))


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
    assert "not newer than those of the last round" in refusal(newest)
    now = max(stage.book.contracts.chain.timestamp(), int(time.time()))
    assert "in the future" in refusal(now + 3600)
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
    risk.tighten(slot, maintenance_ppm=12_000, initial_ppm=24_000)
    reports = saved(stage, tmp_path)
    stage.node.move_clock(stage.book.contracts.chain.timestamp() + 1)
    posted = run("oracle", "post", *reports, *stage.options, "--json")
    assert posted.code == 0, posted
    assert posted.json["margins"] == "other fractions for ETH-PERP"
    assert "margins of ETH-PERP" in posted.stderr


@full
@pytest.mark.parametrize("lag", ["no logs", "logs of the attempt before", "no answer"])
def test_a_tripped_breaker_is_told_whatever_the_node_shows_of_it(
    run: Run, stage: BookStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lag: str
) -> None:
    """Behind one URL may stand several nodes, and one of them lags."""
    stage.post()
    old = stage.reports(BTC_PERP="130000")
    stage.node.move_clock(old[0].timestamp)
    with pytest.raises(ChainError, match="not recorded"):
        stage.book.contracts.rounds.post(old)
    before = stage.book.contracts.rounds.contract.logs("DeviationRefused", roundId=old[0].round_id)
    reports = saved(stage, tmp_path, BTC_PERP="140000")
    stage.node.move_clock(stage.book.contracts.chain.timestamp() + 1)

    def logs(*_: object, **__: object) -> list[Event]:
        if lag == "no answer":
            raise ChainError("the node does not answer")
        return before if lag == "logs of the attempt before" else []

    monkeypatch.setattr(Contract, "logs", logs)
    tripped = run("oracle", "post", *reports, *stage.options, "--json")
    assert (tripped.code, tripped.error["kind"]) == (6, "chain"), tripped
    message = tripped.error["message"]
    assert "slot 3 moves further than its limit" in message
    assert "130,000" not in message
    assert "zksolvency oracle allow" in message
    assert "zksolvency book resume" in message
    stage.book.contracts.breaker.lower_to(Level.OPEN)


@full
def test_a_price_that_moves_too_far_trips_the_breaker_and_says_what_to_do(
    run: Run, stage: BookStage, tmp_path: Path
) -> None:
    before = stage.post()
    reports = saved(stage, tmp_path, BTC_PERP="140000")
    stage.node.move_clock(stage.book.contracts.chain.timestamp() + 1)
    tripped = run("oracle", "post", *reports, *stage.options, "--json")
    assert (tripped.code, tripped.error["kind"]) == (6, "chain")
    message = tripped.error["message"]
    assert "BTC-PERP moves from 97,150.5 to 140,000 USD, further than 20 % a round" in message
    assert "zksolvency oracle allow" in message
    assert "zksolvency book resume" in message
    assert stage.book.contracts.rounds.latest_id() == before
    breaker = stage.book.contracts.breaker
    assert breaker.level() is Level.NO_WITHDRAWALS
    shown = run("book", "show", *stage.options).stdout
    assert "level 3, no withdrawals" in shown
    assert "DeviationRefused" in shown

    allowed = run("oracle", "allow", "--asset", "BTC-PERP", "--percent", "50", *stage.options, "--json").json
    assert (allowed["round"], allowed["percent"]) == (before + 1, "50")
    reports = saved(stage, tmp_path, BTC_PERP="140000")
    stage.node.move_clock(stage.book.contracts.chain.timestamp() + 1)
    assert run("oracle", "post", *reports, *stage.options, "--json").json["round"] == before + 1
    resumed = run("book", "resume", *stage.options, "--json").json
    assert (resumed["level_before"], resumed["level"]) == (3, 0)
    assert "level 0" in run("book", "show", *stage.options).stdout
    again = run("book", "resume", *stage.options, "--json")
    assert "transaction" not in again.json
    assert "nothing is stopped" in again.stderr


@full
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--asset", "BTC", "--percent", "5"], "has no asset"),
        (["--asset", "BTC-PERP", "--percent", "0"], "above 0"),
        (["--asset", "BTC-PERP", "--percent", "429496.7296"], "at most 429496.7295"),
        (["--asset", "BTC-PERP", "--percent", "0.00001"], "--percent"),
    ],
)
def test_a_move_that_cannot_be_allowed_is_refused(run: Run, stage: BookStage, options: list[str], words: str) -> None:
    outcome = run("oracle", "allow", *options, *stage.options, "--json")
    assert (outcome.code, outcome.error["kind"]) == (3, "input")
    assert words in outcome.error["message"]


@full
def test_only_governance_allows_moves_and_resumes(run: Run, stage: BookStage, tmp_path: Path) -> None:
    stranger = Signer.create()
    stage.node.request("anvil_setBalance", stranger.address, hex(10**18))
    options = [*stage.options, "--keystore", keystore_of(stranger, tmp_path), "--json"]
    refused = run("oracle", "allow", "--asset", "BTC-PERP", "--percent", "5", *options, stdin=f"{PASSPHRASE}\n")
    assert refused.code == 6
    assert "OwnableUnauthorizedAccount" in refused.stdout
    stage.book.contracts.breaker.make_guardian(stage.book.contracts.chain.sender)
    stage.book.contracts.breaker.raise_to(Level.NO_WITHDRAWALS)
    refused = run("book", "resume", *options, stdin=f"{PASSPHRASE}\n")
    assert refused.code == 6
    assert "AccessControlUnauthorizedAccount" in refused.stdout
    stage.book.contracts.breaker.lower_to(Level.OPEN)


@full
def test_a_dead_node_is_a_chain_error(run: Run, stage: BookStage, tmp_path: Path) -> None:
    reports = saved(stage, tmp_path)
    outcome = run("oracle", "post", *reports, "--rpc", "http://127.0.0.1:1", "--deployment", stage.record, "--json")
    assert (outcome.code, outcome.error["kind"]) == (6, "chain")
