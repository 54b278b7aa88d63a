"""Passphrases: one spelling for what is written, every spelling of it for what is opened.

One text has several encodings: an e with an accent is one code point or two, as the keyboard or system likes it, and
some editors begin a file with a byte order mark. They look alike, and give different keys.
"""

import unicodedata
from pathlib import Path
from typing import Final, Literal

from prover.storage._files import read_private
from verifier import InputError

MIN_LENGTH: Final = 8
"""Characters of a new passphrase. With scrypt's second a guess, shorter ones fall to a search."""

MAX_BYTES: Final = 4096
"""Of a file with a passphrase."""

_BYTE_ORDER_MARK: Final = "\ufeff"


def new_passphrase(text: str) -> str:
    """The form in which a new passphrase encrypts: its normal form.

    Raises:
        InputError: it is shorter than `MIN_LENGTH` characters, or no Unicode text.
    """
    passphrase = normal_passphrase(text)
    if len(passphrase) < MIN_LENGTH:
        raise InputError(
            f"the passphrase is shorter than {MIN_LENGTH} characters: choose a longer one, for instance several words"
        )
    return passphrase


def read_passphrase(file: Path) -> str:
    """The first line of a file that only its owner can open, or of a pipe.

    Raises:
        InputError: the file cannot be read, is open to other users, or its first line is empty or no text.
    """
    lines = read_private(file, "passphrase file", MAX_BYTES, pipes=True).splitlines()
    try:
        passphrase = lines[0].decode() if lines else ""
    except UnicodeDecodeError:  # its own message quotes the bytes
        raise InputError(f"passphrase file {file}: not UTF-8 text") from None
    if not passphrase.removeprefix(_BYTE_ORDER_MARK):
        raise InputError(f"passphrase file {file}: its first line is empty")
    return passphrase


def normal_passphrase(text: str) -> str:
    """Unicode NFC, without a byte order mark at its start.

    Raises:
        InputError: it is empty, or no Unicode text.
    """
    return _normalized(text, "NFC")


def passphrase_spellings(text: str) -> tuple[str, ...]:
    """What a passphrase may have been encrypted as: as it is given, in NFC and in NFD. For most all three are the same.

    Each costs a second or more to try. The first is as given, since other programs encrypt with what was typed.

    Raises:
        InputError: it is empty, or no Unicode text.
    """
    return tuple(dict.fromkeys((text, normal_passphrase(text), _normalized(text, "NFD"))))


def _normalized(text: str, form: Literal["NFC", "NFD"]) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:  # its own message quotes the character
        raise InputError("the passphrase is not valid Unicode text") from None
    passphrase = unicodedata.normalize(form, text.removeprefix(_BYTE_ORDER_MARK))
    if not passphrase:
        raise InputError("the passphrase is empty")
    return passphrase
