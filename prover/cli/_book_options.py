"""What `book deploy` is told."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import typer

from prover.account import Point, point_from_text
from prover.chain import BookSettings, Chain
from prover.cli._options import as_address, parse_address
from prover.cli._output import warn
from verifier import InputError

MAX_REPORTERS: Final = 15
MEDIAN_OF: Final = 3
"""The least number of reports whose median one of them cannot set."""


def parse_guardian(text: str) -> Point:
    """Read a guardian's point.

    Raises:
        typer.BadParameter: not X,Y in decimal, not on the curve, or of small order.
    """
    try:
        return point_from_text(text)
    except InputError as error:
        raise typer.BadParameter(str(error)) from None


class TokenAddress(NamedTuple):
    """What --token says."""

    symbol: str
    address: str


def parse_token(text: str) -> TokenAddress:
    """Read SYMBOL=ADDRESS.

    Raises:
        typer.BadParameter: not of that form.
    """
    symbol, equals, address = text.partition("=")
    if not (symbol and equals):
        raise typer.BadParameter("expected SYMBOL=ADDRESS, such as USD=0x and 40 hex digits")
    return TokenAddress(symbol, as_address(parse_address(address)))


def default_quorum(reporters: int) -> int:
    """How many reports make a round: more than half, and three where there are as many.

    The median of three is between two honest prices when one is not; of two reports the lower price counts.
    """
    return max(reporters // 2 + 1, min(reporters, MEDIAN_OF))


def settings_of(
    *,
    guardians: Sequence[Point],
    reporters: Sequence[int],
    threshold: int | None,
    change_delay: int,
    stale_after: int,
    min_interval: int,
    max_report_age: int,
    resume_grace: int,
    max_proof_age: int,
) -> BookSettings:
    """The settings of a deployment, refused here where the constructors would refuse them.

    Raises:
        InputError: what is to be mended, and how.
    """
    count = len(reporters)
    quorum = default_quorum(count) if threshold is None else threshold
    if len(set(reporters)) != count or 0 in reporters:
        raise InputError("--reporter: name each reporter once, and not the zero address")
    if count > MAX_REPORTERS:
        raise InputError(f"--reporter: at most {MAX_REPORTERS} reporters, {count} are given")
    if not count < 2 * quorum <= 2 * count:
        raise InputError(f"--threshold: of {count} reporters, from {count // 2 + 1} to {count} make a round")
    if len(set(guardians)) != len(guardians):
        raise InputError("--guardian: name each guardian once")
    if max_report_age >= stale_after:
        raise InputError("--max-report-age: must be below --stale-after, or a round could be stale when it is posted")
    if min_interval >= stale_after:
        raise InputError("--min-interval: must be below --stale-after, or each round would be stale before the next")
    if max_report_age >= max_proof_age:
        raise InputError("--max-report-age: must be below --max-proof-age, or a round could be too old for any proof")
    if quorum < MEDIAN_OF:
        warn(
            "each reporter can set every price by itself, within the limits of a round"
            if quorum == 1
            else "of two reports the lower price counts, so each reporter can lower every price by itself"
        )
    return BookSettings(
        reporters=[Chain.checksum(reporter) for reporter in reporters],
        threshold=quorum,
        guardians=[(point.x, point.y) for point in guardians],
        change_delay=change_delay,
        stale_after=stale_after,
        min_interval=min_interval,
        max_report_age=max_report_age,
        resume_grace=resume_grace,
        max_proof_age=max_proof_age,
    )
