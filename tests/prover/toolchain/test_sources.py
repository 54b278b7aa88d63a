from pathlib import Path, PurePosixPath

import pytest

from prover.toolchain._sources import collect_sources, sources_digest, write_sources
from verifier import ToolError

MAIN = 'include "statement.circom";\ncomponent main = A();\n'


@pytest.fixture
def circuits(tmp_path: Path) -> Path:
    write(tmp_path / "circuits" / "statement.circom", 'include "lib/part.circom";\ninclude "package/code/tool.circom";')
    write(tmp_path / "circuits" / "lib" / "part.circom", 'include "../shared.circom";')
    write(tmp_path / "circuits" / "shared.circom", "// shared")
    write(tmp_path / "circuits" / "other.circom", "// another statement")
    return tmp_path / "circuits"


@pytest.fixture
def packages(tmp_path: Path) -> dict[str, Path]:
    write(tmp_path / "node_modules" / "package" / "code" / "tool.circom", 'include "detail.circom";')
    write(tmp_path / "node_modules" / "package" / "code" / "detail.circom", "// detail")
    return {"package": tmp_path / "node_modules" / "package"}


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_includes_are_followed_and_nothing_else_is_taken(circuits: Path, packages: dict[str, Path]) -> None:
    assert {str(path) for path in collect_sources(MAIN, circuits, packages)} == {
        "main.circom",
        "statement.circom",
        "lib/part.circom",
        "shared.circom",
        "libraries/package/code/tool.circom",
        "libraries/package/code/detail.circom",
    }


def test_the_digest_follows_every_included_file(circuits: Path, packages: dict[str, Path]) -> None:
    def digest() -> str:
        return sources_digest(collect_sources(MAIN, circuits, packages))

    seen = {digest()}
    write(circuits / "other.circom", "// changed, but not included")
    assert {digest()} == seen
    for path in (circuits / "shared.circom", packages["package"] / "code" / "detail.circom"):
        path.write_text("// changed")
        assert digest() not in seen
        seen.add(digest())


def test_the_digest_tells_names_from_contents() -> None:
    one = {PurePosixPath("ab"): b"c"}
    other = {PurePosixPath("a"): b"bc"}
    assert sources_digest(one) != sources_digest(other)


def test_sources_are_laid_out_as_they_were_read(circuits: Path, packages: dict[str, Path], tmp_path: Path) -> None:
    sources = collect_sources(MAIN, circuits, packages)
    work = tmp_path / "work"
    write_sources(sources, work)
    written = {path.relative_to(work): path.read_bytes() for path in work.rglob("*") if path.is_file()}
    assert {str(path): content for path, content in written.items()} == {
        str(path): content for path, content in sources.items()
    }


@pytest.mark.parametrize(
    "include", ["missing.circom", "../secret.circom", "unknown/tool.circom", "package/../x.circom"]
)
def test_an_include_that_leads_nowhere_or_outside_is_refused(
    circuits: Path, packages: dict[str, Path], include: str
) -> None:
    write(circuits.parent / "secret.circom", "// outside")
    write(packages["package"].parent / "x.circom", "// outside")
    with pytest.raises(ToolError, match="leads to no file"):
        collect_sources(f'include "{include}";', circuits, packages)
