"""An account of the model, and who is told of what becomes of it."""

from dataclasses import dataclass

from market_model.engine import Part, Release
from market_model.expiries import Epoch
from market_model.rounds import Round
from market_model.vault import Withdrawal

from prover.account import State
from verifier import VectorKind


@dataclass(eq=False)
class Account:
    """An account of the book.

    Attributes:
        name: in place of its identity.
        owner: who it belongs to.
        state: balances and quote.
        epoch: how many it went through.
        changed_at: the newest round when it changed last: nothing is proven of it at an older one.
        proven_at: the round at which it was proven last to meet maintenance margin, or not to; 0 after an `expire` or
            an `exit`.
        flagged_at: active time of the maintenance flag.
        overdrawn_at: active time of the overdraft flag.
        unshown: changes in a row that did not show that it meets initial margin.
        version: of its commitment.
        rho: what its state is sealed with: no other state has the same, unless a rule is out.
    """

    name: str
    owner: str
    state: State
    epoch: int = 0
    changed_at: int = 0
    proven_at: int = 0
    flagged_at: int | None = None
    overdrawn_at: int | None = None
    unshown: int = 0
    version: int = 0
    rho: int = 0

    @property
    def commitment(self) -> tuple[State, int]:
        """What stands for its commitment."""
        return self.state, self.rho

    @property
    def is_flagged(self) -> bool:
        """On either ground."""
        return self.first_flagged_at is not None

    @property
    def first_flagged_at(self) -> int | None:
        """The earlier of the two flags."""
        return min((at for at in (self.flagged_at, self.overdrawn_at) if at is not None), default=None)

    @property
    def solvent_at(self) -> int:
        """The round at which it is known to meet maintenance margin; 0 where it has an overdraft flag."""
        return 0 if self.overdrawn_at is not None else self.proven_at

    def flag_of(self, kind: VectorKind) -> int | None:
        """Active time of the flag of a kind."""
        return self.overdrawn_at if kind is VectorKind.OVERDRAFT else self.flagged_at

    def set_flag(self, kind: VectorKind, at: int | None) -> None:
        """Set or end the flag of a kind."""
        if kind is VectorKind.OVERDRAFT:
            self.overdrawn_at = at
        else:
            self.flagged_at = at

    def set(self, state: State, rho: int | None = None) -> None:
        """Another commitment."""
        self.version += 1
        self.state, self.rho = state, self.version if rho is None else rho


class Watch:
    """What is told of every step; `measures.Measures` counts thefts."""

    def grew(self, account: Account) -> None:
        """An account takes a step that does not only shrink it."""

    def moved(self, *accounts: Account, at: Round) -> None:
        """Accounts took a step of their own, at a round."""

    def round_posted(self, before: Round) -> None:
        """A round was recorded after another, or has other prices of spot since money is worth less or more."""

    def held(self, far: int) -> None:
        """A candidate is held: its prices of some slots are known, and no round has them."""

    def taken(self, victim: Account, old: State, part: Part, release: Release) -> None:
        """A part was taken over."""

    def flagged(self, account: Account, kind: VectorKind, *, is_silent: bool = False) -> None:
        """An account was flagged, by a proof or because it did not answer."""

    def freed(self, account: Account, kind: VectorKind) -> None:
        """A flag ended by a cure."""

    def fund_moves(self, owner: str) -> None:
        """An owner is about to put money into the fund, or to take it out."""

    def fund_moved(self, owner: str) -> None:
        """It has."""

    def redeemed(self, owner: str, assets: int) -> None:
        """An owner took token units out of the fund."""

    def paid(self, item: Withdrawal, amount: int) -> None:
        """A request was paid."""

    def written_off(self, account: Account, debt: int) -> None:
        """A debt was written off."""

    def opened_epoch(self, epoch: Epoch, before: Round, *, is_last: bool) -> None:
        """Slots settled, while a round was the newest; the last epoch is that of a wind-down."""

    def expired(self, account: Account) -> None:
        """An account went through expiries."""

    def replayed(self, amount: int) -> None:
        """An exit was paid a second time, which its owner did not ask for."""
