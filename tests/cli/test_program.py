"""What holds for the program as a whole: help, exit codes, errors, start-up."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from cli.harness import ENVIRONMENT, PROGRAM, ROUND_1, Run
from typer.core import TyperGroup
from typer.main import get_command

import prover.cli.commit
from prover.cli import _app, _exits
from prover.cli._commands import LazyCommand
from verifier import ChainError, InputError, ProvingError, ToolError, VerificationError


def commands() -> Iterator[tuple[str, Any]]:
    """Every command and group below the program, with the words that call it."""
    for name in _app.COMMANDS:
        yield from below(name, get_command(import_module(f"prover.cli.{name}").app))


def below(words: str, command: Any) -> Iterator[tuple[str, Any]]:
    loaded = command.load() if isinstance(command, LazyCommand) else command
    yield words, loaded
    if isinstance(loaded, TyperGroup):
        for name, child in loaded.commands.items():
            yield from below(f"{words} {name}", child)


LEAVES = [(words, command) for words, command in commands() if not isinstance(command, TyperGroup)]
GROUPS = [
    words for words, command in commands() if isinstance(command, TyperGroup) and not command.invoke_without_command
]
leaf = pytest.mark.parametrize(("words", "command"), LEAVES, ids=[words for words, _ in LEAVES])


@leaf
def test_every_command_shows_examples_of_itself(run: Run, words: str, command: Any) -> None:
    result = run(*words.split(), "--help")
    assert result.code == 0
    examples = result.stdout.partition("Examples:")[2]
    assert f"zksolvency {words}" in examples


@leaf
def test_every_command_answers_machines(words: str, command: Any) -> None:
    assert "--json" in {name for param in command.params for name in param.opts}


@leaf
def test_every_option_is_explained(words: str, command: Any) -> None:
    assert [param.name for param in command.params if not param.help] == []


SENDS_NOTHING = {"account trade offer", "oracle sign"}
"""Though a keystore may be named."""


@leaf
def test_what_sends_can_wait_for_confirmations(words: str, command: Any) -> None:
    options = {name for param in command.params for name in param.opts}
    sends = "--keystore" in options and words not in SENDS_NOTHING
    assert ("--confirmations" in options) == sends


@pytest.mark.parametrize("words", ["", *(words for words, _ in commands())])
def test_help_fits_80_columns_and_cuts_nothing_off(run: Run, words: str) -> None:
    result = run(*words.split(), "--help")
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "..." not in result.stdout.partition("Commands:")[2].partition("Exit codes")[0]


@pytest.mark.parametrize("words", ["", *GROUPS])
def test_a_group_without_command_shows_its_help_and_fails(run: Run, words: str) -> None:
    result = run(*words.split())
    assert result.code == 2
    assert result.stdout == ""
    assert "Commands:" in result.stderr


def test_help_of_the_program_documents_every_exit_code(run: Run) -> None:
    table = run("--help").stdout.partition("Exit codes:")[2].partition("Every command")[0]
    listed = {int(words[0]) for line in table.splitlines() if (words := line.split()) and words[0].isdigit()}
    assert listed == {int(code) for code in _exits.ExitCode}


def test_version(run: Run) -> None:
    assert run("--version").stdout.startswith("zksolvency ")


@pytest.mark.parametrize("arguments", [["nonsense"], ["commit"], ["commit", "--nonsense"], ["health", "--kind", "x"]])
def test_wrong_usage_is_exit_code_2_for_people_and_machines(run: Run, arguments: list[str]) -> None:
    result = run(*arguments)
    assert (result.code, result.stdout) == (2, "")
    assert "error:" in result.stderr
    assert "--help'" in result.stderr
    as_json = run(*arguments, "--json")
    assert (as_json.code, as_json.error["kind"], as_json.error["reason"]) == (2, "usage", None)
    assert as_json.stderr == ""


@pytest.mark.parametrize(
    ("error", "code", "kind", "reason"),
    [
        (VerificationError("some-reason", "words"), 1, "refused", "some-reason"),
        (InputError("words"), 3, "input", None),
        (ToolError("words"), 4, "tool", None),
        (ProvingError("words"), 5, "proving", None),
        (ChainError("words"), 6, "chain", None),
        (KeyboardInterrupt(), 130, "interrupted", None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_each_error_has_its_exit_code(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    account_file: Path,
    error: BaseException,
    code: int,
    kind: str,
    reason: str | None,
) -> None:
    _fail_with(monkeypatch, error)
    result = run("commit", "--account", account_file)
    assert (result.code, result.stdout) == (code, "")
    assert (reason or str(error)) in result.stderr
    as_json = run("commit", "--account", account_file, "--json")
    assert (as_json.code, as_json.error["kind"], as_json.error["reason"]) == (code, kind, reason)


@pytest.mark.parametrize("debug", [False, True])
def test_a_bug_shows_no_value(run: Run, monkeypatch: pytest.MonkeyPatch, account_file: Path, debug: bool) -> None:
    _fail_with(monkeypatch, KeyError("987654321 is a secret"))
    if debug:
        monkeypatch.setenv("ZKSOLVENCY_DEBUG", "1")
    for flags in ([], ["--json"]):
        result = run("commit", "--account", account_file, *flags)
        assert result.code == 70
        assert "987654321" not in result.stdout + result.stderr
        assert "KeyError" in result.stdout + result.stderr
        assert ("in commit\n" in result.stderr) == debug


def test_messages_cannot_steer_the_terminal(run: Run, monkeypatch: pytest.MonkeyPatch, account_file: Path) -> None:
    _fail_with(monkeypatch, InputError("red \x1b[31m and \x9b2J [bold]brackets[/bold]"))
    result = run("commit", "--account", account_file)
    assert "\x1b" not in result.stderr
    assert "\x9b" not in result.stderr
    assert "[bold]brackets[/bold]" in result.stderr


def _fail_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(prover.cli.commit, "load_account", fail)


def test_help_imports_neither_chain_nor_address_libraries() -> None:
    script = (
        "import sys, atexit; from prover.cli import main; sys.argv[1:] = ['--help']\n"
        "atexit.register(lambda: print(*sorted(sys.modules), file=sys.stderr))\n"
        "main()"
    )
    done = subprocess.run(
        [PROGRAM[0], "-c", script], env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=True
    )
    loaded = set(done.stderr.split())
    assert not loaded & {"web3", "eth_utils", "rich.progress", "prover.cli.health", "prover.cli.verify"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_made(shell: str) -> None:
    environment = ENVIRONMENT | {"_ZKSOLVENCY_COMPLETE": f"source_{shell}"}
    done = subprocess.run(PROGRAM, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert "zksolvency" in done.stdout
    assert "_ZKSOLVENCY_COMPLETE" in done.stdout


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("zksolvency hea", {"health"}),
        ("zksolvency round ", {"show", "check", "fetch", "new", "signals"}),
    ],
)
def test_commands_and_their_commands_complete(typed: str, offered: set[str]) -> None:
    words = len(typed.split(" ")) - 1
    environment = ENVIRONMENT | {
        "_ZKSOLVENCY_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(words),
    }
    done = subprocess.run(PROGRAM, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert set(done.stdout.split()) == offered


def test_ctrl_c_leaves_nothing_behind(tmp_path: Path) -> None:
    pipe, out = tmp_path / "passphrase", tmp_path / "wallet.age"
    os.mkfifo(pipe, 0o600)
    arguments = [*PROGRAM, "wallet", "new", "--wallet", str(out), "--passphrase-file", str(pipe), "--json"]
    process = subprocess.Popen(arguments, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with pipe.open("w"):  # opens once the program reads
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert '"kind": "interrupted"' in stdout
    assert "Traceback" not in stderr
    assert list(tmp_path.iterdir()) == [pipe]


def test_ctrl_c_at_a_question_is_an_interruption(tmp_path: Path) -> None:
    """Only an end of input is a fault of what was typed."""
    wallet = tmp_path / "wallet.age"
    process = subprocess.Popen(
        [*PROGRAM, "wallet", "new", "--wallet", str(wallet)],
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # no terminal: it would be asked there
    )
    assert process.stderr is not None
    assert process.stderr.read(len("new passphrase")) == "new passphrase"
    process.send_signal(signal.SIGINT)
    stderr = process.communicate(timeout=60)[1]
    assert (process.returncode, "interrupted; no file was left half-written" in stderr) == (130, True), stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("flags", [[], ["--json"]], ids=["people", "machines"])
def test_a_full_disk_behind_stdout_is_told(flags: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*PROGRAM, "round", "show", str(ROUND_1), *flags],
            env=ENVIRONMENT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 3
    assert "standard output" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_that_leaves_early_sees_no_error() -> None:
    process = subprocess.Popen(
        [*PROGRAM, "round", "show", str(ROUND_1)],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    stderr = process.stderr.read()
    process.wait(timeout=60)
    process.stderr.close()
    assert stderr == ""


MEANINGS = {
    "--account": {"FILE", "NAME", "ID"},  # an account, in a file, in a wallet, or on a chain
    "--out": {"FILE", "FOLDER"},  # what is written
}
"""Options that take more than one kind of value."""


def test_an_option_takes_one_kind_of_value_in_every_command() -> None:
    kinds: dict[str, set[str]] = {}
    for _, command in LEAVES:
        for param in command.params:
            for name in param.opts:
                if name.startswith("--") and param.metavar:
                    kinds.setdefault(name, set()).add(param.metavar)
    assert {name: found for name, found in kinds.items() if len(found) > 1} == MEANINGS


def test_a_secret_key_and_a_verifying_key_have_options_of_their_own() -> None:
    helps = {param.help for _, command in LEAVES for param in command.params if "--key" in param.opts}
    assert helps
    assert all("verification_key.json" in text for text in helps)


@pytest.mark.parametrize("no_color", [False, True])
def test_no_color_is_heeded(no_color: bool) -> None:
    """As no-color.org has it: bold may stay, colours may not. FORCE_COLOR replaces a terminal."""
    environment = ENVIRONMENT | {"FORCE_COLOR": "1", "TERM": "xterm-256color"} | ({"NO_COLOR": "1"} if no_color else {})
    done = subprocess.run(
        [*PROGRAM, "round", "check", "missing.json"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3
    codes = {code for codes in re.findall(r"\x1b\[([0-9;]*)m", done.stderr) for code in codes.split(";")}
    assert ("31" in codes) == (not no_color)
    assert not no_color or not any(code.startswith(("3", "4", "9")) for code in codes)
