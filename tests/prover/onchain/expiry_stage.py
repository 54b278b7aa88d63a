"""What the stories of expiries share: rounds at chosen prices, settlements, and trades."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from prover import Side
from prover.chain import OnchainRound, Report, ReportPurpose
from prover.market import Asset
from prover.onchain import ListingStep, PlannedListing, carry_out_listing, plan_listings, present_assets
from prover.onchain.local_market import Market, Trader, post_prices

DAY = 86_400
DOLLAR = 10**18
UNIT = 10**9
"""Of prices [1e-9 USD] and of balances [1e-9 token]."""

PERP, ETH_PERP, SOL_PERP, PUT, CALL, USD = 3, 4, 5, 10, 11, 13


def post(
    market: Market, at: int | None = None, prices: Mapping[int, int | None] | None = None, *, dollars: bool = True
) -> OnchainRound:
    """Post a round with some prices changed.

    Args:
        market: the book.
        at: time of the round; None for two minutes after the newest block.
        prices: by slot [USD, or 1e-9 USD]; None for no price.
        dollars: whether prices are whole dollars.
    """
    contracts = market.contracts
    rounds, settled = contracts.rounds, contracts.expiries.status().settled
    last = rounds.round(rounds.latest_id())
    values: list[int | None] = [
        None if settled >> slot & 1 or not price else price for slot, price in enumerate(last.prices)
    ]
    for slot in (PUT, CALL):
        if not settled >> slot & 1:
            values[slot] = last.prices[slot]  # a worthless option has a price too
    for slot, price in (prices or {}).items():
        values[slot] = None if price is None else price * (UNIT if dollars else 1)

    def reports(seen: int) -> list[Report]:
        return [rounds.sign(s, timestamp=seen, prices=values, funding=[0] * USD) for s in market.reporters]

    return rounds.round(post_prices(market.node, contracts, reports, at or contracts.chain.timestamp() + 120))


def settlement_reports(market: Market, expiry: int, prices: Mapping[int, int]) -> list[Report]:
    """Reports of all reporters for a settlement, of prices by slot [USD]."""
    values = [prices[slot] * UNIT if slot in prices else None for slot in range(USD)]
    return [
        market.contracts.rounds.sign(
            reporter, timestamp=expiry, prices=values, funding=[0] * USD, purpose=ReportPurpose.SETTLEMENT
        )
        for reporter in market.reporters
    ]


def settle(market: Market, expiry: int, prices: Mapping[int, int]) -> int:
    """Settle slots at prices [USD], and return the epoch that this opens."""
    expiries, slots = market.contracts.expiries, sum(1 << slot for slot in prices)
    return expiries.opened_by(expiries.settle(expiry, slots, settlement_reports(market, expiry, prices)))


def fund(*traders: Trader, dollars: int = 10_000) -> None:
    for trader in traders:
        trader.owner.open()
        trader.owner.deposit(USD, dollars * DOLLAR)


def trade(buyer: Trader, seller: Trader, slot: int, size: int, price: int) -> None:
    """A trade of whole units at a price [USD]."""
    round_ = buyer.owner.book.latest_round()
    ticket = buyer.owner.book.ticket(slot, size * UNIT, price * UNIT, round_)
    buyer.owner.take(seller.owner.offer(ticket, Side.SELL))


def quote(trader: Trader) -> int:
    """What an account holds in cash [USD]."""
    dollars, rest = divmod(trader.owner.state().sealed.state.quote, DOLLAR)
    assert not rest
    return dollars


def balances(trader: Trader) -> dict[int, int]:
    """What an account holds in whole units, by slot."""
    held = trader.owner.state().sealed.state.balances
    return {slot: balance // UNIT for slot, balance in enumerate(held) if balance}


def refreshed(trader: Trader) -> Trader:
    """The trader, whose book knows what the chain lists now."""
    book = trader.owner.book
    return replace(trader, owner=replace(trader.owner, book=replace(book, assets=present_assets(book))))


def list_next(market: Market, trader: Trader, listings: Sequence[Asset]) -> list[PlannedListing]:
    """Do what governance can do now for a calendar of listings, and return the plan."""
    book = replace(refreshed(trader).owner.book, contracts=market.contracts)
    planned = plan_listings(book, listings, market.contracts.chain.timestamp())
    for one in planned:
        if one.step in {ListingStep.ANNOUNCE, ListingStep.EXECUTE}:
            carry_out_listing(book, one)
    return planned
