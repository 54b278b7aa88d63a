"""What a chain learned of an account: every field of every transaction, and a search for secrets among them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from prover.chain import Chain, Contract
from verifier import SCALAR_MODULUS

WORD_BYTES: Final = 32

_ORDER: Final = ("from", "to", "nonce", "value", "gas", "gasPrice", "maxFeePerGas", "maxPriorityFeePerGas")
_SIGNATURE: Final = ("accessList", "yParity", "v", "r", "s")
_LARGE: Final = 1 << 96
"""Field elements and coordinates are at least this large, and are written in hex."""


def transaction_lines(chain: Chain, transaction: Mapping[str, Any], contract: Contract | None) -> Iterator[str]:
    """Every field of a transaction, as lines of text.

    Args:
        chain: decodes calls.
        transaction: as the network sees it.
        contract: which it calls; None for a deployment.
    """
    data = bytes(transaction["input"])
    if contract is None:
        yield f"input: {len(data)} bytes, the code of the contract and its public parameters"
    else:
        function, arguments = chain.decode(contract, data)
        yield f"input: {len(data)} bytes, a call of {function}"
        for name, value in arguments.items():
            yield from _argument(f"  {name}", value)
    rest = [name for name in transaction if name not in (*_ORDER, *_SIGNATURE, "input")]
    yield ", ".join(f"{name} {_text(transaction[name])}" for name in (*_ORDER, *rest) if name in transaction)
    yield ", ".join(f"{name} {_text(transaction[name])}" for name in _SIGNATURE if name in transaction)


def _argument(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for field, item in value.items():
            yield from _argument(f"{name}.{field}", item)
    elif isinstance(value, list | tuple):
        yield f"{name} [{', '.join(map(_text, value))}]"
    else:
        yield f"{name} {_text(value)}"


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    if isinstance(value, int) and not isinstance(value, bool) and value >= _LARGE:
        return f"0x{value:064x}"
    return str(value)


def find_words(secrets: Mapping[str, int], haystack: Iterable[bytes]) -> list[str]:
    """Names of the secrets that occur somewhere as a 32-byte word: as a field element, or in two's complement.

    Args:
        secrets: integers by name; 0 is passed over, for it occurs everywhere.
        haystack: everything the chain keeps.
    """
    data = b"".join(haystack)
    return [
        name
        for name, value in secrets.items()
        if value
        and any(
            word in data
            for word in (
                (value % SCALAR_MODULUS).to_bytes(WORD_BYTES, "big"),
                (value % (1 << 8 * WORD_BYTES)).to_bytes(WORD_BYTES, "big"),
            )
        )
    ]
