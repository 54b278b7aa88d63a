"""Notices of a sale: when a new one is due, and which files are taken back."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from eth_account import Account as Signer

from liquidator.engine._events import Notified, SaleOver
from liquidator.engine._sales import EngineSale, NoticeFileError, NoticeFolder
from prover.liquidation import LiquidatorKey, SealedNotice
from prover.onchain import NoticeMade, SaleEnd
from tests.liquidator.engine.fake_clock import FakeClock
from verifier import InputError, VectorKind

STEP, SECONDS = 12, 60


class Bench:
    """A sale whose looks a test scripts, and a folder that seals nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.script: list[Any] = []
        self.written = 0
        self.is_full = False
        account = SimpleNamespace(identity=7)
        sale = SimpleNamespace(
            account=account, ground=VectorKind.MAINTENANCE, step=STEP, seconds=SECONDS, look=self.look
        )
        notices = SimpleNamespace(write=self.write)
        self.sale = EngineSale(cast("Any", sale), FakeClock(), cast("Any", None), cast("Any", notices))

    def look(self) -> Any:
        return self.script.pop(0)

    def write(self, _: object) -> Path:
        if self.is_full:
            raise NoticeFileError("no space")
        self.written += 1
        path = self.folder / f"notice-{self.written}.json"
        path.touch()
        return path

    def tell(self, event: Any, round_id: int = 1, commitment: int = 5, elapsed: int = 0) -> list[Any]:
        self.script.append(event)
        return list(self.sale.look(round_at(round_id), commitment, elapsed))

    def is_due(self, round_id: int = 1, commitment: int = 5, elapsed: int = 0) -> bool:
        return self.sale.is_due(round_at(round_id), commitment, elapsed)


def round_at(round_id: int) -> Any:
    return SimpleNamespace(id=round_id)


def made(round_id: int = 1, commitment: int = 5) -> NoticeMade:
    return NoticeMade(cast("Any", SimpleNamespace(round_id=round_id, old_commitment=commitment)))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_notice_is_due_at_each_round_change_and_end(bench: Bench) -> None:
    assert bench.is_due()
    (event,) = bench.tell(made())
    assert isinstance(event, Notified)
    assert not bench.is_due(elapsed=SECONDS - 1)
    assert bench.is_due(elapsed=SECONDS)
    assert bench.is_due(round_id=2)
    assert bench.is_due(commitment=6)


def test_in_the_cure_window_it_is_looked_again_after_a_step(bench: Bench) -> None:
    assert bench.tell(None, elapsed=20) == []
    assert not bench.is_due(elapsed=20 + STEP - 1)
    assert bench.is_due(elapsed=20 + STEP)


def test_the_folder_has_the_newest_notice_alone_and_none_when_nothing_is_sold(bench: Bench) -> None:
    for round_id in (1, 2):
        bench.tell(made(round_id), round_id)
        assert [path.name for path in bench.folder.iterdir()] == [f"notice-{round_id}.json"]
    assert bench.tell(SaleEnd.RECOVERED, 3) == [SaleOver(7, VectorKind.MAINTENANCE, SaleEnd.RECOVERED)]
    assert list(bench.folder.iterdir()) == []
    assert not bench.is_due(3, elapsed=10**9)
    assert bench.is_due(4)


def test_a_notice_that_could_not_be_written_is_written_at_the_next_look(bench: Bench) -> None:
    """The sale makes it once: it is told of no second one at the round."""
    bench.is_full = True
    with pytest.raises(NoticeFileError):
        bench.tell(made())
    assert bench.is_due()
    bench.is_full = False
    (event,) = bench.sale.look(round_at(1), 5, 0)
    assert isinstance(event, Notified)
    assert not bench.is_due()
    bench.is_full = True
    with pytest.raises(NoticeFileError):
        bench.tell(made(2), 2)
    bench.is_full = False
    assert bench.tell(None, 3) == []  # it is of an older round now


def test_a_folder_that_takes_no_file_is_an_error(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise InputError("no space")

    sealed = SimpleNamespace(content=b"", round_id=1, save=full)
    monkeypatch.setattr("prover.liquidation.SealedNotice.seal", lambda *_: sealed)
    folder = NoticeFolder(bench.folder, [], cast("Any", None))
    with pytest.raises(NoticeFileError, match="no space"):
        folder.write(cast("Any", None))


def test_only_the_own_notices_of_an_earlier_run_are_cleared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, other = Signer.create(), Signer.create()
    owners = {"notice-1-a.json": own, "notice-1-b.json": other}
    for name in (*owners, "notice-1-c.json", "mine.json"):
        (tmp_path / name).write_text("{")

    def load(path: Path) -> Any:
        if path.name not in owners:
            raise InputError("no notice")
        return SimpleNamespace(guardian=owners[path.name].address)

    monkeypatch.setattr(SealedNotice, "load", load)
    NoticeFolder(tmp_path, [LiquidatorKey.generate().recipient], own).clear()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.json", "notice-1-b.json", "notice-1-c.json"]
