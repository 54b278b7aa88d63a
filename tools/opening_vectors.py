"""Write tests/vectors/opening.json: accounts and states as a guardian opens them, by the Python reference.

Run: python -m tools.opening_vectors
"""

import json
import random
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from prover.account import BASE, SUBGROUP_ORDER, Domain, Point, SealedState, State, ViewingKeys
from prover.market import BALANCE_BITS, QUOTE_BITS
from verifier import SCALAR_MODULUS

PATH: Final = Path(__file__).parent.parent / "tests" / "vectors" / "opening.json"

DOMAIN: Final = Domain(31337, 0xB00C)
SECRETS: Final = (1, 987654321, SUBGROUP_ORDER - 1)
"""Of the guardians."""

BALANCE_MAX: Final = (1 << BALANCE_BITS) - 1
QUOTE_MAX: Final = (1 << QUOTE_BITS) - 1
ORDER_2: Final = Point(0, SCALAR_MODULUS - 1)


def vectors() -> dict[str, Any]:
    """All vectors. Every number is a decimal string."""
    rng = random.Random(20261130)
    accounts = [account for secret in SECRETS for account in _accounts(rng, secret)]
    viewing = ViewingKeys.of_guardian(SECRETS[1], 123456789 * BASE, 5, DOMAIN)
    states = [case for n in (13, 28, 43) for case in _states(rng, viewing, n)]
    return {"domain": str(DOMAIN.tag()), "accounts": accounts, "states": states}


def _accounts(rng: random.Random, secret: int) -> Iterator[dict[str, Any]]:
    scalars = [1, 2, SUBGROUP_ORDER - 1, *(rng.randrange(1, SUBGROUP_ORDER) for _ in range(6))]
    points = [scalar * BASE for scalar in scalars]
    points.append(points[-1] + ORDER_2)  # outside the subgroup, like a point that an owner chose by hand
    for point in points:
        tag = rng.choice((0, SCALAR_MODULUS - 1, rng.randrange(SCALAR_MODULUS)))
        keys = ViewingKeys.of_guardian(secret, point, tag, DOMAIN)
        yield {
            "secret": str(secret),
            "owner": _texts([point.x, point.y, tag]),
            "viewing": _texts([keys.view_key, keys.identity]),
        }


def _states(rng: random.Random, viewing: ViewingKeys, n: int) -> Iterator[dict[str, Any]]:
    draws: list[Callable[[int], int]] = [
        lambda limit: 0,
        lambda limit: limit,
        lambda limit: -limit,
        lambda limit: -1,
        lambda limit: rng.choice((-limit, limit)),
        lambda limit: rng.randint(-limit, limit),
        lambda limit: rng.choice((-limit, 0, 0, limit, rng.randint(-(10**15), 10**15))),
    ]
    for draw in draws:
        state = State(tuple(draw(BALANCE_MAX) for _ in range(n)), draw(QUOTE_MAX))
        sealed = viewing.seal(state, rng.choice((0, rng.randrange(SCALAR_MODULUS), SCALAR_MODULUS - 1)))
        yield _case(viewing, sealed, n)


def _case(viewing: ViewingKeys, sealed: SealedState, n: int) -> dict[str, Any]:
    return {
        "n": str(n),
        "sealed": _texts([viewing.view_key, viewing.identity, sealed.commitment, sealed.rho, *sealed.ciphertext]),
        "opened": _texts([*sealed.state.balances, sealed.state.quote, sealed.salt, sealed.blind]),
    }


def _texts(values: Iterable[int]) -> list[str]:
    return [str(value) for value in values]


if __name__ == "__main__":
    PATH.write_text(json.dumps(vectors(), indent=1) + "\n")
