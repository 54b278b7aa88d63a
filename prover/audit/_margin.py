"""What `margin` and `margin-lean` mean, for the audit."""

from functools import lru_cache
from typing import Final

from prover.account import State, commit
from prover.audit._declaration import Declaration, Signals
from prover.market import assess
from verifier import (
    PRICE_BITS,
    RECIPIENT_BITS,
    STATEMENTS,
    InputError,
    MarginsPerUnit,
    MarginStatement,
    from_field,
)

_STATE = ("balance", "quote", "shorts", "blind")
_HARMLESS = {
    "recipient": "the proof binds it and the statement says nothing of it; only its square is constrained, but the"
    " negative of an address is not below 2^160, so verifiers refuse it"
}

_remembered_commit: Final = lru_cache(maxsize=64)(commit)
"""Changes of prices are many, and each is judged with the same commitment."""


def margin_declaration(statement: MarginStatement) -> Declaration:
    """The declaration of a margin statement, for every number of assets.

    `margin` derives the sign bits from the balances; `margin-lean` takes them, with the state, to be valid.
    """
    public = STATEMENTS[statement].public
    if statement == "margin":
        return Declaration(public, _STATE, ("commitment", "healthy", "shorts"), _margin_holds, _HARMLESS)
    return Declaration(public, _STATE, ("commitment", "healthy"), _margin_lean_holds, _HARMLESS)


def _margin_holds(signals: Signals) -> bool:
    return _is_refused(signals) or (_is_valid_state(signals) and _is_true(signals))


def _margin_lean_holds(signals: Signals) -> bool:
    return _is_refused(signals) or not _is_valid_state(signals) or _is_true(signals)


def _is_refused(signals: Signals) -> bool:
    """Whether verifiers refuse the public signals before they look at a proof."""
    return (
        signals["recipient"][0] >= 1 << RECIPIENT_BITS
        or any(abs(from_field(price)) >= 1 << PRICE_BITS for price in signals["effectivePrice"])
        or _margins(signals) is None
    )


def _margins(signals: Signals) -> MarginsPerUnit | None:
    """The margins of the round; None when they are not in their ranges."""
    try:
        return MarginsPerUnit(signals["marginPerUnit"], signals["shortExtra"])
    except InputError:
        return None


def _state(signals: Signals) -> State:
    return State(tuple(from_field(balance) for balance in signals["balance"]), from_field(signals["quote"][0]))


def _is_valid_state(signals: Signals) -> bool:
    state = _state(signals)
    return state.is_in_range and signals["shorts"][0] == state.shorts


def _is_true(signals: Signals) -> bool:
    state = _state(signals)
    prices = [from_field(price) for price in signals["effectivePrice"]]
    margins = _margins(signals)
    if margins is None:
        return False
    health = assess(state.balances, state.quote, prices, margins)
    return (
        signals["commitment"][0] == _remembered_commit(state, signals["shorts"][0], signals["blind"][0])
        and signals["healthy"][0] == health.is_healthy
    )
