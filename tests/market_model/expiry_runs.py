"""Two runs in which assets settle and are replaced, accounts move, leave and end, and a book winds down.

The format of the file is that of `recorded_runs`, with the calls of `expiry_recording`; slots have `expiresAt`, and
`replacements` are the assets that are listed later. At the end of a run, accounts have their `epoch`; `former` are the
accounts that moved or ended, with what their owners were paid less what they paid in; `epochs` is what settled, from
epoch 1 on; `end` has the number of accounts that were opened, and the status of the expiries.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Final

from market_model.actions import (
    Action,
    Close,
    Deposit,
    Expire,
    Leave,
    Post,
    Prove,
    Rekey,
    Repeat,
    Replay,
    Settle,
    Table,
    Trade,
    Wait,
    WindDown,
    Withdraw,
)
from market_model.engine_actions import (
    Flag,
)
from market_model.expiry_recording import ExpiryMarket
from market_model.listings import Listing
from market_model.recorded_runs import (
    LISTINGS,
    PRICES,
    RULES,
    Open,
    Outcome,
    Pay,
    Until,
    account_at_end,
    attempt,
    begin,
    braced,
    draw,
    listed,
    plain,
    recorded,
    settings,
    slot_settings,
    written,
)
from market_model.rules import DOLLAR, ONE, Rules, require
from market_model.scenes import USD, both_ways, trades

from prover.trade import Claim

VECTORS: Final = Path(__file__).parent.parent / "vectors" / "market-runs-expiry.json"

_DAY: Final = 86_400

EXPIRY_RULES: Final[Rules] = replace(RULES, notice=2 * _DAY, silence=4 * _DAY)
"""As the contracts have them today."""

_FIRST, _SECOND, _THIRD = 180_000, 194_400, 367_500
"""The expiries of the call, of the one that follows it, and of the perpetual."""

_ASSETS: Final = (*LISTINGS[:2], replace(LISTINGS[2], expires_at=_FIRST))
_REPLACEMENTS: Final = (
    replace(LISTINGS[2], symbol="next", expires_at=_SECOND),
    replace(LISTINGS[2], symbol="later", expires_at=10 * _DAY),
)

_OWNERS: Final = {
    "maker": {"money": 900_000 * DOLLAR, "wbtc": 50 * ONE},
    "a": {"money": 20_000 * DOLLAR},
    "b": {"wbtc": 12 * ONE},
    "c": {"money": 40_000 * DOLLAR},
    "s": {"money": 5_000 * DOLLAR},
    "flat": {"money": 10_000 * DOLLAR},
    "empty": {},
}


@dataclass(frozen=True)
class WaitUntil:
    """A time comes."""

    time: int

    def play(self, table: Table) -> None:
        require(self.time > table.market.now, "time is over")
        table.market.wait(self.time - table.market.now)


@dataclass(frozen=True)
class Announce:
    """Governance announces another call for the slot of the first one."""

    replacement: int = 0

    def play(self, table: Table) -> None:
        of(table).announce(2, self.replacement)


@dataclass(frozen=True)
class Execute:
    """And lists it."""

    price: int = 60 * USD

    def play(self, table: Table) -> None:
        of(table).list_announced(2)
        table.outside[2] = self.price
        table.seen.pop(2, None)


@dataclass(frozen=True)
class Delist:
    """A derivative is to expire at a time."""

    symbol: str
    time: int

    def play(self, table: Table) -> None:
        table.market.delist(table.market.slot(self.symbol), self.time)


@dataclass(frozen=True)
class SettleAt:
    """Reports of some time settle a slot at the price outside."""

    symbol: str
    time: int

    def play(self, table: Table) -> None:
        slot = table.market.slot(self.symbol)
        table.market.settle_expiry(self.time, {slot: table.outside[slot]})


def of(table: Table) -> ExpiryMarket:
    """The market of a table."""
    market = recorded(table)
    assert isinstance(market, ExpiryMarket)
    return market


_CALL: Final = (("call", 1),)
_NEXT_CALL: Final = (("next", 1),)
_PERP: Final = (("perp", 1),)
_NAMES: Final = ("a", "b", "c", "s")
_PAIRS: Final = (
    *both_ways("a", "b", "c"),
    *((name, "maker") for name in _NAMES),
    *(("maker", name) for name in _NAMES),
)

_ALPHABET: Final[tuple[tuple[Action, ...], ...]] = (
    trades(_PAIRS, legs=(_PERP, _CALL, _NEXT_CALL), sizes=(0, "half", "close", "1"), prices=["mark"], backs=(0, 0, 1)),
    tuple(
        Trade(*pair, legs, "half", "mark", 0, claim)
        for pair in _PAIRS
        for legs in (_PERP, _CALL, _NEXT_CALL)
        for claim in (Claim.MEETS_INITIAL_MARGIN, Claim.REDUCES_RISK)
    ),
    tuple(Expire(name, epochs) for name in (*_NAMES, "maker") for epochs in (0, 0, 1, 3)),
    tuple(Leave(name, amount) for name in _NAMES for amount in (0, 1_000 * DOLLAR, 90_000 * DOLLAR)),
    tuple(Prove(name) for name in _NAMES),
    tuple(Rekey(name, f"{name}{k}") for name in _NAMES for k in (2, 3)),
    (Rekey("a", "c"), Replay(), *(Close(name) for name in _NAMES)),
    tuple(Withdraw(name, asset) for name in (*_NAMES, "maker") for asset in ("money", "wbtc")),
    tuple(
        Deposit(name, asset, amount, claim)
        for name in _NAMES
        for asset, amount in (("money", 10_000 * DOLLAR), ("wbtc", ONE))
        for claim in Claim
    ),
    (*(Flag(name) for name in _NAMES), Open("e"), Open("a")),
    (Settle(("call",)), Settle(("next",)), SettleAt("perp", _FIRST), Execute(), WindDown(), Repeat(), Pay()),
    (Post((("perp", -40_000),)), Post((("perp", 20_000),)), Post(stale=("call",)), Post(), Wait(1), Wait(700)),
)

_UNTIL_SETTLED: Final[tuple[Action, ...]] = (
    Announce(),
    Trade("a", "maker", _CALL, "20"),
    Trade("s", "maker", _CALL, "10"),
    Trade("maker", "b", _CALL, "5"),
    Trade("c", "maker", _PERP, "3"),
    Delist("wbtc", _THIRD),
    Delist("call", _THIRD),
    Delist("perp", 100_000),
    SettleAt("call", _FIRST),
    Execute(),
    WaitUntil(_FIRST - 120),
    Trade("a", "maker", _CALL, "1"),
    Post(),
    Trade("a", "maker", _CALL, "1"),
    Settle(("call",)),
    Post(),
    Trade("a", "maker", _CALL, "1", back=1),
    Trade("a", "maker", _CALL, "1"),
    Trade("maker", "a", _CALL, "half"),
    Prove("c"),
    Prove("c"),
    SettleAt("perp", _FIRST),
    SettleAt("call", _FIRST - 1),
    Settle(("call",), 2_000_000),
    Post(stale=("call",)),
    Settle(("call",)),
    Post(),
    Settle(("call",), 300_000),
    Settle(("call",)),
    Execute(),
    Leave("flat"),
    Expire("a"),
    Expire("a"),
    Leave("a", 1_000 * DOLLAR),
    Rekey("a", "a2"),
    Deposit("a", "money", DOLLAR),
    Deposit("c", "money", DOLLAR),
    Trade("a", "maker", _PERP, "1"),
    Trade("c", "maker", _PERP, "1"),
    Post(after=30),
    Execute(),
    Leave("flat"),
    Close("empty"),
)
"""The call settles, and no account but one went through it."""

_UNTIL_LISTED: Final[tuple[Action, ...]] = (
    Trade("c", "maker", _PERP, "1", back=1),
    Trade("c", "maker", _PERP, "1"),
    Deposit("c", "money", DOLLAR),
    Withdraw("c", "money"),
    Prove("c"),
    Flag("c"),
    Leave("c"),
    Rekey("c", "c2"),
    Close("s"),
    Execute(),
    Expire("c", 5),
    Expire("c"),
    Expire("c"),
    Expire("maker"),
    Expire("b"),
    Trade("c", "maker", _PERP, "1"),
    Post(after=30),
    Execute(),
    Wait(30),
    Execute(),
    Execute(),
    Post(),
    Trade("c", "maker", _NEXT_CALL, "1"),
    Post(),
)
"""And another one is in its place."""

_UNTIL_DELISTED: Final[tuple[Action, ...]] = (
    Delist("perp", _SECOND),
    Delist("perp", _THIRD),
    Delist("perp", _THIRD),
    Post(),
    Trade("c", "maker", _PERP, "1"),
    Trade("maker", "c", _PERP, "1"),
    WaitUntil(_THIRD - 60),
    Post(),
    Settle(("perp",)),
    Settle(("next",)),
    Post(),
    Expire("s"),
    Expire("s", 1),
    Expire("s"),
    Expire("maker"),
    Expire("c"),
    Settle(("perp",)),
    Post(),
    Expire("s"),
    Expire("c"),
    Expire("maker"),
    Leave("s", 90_000 * DOLLAR),
    Leave("s", 1_000 * DOLLAR),
    Replay(),
    Post(),
    Rekey("s", "s2"),
    Prove("s"),
    Rekey("s", "c"),
    Rekey("s", "s2"),
    Close("s2"),
    Leave("s2"),
    Close("s2"),
    Leave("c"),
    Wait(1_900),
    Pay(),
)
"""All derivatives settle, and accounts leave."""

_UNTIL_SILENT: Final[tuple[Action, ...]] = (
    Announce(1),
    Trade("a", "maker", _CALL, "20"),
    Trade("maker", "s", _CALL, "2"),
    Trade("b", "maker", _PERP, "5"),
    Trade("c", "maker", _PERP, 0),
    Post((("perp", -30_000),)),
    Post((("perp", -40_000),)),
    WindDown(),
    Repeat(),
    *[Post((("perp", -40_000),))] * 2,
    Flag("c"),
    Leave("c"),
    Post((("perp", 200_000),)),
    Wait(4 * _DAY - 60),
    WindDown(),
    Wait(1),
)
"""A candidate is held, and reporters fall silent."""

_UNTIL_PAID: Final[tuple[Action, ...]] = (
    WindDown(),
    WindDown(),
    Post(),
    Settle(("call",)),
    Execute(),
    Repeat(),
    Trade("maker", "a", _CALL, "half"),
    *(Expire(name) for name in ("a", "b", "c", "s")),
    Leave("a"),
    Leave("c"),
    Leave("s", 1_000 * DOLLAR),
    Withdraw("b", "wbtc", amount=ONE),
    Deposit("b", "wbtc", ONE),
    Until("age", 0),
    Expire("maker"),
    Withdraw("maker", "wbtc"),
    Repeat(),
    Wait(1),
    Withdraw("maker", "money"),
    Repeat(),
    Withdraw("maker", "money"),
    Wait(1_900),
    Pay(),
)
"""The book winds down, and is paid out."""

_RUNS: Final[tuple[tuple[int, tuple[tuple[tuple[Action, ...], int], ...]], ...]] = (
    (1, ((_UNTIL_SETTLED, 10), (_UNTIL_LISTED, 30), (_UNTIL_DELISTED, 20))),
    (2, ((_UNTIL_SILENT, 0), (_UNTIL_PAID, 40))),
)
"""Seeds, and parts: what is done, and how many calls are drawn then."""


def runs() -> list[ExpiryMarket]:
    """All runs."""
    seen: Counter[Outcome] = Counter()
    return [_run(seed, parts, seen) for seed, parts in _RUNS]


def _run(seed: int, parts: tuple[tuple[tuple[Action, ...], int], ...], seen: Counter[Outcome]) -> ExpiryMarket:
    market = ExpiryMarket.of(_ASSETS, PRICES, EXPIRY_RULES)
    assert isinstance(market, ExpiryMarket)
    market.replacements = _REPLACEMENTS
    table, rng = begin(market, _OWNERS), Random(seed)
    for script, drawn in parts:
        for action in script:
            attempt(table, action)
        draw(table, _ALPHABET, rng, seen, len(market.steps) + drawn)
    return market


def text(markets: Iterable[ExpiryMarket]) -> str:
    """Runs and the settings of their markets as JSON, a call a line."""
    lists = [braced(f'"{name}": {listed(items)}' for name, items in written_life(each).items()) for each in markets]
    entries = {"slots": _ASSETS, "replacements": _REPLACEMENTS}
    listings = (f'"{name}": {listed(map(asset_settings, assets))}' for name, assets in entries.items())
    known = settings(EXPIRY_RULES) | {"delay": EXPIRY_RULES.notice, "silence": EXPIRY_RULES.silence}
    return braced([f'"settings": {plain(known)}', *listings, f'"runs": [\n{",".join(lists)}\n]']) + "\n"


def asset_settings(listing: Listing) -> dict[str, object]:
    """How an asset is listed, and when it expires."""
    return slot_settings(listing) | {"expires_at": listing.expires_at}


def written_life(market: ExpiryMarket) -> dict[str, list[object]]:
    """The calls of a run, and what is left of its accounts and assets."""
    expiries, accounts = market.rounds.expiries, market.accounts
    end = {
        "opened": len(accounts) + len(market.former),
        "epoch": expiries.epoch,
        "settled": expiries.settled,
        "winding_down": expiries.is_winding_down,
    }
    return written(market) | {
        "accounts": [account_at_end(market, name) | {"epoch": each.epoch} for name, each in accounts.items()],
        "former": [_former(market, name) for name in market.former],
        "epochs": [epoch._asdict() for epoch in expiries.epochs],
        "end": [end],
    }


def _former(market: ExpiryMarket, name: str) -> dict[str, object]:
    paid = market.vault.wallet(name)
    return {"account": market.identities[name], "wallet": [paid[0], paid[market.n] // market.rules.grain]}


if __name__ == "__main__":
    VECTORS.write_text(text(runs()))
