"""What `expire` makes of a state, in exact integers (spec ZS-80)."""

from prover.account import State
from verifier import InputError, ProvingError, SettlementPrices


def expired_state(old: State, slots: int, prices: SettlementPrices) -> State:
    """The state once the balances of expired slots are cash.

    Args:
        old: a valid state.
        slots: bitmap: bit i is 1 when slot i expired.
        prices: at which the slots settle.

    Raises:
        InputError: the bitmap has a bit that is no slot's, or the prices are of another size of book.
        ProvingError: quote would leave its range.
    """
    n = len(old.balances)
    if prices.n != n:
        raise InputError(f"expire: the account has {n} slots, and there are settlement prices of {prices.n}")
    if not 0 <= slots < 1 << n:
        raise InputError("expire: the bitmap of expired slots has a bit that is no slot's")
    settled = tuple(balance if slots >> slot & 1 else 0 for slot, balance in enumerate(old.balances))
    kept = tuple(balance - amount for balance, amount in zip(old.balances, settled, strict=True))
    cash = sum(amount * price for amount, price in zip(settled, prices.effective, strict=True))
    new = State(kept, old.quote + cash)
    if not new.is_in_range:
        raise ProvingError("the account cannot be settled: quote would leave its range")
    return new
