"""`--signer-url`: anvil is a remote signer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.book_stage import BOOK, BookStage, book_stage
from cli.harness import Run
from cli.test_oracle import REPORTER, keystore_of, round_file

from prover.chain import BOOK_ROLES, ReportPurpose, is_signed_by_its_reporter
from prover.onchain import DeploymentKind, DeploymentRecord, ReportFile
from prover.toolchain import load_book

full = pytest.mark.full

SECOND = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
"""Of anvil's accounts."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BookStage]:
    with book_stage(tmp_path_factory.mktemp("book")) as made:
        yield made


@full
@pytest.mark.parametrize("purpose", ReportPurpose, ids=lambda purpose: purpose.name)
def test_a_remote_signer_signs_reports(run: Run, stage: BookStage, tmp_path: Path, purpose: ReportPurpose) -> None:
    out = tmp_path / "report.json"
    words = ["oracle", "sign", "--round", round_file(tmp_path), "--out", out, "--deployment", stage.record, "--json"]
    words += ["--settlement"] if purpose is ReportPurpose.SETTLEMENT else []
    signer = ["--signer-url", stage.node.url, "--signer-address", SECOND]
    assert run(*words, *signer).json["reporter"] == SECOND
    report, rounds = ReportFile.load(out).report, stage.book.contracts.rounds.contract.address
    assert report.purpose is purpose
    assert is_signed_by_its_reporter(report, 31337, rounds)
    many = run(*words[:5], tmp_path / "other.json", *words[6:], "--signer-url", stage.node.url)
    assert (many.code, many.error["kind"]) == (6, "chain")
    assert f"the signer at {stage.node.url} has the accounts" in many.error["message"]


@full
def test_a_remote_signer_pays(run: Run, stage: BookStage) -> None:
    signer = ["--signer-url", stage.node.url, "--signer-address", SECOND]
    before = int(stage.node.request("eth_getTransactionCount", SECOND, "latest"), 16)
    reports = [Path(stage.record.parent / f"{number}.json") for number in range(2)]
    for path, report in zip(reports, stage.reports(), strict=True):
        ReportFile(31337, stage.book.contracts.rounds.contract.address, report).save(path)
    stage.node.move_clock(stage.book.contracts.chain.timestamp() + 1)
    posted = run("oracle", "post", *reports, *stage.options, *signer, "--json")
    assert posted.code == 0, posted
    assert int(stage.node.request("eth_getTransactionCount", SECOND, "latest"), 16) == before + 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--signer-address", SECOND], "name it with --signer-url"),
        (["--signer-url", "http://127.0.0.1:1", "--keystore", "KEYSTORE"], "leave one out"),
        ([], "name the account that signs"),
    ],
    ids=["address alone", "two signers", "none"],
)
def test_one_signer_is_named(run: Run, tmp_path: Path, options: list[str], words: str) -> None:
    keystore = keystore_of(REPORTER, tmp_path)
    round_ = round_file(tmp_path)
    record = ["--deployment", _record(tmp_path)]
    named = [str(keystore) if option == "KEYSTORE" else option for option in options]
    refused = run("oracle", "sign", "--round", round_, "--out", tmp_path / "report.json", *record, *named, "--json")
    assert (refused.code, refused.error["kind"]) == (3, "input"), refused
    assert words in refused.error["message"]


def _record(folder: Path) -> Path:
    path = folder / "margin-book.json"
    contracts = dict.fromkeys(BOOK_ROLES, "0x" + "1" * 40)
    DeploymentRecord(DeploymentKind.BOOK, 5, BOOK, load_book(BOOK).digest(), 0, contracts).save(path)
    return path
