"""`zksolvency liquidator`: the commands of the engine.

The program finds this module by the entry-point group `zksolvency.commands`, and imports it when a command of it runs.
"""

from liquidator.cli._app import app

__all__ = ["app"]
