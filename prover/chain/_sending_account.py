"""An account that signs transactions and delivers them through a node. What gives out its nonces is not part of it."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Self

from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import Web3RPCError

from prover.chain._broadcast_result import BroadcastResult, broadcast_result
from prover.chain._broadcast_routes import PrivateFirst, PrivateNode, PublicRoute
from prover.chain._delivery import Delivery, InsufficientFundsError
from prover.chain._error_translator import ErrorTranslator
from prover.chain._fees import Fees, GasEstimates, gas_limit
from prover.chain._node import Node
from prover.chain._node_errors import NodeError
from prover.chain._pending_transaction import (
    FeeLimitError,
    PendingTransaction,
    Recorder,
    ReplaceableTransaction,
    SigningTerms,
)
from prover.chain._request_policy import RequestPolicy
from prover.chain._signers import AccountSigner, SignerError
from verifier import ChainError


class Head(NamedTuple):
    """The newest block.

    Attributes:
        number: of it.
        digest: its hash.
    """

    number: int
    digest: bytes


@dataclass(frozen=True)
class SendingAccount:
    """An account, and the node that it sends through.

    Attributes:
        web3: of the node.
        translator: words errors.
        address: of the account, checksummed.
        policy: timeouts and retries.
        confirmations: blocks from a transaction's own on that make it final; 1 means mined.
        private: gets transactions before the node does; None for no such node.
    """

    web3: Web3
    translator: ErrorTranslator
    address: str
    policy: RequestPolicy
    confirmations: int
    private: PrivateNode | None = None

    @classmethod
    def connect(
        cls,
        url: str | Sequence[str],
        address: str,
        policy: RequestPolicy,
        confirmations: int,
        private: PrivateNode | None = None,
    ) -> Self:
        """Connect to a node.

        Args:
            url: JSON-RPC endpoint over HTTP; several of one chain, of which the next one is asked when one fails.
            address: of the account, checksummed.
            policy: timeouts and retries.
            confirmations: blocks from a transaction's own on that make it final; 1 means mined.
            private: gets transactions before the node does; None for no such node.

        Raises:
            ChainError: the node does not answer.
        """
        node = Node(url, {}, policy)
        return cls(node._web3, node._translator, address, policy, confirmations, private)

    @property
    def chain_id(self) -> int:
        """Of the chain."""
        return int(self.web3.eth.chain_id)

    def transaction_count(self, *, pending: bool = False) -> int:
        """How many transactions of the account are mined, with those that wait to be mined if `pending`."""
        address = Web3.to_checksum_address(self.address)
        return int(self.web3.eth.get_transaction_count(address, "pending" if pending else "latest"))

    def head(self) -> Head:
        """The newest block.

        Raises:
            ChainError: the node does not answer.
        """
        with self.translator.translating("reading the newest block"):
            block = self.web3.eth.get_block("latest")
            return Head(int(block["number"]), bytes(block["hash"]))

    def block_hash(self, number: int) -> bytes | None:
        """Hash of a block; None when the node has no such block.

        Raises:
            ChainError: the node does not answer.
        """
        with self.translator.translating(f"reading block {number}"):
            if int(self.web3.eth.block_number) < number:
                return None
            return bytes(self.web3.eth.get_block(number)["hash"])

    def receipt(self, digest: bytes) -> Mapping[str, Any]:
        """The receipt of a transaction that is mined."""
        return self.web3.eth.get_transaction_receipt(HexBytes(digest))

    def with_gas(self, call: Mapping[str, Any]) -> dict[str, Any]:
        """A call with its gas limit.

        Raises:
            ContractLogicError: the contract refuses the call.
        """
        return {**call, "gas": gas_limit(self._estimates.of(call))}

    @cached_property
    def _estimates(self) -> GasEstimates:
        return GasEstimates(self.web3)

    def suggested_fees(self) -> Fees:
        """What a transaction pays that is to be mined in the next block."""
        return Fees.suggested(self.web3)

    def sign(
        self,
        signer: AccountSigner,
        request: Mapping[str, Any],
        nonce: int,
        fees: Fees,
        *,
        fee_limit: int | None = None,
        record: Recorder | None = None,
    ) -> ReplaceableTransaction:
        """Sign a transaction.

        Args:
            signer: of the account.
            request: the call with its gas limit.
            nonce: of the transaction and its replacements.
            fees: what it pays.
            fee_limit: the most that it may cost [wei]; None for no limit.
            record: keeps each signed transaction before it can be broadcast; None keeps none.

        Raises:
            SignerError: the signer does not sign.
        """
        made = ReplaceableTransaction(self._terms(signer, fee_limit, record), {**request, "nonce": nonce}, fees)
        made.sign()
        return made

    def restored(
        self,
        signer: AccountSigner,
        signed: Sequence[bytes],
        *,
        fee_limit: int | None = None,
        record: Recorder | None = None,
    ) -> ReplaceableTransaction:
        """A transaction of an earlier process, which may have been broadcast.

        Args:
            signer: of the account.
            signed: the transaction and its replacements as they were signed, oldest first.
            fee_limit: as for `sign`.
            record: keeps further replacements.
        """
        return ReplaceableTransaction.restored(self._terms(signer, fee_limit, record), signed)

    def deliver(
        self, transaction: PendingTransaction, what: str, pause: Callable[[float], None] = time.sleep
    ) -> Mapping[str, Any]:
        """Broadcast a transaction until it is mined and confirmed.

        Args:
            transaction: which.
            what: names the action in errors.
            pause: waits for some seconds; what it raises ends the delivery.

        Returns:
            The receipt.

        Raises:
            NonceTakenError: another transaction has its nonce.
            InsufficientFundsError: the account cannot pay, and nothing was sent.
            ChainError: refused, and nothing was sent.
            UndecidedError: it is not known whether it will be mined.
        """
        return Delivery(
            self.web3, self.translator, self.address, transaction, what, self.policy, self.confirmations, pause
        ).run()

    def cancel(self, transaction: ReplaceableTransaction, what: str) -> bool:
        """Replace a transaction by an empty one to the account itself: `deliver` then broadcasts that.

        Args:
            transaction: which.
            what: names the action in errors.

        Returns:
            Whether it is signed.

        Raises:
            ChainError: the node does not answer.
        """
        with self.unsent(what):
            return transaction.cancel()

    @contextmanager
    def unsent(self, what: str) -> Iterator[None]:
        """Word what is raised before anything was sent.

        Args:
            what: names the action.

        Raises:
            ChainError: for an error of the node, of the signer, or for want of ETH.
        """
        try:
            yield
        except NodeError as error:
            raise ChainError(f"{what}: {self.translator.describe(error)}; nothing was sent") from None
        except SignerError as error:
            raise SignerError(f"{what}: {error}; nothing was sent") from None
        except FeeLimitError as error:
            raise ChainError(f"{what}: {error}; nothing was sent") from None
        except InsufficientFundsError:
            raise self.insufficient_funds(what) from None
        except Web3RPCError as error:
            if broadcast_result(error) is BroadcastResult.INSUFFICIENT_FUNDS:
                raise self.insufficient_funds(what) from None
            raise

    def insufficient_funds(self, what: str) -> ChainError:
        """The error for an account that cannot pay."""
        balance = self.web3.eth.get_balance(Web3.to_checksum_address(self.address))
        return ChainError(
            f"{what}: {self.address} has {Web3.from_wei(balance, 'ether'):f} ETH, which does not pay for it, and "
            "nothing was sent; send it ETH, and try again"
        )

    def _terms(self, signer: AccountSigner, fee_limit: int | None, record: Recorder | None) -> SigningTerms:
        public = PublicRoute(self.web3)
        route = public if self.private is None else PrivateFirst(self.private, self.web3)
        return SigningTerms(self.web3, signer, route, fee_limit, record)
