"""`zksolvency contract fixture`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from prover.cli._commands import examples, new_app
from prover.cli._options import BookOption, JsonFlag
from prover.cli._output import report
from prover.onchain import foundry_fixture
from prover.storage import require_target, write_file
from prover.toolchain import load_round
from verifier import ProofEnvelope

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency contract fixture proof.json --round round.json \\",
        "    --out test/fixtures/margin.json",
        "zksolvency contract fixture solvent.json flag.json --round round-1.json \\",
        "    --round round-2.json --out test/fixtures/margin.json",
    )
)
def fixture(
    proofs: Annotated[list[Path], typer.Argument(metavar="PROOF...", help="Proof files of margin.")],
    rounds: Annotated[
        list[Path],
        typer.Option("--round", metavar="FILE", help="Price round of a proof; more than once, the first is round 1."),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="File to write.")],
    book: BookOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Write proofs and rounds for tests in Foundry.

    `SolvencyFixtures.read`, in the npm package of the contracts, reads the file: margin fractions, what is
    posted as rounds, and the proofs with what they claim. Nothing is verified here.
    """
    require_target(out, *proofs, *rounds)
    written = foundry_fixture(
        [load_round(path, book) for path in rounds], [ProofEnvelope.load(path) for path in proofs]
    )
    write_file(out, json.dumps(written, indent=1) + "\n")
    report({"fixture": str(out), "rounds": len(written["rounds"]), "proofs": len(written["proofs"])}, as_json=as_json)
