"""How long a node is waited for, and the one retry of everything that asks it."""

from dataclasses import dataclass

from tenacity import Retrying, retry_if_exception, stop_after_attempt, stop_before_delay, wait_exponential_jitter


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a node is waited for.

    Attributes:
        attempts: how often one request is made.
        first_pause: before the second attempt; each further one is twice as long, with jitter [s].
        connect_seconds: for the node to take a connection [s].
        answer_seconds: for the whole of an answer [s].
        notice_seconds: after this time without an answer the log names the node [s].
        request_seconds: no further attempt begins after this time, for each node that can be asked [s].
        bump_seconds: for a transaction to be mined, before it is replaced by one that pays more [s].
        bumps: how often it is replaced.
        nonces: how often a transaction is built anew, when another sender with the same key took its nonce.
    """

    attempts: int = 5
    first_pause: float = 0.2
    connect_seconds: float = 2
    answer_seconds: float = 20
    notice_seconds: float = 3
    request_seconds: float = 30
    bump_seconds: float = 30
    bumps: int = 4
    nonces: int = 8


class NodeError(Exception):
    """The node gave no usable answer.

    Args:
        words: what it did, as the end of a sentence about it.
        passing: whether asking again may help.
        is_unheard: the node cannot have acted on the request: the node was not reached, or refused to hear it.

    Attributes:
        node: scheme, host and port of the node; None when it is the only one.
    """

    def __init__(self, words: str, *, passing: bool, is_unheard: bool = False) -> None:
        super().__init__(words)
        self.passing = passing
        self.is_unheard = is_unheard
        self.node: str | None = None


class OtherChainNodeError(NodeError):
    """A node serves another chain than the nodes beside it."""


class AnswerTooLongError(NodeError):
    """The node answers with more than is read, or for longer: asking for less may help."""


def retrying(patience: Patience) -> Retrying:
    """Calls again while the node fails in a way that may pass; the last failure is raised as it is."""
    return Retrying(
        stop=stop_after_attempt(patience.attempts) | stop_before_delay(patience.request_seconds),
        wait=wait_exponential_jitter(multiplier=patience.first_pause, jitter=patience.first_pause),
        retry=retry_if_exception(lambda error: isinstance(error, NodeError) and error.passing),
        reraise=True,
    )
