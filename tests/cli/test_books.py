"""Which book a command works with: the one that the file names, or the one that --book names."""

import json
from pathlib import Path

import pytest
from cli.harness import ROOT, ROUND_1, Run

from prover import AssetList

BOOK_FILE = ROOT / "books" / "perps-13.json"


@pytest.mark.parametrize("book", ["perps-13", str(BOOK_FILE)])
def test_a_book_is_named_or_given_as_a_file(run: Run, book: str) -> None:
    unasked = run("round", "check", ROUND_1, "--json").json
    assert run("round", "check", ROUND_1, "--book", book, "--json").json == unasked


def test_a_book_of_ones_own_is_found_by_its_file_only(run: Run, tmp_path: Path) -> None:
    content = json.loads(BOOK_FILE.read_text()) | {"name": "mine"}
    own_book, own_round = tmp_path / "mine.json", tmp_path / "round.json"
    own_book.write_text(json.dumps(content))
    own_round.write_text(json.dumps(json.loads(ROUND_1.read_text()) | {"book": "mine"}))
    refused = run("round", "check", own_round, "--json")
    assert (refused.code, refused.error["kind"]) == (3, "input")
    assert "perps-13" in refused.error["message"]
    assert run("round", "check", own_round, "--book", own_book).code == 0


def test_a_file_of_another_book_is_refused(run: Run, account_file: Path) -> None:
    for words in (["round", "check", ROUND_1], ["commit", "--account", account_file]):
        result = run(*words, "--book", "multi-28", "--json")
        assert (result.code, result.error["kind"]) == (3, "input")


def test_a_book_with_other_fractions_makes_another_digest(run: Run, tmp_path: Path) -> None:
    own_book = tmp_path / "perps-13.json"
    own_book.write_text(BOOK_FILE.read_text().replace("25000}", "25001}"))
    ours = run("round", "check", ROUND_1, "--json").json
    theirs = run("round", "check", ROUND_1, "--book", own_book, "--json").json
    assert ours["book"]["digest"] != theirs["book"]["digest"]
    assert ours["digest"] != theirs["digest"]


def test_limits_make_no_other_book(run: Run, tmp_path: Path) -> None:
    majors = BOOK_FILE.with_name("majors-13.json")
    content = json.loads(majors.read_text())
    for asset in content["assets"]:
        del asset["limits"]
    own_book, own_round = tmp_path / "majors-13.json", tmp_path / "round.json"
    own_book.write_text(json.dumps(content))
    own_round.write_text(json.dumps(json.loads(ROUND_1.read_text()) | {"book": "majors-13"}))
    ours = run("round", "check", own_round, "--json").json
    assert ours["book"]["digest"] == AssetList.load(majors).digest()
    assert run("round", "check", own_round, "--book", own_book, "--json").json == ours


def test_a_book_with_limits_out_of_order_is_refused(run: Run, tmp_path: Path) -> None:
    own_book = tmp_path / "majors-13.json"
    own_book.write_text(
        BOOK_FILE.with_name("majors-13.json").read_text().replace('"floor_ppm": 4000', '"floor_ppm": 10001')
    )
    refused = run("round", "check", ROUND_1, "--book", own_book, "--json")
    assert (refused.code, refused.error["kind"]) == (3, "input")
    assert "limits of BTC-PERP" in refused.error["message"]
