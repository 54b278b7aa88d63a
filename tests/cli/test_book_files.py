"""`book new` and `book assets`: books as files."""

from pathlib import Path

import pytest
from cli.harness import ROOT, Run

from prover import AssetList

TIERS = ROOT / "tests" / "vectors" / "binance-tiers.json"
INSTRUMENTS = "symbol,kind,price,tiers,maintenance,initial,decimals\nWBTC,spot,100000,,0.1,0.15,8\n"


@pytest.fixture
def instruments(tmp_path: Path) -> Path:
    path = tmp_path / "i.csv"
    path.write_text(f"{INSTRUMENTS}BTC-PERP,perpetual,100000,BTC/USDT:USDT,,,\n")
    return path


def test_a_book_is_made_of_instruments_and_tiers(run: Run, tmp_path: Path, instruments: Path) -> None:
    out = tmp_path / "my-book.json"
    words = ["book", "new", "--instruments", instruments, "--tiers", TIERS, "--size", 5_000_000, "--out", out]
    result = run(*words, "--json")
    assert result.code == 0
    made = AssetList.load(out)
    assert (made.name, made.n) == ("my-book", 13)
    assert result.json["book"] == {"name": "my-book", "digest": made.digest(), "slots": 13}
    assert [asset["maintenance_margin_ppm"] for asset in result.json["assets"]] == [100_000, 10_000]
    assert "exists already" in run(*words).stderr
    account = tmp_path / "a.json"
    assert run("account", "new", "--book", out, "--out", account).code == 0


@pytest.mark.parametrize(
    ("flags", "out", "complaint"),
    [
        (["--tiers", TIERS], "b.json", "--tiers and --size belong together"),
        (["--size", "5"], "b.json", "--tiers and --size belong together"),
        ([], "My_Book.json", "small letters, digits and hyphens"),
        ([], "b.txt", "small letters, digits and hyphens"),
        (["--slots", "14"], "b.json", "n must be one of 13, 28, 43, 58"),
        (["--tiers", TIERS, "--size", "1000000000000"], "b.json", "no tier holds a position of"),
    ],
)
def test_a_refused_book_is_not_written(
    run: Run, tmp_path: Path, instruments: Path, flags: list[object], out: str, complaint: str
) -> None:
    if "--slots" in flags:
        instruments.write_text(INSTRUMENTS)
    result = run("book", "new", "--instruments", instruments, "--out", tmp_path / out, *flags)
    assert (result.code, complaint in result.stderr) == (3, True), result
    assert not (tmp_path / out).exists()


def test_assets_are_shown_with_what_exchanges_call_them(run: Run) -> None:
    shown = run("book", "assets", "perps-13", "--json").json
    assert shown["assets"][3] == {
        "slot": 3,
        "symbol": "BTC-PERP",
        "kind": "perpetual",
        "maintenance_margin_ppm": 25_000,
        "initial_margin_ppm": 50_000,
        "underlying": None,
        "strike": None,
        "limits": False,
        "names": {"binance": ["BTCUSDT"], "hyperliquid": ["BTC"], "deribit": ["BTC_USDC-PERPETUAL"]},
    }
    assert shown["assets"][10]["underlying"] == "BTC-PERP"
    text = run("book", "assets", "perps-13").stdout
    assert "2.5 %" in text
    assert max(map(len, text.splitlines())) <= 80
    assert "no book is called 'perps-31'" in run("book", "assets", "perps-31").stderr
