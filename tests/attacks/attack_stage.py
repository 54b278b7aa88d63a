"""The stage of the attacks: a margin book with a gate, reporters, a guardian, and parties with money.

Every amount is an integer in the units of the statements: [1e-18 USD] for money, [1e-9 token] for assets. The node's
clock moves by a second a block, so that no attack depends on the speed of the machine.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Self

from prover import Claim, Health, OwnerKeys, Side, Ticket, Transfer
from prover.chain import BookContracts, BookGateClient, OnchainRound, Report, TokenClient
from prover.onchain import USD_DECIMALS, BookProver, MarginProver, Owner
from prover.onchain.local_market import Market, post_prices, with_cheap_bitcoin
from prover.toolchain import Anvil, AnyBackend, build, compile_contracts, compile_verifiers, load_book
from prover.trade import amounts_of
from verifier import Proof

BOOK: Final = "majors-13"
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

_HOUR: Final = 3_600
_USD_UNIT: Final = DOLLAR // 10**USD_DECIMALS
"""One unit of the settlement token [1e-18 USD]."""


class TheftSucceeded(Exception):  # noqa: N818 - the outcome of an attack, not an error of ours
    """An attack took what it is after.

    The last check of a story raises it, and nothing else does. It is no AssertionError, so a story that breaks
    before its end fails, although the theft is expected.
    """


@dataclass(frozen=True)
class Party:
    """A holder of one account and one wallet.

    The wallet starts empty, and each deposit is minted first. So the wallet of a party whose deposits are all accepted
    holds exactly what the party took out of the book.

    Attributes:
        market: the book.
        owner: the account.
        address: of the wallet.
    """

    market: Market = field(repr=False)
    owner: Owner = field(repr=False)
    address: str

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
        self.owner.book.contracts.book.withdraw(round_.id, asset, amount, recipient, update)

    def withdraw(self, amount: int) -> None:
        """Take money out of the account [1e-18 USD], at the newest round. It waits in the queue."""
        self.owner.withdraw(self.market.book.n, amount, int(self.address, 16))

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


@dataclass(frozen=True)
class AttackStage:
    """A book of `majors-13` with a gate that flags accounts.

    The gate restricts only accounts that are flagged: a theft that works here works in a book without a gate too.

    Attributes:
        market: node, assets, contracts, reporters and guardian.
        gate: of the book.
        prover: proves what owners say to the book.
        margin: proves on which side of maintenance margin accounts are.
    """

    market: Market
    gate: BookGateClient
    prover: BookProver
    margin: MarginProver

    @classmethod
    def deploy(cls, node: Anvil, backend: AnyBackend) -> Self:
        """Deploy a book and its gate on a fresh node."""
        book = with_cheap_bitcoin(load_book(BOOK))
        prover = BookProver.build(book.n, backend)
        margin = build([f"margin-{book.n}"])[f"margin-{book.n}"]
        own = {item.instance.name: item for item in prover.artifacts.values()}
        code = compile_contracts() | compile_verifiers(own) | compile_verifiers({margin.instance.name: margin})
        market = Market.deploy(node, code, book, gate=True, opening_bond=BOND)
        gate = market.contracts.book.gate()
        assert gate is not None
        return cls(market, market.contracts.book_gate(gate), prover, MarginProver(margin, backend))

    @property
    def contracts(self) -> BookContracts:
        """The book's contracts, as governance uses them."""
        return self.market.contracts

    @property
    def perpetual(self) -> int:
        """Slot of BTC-PERP."""
        return self.market.book.slots["BTC-PERP"]

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
        return [
            self.contracts.rounds.sign(
                reporter, timestamp=START + seconds, prices=[*known, *vacant], funding=[0] * self.market.book.n
            )
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
        party = Party(self.market, Owner(onchain, keys, self.prover), signer.address)
        party.owner.open()
        if money:
            party.deposit(money)
        if wbtc:
            party.deposit(wbtc, asset=self.wbtc)
        return party

    def trade(
        self,
        buyer: Party,
        seller: Party,
        size: int,
        cost: int,
        *,
        claim: Claim = Claim.UNSAID,
        round_: OnchainRound | None = None,
        in_batch: bool = False,
    ) -> None:
        """Let the buyer take BTC-PERP that the seller offers.

        Args:
            buyer: gains the size and pays the cost.
            seller: the other side.
            size: [1e-9 token].
            cost: [1e-18 USD].
            claim: which rule on risk both sides show.
            round_: at which both prove; None for the newest.
            in_batch: settle by a batch of one.
        """
        ticket = Ticket.create(seller.owner.book.domain, amounts_of({self.perpetual: size}, self.market.book.n), cost)
        offer = seller.owner.offer(ticket, Side.SELL, claim, round_)
        if not in_batch:
            buyer.owner.take(offer, claim)
            return
        proven_at = self.contracts.rounds.round(offer.round_id)
        taken = offer.settlement(buyer.owner.prove(proven_at, ticket=ticket, side=Side.BUY, claim=claim))
        assert not self.contracts.book.settle_batch(offer.round_id, [taken]).dropped

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
def attack_stage(backend: AnyBackend) -> Iterator[AttackStage]:
    """A fresh node with a deployed book.

    Args:
        backend: makes the proofs.
    """
    with Anvil(timestamp=START - _HOUR) as node:
        node.request("anvil_setBlockTimestampInterval", 1)
        yield AttackStage.deploy(node, backend)
