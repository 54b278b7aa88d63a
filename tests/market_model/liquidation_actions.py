"""What the runs of `liquidation_runs` do beside the actions of a coalition: calls of engine, ledger and fund."""

from dataclasses import dataclass, replace
from typing import Final

from market_model.accounts import Account
from market_model.actions import Table
from market_model.engine import Part, rates_at
from market_model.engine_actions import kind_of
from market_model.liquidation_recording import LiquidationMarket
from market_model.recorded_runs import recorded
from market_model.rounds import NO_WITHDRAWALS
from market_model.rules import BASIS, RefusedError, require

from prover.market import PPM
from prover.trade import Rates
from verifier import VectorKind

_SHARES: Final = (10_000, 30_000, 60_000, 100_000, 150_000, 200_000, 250_000, 300_000, 500_000, 700_000, PPM)
"""Parts of an account [ppm]."""


def of(table: Table) -> LiquidationMarket:
    """The market of a table."""
    market = recorded(table)
    assert isinstance(market, LiquidationMarket)
    return market


@dataclass(frozen=True)
class Take:
    """A takeover.

    Attributes:
        victim: name of an account; so is taker.
        share: of each balance [ppm]; the least of a few that has a proof when it is 0.
        rates: "reached" now, "above" that, "floor", "early" (as in the cure window), "free" (0), or "past" 10^4.
        is_covered: which rate is paid.
        is_overdraft: which kind.
        back: rounds before the newest.
        is_reserved: whether the release names the taker.
        flaw: of the call.
    """

    victim: str
    taker: str
    share: int = 0
    rates: str = "reached"
    is_covered: bool = True
    is_overdraft: bool = False
    back: int = 0
    is_reserved: bool = False
    flaw: str = ""

    def play(self, table: Table) -> None:
        market, victim, taker = of(table), table.account(self.victim), table.account(self.taker)
        chosen, number = table.round(self.back)
        rates = self._rates(market, victim.flag_of(self._kind))
        parts = [Part(self._amounts(market, victim, share), self._kind, rates, self.is_covered) for share in _SHARES]
        if self.share:
            parts = [replace(parts[0], amounts=self._amounts(market, victim, self.share))]
        part = next((part for part in parts if market.is_provable(victim, part, chosen)), parts[-1])
        require(any(part.amounts), "nothing to take")
        is_reserved = self.is_reserved or self.flaw == "reserved"
        market.take_over_by(victim, taker, part, number, is_reserved=is_reserved, flaw=self.flaw)

    @property
    def _kind(self) -> VectorKind:
        return kind_of(is_overdraft=self.is_overdraft)

    def _amounts(self, market: LiquidationMarket, victim: Account, share: int) -> tuple[int, ...]:
        spot = market.newest.spot if self.is_overdraft else (1 << market.n) - 1
        return tuple(
            (b * share // PPM if b > 0 else -(-b * share // PPM)) if spot >> slot & 1 else 0
            for slot, b in enumerate(victim.state.balances)
        )

    def _rates(self, market: LiquidationMarket, since: int | None) -> Rates:
        rules, kind = market.rules, self._kind
        elapsed = 0 if since is None else min(market.active - since, rules.flag_lifetime)
        reached = rates_at(rules, kind, elapsed)
        floor = rules.overdraft_floor if self.is_overdraft else rules.rate_floor
        match self.rates:
            case "above":
                return Rates(reached.covered + self.is_covered, reached.uncovered + (not self.is_covered))
            case "floor":
                return Rates(floor, 0)
            case "early":
                return Rates(BASIS, reached.uncovered)
            case "past":
                return Rates(BASIS + 1, 0)
            case "free":
                return Rates(0, 0)
            case _:
                return reached


@dataclass(frozen=True)
class Wrong:
    """A call that nothing makes right.

    Attributes:
        action: what is called.
        flaw: of it.
        error: that it is refused with.
        caller: an owner.
    """

    action: str
    flaw: str
    error: str
    caller: str = "a"

    def play(self, table: Table) -> None:
        of(table).call_wrongly(self.action, self.flaw, self.error, caller=self.caller)


WRONG: Final = (
    *(Wrong(action, "account", "AccountNotOpen") for action in ("flagOn", "recover", "takeOver", "writeOff")),
    Wrong("challenge", "account", "AccountNotOpen"),
    Wrong("challenge", "bond", "WrongBond"),
    Wrong("cover", "caller", "NotTheEngine"),
    Wrong("draw", "caller", "NotTheLedger"),
    Wrong("contribute", "caller", "NotTheLedger"),
    Wrong("prepare", "round", "UnknownRound"),
)
"""Of callers that may not, or about accounts and rounds that there are not."""


@dataclass(frozen=True)
class ClaimToToken:
    """An owner has its claim paid to the token itself."""

    owner: str

    def play(self, table: Table) -> None:
        claim = table.market.vault.ledger.claims.read(self.owner)
        is_stopped = table.market.rounds.level(table.market.now) >= NO_WITHDRAWALS
        error = "NothingToClaim" if not claim.due else "Stopped" if is_stopped else "InvalidRecipient"
        of(table).call_wrongly("claim", "token", error, caller=self.owner)


@dataclass(frozen=True)
class ReportPayOut:
    """An owner says that it was paid out."""

    owner: str

    def play(self, table: Table) -> None:
        require(table.market.vault.shortfall, "anyone is told its amount")
        of(table).call_wrongly("recordPayOut", "caller", "NotTheVault", caller=self.owner)


@dataclass(frozen=True)
class Again:
    """A takeover or a write-off that was taken is submitted again.

    Attributes:
        back: which, from the last one.
    """

    back: int = 1

    def play(self, table: Table) -> None:
        market = of(table)
        taken = [step for step in market.steps if step.action in {"takeOver", "writeOff"} and not step.error]
        if len(taken) < self.back:
            raise RefusedError("no such call")
        market.resubmit(taken[-self.back])
