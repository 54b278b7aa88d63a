"""Assets that expire: in books, in calendars of listings, in rounds, and in the rules of prices."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from prover import AssetList, PriceRound
from prover.market import (
    PriceRules,
    Quote,
    RoundRefusedError,
    SlotRules,
    book_text,
    is_calm,
    load_listings,
)
from prover.market._price_rules import PriceSet
from verifier import InputError

ROOT = Path(__file__).parents[3]
PERP, PUT = 3, 10
FRIDAY = "2026-12-25T08:00:00Z"
SECONDS = 1_798_185_600


@pytest.fixture
def majors() -> AssetList:
    return AssetList.load(ROOT / "books" / "majors-13.json")


def book_file(tmp_path: Path, expires: Mapping[int, str]) -> Path:
    content = json.loads((ROOT / "books" / "majors-13.json").read_text())
    for slot, time in expires.items():
        content["assets"][slot]["expires"] = time
    path = tmp_path / "book.json"
    path.write_text(json.dumps(content))
    return path


def test_an_expiry_is_read_listed_and_no_part_of_the_digest(tmp_path: Path, majors: AssetList) -> None:
    book = AssetList.load(book_file(tmp_path, {PUT: FRIDAY}))
    assert book.assets[PUT].expires_at == SECONDS
    assert (book.listings()[PUT].expires_at, book.listings()[PERP].expires_at) == (SECONDS, 0)
    assert book.digest() == majors.digest()  # governance may set it later
    path = tmp_path / "again.json"
    path.write_text(book_text(book.name, book.n, book.assets, (10_000, 20_000)))
    assert AssetList.load(path) == replace(book, lambdas_ppm=(10_000, 20_000))


@pytest.mark.parametrize(
    ("expires", "words"),
    [
        ({0: FRIDAY}, "is spot, which never expires"),
        ({PUT: "25 December"}, "is no time in UTC"),
        ({PERP: FRIDAY}, "must expire before its underlying BTC-PERP"),
        ({PERP: FRIDAY, PUT: FRIDAY, 11: "2026-12-24T08:00:00Z"}, "BTC-26MAR27-80000-P must expire before"),
    ],
)
def test_what_the_contract_would_refuse_is_refused(tmp_path: Path, expires: Mapping[int, str], words: str) -> None:
    with pytest.raises(InputError, match=words):
        AssetList.load(book_file(tmp_path, expires))


def test_options_that_settle_before_their_underlying_are_listed(tmp_path: Path) -> None:
    before = "2026-12-25T07:59:59Z"
    assert AssetList.load(book_file(tmp_path, {PERP: FRIDAY, PUT: before, 11: before})).listings()


def test_the_assets_of_a_chain_replace_those_of_the_file(majors: AssetList) -> None:
    entries = list(majors.listings())
    other = replace(majors.assets[PUT], symbol="BTC-NEXT-P", expires_at=SECONDS)
    entries[PUT] = majors.entry(other)
    entries[PERP] = entries[PERP]._replace(initial_ppm=30_000)
    present = majors.with_listings(entries)
    assert present.assets[PUT] == replace(other, limits=None)
    assert present.assets[PERP] == replace(majors.assets[PERP], limits=None)  # the file's fractions count
    assert present.slots["BTC-NEXT-P"] == PUT
    entries[PERP] = majors.entry(replace(majors.assets[PERP], symbol="BTC2-PERP"))
    option = majors.with_listings(entries).assets[11].option  # which has settled, when its underlying is replaced
    assert option is not None
    assert option.underlying == "BTC2-PERP"
    assert present.with_listings(entries[:4]).assets[-1].symbol == "BTC2-PERP"


def listings(tmp_path: Path, **changes: Any) -> Path:
    content = json.loads((ROOT / "books" / "majors-13.json").read_text())
    asset = content["assets"][PUT] | {"symbol": "BTC-NEXT-P", "expires": FRIDAY} | changes.pop("asset", {})
    path = tmp_path / "listings.json"
    path.write_text(json.dumps({"format": "zksolvency/listings/1", "book": "majors-13", "assets": [asset], **changes}))
    return path


def test_a_calendar_of_listings_is_data(tmp_path: Path, majors: AssetList) -> None:
    (asset,) = load_listings(listings(tmp_path), majors)
    assert asset == replace(majors.assets[PUT], symbol="BTC-NEXT-P", expires_at=SECONDS)
    assert load_listings(listings(tmp_path), majors.with_listings(majors.listings())) == (asset,)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"book": "perps-13"}, "not 'majors-13'"),
        ({"asset": {"limits": None}}, "without limits"),
        ({"asset": {"kind": "spot", "option": None, "expires": None}}, "needs a token"),
        ({"asset": {"initial_margin_ppm": 1}}, "does not hold"),
        ({"asset": {"expires": "tomorrow"}}, "is no time in UTC"),
        ({"format": "zksolvency/book/1"}, "this is a book, expected a calendar of listings"),
    ],
)
def test_a_calendar_that_could_not_be_listed_is_refused(
    tmp_path: Path, majors: AssetList, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        load_listings(listings(tmp_path, **changes), majors)


def test_a_symbol_is_listed_once(tmp_path: Path, majors: AssetList) -> None:
    content = json.loads(listings(tmp_path).read_text())
    path = tmp_path / "twice.json"
    path.write_text(json.dumps(content | {"assets": content["assets"] * 2}))
    with pytest.raises(InputError, match="a symbol occurs twice"):
        load_listings(path, majors)


# ---------------------------------------------------------------------------------------------------- rounds


def test_slots_that_close_are_in_file_digest_and_risk(round_1: PriceRound) -> None:
    closing = replace(round_1, closing=1 << PERP)
    read = PriceRound.from_json(closing.to_json(), round_1.book)
    assert read == closing
    assert closing.to_json()["closing"] == ["BTC-PERP"]
    stale = replace(round_1, stale=1 << PERP)
    assert len({round_1.digest(), closing.digest(), stale.digest()}) == 3
    assert (closing.risk().reduce_only, closing.vectors) == (1 << PERP, round_1.vectors)
    with pytest.raises(InputError, match="is stale too"):
        replace(round_1, stale=1 << PERP, closing=1 << PERP)


def test_a_settled_slot_has_no_price_and_no_short_side(round_1: PriceRound) -> None:
    prices = tuple(0 if slot == PERP else price for slot, price in enumerate(round_1.prices))
    settled = replace(round_1, prices=prices, stale=1 << PERP)
    assert settled.risk().long_only >> PERP & 1
    assert not replace(settled, prices=round_1.prices).risk().long_only >> PERP & 1


def test_a_round_of_another_epoch_is_not_calm(round_1: PriceRound) -> None:  # ZS-57
    after = round_1.vectors.effective_prices
    assert is_calm(round_1.vectors, after, reduce_only_before=0, reduce_only=0)
    assert not is_calm(round_1.vectors, after, reduce_only_before=0, reduce_only=0, has_settled=True)


def test_a_settled_slot_is_stale_and_forgets_its_price() -> None:
    rules = PriceRules([SlotRules(10_000, 0, 10_000, 10**12)] * 2)
    rules.post(PriceSet(100, {0: Quote(10**9, 0), 1: Quote(10**9, 0)}), 100)
    rules.settled = 0b10
    made = rules.post(PriceSet(200, {0: Quote(10**9, 0), 1: Quote(10**9, 0)}), 200)
    assert (made.prices.stale, set(made.prices.quotes)) == (0b10, {0})
    rules.settled = 0
    made = rules.post(PriceSet(300, {0: Quote(10**9, 0), 1: Quote(9 * 10**10, 0)}), 300)
    assert (made.far, made.prices.quotes[1].price) == (0, 9 * 10**10)  # the first price of an asset has no limit


def test_a_book_that_winds_down_takes_no_prices() -> None:
    rules = PriceRules([SlotRules(10_000, 0, 10_000, 10**12)], is_last=True)
    with pytest.raises(RoundRefusedError, match="BookWindsDown"):
        rules.post(PriceSet(100, {0: Quote(10**9, 0)}), 100)
