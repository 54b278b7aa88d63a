"""`guardian watch`: looking again and again, telling of what changed."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, NamedTuple

from rich.console import Console
from rich.text import Text

from prover.cli._book_chain import short_id
from prover.cli._chain import OtherChainError
from prover.cli._guardian_look import Looker, Seen, Side, Sight
from prover.cli._guardian_show import standing_text
from prover.cli._output import as_hex, as_line, emit
from prover.onchain import OnchainBook
from verifier import ChainError, InputError, ToolError, ZkSolvencyError


class Change(NamedTuple):
    """What happened to an account between two looks.

    Attributes:
        account: as it is now; as it was last when it is gone.
        what: "seen" at the first look, "opened", "moved" when its state changed, "standing" when only prices did,
            "gone" when a reorganisation took its opening back.
        before: where it stood.
    """

    account: Seen
    what: str
    before: Side | None


def changes(before: Sight | None, now: Sight) -> Iterator[Change]:
    """Accounts that are not as they were at the look before, oldest first."""
    known = {} if before is None else {account.identity: account for account in before.accounts}
    for account in now.accounts:
        old = known.pop(account.identity, None)
        if old is None:
            yield Change(account, "seen" if before is None else "opened", None)
        elif old.state.sealed.commitment != account.state.sealed.commitment:
            yield Change(account, "moved", old.side)
        elif old.side is not account.side:
            yield Change(account, "standing", old.side)
    for old in known.values():
        yield Change(old, "gone", old.side)


class Teller:
    """Tells of what is seen, on stdout: in words, or as one JSON object a line. No amount is among it.

    Args:
        as_json: who is asking.
    """

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json

    def seen(self, before: Sight | None, now: Sight) -> None:
        """Tell of a look, if anything is new in it."""
        found = list(changes(before, now))
        new_round = before is None or _round_id(before) != _round_id(now)
        if not (found or new_round):
            return
        below = [account for account in now.accounts if account.side is Side.LIQUIDATABLE]
        content = {
            "event": "start" if before is None else "change",
            "block": now.block,
            "round": _round_id(now),
            "accounts": len(now.accounts),
            "changes": [
                {"account": as_hex(c.account.identity), "what": c.what, "standing": c.account.side, "before": c.before}
                for c in found
            ],
            "below_maintenance": [as_hex(account.identity) for account in below],
        }
        self._tell(content, lambda console: _render(console, now, found, below))

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
    connect: Callable[[], AbstractContextManager[OnchainBook]], looker: Looker, teller: Teller, interval: float | None
) -> None:
    """Look at a book until interrupted. The first look must succeed; later ones wait for a node that goes away.

    The node is connected to anew for each look: a local one serves other commands in between. What fails then may pass:
    a node that syncs after a restart has the right chain id, and no contracts yet.

    Args:
        connect: opens the book.
        looker: looks.
        teller: tells.
        interval: between two looks [s]; None for a single one.

    Raises:
        ChainError, InputError, ToolError: the first look fails.
        OtherChainError: another chain answers now.
    """
    before: Sight | None = None
    is_gone = False
    while True:
        try:
            with connect() as book:
                now = looker.look(book)
        except (ChainError, InputError, ToolError) as error:
            if before is None or isinstance(error, OtherChainError):
                raise
            if not is_gone:
                teller.gone(error)
            is_gone = True
        else:
            if is_gone:
                teller.back()
            is_gone = False
            teller.seen(before, now)
            before = now
        if interval is None:
            return
        time.sleep(interval)


def _round_id(sight: Sight) -> int | None:
    return None if sight.round is None else sight.round.id


def _render(console: Console, now: Sight, found: list[Change], below: list[Seen]) -> None:
    round_ = "no round yet" if now.round is None else f"round {now.round.id}"
    total = f"{len(now.accounts)} account{'' if len(now.accounts) == 1 else 's'}"
    console.print(_line(f"{round_}, block {now.block}: {total}, {len(below)} below maintenance"))
    for change in found:
        was = f" (was {change.before})" if change.before not in {None, change.account.side} else ""
        account = f"  {short_id(change.account.identity)}  {change.what:<8}  "
        standing = Text("") if change.what == "gone" else standing_text(change.account.side)
        console.print(Text.assemble(account, standing, was), soft_wrap=True)
    told = {change.account.identity for change in found}
    for account_ in below:
        if account_.identity not in told:
            console.print(
                Text.assemble(f"  {short_id(account_.identity)}  still     ", standing_text(account_.side)),
                soft_wrap=True,
            )


def _line(words: str) -> Text:
    return Text(f"{datetime.now(UTC):%H:%M:%S}  {words}")
