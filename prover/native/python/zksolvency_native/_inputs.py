"""Circuit inputs, from Python values to what the witness calculator takes."""

import re
from collections.abc import Iterator, Mapping, Sequence

from zksolvency_native._native import InputError

InputValue = int | str | Sequence["InputValue"]
"""A number, its decimal string, or a list of them, nested for an array of arrays. Taken modulo r."""

_DECIMAL = re.compile(r"-?[0-9]{1,100}")

FIELD_ORDER = 21888242871839275222246405745257275088548364400416034343698204186575808495617


def flatten(name: str, value: InputValue) -> Iterator[int]:
    """The numbers of one input signal, in order, each in [0, r).

    Raises:
        InputError: something is no number. The value is secret and stays out of the message.
    """
    if isinstance(value, int):
        yield value % FIELD_ORDER
    elif isinstance(value, str):
        yield _number(name, value) % FIELD_ORDER
    elif isinstance(value, Sequence):
        for item in value:
            yield from flatten(name, item)
    else:
        raise InputError(f"input {name}: neither a number nor a list")


def signals(inputs: Mapping[str, InputValue]) -> Iterator[tuple[str, list[int]]]:
    """Each input signal with its numbers. Raises as `flatten`."""
    for name, value in inputs.items():
        yield name, list(flatten(name, value))


def signal_hash(name: str) -> tuple[int, int]:
    """FNV-1a of a signal's name, by which circom looks it up, as high and low word."""
    digest = 0xCBF29CE484222325
    for byte in name.encode():
        digest = (digest ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return digest >> 32, digest & 0xFFFFFFFF


def _number(name: str, text: str) -> int:
    if _DECIMAL.fullmatch(text) is None:  # `int` takes spaces and underscores too
        raise InputError(f"input {name}: not a number")
    return int(text)
