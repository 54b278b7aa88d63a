"""Circuit inputs from bare integers, so that a test can say what no valid account would."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from strategies import Case

from prover import State, assess, commit
from verifier import MarginsPerUnit, to_field

BLIND = 123456789


@dataclass(frozen=True)
class Attempt:
    """What a prover puts into `margin`: every field is the attacker's choice.

    `commitment` and `shorts` are honest for the balances unless given; `healthy` is the reference's verdict.
    """

    case: Case
    shorts: int | None = None
    commitment: int | None = None
    healthy: int | None = None
    recipient: int = 0

    @classmethod
    def of_vector(cls, vector: Mapping[str, Sequence[str]]) -> Self:
        """An honest attempt on a row of tests/vectors/margin.json, at maintenance margin."""
        names = ("effective", "maintenance_long", "maintenance_short_extra", "balances")
        effective, long, extra, balances = (tuple(map(int, vector[name])) for name in names)
        return cls(Case(effective, MarginsPerUnit(long, extra), balances, quote=int(str(vector["quote"]))))

    def but(self, **changes: int) -> "Attempt":
        """The same with another field."""
        return replace(self, **changes)

    def with_state(self, balances: Sequence[int], quote: int) -> "Attempt":
        """The same with another state."""
        return replace(self, case=replace(self.case, balances=tuple(balances), quote=quote))

    @property
    def health(self) -> int:
        c = self.case
        return assess(c.balances, c.quote, c.effective_prices, c.margins).health

    def honest_shorts(self) -> int:
        return sum(1 << i for i, b in enumerate(self.case.balances) if b < 0)

    def inputs(self) -> dict[str, str | list[str]]:
        shorts = self.honest_shorts() if self.shorts is None else self.shorts
        commitment = (
            commit(State(tuple(self.case.balances), self.case.quote), shorts, BLIND)
            if self.commitment is None
            else self.commitment
        )
        healthy = int(self.health >= 0) if self.healthy is None else self.healthy

        def texts(values: Sequence[int]) -> list[str]:
            return [str(to_field(v)) for v in values]

        return {
            "commitment": str(commitment),
            "healthy": str(healthy),
            "recipient": str(self.recipient),
            "effectivePrice": texts(self.case.effective_prices),
            "marginPerUnit": texts(self.case.margins.long),
            "shortExtra": texts(self.case.margins.short_extra),
            "balance": texts(self.case.balances),
            "quote": texts([self.case.quote])[0],
            "shorts": str(shorts),
            "blind": str(BLIND),
        }
