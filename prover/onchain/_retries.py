"""Retries of proofs that are out of date before they are mined."""

from collections.abc import Callable
from typing import Final, TypeVar

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from verifier import ChainError

_ATTEMPTS: Final = 4

_T = TypeVar("_T")


class OutdatedProofError(ChainError):
    """The account or the round changed before a proof was mined: a new proof may be accepted."""


def retried(attempt: Callable[[], _T]) -> _T:
    """Run an attempt until it raises no `OutdatedProofError`, a few times. The last one is raised."""
    retries = Retrying(
        stop=stop_after_attempt(_ATTEMPTS),
        wait=wait_random_exponential(multiplier=0.1, max=2),
        retry=retry_if_exception_type(OutdatedProofError),
        reraise=True,
    )
    return retries(attempt)
