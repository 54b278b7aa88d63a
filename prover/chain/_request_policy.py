"""Timeouts and retries of requests to a node."""

from dataclasses import dataclass

from tenacity import Retrying, retry_if_exception, stop_after_attempt, stop_before_delay, wait_exponential_jitter

from prover.chain._node_errors import NodeError


@dataclass(frozen=True, slots=True)
class RequestPolicy:
    """Timeouts and retries of requests and transactions.

    Attributes:
        attempts: how often one request is made.
        backoff_seconds: pause before the second attempt; each further one is twice as long, with jitter [s].
        connect_seconds: timeout of a connection [s].
        response_seconds: timeout of a whole response [s].
        notice_seconds: a request without a response for this long is logged [s].
        request_seconds: no further attempt begins after this time, for each node that can be asked [s].
        bump_seconds: a transaction that is not mined for this long is replaced by one with higher fees [s].
        fee_bumps: how often it is replaced.
        nonce_attempts: how often a transaction is built again when another sender with the same key took its nonce.
    """

    attempts: int = 5
    backoff_seconds: float = 0.2
    connect_seconds: float = 2
    response_seconds: float = 20
    notice_seconds: float = 3
    request_seconds: float = 30
    bump_seconds: float = 30
    fee_bumps: int = 4
    nonce_attempts: int = 8


def retrying(policy: RequestPolicy) -> Retrying:
    """Retries after transient errors of the node; the last error is raised as it is."""
    return Retrying(
        stop=stop_after_attempt(policy.attempts) | stop_before_delay(policy.request_seconds),
        wait=wait_exponential_jitter(multiplier=policy.backoff_seconds, jitter=policy.backoff_seconds),
        retry=retry_if_exception(lambda error: isinstance(error, NodeError) and error.is_transient),
        reraise=True,
    )
