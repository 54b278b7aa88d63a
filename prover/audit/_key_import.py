"""Keys made elsewhere: checked against the constraint system of a statement, and labelled with it."""

import json
import random
import shutil
from pathlib import Path
from typing import Final

from prover.audit._samples import sample_inputs
from prover.formats import R1CS, ProvingKeyFile
from prover.statements import Backend
from prover.toolchain import Artifacts, CompiledCircuit, existing_file, new_file
from verifier import InputError, Proof, VerificationError, VerifyingKey, read_json, verify

_PROOFS: Final = 3
_REASON: Final = "key-refused"


def import_key(circuit: CompiledCircuit, key: Path, zkey: Path, folder: Path, backend: Backend) -> VerifyingKey:
    """Check a key as snarkjs writes it, then write circuit.zkey and a verification_key.json that says what it is.

    The proving key must have the circuit's sizes and matrices A and B, the verifying key must have the points of the
    proving key, and proofs of random true statements must verify. So a key of another statement, which is refused, does
    not get this one's name by mistake. Whether the maker of the key can forge, no check without the powers of tau can
    tell: the key is a development key, and `Ceremony.export` is for those of a ceremony.

    Args:
        circuit: the compiled instance that the key shall be one of.
        key: snarkjs' verification_key.json.
        zkey: the proving key.
        folder: to write; must not exist.
        backend: makes the proofs.

    Returns:
        The verifying key, with its label.

    Raises:
        InputError: a file is missing or malformed, or the folder exists already.
        VerificationError: `key-without-contribution`, or `key-refused` when one of the checks fails.
        ToolError: the backend failed, or the disk is full.
    """
    instance = circuit.instance
    where = f"verifying key {key}"
    labelled = VerifyingKey.from_snarkjs(read_json(key, where), instance.statement, instance.n, "development", where)
    with new_file(folder) as partial:
        # The copy is what is checked: the original may change meanwhile.
        partial.mkdir()
        artifacts = Artifacts(circuit, partial / "circuit.zkey", partial / "verification_key.json", labelled)
        shutil.copyfile(existing_file(zkey), artifacts.zkey)
        artifacts.verification_key.write_text(json.dumps(labelled.to_json(), indent=1))
        made = ProvingKeyFile.load(artifacts.zkey)
        if not made.is_of(R1CS.load(circuit.r1cs)):
            raise VerificationError(_REASON, f"the proving key is not one of {instance.name}")
        if not made.has(labelled):
            raise VerificationError(_REASON, "the verifying key is not the one of the proving key")
        _require_proofs(artifacts, backend)
    return labelled


def _require_proofs(artifacts: Artifacts, backend: Backend) -> None:
    instance, rng = artifacts.instance, random.SystemRandom()
    for _ in range(_PROOFS):
        proof, signals = backend.prove(artifacts, sample_inputs(instance.statement, instance.n, rng))
        try:
            verify(artifacts.key, [int(signal) for signal in signals], Proof.from_json(dict(proof)))
        except (InputError, VerificationError):
            raise VerificationError(_REASON, f"a proof of {instance.name} made with this key does not verify") from None
