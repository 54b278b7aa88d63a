"""What every command that pays for contracts does: check its target, rehearse, ask, and keep each address."""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Protocol, TypeVar

import typer

from prover.chain import Chain, Rehearsal
from prover.cli._chain import LOCAL_CHAINS, record_path
from prover.cli._deployment_list import PartialRecord, read_entries
from prover.cli._deployment_plan import DeploymentPlan
from prover.cli._files import require_new_target, require_target
from prover.cli._output import emit, note
from verifier import ChainError, InputError


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


T = TypeVar("T")


class SavedRecord(Protocol):
    """The record of a deployment."""

    def save(self, path: Path, *, overwrite: bool) -> None:
        """Write it. Raises InputError."""

    def to_json(self) -> dict[str, Any]:
        """The file form."""


@dataclass(frozen=True)
class DeploymentTarget:
    """Where the record of a deployment goes, and how much the user wants.

    Attributes:
        path: of the record.
        is_local: it is the local chain's own record, which a new deployment replaces.
        options: how far to go.
    """

    path: Path
    is_local: bool
    options: DeployOptions

    @classmethod
    def of(cls, deployment: Path | None, rpc: str | None, name: str, options: DeployOptions) -> "DeploymentTarget":
        """The target of a command, checked before anything is built, asked or sent.

        Args:
            deployment: what --deployment says.
            rpc: what --rpc says.
            name: of the local chain's own record.
            options: how far to go.

        Raises:
            InputError: the record cannot be written there, or would replace a file; or the list that an earlier
                deployment left is unreadable.
        """
        target = cls(record_path(deployment, rpc, name), deployment is None, options)
        if deployment is not None:
            require_new_target(target.path)
        if target.path.parent.exists():  # the local chain's folder is made with the chain
            require_target(target.path)
            _require_writable(target.path)
        read_entries(target.partial)
        return target

    @property
    def partial(self) -> Path:
        """The list of contracts that stand before the record is written."""
        return self.path.with_name(f"{self.path.name.removesuffix('.json')}.partial.json")


def carry_out(
    chain: Chain,
    target: DeploymentTarget,
    deploy: Callable[[Chain], T],
    record: Callable[[T], SavedRecord],
    then: Callable[[T], object] = lambda _: None,
    *,
    as_json: bool,
) -> T | None:
    """Deploy contracts and write their record; with --dry-run, print what that would take.

    Args:
        chain: where.
        target: of the record.
        deploy: deploys on the chain that it is given: once on a rehearsal, then on the chain itself.
        record: of what was deployed.
        then: what else is sent, once the record is written.
        as_json: of a dry run.

    Returns:
        What was deployed; None for a dry run.

    Raises:
        InputError: not confirmed, or the record cannot be written.
        ChainError: refused. Where contracts stand already, the error lists them and names the file that does.
    """
    is_public = chain.chain_id not in LOCAL_CHAINS
    if is_public and not target.options.dry_run and not target.options.yes and not has_terminal():
        raise InputError(
            f"chain {chain.chain_id} is a public one, and there is no terminal to ask whether to pay for contracts "
            "there: add --yes; nothing was sent"
        )
    if is_public or target.options.dry_run:
        plan = DeploymentPlan(_rehearse(chain, lambda on: then(deploy(on))), target.path)
        if target.options.dry_run:
            emit(plan.to_json(), plan.render, as_json=as_json)
            return None
        plan.ask(yes=target.options.yes)
    with _listed(target.partial, chain) as (listing, journalled):
        made = deploy(journalled)
        written = record(made)
        if target.is_local and target.path.exists():
            note(f"the local chain has a new {target.path.stem}; the one before is no longer known by name")
        try:
            written.save(target.path, overwrite=target.is_local)
        except InputError:
            note(f"the record, for a file to be named with --deployment: {json.dumps(written.to_json())}")
            raise
        listing.remove()
    try:
        then(made)
    except BaseException:
        note(f"the contracts are deployed, and {target.path} is their record")
        raise
    return made


def has_terminal() -> bool:
    """Whether a question would be answered by a person."""
    return sys.stdin.isatty()


def _rehearse(chain: Chain, send: Callable[[Chain], object]) -> Rehearsal:
    rehearsal = Rehearsal(chain)
    try:
        send(rehearsal)
    except ChainError as error:
        error.args = (f"{error}; nothing was sent",)
        raise
    return rehearsal


@contextmanager
def _listed(path: Path, chain: Chain) -> Iterator[tuple[PartialRecord, Chain]]:
    listing = PartialRecord(path, chain.chain_id)
    try:
        yield listing, chain.with_journal(listing)
    except BaseException as error:
        listing.fail(error)
        raise


def _require_writable(path: Path) -> None:
    """A folder that takes no file is found by trying: permissions do not tell of read-only mounts."""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}."):
            pass
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror})") from None
