"""Reports as files, and which of them can be posted together."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from eth_account import Account as Signer

from prover.chain import ReportPurpose, is_signed_by_its_reporter, sign_report
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


def test_a_report_for_a_settlement_is_no_report_for_a_round(file: ReportFile, tmp_path: Path) -> None:
    """The purpose is signed, and in the file where it is not that of a round."""
    said = {"timestamp": file.report.timestamp, "prices": PRICES, "funding": (7, 0, -3)}
    report = sign_report(REPORTER, 5, ROUNDS, purpose=ReportPurpose.SETTLEMENT, **said)
    settlement = ReportFile(5, ROUNDS, report)
    settlement.save(tmp_path / "settlement.json")
    assert ReportFile.load(tmp_path / "settlement.json") == settlement
    assert (settlement.to_json()["purpose"], "purpose" in file.to_json()) == ("settlement", False)
    assert is_signed_by_its_reporter(report, 5, ROUNDS)
    assert not is_signed_by_its_reporter(replace(report, purpose=ReportPurpose.ROUND), 5, ROUNDS)
    (tmp_path / "other.json").write_text(json.dumps(settlement.to_json() | {"purpose": "takeover"}))
    with pytest.raises(InputError, match="purpose"):
        ReportFile.load(tmp_path / "other.json")


def test_a_report_counts_once(file: ReportFile, tmp_path: Path) -> None:
    file.save(tmp_path / "report.json")
    with pytest.raises(InputError, match="named twice"):
        load_reports([tmp_path / "report.json", tmp_path / "report.json"])


def test_no_reports_make_no_set() -> None:
    with pytest.raises(InputError, match="no reports"):
        require_one_set({})
