"""Every state has a proof of exactly one side of `margin`, and every state with free collateral has an exit.

States are those that a coalition reaches in the campaign, and those at the limits of units.md.
"""

from collections.abc import Iterator
from contextlib import suppress
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from market_model.accounts import Account
from market_model.campaign import CAMPAIGN, LIFE
from market_model.market import Market
from market_model.planning import mark, most
from market_model.rules import RefusedError, Rules, Use
from market_model.search import Hunt, states_of
from strategies import BALANCE_MAX, PRICE_MAX, QUOTE_MAX, examples, natural, signed

from prover.account import State, assess_at
from prover.market import BOOK_SIZES, PPM, MarginFractions, MarginRules, round_vectors
from prover.trade import NO_TRANSFER, Claim, Transfer, Transition, covered_cash, health, provable_rule
from verifier import RiskInputs, VectorKind

HEALTH_LIMIT = 1 << 152
LAMBDAS = (50_000, 100_000)


def has_free_collateral(state: State, risk: RiskInputs) -> bool:
    """Initial health and covered cash are above 0: the owner could lose a little and still meet every rule."""
    return health(state, risk, VectorKind.INITIAL) > 0 and covered_cash(state, risk, LAMBDAS[0]) > 0


def exits(state: State, risk: RiskInputs) -> Iterator[Transition]:
    """Withdrawals of a unit of what the account has, and trades that close a unit of a position at the mark."""
    n = len(state.balances)
    for asset in range(n + 1):
        is_held = asset == n or (risk.long_only >> asset & 1 and state.balances[asset] > 0)
        if is_held:
            yield Transition(state, (0,) * n, 0, trades=False, transfer=Transfer(asset, 1, is_withdrawal=True))
    for slot, balance in enumerate(state.balances):
        if balance:
            unit = -1 if balance > 0 else 1
            traded = tuple(unit if each == slot else 0 for each in range(n))
            paid = unit * risk.vectors.effective_prices[slot]
            yield Transition(state, traded, paid, trades=True, transfer=NO_TRANSFER)


def has_exit(state: State, risk: RiskInputs) -> bool:
    return any(provable_rule(step, risk, Claim.UNSAID) is not None for step in exits(state, risk))


@pytest.mark.parametrize("hunt", [CAMPAIGN, LIFE], ids=["campaign", "life"])
def test_the_states_of_a_campaign_are_provable_and_have_exits(hunt: Hunt) -> None:
    """Every account, the maker's too: its own money is not locked by what a coalition does."""
    seen = 0
    for market in states_of(hunt, Rules(), seed=7, markets=120):
        for account in market.accounts.values():
            seen += 1
            check_sides(account.state, market.newest.risk)
            check_exit(market, account)
    assert seen > 500


def test_every_account_goes_through_expiries_and_leaves_without_a_round() -> None:
    """From every state of a campaign: expiries one by one, then all quote of an account that is flat."""
    expired = left = 0
    for market in states_of(LIFE, Rules(), seed=9, markets=120):
        market.keeper = lambda _: None
        with suppress(RefusedError):
            market.post(market.newest.marks, 60)
        market.wait(10 * market.rules.max_age)
        for account in list(market.accounts.values()):
            while account.epoch < market.newest.epoch:
                market.expire(account, account.epoch + 1)
                expired += 1
            if not account.is_flagged and not any(account.state.balances) and account.state.quote > 0:
                market.exit(account, account.state.quote)
                left += 1
                market.close(account)
    assert expired > 20
    assert left > 20


def test_every_account_without_a_debt_takes_all_out_of_a_wind_down() -> None:
    """From every state of a campaign, once reporters are silent: its quote and each spot token."""
    left = 0
    for market in states_of(LIFE, Rules(), seed=10, markets=60):
        market.now += 8 * 86_400
        if not market.rounds.expiries.is_winding_down:
            market.start_wind_down()
        market.now += market.rules.resume_grace
        for account in list(market.accounts.values()):
            while account.epoch < market.rounds.expiries.epoch:
                market.expire(account, account.epoch + 1)
            if account.is_flagged or account.state.quote < 0 or market.is_stopped:
                continue
            if market.rounds.silent_since(market.now) or market.now > market.newest.recorded_at + market.rules.max_age:
                market.record_wind_down()
            for asset, amount in enumerate((*account.state.balances, account.state.quote)):
                if amount:
                    market.withdraw(account, asset, amount)
            left += 1
            market.close(account)
    assert left > 100


def check_sides(state: State, risk: RiskInputs) -> None:
    assert state.is_in_range
    for kind in VectorKind:
        assert abs(assess_at(state, risk.vectors, kind).health) < HEALTH_LIMIT


def check_exit(market: Market, account: Account) -> None:
    """An account of this epoch that is not flagged gets at its free collateral while the book is open."""
    try:
        chosen = market.rounds.serving(Use.WITHDRAWALS, None, market.now)
    except RefusedError:
        return
    is_open = account.epoch == market.newest.epoch and account.flagged_at is None and not market.is_stopped
    if is_open and has_free_collateral(account.state, chosen.risk):
        assert has_exit(account.state, chosen.risk)
        held = [
            slot for slot in range(market.n) if account.state.balances[slot] > 0 and chosen.risk.long_only >> slot & 1
        ]
        is_flat = not any(b for slot, b in enumerate(account.state.balances) if slot not in held)
        if is_flat and account.state.quote >= 0:
            assert most(market, account, market.n, chosen) == account.state.quote or held


@st.composite
def books(draw: st.DrawFn, n: int = 3) -> RiskInputs:
    """A round of spot, a perpetual and an option, with prices and effective prices of every magnitude."""
    prices = [draw(natural(PRICE_MAX)) for _ in range(n)]
    funding = [0, *(price - draw(signed(PRICE_MAX)) for price in prices[1:])]
    initial, maintenance = [], []
    for slot in range(n):
        low, high = sorted(draw(st.tuples(st.integers(1, 10**6), st.integers(1, 10**6))))
        under = (10**5, 1) if slot == 2 else (0, 0)
        initial.append(MarginFractions(high, 0, *under))
        maintenance.append(MarginFractions(low, 0, *under))
    rules = MarginRules(tuple(maintenance), tuple(initial), 1, LAMBDAS[1])
    stale = draw(st.integers(0, 7))
    return RiskInputs(round_vectors(prices, funding, rules, stale=stale), 1, LAMBDAS, stale)


def states(n: int = 3) -> st.SearchStrategy[State]:
    spot, *others = natural(BALANCE_MAX), *[signed(BALANCE_MAX)] * (n - 1)
    return st.builds(lambda *values: State(values[:-1], values[-1]), spot, *others, signed(QUOTE_MAX))


@examples(5_000)
def test_every_state_at_the_limits_is_provable_and_has_an_exit(count: int) -> None:
    @settings(max_examples=count, deadline=None)
    @given(books(), states())
    def check(risk: RiskInputs, state: State) -> None:
        check_sides(state, risk)
        if has_free_collateral(state, risk):
            assert has_exit(state, risk)

    check()


@pytest.mark.parametrize("n", BOOK_SIZES)
@pytest.mark.parametrize("kind", VectorKind)
def test_no_health_is_beyond_what_a_proof_covers(n: int, kind: VectorKind) -> None:
    """All of a book at its limits at once: the largest healths that there are, of either sign, by all kinds."""
    whole = MarginRules((MarginFractions(PPM),) * n, (MarginFractions(PPM),) * n, 0, 0)
    for e in (-PRICE_MAX, PRICE_MAX):
        vectors = round_vectors((PRICE_MAX,) * n, (PRICE_MAX - e,) * n, whole)
        for sign in (-1, 1):
            state = State((sign * BALANCE_MAX,) * n, sign * QUOTE_MAX)
            assert state.is_in_range
            assert abs(assess_at(state, vectors, kind).health) < HEALTH_LIMIT // 2


def test_healthy_states_close_every_position_at_the_mark() -> None:
    """A whole position, from every state of a campaign that meets maintenance margin."""
    closed = 0
    rng = Random(1)
    for market in states_of(CAMPAIGN, Rules(), seed=8, markets=120):
        account = rng.choice(list(market.accounts.values()))
        risk = market.newest.risk
        if health(account.state, risk, VectorKind.MAINTENANCE) < 0:
            continue
        for slot, balance in enumerate(account.state.balances):
            traded = tuple(-balance if each == slot else 0 for each in range(market.n))
            paid = mark(traded, market.newest)
            step = Transition(account.state, traded, paid, trades=True, transfer=NO_TRANSFER)
            assert provable_rule(step, risk, Claim.UNSAID) is not None
            closed += bool(balance)
    assert closed > 20


@pytest.mark.parametrize("slot", [0, 1])
def test_a_reduce_only_slot_has_exits_too(slot: int) -> None:
    """Spot is withdrawn and a position closed where the price is old."""
    rules = MarginRules(*[tuple(MarginFractions(ppm) for _ in range(2)) for ppm in (10**5, 2 * 10**5)], 1, LAMBDAS[1])
    risk = RiskInputs(round_vectors([10**9, 10**9], (0, 0), rules, stale=3), 1, LAMBDAS, 3)
    state = State((10, 0) if slot == 0 else (0, 10), 10**11)
    assert has_exit(state, risk)
