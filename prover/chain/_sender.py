"""Sending transactions: each is built and signed once, and mined at most once."""

from collections.abc import Mapping
from typing import Any, Protocol

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from prover.chain._delivery import LONGEST_POLL, NonceTakenError
from prover.chain._node_errors import NodeError
from prover.chain._pending_transaction import NodeSignedTransaction, PendingTransaction
from prover.chain._sending_account import SendingAccount
from prover.chain._signers import AccountSigner
from verifier import ChainError, UndecidedError


class TransactionSender(Protocol):
    """Sends the transactions of one account, and gives out its nonces."""

    @property
    def address(self) -> str:
        """Of the account, checksummed."""

    def next_nonce(self) -> int:
        """The nonce of the account's next transaction, if it sends nothing else meanwhile."""

    def send(self, request: Mapping[str, Any], what: str) -> Mapping[str, Any]:
        """Send a call, and wait until it is mined and confirmed. Threads may call it at the same time.

        Args:
            request: the call: chain, sender, receiver, data and value.
            what: names the action in errors.

        Returns:
            The receipt, whose status says whether the contract refused the call after all.

        Raises:
            ChainError: refused, or the node does not answer; nothing was sent.
            UndecidedError: it is not known whether it will be mined.
            ContractLogicError: the contract refuses it; nothing was sent.
        """


class Sender:
    """Sends the transactions of one account, whose nonces the node counts.

    Programs that share its key use different nonces. If they send the same call with the same fees at the same time,
    that is one transaction, which is mined once.

    Args:
        account: what it sends from, and through which node.
        signer: of the account; None lets the node sign.
    """

    def __init__(self, account: SendingAccount, signer: AccountSigner | None) -> None:
        self._account = account
        self._signer = signer

    @property
    def address(self) -> str:
        """Of the account, checksummed."""
        return self._account.address

    def next_nonce(self) -> int:
        """The nonce after those of the account's mined transactions."""
        return self._account.transaction_count()

    def send(self, request: Mapping[str, Any], what: str) -> Mapping[str, Any]:
        """Send a call, and wait until it is mined and confirmed: `TransactionSender.send`."""
        with self._account.unsent(what):
            try:
                return self._nonce_retries()(self._attempt, request, what)
            except NonceTakenError:
                raise ChainError(
                    f"{what}: other transactions of {self.address} took its nonce "
                    f"{self._account.policy.nonce_attempts} times, and nothing was sent; stop the other program that "
                    "sends with this key, and try again"
                ) from None

    def _nonce_retries(self) -> Retrying:
        policy = self._account.policy
        return Retrying(
            stop=stop_after_attempt(policy.nonce_attempts),
            wait=wait_random_exponential(multiplier=policy.backoff_seconds, max=LONGEST_POLL),
            retry=retry_if_exception_type(NonceTakenError),
            reraise=True,
        )

    def _attempt(self, call: Mapping[str, Any], what: str) -> Mapping[str, Any]:
        account, request = self._account, self._account.with_gas(call)
        transaction: PendingTransaction
        if self._signer is None:
            transaction = self._send_unsigned(request, what)
        else:
            nonce = account.transaction_count(pending=True)
            transaction = account.sign(self._signer, request, nonce, account.suggested_fees())
        return account.deliver(transaction, what)

    def _send_unsigned(self, request: Any, what: str) -> NodeSignedTransaction:
        try:
            return NodeSignedTransaction(self._account.web3.eth.send_transaction(request))
        except NodeError as error:
            if error.is_unprocessed:
                raise
            raise UndecidedError(
                f"{what}: the node at {self._account.translator.node} {error}. It was told to sign and send a "
                f"transaction of {self.address}, which may have happened: look for it before you send it again"
            ) from None
