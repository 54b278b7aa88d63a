"""`zksolvency prove`: proof files from an account and a round."""

import json
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from prover import instance_name, prove_margin
from prover.cli._commands import examples, new_app
from prover.cli._options import (
    AccountOption,
    BackendOption,
    BookOption,
    JsonFlag,
    KindOption,
    RecipientOption,
    RoundOption,
    StatementOption,
    as_address,
)
from prover.cli._output import as_hex, emit, print_facts, side, warn
from prover.cli._progress import progress
from prover.storage import require_target, write_file
from prover.toolchain import (
    Artifacts,
    ProgressSink,
    build,
    default_backend,
    load_account,
    load_keys,
    load_round,
    open_backend,
)
from verifier import VectorKind

app = new_app("Prove that a hidden account meets its margin, or does not.")


@app.callback()
def prove() -> None:
    """Prove that a hidden account meets its margin, or does not."""


@app.command(
    epilog=examples(
        "zksolvency prove margin --account account.json --round round.json \\",
        "    --out proof.json",
        "zksolvency prove margin --account account.json --round round.json \\",
        "    --out flag.json --liquidatable --recipient 0x1F98...F984",
        "zksolvency prove margin --account account.json --round round.json \\",
        "    --out overdraft.json --kind overdraft",
    )
)
def margin(
    account: AccountOption,
    round_: RoundOption,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Proof file to write.")],
    statement: StatementOption = "margin",
    liquidatable: Annotated[
        bool, typer.Option("--liquidatable", help="Prove that the account is below its margin.")
    ] = False,
    kind: KindOption = None,
    recipient: RecipientOption = None,
    backend: BackendOption = None,
    keys: Annotated[
        Path | None,
        typer.Option("--keys", metavar="FOLDER", help="Ceremony keys.  [default: this machine's development keys]"),
    ] = None,
    book: BookOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Prove on which side of its margin an account is.

    The proof shows the commitment, the round, the kind of margin and the side. Balances, quote, equity and owner stay
    hidden.
    """
    require_target(out, account, round_)
    loaded = load_account(account, book)
    prices = load_round(round_, book)
    with progress() as sink:
        artifacts = _artifacts(instance_name(statement, loaded.book.n), keys, sink)
    chosen = backend or default_backend()
    started = time.monotonic()
    with open_backend(chosen) as prover:
        envelope = prove_margin(
            loaded,
            prices,
            artifacts,
            prover,
            healthy=not liquidatable,
            recipient=recipient or 0,
            kind=kind or VectorKind.MAINTENANCE,
        )
    seconds = time.monotonic() - started
    write_file(out, json.dumps(envelope.to_json(), indent=2) + "\n")
    origin = artifacts.key.origin
    if origin == "development":
        warn("made with development keys, under which anyone can forge proofs")
    claim = envelope.claim()

    def render(console: Console) -> None:
        print_facts(
            console,
            [
                ("proof", str(out)),
                ("statement", f"{envelope.statement}, {envelope.n} slots"),
                ("proves", side(claim.healthy, envelope.kind)),
                ("commitment", as_hex(claim.commitment)),
                ("round", f"{prices.id}, {envelope.round}"),
                ("recipient", as_address(claim.recipient) if claim.recipient else "none"),
                ("key", f"{origin}, {envelope.key}"),
                ("took", f"{seconds:.2f} s, by {chosen.value}"),
            ],
        )

    result = {
        "proof": str(out),
        "statement": envelope.statement,
        "n": envelope.n,
        "kind": str(envelope.kind),
        "healthy": claim.healthy,
        "commitment": as_hex(claim.commitment),
        "recipient": as_address(claim.recipient),
        "round": {"id": prices.id, "digest": envelope.round},
        "book": {"name": prices.book.name, "digest": envelope.book},
        "key": {"origin": origin, "digest": envelope.key},
        "backend": chosen.value,
        "seconds": round(seconds, 3),
    }
    emit(result, render, as_json=as_json)


def _artifacts(name: str, keys: Path | None, sink: ProgressSink) -> Artifacts:
    if keys is not None:
        return load_keys(name, keys, progress=sink)
    return build([name], progress=sink)[name]
