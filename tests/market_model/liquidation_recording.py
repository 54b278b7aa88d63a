"""Calls of engine, ledger and fund, written down like those of `expiry_recording`.

A `LiquidationStep` is an `ExpiryStep` with more fields, and with more values of `action`. `caller` and `other` are
identities, and stand for the address of that owner. What each action takes, beside `time` and `active`:

- "flagOn" and "recover": `sides[0]` on `ground`, at `roundId`. The statement takes `kindInputs` from its round.
- "takeOver": `sides[0]` is the victim, whose `release` takes `kindInputs`; `sides[1]` is the taker, on `ticket`. The
  rates are `rate` and `uncoveredRate`. `cured` and `reserved` are bits of the call.
- "writeOff": `sides[0]` owes `amount`.
- "challenge" by `caller`; "answer" with `other` as its recipient, at `answeredAt`; "endChallenge" and "flagSilent".
  All are about `sides[0].account`.
- "joinFund" and "withdrawFund" of `amount` of tokens, "requestRedeem" and "redeem" of `amount` of shares, by `caller`;
  "moveShares" to `other`.
- "drawFund" by any caller; "recapitalise" with at most `amount`, "claim", and "acceptHaircut" of a fraction `amount`,
  by `caller`.
- "cover", "recordPayOut" and "draw": by an owner, who is none of those who may.

`flaw` names what is wrong with a call beside its proofs: "account" (which is not open), "ticket" (0), "rho",
"ciphertext" (too long), "bond" (too little), "token" (a recipient that is the token).

`updateInputs` are what `update` takes from the round `roundId` now; empty where that is as it was told last. It changes
with the scale of spot. `known` is what the book knows after the call of the accounts of `sides`: account, the rounds of
the last change and proof, both flags. `insurance` is T and S [1e-18 USD], all claims, what the ledger holds for them,
what the fund holds and what it would pay (token units), the scale of spot and how many challenges are open.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from market_model.accounts import Account
from market_model.engine import Part, Release, release_inputs, released
from market_model.expiry_recording import ExpiryMarket, ExpiryStep
from market_model.recording import FIRST_ACCOUNT, Side, Step, of_round
from market_model.rounds import Round
from market_model.rules import RefusedError, require
from market_model.updates import is_provable

from prover.trade import Claim, health
from verifier import MARGIN_KINDS, ReleaseInputs, VectorKind


@dataclass(frozen=True)
class LiquidationStep(ExpiryStep):
    """A call. The text of this module says what its fields are."""

    ground: int = 0
    rate: int = 0
    uncovered_rate: int = 0
    cured: bool = False
    reserved: bool = False
    caller: int = 0
    other: int = 0
    answered_at: int = 0
    flaw: str = ""
    kind_inputs: tuple[int, ...] = ()
    update_inputs: tuple[int, ...] = ()
    known: tuple[tuple[int, ...], ...] = ()
    insurance: tuple[int, ...] = ()

    @property
    def detail(self) -> str:
        return f"{super().detail} {self.ground} {self.cured} {self.flaw}"


@dataclass
class LiquidationMarket(ExpiryMarket):
    """A market that writes the calls of its engine, ledger and fund down, too."""

    _scales: dict[int, int] = field(default_factory=dict)
    _flaw: str = ""

    step_type: ClassVar[type[Step]] = LiquidationStep

    def identity(self, name: str) -> int:
        """Of an account or of another owner; 0 of none."""
        return self.identities.setdefault(name, FIRST_ACCOUNT + len(self.identities)) if name else 0

    # The engine

    def flag_on(self, account: Account, kind: VectorKind, round_id: int | None = None) -> None:
        with self._call("flagOn", **self._margin(account, kind, round_id, is_healthy=False)):
            super().flag_on(account, kind, round_id)

    def recover(self, account: Account, kind: VectorKind, round_id: int | None = None) -> None:
        with self._call("recover", **self._margin(account, kind, round_id, is_healthy=True)):
            super().recover(account, kind, round_id)

    def take_over(self, victim: Account, taker: Account, part: Part, round_id: int | None = None) -> Release:
        return self.take_over_by(victim, taker, part, round_id)

    def take_over_by(
        self,
        victim: Account,
        taker: Account,
        part: Part,
        round_id: int | None = None,
        *,
        is_reserved: bool = False,
        flaw: str = "",
    ) -> Release:
        """A takeover by a call that may be wrong although its proofs are right.

        Args:
            victim: as for `take_over`, like taker, part and round.
            taker: who buys.
            part: what is taken.
            round_id: of the proofs.
            is_reserved: whether the release names the taker.
            flaw: of the call: "ticket", "rho", "ciphertext", "reserved", "cured" or none.
        """
        values = self._takeover(victim, taker, part, round_id)
        values |= {"reserved": is_reserved, "flaw": flaw, "cured": values["cured"] != (flaw == "cured")}
        with self._call("takeOver", victim, taker, **values):
            require(flaw != "ticket", "no ticket")
            self._flaw = flaw
            try:
                return super().take_over(victim, taker, part, round_id)
            finally:
                self._flaw = ""

    def write_off(self, account: Account, amount: int | None = None) -> None:
        debt = -account.state.quote
        said = debt if amount is None else amount
        holds = not any(account.state.balances) and 0 < debt == said
        with self._call("writeOff", account, sides=(self._own_side(account, holds=holds),), amount=max(0, said)):
            super().write_off(account, max(0, said))

    def challenge(self, account: Account, challenger: str) -> None:
        with self._call("challenge", sides=(self._named(account.name),), caller=self.identity(challenger)):
            super().challenge(account, challenger)

    def answer(self, name: str, recipient: str) -> None:
        side, at = self._named(name), 0
        inputs: tuple[int, ...] = ()
        if name in self.accounts and name in self.challenges:
            chosen = self.round_of_answer(name)
            at, inputs = chosen.id, _of_kind(chosen, VectorKind.MAINTENANCE)
            is_met = health(self.accounts[name].state, chosen.risk, VectorKind.MAINTENANCE) >= 0
            side = replace(side, old=self.commitments[name], holds=is_met)
        with self._call("answer", sides=(side,), other=self.identity(recipient), answered_at=at, kind_inputs=inputs):
            super().answer(name, recipient)

    def end_challenge(self, name: str) -> None:
        with self._call("endChallenge", sides=(self._named(name),)):
            super().end_challenge(name)

    def flag_silent(self, name: str) -> None:
        with self._call("flagSilent", sides=(self._named(name),)):
            super().flag_silent(name)

    def call_wrongly(self, action: str, flaw: str, error: str, *, caller: str = "", amount: int = 1) -> None:
        """A call that no state of the market would make right."""
        side = Side(1, 2, 3, Claim.UNSAID, holds=True)
        known = {"caller": self.identity(caller), "amount": amount, "flaw": flaw}
        self._write(replace(self._at(action, None, sides=(side,), **known), reason=flaw, error=error))
        raise RefusedError(error)

    # Ledger and fund

    def join_fund(self, owner: str, assets: int) -> None:
        with self._by("joinFund", owner, assets):
            super().join_fund(owner, assets)

    def request_redeem(self, owner: str, shares: int) -> None:
        with self._by("requestRedeem", owner, shares):
            super().request_redeem(owner, shares)

    def redeem(self, owner: str, shares: int) -> None:
        with self._by("redeem", owner, shares):
            super().redeem(owner, shares)

    def withdraw_from_fund(self, owner: str, assets: int) -> None:
        with self._by("withdrawFund", owner, assets):
            super().withdraw_from_fund(owner, assets)

    def move_shares(self, owner: str, to: str, shares: int) -> None:
        with self._by("moveShares", owner, shares, other=self.identity(to)):
            super().move_shares(owner, to, shares)

    def recapitalise(self, owner: str, most: int) -> None:
        with self._by("recapitalise", owner, most):
            super().recapitalise(owner, most)

    def draw_fund(self) -> None:
        with self._call("drawFund"):
            super().draw_fund()

    def claim(self, owner: str) -> None:
        with self._by("claim", owner, 0):
            super().claim(owner)

    def accept_haircut(self, owner: str, fraction: int) -> None:
        with self._by("acceptHaircut", owner, fraction):
            super().accept_haircut(owner, fraction)

    def resubmit(self, step: Step) -> None:
        if step.action not in {"takeOver", "writeOff"}:
            return super().resubmit(step)
        with self._refusals(replace(step, time=self.now, active=self.active)):
            is_open = any(self.identities[name] == step.sides[0].account for name in self.accounts)
            require(is_open, "no such account")
            require(step.sides[0].old in self.commitments.values(), "commitment is not current")
        raise AssertionError("a call would be accepted twice")

    def left(self, limit: str) -> list[int]:
        """Also of flags ("lifetime"), challenges ("answer") and requests to redeem ("cooldown", "window")."""
        rules, active = self.rules, self.active
        flags = [each.flag_of(kind) for each in self.accounts.values() for kind in MARGIN_KINDS]
        due = [request.due - active for request in self.vault.fund.requests.values() if request.shares]
        match limit:
            case "lifetime":
                return [at + rules.flag_lifetime - active for at in flags if at is not None]
            case "answer":
                return [each.started_at + rules.answer_window - active for each in self.challenges.values()]
            case "cooldown":
                return [rest - 1 for rest in due]
            case "window":
                return [rest + rules.fund_window for rest in due]
            case _:
                return super().left(limit)

    # Internals

    def _released(self, victim: Account, part: Part, chosen: Round, *, is_early: bool) -> Release:
        """A call with a flaw has no proof, or is refused before its proofs are looked at."""
        require(not self._flaw, self._flaw)
        return super()._released(victim, part, chosen, is_early=is_early)

    @contextmanager
    def _by(self, action: str, owner: str, amount: int, **values: Any) -> Iterator[None]:
        with self._call(action, caller=self.identity(owner), amount=amount, **values):
            yield

    def _at(self, action: str, round_id: int | None = 0, **values: Any) -> Step:
        """With what `update` takes from the round now, where that is not what it took last."""
        step = super()._at(action, round_id, **values)
        chosen = self._round(step.round_id)
        is_new = chosen is not None and self._scales.get(chosen.id) != self.rounds.scale
        if chosen is None or not is_new or not step.sides:
            return step
        assert isinstance(step, LiquidationStep)
        return replace(step, update_inputs=of_round(chosen.risk))

    def _write(self, step: Step) -> None:
        assert isinstance(step, LiquidationStep)
        if step.update_inputs:  # of a call that is made again, those of now
            step = replace(step, update_inputs=of_round(self.rounds.recorded[step.round_id - 1].risk))
            self._scales[step.round_id] = self.rounds.scale
        if step.recorded.id:
            self._scales[step.recorded.id] = self.rounds.scale
        super()._write(step)
        self._keep()

    def _accept(self, step: Step, *accounts: Account) -> None:
        super()._accept(step, *accounts)
        self._keep()

    def _keep(self) -> None:
        """Write down what is known after the last call."""
        step = self.steps[-1]
        assert isinstance(step, LiquidationStep)
        names = {self.identities[name]: each for name, each in self.accounts.items()}
        known = tuple(_known(side.account, names[side.account]) for side in step.sides if side.account in names)
        vault = self.vault
        insurance = (
            vault.backing,
            vault.shortfall,
            vault.ledger.claims.total,
            vault.ledger.held,
            vault.fund.assets,
            vault.fund.drawable(self.newest.id, self.now),
            vault.spot_scale,
            len(self.challenges),
        )
        self.steps[-1] = replace(step, known=known, insurance=insurance)

    def _margin(self, account: Account, kind: VectorKind, round_id: int | None, *, is_healthy: bool) -> dict[str, Any]:
        chosen = self._round(round_id)
        is_met = chosen is not None and health(account.state, chosen.risk, kind) >= 0
        holds = chosen is not None and is_met == is_healthy
        side = replace(self._own_side(account, holds=holds), next=0)
        inputs = () if chosen is None else _of_kind(chosen, kind)
        return {"round_id": round_id, "sides": (side,), "ground": _ground(kind), "kind_inputs": inputs}

    def is_provable(self, victim: Account, part: Part, chosen: Round) -> bool:
        """Whether there is a proof of the victim's side, whatever the clock of its flag says."""
        try:
            released(self.rules, self._release_inputs(victim, part, chosen), victim.state, part)
        except RefusedError:
            return False
        return True

    def _release_inputs(self, victim: Account, part: Part, chosen: Round) -> ReleaseInputs:
        since = victim.flag_of(part.kind)
        is_early = any(part.rates) and since is not None and self.active - since < self.rules.cure_window
        return release_inputs(self.rules, chosen, part.kind, is_early=is_early)

    def _takeover(self, victim: Account, taker: Account, part: Part, round_id: int | None) -> dict[str, Any]:
        chosen = self._round(round_id) or self.newest
        inputs, holds = self._release_inputs(victim, part, chosen), self.is_provable(victim, part, chosen)
        is_cured, is_bought = False, False
        if holds:
            release = released(self.rules, inputs, victim.state, part)
            is_cured = release.is_cured
            trade = self._trade(taker, part.amounts, release.cost, 1)
            is_bought = is_provable(self.rules, trade, chosen.taker_risk, self.taker_claim)
        return {
            "round_id": round_id,
            "sides": (
                self._own_side(victim, holds=holds),
                replace(self._own_side(taker, holds=is_bought), claim=self.taker_claim),
            ),
            "ground": _ground(part.kind),
            "rate": part.rates.covered,
            "uncovered_rate": part.rates.uncovered,
            "cured": is_cured,
            "ticket": 1 + len(self.steps),
            "kind_inputs": _of_release(inputs),
        }

    def _named(self, name: str) -> Side:
        """An account, or one that there was, of which nothing is proven."""
        return Side(self.identity(name), 0, 0, Claim.UNSAID, holds=True)


def _ground(kind: VectorKind) -> int:
    return int(kind is VectorKind.OVERDRAFT)


def _known(identity: int, account: Account) -> tuple[int, ...]:
    return (
        identity,
        account.changed_at,
        account.proven_at,
        account.flagged_at or 0,
        account.overdrawn_at or 0,
    )


def _of_kind(chosen: Round, kind: VectorKind) -> tuple[int, ...]:
    """The signals of `margin` that come from its round, in their order."""
    return _flat(chosen.risk.vectors.margin_values(kind).values())


def _of_release(inputs: ReleaseInputs) -> tuple[int, ...]:
    return _flat(inputs.values().values())


def _flat(values: Any) -> tuple[int, ...]:
    return tuple(item for value in values for item in ([value] if isinstance(value, int) else value))
