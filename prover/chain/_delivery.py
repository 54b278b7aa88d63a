"""Broadcasting a transaction until it is mined and confirmed, through lost responses and reorganisations."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import TransactionIndexingInProgress, TransactionNotFound, Web3Exception

from prover.chain._broadcast_result import BroadcastResult
from prover.chain._error_translator import ErrorTranslator
from prover.chain._node_errors import NodeError
from prover.chain._pending_transaction import PendingTransaction
from prover.chain._request_policy import RequestPolicy, retrying
from verifier import ChainError, UndecidedError

FIRST_POLL: Final = 0.01
LONGEST_POLL: Final = 2.0
MAX_DROPS: Final = 5
SEARCHED_BLOCKS: Final = 256


class NonceTakenError(Exception):
    """Another transaction has the nonce, or the transaction before it was dropped. Nothing was sent."""


class InsufficientFundsError(Exception):
    """The account cannot pay. Nothing was sent."""


class Delivery:
    """Broadcasts one transaction, or one of its replacements, until it is confirmed.

    Args:
        web3: of the node.
        translator: words errors.
        sender: address that the transaction is from.
        transaction: the transaction.
        what: names the action in errors.
        policy: timeouts and retries.
        confirmations: blocks from its own on that make it final; 1 means mined.
        pause: waits for some seconds; what it raises ends the delivery.
    """

    def __init__(
        self,
        web3: Web3,
        translator: ErrorTranslator,
        sender: str,
        transaction: PendingTransaction,
        what: str,
        policy: RequestPolicy,
        confirmations: int,
        pause: Callable[[float], None],
    ) -> None:
        self._web3 = web3
        self._translator = translator
        self._sender = sender
        self._transaction = transaction
        self._what = what
        self._policy = policy
        self._confirmations = confirmations
        self._must_broadcast = True
        self._fee_bumps = 0
        self._drops = 0
        self._mined_in: int | None = None
        self._head = 0
        self._searched: HexBytes | None = None
        self._since = time.monotonic()
        self._bumps_due = 0
        self._pause = pause
        self._poll = FIRST_POLL

    def run(self) -> Mapping[str, Any]:
        """Wait until it is confirmed.

        Returns:
            The receipt.

        Raises:
            NonceTakenError: build the transaction again.
            InsufficientFundsError: nothing was sent.
            ChainError: refused.
            UndecidedError: it is not known whether it will be mined.
            KeyboardInterrupt: with the message of UndecidedError.
        """
        try:
            return self._wait()
        except KeyboardInterrupt:
            raise KeyboardInterrupt(str(self._undecided("interrupted"))) from None

    def _wait(self) -> Mapping[str, Any]:
        answered = time.monotonic()
        while True:
            try:
                receipt = self._step()
                answered = time.monotonic()
            except (NodeError, Web3Exception) as error:  # a node that is behind another one refuses valid requests
                silent = time.monotonic() - answered
                if silent > self._policy.request_seconds or (isinstance(error, NodeError) and not error.is_transient):
                    reason = self._translator.describe(error)
                    is_unsent = self._must_broadcast and not self._transaction.may_be_sent
                    raise (self._not_sent(reason) if is_unsent else self._undecided(reason)) from None
                receipt = None
            if receipt is not None:
                return receipt
            self._pause(self._poll)
            self._poll = min(2 * self._poll, LONGEST_POLL)

    def _step(self) -> Mapping[str, Any] | None:
        is_due = self._must_broadcast or self._transaction.is_due_again()
        if is_due:
            self._try_to_broadcast()
        receipt = self._receipt()
        if receipt is not None:
            return self._confirmed(receipt)
        if is_due and not self._must_broadcast and self._mined_in is None:
            return None  # it was taken a moment ago
        if self._mined_in is not None:
            self._handle_reorganisation()
        elif self._nonce_is_taken():
            raise NonceTakenError
        elif time.monotonic() - self._since >= self._policy.bump_seconds * (self._bumps_due + 1):
            self._bump()
        return None

    def _try_to_broadcast(self) -> None:
        try:
            self._broadcast()
        except NodeError as error:  # it may have arrived: the receipt will show it
            if not error.is_transient:
                raise

    def _broadcast(self) -> None:
        answer = self._transaction.broadcast(retrying(self._policy))
        if answer is BroadcastResult.UNDERPRICED and self._fee_bumps < self._policy.fee_bumps:
            self._replace()
            return
        self._must_broadcast = False
        if answer is BroadcastResult.ACCEPTED or self._transaction.may_be_sent:
            return  # a node may have one of them: wait, whatever it responds to the newest
        if answer is BroadcastResult.NONCE_AHEAD:  # the node is behind the one that gave the nonce
            self._must_broadcast = True
            return
        if answer is BroadcastResult.NONCE_USED:
            return  # perhaps by ours: a gateway may ask two nodes, and pass on the second response
        if answer is BroadcastResult.NONCE_OCCUPIED:
            raise NonceTakenError
        if answer is BroadcastResult.INSUFFICIENT_FUNDS:
            raise InsufficientFundsError
        refused = f"the node at {self._translator.node} refused: {self._translator.redact(self._transaction.refusal)}"
        if answer is BroadcastResult.UNDERPRICED:
            raise ChainError(f"{self._what}: {refused}; fees are rising, and nothing was sent: try again later")
        if answer is BroadcastResult.INVALID:
            raise self._not_sent(refused)
        raise self._undecided(refused)

    def _receipt(self) -> Mapping[str, Any] | None:
        for digest in reversed(self._transaction.hashes):
            try:
                return self._web3.eth.get_transaction_receipt(digest)
            except (TransactionNotFound, TransactionIndexingInProgress):
                continue
        return None

    def _confirmed(self, receipt: Mapping[str, Any]) -> Mapping[str, Any] | None:
        self._mined_in = int(receipt["blockNumber"])
        if self._confirmations <= 1:
            return receipt
        head = int(self._web3.eth.block_number)
        if head != self._head:
            self._head = head
            self._restart_clock()
        depth = head - self._mined_in + 1
        if depth >= self._confirmations and self._web3.eth.get_block(self._mined_in)["hash"] == receipt["blockHash"]:
            return receipt
        if time.monotonic() - self._since > self._longest:
            raise self._undecided(
                f"mined in block {self._mined_in}, but the chain stays at block {head}, "
                f"before its {self._confirmations} confirmations"
            )
        return None

    def _handle_reorganisation(self) -> None:
        """Broadcast again after a reorganisation dropped its block."""
        self._mined_in = None
        self._drops += 1
        if self._drops > MAX_DROPS:
            raise self._undecided(f"reorganisations of the chain dropped it {self._drops} times")
        self._must_broadcast = True
        self._restart_clock()

    def _nonce_is_taken(self) -> bool:
        """Whether another transaction with the nonce is mined, and as deep as this one would have to be.

        The transaction count is not enough. A URL may serve several nodes: one that is ahead counts a transaction of
        which another has no receipt yet. To build the transaction again then would send it twice.
        """
        nonce = self._transaction.nonce
        if nonce is None or self._web3.eth.get_transaction_count(Web3.to_checksum_address(self._sender)) <= nonce:
            return False
        head = int(self._web3.eth.block_number)
        searched = self._searched
        for number in range(head, max(head - SEARCHED_BLOCKS, -1), -1):
            block = self._web3.eth.get_block(number, True)
            if block["hash"] == searched:  # the same block has the same past
                return False
            if number == head:
                self._searched = block["hash"]
            for mined in reversed(block["transactions"]):
                transaction: Any = mined
                if transaction["from"] == self._sender and transaction["nonce"] <= nonce:
                    self._searched = None
                    other = transaction["nonce"] == nonce and transaction["hash"] not in self._transaction.hashes
                    return other and head - number + 1 >= self._confirmations
        return False

    def _bump(self) -> None:
        if time.monotonic() - self._since > self._longest:
            raise self._undecided(f"not mined in {self._longest:.0f} s{self._earlier_nonce()}")
        if self._must_broadcast and not self._transaction.may_be_sent:
            raise NonceTakenError
        self._bumps_due += 1
        self._must_broadcast = True  # even unchanged: a node may have dropped it
        if self._fee_bumps < self._policy.fee_bumps:
            self._replace()

    def _replace(self) -> None:
        self._transaction.replace()
        self._fee_bumps += 1

    def _earlier_nonce(self) -> str:
        nonce = self._transaction.nonce
        following = self._web3.eth.get_transaction_count(Web3.to_checksum_address(self._sender))
        if nonce is None or following >= nonce:
            return ""
        return f", for it waits for an earlier transaction of the account, with nonce {following}"

    def _restart_clock(self) -> None:
        """Start the timeouts again, after progress."""
        self._since = time.monotonic()
        self._bumps_due = 0
        self._poll = FIRST_POLL

    @property
    def _longest(self) -> float:
        return self._policy.bump_seconds * (self._policy.fee_bumps + 1)

    def _not_sent(self, why: str) -> ChainError:
        return ChainError(f"{self._what}: {why}; nothing was sent")

    def _undecided(self, why: str) -> UndecidedError:
        hashes = " or ".join(digest.to_0x_hex() for digest in self._transaction.hashes)
        nonce = "" if self._transaction.nonce is None else f", nonce {self._transaction.nonce}"
        return UndecidedError(
            f"{self._what}: {why}. It was sent by {self._sender}{nonce} as {hashes} and may still be mined: "
            "look for it before you send it again"
        )
