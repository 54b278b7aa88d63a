"""The terms of a trade are exact, or refused without being shown."""

from pathlib import Path

import pytest
from cli.harness import assert_hidden

from prover import AssetList
from prover.trade import Leg, Side, TradeTerms, parse_terms
from verifier import PRICE_BITS, InputError

SIZE = "77.123456789"
PRICE = "64123.987654321"
SECRETS = {SIZE, PRICE, "77.1", "64123"}


@pytest.fixture(scope="module")
def majors() -> AssetList:
    return AssetList.load(Path(__file__).parents[3] / "books" / "majors-13.json")


def read(text: str | bytes, book: AssetList) -> TradeTerms:
    return parse_terms(text if isinstance(text, bytes) else text.encode(), book, "terms.csv")


@pytest.mark.parametrize(
    "text",
    [
        f"side,asset,size,price\nsell,BTC-PERP,{SIZE},{PRICE}\n",
        f"side,asset,size,price\r\nSell,btc-perp,{SIZE},{PRICE}\r\n",
        f'\ufeffside,asset,size,price\n\n"sell", BTC-PERP ,{SIZE},+{PRICE}',
        f"Price,side,size,asset\n{PRICE},sell,{SIZE},BTC-PERP\n",
    ],
    ids=["plain", "windows, other case", "byte order mark, quotes, spaces, empty lines", "columns by name"],
)
def test_terms_are_read_exactly(majors: AssetList, text: str) -> None:
    assert read(text, majors) == TradeTerms(Side.SELL, (Leg(3, 77_123_456_789, 64_123_987_654_321),))
    assert majors.assets[3].symbol == "BTC-PERP"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "expected the header side,asset,size,price"),
        (f"sell,BTC-PERP,{SIZE},{PRICE}\n", "expected the header"),
        (f"side,asset,size\nsell,BTC-PERP,{SIZE}\n", "expected the header"),
        (f"side,asset,size,price,price\nsell,BTC-PERP,{SIZE},{PRICE},1\n", "expected the header"),
        ("side,asset,size,price\n", "found none"),
        (f"side,asset,size,price\nsell,BTC-PERP,{SIZE},{PRICE}\nbuy,btc-perp,1,1\n", "an asset is in two legs"),
        (f"side,asset,size,price\nsell,BTC-PERP,{SIZE}\n", "line 2: expected 4 cells as in the header, found 3"),
        (
            f"side,asset,size,price\nbuy,SOL,1,1\nsell,BTC-PERP,{SIZE},{PRICE},\n",
            "line 3: expected 4 cells as in the header, found 5",
        ),
        (f"side,asset,size,price\n{SIZE},BTC-PERP,sell,{PRICE}\n", "side: expected buy or sell"),
        (f"side,asset,size,price\nsell,{SIZE},BTC-PERP,{PRICE}\n", "asset: the book majors-13 has no such asset"),
        (f"side,asset,size,price\nsell,USD,{SIZE},{PRICE}\n", "asset: the book majors-13 has no such asset"),
        (f"side,asset,size,price\nsell,BTC-PERP,BTC-PERP,{PRICE}\n", "size: expected a decimal string"),
        (f"side,asset,size,price\nsell,BTC-PERP,{SIZE}1,{PRICE}\n", "size: at most 9 digits"),
        (f"side,asset,size,price\nsell,BTC-PERP,-{SIZE},{PRICE}\n", "size: must be above 0"),
        (f"side,asset,size,price\nsell,BTC-PERP,0,{PRICE}\n", "size: must be above 0"),
        (f"side,asset,size,price\nsell,BTC-PERP,{1 << 80},{PRICE}\n", "size: must be above 0 and below"),
        (f"side,asset,size,price\nsell,BTC-PERP,{SIZE},0.000\n", "price: must be above 0"),
        (f"side,asset,size,price\nsell,BTC-PERP,{SIZE},{PRICE}1\n", "price: at most 9 digits"),
        (f"side,asset,size,price\nsell,BTC-PERP,{SIZE},{1 << PRICE_BITS}\n", "price: must be above 0 and below"),
        (f'side,asset,size,price\nsell,BTC-PERP,"{SIZE},{PRICE}\n', "not CSV"),
        (f"side,asset,size,price\nsell,BTC-PERP,{SIZE},{PRICE}\n".encode("utf-16"), "not UTF-8 text"),
    ],
)
def test_anything_else_is_refused_without_being_shown(majors: AssetList, text: str | bytes, complaint: str) -> None:
    with pytest.raises(InputError, match=r"^terms\.csv") as refusal:
        read(text, majors)
    assert complaint in str(refusal.value)
    assert_hidden(SECRETS, str(refusal.value))


@pytest.mark.parametrize("price", ["0.000000001", str((1 << PRICE_BITS) - 1)[:-9] + ".5"])
def test_the_smallest_and_the_highest_price(majors: AssetList, price: str) -> None:
    (leg,) = read(f"side,asset,size,price\nbuy,SOL,0.000000001,{price}\n", majors).legs
    assert (leg.amount, 0 < leg.price < 1 << PRICE_BITS) == (1, True)


@pytest.mark.parametrize(("first", "second", "side"), [("sell", "buy", Side.SELL), ("buy", "sell", Side.BUY)])
def test_legs_are_from_the_buyers_view_and_the_first_one_gives_the_makers_side(
    majors: AssetList, first: str, second: str, side: Side
) -> None:
    terms = read(f"side,asset,size,price\n{first},BTC-PERP,{SIZE},{PRICE}\n{second},SOL,2,150.5\n", majors)
    assert terms.side is side
    assert terms.legs == (
        Leg(3, 77_123_456_789, 64_123_987_654_321),
        Leg(majors.slots["SOL"], -2 * 10**9, 150_500_000_000),
    )


@pytest.mark.parametrize("drawn", [Side.BUY, Side.SELL])
@pytest.mark.parametrize("side", ["buy", "sell"])
def test_a_drawn_side_is_another_way_to_write_the_same_trade(
    majors: AssetList, monkeypatch: pytest.MonkeyPatch, side: str, drawn: Side
) -> None:
    monkeypatch.setattr("prover.trade._terms.secrets.choice", lambda _: drawn)
    terms = read(f"side,asset,size,price\n{side},BTC-PERP,{SIZE},{PRICE}\nbuy,SOL,2,150.5\n", majors)
    written = terms.with_drawn_side()
    assert written.side is drawn

    def gained(each: TradeTerms) -> list[tuple[int, int, int]]:
        return [(leg.slot, each.side.sign * leg.amount, leg.price) for leg in each.legs]

    assert gained(written) == gained(terms)


def test_both_sides_are_drawn(majors: AssetList) -> None:
    terms = read(f"side,asset,size,price\nbuy,BTC-PERP,{SIZE},{PRICE}\n", majors)
    assert {terms.with_drawn_side().side for _ in range(64)} == {Side.BUY, Side.SELL}


def test_terms_stand_in_no_repr(majors: AssetList) -> None:
    assert_hidden(
        {"77123", "64123", "SELL", "3"}, repr(read(f"side,asset,size,price\nsell,BTC-PERP,{SIZE},1\n", majors))
    )
