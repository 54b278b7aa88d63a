"""Draws runs for the contracts to replay: of several calls, the one whose outcome came up least so far."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from typing import Final

from market_model.actions import (
    Action,
    Deposit,
    Post,
    Table,
    Trade,
    Wait,
    Withdraw,
)
from market_model.engine_actions import (
    Flag,
)
from market_model.listings import LAMBDAS, Listing
from market_model.measures import Measures
from market_model.planning import most
from market_model.recording import RecordedMarket
from market_model.rules import DOLLAR, ONE, RefusedError, Rules, require
from market_model.scenes import BTC, CALL, PERP, USD, WBTC, both_ways, trades

from prover.trade import Claim

VECTORS: Final = Path(__file__).parent.parent / "vectors" / "market-runs.json"

RULES: Final = Rules(max_age=3_600)
"""Rounds of an hour serve, and longer than a withdrawal waits."""

LISTINGS: Final[tuple[Listing, ...]] = (
    replace(WBTC, prices=replace(WBTC.prices, least_price=2_000 * USD)),
    replace(PERP, prices=replace(PERP.prices, least_price=2_000 * USD)),
    replace(CALL, prices=replace(CALL.prices, deviation_ppm=50_000, deviation_amount=100 * USD)),
)
"""Spot, a perpetual and a call on it, within the bounds that `RiskParameters` demands."""

PRICES: Final = (BTC, BTC, 100 * USD)

_OWNERS: Final = {
    "maker": {"money": 500_000 * DOLLAR, "wbtc": 50 * ONE},
    "a": {"money": 20_000 * DOLLAR},
    "b": {"wbtc": 12 * ONE},
    "c": {"money": 40_000 * DOLLAR},
}
_LATE: Final = ("d", "e")
"""They are opened in the run."""

_NAMES: Final = ("a", "b", "c")

_LENGTH: Final = 120
"""Calls of a run."""

_DRAWN: Final = 10
"""One of so many is made."""

_POST, _ACCEPTED, _BARRED, _UNPROVEN, _STOP = 1, 4, 6, 16, 24
"""How much an outcome counts: what moves prices least, a call that a rule of the contracts bars less than one without a
proof."""


@dataclass(frozen=True)
class Outcome:
    """What comes of an action, as far as one is like another.

    Attributes:
        what: was called.
        error: why it is refused.
        proofs: claims, which of them hold, and whose accounts are flagged.
        edge: 0 in the last second of a limit, 1 in the next, -1 otherwise.
    """

    what: str
    error: str = ""
    proofs: tuple[tuple[int, bool, bool], ...] = ()
    edge: int = -1

    @property
    def weight(self) -> int:
        """How much it counts."""
        if self.error:
            return _BARRED if self.proofs and all(holds for _, holds, _ in self.proofs) else _UNPROVEN
        return _WEIGHTS.get(self.what.split()[0], _ACCEPTED)


_WEIGHTS: Final = {"post": _POST, "stop": _STOP, "flagOn": _POST, "takeOver": _POST, "writeOff": _POST}
"""Of calls that are accepted."""

_LIMITS: Final = {
    "settle": "grace",
    "deposit": "cure",
    "payOut": "delay",
    "takeOver": "cure",
    "writeOff": "cure",
    "flagOn": "lifetime",
    "flagSilent": "answer",
    "redeem": "cooldown",
    "withdrawFund": "window",
}
"""What limits a call."""


@dataclass(frozen=True)
class Open:
    """An account without tokens."""

    name: str

    def play(self, table: Table) -> None:
        table.market.open(self.name, self.name)


@dataclass(frozen=True)
class Overdraw:
    """A unit more than can be withdrawn."""

    account: str
    asset: str

    def play(self, table: Table) -> None:
        account, asset = table.account(self.account), table.asset(self.asset)
        table.market.withdraw(account, asset, most(table.market, account, asset, table.market.newest) + 1)


@dataclass(frozen=True)
class NextRound:
    """A deposit at a round that is not there yet."""

    account: str

    def play(self, table: Table) -> None:
        market = table.market
        market.deposit(table.account(self.account), market.n, DOLLAR, round_id=market.newest.id + 1)


@dataclass(frozen=True)
class Resubmit:
    """A call that was accepted is made again.

    Attributes:
        back: which, from the last one.
    """

    back: int

    def play(self, table: Table) -> None:
        market = recorded(table)
        replaceable = [step for step in market.steps if step.ticket or step.amount]
        accepted = [step for step in replaceable if not step.error][-self.back :]
        require(len(accepted) == self.back, "no such call")
        market.resubmit(accepted[0])


@dataclass(frozen=True)
class Level:
    """The level of the breaker is raised or lowered."""

    level: int

    def play(self, table: Table) -> None:
        recorded(table).set_level(self.level)


@dataclass(frozen=True)
class Pay:
    """Everything that is due."""

    def play(self, table: Table) -> None:
        table.market.pay_out()


@dataclass(frozen=True)
class Until:
    """The last second of a time limit, or the one after it.

    Attributes:
        limit: as `RecordedMarket.left` has it.
        after: seconds.
    """

    limit: str
    after: int

    def play(self, table: Table) -> None:
        left = [rest + self.after for rest in recorded(table).left(self.limit)]
        wait = min((seconds for seconds in left if seconds > 0), default=0)
        require(wait, "no such limit")
        table.market.wait(wait)


def recorded(table: Table) -> RecordedMarket:
    """The market of a table, which writes calls down."""
    assert isinstance(table.market, RecordedMarket)
    return table.market


_LEGS: Final = ((("perp", 1),), (("call", 1),), (("wbtc", 1),), (("perp", 1), ("wbtc", -1)))
_PAIRS: Final = (*both_ways(*_NAMES), *((name, "maker") for name in _NAMES), *(("maker", name) for name in _NAMES))
_CLAIMED: Final = tuple(
    Trade(*pair, legs, size, "mark", back, claim)
    for pair in (*_PAIRS, ("a", "a"))
    for legs in _LEGS[:2]
    for size in (-1, "half", "close", "40")
    for back in (0, 0, 1, 2)
    for claim in Claim
)

_ALPHABET: Final[tuple[tuple[Action, ...], ...]] = (
    trades(_PAIRS, legs=_LEGS, sizes=(0, -1, "half", "close", "1"), backs=(0, 0, 1, 1, 2)),
    _CLAIMED,
    tuple(
        Deposit(name, asset, amount, claim, back)
        for name in (*_NAMES, *_LATE)
        for asset, amount in (("money", 1), ("money", 10_000 * DOLLAR), ("wbtc", ONE))
        for claim in Claim
        for back in (0, 0, 0, 1)
    ),
    tuple(Withdraw(name, asset, back) for name in _OWNERS for asset in ("money", "wbtc") for back in (0, 0, 0, 1)),
    tuple(Overdraw(name, asset) for name in _OWNERS for asset in ("money", "wbtc")),
    tuple(Flag(name, back) for name in _OWNERS for back in (0, 0, 0, 1)),
    (Pay(), Resubmit(1), Resubmit(2), *(NextRound(name) for name in _NAMES), *(Open(name) for name in (*_LATE, "a"))),
    (*(Until(limit, after) for limit in ("grace", "cure", "age", "delay") for after in (0, 0, 1)), Wait(1), Wait(6)),
    (
        *(Post(((symbol, move),)) for symbol in ("perp", "wbtc") for move in (-40_000, -20_000, 0, 20_000)),
        *(Post(((symbol, 0),), 1) for symbol in ("perp", "wbtc")),
        Post((("perp", -250_000),)),
        Post((("wbtc", -300_000), ("perp", 300_000))),
        *(Post(stale=(symbol,)) for symbol in ("perp", "wbtc", "call")),
        Post((("perp", 10_000),), stale=("wbtc",)),
    ),
    (Level(0), Level(0), Level(0), Level(1), Level(2), Level(3)),
)


_PERP: Final = (("perp", 1),)
_LONG: Final = Trade("a", "maker", _PERP, 0)
_FALL: Final = Post((("perp", -40_000),))
_RISE: Final = Post((("perp", 40_000),))
_UNIT: Final = {claim: Deposit("a", "money", 1, claim) for claim in Claim}

_PAID_LATE: Final[tuple[Action, ...]] = (
    Withdraw("c", "money"),
    Until("delay", 0),
    Pay(),
    Wait(1),
    Level(3),
    Pay(),
    Level(0),
    Withdraw("b", "wbtc"),
    Until("delay", 1),
    Level(2),
    Pay(),
    Level(0),
    Post((("perp", 10_000),)),
    Until("grace", 0),
    Trade("a", "maker", _PERP, "1", back=1),
    Trade("a", "maker", _PERP, "1", back=1),
    Trade("a", "a", _PERP, "1"),
)
"""A withdrawal waits to its last second, and so does a trade."""

_TOPPED_UP: Final[tuple[Action, ...]] = (
    _LONG,
    *[_FALL] * 3,
    _UNIT[Claim.TOPS_UP],
    Wait(6),
    _UNIT[Claim.TOPS_UP],
    _UNIT[Claim.UNSAID],
    Flag("a"),
    replace(_RISE, after=30),
    _UNIT[Claim.UNSAID],
    _UNIT[Claim.REDUCES_RISK],
    Trade("maker", "a", _PERP, "close", claim=Claim.REDUCES_RISK),
    Until("cure", 0),
    _UNIT[Claim.REDUCES_RISK],
    Wait(1),
    _UNIT[Claim.REDUCES_RISK],
    *[_RISE] * 3,
    Withdraw("a", "money"),
    _UNIT[Claim.UNSAID],
    _UNIT[Claim.MEETS_INITIAL_MARGIN],
    Withdraw("a", "money"),
)
"""An account flags itself by a deposit, tops up until its window is over, recovers, and is cured."""

_CURED_LATE: Final[tuple[Action, ...]] = (
    _LONG,
    *[_FALL] * 3,
    _FALL,
    Flag("a", 1),
    Level(1),
    Flag("a"),
    Level(0),
    Flag("a"),
    Flag("a"),
    Until("cure", 1),
    _UNIT[Claim.TOPS_UP],
    Deposit("a", "money", 30_000 * DOLLAR, Claim.MEETS_INITIAL_MARGIN, 1),
    Deposit("a", "money", 30_000 * DOLLAR, Claim.MEETS_INITIAL_MARGIN),
)
"""An account is flagged by a gate, and only a cure is left."""

_JUMPED: Final[tuple[Action, ...]] = (
    Trade("maker", "b", _PERP, 0),
    Post((("wbtc", -250_000),)),
    Post(),
    Flag("b"),
    Deposit("b", "wbtc", 1, Claim.TOPS_UP),
)
_STALE: Final[tuple[Action, ...]] = (Trade("c", "b", (("call", 1),), 0), Post(stale=("wbtc",)), *[_FALL] * 2)

_HALVED: Final = Trade("maker", "a", _PERP, "half", claim=Claim.REDUCES_RISK)
_BUSY: Final[tuple[Action, ...]] = (
    _LONG,
    *[_UNIT[Claim.REDUCES_RISK]] * 4,
    _HALVED,
    Post(),
    replace(_HALVED, back=1),
    _HALVED,
    _UNIT[Claim.REDUCES_RISK],
    Post(),
    *[_UNIT[Claim.REDUCES_RISK]] * 5,
    Level(1),
    _UNIT[Claim.REDUCES_RISK],
    Level(0),
    Until("cure", 1),
    Post(),
    _UNIT[Claim.REDUCES_RISK],
    _UNIT[Claim.UNSAID],
    *[_HALVED] * 4,
    _HALVED,
    Withdraw("a", "money"),
    _HALVED,
)
"""An account changes often without showing initial margin: until it rests for a round, or shows it."""

_RUNS: Final[tuple[tuple[int, tuple[Action, ...]], ...]] = (
    (1, _PAID_LATE),
    (2, _TOPPED_UP),
    (3, _JUMPED),
    (4, _CURED_LATE),
    (5, _STALE),
    (6, _BUSY),
)
"""Seeds of what is drawn, and how runs begin."""


def run(seed: int, opening: tuple[Action, ...], seen: Counter[Outcome]) -> RecordedMarket:
    """A run.

    Args:
        seed: of what is drawn.
        opening: how it begins.
        seen: how often an outcome came up.
    """
    market = RecordedMarket.of(LISTINGS, PRICES, RULES)
    assert isinstance(market, RecordedMarket)
    table = begin(market, _OWNERS)
    for action in opening:
        attempt(table, action)
    draw(table, _ALPHABET, Random(seed), seen, _LENGTH)
    return market


def begin(market: RecordedMarket, owners: Mapping[str, Mapping[str, int]]) -> Table:
    """Record the first round, and open accounts with tokens."""
    market.record_first_round()
    for name, tokens in owners.items():
        market.open(name, name, **tokens)
    return Table(market, Measures(market), list(PRICES))


def draw(table: Table, alphabet: Sequence[Sequence[Action]], rng: Random, seen: Counter[Outcome], length: int) -> None:
    """Go on until so many calls were made: of several that are drawn, with the one whose outcome came up least."""
    while len(recorded(table).steps) < length:
        drawn = [rng.choice(rng.choice(alphabet)) for _ in range(_DRAWN)]
        outcomes = [(outcome, action) for action in drawn if (outcome := _outcome(table, action)) is not None]
        if outcomes:
            outcome, action = min(outcomes, key=lambda pair: seen[pair[0]])
            seen[outcome] += outcome.weight
            attempt(table, action)


def _outcome(table: Table, action: Action) -> Outcome | None:
    """What would come of an action; None when no call is made and no time goes by."""
    market = recorded(table)
    unchanged = (*market.rounds.recorded, *market.steps, *market.rounds.listings, market.rules)
    trial = deepcopy(table, {id(each): each for each in unchanged})
    attempt(trial, action)
    later = recorded(trial)
    if len(later.steps) == len(market.steps):
        return Outcome(str(action)) if later.now > market.now else None
    step = later.steps[-1]
    flagged = {market.identities[name] for name, each in market.accounts.items() if each.flagged_at is not None}
    proofs = tuple((side.claim, side.holds, side.account in flagged) for side in step.sides)
    what = f"{step.action} {step.detail} {step.asset == market.n}"
    limit = _LIMITS.get(step.action)
    edge = min((abs(rest) for rest in market.left(limit) if rest in {0, -1}), default=-1) if limit else -1
    return Outcome(what, step.reason, () if step.error == "RoundTooOld" else proofs, edge)


def attempt(table: Table, action: Action) -> None:
    """Make a call, which may be refused."""
    try:
        action.play(table)
    except RefusedError:
        return


def runs() -> list[RecordedMarket]:
    """All runs."""
    seen: Counter[Outcome] = Counter()
    return [run(seed, opening, seen) for seed, opening in _RUNS]


def text(markets: Iterable[RecordedMarket]) -> str:
    """Runs and the settings of their markets as JSON, a call a line."""
    lists = [braced(f'"{name}": {listed(items)}' for name, items in written(each).items()) for each in markets]
    slots = f'"slots": {listed(map(slot_settings, LISTINGS))}'
    return braced([f'"settings": {plain(settings(RULES))}', slots, f'"runs": [\n{",".join(lists)}\n]']) + "\n"


def settings(rules: Rules) -> dict[str, object]:
    """Parameters of a market."""
    return {
        "max_age": rules.max_age,
        "grace": rules.grace,
        "cure_window": rules.cure_window,
        "withdrawal_delay": rules.withdrawal_delay,
        "resume_grace": rules.resume_grace,
        "lambda_initial": LAMBDAS[0],
        "lambda_maintenance": LAMBDAS[1],
    }


def braced(entries: Iterable[str]) -> str:
    """An object, an entry a line."""
    return "{\n" + ",\n".join(entries) + "\n}"


def listed(items: Iterable[object]) -> str:
    """An array, an item a line."""
    return "[\n" + ",\n".join(map(plain, items)) + "\n]"


def plain(value: object) -> str:
    """In one line."""
    return json.dumps(_decimal(value), separators=(",", ":"))


def _decimal(value: object) -> object:
    """Integers as decimal strings, and names as Solidity has them."""
    if isinstance(value, dict):
        return {_camel(name): _decimal(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_decimal(item) for item in value]
    return str(int(value)) if isinstance(value, int) and not isinstance(value, bool) else value


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def slot_settings(listing: Listing) -> dict[str, object]:
    """How an asset is listed."""
    initial, maintenance, prices = listing.initial, listing.maintenance, listing.prices
    return {
        "kind": listing.kind.number,
        "initial": initial.long_ppm,
        "maintenance": maintenance.long_ppm,
        "short_initial": initial.short_ppm,
        "short_maintenance": maintenance.short_ppm,
        "underlying_initial": initial.underlying_ppm,
        "underlying_maintenance": maintenance.underlying_ppm,
        "underlying": initial.underlying,
        "deviation": prices.deviation_ppm,
        "deviation_amount": prices.deviation_amount,
        "least": prices.least_price,
        "greatest": prices.greatest_price,
    }


def written(market: RecordedMarket) -> dict[str, list[object]]:
    """The calls of a run, and what is left."""
    return {
        "steps": [asdict(step) for step in market.steps],
        "accounts": [account_at_end(market, name) for name in market.accounts],
        "tokens": [_token(market, asset) for asset in (0, market.n)],
    }


def account_at_end(market: RecordedMarket, name: str) -> dict[str, object]:
    """What is known of an account."""
    account, paid = market.accounts[name], market.vault.wallet(name)
    return {
        "account": market.identities[name],
        "commitment": market.commitments[name],
        "changed_at": account.changed_at,
        "proven_at": account.proven_at,
        "flagged_at": account.flagged_at or 0,
        "overdrawn_at": account.overdrawn_at or 0,
        "wallet": [paid[0], paid[market.n] // market.rules.grain],
    }


def _token(market: RecordedMarket, asset: int) -> dict[str, object]:
    queue, unit = [item for item in market.vault.queue if item.asset == asset], market.vault.unit(asset)
    return {
        "asset": asset,
        "held": market.vault.tokens[asset] // unit,
        "queued": market.vault.queued(asset) // unit,
        "recipients": [market.identities[item.owner] for item in queue],
        "amounts": [item.amount // unit for item in queue],
        "due": [item.due for item in queue],
    }


if __name__ == "__main__":
    VECTORS.write_text(text(runs()))
