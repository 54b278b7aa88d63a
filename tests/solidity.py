"""What the compiler says of contracts, without generating code."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from prover.toolchain import find_node

ROOT: Final = Path(__file__).parent.parent
SOURCES: Final = ROOT / "contracts" / "src"


def describe(paths: Sequence[Path], outputs: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """The outputs of the contract that each file is named for, by its name."""
    names = {str(path.relative_to(ROOT)): path.stem for path in paths}
    request = {
        "language": "Solidity",
        "sources": {name: {"content": (ROOT / name).read_text()} for name in names},
        "settings": {
            "outputSelection": {"*": {"*": list(outputs)}},
            "remappings": ["@openzeppelin/contracts/=node_modules/@openzeppelin/contracts/"],
        },
    }
    done = subprocess.run(
        [str(find_node()), str(ROOT / "tools" / "solc"), "--standard-json"],
        cwd=ROOT,
        input=json.dumps(request),
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    answer = json.loads(done.stdout)
    assert [error for error in answer.get("errors", []) if error["severity"] == "error"] == []
    return {stem: answer["contracts"][name][stem] for name, stem in names.items()}
