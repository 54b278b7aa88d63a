"""`zksolvency liquidator check`."""

from typing import Final

import typer

from liquidator.cli._options import CONFIG, ConfigOption, JsonFlag, examples
from liquidator.cli._output import ProgressLines, print_json, print_rows

EXAMPLES: Final = examples(
    "zksolvency liquidator check",
    "zksolvency liquidator check --config guardian.toml --json",
)


def check(config: ConfigOption = CONFIG, as_json: JsonFlag = False) -> None:
    """See whether the engine can start, and send nothing.

    Checks settings and keys, the chain and its clock, the contracts, whether they verify with this machine's keys, the
    sender's balance, and the prover. Exit code 1 when the engine would not start.
    """
    from liquidator.engine import configure_logging, load_settings, open_engine  # noqa: PLC0415 - slow to import

    settings = load_settings(config)
    configure_logging(settings.log)
    with open_engine(settings, progress=ProgressLines()) as engine:
        checks = engine.checks
    is_ready = not any(check.is_fatal for check in checks)
    if as_json:
        rows = [
            {"name": one.name, "problem": one.problem, "detail": one.detail, "fatal": one.is_fatal} for one in checks
        ]
        print_json({"ready": is_ready, "checks": rows})
    else:
        print_rows([[_mark(one.is_fatal, one.problem), one.name, one.problem or one.detail] for one in checks])
        typer.echo("ready" if is_ready else "not ready")
    if not is_ready:
        raise typer.Exit(1)


def _mark(is_fatal: bool, problem: str) -> str:
    return "failed" if is_fatal else "warning" if problem else "ok"
