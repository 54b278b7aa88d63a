"""`propose` without a chain: what it shows, and what it writes."""

from pathlib import Path

import pytest
from cli.harness import Outcome, invoke

from liquidator.risk import load_proposal
from tests.liquidator.risk.margin_stage import CRASH, DAY, bitcoin, written


@pytest.fixture(scope="module")
def prices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(bitcoin(CRASH + 3 * DAY), tmp_path_factory.mktemp("prices") / "btc.csv")


def proposed(prices: Path, *words: object) -> Outcome:
    return invoke("liquidator", "propose", "--book", "majors-13", "--history", f"BTC-PERP={prices}", *words)


def test_a_proposal_is_shown_with_its_evidence(prices: Path) -> None:
    result = proposed(prices)
    assert result.code == 0, result
    row = next(line for line in result.stdout.splitlines() if line.split()[:2] == ["BTC-PERP", "raise"])
    assert "2018-11-14" in row
    assert row.endswith("a wilder regime has begun")
    assert "3 of 3 assets would change" in result.stdout
    assert result.stderr == "looking at the prices of BTC-PERP\n"


def test_a_proposal_is_written_once_and_what_is_in_force_is_taken_back_in(prices: Path, tmp_path: Path) -> None:
    out = tmp_path / "proposal.json"
    shown = proposed(prices, "--out", out, "--json").json
    made = load_proposal(out)
    assert shown == made.model_dump(mode="json") | {"sent": {}}
    assert (made.chain, made.signature, [asset.call for asset in made.assets]) == (None, None, [None] * 3)
    again = proposed(prices, "--out", out, "--json")
    assert (again.code, "exists already" in again.error["message"]) == (3, True)
    later = proposed(prices, "--carried-out", out, "--json").json
    assert {asset["change"] for asset in later["assets"]} == {"none"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "name either --book"),
        (("--book", "majors-13", "--config", "liquidator.toml"), "name either --book"),
        (("--config", "liquidator.toml", "--carried-out", "p.json"), "name either --book"),
        (("--book", "perps-13"), "without limits"),
        (("--book", "majors-13", "--history", "SOL-USD=btc.csv"), "has no asset 'SOL-USD'"),
    ],
)
def test_what_cannot_be_proposed_is_refused(prices: Path, words: tuple[str, ...], message: str) -> None:
    words = tuple(word.replace("btc.csv", str(prices)) for word in words)
    result = invoke("liquidator", "propose", "--history", f"BTC-PERP={prices}", *words, "--json")
    assert (result.code, message in result.error["message"]) == (3, True), result
