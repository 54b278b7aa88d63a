"""Which node a command asks, who signs what it sends, and which record it is about."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from prover.chain import AccountSigner, Chain, ContractCode, RequestPolicy
from prover.cli._signer_options import KEYSTORE_HELP, SignerOptions
from prover.onchain import DeploymentKind, local_record, open_chain
from verifier import InputError


@dataclass(frozen=True)
class NodeOptions:
    """Which node a command asks, and how long it waits for an answer.

    Attributes:
        rpc: endpoints; None for the local chain.
        timeout: for an answer [s].
    """

    rpc: Annotated[
        str | None,
        typer.Option(
            "--rpc",
            metavar="URL[,URL]",
            help="JSON-RPC endpoint. Of several, separated by commas, the next one is asked when one fails.  "
            "[default: a local anvil that keeps its state]",
        ),
    ] = None
    timeout: Annotated[
        float,
        typer.Option("--timeout", metavar="SECONDS", min=0.1, help="How long to wait for an answer of a node."),
    ] = 20.0

    @contextmanager
    def open_chain(self, code: Mapping[str, ContractCode], *, reads_only: bool = True) -> Iterator[Chain]:
        """The chain, for as long as the context. Arguments and errors as for `prover.onchain.open_chain`."""
        with open_chain(code, self._endpoints(), reads_only=reads_only, policy=self.policy()) as chain:
            yield chain

    def each_node(self) -> "Iterator[NodeOptions]":
        """The same options for each endpoint alone, to compare what they tell."""
        if self.rpc is None:
            yield self
        else:
            yield from (NodeOptions(url, self.timeout) for url in rpc_urls(self.rpc))

    def _endpoints(self) -> list[str]:
        return [] if self.rpc is None else rpc_urls(self.rpc)

    def policy(self) -> RequestPolicy:
        """Timeouts of requests as --timeout says, with time for a second attempt."""
        return RequestPolicy(response_seconds=self.timeout, request_seconds=1.5 * self.timeout)


@dataclass(frozen=True)
class SenderOptions(SignerOptions, NodeOptions):
    """Which node a command sends transactions to, and who signs them.

    Attributes:
        keystore: of the sender; None for another signer, or the node's first unlocked account.
        confirmations: blocks to wait for after each transaction.
    """

    keystore: Annotated[
        Path | None,
        typer.Option(
            "--keystore", metavar="FILE", help=f"{KEYSTORE_HELP}  [default: the node's first unlocked account]"
        ),
    ] = None
    confirmations: Annotated[
        int,
        typer.Option(
            "--confirmations",
            metavar="N",
            min=1,
            help="Blocks to wait for before a transaction counts as done, its own among them.",
        ),
    ] = 1

    @contextmanager
    def open_chain(
        self, code: Mapping[str, ContractCode], *, reads_only: bool = False, signer: AccountSigner | None = None
    ) -> Iterator[Chain]:
        """The chain, for as long as the context.

        Args:
            code: contracts by name.
            reads_only: nothing will be sent, so the node need not have an unlocked account.
            signer: what `signer` has returned, for a command that opens the chain more than once.

        Raises:
            As `prover.onchain.open_chain` and `signer`.
        """
        with open_chain(
            code,
            self._endpoints(),
            signer or self.signer(policy=self.policy()),
            reads_only=reads_only,
            confirmations=self.confirmations,
            policy=self.policy(),
        ) as chain:
            yield chain


def record_path(deployment: Path | None, rpc: str | None, kind: DeploymentKind) -> Path:
    """The record that a command is about.

    Args:
        deployment: what --deployment says.
        rpc: what --rpc says.
        kind: of the local chain's own record.

    Raises:
        InputError: a chain of one's own needs a record of one's own.
    """
    if deployment is not None:
        return deployment
    if rpc is not None:
        raise InputError("name the record of the deployment with --deployment FILE when you give --rpc")
    return local_record(kind)


def rpc_urls(rpc: str) -> list[str]:
    """The endpoints that --rpc names. A comma within a URL separates nothing."""
    return [url.strip() for url in re.split(r",(?=\s*https?://)", rpc)]
