"""The list of contracts that a deployment leaves beside its record until that is written."""

import json
from pathlib import Path

import pytest

from prover.chain import DeployedContract
from prover.onchain import JournalFile, read_journal
from verifier import ChainError, InputError, UndecidedError

FIRST, SECOND = (f"0x{digit * 40}" for digit in "12")
TRANSACTION = "0x" + "a" * 64


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "record.partial.json"


def on_disk(path: Path) -> list[tuple[str, str | None]]:
    return [(entry.address, entry.transaction) for entry in read_journal(path)]


def test_each_step_is_on_disk_before_the_next(path: Path) -> None:
    listing = JournalFile(path, 5)
    listing.begin("First", FIRST)
    assert on_disk(path) == [(FIRST, None)]
    listing.finish(DeployedContract("First", FIRST, TRANSACTION))
    assert on_disk(path) == [(FIRST, TRANSACTION)]
    listing.begin("Second", SECOND)
    assert on_disk(path) == [(FIRST, TRANSACTION), (SECOND, None)]
    listing.remove()
    assert not path.exists()


@pytest.mark.parametrize(
    ("error", "kept"),
    [(ChainError("refused"), []), (InputError("no"), []), (UndecidedError("who knows"), [(SECOND, None)])],
    ids=lambda value: type(value).__name__,
)
def test_what_may_be_mined_still_is_kept(path: Path, error: ChainError, kept: list[tuple[str, None]]) -> None:
    listing = JournalFile(path, 5)
    listing.begin("First", FIRST)
    listing.finish(DeployedContract("First", FIRST, TRANSACTION))
    listing.begin("Second", SECOND)
    listing.fail(error)
    assert on_disk(path) == [(FIRST, TRANSACTION), *kept]
    assert f"First at {FIRST}" in str(error)
    assert (f"Second at {SECOND} (perhaps" in str(error)) == bool(kept)


def test_a_refusal_of_the_first_contract_leaves_no_list(path: Path) -> None:
    listing, error = JournalFile(path, 5), ChainError("refused")
    listing.begin("First", FIRST)
    listing.fail(error)
    assert (path.exists(), str(error)) == (False, "refused")


def test_the_list_of_an_earlier_deployment_is_kept(path: Path) -> None:
    earlier = JournalFile(path, 5)
    earlier.begin("First", FIRST)
    again, error = JournalFile(path, 6), ChainError("refused")
    again.begin("Second", SECOND)
    again.fail(error)
    assert on_disk(path) == [(FIRST, None)]
    assert json.loads(path.read_text())["contracts"][0]["chain_id"] == 5
    assert str(error) == "refused"
