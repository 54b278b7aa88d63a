"""What a state holds, by symbol."""

from dataclasses import replace

from prover import AssetList
from prover.account import State, health_amounts, held_amounts, position_amounts
from prover.market import AccountHealth, Health


def state(book: AssetList, quote: int = 0, **balances: int) -> State:
    held = [0] * book.n
    for symbol, balance in balances.items():
        held[book.slots[symbol.replace("_", "-")]] = balance
    return State(tuple(held), quote)


def test_positions_are_exact_and_leave_zeros_out(book: AssetList) -> None:
    held = state(book, 5, BTC_PERP=-1, ETH_PERP=2 * 10**9)
    assert position_amounts(book, held) == {"BTC-PERP": "-0.000000001", "ETH-PERP": "2"}
    assert position_amounts(book, state(book)) == {}


def test_the_quote_is_among_what_is_held_and_has_decimals_of_its_own(book: AssetList) -> None:
    assert held_amounts(book, state(book, 1, BTC_PERP=1)) == {
        "BTC-PERP": "0.000000001",
        "USD": "0.000000000000000001",
    }


def test_what_was_gained_is_the_difference_of_two_states(book: AssetList) -> None:
    before, after = state(book, 10**18, BTC_PERP=10**9), state(book, -(10**18), BTC_PERP=10**9, ETH_PERP=1)
    assert held_amounts(book, after, before) == {"ETH-PERP": "0.000000001", "USD": "-2"}
    assert held_amounts(book, after, after) == {}


def test_a_balance_in_a_slot_without_an_asset_is_not_passed_over(book: AssetList) -> None:
    wider = replace(book, n=28)
    held = State((0,) * 20 + (10**9,) + (0,) * 7, 0)
    assert position_amounts(wider, held) == {"slot 20": "1"}


def test_health_has_every_digit() -> None:
    health = AccountHealth(maintenance=Health(3, 5), initial=Health(3, 7))
    assert health_amounts(health) == {
        "equity": "0.000000000000000003",
        "maintenance_margin": "0.000000000000000005",
        "initial_margin": "0.000000000000000007",
        "health": "-0.000000000000000002",
    }
