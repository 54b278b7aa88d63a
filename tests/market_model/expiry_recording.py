"""Calls of the life of assets and accounts, written down like those of `recording`.

An `ExpiryStep` is a `Step` with more fields, and with more values of `action`. Times are seconds since the start of the
run, as `time` is. What each action takes, beside `time` and `active`:

- "announce" and "list": governance announces that `replacement` (of the file's list) takes the place of the asset of
  slot `asset`, and executes it, after the delay of the settings.
- "delist": the derivative in slot `asset` expires at `expiry`.
- "settleExpiry": reports of exactly `expiry`, of the purpose of a settlement, price the slots of `priced` at `prices`
  (funding 0); they settle these slots.
- "expire": `sides[0]` goes from its epoch to `toEpoch`. The statement takes `slots` and `settlement` prices. Of a step
  that there is none of, both are empty. Its rho is what the contract computes.
- "exit": `amount` leaves `sides[0]`, to the recipient of that account.
- "rekey": `sides[0]` moves to the identity `successor`, where it has the commitment `next`.
- "close": `sides[0]` ends; its proof is of a writeoff of 0.
- "proveSolvent": `sides[0]` is proven at `roundId` to meet maintenance margin; `next` is 0.
- "startWindDown" and "recordWindDown": any caller; `recorded` is the round that this makes.

`sides[0].holds` says of each of these statements whether it has a proof. `recorded.stale` is the bitmap of the slots
that are reduce-only. Where a round is recorded, `epoch` is its own, and `staleSlots` those without a fresh price.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from market_model.accounts import Account
from market_model.book import Exit
from market_model.listings import Listing
from market_model.recording import FIRST_ACCOUNT, RecordedMarket, Side, Step
from market_model.rules import RefusedError, require

from prover.account import empty_state
from prover.trade import Claim
from verifier import VectorKind


@dataclass(frozen=True)
class ExpiryStep(Step):
    """A call.

    Attributes:
        expiry: time of an expiry.
        to_epoch: of an `expire`.
        slots: that settle on its way, as a bitmap; settlement likewise, by slot [1e-9 USD].
        successor: identity after a move.
        replacement: number of a listing, from 0.
        epoch: of a round that is recorded; stale_slots likewise.
    """

    expiry: int = 0
    to_epoch: int = 0
    slots: int = 0
    settlement: tuple[int, ...] = ()
    successor: int = 0
    replacement: int = 0
    epoch: int = 0
    stale_slots: int = 0


@dataclass
class ExpiryMarket(RecordedMarket):
    """A market that writes the life of its assets and accounts down, too.

    Attributes:
        replacements: listings that take the place of others.
        former: accounts that moved or ended.
        announced: which replacement governance announced last, and when.
    """

    replacements: tuple[Listing, ...] = ()
    former: list[str] = field(default_factory=list)
    announced: tuple[int, int] | None = None

    step_type: ClassVar[type[Step]] = ExpiryStep

    def post(self, prices: Sequence[int], after: int = 60, *, stale: int = 0) -> bool:
        is_recorded = super().post(prices, after, stale=stale)
        if is_recorded:
            self._add_round()
        return is_recorded

    def announce(self, slot: int, replacement: int) -> None:
        """Governance announces another asset; `list_announced` executes it."""
        self._accept(self._at("announce", asset=slot, replacement=replacement))
        self.announced = replacement, self.now

    def list_announced(self, slot: int) -> None:
        """Governance lists what it announced."""
        require(self.announced is not None, "nothing is announced")
        assert self.announced is not None
        replacement, since = self.announced
        with self._call("list", asset=slot, replacement=replacement):
            require(self.now >= since + self.rules.notice, "too early")
            self.list(slot, self.replacements[replacement])
        self.announced = None

    def delist(self, slot: int, expires_at: int) -> None:
        with self._call("delist", asset=slot, expiry=expires_at):
            super().delist(slot, expires_at)

    def settle_expiry(self, expiry: int, prices: dict[int, int]) -> None:
        listed = tuple(prices.get(slot, 0) for slot in range(self.n))
        priced = sum(1 << slot for slot in prices)
        with self._call("settleExpiry", expiry=expiry, prices=listed, priced=priced):
            super().settle_expiry(expiry, prices)

    def expire(self, account: Account, to_epoch: int | None = None, rho: int | None = None) -> None:
        epoch = self.epoch_to_act_in if to_epoch is None else to_epoch
        try:
            slots, settlement = self.rounds.expiries.step(account.epoch, epoch)
        except RefusedError:
            slots, settlement = 0, ()
        side = self._own_side(account, holds=bool(slots))
        with self._call("expire", account, sides=(side,), to_epoch=epoch, slots=slots, settlement=settlement):
            super().expire(account, epoch, rho)

    def exit(self, account: Account, amount: int, recipient: str | None = None) -> None:
        is_held = not any(account.state.balances) and amount <= account.state.quote
        with self._call("exit", account, sides=(self._own_side(account, holds=is_held),), amount=amount):
            super().exit(account, amount, recipient)

    def replay_exit(self, proof: Exit) -> None:
        require(proof.account in self.accounts, "no such account")
        done = next(step for step in self.steps if step.action == "exit" and not step.error)
        with self._call("exit", sides=done.sides, amount=done.amount):
            super().replay_exit(proof)

    def rekey(self, account: Account, name: str) -> None:
        identity = self.identities.setdefault(name, FIRST_ACCOUNT + len(self.identities))
        side, former = self._own_side(account, holds=True), account.name
        with self._call("rekey", sides=(side,), successor=identity):
            super().rekey(account, name)
        account.owner = name
        self.former.append(former)
        self.commitments[name] = side.next
        del self.commitments[former]

    def close(self, account: Account) -> None:
        side = self._own_side(account, holds=account.state == empty_state(self.n))
        with self._call("close", sides=(side,)):
            super().close(account)
        self.former.append(account.name)
        del self.commitments[account.name]

    def prove(self, account: Account) -> None:
        is_met = self.health(account, VectorKind.MAINTENANCE) >= 0
        side = replace(self._own_side(account, holds=is_met), next=0)
        with self._call("proveSolvent", sides=(side,)):
            super().prove(account)

    def start_wind_down(self) -> None:
        with self._call("startWindDown"):
            super().start_wind_down()
        self._add_round()

    def record_wind_down(self) -> None:
        with self._call("recordWindDown"):
            super().record_wind_down()
        self._add_round()

    # Internals

    @contextmanager
    def _call(self, action: str, *accounts: Account, **values: Any) -> Iterator[None]:
        """Write a call down, whether or not the market takes it."""
        step = self._at(action, values.pop("round_id", None), **values)
        with self._refusals(step):
            yield
        self._accept(step, *accounts)

    def _own_side(self, account: Account, *, holds: bool) -> Side:
        name = account.name
        return Side(self.identities[name], self.commitments[name], self._new_commitment(), Claim.UNSAID, holds)

    def _add_round(self) -> None:
        """Say which round the last call made."""
        newest = self.newest
        self.steps[-1] = replace(
            self.steps[-1],
            recorded=self._newest_as_recorded(),
            epoch=newest.epoch,
            stale_slots=newest.stale,
        )
