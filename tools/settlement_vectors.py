"""Writes tests/vectors/settlement.json: states with what `expire` and `exit` make of them in the reference.

Python and circuits are tested on this one file. Every integer is a decimal string; the state afterwards is null where
there is none to be proven.
"""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from prover import State, exited_state, expired_state
from verifier import InputError, ProvingError, SettlementPrices

PRICE_MAX: Final = (1 << 64) - 1
BALANCE_MAX: Final = (1 << 80) - 1
QUOTE_MAX: Final = (1 << 144) - 1
USD: Final = 10**9
TOKEN: Final = 10**9
DOLLAR: Final = 10**18
TARGET: Final = Path(__file__).parent.parent / "tests" / "vectors" / "settlement.json"

Vector = tuple[int, ...]


@dataclass(frozen=True)
class ExpireRow:
    """A state, what expires, and at which prices. Units as in the reference."""

    name: str
    old: State
    slots: int
    prices: Vector

    def to_json(self) -> dict[str, object]:
        """The case with what the reference makes of it."""
        new = _or_none(lambda: expired_state(self.old, self.slots, SettlementPrices(self.prices)))
        fields = {"slots": str(self.slots), "prices": texts(self.prices)}
        return {"name": self.name, "n": len(self.prices), "old": state_row(self.old), **fields, "new": new}


@dataclass(frozen=True)
class ExitRow:
    """A state, and what leaves it. Units as in the reference."""

    name: str
    old: State
    amount: int

    def to_json(self) -> dict[str, object]:
        """The case with what the reference makes of it."""
        new = _or_none(lambda: exited_state(self.old, self.amount))
        n = len(self.old.balances)
        return {"name": self.name, "n": n, "old": state_row(self.old), "amount": str(self.amount), "new": new}


def texts(values: Sequence[int]) -> list[str]:
    """Integers in decimal."""
    return [str(value) for value in values]


def state_row(state: State) -> dict[str, object]:
    """A state as the file has it."""
    return {"balances": texts(state.balances), "quote": str(state.quote)}


def _or_none(make: Callable[[], State]) -> dict[str, object] | None:
    try:
        return state_row(make())
    except (InputError, ProvingError):
        return None


def expire_limits(n: int) -> list[ExpireRow]:
    """One rule a case, and each sum at its largest magnitude."""
    every = (1 << n) - 1
    last = 1 << (n - 1)

    def row(name: str, quote: int, slots: int, *legs: tuple[int, int, int]) -> ExpireRow:
        """Legs are slot, balance and price."""
        balances, prices = [0] * n, [0] * n
        for slot, balance, price in legs:
            balances[slot], prices[slot] = balance, price
        return ExpireRow(name, State(tuple(balances), quote), slots, tuple(prices))

    options = ((1, 2 * TOKEN, 5 * USD), (2, -3 * TOKEN, 7 * USD))
    kept = (n - 1, -TOKEN, 9 * USD)
    six = (1, 2, 3)
    extreme = BALANCE_MAX * PRICE_MAX
    return [
        row("an account that holds nothing", DOLLAR, every),
        row("empty slots expire", DOLLAR, 0b110, kept),
        row("nothing expires", DOLLAR, 0, *options),
        row("a long and a short expire, a third position stays", 100 * DOLLAR, 0b110, *options, kept),
        row("only the short expires", 0, 0b100, *options, kept),
        row("the last slot expires", 0, last, *options, kept),
        row("worthless options expire", DOLLAR, 0b110, (1, 2 * TOKEN, 0), (2, -3 * TOKEN, 0)),
        row("funding makes the price negative", 0, 0b110, (1, TOKEN, -USD), (2, -TOKEN, -2 * USD)),
        row("a single unit", 0, 0b10, (1, 1, 1)),
        row("a debt remains", -DOLLAR, 0b10, (1, -TOKEN, USD)),
        row("prices of other slots count nothing", 5, 0b10, (1, 0, PRICE_MAX), (2, BALANCE_MAX, -PRICE_MAX)),
        row("quote reaches its limit", QUOTE_MAX - 6, 0b10, six),
        row("quote passes its limit by one", QUOTE_MAX - 5, 0b10, six),
        row("quote reaches its lower limit", 6 - QUOTE_MAX, 0b10, (1, -2, 3)),
        row("quote passes its lower limit by one", 5 - QUOTE_MAX, 0b10, (1, -2, 3)),
        row("the largest position", 0, 0b10, (1, BALANCE_MAX, PRICE_MAX)),
        row("the largest position beside the largest quote", QUOTE_MAX, 0b10, (1, BALANCE_MAX, PRICE_MAX)),
        row("the largest loss takes the largest quote", extreme, 0b10, (1, -BALANCE_MAX, PRICE_MAX)),
        row(
            "the largest loss of one side is the gain of the other",
            QUOTE_MAX,
            0b110,
            (1, BALANCE_MAX, PRICE_MAX),
            (2, BALANCE_MAX, -PRICE_MAX),
        ),
        row("every slot at its limit", QUOTE_MAX, every, *((i, BALANCE_MAX, PRICE_MAX) for i in range(n))),
        row("every slot at its limit, short", -QUOTE_MAX, every, *((i, -BALANCE_MAX, PRICE_MAX) for i in range(n))),
        row("a slot that the book has not", 0, 1 << n),
    ]


def random_expire(n: int, rng: random.Random) -> ExpireRow:
    """Quantities of every magnitude in their ranges; quote leaves its range in some."""

    def any_of(bits: int) -> int:
        return rng.choice([-1, 1]) * rng.getrandbits(rng.randint(0, bits))

    old = State(tuple(any_of(80) for _ in range(n)), any_of(144))
    return ExpireRow("random", old, rng.getrandbits(n), tuple(any_of(64) for _ in range(n)))


def exit_limits(n: int) -> list[ExitRow]:
    """One rule a case, on each line and beside it."""
    none = (0,) * n

    def row(name: str, quote: int, amount: int, balances: Vector = none) -> ExitRow:
        return ExitRow(name, State(balances, quote), amount)

    return [
        row("all of one unit", 1, 1),
        row("all of it", 1_000 * DOLLAR, 1_000 * DOLLAR),
        row("all but one unit", 1_000 * DOLLAR, 1_000 * DOLLAR - 1),
        row("one unit more than there is", 1_000 * DOLLAR, 1_000 * DOLLAR + 1),
        row("one unit", QUOTE_MAX, 1),
        row("the most there can be", QUOTE_MAX, QUOTE_MAX),
        row("an amount out of its range", QUOTE_MAX, QUOTE_MAX + 1),
        row("nothing", 1_000 * DOLLAR, 0),
        row("nothing of nothing", 0, 0),
        row("one unit of nothing", 0, 1),
        row("one unit of a debt", -1, 1),
        row("a debt is no quote", -1_000 * DOLLAR, 1_000 * DOLLAR),
        row("a negative amount", 5, -5),
        row("one unit of a balance", 1_000 * DOLLAR, DOLLAR, (1, *none[1:])),
        row("one unit short", 1_000 * DOLLAR, DOLLAR, (*none[1:], -1)),
    ]


def random_exit(n: int, rng: random.Random) -> ExitRow:
    """Amounts and quotes of every magnitude."""
    quote, amount = (rng.getrandbits(rng.randint(1, 144)) for _ in range(2))
    return ExitRow("random", State((0,) * n, quote), amount)


def main() -> None:
    """Write the file: the same every time."""
    rng = random.Random(20261130)
    expire: list[ExpireRow] = []
    exit_: list[ExitRow] = []
    for n, count in ((13, 20), (28, 6)):
        expire += [*expire_limits(n), *(random_expire(n, rng) for _ in range(count))]
        exit_ += [*exit_limits(n), *(random_exit(n, rng) for _ in range(count))]
    tables: dict[str, Sequence[ExpireRow | ExitRow]] = {"expire": expire, "exit": exit_}
    parts = (
        f'"{name}": [\n' + ",\n".join(json.dumps(row.to_json()) for row in rows) + "\n]"
        for name, rows in tables.items()
    )
    TARGET.write_text("{\n" + ",\n".join(parts) + "\n}\n")


if __name__ == "__main__":
    main()
