"""Which node a transaction is broadcast to: the public one, or a private one first."""

import logging
from dataclasses import dataclass, field
from typing import Final, Protocol

from web3 import Web3
from web3.exceptions import Web3Exception

from prover.chain._error_translator import ErrorTranslator
from prover.chain._http import connect
from prover.chain._node_errors import NodeError
from prover.chain._request_policy import RequestPolicy

_LOG: Final = logging.getLogger("prover.chain")


class BroadcastRoute(Protocol):
    """Where the bytes of one transaction go."""

    def broadcast(self, raw: bytes) -> None:
        """Broadcast them.

        Raises:
            NodeError, Web3RPCError: of the node.
        """

    def is_due_again(self) -> bool:
        """Whether they are to be broadcast now because the route has changed."""


@dataclass(frozen=True)
class PublicRoute:
    """The node that everything else is asked of.

    Attributes:
        web3: of the node.
    """

    web3: Web3

    def broadcast(self, raw: bytes) -> None:
        """Broadcast to the node."""
        self.web3.eth.send_raw_transaction(raw)

    def is_due_again(self) -> bool:
        """Never: the route stays."""
        return False


class PrivateNode:
    """A node that shows transactions to builders of blocks alone.

    Args:
        url: JSON-RPC endpoint over HTTP, which serves `eth_sendRawTransaction`.
        blocks: a transaction that is not in one of so many blocks goes to the public node.
        policy: timeouts and retries.
    """

    def __init__(self, url: str, blocks: int, policy: RequestPolicy) -> None:
        self.blocks = blocks
        self._translator = ErrorTranslator([url], {})
        self._web3 = connect([url], policy)

    def __repr__(self) -> str:
        return f"PrivateNode({self._translator.node!r}, {self.blocks})"

    def broadcast(self, raw: bytes) -> None:
        """Broadcast to it. It is not believed, whatever it answers: the transaction may have arrived."""
        try:
            self._web3.eth.send_raw_transaction(raw)
        except (NodeError, Web3Exception) as error:
            _LOG.warning(
                "private sending: %s; the public node gets the transaction if it is not mined in %d blocks",
                self._translator.describe(error),
                self.blocks,
            )


@dataclass
class PrivateFirst:
    """The private node for a number of blocks, then the public one.

    Attributes:
        private: gets the transaction first.
        public: of the other node.
    """

    private: PrivateNode
    public: Web3
    _last_private_block: int | None = None
    _is_public: bool = field(default=False)

    def broadcast(self, raw: bytes) -> None:
        """Broadcast to the node whose turn it is."""
        head = int(self.public.eth.block_number)
        if self._last_private_block is None:
            self._last_private_block = head + self.private.blocks
        if head < self._last_private_block:
            self.private.broadcast(raw)
            return
        self._is_public = True
        self.public.eth.send_raw_transaction(raw)

    def is_due_again(self) -> bool:
        """Whether the turn of the private node is over, and the public one has nothing yet."""
        if self._is_public or self._last_private_block is None:
            return False
        return int(self.public.eth.block_number) >= self._last_private_block
