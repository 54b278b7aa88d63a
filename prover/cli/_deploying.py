"""What every command that pays for contracts does: check its target, show what it will send, and ask."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from prover.chain import Chain
from prover.cli._deployment_plan import plan_json, render_plan
from prover.cli._node_options import record_path
from prover.cli._output import emit, errors
from prover.cli._questions import agrees, has_terminal
from prover.onchain import (
    DeploymentKind,
    DeploymentPlan,
    DeploymentRecord,
    DeploymentSteps,
    DeploymentTarget,
    deploy,
    is_local_chain,
)
from verifier import InputError

T = TypeVar("T")


@dataclass(frozen=True)
class DeployOptions:
    """Whether a deployment is carried out, and whether that is asked about.

    Attributes:
        dry_run: show what would be deployed.
        yes: ask nothing.
    """

    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be deployed, and at which cost; send nothing.")
    ] = False
    yes: Annotated[
        bool, typer.Option("--yes", help="Deploy on a public chain without asking. On a local one nothing is asked.")
    ] = False


def deployment_target(deployment: Path | None, rpc: str | None, kind: DeploymentKind) -> DeploymentTarget:
    """Where the record of a deployment goes.

    Args:
        deployment: what --deployment says.
        rpc: what --rpc says.
        kind: what will be deployed.

    Raises:
        InputError: a chain of one's own needs a record of one's own; or as for `DeploymentTarget`.
    """
    path = record_path(deployment, rpc, kind)
    return DeploymentTarget.local(kind) if deployment is None else DeploymentTarget.new(path)


def record_facts(record: DeploymentRecord) -> dict[str, Any]:
    """What is told of a deployment; the contract `book` not by the name of its list of assets."""
    contracts = {"margin_book" if role == "book" else role: address for role, address in record.contracts.items()}
    facts = {"chain_id": record.chain_id, "book": record.book, "book_digest": record.book_digest, **contracts}
    return facts | ({"tokens": record.tokens} if record.tokens else {})


def carry_out(
    chain: Chain, target: DeploymentTarget, steps: DeploymentSteps[T], options: DeployOptions, *, as_json: bool
) -> T | None:
    """Deploy contracts and write their record; with --dry-run, print what that would take.

    Args:
        chain: where.
        target: of the record.
        steps: what is deployed.
        options: whether it is.
        as_json: of a dry run.

    Returns:
        What was deployed; None for a dry run.

    Raises:
        As `deploy`; InputError also when there is no terminal to ask at.
    """
    if options.dry_run:
        plan = DeploymentPlan.rehearse(chain, steps)
        emit(plan_json(plan, target.path), lambda console: render_plan(console, plan, target.path), as_json=as_json)
        return None
    if not options.yes and not is_local_chain(chain.chain_id) and not has_terminal():
        raise InputError(
            f"chain {chain.chain_id} is a public one, and there is no terminal to ask whether to pay for contracts "
            "there: add --yes; nothing was sent"
        )

    def confirm(plan: DeploymentPlan) -> bool:
        render_plan(errors(), plan, target.path)
        return options.yes or agrees("send this, and pay for it?")

    return deploy(chain, target, steps, confirm)
