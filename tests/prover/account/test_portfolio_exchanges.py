"""prover/account/_portfolio_exchanges.py: answers of exchanges, which we wrote after the fields that they document."""

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from prover import AssetList, PriceRound
from prover.account import Basis, Exchange, Portfolio, Settlement, assess_at, parse_exchange, quote_units_down
from prover.market import SymbolMap
from verifier import InputError, VectorKind

ROOT = Path(__file__).parent.parent.parent.parent
ANSWERS = ROOT / "tests" / "vectors" / "exchanges"
SYMBOLS = ROOT / "books" / "symbols"
BINANCE, HYPERLIQUID, DERIBIT = Exchange.BINANCE, Exchange.HYPERLIQUID, Exchange.DERIBIT


def answer(name: str) -> Any:
    return json.loads((ANSWERS / f"{name}.json").read_text())


def read(content: Any, exchange: Exchange, book: AssetList) -> Portfolio:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return parse_exchange(data, exchange, SymbolMap.load(SYMBOLS / f"{book.name}.json", book), "a.json")


def equity(portfolio: Portfolio, round_: PriceRound) -> int:
    return assess_at(portfolio.state(round_.book, round_), round_.vectors, VectorKind.MAINTENANCE).equity


@pytest.mark.parametrize(("name", "exchange"), [("binance-account", BINANCE), ("hyperliquid", HYPERLIQUID)])
def test_equity_is_what_the_exchange_shows(book: AssetList, round_1: PriceRound, name: str, exchange: Exchange) -> None:
    """The answers were made at the prices of round 1."""
    portfolio = read(answer(name), exchange, book)
    assert portfolio.stated_equity is not None
    assert equity(portfolio, round_1) == quote_units_down(portfolio.stated_equity)


@pytest.mark.parametrize(
    ("name", "exchange"),
    [
        ("binance-account", BINANCE),
        ("binance-position-risk", BINANCE),
        ("hyperliquid", HYPERLIQUID),
        ("deribit", DERIBIT),
    ],
)
def test_mark_prices_are_known_so_that_a_mistaken_contract_is_seen(
    book: AssetList, round_1: PriceRound, name: str, exchange: Exchange
) -> None:
    """The answers were made at the prices of round 1."""
    marks = {holding.slot: holding.mark for holding in read(answer(name), exchange, book).holdings if holding.slot < 10}
    assert marks == {slot: Fraction(round_1.prices[slot], 10**9) for slot in marks}


def test_binance_hedges_are_netted_and_closed_positions_left_out(book: AssetList) -> None:
    balances = read(answer("binance-account"), BINANCE, book).balances(book)
    assert (balances[3], balances[7]) == (6_500_000_000, 1_000_000_000_000)


def test_binance_position_risk_has_no_wallet(book: AssetList, round_1: PriceRound) -> None:
    portfolio = read(answer("binance-position-risk"), BINANCE, book)
    assert portfolio.settlement is None
    whole = Portfolio(portfolio.holdings, Settlement(Basis.CASH, 1000 * portfolio.holdings[0].size))
    assert equity(whole, round_1) == (6500 + 8645) * 10**18 - 143325 * 10**16
    assert read({"result": answer("binance-position-risk")}, BINANCE, book) == portfolio


def test_binance_collateral_in_coins_is_spot(book: AssetList) -> None:
    content = answer("binance-account")
    content["assets"][2] |= {"asset": "WBTC", "walletBalance": "1.5"}
    names = SymbolMap(
        book, {"binance": SymbolMap.load(SYMBOLS / "perps-13.json", book).of("binance") | {"WBTC": "WBTC"}}
    )
    portfolio = parse_exchange(json.dumps(content).encode(), BINANCE, names, "a.json")
    assert (portfolio.balances(book)[0], portfolio.stated_equity) == (1_500_000_000, None)


def test_deribit_counts_from_the_equity(book: AssetList, round_1: PriceRound) -> None:
    portfolio = read(answer("deribit"), DERIBIT, book)
    assert portfolio.settlement is None
    future, option = portfolio.holdings
    assert (future.entry, future.mark) == (96_650 + future.size / 4, 97_150 + future.size / 4)  # settled at 96650.5
    assert (option.slot, option.amount, option.entry) == (10, -1_500_000_000, None)
    assert option.mark == option.size * -1 * 4 / 150 * 9712025 / 100  # 0.04 BTC at the index price
    whole = Portfolio(portfolio.holdings, Settlement(Basis.EQUITY, future.size * 5000))
    state = whole.state(book, round_1)
    paid = 2 * 97_150.5 - 1.5 * 0.04 * 97_120.25 - 2 * 152.25
    assert state.quote / 10**18 == pytest.approx(10_000 - paid)


def change(*path: str | int, to: object) -> Callable[[Any], None]:
    def apply(content: Any) -> None:
        for name in path[:-1]:
            content = content[name]
        content[path[-1]] = to

    return apply


BTC_H = ("assetPositions", 0, "position")


@pytest.mark.parametrize(
    ("name", "exchange", "damage", "complaint"),
    [
        ("hyperliquid", HYPERLIQUID, change("marginSummary", "accountValue", to="52001.5"), "do not add up"),
        ("hyperliquid", HYPERLIQUID, change("assetPositions", to=[]), "do not add up"),
        ("hyperliquid", HYPERLIQUID, change(*BTC_H, "coin", to="BTD"), 'no such name under "hyperliquid"'),
        ("hyperliquid", HYPERLIQUID, change(*BTC_H, "szi", to="6.50000000001"), "at most 9 digits"),
        ("hyperliquid", HYPERLIQUID, change(*BTC_H, "szi", to=None), "szi: expected a text"),
        ("hyperliquid", HYPERLIQUID, change("assetPositions", to={}), "expected a list; is this an answer of"),
        ("hyperliquid", HYPERLIQUID, change("marginSummary", to=[]), "'totalRawUsd' is missing"),
        ("binance-account", BINANCE, change("positions", 0, "positionSide", to="SHORT"), "contradicts the sign"),
        ("binance-account", BINANCE, change("assets", 2, "walletBalance", to="0.5"), 'no such name under "binance"'),
        ("binance-position-risk", BINANCE, change(0, "unRealizedProfit", to="0.0889"), "do not add up"),
        ("deribit", DERIBIT, change("result", 0, "instrument_name", to="BTC-PERPETUAL"), "settles in its coin"),
        ("deribit", DERIBIT, change("result", 0, "direction", to="sell"), "direction contradicts"),
        ("deribit", DERIBIT, change("result", 0, "size", to=190_000), "do not add up"),
        ("deribit", DERIBIT, change("result", 0, "kind", to="future_combo"), "neither a future nor an option"),
    ],
)
def test_what_cannot_be_held_or_contradicts_itself_is_refused(
    book: AssetList, name: str, exchange: Exchange, damage: Callable[[Any], None], complaint: str
) -> None:
    content = answer(name)
    damage(content)
    with pytest.raises(InputError, match=r"^a\.json") as refusal:
        read(content, exchange, book)
    assert complaint in str(refusal.value)
    assert not any(secret in str(refusal.value) for secret in ("52001", "6.5", "BTD", "190000", "95820", "0.0889"))


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"symbol,amount\nBTC,777\n", "not JSON (line 1, column 1); is it CSV?"),
        (b'{"a": 777, "a": 777}', "a name appears twice"),
        (b'{"a": NaN}', "or a number is none"),
        (b"[" * 100, "nested deeper"),
        (b"\xff777", "not UTF-8"),
        (b"777", "'marginSummary' is missing"),
    ],
)
def test_other_files_are_refused_without_showing_them(book: AssetList, data: bytes, complaint: str) -> None:
    with pytest.raises(InputError, match=r"^a\.json") as refusal:
        read(data, HYPERLIQUID, book)
    assert complaint in str(refusal.value)
    assert "777" not in str(refusal.value)


def test_a_coin_of_an_exchange_is_no_asset_that_the_book_calls_so(book: AssetList) -> None:
    """SOL is spot in the book, and a perpetual on Hyperliquid."""
    content = answer("hyperliquid")
    del content["assetPositions"][1]
    content["assetPositions"][0]["position"]["coin"] = "SOL"
    content["marginSummary"]["accountValue"] = "133997.1875"
    assert read(content, HYPERLIQUID, book).balances(book)[5] == 6_500_000_000
    with pytest.raises(InputError, match="no such name"):
        parse_exchange(json.dumps(content).encode(), HYPERLIQUID, SymbolMap(book, {}), "a.json")


@pytest.mark.parametrize("path", sorted(SYMBOLS.glob("*.json")), ids=lambda path: path.stem)
def test_each_symbol_map_belongs_to_its_book(path: Path) -> None:
    SymbolMap.load(path, AssetList.load(ROOT / "books" / path.name))


def test_a_symbol_map_of_another_book_is_refused(book: AssetList) -> None:
    with pytest.raises(InputError, match="belongs to the book 'majors-13'"):
        SymbolMap.load(SYMBOLS / "majors-13.json", book)
