"""Writes tests/vectors/rekey.json: accounts that move to other keys, with the public signals of `rekey`.

Python and circuit are tested on this one file. Every integer of it but n is a decimal string.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from prover import Domain, OwnerKeys, State, ViewingKeys, rekey_claim
from prover.account import BASE, SUBGROUP_ORDER, Point

TARGET: Final = Path(__file__).parent.parent / "tests" / "vectors" / "rekey.json"

DOMAIN: Final = Domain(31337, 0xB00C)
OLD: Final = OwnerKeys(123456789, 987654321 * BASE, DOMAIN)
OF_ORDER_2: Final = Point(0, -1)
BALANCE_MAX: Final = (1 << 80) - 1
QUOTE_MAX: Final = (1 << 144) - 1


class Row(NamedTuple):
    """An account that moves: its state, and its keys from then on. Unit of balances and quote as in the reference."""

    name: str
    state: State
    new: OwnerKeys
    old_rho: int
    rho: int


def rows() -> Iterator[Row]:
    """Empty, everyday, and at every limit, in books of 13 and 28 slots."""
    for n in (13, 28):
        everyday = State((5 * 10**9, -(10**9), *[0] * (n - 3), -3), -7 * 10**18)
        limits = State(tuple(-BALANCE_MAX if slot % 2 else BALANCE_MAX for slot in range(n)), -QUOTE_MAX)
        yield Row("empty", State((0,) * n, 0), OwnerKeys(5, 5 * BASE, DOMAIN), 3, 4)
        yield Row("a long, two shorts and a debt", everyday, OwnerKeys(987, 192837465 * BASE, DOMAIN), 5, 0)
        mixed = 192837465 * BASE + OF_ORDER_2  # outside the subgroup: agreement clears the part of small order
        yield Row("every limit", limits, OwnerKeys(SUBGROUP_ORDER - 1, mixed, DOMAIN), 7, 3**100)


def to_json(row: Row) -> dict[str, object]:
    """The row with what the reference makes of it."""
    before, after = (
        ViewingKeys.of_owner(keys).seal(row.state, rho) for keys, rho in ((OLD, row.old_rho), (row.new, row.rho))
    )
    n = len(row.state.balances)
    return {
        "name": row.name,
        "n": n,
        "chain_id": str(DOMAIN.chain_id),
        "contract": str(DOMAIN.contract),
        "old_owner_secret": str(OLD.owner_secret),
        "old_guardian": texts((OLD.guardian.x, OLD.guardian.y)),
        "old_rho": str(row.old_rho),
        "new_owner_secret": str(row.new.owner_secret),
        "new_guardian": texts((row.new.guardian.x, row.new.guardian.y)),
        "rho": str(row.rho),
        "balances": texts(row.state.balances),
        "quote": str(row.state.quote),
        "signals": texts(rekey_claim(OLD, before, row.new, after).signals(DOMAIN.tag(), n)),
    }


def texts(values: Sequence[int]) -> list[str]:
    """In decimal."""
    return [str(value) for value in values]


if __name__ == "__main__":
    TARGET.write_text(json.dumps([to_json(row) for row in rows()], indent=1) + "\n")
