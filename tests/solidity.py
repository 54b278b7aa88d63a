"""What the compiler says of contracts."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from prover.toolchain import find_node

ROOT: Final = Path(__file__).parent.parent
SOURCES: Final = ROOT / "contracts" / "src"


def compile_sources(sources: Mapping[str, str], settings: Mapping[str, Any], folder: Path) -> Mapping[str, Any]:
    """The contracts of the compiler's answer, by file and name; imports are looked for below a folder."""
    request = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in sources.items()},
        "settings": settings,
    }
    done = subprocess.run(
        [str(find_node()), str(ROOT / "tools" / "solc"), "--standard-json"],
        cwd=folder,
        input=json.dumps(request),
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    answer = json.loads(done.stdout)
    assert [error for error in answer.get("errors", []) if error["severity"] == "error"] == []
    contracts: Mapping[str, Any] = answer["contracts"]
    return contracts


def describe(paths: Sequence[Path], outputs: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """The outputs of the contract that each file is named for, by its name, without generating code."""
    names = {str(path.relative_to(ROOT)): path.stem for path in paths}
    settings = {
        "outputSelection": {"*": {"*": list(outputs)}},
        "remappings": ["@openzeppelin/contracts/=node_modules/@openzeppelin/contracts/"],
    }
    contracts = compile_sources({name: (ROOT / name).read_text() for name in names}, settings, ROOT)
    return {stem: contracts[name][stem] for name, stem in names.items()}
