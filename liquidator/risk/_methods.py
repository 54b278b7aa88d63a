"""Names of methods, which commands offer without loading what computes."""

from enum import StrEnum


class VolatilityMethod(StrEnum):
    """How variance is forecast."""

    EWMA = "ewma"
    HAR = "har"
    GARCH = "garch"


class ImpactMethod(StrEnum):
    """How a trade moves a price."""

    SQUARE_ROOT = "square-root"
    ALMGREN_CHRISS = "almgren-chriss"
