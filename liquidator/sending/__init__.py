"""Transactions of one key: its nonces, private sending, inclusion."""

from typing import TYPE_CHECKING

from prover._lazy import lazy_names

__all__ = ["Outbox", "SendingSettings"]

if TYPE_CHECKING:
    from liquidator.sending._outbox import Outbox
    from liquidator.sending._settings import SendingSettings
else:
    __getattr__, __dir__ = lazy_names(__name__, {"._outbox": ("Outbox",), "._settings": ("SendingSettings",)})
