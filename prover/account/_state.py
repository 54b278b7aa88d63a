"""What an account holds: a state, its ranges and sign bits, and the commitment to it (spec ZS-10, ZS-12)."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from prover.account._poseidon import MAX_INPUTS, poseidon
from prover.market import Health, assess, is_balance, is_quote
from verifier import RoundVectors, VectorKind, to_field


class State(NamedTuple):
    """What an account holds. Secret.

    Attributes:
        balances: one a slot [1e-9 token], signed.
        quote: settlement currency [1e-18 USD], signed.
    """

    balances: tuple[int, ...]
    quote: int

    @property
    def shorts(self) -> int:
        """Bitmap: bit i is 1 when balance i is negative."""
        return sum(1 << slot for slot, balance in enumerate(self.balances) if balance < 0)

    @property
    def is_in_range(self) -> bool:
        """|b_i| < 2^80 and |quote| < 2^144 (spec ZS-12)."""
        return all(map(is_balance, self.balances)) and is_quote(self.quote)


def empty_state(n: int) -> State:
    """The state that an account is opened in, and is written off to."""
    return State((0,) * n, 0)


def assess_at(state: State, vectors: RoundVectors, kind: VectorKind) -> Health:
    """Equity and margin of a state at one round, at one kind of margin. Raises as `assess`."""
    return assess(state.balances, state.quote, vectors.effective_prices, vectors.margins(kind))


@dataclass(frozen=True)
class OpenedState:
    """A state with the blind that opens its commitment: what proves a statement about the state, and moves nothing.

    `Account.opened` makes one from an account file, `ViewingKeys.unseal` from its data on chain.

    Attributes:
        state: balances and quote. Secret. Its ranges are not checked here: the statements check them.
        blind: P(TAG_BLIND, identity, salt), a field element. Secret.
    """

    state: State = field(repr=False)
    blind: int = field(repr=False)

    @cached_property
    def commitment(self) -> int:
        """The commitment to the state, a field element."""
        return commit(self.state, self.state.shorts, self.blind)


def commit(state: State, shorts: int, blind: int) -> int:
    """Chained Poseidon over blocks of 16: balances, quote, shorts, blind (spec ZS-10), of a valid state or another.

    Args:
        state: of N = 13, 28, 43 or 58 balances.
        shorts: bitmap; `state.shorts` in an honest commitment.
        blind: field element.
    """
    items = [to_field(value) for value in (*state.balances, state.quote)] + [shorts, blind]
    commitment = poseidon(items[:MAX_INPUTS])
    for start in range(MAX_INPUTS, len(items), MAX_INPUTS - 1):
        commitment = poseidon([commitment, *items[start : start + MAX_INPUTS - 1]])
    return commitment
