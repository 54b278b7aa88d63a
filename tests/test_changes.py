"""What users are told of a change: towncrier passes over a file whose name it does not know."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
CHANGES = ROOT / "changes"
TYPES = [row["directory"] for row in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["towncrier"]["type"]]
FRAGMENT = re.compile(rf"[a-z0-9]+(-[a-z0-9]+)*\.({'|'.join(TYPES)})\.md")


def fragments() -> list[Path]:
    return [path for path in CHANGES.iterdir() if path.name not in ("README.md", "template.md.jinja")]


def test_each_change_has_a_topic_and_a_type() -> None:
    assert not [path.name for path in fragments() if not FRAGMENT.fullmatch(path.name)]


def test_each_change_is_one_paragraph() -> None:
    for path in fragments():
        assert re.fullmatch(r"(?![-*] ).{1,120}(\n\S.{0,119})*\n", path.read_text()), path.name


def test_the_types_are_the_documented_ones() -> None:
    assert re.findall(r"^\| `([a-z]+)` \|", (CHANGES / "README.md").read_text(), re.MULTILINE) == TYPES


def test_the_next_release_tells_each_change() -> None:
    command = [sys.executable, "-m", "towncrier", "build", "--draft", "--version", "1.0.0"]
    told = " ".join(subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout.split())
    assert told.startswith("## 1.0.0")
    assert not [path.name for path in fragments() if " ".join(path.read_text().split()) not in told]
