"""What an account may cost others, in closed form: quick enough for the path from a round to a flag."""

import math
from typing import Final

LOSS_SECONDS: Final = 3_600.0
"""For which expected losses are reckoned: about the time until an account is sold."""

_ROOT_2: Final = math.sqrt(2.0)
_ROOT_2_PI: Final = math.sqrt(2.0 * math.pi)


def expected_loss(equity: float, deviation: float) -> float:
    """Expected amount by which a normal equity will be below zero (Bachelier 1900) [USD].

    Args:
        equity: now [USD].
        deviation: of equity at the end [USD]; 0 gives what is below zero now.
    """
    if deviation <= 0:
        return max(-equity, 0.0)
    z = equity / deviation
    return deviation * (math.exp(-0.5 * z * z) / _ROOT_2_PI - 0.5 * z * math.erfc(z / _ROOT_2))
