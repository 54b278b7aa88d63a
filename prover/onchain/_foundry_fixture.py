"""Proofs of margin and their rounds as the test base of the npm package reads them."""

from collections.abc import Sequence
from typing import Any

from prover.chain import proof_words
from prover.market import PriceRound
from verifier import InputError, ProofEnvelope, VerificationError


def foundry_fixture(rounds: Sequence[PriceRound], proofs: Sequence[ProofEnvelope]) -> dict[str, Any]:
    """The file that contracts/test-utils/SolvencyFixtures.sol reads.

    Args:
        rounds: rounds of one book, in the order in which a test posts them: the first becomes round 1.
        proofs: proofs of margin, each at one of the rounds.

    Raises:
        InputError: no round, or rounds of several books.
        VerificationError: `signals-differ-from-round`, when a proof was made for none of the rounds.
    """
    books = {round_.book.digest() for round_ in rounds}
    if len(books) != 1:
        raise InputError("a fixture takes rounds of one book, and one round at least")
    return {
        "fractions": [field for fractions in rounds[0].book.slot_fractions() for field in fractions],
        "rounds": [{"prices": _texts(item.prices), "funding": _texts(item.funding)} for item in rounds],
        "proofs": [_proof(envelope, _number(envelope, rounds)) for envelope in proofs],
    }


def _number(envelope: ProofEnvelope, rounds: Sequence[PriceRound]) -> int:
    """The id that the round of a proof gets."""
    for number, round_ in enumerate(rounds, start=1):
        if envelope.n == round_.book.n and envelope.claim().signals(round_.vectors) == envelope.public_signals:
            return number
    raise VerificationError(
        "signals-differ-from-round", "a proof was made for another round or book than the given ones"
    )


def _proof(envelope: ProofEnvelope, number: int) -> dict[str, Any]:
    claim = envelope.claim()
    return {
        "commitment": str(claim.commitment),
        "roundId": number,
        "healthy": claim.healthy,
        "recipient": f"0x{claim.recipient:040x}",
        "words": _texts(proof_words(envelope.proof)),
    }


def _texts(values: Sequence[int]) -> list[str]:
    """Decimal strings: JSON numbers beyond 2^53 do not survive every reader."""
    return [str(value) for value in values]
