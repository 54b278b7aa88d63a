"""Retries of proofs that are out of date before they are mined."""

from collections.abc import Callable
from typing import Final, TypeVar

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from verifier import ChainError

_ATTEMPTS: Final = 4

_T = TypeVar("_T")


class OutdatedProofError(ChainError):
    """The account or the round changed before a proof was mined: a new proof may be accepted."""


class ExplainedError(ChainError):
    """A refusal that says itself what to do."""


def retried(attempt: Callable[[], _T]) -> _T:
    """Run an attempt until it raises no `OutdatedProofError`, a few times.

    Raises:
        OutdatedProofError: none got through: it says how many were made, and what the last one was refused for.
    """
    retries = Retrying(
        stop=stop_after_attempt(_ATTEMPTS),
        wait=wait_random_exponential(multiplier=0.1, max=2),
        retry=retry_if_exception_type(OutdatedProofError),
        reraise=True,
    )
    try:
        return retries(attempt)
    except OutdatedProofError as error:
        raise OutdatedProofError(
            f"newer prices, or another change of the account, came before each of {_ATTEMPTS} proofs was accepted "
            f"({error.refusal}): nothing was done; try again, or prove on a faster machine",
            error.refusal,
        ) from None
