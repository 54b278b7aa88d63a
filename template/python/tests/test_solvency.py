"""What the project promises: a proof of a solvent account, and none of another one."""

from dataclasses import replace
from pathlib import Path

import pytest
from solvency import BOOK, STATEMENT, open_account, prove, verify

from prover import AssetList, PriceRound
from prover.toolchain import Artifacts, build, load_book
from verifier import ProvingError, VerificationError

FOLDER = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def artifacts() -> Artifacts:
    return build([STATEMENT])[STATEMENT]


@pytest.fixture(scope="module")
def book() -> AssetList:
    return load_book(BOOK)


def test_a_solvent_account_is_proven_and_verified(book: AssetList, artifacts: Artifacts) -> None:
    prices = PriceRound.load(FOLDER / "round-1.json", book)
    account = open_account(FOLDER / "positions.csv", book, prices)
    envelope = prove(account, prices, artifacts)
    verify(envelope, account.commitment(), prices, artifacts.key)

    with pytest.raises(VerificationError):
        verify(envelope, account.commitment() + 1, prices, artifacts.key)
    altered = replace(envelope, proof=replace(envelope.proof, c=envelope.proof.a))
    with pytest.raises(VerificationError):
        verify(altered, account.commitment(), prices, artifacts.key)


def test_nothing_proves_an_account_below_its_margin(book: AssetList, artifacts: Artifacts) -> None:
    before, after = (PriceRound.load(FOLDER / f"round-{number}.json", book) for number in (1, 2))
    account = open_account(FOLDER / "positions.csv", book, before)
    with pytest.raises(ProvingError):
        prove(account, after, artifacts)
