"""Books and rounds: the committed ones load, and every rule of theirs is enforced."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from prover import AssetList, PriceRound
from verifier import MARGIN_KINDS, InputError, VectorKind

ROOT = Path(__file__).parents[3]
BOOKS = sorted((ROOT / "books").glob("*.json"))

BOOK_FAULTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "duplicate symbol": lambda f: f["assets"].append(f["assets"][0]) or f["assets"].pop(1),
    "unknown size": lambda f: f.update(n=14),
    "no assets": lambda f: f.update(assets=[]),
    "too many assets": lambda f: f["assets"].append({**f["assets"][0], "symbol": "MORE"}),
    "maintenance above initial": lambda f: f["assets"][0].update(maintenance_margin_ppm=999_999),
    "fraction above one": lambda f: f["assets"][0].update(initial_margin_ppm=1_000_001),
    "no maintenance margin": lambda f: f["assets"][0].update(maintenance_margin_ppm=0),
    "lambdas alike": lambda f: f.update(lambda_initial_ppm=100_000),
    "lambda that a scale of 10 makes more than one": lambda f: f.update(lambda_maintenance_ppm=100_001),
    "option without terms": lambda f: f["assets"][10].pop("option"),
    "terms without an option": lambda f: f["assets"][0].update(option=f["assets"][10]["option"]),
    "underlying unknown": lambda f: f["assets"][10]["option"].update(underlying="GOLD"),
    "underlying an option": lambda f: f["assets"][10]["option"].update(underlying="ETH-26MAR27-3000-P"),
    "option on itself": lambda f: f["assets"][10]["option"].update(underlying="BTC-26MAR27-80000-P"),
    "negative strike": lambda f: f["assets"][10]["option"].update(strike="-1"),
    "strike of 2^64": lambda f: f["assets"][10]["option"].update(strike="18446744073.709551616"),
    "short side below the long one": lambda f: f["assets"][10]["option"].update(short_initial_margin_ppm=499_999),
    "short maintenance below the long one": lambda f: f["assets"][10]["option"].update(
        short_maintenance_margin_ppm=299_999
    ),
    "short maintenance above initial": lambda f: f["assets"][10]["option"].update(short_maintenance_margin_ppm=500_001),
    "no margin of the underlying": lambda f: f["assets"][10]["option"].update(underlying_maintenance_margin_ppm=0),
    "underlying maintenance above initial": lambda f: f["assets"][10]["option"].update(
        underlying_maintenance_margin_ppm=150_001
    ),
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
    "majors-13": "14ab01407b189b94f0c3ff75360edbba4ff7eaf7e8e8c930c6da929ab709fea4",
    "multi-28": "1417824bd039abd27b2f3cf3234c6c06620c222b6e908b5eebac2f41fc75ecb2",
    "perps-13": "5bc9587d8998fccea3fe42027f7042662b17e6decc3225824f07cca40b8c0a4f",
}
"""Proofs and deployments refer to them."""

OTHER_TERMS: dict[str, Any] = {
    "underlying": "WBTC",
    "strike": 1,
    "short_initial_ppm": 500_001,
    "short_maintenance_ppm": 300_001,
    "underlying_initial_ppm": 150_001,
    "underlying_maintenance_ppm": 100_001,
}
"""Each differs from that of the put in the book."""


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
    assert BOOKS[-1].stem == "perps-13"
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
    assert vectors.maintenance.long[slot] == 2_428_762_500_000  # 2.5 % of 97150.5
    assert vectors.initial.long[slot] == 2 * vectors.maintenance.long[slot]
    assert vectors.maintenance.short_extra[slot] == vectors.initial.short_extra[slot] == 0


def test_a_stale_round_says_so_in_its_file_and_its_digest(round_1: PriceRound, book: AssetList, tmp_path: Path) -> None:
    stale = replace(round_1, stale=1 << 12 | 1)
    path = tmp_path / "round.json"
    path.write_text(json.dumps(stale.to_json()))
    assert PriceRound.load(path, book) == stale
    assert len({round_.digest() for round_ in (round_1, stale, replace(round_1, stale=1))}) == 3
    spot = next(slot for slot, asset in enumerate(book.assets) if not asset.may_be_short)
    stale = replace(round_1, stale=1 << spot)
    assert stale.vectors.initial.long[spot] == stale.vectors.overdraft.long[spot] == stale.prices[spot]
    assert stale.vectors.maintenance == round_1.vectors.maintenance


def test_takeovers_sell_live_slots_and_for_an_overdraft_spot_alone(round_1: PriceRound) -> None:
    """Slots 0 to 2 hold spot; slots 1 and 4 are stale."""
    stale = replace(round_1, stale=0b10010)
    maintenance, overdraft = (stale.release(kind) for kind in MARGIN_KINDS)
    assert (maintenance.sellable, overdraft.sellable) == ((1 << 13) - 1 - 0b10010, 0b101)
    assert (maintenance.margins, overdraft.margins) == (stale.vectors.maintenance, stale.vectors.overdraft)
    assert (maintenance.limits.floor_rate, overdraft.limits.floor_rate) == (1_000, 50)
    own = replace(maintenance.limits, floor_rate=7)
    assert round_1.release(VectorKind.MAINTENANCE, own).limits == own
    with pytest.raises(InputError, match="initial margin"):
        round_1.release(VectorKind.INITIAL)


@pytest.mark.parametrize("stale", [-1, 1 << 13])
def test_only_an_asset_can_be_stale(round_1: PriceRound, stale: int) -> None:
    with pytest.raises(InputError, match="without an asset is stale"):
        replace(round_1, stale=stale)


def test_digests_tell_books_and_rounds_apart(book: AssetList, round_1: PriceRound) -> None:
    looser = replace(book.assets[0], maintenance_margin_ppm=book.assets[0].maintenance_margin_ppm - 1)
    put = book.assets[10]
    assert put.option is not None
    puts = [replace(put, option=replace(put.option, **{name: value})) for name, value in OTHER_TERMS.items()]
    books = [book, replace(book, name="x"), replace(book, assets=(looser, *book.assets[1:]))]
    books += [replace(book, assets=(*book.assets[:10], other, *book.assets[11:])) for other in puts]
    books += [replace(book, lambdas_ppm=(50_000, 99_999)), replace(book, lambdas_ppm=(50_001, 100_000))]
    assert len({b.digest() for b in books}) == 5 + len(OTHER_TERMS)
    rounds = [round_1, replace(round_1, id=9), replace(round_1, timestamp=9), replace(round_1, book=books[2])]
    rounds.append(replace(round_1, prices=(round_1.prices[0] + 1, *round_1.prices[1:])))
    rounds.append(replace(round_1, funding=(1, *round_1.funding[1:])))
    assert len({r.digest() for r in rounds}) == 6


def test_a_scale_of_spot_is_in_file_digest_and_vectors(round_1: PriceRound, book: AssetList) -> None:  # ZS-92
    assert "spotScale" not in round_1.to_json()
    scaled = replace(round_1, spot_scale=1_001 * 10**15)
    assert scaled.to_json()["spotScale"] == "1.001"
    assert PriceRound.from_json(scaled.to_json(), book) == scaled
    assert scaled.digest() != round_1.digest()
    for slot, (price, effective) in enumerate(zip(round_1.prices, round_1.vectors.effective_prices, strict=True)):
        expected = price * 1_001 // 1_000 if book.spot >> slot & 1 else effective
        assert scaled.vectors.effective_prices[slot] == expected


@pytest.mark.parametrize("scale", [0, 10**18 - 1, 10**19 + 1])
def test_spot_is_scaled_by_one_to_ten(round_1: PriceRound, scale: int) -> None:
    with pytest.raises(InputError, match="the scale of spot is not from 1 to 10"):
        replace(round_1, spot_scale=scale)
    assert replace(round_1, spot_scale=10**19).spot_scale == 10**19
