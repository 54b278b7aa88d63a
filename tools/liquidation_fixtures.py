"""Writes the proofs for the tests of the liquidation engine: contracts/test/generated/book-liquidation.json.

- victor is long two BTC-PERP on a thin cushion, and below maintenance margin at round 2;
- ivy is insolvent there, and olaf owes more than his spot may back at round 1. No walk through the book leads to these
  states, so the tests give them by a module of their own;
- bea and carl buy, both of them each parcel.
"""

from dataclasses import replace
from pathlib import Path
from typing import Final

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from prover import Claim, Side
from prover.account import State
from prover.statements import SealedRelease
from prover.trade import Rates, Release, amounts_of, plan_release
from tools.book_fixtures import DOLLAR, RECIPIENT, USDC, WBTC, Fixture, N, Trader, into, write_files
from tools.contract_fixtures import NANO
from verifier import BASIS, SCALAR_MODULUS, ReleaseInputs, VectorKind

WRITEOFF_TAG: Final = int.from_bytes(b"writeoff".ljust(32, b"\0"))
"""What the rho of a write-off is a hash of, beside the commitment."""


def engine_rho(commitment: int, word: int) -> int:
    """What the engine demands as rho of a victim's next state.

    Args:
        commitment: to its state before.
        word: the ticket of a takeover, or `WRITEOFF_TAG`.
    """
    return int.from_bytes(keccak(encode(["uint256", "uint256"], [commitment, word]))) % SCALAR_MODULUS


def seal(trader: Trader, release: Release, taker: int = 0, rho: int | None = None) -> SealedRelease:
    """A release under the rho that the engine demands, or another one."""
    before = trader.sealed

    def bind(ticket: int) -> int:
        return engine_rho(before.commitment, ticket) if rho is None else rho

    return SealedRelease.make(trader.viewing, before, release, taker=taker, bind=bind)


def sell(fixture: Fixture, trader: Trader, name: str, release: Release, at: int, *buyers: Trader) -> SealedRelease:
    """Prove a release, and that each buyer can take what leaves. No later step starts there."""
    sealed = seal(trader, release)
    fixture.prove_release(trader, name, sealed, at)
    for number, buyer in enumerate(buyers, start=1):
        fixture.step(
            buyer,
            f"buyer {number} of {name}",
            trade=(sealed.ticket, Side.BUY),
            claim=Claim.MEETS_INITIAL_MARGIN,
            at=at,
            aside=True,
        )
    return sealed


def part(trader: Trader, inputs: ReleaseInputs, rates: Rates) -> Release:
    """The smallest part of an account that cures it."""
    release = plan_release(trader.state, inputs, rates, impact=(1,) * N)
    if release is None:
        raise ValueError("there is nothing to release")
    return release


def write_liquidation(fixture: Fixture) -> None:
    """All that leads to takeovers, and what must not."""
    victor, ivy, olaf, bea, carl = traders = [Trader(index) for index in range(5)]
    for trader, name in zip(traders, ("victor", "ivy", "olaf", "bea", "carl"), strict=True):
        fixture.open(trader, name)
    for trader, name in ((bea, "bea"), (carl, "carl")):
        fixture.step(trader, f"{name} deposits", into(USDC, 500_000 * DOLLAR))
    much = fixture.ticket(fixture.btc, 2 * NANO)
    fixture.step(victor, "victor deposits", into(USDC, 10_500 * DOLLAR))
    fixture.step(victor, "victor buys", trade=(much, Side.BUY))
    fixture.step(carl, "carl sells", trade=(much, Side.SELL))
    write_margins(fixture, victor)
    write_parcels(fixture, victor, bea, carl)
    write_insolvency(fixture, ivy, bea)
    write_overdraft(fixture, olaf, bea)


def write_margins(fixture: Fixture, victor: Trader) -> None:
    """Flags, recoveries and answers, and a deposit that is too small for a cure."""
    fixture.prove_margin(victor, "victor at 1", 1, healthy=True, recipient=RECIPIENT)
    fixture.prove_margin(victor, "victor is below", 2, healthy=False, recipient=RECIPIENT)
    fixture.prove_margin(victor, "victor is sound", 3, healthy=True)
    dollar = into(USDC, DOLLAR)
    fixture.step(victor, "victor adds a dollar", dollar, claim=Claim.TOPS_UP, at=2, aside=True)


def write_parcels(fixture: Fixture, victor: Trader, bea: Trader, carl: Trader) -> None:
    """A part of victor's account that cures it: at the least rate, at rate 0, for bea alone, and under his own rho."""
    inputs = fixture.rounds[1].release(VectorKind.MAINTENANCE)
    sold = sell(fixture, victor, "a part", part(victor, inputs, Rates(900)), 2, bea, carl)
    fixture.step(carl, "carl sells the ticket too", trade=(sold.ticket, Side.SELL), at=2, aside=True)
    sell(fixture, victor, "a part at rate 0", part(victor, inputs, Rates(0)), 2, bea)
    reserved = seal(victor, part(victor, inputs, Rates(900)), taker=bea.keys.identity)
    fixture.prove_release(victor, "a part for bea", reserved, 2)
    for buyer, name in ((bea, "bea"), (carl, "carl")):
        fixture.step(
            buyer,
            f"{name} takes hers",
            trade=(reserved.ticket, Side.BUY),
            claim=Claim.MEETS_INITIAL_MARGIN,
            at=2,
            aside=True,
        )
    replayed = seal(victor, part(victor, inputs, Rates(900)), rho=victor.sealed.rho)
    fixture.prove_release(victor, "a part under an old rho", replayed, 2)
    fixture.step(
        bea,
        "buyer 1 of a part under an old rho",
        trade=(replayed.ticket, Side.BUY),
        claim=Claim.MEETS_INITIAL_MARGIN,
        at=2,
        aside=True,
    )


def write_insolvency(fixture: Fixture, ivy: Trader, bea: Trader) -> None:
    """Ivy holds two BTC-PERP and owes more than they are worth: all of it leaves, early or late, and a debt is left."""
    price = fixture.risk[1].vectors.effective_prices[fixture.btc]
    ivy.sealed = ivy.viewing.seal(State(amounts_of({fixture.btc: 2 * NANO}, N), -2 * NANO * price - 1_000 * DOLLAR))
    fixture.prove_margin(ivy, "ivy is below", 2, healthy=False)
    inputs = fixture.rounds[1].release(VectorKind.MAINTENANCE)
    sell(fixture, ivy, "everything", part(ivy, inputs, Rates(1_000, 500)), 2, bea)
    early = replace(inputs, limits=replace(inputs.limits, floor_rate=0))
    sold = sell(fixture, ivy, "everything early", part(ivy, early, Rates(BASIS, 100)), 2, bea)
    rho = engine_rho(sold.after.commitment, WRITEOFF_TAG)
    fixture.empty(ivy, "ivy's debt", sold.after, rho)


def write_overdraft(fixture: Fixture, olaf: Trader, bea: Trader) -> None:
    """Olaf holds spot, and owes more than it may back."""
    olaf.sealed = olaf.viewing.seal(State(amounts_of({WBTC: 1_000 * NANO}, N), -2_000 * DOLLAR))
    kind = VectorKind.OVERDRAFT
    fixture.prove_margin(olaf, "olaf is overdrawn", 1, healthy=False, kind=kind)
    sell(fixture, olaf, "spot", part(olaf, fixture.rounds[0].release(kind), Rates(50, 25)), 1, bea)


if __name__ == "__main__":
    write_files({"liquidation": write_liquidation}, Path(__file__))
