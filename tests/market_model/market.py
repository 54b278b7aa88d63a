"""The market: accounts, the steps that change them, and the engine that sells them.

A proof is replaced by the check of its statement, a commitment by the state. `prover.trade` decides what `update`
allows, `prover.market` margins and rounds. The rules of contracts that are not there yet are written here, in `engine`
and in `vault`, as `rules.Rules` says. Tests of those test the specification, not a contract.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from market_model.engine import Part, Release, rates_at, released
from market_model.listings import Listing
from market_model.rounds import NO_FLAGS, NO_WITHDRAWALS, Round, Rounds
from market_model.rules import Rules, Use, require
from market_model.updates import updated
from market_model.vault import Vault, Withdrawal

from prover.account import State, assess_at, empty_state
from prover.market import PostingStatus
from prover.trade import NO_TRANSFER, Claim, Transfer, Transition, covered_cash, health
from verifier import VectorKind

BLOCK = 12
"""The engine acts in the next block after a round [s]."""

PAUSE = 60
"""And then again and again [s]."""


@dataclass(eq=False)
class Account:
    """An account of the book.

    Attributes:
        name: in place of its identity.
        owner: who it belongs to.
        state: balances and quote.
        epoch: how many expiries it went through.
        changed_at: the newest round when it changed last: nothing is proven of it at an older one.
        proven_at: the round at which it was proven last to meet maintenance margin, or not to.
        flagged_at: active time of the maintenance flag.
        overdrawn_at: active time of the overdraft flag.
        version: of its commitment.
    """

    name: str
    owner: str
    state: State
    epoch: int
    changed_at: int = 0
    proven_at: int = 0
    flagged_at: int | None = None
    overdrawn_at: int | None = None
    version: int = 0

    @property
    def first_flagged_at(self) -> int | None:
        """The earlier of the two flags."""
        return min((at for at in (self.flagged_at, self.overdrawn_at) if at is not None), default=None)

    def set(self, state: State) -> None:
        """Another commitment."""
        self.state = state
        self.version += 1


class Watch:
    """What is told of every step; `measures.Measures` counts thefts."""

    def grew(self, account: Account) -> None:
        """An account takes a step that does not only shrink it."""

    def moved(self, *accounts: Account, at: Round) -> None:
        """Accounts took a step of their own, at a round."""

    def round_posted(self, before: Round) -> None:
        """A round was recorded after another."""

    def held(self, far: int) -> None:
        """A candidate is held: its prices of some slots are known, and no round has them."""

    def taken(self, victim: Account, old: State, part: Part, release: Release) -> None:
        """A part was taken over."""

    def flagged(self, account: Account) -> None:
        """An account was flagged."""

    def freed(self, account: Account) -> None:
        """A flag ended by a cure."""

    def paid(self, item: Withdrawal, amount: int) -> None:
        """A request was paid."""

    def written_off(self, account: Account, debt: int) -> None:
        """A debt was written off."""


@dataclass
class Market:
    """A book with its rounds, vault and engine.

    Attributes:
        rules: of the market.
        rounds: of prices.
        vault: of tokens.
        accounts: by name.
        now: time.
        keeper: acts in the block after each round.
        dodges: what owners do before each takeover of theirs.
        watch: is told of every step.
    """

    rules: Rules
    rounds: Rounds
    vault: Vault
    accounts: dict[str, Account] = field(default_factory=dict)
    now: int = 1
    keeper: Callable[["Market"], None] = lambda _: None
    dodges: dict[str, Callable[[], None]] = field(default_factory=dict)
    watch: Watch = field(default_factory=Watch)

    @classmethod
    def of(cls, listings: Sequence[Listing], prices: Sequence[int], rules: Rules, *, fund: int = 0) -> "Market":
        """A market without accounts, at its first round."""
        rounds = Rounds(rules, list(listings))
        market = cls(rules, rounds, Vault(rules, [0] * (len(listings) + 1), fund))
        rounds.post(prices, market.now)
        return market

    @property
    def n(self) -> int:
        return self.rounds.slots

    @property
    def newest(self) -> Round:
        return self.rounds.newest

    @property
    def active(self) -> int:
        return self.rounds.active(self.now)

    @property
    def is_stopped(self) -> bool:
        """Whether no account can be flagged: then no account withdraws or adds risk."""
        return self.rounds.level(self.now) >= NO_FLAGS

    def health(self, account: Account, kind: VectorKind = VectorKind.MAINTENANCE) -> int:
        """At the newest round [1e-18 USD]."""
        return health(account.state, self.newest.risk, kind)

    # Accounts and what their owners do

    def open(self, name: str, owner: str, **tokens: int) -> Account:
        """An account with deposits, by symbol or as `money`. An empty account meets every margin."""
        require(name not in self.accounts, "identity is in use")
        newest = self.newest.id
        account = Account(name, owner, empty_state(self.n), len(self.rounds.epochs), newest, newest)
        self.accounts[name] = account
        for symbol, amount in tokens.items():
            self.deposit(account, self.n if symbol == "money" else self.slot(symbol), amount)
        return account

    def slot(self, symbol: str) -> int:
        return self.rounds.slot(symbol)

    def amounts(self, **legs: int) -> tuple[int, ...]:
        """The amounts of a trade, by symbol."""
        by_slot = {self.slot(symbol): amount for symbol, amount in legs.items()}
        return tuple(by_slot.get(slot, 0) for slot in range(self.n))

    def deposit(
        self, account: Account, asset: int, amount: int, claim: Claim = Claim.UNSAID, round_id: int | None = None
    ) -> None:
        """Deposit tokens. Claim 3 flags the account; claim 1 ends its flags."""
        first = account.first_flagged_at
        is_cure = first is not None and claim is Claim.MEETS_INITIAL_MARGIN
        chosen = self._serving(Use.CURES if is_cure else Use.DEPOSITS, round_id, account)
        self._require_current(account, chosen.id)
        if first is not None:
            require(claim is not Claim.UNSAID, "flagged")
            is_over = self.rules.top_up_ends and self.active - first > self.rules.cure_window
            require(is_cure or not is_over, "only a cure after the cure window")
        is_stale = bool(self.newest.stale >> asset & 1)
        require(not is_stale or not self.rules.stale_spot_stays_out, "price is stale")
        transfer = Transfer(asset, amount, is_withdrawal=False)
        new = updated(self.rules, self._step(account, transfer), chosen.risk, claim)
        self._change(account, new, chosen)
        self.vault.take_in(account.owner, asset, amount)
        if claim is Claim.TOPS_UP and account.flagged_at is None:
            account.flagged_at = self.active
            self.watch.flagged(account)
        if is_cure:
            was_flagged = account.flagged_at is not None
            account.flagged_at = account.overdrawn_at = None
            if was_flagged:
                self.watch.freed(account)
        self.watch.moved(account, at=chosen)

    def withdraw(self, account: Account, asset: int, amount: int, round_id: int | None = None) -> None:
        """Request a withdrawal: it leaves the account now, and is paid later."""
        chosen = self._serving(Use.WITHDRAWALS, round_id, account)
        self._require_current(account, chosen.id)
        require(not self.is_stopped, "stopped")
        require(account.first_flagged_at is None, "flagged")
        step = self._step(account, Transfer(asset, amount, is_withdrawal=True))
        self._change(account, updated(self.rules, step, chosen.risk, Claim.UNSAID), chosen)
        self.watch.grew(account)
        delay = self.rules.withdrawal_delay if self.rules.withdrawals_wait else 0
        debts = self.debts_of(account.owner)
        self.vault.queue.append(Withdrawal(self.active + delay, account.owner, asset, amount, debts))
        self.watch.moved(account, at=chosen)

    def settle(
        self,
        buyer: Account,
        seller: Account,
        amounts: tuple[int, ...],
        cost: int,
        *,
        claims: tuple[Claim, Claim] = (Claim.UNSAID, Claim.UNSAID),
        round_id: int | None = None,
    ) -> None:
        """A trade of a basket."""
        chosen = self._serving(Use.TRADES, round_id, buyer, seller)
        require(buyer is not seller or not self.rules.two_accounts, "same account")
        for account, claim in zip((buyer, seller), claims, strict=True):
            self._require_current(account, chosen.id)
            require(claim is not Claim.TOPS_UP, "a trade is no deposit")
            require(account.first_flagged_at is None, "flagged")
            shrinks = claim is Claim.REDUCES_RISK
            require(not self.is_stopped or shrinks or not self.rules.stop_ends_growth, "stopped")
        is_priced = self.vault.short_since is None or chosen.recorded_at > self.vault.short_since
        require(is_priced or not self.rules.shortfall_ends_round, "a debt is not in the prices yet")
        steps = [self._trade(account, amounts, cost, sign) for account, sign in ((buyer, 1), (seller, -1))]
        new = [updated(self.rules, step, chosen.risk, claim) for step, claim in zip(steps, claims, strict=True)]
        for account, step, state in zip((buyer, seller), steps, new, strict=True):
            if not step.shrinks:
                self.watch.grew(account)
            self._change(account, state, chosen)
        self.watch.moved(buyer, seller, at=chosen)

    def expire(self, account: Account) -> None:
        """Balances of the next expired slots become money at their settlement prices."""
        require(account.epoch < len(self.rounds.epochs), "no expiry")
        self._change(account, self._expired(account.state, account.epoch))
        account.epoch += 1

    def rekey(self, account: Account, name: str) -> None:
        """The state moves to another identity."""
        require(account.flagged_at is None, "flagged")
        require(name not in self.accounts or not self.rules.new_identity, "identity is in use")
        self.accounts.pop(account.name)
        account.name = name
        self.accounts[name] = account

    # Time and prices

    def post(self, prices: Sequence[int], after: int = 60, *, stale: int = 0, expire: int = 0) -> bool:
        """The next set of prices; whether it became a round. The engine acts in the block after the last round."""
        self.wait(after)
        before = self.newest
        scale = 10**18
        if self.vault.shortfall and self.rules.spot_at_backing and self.vault.tokens[self.n]:
            held = self.vault.tokens[self.n]
            scale = scale * (held + self.vault.shortfall) // held
        outcome = self.rounds.post(prices, self.now, stale=stale, expire=expire, spot_scale=scale)
        if outcome.status is PostingStatus.HELD:
            self.watch.held(outcome.far)
            return False
        self.watch.round_posted(before)
        return True

    def wait(self, seconds: int) -> None:
        """Time goes by; the engine acts in the next block and each minute after, and what is due is paid."""
        end, step = self.now + seconds, BLOCK
        while self.now + step < end:
            self.now += step
            self.keeper(self)
            step = PAUSE
        self.now = end
        self.pay_out()

    def pay_out(self, only: str | None = None) -> None:
        """Pay what is due, unless pay-outs are stopped."""
        if self.rounds.level(self.now) < NO_WITHDRAWALS:
            for item, amount in self.vault.pay_out(self.now, self.active, only):
                self.watch.paid(item, amount)

    # The engine

    def flag(self, account: Account, round_id: int | None = None) -> None:
        """A proof that an account is below maintenance margin."""
        require(not self.is_stopped, "stopped")
        since = account.flagged_at
        require(since is None or self.active - since > self.rules.flag_lifetime, "flagged")
        number = self.newest.id if round_id is None else round_id
        self._require_current(account, number)
        chosen = self._serving(Use.FLAGS, round_id, account)
        require(health(account.state, chosen.risk, VectorKind.MAINTENANCE) < 0, "healthy")
        account.flagged_at, account.proven_at = self.active, chosen.id
        self.watch.flagged(account)

    def recover(self, account: Account, round_id: int | None = None) -> None:
        """A proof that a flagged account is healthy again."""
        chosen = self._serving(Use.CURES, round_id, account)
        require(health(account.state, chosen.risk, VectorKind.MAINTENANCE) >= 0, "unhealthy")
        account.flagged_at = None
        self.watch.freed(account)

    def call_overdraft(self, account: Account) -> None:
        """The overdraft flag of an account: set, kept or cleared, as covered cash says at the newest round."""
        is_overdrawn = self.rules.overdrafts_are_called and self.health(account, VectorKind.OVERDRAFT) < 0
        if not is_overdrawn:
            account.overdrawn_at = None
        elif account.overdrawn_at is None:
            account.overdrawn_at = self.active

    def take_over(self, victim: Account, taker: Account, part: Part, round_id: int | None = None) -> Release:
        """`release` and the taker's `update`, in one transaction."""
        chosen = self._serving(Use.TAKEOVERS, round_id, victim, taker)
        release = self._released(victim, part, chosen)
        require(victim is not taker and taker.flagged_at is None, "taker is not free")
        trade = self._trade(taker, part.amounts, release.cost, 1)
        bought = updated(self.rules, trade, chosen.taker_risk, Claim.UNSAID)
        old = victim.state
        self._change(victim, release.left)
        self._change(taker, bought, chosen)
        if release.is_cured and part.kind is VectorKind.MAINTENANCE:
            victim.flagged_at = None
        if release.is_cured and part.kind is VectorKind.OVERDRAFT:
            victim.overdrawn_at = None
        self.watch.taken(victim, old, part, release)
        self.watch.moved(taker, at=chosen)
        return release

    def is_released(self, victim: Account, part: Part) -> Release:
        """The victim's side at the newest round. Raises `RefusedError`."""
        return self._released(victim, part, self.newest)

    def write_off(self, account: Account) -> None:
        """An account without positions and with a debt becomes empty."""
        require(account.flagged_at is not None, "not flagged")
        require(not any(account.state.balances) and account.state.quote < 0, "positions or no debt")
        debt = -account.state.quote
        self._change(account, empty_state(self.n))
        account.flagged_at = None
        self.vault.write_off(debt, self.now)
        self.watch.written_off(account, debt)

    # Measures of states

    def settled(self, account: Account, until: int | None = None) -> State:
        """The state of an account once every expiry is applied, or those of the epochs until one."""
        state = account.state
        for epoch in range(account.epoch, len(self.rounds.epochs) if until is None else until):
            state = self._expired(state, epoch)
        return state

    def equity(self, account: Account) -> int:
        """At the newest round, expiries applied [1e-18 USD]."""
        return assess_at(self.settled(account), self.newest.risk.vectors, VectorKind.MAINTENANCE).equity

    def cash(self, account: Account) -> int:
        """Covered cash at the upper lambda, at the newest round [1e-18 USD], rounded down."""
        risk = self.newest.risk
        return covered_cash(self.settled(account), risk, risk.lambdas_ppm[1]) // 10**6

    def debts_of(self, owner: str) -> dict[str, int]:
        """The accounts of an owner with negative equity, and what they owe [1e-18 USD]."""
        equities = {name: self.equity(each) for name, each in self.accounts.items() if each.owner == owner}
        return {name: -equity for name, equity in equities.items() if equity < 0}

    # Internals

    def _step(self, account: Account, transfer: Transfer) -> Transition:
        return Transition(account.state, (0,) * self.n, 0, trades=False, transfer=transfer)

    def _trade(self, account: Account, amounts: tuple[int, ...], cost: int, sign: int) -> Transition:
        traded = tuple(sign * amount for amount in amounts)
        return Transition(account.state, traded, sign * cost, trades=True, transfer=NO_TRANSFER)

    def _change(self, account: Account, state: State, proven: Round | None = None) -> None:
        """Give an account a state, which was proven to meet maintenance margin at a round, or at none."""
        account.set(state)
        account.changed_at = self.newest.id
        if proven is not None:
            account.proven_at = proven.id

    def _require_current(self, account: Account, number: int) -> None:
        """A proof of an account is at a round since when it did not change."""
        is_current = number >= account.changed_at
        require(is_current or not self.rules.round_since_change, "round before the last change")

    def _serving(self, use: Use, round_id: int | None, *accounts: Account) -> Round:
        chosen = self.rounds.serving(use, round_id, self.now)
        for account in accounts:
            is_current = account.epoch == len(self.rounds.epochs)
            require(is_current or not self.rules.epoch_of_account, "account of an older epoch")
            is_of_epoch = account.epoch == chosen.epoch
            require(is_of_epoch or not is_current or not self.rules.epoch_of_round, "round of another epoch")
        return chosen

    def _released(self, victim: Account, part: Part, chosen: Round) -> Release:
        require(not self.is_stopped, "stopped")
        flagged_at = victim.overdrawn_at if part.kind is VectorKind.OVERDRAFT else victim.flagged_at
        require(flagged_at is not None, "not flagged")
        assert flagged_at is not None
        equity = assess_at(victim.state, chosen.risk.vectors, VectorKind.MAINTENANCE).equity
        rates = rates_at(self.rules, part.kind, self.active - flagged_at, is_insolvent=equity < 0)
        require(part.rate <= (rates.covered if part.is_covered else rates.uncovered), "rate is not reached")
        return released(self.rules, chosen.risk, chosen.stale, victim.state, part)

    def _expired(self, state: State, epoch: int) -> State:
        slots, prices = self.rounds.epochs[epoch]
        settled = sum(b * prices[slot] for slot, b in enumerate(state.balances) if slots >> slot & 1)
        balances = (0 if slots >> slot & 1 else b for slot, b in enumerate(state.balances))
        return State(tuple(balances), state.quote + settled)
