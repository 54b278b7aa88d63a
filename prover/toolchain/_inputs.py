"""What both backends demand of what they are given."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from verifier import SCALAR_MODULUS, InputError, Proof, Value, VerificationError, VerifyingKey

Inputs = Mapping[str, str | Sequence[str]]
"""Circuit inputs by signal name: field elements as decimal strings in [0, r). Secret."""

_DECIMAL: Final = re.compile(r"[0-9]{1,77}")


def to_inputs(values: Mapping[str, Value]) -> Inputs:
    """Write inputs as provers take them.

    Args:
        values: field elements, by signal name.
    """
    return {
        name: str(value) if isinstance(value, int) else [str(element) for element in value]
        for name, value in values.items()
    }


def require_decimals(inputs: Inputs) -> None:
    """Refuse what circom would reduce or misread. Values stay out of the error: they are secret.

    Raises:
        InputError: a value is no decimal string below r.
    """
    for name, value in inputs.items():
        for item in [value] if isinstance(value, str) else value:
            if not _DECIMAL.fullmatch(item) or int(item) >= SCALAR_MODULUS:
                raise InputError(f"inputs of the circuit: {name} holds a value that is no decimal string below r")


def require_well_formed(key: VerifyingKey, signals: Sequence[str], proof: Mapping[str, Any]) -> None:
    """Refuse to verify what is not of the form that snarkjs writes.

    Raises:
        InputError: signals or proof are malformed.
        VerificationError: `key-without-contribution`, or `wrong-number-of-signals`.
    """
    key.require_contribution()
    if len(signals) != key.public_count:
        raise VerificationError(
            "wrong-number-of-signals", f"the key takes {key.public_count} signals, {len(signals)} were given"
        )
    if not all(_DECIMAL.fullmatch(signal) for signal in signals):
        raise InputError("a public signal is no decimal string")
    Proof.from_json(dict(proof))
