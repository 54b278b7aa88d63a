"""Transactions of one key: its nonces, private sending, inclusion."""

from typing import TYPE_CHECKING

from prover._lazy import lazy_names

__all__ = ["Outbox", "SendingSettings", "lock_key"]

if TYPE_CHECKING:
    from liquidator.sending._key_lock import lock_key
    from liquidator.sending._outbox import Outbox
    from liquidator.sending._settings import SendingSettings
else:
    __getattr__, __dir__ = lazy_names(
        __name__, {"._key_lock": ("lock_key",), "._outbox": ("Outbox",), "._settings": ("SendingSettings",)}
    )
