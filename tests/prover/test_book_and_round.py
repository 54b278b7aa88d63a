"""Books and rounds: the committed ones load, and every rule of theirs is enforced."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from prover import AssetList, PriceRound
from verifier import InputError

ROOT = Path(__file__).parents[2]
BOOKS = sorted((ROOT / "books").glob("*.json"))

BOOK_FAULTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "duplicate symbol": lambda f: f["assets"].append(f["assets"][0]) or f["assets"].pop(1),
    "unknown size": lambda f: f.update(n=14),
    "no assets": lambda f: f.update(assets=[]),
    "too many assets": lambda f: f["assets"].append({**f["assets"][0], "symbol": "MORE"}),
    "maintenance above initial": lambda f: f["assets"][0].update(maintenance_margin_ppm=999_999),
    "fraction above one": lambda f: f["assets"][0].update(initial_margin_ppm=1_000_001),
    "fraction as float": lambda f: f["assets"][0].update(initial_margin_ppm=0.15),
    "unknown kind": lambda f: f["assets"][0].update(kind="future"),
    "symbol QUOTE": lambda f: f["assets"][0].update(symbol="QUOTE"),
    "symbol in lower case": lambda f: f["assets"][0].update(symbol="btc"),
    "unknown name": lambda f: f.update(owner="me"),
}

ROUND_FAULTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "missing price": lambda f: f["prices"].pop("WBTC"),
    "unknown asset": lambda f: f["prices"].update(GOLD="1"),
    "price as number": lambda f: f["prices"].update(WBTC=97000.1),
    "negative price": lambda f: f["prices"].update(WBTC="-1"),
    "price of 2^64": lambda f: f["prices"].update(WBTC="18446744073.709551616"),
    "ten digits after the point": lambda f: f["prices"].update(WBTC="0.0000000001"),
    "effective price out of range": lambda f: f["funding"].update({"BTC-PERP": "18447000000"}),
    "funding of an unknown asset": lambda f: f["funding"].update(GOLD="1"),
    "another book": lambda f: f.update(book="multi-28"),
    "id of zero": lambda f: f.update(id=0),
    "timestamp as string": lambda f: f.update(timestamp="1"),
}

DIGESTS = {
    "majors-13": "3c3a286017808e486a10860a435bd6ef35777f708e988de1b07aaea6f3df6660",
    "multi-28": "5bf84bc4950761572b5350fd8028b7008f8352b2fac7ae8698a8c4e97b53ceff",
    "perps-13": "215c1c53fc3caf8ea9f2af5da1fa9d4212969bea20ee1758660a7873d867915f",
}
"""Proofs and deployments refer to them."""


@pytest.mark.parametrize("path", BOOKS, ids=lambda p: p.stem)
def test_committed_books_are_full_and_named_as_their_file(path: Path) -> None:
    book = AssetList.load(path)
    assert book.name == path.stem
    assert len(book.assets) == book.n


@pytest.mark.parametrize("path", BOOKS, ids=lambda p: p.stem)
def test_digests_of_committed_books_stay(path: Path) -> None:
    assert AssetList.load(path).digest() == DIGESTS[path.stem]


@pytest.mark.parametrize("fault", BOOK_FAULTS)
def test_refuses_a_faulty_book(fault: str, tmp_path: Path) -> None:
    content = json.loads(BOOKS[-1].read_text())
    BOOK_FAULTS[fault](content)
    path = tmp_path / "book.json"
    path.write_text(json.dumps(content))
    with pytest.raises(InputError):
        AssetList.load(path)


@pytest.mark.parametrize("fault", ROUND_FAULTS)
def test_refuses_a_faulty_round(fault: str, book: AssetList, tmp_path: Path) -> None:
    content = json.loads((ROOT / "examples" / "round-1.json").read_text())
    ROUND_FAULTS[fault](content)
    path = tmp_path / "round.json"
    path.write_text(json.dumps(content))
    with pytest.raises(InputError):
        PriceRound.load(path, book)


def test_a_price_given_twice_is_refused(book: AssetList, tmp_path: Path) -> None:
    text = (ROOT / "examples" / "round-1.json").read_text().replace('"WETH":', '"WBTC":')
    path = tmp_path / "round.json"
    path.write_text(text)
    with pytest.raises(InputError, match="twice"):
        PriceRound.load(path, book)


def test_round_file_round_trip(round_1: PriceRound, book: AssetList, tmp_path: Path) -> None:
    path = tmp_path / "round.json"
    path.write_text(json.dumps(round_1.to_json()))
    assert PriceRound.load(path, book) == round_1


def test_vectors_are_derived_from_prices_and_fractions(round_1: PriceRound, book: AssetList) -> None:
    slot = book.slots["BTC-PERP"]
    vectors = round_1.vectors
    assert vectors.effective_prices[slot] == 97_150_500_000_000 - 152_250_000_000
    assert vectors.maintenance_per_unit[slot] == 2_428_762_500_000  # 2.5 % of 97150.5
    assert vectors.initial_per_unit[slot] == 2 * vectors.maintenance_per_unit[slot]


def test_digests_tell_books_and_rounds_apart(book: AssetList, round_1: PriceRound) -> None:
    looser = replace(book.assets[0], maintenance_margin_ppm=book.assets[0].maintenance_margin_ppm - 1)
    books = [book, replace(book, name="x"), replace(book, assets=(looser, *book.assets[1:]))]
    assert len({b.digest() for b in books}) == 3
    rounds = [round_1, replace(round_1, id=9), replace(round_1, timestamp=9), replace(round_1, book=books[2])]
    rounds.append(replace(round_1, prices=(round_1.prices[0] + 1, *round_1.prices[1:])))
    rounds.append(replace(round_1, funding=(1, *round_1.funding[1:])))
    assert len({r.digest() for r in rounds}) == 6
