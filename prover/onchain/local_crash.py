"""The crash of November 2018 in a margin book with liquidations: for the demo and its deep test.

Traders are long of Bitcoin with leverage, makers are short. A guardian flags whom the prices ruin and sends notices to
liquidators, which differ in what it costs them to sell. All of it is real: proofs, contracts, a node.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, NamedTuple

from eth_account import Account as Signer

from prover.account import OwnerKeys
from prover.chain import InsuranceFundClient, OnchainRound, ShortfallLedgerClient
from prover.formats import format_utc
from prover.liquidation import LiquidatorKey, Liquidity, PricedParcel, SealedNotice, best_parcel
from prover.market import BALANCE_DECIMALS, PRICE_DECIMALS, QUOTE_DECIMALS, MarginStatus, PricePoint, format_usd_up
from prover.onchain._book import MarginBook
from prover.onchain._book_deployment import USD_DECIMALS
from prover.onchain._gatekeeper import MarginProver
from prover.onchain._liquidation_keeper import LiquidationKeeper, WriteoffProver
from prover.onchain._liquidation_market import LiquidationMarket
from prover.onchain._owner import Owner
from prover.onchain._proofs import BookProver
from prover.onchain._reader import AccountReader
from prover.onchain._snapshot import GuardedAccount
from prover.onchain._takeover import Liquidator, NoticeMaker, TakeoverOffer
from prover.onchain.local_market import Market, Trader
from prover.toolchain import Artifacts
from prover.trade import Side, Ticket
from verifier import BASIS, StatementName, VectorKind

BITCOIN: Final = "BTC-PERP"
CRASH_STATEMENTS: Final[tuple[StatementName, ...]] = ("margin", "release", "writeoff")
"""What is proven beside the statements of owners."""

FIRST_HOUR: Final = 1541980800
"""12 November 2018, 00:00 UTC."""

MOST_DAYS: Final = 13
"""Until 24 November 2018, 23:00 UTC."""

DOLLAR: Final = 10**QUOTE_DECIMALS
UNIT: Final = 10**BALANCE_DECIMALS
GRAIN: Final = 10 ** (QUOTE_DECIMALS - USD_DECIMALS)
"""Of quote in a unit of the settlement token."""
STAKE: Final = 2_000
"""Deposit of each trader [USD]."""

LEVERAGES: Final = (4.0, 19.5)
"""Of the first and the last trader."""

MAKERS: Final = 2
MAKER_STAKE: Final = 60_000
LIQUIDATOR_STAKE: Final = 30_000
"""Deposits of a maker and of a liquidator [USD]."""

SPREADS_PPM: Final = (200, 350, 500, 700, 1_000)
"""What it costs the liquidators to sell, one after the other [ppm of the notional]."""

FUND: Final = 5_000
"""What a volunteer pays into the insurance fund [USD]."""

ETHER_PRICE: Final = 200 * 10**PRICE_DECIMALS
STALE_AFTER: Final = 7_200
"""How old a round may be [s]: rounds come every hour, and clocks stand still for a while after a silence."""

_PUBLIC_QUOTES: Final = frozenset({0, *(stake * DOLLAR for stake in (STAKE, MAKER_STAKE, LIQUIDATOR_STAKE))})
"""Of accounts that did nothing but deposit: an observer knows them."""

TICK: Final = 60
"""Between two rounds while an account is flagged [s]."""

MOST_TICKS: Final = 12
"""How many of them follow an hour at most."""


def crash_hours(series: Sequence[PricePoint], days: int = MOST_DAYS, steepness: int = 1) -> list[PricePoint]:
    """The hours of the crash. Each becomes a round.

    Args:
        series: hourly prices that contain it.
        days: how many, from 12 November 2018 on.
        steepness: what each change of the price is multiplied with; a price never falls below a hundredth of the one
            before.
    """
    end = FIRST_HOUR + days * 86_400
    hours = [point for point in series if FIRST_HOUR <= point.timestamp < end]
    made = [hours[0]]
    for before, after in pairwise(hours):
        moved = made[-1].price * (before.price + steepness * (after.price - before.price)) // before.price
        made.append(PricePoint(after.timestamp, max(moved, made[-1].price // 100)))
    return made


class Sale(NamedTuple):
    """A takeover.

    Attributes:
        hour: of the series.
        victim: number of the trader, from 0.
        liquidator: number of the liquidator, from 0.
        elapsed: how old the flag was [active s].
        rate: that was paid, of the margin taken [1e-4].
        amount: of Bitcoin [1e-9].
        reward: of the liquidator [1e-18 USD].
        is_cured: whether the victim meets its margin afterwards.
    """

    hour: int
    victim: int
    liquidator: int
    elapsed: int
    rate: int
    amount: int
    reward: int
    is_cured: bool


class HourEnd(NamedTuple):
    """Where the book stands when an hour is over.

    Attributes:
        hour: of the series.
        price: of Bitcoin [1e-9 USD].
        equity: of all traders [1e-18 USD].
        flagged: how many of them are flagged.
        rewards: of all takeovers so far [1e-18 USD].
        written_off: debt that was written off so far [1e-18 USD].
        fund: assets of the insurance fund [1e-18 USD].
        shortfall: debt that nothing covers [1e-18 USD].
    """

    hour: int
    price: int
    equity: int
    flagged: int
    rewards: int
    written_off: int
    fund: int
    shortfall: int


@dataclass(frozen=True)
class _Bidder:
    trader: Trader
    liquidator: Liquidator


@dataclass
class Crash:
    """A crash that is going on.

    Attributes:
        market: the book with its node, deployed with an engine.
        prover: of the statements of owners.
        artifacts: `margin`, `release` and `writeoff` of the book's size.
        tell: prints a line of the story.
        traders: those who are long.
        makers: those who are short.
        hours: that are over.
        sales: takeovers so far.
        debts: that were written off so far, by hour [1e-18 USD].
        tickets: of all trades and takeovers.
    """

    market: Market
    prover: BookProver
    artifacts: Mapping[StatementName, Artifacts]
    tell: Callable[[str], None]
    traders: list[Trader] = field(default_factory=list)
    makers: list[Trader] = field(default_factory=list)
    hours: list[HourEnd] = field(default_factory=list)
    sales: list[Sale] = field(default_factory=list)
    debts: list[tuple[int, int]] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)

    def __post_init__(self) -> None:
        book = self.market.new_user(0)[0]
        engine, backend = LiquidationMarket.of(book), self.prover.backend
        self._book, self._engine = book, engine
        self._reader = AccountReader(self.market.guardian)
        self._keeper = LiquidationKeeper(engine, MarginProver(self.artifacts["margin"], backend))
        self._maker = NoticeMaker(engine, self.artifacts["release"], backend, Liquidity.uniform(book.n))
        self._writer = WriteoffProver(engine, self.artifacts["writeoff"], backend)
        self._guardian = Signer.create()
        self._bidders: list[_Bidder] = []
        self._slot = self.market.book.slots[BITCOIN]

    @property
    def liquidators(self) -> list[Trader]:
        """Those who take over, the one with the lowest costs first."""
        return [bidder.trader for bidder in self._bidders]

    def open(self, traders: int, liquidators: int, fund: int = FUND) -> None:
        """Post the first hour, open all accounts, and let the traders buy from the makers.

        Args:
            traders: how many; their leverage is spread over `LEVERAGES`.
            liquidators: how many, at most one for each of `SPREADS_PPM`.
            fund: what a volunteer pays into the insurance fund [USD].
        """
        if fund:
            units = fund * 10**USD_DECIMALS
            volunteer, _ = self.market.new_user(units)
            paid_to = _fund_of(volunteer)
            volunteer.contracts.token(volunteer.n).approve(paid_to.contract.address, units)
            paid_to.deposit(units)
        round_ = self.market.post(self.market.series[0].timestamp)
        self.makers = [self._join(f"maker {number + 1}", MAKER_STAKE) for number in range(MAKERS)]
        for number in range(liquidators):
            trader = self._join(f"liquidator {number + 1}", LIQUIDATOR_STAKE)
            costs = Liquidity.uniform(self._book.n, SPREADS_PPM[number])
            key, release_key = LiquidatorKey.generate(), self.artifacts["release"].key
            engine = LiquidationMarket.of(trader.owner.book)
            self._bidders.append(
                _Bidder(trader, Liquidator(engine, trader.owner, key, release_key, costs, ETHER_PRICE))
            )
        price, (least, most) = round_.prices[self._slot], LEVERAGES
        for number in range(traders):
            trader = self._join(f"trader {number + 1}", STAKE)
            self.traders.append(trader)
            leverage = least + (most - least) * number / max(traders - 1, 1)
            size = int(leverage * STAKE * 10**PRICE_DECIMALS) * UNIT // price
            self._trade(trader, self.makers[number % MAKERS], size, round_)

    def play(self, hour: int) -> HourEnd:
        """Post an hour. While an account is below its margin, rounds go on each minute, and it is sold.

        Args:
            hour: of the series, the one after the last.
        """
        round_ = self.market.post(hour)
        for _ in range(MOST_TICKS):
            below = self.below(round_)
            if not below:
                break
            for account in below:
                self._sell(account, hour, round_)
            round_ = self.market.repeat(hour, self.market.contracts.chain.timestamp() + TICK)
        else:
            self.tell(f"  {format_utc(hour)}: an account finds no taker yet")
        end = self._end(hour, round_)
        self.hours.append(end)
        return end

    def last_round(self) -> OnchainRound:
        """The newest price round."""
        return self._book.latest_round()

    def imbalances(self) -> list[str]:
        """What does not agree to the last unit; empty when all does. The story's pay-outs leave no credits.

        The ledger rounds against itself: less than a unit of the token is left over at each write-off, and where a
        shortfall ends by a pay-out or a gift.
        """
        contracts, n = self._book.contracts, self._book.n
        states = [trader.owner.state().sealed.state for trader in self._accounts]
        faults = [
            f"the balances of slot {slot} are not zero in sum"
            for slot, balances in enumerate(zip(*(state.balances for state in states), strict=True))
            if sum(balances)
        ]
        vault, writeoffs = contracts.book.vault, len(self._engine.engine.contract.logs("DebtWrittenOff"))
        held, owed = vault.holdings(n), sum(state.quote for state in states) + vault.queued(n) * GRAIN
        if self.market.collateral.read("balanceOf", vault.contract.address) != held:
            faults.append("the vault holds other tokens than it has booked")
        if not 0 <= held * GRAIN + _ledger_of(self._book).shortfall() - owed < GRAIN * (writeoffs + 2):
            faults.append("accounts are owed other amounts than tokens and shortfall together")
        return faults

    def secrets(self) -> Iterator[tuple[str, int]]:
        """By name, what must not be on the chain in the clear."""
        yield "guardian's secret", self.market.guardian.secret
        for number, ticket in enumerate(self.tickets, 1):
            for slot, amount in ticket.legs.items():
                yield f"ticket {number}: amount of slot {slot}", amount
            yield f"ticket {number}: cost", ticket.cost
            yield f"ticket {number}: salt", ticket.salt
        for trader in self._accounts:
            owner, view = trader.owner, trader.owner.state()
            yield f"{trader.name}: owner's secret", owner.keys.owner_secret
            yield f"{trader.name}: viewing key", owner.viewing.view_key
            yield f"{trader.name}: salt", view.sealed.salt
            for slot, balance in enumerate(view.sealed.state.balances):
                if balance:
                    yield f"{trader.name}: slot {slot}", balance
            if view.sealed.state.quote not in _PUBLIC_QUOTES:
                yield f"{trader.name}: quote", view.sealed.state.quote

    def public_words(self) -> list[bytes]:
        """Calldata of every transaction, and data of every event."""
        contracts = self.market.contracts
        places = (contracts.book, contracts.rounds, contracts.account_life, self._engine.engine)
        found = [bytes(transaction["input"]) for transaction in contracts.chain.transactions()]
        for contract in (*(place.contract for place in places), self.market.collateral):
            found += contract.log_data()
        return found

    def below(self, round_: OnchainRound) -> list[GuardedAccount]:
        """What the guardian sees of the traders that miss their margin, or owe after they were sold."""
        flagged = self.flagged()
        seen = self._reader.look(self._book).accounts
        ours = {trader.owner.identity for trader in self.traders}
        return [
            account
            for account in seen
            if account.identity in ours
            and (account.health(round_).status is MarginStatus.LIQUIDATABLE or account.identity in flagged)
        ]

    def close(self, liquidator: Trader, size: int, round_: OnchainRound) -> None:
        """A liquidator sells what it took to those who are short, at the mark price.

        Args:
            liquidator: who sells.
            size: how much Bitcoin [1e-9].
            round_: the newest one.
        """
        for maker in self.makers:
            short = -maker.owner.state().sealed.state.balances[self._slot]
            part = min(size, short)
            if part > 0:
                self._trade(maker, liquidator, part, round_)
                size -= part

    def flagged(self) -> set[int]:
        """Identities of the traders that are flagged."""
        accounts = [trader.owner.identity for trader in self.traders]
        contracts = self._book.contracts
        known = contracts.book.accounts(accounts, contracts.chain.block_number())
        return {account for account, state in known.items() if state.is_flagged}

    @property
    def _accounts(self) -> list[Trader]:
        return [*self.traders, *self.makers, *self.liquidators]

    def _sell(self, account: GuardedAccount, hour: int, round_: OnchainRound) -> None:
        state, ground, viewing = account.sealed.state, VectorKind.MAINTENANCE, account.viewing
        known = self._book.contracts.book.account(account.identity)
        health = account.health(round_).maintenance.health
        if not known.is_flagged:
            self._keeper.flag(viewing, ground)
            return
        if health >= 0:
            self._keeper.recover(viewing, ground)
            return
        if not any(state.balances):
            self._write_off(account, hour)
            return
        notice = self._maker.ladder(viewing, ground, seconds=TICK, step=TICK // 5)
        if notice is None:
            return
        keys = [bidder.liquidator.key.recipient for bidder in self._bidders]
        sealed = SealedNotice.seal(notice, keys, self._guardian)
        for number, bidder in enumerate(self._bidders):
            offer = bidder.liquidator.read(sealed)
            best = best_parcel(offer.parcels, offer.elapsed)
            if best is not None:
                self._take(number, offer, best, hour, round_)
                return

    def _take(self, number: int, offer: TakeoverOffer, best: PricedParcel, hour: int, round_: OnchainRound) -> None:
        bidder, parcel, vectors = self._bidders[number], best.parcel, round_.vectors
        event = bidder.liquidator.market.engine.taken_over(bidder.liquidator.take(offer, best))
        amount = parcel.ticket.amounts[self._slot]
        margin = abs(amount) * (vectors.maintenance.long if amount > 0 else vectors.maintenance.short)[self._slot]
        rate = round(best.estimate.reward * BASIS / margin) if margin else 0
        victim = next(k for k, trader in enumerate(self.traders) if trader.owner.identity == event.victim)
        self.sales.append(
            Sale(hour, victim, number, offer.elapsed, rate, amount, best.estimate.reward, is_cured=event.is_cured)
        )
        self.tickets.append(parcel.ticket)
        whole = "and the account is cured" if event.is_cured else "and it stays flagged"
        self.tell(
            f"  {format_utc(hour)}: {self.traders[victim].name} is sold after {offer.elapsed} s at "
            f"{rate / 100:.2f} % of the margin to {bidder.trader.name}, {whole}"
        )
        self.close(bidder.trader, amount, round_)

    def _write_off(self, account: GuardedAccount, hour: int) -> None:
        self._writer.write_off(account.viewing)
        debt = -account.sealed.state.quote
        self.debts.append((hour, debt))
        self.tell(f"  {format_utc(hour)}: a debt of {format_usd_up(debt)} USD is written off")

    def _trade(self, buyer: Trader, seller: Trader, size: int, round_: OnchainRound) -> None:
        ticket = seller.owner.book.ticket(self._slot, size, round_.prices[self._slot], round_)
        buyer.owner.take(seller.owner.offer(ticket, Side.SELL))
        self.tickets.append(ticket)

    def _join(self, name: str, dollars: int) -> Trader:
        book, signer = self.market.new_user(dollars * 10**USD_DECIMALS)
        owner = Owner(book, OwnerKeys.generate(book.domain, self.market.guardian.point), self.prover)
        owner.open()
        owner.deposit(book.n, dollars * DOLLAR)
        return Trader(name, owner, int(signer.address, 16))

    def _end(self, hour: int, round_: OnchainRound) -> HourEnd:
        ours = {trader.owner.identity for trader in self.traders}
        seen = [account for account in self._reader.look(self._book).accounts if account.identity in ours]
        return HourEnd(
            hour,
            round_.prices[self._slot],
            sum(account.health(round_).maintenance.equity for account in seen),
            len(self.flagged()),
            sum(sale.reward for sale in self.sales),
            sum(debt for _, debt in self.debts),
            _fund_of(self._book).assets() * GRAIN,
            _ledger_of(self._book).shortfall(),
        )


def _fund_of(book: MarginBook) -> InsuranceFundClient:
    fund = book.contracts.fund
    assert fund is not None  # noqa: S101 - the stage deploys one
    return fund


def _ledger_of(book: MarginBook) -> ShortfallLedgerClient:
    ledger = book.contracts.ledger
    assert ledger is not None  # noqa: S101 - the stage deploys one
    return ledger
