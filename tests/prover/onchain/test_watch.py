"""A guardian's watch: events of what changes, flags of what is below the line, and a node that comes and goes."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from prover.market import MarginStatus
from prover.onchain import (
    AccountFlagged,
    ChangeKind,
    Flagger,
    FlagRefused,
    GuardianWatch,
    NodeBack,
    NodeLost,
    OtherChainError,
    Snapshot,
    SnapshotRead,
    WatchEvent,
    find_guarded,
)
from verifier import ChainError, InputError, ProvingError, ToolError, ZkSolvencyError

HEALTHY, BELOW_INITIAL, LIQUIDATABLE = MarginStatus.HEALTHY, MarginStatus.BELOW_INITIAL, MarginStatus.LIQUIDATABLE
ALICE, BOB = 0x1111 << 240, 0x2222 << 240
BOND, BLOCK = 10**16, 7


class FakeContracts:
    """A book in which BOB is flagged, and whose vault holds a bond of every account."""

    def __init__(self) -> None:
        self.chain = SimpleNamespace(sender="0x" + "0" * 38 + "ab")
        self.book = self.vault = self
        self.engine = None

    def accounts(self, accounts: Sequence[int], block: int) -> dict[int, Any]:
        assert block == BLOCK
        return {one: SimpleNamespace(is_flagged=one == BOB) for one in accounts}

    def bonds(self, accounts: Sequence[int], block: int) -> dict[int, int]:
        assert block == BLOCK
        return dict.fromkeys(accounts, BOND)

    def bond_paid(self, receipt: dict[str, Any]) -> int:
        return int(receipt["paid"])


def account(identity: int, commitment: int = 1, status: MarginStatus = HEALTHY) -> Any:
    """An account of the guardian, on one side of its margins at every round."""
    health = SimpleNamespace(status=status)
    return SimpleNamespace(
        identity=identity,
        viewing=identity,
        sealed=SimpleNamespace(commitment=commitment),
        health=lambda _: health,
    )


def snapshot(*accounts: Any, round_id: int | None = 1, unread: Sequence[int] = ()) -> Snapshot:
    round_: Any = None if round_id is None else SimpleNamespace(id=round_id)
    return Snapshot(BLOCK, round_, accounts, unread)


class Script:
    """A book whose looks end as a script says: in a snapshot, or in an error."""

    def __init__(self, *ends: Snapshot | Exception) -> None:
        self.left = list(ends)

    @contextmanager
    def connect(self) -> Iterator[Any]:
        end = self.left.pop(0)
        if isinstance(end, Exception):
            raise end
        yield SimpleNamespace(contracts=FakeContracts(), end=end)

    def look(self, book: Any) -> Any:
        return book.end


def watch(*ends: Snapshot | Exception, flag: Any = None) -> list[WatchEvent]:
    """All events of a script."""
    script = Script(*ends)
    guardian = GuardianWatch(script.connect, script, flag)  # type: ignore[arg-type]
    return [event for _ in ends for event in guardian.look()]


def told(event: WatchEvent) -> list[tuple[int, ChangeKind, MarginStatus | None, MarginStatus | None]]:
    assert isinstance(event, SnapshotRead)
    return [(change.account.identity, change.kind, change.status, change.before) for change in event.changes]


# ------------------------------------------------------------------------------------------------ changes


def test_the_first_look_sees_every_account() -> None:
    (first,) = watch(snapshot(account(ALICE), account(BOB, status=LIQUIDATABLE)))
    assert told(first) == [(ALICE, ChangeKind.SEEN, HEALTHY, None), (BOB, ChangeKind.SEEN, LIQUIDATABLE, None)]
    assert isinstance(first, SnapshotRead)
    assert (first.previous, [one.identity for one in first.liquidatable]) == (None, [BOB])


def test_a_look_at_the_same_is_no_event() -> None:
    assert len(watch(*[snapshot(account(ALICE, status=LIQUIDATABLE))] * 3)) == 1


def test_a_new_round_alone_is_an_event() -> None:
    _, second = watch(snapshot(account(ALICE)), snapshot(account(ALICE), round_id=2))
    assert told(second) == []


def test_openings_states_and_statuses_are_told_apart() -> None:
    _, opened, moved, below, cured = watch(
        snapshot(account(ALICE)),
        snapshot(account(ALICE), account(BOB)),
        snapshot(account(ALICE, commitment=2, status=BELOW_INITIAL), account(BOB)),
        snapshot(account(ALICE, commitment=2, status=LIQUIDATABLE), account(BOB), round_id=2),
        snapshot(account(ALICE, commitment=3), account(BOB), round_id=2),
    )
    assert told(opened) == [(BOB, ChangeKind.OPENED, HEALTHY, None)]
    assert told(moved) == [(ALICE, ChangeKind.STATE, BELOW_INITIAL, HEALTHY)]
    assert told(below) == [(ALICE, ChangeKind.STATUS, LIQUIDATABLE, BELOW_INITIAL)]
    assert told(cured) == [(ALICE, ChangeKind.STATE, HEALTHY, LIQUIDATABLE)]


def test_a_change_says_which_status_is_new() -> None:
    first, moved, below, gone = watch(
        snapshot(account(ALICE)),
        snapshot(account(ALICE, commitment=2)),
        snapshot(account(ALICE, commitment=2, status=LIQUIDATABLE), round_id=2),
        snapshot(round_id=2),
    )
    entered = [event.changes[0].entered for event in (first, moved, below, gone) if isinstance(event, SnapshotRead)]
    assert entered == [HEALTHY, None, LIQUIDATABLE, None]


def test_what_the_node_leaves_out_is_told_apart_from_what_a_reorganisation_took_back() -> None:
    both = snapshot(account(ALICE), account(BOB))
    _, missing, gone, back = watch(both, snapshot(account(BOB), unread=[ALICE]), snapshot(account(BOB)), both)
    assert told(missing) == [(ALICE, ChangeKind.UNREAD, HEALTHY, HEALTHY)]
    assert told(gone) == []  # it left ALICE out before, and is silent about it now
    assert told(back) == [(ALICE, ChangeKind.OPENED, HEALTHY, None)]
    _, taken_back = watch(both, snapshot(account(BOB)))
    assert told(taken_back) == [(ALICE, ChangeKind.GONE, HEALTHY, HEALTHY)]
    *_, again = watch(both, snapshot(account(BOB), unread=[ALICE]), both)
    assert told(again) == [(ALICE, ChangeKind.SEEN, HEALTHY, None)]


def test_before_the_first_round_no_status_is_known() -> None:
    _, priced = watch(snapshot(account(ALICE), round_id=None), snapshot(account(ALICE, status=LIQUIDATABLE)))
    assert told(priced) == [(ALICE, ChangeKind.STATUS, LIQUIDATABLE, None)]


# ------------------------------------------------------------------------------------------------ the node


@pytest.mark.parametrize("passing", [ChainError("no answer"), InputError("no contracts"), ToolError("no anvil")])
def test_a_node_that_goes_away_is_told_once_and_waited_for(passing: ZkSolvencyError) -> None:
    same = snapshot()
    assert [type(event) for event in watch(same, passing, passing, same, passing)] == [
        SnapshotRead,
        NodeLost,
        NodeBack,
        NodeLost,
    ]
    with pytest.raises(type(passing)):
        watch(passing)


def test_what_changed_while_the_node_was_gone_is_told_after_it_is_back() -> None:
    events = watch(snapshot(account(ALICE)), ChainError("no answer"), snapshot(account(ALICE, commitment=2)))
    assert [type(event) for event in events] == [SnapshotRead, NodeLost, NodeBack, SnapshotRead]
    assert told(events[-1]) == [(ALICE, ChangeKind.STATE, HEALTHY, HEALTHY)]


def test_another_chain_ends_the_watch() -> None:
    """Nothing of the accounts would be true there."""
    with pytest.raises(OtherChainError):
        watch(snapshot(), OtherChainError("another chain"))


def test_one_look_is_enough_where_no_interval_is_given() -> None:
    script = Script(snapshot(), snapshot(round_id=2))
    assert len(list(GuardianWatch(script.connect, script).events(None))) == 1  # type: ignore[arg-type]
    assert len(script.left) == 1


# ------------------------------------------------------------------------------------------------ flags


def test_a_callback_flags_what_is_below_maintenance_margin_and_only_that() -> None:
    asked: list[list[int]] = []

    def flag(book: Any, accounts: Sequence[Any]) -> Iterable[AccountFlagged]:
        asked.append([one.identity for one in accounts])
        return [AccountFlagged(one, {}, 0) for one in accounts]

    low = account(BOB, status=LIQUIDATABLE)
    events = watch(snapshot(account(ALICE, status=BELOW_INITIAL), low), snapshot(), flag=flag)
    assert asked == [[BOB], []]
    assert events[1] == AccountFlagged(low, {}, 0)


def test_the_tip_of_a_flag_is_the_bond_of_an_account_that_is_not_flagged() -> None:
    accounts = [account(ALICE, status=LIQUIDATABLE), account(BOB, status=LIQUIDATABLE), account(3)]
    (seen,) = watch(snapshot(*accounts))
    assert isinstance(seen, SnapshotRead)
    assert seen.tips == {ALICE: BOND, BOB: 0}


def test_a_refusal_is_told_once_for_each_reason_until_the_flag_succeeds() -> None:
    low = account(BOB, status=LIQUIDATABLE)
    ends = iter(["stopped", "stopped", "no gas", None, "no gas"])

    def flag(book: Any, accounts: Sequence[Any]) -> Iterable[AccountFlagged | FlagRefused]:
        reason = next(ends)
        return [AccountFlagged(low, {}, 0) if reason is None else FlagRefused(low, ChainError(reason))]

    events = watch(*[snapshot(low)] * 5, flag=flag)[1:]
    assert [str(event.error) if isinstance(event, FlagRefused) else "flagged" for event in events] == [
        "stopped",
        "no gas",
        "flagged",
        "no gas",
    ]


class FakeGatekeeper:
    """A gate at which ALICE is flagged already and the proof of BOB fails."""

    def __init__(self, book: Any, prover: Any) -> None:
        self.flagged: list[tuple[int, int]] = book.flagged

    def has_flagged(self, identity: int) -> bool:
        return identity == ALICE

    def flag(self, viewing: int, recipient: int) -> dict[str, Any]:
        if viewing == BOB:
            raise ProvingError("cannot be proven")
        self.flagged.append((viewing, recipient))
        return {"paid": BOND}


def test_a_flagger_skips_what_is_flagged_and_goes_on_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prover.onchain._watch.Gatekeeper", FakeGatekeeper)
    carol = 0x3333 << 240
    accounts = [account(one, status=LIQUIDATABLE) for one in (ALICE, BOB, carol)]
    for recipient, earner in ((None, 0xAB), (5, 5)):
        book: Any = SimpleNamespace(flagged=[], contracts=FakeContracts())
        flagger = Flagger(None, recipient)  # type: ignore[arg-type]
        refused, flagged = flagger(book, accounts)
        assert isinstance(refused, FlagRefused)
        assert isinstance(flagged, AccountFlagged)
        assert (refused.account.identity, flagged.account.identity) == (BOB, carol)
        assert (book.flagged, flagged.tip) == ([(carol, earner)], BOND)


# ------------------------------------------------------------------------------------------------ one account


def test_an_account_is_found_by_how_its_identity_begins() -> None:
    look = snapshot(account(ALICE), account(BOB), unread=[0x3333 << 240])
    for text in ("0x2222", "0X2222", f"0x{BOB:064x}", "0x22220.."):
        assert find_guarded(look, text).identity == BOB
    for text, words in (("0x222", "at least 4 digits"), ("2222222", "give 0x"), ("0x4444", "no account")):
        with pytest.raises(InputError, match=words):
            find_guarded(look, text)
    with pytest.raises(InputError, match="more than one account"):
        find_guarded(snapshot(account(ALICE), account(ALICE + 1)), "0x1111")
    with pytest.raises(ChainError, match="logs do not hold its present state"):
        find_guarded(look, "0x3333")
