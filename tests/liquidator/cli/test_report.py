"""`report`: a page that needs nothing else, reads the same each time, and keeps the secrets of accounts."""

import json
import re
import stat
from pathlib import Path

import pytest
from cli.harness import ROUND_1, Outcome, assert_hidden, invoke
from snippets import GUIDES, program_commands

from liquidator.risk import _report_sources
from liquidator.store import EngineStore, Task
from liquidator.store import Outcome as JobOutcome
from prover.account import Account, position_amounts
from tests.liquidator.risk.report_stage import perpetual_accounts, simulation
from tests.liquidator.risk.risk_stage import BOOK, HOURLY, ROUND

ACCOUNTS = perpetual_accounts()
SECTIONS = ("health", "distance", "concentration", "cascades", "auctions", "calibration", "fund")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Account files, a store and a simulation."""
    made = tmp_path_factory.mktemp("report")
    (made / "accounts").mkdir()
    for name, each in ACCOUNTS.items():
        each.save(made / "accounts" / f"{name}.json")
    with EngineStore(made / "engine.sqlite") as store:
        for identity in range(1, 4):
            task = Task(1, "0x" + 40 * "1", identity, "flag maintenance")
            store.finish(store.begin(task, 7).id, JobOutcome.DONE, "desk-1-zurich")
    (made / "run.json").write_text(json.dumps(simulation()))
    return made


def reported(folder: Path, *words: object) -> Outcome:
    return invoke("liquidator", "report", "--account", folder / "accounts", "--round", ROUND_1, *words)


@pytest.fixture(scope="module")
def long_history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough hours for a few forecasts."""
    path = tmp_path_factory.mktemp("prices") / "btc.csv"
    hours = Path(HOURLY).parents[1] / "prices" / "btc-hourly.csv"
    path.write_text("".join(hours.read_text().splitlines(keepends=True)[:760]))
    return path


@pytest.fixture(scope="module")
def whole(folder: Path, long_history: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Path]:
    """A report of everything that there is, for people and for machines."""
    out = tmp_path_factory.mktemp("page") / "report.html"
    words = ["--history", f"BTC-PERP={long_history}", "--store", folder / "engine.sqlite"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_report_sources, "_FORECASTS", 20)
        return reported(folder, *words, "--simulation", folder / "run.json", "--out", out, "--json"), out


@pytest.fixture
def page(whole: tuple[Outcome, Path]) -> str:
    return whole[1].read_text()


def secrets() -> set[str]:
    """Names, amounts and health of every account, in many spellings."""
    texts: set[str] = set()
    for name, each in ACCOUNTS.items():
        health = each.health(ROUND)
        amounts = [*map(float, position_amounts(BOOK, each.state).values()), each.state.quote / 10**18]
        for value in (*amounts, health.health / 10**18, health.equity / 10**18, health.margin / 10**18):
            texts |= {f"{abs(value):.2f}", f"{abs(value):,.2f}", f"{abs(value):.0f}", f"{abs(value):,.0f}"}
            texts |= {f"{abs(value):.6f}"[:8], repr(abs(value))[:8]}
        texts |= {name, *name.split("-")[::2], str(each.commitment)}
    return {text for text in texts if len(text) > 4}


def test_no_account_can_be_told_from_a_report(whole: tuple[Outcome, Path], page: str) -> None:
    shown, out = whole
    assert (shown.code, stat.S_IMODE(out.stat().st_mode)) == (0, 0o644)
    found = secrets()
    assert len(found) > 100
    assert_hidden(found, page, shown.stdout, shown.stderr)
    assert "desk" not in page + shown.stdout
    assert "ETH-PERP" not in page + shown.stdout, "one account alone holds it"


def test_a_name_is_shown_when_it_is_asked_for_in_a_private_file(folder: Path, tmp_path: Path) -> None:
    out, name = tmp_path / "report.html", "desk-2-zurich"
    result = reported(folder, "--show-account", name, "--out", out, "--json")
    assert result.code == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    ((_, row),) = [(key, one) for key, one in result.json["sections"].items() if key == "accounts"]
    assert [one["account"] for one in row["rows"]] == [name]
    text = out.read_text()
    assert name in text
    assert not [other for other in ACCOUNTS if other != name and other in text]


def test_a_page_has_a_picture_and_a_table_for_each_section(page: str) -> None:
    for key in SECTIONS:
        part = page.partition(f'<section id="{key}">')[2].partition("</section>")[0]
        assert (part.count("<svg"), part.count("<table")) == (1, 1), key
        assert 'role="img"' in part
    assert "Left out" not in page


def test_a_page_loads_nothing_and_runs_nothing(page: str) -> None:
    assert set(re.findall(r"https?://[^\s\"<]*", page)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert "<script" not in page
    assert not re.findall(r"<(?:link|img|iframe|object)\b", page)
    references = set(re.findall(r'(?:xlink:href="#|url\(#)([^")]*)', page))
    names = re.findall(r'\bid="([^"]*)"', page)
    assert references <= set(names)
    assert len(names) == len(set(names))


def test_the_same_files_give_the_same_page(folder: Path, tmp_path: Path) -> None:
    pages = []
    for name in ("one.html", "two.html"):
        assert reported(folder, "--simulation", folder / "run.json", "--out", tmp_path / name).code == 0
        pages.append((tmp_path / name).read_bytes())
    assert pages[0] == pages[1]


def test_what_was_not_given_is_left_out_and_said(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    written = reported(folder, "--out", out)
    assert (written.code, written.stdout) == (0, f"wrote {out}: open it in a browser\n")
    text = out.read_text()
    assert re.findall(r"Left out: [^<]*", text) == [
        "Left out: no result of a simulation was given: --simulation.",
        "Left out: no store of an engine was given: --store.",
        "Left out: no past prices were given: --history.",
        "Left out: no result of a simulation was given: --simulation.",
    ]
    again = reported(folder, "--out", out, "--json")
    assert (again.code, "exists already" in again.error["message"]) == (3, True)


def test_names_of_files_are_text_on_the_page(tmp_path: Path) -> None:
    each: Account = next(iter(ACCOUNTS.values()))
    each.save(tmp_path / "<b>&.json")
    words = ("--account", tmp_path / "<b>&.json", "--show-account", "<b>&", "--round", ROUND_1)
    assert invoke("liquidator", "report", *words, "--out", tmp_path / "r.html").code == 0
    text = (tmp_path / "r.html").read_text()
    assert "<b>" not in text
    assert "&lt;b&gt;&amp;" in text


def test_the_commands_of_the_guide_make_a_report(
    folder: Path, long_history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulated, written = program_commands((GUIDES / "reading-a-risk-report.md").read_text())
    monkeypatch.chdir(tmp_path)
    (tmp_path / "accounts").symlink_to(folder / "accounts")
    (tmp_path / "round.json").write_text(Path(ROUND_1).read_text())
    for name in ("btc.csv", "eth.csv"):
        lines = long_history.read_text().splitlines(keepends=True)
        (tmp_path / name).write_text("".join(lines[:550]))
    assert invoke(*simulated, "--scenarios", 3, "--hours", 1).code == 0
    assert invoke(*written).code == 0
    text = (tmp_path / "report.html").read_text()
    reasons = re.findall(r"Left out: [^<]*", text)
    assert [next(word for word in ("--store", "too short") if word in reason) for reason in reasons] == [
        "--store",
        "too short",
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "name the page"),
        (("--json", "--store", "absent.sqlite"), "no such file"),
        (("--json", "--simulation", ROUND_1), "expected the result of a simulation"),
        (("--json", "--show-account", "zoe"), "no account zoe"),
    ],
)
def test_what_cannot_be_reported_is_refused(folder: Path, words: tuple[object, ...], message: str) -> None:
    result = reported(folder, *words)
    assert result.code == 3
    assert message in result.stdout + result.stderr
    assert not Path("absent.sqlite").exists()
