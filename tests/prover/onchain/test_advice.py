"""What to do about a refusal is said of refusals that exist."""

import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent.parent
ADVISING = sorted(
    path.stem for path in (ROOT / "prover" / "onchain").glob("_*.py") if "\n_ADVICE: " in path.read_text()
)


@pytest.mark.parametrize("module", ADVISING)
def test_advice_is_about_errors_of_the_contracts(module: str) -> None:
    sources = "".join(path.read_text() for path in (ROOT / "contracts" / "src").rglob("*.sol"))
    errors = set(re.findall(r"\berror (\w+)\(", sources))
    assert not set(import_module(f"prover.onchain.{module}")._ADVICE) - errors


def test_there_is_advice() -> None:
    assert {"_owner", "_takeover", "_liquidation_keeper"} <= set(ADVISING)
