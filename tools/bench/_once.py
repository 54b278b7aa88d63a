"""One proof by a Python prover, from files to a file: what a fresh process does. Only what it needs is imported."""

import argparse
import importlib
import json
from pathlib import Path


def main() -> None:
    """Prove once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("prover", choices=["native", "groth16py"])
    for name in ("zkey", "wasm", "r1cs", "inputs", "witness", "proof"):
        parser.add_argument(f"--{name}", type=Path)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--portable", action="store_true")
    options = parser.parse_args()
    prove = _native if options.prover == "native" else _groth16py
    options.proof.write_bytes(prove(options))


def _native(options: argparse.Namespace) -> bytes:
    prover = importlib.import_module("zksolvency_native").NativeProver(
        options.zkey, options.wasm, r1cs_path=options.r1cs, cache_folder=options.cache, portable=options.portable
    )
    if options.inputs is not None:
        made = prover.prove(json.loads(options.inputs.read_bytes()))
    else:
        made = prover.prove_witness(options.witness.read_bytes())
    return json.dumps(made).encode()


def _groth16py(options: argparse.Namespace) -> bytes:
    groth16py = importlib.import_module("groth16py")
    key, _ = groth16py.import_zkey(str(options.zkey))
    proof: bytes = groth16py.prove_wtns(key, str(options.witness))
    return proof


if __name__ == "__main__":
    main()
