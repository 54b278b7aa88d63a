"""Writes the proofs for the tests of the example venue: contracts/test/generated/book-venue.json.

An order of `PrivatePerpsVenue` is signed by a proof of `update`: the proof's rho is the order's id. So these rows are
made as a client of the venue makes them, under a rho of their own.
"""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from eth_account.messages import encode_typed_data
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from prover import Claim, Side, Update
from tools.book_fixtures import CHAIN_ID, DOLLAR, USDC, Fixture, Trade, Trader, into, out_of, write_files
from tools.contract_fixtures import NANO

VENUE_ADDRESS: Final = 0x7E17E << 140 | 1
"""Where the tests put the venue: orders are bound to it."""

CANCELLER: Final = 0xCA7CE1 << 136 | 1
DEADLINE: Final = 1_700_000_180
"""Three minutes after the tests start: well before their first round is too old."""


def address(number: int) -> str:
    """An address with its checksum, as typed data wants it."""
    return to_checksum_address(number.to_bytes(20))


VENUE: Final = {
    "name": "PrivatePerpsVenue",
    "version": "1",
    "chainId": CHAIN_ID,
    "verifyingContract": address(VENUE_ADDRESS),
}
ORDER_TYPE: Final = {
    "Order": [
        {"name": "counterparty", "type": "uint256"},
        {"name": "deadline", "type": "uint64"},
        {"name": "canceller", "type": "address"},
        {"name": "nonce", "type": "uint256"},
    ]
}


@dataclass(frozen=True)
class Order:
    """Conditions of a fill that an owner adds to the trade. Public.

    Attributes:
        counterparty: identity of the only account to trade with; 0 for any.
        deadline: the last second at which it can be filled, Unix.
        canceller: the address that may cancel it.
        nonce: fresh for every proof.
    """

    counterparty: int = 0
    deadline: int = DEADLINE
    canceller: str = address(0)
    nonce: int = 0

    def rho(self) -> int:
        """Its id: the leading 253 bits of its EIP-712 digest."""
        message = encode_typed_data(VENUE, ORDER_TYPE, asdict(self))
        digest = keccak(b"\x19" + message.version + message.header + message.body)
        return int.from_bytes(digest) >> 3

    def row(self, name: str) -> dict[str, object]:
        """The order as the tests read it, under the name of the proof that signs it."""
        return {**asdict(self), "name": name, "counterparty": str(self.counterparty), "nonce": str(self.nonce)}


def sign(fixture: Fixture, trader: Trader, name: str, trade: Trade, order: Order, *, aside: bool = False) -> None:
    """Prove one side of a trade under the rho that is the id of an order.

    The fresh rho becomes the order's nonce, so no two states share a keystream.
    """
    signed = order

    def bind(nonce: int) -> int:
        nonlocal signed
        signed = replace(order, nonce=nonce)
        return signed.rho()

    ticket, side = trade
    update = Update.make(trader.viewing, trader.sealed, ticket=ticket, side=side, bind=bind)
    fixture.prove(trader, name, update, 1)
    fixture.orders.append(signed.row(name))
    if not aside:
        trader.sealed = update.after


def write_venue(fixture: Fixture) -> None:
    """Three accounts, orders on one ticket, and ways past the venue."""
    alice, bob, carol = traders = [Trader(index) for index in range(3)]
    for trader, name in zip(traders, ("alice", "bob", "carol"), strict=True):
        fixture.open(trader, name)
        fixture.step(trader, f"{name} deposits", into(USDC, 100_000 * DOLLAR))
        fixture.step(trader, f"{name} withdraws", out_of(USDC, 40_000 * DOLLAR), aside=True)
        fixture.step(trader, f"{name} deposits more", into(USDC, DOLLAR), aside=True)

    ticket = fixture.ticket(fixture.btc, NANO // 2)
    buy, sell = (ticket, Side.BUY), (ticket, Side.SELL)
    later = DEADLINE + 60
    sign(fixture, alice, "alice buys from anyone", buy, Order(deadline=later), aside=True)
    sign(fixture, bob, "bob sells to carol", sell, Order(counterparty=carol.keys.identity), aside=True)
    sign(fixture, carol, "carol sells", sell, Order(canceller=address(CANCELLER)), aside=True)
    sign(fixture, alice, "alice buys", buy, Order(counterparty=bob.keys.identity, canceller=address(CANCELLER)))
    sign(fixture, bob, "bob sells", sell, Order(deadline=later))

    back = fixture.ticket(fixture.btc, NANO // 5)
    fixture.step(alice, "alice sells back", trade=(back, Side.SELL), claim=Claim.REDUCES_RISK)
    fixture.step(bob, "bob buys back", trade=(back, Side.BUY), claim=Claim.REDUCES_RISK)


if __name__ == "__main__":
    write_files({"venue": write_venue}, Path(__file__))
