"""A chain to work on: through nodes that the caller names, or the local chain for as long as it is used."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from eth_account import Account as Signer

from prover.chain import AccountSigner, Chain, ContractCode, RequestPolicy
from prover.toolchain import local_node
from verifier import InputError

LOCAL_CHAINS: Final = frozenset({31337, 1337})
"""Chain ids where development keys and faucet tokens are allowed, and gas costs nothing."""

_POLICY: Final = RequestPolicy()


def is_local_chain(chain_id: int) -> bool:
    """Whether a chain is one for development, where nothing has a value."""
    return chain_id in LOCAL_CHAINS


@contextmanager
def open_chain(
    code: Mapping[str, ContractCode],
    endpoints: Sequence[str] = (),
    signer: AccountSigner | None = None,
    *,
    reads_only: bool = False,
    confirmations: int = 1,
    policy: RequestPolicy = _POLICY,
) -> Iterator[Chain]:
    """A chain for as long as the context.

    Args:
        code: compiled contracts by name.
        endpoints: URLs of nodes of one chain, of which the next one is asked when one fails; none for the local chain,
            see `prover.toolchain.local_node`.
        signer: signs transactions; None lets the node sign with its first unlocked account.
        reads_only: nothing will be sent, so that the node needs no unlocked account.
        confirmations: blocks to wait for after each transaction, its own among them.
        policy: how long to wait for what, and how often to try.

    Raises:
        ChainError: the node does not answer, or another program holds the local chain for too long.
        ToolError: anvil is missing or does not start.
        InputError: confirmations of the local chain, which has a block for each transaction and no other.
    """
    if not endpoints and confirmations > 1:
        raise InputError("confirmations: the local chain has no further blocks to wait for; leave it out")
    if signer is None and reads_only:
        signer = Signer.create()
    if endpoints:
        yield Chain(endpoints, code, signer, confirmations=confirmations, policy=policy)
        return
    with local_node() as node:
        yield Chain(node.url, code, signer, policy=policy)
