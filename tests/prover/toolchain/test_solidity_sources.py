from pathlib import Path

import pytest

from prover.toolchain._solidity_sources import collect_solidity
from verifier import ToolError

ROOT = 'import {A} from "./A.sol";\nimport {\n    B\n} from "@library/B.sol";\n// import "./comment.sol";\n'


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_imports_are_followed_and_nothing_else_is_taken(tmp_path: Path) -> None:
    modules = tmp_path / "node_modules"
    expected = {
        write(tmp_path / "src" / "A.sol", 'import "../Shared.sol";\nstring constant IMPORT = "./Other.sol";'),
        write(tmp_path / "Shared.sol", 'import * as A from "./src/A.sol";'),
        write(modules / "@library" / "B.sol", "import {C} from './C.sol';"),
        write(modules / "@library" / "C.sol", ""),
    }
    write(tmp_path / "src" / "Other.sol", "")
    root = tmp_path / "src" / "Root.sol"
    found = collect_solidity({root: ROOT}, modules)
    assert found.keys() == {root, *expected}
    assert all(found[path] == path.read_text() for path in expected)


def test_an_import_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"Root\.sol imports .*A\.sol: No such file"):
        collect_solidity({tmp_path / "Root.sol": ROOT}, tmp_path)
