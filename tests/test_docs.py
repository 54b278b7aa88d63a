"""The docs say what is true: links and paths lead somewhere, and the commands of tutorial and guide work as written."""

import re
import shlex
import subprocess
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cli.harness import Outcome, invoke
from typer.main import get_command

from prover.cli import app
from prover.cli._commands import LazyCommand

ROOT = Path(__file__).parent.parent
FOLDERS = [path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")]
FOLDERS_WITH_README = ("changes", "contracts", "prover/native", "template/foundry", "template/python", "verifier")
READMES = [*(ROOT / name / "README.md" for name in FOLDERS_WITH_README), ROOT / "contracts" / "npm.md"]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *READMES])
LINK = re.compile(r"\]\((?!http)([^)#]*)(?:#([^)]*))?\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
PATH = re.compile(rf"`((?:{'|'.join(FOLDERS)})/[\w./*<>-]*)`")
CELL = re.compile(r"(?<!\\)\|")
BUILT = {"build", "cache", "generated", "out"}


def page_name(page: Path) -> str:
    return str(page.relative_to(ROOT))


EACH_PAGE = pytest.mark.parametrize("page", PAGES, ids=page_name)


def anchors(page: Path) -> set[str]:
    """What may follow # in a link to a page: its headings without punctuation, hyphens for spaces."""
    headings = [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading) for heading in HEADING.findall(page.read_text())]
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@EACH_PAGE
def test_links_lead_to_files_and_headings(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text()):
        path = page.parent / target if target else page
        assert path.exists(), target
        assert not anchor or anchor in anchors(path), f"{target}#{anchor}"


@EACH_PAGE
def test_paths_are_those_of_files(page: Path) -> None:
    """A name in angle brackets is any name."""
    paths = [path for path in PATH.findall(page.read_text()) if not BUILT & set(path.split("/"))]
    patterns = [re.sub(r"<[^>]*>", "*", path).rstrip("/") for path in paths]
    assert not [name for name in patterns if not any(any(base.glob(name)) for base in (ROOT, page.parent))]


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "CHANGELOG.md"], ids=page_name)
def test_lines_of_prose_are_short(page: Path) -> None:
    """But for those of tables, code and long links."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    lines = [line for line in text.splitlines() if not line.startswith(("|", "    ")) and "](http" not in line]
    assert [line for line in lines if len(line) > 120] == []


@EACH_PAGE
def test_a_page_has_one_title(page: Path) -> None:
    """A site takes each further one for a page beside it."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    assert len(re.findall(r"^# ", text, re.MULTILINE)) == 1


@pytest.mark.parametrize("page", [page for page in PAGES if "docs" in page.parts[-3:-1]], ids=page_name)
def test_a_page_ends_with_where_to_go_next(page: Path) -> None:
    """The first page is nothing else."""
    headings = re.findall(r"^## (.*)$", page.read_text(), re.MULTILINE)
    assert headings[-1] == ("All pages" if page.name == "README.md" else "Where to go next")


@cache
def names_of_tests() -> frozenset[str]:
    """Tests in Python by their whole names; those of the contracts without `test_`, as the docs name them."""
    python = (path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    solidity = (path.read_text() for path in (ROOT / "contracts" / "test").rglob("*.t.sol"))
    return frozenset(
        [name for text in python for name in re.findall(r"^ *(?:async )?def (test_\w+)", text, re.MULTILINE)]
        + [name for text in solidity for name in re.findall(r"function (?:test|testFuzz|invariant)_(\w+)", text)]
    )


def named_tests(text: str) -> list[str]:
    """What stands in the columns of tables that are titled *test*, and names in Python wherever they are."""
    named = re.findall(r"`(test_\w+)`", text)
    for table in re.findall(r"(?:^\| .*\n)\|-.*\n(?:^\|.*\n)+", text, re.MULTILINE):
        titles, _, *rows = ([cell.strip() for cell in CELL.split(row)[1:-1]] for row in table.splitlines())
        if "test" in titles:
            named += [name for row in rows for name in re.findall(r"`(\w+)`", row[titles.index("test")])]
    return named


@EACH_PAGE
def test_named_tests_exist(page: Path) -> None:
    assert not set(named_tests(page.read_text())) - names_of_tests()


def test_pages_name_tests() -> None:
    named = {page.stem: len(named_tests(page.read_text())) for page in PAGES}
    assert named["book"] > 30
    assert named["threat-model"] > 20


def written_commands(text: str) -> list[list[str]]:
    """The words after the name of the program, of each command in a block or in code."""
    whole = text.replace("\\\n", " ")
    lines = re.findall(r"^ {4}(?:\$ )?zksolvency ([^#\n]*)", whole, re.MULTILINE)
    code = re.findall(r"`zksolvency\s([a-z-][^`]*)`", whole)
    return [re.sub(r"\$\(.*\)|\"[^\"]*\"", "X", line).split() for line in lines + code]


def mistakes(words: list[str], command: Any = None) -> list[str]:
    """A command that there is not, or options that it does not have; of a group, that none of its commands has."""
    command = get_command(app) if command is None else command
    command = command.load() if isinstance(command, LazyCommand) else command
    commands = getattr(command, "commands", {})
    if commands and words and not words[0].startswith("-"):
        return mistakes(words[1:], commands[words[0]]) if words[0] in commands else words[:1]
    options = {"--help", *(name for parameter in command.params for name in parameter.opts)}
    own = [word for word in words if word.startswith("--") and word not in options]
    return min([own, *(mistakes(words, each) for each in commands.values())], key=len)


@EACH_PAGE
def test_written_commands_exist_with_their_options(page: Path) -> None:
    wrong = {" ".join(words): mistakes(words) for words in written_commands(page.read_text())}
    assert {command: found for command, found in wrong.items() if found} == {}


def test_pages_have_commands() -> None:
    assert sum(len(written_commands(page.read_text())) for page in PAGES) > 150


def tutorial_commands() -> list[str]:
    text = (ROOT / "docs" / "tutorial.md").read_text()
    blocks = re.findall(r"(?:^    .*\n)+", text, re.MULTILINE)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [line.strip() for line in lines if line.strip().startswith("zksolvency")]


@pytest.mark.full
def test_the_tutorial_works_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("prover.toolchain._local_node.cache_dir", lambda: tmp_path / "state")
    commands = tutorial_commands()
    assert len(commands) > 15
    for command in commands:
        done = follow(command)
        refused = re.search(r"# refused \((.*)\)", command)
        if refused:
            assert done.code == 1, (command, done)
            assert refused[1] in done.stderr, (command, done)
        else:
            assert done.code == 0, (command, done)


def follow(command: str) -> Outcome:
    """Run a command of the program as a shell would, with `$(...)` replaced."""
    whole = re.sub(r"\$\((.*)\)", lambda match: follow(match[1]).stdout.strip(), command)
    return invoke(*shlex.split(whole, comments=True)[1:])


@dataclass
class Step:
    """A command of a guide, and what the guide shows below it."""

    command: str
    shown: list[str] = field(default_factory=list)

    @property
    def is_refused(self) -> bool:
        return self.command.endswith("# refused")

    @property
    def answers(self) -> list[tuple[str, str]]:
        """What is typed, by what is asked."""
        found = (QUESTION.fullmatch(line) for line in self.shown)
        return [(match[1], match[2]) for match in found if match]

    @property
    def expected(self) -> list[re.Pattern[str]]:
        """What the program prints, whatever the addresses, times, block numbers and gas."""
        lines = (line for line in self.shown if not QUESTION.fullmatch(line))
        return [
            re.compile(r"\s+".join(r"\S+" if VARIES.search(word) else re.escape(word) for word in line.split()))
            for line in lines
        ]


QUESTION = re.compile(
    r"(side \(buy or sell\)|asset|size|price \[USD\]|another leg of the same trade\? \[y/N\]"
    r"|(?:make|take) this offer\? \[y/N\]|seed or owner secret): ?(.*)"
)
VARIES = re.compile(r"0x|\.\.|~|^[0-9]+[,:;]?$|^[0-9]{4}-[0-9]{2}|^[0-9]{2}:")


def steps_of(page: Path) -> list[Step]:
    steps: list[Step] = []
    for block in re.findall(r"(?:^    .*\n)+", page.read_text(), re.MULTILINE):
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith("    $ "):
                steps.append(Step(line[6:].strip()))
            else:
                steps[-1].shown.append(line.strip())
    return steps


@dataclass
class Reader:
    """A reader who follows a guide: types what it shows, and copies what the program has printed.

    Attributes:
        passphrase_file: of every key and wallet.
        printed: values by the first word of their line.
        variables: of the shell.
    """

    passphrase_file: Path
    printed: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)

    def follow(self, step: Step) -> None:
        name, equals, _ = step.command.partition("=...")
        if equals:
            self.variables[f"${name}"] = self.printed[name.lower()]
        elif step.command.startswith("zksolvency "):
            self._check(step, self._run(step))
        else:
            subprocess.run(["/bin/bash", "-ec", step.command], timeout=60, check=True)

    def _run(self, step: Step) -> Outcome:
        words = [self.variables.get(word, word) for word in shlex.split(step.command, comments=True)[1:]]
        if "--passphrase-file" in invoke(*words, "--help").stdout:
            words += ["--passphrase-file", str(self.passphrase_file)]
        answers = [answer or self.printed["seed"] for _, answer in step.answers]  # only a secret is not shown
        outcome = invoke(*words, stdin="".join(f"{answer}\n" for answer in answers))
        pairs = (line.split(maxsplit=1) for line in outcome.stdout.splitlines())
        self.printed.update({pair[0]: pair[1] for pair in pairs if len(pair) > 1})
        return outcome

    def _check(self, step: Step, outcome: Outcome) -> None:
        assert (outcome.code != 0) == step.is_refused, (step.command, outcome)
        output = f"{outcome.stdout}\n{outcome.stderr}".splitlines()
        for pattern in step.expected:
            assert any(pattern.fullmatch(line.strip()) for line in output), (step.command, pattern, outcome)
        for question, _ in step.answers:
            assert question in outcome.stderr, (step.command, outcome)


@pytest.mark.full
@pytest.mark.usefixtures("quick_passphrases")
def test_the_margin_books_guide_works_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = steps_of(ROOT / "docs" / "guides" / "margin-book.md")
    assert len(steps) > 30
    assert sum(step.is_refused for step in steps) == 2
    assert sum(len(step.expected) for step in steps) > 60
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "state").mkdir()
    passphrase_file = tmp_path / "passphrase"
    passphrase_file.touch(0o600)
    passphrase_file.write_text("correct horse battery\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("prover.toolchain._local_node.cache_dir", lambda: tmp_path / "state")
    reader = Reader(passphrase_file)
    for step in steps:
        reader.follow(step)
