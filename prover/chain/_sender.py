"""Sending transactions: each is built and signed once, and mined at most once."""

from collections.abc import Mapping
from typing import Any

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential
from web3 import Web3
from web3.exceptions import ContractLogicError, Web3RPCError

from prover.chain._broadcast_result import BroadcastResult, broadcast_result
from prover.chain._delivery import LONGEST_POLL, Delivery, InsufficientFundsError, NonceTakenError
from prover.chain._error_translator import ErrorTranslator
from prover.chain._fees import gas_limit
from prover.chain._node_errors import NodeError
from prover.chain._pending_transaction import (
    NodeSignedTransaction,
    PendingTransaction,
    ReplaceableTransaction,
)
from prover.chain._request_policy import RequestPolicy
from prover.chain._signers import AccountSigner, SignerError
from verifier import ChainError, UndecidedError


class Sender:
    """Sends the transactions of one account.

    Programs that share its key use different nonces. If they send the same call with the same fees at the same time,
    that is one transaction, which is mined once.

    Args:
        web3: of the node.
        translator: words errors.
        address: of the account.
        signer: of the account; None lets the node sign.
        policy: timeouts and retries.
        confirmations: blocks from a transaction's own on that make it final; 1 means mined.
    """

    def __init__(
        self,
        web3: Web3,
        translator: ErrorTranslator,
        address: str,
        signer: AccountSigner | None,
        policy: RequestPolicy,
        confirmations: int,
    ) -> None:
        self._web3 = web3
        self._translator = translator
        self._address = address
        self._signer = signer
        self._policy = policy
        self._confirmations = confirmations

    def next_nonce(self) -> int:
        """The nonce after those of the account's mined transactions."""
        return int(self._web3.eth.get_transaction_count(Web3.to_checksum_address(self._address)))

    def send(self, request: dict[str, Any], what: str) -> Mapping[str, Any]:
        """Send a call, and wait until it is mined and confirmed.

        Args:
            request: the call: chain, sender, receiver, data and value.
            what: names the action in errors.

        Returns:
            The receipt.

        Raises:
            ChainError: refused, or the node does not answer; nothing was sent.
            UndecidedError: it is not known whether it will be mined.
            ContractLogicError: the contract refuses it; nothing was sent.
        """
        try:
            return self._nonce_retries()(self._attempt, request, what)
        except NodeError as error:
            raise ChainError(f"{what}: {self._translator.describe(error)}; nothing was sent") from None
        except SignerError as error:
            raise SignerError(f"{what}: {error}; nothing was sent") from None
        except NonceTakenError:
            raise ChainError(
                f"{what}: other transactions of {self._address} took its nonce {self._policy.nonce_attempts} times, "
                "and nothing was sent; stop the other program that sends with this key, and try again"
            ) from None
        except InsufficientFundsError:
            raise self._insufficient_funds(what) from None
        except Web3RPCError as error:
            if broadcast_result(error) is BroadcastResult.INSUFFICIENT_FUNDS:
                raise self._insufficient_funds(what) from None
            raise

    def _nonce_retries(self) -> Retrying:
        return Retrying(
            stop=stop_after_attempt(self._policy.nonce_attempts),
            wait=wait_random_exponential(multiplier=self._policy.backoff_seconds, max=LONGEST_POLL),
            retry=retry_if_exception_type(NonceTakenError),
            reraise=True,
        )

    def _attempt(self, call: dict[str, Any], what: str) -> Mapping[str, Any]:
        request = {**call, "gas": gas_limit(self._web3, call)}
        transaction: PendingTransaction
        if self._signer is None:
            transaction = self._send_unsigned(request, what)
        else:
            nonce = self._web3.eth.get_transaction_count(Web3.to_checksum_address(self._address), "pending")
            transaction = ReplaceableTransaction(self._web3, self._signer, request, nonce)
        delivery = Delivery(
            self._web3, self._translator, self._address, transaction, what, self._policy, self._confirmations
        )
        receipt = delivery.run()
        if receipt["status"] != 1:
            self._explain_failure(request, receipt, what)
        return receipt

    def _send_unsigned(self, request: Any, what: str) -> NodeSignedTransaction:
        try:
            return NodeSignedTransaction(self._web3.eth.send_transaction(request))
        except NodeError as error:
            if error.is_unprocessed:
                raise
            raise UndecidedError(
                f"{what}: the node at {self._translator.node} {error}. It was told to sign and send a transaction of "
                f"{self._address}, which may have happened: look for it before you send it again"
            ) from None

    def _insufficient_funds(self, what: str) -> ChainError:
        balance = self._web3.eth.get_balance(Web3.to_checksum_address(self._address))
        return ChainError(
            f"{what}: {self._address} has {Web3.from_wei(balance, 'ether'):f} ETH, which does not pay for it, and "
            "nothing was sent; send it ETH, and try again"
        )

    def _explain_failure(self, request: Any, receipt: Mapping[str, Any], what: str) -> None:
        """Replay a transaction that failed, on the state after its block and on the one before, to name the error.

        Raises:
            ChainError: always, with the contract's error if one of the states gives one.
        """
        number = int(receipt["blockNumber"])
        digest = receipt["transactionHash"].to_0x_hex()
        failed = f"{what}: the transaction {digest} failed when it was mined in block {number}"
        with self._translator.translating(failed):
            for block in (number, number - 1):
                try:
                    self._web3.eth.call(request, block)
                except ContractLogicError:
                    raise
                except Web3RPCError:  # a node without the state of that block
                    continue
        reason = "it ran out of gas" if receipt["gasUsed"] >= request["gas"] else "a replay names no error: try again"
        raise ChainError(f"{failed}: {reason}")
