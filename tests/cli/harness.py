"""What the tests of the program share beside fixtures."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from prover import Account
from prover.cli import app
from verifier import VerifyingKey

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "examples"
ROUND_1 = EXAMPLES / "round-1.json"
ROUND_2 = EXAMPLES / "round-2.json"
PROGRAM = (sys.executable, "-m", "prover.cli")
ENVIRONMENT = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
QUICK_PROGRAM = (
    sys.executable,
    "-c",
    "import pyrage; from quick_age import quick_encrypt; pyrage.passphrase.encrypt = quick_encrypt\n"
    "from prover.cli import main; main()",
)
"""The program, whose wallets open quickly."""

# Healthy at round 1, liquidatable at round 2, and no digits that turn up by chance.
AMOUNTS = {"WBTC": "1.250417393", "BTC-PERP": "6.500917264", "ETH-PERP": "-22.750638152", "SOL-PERP": "1850.391746582"}
QUOTE = "-828411.730592846173905284"


@dataclass(frozen=True)
class Outcome:
    """What a run of the program ended with."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        """The one JSON object on stdout."""
        assert self.stdout.count("\n") == 1, self.stdout
        return json.loads(self.stdout)

    @property
    def error(self) -> dict[str, str]:
        """The error of a run with --json."""
        assert set(self.json) == {"error"}
        error: dict[str, str] = self.json["error"]
        assert set(error) == {"kind", "reason", "message"}
        return error


Run = Callable[..., Outcome]


def invoke(*args: object, stdin: str | bytes | None = None) -> Outcome:
    """Run the program in this process."""
    result = CliRunner().invoke(app, [str(arg) for arg in args], input=stdin)
    return Outcome(result.exit_code, result.stdout, result.stderr)


def key_texts(account: Account) -> set[str]:
    """Every spelling of the account's keys."""
    keys = account.keys
    values = (keys.owner_secret, account.salt, keys.view_key, account.opened.blind, keys.identity)
    return {spelling for value in values for spelling in (str(value), f"{value:x}", f"{value:064x}")}


def amount_texts(account: Account) -> set[str]:
    """Every spelling of its amounts, however rounded, grouped or signed."""
    texts = {*AMOUNTS.values(), QUOTE, *map(str, account.state.balances), str(account.state.quote)} - {"0"}
    texts = {text.lstrip("-") for text in texts}
    shortened = {text[:7] for text in texts}
    grouped = {f"{int(text.split('.')[0]):,}." for text in texts if len(text.split(".")[0]) > 3}
    return texts | shortened | grouped


def assert_hidden(texts: set[str], *places: str | bytes) -> None:
    for place in places:
        seen = place if isinstance(place, str) else place.decode("latin-1")
        found = [text for text in texts if text in seen]
        assert not found, f"{len(found)} secrets shown"


def key_json(key: VerifyingKey, **changes: object) -> str:
    """A key file, with some fields changed."""
    return json.dumps(key.to_json() | changes)
