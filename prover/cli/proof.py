"""`zksolvency proof`: proof files."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from prover import PriceRound
from prover.cli._commands import LazyGroup, examples, new_app
from prover.cli._options import BookOption, JsonFlag
from prover.cli._output import emit, print_facts, warn
from prover.storage import require_new_target, write_file
from prover.toolchain import load_round
from verifier import InputError, ProofEnvelope, VerificationError


class _Proof(LazyGroup):
    COMMANDS = {  # noqa: RUF012
        "bundle": "Put proofs, prices and expectations into one file.",
        "import": "Make a proof file of a margin book's proof by snarkjs.",
    }
    MODULES = "prover.cli._proof_{}"


app = new_app("Take proof files to other people and tools.", _Proof)


@app.callback()
def proof() -> None:
    """Take proof files to other people and tools."""


@app.command(
    epilog=examples(
        "zksolvency proof export proof.json --snarkjs folder --round round.json",
        "snarkjs groth16 verify verification_key.json folder/public.json \\",
        "    folder/proof.json",
    )
)
def export(
    proof_: Annotated[Path, typer.Argument(metavar="PROOF", help="Proof file.")],
    snarkjs: Annotated[
        Path, typer.Option("--snarkjs", metavar="FOLDER", help="Folder for proof.json and public.json of snarkjs.")
    ],
    round_: Annotated[
        Path | None,
        typer.Option(
            "--round",
            metavar="FILE",
            help="Your own price round, to compute public.json from.  [default: what the proof file has]",
        ),
    ] = None,
    book: BookOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Write a proof as snarkjs takes it.

    snarkjs checks an equation over the signals in public.json, and knows nothing of rounds and books. Signals that a
    prover supplies prove nothing: a prover can choose prices at which any account is healthy. With --round they come
    from the round and book that you hold. The commitment, the side, the recipient and the kind of margin are the
    proof file's even then: compare them with what you expect, or use `zksolvency verify`, which does.
    """
    envelope = ProofEnvelope.load(proof_)
    signals = envelope.public_signals if round_ is None else _own_signals(envelope, load_round(round_, book))
    if snarkjs.exists() and not snarkjs.is_dir():
        raise InputError(f"{snarkjs}: is no folder")
    if not snarkjs.parent.is_dir():
        raise InputError(f"{snarkjs}: there is no folder {snarkjs.parent}")
    targets = {"proof": snarkjs / "proof.json", "public": snarkjs / "public.json"}
    snarkjs.mkdir(exist_ok=True)
    for target in targets.values():
        require_new_target(target)
    contents = {"proof": envelope.proof.to_json(), "public": [str(signal) for signal in signals]}
    for name, target in targets.items():
        write_file(target, json.dumps(contents[name], indent=1) + "\n", overwrite=False)
    if round_ is None:
        warn("public.json has the signals that the prover supplied, which prove nothing: add --round, or compare them")
    claim = envelope.claim()

    def render(console: Console) -> None:
        lines = [("proof", str(targets["proof"])), ("public signals", str(targets["public"]))]
        source = "the proof file" if round_ is None else f"round {round_}"
        print_facts(console, [*lines, ("prices and margins", f"from {source}")])

    result = {
        "proof": str(targets["proof"]),
        "public": str(targets["public"]),
        "signals_from": "proof" if round_ is None else "round",
        "kind": str(envelope.kind),
        "healthy": claim.healthy,
    }
    emit(result, render, as_json=as_json)


def _own_signals(envelope: ProofEnvelope, prices: PriceRound) -> tuple[int, ...]:
    if envelope.n == prices.book.n:
        signals = envelope.claim().signals(prices.vectors, envelope.kind)
        if signals == envelope.public_signals:
            return signals
    raise VerificationError(
        "signals-differ-from-round", "the proof was made for another round or book than yours: nothing was written"
    )
