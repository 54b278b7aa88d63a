"""Runs in which accounts are flagged, sold, challenged and written off, and debts are insured and shared.

The format of the file is that of `expiry_runs`, with the calls of `liquidation_recording`. The settlement token has 6
decimals, so that ledger and fund round. `settings` has the terms and curves of the engine too. At the end of a run,
`owners` are all who act: shares of the fund, the request to redeem them, the claim, bonds of challenges.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Final

from market_model.actions import (
    Action,
    Close,
    Deposit,
    Post,
    Prove,
    Trade,
    Wait,
    Withdraw,
)
from market_model.engine_actions import (
    Answer,
    Ask,
    EndChallenge,
    Flag,
    FlagOn,
    FlagSilent,
    Recover,
    WriteOff,
)
from market_model.expiry_runs import asset_settings, written_life
from market_model.insurance_actions import (
    Accept,
    DrawFund,
    Join,
    MoveShares,
    Recapitalise,
    Redeem,
    RequestRedeem,
    TakeClaim,
)
from market_model.liquidation_actions import (
    WRONG,
    Again,
    ClaimToToken,
    ReportPayOut,
    Take,
)
from market_model.liquidation_recording import LiquidationMarket
from market_model.liquidation_scripts import (
    ASKED,
    DAY,
    DEBT,
    EXPIRY,
    FLAGGED,
    INSURED,
    OVERDRAWN,
    PERP,
    SAVED,
    SETTLED,
    UNIT,
    USDC,
)
from market_model.recorded_runs import (
    LISTINGS,
    PRICES,
    RULES,
    Level,
    Outcome,
    Pay,
    Until,
    attempt,
    begin,
    braced,
    draw,
    listed,
    plain,
    settings,
)
from market_model.rules import DOLLAR, ONE, Rules

from prover.trade import Claim

VECTORS: Final = Path(__file__).parent.parent / "vectors" / "market-runs-liquidation.json"

_RULES: Final = replace(
    RULES, max_age=DAY, grain=UNIT, notice=2 * DAY, silence=4 * DAY, fund_cooldown=2 * DAY, listing_pause=120
)

_ASSETS: Final = (*LISTINGS[:2], replace(LISTINGS[2], expires_at=EXPIRY))

_OWNERS: Final = {
    "maker": {"money": 400_000 * DOLLAR, "wbtc": 50 * ONE},
    "a": {"money": 20_000 * DOLLAR},
    "b": {"wbtc": 12 * ONE},
    "c": {"money": 40_000 * DOLLAR},
    "taker": {"money": 250_000 * DOLLAR},
    "empty": {},
}

_NAMES: Final = ("a", "b", "c")
_TAKERS: Final = ("taker", "c")

_ALPHABET: Final[tuple[tuple[Action, ...], ...]] = (
    tuple(FlagOn(name, back, is_overdraft) for name in _NAMES for back in (0, 0, 1) for is_overdraft in (False, True)),
    tuple(Recover(name, back, over) for name in _NAMES for back in (0, 0, 1) for over in (False, True)),
    tuple(Flag(name, back) for name in _NAMES for back in (0, 1)),
    *[
        tuple(
            Take(victim, taker, share, rates, is_covered, is_overdraft)
            for victim in ("a", "b")
            for taker in (*_TAKERS, "a")
            for share in (0, 0, 0, 300_000, 1_000_000)
            for rates in ("reached", "reached", "floor", "above", "early", "free", "past")
            for is_covered in (True, True, False)
            for is_overdraft in (False, True)
        )
    ]
    * 3,
    tuple(
        Take(victim, "taker", share, is_overdraft=over, back=back, is_reserved=is_reserved, flaw=flaw)
        for victim in ("a", "b")
        for share in (0, 300_000)
        for over in (False, True)
        for back, is_reserved, flaw in (
            (0, True, ""),
            (0, True, "reserved"),
            (0, False, "cured"),
            (0, False, "rho"),
            (0, False, "ticket"),
            (0, False, "ciphertext"),
            (1, False, ""),
        )
    ),
    tuple(WriteOff(name, more) for name in _NAMES for more in (0, 0, 1, -1)),
    tuple(Ask(name, "c") for name in (*_NAMES, "maker")),
    tuple(Answer(name, recipient) for name in (*_NAMES, "maker") for recipient in ("a", "c", "")),
    tuple(each(name) for name in (*_NAMES, "empty") for each in (EndChallenge, FlagSilent)),
    (*WRONG, Again(1), Again(2), *(Prove(name) for name in _NAMES), *(Close(name) for name in ("a", "empty"))),
    tuple(
        Deposit(name, "money", amount, claim)
        for name in _NAMES
        for amount in (UNIT, 5_000 * DOLLAR, 30_000 * DOLLAR, 1)
        for claim in Claim
    ),
    tuple(Withdraw(name, asset) for name in ("maker", *_NAMES, "taker") for asset in ("money", "wbtc")),
    tuple(
        Trade(*pair, PERP, size, "mark", 0, claim)
        for pair in (("a", "maker"), ("maker", "a"), ("b", "maker"), ("maker", "taker"), ("c", "taker"))
        for size in (0, "half", "close", "1")
        for claim in (Claim.UNSAID, Claim.REDUCES_RISK)
    ),
    (
        *(Join(name, assets) for name in ("f", "g", "c") for assets in (1, 777_777_777, 5_000 * USDC)),
        *(
            RequestRedeem(name, share, more)
            for name in ("f", "g")
            for share, more in ((10**6, 0), (300_000, 0), (10**6, 1))
        ),
    ),
    (
        *(
            Redeem(name, share, more, is_in_tokens)
            for name in ("f", "g", "c")
            for share, more in ((10**6, 0), (300_000, 0), (10**6, 1))
            for is_in_tokens in (False, True)
        ),
        *(MoveShares("f", "g", share, more) for share, more in ((100_000, 0), (900_000, 0), (10**6, 1))),
    ),
    (
        *(Recapitalise("c", most) for most in (1, 333 * USDC, 10**6 * USDC)),
        *(TakeClaim(name) for name in ("maker", *_NAMES, "taker")),
        *(ClaimToToken(name) for name in ("maker", "c")),
        *(Accept(name, fraction) for name in _NAMES for fraction in (0, 10**18, 10**18 + 1)),
        ReportPayOut("maker"),
        DrawFund(),
    ),
    (Pay(), Pay(), Until("delay", 1), Until("delay", 0)),
    (
        *(Until(limit, after) for limit in ("cure", "lifetime", "answer") for after in (0, 1)),
        *[Until("cure", 1)] * 2,
        Wait(100),
        Wait(1),
    ),
    (
        *(Post((("perp", move),)) for move in (-40_000, -20_000, 0, 20_000)),
        *(Post((("wbtc", move),)) for move in (-20_000, 20_000)),
        Post((("perp", -200_000),)),
        Post(stale=("wbtc",)),
        Post(stale=("perp",)),
    ),
    (Level(0), Level(0), Level(0), Level(1), Level(3)),
)

_RUNS: Final[tuple[tuple[int, tuple[Action, ...], int], ...]] = (
    (1, FLAGGED, 110),
    (2, DEBT, 140),
    (3, OVERDRAWN, 110),
    (4, ASKED, 110),
    (5, SAVED, 110),
    (6, SETTLED, 100),
    (7, INSURED, 100),
)
"""Seeds of what is drawn, how runs begin, and how many calls they have."""


def runs() -> list[LiquidationMarket]:
    """All runs."""
    seen: Counter[Outcome] = Counter()
    return [_run(seed, opening, length, seen) for seed, opening, length in _RUNS]


def _run(seed: int, opening: tuple[Action, ...], length: int, seen: Counter[Outcome]) -> LiquidationMarket:
    market = LiquidationMarket.of(_ASSETS, PRICES, _RULES)
    table = begin(market, _OWNERS)
    for action in opening:
        attempt(table, action)
    draw(table, _ALPHABET, Random(seed), seen, length)
    return market


def text(markets: Iterable[LiquidationMarket]) -> str:
    """Runs and the settings of their markets as JSON, a call a line."""
    lists = [braced(f'"{name}": {listed(items)}' for name, items in _written(each).items()) for each in markets]
    slots = f'"slots": {listed(map(asset_settings, _ASSETS))}'
    known = settings(_RULES) | {"delay": _RULES.notice, "silence": _RULES.silence} | _of_engine(_RULES)
    return braced([f'"settings": {plain(known)}', slots, f'"runs": [\n{",".join(lists)}\n]']) + "\n"


def _of_engine(rules: Rules) -> dict[str, object]:
    """Terms and curves of the engine, and times of the fund."""
    return {
        "maintenance_floor": rules.rate_floor,
        "maintenance_cap": rules.rate_cap,
        "maintenance_ramp": rules.rate_ramp,
        "overdraft_floor": rules.overdraft_floor,
        "overdraft_cap": rules.overdraft_cap,
        "overdraft_ramp": rules.overdraft_ramp,
        "uncovered_cap": rules.uncovered_cap,
        "uncovered_ramp": rules.uncovered_ramp,
        "maintenance_buffer": rules.buffer,
        "overdraft_buffer": rules.overdraft_buffer,
        "least_share": rules.least_share,
        "least_amount": rules.least_amount,
        "dust": rules.dust,
        "flag_lifetime": rules.flag_lifetime,
        "answer_window": rules.answer_window,
        "cooldown": rules.fund_cooldown,
        "grain": rules.grain,
    }


def _written(market: LiquidationMarket) -> dict[str, list[object]]:
    return written_life(market) | {"owners": [_owner(market, name) for name in market.identities]}


def _owner(market: LiquidationMarket, name: str) -> dict[str, object]:
    fund, claim = market.vault.fund, market.vault.ledger.claims.read(name)
    request = fund.requests.get(name)
    return {
        "owner": market.identities[name],
        "shares": fund.shares.get(name, 0),
        "requested": 0 if request is None else request.shares,
        "due_at": 0 if request is None else request.due,
        "owed": claim.owed,
        "due": claim.due,
        "bonds": market.bonds[name],
        "wallet": market.vault.wallet(name)[market.n] // market.rules.grain,
    }


if __name__ == "__main__":
    VECTORS.write_text(text(runs()))
