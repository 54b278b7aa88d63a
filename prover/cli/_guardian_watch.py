"""`guardian watch`: looking again and again, telling of what changed, and flagging what is below the line."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, NamedTuple

from rich.console import Console
from rich.text import Text

from prover.cli._book_chain import sent, short_id
from prover.cli._guardian_look import left_out
from prover.cli._guardian_show import standing_text
from prover.cli._output import as_hex, as_line, emit
from prover.market import MarginStatus
from prover.onchain import AccountReader, Gatekeeper, GuardedAccount, MarginBook, OtherChainError, Snapshot
from verifier import ChainError, InputError, ToolError, ZkSolvencyError


class Change(NamedTuple):
    """What happened to an account between two looks.

    Attributes:
        account: as it is now; as it was last when it is gone.
        what: "seen" at the first look and when it can be read again, "opened", "moved" when its state changed,
            "standing" when only prices did, "unread" when the node leaves its state out, "gone" when a reorganisation
            took its opening back.
        status: where it stands; None before the first round.
        before: where it stood.
    """

    account: GuardedAccount
    what: str
    status: MarginStatus | None
    before: MarginStatus | None


def changes(before: Snapshot | None, now: Snapshot) -> Iterator[Change]:
    """Accounts that are not as they were at the look before, oldest first."""
    known = {} if before is None else {account.identity: account for account in before.accounts}
    for account in now.accounts:
        old, status = known.pop(account.identity, None), _status(account, now)
        if before is None or old is None:
            was_there = before is None or account.identity in before.unread
            yield Change(account, "seen" if was_there else "opened", status, None)
        elif old.sealed.commitment != account.sealed.commitment:
            yield Change(account, "moved", status, _status(old, before))
        elif _status(old, before) is not status:
            yield Change(account, "standing", status, _status(old, before))
    if before is not None:
        for old in known.values():
            what = "unread" if old.identity in now.unread else "gone"
            yield Change(old, what, _status(old, before), _status(old, before))


def _status(account: GuardedAccount, snapshot: Snapshot) -> MarginStatus | None:
    return None if snapshot.round is None else account.standing(snapshot.round).status


def _below(snapshot: Snapshot) -> list[GuardedAccount]:
    return [a for a in snapshot.accounts if _status(a, snapshot) is MarginStatus.LIQUIDATABLE]


class Teller:
    """Tells of what is seen, on stdout: in words, or as one JSON object a line. No amount is among it.

    Args:
        as_json: who is asking.
    """

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._refusals: dict[int, str] = {}

    def seen(self, before: Snapshot | None, now: Snapshot) -> None:
        """Tell of a look, if anything is new in it."""
        found = list(changes(before, now))
        new_round = before is None or _round_id(before) != _round_id(now)
        was_left_out = [] if before is None else list(left_out(before))
        missing = list(left_out(now))
        if not (found or new_round or missing != was_left_out):
            return
        below = _below(now)
        content = {
            "event": "start" if before is None else "change",
            "block": now.block,
            "round": _round_id(now),
            "accounts": len(now.accounts),
            "changes": [
                {"account": as_hex(c.account.identity), "what": c.what, "standing": c.status, "before": c.before}
                for c in found
            ],
            "below_maintenance": [as_hex(account.identity) for account in below],
            "unread": [as_hex(identity) for identity in now.unread],
            "unopened": [as_hex(identity) for identity in now.unopened],
        }
        self._tell(content, lambda console: _render(console, now, found, below))

    def flagged(self, account: GuardedAccount, receipt: Mapping[str, Any]) -> None:
        """Tell that an account was flagged."""
        self._refusals.pop(account.identity, None)
        content = {"event": "flagged", "account": as_hex(account.identity), **sent(receipt)}
        words = f"  {short_id(account.identity)}  flagged   in transaction {content['transaction']}"
        self._tell(content, lambda console: console.print(words, soft_wrap=True))

    def not_flagged(self, account: GuardedAccount, error: ZkSolvencyError) -> None:
        """Tell why an account could not be flagged, once for each reason."""
        message = as_line(str(error))
        if self._refusals.get(account.identity) == message:
            return
        self._refusals[account.identity] = message
        content = {"event": "flag-refused", "account": as_hex(account.identity), "message": message}
        words = Text(f"  {short_id(account.identity)}  could not be flagged: {message}")
        self._tell(content, lambda console: console.print(words, soft_wrap=True))

    def gone(self, error: ZkSolvencyError) -> None:
        """Tell that the node is not there, or without the book."""
        words = as_line(str(error))
        self._tell(
            {"event": "node-gone", "message": words},
            lambda console: console.print(
                _line(f"the book cannot be seen, watching goes on when it can: {words}"), soft_wrap=True
            ),
        )

    def back(self) -> None:
        """Tell that the node is there again, with the book."""
        self._tell({"event": "node-back"}, lambda console: console.print(_line("the book is seen again")))

    def _tell(self, content: dict[str, Any], render: Callable[[Console], None]) -> None:
        emit({"time": int(time.time()), **content}, render, as_json=self._as_json)


def watch_book(
    connect: Callable[[], AbstractContextManager[MarginBook]],
    reader: AccountReader,
    teller: Teller,
    interval: float | None,
    flag: Callable[[MarginBook, Snapshot], None] | None = None,
) -> None:
    """Look at a book until interrupted. The first look must succeed; later ones wait for a node that goes away.

    The node is connected to anew for each look: a local one serves other commands in between. What fails then may pass:
    a node that syncs after a restart has the right chain id, and no contracts yet.

    Args:
        connect: opens the book.
        reader: looks.
        teller: tells.
        interval: between two looks [s]; None for a single one.
        flag: flags what a look shows below maintenance margin; None to flag nothing.

    Raises:
        ChainError, InputError, ToolError: the first look fails.
        OtherChainError: another chain answers now.
    """
    before: Snapshot | None = None
    is_gone = False
    while True:
        try:
            with connect() as book:
                now = reader.look(book)
                if is_gone:
                    teller.back()
                is_gone = False
                teller.seen(before, now)
                before = now
                if flag is not None:
                    flag(book, now)
        except (ChainError, InputError, ToolError) as error:
            if before is None or isinstance(error, OtherChainError):
                raise
            if not is_gone:
                teller.gone(error)
            is_gone = True
        if interval is None:
            return
        time.sleep(interval)


def flag_all(gatekeeper: Gatekeeper, snapshot: Snapshot, teller: Teller, recipient: int) -> None:
    """Flag every account that a look shows below maintenance margin and that is not flagged.

    One that cannot be flagged now stops no other. Nothing is remembered: the next look tries again.

    Args:
        gatekeeper: proves, and brings the proofs.
        snapshot: the look.
        teller: is told of each flag, and of what refused one.
        recipient: who earns the tips.

    Raises:
        InputError: the book has no gate, or the gate has another key.
        ChainError: the node is not reached.
    """
    for account in _below(snapshot):
        if gatekeeper.gate.account_state(account.identity).flagged_at_round:
            continue
        try:
            receipt = gatekeeper.flag(account.viewing, recipient)
        except ZkSolvencyError as error:
            teller.not_flagged(account, error)
        else:
            teller.flagged(account, receipt)


def _round_id(snapshot: Snapshot) -> int | None:
    return None if snapshot.round is None else snapshot.round.id


def _render(console: Console, now: Snapshot, found: list[Change], below: list[GuardedAccount]) -> None:
    round_ = "no round yet" if now.round is None else f"round {now.round.id}"
    total = f"{len(now.accounts)} account{'' if len(now.accounts) == 1 else 's'}"
    console.print(_line(f"{round_}, block {now.block}: {total}, {len(below)} below maintenance"))
    for change in found:
        was = f" (was {change.before})" if change.before not in {None, change.status} else ""
        account = f"  {short_id(change.account.identity)}  {change.what:<8}  "
        standing = Text("") if change.what in {"gone", "unread"} else standing_text(change.status)
        console.print(Text.assemble(account, standing, was), soft_wrap=True)
    for words in left_out(now):
        console.print(f"  {words}", soft_wrap=True)
    told = {change.account.identity for change in found}
    for account_ in below:
        if account_.identity not in told:
            console.print(
                Text.assemble(f"  {short_id(account_.identity)}  still     ", standing_text(MarginStatus.LIQUIDATABLE)),
                soft_wrap=True,
            )


def _line(words: str) -> Text:
    return Text(f"{datetime.now(UTC):%H:%M:%S}  {words}")
