"""`zksolvency proof import`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag
from prover.cli._output import report
from prover.storage import require_new_target, write_file
from verifier import STATEMENTS, BookProofEnvelope, InputError, Proof, VerifyingKey, parse_natural, read_json

app = new_app()


@app.command(
    "import",
    epilog=examples(
        "zksolvency proof import --snarkjs folder --out step.json \\",
        "    --key update-13/verification_key.json",
    ),
)
def import_(
    snarkjs: Annotated[
        Path, typer.Option("--snarkjs", metavar="FOLDER", help="Folder with proof.json and public.json of snarkjs.")
    ],
    key: Annotated[
        Path,
        typer.Option("--key", metavar="FILE", help="verification_key.json: says which statement and size it is."),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Proof file to make; never overwritten.")],
    as_json: JsonFlag = False,
) -> None:
    """Make a proof file of a proof that snarkjs or another prover made.

    For the statements of a margin book: open, update, writeoff, expire, exit and release. Nothing is verified here:
    `zksolvency verify` does that.
    """
    require_new_target(out)
    verifying_key = VerifyingKey.load(key)
    proof = Proof.from_json(read_json(snarkjs / "proof.json", "proof"), f"proof {snarkjs / 'proof.json'}")
    where = f"public signals {snarkjs / 'public.json'}"
    public = read_json(snarkjs / "public.json", "public signals")
    if not isinstance(public, list) or len(public) != verifying_key.public_count:
        raise InputError(f"{where}: expected a list of {verifying_key.public_count}, as the key has")
    signals = [parse_natural(signal, f"{where}[{i}]") for i, signal in enumerate(public)]
    values = STATEMENTS[verifying_key.statement].named(signals, verifying_key.n)
    envelope = BookProofEnvelope.create(verifying_key, values, proof)
    write_file(out, json.dumps(envelope.to_json(), indent=1) + "\n", overwrite=False)
    result = {"proof": str(out), "statement": envelope.statement, "n": envelope.n, "verified": False}
    report(result, as_json=as_json)
