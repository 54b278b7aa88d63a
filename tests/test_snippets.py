"""Code and commands on the pages are of this version: every one is checked, and those of the guides are run."""

import ast
import re
import shlex
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from snippets import GUIDES, ROOT, program_commands, snippets
from test_docs import PAGES, names_of_tests
from typer.core import TyperGroup
from typer.main import get_command

from prover.cli import app
from prover.cli._commands import LazyCommand

INLINE = re.compile(r"`([a-z]+ [^`]*--[^`]*)`")
SHOWN = [ROOT / "README.md", *sorted(GUIDES.glob("*.md"))]

RUN = {
    ("README.md", "python", 1): "test_the_readme_works_as_written",
    ("account-life.md", "python", 1): "test_the_python_of_the_guide_moves_pays_out_and_closes",
    ("account-life.md", "python", 2): "test_the_python_of_the_guide_moves_pays_out_and_closes",
    ("expiry.md", "python", 1): "test_the_python_of_the_guide_settles_and_expires",
    ("expiry.md", "python", 2): "test_the_python_of_the_guide_settles_and_expires",
    ("foundry.md", "solidity", 1): "test_a_foundry_project_tests_real_proofs",
    ("foundry.md", "solidity", 2): "test_a_foundry_project_tests_real_proofs",
    ("foundry.md", "solidity", 3): "test_a_foundry_project_tests_real_proofs",
    ("foundry.md", "python", 1): "test_the_project_is_deployed_and_used_from_python",
    ("guardians.md", "python", 1): "test_two_shares_that_add_up_read_the_account_and_one_does_not",
    ("integrate.md", "python", 1): "test_the_gate_of_the_guide_is_deployed",
    ("integrate.md", "python", 2): "test_the_python_of_the_guide_trades_through_the_venue",
    ("integrate.md", "python", 3): "test_the_python_of_the_guide_trades_through_the_venue",
    ("integrate.md", "python", 4): "test_the_python_of_the_guide_trades_through_the_venue",
    ("integrate.md", "python", 5): "test_the_gate_of_the_guide_is_behind_the_venue",
    ("integrate.md", "solidity", 1): "test_the_solidity_of_the_guide_compiles",
    ("integrate.md", "solidity", 2): "test_the_solidity_of_the_guide_compiles",
    ("liquidation.md", "python", 1): "test_the_python_of_the_guide_sells_and_buys",
    ("liquidation.md", "python", 2): "test_the_python_of_the_guide_sells_and_buys",
    ("positions.md", "python", 1): "test_the_python_of_the_guide_runs",
    ("remote-signers.md", "python", 1): "test_the_python_of_the_guide_runs",
    ("reporters-and-guardians.md", "python", 1): "test_the_python_of_the_guide_signs_and_posts",
    ("running-a-reporter.md", "python", 1): "test_the_python_of_the_guide_runs",
}
"""The test that runs each block of code of the guides; the number counts those of one language on one page."""


FOLLOWED = {
    "README.md": "test_the_readme_works_as_written",
    "account-life.md": "test_the_commands_of_the_guide_move_pay_out_and_close",
    "ceremony.md": "test_the_commands_of_the_guide_make_keys",
    "foundry.md": "test_a_foundry_project_tests_real_proofs",
    "guardians.md": "test_the_commands_of_the_guide_open_accounts_under_two_guardians",
    "liquidation.md": "test_the_commands_of_the_guide_sell_take_release_and_answer",
    "margin-book.md": "test_the_margin_books_guide_works_as_written",
    "operating-the-liquidator.md": "test_the_commands_of_the_operators_guide_start_an_engine",
    "positions.md": "test_the_positions_of_the_guide_are_read_and_shown_as_it_says",
    "reading-a-risk-report.md": "test_the_commands_of_the_guide_make_a_report",
    "running-a-reporter.md": "test_the_dry_run_prints_what_the_guide_shows",
    "risk-parameters.md": "test_the_instruments_of_the_guide_make_a_book",
    "verifying.md": "test_the_commands_of_the_guide_verify",
    "wheels.md": "test_a_user_without_node_proves_with_an_archive",
}
"""The test that types the commands of each guide."""

NOT_FOLLOWED = {
    "expiry.md": "follows a book over weeks; tests/cli/test_expiry.py has its commands",
    "integrate.md": "names a public node and production keys; tests/cli/test_deploying.py and test_chain.py have these",
    "remote-signers.md": "names a signer on another port; tests/cli/test_signer_options.py has its options",
    "reporters-and-guardians.md": "names several machines; tests/cli/test_oracle.py and test_guardian.py have these",
    "wallets.md": "waits for a passphrase; tests/cli/test_wallet.py has its commands",
    "wind-down.md": "waits for days of silence; tests/cli/test_expiry.py has its commands",
}
"""Why the commands of a guide are checked for their options alone, and which tests run such commands."""


def test_the_commands_of_every_guide_are_followed_or_it_is_said_why_not() -> None:
    with_commands = {page.name for page in SHOWN if program_commands(page.read_text())}
    assert with_commands == {name for name in FOLLOWED | NOT_FOLLOWED if name in with_commands}
    assert not FOLLOWED.keys() & NOT_FOLLOWED.keys()
    assert set(FOLLOWED.values()) <= names_of_tests()
    files = re.findall(r"test_\w+\.py", " ".join(NOT_FOLLOWED.values()))
    assert not [name for name in files if not (ROOT / "tests" / "cli" / name).is_file()]


def test_every_block_of_code_of_the_guides_has_a_test_that_runs_it() -> None:
    found = {(page.name, language, number) for page in SHOWN for language, number, _ in snippets(page)}
    assert found == RUN.keys()
    assert set(RUN.values()) <= names_of_tests()


PYTHON = [(page, number, text) for page in PAGES for language, number, text in snippets(page) if language == "python"]


@pytest.mark.parametrize(("page", "number", "source"), PYTHON, ids=[f"{page.stem}-{n}" for page, n, _ in PYTHON])
def test_python_on_every_page_is_valid_and_what_it_imports_exists(page: Path, number: int, source: str) -> None:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            module = import_module(node.module or "")
            assert not [alias.name for alias in node.names if not hasattr(module, alias.name)], (page, number)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                import_module(alias.name)


def commands(page: Path) -> Iterator[list[str]]:
    """Every command of the program on a page: in blocks, and in sentences where options follow."""
    text = page.read_text()
    yield from program_commands(text)
    for code in INLINE.findall(text):
        words = shlex.split(code)
        yield words[1:] if words[0] == "zksolvency" else words


def found(words: list[str]) -> tuple[Any, list[str]] | None:
    """The command that words call, with the words after its name; None where the first is no command."""
    command: Any = get_command(app)
    rest = list(words)
    while isinstance(command, TyperGroup) and rest and rest[0] in command.commands:
        command = command.commands[rest.pop(0)]
        command = command.load() if isinstance(command, LazyCommand) else command
    return (command, rest) if rest != words else None


PRESENT = [page for page in PAGES if page.name != "CHANGELOG.md"]
"""The pages that say what is, and not what was."""

COMMANDS = [(page, words) for page in PRESENT for words in commands(page) if found(words) is not None]


def test_the_pages_have_commands() -> None:
    assert len(COMMANDS) > 150


@pytest.mark.parametrize(("page", "words"), COMMANDS, ids=[f"{page.stem}: {' '.join(w)[:60]}" for page, w in COMMANDS])
def test_every_command_on_every_page_exists_with_its_options(page: Path, words: list[str]) -> None:
    command, rest = found(words) or (None, [])
    options = {name for param in command.params for name in param.opts} | {"--help"}
    used = {word.partition("=")[0] for word in rest if word.startswith("--")}
    assert not used - options, (page, words)
    assert not isinstance(command, TyperGroup) or not rest or rest[0].startswith("-"), (page, words)
