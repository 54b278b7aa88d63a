"""What `exit` makes of a state, in exact integers (spec ZS-81)."""

from prover.account import State
from prover.market import QUOTE_BITS
from verifier import InputError, ProvingError


def exited_state(old: State, amount: int) -> State:
    """The state of an account without positions once an amount of its quote is withdrawn.

    Args:
        old: a valid state.
        amount: what leaves [1e-18 USD].

    Raises:
        InputError: the amount is outside 1 <= amount < 2^144.
        ProvingError: the account has a position, or less than the amount.
    """
    if not 1 <= amount < 1 << QUOTE_BITS:
        raise InputError(f"exit: amount outside 1 <= amount < 2^{QUOTE_BITS}")
    if any(old.balances):
        raise ProvingError("only an account without positions can exit: close them, or withdraw at a round")
    if amount > old.quote:
        raise ProvingError("the account has less than the amount")
    return State(old.balances, old.quote - amount)
