"""`zksolvency book fetch`."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from prover.cli._book_options import BookOptions
from prover.cli._commands import examples, new_app
from prover.cli._node_options import record_path
from prover.cli._options import JsonFlag
from prover.cli._output import report
from prover.market import book_text
from prover.onchain import DeploymentKind
from prover.storage import require_new_target, write_file

app = new_app()


@app.command(epilog=examples("zksolvency book fetch --out my-book.json --deployment margin-book.json"))
def fetch(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Book file to make; never overwritten.")],
    *,
    options: BookOptions,
    as_json: JsonFlag = False,
) -> None:
    """Write the assets that a margin book lists now into a book file, which its record then names.

    For reporters, traders and verifiers, after assets were listed in slots of others. Commands that ask a node know the
    present assets by themselves; those that need none read the file. Margin fractions come from the chain where an
    asset is new: with one node, they are its word.
    """
    require_new_target(out)
    record = options.record()
    with options.open() as book:
        assets = book.assets
    write_file(out, book_text(assets.name, assets.n, assets.assets, assets.lambdas_ppm), overwrite=False)
    path = record_path(options.deployment, options.rpc, DeploymentKind.BOOK)
    named = f"./{out}" if out.parent == Path() else str(out)
    replace(record, book=named, book_digest=assets.digest()).save(path)
    new = [asset.symbol for asset in assets.assets if asset.symbol not in record.assets().slots]
    result = {"file": str(out), "record": str(path), "assets": len(assets.assets), "new": new}
    report({**result, "digest": assets.digest()}, as_json=as_json)
