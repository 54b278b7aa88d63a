"""Keys, circuits and caches that are damaged or not to be trusted; the options of a prover."""

from pathlib import Path

import pytest
from native_circuits import Circuit
from zksolvency_native import InputError, NativeProver, WasmWitness


def test_damaged_files_are_errors(margin: Circuit, tmp_path: Path) -> None:
    good = margin.zkey.read_bytes()
    for name, content in [("short", good[:-1]), ("empty", b""), ("magic", b"x" + good[1:]), ("long", good + b"x")]:
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(InputError, match="malformed zkey"):
            NativeProver(path)
    with pytest.raises(OSError, match="absent"):
        NativeProver(tmp_path / "absent")
    (tmp_path / "wasm").write_bytes(b"\0asm")
    with pytest.raises(InputError):
        WasmWitness(tmp_path / "wasm")


@pytest.mark.parametrize("damage", [10, 60, 1000, 100_000, -1])
def test_damaged_tables_are_made_again(margin: Circuit, tmp_path: Path, damage: int) -> None:
    zkey = tmp_path / "key"
    zkey.write_bytes(margin.zkey.read_bytes())
    prover = NativeProver(zkey, cache_folder=tmp_path / "cache")
    tables = next((tmp_path / "cache").glob("*-tables"))
    assert tables.stat().st_mode & 0o777 == 0o600
    content = bytearray(tables.read_bytes())
    content[damage] ^= 1
    tables.write_bytes(content)
    again = NativeProver(zkey, r1cs_path=margin.r1cs, cache_folder=tmp_path / "cache")
    again.verify(*again.prove_witness(margin.prover().witness(margin.inputs[0])))
    assert again.table_bytes == prover.table_bytes


def test_a_damaged_compiled_module_is_made_again(margin: Circuit, tmp_path: Path) -> None:
    WasmWitness(margin.wasm, cache_folder=tmp_path)
    compiled = next(tmp_path.glob("*.compiled"))
    whole = compiled.read_bytes()
    compiled.write_bytes(b"not machine code")
    WasmWitness(margin.wasm, cache_folder=tmp_path).witness(margin.inputs[0])
    assert len(compiled.read_bytes()) == len(whole)
    assert compiled.stat().st_mode & 0o777 == 0o600


def test_a_cache_that_others_can_write_to_is_refused(margin: Circuit, tmp_path: Path) -> None:
    tmp_path.chmod(0o770)
    for cached in (NativeProver, WasmWitness):
        with pytest.raises(InputError, match="others can write"):
            cached(margin.zkey if cached is NativeProver else margin.wasm, cache_folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_options_are_checked(margin: Circuit) -> None:
    with pytest.raises(InputError, match="threads"):
        NativeProver(margin.zkey, threads=0)
    with pytest.raises(InputError, match="the tables need at least"):
        NativeProver(margin.zkey, table_memory_limit=1000)
    with pytest.raises(InputError, match=r"\.wasm"):
        NativeProver(margin.zkey).prove(margin.inputs[0])
    assert margin.prover(portable=True).arithmetic == "portable"


def test_tables_keep_to_the_limit(margin: Circuit) -> None:
    limit = 14 << 20
    prover = margin.prover(table_memory_limit=limit, cache_folder=None)
    assert prover.table_bytes <= limit
    prover.verify(*prover.prove(margin.inputs[0]))
