"""Passphrases of encrypted files: asked for without being shown, or read from a file; never an argument."""

from pathlib import Path
from typing import Annotated, Final

import typer

from prover._files import read_private
from verifier import InputError

MAX_BYTES: Final = 4096

PassphraseFileOption = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        metavar="FILE",
        help="File whose first line is the passphrase: permissions 0600.  [default: it is asked for]",
    ),
]


def ask_passphrase(what: str, file: Path | None, *, confirm: bool = False) -> str:
    """The passphrase of an encrypted file.

    Args:
        what: the file that it opens, for the prompt ("wallet").
        file: what --passphrase-file says; None asks on the terminal.
        confirm: it is a new one: ask twice.

    Raises:
        InputError: the file cannot be read, is open to other users, or its first line is empty or no text.
        typer.Abort: nobody answered.
    """
    if file is not None:
        return _first_line(file)
    prompt = f"{'new ' if confirm else ''}passphrase of the {what}"
    answer: str = typer.prompt(prompt, hide_input=True, confirmation_prompt=confirm, err=True)
    return answer


def _first_line(file: Path) -> str:
    lines = read_private(file, "passphrase file", MAX_BYTES).splitlines()
    try:
        passphrase = lines[0].decode() if lines else ""
    except UnicodeDecodeError:  # its own message quotes the bytes
        raise InputError(f"passphrase file {file}: not UTF-8 text") from None
    if not passphrase:
        raise InputError(f"passphrase file {file}: its first line is empty")
    return passphrase
