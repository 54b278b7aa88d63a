"""The workflow for hosts that read .github: valid, and made of targets that exist."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
FILE = ROOT / ".github" / "workflows" / "ci.yml"


def test_the_workflow_runs_what_a_submission_must_pass() -> None:
    """As .ci/run does."""
    jobs = yaml.safe_load(FILE.read_text())["jobs"]
    runs = [step["run"] for step in jobs["test"]["steps"] if "run" in step]
    required = re.findall(r"make ([a-z-]+)", (ROOT / ".ci" / "run").read_text())
    assert required == ["check", "test"]
    assert [run for run in runs if run.removeprefix("make ") in required] == [f"make {name}" for name in required]


def test_the_workflow_names_targets_of_the_makefile_and_no_host() -> None:
    text = FILE.read_text()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"run: make ([a-z-]+)", text)) <= targets
    assert "://" not in text
    versions = re.search(r"Rust >= ([0-9.]+)", (ROOT / "CONTRIBUTING.md").read_text())
    assert versions is not None
    assert set(re.findall(r"toolchain install ([0-9.]+)", text)) == {versions[1]}
