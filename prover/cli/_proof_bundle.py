"""`zksolvency proof bundle`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from prover import PriceRound
from prover.cli._commands import examples, new_app
from prover.cli._options import BookOption, JsonFlag
from prover.cli._output import report
from prover.statements import make_bundle, release_kind
from prover.storage import require_new_target, write_file
from prover.toolchain import load_round
from verifier import Bundle, ProofEnvelope, VectorKind, VerifyingKey, envelope_from_json, read_json

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency proof bundle proof.json --round round.json --out bundle.json",
        "zksolvency proof bundle buyer.json seller.json --round round.json \\",
        "    --out trade.json --digest-only",
    )
)
def bundle(
    proofs: Annotated[
        list[Path], typer.Argument(metavar="PROOF...", help="Proof files of one statement, size and key.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Bundle to make; never overwritten.")],
    round_: Annotated[
        Path | None,
        typer.Option(
            "--round",
            metavar="FILE",
            help="Price round file that the proofs were made for.  [required for margin, update, expire and release]",
        ),
    ] = None,
    digest_only: Annotated[
        bool, typer.Option("--digest-only", help="Name the round by its digest, and leave its prices out.")
    ] = False,
    with_key: Annotated[
        Path | None,
        typer.Option(
            "--with-key",
            metavar="FILE",
            help="Put this verification_key.json into the bundle, for readers who know its digest.",
        ),
    ] = None,
    book: BookOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Put proofs into one file that a counterparty verifies with one command.

    The bundle holds the proofs, the digest of their verifying key, the price round, and what each proof shows. The
    reader uses a key and a round of their own, and compares. Nothing secret is in it.
    """
    require_new_target(out)
    envelopes = [envelope_from_json(read_json(path, "proof file"), f"proof file {path}") for path in proofs]
    prices = None if round_ is None else load_round(round_, book)
    key = None if with_key is None else VerifyingKey.load(with_key)
    made = make_bundle(envelopes, prices, key, with_prices=not digest_only)
    write_file(out, json.dumps(made.to_json(), indent=1) + "\n", overwrite=False)
    result = {
        "bundle": str(out),
        "statement": made.statement,
        "proofs": len(made.proofs),
        "key_digest": made.key_digest,
        "round_digest": made.round_digest,
        "the_reader_runs": _command(made, out, prices),
    }
    report(result, as_json=as_json)


def _command(made: Bundle, out: Path, prices: PriceRound | None) -> str:
    """What a counterparty types, with their own files."""
    words = ["zksolvency", "verify", out.name]
    if prices is not None:
        words += ["--round", "FILE"]
    if made.statement != "margin":
        words += ["--statement", made.statement]
    if made.statement == "open":
        words += ["--deployment", "FILE"]
    proof = made.proofs[0]
    kind = proof.kind if isinstance(proof, ProofEnvelope) else prices and release_kind(proof, prices)
    if kind is VectorKind.OVERDRAFT:
        words += ["--kind", str(kind)]
    if any(shown.get("healthy") == 0 for shown in made.expectations):
        words.append("--liquidatable")
    return " ".join(words)
