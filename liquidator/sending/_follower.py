"""A transaction that may be mined, followed in a thread until it is, or never can be."""

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from typing import Any, Final, Protocol, TypeVar

from web3.exceptions import Web3Exception

from liquidator.store import EngineStore, Inclusion, StoredTransaction, StoreError, TransactionState
from prover.chain import InsufficientFundsError, NonceTakenError, ReplaceableTransaction, SendingAccount
from verifier import ChainError, UndecidedError

Receipt = Mapping[str, Any]

_LOG: Final = logging.getLogger("liquidator.sending")

_T = TypeVar("_T")

RETRY_SECONDS: Final = 2.0


class ClosingError(Exception):
    """The outbox closes."""


class _CancelError(Exception):
    """An empty transaction is to take the nonce."""


class Ending(Protocol):
    """What is done when a transaction ends."""

    def ended(self, follower: "Follower", stored: StoredTransaction | None) -> None:
        """Take note that it is mined; with None, that it never will be."""

    def may_drop(self, follower: "Follower") -> bool:
        """Drop a transaction that was never broadcast, unless a later nonce waits for its own."""


class Follower:
    """Delivers one transaction, in a thread of its own.

    A caller that waits is told of each failure. The delivery goes on as long as the transaction may be mined.

    Args:
        account: what sends.
        store: where it is written.
        stored: the transaction as it is written.
        transaction: the same, to be broadcast.
        ending: is told of its end.
    """

    def __init__(
        self,
        account: SendingAccount,
        store: EngineStore,
        stored: StoredTransaction,
        transaction: ReplaceableTransaction,
        ending: Ending,
    ) -> None:
        self.stored = stored
        self._account = account
        self._store = store
        self._transaction = transaction
        self._ending = ending
        self._outcome: Future[Receipt] = Future()
        self._is_closing = False
        self._must_cancel = False
        self._is_cancelled = False
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"nonce {stored.nonce}", daemon=True)

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def close(self) -> None:
        """Ask the thread to end. What is written goes on at the next start."""
        self._is_closing = True
        self._wake.set()

    def join(self, seconds: float) -> None:
        """Wait for the thread to end."""
        self._thread.join(seconds)

    def cancel(self) -> None:
        """Put an empty transaction in its place, once."""
        self._must_cancel = True
        self._wake.set()

    def result(self) -> Receipt:
        """Wait until it is mined.

        Raises:
            NonceTakenError: another transaction has its nonce: sign it again.
            ChainError: it was not sent, or given up.
            UndecidedError: it may still be mined, and is followed further.
            KeyboardInterrupt: with the message of UndecidedError.
        """
        try:
            return self._outcome.result()
        except KeyboardInterrupt:
            raise KeyboardInterrupt(
                f"{self._what}: interrupted; it is written, and is sent at the next start"
            ) from None

    @property
    def _what(self) -> str:
        return self.stored.purpose

    def _run(self) -> None:
        try:
            while not self._step():
                pass
        except ClosingError:
            self._tell(UndecidedError(f"{self._what}: the outbox closes; it is written, and is sent at the next start"))
        finally:
            self._tell(UndecidedError(f"{self._what}: its delivery ended, and it may still be mined"))

    def _step(self) -> bool:
        """Deliver for a while. Returns whether the end is reached."""
        try:
            receipt = self._account.deliver(self._transaction, self._what, self._pause)
        except _CancelError:
            self._cancel()
        except NonceTakenError as error:
            self._persist(lambda: self._store.mark_dropped(self.stored.id), error)
            self._ending.ended(self, None)
            self._tell(error)
            return True
        except UndecidedError as error:
            self._tell_on(error)
            self._wait(RETRY_SECONDS)
        except (ChainError, InsufficientFundsError) as error:
            return self._unsent(error)
        else:
            self._mined(receipt)
            return True
        return False

    def _unsent(self, error: ChainError | InsufficientFundsError) -> bool:
        """No node has it. Returns whether its nonce is free again."""
        if self._persist(lambda: self._ending.may_drop(self), error):
            self._tell(error)
            return True
        self._tell_on(error)
        self._must_cancel = True
        self._cancel()
        return False

    def _cancel(self) -> None:
        try:
            self._is_cancelled = self._account.cancel(self._transaction, self._what)
        except (ChainError, Web3Exception) as error:
            _LOG.warning("%s cannot be given up now: %s", self._what, error)
        if self._is_cancelled:
            _LOG.warning("%s is given up: an empty transaction takes its nonce %d", self._what, self.stored.nonce)
        else:
            self._wait(RETRY_SECONDS)

    def _mined(self, receipt: Receipt) -> None:
        digest = bytes(receipt["transactionHash"])
        is_empty = self._transaction.is_empty(digest)
        inclusion = Inclusion(
            digest,
            int(receipt["blockNumber"]),
            bytes(receipt["blockHash"]),
            succeeded=receipt["status"] == 1 and not is_empty,
        )
        error = None
        if is_empty:
            error = ChainError(f"{self._what}: it was given up, and an empty transaction took its nonce")
        self._persist(lambda: self._store.mark_mined(self.stored.id, inclusion), error, receipt)
        self._ending.ended(self, replace(self.stored, state=TransactionState.MINED, inclusion=inclusion))
        self._tell(error, receipt)

    def _persist(self, write: Callable[[], _T], error: Exception | None, receipt: Receipt | None = None) -> _T:
        """Write until it succeeds. The caller does not wait for a disk that is full, or a file that is locked."""
        while True:
            try:
                return write()
            except StoreError as failure:
                _LOG.error("what became of %s cannot be recorded now: %s", self._what, failure)
                self._tell(error, receipt)
                self._wait(RETRY_SECONDS)

    def _tell(self, error: Exception | None, receipt: Receipt | None = None) -> None:
        """Answer the caller, who may have been answered before."""
        if self._outcome.done():
            return
        if error is None:
            self._outcome.set_result(receipt or {})
        else:
            self._outcome.set_exception(error)

    def _tell_on(self, error: Exception) -> None:
        """Answer the caller. The next one waits for what comes after."""
        _LOG.warning("%s is followed further: %s", self._what, error)
        before, self._outcome = self._outcome, Future()
        if not before.done():
            before.set_exception(error)

    def _pause(self, seconds: float) -> None:
        self._wait(seconds)
        if self._must_cancel and not self._is_cancelled:
            raise _CancelError

    def _wait(self, seconds: float) -> None:
        self._wake.wait(seconds)
        if self._is_closing:
            raise ClosingError
        self._wake.clear()
