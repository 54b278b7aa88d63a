"""Bytes as text to be copied and typed, with a checksum.

A text is a prefix, which names kind and version and ends in a 1, and then bytes in base32 with a checksum. It is of
letters and digits only: a double click selects it all, and no chat program takes a part of it for markup. The checksum
is a CRC-32: it finds every single wrong character, every two neighbours that are swapped, and all but one in 2^32 of
other errors. It is not a signature: an attacker can recompute it.
"""

import base64
import zlib
from typing import Final

from verifier import InputError

_CHECKSUM_BYTES: Final = 4


def text_of(data: bytes, where: str) -> str:
    """Decode what must be ASCII text. Raises InputError, without quoting it, when it is not."""
    try:
        return data.decode("ascii")
    except UnicodeDecodeError:
        raise InputError(f"{where}: not plain text") from None


def encode_checked(prefix: str, payload: bytes) -> str:
    """Bytes as text with a checksum.

    Args:
        prefix: kind and version, ending in 1, which is no digit of base32.
        payload: the bytes.
    """
    # little-endian, as a CRC-32 continues its message: only so are errors across their border found for certain
    checksum = zlib.crc32(prefix.encode() + payload).to_bytes(_CHECKSUM_BYTES, "little")
    return prefix + base64.b32encode(payload + checksum).decode().rstrip("=").lower()


def decode_checked(prefix: str, text: str, lengths: tuple[int, ...], what: str) -> bytes:
    """Undo `encode_checked`, taking no other spelling.

    Args:
        prefix: the one expected.
        text: perhaps with whitespace around it.
        lengths: that the bytes can have.
        what: what it should be, for the error.

    Raises:
        InputError: another kind of text, cut short, or mistyped. The text is not quoted.
    """
    text = text.strip()
    if not text.startswith(prefix):
        raise InputError(f"{what}: it does not begin with {prefix}")
    digits = text.removeprefix(prefix)
    if len(digits) not in {_digits(length) for length in lengths}:
        raise InputError(f"{what}: characters are missing, or too many")
    try:
        payload = base64.b32decode(digits.upper() + "=" * (-len(digits) % 8))[:-_CHECKSUM_BYTES]
    except ValueError:
        payload = b""
    if encode_checked(prefix, payload) != text:
        raise InputError(f"{what}: mistyped or damaged, its checksum is wrong")
    return payload


def _digits(length: int) -> int:
    """How many digits of five bits hold a payload and its checksum."""
    return -(-8 * (length + _CHECKSUM_BYTES) // 5)
