"""`round`: what a proof takes from a round, and every reason why a round file is no good."""

import json
from pathlib import Path
from typing import Any

import pytest
from cli.harness import ROUND_1, Run

from prover import PriceRound


def test_show_tells_the_vectors_exactly(run: Run, round_1: PriceRound) -> None:
    shown = run("round", "show", ROUND_1, "--json").json
    assert (shown["id"], shown["timestamp"], shown["digest"]) == (1, 1763800000, round_1.digest())
    btc = next(asset for asset in shown["assets"] if asset["symbol"] == "BTC-PERP")
    assert btc == {
        "symbol": "BTC-PERP",
        "price": "97150.5",
        "funding": "152.25",
        "effective_price": "96998.25",
        "maintenance_margin": "2428.7625",
        "initial_margin": "4857.525",
        "maintenance_margin_short": "2428.7625",
        "initial_margin_short": "4857.525",
    }
    assert len(shown["assets"]) == len(round_1.book.assets)


def test_show_fits_80_columns(run: Run) -> None:
    result = run("round", "show", ROUND_1)
    assert result.code == 0
    assert "96,998.25" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_check_accepts_the_example(run: Run, round_1: PriceRound) -> None:
    assert run("round", "check", ROUND_1, "--json").json == {
        "valid": True,
        "id": 1,
        "timestamp": 1763800000,
        "digest": round_1.digest(),
        "book": {"name": "perps-13", "digest": round_1.book.digest()},
    }
    assert "valid" in run("round", "check", ROUND_1).stdout


def set_price(content: Any, value: object) -> None:
    content["prices"]["WBTC"] = value


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda c: c["prices"].pop("WBTC"), "no price for WBTC"),
        (lambda c: c["prices"].update(GOLD="1"), "no asset 'GOLD'"),
        (lambda c: set_price(c, 97000.1), "prices.WBTC"),
        (lambda c: set_price(c, "9.7e4"), "expected a decimal string"),
        (lambda c: set_price(c, "-1"), "price outside"),
        (lambda c: set_price(c, "0.0000000001"), "at most 9 digits"),
        (lambda c: set_price(c, str(1 << 64)), "price outside"),
        (lambda c: c.update(id=0), "id"),
        (lambda c: c.update(id="1"), "id"),
        (lambda c: c.update(book="multi-28"), "no price for"),
        (lambda c: c.update(book="nonsense"), "no book is called"),
        (lambda c: c.update(book="../books/perps-13"), "no book is called"),
        (lambda c: c.update(book=str(ROUND_1.parent.parent / "books" / "perps-13.json")), "no book is called"),
        (lambda c: c.update(book=7), "names no book"),
        (lambda c: c.update(note="x"), "note"),
        (lambda c: c.update(format="zksolvency/round/2"), "format"),
    ],
)
def test_check_names_what_is_wrong(run: Run, tmp_path: Path, change: Any, complaint: str) -> None:
    content = json.loads(ROUND_1.read_text())
    change(content)
    path = tmp_path / "round.json"
    path.write_text(json.dumps(content))
    result = run("round", "check", path, "--json")
    assert (result.code, result.error["kind"]) == (3, "input")
    assert complaint in result.error["message"]


def test_a_symbol_that_is_listed_twice_is_refused(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "round.json"
    path.write_text(ROUND_1.read_text().replace('"WBTC": "97000"', '"WBTC": "97000", "WBTC": "1"'))
    assert "twice" in run("round", "check", path, "--json").error["message"]


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b" " * (5 << 20)])
def test_what_is_no_round_file_is_refused(run: Run, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "round.json"
    path.write_bytes(content)
    assert run("round", "check", path, "--json").error["kind"] == "input"


def test_a_missing_file_is_bad_input(run: Run, tmp_path: Path) -> None:
    result = run("round", "check", tmp_path / "missing.json")
    assert result.code == 3
    assert "No such file" in result.stderr
