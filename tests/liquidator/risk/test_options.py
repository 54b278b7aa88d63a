"""Options of a book: what is read from the book and what from symbols, and Greeks of accounts."""

from dataclasses import replace

import numpy as np
import pytest

from liquidator.risk import OptionBoard, OptionContract, black76, book_options, exposures
from prover.account import State
from prover.formats import parse_utc
from prover.market import Asset, AssetList
from tests.liquidator.risk.risk_stage import BOOK, ROUND, random_states
from verifier import InputError

EIGHT = parse_utc("2027-03-26T08:00:00Z", "test")
EVERY_SLOT = range(BOOK.n)
PUT = BOOK.slots["BTC-26MAR27-80000-P"]
CALL = BOOK.slots["BTC-26MAR27-120000-C"]


def with_asset(slot: int, **changes: object) -> AssetList:
    """The book with one option changed; what its terms forbid elsewhere is not checked here."""
    assets = list(BOOK.assets)
    assets[slot] = replace(assets[slot], **changes)
    return replace(BOOK, assets=tuple(assets))


def named(slot: int, symbol: str) -> AssetList:
    return with_asset(slot, symbol=symbol)


def test_strike_side_and_expiry_are_those_of_the_book_and_its_symbols() -> None:
    perpetual = BOOK.slots["BTC-PERP"]
    put, call, other = book_options(BOOK)
    assert put == OptionContract(PUT, perpetual, 80_000.0, is_call=False, expires_at=EIGHT)
    assert call == OptionContract(CALL, perpetual, 120_000.0, is_call=True, expires_at=EIGHT)
    assert other.underlying == BOOK.slots["ETH-PERP"]


def test_an_expiry_of_the_book_goes_before_that_of_the_symbol() -> None:
    assert book_options(with_asset(CALL, expires_at=EIGHT - 3_600))[1].expires_at == EIGHT - 3_600


@pytest.mark.parametrize(
    ("slot", "symbol", "message"),
    [
        (CALL, "BTC-UP", "no strike of a call"),
        (PUT, "BTC-DOWN", "no expiry"),
        (PUT, "BTC-26MAR27-80000-C", "differ on whether it is a put"),
        (CALL, "BTC-26MAR27-120000-P", "differ on whether it is a put"),
        (PUT, "BTC-26MAR27-80001-P", "different strikes"),
        (CALL, "BTC-31FEB27-120000-C", "no date"),
    ],
)
def test_what_is_missing_or_contradicts_is_refused(slot: int, symbol: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        book_options(named(slot, symbol))


def test_a_board_prices_options_as_the_round_does() -> None:
    board = OptionBoard.at(ROUND, EVERY_SLOT)
    prices = [ROUND.prices[option.slot] / 1e9 for option in board.options]
    assert board.values(board.forwards, 0.0) == pytest.approx(prices, rel=1e-12)
    assert board.greeks.value == pytest.approx(prices, rel=1e-12)


def test_an_option_is_worth_what_exercise_pays_once_it_has_expired() -> None:
    board = OptionBoard.at(ROUND, [PUT, CALL])
    late = EIGHT - ROUND.timestamp + 1.0
    assert board.values(np.array([70_000.0, 130_000.0]), late).tolist() == [10_000, 10_000]


def test_prices_that_imply_no_volatility_are_named() -> None:
    prices = list(ROUND.prices)
    prices[CALL] = ROUND.prices[BOOK.slots["BTC-PERP"]]
    board = OptionBoard.at(replace(ROUND, prices=tuple(prices)), [CALL])
    with pytest.raises(InputError, match=f"slot {CALL}"):
        board.require_volatilities()
    OptionBoard.at(replace(ROUND, prices=tuple(prices)), [PUT]).require_volatilities()


def test_exposures_add_up_by_underlying() -> None:
    balances = [0] * BOOK.n
    balances[BOOK.slots["BTC-PERP"]], balances[PUT], balances[CALL] = 3 * 10**9, -2 * 10**9, 5 * 10**8
    found = exposures([State(tuple(balances), 0)], ROUND)
    assert found.keys() == {"BTC-PERP"}
    years = (EIGHT - ROUND.timestamp) / (365 * 86_400)
    put, call = (
        black76(97_150.5, strike, years, sigma, is_call)
        for strike, sigma, is_call in zip(
            (80_000.0, 120_000.0), OptionBoard.at(ROUND, [PUT, CALL]).volatilities, (False, True), strict=True
        )
    )
    expected = [3.0, 0.0, 0.0, 0.0]
    expected = [each - 2 * float(p) + 0.5 * float(c) for each, p, c in zip(expected, put[1:], call[1:], strict=True)]
    assert found["BTC-PERP"] == pytest.approx(expected, rel=1e-12)


def test_exposures_of_a_book_are_those_of_its_accounts_together() -> None:
    states = random_states(20)
    together = exposures(states, ROUND)
    alone = [exposures([state], ROUND) for state in states]
    for symbol, exposure in together.items():
        parts = [found[symbol] for found in alone if symbol in found]
        assert exposure == pytest.approx([sum(each) for each in zip(*parts, strict=True)], rel=1e-9)


def test_an_asset_without_an_underlying_is_its_own() -> None:
    balances = [0] * BOOK.n
    balances[0] = 1
    assert exposures([State(tuple(balances), 0)], ROUND) == {"WBTC": (1e-9, 0, 0, 0)}


def test_books_of_other_kinds_have_no_options() -> None:
    assets: tuple[Asset, ...] = tuple(asset for asset in BOOK.assets if asset.option is None)
    assert book_options(replace(BOOK, assets=assets)) == ()
