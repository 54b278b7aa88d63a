"""Shared fixtures: the example book, rounds and account, and the built circuits."""

import atexit
import os
import signal
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from on_demand import built_artifacts
from quick_age import quick_encrypt

from prover import Account, AssetList, Domain, OwnerKeys, PriceRound
from prover.account import parse_portfolio
from prover.market import SymbolMap
from prover.toolchain import AnyBackend, Artifacts, SnarkjsBackend, build, open_backend

# A shell starts its background jobs with Ctrl-C ignored, and what the tests start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# What commands keep of chains must not land among the user's own files; processes that tests start inherit the folder.
_user_data = tempfile.TemporaryDirectory(prefix="zksolvency-tests-")
atexit.register(_user_data.cleanup)
os.environ["XDG_DATA_HOME"] = _user_data.name

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
LOCAL = Domain(chain_id=31337, contract=0)


@pytest.fixture(scope="session")
def book() -> AssetList:
    return AssetList.load(ROOT / "books" / "perps-13.json")


@pytest.fixture(scope="session")
def round_1(book: AssetList) -> PriceRound:
    return PriceRound.load(EXAMPLES / "round-1.json", book)


@pytest.fixture(scope="session")
def round_2(book: AssetList) -> PriceRound:
    return PriceRound.load(EXAMPLES / "round-2.json", book)


@pytest.fixture(scope="session")
def account(book: AssetList, round_1: PriceRound) -> Account:
    """The example portfolio: healthy at round 1, liquidatable at round 2."""
    data = (EXAMPLES / "positions.csv").read_bytes()
    state = parse_portfolio(data, SymbolMap(book, {}), "positions.csv").state(book, round_1)
    return Account.of_state(book, state, OwnerKeys.generate(LOCAL))


@pytest.fixture(scope="session")
def artifacts() -> Mapping[str, Artifacts]:
    """`margin` and `margin-lean` with development keys, and other instances when they are asked for."""
    artifacts = built_artifacts()
    artifacts.update(build(["margin-13", "margin-lean-13"]))
    return artifacts


@pytest.fixture
def quick_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that this process encrypts open quickly; those of tests/prover/storage/test_secret_file.py do not."""
    monkeypatch.setattr("pyrage.passphrase.encrypt", quick_encrypt)


@pytest.fixture(scope="session")
def snarkjs() -> Iterator[SnarkjsBackend]:
    with SnarkjsBackend() as backend:
        yield backend


@pytest.fixture(scope="session")
def backend() -> Iterator[AnyBackend]:
    """What makes witnesses and proofs by default: the native core where it is installed."""
    with open_backend() as opened:
        yield opened
