"""The public signals that a price round determines, as verifiers take them."""

from typing import NamedTuple

from prover.market import PriceRound
from verifier import InputError, Shape, Statement, VectorKind, require_margin_kind


class RoundSignal(NamedTuple):
    """One public signal of a round.

    Attributes:
        name: of the signal.
        symbol: of the asset that it belongs to; None for an empty slot, and for a signal of the whole round.
        value: field element.
    """

    name: str
    symbol: str | None
    value: int


def round_signals(
    round_: PriceRound, statement: Statement, kind: VectorKind = VectorKind.MAINTENANCE
) -> list[RoundSignal]:
    """The public signals that a round determines, in the order in which verifiers take them.

    They come after the signals of the proof itself (`statement.proof_inputs`).

    Args:
        round_: the round.
        statement: whose public signals.
        kind: of margin that a proof of `margin` or `release` is about. An `update` is about none alone.

    Raises:
        InputError: a round determines no signal of the statement, or no proof is about the kind.
    """
    require_margin_kind(kind)
    match statement.name:
        case "margin" | "margin-lean":
            values = round_.vectors.margin_values(kind)
        case "release":
            values = round_.release(kind).values()
        case "update":
            values = round_.risk().values()
        case name:
            raise InputError(f"a price round determines no public signal of {name}")
    n = round_.book.n
    symbols = [asset.symbol for asset in round_.book.assets] + [None] * (n - len(round_.book.assets))
    names = [
        (signal.name, symbols[index] if signal.shape is Shape.SLOTS else None)
        for signal in statement.round_signals
        for index in range(signal.shape.elements(n))
    ]
    elements = statement.arrange_round(values, n)
    return [RoundSignal(name, symbol, value) for (name, symbol), value in zip(names, elements, strict=True)]
