"""The table of statements: their public signals, sizes and circuits (spec ZS-20, ZS-60 to ZS-81).

Verification, generated contracts, circuit instances, witness inputs and the command line take them from here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal, NamedTuple, get_args

from verifier._errors import InputError

StatementName = Literal["margin", "margin-lean", "open", "update", "writeoff", "expire", "exit", "rekey", "release"]
"""What can be proven; each is a row of `STATEMENTS`."""

MarginStatement = Literal["margin", "margin-lean"]
"""The statements about an account at a price round, which proof files hold."""

BookStatement = Literal["open", "update", "writeoff", "expire", "exit", "release"]
"""The statements about the accounts of a margin book, from which its contract takes steps."""

Value = int | Sequence[int]
"""What a signal holds: one integer, or one for each element of an array."""


class Shape(Enum):
    """How many field elements a signal has in a book of N slots."""

    SCALAR = "one"
    POINT = "two: the coordinates of a point of Baby Jubjub"
    SLOTS = "N: one for each slot"
    CIPHERTEXT = "K = (N + 2) / 3: an encrypted state, three values in each element"

    def elements(self, n: int) -> int:
        """The number of field elements.

        Args:
            n: slots of the book.
        """
        match self:
            case Shape.SCALAR:
                return 1
            case Shape.POINT:
                return 2
            case Shape.SLOTS:
                return n
            case Shape.CIPHERTEXT:
                return (n + 2) // 3


class Signal(NamedTuple):
    """A public signal.

    Attributes:
        name: of the circuit's input.
        shape: how many field elements it has.
    """

    name: str
    shape: Shape = Shape.SCALAR


class Circuit(NamedTuple):
    """The circom template of a statement.

    Attributes:
        file: in circuits/.
        template: its name.
        flags: its parameters after N.
    """

    file: str
    template: str
    flags: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """A row of the table.

    Attributes:
        name: of the statement.
        sizes: the numbers of slots N for which circuits are built.
        proof_signals: the public signals that belong to one proof. They come first, in this order.
        round_signals: the public signals that a price round determines, the same for every proof at it; of `expire`
            the settlement prices.
        circuit: what proves it.
    """

    name: StatementName
    sizes: tuple[int, ...]
    proof_signals: tuple[Signal, ...]
    round_signals: tuple[Signal, ...]
    circuit: Circuit

    @property
    def public(self) -> tuple[str, ...]:
        """The names of all public signals in order."""
        return tuple(signal.name for signal in (*self.proof_signals, *self.round_signals))

    def proof_inputs(self, n: int) -> int:
        """How many field elements belong to one proof."""
        return sum(signal.shape.elements(n) for signal in self.proof_signals)

    def round_inputs(self, n: int) -> int:
        """How many field elements the round determines."""
        return sum(signal.shape.elements(n) for signal in self.round_signals)

    def instance(self, n: int) -> str:
        """The name of the statement at one size, such as "margin-13"."""
        return instance_name(self.name, n)

    def arrange(self, values: Mapping[str, Value], n: int) -> tuple[int, ...]:
        """Put the values of all public signals into the order in which a verifier takes them.

        Args:
            values: by name of the signal; other names are left out.
            n: slots of the book.

        Raises:
            InputError: a signal is missing, or has another number of elements.
        """
        return tuple(self._elements((*self.proof_signals, *self.round_signals), values, n))

    def arrange_proof(self, values: Mapping[str, Value], n: int) -> tuple[int, ...]:
        """As `arrange`, for the signals that belong to one proof alone: what a contract takes with it."""
        return tuple(self._elements(self.proof_signals, values, n))

    def arrange_round(self, values: Mapping[str, Value], n: int) -> tuple[int, ...]:
        """As `arrange`, for the signals of the round alone: the same for all its proofs."""
        return tuple(self._elements(self.round_signals, values, n))

    def named(self, signals: Sequence[int], n: int) -> dict[str, Value]:
        """The inverse of `arrange`: the value of each public signal by its name.

        Args:
            signals: all of them, in order.
            n: slots of the book.
        """
        values: dict[str, Value] = {}
        start = 0
        for name, shape in (*self.proof_signals, *self.round_signals):
            end = start + shape.elements(n)
            values[name] = signals[start] if shape is Shape.SCALAR else tuple(signals[start:end])
            start = end
        return values

    def _elements(self, signals: Sequence[Signal], values: Mapping[str, Value], n: int) -> Iterator[int]:
        for name, shape in signals:
            value = values.get(name, ())
            elements = (value,) if isinstance(value, int) else value
            expected = shape.elements(n)
            if len(elements) != expected:
                raise InputError(f"{self.instance(n)}: {name} has {expected} elements, not {len(elements)}")
            yield from elements


_SIZES: Final = (13, 28)

_RHO: Final = Signal("rho")
_CIPHERTEXT: Final = Signal("ciphertext", Shape.CIPHERTEXT)
_RECIPIENT: Final = Signal("recipient")
_EFFECTIVE_PRICE: Final = Signal("effectivePrice", Shape.SLOTS)

_MARGIN_PROOF: Final = (Signal("commitment"), Signal("healthy"), _RECIPIENT)
_MARGIN_ROUND: Final = (
    _EFFECTIVE_PRICE,
    Signal("marginPerUnit", Shape.SLOTS),
    Signal("shortExtra", Shape.SLOTS),
)

_ROWS: Final = (
    Statement(
        name="margin",
        sizes=_SIZES,
        proof_signals=_MARGIN_PROOF,
        round_signals=_MARGIN_ROUND,
        circuit=Circuit("margin.circom", "Margin", flags=(1,)),
    ),
    Statement(
        name="margin-lean",
        sizes=_SIZES,
        proof_signals=_MARGIN_PROOF,
        round_signals=_MARGIN_ROUND,
        circuit=Circuit("margin.circom", "Margin", flags=(0,)),
    ),
    Statement(
        name="open",
        sizes=_SIZES,
        proof_signals=(
            Signal("commitment"),
            Signal("identity"),
            Signal("domain"),
            Signal("ownerTag"),
            Signal("ownerPoint", Shape.POINT),
            Signal("guardianPoint", Shape.POINT),
            _RHO,
            _CIPHERTEXT,
        ),
        round_signals=(),
        circuit=Circuit("open.circom", "Open"),
    ),
    Statement(
        name="update",
        sizes=_SIZES,
        proof_signals=(
            Signal("oldCommitment"),
            Signal("newCommitment"),
            Signal("ticket"),
            Signal("side"),
            Signal("transferAsset"),
            Signal("transferAmount"),
            Signal("isWithdrawal"),
            Signal("claim"),
            _RECIPIENT,
            _RHO,
            _CIPHERTEXT,
            Signal("reduceOnly"),
        ),
        round_signals=(
            _EFFECTIVE_PRICE,
            Signal("maintenancePerUnit", Shape.SLOTS),
            Signal("maintenanceShortExtra", Shape.SLOTS),
            Signal("initialPerUnit", Shape.SLOTS),
            Signal("initialShortExtra", Shape.SLOTS),
            Signal("longOnly"),
            Signal("lambdaInitial"),
            Signal("lambdaMaintenance"),
        ),
        circuit=Circuit("update.circom", "Update"),
    ),
    Statement(
        name="writeoff",
        sizes=_SIZES,
        proof_signals=(
            Signal("oldCommitment"),
            Signal("newCommitment"),
            Signal("amount"),
            _RHO,
            _CIPHERTEXT,
        ),
        round_signals=(),
        circuit=Circuit("writeoff.circom", "Writeoff"),
    ),
    Statement(
        name="expire",
        sizes=_SIZES,
        proof_signals=(
            Signal("oldCommitment"),
            Signal("newCommitment"),
            Signal("slots"),
            _RHO,
            _CIPHERTEXT,
        ),
        round_signals=(Signal("settlementPrice", Shape.SLOTS),),
        circuit=Circuit("expire.circom", "Expire"),
    ),
    Statement(
        name="exit",
        sizes=_SIZES,
        proof_signals=(
            Signal("oldCommitment"),
            Signal("newCommitment"),
            Signal("amount"),
            _RECIPIENT,
            _RHO,
            _CIPHERTEXT,
        ),
        round_signals=(),
        circuit=Circuit("exit.circom", "Exit"),
    ),
    Statement(
        name="rekey",
        sizes=_SIZES,
        proof_signals=(
            Signal("oldCommitment"),
            Signal("newCommitment"),
            Signal("newIdentity"),
            Signal("domain"),
            Signal("newOwnerTag"),
            Signal("newOwnerPoint", Shape.POINT),
            Signal("newGuardianPoint", Shape.POINT),
            _RHO,
            _CIPHERTEXT,
        ),
        round_signals=(),
        circuit=Circuit("rekey.circom", "Rekey"),
    ),
    Statement(
        name="release",
        sizes=_SIZES,
        proof_signals=(
            Signal("oldCommitment"),
            Signal("newCommitment"),
            Signal("ticket"),
            Signal("taker"),
            Signal("rate"),
            Signal("uncoveredRate"),
            Signal("cured"),
            _RHO,
            _CIPHERTEXT,
        ),
        round_signals=(
            *_MARGIN_ROUND,
            Signal("sellable"),
            Signal("floorRate"),
            Signal("bufferRate"),
            Signal("leastShare"),
            Signal("leastAmount"),
            Signal("dust"),
        ),
        circuit=Circuit("release.circom", "Release"),
    ),
)

STATEMENTS: Final[Mapping[StatementName, Statement]] = {row.name: row for row in _ROWS}
"""Every statement by its name."""

MARGIN_STATEMENTS: Final[tuple[MarginStatement, ...]] = get_args(MarginStatement)
"""Every `MarginStatement`."""

BOOK_STATEMENTS: Final[tuple[BookStatement, ...]] = get_args(BookStatement)
"""Every `BookStatement`."""


def instance_name(statement: StatementName, n: int) -> str:
    """The name of a statement at one size, such as "margin-13"."""
    return f"{statement}-{n}"


def signal_counts(statement: StatementName, n: int) -> tuple[int, int]:
    """How many public signals belong to one proof, and how many its round determines.

    Args:
        statement: the statement.
        n: slots of the book.
    """
    row = STATEMENTS[statement]
    return row.proof_inputs(n), row.round_inputs(n)
