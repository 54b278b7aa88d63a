"""Options that several commands share, and the values that they take."""

from pathlib import Path
from typing import Annotated, Final

import typer

from prover.toolchain import BackendName
from verifier import MARGIN_STATEMENTS, SCALAR_MODULUS, STATEMENTS, MarginStatement, Statement, VectorKind

ADDRESS_BYTES: Final = 20

STATEMENT_NAMES: Final = ", ".join(STATEMENTS)
"""For the help of options that take any statement: as a list of choices they would not fit a line."""


def parse_statement(text: str) -> Statement:
    """Find a statement by its name.

    Raises:
        typer.BadParameter: there is no such statement.
    """
    for name, statement in STATEMENTS.items():
        if text == name:
            return statement
    raise typer.BadParameter(f"expected one of {STATEMENT_NAMES}")


def parse_field_element(text: str) -> int:
    """Read a field element: decimal, or hex with 0x.

    Raises:
        typer.BadParameter: neither, or not below the scalar modulus.
    """
    try:
        value = int(text, 16 if text.startswith("0x") else 10)
    except ValueError:
        raise typer.BadParameter("expected a number, decimal or in hex with 0x") from None
    if not 0 <= value < SCALAR_MODULUS:
        raise typer.BadParameter("not below the scalar modulus")
    return value


def parse_address(text: str) -> int:
    """Read an Ethereum address.

    Raises:
        typer.BadParameter: not 20 bytes in hex with 0x, or in mixed case with a wrong EIP-55 checksum.
    """
    digits = text.removeprefix("0x")
    is_hex = digits.isascii() and digits.isalnum() and all(c in "0123456789abcdef" for c in digits.lower())
    if digits == text or len(digits) != 2 * ADDRESS_BYTES or not is_hex:
        raise typer.BadParameter("expected an address: 0x and 40 hex digits")
    if digits not in (digits.lower(), digits.upper()) and not _has_checksum(text):
        raise typer.BadParameter("the EIP-55 checksum is wrong: a digit may be mistyped")
    return int(digits, 16)


def _has_checksum(address: str) -> bool:
    from eth_utils.address import is_checksum_address  # noqa: PLC0415 - slow to import, and for this case alone

    return is_checksum_address(address)


def as_address(value: int) -> str:
    """An address as 0x and 40 hex digits."""
    return f"0x{value:0{2 * ADDRESS_BYTES}x}"


StatementsOption = Annotated[
    list[Statement] | None,
    typer.Option(
        "--statement",
        metavar="NAME",
        parser=parse_statement,
        help=f"{STATEMENT_NAMES}; more than once.  [default: {' and '.join(MARGIN_STATEMENTS)}]",
    ),
]
"""Read with `wanted_statements`."""


def wanted_statements(given: list[Statement] | None) -> list[Statement]:
    """The statements of `StatementsOption`, with its default."""
    return [STATEMENTS[name] for name in MARGIN_STATEMENTS] if given is None else given


JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]

AccountOption = Annotated[
    Path, typer.Option("--account", metavar="FILE", help="Account file. It holds secrets: permissions 0600.")
]

RoundOption = Annotated[Path, typer.Option("--round", metavar="FILE", help="Price round file.")]

BookOption = Annotated[
    str | None,
    typer.Option(
        "--book",
        metavar="NAME|FILE",
        help="Book: a name in books/, or a file.  [default: the one that the file names]",
    ),
]

StatementOption = Annotated[
    MarginStatement,
    typer.Option(
        "--statement",
        help="margin: for a commitment from anywhere. margin-lean: only for commitments whose state was validated.",
    ),
]

KindOption = Annotated[
    VectorKind | None,
    typer.Option(
        "--kind",
        help="Margin that the proof is about: maintenance, or overdraft, which bounds the debt that spot may back.  "
        "[default: maintenance]",
    ),
]

RecipientOption = Annotated[
    int | None,
    typer.Option("--recipient", metavar="ADDRESS", parser=parse_address, help="Address that the proof is bound to."),
]

BackendOption = Annotated[
    BackendName | None,
    typer.Option("--backend", help="What makes the proof.  [default: native where it is installed, else snarkjs]"),
]
