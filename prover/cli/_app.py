"""The program's top level: its commands, its help, its version."""

import logging
from typing import Annotated, Final

import typer

from prover.cli._commands import PROGRAM, Root, examples
from prover.cli._output import LogHandler

COMMANDS: Final = {
    "setup": "Build circuits and development keys.",
    "account": "Keep an account file, or an account in a margin book.",
    "round": "Make, show or check a price round file.",
    "health": "Show equity, margin and health of an account.",
    "commit": "Print the commitment to an account.",
    "prove": "Prove that a hidden account meets its margin, or does not.",
    "verify": "Verify proof files or a bundle against what you hold.",
    "proof": "Take proof files to other people and tools.",
    "contract": "Write verifiers, and proofs for tests of contracts.",
    "chain": "Hold commitments, post rounds and send proofs on a chain.",
    "book": "Make a book of assets, or deploy and watch a margin book.",
    "wallet": "Keep the secrets of accounts in a margin book.",
    "guardian": "See the accounts that named you as their guardian.",
    "liquidation": "Tell liquidators of accounts, and take them over.",
    "fund": "Put money into the insurance fund of a margin book.",
    "oracle": "Sign prices as a reporter, and post rounds of them.",
    "key": "Take over keys that were made elsewhere.",
    "ceremony": "Make production keys together with others.",
    "artifacts": "Take circuits and keys to machines without compilers.",
    "audit": "Search a circuit for under-constrained wires.",
    "toolchain": "Install the compilers and the local node.",
    "demo": "Tell the whole story on this machine, with real parts.",
    "doctor": "Check that everything needed is installed.",
}

EXIT_CODES: Final = """\
\b
Exit codes:
  0    done
  1    the answer is no: proof or key refused, `health --check` below margin,
       `doctor` or `audit` found a problem
  2    wrong usage
  3    a file, value or option that you can mend
  4    a tool (Node, circom, snarkjs) is missing or failed
  5    the account is on the other side of the line: nothing to prove
  6    a node or contract refused, or was not reached
  70   a bug in zksolvency
  130  interrupted

Every command takes --json: one JSON object on stdout, errors included.
NO_COLOR in the environment turns colours off.
"""

HELP: Final = """\
Prove that a hidden derivatives account meets its margin, or that it does not.

Positions stay on this machine. A proof shows a commitment, a price round and one bit.
"""


class _Program(Root):
    COMMANDS = COMMANDS


app = typer.Typer(
    cls=_Program,
    name=PROGRAM,
    help=HELP,
    epilog=EXIT_CODES
    + "\n"
    + examples(
        "zksolvency setup",
        "zksolvency account new --out account.json",
        "zksolvency account import positions.csv --account account.json \\",
        "    --round round.json",
        "zksolvency health --account account.json --round round.json",
        "zksolvency prove margin --account account.json --round round.json \\",
        "    --out proof.json",
        "zksolvency verify proof.json --round round.json",
    ),
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def main() -> None:
    """Run the program."""
    app()


def _show_version(wanted: bool) -> None:
    if wanted:
        from prover.toolchain import own_version  # noqa: PLC0415 - slow to import, and for this option alone

        typer.echo(f"{PROGRAM} {own_version()}")
        raise typer.Exit


@app.callback()
def program(
    wants_version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Set up what all commands share."""
    for package in ("prover", "verifier"):
        log = logging.getLogger(package)
        log.setLevel(logging.INFO)
        log.handlers = [LogHandler()]
