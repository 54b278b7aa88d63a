"""How old prices may be."""

from verifier._errors import VerificationError


def require_fresh(timestamp: int, now: int, max_age: int) -> None:
    """Refuse a price round that is too old, or from the future.

    Args:
        timestamp: of the round, Unix seconds.
        now: the verifier's own time, Unix seconds.
        max_age: how old the round may be [seconds].

    Raises:
        VerificationError: `round-from-future`, or `round-too-old`.
    """
    if timestamp > now:
        raise VerificationError("round-from-future", f"the round is {timestamp - now} s ahead of this machine's clock")
    if now - timestamp > max_age:
        raise VerificationError("round-too-old", f"the round is {now - timestamp} s old, more than {max_age} s")
