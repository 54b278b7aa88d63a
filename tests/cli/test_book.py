"""`zksolvency book` on real nodes, and what it refuses before it needs one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli.account_stage import PASSPHRASE, write_quick_wallet
from cli.book_stage import BOOK, PRICES, BookStage, book_stage
from cli.harness import Run
from eth_account import Account as Signer
from snippets import GUIDES, program_commands

from prover import Point
from prover.account import GuardianKey, Seed, Wallet, point_to_text
from prover.onchain import DeploymentKind, DeploymentRecord, book_artifacts, owner_artifacts
from prover.toolchain import Anvil, load_book

full = pytest.mark.full

POINT = point_to_text(GuardianKey(987654321).point)
REPORTERS = [f"0x{number:040x}" for number in (0xA1, 0xB2, 0xC3)]
RECORD: dict[str, Any] = {
    "format": "zksolvency/deployment/4",
    "kind": "gate",
    "chain_id": 31337,
    "book": BOOK,
    "book_digest": load_book(BOOK).digest(),
    "first_block": 3,
    "contracts": dict.fromkeys(("rounds", "verifier", "gate"), "0x" + "1" * 40),
    "tokens": {},
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BookStage]:
    with book_stage(tmp_path_factory.mktemp("book")) as made:
        yield made


def write(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path


# ---------------------------------------------------------------------------------------------- before any node


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--guardian", "1,2"], 2, "--guardian"),
        (["--guardian", "12"], 2, "X,Y"),
        (["--guardian", POINT], 3, "name each guardian once"),
        (["--reporter", REPORTERS[0]], 3, "name each reporter once"),
        (["--reporter", "0x" + "0" * 40], 3, "zero address"),
        ([word for number in range(1, 14) for word in ("--reporter", f"0x{number:040x}")], 3, "at most 15"),
        (["--threshold", "1"], 3, "from 2 to 3 make a round"),
        (["--threshold", "4"], 3, "from 2 to 3 make a round"),
        (["--max-report-age", "61"], 2, "--max-report-age"),
        (["--max-report-age", "60", "--stale-after", "60"], 3, "below --stale-after"),
        (["--max-report-age", "60", "--max-proof-age", "60"], 3, "below --max-proof-age"),
        (["--min-interval", "0"], 2, "--min-interval"),
        (["--min-interval", "3600"], 3, "below --stale-after"),
        (["--resume-grace", "86401"], 2, "--resume-grace"),
        (["--change-delay", "60"], 2, "--change-delay"),
        (["--fixed-rates", "10,0.5,5"], 3, "goes with --engine"),
        (["--engine", "--fixed-rates", "10,0.5"], 2, "three rates"),
        (["--engine", "--fixed-rates", "10,0.5,x"], 2, "--fixed-rates"),
        (["--engine", "--fixed-rates", "10,0.505,5"], 2, "--fixed-rates"),
        (["--engine", "--fixed-rates", "80.01,0.5,5"], 3, "maintenance margin is from 0 to 8000"),
        (["--engine", "--fixed-rates", "80,10.01,5"], 3, "overdraft is from 0 to 1000"),
        (["--engine", "--fixed-rates", "10,0.5,10.01"], 3, "uncovered one is at most"),
        (["--token", "USD"], 2, "SYMBOL=ADDRESS"),
        (["--token", "USD=0x12"], 2, "40 hex digits"),
        (["--token", f"BTC-PERP={REPORTERS[0]}"], 3, "a derivative has no token"),
        (["--token", f"GOLD={REPORTERS[0]}"], 3, "no asset 'GOLD'"),
        (["--book", "perps-13"], 3, "limits"),
        (["--book", "nothing"], 3, "no book is called"),
        (["--rpc", "http://127.0.0.1:1"], 3, "--deployment"),
        (["--deployment", "/nowhere/at/all.json"], 3, "no folder"),
    ],
)
def test_deploy_refuses_what_cannot_be_before_it_builds_anything(
    run: Run, options: list[str], code: int, words: str
) -> None:
    given = [word for reporter in REPORTERS for word in ("--reporter", reporter)]
    result = run("book", "deploy", "--guardian", POINT, *given, *options, "--json")
    assert result.code == code, result
    assert words in result.error["message"]


def test_deploy_does_not_overwrite_a_record(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "margin-book.json", RECORD)
    options = ["--guardian", POINT, "--reporter", REPORTERS[0], "--rpc", "http://127.0.0.1:1"]
    result = run("book", "deploy", *options, "--deployment", path, "--json")
    assert (result.code, "exists already" in result.error["message"]) == (3, True)
    assert json.loads(path.read_text()) == RECORD


def test_the_record_of_a_gate_is_not_taken_for_one_of_a_margin_book(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "record.json", RECORD)
    result = run("book", "show", "--rpc", "http://127.0.0.1:1", "--deployment", path, "--json")
    assert (result.code, "this is the record of a gate, expected a margin book" in result.error["message"]) == (3, True)


# ---------------------------------------------------------------------------------------------- on nodes


@full
def test_the_local_chain_keeps_a_book(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each command restarts the node."""
    monkeypatch.setattr("prover.toolchain._local_node.cache_dir", lambda: tmp_path)
    missing = run("book", "show", "--json")
    assert (missing.code, "book deploy" in missing.error["message"]) == (3, True)
    given = [word for reporter in REPORTERS for word in ("--reporter", reporter)]
    deployed = run("book", "deploy", "--guardian", POINT, *given, "--json")
    assert deployed.code == 0, deployed
    assert deployed.json["deployment"] == str(tmp_path / "local-chain" / "margin-book.json")
    assert set(deployed.json["tokens"]) == {"WBTC", "WETH", "SOL", "USD"}

    shown = run("book", "show", "--json").json
    assert shown["contracts"]["book"] == deployed.json["margin_book"]
    assert shown["reporters"]["threshold"] == 3
    assert [int(address, 16) for address in shown["reporters"]["addresses"]] == [0xA1, 0xB2, 0xC3]
    assert shown["guardians"] == [POINT]
    assert (shown["round"], shown["accounts"], shown["gate"]) == (None, 0, None)
    assert "oracle post" in run("book", "show").stdout

    funded = run("book", "faucet", "--asset", "USD", "--amount", "12.5", "--to", REPORTERS[0], "--json").json
    assert (funded["balance"], int(funded["to"], 16)) == ("12.5", 0xA1)
    assert funded["gas"] > 21_000
    again = run("book", "faucet", "--asset", "USD", "--amount", "0.000001", "--to", REPORTERS[0], "--json").json
    assert again["balance"] == "12.500001"


@full
def test_the_commands_of_the_guide_open_accounts_under_two_guardians(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """docs/guides/guardians.md, on the local chain."""
    monkeypatch.setattr("prover.toolchain._local_node.cache_dir", lambda: tmp_path)
    phrase, wallet = tmp_path / "passphrase", tmp_path / "wallet.age"
    phrase.touch(0o600)
    phrase.write_text(PASSPHRASE + "\n")
    write_quick_wallet(wallet, Wallet(seed=Seed.generate()))
    points = [point_to_text(GuardianKey.generate().point) for _ in range(2)]
    names = {"X1,Y1": points[0], "X2,Y2": points[1], "ADDRESS": REPORTERS[0]}
    secrets: list[object] = ["--wallet", wallet, "--passphrase-file", phrase]
    for command in program_commands((GUIDES / "guardians.md").read_text()):
        words = [names.get(word, word) for word in command]
        done = run(*words, *(secrets if words[0] == "account" else []))
        assert done.code == 0, (words, done)
    opened = Wallet.load(wallet, PASSPHRASE).accounts
    assert [(account.name, point_to_text(account.keys.guardian)) for account in opened] == [
        ("trading", points[0]),
        ("hedges", points[1]),
    ]
    assert run("book", "show", "--json").json["accounts"] == 2


@full
def test_reporter_and_guardian_work_on_the_local_chain(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Which runs only while a command does: it wakes up with a newest block of long ago."""
    monkeypatch.setattr("prover.toolchain._local_node.cache_dir", lambda: tmp_path)
    phrase, guardian, report = tmp_path / "passphrase", tmp_path / "guardian.age", tmp_path / "report.json"
    phrase.touch(0o600)
    phrase.write_text(PASSPHRASE + "\n")
    write_quick_wallet(guardian, GuardianKey(987654321))
    reporter = Signer.create()
    keystore = write(tmp_path / "reporter.json", reporter.encrypt(PASSPHRASE, kdf="pbkdf2", iterations=2))
    prices = {"format": "zksolvency/round/1", "book": BOOK, "id": 1, "timestamp": 0, "prices": dict(PRICES)}
    round_ = write(tmp_path / "round.json", prices | {"funding": {}})

    def ok(*words: object) -> Any:
        outcome = run(*words, "--json")
        assert outcome.code == 0, outcome
        return outcome.json

    ok("book", "deploy", "--guardian", POINT, "--reporter", reporter.address)
    ok(
        "oracle",
        "sign",
        "--round",
        round_,
        "--now",
        "--keystore",
        keystore,
        "--passphrase-file",
        phrase,
        "--out",
        report,
    )
    assert ok("oracle", "post", report)["round"] == 1
    watched = ok("guardian", "watch", "--once", "--guardian-key", guardian, "--passphrase-file", phrase)
    assert (watched["event"], watched["round"], watched["accounts"]) == ("start", 1, 0)
    assert ok("guardian", "show", "--guardian-key", guardian, "--passphrase-file", phrase)["round"]["usable"] is True


@full
def test_show_is_what_the_chain_says(run: Run, stage: BookStage) -> None:
    shown = run("book", "show", *stage.options, "--json").json
    latest = stage.book.latest_round()
    assert (shown["round"]["id"], shown["round"]["timestamp"]) == (latest.id, latest.timestamp)
    assert shown["round"]["usable"] is True
    bitcoin = next(asset for asset in shown["round"]["assets"] if asset["symbol"] == "BTC-PERP")
    assert bitcoin["price"] == "97150.5"
    assert bitcoin["maintenance_margin"] == "971.505"
    assert shown["breaker"]["level"] == 0
    assert shown["guardians"] == [stage.guardian_text]
    assert [event["event"] for event in shown["events"]][-1] in {"RoundPosted", "RoundPrepared"}


@full
def test_show_fits_80_columns(run: Run, stage: BookStage) -> None:
    shown = run("book", "show", *stage.options)
    assert shown.code == 0
    tables = shown.stdout.partition("\n\n")[2]
    assert max(len(line.rstrip()) for line in tables.splitlines()) <= 80
    assert "BTC-26MAR27-120000-C" in tables


@full
def test_a_round_is_prepared_once(run: Run, stage: BookStage) -> None:
    first = run("book", "prepare-round", *stage.options, "--json").json
    assert (first["prepared"], first["round"]) == ("now", stage.book.latest_round().id)
    assert stage.book.contracts.book.is_prepared(first["round"])
    assert run("book", "prepare-round", *stage.options, "--json").json["prepared"] == "before"


@full
@pytest.mark.parametrize(
    ("asset", "amount", "code", "words"),
    [
        ("BTC-PERP", "1", 6, "derivative"),
        ("GOLD", "1", 3, "no asset 'GOLD'"),
        ("USD", "0", 3, "above 0"),
        ("USD", "-1", 3, "above 0"),
        ("USD", "0.0000001", 3, "at most 6 digits"),
    ],
)
def test_the_faucet_refuses(run: Run, stage: BookStage, asset: str, amount: str, code: int, words: str) -> None:
    result = run("book", "faucet", "--asset", asset, "--amount", amount, *stage.options, "--json")
    assert (result.code, words in result.error["message"]) == (code, True), result


@full
def test_a_dead_node_another_chain_and_a_new_chain_are_told_apart(run: Run, stage: BookStage, tmp_path: Path) -> None:
    dead = run("book", "show", "--rpc", "http://127.0.0.1:1", "--deployment", stage.record, "--json")
    assert (dead.code, dead.error["kind"]) == (6, "chain")
    content = json.loads(stage.record.read_text())
    other = write(tmp_path / "other.json", content | {"chain_id": 5})
    wrong = run("book", "show", "--rpc", stage.node.url, "--deployment", other, "--json")
    assert (wrong.code, "on chain 5" in wrong.error["message"]) == (3, True)
    with Anvil() as fresh:
        again = run("book", "show", "--rpc", fresh.url, "--deployment", stage.record, "--json")
    assert (again.code, "was it reset" in again.error["message"]) == (3, True)


@full
def test_on_a_public_chain_every_token_must_be_named_and_exist(run: Run, tmp_path: Path) -> None:
    with Anvil() as node:
        node.request("anvil_setChainId", 5)
        options = ["--guardian", POINT, "--reporter", REPORTERS[0], "--rpc", node.url, "--yes"]
        record = tmp_path / "record.json"
        nothing = run("book", "deploy", *options, "--deployment", record, "--json")
        assert (nothing.code, "--token WBTC=ADDRESS" in nothing.error["message"]) == (3, True), nothing
        tokens = [w for symbol in ("WBTC", "WETH", "SOL", "USD") for w in ("--token", f"{symbol}={REPORTERS[1]}")]
        absent = run("book", "deploy", *options, *tokens, "--deployment", record, "--json")
        assert (absent.code, "there is no contract" in absent.error["message"]) == (3, True), absent
        assert int(node.request("eth_blockNumber"), 16) == 0  # nothing was paid for
    assert not record.exists()


@full
def test_keys_of_a_ceremony_take_the_place_of_development_keys(run: Run, stage: BookStage, tmp_path: Path) -> None:
    """A folder a statement, as `ceremony export` writes them; that of `update` is missing at first."""
    options = ["--guardian", POINT, "--reporter", REPORTERS[0], "--rpc", stage.node.url, "--keys", tmp_path / "keys"]
    folders = {f"{name}-13": item.zkey.parent for name, item in owner_artifacts(13).items()}
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "open-13").symlink_to(folders["open-13"])
    missing = run("book", "deploy", *options, "--deployment", tmp_path / "record.json", "--json")
    assert (missing.code, "update-13" in missing.error["message"]) == (3, True), missing
    for name in folders.keys() - {"open-13"}:
        (tmp_path / "keys" / name).symlink_to(folders[name])
    ungated = run("book", "deploy", *options, "--gate", "--deployment", tmp_path / "record.json", "--json")
    assert (ungated.code, "margin-13" in ungated.error["message"]) == (3, True), ungated
    (tmp_path / "keys" / "margin-13").symlink_to(book_artifacts(["margin"], 13)["margin"].zkey.parent)
    terms = ["--cure-window", "45", "--opening-bond", "5wei"]
    deployed = run("book", "deploy", *options, "--gate", *terms, "--deployment", tmp_path / "record.json", "--json")
    assert deployed.code == 0, deployed
    record = DeploymentRecord.load(tmp_path / "record.json", DeploymentKind.BOOK)
    assert record.contracts["book"] == deployed.json["margin_book"]
    contracts = record.open_book(stage.book.contracts.chain).contracts
    assert contracts.book_gate(deployed.json["gate"]).book() == record.contracts["book"]
    assert (contracts.book.cure_window(), contracts.book.vault.opening_bond()) == (45, 5)


def test_a_cure_window_as_long_as_withdrawals_wait_is_refused(run: Run, tmp_path: Path) -> None:
    options = ["--guardian", POINT, "--reporter", REPORTERS[0], "--deployment", tmp_path / "record.json"]
    refused = run("book", "deploy", *options, "--cure-window", "90", "--withdrawal-delay", "90", "--json")
    assert (refused.code, "--cure-window: must be below --withdrawal-delay" in refused.error["message"]) == (3, True)


@full
def test_a_token_of_other_decimals_is_refused(run: Run, stage: BookStage, tmp_path: Path) -> None:
    tokens = json.loads(stage.record.read_text())["tokens"]
    options = ["--guardian", POINT, "--reporter", REPORTERS[0], "--rpc", stage.node.url]
    swapped = ["--token", f"WBTC={tokens['WETH']}"]
    result = run("book", "deploy", *options, *swapped, "--deployment", tmp_path / "record.json", "--json")
    assert (result.code, "18 decimals" in result.error["message"]) == (3, True), result


def test_points_of_small_order_are_no_guardians(run: Run) -> None:
    """The identity: its "secret" is public."""
    result = run("book", "deploy", "--guardian", f"{Point(0, 1).x},1", "--reporter", REPORTERS[0], "--json")
    assert (result.code, "--guardian" in result.error["message"]) == (2, True)
