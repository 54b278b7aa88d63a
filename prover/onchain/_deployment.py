"""Deploying contracts: rehearsed where it costs something, with each address kept, and a record at the end."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, Self, TypeVar

from prover.chain import Chain, PlannedTransaction, Rehearsal
from prover.onchain._connection import is_local_chain
from prover.onchain._deployment_journal import JournalFile, read_journal
from prover.onchain._deployment_record import DeploymentKind, DeploymentRecord, local_record
from prover.storage import require_new_target, require_target, require_writable
from verifier import ChainError, InputError

_LOG: Final = logging.getLogger("prover.onchain")

T = TypeVar("T")


def _nothing(_: object) -> None:
    """What follows most deployments."""


@dataclass(frozen=True)
class DeploymentSteps(Generic[T]):
    """What a deployment does.

    Attributes:
        deploy: deploys on the chain that it is given: on a rehearsal, then on the chain itself.
        record: of what was deployed.
        after: what else is sent, once the record is written.
    """

    deploy: Callable[[Chain], T]
    record: Callable[[T], DeploymentRecord]
    after: Callable[[T], object] = _nothing


@dataclass(frozen=True)
class DeploymentPlan:
    """What a deployment would send, and what it would cost.

    Attributes:
        chain_id: of the chain.
        sender: pays for it.
        transactions: in order.
        gas: estimate for all of them.
        gas_price: now [wei].
        value: what all transactions send along [wei].
        cost: estimate [wei].
        balance: of the sender [wei].
    """

    chain_id: int
    sender: str
    transactions: tuple[PlannedTransaction, ...]
    gas: int
    gas_price: int
    value: int
    cost: int
    balance: int

    @classmethod
    def rehearse(cls, chain: Chain, steps: DeploymentSteps[T]) -> Self:
        """Rehearse a deployment; nothing is sent.

        Raises:
            ChainError: the node, or a contract, would refuse.
            InputError: as `steps.deploy`.
        """
        rehearsal = Rehearsal(chain)
        try:
            steps.after(steps.deploy(rehearsal))
        except ChainError as error:
            error.args = (f"{error}; nothing was sent",)
            raise
        gas_price = rehearsal.gas_price()
        return cls(
            chain_id=rehearsal.chain_id,
            sender=rehearsal.sender,
            transactions=tuple(rehearsal.planned),
            gas=rehearsal.gas,
            gas_price=gas_price,
            value=rehearsal.value,
            cost=rehearsal.gas * gas_price + rehearsal.value,
            balance=rehearsal.balance(rehearsal.sender),
        )


@dataclass(frozen=True)
class DeploymentTarget:
    """Where the record of a deployment goes.

    Attributes:
        path: of the record.
        is_local: it is the local chain's own record, which a new deployment replaces.
    """

    path: Path
    is_local: bool

    @classmethod
    def new(cls, path: Path) -> Self:
        """A new file, checked before anything is built, asked or sent.

        Raises:
            InputError: the record cannot be written there, or would replace a file; or the list that an earlier
                deployment left is unreadable.
        """
        require_new_target(path)
        return cls(path, is_local=False)._checked()

    @classmethod
    def local(cls, kind: DeploymentKind) -> Self:
        """The local chain's own record. Raises as `new`."""
        return cls(local_record(kind), is_local=True)._checked()

    @property
    def journal(self) -> Path:
        """The list of contracts that are deployed before the record is written."""
        return self.path.with_name(f"{self.path.name.removesuffix('.json')}.partial.json")

    def _checked(self) -> Self:
        if self.path.parent.exists():  # the local chain's folder is made with the chain
            require_target(self.path)
            require_writable(self.path)
        read_journal(self.journal)
        return self


def deploy(
    chain: Chain, target: DeploymentTarget, steps: DeploymentSteps[T], confirm: Callable[[DeploymentPlan], bool]
) -> T:
    """Deploy contracts and write their record. On a public chain it is rehearsed first, and must be confirmed.

    Args:
        chain: where.
        target: of the record.
        steps: what is deployed.
        confirm: whether to send what the plan says; it is not asked on a local chain.

    Returns:
        What was deployed.

    Raises:
        InputError: not confirmed, or the record cannot be written.
        ChainError: refused. Where contracts are deployed already, the error lists them and names the file that does.
    """
    if not is_local_chain(chain.chain_id) and not confirm(DeploymentPlan.rehearse(chain, steps)):
        raise InputError("not confirmed: nothing was sent")
    with _journalled(chain, target.journal) as (journal, journalled):
        made = steps.deploy(journalled)
        _write(steps.record(made), target)
        journal.remove()
    try:
        steps.after(made)
    except BaseException:
        _LOG.info("the contracts are deployed, and %s is their record", target.path)
        raise
    return made


def _write(record: DeploymentRecord, target: DeploymentTarget) -> None:
    if target.is_local and target.path.exists():
        _LOG.info("the local chain has a new %s; the one before is no longer known by name", target.path.stem)
    try:
        record.save(target.path, overwrite=target.is_local)
    except InputError:
        content = json.dumps(record.to_json())
        _LOG.warning("the record, for a file to be named with --deployment: %s", content)
        raise


@contextmanager
def _journalled(chain: Chain, path: Path) -> Iterator[tuple[JournalFile, Chain]]:
    journal = JournalFile(path)
    try:
        yield journal, chain.with_journal(journal)
    except BaseException as error:
        journal.fail(error)
        raise
