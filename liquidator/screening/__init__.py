"""Which of many accounts may be below a line, in floating point with a proven bound."""

from liquidator.screening._matrix import AccountMatrix
from liquidator.screening._screened import Screened, ScreenedGround

__all__ = ["AccountMatrix", "Screened", "ScreenedGround"]
