"""No entry point without its rules: the tables of docs/rules.md are full, and every test that they name exists."""

import re
from collections import Counter

import pytest
from solidity import ROOT

PAGE = (ROOT / "docs" / "rules.md").read_text()
BOOK_PAGE = (ROOT / "docs" / "book.md").read_text()
CONTRACT = re.compile(r"^(?:abstract )?contract (\w+)Test\b", re.MULTILINE)
FUNCTION = re.compile(r"^    function test(?:Fuzz)?_(\w+)\(", re.MULTILINE)
BOOK = (
    "open",
    "deposit",
    "withdraw",
    "settle",
    "settleBatch",
    "flag",
    "proveSolvent",
    "proveSolventBatch",
    "recordFlag",
    "recordSolvent",
    "clearFlag",
    "replaceState",
    "moveAccount",
    "closeAccount",
    "queueWithdrawal",
    "rekey",
    "close",
    "exit",
    "expire",
    "payOut",
    "claimCredit",
    "claimTip",
    "bonds",
)
ENGINE = (
    "flag",
    "recover",
    "takeOver",
    "writeOff",
    "challenge",
    "answer",
    "endChallenge",
    "flagSilent",
    "prepareRound",
    "claimTip",
)
LEDGER = (
    "recordPayOut",
    "cover",
    "recapitalise",
    "drawFund",
    "claim",
    "acceptHaircut",
    "contribute",
    "deposit",
    "redeem",
    "requestRedeem",
    "transfer",
    "draw",
)
TABLES = {
    "Book, gate, vault and module": (BOOK, 35),
    "Liquidation engine": (ENGINE, 45),
    "Ledger and fund": (LEDGER, 15),
}
"""The tables by their headings: the entries, and how many rules there are at least."""


def section(heading: str) -> str:
    """What follows a heading, up to the next one."""
    return PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def cells(line: str) -> list[str]:
    """The cells of a row of a table."""
    return [cell.strip() for cell in line.strip("|").split("|")]


def rows(text: str) -> list[list[str]]:
    """The tables of a text, without the lines below their headings."""
    return [cells(line) for line in text.splitlines() if line.startswith("|") and not line.startswith("|--")]


def foundry_tests() -> dict[str, list[str]]:
    """The tests of each contract of `contracts/test/unit`, with short names."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "contracts" / "test" / "unit").rglob("*.t.sol")):
        source = path.read_text()
        starts = [*CONTRACT.finditer(source)]
        for start, end in zip(starts, [*(other.start() for other in starts[1:]), len(source)], strict=True):
            assert start[1] not in found, start[1]
            found[start[1]] = FUNCTION.findall(source[start.end() : end])
    return found


FOUNDRY = foundry_tests()
TESTS = dict(re.findall(r"^(\d+)\. `(\w+\.\w+)`$", section("Tests"), re.MULTILINE))
REASONS = dict(re.findall(r"^- \*\*([a-zA-Z])\*\* (.+)$", section("Reasons"), re.MULTILINE))


@pytest.mark.parametrize("title", TABLES)
def test_every_rule_has_a_cell_for_every_entry_point(title: str) -> None:
    entries, least = TABLES[title]
    heading, *rules = rows(section(title))
    assert heading == ["rule", *(f"`{entry}`" for entry in entries)]
    assert len(rules) >= least
    assert Counter(len(rule) for rule in rules) == {len(heading): len(rules)}
    names = [rule[0] for rule in rules]
    assert len(set(names)) == len(names)


def test_every_cell_names_a_test_or_a_reason() -> None:
    used = {cell for title in TABLES for rule in rows(section(title))[1:] for cell in rule[1:]}
    assert used == TESTS.keys() | REASONS.keys()


@pytest.mark.parametrize("title", TABLES)
def test_no_rule_is_checked_nowhere(title: str) -> None:
    _, *rules = rows(section(title))
    assert [rule[0] for rule in rules if not TESTS.keys() & rule[1:]] == []


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`([A-Z]\w+\.[a-z]\w+)`", PAGE))))
def test_every_foundry_test_exists(name: str) -> None:
    contract, function = name.split(".")
    assert function in FOUNDRY[contract]


def test_numbers_and_names_of_tests_are_unique() -> None:
    assert [*TESTS] == [str(number + 1) for number in range(len(TESTS))]
    assert len(set(TESTS.values())) == len(TESTS)


def test_every_python_test_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)`: `(test_\w+)`", section("Bounds"))
    assert len(named) == section("Bounds").count("`tests/")
    for path, function in named:
        assert f"def {function}(" in (ROOT / path).read_text(), function


def test_the_tests_of_the_book_page_exist() -> None:
    known = {function for functions in FOUNDRY.values() for function in functions}
    tables = re.findall(r"^\|[^\n]*\| test \|\n(?:\|[^\n]*\n)+", BOOK_PAGE, re.MULTILINE)
    assert len(tables) == 3
    named = [name for table in tables for row in rows(table)[1:] for name in re.findall(r"`(\w+)`", row[-1])]
    assert len(named) > 30
    assert [name for name in named if name not in known] == []
