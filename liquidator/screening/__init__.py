"""Which of many accounts may be below a line, in floating point with a proven bound."""

from typing import TYPE_CHECKING

from prover._lazy import lazy_names

__all__ = [
    "AccountMatrix",
    "DaskCluster",
    "Executor",
    "InProcess",
    "LocalPool",
    "Screened",
    "ScreenedGround",
    "ShardedAccounts",
]

if TYPE_CHECKING:
    from liquidator.screening._cluster import DaskCluster
    from liquidator.screening._executor import Executor, InProcess, LocalPool
    from liquidator.screening._matrix import AccountMatrix
    from liquidator.screening._screened import Screened, ScreenedGround
    from liquidator.screening._shards import ShardedAccounts
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "._cluster": ("DaskCluster",),
            "._executor": ("Executor", "InProcess", "LocalPool"),
            "._matrix": ("AccountMatrix",),
            "._screened": ("Screened", "ScreenedGround"),
            "._shards": ("ShardedAccounts",),
        },
    )
