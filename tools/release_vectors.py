"""Writes tests/vectors/release.json: parts of accounts, and what `release` makes of them in the reference.

Python and circuits are tested on this one file. Every integer is a decimal string; `after` is null where there is
nothing to be proven. The accounts at the example round also have their commitments and tickets, under the keys of the
file.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from prover import AssetList, Domain, OwnerKeys, PriceRound
from prover.account import BASE, State, ViewingKeys
from prover.market import PPM, RELEASE_LIMITS
from prover.trade import Rates, Release, SizeRule, Ticket
from verifier import MarginsPerUnit, ReleaseInputs, ReleaseLimits, RoundVectors, VectorKind

ROOT: Final = Path(__file__).parent.parent
TARGET: Final = ROOT / "tests" / "vectors" / "release.json"
BOOK: Final = AssetList.load(ROOT / "books" / "perps-13.json")
ROUND: Final = PriceRound.load(ROOT / "examples" / "round-1.json", BOOK)

OPTIONS: Final = {10: (3, 80_000), 11: (3, 0), 12: (4, 3_000)}
"""Slots of options, with the slot of the underlying and the strike of a put [USD]."""

OPTION_PPM: Final = 50_000
"""A short option needs this part of its underlying or strike [ppm]."""

USD: Final = 10**9
TOKEN: Final = 10**9
DOLLAR: Final = 10**18

DOMAIN: Final = Domain(31337, 0x1234)
OWNER_SECRET: Final = 1001
GUARDIAN: Final = 7
RHO: Final = (11, 22)
TICKET_SALT: Final = 777
KEYS: Final = ViewingKeys.of_owner(OwnerKeys(OWNER_SECRET, GUARDIAN * BASE, DOMAIN))

MAINTENANCE, OVERDRAFT = VectorKind.MAINTENANCE, VectorKind.OVERDRAFT


@dataclass(frozen=True)
class Row:
    """A part of an account, and how it is proven.

    Attributes:
        name: what it is about.
        release: the part, and the account.
        rule: private bits.
        is_sealed: whether its commitments and its ticket are in the file.
    """

    name: str
    release: Release
    rule: SizeRule
    is_sealed: bool = False

    def to_json(self) -> dict[str, object]:
        """The case with what the reference makes of it."""
        release, limits = self.release, self.release.inputs.limits
        row: dict[str, object] = {
            "name": self.name,
            "n": len(release.taken),
            "kind": str(release.inputs.kind),
            "effective": texts(release.inputs.vectors.effective_prices),
            "long": texts(release.inputs.margins.long),
            "short_extra": texts(release.inputs.margins.short_extra),
            "sellable": str(release.inputs.sellable),
            "floor_rate": str(limits.floor_rate),
            "buffer_rate": str(limits.buffer_rate),
            "least_share": str(limits.least_share),
            "least_amount": str(limits.least_amount),
            "dust": str(limits.dust),
            "balances": texts(release.old.balances),
            "quote": str(release.old.quote),
            "taken": texts(release.taken),
            "rate": str(release.rates.covered),
            "uncovered_rate": str(release.rates.uncovered),
            "covered": str(int(release.is_covered)),
            "is_small": str(int(self.rule.is_small)),
            "by_amount": str(int(self.rule.by_amount)),
            "after": None if any(release.broken_rules(self.rule)) else self._after(),
        }
        return row | ({"sealed": self._sealed()} if self.is_sealed else {})

    def _after(self) -> dict[str, object]:
        release = self.release
        return {
            "reward": str(release.reward),
            "cost": str(release.cost),
            "balances": texts(release.new.balances),
            "quote": str(release.new.quote),
            "health": str(release.health_after),
            "cured": str(int(release.is_cured)),
        }

    def _sealed(self) -> dict[str, object]:
        before, after = (
            KEYS.seal(state, rho) for state, rho in zip((self.release.old, self.release.new), RHO, strict=True)
        )
        return {
            "old_commitment": str(before.commitment),
            "new_commitment": str(after.commitment),
            "ciphertext": texts(after.ciphertext),
            "ticket": str(Ticket(DOMAIN, self.release.taken, self.release.cost, TICKET_SALT).id),
        }


def texts(values: Sequence[int]) -> list[str]:
    """Integers in decimal."""
    return [str(value) for value in values]


def amounts(n: int, legs: Mapping[int, int]) -> tuple[int, ...]:
    """Amounts by slot."""
    return tuple(legs.get(slot, 0) for slot in range(n))


def best(release: Release) -> SizeRule:
    """The private bits that prove a release; none set where nothing does."""
    return release.rule or SizeRule(is_small=False, by_amount=False)


def example_vectors() -> RoundVectors:
    """The example round, with margins of short options by one simple rule."""
    vectors = ROUND.vectors
    extra = [0] * BOOK.n
    for slot, (underlying, strike) in OPTIONS.items():
        base = max(ROUND.prices[underlying], strike * USD)
        extra[slot] = -(-base * OPTION_PPM // PPM) - vectors.maintenance.long[slot]
    return replace(vectors, maintenance=MarginsPerUnit(vectors.maintenance.long, tuple(extra)))


def example_rows() -> list[Row]:
    """Accounts of the example book at its first round: what a guardian would sell, and what it may not."""
    vectors, spot = example_vectors(), ROUND.risk().long_only
    perps = {0: TOKEN // 2, 3: 10 * TOKEN, 4: -50 * TOKEN}
    options = {3: TOKEN, 10: -20 * TOKEN, 11: 5 * TOKEN, 12: -300 * TOKEN}
    tokens = {0: 2 * TOKEN, 1: 30 * TOKEN, 3: 2 * TOKEN}

    def row(
        name: str,
        legs: Mapping[int, int],
        quote: int,
        taken: Mapping[int, int],
        rate: int = 1_000,
        uncovered: int = 0,
        kind: VectorKind = MAINTENANCE,
        **limits: int,
    ) -> Row:
        inputs = ReleaseInputs.of_round(vectors, kind, replace(RELEASE_LIMITS[kind], **limits), spot=spot, stale=0)
        old = State(amounts(BOOK.n, legs), quote)
        release = Release.of(old, amounts(BOOK.n, taken), Rates(rate, uncovered), inputs)
        return Row(name, release, best(release), is_sealed=True)

    short = -811_599_400_000 * 10**12  # equity is 80 % of the margin
    naked = 147_936_160_000 * 10**12
    loan = -305_736_500_000 * 10**12
    minimal, most = 3_078_196_544, 5_420_302_609
    written = 7_464_615_897
    lent = 25_293_132_329
    dust = {3: TOKEN // 100}
    dust_quote = -948_123_637_500 * 10**9
    few = 1_000 * DOLLAR
    return [
        row("minimal cure by one slot", perps, short, {3: minimal}),
        row("a unit less than that", perps, short, {3: minimal - 1}),
        row("the most that the buffer allows", perps, short, {3: most}),
        row("a unit more than that", perps, short, {3: most + 1}),
        row("a long and a short leg", perps, short, {3: 3 * TOKEN, 4: -15 * TOKEN}),
        row("a unit more than the short has", perps, short, {3: 3 * TOKEN, 4: -50 * TOKEN - 1}),
        row("health is -1, one unit, for nothing", perps, -804_870_812_500 * 10**12 - 1, {3: 1}, 0),
        row("health is 0", perps, -804_870_812_500 * 10**12, {3: 1}, 0),
        row("equity just pays 8 %, no cure", perps, -835_822_315_000 * 10**12, {3: 10 * TOKEN}, 800),
        row("equity pays neither 8.01 % nor the least rate", perps, -835_822_315_000 * 10**12, {3: 10 * TOKEN}, 801),
        row("insolvent, everything, at 5 %", perps, -843_513_750_000 * 10**12, perps, 1_000, 500),
        row("dust, everything", dust, dust_quote, dust, 3_000),
        row("everything of what is no dust", dust, dust_quote, dust, 3_000, dust=DOLLAR),
        row("short options, minimal cure, the taker is paid", options, naked, {10: -written}),
        row("a unit less of short options", options, naked, {10: 1 - written}),
        row(
            "enough by its amount, no cure", options, 66_352_153_750_000 * 10**9, {12: -5_549_004_648}, least_amount=few
        ),
        row("a unit below that amount", options, 66_352_153_750_000 * 10**9, {12: -5_549_004_647}, least_amount=few),
        row("overdraft, minimal cure by spot", tokens, loan, {1: lent}, 50, 25, OVERDRAFT),
        row("overdraft, a unit less", tokens, loan, {1: lent - 1}, 50, 25, OVERDRAFT),
        row("overdraft, a derivative besides", tokens, loan, {1: lent, 3: 1}, 50, 25, OVERDRAFT),
        row(
            "overdraft, all spot of an insolvent account",
            tokens,
            -498_714_500_000 * 10**12,
            {0: 2 * TOKEN, 1: 30 * TOKEN},
            500,
            100,
            OVERDRAFT,
        ),
        row("the same account meets maintenance margin", tokens, loan, {1: lent}, 50, 25),
    ]


def line_rows(n: int) -> list[Row]:
    """One rule a case, on each line and beside it. The margin of the account is 1,000 USD."""
    last = n - 1
    vectors = RoundVectors(
        amounts(n, {0: 1_000 * USD, last: 1_000 * USD}),
        *[MarginsPerUnit.of_both_sides(amounts(n, {0: 100 * USD, last: 100 * USD}))] * 3,
    )
    limits = ReleaseLimits(floor_rate=1_000, buffer_rate=2_500, least_share=2_500, least_amount=1 << 149, dust=0)
    old = State(amounts(n, {0: 4 * TOKEN, last: -6 * TOKEN}), 0)
    every = (1 << n) - 1

    def row(
        name: str,
        equity: int,
        taken: Mapping[int, int],
        rates: Rates = Rates(1_000, 500),  # noqa: B008 - immutable
        sellable: int = every,
        rule: SizeRule | None = None,
        **changes: int,
    ) -> Row:
        inputs = ReleaseInputs(vectors, MAINTENANCE, sellable, replace(limits, **changes))
        account = State(old.balances, equity + 2_000 * DOLLAR)  # the positions are worth -2,000 USD
        release = Release.of(account, amounts(n, taken), rates, inputs)
        return Row(name, release, best(release) if rule is None else rule)

    some, whole = {last: -2_000_000_000}, {0: 4 * TOKEN, last: -6 * TOKEN}
    near = 900 * DOLLAR
    lines = [
        row("nothing is taken", near, {}, least_share=0),
        row("nothing is taken of an insolvent account", -DOLLAR, {}, least_share=0),
        row("one unit is taken, of the last slot", 1_000 * DOLLAR - 1, {last: -1}, Rates(0)),
        row("one unit is taken, of the first slot", 1_000 * DOLLAR - 1, {0: 1}, Rates(0)),
        row("from the other side", near, {last: 1}),
        row("out of an empty slot", near, {**some, 1: 1}),
        row("all of it", -DOLLAR, whole),
        row("one unit more than all", -DOLLAR, {**whole, 0: 4 * TOKEN + 1}),
        row("a slot that cannot be sold", near, {last: -2 * TOKEN}, sellable=every >> 1),
        row("the one slot that can be sold", near, {last: -2 * TOKEN}, sellable=1 << last),
        row("equity pays the least rate exactly", 100 * DOLLAR, some, Rates(1_000, 500), least_share=0),
        row("equity lacks a unit of the least rate", 100 * DOLLAR - 1, some, Rates(1_000, 500), least_share=0),
        row("equity pays the least rate, and not the one asked", 150 * DOLLAR, some, Rates(1_501, 500), least_share=0),
        row("equity pays the one asked", 150 * DOLLAR, some, Rates(1_500, 500), least_share=0),
        row("the least share of all slots", 200 * DOLLAR, {last: -2_500_000_000}),
        row("a unit below the least share", 200 * DOLLAR, {last: -2_499_999_999}),
        row("the least share of the slots that can be sold", 200 * DOLLAR, {0: TOKEN}, sellable=1),
        row("a unit below that share", 200 * DOLLAR, {0: TOKEN - 1}, sellable=1),
        row("not enough by its share, and said to be", 200 * DOLLAR, {0: TOKEN}, rule=SizeRule(False, False)),
        row("the margin is dust, exactly", near, whole, dust=1_000 * DOLLAR),
        row("the margin is a unit above dust", near, whole, dust=1_000 * DOLLAR - 1),
        row("dust that is not said to be", near, whole, rule=SizeRule(False, False), dust=1_000 * DOLLAR),
        row("what is no dust, and said to be", near, whole, rule=SizeRule(True, False)),
    ]
    paying = next(line.release for line in lines if line.name == "equity pays the least rate exactly")
    uncovered = replace(paying, is_covered=False)
    return [*lines, Row("and an uncovered reward is asked", uncovered, best(uncovered))]


def main() -> None:
    """Write the file: the same every time."""
    rows = [*example_rows(), *line_rows(13), *line_rows(28)]
    keys = {
        "chain_id": str(DOMAIN.chain_id),
        "contract": str(DOMAIN.contract),
        "owner_secret": str(OWNER_SECRET),
        "guardian_secret": str(GUARDIAN),
        "old_rho": str(RHO[0]),
        "new_rho": str(RHO[1]),
        "ticket_salt": str(TICKET_SALT),
    }
    cases = ",\n".join(json.dumps(row.to_json()) for row in rows)
    TARGET.write_text(f'{{\n"keys": {json.dumps(keys)},\n"cases": [\n{cases}\n]\n}}\n')


if __name__ == "__main__":
    main()
