"""`update` against the reference: valid steps, every boundary, and every attack of spec ZS-61."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from book_circuits import SIZES, compiled
from steps import (
    DOLLAR,
    ELSEWHERE,
    LAMBDAS,
    OLD_SALT,
    ONE,
    PRICE,
    RHO,
    Step,
    owner_keys,
    random_risk,
    risk,
    state,
    vectors_of,
)
from strategies import BALANCE_MAX, PRICE_MAX, QUOTE_MAX

from prover.account import State, ViewingKeys, cipher_elements
from prover.formats import R1CS, Symbols, Witness
from prover.toolchain import AnyBackend, CompiledCircuit
from prover.trade import Claim, RiskRule, _transition, provable_rule
from verifier import SCALAR_MODULUS, STATEMENTS, MarginsPerUnit, ProvingError, RiskInputs, VectorKind

pytestmark = pytest.mark.full

PRICE_OF_ONE = 50_000 * DOLLAR
OTHER = owner_keys(42)
PUBLIC = STATEMENTS["update"].public
RULES = (RiskRule(False, False), RiskRule(True, False), RiskRule(True, True))


def maintenance_health(risk: RiskInputs, state: State) -> int:
    return _transition.health(state, risk, VectorKind.MAINTENANCE)


def initial_health(risk: RiskInputs, state: State) -> int:
    return _transition.health(state, risk, VectorKind.INITIAL)


class Prover:
    """`update` of one size, in the hands of an attacker."""

    def __init__(self, n: int, backend: AnyBackend) -> None:
        self.n = n
        self.circuit: CompiledCircuit = compiled("update", n)
        self._backend = backend

    def step(self, quote: int = 0, **balances: int) -> Step:
        return Step(state(self.n, quote, **balances), risk(self.n))

    def accepts(self, step: Step, **overrides: int | Sequence[int]) -> Witness:
        return Witness.parse(self._backend.witness(self.circuit, step.inputs(**overrides)))

    def posted(self, step: Step) -> State:
        """The new state, as a reader of the account finds it in the public signals of a step."""
        values = iter(self.accepts(step).values[1:])
        signals = {name: next(values) for name in PUBLIC[:10]}
        ciphertext = [next(values) for _ in range(cipher_elements(self.n))]
        keys = ViewingKeys.of_owner(step.keys)
        return keys.unseal(signals["newCommitment"], signals["rho"], ciphertext, self.n).state

    def refuses(self, step: Step, **overrides: int | Sequence[int]) -> None:
        """Whichever rule on risk and cash the prover turns to."""
        for shrinks, keeps_cash in RULES:
            inputs = step.but(shrinks=int(shrinks), keeps_cash=int(keeps_cash)).inputs(**overrides)
            with pytest.raises(ProvingError):
                self._backend.witness(self.circuit, inputs)

    def holds(self, step: Step, **overrides: int | Sequence[int]) -> bool:
        """With the private bits of the step and no others."""
        try:
            self.accepts(step, **overrides)
        except ProvingError:
            return False
        return True

    def rules(self, step: Step) -> list[RiskRule]:
        """The rules by which the circuit takes a step."""
        return [
            rule for rule in RULES if self.holds(step.but(shrinks=int(rule.shrinks), keeps_cash=int(rule.keeps_cash)))
        ]


@pytest.fixture(scope="module", params=SIZES)
def prover(request: pytest.FixtureRequest, backend: AnyBackend) -> Prover:
    return Prover(request.param, backend)


def test_accepts_every_kind_of_step(prover: Prover) -> None:
    r1cs = R1CS.load(prover.circuit.r1cs)
    rich = prover.step(10**6 * DOLLAR, b0=5 * ONE, b3=ONE, last=-ONE)
    buy = {"side": 1, "trade": (3, ONE // 3, PRICE_OF_ONE // 3)}
    sell = {"side": 2, "trade": (prover.n - 1, ONE, PRICE_OF_ONE)}
    withdrawal = {"transfer": (0, ONE), "is_withdrawal": 1, "recipient": 0xABC}
    for changes in (
        {},
        {"transfer": (0, ONE)},
        withdrawal,
        {"transfer": (prover.n, DOLLAR)},
        {"transfer": (prover.n, DOLLAR), "is_withdrawal": 1},
        buy,
        sell,
        buy | withdrawal,
        sell | {"transfer": (prover.n - 1, ONE)},
        {"side": 1, "trade": (3, ONE, -PRICE_OF_ONE)},  # a negative price
        {"side": 1, "legs": {2: ONE, 3: -ONE, prover.n - 1: ONE}, "trade": (0, 0, PRICE_OF_ONE)},
        {"claim": 1},
        {"claim": 2, "shrinks": 1},
        {"claim": 2, "shrinks": 1, "keeps_cash": 1},
    ):
        witness = prover.accepts(rich.but(**changes))
        assert r1cs.violated(witness.values) == []


@pytest.mark.parametrize("count", [40, pytest.param(200, marks=pytest.mark.deep)])
def test_agrees_with_the_reference_on_random_steps(prover: Prover, count: int) -> None:
    n, rng, verdicts = prover.n, random.Random(7), {True: 0, False: 0}
    for _ in range(count):
        terms = random_risk(n, rng)
        old = State(tuple(rng.randint(-3, 3) * 10**9 for _ in range(n)), rng.randint(-2, 3) * 10**23)
        old = State((abs(old.balances[0]), *old.balances[1:]), old.quote)
        legs = {slot: rng.randint(-(10**9), 10**9) for slot in rng.sample(range(n), rng.randint(0, 3))}
        if rng.random() < 1 / 2:  # the seller only shrinks
            legs = {slot: old.balances[slot] * rng.randint(0, 3) // 3 for slot in legs}
        cost = sum(amount * terms.vectors.effective_prices[slot] for slot, amount in legs.items())
        step = Step(
            old,
            terms,
            transfer=(rng.choice([0, 3, n]), rng.choice([0, 10**9, 10**22])),
            is_withdrawal=rng.choice([0, 0, 1]),
            side=rng.choice([0, 1, 2, 2]),
            legs=legs,
            trade=(0, 0, cost + rng.randint(-(10**20), 10**20)),
            claim=rng.choice([0, 0, 1, 2, 3]),
        )
        rule = provable_rule(step.transition(), terms, Claim(step.claim))
        verdicts[rule is not None] += 1
        if rule is None:
            prover.refuses(step)
        else:
            prover.accepts(step.but(shrinks=int(rule.shrinks), keeps_cash=int(rule.keeps_cash)))
    assert min(verdicts.values()) > count // 6


class TestBoundaries:
    @pytest.mark.parametrize("health", [-1, 0, 1])
    def test_maintenance_margin_is_met_exactly_whatever_else(self, prover: Prover, health: int) -> None:
        """Here risk falls, so only rule (6) can refuse."""
        short = prover.step(-(10**30), last=-ONE)
        needed = maintenance_health(short.risk, short.old)
        step = short.but(transfer=(prover.n, health - needed), shrinks=1)
        assert maintenance_health(step.risk, step.next()) == health
        if health < 0:
            prover.refuses(step)
        else:
            prover.accepts(step)

    @pytest.mark.parametrize("health", [-1, 0, 1])
    def test_initial_margin_is_met_exactly_where_risk_rises(self, prover: Prover, health: int) -> None:
        flat = prover.step(5_000 * DOLLAR + health)
        step = flat.but(side=1, trade=(4, ONE, PRICE_OF_ONE))
        assert initial_health(step.risk, step.next()) == health
        if health < 0:
            prover.refuses(step)
        else:
            prover.accepts(step)

    @pytest.mark.parametrize("change", [-1, 0, 1])
    def test_below_initial_margin_risk_must_not_rise_by_one_unit(self, prover: Prover, change: int) -> None:
        held = prover.step(-46_000 * DOLLAR, b4=ONE)  # initial health -1,000, maintenance health 1,500
        step = held.but(side=1, trade=(1, 0, -change), shrinks=1)
        assert initial_health(step.risk, step.next()) - initial_health(step.risk, held.old) == change
        if change < 0:
            prover.refuses(step)
        else:
            prover.accepts(step)

    @pytest.mark.parametrize("claim", [0, 1, 2])
    def test_a_claim_is_shown(self, prover: Prover, claim: int) -> None:
        cured = prover.step(0, b4=ONE).but(transfer=(prover.n, DOLLAR), claim=claim)  # both rules hold
        assert [prover.holds(cured.but(shrinks=r)) for r in (0, 1)] == [claim != 2, claim != 1]
        better = prover.step(-46_000 * DOLLAR, b4=ONE).but(transfer=(prover.n, DOLLAR), claim=claim)
        assert [prover.holds(better.but(shrinks=r)) for r in (0, 1)] == [False, claim != 1]
        worse = prover.step(10**6 * DOLLAR).but(side=1, trade=(4, ONE, PRICE_OF_ONE), claim=claim)
        assert [prover.holds(worse.but(shrinks=r)) for r in (0, 1)] == [claim != 2, False]

    @pytest.mark.parametrize("slot", [1, -1])
    @pytest.mark.parametrize("sign", [1, 2])
    def test_balances_reach_their_limit_and_no_further(self, prover: Prover, slot: int, sign: int) -> None:
        asset = slot % prover.n
        held = prover.step(QUOTE_MAX, **{f"b{asset}": (3 - 2 * sign) * (BALANCE_MAX - 5)})
        step = held.but(side=sign, risk=free(prover.n))
        prover.accepts(step.but(trade=(asset, 5, 0)))
        prover.refuses(step.but(trade=(asset, 6, 0)))
        prover.refuses(step.but(trade=(asset, BALANCE_MAX, 0)))

    @pytest.mark.parametrize("sign", [1, -1])
    def test_quote_reaches_its_limit_and_no_further(self, prover: Prover, sign: int) -> None:
        collateral = prover.step(sign * (QUOTE_MAX - 5), b0=BALANCE_MAX, b2=BALANCE_MAX).but(
            risk=dear(prover.n), side=1
        )
        prover.accepts(collateral.but(trade=(1, 0, -sign * 5)))
        prover.refuses(collateral.but(trade=(1, 0, -sign * 6)))
        prover.refuses(collateral.but(trade=(1, 0, -sign * (1 << 200))))

    def test_amounts_and_sizes_are_numbers_and_not_field_elements(self, prover: Prover) -> None:
        """Spec ZS-55."""
        rich = prover.step(10, b0=10 * ONE, b4=ONE).but(risk=free(prover.n))
        for amount in (SCALAR_MODULUS - 5, SCALAR_MODULUS - ONE, 1 << 144, SCALAR_MODULUS // 2):
            for is_withdrawal in (0, 1):
                for asset in (0, prover.n):  # a deposit of r - 5 would take 5 away, a withdrawal would add 5
                    prover.refuses(rich.but(transfer=(asset, amount), is_withdrawal=is_withdrawal))
        prover.accepts(prover.step().but(transfer=(prover.n, QUOTE_MAX)))
        for size in (1 << 81, 1 << 200, SCALAR_MODULUS // 2):
            for side in (1, 2):
                prover.refuses(rich.but(side=side, trade=(4, size, 0)))

    def test_flags_and_indices_have_no_other_values(self, prover: Prover) -> None:
        rich = prover.step(10**6 * DOLLAR, b0=ONE)
        last = SCALAR_MODULUS - 1
        for side in (3, 4, last):
            for times in (0, 1, 2):  # both sides at once would change nothing, and hash twice
                none = rich.but(side=side, new=rich.old)
                prover.refuses(none, ticket=times * none.ticket())
            prover.refuses(rich.but(side=side, trade=(1, 1, 1)))
        for is_withdrawal in (2, last):
            prover.refuses(rich, isWithdrawal=is_withdrawal)
        for claim in (4, 5, last):
            prover.refuses(rich, claim=claim)
        for bit in (2, last):
            assert not prover.holds(rich, shrinks=bit)
            assert not prover.holds(rich.but(shrinks=1), keepsCash=bit)
        assert not prover.holds(rich, keepsCash=1)
        beyond = {13: (15, 16), 28: (31, 32)}[prover.n]
        for asset in (prover.n + 1, *beyond, last):
            prover.refuses(rich.but(transfer=(asset, 1)))
            prover.refuses(rich.but(transfer=(asset, 0)))
        for bitmap in (*(1 << bit for bit in (prover.n, prover.n + 1, 31, 63, 64, 252)), last):
            prover.refuses(rich, longOnly=bitmap)
            prover.refuses(rich, reduceOnly=bitmap)


class TestSides:
    """A short needs x more than a long: d, x are 5, 15 USD at maintenance and 10, 30 at initial margin, prices 100."""

    SLOT = 4
    UNIT = 100 * DOLLAR

    @classmethod
    def step(cls, prover: Prover, quote: int, balance: int) -> Step:
        usd = 10**9
        initial = MarginsPerUnit((10 * usd,) * prover.n, (30 * usd,) * prover.n)
        vectors = replace(
            vectors_of((100 * usd,) * prover.n, (0,) * prover.n, (0,) * prover.n),
            maintenance=MarginsPerUnit((5 * usd,) * prover.n, (15 * usd,) * prover.n),
            initial=initial,
        )
        return Step(state(prover.n, quote, **{f"b{cls.SLOT}": balance * ONE}), RiskInputs(vectors, 1, LAMBDAS))

    def trade(self, step: Step, change: int, cost: int | None = None) -> Step:
        """Buys or sells units at the mark, or for another cost."""
        size, side = abs(change) * ONE, 1 if change > 0 else 2
        return step.but(side=side, trade=(self.SLOT, size, abs(change) * self.UNIT if cost is None else cost))

    @pytest.mark.parametrize(
        ("change", "initial"), [(1, 10 * DOLLAR), (-1, 40 * DOLLAR), (3, 30 * DOLLAR), (-3, 120 * DOLLAR)]
    )
    @pytest.mark.parametrize("missing", [0, 1])
    def test_each_side_needs_its_own_initial_margin(
        self, prover: Prover, change: int, initial: int, missing: int
    ) -> None:
        step = self.trade(self.step(prover, initial - missing, 0), change)
        assert initial_health(step.risk, step.next()) == -missing
        if missing:
            prover.refuses(step)
        else:
            prover.accepts(step)

    @pytest.mark.parametrize(("balance", "maintenance"), [(1, 5 * DOLLAR), (-1, 20 * DOLLAR), (-3, 60 * DOLLAR)])
    @pytest.mark.parametrize("missing", [0, 1])
    def test_each_side_needs_its_own_maintenance_margin(
        self, prover: Prover, balance: int, maintenance: int, missing: int
    ) -> None:
        """A trade of size 0 that pays nothing changes nothing, so initial health does not fall."""
        step = self.step(prover, maintenance - balance * self.UNIT - missing, balance)
        step = step.but(side=1, trade=(1, 0, 0), shrinks=1)
        assert maintenance_health(step.risk, step.next()) == -missing
        if missing:
            prover.refuses(step)
        else:
            prover.accepts(step)

    @pytest.mark.parametrize(("balance", "change", "freed"), [(-3, 1, 40), (3, -1, 10)])
    @pytest.mark.parametrize("worse", [0, 1])
    def test_buying_back_a_short_and_selling_a_long_free_the_margin_of_their_side(
        self, prover: Prover, balance: int, change: int, freed: int, worse: int
    ) -> None:
        """Below initial margin an account that reduces may lose by the price what it frees of margin, and no more."""
        quote = -balance * self.UNIT + (90 if balance < 0 else 25) * DOLLAR  # between maintenance and initial margin
        held = self.step(prover, quote, balance)
        assert initial_health(held.risk, held.old) < 0 <= maintenance_health(held.risk, held.old)
        loss = freed * DOLLAR + worse
        cost = abs(change) * self.UNIT + (loss if change > 0 else -loss)
        step = self.trade(held, change, cost).but(shrinks=1)
        assert initial_health(step.risk, step.next()) - initial_health(held.risk, held.old) == -worse
        assert maintenance_health(step.risk, step.next()) >= 0
        if worse:
            prover.refuses(step)
        else:
            prover.accepts(step)

    def test_more_of_either_side_is_more_risk(self, prover: Prover) -> None:
        short = self.step(prover, 3 * self.UNIT + 90 * DOLLAR, -3)
        long = self.step(prover, -3 * self.UNIT + 20 * DOLLAR, 3)
        for held, sign in ((short, -1), (long, 1)):
            assert initial_health(held.risk, held.old) < 0
            prover.refuses(self.trade(held, sign))

    def test_turning_a_long_into_a_short_needs_the_margin_of_the_short_side(self, prover: Prover) -> None:
        """One long at 10 USD becomes one short at 40: risk rises, although the size does not."""
        held = self.step(prover, -self.UNIT + 20 * DOLLAR, 1)
        prover.refuses(self.trade(held, -2))
        prover.accepts(self.trade(held.but(old=state(prover.n, -60 * DOLLAR, b4=ONE)), -2))

    @pytest.mark.parametrize("name", ["maintenanceShortExtra", "initialShortExtra"])
    def test_no_witness_holds_for_another_extra(self, prover: Prover, name: str) -> None:
        """A witness of which one x alone is changed: where the account is short afterwards, a constraint is broken."""
        held = self.step(prover, 10**4 * DOLLAR, 0)
        values = prover.accepts(self.trade(held, -3)).values
        r1cs, row = R1CS.load(prover.circuit.r1cs), STATEMENTS["update"]
        names = [signal.name for signal in row.round_signals]
        first = 1 + row.proof_inputs(prover.n) + prover.n * names.index(name)
        for slot in range(prover.n):
            changed = [*values[: first + slot], values[first + slot] - 1, *values[first + slot + 1 :]]
            assert bool(r1cs.violated(changed)) == (slot == self.SLOT)


class TestBaskets:
    def test_every_leg_of_a_basket_is_in_its_ticket(self, prover: Prover) -> None:
        """A spread: three bought, two sold, for one price."""
        last = prover.n - 1
        legs = {2: 3 * ONE, 3: -2 * ONE, last: ONE}
        spread = prover.step(10**6 * DOLLAR).but(side=1, legs=legs, trade=(0, 0, 2 * PRICE_OF_ONE))
        posted = prover.posted(spread)
        assert posted == state(prover.n, (10**6 - 100_000) * DOLLAR, b2=3 * ONE, b3=-2 * ONE, last=ONE)
        for other in ({**legs, 2: 3 * ONE + 1}, {**legs, 3: 2 * ONE}, {**legs, last: 0}, {**legs, 1: 1}):
            prover.accepts(spread.but(legs=other))
            prover.refuses(spread.but(legs=other), ticket=spread.ticket())
            prover.refuses(spread.but(new=spread.but(legs=other).next()))

    def test_both_sides_of_a_basket_together_gain_nothing(self, prover: Prover) -> None:
        legs = {0: ONE, 2: -(2**60), prover.n - 1: 7}
        steps = [
            prover.step(10**6 * DOLLAR, b0=ONE).but(
                side=side, legs=legs, trade=(0, 0, -5), keys=keys, risk=free(prover.n)
            )
            for side, keys in ((1, owner_keys()), (2, OTHER))
        ]
        buyer, seller = map(prover.posted, steps)
        assert [a + b for a, b in zip(buyer.balances, seller.balances, strict=True)] == [2 * ONE] + [0] * (prover.n - 1)
        assert buyer.quote + seller.quote == 2 * 10**6 * DOLLAR
        assert steps[0].ticket() == steps[1].ticket()

    @pytest.mark.parametrize("side", [1, 2])
    def test_amounts_that_wrap_around_the_field_are_refused(self, prover: Prover, side: int) -> None:
        step = prover.step(10**6 * DOLLAR, b4=ONE).but(side=side, risk=free(prover.n))
        for amount in (SCALAR_MODULUS // 2, SCALAR_MODULUS - (1 << 81), 1 << 160):
            prover.refuses(step.but(legs={4: amount}))
        minus_one = step.but(legs={4: SCALAR_MODULUS - 1})
        assert minus_one.ticket() == step.but(legs={4: -1}).ticket()
        prover.accepts(minus_one)

    def test_a_ticket_is_no_commitment_of_an_account(self, prover: Prover) -> None:
        """A state has a bitmap below 2^N where a ticket has the hash of its book."""
        assert owner_keys().domain.tag() >= 1 << prover.n
        step = prover.step(10**6 * DOLLAR).but(side=1, trade=(4, ONE, PRICE_OF_ONE))
        prover.refuses(step, ticket=int(step.inputs()["oldCommitment"]))  # type: ignore[arg-type]


class TestCash:
    """Two of asset 0, spot, are worth 100,000 USD: they back 5,000 of debt where an account grows, 10,000 elsewhere."""

    SPOT = 2 * ONE
    WORTH = 100_000 * DOLLAR

    @pytest.mark.parametrize("left", [-1, 0, 1])
    @pytest.mark.parametrize("kind", ["withdrawal", "free loan", "purchase", "spot out"])
    def test_growth_and_withdrawals_owe_a_small_part_of_spot(self, prover: Prover, kind: str, left: int) -> None:
        quote = left - 5_000 * DOLLAR
        match kind:
            case "withdrawal":
                step = prover.step(quote + 9, b0=self.SPOT).but(transfer=(prover.n, 9), is_withdrawal=1)
            case "free loan":
                step = prover.step(0, b0=self.SPOT).but(side=1, trade=(4, 0, -quote))
            case "purchase":  # at a price that leaves 100 USD less than the mark
                legs, cost = {4: ONE}, PRICE_OF_ONE + 100 * DOLLAR
                step = prover.step(quote + 100 * DOLLAR, b0=self.SPOT).but(side=1, legs=legs, trade=(0, 0, cost))
            case _:
                step = prover.step(quote, b0=2 * self.SPOT).but(transfer=(0, self.SPOT), is_withdrawal=1)
        assert prover.rules(step) == ([] if left < 0 else [RULES[0]])

    def test_the_cash_of_all_others_cannot_be_borrowed(self, prover: Prover) -> None:
        """Twelve of a spot asset at 50,000 and a ticket of size 0 that pays 500,000 to another account."""
        rich = prover.step(0, b0=12 * ONE)
        prover.refuses(rich.but(side=1, trade=(4, 0, 500_000 * DOLLAR)))
        prover.refuses(rich.but(side=2, trade=(4, 0, -500_000 * DOLLAR)))
        prover.refuses(rich.but(side=1, trade=(4, 0, 60_000 * DOLLAR)))  # twice what it may owe
        prover.accepts(rich.but(side=1, trade=(4, 0, 30_000 * DOLLAR)))

    def test_buying_at_the_mark_and_closing_below_it_borrows_nothing(self, prover: Prover) -> None:
        """The second step of the loan: 100,000 of spot, a long that was bought at the mark, and its sale for less."""
        held = prover.step(-PRICE_OF_ONE, b0=self.SPOT, b4=ONE)
        sold = held.but(side=2)
        prover.accepts(sold.but(trade=(4, ONE, PRICE_OF_ONE), shrinks=1))
        limit = PRICE_OF_ONE - 5_000 * DOLLAR  # what the margin frees
        prover.accepts(sold.but(trade=(4, ONE, limit), shrinks=1))
        prover.refuses(sold.but(trade=(4, ONE, limit - 1)))

    def test_an_account_that_shrinks_may_owe_more(self, prover: Prover) -> None:
        owing = prover.step(-57_500 * DOLLAR, b0=self.SPOT, b4=ONE)
        sale = owing.but(side=2, trade=(4, ONE // 2, PRICE_OF_ONE // 2))
        assert prover.rules(sale) == list(RULES[1:])
        assert prover.rules(owing.but(side=1, trade=(4, 1, 50_000 * 10**9))) == []
        assert prover.rules(owing.but(transfer=(prover.n, 1), is_withdrawal=1)) == []
        assert prover.rules(owing.but(transfer=(0, 1), is_withdrawal=1)) == []

    @pytest.mark.parametrize("missing", [-1, 0, 1])
    def test_an_account_that_owes_too_much_sells_for_what_the_spot_has_lent(self, prover: Prover, missing: int) -> None:
        """It owes 15,000 against 100,000 of spot. Half of the spot backs 5,000 of it: its sale must pay that much."""
        all_of_it = MarginsPerUnit.of_both_sides(
            [PRICE] * prover.n
        )  # so that a sale for any price raises initial health
        terms = replace(risk(prover.n), vectors=replace(risk(prover.n).vectors, initial=all_of_it))
        owing = prover.step(-15_000 * DOLLAR, b0=self.SPOT).but(risk=terms)
        sale = owing.but(side=2, trade=(0, ONE, 5_000 * DOLLAR - missing))
        assert prover.rules(sale) == ([] if missing > 0 else [RULES[2]])

    def test_a_deposit_is_taken_from_an_account_that_owes_too_much(self, prover: Prover) -> None:
        owing = prover.step(-50_000 * DOLLAR, b0=self.SPOT)
        assert prover.rules(owing.but(transfer=(prover.n, 1))) == [RULES[2]]
        assert prover.rules(owing.but(transfer=(0, 1))) == [RULES[2]]
        assert prover.rules(owing.but(transfer=(prover.n, 40_000 * DOLLAR))) == list(RULES[1:])
        assert prover.rules(owing.but(transfer=(prover.n, 45_000 * DOLLAR))) == list(RULES)
        assert prover.rules(owing.but(side=1, trade=(4, 0, 1))) == []

    def test_spot_that_is_reduce_only_lends_nothing(self, prover: Prover) -> None:
        stale = prover.step(0, b0=self.SPOT).but(risk=replace(risk(prover.n), reduce_only=1))
        prover.accepts(stale)
        prover.refuses(stale.but(side=1, trade=(4, 0, 1)))
        assert prover.rules(stale.but(transfer=(0, ONE), is_withdrawal=1)) == [RULES[0]]
        derivative = prover.step(-1, b0=self.SPOT, b4=1).but(risk=replace(risk(prover.n), reduce_only=1 << 4))
        prover.accepts(derivative.but(side=1, trade=(3, 0, 0)))

    @pytest.mark.parametrize(("lent", "share", "taken"), [(142_857, 7, False), (10**6, 1, True), (999_999, 1, False)])
    def test_covered_cash_is_exact_to_one_part_in_a_million(
        self, prover: Prover, lent: int, share: int, taken: bool
    ) -> None:
        """Debt of 1e-18 USD against spot of so many: 10^6 of debt against lambda of spot."""
        vectors = vectors_of((1, *[0] * (prover.n - 1)), (0,) * prover.n, (0,) * prover.n)
        step = prover.step(0, b0=lent).but(risk=RiskInputs(vectors, 1, (share, share)), side=1, trade=(4, 0, 1))
        assert prover.rules(step) == ([RULES[0]] if taken else [])

    def test_a_long_withdraws_what_its_margin_leaves_free(self, prover: Prover) -> None:
        """Bought with 20,000 USD: quote is far below 0, and the position is worth as much more."""
        long = prover.step(-30_000 * DOLLAR, b4=ONE)
        out = long.but(transfer=(prover.n, 15_000 * DOLLAR), is_withdrawal=1)
        prover.accepts(out)
        prover.refuses(out.but(transfer=(prover.n, 15_000 * DOLLAR + 1)))

    def test_lambdas_count_where_they_belong(self, prover: Prover) -> None:
        owing = prover.step(-5_000 * DOLLAR, b0=self.SPOT).but(side=1, trade=(4, 0, 0))
        prover.accepts(owing)
        assert not prover.holds(owing, lambdaInitial=LAMBDAS[0] - 1)
        assert prover.holds(owing, lambdaMaintenance=0)
        assert not prover.holds(owing.but(shrinks=1), lambdaMaintenance=LAMBDAS[0] - 1)
        assert prover.holds(owing.but(shrinks=1), lambdaInitial=0)


class TestReduceOnly:
    SLOT = 4

    def step(self, prover: Prover, balance: int) -> Step:
        only = replace(risk(prover.n), reduce_only=1 << self.SLOT)
        return prover.step(10**6 * DOLLAR, **{f"b{self.SLOT}": balance}).but(risk=only, trade=(0, 0, 0))

    @pytest.mark.parametrize("sign", [1, -1])
    def test_a_position_shrinks_to_nothing_and_no_further(self, prover: Prover, sign: int) -> None:
        held = self.step(prover, sign * 5)
        for amount, taken in ((0, True), (1, True), (5, True), (6, False), (10, False), (-1, False)):
            for side in (1, 2):
                legs = {self.SLOT: -sign * amount * (1 if side == 1 else -1), 5: ONE}
                assert prover.holds(held.but(side=side, legs=legs)) == taken

    def test_no_position_is_opened(self, prover: Prover) -> None:
        flat = self.step(prover, 0)
        for amount in (1, -1):
            prover.refuses(flat.but(side=1, legs={self.SLOT: amount}))
        prover.accepts(flat.but(side=1, legs={5: 1}))
        prover.accepts(flat.but(side=1, legs={self.SLOT: 1}, risk=replace(flat.risk, reduce_only=1 << 5)))

    @pytest.mark.parametrize("sign", [1, -1])
    def test_a_trade_that_shrinks_shrinks_everywhere(self, prover: Prover, sign: int) -> None:
        held = prover.step(10**6 * DOLLAR, b4=sign * 5, b5=ONE).but(side=1, shrinks=1, claim=2)
        for amount, taken in ((0, True), (1, True), (5, True), (6, False), (-1, False)):
            assert prover.holds(held.but(legs={4: -sign * amount, 5: -ONE}, trade=(0, 0, -PRICE_OF_ONE))) == taken
        assert not prover.holds(held.but(legs={4: -sign, 6: 1}))
        assert not prover.holds(held.but(legs={4: -sign, 6: -1}))

    def test_a_withdrawal_never_shrinks(self, prover: Prover) -> None:
        rich = prover.step(10**6 * DOLLAR).but(transfer=(prover.n, 0), is_withdrawal=1)
        assert prover.rules(rich) == [RULES[0]]

    def test_what_shrinks_is_a_number_and_not_a_field_element(self, prover: Prover) -> None:
        held = prover.step(0, b4=5).but(side=1, shrinks=1, risk=free(prover.n))
        for amount in (1 << 81, SCALAR_MODULUS // 2, SCALAR_MODULUS - (1 << 81)):
            assert not prover.holds(held.but(legs={4: amount}))


class TestTopUps:
    """A deposit that leaves the account below maintenance margin: it lacks 500 USD."""

    @staticmethod
    def step(prover: Prover, amount: int, **changes: object) -> Step:
        poor = prover.step(-48_000 * DOLLAR, b4=ONE).but(transfer=(prover.n, amount), claim=3, shrinks=1)
        assert maintenance_health(poor.risk, poor.old) == -500 * DOLLAR
        return poor.but(**changes)

    @pytest.mark.parametrize(("left", "taken"), [(-2, True), (-1, True), (0, False), (1, False)])
    def test_the_account_stays_below_maintenance_margin(self, prover: Prover, left: int, taken: bool) -> None:
        step = self.step(prover, 500 * DOLLAR + left)
        assert maintenance_health(step.risk, step.next()) == left
        assert prover.holds(step) == taken
        assert prover.holds(step.but(claim=2)) != taken

    def test_it_is_a_deposit_of_more_than_nothing(self, prover: Prover) -> None:
        prover.accepts(self.step(prover, 1))
        prover.refuses(self.step(prover, 0))
        prover.refuses(self.step(prover, 1, is_withdrawal=1))
        prover.refuses(self.step(prover, 0, is_withdrawal=1))

    def test_it_is_no_trade(self, prover: Prover) -> None:
        for trade in ((4, 0, 0), (4, 0, -5), (4, ONE // 2, -PRICE_OF_ONE // 2)):
            for side in (1, 2):
                prover.refuses(self.step(prover, 1, side=side, trade=trade))

    def test_a_healthy_account_does_not_flag_itself(self, prover: Prover) -> None:
        healthy = prover.step(-47_500 * DOLLAR, b4=ONE).but(transfer=(prover.n, 1), claim=3, shrinks=1)
        assert maintenance_health(healthy.risk, healthy.old) == 0
        prover.refuses(healthy)
        prover.refuses(prover.step(10**6 * DOLLAR).but(transfer=(prover.n, 1), claim=3))

    def test_spot_counts_too(self, prover: Prover) -> None:
        prover.accepts(self.step(prover, ONE // 1_000).but(transfer=(0, ONE // 1_000)))

    def test_no_witness_holds_for_another_inverse(self, prover: Prover) -> None:
        """What shows that the deposit is not 0 is unique, whatever is claimed."""
        r1cs = R1CS.load(prover.circuit.r1cs)
        wire = Symbols.load(prover.circuit.sym).wires["inverse"]
        for step in (self.step(prover, 5), prover.step(), prover.step(10).but(transfer=(prover.n, 3))):
            values = prover.accepts(step).values
            for other in (values[wire] + 1, 0):
                assert r1cs.violated([*values[:wire], other, *values[wire + 1 :]])


class TestAttacks:
    def test_an_unhealthy_account_cannot_change_its_commitment(self, prover: Prover) -> None:
        """Neither as it is nor by helping it a little: its flag would be of a commitment that is gone."""
        poor = prover.step(-48_000 * DOLLAR, b4=ONE)
        assert maintenance_health(poor.risk, poor.old) == -500 * DOLLAR
        prover.refuses(poor)
        prover.refuses(poor.but(transfer=(prover.n, 499 * DOLLAR)))
        prover.refuses(poor.but(side=2, trade=(4, ONE // 10, PRICE_OF_ONE // 10)))
        prover.accepts(poor.but(transfer=(prover.n, 500 * DOLLAR), shrinks=1))

    def test_reduce_only_cannot_increase_risk(self, prover: Prover) -> None:
        held = prover.step(-46_000 * DOLLAR, b4=ONE)
        assert initial_health(held.risk, held.old) < 0 < maintenance_health(held.risk, held.old)
        prover.refuses(held.but(side=1, trade=(4, 1, PRICE_OF_ONE // ONE)))  # more of the same
        prover.refuses(held.but(side=1, trade=(5, ONE // 100, PRICE_OF_ONE // 100)))  # more of another
        prover.refuses(held.but(side=2, trade=(4, 3 * ONE, 3 * PRICE_OF_ONE)))  # through zero to the other side
        prover.accepts(held.but(side=2, trade=(4, ONE // 2, PRICE_OF_ONE // 2), shrinks=1))

    def test_a_deposit_hides_no_trade(self, prover: Prover) -> None:
        poor = prover.step(0, b4=ONE).but(transfer=(0, ONE))
        richer = state(prover.n, 7 * DOLLAR, b0=ONE, b4=ONE)
        prover.refuses(poor.but(new=richer))
        for terms in ((4, ONE, -DOLLAR), (5, 0, -7 * DOLLAR), (4, ONE, 0)):
            traded = poor.but(side=1, trade=terms)
            prover.accepts(traded)
            prover.refuses(traded, side=0)
            prover.refuses(traded, side=0, ticket=0)
            prover.refuses(traded, ticket=0)
        prover.refuses(poor, ticket=poor.but(side=1).ticket())  # a ticket without a side

    def test_a_transfer_moves_what_it_says_and_nothing_else(self, prover: Prover) -> None:
        """Spec ZS-55."""
        deposit = prover.step(0, b4=ONE).but(transfer=(0, ONE))
        prover.accepts(deposit)
        prover.refuses(deposit, transferAmount=ONE - 1)
        prover.refuses(deposit, transferAsset=1)
        prover.refuses(deposit.but(new=state(prover.n, 0, b0=ONE + 1, b4=ONE)))
        prover.refuses(deposit.but(new=state(prover.n, 0, b0=ONE, b4=ONE, last=1)))
        withdrawal = prover.step(0, b0=2 * ONE).but(transfer=(0, ONE), is_withdrawal=1)
        prover.accepts(withdrawal)
        prover.refuses(withdrawal.but(new=withdrawal.old))
        prover.refuses(withdrawal, isWithdrawal=0)

    def test_the_side_has_the_sign_it_says(self, prover: Prover) -> None:
        held = prover.step(10**6 * DOLLAR, b4=ONE)
        terms = (4, ONE, PRICE_OF_ONE)
        for side in (1, 2):
            prover.accepts(held.but(side=side, trade=terms))
            wrong_way = held.but(side=3 - side, trade=terms).next()
            prover.refuses(held.but(side=side, trade=terms, new=wrong_way))

    def test_both_parties_of_a_ticket_name_it_alike_and_gain_what_the_other_loses(self, prover: Prover) -> None:
        """What lets the contract settle each ticket once, on opposite sides: its name leaves its parties no choice."""
        buyer = prover.step(10**6 * DOLLAR).but(side=1, trade=(4, ONE, PRICE_OF_ONE))
        seller = prover.step(10**6 * DOLLAR).but(side=2, trade=(4, ONE, PRICE_OF_ONE), keys=OTHER)
        sums = [0] * (prover.n + 1)
        for step in (buyer, seller):
            posted = prover.posted(step)
            for slot, value in enumerate((*posted.balances, posted.quote)):
                sums[slot] += value
        assert sums == [0] * prover.n + [2 * 10**6 * DOLLAR]
        prover.accepts(seller, ticket=buyer.ticket())
        for terms in (
            (4, ONE - 1, PRICE_OF_ONE),
            (4, ONE, PRICE_OF_ONE + 1),
            (5, ONE, PRICE_OF_ONE),
            (4, -ONE, PRICE_OF_ONE),
        ):
            for party in (buyer, seller):
                prover.accepts(party.but(trade=terms))
                prover.refuses(party.but(trade=terms), ticket=buyer.ticket())
        for other in (0, 1):
            prover.refuses(buyer, ticket=other)
            prover.refuses(seller, ticket=other)

    def test_both_sides_of_a_ticket_by_one_account_consume_one_commitment(self, prover: Prover) -> None:
        """So the contract, for which each commitment is gone once it is replaced, settles at most one of them."""
        old, new = (PUBLIC.index(name) + 1 for name in ("oldCommitment", "newCommitment"))
        one = prover.step(10**6 * DOLLAR).but(trade=(4, ONE, PRICE_OF_ONE))
        buys, sells = (one.but(side=side) for side in (1, 2))
        replaced = [prover.accepts(step).values for step in (buys, sells)]
        assert len({values[old] for values in replaced} | {values[new] for values in replaced}) == 3
        prover.refuses(buys, oldCommitment=replaced[1][new])
        prover.refuses(sells, oldCommitment=replaced[0][new])
        under_another_salt = ViewingKeys.of_owner(one.keys).open(one.old, OLD_SALT + 1).commitment
        prover.refuses(sells, oldCommitment=under_another_salt)

    def test_a_ticket_is_of_one_book(self, prover: Prover) -> None:
        step = prover.step(10**6 * DOLLAR).but(side=1, trade=(4, ONE, PRICE_OF_ONE))
        prover.accepts(step)
        prover.refuses(step.but(ticket_domain=ELSEWHERE))
        prover.refuses(step.but(ticket_domain=ELSEWHERE), domain=ELSEWHERE.tag())

    def test_a_spot_asset_cannot_be_short(self, prover: Prover) -> None:
        """Spec ZS-56."""
        step = prover.step(10**6 * DOLLAR, b0=ONE).but(side=2)
        prover.accepts(step.but(trade=(0, ONE, PRICE_OF_ONE)))
        prover.refuses(step.but(trade=(0, ONE + 1, PRICE_OF_ONE)))
        prover.accepts(step.but(trade=(1, ONE + 1, PRICE_OF_ONE)))
        prover.refuses(step.but(transfer=(0, ONE + 1), is_withdrawal=1, side=0))

    def test_the_identity_stays(self, prover: Prover) -> None:
        step = prover.step(DOLLAR)
        prover.refuses(step.but(new_keys=OTHER))
        prover.refuses(step.but(old_keys=OTHER))
        prover.refuses(step.but(new_keys=OTHER), ownerSecret=OTHER.owner_secret, viewKey=OTHER.view_key)
        prover.refuses(step.but(new_keys=owner_keys(domain=ELSEWHERE)))
        prover.refuses(step.but(old_keys=owner_keys(domain=ELSEWHERE)))

    def test_only_the_owner_moves_the_account(self, prover: Prover) -> None:
        step = prover.step(DOLLAR)
        prover.refuses(step, ownerSecret=OTHER.owner_secret)
        prover.refuses(step, ownerSecret=0)
        prover.refuses(step, viewKey=OTHER.view_key)

    def test_the_guardian_can_decrypt_what_is_posted(self, prover: Prover) -> None:
        step = prover.step(DOLLAR, b4=-1)
        ciphertext = [int(text) for text in step.inputs()["ciphertext"]]
        for element in range(len(ciphertext)):
            spoilt = [*ciphertext]
            spoilt[element] = (spoilt[element] + 1) % SCALAR_MODULUS
            prover.refuses(step, ciphertext=spoilt)
        prover.refuses(step, ciphertext=[0] * len(ciphertext))
        prover.refuses(step, rho=RHO + 1)
        under_another_key = step.but(new_keys=OTHER).inputs()["ciphertext"]
        prover.refuses(step, ciphertext=[int(text) for text in under_another_key])

    def test_the_old_state_is_the_committed_one(self, prover: Prover) -> None:
        step = prover.step(DOLLAR, b4=-1)
        richer = state(prover.n, 2 * DOLLAR, b4=-1)
        prover.refuses(step.but(new=richer), oldQuote=2 * DOLLAR)
        prover.refuses(step, oldSalt=1)
        prover.refuses(step, oldShorts=0)
        prover.refuses(step, oldCommitment=1)
        prover.refuses(step, newCommitment=1)


def free(n: int) -> RiskInputs:
    """Nothing has a price or needs margin: only ranges can refuse."""
    return RiskInputs(vectors_of((0,) * n, (0,) * n, (0,) * n), 1, LAMBDAS)


def dear(n: int) -> RiskInputs:
    """The most of assets 0 and 2 covers any debt."""
    return RiskInputs(vectors_of((PRICE_MAX, 0, PRICE_MAX, *[0] * (n - 3)), (0,) * n, (0,) * n), 1, LAMBDAS)
