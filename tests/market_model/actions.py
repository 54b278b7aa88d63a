"""What a coalition does, step by step: a script is a list of these, and replays as it is printed."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from market_model.accounts import Account
from market_model.keeper import Keeper
from market_model.listings import Listing
from market_model.market import Market
from market_model.measures import Measures
from market_model.planning import costs, mark, most, sizes
from market_model.rounds import Round
from market_model.rules import ONE, RefusedError, Rules, require

from prover.market import PPM
from prover.trade import Claim


@dataclass
class Table:
    """A market that is played, and the prices outside.

    Attributes:
        market: played.
        measures: of what is stolen.
        outside: prices there [1e-9 USD].
        seen: of slots whose expiry is over, the price then [1e-9 USD].
    """

    market: Market
    measures: Measures
    outside: list[int]
    seen: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.measures.outside, self.measures.seen = self.outside, self.seen

    def see(self, before: int) -> None:
        """Keep the prices of expiries before a time."""
        for slot, listing in enumerate(self.market.rounds.listings):
            if listing is not None and 0 < listing.expires_at < before:
                self.seen.setdefault(slot, self.outside[slot])

    def reported(self) -> list[int]:
        """What reporters say of now: of an asset whose expiry is over the price then, until it has settled."""
        return [self.seen.get(slot, price) for slot, price in enumerate(self.outside)]

    def asset(self, name: str) -> int:
        return self.market.n if name == "money" else self.market.slot(name)

    def account(self, name: str) -> Account:
        require(name in self.market.accounts, "no such account")
        return self.market.accounts[name]

    def round(self, back: int) -> tuple[Round, int]:
        """A round before the newest, and its number."""
        number = self.market.newest.id - back
        require(number >= 1, "no such round")
        return self.market.rounds.recorded[number - 1], number


class Action(Protocol):
    """A step of a script."""

    def play(self, table: Table) -> None:
        """Take it. Raises `RefusedError` when the market does not."""


@dataclass(frozen=True)
class Trade:
    """A basket of one size, at one price.

    Attributes:
        buyer: name of an account; so is seller.
        legs: units by symbol that the buyer gains for each unit of the size.
        size: which of `sizes`, from the smallest, -1 the largest; or a number of tokens as text; or "close", what the
            seller has, and "half" of that.
        price: "mark", or the "low" or "high" end of what both sides can prove.
        back: rounds before the newest.
        claim: of both.
    """

    buyer: str
    seller: str
    legs: tuple[tuple[str, int], ...]
    size: int | str
    price: str = "mark"
    back: int = 0
    claim: Claim = Claim.UNSAID

    def play(self, table: Table) -> None:
        market = table.market
        buyer, seller = table.account(self.buyer), table.account(self.seller)
        chosen, number = table.round(self.back)
        amounts, cost = self.terms(table, buyer, seller, chosen)
        claims = market.claim_of(buyer, self.claim), market.claim_of(seller, self.claim)
        market.settle(buyer, seller, amounts, cost, claims=claims, round_id=number)

    def terms(self, table: Table, buyer: Account, seller: Account, chosen: Round) -> tuple[tuple[int, ...], int]:
        """Amounts and cost."""
        market = table.market
        legs = market.amounts(**dict(self.legs))
        if self.size in {"close", "half"}:
            part = 1 if self.size == "close" else 2
            amounts = tuple(b // part if leg else 0 for b, leg in zip(seller.state.balances, legs, strict=True))
            require(any(amounts), "nothing to close")
        elif isinstance(self.size, str):
            amounts = tuple(int(self.size) * ONE * leg for leg in legs)
        else:
            numbers = sorted(set(sizes(buyer, seller, legs, chosen)))
            require(numbers, "no size")
            number = numbers[self.size % len(numbers)]
            amounts = tuple(number * leg for leg in legs)
        if self.price == "mark":
            return amounts, mark(amounts, chosen)
        span = costs(market, (buyer, seller), amounts, chosen, self.claim)
        require(span is not None, "no price")
        assert span is not None
        return amounts, span[self.price == "high"]


@dataclass(frozen=True)
class Withdraw:
    """All that can be withdrawn of an asset, or an amount [1e-9 token]."""

    account: str
    asset: str
    back: int = 0
    amount: int = 0

    def play(self, table: Table) -> None:
        account, asset = table.account(self.account), table.asset(self.asset)
        chosen, number = table.round(self.back)
        amount = self.amount or most(table.market, account, asset, chosen)
        amount -= amount % table.market.vault.unit(asset)
        require(amount, "nothing to withdraw")
        table.market.withdraw(account, asset, amount, number)


@dataclass(frozen=True)
class Deposit:
    """Tokens from the wallet."""

    account: str
    asset: str
    amount: int
    claim: Claim = Claim.UNSAID
    back: int = 0

    def play(self, table: Table) -> None:
        market, account = table.market, table.account(self.account)
        _, number = table.round(self.back)
        market.deposit(account, table.asset(self.asset), self.amount, market.claim_of(account, self.claim), number)


@dataclass(frozen=True)
class Post:
    """The next set of prices.

    Attributes:
        moves: by symbol [ppm of the price outside].
        after: seconds.
        stale: symbols that the reports leave out.
    """

    moves: tuple[tuple[str, int], ...] = ()
    after: int = 60
    stale: tuple[str, ...] = ()

    def play(self, table: Table) -> None:
        market = table.market
        table.see(market.now + self.after)
        for symbol, move in self.moves:
            slot = market.slot(symbol)
            table.outside[slot] += table.outside[slot] * move // PPM
        table.see(market.now + self.after + 1)
        stale = sum(1 << market.slot(symbol) for symbol in self.stale)
        market.post(table.reported(), self.after, stale=stale)


@dataclass(frozen=True)
class Wait:
    """Time goes by."""

    seconds: int

    def play(self, table: Table) -> None:
        table.market.wait(self.seconds)


@dataclass(frozen=True)
class Settle:
    """The reports of an expiry settle slots.

    Attributes:
        symbols: that expire at the same time.
        error: of the reports [ppm of the price then].
    """

    symbols: tuple[str, ...]
    error: int = 0

    def play(self, table: Table) -> None:
        market = table.market
        slots = [market.slot(symbol) for symbol in self.symbols]
        table.see(market.now + 1)
        listing = market.rounds.listings[slots[0]]
        assert listing is not None
        prices = {slot: table.seen.get(slot, table.outside[slot]) for slot in slots}
        wrong = {slot: price + price * self.error // PPM for slot, price in prices.items()}
        market.settle_expiry(listing.expires_at, wrong)


@dataclass(frozen=True)
class Expire:
    """The owner, or the guardian, takes an account through expiries.

    Attributes:
        account: its name.
        epochs: how many; all when it is 0.
        exit: the account gets the commitment again from which it exited; -1 for a new one.
    """

    account: str
    epochs: int = 0
    exit: int = -1

    def play(self, table: Table) -> None:
        market, account = table.market, table.account(self.account)
        rho = market.exits[self.exit].before[1] if 0 <= self.exit < len(market.exits) else None
        market.expire(account, account.epoch + self.epochs if self.epochs else None, rho)


@dataclass(frozen=True)
class Leave:
    """An exit.

    Attributes:
        account: its name.
        amount: [1e-18 USD]; all of its quote when it is 0.
        recipient: who is paid; its owner when it is empty.
    """

    account: str
    amount: int = 0
    recipient: str = ""

    def play(self, table: Table) -> None:
        account = table.account(self.account)
        amount = self.amount or account.state.quote
        require(amount > 0, "nothing to take out")
        table.market.exit(account, amount, self.recipient or None)


@dataclass(frozen=True)
class Replay:
    """The proof of an exit is submitted again, by any caller."""

    exit: int = 0

    def play(self, table: Table) -> None:
        require(self.exit < len(table.market.exits), "no such exit")
        table.market.replay_exit(table.market.exits[self.exit])


@dataclass(frozen=True)
class Close:
    """An empty account ends."""

    account: str

    def play(self, table: Table) -> None:
        table.market.close(table.account(self.account))


@dataclass(frozen=True)
class List:
    """Governance lists another asset in the slot of one that settled.

    Attributes:
        slot: its number.
        listing: whose expiry counts from then on.
        price: outside [1e-9 USD].
    """

    slot: int
    listing: Listing = field(repr=False)
    price: int

    def play(self, table: Table) -> None:
        expires_at = table.market.now + self.listing.expires_at if self.listing.expires_at else 0
        require(self.slot < table.market.n, "no such slot")
        table.market.list(self.slot, replace(self.listing, expires_at=expires_at))
        table.outside[self.slot] = self.price
        table.seen.pop(self.slot, None)


@dataclass(frozen=True)
class Delist:
    """Governance announces a delisting: no position grows from the next round on.

    Attributes:
        symbol: of the asset.
        after: seconds until its expiry.
    """

    symbol: str
    after: int = 86_400

    def play(self, table: Table) -> None:
        table.market.delist(table.market.slot(self.symbol), table.market.now + self.after)


@dataclass(frozen=True)
class Sleep:
    """From now on no honest guardian reads an account."""

    account: str

    def play(self, table: Table) -> None:
        table.market.asleep.add(self.account)


@dataclass(frozen=True)
class WindDown:
    """Any caller starts the end of the book."""

    def play(self, table: Table) -> None:
        table.market.start_wind_down()


@dataclass(frozen=True)
class Repeat:
    """Any caller records a round of a book that winds down."""

    def play(self, table: Table) -> None:
        table.market.record_wind_down()


@dataclass(frozen=True)
class Prove:
    """The owner proves at the newest round that an account meets maintenance margin."""

    account: str

    def play(self, table: Table) -> None:
        table.market.prove(table.account(self.account))


@dataclass(frozen=True)
class Rekey:
    """The state of an account moves to another identity."""

    account: str
    name: str

    def play(self, table: Table) -> None:
        table.market.rekey(table.account(self.account), self.name)
        table.measures.judge()


@dataclass(frozen=True)
class Dodge:
    """From now on the owner deposits a unit before each takeover, which then names an old commitment."""

    account: str
    claim: Claim = Claim.TOPS_UP

    def play(self, table: Table) -> None:
        market, account = table.market, table.account(self.account)

        def top_up() -> None:
            try:
                market.deposit(account, market.n, 1, self.claim)
            except RefusedError:
                return

        market.dodges[account.name] = top_up


@dataclass(frozen=True)
class Flee:
    """From now on the owner moves the account to another identity before each flag and takeover."""

    account: str

    def play(self, table: Table) -> None:
        market, account = table.market, table.account(self.account)

        def move() -> None:
            try:
                market.rekey(account, f"{account.name}'")
            except RefusedError:
                return
            market.dodges[account.name] = move

        market.dodges[account.name] = move


@dataclass(frozen=True)
class PayOut:
    """Call the queue for one owner."""

    owner: str

    def play(self, table: Table) -> None:
        table.market.pay_out(self.owner)


@dataclass(frozen=True)
class Scene:
    """How a market begins.

    Attributes:
        listings: by slot.
        prices: [1e-9 USD].
        accounts: name, owner, tokens by symbol.
        opening: steps before the coalition's.
        fund: of the insurance fund [1e-18 USD].
    """

    listings: tuple[Listing, ...]
    prices: tuple[int, ...]
    accounts: tuple[tuple[str, str, dict[str, int]], ...]
    opening: tuple[Action, ...] = ()
    fund: int = 0

    def table(self, rules: Rules) -> Table:
        """A market with its accounts, after the opening."""
        market = Market.of(self.listings, self.prices, rules, fund=self.fund)
        for name, owner, tokens in self.accounts:
            market.open(name, owner, **tokens)
        if "liquidator" in market.accounts:
            market.keeper = Keeper("liquidator", "maker")
        table = Table(market, Measures(market), list(self.prices))
        for action in self.opening:
            action.play(table)
        return table


def play(scene: Scene, rules: Rules, script: Sequence[Action], rest: int = 0) -> Table:
    """Play a script; refused steps change nothing. Then some rounds at unchanged prices, in which the engine works."""
    table = scene.table(rules)
    for action in [*script, *[Post()] * rest]:
        try:
            action.play(table)
        except RefusedError:
            continue
    return table
