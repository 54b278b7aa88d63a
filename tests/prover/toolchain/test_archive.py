"""Archives of circuits and keys: what is packed is installed, and nothing else is."""

import hashlib
import json
import shutil
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from prover.toolchain import (
    ArtifactArchive,
    Artifacts,
    build,
    cache_dir,
    compile_circuits,
    find_built,
    find_installed,
    load_keys,
    pack_archive,
    remove_installed,
)
from prover.toolchain import _archive as archive_module
from prover.toolchain import _installed as installed_module
from prover.toolchain._circuits import find_instance
from verifier import InputError, ToolError, VerificationError

pytestmark = pytest.mark.full

NAME = "margin-lean-13"
OTHER = "margin-13"


@pytest.fixture(scope="module")
def archive(artifacts: Mapping[str, Artifacts], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("packed") / "lean.zip"
    pack_archive([artifacts[NAME]], path)
    return path


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without npm packages, whose cache is empty."""
    monkeypatch.setenv("ZKSOLVENCY_CACHE", str(tmp_path / "cache"))
    home = tmp_path / "home"
    home.mkdir()
    (home / "package-lock.json").write_text("{}")
    monkeypatch.setattr("prover.toolchain._tools.find_home", lambda: home)
    monkeypatch.setattr("prover.toolchain._install.find_home", lambda: home)


def install(path: Path, digest: str | None = None) -> list[str]:
    with ArtifactArchive.open(path) as opened:
        return opened.install(digest=digest or opened.digest)


def content(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def rewritten(path: Path, members: Mapping[str, bytes], target: Path, mode: int = 0o100644) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in members.items():
            member = zipfile.ZipInfo(name)
            member.external_attr = (0o100644 if name == "manifest.json" else mode) << 16
            out.writestr(member, data)
    return target


def with_manifest(members: dict[str, bytes], change: Callable[[Any], None]) -> dict[str, bytes]:
    manifest = json.loads(members["manifest.json"])
    change(manifest)
    return members | {"manifest.json": json.dumps(manifest).encode()}


def put(members: dict[str, bytes], name: str, data: bytes) -> dict[str, bytes]:
    """A file of the instance replaced, and the manifest made to fit."""

    def told(manifest: Any) -> None:
        entry = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        manifest["instances"][NAME]["files"][name] = entry

    return with_manifest(members | {f"{NAME}/{name}": data}, told)


def assert_nothing_installed() -> None:
    assert find_installed(NAME) is None
    assert not [path for path in cache_dir().rglob("*") if path.is_dir() and "installed" in path.name]


@pytest.mark.usefixtures("bare")
def test_what_was_packed_is_installed_and_found_without_a_tool(
    archive: Path, artifacts: Mapping[str, Artifacts]
) -> None:
    with pytest.raises(ToolError, match="zksolvency artifacts install"):
        build([NAME])
    assert install(archive) == [NAME]
    built, packed = build([NAME])[NAME], artifacts[NAME]
    assert built == find_built(NAME) == find_installed(NAME)
    assert built.r1cs.is_relative_to(cache_dir())
    assert (built.key, built.constraints) == (packed.key, packed.constraints)
    for ours, theirs in ((built.wasm, packed.wasm), (built.zkey, packed.zkey), (built.sym, packed.sym)):
        assert ours.read_bytes() == theirs.read_bytes()
    assert load_keys(NAME, packed.zkey.parent).circuit == built.circuit
    with pytest.raises(ToolError):
        build([OTHER])


@pytest.mark.usefixtures("bare")
def test_what_is_removed_is_not_found(archive: Path) -> None:
    install(archive)
    assert remove_installed(NAME)
    assert not remove_installed(NAME)
    assert_nothing_installed()


def test_equal_contents_have_one_digest(archive: Path, artifacts: Mapping[str, Artifacts], tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    digest = pack_archive([artifacts[NAME]], again)
    assert again.read_bytes() == archive.read_bytes()
    with ArtifactArchive.open(archive) as opened:
        assert opened.digest == digest
        assert [(key.name, key.origin) for key in opened.keys] == [(NAME, "development")]


def test_an_archive_is_never_overwritten(archive: Path, artifacts: Mapping[str, Artifacts]) -> None:
    with pytest.raises(InputError, match="exists already"):
        pack_archive([artifacts[NAME]], archive)
    with pytest.raises(InputError, match="one instance at least"):
        pack_archive([], archive.with_name("none.zip"))


@pytest.mark.usefixtures("bare")
def test_another_archive_takes_the_place_of_the_first(
    archive: Path, artifacts: Mapping[str, Artifacts], tmp_path: Path
) -> None:
    """Of the same circuit, with another key: here the same key with another origin."""
    install(archive)
    assert build([NAME])[NAME].key.origin == "development"
    folder = tmp_path / "keys"
    folder.mkdir()
    (folder / "circuit.zkey").write_bytes(artifacts[NAME].zkey.read_bytes())
    key = json.loads(artifacts[NAME].verification_key.read_bytes()) | {"origin": "ceremony"}
    (folder / "verification_key.json").write_text(json.dumps(key))
    pack_archive([load_keys(NAME, folder)], tmp_path / "ceremony.zip")
    install(tmp_path / "ceremony.zip")
    assert build([NAME])[NAME].key.origin == "ceremony"


@pytest.mark.usefixtures("bare")
def test_another_digest_than_the_published_one_is_refused(archive: Path) -> None:
    with pytest.raises(InputError, match="has the digest"):
        install(archive, "00" * 32)
    assert_nothing_installed()


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.999])
def test_a_truncated_archive_is_refused(archive: Path, tmp_path: Path, share: float) -> None:
    data, cut = archive.read_bytes(), tmp_path / "cut.zip"
    cut.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(InputError, match="damaged, or no archive"):
        install(cut)
    assert_nothing_installed()


@pytest.mark.usefixtures("bare")
def test_an_altered_byte_is_refused_or_changes_nothing(
    archive: Path, artifacts: Mapping[str, Artifacts], tmp_path: Path
) -> None:
    """Nothing: where it is in the date of a file, which is not used."""
    data, altered = archive.read_bytes(), tmp_path / "altered.zip"
    with ArtifactArchive.open(archive) as opened:
        digest = opened.digest
    for place in range(0, len(data), len(data) // 40):
        altered.write_bytes(data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :])
        try:
            install(altered, digest)
        except InputError:
            assert_nothing_installed()
        else:
            assert build([NAME])[NAME].zkey.read_bytes() == artifacts[NAME].zkey.read_bytes()
            remove_installed(NAME)


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("name", ["circuit.wasm", "circuit.zkey", "circuit.r1cs", "verification_key.json"])
def test_another_content_than_the_manifest_names_is_refused(archive: Path, tmp_path: Path, name: str) -> None:
    """Though the zip file is whole."""
    members = content(archive)
    data = bytearray(members[f"{NAME}/{name}"])
    data[len(data) // 2] ^= 1
    for changed in (bytes(data), bytes(data[:-1]), bytes(data) + b"\n"):
        path = rewritten(archive, members | {f"{NAME}/{name}": changed}, tmp_path / "altered.zip")
        with pytest.raises(InputError, match=f"{name} was altered"):
            install(path)
    assert_nothing_installed()


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(
    "extra",
    ["../../escaped", "/tmp/escaped", f"{NAME}/../../escaped", f"{NAME}/more", "margin-13/circuit.zkey", f"{NAME}/"],
)
def test_a_file_that_the_manifest_does_not_name_is_refused(archive: Path, tmp_path: Path, extra: str) -> None:
    path = rewritten(archive, content(archive) | {extra: b"x"}, tmp_path / "more.zip")
    with pytest.raises(InputError, match="other files than its manifest names"):
        install(path)
    assert_nothing_installed()
    assert not list(tmp_path.rglob("escaped"))


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("name", ["../../escaped", "/tmp/escaped", "margin-14", ""])
def test_a_manifest_cannot_name_a_path(archive: Path, tmp_path: Path, name: str) -> None:
    members = content(archive)

    def renamed(manifest: Any) -> None:
        manifest["instances"] = {name: manifest["instances"][NAME]}

    def more(manifest: Any) -> None:
        manifest["instances"][NAME]["files"][f"../{name}"] = {"size": 1, "sha256": hashlib.sha256(b"x").hexdigest()}

    moved = {member.replace(NAME, name): data for member, data in with_manifest(members, renamed).items()}
    with pytest.raises(InputError, match="no circuit instance"):
        install(rewritten(archive, moved, tmp_path / "named.zip"))
    added = with_manifest(members, more) | {f"{NAME}/../{name}": b"x"}
    with pytest.raises(InputError, match="has other files than"):
        install(rewritten(archive, added, tmp_path / "file.zip"))
    assert_nothing_installed()
    assert not list(tmp_path.rglob("escaped"))


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("mode", [0o120777, 0o100755, 0o040755], ids=["link", "program", "folder"])
def test_links_folders_and_programs_are_refused(archive: Path, tmp_path: Path, mode: int) -> None:
    path = rewritten(archive, content(archive), tmp_path / "link.zip", mode)
    with pytest.raises(InputError, match="a link, a folder or a program"):
        install(path)
    assert_nothing_installed()


@pytest.mark.usefixtures("bare")
def test_a_member_twice_is_refused(archive: Path, tmp_path: Path) -> None:
    path = rewritten(archive, content(archive), tmp_path / "twice.zip")
    member = zipfile.ZipInfo(f"{NAME}/circuit.zkey")
    member.external_attr = 0o100644 << 16
    with zipfile.ZipFile(path, "a") as more, pytest.warns(UserWarning, match="Duplicate name"):
        more.writestr(member, b"another key")
    with pytest.raises(InputError, match="other files than its manifest names"):
        install(path)


@pytest.mark.usefixtures("bare")
def test_a_file_larger_than_the_manifest_says_is_not_unpacked(archive: Path, tmp_path: Path) -> None:
    """A file of zeros is small in a zip file. No more is read than the manifest names, and that is limited."""
    members = content(archive)
    path = tmp_path / "bomb.zip"
    rewritten(archive, members | {f"{NAME}/circuit.wasm": bytes(1 << 27)}, path)
    tracemalloc.start()
    with pytest.raises(InputError, match=r"circuit\.wasm was altered"):
        install(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 26

    def huge(manifest: Any) -> None:
        manifest["instances"][NAME]["files"]["circuit.wasm"]["size"] = 1 << 40

    with pytest.raises(InputError, match="less than or equal"):
        install(rewritten(archive, with_manifest(members, huge), path))
    assert_nothing_installed()


@pytest.mark.usefixtures("bare")
def test_an_archive_of_other_circuits_is_refused(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of another version: the sources, the compiler or circomlib differ."""
    members = content(archive)

    def older(manifest: Any) -> None:
        manifest["version"] = "0.0.9"
        manifest["instances"][NAME]["circuit"] = "ab" * 32

    path = rewritten(archive, with_manifest(members, older), tmp_path / "older.zip")
    with pytest.raises(InputError, match=r"packed by zksolvency 0\.0\.9, whose circuit margin-lean-13 is another"):
        install(path)
    assert_nothing_installed()
    install(archive)
    monkeypatch.setattr(installed_module, "CIRCOM_FLAGS", ("--O1",))
    assert find_installed(NAME) is None


def test_a_circuit_is_known_by_its_sources_compiler_and_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (home / "circuits").mkdir(parents=True)
    (home / "circuits" / "margin.circom").write_text('include "part.circom";\ninclude "circomlib/x.circom";')
    (home / "circuits" / "part.circom").write_text("// part")
    packages = {f"node_modules/{name}": {"integrity": f"sha512-{name}"} for name in ("circomlib", "circom2", "solc")}
    monkeypatch.setattr(installed_module, "find_home", lambda: home)

    def digest() -> str:
        (home / "package-lock.json").write_text(json.dumps({"packages": packages}))
        return installed_module.circuit_digest(find_instance(OTHER))

    seen = {digest()}
    packages["node_modules/solc"] = {"integrity": "sha512-another"}
    assert digest() in seen
    for name in ("circomlib", "circom2"):
        packages[f"node_modules/{name}"] = {"integrity": f"sha512-another {name}"}
        assert digest() not in seen
        seen.add(digest())
    (home / "circuits" / "part.circom").write_text("// another part")
    assert digest() not in seen


@pytest.mark.usefixtures("bare")
def test_an_archive_of_another_format_is_refused(archive: Path, tmp_path: Path) -> None:
    def later(manifest: Any) -> None:
        manifest["format"] = "zksolvency/artifacts/2"

    path = rewritten(archive, with_manifest(content(archive), later), tmp_path / "later.zip")
    with pytest.raises(InputError, match="of version 2 of the format"):
        install(path)
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as out:
        out.writestr("readme.txt", "hello")
    with pytest.raises(InputError, match=r"holds no manifest\.json"):
        install(other)


@pytest.mark.usefixtures("bare")
def test_keys_that_do_not_belong_to_the_circuit_are_refused(
    archive: Path, artifacts: Mapping[str, Artifacts], tmp_path: Path
) -> None:
    """The maker's digest does not excuse them: every file is as the manifest says."""
    members, other = content(archive), artifacts[OTHER]
    wrong_key = put(members, "verification_key.json", other.verification_key.read_bytes())
    with pytest.raises(VerificationError, match="margin"):
        install(rewritten(archive, wrong_key, tmp_path / "key.zip"))

    relabelled = json.loads(other.verification_key.read_bytes()) | {"statement": "margin-lean"}
    stranger = put(members, "verification_key.json", json.dumps(relabelled).encode())
    with pytest.raises(InputError, match="not the one that the manifest names"):
        install(rewritten(archive, stranger, tmp_path / "stranger.zip"))

    wrong_zkey = put(members, "circuit.zkey", other.zkey.read_bytes())
    with pytest.raises(VerificationError, match="proving and verifying key of margin-lean-13 do not match"):
        install(rewritten(archive, wrong_zkey, tmp_path / "zkey.zip"))

    wrong_circuit = put(members, "circuit.r1cs", other.r1cs.read_bytes())
    with pytest.raises(VerificationError, match="of another circuit"):
        install(rewritten(archive, wrong_circuit, tmp_path / "r1cs.zip"))
    assert_nothing_installed()


@pytest.mark.usefixtures("bare")
def test_a_bad_instance_leaves_the_good_one_beside_it_out_too(
    artifacts: Mapping[str, Artifacts], tmp_path: Path
) -> None:
    both = tmp_path / "both.zip"
    pack_archive([artifacts[OTHER], artifacts[NAME]], both)
    members = content(both)
    altered = members | {f"{NAME}/circuit.zkey": members[f"{NAME}/circuit.zkey"][:-1] + b"x"}
    with pytest.raises(InputError, match="was altered"):
        install(rewritten(both, altered, tmp_path / "half.zip"))
    assert find_installed(OTHER) is None
    assert_nothing_installed()


@pytest.mark.usefixtures("bare")
def test_an_interrupted_installation_leaves_nothing(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(archive_module, "ProvingKeyFile", type("Interrupted", (), {"load": interrupted}))
    with pytest.raises(KeyboardInterrupt):
        install(archive)
    assert_nothing_installed()
    assert not list(cache_dir().glob(".partial-*"))


def test_ceremonies_and_audits_compile_the_circuit_themselves(
    archive: Path, artifacts: Mapping[str, Artifacts], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A constraint system of an archive is for proving; what is checked is compiled from its sources."""
    compiled = artifacts[NAME].r1cs.parent
    monkeypatch.setenv("ZKSOLVENCY_CACHE", str(tmp_path / "cache"))
    shutil.copytree(compiled, cache_dir() / compiled.name)
    install(archive)
    assert build([NAME])[NAME].r1cs.parent != cache_dir() / compiled.name
    assert compile_circuits([NAME])[NAME].r1cs.parent == cache_dir() / compiled.name
