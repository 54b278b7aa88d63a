"""Writes tests/vectors/margin.json: states at rounds with what the reference makes of them.

Python, circuit and Solidity are tested on this one file. Every integer is a decimal string.
"""

import json
import random
from pathlib import Path

from prover import assess, effective_price, margin_per_unit_up

PRICE_MAX = (1 << 64) - 1
BALANCE_MAX = (1 << 80) - 1
QUOTE_MAX = (1 << 144) - 1
PPM = 1_000_000
TARGET = Path(__file__).parent.parent / "tests" / "vectors" / "margin.json"

Vector = list[int]


def row(
    name: str, prices: Vector, funding: Vector, fractions: Vector, balances: Vector, quote: int
) -> dict[str, object]:
    """One case; equity, margin and health are the reference's."""
    effective = list(map(effective_price, prices, funding))
    margins = list(map(margin_per_unit_up, prices, fractions))
    result = assess(balances, quote, effective, margins)

    def text(values: Vector) -> list[str]:
        return [str(value) for value in values]

    return {
        "name": name,
        "n": len(prices),
        "prices": text(prices),
        "funding": text(funding),
        "fractions_ppm": text(fractions),
        "effective": text(effective),
        "margin_per_unit": text(margins),
        "balances": text(balances),
        "quote": str(quote),
        "equity": str(result.equity),
        "margin": str(result.margin),
        "health": str(result.health),
    }


def on_the_line(name: str, distance: int, n: int, rng: random.Random) -> dict[str, object]:
    """A realistic state whose health is exactly `distance`: the quote makes up the rest."""
    prices, funding, fractions, balances = realistic(n, rng)
    away = int(str(row(name, prices, funding, fractions, balances, 0)["health"]))
    return row(name, prices, funding, fractions, balances, distance - away)


def realistic(n: int, rng: random.Random) -> tuple[Vector, Vector, Vector, Vector]:
    """Prices from a cent to 100,000 USD, funding of a few per cent, fractions of 1 to 50 %."""
    prices = [int(10 ** rng.uniform(7, 14)) for _ in range(n)]
    funding = [rng.randint(-price // 20, price // 20) for price in prices]
    fractions = [rng.randint(10_000, 500_000) for _ in range(n)]
    balances = [rng.choice([-1, 0, 1, 1]) * int(10 ** rng.uniform(6, 13)) for _ in range(n)]
    return prices, funding, fractions, balances


def extreme(n: int, rng: random.Random) -> dict[str, object]:
    """Every quantity anywhere in its range, limits included."""

    def any_of(limit: int) -> int:
        return rng.choice(
            [0, 1, limit, rng.randint(0, limit), rng.randint(0, 1 << rng.randint(0, limit.bit_length() - 1))]
        )

    prices = [any_of(PRICE_MAX) for _ in range(n)]
    effective = [rng.choice([-1, 1]) * any_of(PRICE_MAX) for _ in range(n)]
    return row(
        "extreme",
        prices,
        [price - e for price, e in zip(prices, effective, strict=True)],
        [any_of(PPM) for _ in range(n)],
        [rng.choice([-1, 1]) * any_of(BALANCE_MAX) for _ in range(n)],
        rng.choice([-1, 1]) * any_of(QUOTE_MAX),
    )


def limits(n: int) -> list[dict[str, object]]:
    """Each sum at its largest magnitude, and the degenerate states."""
    top, none, whole = [PRICE_MAX] * n, [0] * n, [PPM] * n
    down = [2 * PRICE_MAX] * n  # funding that makes e = -(2^64 - 1)
    long, short = [BALANCE_MAX] * n, [-BALANCE_MAX] * n
    return [
        row("empty account", none, none, none, none, 0),
        row("zero prices", none, none, whole, long, 0),
        row("one unit of quote missing", none, none, none, none, -1),
        row("largest equity, no margin", top, none, none, long, QUOTE_MAX),
        row("largest equity, largest margin", top, none, whole, long, QUOTE_MAX),
        row("all short at the limits", top, none, whole, short, -QUOTE_MAX),
        row("negative effective prices, long", top, down, whole, long, -QUOTE_MAX),
        row("negative effective prices, short", top, down, whole, short, QUOTE_MAX),
        row("margin of one unit rounds up", [1] * n, none, [1] * n, [1] * n, 0),
    ]


def main() -> None:
    """Write the file: the same every time."""
    rng = random.Random(20261122)
    rows = []
    for n, count in ((13, 40), (28, 8)):
        rows += limits(n)
        rows += [on_the_line(f"health {distance}", distance, n, rng) for distance in (-1, 0, 1)]
        rows += [row("realistic", *realistic(n, rng), rng.randint(-(10**24), 10**24)) for _ in range(count // 2)]
        rows += [extreme(n, rng) for _ in range(count // 2)]
    TARGET.write_text("[\n" + ",\n".join(json.dumps(r) for r in rows) + "\n]\n")


if __name__ == "__main__":
    main()
