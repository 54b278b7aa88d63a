"""What a deployment would send and cost, for people and machines."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from prover.chain import PlannedTransaction
from prover.cli._ether import ether
from prover.cli._output import print_facts, warn
from prover.onchain import DeploymentPlan

if TYPE_CHECKING:
    from rich.console import Console

_EXACT_IN_JSON: Final = 1 << 53


def plan_json(plan: DeploymentPlan, record: Path) -> dict[str, Any]:
    """A plan as one JSON object; amounts in wei.

    Args:
        plan: the deployment.
        record: the file of its record.
    """
    return {
        "dry_run": True,
        "chain_id": plan.chain_id,
        "sender": plan.sender,
        "deployment": str(record),
        "transactions": [_transaction_json(item) for item in plan.transactions],
        "estimated_gas": plan.gas,
        "gas_price": plan.gas_price,
        "value": plan.value,
        "estimated_cost": plan.cost,
        "balance": plan.balance,
    }


def render_plan(console: "Console", plan: DeploymentPlan, record: Path) -> None:
    """Print each transaction in order, then the sum. Arguments as for `plan_json`."""
    for number, item in enumerate(plan.transactions, 1):
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
            ("chain id", str(plan.chain_id)),
            ("sender", plan.sender),
            ("balance", ether(plan.balance)),
            ("sends", ether(plan.value)),
            ("gas, estimate", f"{plan.gas:,} at {plan.gas_price:,} wei"),
            ("cost, estimate", ether(plan.cost)),
            ("record", str(record)),
        ],
    )
    if plan.balance < plan.cost:
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
