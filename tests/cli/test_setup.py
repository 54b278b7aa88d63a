"""`setup`: says where everything is, and builds nothing twice."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from cli.harness import Run

from prover.toolchain import Artifacts, cache_dir

pytestmark = pytest.mark.full


@pytest.mark.parametrize(("book", "n"), [("perps-13", 13), pytest.param("multi-28", 28, marks=pytest.mark.deep)])
def test_what_is_built_is_told_and_not_built_again(
    run: Run, artifacts: Mapping[str, Artifacts], book: str, n: int
) -> None:
    before = {path: path.stat().st_mtime_ns for path in cache_dir().rglob("*")}
    result = run("setup", "--book", book, "--json")
    assert result.code == 0
    assert "development keys" in result.stderr
    assert result.json["cache"] == str(cache_dir())
    by_name = {item["name"]: item for item in result.json["statements"]}
    assert set(by_name) == {f"margin-{n}", f"margin-lean-{n}"}
    for name, item in by_name.items():
        assert item["zkey"] == str(artifacts[name].zkey)
        assert item["constraints"] == artifacts[name].constraints
        assert all(Path(item[file]).is_file() for file in ("r1cs", "wasm", "zkey", "verification_key"))
    after = {path: path.stat().st_mtime_ns for path in before}
    assert after == before


def test_the_size_is_the_books(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def build(names: list[str], **_: object) -> Mapping[str, Artifacts]:
        asked.extend(names)
        return {}

    monkeypatch.setattr("prover.cli.setup.build", build)
    assert run("setup", "--book", "multi-28", "--json").code == 0
    assert asked == ["margin-28", "margin-lean-28"]


def test_named_statements_alone_are_built(run: Run) -> None:
    result = run("setup", "--statement", "update", "--statement", "open", "--json")
    assert [item["name"] for item in result.json["statements"]] == ["update-13", "open-13"]


def test_contracts_are_compiled_with_the_verifiers_of_the_statements(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def build(*wanted: object, **_: object) -> tuple[Mapping[str, Artifacts], Mapping[str, object]]:
        asked.extend(wanted)
        return {}, {}

    monkeypatch.setattr("prover.cli.setup.build_with_contracts", build)
    assert run("setup", "--statement", "open", "--contracts", "gate", "--contracts", "book", "--json").code == 0
    assert asked == [["open-13"], ["gate", "book"]]


def test_people_see_a_table(run: Run, artifacts: Mapping[str, Artifacts]) -> None:
    result = run("setup")
    assert result.code == 0
    assert f"{artifacts['margin-13'].constraints:,}" in result.stdout
    assert str(cache_dir()) in result.stdout


def test_a_cache_that_is_a_file_is_told(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("ZKSOLVENCY_CACHE", str(blocked / "cache"))
    result = run("setup", "--json")
    assert (result.code, result.error["kind"]) == (4, "tool")
    assert "ZKSOLVENCY_CACHE" in result.error["message"]
