"""A wrong file is recognised, whatever the command: no wall of faults, and no advice to open a public file to none."""

import json
from pathlib import Path

import pytest
from cli.harness import EXAMPLES, ROOT, ROUND_1, Run

BOOK = ROOT / "books" / "perps-13.json"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["health", "--account", ROUND_1, "--round", ROUND_1], "this is a price round, expected an account file"),
        (["health", "--account", BOOK, "--round", ROUND_1], "this is a book, expected an account file"),
        (["health", "--account", "ACCOUNT", "--round", "ACCOUNT"], "this is an account file, expected a price round"),
        (["round", "check", BOOK], "this is a book, expected a price round"),
        (["book", "assets", str(ROUND_1)], "this is a price round, expected a book"),
        (["verify", "ACCOUNT", "--round", ROUND_1], "this is an account file, expected a proof file"),
        (["proof", "bundle", "ACCOUNT", "--out", "x"], "this is an account file, expected a proof file"),
        (["verify", ROOT / "package.json", "--round", ROUND_1], "not a proof file"),
        (["account", "import", ROUND_1, "--account", "ACCOUNT", "--yes"], "this is JSON; name the exchange"),
        (
            ["account", "import", EXAMPLES / "positions.csv", "--account", "ACCOUNT", "--yes", "--from", "binance"],
            "CSV?",
        ),
        (["account", "import", ROUND_1, "--account", "ACCOUNT", "--yes", "--from", "binance"], "an answer of binance?"),
    ],
    ids=lambda value: " ".join(str(word).rpartition("/")[2] for word in value) if isinstance(value, list) else "",
)
def test_a_wrong_file_is_called_by_its_name(run: Run, account_file: Path, words: list[object], complaint: str) -> None:
    result = run(*(account_file if word == "ACCOUNT" else word for word in words))
    assert (result.code, complaint in result.stderr) == (3, True), result
    assert "chmod" not in result.stderr


def test_many_faults_are_counted(run: Run, tmp_path: Path) -> None:
    content = json.loads(BOOK.read_text())
    for asset in content["assets"]:
        asset["kind"] = "future"
    book = tmp_path / "b.json"
    book.write_text(json.dumps(content))
    result = run("book", "assets", book)
    assert "assets.2.kind" in result.stderr
    assert "assets.3.kind" not in result.stderr
    assert "and 10 more" in result.stderr
