"""The program run in this process, and an account whose every secret can be recognised."""

from pathlib import Path

import pytest
from cli.harness import AMOUNTS, QUOTE, Run, invoke

from prover import Account, AssetList, Domain, OwnerKeys


@pytest.fixture(autouse=True)
def quick_wallets(quick_passphrases: None) -> None:
    """In this process: a program in a process of its own writes what users get."""


@pytest.fixture
def run() -> Run:
    return invoke


@pytest.fixture
def secret_account(book: AssetList) -> Account:
    return Account.create(book, AMOUNTS, QUOTE, OwnerKeys.generate(Domain(31337, 0)))


@pytest.fixture
def account_file(secret_account: Account, tmp_path: Path) -> Path:
    path = tmp_path / "account.json"
    secret_account.save(path)
    return path
