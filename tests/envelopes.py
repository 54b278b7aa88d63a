"""Proof files of every statement of a margin book, by keys whose trapdoor is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from simulated import SimulatedKey
from steps import HERE

from prover import PriceRound
from prover.statements import supplied_signals
from verifier import (
    STATEMENTS,
    BookProofEnvelope,
    BookStatement,
    Proof,
    Shape,
    Value,
    VerificationError,
    VerifyingKey,
    signal_counts,
)

N: Final = 13
SLOTS: Final = 0b110
RECIPIENT: Final = 0xABC
PRICED: Final = frozenset({"update", "expire", "release"})
"""Statements with prices."""


@dataclass(frozen=True)
class Simulated:
    """A proof file, and what its verifier needs.

    Attributes:
        key: verifying key of the statement.
        envelope: the proof file.
        supplied: what the verifier must supply.
        proven: the public signals that the proof is for.
    """

    key: VerifyingKey
    envelope: BookProofEnvelope
    supplied: Mapping[str, Value]
    proven: tuple[int, ...]

    def check(self, key: VerifyingKey, signals: Sequence[int], proof: Proof) -> None:
        """What the equation says, in no time: it holds for the signals that were proven, and for no others."""
        if (key, tuple(signals), proof) != (self.key, self.proven, self.envelope.proof):
            raise VerificationError("proof-does-not-verify", "other signals than were proven")


@cache
def simulated_key(statement: BookStatement) -> SimulatedKey:
    return SimulatedKey.generate(sum(signal_counts(statement, N)))


@cache
def verifying_key(statement: BookStatement) -> VerifyingKey:
    return simulated_key(statement).verifying_key(statement, N)


def values_of(statement: BookStatement, round_: PriceRound) -> dict[str, Value]:
    """Every public signal: those of the round are the round's, the others are distinct numbers."""
    row = STATEMENTS[statement]
    values: dict[str, Value] = {
        name: 1000 + i if shape is Shape.SCALAR else tuple(range(1, shape.elements(N) + 1))
        for i, (name, shape) in enumerate(row.proof_signals)
    }
    prices = round_ if statement in PRICED else None
    values |= supplied_signals(statement, prices, HERE if statement == "open" else None, SLOTS)
    fixed = {"slots": SLOTS, "recipient": RECIPIENT, "isWithdrawal": 1, "claim": 1, "cured": 1}
    return values | {name: value for name, value in fixed.items() if name in values}


def simulate(statement: BookStatement, round_: PriceRound, **changes: Value) -> Simulated:
    """A true proof, with some signals changed before it is made."""
    values = values_of(statement, round_)
    supplied = supplied_signals(
        statement, round_ if statement in PRICED else None, HERE if statement == "open" else None, SLOTS
    )
    values |= changes
    key = verifying_key(statement)
    signals = STATEMENTS[statement].arrange(values, N)
    envelope = BookProofEnvelope.create(key, values, simulated_key(statement).prove(signals))
    return Simulated(key, envelope, supplied, signals)
