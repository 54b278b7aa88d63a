"""What the chain commands share: a node, a signer, and the record of a deployment."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import typer
from eth_account import Account as Signer
from eth_account.signers.local import LocalAccount

from prover import AssetList
from prover.chain import Chain, ContractCode, Deployment, RequestPolicy
from prover.cli._files import load_book
from prover.cli._keystore import unlock
from prover.cli._local_turn import local_turn
from prover.cli._node_timeout import DEFAULT_SECONDS, TimeoutOption, node_timeout
from prover.cli._progress import progress
from prover.storage import AddressText, FileModel, load_model, write_file
from prover.toolchain import Anvil, cache_dir, compile_contracts
from verifier import InputError

FORMAT: Final = "zksolvency/deployment/1"

LOCAL_RECORD: Final = "deployment.json"
"""Name of the local chain's own record."""

LOCAL_CHAINS: Final = frozenset({31337, 1337})
"""Where development keys and faucet tokens are allowed, and gas costs nothing."""

RpcOption = Annotated[
    str | None,
    typer.Option(
        "--rpc",
        metavar="URL[,URL]",
        help="JSON-RPC endpoint. Of several, separated by commas, the next one is asked when one fails.  "
        "[default: a local anvil that keeps its state]",
    ),
]

KeystoreOption = Annotated[
    Path | None,
    typer.Option(
        "--keystore",
        metavar="FILE",
        help="Encrypted keystore (Web3 Secret Storage) to sign with; its passphrase is asked for.  "
        "[default: the node's first unlocked account]",
    ),
]

DeploymentOption = Annotated[
    Path | None,
    typer.Option("--deployment", metavar="FILE", help="Record of a deployment.  [default: the local chain's]"),
]


ConfirmationsOption = Annotated[
    int,
    typer.Option(
        "--confirmations",
        metavar="N",
        min=1,
        help="Blocks that must stand before a transaction counts as done, its own among them.",
    ),
]


@dataclass(frozen=True)
class NodeOptions:
    """Which node a command asks, and how long it waits for an answer.

    Attributes:
        rpc: endpoints; None for the local chain.
        timeout: for an answer [s].
    """

    rpc: RpcOption = None
    timeout: TimeoutOption = DEFAULT_SECONDS

    @contextmanager
    def open_chain(self, code: Mapping[str, ContractCode], *, reads_only: bool = True) -> Iterator[Chain]:
        """The chain, for as long as the context. Arguments and errors as for `open_node`."""
        with open_node(self.rpc, None, code, reads_only=reads_only, timeout=self.timeout) as chain:
            yield chain


@dataclass(frozen=True)
class SenderOptions(NodeOptions):
    """Which node a command sends transactions to, and who signs them.

    Attributes:
        keystore: of the sender; None for the node's first unlocked account.
        confirmations: blocks to wait for after each transaction.
    """

    keystore: KeystoreOption = None
    confirmations: ConfirmationsOption = 1

    @contextmanager
    def open_chain(self, code: Mapping[str, ContractCode], *, reads_only: bool = False) -> Iterator[Chain]:
        """As of `NodeOptions`, with a sender that can pay unless it only reads."""
        with open_node(
            self.rpc,
            self.keystore,
            code,
            reads_only=reads_only,
            confirmations=self.confirmations,
            timeout=self.timeout,
        ) as chain:
            yield chain


class _DeploymentFile(FileModel):
    format: Literal["zksolvency/deployment/1"]
    chain_id: int
    book: str
    book_digest: str
    verifier_name: str
    rounds: AddressText
    verifier: AddressText
    gate: AddressText


@dataclass(frozen=True)
class Record:
    """Where the contracts of a book stand. Nothing of it is secret."""

    chain_id: int
    book: str
    book_digest: str
    verifier_name: str
    rounds: str
    verifier: str
    gate: str

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a record.

        Raises:
            InputError: there is none yet, or it is malformed.
        """
        if not path.exists():
            raise InputError(f"no deployment at {path}: run `zksolvency chain deploy` first")
        content = load_model(_DeploymentFile, path, "deployment").model_dump()
        del content["format"]
        return cls(**content)

    def save(self, path: Path, *, overwrite: bool = True) -> None:
        """Write the record.

        Args:
            path: the file.
            overwrite: False refuses to replace an existing file.

        Raises:
            InputError: the file cannot be written.
        """
        write_file(path, json.dumps(self.to_json(), indent=2) + "\n", overwrite=overwrite)

    def to_json(self) -> dict[str, Any]:
        """The file form."""
        return {"format": FORMAT, **asdict(self)}

    def open(self, chain: Chain) -> tuple[Deployment, AssetList]:
        """The contracts, and the book that they serve.

        Raises:
            InputError: another chain, no contract at the addresses, or the book has changed since.
        """
        require_deployed(chain, self.chain_id, (self.rounds, self.verifier, self.gate))
        book = load_deployed_book(self.book, self.book_digest)
        return Deployment.at(chain, rounds=self.rounds, verifier=self.verifier, gate=self.gate), book


def local_folder() -> Path:
    """Where the local chain keeps its state and its deployment."""
    return cache_dir() / "local-chain"


class OtherChainError(InputError):
    """The node serves another chain than the one of a record."""


def require_deployed(chain: Chain, chain_id: int, addresses: Iterable[str]) -> None:
    """Refuse a chain that is not the one of a record.

    Raises:
        OtherChainError: another chain.
        InputError: no contract at one of the addresses.
        ChainError: the node is not reached.
    """
    if chain.chain_id != chain_id:
        raise OtherChainError(f"the deployment is on chain {chain_id}, the node serves chain {chain.chain_id}")
    if not all(map(chain.has_code, addresses)):
        raise InputError("the chain has no contracts at the deployment's addresses: was it started anew?")


def load_deployed_book(wanted: str, digest: str) -> AssetList:
    """The book of a record.

    Raises:
        InputError: there is no such book, or it has changed since.
    """
    book = load_book(wanted)
    if book.digest() != digest:
        raise InputError(f"the book {wanted} is not the one that was deployed: assets or fractions differ")
    return book


def record_path(given: Path | None, rpc: str | None, name: str = LOCAL_RECORD) -> Path:
    """The record that a command is about.

    Args:
        given: what --deployment says.
        rpc: what --rpc says.
        name: of the local chain's own record.

    Raises:
        InputError: a chain of one's own needs a record of one's own.
    """
    if given is not None:
        return given
    if rpc is not None:
        raise InputError("name the record of the deployment with --deployment FILE when you give --rpc")
    return local_folder() / name


@dataclass(frozen=True)
class GateOptions(NodeOptions):
    """Which gate a command reads.

    Attributes:
        deployment: record of the gate's deployment; None for the local chain's.
    """

    deployment: DeploymentOption = None

    @contextmanager
    def open(self) -> Iterator[tuple[Deployment, AssetList]]:
        """The contracts of the gate and the book that they serve, for as long as the context.

        Raises:
            InputError: there is no such record, or it is one of another chain.
            ToolError, ChainError: as for `open_node`.
        """
        record = Record.load(record_path(self.deployment, self.rpc))
        with progress() as sink:
            code = compile_contracts(progress=sink)
            with self.open_chain(code, reads_only=False) as chain:  # `chain show` is about the sender by default
                yield record.open(chain)


@dataclass(frozen=True)
class GateSenderOptions(SenderOptions, GateOptions):
    """Which gate a command sends transactions to, and who signs them."""


@contextmanager
def open_node(
    rpc: str | None,
    keystore: Path | None,
    code: Mapping[str, ContractCode],
    *,
    reads_only: bool = False,
    confirmations: int = 1,
    signer: LocalAccount | None = None,
    timeout: float | None = None,
) -> Iterator[Chain]:
    """A chain to work on: the node at `rpc`, or the local anvil for as long as the context.

    Args:
        rpc: what --rpc says.
        keystore: what --keystore says; its passphrase is asked for.
        code: contracts by name.
        reads_only: nothing will be sent, so the node need not have an unlocked account.
        confirmations: what --confirmations says.
        signer: signs in place of a keystore, opened before.
        timeout: what --timeout says [s].

    Raises:
        ChainError: the node does not answer, or another command holds the local chain for too long.
        ToolError: anvil is missing or failed.
        InputError: the keystore cannot be read or opened; or for confirmations of the local chain, which has a block
            for each transaction and no other.
    """
    if rpc is None and confirmations > 1:
        raise InputError("--confirmations: the local chain has no further blocks to wait for; leave it out")
    if signer is None:
        signer = unlock(keystore) if keystore else Signer.create() if reads_only else None
    if rpc is not None:
        yield Chain(rpc_urls(rpc), code, signer, confirmations=confirmations, policy=_policy(timeout))
        return
    folder = local_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with local_turn(folder), Anvil(state=folder / "anvil.json") as node:
        yield Chain(node.url, code, signer, policy=_policy(timeout))


def rpc_urls(rpc: str) -> list[str]:
    """The endpoints that --rpc names. A comma within a URL separates nothing."""
    return [url.strip() for url in re.split(r",(?=\s*https?://)", rpc)]


def _policy(timeout: float | None) -> RequestPolicy:
    """How long --timeout lets the node be waited for, with time for a second attempt."""
    seconds = node_timeout() if timeout is None else timeout
    return RequestPolicy(response_seconds=seconds, request_seconds=1.5 * seconds)
