"""Random takings of every kind: valid ones, ones with a field changed, and ones at the limits of their ranges."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from releases import Taking, inputs_of
from strategies import BALANCE_MAX, PPM, PRICE_MAX, QUOTE_MAX

from prover.account import State
from prover.trade import sellable_part
from verifier import BASIS, MarginsPerUnit, ReleaseInputs, ReleaseLimits, RoundVectors, VectorKind

KINDS: Final = (
    "cured by one slot",
    "cured by a bit of all",
    "part",
    "everything",
    "insolvent",
    "dust",
    "net short",
    "health -1",
    "on the covered line",
    "on the floor line",
    "stale slots",
    "overdraft, cured",
    "overdraft, part",
    "overdraft, everything",
)
"""What a random taking is like."""

_AMOUNT_MAX: Final = (1 << 150) - 1


def valid_takings(n: int, count: int, rng: random.Random) -> Iterator[Taking]:
    """So many valid takings, of each kind in turn."""
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        yield next(taking for taking in _takings(n, kind, rng) if taking.is_valid())


def _takings(n: int, kind: str, rng: random.Random) -> Iterator[Taking]:
    while True:
        taking = _taking(n, kind, rng)
        if taking.old.is_in_range and taking.next().is_in_range:
            yield taking


def amount(bits: int, rng: random.Random) -> int:
    """Below 2^bits, of every magnitude."""
    return rng.getrandbits(rng.randint(0, bits))


def _taking(n: int, kind: str, rng: random.Random) -> Taking:
    terms, spot = _terms(n, kind, rng)
    taking = Taking(
        State(_balances(kind, spot, n, rng), 0),
        (0,) * n,
        terms,
        rate=rng.choice((0, 1, 1000, 2500, BASIS, rng.randint(0, BASIS))),
        uncovered_rate=rng.choice((0, 500, 2500, BASIS, rng.randint(0, BASIS))),
    )
    taking = _with_equity(taking, kind, rng)
    taking = taking.but(taken=_part(taking, kind, rng))
    return _near_lines(taking, rng).with_bits()


def _terms(n: int, kind: str, rng: random.Random) -> tuple[ReleaseInputs, int]:
    spot = 0 if kind == "net short" else rng.getrandbits(n) | 1
    prices = tuple(
        amount(47, rng) if spot >> slot & 1 or rng.random() < 0.6 else amount(47, rng) - amount(47, rng)
        for slot in range(n)
    )
    limits = ReleaseLimits(rng.choice((0, 1000, rng.randint(0, BASIS))), 2500, 2500, 1, 0)
    stale = rng.getrandbits(n) & ~1 if kind == "stale slots" else 0
    if kind.startswith("overdraft"):
        share = rng.choice((100_000, 0, PPM, rng.randint(0, PPM)))
        d = tuple(-(-e * (PPM - share) // PPM) if spot >> slot & 1 else 0 for slot, e in enumerate(prices))
        return inputs_of(prices, d, (0,) * n, VectorKind.OVERDRAFT, spot & ~stale, limits), spot
    d = tuple(-(-abs(e) * rng.randint(0, 500_000) // PPM) for e in prices)
    x = tuple(0 if spot >> slot & 1 else rng.choice((0, amount(47, rng))) for slot in range(n))
    return inputs_of(prices, d, x, VectorKind.MAINTENANCE, ((1 << n) - 1) & ~stale, limits), spot


def _balances(kind: str, spot: int, n: int, rng: random.Random) -> tuple[int, ...]:
    held = [rng.choice((0, 1, 1)) * rng.choice((-1, 1)) * amount(52, rng) for _ in range(n)]
    if kind == "net short":
        return tuple(-abs(balance) for balance in held)
    return tuple(abs(balance) if spot >> slot & 1 else balance for slot, balance in enumerate(held))


def _with_equity(taking: Taking, kind: str, rng: random.Random) -> Taking:
    margin = taking.facts.margin
    if kind == "health -1":
        return taking.but(rate=taking.rate % 5000).at_health(-1)
    if "cured" in kind:
        return taking.but(rate=taking.rate % 5000).at_health(-1 - margin * rng.randint(0, 400) // 1000)
    if kind == "insolvent":
        return taking.at_equity(-1 - amount(90, rng))
    if kind in ("on the covered line", "on the floor line"):
        limits = taking.terms.limits
        rate = rng.randint(1, BASIS - 1)
        if kind == "on the floor line":
            taking = taking.with_limits(floor_rate=rate)
        elif limits.floor_rate:
            taking = taking.but(rate=rate)
        return taking.at_equity(min(-(-rate * margin // BASIS) - rng.randint(0, 1), margin - 1))
    return taking.at_equity(min(margin * rng.randint(-300, 999) // 1000, margin - 1))


def _part(taking: Taking, kind: str, rng: random.Random) -> tuple[int, ...]:
    sold = sellable_part(taking.old, taking.terms)
    if "cured" in kind or kind == "health -1":
        one = rng.choice([slot for slot, balance in enumerate(sold) if balance] or [0])
        alone = tuple(b if slot == one or kind != "cured by one slot" else 0 for slot, b in enumerate(sold))
        return _least(taking, alone)
    if "everything" in kind or kind == "dust" or rng.random() < 0.2:
        return sold
    return tuple(
        (1 if balance > 0 else -1) * rng.choice((0, abs(balance), rng.randint(0, abs(balance)))) for balance in sold
    )


def _least(taking: Taking, whole: tuple[int, ...]) -> tuple[int, ...]:
    """The least share of a part that cures, in 2^30 steps."""

    def share(parts: int) -> tuple[int, ...]:
        return tuple((1 if balance > 0 else -1) * (abs(balance) * parts >> 30) for balance in whole)

    low, high = 0, 1 << 30
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if taking.but(taken=share(middle)).facts.health_after >= 0 else (middle + 1, high)
    return share(low)


def _near_lines(taking: Taking, rng: random.Random) -> Taking:
    """With limits that the part often meets exactly."""
    f = taking.facts
    left = f.margin - f.taken_margin
    taking = taking.with_limits(
        buffer_rate=rng.choice((0, 2500, BASIS)),
        least_share=rng.choice((0, 2500, BASIS)),
        least_amount=rng.choice((1, max(f.margin, 1), f.taken_margin + 1, max(f.taken_margin, 1), 1 << 149)),
        dust=rng.choice((0, max(f.margin - 1, 0), f.margin, 1 << 149)),
    )
    if rng.random() < 0.3:
        return taking
    if left and f.health_after > 0:
        taking = taking.with_limits(buffer_rate=min(BASIS, -(-BASIS * f.health_after // left)))
    if f.margin and f.health_after < 0 and f.taken_margin:
        by_share = taking.with_limits(least_share=BASIS * f.taken_margin // f.margin)
        taking = rng.choice((by_share, taking.with_limits(least_amount=f.taken_margin)))
    return taking


def altered(taking: Taking, rng: random.Random) -> Taking:
    """With one field changed: the rest follows from it, and the reference says what holds."""
    limits, terms = taking.terms.limits, taking.terms
    held = [slot for slot, balance in enumerate(taking.old.balances) if balance] or [0]
    slot = rng.choice(held)
    side = 1 if taking.old.balances[slot] >= 0 else -1
    margins = terms.margins

    def moved(values: tuple[int, ...], by: int, at: int = slot) -> tuple[int, ...]:
        return tuple(value + by * (place == at) for place, value in enumerate(values))

    def round_of(e: tuple[int, ...], d: tuple[int, ...], x: tuple[int, ...]) -> Taking:
        return taking.but(terms=inputs_of(e, d, x, terms.kind, terms.sellable, limits))

    def account(balances: tuple[int, ...], quote: int) -> Taking:
        return taking.but(old=State(balances, quote))

    e, old, rate = terms.vectors.effective_prices, taking.old, taking.rate
    some = rng.choice((-1, 1)) * (1 + amount(40, rng))
    changes: tuple[Callable[[], Taking], ...] = (
        lambda: taking.but(taken=moved(taking.taken, side)),
        lambda: taking.but(taken=moved(taking.taken, -side)),
        lambda: taking.but(taken=moved(taking.taken, some, rng.randrange(taking.n))),
        lambda: taking.but(taken=(0,) * taking.n),
        lambda: taking.but(rate=rng.choice((0, BASIS, max(rate - 1, 0), min(rate + 1, BASIS), rng.randint(0, BASIS)))),
        lambda: taking.but(uncovered_rate=rng.choice((0, BASIS, rng.randint(0, BASIS)))),
        lambda: taking.but(covered=1 - taking.covered),
        lambda: taking.but(cured=int(taking.facts.health_after < 0)),
        lambda: taking.but(is_small=1 - taking.is_small),
        lambda: taking.but(by_amount=1 - taking.by_amount),
        lambda: account(old.balances, old.quote + some * amount(60, rng)),
        lambda: account(old.balances, old.quote + rng.choice((-1, 1))),
        lambda: account(moved(old.balances, side * amount(50, rng)), old.quote),
        lambda: round_of(moved(e, some), margins.long, margins.short_extra),
        lambda: round_of(e, moved(margins.long, 1 + amount(45, rng)), margins.short_extra),
        lambda: round_of(e, margins.long, moved(margins.short_extra, 1 + amount(45, rng))),
        lambda: taking.but(terms=replace(terms, sellable=terms.sellable ^ 1 << slot)),
        lambda: taking.with_limits(floor_rate=rng.choice((0, BASIS, min(limits.floor_rate + 1, BASIS)))),
        lambda: taking.with_limits(buffer_rate=rng.choice((0, max(limits.buffer_rate - 1, 0)))),
        lambda: taking.with_limits(least_share=rng.choice((min(limits.least_share + 1, BASIS), BASIS))),
        lambda: taking.with_limits(least_amount=rng.choice((limits.least_amount + 1, 1 << 149))),
        lambda: taking.with_limits(dust=rng.choice((0, max(limits.dust - 1, 0), max(taking.facts.margin - 1, 0)))),
    )
    return rng.choice(changes)()


def extreme_taking(n: int, rng: random.Random) -> Taking:
    """Every quantity at its limits, next to them or anywhere between."""

    def near(limit: int, *, signed: bool = False) -> int:
        return rng.choice((-1, 1) if signed else (1,)) * rng.choice((limit, limit - 1, 0, 1, rng.randint(0, limit)))

    long = tuple(near(PRICE_MAX) for _ in range(n))
    extra = tuple(rng.choice((0, PRICE_MAX - d, rng.randint(0, PRICE_MAX - d))) for d in long)
    margins = MarginsPerUnit(long, extra)
    vectors = RoundVectors(tuple(near(PRICE_MAX, signed=True) for _ in range(n)), margins, margins, margins)
    limits = ReleaseLimits(
        rng.choice((0, BASIS, 1000)),
        rng.choice((0, BASIS, 2500)),
        rng.choice((0, BASIS, 2500)),
        rng.choice((1, 1 << 149, _AMOUNT_MAX)),
        rng.choice((0, 1 << 149, _AMOUNT_MAX)),
    )
    sellable = rng.choice(((1 << n) - 1, rng.getrandbits(n)))
    terms = ReleaseInputs(vectors, VectorKind.MAINTENANCE, sellable, limits)
    every = rng.choice((None, -1, 1))
    balances = tuple(
        rng.choice((0, near(BALANCE_MAX, signed=True))) if every is None else every * BALANCE_MAX for _ in range(n)
    )
    rates = [rng.choice((0, BASIS, rng.randint(0, BASIS))) for _ in range(2)]
    taking = Taking(State(balances, near(QUOTE_MAX, signed=True)), (0,) * n, terms, *rates)
    taken = tuple(
        (1 if balance >= 0 else -1) * rng.choice((0, abs(balance), abs(balance) // 2, min(abs(balance), 1)))
        for balance in sellable_part(taking.old, terms)
    )
    margin = taking.facts.margin
    line = rng.choice((margin - 1, margin, -1, 0, rates[0] * margin // BASIS, -(-rates[0] * margin // BASIS)))
    on_line = taking.at_equity(line)
    if on_line.old.is_in_range and rng.random() < 1 / 2:
        taking = on_line
    return taking.but(taken=taken).with_bits()
