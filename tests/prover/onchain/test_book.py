"""What a book tells of trades, and how much of it a node can invent."""

import logging
from dataclasses import replace

import pytest

from prover import margin_per_unit_up
from prover.chain import OnchainRound
from prover.market import SPOT_SCALE
from prover.onchain import MarginBook
from prover.onchain.local_market import Market
from prover.trade import Leg
from verifier import ChainError, InputError

pytestmark = pytest.mark.full

SPOT, PERP, ETH = 0, 3, 4
SIZE = 10**9


@pytest.fixture
def book(market: Market) -> MarginBook:
    return MarginBook(market.contracts, market.book)


def changed(values: tuple[int, ...], slot: int, value: int) -> tuple[int, ...]:
    return (*values[:slot], value, *values[slot + 1 :])


def lie(round_: OnchainRound, slot: int, by: int) -> OnchainRound:
    """The round as a node tells it that lies about the mark price alone: what every proof binds is left as it is."""
    return round_._replace(prices=changed(round_.prices, slot, round_.prices[slot] + by))


def test_an_invented_mark_price_books_no_trade(book: MarginBook) -> None:
    round_ = book.latest_round()
    ticket = book.ticket(PERP, SIZE, round_.prices[PERP], round_)
    for false in (lie(round_, PERP, -(10**9)), lie(round_, PERP, 10**9)):
        words = "price of BTC-PERP at round 1 does not fit its margin per unit"
        with pytest.raises(ChainError, match=words):
            book.ticket(PERP, SIZE, round_.prices[PERP], false)
        with pytest.raises(ChainError, match=words):
            book.paid_for(ticket, false)
    elsewhere = lie(round_, ETH, 10**9)
    assert book.paid_for(ticket, elsewhere) == SIZE * round_.prices[PERP]


def test_a_ticket_means_its_price_and_the_funding_since(book: MarginBook) -> None:
    round_ = book.latest_round()
    ticket = book.ticket(PERP, 7, 97_000 * 10**9, round_)
    prices = round_.vectors.effective_prices
    vectors = replace(round_.vectors, effective_prices=changed(prices, PERP, prices[PERP] - 300 * 10**9))
    later = round_._replace(id=2, vectors=vectors)
    assert book.paid_for(ticket, round_) == 7 * 97_000 * 10**9
    assert book.paid_for(ticket, later) == 7 * 97_300 * 10**9
    assert book.paid_for(replace(ticket, cost=ticket.cost + 1), round_) == 7 * 97_000 * 10**9 + 1


def test_a_basket_is_booked_leg_by_leg(book: MarginBook) -> None:
    """A spread: seven bought, three sold, each at its agreed price less the funding of its own slot."""
    round_ = book.latest_round()
    prices = round_.vectors.effective_prices
    vectors = replace(round_.vectors, effective_prices=changed(prices, PERP, prices[PERP] - 300 * 10**9))
    later = round_._replace(vectors=vectors)
    spread = book.basket([Leg(PERP, 7, 97_000 * 10**9), Leg(ETH, -3, 3_500 * 10**9)], round_)
    assert spread.legs == {PERP: 7, ETH: -3}
    assert book.paid_for(spread, round_) == (7 * 97_000 - 3 * 3_500) * 10**9
    assert book.paid_for(spread, later) == (7 * 97_300 - 3 * 3_500) * 10**9
    funding = {slot: book.funding(slot, round_) for slot in (PERP, ETH)}
    assert spread.cost == book.paid_for(spread, round_) - 7 * funding[PERP] + 3 * funding[ETH]
    with pytest.raises(InputError, match="two legs"):
        book.basket([Leg(PERP, 7, 1), Leg(PERP, -3, 1)], round_)
    with pytest.raises(ChainError, match="does not fit its margin"):
        book.basket([Leg(PERP, 7, 1), Leg(ETH, -3, 1)], lie(round_, ETH, 10**9))


def test_a_basket_has_legs_of_a_size_in_assets_of_the_book(book: MarginBook) -> None:
    """A slot without an asset has no price to book at; the smallest size is a billionth of a token."""
    round_ = book.latest_round()
    assert book.basket([Leg(PERP, 1, 1)], round_).legs == {PERP: 1}
    with pytest.raises(InputError, match="a leg has no size: leave it out"):
        book.basket([Leg(PERP, 7, 1), Leg(ETH, 0, 3_500 * 10**9)], round_)
    fewer = replace(book, assets=replace(book.assets, assets=book.assets.assets[:-1]))
    for slot in (-1, fewer.n - 1, fewer.n):
        with pytest.raises(InputError, match=f"the book {book.assets.name} has no asset in a slot of a leg"):
            fewer.basket([Leg(PERP, 7, 1), Leg(slot, 1, 1)], round_)


def test_fractions_that_a_steward_raised_are_the_nodes_word(
    book: MarginBook, market: Market, caplog: pytest.LogCaptureFixture
) -> None:
    """They count, and the user is told that nothing else says so."""
    before, risk = book.latest_round(), book.contracts.risk_parameters
    risk.contract.send("grantRole", risk.contract.read("STEWARD_ROLE"), book.contracts.chain.sender)
    risk.tighten(ETH, risk.asset(ETH)._replace(maintenance_ppm=12_000, initial_ppm=24_000))
    after = market.post(before.timestamp + 3600)
    with caplog.at_level(logging.WARNING):
        book.funding(PERP, after)
        book.funding(ETH, before)
        assert caplog.messages == []
        book.funding(ETH, after)
    (words,) = caplog.messages
    assert words.startswith("ETH-PERP was given other margin fractions on chain than the book's file has")
    assert "the word of the node alone" in words
    with pytest.raises(ChainError, match="ETH-PERP at round 2 does not fit"):
        book.funding(ETH, lie(after, ETH, 10**9))
    stale = after._replace(id=before.id)  # of the version before
    with pytest.raises(ChainError, match="ETH-PERP at round 1 does not fit"):
        book.funding(ETH, stale)


def test_the_larger_margin_tells_the_price_to_within_a_unit_over_its_fraction(book: MarginBook) -> None:
    """An initial margin of 2 % tells it to 50 units, 5e-8 USD."""
    round_ = book.latest_round()
    false = lie(round_, PERP, -50)
    assert margin_per_unit_up(false.prices[PERP], 10_000) == round_.vectors.maintenance.long[PERP]
    with pytest.raises(ChainError):
        book.funding(PERP, false)
    assert book.funding(PERP, lie(round_, PERP, -49)) == -49


def test_the_initial_margin_of_stale_spot_tells_its_price_exactly(book: MarginBook) -> None:
    round_ = book.latest_round()
    initial = round_.vectors.initial
    all_of_it = replace(initial, long=changed(initial.long, SPOT, round_.prices[SPOT]))
    stale = round_._replace(vectors=replace(round_.vectors, initial=all_of_it), stale=1 << SPOT)
    assert book.funding(SPOT, stale) == 0
    for distance in (-1, 1):
        with pytest.raises(ChainError):
            book.funding(SPOT, lie(stale, SPOT, distance))
    with pytest.raises(ChainError):
        book.funding(SPOT, stale._replace(stale=0))


def test_a_scaled_round_is_read_as_a_verifier_makes_it(book: MarginBook) -> None:
    plain, scaled = book.latest_round(), book.contracts.rounds.round(1, 5 * SPOT_SCALE // 4)
    assert plain.spot_scale == SPOT_SCALE
    made = book.price_round(scaled)
    assert (made.spot_scale, made.vectors) == (5 * SPOT_SCALE // 4, scaled.vectors)
    assert made.prices == scaled.prices == plain.prices
    assert scaled.vectors.effective_prices[SPOT] == plain.prices[SPOT] * 5 // 4
    assert scaled.vectors.effective_prices[PERP] == plain.vectors.effective_prices[PERP]


def test_spot_is_booked_at_its_mark_price_whatever_the_scale(book: MarginBook) -> None:
    scaled = book.contracts.rounds.round(1, 2 * SPOT_SCALE)
    price = scaled.prices[SPOT]
    ticket = book.ticket(SPOT, SIZE, price, scaled)
    assert ticket.cost == book.paid_for(ticket, scaled) == SIZE * price
    with pytest.raises(ChainError, match="does not fit its margin per unit"):
        book.ticket(SPOT, SIZE, price, lie(scaled, SPOT, 10**9))
