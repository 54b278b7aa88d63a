"""What `guardian watch` prints: in words, or as one JSON object a line. No amount is among it."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from prover.cli._ether import ether
from prover.cli._guardian_show import status_text
from prover.cli._output import as_hex, as_line, emit, sent, short_id
from prover.market import MarginStatus
from prover.onchain import (
    AccountExpired,
    AccountFlagged,
    ChangeKind,
    ExpiryRefused,
    FlagRefused,
    GuardedAccount,
    NodeBack,
    NodeLost,
    Snapshot,
    SnapshotRead,
    WatchEvent,
)

MAX_NAMED: Final = 20

_LEFT: Final = frozenset({ChangeKind.CLOSED, ChangeKind.GONE, ChangeKind.UNREAD})
"""Of accounts that have no present state."""


def left_out(snapshot: Snapshot) -> Iterator[str]:
    """What the node leaves out of a look, in words."""
    for what, identities in (
        ("the present state of the account", snapshot.unread),
        ("the opening of the account", snapshot.unopened),
    ):
        for identity in identities[:MAX_NAMED]:
            yield f"the node's logs do not hold {what} {as_hex(identity)}"
        if len(identities) > MAX_NAMED:
            yield f"nor those of {len(identities) - MAX_NAMED} further accounts"
    if snapshot.hidden:
        yield (
            f"the book has counted {snapshot.hidden} more accounts than the node's logs name: some may be yours; "
            "ask another node"
        )


def asleep_words(snapshot: Snapshot) -> str:
    """That accounts have expired positions, in words."""
    count = len(snapshot.asleep)
    return (
        f"{count} account{' has' if count == 1 else 's have'} expired positions, and cannot be flagged before they are "
        "cash: `guardian expire --all`"
    )


def print_event(event: WatchEvent, *, as_json: bool) -> None:
    """Print one event of a watch on stdout."""
    content, render = _content(event)
    emit({"time": int(time.time()), **content}, render, as_json=as_json)


def _content(event: WatchEvent) -> tuple[dict[str, Any], Callable[[Console], None]]:
    """An event for machines, and what prints it for people."""
    match event:
        case SnapshotRead():
            return _snapshot_json(event), lambda console: _render_snapshot(console, event)
        case AccountFlagged(account, receipt, tip):
            content = {"event": "flagged", "account": as_hex(account.identity), "tip": tip, **sent(receipt)}
            earned = f", tip {ether(tip)}" if tip else ""
            words = Text(f"  {short_id(account.identity)}  flagged   in transaction {content['transaction']}{earned}")
        case AccountExpired(account, receipts):
            done = sent(receipts[-1]) if receipts else {}
            content = {"event": "expired", "account": as_hex(account.identity), "proofs": len(receipts), **done}
            how = f"in transaction {content['transaction']}" if receipts else "by its owner"
            words = Text(f"  {short_id(account.identity)}  expired   its positions were turned into cash {how}")
        case ExpiryRefused(account, error):
            message = as_line(str(error))
            content = {"event": "expiry-refused", "account": as_hex(account.identity), "message": message}
            words = Text(f"  {short_id(account.identity)}  expired positions could not be settled: {message}")
        case FlagRefused(account, error):
            message = as_line(str(error))
            content = {"event": "flag-refused", "account": as_hex(account.identity), "message": message}
            words = Text(f"  {short_id(account.identity)}  could not be flagged: {message}")
        case NodeLost(error):
            message = as_line(str(error))
            content = {"event": "node-gone", "message": message}
            words = _line(f"the book cannot be seen, watching goes on when it can: {message}")
        case NodeBack():
            content, words = {"event": "node-back"}, _line("the book is seen again")
    return content, lambda console: console.print(words, soft_wrap=True)


def _snapshot_json(event: SnapshotRead) -> dict[str, Any]:
    snapshot = event.snapshot
    return {
        "event": "start" if event.previous is None else "change",
        "block": snapshot.block,
        "round": None if snapshot.round is None else snapshot.round.id,
        "accounts": len(snapshot.accounts),
        "changes": [
            {"account": as_hex(c.account.identity), "what": c.kind, "status": c.status, "before": c.before}
            for c in event.changes
        ],
        "below_maintenance": [as_hex(account.identity) for account in event.liquidatable],
        "tips": {as_hex(identity): tip for identity, tip in event.tips.items()},
        "unread": [as_hex(identity) for identity in snapshot.unread],
        "unopened": [as_hex(identity) for identity in snapshot.unopened],
        "hidden": snapshot.hidden,
        "closed": [as_hex(identity) for identity in snapshot.closed],
        "asleep": [as_hex(identity) for identity in snapshot.asleep],
    }


def _render_snapshot(console: Console, event: SnapshotRead) -> None:
    snapshot, below = event.snapshot, event.liquidatable
    round_ = "no round yet" if snapshot.round is None else f"round {snapshot.round.id}"
    total = f"{len(snapshot.accounts)} account{'' if len(snapshot.accounts) == 1 else 's'}"
    console.print(_line(f"{round_}, block {snapshot.block}: {total}, {len(below)} below maintenance"))
    for change in event.changes:
        was = f" (was {change.before})" if change.before not in {None, change.status} else ""
        account = f"  {short_id(change.account.identity)}  {change.kind:<8}  "
        status = Text("") if change.kind in _LEFT else status_text(change.status)
        console.print(Text.assemble(account, status, was, _tip(event, change.account)), soft_wrap=True)
    for words in left_out(snapshot):
        console.print(f"  {words}", soft_wrap=True)
    if snapshot.asleep:
        console.print(f"  {asleep_words(snapshot)}", soft_wrap=True)
    changed = {change.account.identity for change in event.changes}
    for still in below:
        if still.identity not in changed:
            line = (f"  {short_id(still.identity)}  still     ", status_text(MarginStatus.LIQUIDATABLE))
            console.print(Text.assemble(*line, _tip(event, still)), soft_wrap=True)


def _tip(event: SnapshotRead, account: GuardedAccount) -> str:
    """What a flag of an account would earn, if anything."""
    tip = event.tips.get(account.identity, 0)
    return f", a flag earns {ether(tip)}" if tip else ""


def _line(words: str) -> Text:
    return Text(f"{datetime.now(UTC):%H:%M:%S}  {words}")
