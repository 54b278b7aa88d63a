"""`account import` and `account template`: what an exchange shows becomes a state, and only when a person says so."""

import json
import stat
from pathlib import Path

import pytest
from cli.harness import EXAMPLES, ROOT, ROUND_1, Run, assert_hidden

from prover import Account, AssetList
from prover.cli._output import as_hex

POSITIONS = EXAMPLES / "positions.csv"
ANSWERS = ROOT / "tests" / "vectors" / "exchanges"


@pytest.fixture
def empty(run: Run, tmp_path: Path) -> Path:
    path = tmp_path / "empty.json"
    assert run("account", "new", "--out", path).code == 0
    return path


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "p.csv"
    path.write_text(text)
    return path


def test_positions_and_equity_are_shown_and_confirmed(run: Run, book: AssetList, empty: Path) -> None:
    result = run("account", "import", POSITIONS, "--account", empty, "--round", ROUND_1, stdin="y\n")
    assert result.code == 0
    for shown in ("95,820.5", "8,645.00", "32,841.34", "250,346.09", "Does the exchange show the same? [y/N]"):
        assert shown in result.stderr
    assert "commitment has changed" in result.stderr
    account = Account.load(empty, book)
    assert account.positions()["ETH-PERP"] == "-22.75"
    assert as_hex(account.commitment()) in result.stdout
    assert stat.S_IMODE(empty.stat().st_mode) == 0o600


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_without_a_yes_nothing_is_written(run: Run, empty: Path, answer: str) -> None:
    before = empty.read_bytes()
    result = run("account", "import", POSITIONS, "--account", empty, "--round", ROUND_1, stdin=answer)
    assert (result.code, "commitment" in result.stdout, empty.read_bytes()) == (3, False, before)


def test_yes_shows_no_amount(run: Run, empty: Path) -> None:
    result = run("account", "import", POSITIONS, "--account", empty, "--round", ROUND_1, "--yes")
    assert result.code == 0
    assert_hidden({"1.25", "6.5", "95,820", "32,841", "250,346"}, result.stdout, result.stderr)


@pytest.mark.parametrize("flags", [[], ["--yes"]])
def test_a_wallet_balance_as_quote_is_refused(run: Run, tmp_path: Path, empty: Path, flags: list[str]) -> None:
    """The natural file of a newcomer: 6.5 BTC that cost nothing would make the account 40 times healthy."""
    path = write(tmp_path, "symbol,amount\nBTC-PERP,6.5\nQUOTE,10000\n")
    before = empty.read_bytes()
    result = run("account", "import", path, "--account", empty, "--round", ROUND_1, *flags, stdin="y\n")
    assert result.code == 3
    assert "Name the row CASH" in result.stderr
    assert empty.read_bytes() == before


def test_the_state_of_another_program_is_taken_when_it_is_said_to_be_one(
    run: Run, book: AssetList, tmp_path: Path, empty: Path
) -> None:
    path = write(tmp_path, "symbol,amount\nBTC-PERP,6.5\nQUOTE,-621478.25\n")
    assert run("account", "import", path, "--account", empty, "--state", "--yes").code == 0
    assert Account.load(empty, book).state.quote == -62147825 * 10**16
    spot = write(tmp_path, "symbol,amount\nWBTC,1\nQUOTE,5\n")  # nothing to mistake
    assert run("account", "import", spot, "--account", empty, "--yes").code == 0
    cash = run("account", "import", POSITIONS, "--account", empty, "--round", ROUND_1, "--state", "--yes")
    assert "--state: a state of a book has a row QUOTE" in cash.stderr


@pytest.mark.parametrize(
    ("text", "flags", "complaint"),
    [
        ("symbol,amount\nBTC-PERP,6.5\nCASH,10000\n", ["--round", ROUND_1], "no entry price for BTC-PERP"),
        ("symbol,amount,entry\nBTC-PERP,6.5,95000\nCASH,10000,\n", [], "name it with --round"),
        ("symbol,amount\nWBTC,-1\nCASH,0\n", [], "a spot asset cannot be short"),
        ("symbol,amount\nWBTC,1\nCASH,0\n", ["--cash", "p.csv"], "there twice"),
        ("symbol,amount\nWBTC,1\n", [], "no wallet balance, before unrealised profit: name a file"),
        ("symbol,amount\nGOLD,1\n", [], "p.csv, line 2: the book perps-13 has no such symbol"),
    ],
)
def test_nothing_is_guessed(
    run: Run, tmp_path: Path, empty: Path, text: str, flags: list[object], complaint: str
) -> None:
    before = empty.read_bytes()
    result = run("account", "import", write(tmp_path, text), "--account", empty, "--yes", "--json", *flags)
    assert (result.code, result.error["kind"]) == (3, "input")
    assert complaint in result.error["message"]
    assert empty.read_bytes() == before


def test_standard_input_holds_positions_when_nothing_is_asked(run: Run, book: AssetList, empty: Path) -> None:
    words = ["account", "import", "-", "--account", empty, "--round", ROUND_1]
    assert "add --yes" in run(*words, stdin=POSITIONS.read_bytes()).stderr
    assert run(*words, "--yes", stdin=POSITIONS.read_bytes()).code == 0
    assert Account.load(empty, book).positions()["WBTC"] == "1.25"
    bad = run(*words, "--yes", "--json", stdin="symbol,amount\nGOLD,1\n")
    assert "standard input, line 2" in bad.error["message"]


def test_the_wallet_balance_is_asked_for_or_read_from_a_file(
    run: Run, book: AssetList, tmp_path: Path, empty: Path
) -> None:
    words = [
        *("account", "import", ANSWERS / "binance-position-risk.json", "--from", "binance"),
        *("--account", empty, "--round", ROUND_1),
    ]
    asked = run(*words, stdin="10,000\ny\n")
    assert asked.code == 0
    assert "wallet balance, before unrealised profit [USD]:" in asked.stderr
    assert "17,211.75" in asked.stderr  # 10,000 and the profit of both positions
    quote = Account.load(empty, book).state.quote
    cash = tmp_path / "cash.txt"
    cash.write_text("10000.00\n")
    assert run(*words, "--cash", cash, "--yes").code == 0
    assert Account.load(empty, book).state.quote == quote
    assert run(*words, "--cash", "-", "--yes", stdin="10000").code == 0


def test_deribit_takes_the_equity(run: Run, tmp_path: Path, empty: Path) -> None:
    words = [
        *("account", "import", ANSWERS / "deribit.json", "--from", "deribit"),
        *("--account", empty, "--round", ROUND_1),
    ]
    assert "equity [USD]:" in run(*words, stdin="10000\ny\n").stderr
    cash = tmp_path / "cash.txt"
    cash.write_text("10000")
    assert "give --equity instead" in run(*words, "--cash", cash, "--yes").stderr
    assert run(*words, "--equity", cash, "--yes").code == 0


def test_the_equity_that_the_exchange_states_is_shown_beside_ours(run: Run, empty: Path) -> None:
    result = run(
        *("account", "import", ANSWERS / "hyperliquid.json", "--from", "hyperliquid"),
        *("--account", empty, "--round", ROUND_1),
        stdin="y\n",
    )
    lines = {
        line.rsplit(maxsplit=1)[0]: line.rsplit(maxsplit=1)[1]
        for line in result.stderr.splitlines()
        if "equity" in line
    }
    assert lines["equity at round 1"] == lines["equity the file states"] == "52,000.50"


def test_a_mapping_file_and_a_symbol_map_are_named_by_their_paths(
    run: Run, book: AssetList, tmp_path: Path, empty: Path
) -> None:
    mapping, symbols = tmp_path / "columns.json", tmp_path / "symbols.json"
    mapping.write_text(json.dumps({"format": "zksolvency/columns/1", "symbol": "Name", "amount": "Menge"}))
    symbols.write_text(
        json.dumps({"format": "zksolvency/symbols/1", "book": "perps-13", "symbols": {"csv": {"Bitcoin": "WBTC"}}})
    )
    path = write(tmp_path, "Name;Menge\nBitcoin;1,5\nCASH;0\n")
    words = ["account", "import", path, "--from", mapping, "--account", empty, "--yes"]
    assert run(*words).code == 3
    assert run(*words, "--symbols", symbols).code == 0
    assert Account.load(empty, book).positions() == {"WBTC": "1.5"}
    assert run("account", "import", path, "--from", "kraken", "--account", empty, "--yes").code == 2


def test_a_symbol_map_beside_a_book_of_ones_own_is_found(run: Run, tmp_path: Path) -> None:
    own, beside, account = tmp_path / "mine.json", tmp_path / "symbols" / "mine.json", tmp_path / "a.json"
    beside.parent.mkdir()
    book_file, names = ROOT / "books" / "perps-13.json", ROOT / "books" / "symbols" / "perps-13.json"
    for source, target, field in ((book_file, own, "name"), (names, beside, "book")):
        target.write_text(json.dumps(json.loads(source.read_text()) | {field: "mine"}))
    round_ = tmp_path / "round.json"
    round_.write_text(json.dumps(json.loads(ROUND_1.read_text()) | {"book": "mine"}))
    assert run("account", "new", "--book", own, "--out", account).code == 0
    words = ["account", "import", ANSWERS / "hyperliquid.json", "--from", "hyperliquid", "--account", account]
    assert run(*words, "--round", round_, "--book", own, "--yes").code == 0


def test_each_import_makes_a_new_commitment(run: Run, book: AssetList, empty: Path) -> None:
    """Or equal commitments would tell that a state came back."""
    identity, commitments = Account.load(empty, book).keys.identity, set()
    for _ in range(2):
        run("account", "import", POSITIONS, "--account", empty, "--round", ROUND_1, "--yes")
        account = Account.load(empty, book)
        commitments.add(account.commitment())
        assert account.keys.identity == identity
    assert len(commitments) == 2


def test_import_to_another_file_leaves_the_old_state_provable(run: Run, empty: Path, tmp_path: Path) -> None:
    before, out = empty.read_bytes(), tmp_path / "next.json"
    words = ["account", "import", POSITIONS, "--account", empty, "--round", ROUND_1, "--yes", "--out", out]
    assert run(*words).code == 0
    assert empty.read_bytes() == before
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert run(*words).code == 3


@pytest.mark.parametrize("book_name", ["perps-13", "multi-28"])
def test_a_template_is_read_as_an_empty_account(run: Run, tmp_path: Path, book_name: str) -> None:
    account = tmp_path / "a.json"
    run("account", "new", "--book", book_name, "--out", account)
    template = run("account", "template", "--book", book_name)
    result = run("account", "import", "-", "--account", account, "--yes", "--json", stdin=template.stdout)
    assert (result.code, result.json["positions"]) == (0, 0)
    assert template.stdout.splitlines()[0] == "symbol,amount,entry"
    assert "BTC-PERP,0," in template.stdout.splitlines()
