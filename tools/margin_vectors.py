"""Writes tests/vectors/margin.json: states at rounds with what the reference makes of them.

Python, circuit and Solidity are tested on this one file. Every integer is a decimal string.

`next_effective` and `next_stale` are the effective prices of a round after it and its bitmap of stale slots; `is_calm`
is 1 where that round is near this one, whose spot prices count in full for that: `StoredRounds.isCalm`.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from prover import MarginFractions, MarginRules, assess, round_vectors
from prover.market import is_calm
from verifier import RoundVectors, VectorKind

PRICE_MAX = (1 << 64) - 1
BALANCE_MAX = (1 << 80) - 1
QUOTE_MAX = (1 << 144) - 1
PPM = 1_000_000
ONE = 10**18
"""A spot scale of 1 [1e-18]."""

LAMBDA = 100_000
TARGET = Path(__file__).parent.parent / "tests" / "vectors" / "margin.json"

Vector = tuple[int, ...]


class Slot(NamedTuple):
    """The fractions of a slot, and whether it holds spot."""

    maintenance: MarginFractions = MarginFractions(0)
    initial: MarginFractions = MarginFractions(0)
    is_spot: bool = False


@dataclass(frozen=True)
class Row:
    """One case: a round with the fractions of its slots, and a state. Units as in the reference."""

    name: str
    prices: Vector
    funding: Vector
    slots: tuple[Slot, ...]
    balances: Vector
    quote: int
    stale: int = 0
    lambda_ppm: int = LAMBDA
    spot_scale: int = ONE
    next_effective: Vector = ()
    next_stale: int = 0

    @property
    def vectors(self) -> RoundVectors:
        """The reference's."""
        return round_vectors(self.prices, self.funding, self.rules, stale=self.stale, spot_scale=self.spot_scale)

    @property
    def rules(self) -> MarginRules:
        """How prices become margins."""
        spot = sum(1 << index for index, slot in enumerate(self.slots) if slot.is_spot)
        maintenance = tuple(slot.maintenance for slot in self.slots)
        return MarginRules(maintenance, tuple(slot.initial for slot in self.slots), spot, self.lambda_ppm)

    @property
    def recorded(self) -> RoundVectors:
        """The vectors as a source of rounds has them: with spot prices in full."""
        return replace(self, spot_scale=ONE).vectors

    @property
    def is_calm(self) -> bool:
        """Whether the next round is near this one."""
        return is_calm(self.recorded, self.next_effective, reduce_only_before=self.stale, reduce_only=self.next_stale)

    def health(self, kind: VectorKind) -> int:
        """The reference's, at one kind of margin [1e-18 USD]."""
        vectors = self.vectors
        return assess(self.balances, self.quote, vectors.effective_prices, vectors.margins(kind)).health

    def to_json(self) -> dict[str, object]:
        """The case with what the reference makes of it."""
        vectors = self.vectors
        result = assess(self.balances, self.quote, vectors.effective_prices, vectors.maintenance)
        margins = {
            f"{kind}_{side}": texts(values)
            for kind in VectorKind
            for side, values in (
                ("long", vectors.margins(kind).long),
                ("short_extra", vectors.margins(kind).short_extra),
            )
        }
        return {
            "name": self.name,
            "n": len(self.prices),
            "prices": texts(self.prices),
            "funding": texts(self.funding),
            "spot": str(self.rules.spot),
            "stale": str(self.stale),
            "lambda_ppm": str(self.lambda_ppm),
            "spot_scale": str(self.spot_scale),
            **dict(zip(FRACTIONS, map(texts, zip(*map(columns, self.slots), strict=True)), strict=True)),
            "effective": texts(vectors.effective_prices),
            **margins,
            "balances": texts(self.balances),
            "quote": str(self.quote),
            "equity": str(result.equity),
            "margin": str(result.margin),
            "health": str(result.health),
            "initial_health": str(self.health(VectorKind.INITIAL)),
            "overdraft_health": str(self.health(VectorKind.OVERDRAFT)),
            "next_effective": texts(self.next_effective),
            "next_stale": str(self.next_stale),
            "is_calm": str(int(self.is_calm)),
        }


FRACTIONS = (
    "maintenance_ppm",
    "initial_ppm",
    "short_maintenance_ppm",
    "short_initial_ppm",
    "underlying_maintenance_ppm",
    "underlying_initial_ppm",
    "underlying",
    "strike",
)


def columns(slot: Slot) -> Vector:
    """The fractions of a slot in the order of `FRACTIONS`."""
    maintenance, initial, _ = slot
    pairs = [(kind.long_ppm, kind.short_ppm, kind.underlying_ppm) for kind in (maintenance, initial)]
    return (*(ppm for pair in zip(*pairs, strict=True) for ppm in pair), maintenance.underlying, maintenance.strike)


def slot_of(fractions: Sequence[int], *, is_spot: bool) -> Slot:
    """The slot of which these are the `columns`."""
    long, short, delivery = fractions[0:2], fractions[2:4], fractions[4:6]
    maintenance, initial = (MarginFractions(long[k], short[k], delivery[k], *fractions[6:]) for k in (0, 1))
    return Slot(maintenance, initial, is_spot)


def with_next(row: Row, rng: random.Random) -> Row:
    """The same with a round after it: as far as a calm one may be, or beyond that by a unit in one slot."""
    vectors, n = row.recorded, len(row.prices)
    initial, maintenance = vectors.initial, vectors.maintenance
    falls = [a - b for a, b in zip(initial.long, maintenance.long, strict=True)]
    rises = [a - b for a, b in zip(initial.short, maintenance.short, strict=True)]
    moves = [rng.choice([-fall, rise, 0]) for fall, rise in zip(falls, rises, strict=True)]
    wild = rng.randrange(2 * n)
    if wild < n:
        moves[wild] = rng.choice([-falls[wild] - 1, rises[wild] + 1])
    moved = zip(vectors.effective_prices, moves, strict=True)
    after = tuple(max(-PRICE_MAX, min(PRICE_MAX, e + move)) for e, move in moved)
    fresh = rng.choice([0, 0, 0, rng.getrandbits(n)])
    return replace(row, next_effective=after, next_stale=row.stale & rng.getrandbits(n) | fresh)


def texts(values: Sequence[int]) -> list[str]:
    """Integers in decimal."""
    return [str(value) for value in values]


def plain(maintenance: int, initial: int, *, is_spot: bool = False) -> Slot:
    """An asset whose sides need the same margin."""
    return Slot(MarginFractions(maintenance), MarginFractions(initial), is_spot)


def option(underlying: int, strike: int = 0) -> Slot:
    """An option, a put where it has a strike."""
    return slot_of((50_000, 100_000, 75_000, 150_000, 75_001, 150_001, underlying, strike), is_spot=False)


def at_distance(row: Row, distance: int) -> Row:
    """The same state with the quote that makes its maintenance health exactly `distance`."""
    return replace(row, quote=row.quote + distance - row.health(VectorKind.MAINTENANCE))


def realistic(n: int, rng: random.Random) -> Row:
    """Prices from a cent to 100,000 USD, funding of a few per cent, fractions of 1 to 50 %."""
    prices = tuple(int(10 ** rng.uniform(7, 14)) for _ in range(n))
    return Row(
        name="realistic",
        prices=prices,
        funding=tuple(rng.randint(-price // 20, price // 20) for price in prices),
        slots=tuple(plain(*sorted(rng.randint(10_000, 500_000) for _ in range(2))) for _ in range(n)),
        balances=tuple(rng.choice([-1, 0, 1, 1]) * int(10 ** rng.uniform(6, 13)) for _ in range(n)),
        quote=rng.randint(-(10**24), 10**24),
    )


def extreme(n: int, rng: random.Random) -> Row:
    """Every quantity anywhere in its range, limits included."""

    def any_of(limit: int) -> int:
        return rng.choice(
            [0, 1, limit, rng.randint(0, limit), rng.randint(0, 1 << rng.randint(0, limit.bit_length() - 1))]
        )

    prices = tuple(any_of(PRICE_MAX) for _ in range(n))
    effective = [rng.choice([-1, 1]) * any_of(PRICE_MAX) for _ in range(n)]
    return Row(
        name="extreme",
        prices=prices,
        funding=tuple(price - e for price, e in zip(prices, effective, strict=True)),
        slots=tuple(plain(*sorted(any_of(PPM) for _ in range(2))) for _ in range(n)),
        balances=tuple(rng.choice([-1, 1]) * any_of(BALANCE_MAX) for _ in range(n)),
        quote=rng.choice([-1, 1]) * any_of(QUOTE_MAX),
    )


def extreme_options(n: int, rng: random.Random) -> Row:
    """Options, perpetuals and spot, some of it stale or scaled, with every quantity anywhere in its range."""
    row = extreme(n, rng)

    def ordered() -> Vector:
        return tuple(sorted(rng.choice([0, 1, PPM, rng.randint(0, PPM)]) for _ in range(2)))

    def asset(index: int) -> Slot:
        long, short, delivery = (ordered() for _ in range(3))
        if index % 3 < 2:
            return plain(*long, is_spot=index % 3 == 0)
        strike = rng.choice([0, 0, 1, PRICE_MAX, rng.randint(0, PRICE_MAX)])
        short = tuple(map(max, long, short))
        delivery = tuple(max(ppm, 1) for ppm in delivery)
        return slot_of((*long, *short, *delivery, index - rng.randint(1, 2), strike), is_spot=False)

    slots = tuple(map(asset, range(n)))
    return replace(
        row,
        name="extreme options",
        funding=tuple(0 if slot.is_spot else change for slot, change in zip(slots, row.funding, strict=True)),
        slots=slots,
        balances=tuple(abs(b) if slot.is_spot else b for slot, b in zip(slots, row.balances, strict=True)),
        stale=rng.getrandbits(n),
        lambda_ppm=rng.choice([0, 1, PPM, rng.randint(0, PPM)]),
        spot_scale=rng.choice([ONE, 0, rng.randint(0, ONE)]),
    )


def limits(n: int) -> list[Row]:
    """Each sum at its largest magnitude, and the degenerate states."""
    top, none = (PRICE_MAX,) * n, (0,) * n
    down = (2 * PRICE_MAX,) * n  # funding that makes e = -(2^64 - 1)
    long, short = (BALANCE_MAX,) * n, (-BALANCE_MAX,) * n
    free, whole, ppm = (plain(0, 0),) * n, (plain(PPM, PPM),) * n, (plain(1, 1),) * n
    return [
        Row("empty account", none, none, free, none, 0),
        Row("zero prices", none, none, whole, long, 0),
        Row("one unit of quote missing", none, none, free, none, -1),
        Row("largest equity, no margin", top, none, free, long, QUOTE_MAX),
        Row("largest equity, largest margin", top, none, whole, long, QUOTE_MAX),
        Row("all short at the limits", top, none, whole, short, -QUOTE_MAX),
        Row("negative effective prices, long", top, down, whole, long, -QUOTE_MAX),
        Row("negative effective prices, short", top, down, whole, short, QUOTE_MAX),
        Row("margin of one unit rounds up", (1,) * n, none, ppm, (1,) * n, 0),
    ]


def options(n: int) -> list[Row]:
    """What sides, options, stale spot and the overdraft kind are about, one rule a case.

    Slot 0 is spot, slot 1 a perpetual at 100 USD, slot 2 an option on it, slot 3 another.
    """
    usd, token = 10**9, 10**9
    spot = plain(100_000, 200_000, is_spot=True)
    perpetual = plain(25_000, 50_000)

    def row(
        name: str,
        first: tuple[int, Slot],
        second: tuple[int, Slot],
        balances: Vector,
        *,
        quote: int = 1_000 * 10**18,
        stale: int = 0,
        spot_scale: int = ONE,
    ) -> Row:
        rest = n - 4
        prices = (3 * usd, 100 * usd, first[0], second[0], *[0] * rest)
        slots = (spot, perpetual, first[1], second[1], *[Slot()] * rest)
        balances = (*balances, *[0] * rest)
        return Row(name, prices, (0,) * n, slots, balances, quote, stale=stale, spot_scale=spot_scale)

    call, put = option(1), option(1, strike=120 * usd)
    light = slot_of((50_000, 100_000, 50_000, 100_000, 1, 1, 1, 0), is_spot=False)
    short = (0, 0, -token, -token)
    long = (0, 0, token, token)
    owing = (100 * token, 0, 0, 0)
    return [
        row("long options need a haircut", (5 * usd, call), (usd, put), long),
        row("short options of 5 and 1 USD need a part of their underlying", (5 * usd, call), (usd, put), short),
        row("an option dearer than its underlying counts itself", (3_000 * usd, call), (2_999 * usd, put), short),
        row("worthless options need margin on their short side", (0, call), (0, put), short),
        row("the strike of a put counts above its underlying", (0, option(1, strike=100 * usd + 1)), (0, call), short),
        row("a strike below the underlying counts nothing", (0, option(1, strike=100 * usd - 1)), (0, call), short),
        row("both margins of a short option are equal", (100 * usd, option(1)), (0, call), short),
        row(
            "x is 0 where both sides need the same",
            (5 * usd, light),
            (5 * usd, plain(50_000, 50_000)),
            short,
        ),
        row("a put on spot counts the unscaled price", (0, option(0)), (0, call), short, spot_scale=ONE // 2),
        row("spot backs debt up to lambda", (0, call), (0, put), owing, quote=-30 * 10**18),
        row("one unit of debt above lambda", (0, call), (0, put), owing, quote=-30 * 10**18 - 1),
        row("stale spot backs neither new risk nor debt", (0, call), (0, put), owing, quote=0, stale=1),
        row("one unit of debt on stale spot", (0, call), (0, put), owing, quote=-1, stale=1),
        row("stale options bear their price at initial margin", (5 * usd, call), (usd, put), short, stale=14),
        row("spot counts in part", (0, call), (0, put), owing, spot_scale=ONE // 3),
        row("stale spot counts in part", (0, call), (0, put), owing, spot_scale=ONE // 3, stale=1),
        row("spot counts nothing", (0, call), (0, put), owing, spot_scale=0),
        row("spot counts more", (0, call), (0, put), owing, spot_scale=3 * ONE // 2),
    ]


def main() -> None:
    """Write the file: the same every time."""
    rng = random.Random(20261122)
    rows: list[Row] = []
    for n, count in ((13, 40), (28, 8)):
        rows += limits(n)
        rows += options(n)
        for distance in (-1, 0, 1):
            rows.append(at_distance(replace(realistic(n, rng), name=f"health {distance}"), distance))
            rows.append(at_distance(replace(options(n)[1], name=f"short options, health {distance}"), distance))
        rows += [realistic(n, rng) for _ in range(count // 2)]
        rows += [extreme(n, rng) for _ in range(count // 2)]
        rows += [extreme_options(n, rng) for _ in range(count // 2)]
    rows = [with_next(row, random.Random(number)) for number, row in enumerate(rows)]
    TARGET.write_text("[\n" + ",\n".join(json.dumps(row.to_json()) for row in rows) + "\n]\n")


if __name__ == "__main__":
    main()
