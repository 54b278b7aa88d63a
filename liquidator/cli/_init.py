"""`zksolvency liquidator init`."""

from pathlib import Path
from typing import Annotated, Final

import typer

from liquidator.cli._options import CONFIG, JsonFlag, examples
from liquidator.cli._output import print_json

EXAMPLES: Final = examples(
    "zksolvency liquidator init",
    "zksolvency liquidator init --role guardian --role housekeeper \\",
    "    --out guardian.toml",
)


def init(
    role: Annotated[
        list[str] | None,
        typer.Option(
            "--role",
            metavar="ROLE",
            help="guardian, liquidator, housekeeper or reporter; repeat it for more.  [default: guardian]",
        ),
    ] = None,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write it: a new file.")] = CONFIG,
    as_json: JsonFlag = False,
) -> None:
    """Write settings to start from.

    Every key is explained, with its default in a comment. Fill in the lines that are no comments: node, book, keys.
    Passphrases are not among them: they come from files that only you can open, or from the environment.
    """
    from liquidator.engine import parse_roles, settings_template  # noqa: PLC0415 - slow to import
    from prover.storage import write_file  # noqa: PLC0415

    roles = parse_roles(role or ["guardian"])
    write_file(out, settings_template(roles), overwrite=False)
    if as_json:
        print_json({"file": str(out), "roles": sorted(map(str, roles))})
    else:
        typer.echo(f"wrote {out}: fill in the lines that are no comments, then run `zksolvency liquidator check`")
