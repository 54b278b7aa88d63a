"""Expiries, exits and a wind-down of the model: what a rule is about that no search for thefts would find."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from market_model.actions import (
    Action,
    Expire,
    Leave,
    List,
    PayOut,
    Post,
    Prove,
    Rekey,
    Settle,
    Table,
    Trade,
    Wait,
    WindDown,
    Withdraw,
    play,
)
from market_model.engine_actions import (
    Flag,
)
from market_model.listings import perpetual
from market_model.rules import DOLLAR, RefusedError, Rules
from market_model.scenes import BTC, CALL, EXPIRING, EXPIRY, FUTURE, PERP, USD, WBTC, coins, money, scene
from market_model.search import Hunt, replayed

from prover.account import empty_state

_PERP = (("perp", 1),)
_CALL = (("call", 1),)
SETTLED = (Post(), Post(), Settle(("perp",)))
"""A future settles, and no round is of its epoch yet."""

OTHER = perpetual("other", 200_000, 100_000, 40_000)
CHEAP = 3 * USD
"""What the asset costs that is listed after one of 10,000 USD."""

_STRIKES = tuple(f"call{number}" for number in range(10))
_TREND = Post((("perp", -40_000),))


def refused(table: Table, *actions: Action) -> str:
    """Why the last of some actions is refused."""
    *before, last = actions
    for action in before:
        action.play(table)
    with pytest.raises(RefusedError) as caught:
        last.play(table)
    return str(caught.value)


def test_another_asset_waits_for_a_round_after_the_settlement() -> None:
    """Otherwise its slot would keep the price of the asset before, as a stale one."""
    table = scene(listings=FUTURE, opening=SETTLED).table(Rules())
    assert refused(table, List(1, OTHER, CHEAP)) == "newest round from before a settlement"
    out = Rules().without("free_needs_round", "free_needs_reference")
    early = play(
        scene(listings=FUTURE, opening=SETTLED),
        replace(out, listing_pause=0),
        [List(1, OTHER, CHEAP), Post(stale=("other",))],
    )
    assert early.market.newest.marks[1] == BTC


def test_another_asset_waits_until_no_limit_is_counted_from_the_one_before() -> None:
    """Otherwise its second price would be a candidate, and stop the whole book."""
    listed = (Post(after=30), List(1, OTHER, CHEAP), Post(after=20))
    table = scene(listings=FUTURE, opening=SETTLED).table(Rules())
    assert refused(table, *listed[:2]) == "reference round from before a settlement"
    out = replace(Rules().without("free_needs_reference"), listing_pause=0)
    early = play(scene(listings=FUTURE, opening=SETTLED), out, listed)
    assert early.market.newest.marks[1] == CHEAP
    assert not early.market.post(early.reported(), 5)
    late = play(scene(listings=FUTURE, opening=SETTLED), Rules(), (Post(), Wait(60), *listed[1:]))
    assert late.market.newest.marks[1] == CHEAP
    assert late.market.post(late.reported(), 5)


def test_another_asset_waits_until_reports_for_the_one_before_are_too_old() -> None:
    """Otherwise such a report would set its first price, which has no limit."""
    table = scene(listings=FUTURE, opening=SETTLED).table(Rules())
    listing = List(1, OTHER, CHEAP)
    assert refused(table, Post(), Wait(59), listing) == "reports from before a settlement"
    Wait(1).play(table)
    listing.play(table)


def test_the_first_price_of_another_asset_has_no_limit() -> None:
    opening = [Post(), Wait(60), List(1, OTHER, CHEAP), Post()]
    table = play(scene(listings=FUTURE, opening=SETTLED), Rules(), opening)
    assert table.market.newest.marks[1] == CHEAP
    assert not table.market.newest.stale


def test_an_option_settles_before_its_underlying() -> None:
    """Otherwise a short call would need less margin than its price can move in a minute."""
    listings = (WBTC, FUTURE[1], CALL)
    kept = scene(listings=listings, opening=SETTLED[:2]).table(Rules())
    assert refused(kept, SETTLED[2]) == "an option on it is open"

    early = scene(listings=listings, opening=(*SETTLED, Post())).table(Rules().without("options_before_underlying"))
    vectors = early.market.newest.risk.vectors
    assert vectors.initial.short[2] < CALL.prices.deviation_amount
    assert early.market.newest.risk.long_only >> 2 & 1, "so no account is short of it"
    neither = Rules().without("options_before_underlying", "option_needs_underlying")
    free = scene(listings=listings, opening=(*SETTLED, Post())).table(neither)
    assert not free.market.newest.risk.long_only >> 2 & 1


def test_an_option_is_not_listed_beyond_its_underlying() -> None:
    listings = (WBTC, replace(PERP, expires_at=1_000), EXPIRING[2])
    table = scene(listings=listings, opening=(Post(), Post(), Settle(("call",)), Post())).table(Rules())
    for expires_at in (0, 1_000):
        late = List(2, replace(CALL, symbol="late", expires_at=expires_at), 100 * USD)
        assert refused(table, late) == "an option stays longer"


def test_what_settled_has_no_price_and_no_account_grows_there() -> None:
    newest = play(scene(listings=FUTURE, opening=SETTLED), Rules(), [Post()]).market.newest
    assert (newest.epoch, newest.marks[1], newest.stale, newest.closing) == (1, 0, 2, 2)
    assert newest.risk.reduce_only == 2
    assert newest.risk.long_only == 3


def test_an_option_pays_its_intrinsic_value_for_three_weeks() -> None:
    """One slot, three calls of 120, 0 and 340 USD. Lea buys the first and the last, and sleeps through two expiries."""
    table = scene(("lea", money(20_000)), listings=EXPIRING).table(Rules())
    market, lea = table.market, table.account("lea")
    market.asleep.add("lea")
    Trade("lea", "maker", _CALL, "10").play(table)
    paid = lea.state.quote
    for week, price in enumerate((120, 0, 340)):
        symbol = "call" if not week else f"week{week}"
        slot = market.slot(symbol)
        table.outside[slot] = price * USD
        for action in (Post(), Post(), Settle((symbol,)), Post(), Post()):
            action.play(table)
        if week == 1:
            assert refused(table, Expire("lea")) == "a slot settles twice"
            Expire("lea", 1).play(table)
            Expire("lea").play(table)
        if week < 2:
            call = replace(CALL, symbol=f"week{week + 1}", expires_at=120)
            List(2, call, 100 * USD).play(table)
            Post().play(table)
        if week == 1:
            Trade("lea", "maker", (("week2", 1),), "10").play(table)
            market.asleep.clear()
    Post().play(table)
    assert lea.state.quote == paid + 10 * (120 + 340 - 100) * DOLLAR
    assert not any(lea.state.balances)


def test_a_straddle_that_expires_is_stolen_without_the_engine() -> None:
    """Expected until the engine: after a jump the winner gets its cash at once, and nothing is left of the loser.

    The engine does not undo the jump. But the debt is seen before the winner is paid, at what tokens back.
    """
    opening = (Trade("long", "short", _PERP, 0), Post((("perp", -250_000),)), Post(), Settle(("perp",)), Post())
    begin = scene(("long", money(20_000)), ("short", money(20_000)), listings=FUTURE, opening=opening)
    taken, shortfall, thefts = {}, {}, {}
    for name in ("without", "with"):
        table = begin.table(Rules())
        if name == "without":
            table.market.keeper = lambda _: None
        for action in (Expire("long"), Expire("short"), Leave("short"), *[Post()] * 32, PayOut("thief")):
            action.play(table)
        taken[name] = table.market.vault.wallet("thief")[2]
        shortfall[name] = table.market.vault.shortfall
        thefts[name] = table.measures.found["paid before a debt is seen"]
    assert thefts == {"without": 5_000 * DOLLAR, "with": 0}
    assert taken["without"] == 5_000 * DOLLAR > taken["with"]
    assert shortfall["without"] == 0 < shortfall["with"]


@pytest.mark.parametrize("is_kept", [True, False])
def test_settlements_one_by_one_keep_no_account_from_the_engine(*, is_kept: bool) -> None:
    """Ten options expire. In the block of each round of a trend the owner settles one, and goes through it.

    Were it then ahead of the newest round, there would be no flag and no takeover before the next one, and by then the
    owner has settled another option. Prices move within their limits, and leave a debt of 13,266 USD.
    """
    script = (step for strike in _STRIKES for step in (_TREND, Settle((strike,)), Expire("long")))
    assert bool(_stolen(script, Rules(expire_needs_round=is_kept))) is not is_kept


@pytest.mark.parametrize("rounds", range(1, 8))
def test_one_settlement_keeps_no_account_from_the_engine(rounds: int) -> None:
    """The same once all ten have settled together: the owner escapes one round of the trend."""
    trend = [_TREND] * (len(_STRIKES) - rounds)
    assert not _stolen([_TREND] * rounds + [Settle(_STRIKES), Expire("long"), *trend])


def _stolen(script: Iterable[Action], rules: Rules | None = None) -> dict[str, int]:
    """Of a market with a perpetual and ten calls that expire, by an owner who is long and short."""
    calls = (replace(CALL, symbol=strike, expires_at=EXPIRY) for strike in _STRIKES)
    listings = (WBTC, PERP, *calls)
    opening = (Trade("long", "short", _PERP, 0), Post())
    begin = scene(("long", money(25_000)), ("short", money(25_000)), listings=listings, opening=opening)
    begin = replace(begin, prices=(BTC, BTC, *[100 * USD] * len(_STRIKES)))
    return replayed(Hunt(begin, (), rest=3), rules or Rules(), list(script))


def test_a_wind_down_pays_everyone() -> None:
    """Reporters are silent for a week: positions become cash, quote and spot leave, and the clock of the queue runs."""
    accounts = (("long", money(20_000)), ("short", money(20_000)), ("dora", coins(12)))
    opening = (Trade("long", "short", _PERP, 0), Post((("perp", -20_000),)))
    table = scene(*accounts, opening=opening).table(Rules())
    Wait(7 * 86_400).play(table)
    assert refused(table, WindDown()) == "not silent"
    assert refused(table, Leave("short")) == "no proof of an exit"
    Wait(1).play(table)
    WindDown().play(table)
    assert refused(table, Leave("short")) == "account of another epoch"
    for action in (
        *(Expire(name) for name in ("long", "short", "dora")),
        *(Leave("long"), Leave("short"), Withdraw("dora", "wbtc")),
        *(Wait(1_800 + 600), PayOut("thief")),
    ):
        action.play(table)
    assert table.market.vault.wallet("thief") == [0, 0, 0, 0]
    assert refused(table, Post()) == "BookWindsDown"


def test_a_wind_down_has_young_rounds_for_proofs() -> None:
    table = scene(("dora", coins(12)), opening=(Wait(8 * 86_400), WindDown(), Expire("dora"), Wait(601))).table(Rules())
    assert refused(table, Withdraw("dora", "wbtc")) == "round too old"
    table.market.record_wind_down()
    assert table.market.newest.stale == 0b111
    Withdraw("dora", "wbtc").play(table)
    assert refused(table, List(2, OTHER, BTC)) == "the book winds down"
    with pytest.raises(RefusedError, match="rounds are fresh"):
        table.market.record_wind_down()


def test_an_identity_is_used_once_after_a_move_and_an_end() -> None:
    table = scene(("ann", {}), ("bob", {}), opening=(Rekey("ann", "ann2"),)).table(Rules())
    table.market.close(table.account("bob"))
    for name in ("ann", "bob"):
        with pytest.raises(RefusedError, match="identity is in use"):
            table.market.open(name, "thief")
    assert refused(table, Rekey("ann2", "bob")) == "identity is in use"


def test_an_account_moves_only_if_it_was_proven_at_the_newest_round() -> None:
    table = scene(("ann", {}), opening=(Post(),)).table(Rules())
    assert refused(table, Rekey("ann", "ann2")) == "not proven at the newest round"
    Prove("ann").play(table)
    Rekey("ann", "ann2").play(table)


def test_nothing_is_proven_of_an_account_after_an_expiry() -> None:
    table = scene(("ann", money(100)), listings=FUTURE, opening=(*SETTLED, Prove("ann"), Post())).table(Rules())
    ann = table.account("ann")
    assert ann.proven_at == 3
    Expire("ann").play(table)
    assert (ann.proven_at, ann.epoch, ann.changed_at) == (0, 1, 4)
    assert refused(table, Rekey("ann", "ann2")) == "not proven at the newest round"


def test_a_flag_stays_through_an_expiry() -> None:
    table = scene(("long", money(20_000)), opening=(Trade("long", "maker", _PERP, 0),)).table(Rules())
    table.market.keeper = lambda _: None
    long = table.account("long")
    for action in (*[Post((("perp", -40_000),))] * 3, Flag("long")):
        action.play(table)
    flagged_at = long.flagged_at
    for action in (Wait(8 * 86_400), WindDown(), Expire("long")):
        action.play(table)
    assert long.flagged_at == flagged_at is not None
    assert refused(table, Leave("long")) == "account is not free"


def test_a_new_account_is_of_the_epoch_of_the_newest_round() -> None:
    table = scene(listings=FUTURE, opening=SETTLED).table(Rules())
    pending = table.market.open("early", "thief")
    Post().play(table)
    late = table.market.open("late", "thief")
    assert (pending.epoch, late.epoch) == (0, 1)
    assert refused(table, Expire("late")) == "epoch is not newer"
    assert late.state == empty_state(2)
