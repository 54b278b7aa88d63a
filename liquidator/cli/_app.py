"""The group of commands. What a command needs is imported when it runs."""

import typer

from liquidator.cli._check import EXAMPLES as CHECK_EXAMPLES
from liquidator.cli._check import check
from liquidator.cli._impact import EXAMPLES as IMPACT_EXAMPLES
from liquidator.cli._impact import impact
from liquidator.cli._init import EXAMPLES as INIT_EXAMPLES
from liquidator.cli._init import init
from liquidator.cli._predict import EXAMPLES as PREDICT_EXAMPLES
from liquidator.cli._predict import predict
from liquidator.cli._propose import EXAMPLES as PROPOSE_EXAMPLES
from liquidator.cli._propose import propose
from liquidator.cli._report import EXAMPLES as REPORT_EXAMPLES
from liquidator.cli._report import report
from liquidator.cli._run import EXAMPLES as RUN_EXAMPLES
from liquidator.cli._run import run
from liquidator.cli._simulate import EXAMPLES as SIMULATE_EXAMPLES
from liquidator.cli._simulate import simulate
from liquidator.cli._status import EXAMPLES as STATUS_EXAMPLES
from liquidator.cli._status import status
from liquidator.cli._stress import EXAMPLES as STRESS_EXAMPLES
from liquidator.cli._stress import stress

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Watch accounts, and act when one misses its margin.\n\n"
    "An engine does what its roles say: a guardian flags accounts and makes notices, a liquidator takes them over, a "
    "housekeeper keeps the book going, a reporter posts prices. Write its settings with `init`, fill in what is yours, "
    "see with `check` that it can start, and start it with `run`. `status` shows what it does.",
)
app.command(epilog=INIT_EXAMPLES)(init)
app.command(epilog=CHECK_EXAMPLES)(check)
app.command(epilog=RUN_EXAMPLES)(run)
app.command(epilog=STATUS_EXAMPLES)(status)
app.command(epilog=PREDICT_EXAMPLES)(predict)
app.command(epilog=IMPACT_EXAMPLES)(impact)
app.command(epilog=PROPOSE_EXAMPLES)(propose)
app.command(epilog=SIMULATE_EXAMPLES)(simulate)
app.command(epilog=STRESS_EXAMPLES)(stress)
app.command(epilog=REPORT_EXAMPLES)(report)


@app.callback()
def group() -> None:
    """Typer takes a group without commands only with a callback."""
