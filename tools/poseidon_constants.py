"""Writes prover/account/_poseidon_constants.bin: round constants and MDS matrices of Poseidon, drawn as circomlib did.

Source: Grassi, Khovratovich, Rechberger, Roy, Schofnegger, "Poseidon: A New Hash Function for Zero-Knowledge Proof
Systems", USENIX Security 2021: appendix E (the Grain LFSR that draws round constants and the Cauchy matrix).
"""

from collections.abc import Iterator
from itertools import chain, islice
from typing import Final

from prover.account import CONSTANTS, FULL_ROUNDS, MAX_INPUTS, PARTIAL_ROUNDS
from verifier import SCALAR_MODULUS

FIELD_BITS: Final = 254

DISCARDED: Final = 160
"""Bits that the LFSR gives before the first that counts."""


def draw(width: int) -> list[list[int]]:
    """The round constants for a state of `width` elements, a row a round; then the rows of the MDS matrix."""
    partial_rounds = PARTIAL_ROUNDS[width - 2]
    rounds = FULL_ROUNDS + partial_rounds
    drawn = grain_elements(width, partial_rounds)
    constants: list[int] = []
    while len(constants) < rounds * width:
        element = next(drawn)
        if element < SCALAR_MODULUS:  # constants are drawn by rejection; the matrix is drawn modulo r
            constants.append(element)
    xs = [next(drawn) for _ in range(width)]
    ys = [next(drawn) for _ in range(width)]
    matrix = [[pow(x + y, -1, SCALAR_MODULUS) for y in ys] for x in xs]
    return [constants[i * width : (i + 1) * width] for i in range(rounds)] + matrix


def grain_elements(width: int, partial_rounds: int) -> Iterator[int]:
    """Integers of 254 bits from the Grain LFSR in self-shrinking mode (appendix E)."""
    bits = islice(chain.from_iterable(grain_pieces(width, partial_rounds)), DISCARDED, None)
    kept = (bit for keep, bit in zip(bits, bits, strict=False) if keep == "1")
    while True:
        yield int("".join(islice(kept, FIELD_BITS)), 2)


def grain_pieces(width: int, partial_rounds: int) -> Iterator[str]:
    """The LFSR b[i+80] = b[i+62] + b[i+51] + b[i+38] + b[i+23] + b[i+13] + b[i], in ever longer pieces.

    Squaring a polynomial over GF(2) doubles its exponents, so the recurrence also holds with all distances times a
    power of two, and the newest tap is then 18 times that back: so many bits are computed at once.
    """
    # field = 1 (prime), S-box = 0 (x^alpha), n, t, R_F, R_P, thirty ones
    seed = f"{1:02b}{0:04b}{FIELD_BITS:012b}{width:012b}{FULL_ROUNDS:010b}{partial_rounds:010b}{'1' * 30}"
    stream, length = int(seed[::-1], 2), len(seed)  # bit i of `stream` is b[i]
    while True:
        scale = 1 << (length // 80).bit_length() - 1
        start, count = length - 80 * scale, 18 * scale
        fresh = 0
        for tap in (62, 51, 38, 23, 13, 0):
            fresh ^= stream >> start + tap * scale
        fresh &= (1 << count) - 1
        stream |= fresh << length
        length += count
        yield f"{fresh:0{count}b}"[::-1]


def main() -> None:
    """Write the file."""
    elements = [element for width in range(2, MAX_INPUTS + 2) for row in draw(width) for element in row]
    CONSTANTS.write_bytes(b"".join(element.to_bytes(32, "big") for element in elements))


if __name__ == "__main__":
    main()
