"""The sale of one account below a line: its flag, and a notice at each round, written for liquidators."""

import contextlib
import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from liquidator.engine._clock import Clock
from liquidator.engine._events import JobEvent, Mined, Notified, SaleOver, Statement
from liquidator.engine._journal import Journal
from prover.chain import AccountSigner, OnchainRound
from prover.liquidation import Notice, SealedNotice
from prover.onchain import GuardedAccount, NoticeMade, Sale, SaleEnd, SaleFlagged
from verifier import InputError, ZkSolvencyError


class NoticeFileError(ZkSolvencyError):
    """A notice cannot be written. The next look tries again."""


@dataclass(frozen=True)
class NoticeFolder:
    """Where notices go: sealed for liquidators, and signed by the sender.

    Attributes:
        folder: it holds the newest notice of each sale.
        recipients: of the liquidators.
        signer: by which they know the guardian.
    """

    folder: Path
    recipients: Sequence[str]
    signer: AccountSigner

    def write(self, notice: Notice) -> Path:
        """Seal and write a notice.

        Raises:
            NoticeFileError: the folder or disk does not take it.
            SignerError: a remote signer does not sign.
        """
        sealed = SealedNotice.seal(notice, self.recipients, self.signer)
        digest = hashlib.sha256(sealed.content).hexdigest()
        path = self.folder / f"notice-{sealed.round_id}-{digest[:8]}.json"
        try:
            sealed.save(path)
        except InputError as error:
            raise NoticeFileError(str(error)) from None
        return path

    def clear(self) -> None:
        """Delete the sender's notices of an earlier run. Files of others are left alone."""
        for path in self.folder.glob("notice-*.json"):
            with contextlib.suppress(InputError, OSError):
                if SealedNotice.load(path).guardian == self.signer.address:
                    path.unlink()


@dataclass
class EngineSale:
    """A sale as the engine goes on with it, look by look. One thread at a time works on it.

    Attributes:
        sale: flags the account and makes notices.
        clock: steady.
        journal: of what is sent.
        notices: where they go; None flags alone.
    """

    sale: Sale
    clock: Clock
    journal: Journal
    notices: NoticeFolder | None
    _written: Path | None = field(default=None, init=False)
    _seen: tuple[int, int] | None = field(default=None, init=False)
    _next: float = field(default=0.0, init=False)
    _unwritten: NoticeMade | None = field(default=None, init=False, repr=False)

    def is_due(self, round_: OnchainRound, commitment: int, elapsed: int) -> bool:
        """Whether a look may lead to a new notice: after a new round, a change of the account, or some time.

        Args:
            round_: the newest one.
            commitment: of the account.
            elapsed: since its flag [active s].
        """
        return self.notices is not None and (
            self._seen != (round_.id, commitment) or elapsed >= self._next or self._unwritten is not None
        )

    def flag(self, account: GuardedAccount, round_: OnchainRound, seen_at: float) -> Iterator[Mined]:
        """Flag the account.

        Args:
            account: below its margin, and not flagged, or flagged too long ago.
            round_: the newest one.
            seen_at: when the round was seen, on the steady clock.

        Raises:
            As `LiquidationKeeper.flag`.
        """
        sale = self.sale
        about = f"{sale.ground} {account.sealed.commitment:x}"
        with self.journal.sending(Statement.FLAG, sale.account.identity, round_.id, about):
            receipt = sale.keeper.flag(sale.account, sale.ground, sale.recipient, seen=(account, round_))
        yield Mined(sale.account.identity, Statement.FLAG, receipt, self.clock.steady() - seen_at)

    def look(self, round_: OnchainRound, commitment: int, elapsed: int) -> Iterator[JobEvent]:
        """Make the notice that is due. Arguments as for `is_due`.

        Raises:
            As `Sale.look` and `NoticeFolder.write`.
        """
        began = self.clock.steady()
        event = self._unwritten_at(round_, commitment) or self.sale.look()
        if isinstance(event, SaleFlagged):  # its flag had expired
            yield Mined(self.sale.account.identity, Statement.FLAG, event.receipt)
            event = self.sale.look()
            elapsed = 0
        self._seen = round_.id, commitment
        yield from self._told(event, elapsed, began)

    def _unwritten_at(self, round_: OnchainRound, commitment: int) -> NoticeMade | None:
        """The notice that could not be written, if it is still good."""
        made, self._unwritten = self._unwritten, None
        if made is None or (made.notice.round_id, made.notice.old_commitment) != (round_.id, commitment):
            return None
        return made

    def close(self) -> None:
        """Take back the notice: the account is not for sale any more."""
        if self._written is not None:
            self._written.unlink(missing_ok=True)
            self._written = None

    def _told(self, event: SaleFlagged | NoticeMade | SaleEnd | None, elapsed: int, began: float) -> Iterator[JobEvent]:
        account, ground = self.sale.account.identity, self.sale.ground
        if isinstance(event, NoticeMade) and self.notices is not None:
            self._unwritten = event
            written = self.notices.write(event.notice)
            self._unwritten = None
            self.close()
            self._written, self._next = written, elapsed + self.sale.seconds
            self._seen = event.notice.round_id, event.notice.old_commitment
            seconds = self.clock.steady() - began
            yield Notified(account, ground, event.notice.round_id, written.name, seconds)
        elif isinstance(event, SaleEnd):
            self.close()
            self._next = math.inf
            yield SaleOver(account, ground, event)
        else:
            self._next = elapsed + self.sale.step
