"""Runs of the market in which every call is written down, for the contracts to replay.

A run has what the contracts have today: openings, rounds, deposits, withdrawals, trades, flags, pay-outs, stops and
time. Each call has its time and values, says which statements hold by `prover.trade`, and what the market made of it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final

from market_model.accounts import Account
from market_model.market import Market
from market_model.rounds import NO_WITHDRAWALS, Round
from market_model.rules import RefusedError, Use, require
from market_model.updates import is_provable

from prover.market import is_calm
from prover.trade import Claim, Transfer, Transition, health
from verifier import RiskInputs, VectorKind

FIRST_ACCOUNT: Final = 1_001
"""The identity of the account that is opened first; the next ones count on."""

FIRST_COMMITMENT: Final = 1_000_001
"""Likewise of commitments: any number will do, since no proof is made."""

_ERRORS: Final = {
    "no such round": "UnknownRound",
    "round too old": "RoundTooOld",
    "round superseded": "RoundSuperseded",
    "grace is over": "RoundSuperseded",
    "no grace after a jump": "RoundSuperseded",
    "no grace after a slot became stale": "RoundSuperseded",
    "no grace after a settlement": "RoundSuperseded",
    "no grace after a slot closed": "RoundSuperseded",
    "same account": "SameAccount",
    "no such account": "AccountNotOpen",
    "commitment is not current": "CommitmentNotCurrent",
    "round before the last change": "RoundBeforeChange",
    "a trade is no deposit": "NotPermitted",
    "only a cure after the cure window": "NotPermitted",
    "flagged": "NotPermitted",
    "stopped": "NotPermitted",
    "initial margin is not shown": "InitialMarginNotShown",
    "price is stale": "AssetIsReduceOnly",
    "identity is in use": "AlreadyOpen",
    "nothing is due": "NothingDue",
    "account of another epoch": "OtherEpoch",
    "account is not free": "AccountNotFree",
    "not proven at the newest round": "NotProvenAtNewest",
    "proven already": "RoundNotNewer",
    "epoch is not newer": "EpochNotNewer",
    "no such epoch": "UnknownEpoch",
    "a slot settles twice": "SlotSettledTwice",
    "does not expire then": "NotExpiring",
    "an option on it is open": "OptionIsOpen",
    "no reports of that time": "RoundBeforeExpiry",
    "round before the expiry": "RoundBeforeExpiry",
    "no price to settle near": "PriceIsStale",
    "settlement too far": "SettlementTooFar",
    "no round of that epoch": "EpochWithoutRound",
    "the book winds down": "WindDownStarted",
    "the book does not wind down": "NotWindingDown",
    "not silent": "SilenceTooShort",
    "rounds are fresh": "RoundsAreFresh",
    "slot has not settled": "SlotNotFree",
    "newest round from before a settlement": "SlotNotFree",
    "reference round from before a settlement": "SlotNotFree",
    "reports from before a settlement": "SlotNotFree",
    "too early": "TooEarly",
    "cannot expire": "CannotExpire",
    "notice is too short": "NoticeTooShort",
    "an option stays longer": "OutlivesUnderlying",
    "amount does not scale": "AmountDoesNotScale",
    "haircut not accepted": "HaircutNotAccepted",
    "not flagged": "NotFlagged",
    "round not after the last change": "RecoveryNotAfterChange",
    "flag is over": "FlagExpired",
    "cure window": "InCureWindow",
    "rate is not reached": "RateNotReached",
    "taker is not free": "NotPermitted",
    "no debt": "NoDebt",
    "challenged already": "AlreadyChallenged",
    "not challenged": "NotChallenged",
    "challenge is over": "ChallengeOver",
    "challenge is not over": "ChallengeNotOver",
    "answer window": "AnswerWindowOpen",
    "no recipient": "InvalidRecipient",
    "nothing is owed": "NothingOwed",
    "nothing is drawn": "NothingDrawn",
    "nothing to claim": "NothingToClaim",
    "fraction above 1": "FractionOutOfRange",
    "more than its shares": "RequestTooLarge",
    "more than can be redeemed": "ERC4626ExceededMaxRedeem",
    "more than can be withdrawn": "ERC4626ExceededMaxWithdraw",
    "not so many shares": "ERC20InsufficientBalance",
    "shares are locked": "SharesLocked",
}
"""The contract's error for each reason of the model."""

_ERRORS_ELSEWHERE: Final = {
    ("flag", "stopped"): "Stopped",
    ("flag", "flagged"): "AccountIsFlagged",
    ("proveSolvent", "flagged"): "AccountIsFlagged",
    ("payOut", "stopped"): "Stopped",
    **{(action, "stopped"): "Stopped" for action in ("flagOn", "takeOver", "flagSilent", "claim")},
    **{(action, "flagged"): "AlreadyFlagged" for action in ("flagOn", "challenge")},
    ("challenge", "proven already"): "AlreadyProven",
    ("takeOver", "no ticket"): "ZeroTicket",
    ("takeOver", "rho"): "WrongRho",
    ("takeOver", "ciphertext"): "WrongCiphertextLength",
}
"""Where it is another one: in the gate, in the vault, and in the engine."""

_NO_PROOF: Final = "ProofDoesNotVerify"
"""The error for the reasons of `prover.trade`: there is no proof to submit."""


@dataclass(frozen=True)
class Side:
    """A proof of a call.

    Attributes:
        account: identity.
        old: its commitment.
        next: the commitment that it gets; 0 for a flag, which makes none.
        claim: of an update.
        holds: whether its statement does, at its round.
    """

    account: int
    old: int
    next: int
    claim: int
    holds: bool


@dataclass(frozen=True)
class Recorded:
    """What a posting became.

    Attributes:
        id: number of the round; 0 when the prices are held or refused.
        inputs: what `update` takes from the round, in the order of its signals.
        stale: bitmap of the slots that keep an old price.
        calm: whether it is near the round before.
    """

    id: int = 0
    inputs: tuple[int, ...] = ()
    stale: int = 0
    calm: bool = False


@dataclass(frozen=True)
class Step:
    """A call.

    Attributes:
        action: "open", "deposit", "withdraw", "settle", "flag", "payOut", "post" or "stop".
        time: of the block.
        active: seconds in which the clocks of flags ran until then.
        round_id: of the proofs.
        asset: of a transfer; amount likewise.
        ticket: of a trade.
        sides: the proofs: of a trade those of buyer and seller.
        prices: that are posted.
        priced: bitmap of the slots that have one.
        recorded: what becomes of them.
        level: of the breaker, that is set.
        paid: what left the queue, by asset, in token units.
        reason: why the market refuses it; empty when it does not.
        error: the contract's word for that.
    """

    action: str
    time: int
    active: int
    round_id: int = 0
    asset: int = 0
    amount: int = 0
    ticket: int = 0
    sides: tuple[Side, ...] = ()
    prices: tuple[int, ...] = ()
    priced: int = 0
    recorded: Recorded = field(default_factory=Recorded)
    level: int = 0
    paid: tuple[int, ...] = ()
    reason: str = ""
    error: str = ""

    @property
    def detail(self) -> str:
        """What tells its outcome from others, beside action, error and proofs."""
        return f"{self.level} {self.recorded.calm}"

    @property
    def use(self) -> Use:
        """What its round is for."""
        return {"withdraw": Use.WITHDRAWALS, "settle": Use.TRADES}.get(self.action, Use.DEPOSITS)


@dataclass
class RecordedMarket(Market):
    """A market that writes down every call. No keeper acts, and nothing is paid before `pay_out` is called.

    Attributes:
        steps: so far.
        identities: of accounts, by name.
        commitments: of accounts, by name.
    """

    steps: list[Step] = field(default_factory=list)
    identities: dict[str, int] = field(default_factory=dict)
    commitments: dict[str, int] = field(default_factory=dict)
    _made: int = 0

    step_type: ClassVar[type[Step]] = Step

    def record_first_round(self) -> None:
        """The market began with it."""
        self._accept(replace(self._posting(self.newest.marks, 0), recorded=self._newest_as_recorded()))

    def open(self, name: str, owner: str, **tokens: int) -> Account:
        identity = self.identities.setdefault(name, FIRST_ACCOUNT + len(self.identities))
        side = Side(identity, 0, self._new_commitment(), Claim.UNSAID, holds=True)
        step = self._at("open", None, sides=(side,))
        with self._refusals(step):
            account = super().open(name, owner)
        self._accept(step, account)
        for symbol, amount in tokens.items():
            self.deposit(account, self.n if symbol == "money" else self.slot(symbol), amount)
        return account

    def deposit(
        self, account: Account, asset: int, amount: int, claim: Claim = Claim.UNSAID, round_id: int | None = None
    ) -> None:
        transition = self._step(account, Transfer(asset, amount, is_withdrawal=False))
        sides = (self._side(account, transition, claim, round_id),)
        step = self._at("deposit", round_id, asset=asset, amount=amount, sides=sides)
        with self._refusals(step):
            super().deposit(account, asset, amount, claim, round_id)
        self._accept(step, account)

    def withdraw(self, account: Account, asset: int, amount: int, round_id: int | None = None) -> None:
        transition = self._step(account, Transfer(asset, amount, is_withdrawal=True))
        sides = (self._side(account, transition, Claim.UNSAID, round_id),)
        step = self._at("withdraw", round_id, asset=asset, amount=amount, sides=sides)
        with self._refusals(step):
            super().withdraw(account, asset, amount, round_id)
        self._accept(step, account)

    def settle(
        self,
        buyer: Account,
        seller: Account,
        amounts: tuple[int, ...],
        cost: int,
        *,
        claims: tuple[Claim, Claim] = (Claim.UNSAID, Claim.UNSAID),
        round_id: int | None = None,
    ) -> None:
        transitions = (self._trade(account, amounts, cost, sign) for account, sign in ((buyer, 1), (seller, -1)))
        parties = zip((buyer, seller), transitions, claims, strict=True)
        sides = tuple(self._side(account, transition, claim, round_id) for account, transition, claim in parties)
        step = self._at("settle", round_id, ticket=1 + len(self.steps), sides=sides)
        with self._refusals(step):
            super().settle(buyer, seller, amounts, cost, claims=claims, round_id=round_id)
        self._accept(step, buyer, seller)

    def flag(self, account: Account, round_id: int | None = None) -> None:
        chosen = self._round(round_id)
        is_below = chosen is not None and health(account.state, chosen.risk, VectorKind.MAINTENANCE) < 0
        side = Side(self.identities[account.name], self.commitments[account.name], 0, Claim.UNSAID, is_below)
        step = self._at("flag", round_id, sides=(side,))
        with self._refusals(step):
            super().flag(account, round_id)
        self._accept(step)

    def resubmit(self, step: Step) -> None:
        """Submit a call again that was accepted: its proofs are of commitments that were replaced."""
        step = replace(step, time=self.now, active=self.active)
        with self._refusals(step):
            self.rounds.serving(step.use, step.round_id, self.now)
            require(step.sides[0].old in self.commitments.values(), "commitment is not current")
        raise AssertionError("a call would be accepted twice")

    def post(self, prices: Sequence[int], after: int = 60, *, stale: int = 0) -> bool:
        self.wait(after)
        step = self._posting(tuple(prices), stale)
        with self._refusals(step):
            is_recorded = super().post(prices, 0, stale=stale)
        self._accept(replace(step, recorded=self._newest_as_recorded()) if is_recorded else step)
        return is_recorded

    def set_level(self, level: int) -> None:
        """A guardian raises the level of the breaker, or governance lowers it."""
        breaker = self.rounds.breaker
        require(level != breaker.raised, "no change")
        self._accept(self._at("stop", level=level))
        (breaker.raise_to if level > breaker.raised else breaker.lower_to)(level, self.now)

    def wait(self, seconds: int) -> None:
        self.now += seconds

    def pay_out(self, only: str | None = None) -> None:
        step, paid = self._at("payOut"), [0] * len(self.vault.tokens)
        with self._refusals(step):
            require(self.rounds.level(self.now) < NO_WITHDRAWALS, "stopped")
            for item, _ in self.vault.pay_out(self.now, self.active, only):
                paid[item.asset] += item.amount // self.vault.unit(item.asset)
            require(any(paid), "nothing is due")
        self._accept(replace(step, paid=tuple(paid)))

    def left(self, limit: str) -> list[int]:
        """How long limits last, less than 0 when they are over [s].

        Args:
            limit: of a trade at the round before ("grace"), of rounds ("age"), of top-ups ("cure"), or of withdrawals.
        """
        match limit:
            case "grace":
                return [self.newest.recorded_at + self.rules.grace - self.now]
            case "age":
                return [self.newest.recorded_at + self.rules.max_age - self.now]
            case "cure":
                flags = [each.first_flagged_at for each in self.accounts.values()]
                return [at + self.rules.cure_window - self.active for at in flags if at is not None]
            case _:
                return [item.due - 1 - self.active for item in self.vault.queue]

    # Internals

    @contextmanager
    def _refusals(self, step: Step) -> Iterator[None]:
        """Write a call down if the market refuses it."""
        try:
            yield
        except RefusedError as refused:
            reason = str(refused)
            known = _ERRORS_ELSEWHERE.get((step.action, reason), _ERRORS.get(reason, _NO_PROOF))
            error = reason if step.action == "post" else known
            self._write(replace(step, reason=reason, error=error))
            raise

    def _accept(self, step: Step, *accounts: Account) -> None:
        """Write a call down that the market accepted, with the accounts that it gave new commitments."""
        self._write(step)
        self.commitments |= {each.name: side.next for each, side in zip(accounts, step.sides, strict=False)}

    def _write(self, step: Step) -> None:
        """Write a call down, after it."""
        self.steps.append(step)

    def _at(self, action: str, round_id: int | None = 0, **values: Any) -> Step:
        """A call of now; at the newest round when it is None."""
        number = self.newest.id if round_id is None else round_id
        return self.step_type(action, self.now, self.active, number, **values)

    def _side(self, account: Account, transition: Transition, claim: Claim, round_id: int | None) -> Side:
        chosen = self._round(round_id)
        holds = chosen is not None and is_provable(self.rules, transition, chosen.risk, claim)
        old = self.commitments[account.name]
        return Side(self.identities[account.name], old, self._new_commitment(), claim, holds)

    def _round(self, round_id: int | None) -> Round | None:
        """None when there is no such round."""
        number = self.newest.id if round_id is None else round_id
        return self.rounds.recorded[number - 1] if 0 < number <= self.newest.id else None

    def _new_commitment(self) -> int:
        self._made += 1
        return FIRST_COMMITMENT + self._made

    def _posting(self, prices: tuple[int, ...], stale: int) -> Step:
        return self._at("post", prices=prices, priced=~stale & (1 << self.n) - 1)

    def _newest_as_recorded(self) -> Recorded:
        newest, before = self.newest, self._round(self.newest.id - 1)
        calm = before is None or (
            before.epoch == newest.epoch
            and is_calm(
                before.vectors,
                newest.vectors.effective_prices,
                reduce_only_before=before.stale | before.closing,
                reduce_only=newest.stale | newest.closing,
            )
        )
        return Recorded(newest.id, of_round(newest.risk), newest.risk.reduce_only, calm)


def of_round(risk: RiskInputs) -> tuple[int, ...]:
    """The signals of `update` that come from its round, in their order."""
    values = [value for name, value in risk.values().items() if name != "reduceOnly"]
    return tuple(item for value in values for item in ([value] if isinstance(value, int) else value))
