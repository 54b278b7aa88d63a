"""The book: accounts, and the steps that change them. The engine that sells them is in `market`.

A proof is replaced by the check of its statement, a commitment by the state. `prover.trade` decides what `update`
allows, `prover.market` margins and rounds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Self

from market_model.accounts import Account, Watch
from market_model.listings import Listing
from market_model.rounds import NO_FLAGS, NO_WITHDRAWALS, Round, Rounds
from market_model.rules import RefusedError, Rules, Use, require
from market_model.updates import updated
from market_model.vault import Vault, Withdrawal

from prover.account import State, assess_at, empty_state
from prover.market import PostingStatus
from prover.trade import (
    NO_TRANSFER,
    Claim,
    Transfer,
    Transition,
    covered_cash,
    exited_state,
    expired_state,
    health,
)
from verifier import ProvingError, SettlementPrices, VectorKind

BLOCK = 12
"""The engine acts in the next block after a round [s]."""

PAUSE = 60
"""And then again and again [s]."""


@dataclass(frozen=True)
class Exit:
    """A proof of `exit`, which any caller may submit again.

    Attributes:
        account: its name.
        before: stands for the commitment that it starts from.
        after: the state that it leads to.
        amount: that leaves [1e-18 USD].
        recipient: who is paid.
    """

    account: str
    before: tuple[State, int]
    after: State
    amount: int
    recipient: str


@dataclass
class Book:
    """A book with its rounds and its vault.

    Attributes:
        rules: of the market.
        rounds: of prices.
        vault: of tokens.
        accounts: by name.
        used: names of all accounts that there ever were.
        exits: proofs that were submitted.
        now: time.
        keeper: acts in the block after each round.
        dodges: what owners do before each flag and takeover of theirs.
        asleep: accounts that no honest guardian reads.
        watch: is told of every step.
    """

    rules: Rules
    rounds: Rounds
    vault: Vault
    accounts: dict[str, Account] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    exits: list[Exit] = field(default_factory=list)
    now: int = 1
    keeper: Callable[[Self], None] = lambda _: None
    dodges: dict[str, Callable[[], None]] = field(default_factory=dict)
    asleep: set[str] = field(default_factory=set)
    watch: Watch = field(default_factory=Watch)

    @classmethod
    def of(cls, listings: Sequence[Listing], prices: Sequence[int], rules: Rules) -> Self:
        """A market without accounts, at its first round."""
        rounds = Rounds(rules, list(listings))
        market = cls(rules, rounds, Vault(rules, [0] * (len(listings) + 1)))
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
        require(name not in self.used, "identity is in use")
        newest = self.newest
        account = Account(name, owner, empty_state(self.n), newest.epoch, newest.id, newest.id)
        self.accounts[name] = account
        self.used.add(name)
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
        self._require_scales(asset, amount)
        first = account.first_flagged_at
        is_cure = first is not None and claim is Claim.MEETS_INITIAL_MARGIN
        chosen = self._serving(Use.CURES if is_cure else Use.DEPOSITS, round_id)
        self._require_current(account, chosen.id)
        self._require_epoch(account, chosen)
        if first is not None:
            require(claim is not Claim.UNSAID, "flagged")
            is_over = self.rules.top_up_ends and self.active - first > self.rules.cure_window
            require(is_cure or not is_over, "only a cure after the cure window")
        self._require_shown(account, claim)
        is_stale = bool(self.newest.stale >> asset & 1)
        require(not is_stale or not self.rules.stale_spot_stays_out, "price is stale")
        transfer = Transfer(asset, amount, is_withdrawal=False)
        new = updated(self.rules, self._step(account, transfer), chosen.risk, claim)
        self.vault.require_accepted(account.owner, asset)
        self._count(account, shows=claim is Claim.MEETS_INITIAL_MARGIN)
        self._change(account, new, chosen)
        self.vault.take_in(account.owner, asset, amount)
        if claim is Claim.TOPS_UP and account.flagged_at is None:
            account.flagged_at = self.active
            self.watch.flagged(account, VectorKind.MAINTENANCE)
        if is_cure:
            was_flagged = account.flagged_at is not None
            account.flagged_at = account.overdrawn_at = None
            if was_flagged:
                self.watch.freed(account, VectorKind.MAINTENANCE)
        self.watch.moved(account, at=chosen)
        self._rescale()

    def withdraw(self, account: Account, asset: int, amount: int, round_id: int | None = None) -> None:
        """Request a withdrawal: it leaves the account now, and is paid later."""
        self._require_scales(asset, amount)
        chosen = self._serving(Use.WITHDRAWALS, round_id)
        self._require_current(account, chosen.id)
        self._require_epoch(account, chosen)
        require(not self.is_stopped, "stopped")
        require(account.first_flagged_at is None, "flagged")
        step = self._step(account, Transfer(asset, amount, is_withdrawal=True))
        new = updated(self.rules, step, chosen.risk, Claim.UNSAID)
        self._count(account, shows=True)
        self._change(account, new, chosen)
        self.watch.grew(account)
        self._enqueue(account.owner, asset, amount)
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
        chosen = self._serving(Use.TRADES, round_id)
        require(buyer is not seller or not self.rules.two_accounts, "same account")
        for account, claim in zip((buyer, seller), claims, strict=True):
            self._require_current(account, chosen.id)
            self._require_epoch(account, chosen)
            require(claim is not Claim.TOPS_UP, "a trade is no deposit")
            require(account.first_flagged_at is None, "flagged")
            shrinks = claim is Claim.REDUCES_RISK
            require(not self.is_stopped or shrinks or not self.rules.stop_ends_growth, "stopped")
            self._require_shown(account, claim)
        steps = [self._trade(account, amounts, cost, sign) for account, sign in ((buyer, 1), (seller, -1))]
        new = [updated(self.rules, step, chosen.risk, claim) for step, claim in zip(steps, claims, strict=True)]
        for account, step, state, claim in zip((buyer, seller), steps, new, claims, strict=True):
            if not step.shrinks:
                self.watch.grew(account)
            self._count(account, shows=claim is Claim.MEETS_INITIAL_MARGIN)
            self._change(account, state, chosen)
        self.watch.moved(buyer, seller, at=chosen)

    def claim_of(self, account: Account, claim: Claim = Claim.UNSAID) -> Claim:
        """What an owner's program shows, who would rather show something else."""
        must_show = claim is Claim.UNSAID and self._must_show(account)
        return Claim.MEETS_INITIAL_MARGIN if must_show else claim

    # The life of an account

    @property
    def epoch_to_act_in(self) -> int:
        """How far an account gets: to the epoch of the newest round, so that no account is ahead of its flags."""
        return self.newest.epoch if self.rules.expire_needs_round else self.rounds.expiries.epoch

    def expire(self, account: Account, to_epoch: int | None = None, rho: int | None = None) -> None:
        """Balances of settled slots become money at their settlement prices.

        Args:
            account: whose. Any reader of it can prove this.
            to_epoch: where it goes; to that of the newest round when it is None.
            rho: what that reader would seal the new state with.
        """
        epoch = self.epoch_to_act_in if to_epoch is None else to_epoch
        require(epoch <= self.epoch_to_act_in, "no round of that epoch")
        slots, prices = self.rounds.expiries.step(account.epoch, epoch)
        try:
            state = expired_state(account.state, slots, SettlementPrices(prices))
        except ProvingError:
            raise RefusedError("no proof of an expiry") from None
        account.set(state, None if self.rules.fresh_rho else rho)
        account.changed_at, account.proven_at, account.epoch = self.newest.id, 0, epoch
        self.watch.expired(account)

    def exit(self, account: Account, amount: int, recipient: str | None = None) -> None:
        """Take quote out of an account without positions. No round is needed, nor a breaker that is open."""
        self._require_free(account)
        old = account.state
        flat = old if self.rules.exit_is_flat else State((0,) * self.n, old.quote)
        try:
            left = exited_state(flat, amount)
        except ProvingError:
            raise RefusedError("no proof of an exit") from None
        new = State(old.balances, left.quote)
        proof = Exit(account.name, account.commitment, new, amount, recipient or account.owner)
        self.exits.append(proof)
        self._exit(account, proof)
        self.watch.moved(account, at=self.newest)

    def replay_exit(self, proof: Exit) -> None:
        """Submit a proof of an exit again: it acts where the account has that commitment again."""
        require(proof.account in self.accounts, "no such account")
        account = self.accounts[proof.account]
        self._require_free(account)
        require(account.commitment == proof.before, "commitment is not current")
        self._exit(account, proof)
        self.watch.replayed(proof.amount)

    def rekey(self, account: Account, name: str) -> None:
        """The state moves to another identity, which has another guardian."""
        self._require_free(account)
        is_proven = account.proven_at == self.newest.id
        require(is_proven or not self.rules.rekey_needs_proof, "not proven at the newest round")
        self._require_shown(account, Claim.UNSAID)
        require(name not in self.used or not self.rules.new_identity, "identity is in use")
        self.accounts.pop(account.name)
        self._count(account, shows=False)
        account.name = name
        account.set(account.state)
        account.changed_at = self.newest.id
        self.accounts[name] = account
        self.used.add(name)

    def close(self, account: Account) -> None:
        """An account that holds and owes nothing ends."""
        self._require_free(account)
        require(account.state == empty_state(self.n), "no proof of an empty account")
        self.accounts.pop(account.name)

    # Settlements

    def settle_expiry(self, expiry: int, prices: dict[int, int]) -> None:
        """Reports of an expiry settle slots at these prices [1e-9 USD]. Any caller submits them."""
        self.rounds.settle(expiry, prices, self.now)
        self.watch.opened_epoch(self.rounds.expiries.epochs[-1], self.newest, is_last=False)

    def start_wind_down(self) -> None:
        """The book ends, after a silence."""
        before = self.newest
        self.rounds.start_wind_down(self.now)
        self.watch.opened_epoch(self.rounds.expiries.epochs[-1], before, is_last=True)
        self.watch.round_posted(before)

    def record_wind_down(self) -> None:
        """A young round of a book that ends."""
        before = self.newest
        self.rounds.record_wind_down(self.now)
        self.watch.round_posted(before)

    def list(self, slot: int, listing: Listing) -> None:
        """Governance lists an asset."""
        self.rounds.list(slot, listing, self.now)

    def delist(self, slot: int, expires_at: int) -> None:
        """Governance announces that a derivative expires."""
        self.rounds.delist(slot, expires_at, self.now)

    # Time and prices

    def post(self, prices: Sequence[int], after: int = 60, *, stale: int = 0) -> bool:
        """The next set of prices; whether it became a round. The engine acts in the block after the last round."""
        self.wait(after)
        before = self.newest
        outcome = self.rounds.post(prices, self.now, stale=stale)
        if outcome.status is PostingStatus.HELD:
            self.watch.held(outcome.far)
            return False
        self.watch.round_posted(before)
        return True

    def wait(self, seconds: int) -> None:
        """Time goes by; the engine acts in the next block and each minute after, and what is due is paid."""
        end, step = self.now + seconds, BLOCK
        while self.now + step < end and not self._is_idle(self.now + step):
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
        self._rescale()

    # Measures of states

    def settled(self, account: Account, until: int | None = None) -> State:
        """The state of an account once expiries are applied: until an epoch, or until that of the newest round."""
        state, epochs = account.state, self.rounds.expiries.epochs
        for slots, prices in epochs[account.epoch : self.newest.epoch if until is None else until]:
            state = expired_state(state, slots, SettlementPrices(prices))
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

    def _require_shown(self, account: Account, claim: Claim) -> None:
        """An account that changed often without showing initial margin shows it now, or is flagged by what it does."""
        shows = claim in {Claim.MEETS_INITIAL_MARGIN, Claim.TOPS_UP}
        require(shows or not self._must_show(account), "initial margin is not shown")

    def _must_show(self, account: Account) -> bool:
        if not self.rules.unshown_changes_end or self.is_stopped or account.is_flagged:
            return False
        return self._unshown(account) >= self.rules.max_unshown

    def _count(self, account: Account, *, shows: bool) -> None:
        """A change of the owner's, before it is made."""
        account.unshown = 0 if shows else min(self._unshown(account) + 1, self.rules.max_unshown)

    def _unshown(self, account: Account) -> int:
        """None counts before a whole round without a change."""
        return 0 if self.newest.id > account.changed_at + 1 else account.unshown

    def _rescale(self) -> None:
        """Price spot in money as it is worth now."""
        before = self.newest
        if self.rounds.rescale(self.vault.spot_scale):
            self.watch.round_posted(before)

    def _require_scales(self, asset: int, amount: int) -> None:
        """An amount is one of the token."""
        require(amount % self.vault.unit(asset) == 0, "amount does not scale")

    def _require_current(self, account: Account, number: int) -> None:
        """A proof of an account is at a round since when it did not change."""
        is_current = number >= account.changed_at
        require(is_current or not self.rules.round_since_change, "round before the last change")

    def _require_epoch(self, account: Account, chosen: Round) -> None:
        """The round is of the epoch of the account."""
        require(account.epoch == chosen.epoch or not self.rules.epoch_of_round, "account of another epoch")

    def _require_free(self, account: Account) -> None:
        """For what needs no round: the account went through every settlement that a round is of."""
        is_current = account.epoch == self.epoch_to_act_in
        require(is_current or not self.rules.epoch_of_round, "account of another epoch")
        require(not account.is_flagged, "account is not free")

    def _serving(self, use: Use, round_id: int | None) -> Round:
        return self.rounds.serving(use, round_id, self.now)

    def _is_idle(self, now: int) -> bool:
        """Whether the engine has no round."""
        return self.rules.rounds_are_young and now > self.newest.recorded_at + self.rules.max_age

    def _enqueue(self, owner: str, asset: int, amount: int) -> None:
        delay = self.rules.withdrawal_delay if self.rules.withdrawals_wait else 0
        self.vault.enqueue(Withdrawal(self.active + delay, owner, asset, amount, self.debts_of(owner)))

    def _exit(self, account: Account, proof: Exit) -> None:
        self._change(account, proof.after)
        account.proven_at = 0
        self._enqueue(proof.recipient, self.n, proof.amount)
