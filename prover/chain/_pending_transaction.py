"""Transactions that are sent and not mined yet. Replacements share their nonce, so that at most one is mined."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, Self

from eth_account.typed_transactions.typed_transaction import TypedTransaction
from hexbytes import HexBytes
from tenacity import Retrying
from web3 import Web3
from web3.exceptions import TransactionNotFound, Web3RPCError

from prover.chain._broadcast_result import BroadcastResult, broadcast_result
from prover.chain._broadcast_routes import BroadcastRoute
from prover.chain._error_translator import rpc_message
from prover.chain._fees import Fees, estimated_gas, gas_limit
from prover.chain._node_errors import NodeError
from prover.chain._signers import AccountSigner, SignerError
from verifier import ToolError

_LOG: Final = logging.getLogger("prover.chain")

Recorder = Callable[[bytes, bytes], None]
"""Keeps the hash and the bytes of a signed transaction, or raises, so that it is not broadcast."""


class FeeLimitError(Exception):
    """A transaction would cost more than it may. Nothing was sent."""


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

    def is_due_again(self) -> bool:
        """Whether it is to be broadcast to another node now."""


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

    def is_due_again(self) -> bool:
        """Never: the node sent it."""
        return False


@dataclass(frozen=True)
class SigningTerms:
    """How a transaction is signed and broadcast.

    Attributes:
        web3: of the node.
        signer: signs it and its replacements.
        route: where it is broadcast.
        fee_limit: the most that it may cost [wei]; None for no limit.
        record: keeps each signed transaction before it can be broadcast; None keeps none.
    """

    web3: Web3
    signer: AccountSigner
    route: BroadcastRoute
    fee_limit: int | None = None
    record: Recorder | None = None


class ReplaceableTransaction:
    """A transaction and its replacements, signed by an account of ours.

    Args:
        terms: how it is signed and broadcast.
        request: the call, with gas limit and nonce, without fees.
        fees: of the first one.
    """

    def __init__(self, terms: SigningTerms, request: dict[str, Any], fees: Fees) -> None:
        self.nonce: int = request["nonce"]
        self.may_be_sent = False
        self.refusal = ""
        self._terms = terms
        self._web3 = terms.web3
        self._request = request
        self._signed: dict[HexBytes, bytes] = {}
        self._fees = fees
        self._limit = None if terms.fee_limit is None else terms.fee_limit // request["gas"]

    @classmethod
    def restored(cls, terms: SigningTerms, signed: Sequence[bytes]) -> Self:
        """A transaction of an earlier process, which may have been broadcast.

        Args:
            terms: how replacements are signed, and where all of them are broadcast.
            signed: it and its replacements as they were signed, oldest first.
        """
        fields = TypedTransaction.from_bytes(HexBytes(signed[-1])).as_dict()
        request = {name: fields[name] for name in ("value", "data", "chainId", "gas", "nonce")}
        request["from"] = terms.signer.address
        if fields["to"]:  # otherwise it deploys a contract
            request["to"] = Web3.to_checksum_address(fields["to"])
        made = cls(terms, request, Fees(fields["maxFeePerGas"], fields["maxPriorityFeePerGas"]))
        made._signed = {HexBytes(Web3.keccak(raw)): raw for raw in signed}
        made.may_be_sent = True
        return made

    @property
    def hashes(self) -> Sequence[HexBytes]:
        """Hashes, oldest first."""
        return tuple(self._signed)

    def sign(self) -> None:
        """Sign the first one.

        Raises:
            SignerError: the signer does not sign.
            FeeLimitError: it would cost more than it may.
        """
        if self._limit is not None and self._fees.due_now > self._limit:
            raise FeeLimitError(
                f"a unit of gas costs {self._fees.due_now} wei now, and may cost {self._limit} wei of what is gained"
            )
        self._fees = self._fees.limited(self._limit)
        self._sign()

    def _sign(self) -> None:
        signed = self._terms.signer.sign_transaction({**self._request, **self._fees.fields()})
        digest, raw = HexBytes(signed.hash), bytes(signed.raw_transaction)
        if self._terms.record is not None:
            self._terms.record(bytes(digest), raw)
        self._signed[digest] = raw

    def replace(self) -> None:
        """Sign the same call with the same nonce and higher fees.

        The fees stay when they are twice those that are usual now, when their limit is reached, or when a remote signer
        does not sign.
        """
        before = self._fees
        suggested = Fees.suggested(self._web3)
        if before.is_twice(suggested):
            return
        raised = before.raised(suggested).limited(self._limit)
        if not raised.can_replace(before):
            _LOG.warning("a transaction that is not mined yet pays as much as it may, and waits for lower fees")
            return
        self._replace_with(self._request, raised)

    def cancel(self) -> bool:
        """Sign an empty transaction to its own account in its place: same nonce, higher fees, whatever their limit.

        Returns:
            Whether it is signed.

        Raises:
            NodeError: the node does not tell fees.
        """
        sender = self._terms.signer.address
        empty = {"from": sender, "to": sender, "value": 0, "data": b"", "chainId": self._request["chainId"]}
        self._limit = None
        raised = self._fees.raised(Fees.suggested(self._web3))
        gas = gas_limit(estimated_gas(self._web3, empty))
        return self._replace_with({**empty, "nonce": self.nonce, "gas": gas}, raised)

    def is_empty(self, digest: bytes) -> bool:
        """Whether one of the transactions is the empty one that `cancel` signs."""
        fields = TypedTransaction.from_bytes(HexBytes(self._signed[HexBytes(digest)])).as_dict()
        to = HexBytes(fields["to"])
        return not fields["data"] and not fields["value"] and to == HexBytes(self._terms.signer.address)

    def _replace_with(self, request: dict[str, Any], fees: Fees) -> bool:
        before = self._request, self._fees
        self._request, self._fees = request, fees
        try:
            self._sign()
        except (SignerError, ToolError) as error:  # what was sent before may still be mined: go on waiting for it
            self._request, self._fees = before
            _LOG.warning("a transaction that is not mined yet cannot be replaced by one with higher fees: %s", error)
            return False
        return True

    def is_due_again(self) -> bool:
        """Whether it is to be broadcast to another node now."""
        return self._terms.route.is_due_again()

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
            self._terms.route.broadcast(raw)
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
