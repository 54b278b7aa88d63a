"""The guides on files are right: what they show is read, and prints what they say."""

import json
import re
import shlex
from pathlib import Path

import pytest
from cli.harness import ROOT, ROUND_1, invoke
from snippets import program_commands, run_python

from prover import AssetList
from prover.account import Columns, Seed, Wallet
from prover.market import SymbolMap, load_listings
from prover.toolchain import load_book

POSITIONS = ROOT / "docs" / "guides" / "positions.md"
WALLETS = ROOT / "docs" / "guides" / "wallets.md"
RISK = ROOT / "docs" / "guides" / "risk-parameters.md"
EXPIRY = ROOT / "docs" / "guides" / "expiry.md"
WIND_DOWN = ROOT / "docs" / "guides" / "wind-down.md"
TIERS = ROOT / "tests" / "vectors" / "binance-tiers.json"


def blocks(page: Path) -> list[str]:
    """What is indented by four, without the indent."""
    found = re.findall(r"(?:^    .*\n(?:\n(?=    ))?)+", page.read_text(), re.MULTILINE)
    return [re.sub(r"^    ", "", block, flags=re.MULTILINE) for block in found]


def block(page: Path, start: str) -> str:
    """The part of a block that begins so, up to an empty line."""
    (found,) = (text for text in blocks(page) if text.startswith(start))
    return found.partition("\n\n")[0] + "\n"


def test_the_positions_of_the_guide_are_read_and_shown_as_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its two commands, with the file of positions that it shows."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "round.json").symlink_to(ROUND_1)
    template, importing = program_commands(POSITIONS.read_text())
    assert template[-2:] == [">", "positions.csv"]
    assert invoke(*template[:-2]).code == 0
    Path("positions.csv").write_text(block(POSITIONS, "symbol,amount,entry"))
    assert invoke("account", "new", "--out", "account.json").code == 0
    result = invoke(*importing, stdin="y\n")
    assert result.code == 0
    (shown,) = (text for text in blocks(POSITIONS) if text.startswith("asset"))
    assert shown in result.stderr


def test_the_mapping_file_and_the_symbol_map_of_the_guide_are_read(book: AssetList, tmp_path: Path) -> None:
    texts = [text for text in blocks(POSITIONS) if text.startswith("{")]
    assert [json.loads(text)["format"] for text in texts] == ["zksolvency/columns/1", "zksolvency/symbols/1"]
    mapping, symbols = tmp_path / "mapping.json", tmp_path / "symbols.json"
    mapping.write_text(texts[0])
    symbols.write_text(texts[1].replace("my-book", book.name))
    assert Columns.load(mapping, book).symbols == {"BTC/USD perpetual": "BTC-PERP", "Balance": "CASH"}
    assert SymbolMap.load(symbols, book).of("csv") == {"XBT": "BTC-PERP"}


def test_the_python_of_the_guide_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "books").symlink_to(ROOT / "books")
    (tmp_path / "round.json").symlink_to(ROUND_1)
    (tmp_path / "answer.json").symlink_to(ROOT / "tests" / "vectors" / "exchanges" / "hyperliquid.json")
    assert invoke("account", "new", "--out", "account.json").code == 0
    run_python(POSITIONS, 1)
    assert capsys.readouterr().out == f"{520005 * 10**17}\n"


@pytest.mark.full
def test_the_readme_works_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its commands, and then its Python."""
    monkeypatch.chdir(tmp_path)
    for folder in ("books", "examples"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    (text,) = (text for text in blocks(ROOT / "README.md") if "account new" in text)
    commands = [shlex.split(line) for line in text.splitlines() if line.startswith("zksolvency ")]
    assert len(commands) == 5
    for words in commands:
        done = invoke(*words[1:])
        assert done.code == 0, (words, done)
    made = run_python(ROOT / "README.md", 1)
    assert made["envelope"].claim().commitment == made["account"].commitment()


def test_the_instruments_of_the_guide_make_a_book(tmp_path: Path) -> None:
    instruments, out = tmp_path / "instruments.csv", tmp_path / "my-book.json"
    instruments.write_text(block(RISK, "symbol,kind,price"))
    words = ["book", "new", "--instruments", instruments, "--tiers", TIERS, "--size", 5_000_000, "--out", out]
    assert invoke(*words).code == 0
    assert [asset.symbol for asset in AssetList.load(out).assets][2] == "GOLD-PERP"
    assert invoke("book", "assets", out).code == 0


@pytest.mark.parametrize("name", ["binance", "hyperliquid", "deribit"])
def test_every_exchange_is_in_the_guide_with_its_source(name: str) -> None:
    text = POSITIONS.read_text()
    assert f"| `{name}` |" in text
    assert f"- {name.capitalize()}: [" in text.partition("## Where the fields are from")[2]


def test_a_wallet_shows_its_seed_as_the_guide_does(tmp_path: Path) -> None:
    path, passphrase = tmp_path / "wallet.age", tmp_path / "passphrase"
    passphrase.touch(0o600)
    passphrase.write_text("correct horse battery\n")
    options = ["--wallet", path, "--passphrase-file", passphrase]
    (shown,) = (text for text in blocks(WALLETS) if "wallet show --secrets" in text)
    (seed,) = re.findall("zksseed1[a-z2-7]*", shown)
    Wallet(seed=Seed.from_text(seed)).save(path, "correct horse battery")
    outcome = invoke("wallet", "show", "--secrets", *options)
    printed = f"{outcome.stderr}{outcome.stdout}".replace(str(path), "~/.local/share/zksolvency/wallet.age")
    assert shown.endswith(printed.partition("note: opening the wallet\n")[2])


@pytest.mark.parametrize("page", [EXPIRY, WIND_DOWN], ids=lambda page: page.stem)
def test_the_commands_of_the_guides_on_expiry_are_those_of_the_program(page: Path) -> None:
    """`tests/cli/test_expiry.py` and `tests/prover/onchain/test_expiry.py` run them on a node."""
    commands = re.findall(r"^    \$ zksolvency (.*)$", page.read_text(), re.MULTILINE)
    assert len(commands) > 5
    for command in commands:
        outcome = invoke(*shlex.split(command), "--help")
        assert outcome.code == 0, (command, outcome)
    named = re.findall(r"`((?:account|book|guardian|oracle) [a-z-]+)(?: --?[a-z-]+)*`", page.read_text())
    for command in set(named):
        assert invoke(*command.split(), "--help").code == 0, command


def test_the_calendar_of_the_guide_is_read(tmp_path: Path) -> None:
    (text,) = re.findall(r"```json\n(.*?)```", EXPIRY.read_text(), re.DOTALL)
    path = tmp_path / "listings.json"
    path.write_text(text)
    (asset,) = load_listings(path, load_book("majors-13"))
    assert (asset.symbol, asset.expires_at) == ("BTC-01JAN27-80000-P", 1_798_790_400)
