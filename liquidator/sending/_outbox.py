"""The transactions of one key on one chain: each is written before it is broadcast, and followed until it is final."""

import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, Self

from filelock import FileLock

from liquidator.sending._follower import ClosingError, Follower, Receipt
from liquidator.sending._key_lock import lock_key
from liquidator.sending._settings import SendingSettings
from liquidator.store import (
    EngineStore,
    Inclusion,
    Outcome,
    SignedCall,
    StoredTransaction,
    StoreError,
    Task,
    TransactionState,
)
from prover.chain import (
    AccountSigner,
    NonceTakenError,
    PrivateNode,
    ReplaceableTransaction,
    RequestPolicy,
    SendingAccount,
)
from verifier import ChainError, UndecidedError, ZkSolvencyError

_LOG: Final = logging.getLogger("liquidator.sending")

_CLOSE_SECONDS: Final = 5.0
_ASKED_AT_ONCE: Final = 8
_DEFAULT_POLICY: Final = RequestPolicy()
_DEFAULT_SETTINGS: Final = SendingSettings()


@dataclass
class _Work:
    """What a thread sends for."""

    task: Task
    round_id: int
    profit: int | None
    job: int | None = None


_WORK: Final[ContextVar[_Work | None]] = ContextVar("work", default=None)


class Outbox:
    """Owns the nonces of a key on a chain, and sends for threads of one process: a `TransactionSender`.

    A transaction is signed, written to the store, and only then broadcast. After a crash the next outbox broadcasts
    the same bytes, or finds what was mined. Fees are raised under the same nonce. A transaction that a reorganisation
    drops is broadcast again, for as long as it is not final.

    Args:
        url: JSON-RPC endpoint over HTTP; several of one chain, of which the next one is asked when one fails.
        signer: signs transactions.
        store: where they are written.
        settings: how to send.
        policy: timeouts and retries.
        confirmations: blocks from its own on until a caller has its receipt; 1 means mined.

    It sends while it is entered as a context, and may be entered again. To enter it raises InputError when another
    process sends with the key, and StoreError when the store cannot be read.

    Attributes:
        chain_id: of the chain.

    Raises:
        ChainError: the node does not answer.
    """

    def __init__(
        self,
        url: str | Sequence[str],
        signer: AccountSigner,
        store: EngineStore,
        settings: SendingSettings = _DEFAULT_SETTINGS,
        *,
        policy: RequestPolicy = _DEFAULT_POLICY,
        confirmations: int = 1,
    ) -> None:
        private = None
        if settings.private_url is not None:
            private = PrivateNode(settings.private_url, settings.private_blocks, policy)
        self._account = SendingAccount.connect(url, signer.address, policy, confirmations, private)
        self.chain_id = self._account.chain_id
        self._signer = signer
        self._store = store
        self._settings = settings
        self._lock = threading.RLock()
        self._followers: dict[int, Follower] = {}
        self._mined: dict[int, StoredTransaction] = {}
        self._closing = threading.Event()
        self._closing.set()
        self._key: FileLock | None = None
        self._watch: threading.Thread | None = None
        self._asking = ThreadPoolExecutor(_ASKED_AT_ONCE, thread_name_prefix="fees and nonces")

    def __enter__(self) -> Self:
        self._key = lock_key(self.chain_id, self.address)
        self._closing.clear()
        try:
            self._take_up()
        except BaseException:
            self.close()
            raise
        self._watch = threading.Thread(target=self._watch_blocks, name="blocks of transactions", daemon=True)
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Outbox({self.address!r}, chain_id={self.chain_id})"

    def close(self) -> None:
        """Stop sending, and release the key. What is written goes on when an outbox of the key is entered."""
        self._closing.set()
        with self._lock:
            followers = list(self._followers.values())
            self._followers.clear()
            self._mined.clear()
        for follower in followers:
            follower.close()
        for follower in followers:
            follower.join(_CLOSE_SECONDS)
        if self._watch is not None:
            self._watch.join(_CLOSE_SECONDS)
        if self._key is not None:
            self._key.release()

    @property
    def address(self) -> str:
        """Of the account, checksummed."""
        return self._account.address

    @property
    def open_transactions(self) -> int:
        """How many transactions may be mined and are not."""
        return len(self._followers)

    def next_nonce(self) -> int:
        """The nonce of the account's next transaction, if it sends nothing else meanwhile."""
        return max(self._account.transaction_count(pending=True), self._store.next_nonce(self.chain_id, self.address))

    @contextmanager
    def work(self, task: Task, round_id: int, profit: int | None = None) -> Iterator[None]:
        """What this thread sends for, while in the context: a job, which its first transaction begins.

        Of each purpose a job has at most one transaction that may be mined, or has succeeded: to send it again, even
        after a restart, is to wait for that one.

        Args:
            task: what is done.
            round_id: of the price round that is the reason.
            profit: what its transactions gain [wei], of which fees take a share at most; None where that is not known.
        """
        work = _Work(task, round_id, profit)
        token = _WORK.set(work)
        try:
            yield
        except UndecidedError:
            raise  # the job goes on: its transaction may be mined
        except ZkSolvencyError as error:
            self._finish(work, Outcome.REFUSED, str(error))
            raise
        else:
            self._finish(work, Outcome.DONE)
        finally:
            _WORK.reset(token)

    def send(self, request: Mapping[str, Any], what: str) -> Receipt:
        """Send a call, and wait until it is mined: `TransactionSender.send`.

        Args:
            request: the call: chain, sender, receiver, data and value.
            what: names the action, in errors and in the store.

        Returns:
            The receipt, whose status says whether the contract refused the call after all.

        Raises:
            ChainError: refused, too dear, given up, or the node does not answer.
            UndecidedError: it is not known whether it will be mined. It is followed further.
            ContractLogicError: the contract refuses it; nothing was sent.
            StoreError: it cannot be written; nothing was sent.
        """
        work = _WORK.get()
        with self._account.unsent(what):
            for _ in range(self._account.policy.nonce_attempts):
                done = self._earlier(work, what) or self._write(request, what, work)
                if not isinstance(done, Follower):
                    return done
                try:
                    return done.result()
                except NonceTakenError:
                    time.sleep(self._account.policy.backoff_seconds)
        raise ChainError(
            f"{what}: other transactions of {self.address} took its nonce {self._account.policy.nonce_attempts} times, "
            "and nothing was sent; stop the other program that sends with this key, and try again"
        )

    def abandon(self, task: Task) -> None:
        """Say that a task has become pointless. An empty transaction takes its nonce where a later one waits for it.

        Raises:
            StoreError: it cannot be written.
        """
        with self._lock:
            self._store.abandon(task)
            self._cancel_what_is_waited_for()

    # ------------------------------------------------------------------------------------------- for followers

    def ended(self, follower: Follower, stored: StoredTransaction | None) -> None:
        """Take note that a transaction is mined; with None, that it never will be."""
        with self._lock:
            if self._followers.pop(follower.stored.id, None) is None:
                return  # the outbox is closed
            if stored is not None:
                self._mined[stored.id] = stored

    def may_drop(self, follower: Follower) -> bool:
        """Drop a transaction that was never broadcast, unless a later nonce waits for its own."""
        with self._lock:
            if self._closing.is_set():
                raise ClosingError
            if follower.stored.nonce < self._last_nonce():
                return False
            self._store.mark_dropped(follower.stored.id)
            self.ended(follower, None)
            return True

    # ------------------------------------------------------------------------------------------------ inside

    def _take_up(self) -> None:
        """Go on with what an earlier process has written."""
        states = (TransactionState.OPEN, TransactionState.MINED)
        for stored in self._store.transactions(self.chain_id, self.address, states):
            if stored.state is TransactionState.OPEN:
                _LOG.info("going on with %s, nonce %d, of an earlier run", stored.purpose, stored.nonce)
                self._follow(stored, self._restored(stored))
            else:
                self._mined[stored.id] = stored
        self._cancel_what_is_waited_for()

    def _finish(self, work: _Work, outcome: Outcome, detail: str = "") -> None:
        if work.job is None:
            return
        try:
            self._store.finish(work.job, outcome, detail)
        except StoreError as error:
            _LOG.error("how %s ended cannot be recorded now: %s", work.task.action, error)

    def _earlier(self, work: _Work | None, what: str) -> Follower | Receipt | None:
        """What a job has sent before: what is followed, the receipt of what succeeded, or None."""
        if work is None:
            return None
        for stored in self._store.mined_for(work.task, what):
            mined = stored.inclusion
            if mined is not None and stored.id in self._mined and not self._is_in_chain(mined):
                work.job = stored.job
                return self._take_back(stored)
        if work.job is None:
            work.job = self._store.begin(work.task, work.round_id).id
        sent = self._store.transaction_of(work.job, what)
        if sent is None:
            return None
        follower = self._followers.get(sent.id)
        if follower is not None:
            return follower
        done = sent.inclusion
        return self._account.receipt(done.digest) if done is not None and done.succeeded else None

    def _is_in_chain(self, mined: Inclusion) -> bool:
        return self._account.block_hash(mined.block) == mined.block_hash

    def _write(self, request: Mapping[str, Any], what: str, work: _Work | None) -> Follower | Receipt:
        """Sign a call under the next nonce, write it, and begin to deliver it."""
        suggested = self._asking.submit(self._account.suggested_fees)
        pending = self._asking.submit(self._account.transaction_count, pending=True)
        full, limit = self._account.with_gas(request), self._fee_limit(work)
        fees, counted = suggested.result(), pending.result()
        with self._lock:
            if self._closing.is_set():
                raise ChainError(f"{what}: the outbox is closed; nothing was sent")
            earlier = self._earlier(work, what)
            if earlier is not None:
                return earlier
            nonce = max(counted, self._store.next_nonce(self.chain_id, self.address))
            written: list[StoredTransaction] = []

            def record(digest: bytes, raw: bytes) -> None:
                signed = SignedCall(digest, raw)
                if written:
                    self._store.write_replacement(written[0].id, signed)
                else:
                    written.append(self._first(nonce, signed, what, work))

            transaction = self._account.sign(self._signer, full, nonce, fees, fee_limit=limit, record=record)
            follower = self._follow(written[0], transaction)
            self._cancel_what_is_waited_for()
            return follower

    def _first(self, nonce: int, signed: SignedCall, what: str, work: _Work | None) -> StoredTransaction:
        job = None if work is None else work.job
        return self._store.write_transaction(
            self.chain_id, self.address, nonce, signed, purpose=what, job=job, fee_limit=self._fee_limit(work)
        )

    def _fee_limit(self, work: _Work | None) -> int | None:
        return None if work is None else self._settings.fee_limit(work.profit)

    def _restored(self, stored: StoredTransaction) -> ReplaceableTransaction:
        def record(digest: bytes, raw: bytes) -> None:
            self._store.write_replacement(stored.id, SignedCall(digest, raw))

        raws = [one.raw for one in stored.signed]
        return self._account.restored(self._signer, raws, fee_limit=stored.fee_limit, record=record)

    def _follow(self, stored: StoredTransaction, transaction: ReplaceableTransaction) -> Follower:
        follower = Follower(self._account, self._store, stored, transaction, self)
        with self._lock:
            self._followers[stored.id] = follower
        follower.start()
        return follower

    def _last_nonce(self) -> int:
        return max(follower.stored.nonce for follower in self._followers.values())

    def _cancel_what_is_waited_for(self) -> None:
        opened = self._store.transactions(self.chain_id, self.address)
        for stored in opened:
            follower = self._followers.get(stored.id)
            if stored.is_abandoned and stored.nonce < opened[-1].nonce and follower is not None:
                follower.cancel()

    def _watch_blocks(self) -> None:
        """Look at the blocks of mined transactions until they are final."""
        seen = None
        while not self._closing.wait(self._settings.watch_seconds):
            try:
                if self._mined and (head := self._account.head()) != seen:
                    self._look_at_blocks(head.number)
                    seen = head
            except (ChainError, StoreError) as error:
                _LOG.warning("the blocks of transactions cannot be looked at now: %s", error)

    def _look_at_blocks(self, head: int) -> None:
        hashes: dict[int, bytes | None] = {}
        for stored in list(self._mined.values()):
            mined = stored.inclusion
            if mined is None:
                continue
            if mined.block not in hashes:
                hashes[mined.block] = self._account.block_hash(mined.block)
            if hashes[mined.block] != mined.block_hash:
                self._take_back(stored)
            elif head - mined.block + 1 >= self._settings.final_blocks:
                self._store.mark_final(stored.id)
                with self._lock:
                    self._mined.pop(stored.id, None)

    def _take_back(self, stored: StoredTransaction) -> Follower | None:
        """Follow a transaction again that a reorganisation has dropped."""
        with self._lock:
            if stored.id in self._mined:
                self._store.take_back(stored.id)
                del self._mined[stored.id]
                again = self._store.transaction(stored.id)
                self._follow(again, self._restored(again))
                _LOG.warning("a reorganisation dropped %s, nonce %d: it is sent again", again.purpose, again.nonce)
            return self._followers.get(stored.id)
