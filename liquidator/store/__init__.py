"""What the engine keeps over a restart: work in flight, cooldowns, rounds of prices, margin calls."""

from typing import TYPE_CHECKING

from prover._lazy import lazy_names

__all__ = [
    "CallLevel",
    "CallRecord",
    "Cooldown",
    "CooldownKind",
    "EngineStore",
    "Inclusion",
    "Job",
    "Outcome",
    "RecordedRound",
    "SignedCall",
    "Stage",
    "StoreError",
    "StoredTransaction",
    "Task",
    "TransactionState",
]

if TYPE_CHECKING:
    from liquidator.store._engine_store import EngineStore, StoreError
    from liquidator.store._records import (
        CallLevel,
        CallRecord,
        Cooldown,
        CooldownKind,
        Inclusion,
        Job,
        Outcome,
        RecordedRound,
        SignedCall,
        Stage,
        StoredTransaction,
        Task,
        TransactionState,
    )
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "._engine_store": ("EngineStore", "StoreError"),
            "._records": (
                "CallLevel",
                "Cooldown",
                "CooldownKind",
                "Inclusion",
                "Job",
                "CallRecord",
                "Outcome",
                "RecordedRound",
                "SignedCall",
                "Stage",
                "StoredTransaction",
                "Task",
                "TransactionState",
            ),
        },
    )
