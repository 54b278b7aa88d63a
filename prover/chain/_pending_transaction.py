"""Transactions that are sent and not mined yet. Replacements share their nonce, so that at most one is mined."""

import logging
from collections.abc import Sequence
from typing import Any, Final, Protocol

from hexbytes import HexBytes
from tenacity import Retrying
from web3 import Web3
from web3.exceptions import TransactionNotFound, Web3RPCError

from prover.chain._broadcast_result import BroadcastResult, broadcast_result
from prover.chain._error_translator import rpc_message
from prover.chain._fees import Fees
from prover.chain._node_errors import NodeError
from prover.chain._signers import AccountSigner, SignerError

_LOG: Final = logging.getLogger("prover.chain")


class PendingTransaction(Protocol):
    """A transaction and its replacements, of which at most one is mined."""

    @property
    def hashes(self) -> Sequence[HexBytes]:
        """Hashes of the transaction and its replacements."""

    @property
    def nonce(self) -> int | None:
        """Their nonce; None when the node chose it."""

    @property
    def may_be_sent(self) -> bool:
        """Whether a node accepted one of them, or may have: its response may be lost."""

    @property
    def refusal(self) -> str:
        """The last error of the node; empty when it accepted one of them."""

    def broadcast(self, retries: Retrying) -> BroadcastResult:
        """Broadcast the newest; a repeated broadcast is harmless."""

    def replace(self) -> None:
        """Replace the transaction by one with higher fees."""


class NodeSignedTransaction:
    """A transaction that the node signed and sent: it can be neither replaced nor sent again."""

    nonce = None
    may_be_sent = True
    refusal = ""

    def __init__(self, digest: HexBytes) -> None:
        self.hashes: Sequence[HexBytes] = (digest,)

    def broadcast(self, retries: Retrying) -> BroadcastResult:
        """Nothing to do: the node sent it."""
        return BroadcastResult.ACCEPTED

    def replace(self) -> None:
        """Nothing to do: the node set the fees."""


class ReplaceableTransaction:
    """A transaction and its replacements, signed by an account of ours.

    Args:
        web3: of the node.
        signer: signs them.
        request: the call, with its gas limit, without nonce and fees.
        nonce: of all of them.
    """

    def __init__(self, web3: Web3, signer: AccountSigner, request: dict[str, Any], nonce: int) -> None:
        self.nonce = nonce
        self.may_be_sent = False
        self.refusal = ""
        self._web3 = web3
        self._signer = signer
        self._request = {**request, "nonce": nonce}
        self._signed: dict[HexBytes, bytes] = {}
        self._fees = Fees.suggested(web3)
        self._sign()

    @property
    def hashes(self) -> Sequence[HexBytes]:
        """Hashes, oldest first."""
        return tuple(self._signed)

    def _sign(self) -> None:
        signed = self._signer.sign_transaction({**self._request, **self._fees.fields()})
        self._signed[HexBytes(signed.hash)] = bytes(signed.raw_transaction)

    def replace(self) -> None:
        """Sign the same call with the same nonce and higher fees, unless a remote signer does not sign it."""
        before = self._fees
        self._fees = before.raised(Fees.suggested(self._web3))
        try:
            self._sign()
        except SignerError as error:  # what was sent before may still be mined: go on waiting for it
            self._fees = before
            _LOG.warning("a transaction that is not mined yet cannot be replaced by one with higher fees: %s", error)

    def broadcast(self, retries: Retrying) -> BroadcastResult:
        """Broadcast the newest, or the newest that the node accepts. The same bytes twice are one transaction.

        Returns:
            The result for the newest, when the node accepted none.

        Raises:
            NodeError: no attempt had a response; some may have arrived.
        """
        refusals = []
        for digest, raw in reversed(self._signed.items()):
            answer = retries(self._broadcast, digest, raw)
            if answer is BroadcastResult.ACCEPTED:
                self.may_be_sent = True
                return answer
            refusals.append((answer, self.refusal))
        answer, self.refusal = refusals[0]
        return answer

    def _broadcast(self, digest: HexBytes, raw: bytes) -> BroadcastResult:
        try:
            self._web3.eth.send_raw_transaction(raw)
        except NodeError as error:
            self.may_be_sent |= not error.is_unprocessed
            raise
        except Web3RPCError as error:
            self.refusal = rpc_message(error)
            answer = broadcast_result(error)
            is_doubtful = answer in {BroadcastResult.INVALID, BroadcastResult.REFUSED}
            return BroadcastResult.ACCEPTED if is_doubtful and self._is_known(digest) else answer
        return BroadcastResult.ACCEPTED

    def _is_known(self, digest: HexBytes) -> bool:
        try:
            self._web3.eth.get_transaction(digest)
        except TransactionNotFound:
            return False
        return True
