"""Run slither over all contracts but the generated ones. Fails for a finding that docs/slither.md does not answer."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from prover.toolchain import find_foundry
from tools.slither._answers import answers_of, findings_of, obsolete, unanswered
from verifier import ToolError

ROOT: Final = Path(__file__).resolve().parent.parent.parent
PROJECT: Final = ROOT / "contracts"
PAGE: Final = ROOT / "docs" / "slither.md"
WORK: Final = ROOT / "build" / "slither"
SLITHER: Final = WORK / "venv" / "bin" / "slither"
LIBRARY: Final = "@openzeppelin/contracts/"
SETTINGS: Final = {
    "FOUNDRY_PROFILE": "default",
    "FOUNDRY_TEST": "src",  # no tests
    "FOUNDRY_COMPILATION_RESTRICTIONS": "[]",
    "FOUNDRY_ADDITIONAL_COMPILER_PROFILES": "[]",
}


def main() -> None:
    """The command."""
    build()
    report = WORK / "report.json"
    report.unlink(missing_ok=True)
    analyse(report)
    findings, answers = findings_of(json.loads(report.read_text())), answers_of(PAGE.read_text())
    problems = [
        *(f"not answered: {finding}" for finding in unanswered(findings, answers)),
        *(f"found no longer: {answer.detector} in {answer.place}" for answer in obsolete(findings, answers)),
    ]
    print(f"{len(findings)} findings, {len(problems)} that {PAGE.relative_to(ROOT)} does not fit")
    for problem in problems:
        print(problem)
    sys.exit(bool(problems))


def build() -> None:
    """Compile contracts and examples with their syntax trees, apart from the build of the tests.

    All with the settings of one profile: slither looks at each compilation by itself, so a contract with settings of
    its own would be missing where its parents are, and what it alone uses would look unused.

    The library is named by one path only: under a second one each of its contracts would exist twice, and slither
    would find neither.
    """
    remapping = f"{LIBRARY}={ROOT / 'node_modules' / LIBRARY}/"
    subprocess.run(
        [
            *(str(find_foundry("forge")), "build", "--force", "--build-info", "--remappings", remapping),
            *("--out", str(WORK / "out"), "--cache-path", str(WORK / "cache")),
        ],
        cwd=PROJECT,
        env=os.environ | SETTINGS,
        check=True,
    )


def analyse(report: Path) -> None:
    """Write slither's report, in JSON. Slither asks forge for the project's settings, and exits with a count.

    Raises:
        ToolError: slither wrote none.
    """
    path = f"{find_foundry('forge').parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [
            *(str(SLITHER), ".", "--ignore-compile", "--foundry-out-directory", str(WORK / "out")),
            *("--filter-paths", "node_modules", "--json", str(report)),
            *("--exclude", "unimplemented-functions"),  # the verifier's, which generated contracts implement
        ],
        cwd=PROJECT,
        env=os.environ | {"PATH": path},
        check=False,
        capture_output=True,
        text=True,
    )
    if not report.is_file():
        raise ToolError(f"slither made no report:\n{done.stderr}")


if __name__ == "__main__":
    main()
