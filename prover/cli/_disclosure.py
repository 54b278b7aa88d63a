"""What a chain learned of an account: every field of every transaction, beside what the owner knows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from prover.chain import Chain, Contract
from prover.cli._output import as_hex
from verifier import SCALAR_MODULUS

WORD_BYTES: Final = 32

_ORDER: Final = ("from", "to", "nonce", "value", "gas", "gasPrice", "maxFeePerGas", "maxPriorityFeePerGas")
_SIGNATURE: Final = ("accessList", "yParity", "v", "r", "s")


@dataclass(frozen=True)
class Step:
    """One transaction of the story.

    Attributes:
        title: what happened.
        known: what the owner knows at that moment, as lines; some of it secret.
        contract: whose call it was; None for a deployment.
    """

    title: str
    known: Sequence[str]
    contract: Contract | None = None


def two_columns(chain: Chain, steps: Sequence[Step], transactions: Sequence[Mapping[str, Any]]) -> Table:
    """The table at the end of the story.

    Args:
        chain: to decode calls with.
        steps: one a transaction, in order.
        transactions: as the network sees them.
    """
    table = Table(show_lines=True, expand=True)
    table.add_column("what the owner knows", ratio=2, overflow="fold")
    table.add_column("what the chain saw: every field of every transaction", ratio=5, overflow="fold")
    for step, transaction in zip(steps, transactions, strict=True):
        seen = Text.assemble((step.title + "\n", "bold"), "\n".join(_fields(chain, step, transaction)))
        table.add_row(Text("\n".join(step.known), style="yellow"), seen)
    return table


def _fields(chain: Chain, step: Step, transaction: Mapping[str, Any]) -> Iterable[str]:
    data = bytes(transaction["input"])
    if step.contract is None:
        yield f"input: {len(data)} bytes, the code of the contract and its public parameters"
    else:
        function, arguments = chain.decode(step.contract, data)
        yield f"input: {len(data)} bytes, a call of {function}"
        for name, value in arguments.items():
            yield from _argument(f"  {name}", value)
    rest = [name for name in transaction if name not in (*_ORDER, *_SIGNATURE, "input")]
    yield ", ".join(f"{name} {_text(transaction[name])}" for name in (*_ORDER, *rest) if name in transaction)
    yield ", ".join(f"{name} {_text(transaction[name])}" for name in _SIGNATURE if name in transaction)


def _argument(name: str, value: Any) -> Iterable[str]:
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
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1 << 96:
        return as_hex(value)
    return str(value)


def find_words(secrets: Mapping[str, int], haystack: Iterable[bytes]) -> list[str]:
    """Names of the secrets that stand somewhere as a 32-byte word: as a field element, or in two's complement.

    Args:
        secrets: integers by name; 0 is passed over, for it stands everywhere.
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
