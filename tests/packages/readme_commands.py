"""The commands of a template's README, which a test follows as they are written."""

import re
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path


def commands_of(page: Path) -> list[list[str]]:
    """What is indented by four, line by line, as words."""
    blocks = re.findall(r"(?:^    .*\n)+", page.read_text(), re.MULTILINE)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in lines]


def succeed(command: list[str], folder: Path, environment: Mapping[str, str]) -> str:
    """Run a command that must succeed, and return what it printed."""
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout
