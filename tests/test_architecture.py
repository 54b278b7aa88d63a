"""Rules of the house that a newcomer could break without noticing."""

import ast
import re
import subprocess
import sys
from collections.abc import Mapping
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import prover
import verifier
from prover.toolchain import Artifacts

ROOT = Path(__file__).parent.parent
PACKAGES = ("verifier", "prover", "liquidator")
HEAVY = {"web3", "eth_account", "pydantic", "typer", "rich", "numpy", "py_ecc", "requests", "scipy", "sqlalchemy"}
LAZY = [
    prover,
    import_module("liquidator.sending"),
    import_module("liquidator.store"),
    *map(
        import_module,
        (
            f"prover.{n}"
            for n in ("account", "formats", "liquidation", "market", "statements", "storage", "toolchain", "trade")
        ),
    ),
    import_module("liquidator.risk"),
    import_module("liquidator.simulation"),
]

BUILDING = {f"prover.toolchain._{name}" for name in ("anvil", "ceremony", "contracts", "doctor")}
"""Libraries that a command does without once circuits and keys are built."""


def layers() -> list[list[str]]:
    """The packages in rows, from the page on the architecture: the last row is the lowest."""
    table = (ROOT / "docs" / "architecture.md").read_text().split("| package |")[1].split("\n\n")[0]
    return [re.findall(r"`((?:(?:prover|liquidator)/)?[a-z]+)`", row.split("|")[1]) for row in table.splitlines()[2:]]


ROWS = [[name.replace("/", ".") for name in row] for row in layers()]
RANK = {name: -place for place, row in enumerate(ROWS) for name in row}
"""Of each package: a higher one may import a lower one."""


def sources(*folders: str) -> dict[str, Path]:
    """Every Python module below the folders, by its full name."""
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    own = [path for path in paths if ROOT / "prover" / "native" not in path.parents]
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in own}


def imports(path: Path) -> set[str]:
    """The modules that a file imports, and the names that it takes from them, as if these were modules too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def package(module: str) -> str | None:
    """The package of the table that a module is in; None for any other module."""
    name = ".".join(module.split(".")[: 1 if module.startswith("verifier") else 2])
    return name if name in RANK else None


def test_every_package_has_its_row() -> None:
    paths = [path for name in ("prover", "liquidator") for path in ROOT.glob(f"{name}/*/__init__.py")]
    assert RANK.keys() == {".".join(path.relative_to(ROOT).parts[:2]) for path in paths} | {"verifier"}


@pytest.mark.parametrize("name", sorted(RANK))
def test_a_package_imports_only_from_rows_below_its_own(name: str) -> None:
    paths = {module: path for module, path in sources(*PACKAGES).items() if package(module) == name}
    assert paths
    imported = {(module, package(other)) for module, path in paths.items() for other in imports(path)}
    others = {(module, other) for module, other in imported if other not in {None, name}}
    assert not {(module, other) for module, other in others if RANK[other or ""] >= RANK[name]}


def test_the_picture_has_every_package_in_its_row() -> None:
    picture = (ROOT / "docs" / "images" / "packages.svg").read_text()
    drawn = re.findall(r'font-weight="bold"[^>]*>([a-z]+)<', picture)
    assert drawn == [name.split(".")[-1] for row in ROWS for name in row]


@pytest.mark.parametrize("path", sorted(sources("verifier").values()), ids=lambda path: path.name)
def test_the_verifier_imports_nothing_else_of_the_project(path: Path) -> None:
    assert not {name.split(".")[0] for name in imports(path)} & {"prover", "liquidator", "tools", "tests"}


@pytest.mark.parametrize("cli", ["prover.cli", "liquidator.cli"])
def test_nothing_but_a_command_line_imports_it(cli: str) -> None:
    paths = sources(*PACKAGES, "tools")
    others = {module for module in paths if package(module) != cli}
    assert not {module for module in others if cli in map(package, imports(paths[module]))}


def test_the_prover_does_not_import_the_engine() -> None:
    paths = sources("verifier", "prover")
    assert not {module for module, path in paths.items() if "liquidator" in {n.split(".")[0] for n in imports(path)}}


def test_a_package_is_used_by_its_public_names() -> None:
    imported = {(module, name) for module, path in sources(*PACKAGES, "tools").items() for name in imports(path)}
    private = {(module, name) for module, name in imported if package(name) and "._" in name}
    assert not {(module, name) for module, name in private if package(module) != package(name)}


def test_no_modules_import_each_other_in_a_circle() -> None:
    """What is imported for type checkers alone counts too."""
    paths = sources(*PACKAGES, "tools")
    TopologicalSorter({module: imports(path) & paths.keys() - {module} for module, path in paths.items()}).prepare()


@pytest.mark.parametrize("path", sorted((ROOT / "contracts" / "examples").rglob("*.sol")), ids=lambda p: p.name)
def test_example_contracts_use_the_public_interfaces_only(path: Path) -> None:
    sources = re.findall(r'from "([^"]+)"', path.read_text())
    assert sources
    assert all(source.startswith(("@openzeppelin/contracts/", "../src/interfaces/")) for source in sources)


def loaded(code: str, *args: object) -> set[str]:
    """The modules that a program has imported when it ends."""
    tell = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr))"
    command = [sys.executable, "-c", f"{tell}\n{code}", *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stderr.splitlines()[-1].split())


def packages(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


def test_reading_proofs_and_keys_needs_no_heavy_library() -> None:
    assert not packages(loaded("import verifier")) & HEAVY


def test_verifying_needs_py_ecc_alone() -> None:
    code = """
from verifier import G1Point, G2Point, Proof, VerificationError, require_valid_points
try:
    require_valid_points(Proof(G1Point(1, 3), G2Point((0, 0), (0, 0)), G1Point(1, 3)))
except VerificationError as error:
    assert error.reason == "point-not-on-curve"
"""
    assert packages(loaded(code)) & HEAVY == {"py_ecc"}


def test_risk_loads_what_computes_when_it_is_used() -> None:
    computes = {"arch", "matplotlib", "numpy", "pandas", "scipy"}
    assert not packages(loaded("from liquidator.risk import ImpactMethod, VolatilityMethod")) & computes
    for command in ("predict", "stress"):
        assert not packages(loaded("from prover.cli import main; main()", "liquidator", command, "--help")) & computes
    assert not packages(loaded("from liquidator.risk import predict, PriceImpact")) & computes - {"numpy", "scipy"}


def test_help_loads_no_more_than_the_command_line() -> None:
    """Each press of the Tab key starts the program."""
    modules = loaded("from prover.cli import main; main()", "--help")
    assert packages(modules) & HEAVY == {"typer"}
    assert {name for name in modules if name.startswith("prover")} == {
        "prover",
        "prover._lazy",
        "prover.cli",
        *(f"prover.cli._{name}" for name in ("app", "commands", "exits", "heartbeat", "option_groups", "output")),
    }


@pytest.mark.full
def test_proving_with_built_keys_loads_nothing_that_verifies_builds_or_asks_a_node(
    artifacts: Mapping[str, Artifacts], tmp_path: Path
) -> None:
    account, proof = tmp_path / "account.json", tmp_path / "proof.json"
    round_ = ROOT / "examples" / "round-1.json"
    main = "from prover.cli import main; main()"
    loaded(main, "account", "new", "--out", account)
    modules = loaded(main, "prove", "margin", "--account", account, "--round", round_, "--out", proof)
    assert packages(modules) & HEAVY == {"typer", "pydantic", "rich"}
    assert not modules & {"filelock", "rich.progress", *BUILDING}


@pytest.mark.parametrize("package", LAZY, ids=lambda package: package.__name__)
def test_a_lazy_package_has_the_names_that_type_checkers_see(package: ModuleType) -> None:
    tree = ast.parse(Path(package.__file__ or "").read_text())
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    seen = {alias.name: node.module for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert sorted(seen) == sorted(package.__all__)
    assert all(getattr(package, name) is getattr(import_module(module), name) for name, module in seen.items())
    assert set(package.__all__) <= set(dir(package))
    with pytest.raises(AttributeError, match="no attribute 'Unknown'"):
        package.Unknown  # noqa: B018


@pytest.mark.parametrize("module", [verifier, *LAZY], ids=lambda m: m.__name__)
def test_public_names_are_sorted_and_exist(module: object) -> None:
    names: list[str] = module.__all__
    assert names == sorted(names, key=lambda n: (not n.isupper(), n[0].islower(), n))
    assert all(hasattr(module, name) for name in names)


def test_every_error_is_one_of_the_tree() -> None:
    errors = [getattr(verifier, name) for name in verifier.__all__ if name.endswith("Error")]
    assert len(errors) >= 6
    assert all(issubclass(error, verifier.ZkSolvencyError) for error in errors)
