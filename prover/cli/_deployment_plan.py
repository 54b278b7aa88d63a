"""What a deployment would send and cost, for people and machines."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from prover.chain import PlannedTransaction, Rehearsal
from prover.cli._ether import ether
from prover.cli._output import errors, print_facts, warn
from verifier import InputError

if TYPE_CHECKING:
    from rich.console import Console

_EXACT_IN_JSON: Final = 1 << 53


class DeploymentPlan:
    """What a deployment would send, for people and machines."""

    def __init__(self, rehearsal: Rehearsal, record: Path) -> None:
        self._rehearsal = rehearsal
        self._record = record
        self._gas_price = rehearsal.gas_price()
        self._cost = rehearsal.gas * self._gas_price + rehearsal.value
        self._balance = rehearsal.balance(rehearsal.sender)

    def ask(self, *, yes: bool) -> None:
        """Show it on stderr, and ask. Raises InputError for a no."""
        self.render(errors())
        if not yes and not typer.confirm("send this, and pay for it?", err=True):
            raise InputError("not confirmed: nothing was sent")

    def to_json(self) -> dict[str, Any]:
        """One JSON object; amounts in wei."""
        return {
            "dry_run": True,
            "chain_id": self._rehearsal.chain_id,
            "sender": self._rehearsal.sender,
            "deployment": str(self._record),
            "transactions": [_transaction_json(item) for item in self._rehearsal.planned],
            "estimated_gas": self._rehearsal.gas,
            "gas_price": self._gas_price,
            "value": self._rehearsal.value,
            "estimated_cost": self._cost,
            "balance": self._balance,
        }

    def render(self, console: "Console") -> None:
        """Print each transaction in order, then the sum."""
        for number, item in enumerate(self._rehearsal.planned, 1):
            call = f"{item.contract}.{item.function}" if item.function else f"{item.contract}"
            source = "asked of the node" if item.gas_is_from_node else "from sizes of code and arguments"
            facts = [("address", item.address)] if item.function else [("expected address", item.address)]
            facts += [(name, text) for key, value in item.settings.items() for name, text in _lines(key, value)]
            if item.value:
                facts.append(("sends", ether(item.value)))
            console.print(f"{number}. {call}")
            facts.append(("gas, estimate", f"{item.gas:,} ({source})"))
            print_facts(console, [(f"   {name}", text) for name, text in facts])
        console.print()
        print_facts(
            console,
            [
                ("chain id", str(self._rehearsal.chain_id)),
                ("sender", self._rehearsal.sender),
                ("balance", ether(self._balance)),
                ("sends", ether(self._rehearsal.value)),
                ("gas, estimate", f"{self._rehearsal.gas:,} at {self._gas_price:,} wei"),
                ("cost, estimate", ether(self._cost)),
                ("record", str(self._record)),
            ],
        )
        if self._balance < self._cost:
            warn("the sender has less than the estimated cost")


def _transaction_json(item: PlannedTransaction) -> dict[str, Any]:
    return {
        "contract": item.contract,
        "function": item.function,
        "address": item.address,
        "settings": _exact(item.settings),
        "value": item.value,
        "gas": item.gas,
        "gas_from": "node" if item.gas_is_from_node else "size",
    }


def _exact(value: Any) -> Any:
    """A value of JSON: text for an integer that readers in other languages would round."""
    if isinstance(value, Mapping):
        return {key: _exact(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(entry) for entry in value]
    return str(value) if isinstance(value, int) and value >= _EXACT_IN_JSON else value


def _lines(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """One line a setting; one a struct, in a list of them."""
    exact = _exact(value)
    if isinstance(exact, Mapping):
        for key, entry in exact.items():
            yield from _lines(f"{name} {key}", entry)
    elif isinstance(exact, list) and exact and isinstance(exact[0], Mapping):
        for index, entry in enumerate(exact):
            yield f"{name} {index}", ", ".join(f"{key} {field}" for key, field in entry.items())
    else:
        yield name, _text(exact)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(f"({_text(entry)})" if isinstance(entry, list) else str(entry) for entry in value) or "none"
    return str(value)
