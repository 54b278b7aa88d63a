"""The loop: from a round of prices to transactions, by roles."""

from typing import TYPE_CHECKING

from prover._lazy import lazy_names

__all__ = [
    "PORT",
    "Check",
    "Engine",
    "NotReadyError",
    "Settings",
    "Steward",
    "configure_logging",
    "load_settings",
    "open_engine",
    "open_steward",
    "parse_roles",
    "read_status",
    "setting_rows",
    "settings_template",
]

if TYPE_CHECKING:
    from liquidator.engine._assembly import open_engine
    from liquidator.engine._checks import Check
    from liquidator.engine._engine import Engine, NotReadyError
    from liquidator.engine._logging import configure_logging
    from liquidator.engine._settings import PORT, Settings
    from liquidator.engine._settings_file import load_settings
    from liquidator.engine._status_client import read_status
    from liquidator.engine._steward import Steward, open_steward
    from liquidator.engine._template import parse_roles, setting_rows, settings_template
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "._assembly": ("open_engine",),
            "._checks": ("Check",),
            "._engine": ("Engine", "NotReadyError"),
            "._logging": ("configure_logging",),
            "._settings": ("PORT", "Settings"),
            "._settings_file": ("load_settings",),
            "._status_client": ("read_status",),
            "._steward": ("Steward", "open_steward"),
            "._template": ("parse_roles", "setting_rows", "settings_template"),
        },
    )
