"""The stage of the attacks: a margin book with a gate, reporters, a guardian, and parties with money.

Every amount is an integer in the units of the statements: [1e-18 USD] for money, [1e-9 token] for assets. The node's
clock moves by a second a block, so that no attack depends on the speed of the machine.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import Flag, auto
from functools import cached_property
from typing import Final, Self

import pytest

from prover import AssetList, Claim, Health, OwnerKeys, Side, Ticket, Transfer
from prover.chain import (
    BookContracts,
    BookGateClient,
    Contract,
    OnchainRound,
    Report,
    TokenClient,
    settlement_arguments,
    update_arguments,
)
from prover.market import PRICE_DECIMALS
from prover.onchain import USD_DECIMALS, BookProver, MarginProver, Owner
from prover.onchain.local_market import Market, post_prices, with_cheap_bitcoin
from prover.toolchain import Anvil, AnyBackend, build, compile_contracts, compile_verifiers, load_book
from prover.trade import amounts_of
from verifier import ChainError, Proof, Settlement, StateUpdate

BOOKS: Final = {13: "majors-13", 28: "multi-28"}
"""By number of slots."""

START: Final = 1_800_000_000
"""Unix seconds. Every time of a story counts from here."""

DOLLAR: Final = 10**18
"""[1e-18 USD]"""

CENT: Final = DOLLAR // 100
"""[1e-18 USD]"""

BTC: Final = 10**9
"""One bitcoin, spot or perpetual [1e-9 token]."""

BOND: Final = 10**16
"""What an account leaves when it is opened, for the tip of its next flag [wei]."""

GRACE: Final = 12
"""For which trades may be proven at the round before the newest, seconds."""

_DAY: Final = 86_400
_GATE_DELAY: Final = 2 * _DAY
"""How long the book makes another gate wait, seconds."""

_FUNDING: Final = 20_000
"""Cumulative funding of BTC-PERP in `Way.FUNDING`: more than each of its prices [USD]."""

_NO_ADDRESS: Final = f"0x{0:040x}"
_USD_UNIT: Final = DOLLAR // 10**USD_DECIMALS
"""One unit of the settlement token [1e-18 USD]."""


class TheftSucceeded(Exception):  # noqa: N818 - the outcome of an attack, not an error of ours
    """An attack took what it is after.

    The last check of a story raises it, and nothing else does. It is no AssertionError, so a story that breaks
    before its end fails, although the theft is expected.
    """


class Way(Flag):
    """How the trades of a story are made. The amounts of a story are the same in each way.

    Without a flag, a trade has one leg, is settled alone, and BTC-PERP has paid no funding.
    """

    BATCH = auto()
    """In a batch, after a trade of two honest accounts."""

    VENUE = auto()
    """As orders of the example venue, which is the gate of the book."""

    BASKET = auto()
    """Each trade sells ETH-PERP at its mark price in the same basket, as much of it as BTC-PERP is bought."""

    FUNDING = auto()
    """BTC-PERP has paid so much funding that its effective price is below 0."""


PLAIN: Final = Way(0)


def in_each_way(*ways: Way, deep: Collection[Way] = ()) -> pytest.MarkDecorator:
    """Play a story in each of several ways, and in the deep tier in others too."""
    params = [pytest.param(way, id=way.name or "PLAIN") for way in ways]
    params += [pytest.param(way, id=way.name, marks=pytest.mark.deep) for way in deep]
    return pytest.mark.parametrize("stage", params, indirect=True)


Order = tuple[int, int, str, int]
"""Of the example venue, as the contract takes it: counterparty, deadline, canceller, nonce."""


@dataclass(frozen=True)
class Party:
    """A holder of one account and one wallet.

    The wallet starts empty, and each deposit is minted first. So the wallet of a party whose deposits are all accepted
    holds exactly what the party took out of the book.

    Attributes:
        market: the book.
        owner: the account.
        address: of the wallet.
        venue: that withdrawals go through; None for the book itself.
    """

    market: Market = field(repr=False)
    owner: Owner = field(repr=False)
    address: str
    venue: Contract | None = field(default=None, repr=False)

    @property
    def identity(self) -> int:
        """Names the account on chain."""
        return self.owner.identity

    def deposit(self, amount: int, claim: Claim = Claim.UNSAID, *, asset: int | None = None) -> None:
        """Pay collateral in, at the newest round.

        Args:
            amount: [1e-18 USD], or [1e-9 token] where an asset is given.
            claim: which rule on risk to show.
            asset: slot of a spot asset; None for the settlement currency.
        """
        slot = self.market.book.n if asset is None else asset
        self._mint(slot, amount)
        self.owner.deposit(slot, amount, claim)

    def deposit_at(self, round_: OnchainRound, amount: int, claim: Claim, *, asset: int | None = None) -> None:
        """Pay collateral in, by a proof at a round of the party's choice. Other arguments as for `deposit`."""
        slot = self.market.book.n if asset is None else asset
        contracts = self.owner.book.contracts
        units = self._mint(slot, amount)
        update = self.owner.prove(round_, transfer=Transfer(slot, amount, is_withdrawal=False), claim=claim)
        contracts.token(slot).approve(contracts.book.vault.contract.address, units)
        contracts.book.deposit(round_.id, slot, amount, update)

    def withdraw_at(self, round_: OnchainRound, amount: int) -> None:
        """Take money out of the account [1e-18 USD], by a proof at a round of the party's choice."""
        asset, recipient = self.market.book.n, int(self.address, 16)
        transfer = Transfer(asset, amount, is_withdrawal=True)
        update = self.owner.prove(round_, transfer=transfer, recipient=recipient)
        book = self.owner.book.contracts.book.contract
        (self.venue or book).send("withdraw", round_.id, asset, amount, self.address, update_arguments(update))

    def withdraw(self, amount: int) -> None:
        """Take money out of the account [1e-18 USD], at the newest round. It waits in the queue."""
        self.withdraw_at(self.owner.book.latest_round(), amount)

    def wallet(self) -> int:
        """Money in the wallet [1e-18 USD]."""
        return TokenClient(self.market.collateral).balance_of(self.address) * _USD_UNIT

    def health(self, round_: OnchainRound) -> Health:
        """Equity and maintenance margin at a round."""
        return self.owner.state().health(round_).maintenance

    def equity(self, round_: OnchainRound) -> int:
        """What the account is worth at a round [1e-18 USD]."""
        return self.health(round_).equity

    def _mint(self, slot: int, amount: int) -> int:
        units = self.owner.token_amount(slot, amount)
        self.market.contracts.token(slot).mint(self.address, units)
        return units


def book_of(n: int) -> AssetList:
    """A book of a size. What the smaller one lists has the margins that it has there."""
    small, book = load_book(BOOKS[13]), load_book(BOOKS[n])
    listed = {asset.symbol: asset for asset in small.assets}
    return with_cheap_bitcoin(replace(book, assets=tuple(listed.get(asset.symbol, asset) for asset in book.assets)))


def ordinary_prices(book: AssetList) -> dict[str, int]:
    """Prices by symbol within the limits of the book [1e-9 USD]."""
    return {
        asset.symbol: 10 * listing.least_price or 10**PRICE_DECIMALS
        for asset, listing in zip(book.assets, book.listings(), strict=True)
    }


@dataclass(frozen=True)
class AttackStage:
    """A book with a gate that flags accounts, or with the example venue as its gate.

    The first gate restricts only accounts that are flagged: a theft that works here works in a book without a gate too.

    Attributes:
        market: node, assets, contracts, reporters and guardian.
        gate: of the book, until there is a venue.
        prover: proves what owners say to the book.
        margin: proves on which side of maintenance margin accounts are.
        way: how trades are made.
        venue: the gate in `Way.VENUE`.
    """

    market: Market
    gate: BookGateClient
    prover: BookProver
    margin: MarginProver
    way: Way = PLAIN
    venue: Contract | None = None

    @classmethod
    def deploy(cls, node: Anvil, backend: AnyBackend, n: int) -> Self:
        """Deploy a book of a size and its gate on a fresh node."""
        book = book_of(n)
        prover = BookProver.build(book.n, backend)
        margin = build([f"margin-{book.n}"])[f"margin-{book.n}"]
        own = {item.instance.name: item for item in prover.artifacts.values()}
        code = compile_contracts() | compile_verifiers(own) | compile_verifiers({margin.instance.name: margin})
        market = Market.deploy(node, code, book, gate=True, opening_bond=BOND)
        market = replace(market, constant_prices={**ordinary_prices(book), **market.constant_prices})
        gate = market.contracts.book.gate()
        assert gate is not None
        return cls(market, market.contracts.book_gate(gate), prover, MarginProver(margin, backend))

    def played(self, way: Way) -> Self:
        """The stage of a story whose trades are made in a way, before the first round."""
        return replace(self, way=way, venue=self._open_venue() if Way.VENUE in way else None)

    def _open_venue(self) -> Contract:
        """Make the example venue, which takes no fee, the gate of the book."""
        book, chain = self.contracts.book, self.contracts.chain
        venue = chain.deploy(
            "PrivatePerpsVenue", book.contract.address, _NO_ADDRESS, chain.sender, _NO_ADDRESS, 0, _NO_ADDRESS
        )
        book.announce_gate(venue.address)
        self.market.node.move_clock(chain.timestamp() + _GATE_DELAY)
        book.activate_gate()
        return venue

    @property
    def contracts(self) -> BookContracts:
        """The book's contracts, as governance uses them."""
        return self.market.contracts

    @property
    def perpetual(self) -> int:
        """Slot of BTC-PERP."""
        return self.market.book.slots["BTC-PERP"]

    @property
    def funding(self) -> int:
        """Cumulative funding of BTC-PERP [1e-9 USD]."""
        return _FUNDING * 10**9 if Way.FUNDING in self.way else 0

    @cached_property
    def _padders(self) -> tuple[Party, Party]:
        """Two honest accounts that trade in batches. They open at the first trade of a story."""
        return self.join(), self.join()

    @property
    def ether(self) -> int:
        """Slot of ETH-PERP."""
        return self.market.book.slots["ETH-PERP"]

    @property
    def wbtc(self) -> int:
        """Slot of WBTC."""
        return self.market.book.slots["WBTC"]

    # ------------------------------------------------------------------------------------------------ time and prices

    def wait_until(self, seconds: int) -> None:
        """Let time pass until so many seconds after the start."""
        self.market.node.move_clock(START + seconds)

    def next_block_at(self, timestamp: int) -> None:
        """Let the next block have a time, Unix seconds."""
        self.market.node.request("evm_setNextBlockTimestamp", timestamp)

    def reports(self, seconds: int, bitcoin: int, *, dead: Collection[str] = ()) -> list[Report]:
        """What the reporters sign. All other prices are those of the example round.

        Args:
            seconds: when the prices were seen, after the start.
            bitcoin: price of WBTC and BTC-PERP [USD].
            dead: symbols of the assets that no reporter has a price of.
        """
        price = bitcoin * 10**9
        prices = {**self.market.constant_prices, "WBTC": price, "BTC-PERP": price, **dict.fromkeys(dead)}
        known = [prices[asset.symbol] for asset in self.market.book.assets]
        vacant = [None] * (self.market.book.n - len(known))
        funding = [self.funding if slot == self.perpetual else 0 for slot in range(self.market.book.n)]
        return [
            self.contracts.rounds.sign(reporter, timestamp=START + seconds, prices=[*known, *vacant], funding=funding)
            for reporter in self.market.reporters
        ]

    def post(self, seconds: int, bitcoin: int, *, dead: Collection[str] = ()) -> OnchainRound:
        """Post a round at the time at which its prices are seen. Arguments as for `reports`.

        A price beyond its limit is posted 65 seconds before then as well, as the candidate that the round confirms.
        """
        return self.contracts.rounds.round(
            post_prices(
                self.market.node,
                self.contracts,
                lambda seen: self.reports(seen - START, bitcoin, dead=dead),
                START + seconds,
            )
        )

    # ------------------------------------------------------------------------------------------------ parties

    def join(self, money: int = 0, *, wbtc: int = 0) -> Party:
        """Open an account with deposits, once there is a round.

        Args:
            money: [1e-18 USD].
            wbtc: [1e-9 token].
        """
        onchain, signer = self.market.new_user(0)
        keys = OwnerKeys.generate(onchain.domain, self.market.guardian.point)
        party = Party(self.market, Owner(onchain, keys, self.prover), signer.address, self.venue)
        party.owner.open()
        if money:
            party.deposit(money)
        if wbtc:
            party.deposit(wbtc, asset=self.wbtc)
        return party

    def least_price(self, size: int, round_: OnchainRound) -> int:
        """For how little an empty account can buy at a round: less by the initial margin of what `trade` gives it.

        Without a basket, 2 % below the mark price.

        Args:
            size: [1e-9 token].
            round_: the round.

        Returns:
            A cost as for `trade` [1e-18 USD].
        """
        margins = round_.vectors.initial
        hedged = size * margins.short[self.ether] if Way.BASKET in self.way else 0
        return size * (round_.prices[self.perpetual] - margins.long[self.perpetual]) - hedged

    def trade(
        self,
        buyer: Party,
        seller: Party,
        size: int,
        cost: int,
        *,
        claim: Claim = Claim.UNSAID,
        round_: OnchainRound | None = None,
    ) -> None:
        """Let the buyer take BTC-PERP that the seller offers, in the way of the story.

        Args:
            buyer: gains the size and pays the cost.
            seller: the other side.
            size: [1e-9 token].
            cost: in terms of mark prices [1e-18 USD].
            claim: which rule on risk both sides show.
            round_: at which both prove; None for the newest.
        """
        hedge = -size if Way.BASKET in self.way else 0
        booked = cost - size * self.funding + hedge * self.market.constant_prices["ETH-PERP"]
        self.exchange(buyer, seller, {self.perpetual: size, self.ether: hedge}, booked, claim=claim, round_=round_)

    def exchange(
        self,
        buyer: Party,
        seller: Party,
        legs: Mapping[int, int],
        booked: int,
        *,
        claim: Claim = Claim.UNSAID,
        round_: OnchainRound | None = None,
    ) -> None:
        """Let the buyer take a basket that the seller offers, in the way of the story.

        Args:
            buyer: gains the legs and pays for them.
            seller: the other side.
            legs: amounts by slot [1e-9 token].
            booked: what the buyer pays, in terms of effective prices [1e-18 USD].
            claim: as for `trade`.
            round_: as for `trade`.
        """
        round_ = self.contracts.rounds.round(self.contracts.rounds.latest_id()) if round_ is None else round_
        ticket = Ticket.create(seller.owner.book.domain, amounts_of(legs, self.market.book.n), booked)
        if self.venue is not None:
            self._fill(self.venue, round_, ticket, buyer, seller, claim)
        elif Way.BATCH in self.way:
            nothing = Ticket.create(ticket.domain, amounts_of({}, self.market.book.n), 0)
            honest = self._proven(round_, nothing, *self._padders, Claim.REDUCES_RISK)
            both = [honest, self._proven(round_, ticket, buyer, seller, claim)]
            dropped = self.contracts.book.settle_batch(round_.id, both).dropped
            assert 0 not in dropped
            if 1 in dropped:
                raise ChainError("the batch leaves the trade out", dropped[1])
        else:
            buyer.owner.take(seller.owner.offer(ticket, Side.SELL, claim, round_), claim)

    def _proven(self, round_: OnchainRound, ticket: Ticket, buyer: Party, seller: Party, claim: Claim) -> Settlement:
        sold = seller.owner.prove(round_, ticket=ticket, side=Side.SELL, claim=claim)
        return Settlement(ticket.id, buyer.owner.prove(round_, ticket=ticket, side=Side.BUY, claim=claim), sold)

    def _fill(
        self, venue: Contract, round_: OnchainRound, ticket: Ticket, buyer: Party, seller: Party, claim: Claim
    ) -> None:
        sold, sell = self._signed(venue, round_, ticket, seller, Side.SELL, claim)
        bought, buy = self._signed(venue, round_, ticket, buyer, Side.BUY, claim)
        venue.send("fill", round_.id, settlement_arguments(Settlement(ticket.id, bought, sold)), buy, sell)

    def _signed(
        self, venue: Contract, round_: OnchainRound, ticket: Ticket, party: Party, side: Side, claim: Claim
    ) -> tuple[StateUpdate, Order]:
        """One side of a trade, and the order that its rho signs: for any counterparty, and for a day."""
        orders: list[Order] = []

        def bind(nonce: int) -> int:
            orders.append((0, START + _DAY, _NO_ADDRESS, nonce))
            return int(venue.read("orderId", orders[-1]))

        return party.owner.prove(round_, ticket=ticket, side=side, claim=claim, bind=bind), orders[-1]

    # ------------------------------------------------------------------------------------------------ the gate

    def holdings(self) -> int:
        """Money that backs the accounts, without what is queued [1e-18 USD]."""
        vault, asset = self.contracts.book.vault, self.market.book.n
        return (vault.holdings(asset) - vault.queued(asset)) * _USD_UNIT

    def pay_out(self) -> None:
        """Let the withdrawals become due, and have them paid."""
        vault, chain = self.contracts.book.vault, self.contracts.chain
        self.market.node.move_clock(chain.timestamp() + vault.withdrawal_delay())
        vault.pay_out(self.market.book.n, 10)

    def prove_margin(self, party: Party, round_: OnchainRound, *, healthy: bool, recipient: int = 0) -> Proof:
        """Prove on which side of maintenance margin an account is at a round.

        Args:
            party: the account.
            round_: the round.
            healthy: the side.
            recipient: an address as a number; 0 for none.
        """
        return self.margin.prove(party.owner.state().sealed, round_, healthy=healthy, recipient=recipient)

    def flag(self, party: Party, round_: OnchainRound, *, recipient: int = 0) -> None:
        """Flag an account that is below maintenance margin at a round. Arguments as for `prove_margin`."""
        proof = self.prove_margin(party, round_, healthy=False, recipient=recipient)
        self.gate.flag(party.identity, round_.id, recipient, proof)

    def flagged_at(self, party: Party) -> int:
        """The round at which an account was flagged; 0 when it is not flagged."""
        return self.gate.account_state(party.identity).flagged_at_round

    def flag_time(self, party: Party) -> int:
        """When an account was flagged for its maintenance margin, in active seconds; 0 when it is not flagged."""
        return self.contracts.book.account(party.identity).maintenance_flagged_at

    def bond(self, party: Party) -> int:
        """What is left of an account's bond [wei]."""
        return self.contracts.book.vault.bond(party.identity).amount


@contextmanager
def attack_stage(backend: AnyBackend, n: int) -> Iterator[AttackStage]:
    """A fresh node with a deployed book.

    Args:
        backend: makes the proofs.
        n: slots of the book.
    """
    with Anvil(timestamp=START - _GATE_DELAY - _DAY) as node:
        node.request("anvil_setBlockTimestampInterval", 1)
        yield AttackStage.deploy(node, backend, n)
