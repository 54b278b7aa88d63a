"""`simulate` and `stress`: accounts drawn or read, results kept, and what is refused."""

import json
from pathlib import Path

import pytest
from cli.harness import ROUND_1, Outcome, invoke

from liquidator.cli._simulation_options import ScenarioProgress
from prover.account import Account, Domain, OwnerKeys
from tests.liquidator.risk.risk_stage import BOOK, ROOT

BITCOIN = f"BTC-PERP={ROOT / 'examples' / 'prices' / 'btc-daily.csv'}"
ETHER = f"ETH-PERP,SOL-PERP={ROOT / 'examples' / 'prices' / 'eth-daily.csv'}"
MARKET = ("--round", ROUND_1, "--history", BITCOIN, "--history", ETHER)
DRAWN = ("--accounts", 300)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two account files."""
    made = tmp_path_factory.mktemp("accounts")
    for name, quote in {"calm": "-50000", "bold": "-94000"}.items():
        keys = OwnerKeys.generate(Domain(31_337, 0))
        Account.create(BOOK, {"BTC-PERP": "1"}, quote, keys).save(made / f"{name}.json")
    return made


def simulated(*words: object) -> Outcome:
    return invoke("liquidator", "simulate", *MARKET, "--scenarios", 4, "--volatility", "ewma", *words)


def stressed(*words: object) -> Outcome:
    return invoke("liquidator", "stress", *MARKET, "--scenarios", 2, *words)


def test_a_simulation_is_shown_with_what_repeats_it(tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    shown = simulated(*DRAWN, "--hours", 1, "--seed", 7, "--out", out, "--json").json
    assert shown["settings"] == {"hours": 1.0, "scenarios": 4, "seed": 7, "volatility": "ewma"}
    assert (shown["accounts"], shown["terms"]["ramp"]) == (300, 300)
    again = simulated(*DRAWN, "--hours", 1, "--seed", 7, "--json").json
    assert (again["digest"], again["inputs"]) == (shown["digest"], shown["inputs"])
    kept = json.loads(out.read_text())
    assert kept["format"] == "zksolvency/simulation/1"
    assert len(kept["scenarios"]) == 4
    other = simulated(*DRAWN, "--hours", 1, "--seed", 8, "--json").json
    assert other["inputs"] != shown["inputs"]


def test_people_see_a_table(folder: Path) -> None:
    text = simulated("--account", folder, "--hours", 0.5).stdout
    for words in ("insolvent debt [USD]", "2 accounts", "does not suffice in", "inputs "):
        assert words in text


def test_account_files_go_through_a_crash(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    words = ("--account", folder, "--scenario", "november-2022", "--scenario", "october-2025", "--out", out)
    shown = stressed(*words, "--json").json
    assert [run["scenario"] for run in shown["runs"]] == ["november-2022", "october-2025"]
    assert all(run["sources"] and run["flagged"]["most"] == 1 for run in shown["runs"])
    assert len(json.loads(out.read_text())["runs"][0]["scenarios"]) == 2
    assert "9 November 2022" in stressed("--account", folder, "--scenario", "november-2022").stdout


def test_a_crash_and_terms_come_from_files(tmp_path: Path) -> None:
    crash, terms = tmp_path / "own.toml", tmp_path / "terms.toml"
    crash.write_text('title = "own"\n[[course]]\nhours = 0.3\nmoves = { OTHER = -0.4 }\n')
    terms.write_text("liquidators = 0\n")
    shown = stressed(*DRAWN, "--scenario", crash, "--terms", terms, "--json").json
    assert shown["runs"][0]["takeovers"]["most"] == 0 < shown["runs"][0]["insolvent"]["mean"]


def test_a_sweep_recommends_a_set(tmp_path: Path) -> None:
    crash, sweep = tmp_path / "own.toml", tmp_path / "sweep.toml"
    crash.write_text('title = "own"\n[[course]]\nhours = 1.5\nmoves = { OTHER = -0.3 }\n')
    sweep.write_text("[base]\nliquidators = 0\n[values]\nliquidators = [1, 5]\nround_interval = [30, 60]\n")
    words = (*DRAWN, "--scenario", crash, "--volume", "BTC-PERP=1e10", "--volume", "ETH-PERP=1e10", "--sweep", sweep)
    shown = stressed(*words, "--json").json
    assert [each["changes"] for each in shown["curves"]["liquidators"]] == [{"liquidators": 1}, {"liquidators": 5}]
    assert shown["recommended"]["changes"]["liquidators"] in {1, 5}
    assert shown["recommended"]["cost"] < shown["base"]["cost"]
    text = stressed(*words).stdout
    assert "recommended: the base with" in text
    assert "round_interval = 30" in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((*DRAWN, "--sweep", ROUND_1, "--terms", ROUND_1), "under [base]"),
        ((), "--accounts how many"),
        ((*DRAWN, "--account", ROUND_1), "--accounts how many"),
        ((*DRAWN, "--scenario", "april-2020"), "none of march-2020"),
        ((*DRAWN, "--terms", ROUND_1), "no TOML"),
        ((*DRAWN, "--out", ROUND_1), "exists already"),
    ],
)
def test_what_cannot_be_played_is_refused(words: tuple[object, ...], message: str) -> None:
    result = stressed("--scenario", "march-2020", *words, "--json")
    assert (result.code, message in result.error["message"]) == (3, True), result


def test_progress_is_told_late(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    progress = ScenarioProgress(9)
    for now, done in ((101.0, 1), (102.5, 2), (103.0, 3), (108.0, 4)):  # noqa: B007 - read by the clock
        progress(done)
    assert capsys.readouterr().err.splitlines() == ["2 of 9 scenarios", "4 of 9 scenarios"]
