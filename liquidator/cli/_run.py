"""`zksolvency liquidator run`."""

from typing import Annotated, Final

import typer

from liquidator.cli._options import CONFIG, ConfigOption, JsonFlag, examples
from liquidator.cli._output import ProgressLines, print_json, print_rows

EXAMPLES: Final = examples(
    "zksolvency liquidator run --config liquidator.toml",
    "zksolvency liquidator run --once --dry-run",
)


def run(
    config: ConfigOption = CONFIG,
    once: Annotated[
        bool, typer.Option("--once", help="Look once, do what that leads to, print the status, and end.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be sent, and what it would cost; send nothing.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Run the engine until Ctrl-C or SIGTERM.

    It looks at each new block, finds the accounts below a line, and does what its roles are for. Jobs that run are
    waited for at the end; a second signal ends at once. The log is on standard error. /metrics, /health and /status
    are served on loopback.
    """
    from liquidator.engine import configure_logging, load_settings, open_engine  # noqa: PLC0415 - slow to import
    from prover.toolchain import stop_signals  # noqa: PLC0415

    settings = load_settings(config)
    configure_logging(settings.log)
    with open_engine(settings, dry_run=dry_run, progress=ProgressLines()) as engine:
        if not once:
            with stop_signals() as stop:
                engine.run(stop)
            return
        status = engine.once()
    if as_json:
        print_json(status)
    else:
        print_rows([[name, str(status[name])] for name in ("round", "accounts", "below", "auctions", "alarms")])
        print_rows([[f"{key}" for key in event.values()] for event in status["recent"]])
