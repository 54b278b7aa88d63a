"""States at the limits of docs/units.md have a proof of one side of `margin`, and a way out: real proofs."""

from dataclasses import replace

import pytest
from book_circuits import SIZES
from steps import HERE, owner_keys
from strategies import BALANCE_MAX, PPM, PRICE_MAX, QUOTE_MAX

from prover import Side, Ticket, Transfer, Update, margin_inputs, update_inputs
from prover.account import State, ViewingKeys, assess_at
from prover.market import MarginFractions, MarginRules, round_vectors
from prover.toolchain import AnyBackend, build
from prover.trade import amounts_of
from verifier import MarginClaim, ProvingError, RiskInputs, RoundVectors, VectorKind

pytestmark = pytest.mark.full

KEYS = ViewingKeys.of_owner(owner_keys())
SPOT = 0
"""The slot of the one spot asset. All others are perpetuals."""

LAMBDAS = (50_000, 100_000)
KINDS = (VectorKind.MAINTENANCE, VectorKind.OVERDRAFT)
"""Those that `margin` is proven at."""


def vectors(n: int, e: int) -> RoundVectors:
    """The highest price in every slot, and funding that makes the effective price of perpetuals e."""
    rules = MarginRules((MarginFractions(PPM // 10),) * n, (MarginFractions(PPM // 5),) * n, 1 << SPOT, LAMBDAS[1])
    return round_vectors((PRICE_MAX,) * n, (0, *(PRICE_MAX - e,) * (n - 1)), rules)


def state_at(n: int, e: int, kind: VectorKind, distance: int | None) -> State:
    """The poorest state at prices of e, or one of the richest at a distance of the line where that is named."""
    if distance is None:
        return State((0, *(BALANCE_MAX if e < 0 else -BALANCE_MAX,) * (n - 1)), -QUOTE_MAX)
    alone = State((0,) * (n - 1) + (BALANCE_MAX if e > 0 else -BALANCE_MAX,), 0)
    return State(alone.balances, distance - assess_at(alone, vectors(n, e), kind).health)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("e", [-PRICE_MAX, PRICE_MAX])
@pytest.mark.parametrize("distance", [None, -1, 0])
def test_a_state_at_the_limits_is_proven_on_one_side_alone(
    n: int, kind: VectorKind, e: int, distance: int | None, backend: AnyBackend
) -> None:
    state = state_at(n, e, kind, distance)
    assert state.is_in_range
    margins = replace(vectors(n, e), maintenance=vectors(n, e).margins(kind))
    sealed, artifacts = KEYS.seal(state), build([f"margin-{n}"])[f"margin-{n}"]
    healthy = assess_at(state, margins, VectorKind.MAINTENANCE).health >= 0
    assert healthy == (distance == 0)
    claim = MarginClaim(sealed.commitment, healthy=healthy, recipient=0)
    proof, signals = backend.prove(artifacts, margin_inputs(sealed, margins, claim))
    assert backend.verify(artifacts.key, signals, proof)
    with pytest.raises(ProvingError):
        backend.prove(artifacts, margin_inputs(sealed, margins, replace(claim, healthy=not healthy)))


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("e", [-PRICE_MAX, PRICE_MAX])
@pytest.mark.parametrize("way_out", ["money", "spot", "position"])
def test_a_state_at_the_limits_has_an_exit(n: int, e: int, way_out: str, backend: AnyBackend) -> None:
    """A unit of money, of spot or of a position leaves an account whose balances are all as large as they can be."""
    is_long = e > 0
    positions = (BALANCE_MAX if is_long else -BALANCE_MAX,) * (n - 1)
    before = KEYS.seal(State((BALANCE_MAX, *positions), QUOTE_MAX if way_out == "money" else 0))
    if way_out == "position":
        closed = Ticket(HERE, amounts_of({n - 1: 1}, n), cost=e, salt=9)
        update = Update.make(KEYS, before, ticket=closed, side=Side.SELL if is_long else Side.BUY)
    else:
        withdrawal = Transfer(n if way_out == "money" else SPOT, 1, is_withdrawal=True)
        update = Update.make(KEYS, before, transfer=withdrawal, recipient=0xABC)
    risk = RiskInputs(vectors(n, e), 1 << SPOT, LAMBDAS, 0)
    artifacts = build([f"update-{n}"])[f"update-{n}"]
    proof, signals = backend.prove(artifacts, update_inputs(owner_keys(), update, risk))
    assert tuple(map(int, signals)) == update.claimed().signals(update.terms(), risk)
    assert backend.verify(artifacts.key, signals, proof)
