"""The command line program `zksolvency`.

Start-up is part of its use (each press of the Tab key starts it), so a command's module is imported when the command
runs, not before.
"""

from prover.cli._app import app, main

__all__ = ["app", "main"]
