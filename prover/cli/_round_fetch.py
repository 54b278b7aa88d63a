"""`zksolvency round fetch`."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from prover.chain import RoundsClient
from prover.cli._book_options import contract_code
from prover.cli._commands import examples, new_app
from prover.cli._node_options import NodeOptions, record_path
from prover.cli._options import JsonFlag
from prover.cli._output import emit, print_facts, warn
from prover.cli._round_facts import round_facts, round_summary
from prover.onchain import DeploymentKind, DeploymentRecord, fetch_round, local_record
from prover.storage import require_new_target, write_file

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency round fetch --out round.json",
        "zksolvency round fetch --id 7 --out round-7.json --deployment book.json \\",
        "    --rpc https://one.example,https://two.example",
    )
)
def fetch(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Round file to make; never overwritten.")],
    nodes: NodeOptions,
    round_id: Annotated[
        int | None, typer.Option("--id", metavar="N", min=1, help="Number of the round.  [default: the newest]")
    ] = None,
    deployment: Annotated[
        Path | None,
        typer.Option(
            "--deployment",
            metavar="FILE",
            help="Record of a margin book or a gate.  [default: the local chain's]",
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Read a round of a deployed margin book or gate into a file that other commands take.

    Prices must make the margins that the chain has, with the fractions of your own book file. Of several nodes in --rpc
    each is asked, and all must tell the same round. One node alone can invent a whole round: compare the digest with
    another source before you rely on it.
    """
    require_new_target(out)
    record = DeploymentRecord.load_any(_record(deployment, nodes.rpc))
    code = contract_code()

    @contextmanager
    def opened(node: NodeOptions) -> Iterator[RoundsClient]:
        with node.open_chain(code) as chain:
            yield record.open_rounds(chain)

    found = fetch_round(record.assets(), [partial(opened, node) for node in nodes.each_node()], round_id)
    write_file(out, json.dumps(found.round.to_json(), indent=2) + "\n", overwrite=False)
    for text in found.notes:
        warn(text)

    def render(console: Console) -> None:
        print_facts(console, [("file", str(out)), *round_facts(found.round), ("nodes that agree", str(found.agreed))])

    emit({"file": str(out), **round_summary(found.round), "nodes": found.agreed}, render, as_json=as_json)


def _record(deployment: Path | None, rpc: str | None) -> Path:
    """The record named, else that of the local chain's margin book, else that of its gate."""
    if deployment is None and rpc is None and not local_record(DeploymentKind.BOOK).exists():
        return local_record(DeploymentKind.GATE)
    return record_path(deployment, rpc, DeploymentKind.BOOK)
