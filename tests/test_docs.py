"""The docs say what is true: links lead somewhere, and the tutorial's commands work as written."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "contracts" / "README.md"])
LINK = re.compile(r"\]\(([^)#]+)(#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_to_files(page: Path) -> None:
    targets = [match[1] for match in LINK.finditer(page.read_text()) if not match[1].startswith("http")]
    assert not [target for target in targets if not (page.parent / target).exists()]


def tutorial_commands() -> list[str]:
    text = (ROOT / "docs" / "tutorial.md").read_text()
    blocks = re.findall(r"(?:^    .*\n)+", text, re.MULTILINE)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [line.strip() for line in lines if line.strip().startswith("zksolvency")]


@pytest.mark.full
def test_the_tutorial_works_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    local = tmp_path / "state"
    code = (
        "import sys, prover.cli._chain as c; from pathlib import Path\n"
        f"c.local_folder = lambda: Path({str(local)!r})\n"
        "from prover.cli import main; main()"
    )
    program = tmp_path / "bin" / "zksolvency"
    program.parent.mkdir()
    runner = tmp_path / "run.py"
    runner.write_text(f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}\n")
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(runner))} "$@"\n')
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{program.parent}:{Path(sys.executable).parent}", prepend=":")
    commands = tutorial_commands()
    assert len(commands) > 15
    for command in commands:
        done = subprocess.run(
            ["/bin/bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False
        )
        refused = re.search(r"# refused \((.*)\)", command)
        if refused:
            assert done.returncode == 1, (command, done)
            assert refused[1] in done.stderr, (command, done)
        elif "--help" not in command:
            assert done.returncode == 0, (command, done.stdout, done.stderr)
