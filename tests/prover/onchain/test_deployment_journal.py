"""The list of contracts that a deployment leaves beside its record until that is written."""

from pathlib import Path

import pytest

from prover.chain import DeployedContract
from prover.onchain import JournalFile, read_journal
from verifier import ChainError, InputError, UndecidedError

FIRST, SECOND = (f"0x{digit * 40}" for digit in "12")
TRANSACTION = "0x" + "a" * 64
SENDING_FIRST = DeployedContract(5, "First", FIRST, None)
SENDING_SECOND = DeployedContract(6, "Second", SECOND, None)
DEPLOYED_FIRST = SENDING_FIRST._replace(transaction=TRANSACTION)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "record.partial.json"


def on_disk(path: Path) -> list[tuple[str, str | None]]:
    return [(entry.address, entry.transaction) for entry in read_journal(path)]


def test_each_step_is_on_disk_before_the_next(path: Path) -> None:
    journal = JournalFile(path)
    journal.begin(SENDING_FIRST)
    assert on_disk(path) == [(FIRST, None)]
    journal.finish(DEPLOYED_FIRST)
    assert on_disk(path) == [(FIRST, TRANSACTION)]
    journal.begin(SENDING_SECOND)
    assert on_disk(path) == [(FIRST, TRANSACTION), (SECOND, None)]
    journal.remove()
    assert not path.exists()


@pytest.mark.parametrize(
    ("error", "kept"),
    [(ChainError("refused"), []), (InputError("no"), []), (UndecidedError("who knows"), [(SECOND, None)])],
    ids=lambda value: type(value).__name__,
)
def test_what_may_be_mined_still_is_kept(path: Path, error: ChainError, kept: list[tuple[str, None]]) -> None:
    journal = JournalFile(path)
    journal.begin(SENDING_FIRST)
    journal.finish(DEPLOYED_FIRST)
    journal.begin(SENDING_SECOND)
    journal.fail(error)
    assert on_disk(path) == [(FIRST, TRANSACTION), *kept]
    assert f"First at {FIRST}" in str(error)
    assert (f"Second at {SECOND} (perhaps" in str(error)) == bool(kept)


def test_a_refusal_of_the_first_contract_leaves_no_list(path: Path) -> None:
    journal, error = JournalFile(path), ChainError("refused")
    journal.begin(SENDING_FIRST)
    journal.fail(error)
    assert (path.exists(), str(error)) == (False, "refused")


def test_the_list_of_an_earlier_deployment_is_kept(path: Path) -> None:
    earlier = JournalFile(path)
    earlier.begin(SENDING_FIRST)
    again, error = JournalFile(path), ChainError("refused")
    again.begin(SENDING_SECOND)
    again.fail(error)
    assert on_disk(path) == [(FIRST, None)]
    assert [entry.chain_id for entry in read_journal(path)] == [5]
    assert str(error) == "refused"
