"""`round new` and `round signals`: rounds from prices, and the public signals that they determine."""

import json
import time
from pathlib import Path

import pytest
from cli.harness import ROOT, ROUND_1, Run

from prover import AssetList, PriceRound
from verifier import MARGIN_KINDS, STATEMENTS, MarginClaim, VectorKind


@pytest.fixture
def prices(tmp_path: Path, round_1: PriceRound) -> Path:
    content = json.loads(ROUND_1.read_text())
    rows = [f'{symbol},"{price}",{content["funding"].get(symbol, "")}' for symbol, price in content["prices"].items()]
    path = tmp_path / "prices.csv"
    path.write_text("\n".join(["symbol,price,funding", *reversed(rows), ""]))
    return path


def test_a_round_is_made_of_prices(run: Run, tmp_path: Path, prices: Path, round_1: PriceRound) -> None:
    out = tmp_path / "r.json"
    words = ["round", "new", "--prices", prices, "--id", 1, "--out", out]
    result = run(*words, "--timestamp", round_1.timestamp, "--json")
    assert result.code == 0
    assert PriceRound.load(out, round_1.book) == round_1
    assert result.json["digest"] == round_1.digest()
    assert "exists already" in run(*words).stderr


def test_a_round_is_of_now_unless_its_time_is_given(run: Run, tmp_path: Path, prices: Path) -> None:
    before = int(time.time())
    made = run("round", "new", "--prices", prices, "--id", 1, "--out", tmp_path / "r.json", "--json").json
    assert before <= made["timestamp"] <= int(time.time())


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "line 1: expected the header symbol,price"),
        ("symbol,cost\nWBTC,1\n", "line 1: expected the header symbol,price"),
        ("symbol,price\nWBTC,1\n", "no price for WETH, SOL"),
        ("symbol,price\nWBT,1\n", "line 2: the book perps-13 has no such symbol; the nearest is WBTC"),
        ("symbol,price\nWBTC,1\nwbtc,2\n", "line 3: a second price for WBTC"),
        ("symbol,price\nWBTC\n", "line 2: expected 2 cells"),
        ("symbol,price\nWBTC,\n", "line 2, price: expected a number"),
        ("symbol,price\nWBTC,0.0000000001\n", "at most 9 digits"),
        ("symbol,price\nWBTC,-1\n", "price outside 0 to 2^64"),
    ],
)
def test_a_round_with_a_gap_is_refused(run: Run, tmp_path: Path, text: str, complaint: str) -> None:
    out = tmp_path / "r.json"
    result = run("round", "new", "--prices", "-", "--id", 1, "--out", out, stdin=text)
    assert (result.code, complaint in result.stderr, out.exists()) == (3, True, False), result


def test_signals_are_those_of_a_claim_after_its_own(run: Run, round_1: PriceRound) -> None:
    shown = run("round", "signals", ROUND_1, "--json").json
    whole = MarginClaim(5, healthy=True, recipient=0).signals(round_1.vectors)
    assert [item["value"] for item in shown["signals"]] == [str(value) for value in whole[shown["first"] :]]
    assert shown["signals"][3] == {"name": "effectivePrice", "symbol": "BTC-PERP", "value": "96998250000000"}


def test_signals_of_an_update_are_those_that_its_verifier_takes(run: Run, round_1: PriceRound) -> None:
    shown = run("round", "signals", ROUND_1, "--statement", "update", "--json").json
    row = STATEMENTS["update"]
    expected = row.arrange_round(round_1.risk().values(), 13)
    assert [int(item["value"]) for item in shown["signals"]] == list(expected)
    assert shown["first"] == row.proof_inputs(13)


@pytest.mark.parametrize("kind", MARGIN_KINDS)
def test_signals_of_a_release_are_those_of_its_kind(run: Run, round_1: PriceRound, kind: VectorKind) -> None:
    words = ["round", "signals", ROUND_1, "--kind", kind, "--json"]
    n = round_1.book.n
    margins = STATEMENTS["margin"].arrange_round(round_1.vectors.margin_values(kind), n)
    assert [int(item["value"]) for item in run(*words).json["signals"]] == list(margins)
    shown = run(*words, "--statement", "release").json
    assert [int(item["value"]) for item in shown["signals"]] == list(
        STATEMENTS["release"].arrange_round(round_1.release(kind).values(), n)
    )
    assert shown["first"] == 13
    assert run(*words, "--statement", "update").error["kind"] == "input"


def test_signals_of_empty_slots_are_named_too(run: Run, tmp_path: Path) -> None:
    content = json.loads((ROOT / "books" / "perps-13.json").read_text()) | {"name": "small"}
    content["assets"] = content["assets"][:4]
    book, round_ = tmp_path / "small.json", tmp_path / "r.json"
    book.write_text(json.dumps(content))
    prices = {asset.symbol: "5" for asset in AssetList.load(book).assets}
    round_.write_text(
        json.dumps({"format": "zksolvency/round/1", "book": "small", "id": 1, "timestamp": 0, "prices": prices})
    )
    shown = run("round", "signals", round_, "--book", book, "--json").json["signals"]
    assert [item["symbol"] for item in shown[3:5]] == ["BTC-PERP", None]
    assert run("round", "signals", round_, "--book", book).code == 0
