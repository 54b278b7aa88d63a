"""Writes tests/vectors/price-rounds.json: what is posted to a price source, with what the reference makes of it.

Python and Solidity are tested on this one file. Every integer is a decimal string. Each scenario has its own source.
Each step is one transaction, with everything that a reader can see after it.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from prover.chain import Report, median_indices
from prover.market import (
    CANDIDATE_LIFETIME,
    LEVELS,
    ActiveTime,
    FeedAnswer,
    FeedFault,
    PostingStatus,
    PriceRules,
    Quorum,
    Quote,
    RecordedRound,
    RoundRefusedError,
    SlotRules,
    agreed_prices,
    feed_price,
)

START = 1_700_000_100
"""Time of the first step, after the deployment."""

DEPLOYED_AT = 1_700_000_000
STALE_AFTER, MIN_INTERVAL, MAX_REPORT_AGE, RESUME_GRACE = 3_600, 10, 60, 600
USD = 10**9
NEVER = (1 << 64) - 1
TARGET = Path(__file__).parent.parent / "tests" / "vectors" / "price-rounds.json"

PERPETUAL = SlotRules(100_000, 0, USD, 10**6 * USD)
SPOT = SlotRules(100_000, 0, USD, 10**6 * USD, is_spot=True)
OPTION = SlotRules(333_333, 5 * USD, 0, 10**4 * USD)
SLOTS = (SPOT, PERPETUAL, OPTION, PERPETUAL, None)
"""Spot, a perpetual, an option on it whose price may be 0, another perpetual, no asset."""

PRICES = (100 * USD, 100 * USD, 20 * USD, 50 * USD)
NO_FUNDING = (0,) * len(SLOTS)
Prices = Sequence[int | None]


@dataclass
class Scenario:
    """A source of prices, its breaker, and the steps so far.

    Attributes:
        name: of the scenario.
        reporters: how many there are.
        threshold: how many of them make a round.
    """

    name: str
    reporters: int = 5
    threshold: int = 3
    rules: PriceRules = field(default_factory=lambda: PriceRules(SLOTS, MIN_INTERVAL))
    clock: ActiveTime = field(default_factory=lambda: ActiveTime(DEPLOYED_AT, RESUME_GRACE))
    now: int = START
    steps: list[dict[str, object]] = field(default_factory=list)
    has_tripped: bool = False

    @property
    def quorum(self) -> Quorum:
        """Whose reports count."""
        return Quorum([str(number) for number in range(self.reporters)], self.threshold, MAX_REPORT_AGE)

    def post(
        self, wait: int, *sets: Prices, funding: Sequence[int] = NO_FUNDING, ages: Sequence[int] = (0,) * 15
    ) -> str:
        """Post reports of the first reporters, a tuple of prices each; one alone is what a whole quorum says.

        Args:
            wait: seconds since the step before.
            sets: prices of the first slots; None for one that is not priced.
            funding: of each slot, in every report.
            ages: of the reports [s].
        """
        given = list(sets) * (self.threshold if len(sets) == 1 else 1)
        reports = [self.report(number, prices, funding, ages[number]) for number, prices in enumerate(given)]
        return self.post_reports(wait, reports)

    def report(
        self,
        number: int,
        prices: Prices,
        funding: Sequence[int] = NO_FUNDING,
        age: int = 0,
        priced: int | None = None,
    ) -> Report:
        """A report without a signature, whose time counts from the step that comes."""
        row = [*prices, *[None] * (len(SLOTS) - len(prices))]
        bits = sum(1 << slot for slot, price in enumerate(row) if price is not None)
        values = tuple(0 if price is None else price for price in row)
        return Report(str(number), -age, bits if priced is None else priced, values, tuple(funding), b"")

    def post_reports(self, wait: int, reports: Sequence[Report]) -> str:
        """Post reports whose times count from the step. Returns the error, or what became of them."""
        self.now += wait
        dated = [replace(report, timestamp=self.now + report.timestamp) for report in reports]
        error, outcome, silent_since = "", None, self.silent_since()
        try:
            outcome = self.rules.post(agreed_prices(self.rules, self.quorum, dated, self.now), self.now)
        except RoundRefusedError as refused:
            error = refused.error
        if outcome is not None:
            self._settle(outcome.status, silent_since)
        self._note("post", error, reports=dated, status="" if outcome is None else outcome.status)
        return error if outcome is None else str(outcome.status)

    def raise_to(self, wait: int, level: int) -> None:
        """A guardian raises the level."""
        self.now += wait
        self.clock.raise_to(level, self.now)
        self._note("raise", "", level=level)

    def lower_to(self, wait: int, level: int) -> None:
        """Governance lowers the level."""
        self.now += wait
        self.clock.lower_to(level, self.now)
        self._note("lower", "", level=level)

    def trip_if_stale(self, wait: int) -> None:
        """Any account trips the breaker when rounds are stale."""
        self.now += wait
        is_stale = self.silent_since() != 0
        if is_stale:
            self.clock.trip(NEVER, self.now)
            self.has_tripped = True
        self._note("trip", "" if is_stale else "RoundsAreFresh")

    def silent_since(self) -> int:
        """Since when no round came; 0 while rounds are fresh."""
        latest = self.rules.latest
        return 0 if latest is None or self.now <= latest.timestamp + STALE_AFTER else latest.timestamp + STALE_AFTER

    def _settle(self, status: PostingStatus, silent_since: int) -> None:
        """Apply the effect of a posting on the breaker."""
        if status is PostingStatus.HELD:
            self.clock.trip(self.now + CANDIDATE_LIFETIME, self.now)
            self.has_tripped = True
            return
        if silent_since:
            self.clock.end_silence(silent_since, self.now)
        if self.has_tripped:
            self.clock.clear(self.now)
            self.has_tripped = False

    def _note(
        self, action: str, error: str, *, level: int = 0, reports: Sequence[Report] = (), status: str = ""
    ) -> None:
        rules, latest, candidate = self.rules, self.rules.latest, self.rules.candidate
        places = median_indices(reports) if reports and len({len(r.prices) for r in reports}) == 1 else b""
        self.steps.append(
            {
                "action": action,
                "time": self.now,
                "level": level,
                "reports": [
                    {
                        "reporter": int(report.reporter),
                        "timestamp": report.timestamp,
                        "pricedSlots": report.priced_slots,
                        "prices": report.prices,
                        "funding": report.funding,
                    }
                    for report in reports
                ],
                "medians": f"0x{places.hex()}",
                "error": error,
                "fate": status,
                "latest": _round(latest),
                "longOnly": rules.long_only() if latest else 0,
                "referenceId": rules.reference.id if rules.reference else 0,
                "newest": rules.newest_timestamp,
                "heldAt": candidate.held_at if candidate else 0,
                "candidate": _round(candidate.prices if candidate else None),
                "stopped": self.clock.level(self.now),
                "active": [self.clock.active(each, self.now, self.silent_since()) for each in LEVELS],
            }
        )


def _round(round_: RecordedRound | None) -> dict[str, object]:
    quotes = {} if round_ is None else round_.quotes
    rows = [quotes.get(slot, Quote(0, 0)) for slot in range(len(SLOTS))]
    return {
        "id": 0 if round_ is None else round_.id,
        "timestamp": 0 if round_ is None else round_.timestamp,
        "prices": [row.price for row in rows],
        "effectivePrices": [row.effective for row in rows],
        "stale": 0 if round_ is None else round_.stale,
    }


def but(**changes: int | None) -> list[int | None]:
    """The usual prices with some changed: `s1=5` puts 5 USD into slot 1, `s1=None` leaves the slot out."""
    prices: list[int | None] = list(PRICES)
    for slot, price in changes.items():
        prices[int(slot[1:])] = None if price is None else price * USD
    return prices


def opened(name: str, *, reporters: int = 5) -> Scenario:
    """A scenario whose first round has the usual prices."""
    scenario = Scenario(name, reporters)
    scenario.post(0, PRICES)
    return scenario


def crash() -> Scenario:
    """A fall of 30 % is confirmed by the first set a minute later."""
    scenario = opened("a crash is confirmed a minute later")
    scenario.post(10, but(s0=70, s1=70))
    scenario.post(30, but(s0=70, s1=70))  # too young
    scenario.post(29, but(s0=71, s1=69))  # by a second
    scenario.post(1, but(s0=71, s1=69))
    scenario.post(10, but(s0=71, s1=69))
    return scenario


def delays() -> Scenario:
    """A candidate of old reports is too young in block time, and one of fresh reports for old ones in report time."""
    scenario = opened("a candidate is confirmed a minute later in report time and in block time")
    scenario.post(40, but(s1=70), ages=(30,) * 5)
    scenario.post(59, but(s1=70))
    scenario.post(1, but(s1=70))
    scenario.post(10, but(s1=100))
    scenario.post(69, but(s1=100), ages=(10,) * 5)
    scenario.post(1, but(s1=100), ages=(10,) * 5)
    return scenario


def unpriced_candidate() -> Scenario:
    """A slot that the candidate has no fresh price of is not confirmed by the price that the candidate kept."""
    scenario = opened("a slot that was stale in the candidate is not confirmed")
    scenario.post(10, but(s1=109))
    scenario.post(10, but(s1=None, s2=40))
    scenario.post(60, but(s1=111, s2=40))
    scenario.post(60, but(s1=111, s2=40))
    return scenario


def two_sides() -> Scenario:
    """Two sets that disagree, then a third that agrees with the second."""
    scenario = opened("sets that disagree replace the candidate")
    scenario.post(10, but(s1=80))
    scenario.post(60, but(s1=120))
    scenario.post(60, but(s1=150))
    return scenario


def nearer() -> Scenario:
    """Both beyond the limit on one side, and beyond the limit of each other: the nearer price, the newer funding."""
    scenario = opened("the nearer price counts")
    scenario.post(10, but(s1=60), funding=(0, 1, 0, 0, 0))
    scenario.post(60, but(s1=80), funding=(0, 2, 0, 0, 0))
    scenario.post(10, but(s1=110), funding=(0, 2, 0, 0, 0))
    scenario.post(60, but(s1=150), funding=(0, 3, 0, 0, 0))
    return scenario


def discarded() -> Scenario:
    """A wrong price, and the right one ten seconds later."""
    scenario = opened("a set within the limits discards the candidate")
    scenario.post(10, but(s3=60))
    scenario.post(10, but(s3=55))
    scenario.post(60, but(s3=56))
    return scenario


def expired() -> Scenario:
    """A candidate that no second set confirms: the trip lapses, and the candidate counts no more."""
    scenario = opened("a candidate ends after its lifetime")
    scenario.post(10, but(s1=70))
    scenario.post(CANDIDATE_LIFETIME, but(s1=70))
    scenario.post(10, but(s1=95))
    scenario.post(CANDIDATE_LIFETIME + 1, but(s1=95))
    scenario.post(60, but(s1=95))
    return scenario


def worthless() -> Scenario:
    """An option falls to 0, stays there, and comes back by its absolute limit."""
    scenario = opened("an option expires worthless and its neighbour trades on")
    for price in (15, 10, 5, 0, 0):
        scenario.post(60, but(s2=price, s1=101))
    scenario.post(60, [100 * USD, 101 * USD, 5 * USD + 1, 50 * USD])
    scenario.post(10, but(s2=5, s1=101))
    return scenario


def dead_feed() -> Scenario:
    """A feed dies at night: its slot is left out, keeps its price, and comes back by a candidate in the morning."""
    scenario = opened("a slot that a quorum leaves out is stale")
    scenario.post(60, but(s3=None))
    scenario.post(60, *[but(s3=None)] * 3, but(s3=50), but(s3=51))
    scenario.post(60, *[but(s3=None)] * 2, but(s3=50), but(s3=51))  # undecided
    scenario.post(60, *[but(s3=None)] * 2, *[but(s3=price) for price in (51, 53, 52)])
    scenario.post(600, but(s3=None))
    scenario.post(600, but(s3=70))
    scenario.post(60, but(s3=70))
    return scenario


def funding_reset() -> Scenario:
    """A funding index is reset to 0 by mistake: the slot is stale and nothing else, until it is walked back."""
    scenario = Scenario("a funding index that leaps makes its slot stale")
    scenario.post(0, PRICES, funding=(0, 25 * USD, 0, 0, 0))
    scenario.post(60, but(s1=101))
    scenario.post(60, but(s1=101), funding=(0, 15 * USD, 0, 0, 0))
    scenario.post(60, but(s1=101), funding=(0, 5 * USD, 0, 0, 0))
    scenario.post(10, but(s1=101), funding=(1, 5 * USD, 0, 0, 0))  # spot has none
    scenario.post(60, but(s1=101), funding=(0, 5 * USD - 1, 0, -5 * USD - 1, 0))
    return scenario


def held_at_minimum() -> Scenario:
    """A price walks to the minimum of its feed: below the least price its slot is stale."""
    scenario = Scenario("a price outside its bounds makes its slot stale")
    scenario.post(0, but(s3=1, s2=10_000))
    scenario.post(10, [100 * USD, 100 * USD, 10_000 * USD, USD - 1])
    scenario.post(10, [100 * USD, 100 * USD, 10_000 * USD + 1, USD])
    return scenario


def late_listing() -> Scenario:
    """A slot gets its first price later than others: until the reference has it, the latest round bounds it."""
    scenario = Scenario("the first price of a slot comes later")
    scenario.post(0, but(s3=None, s0=None))
    scenario.post(10, but(s0=900_000, s3=None))
    scenario.post(10, but(s0=990_001, s3=None))
    scenario.post(10, but(s0=990_000, s3=None))
    scenario.post(30, but(s0=900_000, s3=50))
    scenario.post(10, but(s0=990_001, s3=50))
    return scenario


def speed() -> Scenario:
    """From the bottom of one minute to the top of the next: three limits."""
    scenario = opened("a limit is a speed")
    for wait, price in ((50, 90), (10, 110), (10, 121), (40, 99), (10, 121)):
        scenario.post(wait, but(s1=price))
    scenario.post(10, but(s1=134))
    return scenario


def silence() -> Scenario:
    """No round for two hours: clocks stand still, and for a grace after the next round."""
    scenario = opened("clocks stand still while prices are silent")
    scenario.trip_if_stale(3_600)
    scenario.trip_if_stale(1)
    scenario.post(7_200, but())
    scenario.post(599, but())
    scenario.post(10, but())
    scenario.post(3_700, but(s1=70))
    scenario.post(60, but(s1=70))
    return scenario


def guardians() -> Scenario:
    """Levels that guardians raise beside a trip of the source."""
    scenario = opened("guardians raise what a candidate does not clear")
    scenario.raise_to(100, 2)
    scenario.post(10, but(s1=70))
    scenario.lower_to(10, 1)
    scenario.post(60, but(s1=70))
    scenario.lower_to(30, 0)
    scenario.post(600, but(s1=70))
    scenario.post(10, but(s1=70))
    return scenario


def refusals() -> Scenario:
    """Each refusal of a set, between sets that are good."""
    scenario = opened("what is refused changes nothing", reporters=4)
    good = [scenario.report(number, PRICES) for number in range(4)]
    scenario.post_reports(10, good[:2])
    scenario.post_reports(1, [*good, scenario.report(4, PRICES)])
    scenario.post_reports(1, [*good[:2], scenario.report(4, PRICES)])
    scenario.post_reports(1, [*good[:2], good[1]])
    scenario.post_reports(1, [*good[:2], scenario.report(2, PRICES, age=14)])
    scenario.post_reports(1, [*good[:2], scenario.report(2, PRICES, age=-1)])
    scenario.post_reports(60, [*good[:2], scenario.report(2, PRICES, age=61)])
    scenario.post_reports(1, [*good[:2], scenario.report(2, PRICES, priced=0b11111)])
    scenario.post_reports(1, [*good[:2], scenario.report(2, PRICES, priced=1 << 40)])
    huge = [100 * USD, 1 << 64, 20 * USD, 50 * USD]
    scenario.post_reports(1, [*good[:2], scenario.report(2, huge)])
    scenario.post_reports(1, [*good[:2], scenario.report(2, PRICES, (0, 0, 0, 1 << 65, 0))])
    scenario.post_reports(1, [*good[:2], scenario.report(2, but(s1=None))])
    scenario.post_reports(
        1, [*good[:2], scenario.report(2, huge, priced=0b1101)]
    )  # undecided: what it does not price is ignored
    scenario.post_reports(1, [*good[:3], scenario.report(3, huge, (0, 1 << 65, 0, 0, 0), priced=0b1101)])
    scenario.post_reports(9, good)
    scenario.post_reports(1, good)
    return scenario


def chance(number: int, rng: random.Random) -> Scenario:
    """Anything, in any order."""
    threshold, reporters = rng.choice([(1, 1), (2, 3), (3, 5), (5, 9)])
    scenario = Scenario(f"chance {number}", reporters, threshold)
    middle = list(PRICES)
    for _ in range(25):
        wait = rng.choice([1, 10, 10, 30, 59, 60, 61, 61, 300, 901, 4_000])
        action = rng.random()
        if action < 0.04:
            scenario.raise_to(wait, rng.randint(1, 3))
        elif action < 0.08 and scenario.clock.raised:
            scenario.lower_to(wait, rng.randint(0, scenario.clock.raised - 1))
        elif action < 0.1:
            scenario.trip_if_stale(wait)
        else:
            if rng.random() < 0.4:
                slot = rng.randrange(4)
                middle[slot] = max(0, min(middle[slot] * rng.choice([70, 89, 90, 95, 110, 111, 140]) // 100, 1 << 50))
            height = rng.randint(threshold, reporters)
            omitted = {slot for slot in range(4) if rng.random() < 0.1}
            sets = [some_prices(middle, omitted, rng) for _ in range(height)]
            funding = (0, rng.choice([0, 0, USD, 30 * USD]), 0, rng.choice([0, 0, -USD]), 0)
            ages = [rng.choice([0, 0, 1, 5, 30]) for _ in range(height)]
            numbers = rng.sample(range(reporters), height)
            scenario.post_reports(
                wait,
                [scenario.report(*row[:2], funding, row[2]) for row in zip(numbers, sets, ages, strict=True)],
            )
    return scenario


def some_prices(middle: Sequence[int], omitted: set[int], rng: random.Random) -> list[int | None]:
    """What one reporter sees: each price within a permille of the middle, a slot left out with most of the others."""
    return [
        None if rng.random() < (0.85 if slot in omitted else 0.03) else price + rng.randint(0, price // 1000)
        for slot, price in enumerate(middle)
    ]


def feeds() -> list[dict[str, object]]:
    """Answers of feeds, each with the price that counts, or the fault."""
    made: list[dict[str, object]] = []

    def row(
        answer: int, decimals: int = 8, updated: int = START - 10, age: int = 60, rounds: tuple[int, int] = (7, 7)
    ) -> None:
        given = FeedAnswer(rounds[0], answer, updated, rounds[1])
        result = feed_price(given, decimals, age, START)
        is_fault = isinstance(result, FeedFault)
        made.append(
            {
                "roundId": given.round_id,
                "answer": given.answer,
                "updatedAt": given.updated_at,
                "answeredInRound": given.answered_in_round,
                "decimals": decimals,
                "maxAge": age,
                "fault": int(result) if is_fault else 0,
                "price": 0 if is_fault else int(result),
            }
        )

    top = (1 << 64) - 1
    for answer in (-(1 << 255), -1, 0, 1, top // 10, top // 10 + 1, (1 << 255) - 1):
        row(answer)
    for decimals in (0, 8, 9, 10, 18, 36):
        row(123_456_789, decimals)
        row(top * 10**decimals // 10**9, decimals)
        row((top + 1) * 10**decimals // 10**9 + 1, decimals)
    for updated in (0, START - 61, START - 60, START - 1, START, START + 1):
        row(10**8, updated=updated)
    for rounds in ((7, 6), (7, 8), (0, 0)):
        row(10**8, rounds=rounds)
    return made


SCENARIOS = (
    crash, delays, unpriced_candidate, two_sides, nearer, discarded, expired, worthless, dead_feed, funding_reset,
    held_at_minimum, late_listing, speed, silence, guardians, refusals,
)  # fmt: skip


def text(value: object) -> object:
    """The same with every integer in decimal."""
    if isinstance(value, dict):
        return {key: text(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [text(item) for item in value]
    return str(value)


def content() -> str:
    """What the file holds: the same every time."""
    rng = random.Random(20261130)
    scenarios = [make() for make in SCENARIOS] + [chance(number, rng) for number in range(6)]
    settings = {
        "deployedAt": DEPLOYED_AT,
        "staleAfter": STALE_AFTER,
        "minInterval": MIN_INTERVAL,
        "maxReportAge": MAX_REPORT_AGE,
        "resumeGrace": RESUME_GRACE,
    }
    slots = [
        {
            "isSpot": int(rules.is_spot),
            "deviationPpm": rules.deviation_ppm,
            "deviationAmount": rules.deviation_amount,
            "leastPrice": rules.least_price,
            "greatestPrice": rules.greatest_price,
        }
        for rules in SLOTS
        if rules is not None
    ]
    rows = [{"name": s.name, "reporters": s.reporters, "threshold": s.threshold, "steps": s.steps} for s in scenarios]
    head = json.dumps(text({"settings": settings, "slots": slots, "feeds": feeds()}))[:-1]
    return f'{head}, "stories": [\n' + ",\n".join(json.dumps(text(row)) for row in rows) + "\n]}\n"


if __name__ == "__main__":
    TARGET.write_text(content())
