"""Reading untrusted JSON: bounded size, strict numbers, errors that name the place."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from verifier._errors import InputError
from verifier._input_file import read_input_file

MAX_FILE_BYTES: Final = 4 * 1024 * 1024
"""Files of the project are far smaller; a larger one is refused before it is read."""

MAX_N: Final = 58
"""Slots of the largest book."""

_MAX_DIGITS: Final = 78  # of 2^256

_MAX_DEPTH: Final = 64
"""Python's own limit does not hold here: py_ecc raises it beyond the C stack."""

_BRACKET: Final = re.compile(r"[][{}]")


def read_json(path: Path, what: str) -> object:
    """Parse a JSON file of at most `MAX_FILE_BYTES`.

    Args:
        path: the file.
        what: what it should be, for the error ("proof", "price round").

    Raises:
        InputError: missing, unreadable, not a regular file, too large, not UTF-8 or not JSON.
    """
    where = f"{what} {path}"
    return parse_json(read_input_file(path, where, MAX_FILE_BYTES), where)


def parse_json(data: bytes | str, where: str) -> object:
    """Parse JSON text. Duplicate names and NaN are refused: they have no one meaning.

    Raises:
        InputError: `where` and the line and column of the fault; never the text itself.
    """
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
        if is_deeply_nested(text):
            raise _BadJsonError("nested deeper than any file of this project")
        value: object = json.loads(text, object_pairs_hook=_unique_names, parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise InputError(f"{where}: not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise InputError(f"{where}: not JSON (line {error.lineno}, column {error.colno}: {error.msg})") from None
    except ValueError as error:
        reason = str(error) if isinstance(error, _BadJsonError) else "a number with too many digits"
        raise InputError(f"{where}: {reason}") from None
    return value


def is_deeply_nested(text: str) -> bool:
    """Whether JSON text may nest deeper than `_MAX_DEPTH`: brackets in strings count too."""
    depth = 0
    for match in _BRACKET.finditer(text):
        depth += 1 if match[0] in "[{" else -1
        if depth > _MAX_DEPTH:
            return True
    return False


class _BadJsonError(ValueError):
    pass


def _unique_names(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _BadJsonError("an object has the same name twice")
    return result


def _refuse_constant(name: str) -> object:
    raise _BadJsonError(f"{name} is not a number")


def as_object(value: object, where: str, names: Sequence[str], optional: Sequence[str] = ()) -> Mapping[str, object]:
    """Check that a value is a JSON object with exactly these names.

    Raises:
        InputError: another type, a name missing, or a name that is not known.
    """
    if not isinstance(value, dict):
        raise InputError(f"{where}: expected an object")
    for name in names:
        if name not in value:
            raise InputError(f"{where}: {name!r} is missing")
    for name in value:
        if name not in names and name not in optional:
            raise InputError(f"{where}: unknown name {name[:40]!r}")
    return value


def as_list(value: object, where: str, length: int | None = None) -> Sequence[object]:
    """Check that a value is a JSON array, of `length` when that is given."""
    if not isinstance(value, list):
        raise InputError(f"{where}: expected a list")
    if length is not None and len(value) != length:
        raise InputError(f"{where}: expected {length} items, found {len(value)}")
    return value


def as_string(value: object, where: str) -> str:
    """Check that a value is a JSON string."""
    if not isinstance(value, str):
        raise InputError(f"{where}: expected a string")
    return value


def parse_natural(value: object, where: str) -> int:
    """Read a natural number written as a decimal string, as snarkjs writes them.

    A JSON number is refused: readers in other languages round it to 53 bits.

    Raises:
        InputError: not a string of ASCII digits, a leading zero, or longer than 2^256.
    """
    text = as_string(value, where)
    if not (text.isascii() and text.isdigit()) or len(text) > _MAX_DIGITS or (len(text) > 1 and text[0] == "0"):
        raise InputError(f"{where}: expected a natural number as a decimal string")
    return int(text)


def parse_digest(value: object, where: str) -> str:
    """Read a SHA-256 digest in hex, as files name books, rounds and keys.

    Raises:
        InputError: not 64 lower-case hex digits.
    """
    text = as_string(value, where)
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise InputError(f"{where}: expected a digest of 64 hex digits")
    return text


def parse_size(value: object, where: str) -> int:
    """Read N, the number of slots of a book.

    Raises:
        InputError: not a number from 1 to `MAX_N`.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= MAX_N:
        raise InputError(f"{where}: expected a number from 1 to {MAX_N}")
    return value
