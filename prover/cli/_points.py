"""Points of Baby Jubjub on the command line: guardians."""

import typer

from prover.account import Point, point_from_text
from verifier import InputError


def parse_point(text: str) -> Point:
    """Read a guardian's point.

    Raises:
        typer.BadParameter: not X,Y in decimal, not on the curve, or of small order.
    """
    try:
        return point_from_text(text)
    except InputError as error:
        raise typer.BadParameter(str(error)) from None
