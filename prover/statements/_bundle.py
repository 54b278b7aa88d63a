"""A bundle of proof files that were made for one price round."""

from collections.abc import Sequence
from typing import Final

from prover.market import PriceRound
from prover.statements._supplied import supplied_signals
from verifier import (
    MARGIN_KINDS,
    AnyEnvelope,
    BookProofEnvelope,
    Bundle,
    InputError,
    VectorKind,
    VerificationError,
    VerifyingKey,
    scalar_signals,
)

_NOT_SHOWN: Final = ("rho",)
"""Random numbers, which mean nothing to a reader."""


def make_bundle(
    proofs: Sequence[AnyEnvelope],
    round_: PriceRound | None,
    key: VerifyingKey | None = None,
    *,
    with_prices: bool = True,
) -> Bundle:
    """Put proof files together with what they show. They are not verified.

    Args:
        proofs: of one statement, size and key.
        round_: that they were made for; None for a statement without prices.
        key: to put into the bundle; None to leave it out.
        with_prices: put the prices in; otherwise only the digest of the round.

    Raises:
        InputError: the proofs are of different statements, sizes or keys, the key is another, or a round is missing or
            would say nothing.
        VerificationError: `wrong-round`: a proof was made for another round or book.
    """
    for proof in proofs:
        _require_round(proof, round_)
    if round_ is not None and len({release_kind(proof, round_) for proof in proofs}) > 1:
        raise InputError("bundle: the proofs are of different kinds of margin; make a bundle for each")
    shows = tuple(
        {name: _scalar(proof, name) for name in scalar_signals(proof.statement) if name not in _NOT_SHOWN}
        for proof in proofs
    )
    return Bundle(
        tuple(proofs),
        shows,
        None if round_ is None else round_.digest(),
        round_.to_json() if round_ is not None and with_prices else None,
        key,
    )


def release_kind(proof: AnyEnvelope, round_: PriceRound) -> VectorKind | None:
    """The kind of margin of which a proof of `release` has the signals; None of another proof, or another round."""
    if not isinstance(proof, BookProofEnvelope) or proof.statement != "release":
        return None
    return next((kind for kind in MARGIN_KINDS if _has_signals_of(proof, round_, kind)), None)


def _scalar(proof: AnyEnvelope, name: str) -> int:
    value = proof.values()[name]
    return value if isinstance(value, int) else 0


def _require_round(proof: AnyEnvelope, round_: PriceRound | None) -> None:
    """See that a proof names the round: a reader who trusts it would refuse the bundle else."""
    if isinstance(proof, BookProofEnvelope):
        matches = any(_has_signals_of(proof, round_, kind) for kind in MARGIN_KINDS)
    elif round_ is None:
        raise InputError(f"{proof.statement}: name the price round that the proof was made for")
    else:
        matches = proof.round == round_.digest()
    if not matches:
        raise VerificationError("wrong-round", "a proof was made for another price round or book: nothing was bundled")


def _has_signals_of(proof: BookProofEnvelope, round_: PriceRound | None, kind: VectorKind) -> bool:
    """Whether prices and margins are those of the round. Bitmaps, lambdas and limits of a chain may be others."""
    if proof.statement == "open":
        if round_ is not None:
            raise InputError("open has no prices, so a price round would say nothing")
        return True
    values = proof.values()
    slots = values.get("slots", 0)
    supplied = supplied_signals(proof.statement, round_, None, slots if isinstance(slots, int) else 0, kind)
    return all(values[name] == value for name, value in supplied.items() if not isinstance(value, int))
