"""Keys of snarkjs: labelled only when they are keys of the statement that they are said to be of."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from prover.audit._key_import import import_key
from prover.formats import ProvingKeyFile
from prover.toolchain import AnyBackend, Artifacts, load_keys
from verifier import InputError, VerificationError, VerifyingKey

pytestmark = pytest.mark.full

NAME = "margin-lean-13"

Import = Callable[..., VerifyingKey]


def as_snarkjs(key: VerifyingKey) -> dict[str, Any]:
    ours = ("format", "statement", "n", "origin")
    return {name: value for name, value in key.to_json().items() if name not in ours}


@pytest.fixture
def lean(artifacts: Mapping[str, Artifacts]) -> Artifacts:
    return artifacts[NAME]


@pytest.fixture
def importing(lean: Artifacts, backend: AnyBackend, tmp_path: Path) -> Import:
    """Import as a key of margin-lean-13, into a folder "out"."""

    def run(key: VerifyingKey, zkey: Path | bytes, circuit: Artifacts = lean) -> VerifyingKey:
        key_file, zkey_file = tmp_path / "key.json", tmp_path / "key.zkey"
        key_file.write_text(json.dumps(as_snarkjs(key)))
        zkey_file.write_bytes(zkey if isinstance(zkey, bytes) else zkey.read_bytes())
        return import_key(circuit.circuit, key_file, zkey_file, tmp_path / "out", backend)

    return run


def refusal(importing: Import, *words: Any, **options: Any) -> str:
    with pytest.raises(VerificationError) as raised:
        importing(*words, **options)
    assert raised.value.reason == "key-refused"
    return str(raised.value)


def test_an_imported_key_is_used_like_any_other(importing: Import, lean: Artifacts, tmp_path: Path) -> None:
    assert importing(lean.key, lean.zkey) == lean.key
    loaded = load_keys(NAME, tmp_path / "out")
    assert loaded.key == lean.key
    assert loaded.key.origin == "development"
    assert loaded.zkey.read_bytes() == lean.zkey.read_bytes()


def test_a_lean_key_is_not_imported_as_a_margin_key(
    importing: Import, lean: Artifacts, artifacts: Mapping[str, Artifacts], tmp_path: Path
) -> None:
    told = refusal(importing, lean.key, lean.zkey, circuit=artifacts["margin-13"])
    assert "not one of margin-13" in told
    assert not (tmp_path / "out").exists()


def test_a_verifying_key_beside_the_proving_key_of_another_is_refused(
    importing: Import, lean: Artifacts, artifacts: Mapping[str, Artifacts]
) -> None:
    assert "not the one of the proving key" in refusal(importing, artifacts["margin-13"].key, lean.zkey)


def sections(zkey: bytes) -> dict[int, tuple[int, int]]:
    """Where the content of each section starts and ends."""
    found, offset = {}, 12
    while offset < len(zkey):
        kind, size = (int.from_bytes(zkey[offset + a : offset + b], "little") for a, b in ((0, 4), (4, 12)))
        found[kind] = (offset + 12, offset + 12 + size)
        offset += 12 + size
    return found


def test_one_other_coefficient_is_refused(importing: Import, lean: Artifacts) -> None:
    zkey = bytearray(lean.zkey.read_bytes())
    start, _ = sections(zkey)[4]
    zkey[start + 4 + 12] ^= 1
    assert "not one of margin-lean-13" in refusal(importing, lean.key, bytes(zkey))


def test_points_of_another_right_side_are_refused(importing: Import, lean: Artifacts) -> None:
    """The matrix C is in no section of the file, so proofs have to show that its points are right."""
    zkey = bytearray(lean.zkey.read_bytes())
    start, end = sections(zkey)[8]
    points = [bytes(zkey[at : at + 64]) for at in range(start, end, 64)]
    zkey[start:end] = b"".join(points[1:] + points[:1])
    assert "does not verify" in refusal(importing, lean.key, bytes(zkey))


def test_a_key_that_says_what_it_is_needs_no_import(lean: Artifacts, backend: AnyBackend, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unknown name 'format'"):
        import_key(lean.circuit, lean.verification_key, lean.zkey, tmp_path / "out", backend)


def test_nothing_is_overwritten(importing: Import, lean: Artifacts, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(InputError, match="exists already"):
        importing(lean.key, lean.zkey)


@pytest.mark.parametrize("length", [0, 3, 11, 60, 200, 1000])
def test_a_truncated_proving_key_is_malformed(lean: Artifacts, tmp_path: Path, length: int) -> None:
    (tmp_path / "cut.zkey").write_bytes(lean.zkey.read_bytes()[:length])
    with pytest.raises(InputError, match="cut"):
        ProvingKeyFile.load(tmp_path / "cut.zkey")
