"""Reports as files, and which of them can be posted together."""

import json
from pathlib import Path

import pytest
from eth_account import Account as Signer

from prover.chain import sign_report
from prover.onchain import ReportFile, load_reports
from prover.onchain._report_file import require_one_set
from verifier import InputError

ROUNDS = "0x0165878A594ca255338adfa4d48449f69242Eb8F"
REPORTER = Signer.from_key("0x" + "7" * 64)
PRICES = (97_000 * 10**9, None, 3_500 * 10**9)


@pytest.fixture
def file() -> ReportFile:
    report = sign_report(REPORTER, 5, ROUNDS, timestamp=1_763_800_000, prices=PRICES, funding=(7, 0, -3))
    return ReportFile(5, ROUNDS, report)


def test_a_report_is_read_as_it_was_written(file: ReportFile, tmp_path: Path) -> None:
    file.save(tmp_path / "report.json")
    assert ReportFile.load(tmp_path / "report.json") == file
    with pytest.raises(InputError, match="exists already"):
        file.save(tmp_path / "report.json")


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("chain_id", 6, "second.json: it is for another chain or contract than .*first.json"),
        ("rounds", "0x" + "1" * 40, "second.json: it is for another chain or contract than .*first.json"),
        ("timestamp", 1, "second.json: it is by the same reporter as .*first.json"),
    ],
)
def test_reports_that_make_no_round_together_are_refused(
    file: ReportFile, tmp_path: Path, field: str, value: object, reason: str
) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    first.write_text(json.dumps(file.to_json()))
    second.write_text(json.dumps(file.to_json() | {field: value}))
    with pytest.raises(InputError, match=reason):
        load_reports([first, second])


def test_a_report_counts_once(file: ReportFile, tmp_path: Path) -> None:
    file.save(tmp_path / "report.json")
    with pytest.raises(InputError, match="named twice"):
        load_reports([tmp_path / "report.json", tmp_path / "report.json"])


def test_no_reports_make_no_set() -> None:
    with pytest.raises(InputError, match="no reports"):
        require_one_set({})
