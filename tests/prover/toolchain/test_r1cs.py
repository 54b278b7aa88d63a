import struct
from pathlib import Path

import pytest

from prover.toolchain._r1cs import R1csHeader
from verifier import BASE_MODULUS, SCALAR_MODULUS, ToolError


def r1cs(*, prime: int = SCALAR_MODULUS, constraints: int = 2001, magic: bytes = b"r1cs", version: int = 1) -> bytes:
    header = struct.pack("<I32sIIIIQI", 32, prime.to_bytes(32, "little"), 2029, 1, 28, 16, 5335, constraints)
    other = b"before the header"
    sections = struct.pack("<IQ", 2, len(other)) + other + struct.pack("<IQ", 1, len(header)) + header
    return struct.pack("<4sII", magic, version, 2) + sections


def test_the_header_is_found_behind_other_sections(tmp_path: Path) -> None:
    path = tmp_path / "a.r1cs"
    path.write_bytes(r1cs())
    assert R1csHeader.load(path) == R1csHeader(wires=2029, public=29, private=16, constraints=2001)


@pytest.mark.parametrize(
    ("constraints", "domain_log2"), [(994, 10), (995, 11), (2018, 11), (2019, 12), (2001, 11), (802, 10)]
)
def test_constraints_and_public_signals_and_one_fit_in_the_domain(constraints: int, domain_log2: int) -> None:
    header = R1csHeader(wires=1, public=29, private=1, constraints=constraints)
    assert header.domain_log2 == domain_log2
    assert constraints + 29 + 1 <= 1 << domain_log2


@pytest.mark.parametrize(
    "data",
    [b"", r1cs()[:50], r1cs()[:-1], r1cs(prime=BASE_MODULUS), r1cs(magic=b"wtns"), r1cs(version=2)],
    ids=["empty", "cut in the first section", "cut in the header", "other field", "other file", "other version"],
)
def test_other_files_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.r1cs"
    path.write_bytes(data)
    with pytest.raises(ToolError, match="not an R1CS file of BN254"):
        R1csHeader.load(path)
