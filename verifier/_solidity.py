"""Solidity verifiers: a verifying key as a contract that extends contracts/src/groth16/Groth16Verifier.sol."""

from collections.abc import Iterable, Sequence
from string import Template
from typing import Final

from verifier._errors import VerificationError
from verifier._groth16 import require_valid_key
from verifier._keys import VerifyingKey
from verifier._proof import G1Point, G2Point
from verifier._statements import StatementName, signal_counts

_WORD: Final = 0x20
_PAIR: Final = 6 * _WORD  # a point of G1 and one of G2: an item of the pairing's input


def solidity_contract_name(statement: StatementName, n: int) -> str:
    """The contract that verifies a statement instance: "margin-lean", 13 is MarginLean13Verifier."""
    return "".join(word.capitalize() for word in statement.split("-")) + f"{n}Verifier"


def solidity_verifier(key: VerifyingKey, *, groth16: str = "../src/groth16") -> str:
    """Write the contract of a verifying key: by default a file for `contracts/generated/`.

    The contract verifies what the key says it is a key of, and splits its public signals into the proof's own and the
    round's.

    Args:
        key: verifying key of a statement instance.
        groth16: the folder of Groth16Verifier.sol, as the contract imports it.

    Returns:
        Solidity source, the same for the same key and folder.

    Raises:
        VerificationError: `key-without-contribution`, `wrong-number-of-signals`, `coordinate-not-in-field`,
            `point-not-on-curve`, `point-not-in-subgroup`.
    """
    proof_inputs, round_inputs = signal_counts(key.statement, key.n)
    if key.public_count != proof_inputs + round_inputs:
        raise VerificationError(
            "wrong-number-of-signals",
            f"{key.instance} has {proof_inputs + round_inputs} public signals, the key takes {key.public_count}",
        )
    require_valid_key(key)

    from importlib.resources import files  # noqa: PLC0415 - slow to import, and for those who write contracts

    constant, points = key.ic[0], key.ic[1:]
    template = files("verifier").joinpath("templates/Groth16Verifier.sol").read_text(encoding="utf-8")
    return Template(
        template
    ).substitute(
        contract=solidity_contract_name(key.statement, key.n),
        statement=key.instance,
        origin=key.origin,
        is_development=str(key.origin == "development").lower(),
        digest=f"0x{key.digest()}",
        groth16=groth16,
        proof_inputs=proof_inputs,
        round_inputs=round_inputs,
        pairs=_stores(
            "pairs",
            [
                *_at(0, [*_g1(key.alpha), *_g2(key.beta)]),
                *_at(_PAIR + 2 * _WORD, _g2(key.gamma)),
                *_at(2 * _PAIR + 2 * _WORD, _g2(key.delta)),
            ],
        ),
        constant=_stores("point", _at(0, _g1(constant))),
        proof_points=_stores("points", _at(0, _words(points[:proof_inputs]))),
        round_points_at=" points" if round_inputs else "",  # a name that nothing uses would be a warning
        round_points=_stores("points", _at(0, _words(points[proof_inputs:]))),
    )


def _g1(point: G1Point) -> list[int]:
    return [point.x, point.y]


def _g2(point: G2Point) -> list[int]:
    """In the order of the precompile: the coefficient of u first."""
    return [point.x[1], point.x[0], point.y[1], point.y[0]]


def _at(offset: int, words: Sequence[int]) -> list[tuple[int, int]]:
    return [(offset + _WORD * i, word) for i, word in enumerate(words)]


def _words(points: Sequence[G1Point]) -> list[int]:
    return [word for point in points for word in _g1(point)]


def _stores(base: str, stores: Iterable[tuple[int, int]]) -> str:
    return "\n".join(
        " " * 12 + f"mstore({f'add({base}, {offset:#x})' if offset else base}, {word:#066x})" for offset, word in stores
    )
