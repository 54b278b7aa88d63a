"""What a coalition stole, by what its accounts owe beyond what prices explain.

A coalition can take out what its accounts are worth. So it takes out more than it paid in and gained at accepted
prices exactly as far as its other accounts end below zero. Prices explain a debt when they made it: the measures
follow, for each account, the least health and the least covered cash that prices alone have led to. A price explains
nothing more once an account was unhealthy for longer than the cure window and two rounds: the engine is to have sold
it by then. Nor does it explain a position that grew while its price was known outside and no round had it.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

from market_model.accounts import Account, Watch
from market_model.engine import Part, Release, floor_rate
from market_model.expiries import Epoch
from market_model.ledger import ONE
from market_model.market import Market
from market_model.rounds import Round
from market_model.rules import BASIS, DOLLAR
from market_model.vault import Withdrawal

from prover.account import State, assess_at
from prover.trade import covered_cash, health
from verifier import RiskInputs, VectorKind

CENT: Final = DOLLAR // 100
"""What rounding may move in a whole script [1e-18 USD]."""

_KINDS: Final = (VectorKind.INITIAL, VectorKind.MAINTENANCE)

_ROUND: Final = 60
"""From a round to the next [s]."""


@dataclass
class Explained:
    """What prices explain of an account.

    Attributes:
        health: the least health at initial and at maintenance margin, each at most 0 [1e-18 USD].
        cash: the least covered cash, at most 0 [1e-18 USD].
        unhealthy_since: active time.
        overdrawn_since: active time.
    """

    health: dict[VectorKind, int] = field(default_factory=lambda: dict.fromkeys(_KINDS, 0))
    cash: int = 0
    unhealthy_since: int | None = None
    overdrawn_since: int | None = None


@dataclass
class Measures(Watch):
    """Counts what a coalition stole, and what honest owners suffered.

    Attributes:
        market: watched.
        coalition: the owner of its accounts.
        found: the most of each kind of theft so far [1e-18 USD].
        outside: prices there [1e-9 USD].
        seen: of slots whose expiry is over, the price then [1e-9 USD].
    """

    market: Market
    coalition: str = "thief"
    found: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    outside: list[int] = field(default_factory=list)
    seen: dict[int, int] = field(default_factory=dict)
    _explained: dict[Account, Explained] = field(default_factory=lambda: defaultdict(Explained))
    _known: dict[int, dict[Account, int]] = field(default_factory=dict)
    _worth: dict[Account, State] = field(default_factory=dict)
    _lost: int = 0
    _backed: tuple[int, int] = (0, 0)
    _others: int = 0

    def __post_init__(self) -> None:
        self.market.watch = self
        self.remember()

    @property
    def stolen(self) -> int:
        """All kinds together, each but for a cent."""
        return sum(amount for amount in self.found.values() if amount > CENT)

    def remember(self) -> None:
        """Keep the states, to compare trades with."""
        self._worth = {each: self.market.settled(each) for each in self.market.accounts.values()}

    # What happens

    def moved(self, *accounts: Account, at: Round) -> None:
        for account in accounts:
            self._find("a debt is left in the wind-down", self._left(account))
            explained, risk, state = self._explained[account], self.market.newest.risk, self._certain(account, None)
            cash = _cash(state, risk)
            healths = {kind: health(state, risk, kind) for kind in _KINDS}
            if self._is_in_grace(at) and healths[VectorKind.MAINTENANCE] >= 0:
                initial = VectorKind.INITIAL
                explained.health[initial] = min(explained.health[initial], healths[initial])
                explained.cash = min(explained.cash, cash)
            for kind in _KINDS:
                explained.health[kind] = max(explained.health[kind], min(0, healths[kind]))
            explained.cash = max(explained.cash, min(0, cash))
            self._date(explained, account)
        if {account.owner for account in accounts} > {self.coalition}:
            self._compare(accounts, at)
            self._find("a position grows at a known settlement", sum(self._foreknown(each, at) for each in accounts))
        self.remember()
        self.judge()

    def grew(self, account: Account) -> None:
        """Its stale spot is to back nothing of this, so a fall of the spot explains nothing either."""
        newest = self.market.newest
        for slot, known in self._known.items():
            if newest.stale & newest.risk.long_only & 1 << slot:
                known[account] = 0

    def round_posted(self, before: Round) -> None:
        risk = self.market.newest.risk
        for account in self._own():
            explained = self._explained[account]
            old, new = self._foreseen(account, before.epoch), self._foreseen(account, None)
            for kind in _KINDS:
                gained = _equity(new, risk, kind) - _equity(old, before.risk, kind)
                move = gained - self._margin_move(account, before, kind)
                if self._is_over(explained.unhealthy_since):
                    move = max(move, 0)
                floor = min(0, explained.health[kind] + move)
                explained.health[kind] = max(floor, min(0, self._health(account, kind)))
            floor = min(0, explained.cash + _cash(new, risk) - _cash(old, before.risk))
            is_over = self._is_over(explained.overdrawn_since, rounds=3)  # its owner may come first for one of them
            explained.cash = 0 if is_over else max(floor, min(0, self._cash(account)))
            self._date(explained, account)
        self._forget()
        self.remember()
        self.judge()

    def held(self, far: int) -> None:
        for slot in range(self.market.n):
            if far >> slot & 1:
                self._know(slot)

    def taken(self, victim: Account, old: State, part: Part, release: Release) -> None:
        risk = self.market.newest.risk
        whole = assess_at(old, risk.vectors, part.kind)
        if whole.health >= 0:
            self._find("a healthy account is sold", max(whole.margin, release.reward))
        explained = self._explained[victim]
        is_short = BASIS * whole.equity < floor_rate(self.market.rules, part.kind) * whole.margin
        is_due = whole.equity >= release.reward if part.is_covered else is_short
        undue = 0 if is_due else release.reward
        for kind in _KINDS:
            move = health(victim.state, risk, kind) - health(old, risk, kind) + undue
            explained.health[kind] = min(0, explained.health[kind] + move)
        explained.cash = min(0, explained.cash + _cash(victim.state, risk) - _cash(old, risk) + undue)
        self._date(explained, victim)
        self.judge()

    def flagged(self, account: Account, kind: VectorKind, *, is_silent: bool = False) -> None:
        is_read = account.name not in self.market.asleep
        if self._health(account, kind) >= 0 and (is_read or not is_silent):
            vectors = self.market.newest.risk.vectors
            whole = assess_at(self.market.settled(account), vectors, kind)
            self._find("a healthy account is flagged", whole.margin or whole.equity)

    def freed(self, account: Account, kind: VectorKind) -> None:
        self._find("an unhealthy account is freed", -self._health(account, kind))

    def paid(self, item: Withdrawal, amount: int) -> None:
        vault = self.market.vault
        if item.asset == vault.money:
            held, short = vault.tokens[vault.money] + amount, vault.shortfall + item.amount - amount
            self._find("paid more than is backed", amount - item.amount * held // (held + short))
            now = self.market.debts_of(item.owner)
            open_debts = sum(min(debt, now.get(name, 0)) for name, debt in item.debts.items())
            if item.owner == self.coalition:
                self._find("paid before a debt is seen", min(amount, open_debts))
        passed = [each for each in vault.queue if each.asset == item.asset and each.due < item.due]
        if item.owner == self.coalition and any(each.owner != item.owner for each in passed):
            self._find("paid before earlier requests", amount)

    def written_off(self, account: Account, debt: int) -> None:
        if account.owner == self.coalition:
            self._lost += max(0, debt + max(self._explained[account].health.values()))
        self._explained.pop(account, None)
        self._backed = 0, 0
        self.remember()
        self.judge()

    def fund_moves(self, owner: str) -> None:
        self._others = self._worth_to_others(owner)

    def fund_moved(self, owner: str) -> None:
        """The shares of others are not worth less, but for the unit that a share is rounded by."""
        if owner == self.coalition:
            lost = self._others - self._worth_to_others(owner) - 1
            self._find("shares of others lose", lost * self.market.rules.grain)

    def redeemed(self, owner: str, assets: int) -> None:
        """A debt that was known at the request is drawn, or sold, before the shares leave."""
        request = self.market.vault.fund.requests.get(owner)
        if request is not None and owner == self.coalition:
            now = self.market.debts_of(owner)
            open_debts = sum(min(debt, now.get(name, 0)) for name, debt in request.debts.items())
            self._find("shares leave before a debt is seen", min(assets * self.market.rules.grain, open_debts))

    def opened_epoch(self, epoch: Epoch, before: Round, *, is_last: bool) -> None:
        """A settlement is to be near the price at the expiry; after a silence, at the last one that was recorded."""
        gained, number = 0, self.market.rounds.expiries.epoch
        states = [self.market.settled(each, number - 1) for each in self._own()]
        for slot, price in enumerate(epoch.prices):
            if epoch.slots >> slot & 1:
                away = self._away_at_the_end(slot, price, before) if is_last else self._away(slot, price)
                gained += away * sum(state.balances[slot] for state in states)
        self._find("a settlement away from the price", gained)

    def expired(self, account: Account) -> None:
        """Through an epoch that no round is of yet, its settlement is a move of prices like that of a round."""
        if account.epoch > self.market.newest.epoch and account.owner == self.coalition:
            explained, risk, old = self._explained[account], self.market.newest.risk, self._worth[account]
            for kind in _KINDS:
                move = health(account.state, risk, kind) - health(old, risk, kind)
                explained.health[kind] = min(0, explained.health[kind] + move)
            explained.cash = min(0, explained.cash + _cash(account.state, risk) - _cash(old, risk))
        self.remember()
        self.judge()

    def replayed(self, amount: int) -> None:
        self._find("an exit is paid again", amount)

    # What is counted

    def judge(self) -> None:
        """Compare debts and loans with what prices explain, and the ledger with the accounts."""
        debts, loans = self._lost, 0
        for account in self._own():
            explained = self._explained[account]
            state, vectors = self.market.settled(account), self.market.newest.risk.vectors
            due = max(explained.health[kind] + assess_at(state, vectors, kind).margin for kind in _KINDS)
            equity = assess_at(state, vectors, VectorKind.INITIAL).equity
            debts += max(0, min(0, due) - equity)
            cash = self._cash(account)
            lent = min(0, equity) - cash
            loans += max(0, min(explained.cash - cash, lent))
        self._find("a debt that no price explains", debts)
        self._find("a loan against spot", loans)
        self._check_ledger()
        self._check_backing()

    def _check_ledger(self) -> None:
        market, vault = self.market, self.market.vault
        epoch = market.rounds.expiries.epoch
        states = [market.settled(account, epoch) for account in market.accounts.values()]
        money = sum(state.quote for state in states) + vault.queued(market.n)
        missing = abs(money - vault.tokens[market.n] - vault.shortfall)
        for slot, listing in enumerate(market.rounds.listings):
            total = sum(state.balances[slot] for state in states)
            if listing is not None and listing.is_spot:
                total += vault.queued(slot) - vault.tokens[slot]
                owed = sum(max(0, state.balances[slot]) for state in states) + vault.queued(slot)
                self._find("spot that is not there", (owed - vault.tokens[slot]) * market.newest.prices[slot])
            missing += abs(total) * max(1, market.newest.prices[slot])
        missing += self._unaccounted()
        for asset in range(market.n + 1):
            claimed = vault.ledger.claimed * vault.unit(asset) if asset == vault.money else 0
            missing += DOLLAR * abs(vault.unpaid(asset) - vault.queued(asset) - claimed)
        self._find("the ledger does not add up", missing)

    def _unaccounted(self) -> int:
        """What the parts of the market hold, less what owners paid in; and what claims are paid and not held."""
        vault, unit = self.market.vault, self.market.rules.grain
        held = [*vault.tokens[:-1], vault.backing + (vault.fund.assets + vault.ledger.held) * unit]
        paid_in = [-sum(wallet[asset] for wallet in vault.wallets.values()) for asset in range(len(held))]
        claims = vault.ledger.claims
        due = sum(claims.read(owner).due for owner in claims.by_owner)
        away = sum(abs(one - other) for one, other in zip(held, paid_in, strict=True))
        return DOLLAR * (away + max(0, due - vault.ledger.held))

    def _check_backing(self) -> None:
        """Nothing but a write-off makes money worth less."""
        vault, (backing, shortfall) = self.market.vault, self._backed
        now = vault.backing, vault.shortfall
        if shortfall:
            self._find("money is worth less", backing * sum(now) // (backing + shortfall) - now[0])
        self._backed = now

    def _worth_to_others(self, owner: str) -> int:
        fund = self.market.vault.fund
        return fund.worth(sum(shares for name, shares in fund.shares.items() if name != owner))

    def _compare(self, accounts: tuple[Account, ...], at: Round) -> None:
        """What the coalition gained by a trade with others, at the agreed round and with money at what backs it."""
        gained = sum(
            self._worth_of(self.market.settled(each), at) - self._worth_of(self._worth[each], at)
            for each in accounts
            if each.owner == self.coalition
        )
        self._find("a trade at the mark gains", gained)

    def _away(self, slot: int, price: int) -> int:
        """How much further a settlement is than a price may move [1e-9 USD].

        That is from the price at the expiry, or from that of the newest round, if it is a fresh one.
        """
        listing, newest = self.market.rounds.listings[slot], self.market.newest
        assert listing is not None
        dues = [self.seen[slot], *([] if newest.stale >> slot & 1 else [newest.marks[slot]])]
        moves = [(price - due, listing.prices.limit(due)) for due in dues]
        return min((max(0, move - limit) + min(0, move + limit) for move, limit in moves), key=abs)

    def _away_at_the_end(self, slot: int, price: int, before: Round) -> int:
        is_silent = self.market.now > before.recorded_at + self.market.rules.silence
        return price - (before.prices[slot] if is_silent else self.outside[slot])

    def _left(self, account: Account) -> int:
        """In a wind-down nothing is sold any more, and no price moves: what a debtor has is to stay behind its debt."""
        if account.owner != self.coalition or not self.market.rounds.expiries.is_winding_down:
            return 0
        state, prices = self.market.settled(account), self.market.newest.prices
        before, after = (
            each.quote + sum(b * price for b, price in zip(each.balances, prices, strict=True))
            for each in (self._worth[account], state)
        )
        return min(max(0, -state.quote), before - after)

    def _foreknown(self, account: Account, at: Round) -> int:
        """What its positions that grew gain by settlements that are open, and of which the newest round is not yet."""
        if account.owner != self.coalition:
            return 0
        gained, old, new = 0, self._worth[account].balances, account.state.balances
        for epoch in self.market.rounds.expiries.epochs[account.epoch :]:
            for slot, (b, c) in enumerate(zip(old, new, strict=True)):
                kept = min(max(b, 0), c) if c > 0 else max(min(b, 0), c)
                if epoch.slots >> slot & 1:
                    gained += (c - kept) * (epoch.prices[slot] - at.prices[slot])
        return gained

    def _worth_of(self, state: State, at: Round) -> int:
        """With money, and debts of it, at what it buys of spot: at most a step of the scale more than backs it."""
        vault, spot, money = self.market.vault, 0, state.quote
        for slot, balance in enumerate(state.balances):
            listing = self.market.rounds.listings[slot]
            if listing is not None and listing.is_spot:
                spot += balance * at.marks[slot]
            else:
                money += balance * at.prices[slot]
        return spot + money * ONE // vault.ledger.scale(vault.backing)

    def _find(self, kind: str, amount: int) -> None:
        self.found[kind] = max(self.found[kind], amount)

    # What prices explain

    def _own(self) -> list[Account]:
        return [account for account in self.market.accounts.values() if account.owner == self.coalition]

    def _health(self, account: Account, kind: VectorKind) -> int:
        return health(self.market.settled(account), self.market.newest.risk, kind)

    def _cash(self, account: Account) -> int:
        return _cash(self.market.settled(account), self.market.newest.risk)

    def _is_in_grace(self, at: Round) -> bool:
        newest, rules = self.market.newest, self.market.rules
        is_young = at.id == newest.id - 1 and self.market.now - newest.recorded_at <= rules.grace
        return is_young and self.market.rounds.moved_little(at) and newest.epoch == at.epoch

    def _is_over(self, since: int | None, rounds: int = 2) -> bool:
        return since is not None and self.market.active - since > self.market.rules.cure_window + rounds * _ROUND

    def _date(self, explained: Explained, account: Account) -> None:
        """Since when the engine could have sold the account; it sells nothing at an old price."""
        active, newest = self.market.active, self.market.newest
        held = sum(1 << slot for slot, balance in enumerate(self.market.settled(account).balances) if balance)
        is_sold = self._health(account, VectorKind.MAINTENANCE) < 0 and not held & newest.stale
        is_called = self._cash(account) < 0 and held & newest.risk.long_only & ~newest.stale
        explained.unhealthy_since = _first(explained.unhealthy_since, active) if is_sold else None
        explained.overdrawn_since = _first(explained.overdrawn_since, active) if is_called else None

    def _foreseen(self, account: Account, until: int | None) -> State:
        """The state whose gains and losses by a round are no choice of the owner's, expiries of some epochs applied."""
        chosen = account.state.balances
        before = tuple(
            self._known[slot].get(account, 0) if slot in self._known else balance for slot, balance in enumerate(chosen)
        )
        foreseen = Account(account.name, account.owner, State(before, account.state.quote), account.epoch)
        return self.market.settled(foreseen, until)

    def _margin_move(self, account: Account, before: Round, kind: VectorKind) -> int:
        """How its margin moved by a round, as far as the owner chose no part of it.

        An owner may close a part of a position while its price is known outside. That set margin free, which the
        account has since then. So the round frees no margin of that part again, when it has a fresh price of a slot.
        What that part would have gained is another matter (`_foreseen`): the owner gave it away.
        """
        old, new = self._certain(account, before.epoch), self._certain(account, None)
        return _margin(new, self.market.newest.risk, kind) - _margin(old, before.risk, kind)

    def _certain(self, account: Account, until: int | None) -> State:
        """Its state without the spot that came in since its price is known outside alone."""
        state, spot = self.market.settled(account, until), self.market.newest.risk.long_only
        balances = (
            min(balance, self._known[slot].get(account, 0)) if slot in self._known and spot >> slot & 1 else balance
            for slot, balance in enumerate(state.balances)
        )
        return State(tuple(balances), state.quote)

    def _know(self, slot: int) -> None:
        if slot not in self._known:
            self._known[slot] = {each: self.market.settled(each).balances[slot] for each in self._own()}

    def _forget(self) -> None:
        """A round has the prices of its live slots; those of stale and expired slots are known outside alone."""
        expired = self.market.rounds.expiries.settled
        for slot in range(self.market.n):
            if expired >> slot & 1:
                self._known[slot] = {}
            elif self.market.newest.stale >> slot & 1:
                self._know(slot)
            else:
                self._known.pop(slot, None)


def _cash(state: State, risk: RiskInputs) -> int:
    return covered_cash(state, risk, risk.lambdas_ppm[1]) // 10**6


def _equity(state: State, risk: RiskInputs, kind: VectorKind) -> int:
    return assess_at(state, risk.vectors, kind).equity


def _margin(state: State, risk: RiskInputs, kind: VectorKind) -> int:
    return assess_at(state, risk.vectors, kind).margin


def _first(since: int | None, now: int) -> int:
    return now if since is None else since
