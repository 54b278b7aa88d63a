"""Why a node gave no usable response."""


class NodeError(Exception):
    """The node gave no usable response.

    Args:
        message: what it did, as the end of a sentence about it.
        is_transient: whether a retry may help.
        is_unprocessed: whether the node cannot have acted on the request: it was not reached, or refused the request.

    Attributes:
        node: scheme, host and port of the node; None when it is the only one.
    """

    def __init__(self, message: str, *, is_transient: bool, is_unprocessed: bool = False) -> None:
        super().__init__(message)
        self.is_transient = is_transient
        self.is_unprocessed = is_unprocessed
        self.node: str | None = None


class ChainMismatchError(NodeError):
    """The node serves another chain than the other nodes."""


class ResponseTooLongError(NodeError):
    """The response is larger than is read, or takes longer: a request for less may help."""
