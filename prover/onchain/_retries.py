"""Doing again what the chain overtook."""

from collections.abc import Callable
from typing import Final, TypeVar

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from verifier import ChainError

_ATTEMPTS: Final = 4

_T = TypeVar("_T")


class OvertakenError(ChainError):
    """The chain was faster than a proof: made again, it may be taken."""


def retried(attempt: Callable[[], _T]) -> _T:
    """Run an attempt until it raises no `OvertakenError`, a few times. The last one is raised."""
    again = Retrying(
        stop=stop_after_attempt(_ATTEMPTS),
        wait=wait_random_exponential(multiplier=0.1, max=2),
        retry=retry_if_exception_type(OvertakenError),
        reraise=True,
    )
    return again(attempt)
