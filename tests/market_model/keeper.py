"""An honest guardian and an honest liquidator: what they do in the block after each round."""

from contextlib import suppress
from dataclasses import dataclass

from market_model.accounts import Account
from market_model.engine import Part, floor_rate, rates_at, require_reached
from market_model.market import Market
from market_model.planning import mark
from market_model.rules import BASIS, RefusedError

from prover.account import assess_at
from prover.trade import Rates
from verifier import MARGIN_KINDS, VectorKind

_BLOCKS = 4
"""It flags an account in so many blocks of a round, if its owner comes first in some of them."""

_PARTS = 1_024
"""The liquidator takes so many parts of an account, or fewer."""


@dataclass
class Keeper:
    """Flags, takes over and writes off what it may.

    Attributes:
        liquidator: the account that buys.
        maker: the account that it sells to, at the mark.
    """

    liquidator: str
    maker: str

    def __call__(self, market: Market) -> None:
        """Look at every account."""
        for account in list(market.accounts.values()):
            while account.epoch < market.newest.epoch and account.name not in market.asleep:
                market.expire(account, account.epoch + 1)
        if market.is_stopped:
            return
        for account in list(market.accounts.values()):
            if account.name != self.liquidator and account.epoch == market.newest.epoch:
                self._look(market, account)
        self._sell_on(market)

    def _look(self, market: Market, account: Account) -> None:
        self._answer(market, account)
        for kind in MARGIN_KINDS:
            if kind is VectorKind.MAINTENANCE or market.rules.overdrafts_are_called:
                self._look_at(market, account, kind)
        if account.is_flagged and not any(account.state.balances) and account.state.quote < 0:
            with suppress(RefusedError):  # within the cure window
                market.write_off(account)

    def _look_at(self, market: Market, account: Account, kind: VectorKind) -> None:
        """What there is to do about a margin of an account."""
        is_healthy = market.health(account, kind) >= 0
        if is_healthy and account.flag_of(kind) is not None:
            with suppress(RefusedError):  # at the round of its last change
                market.recover(account, kind)
        self._flag(market, account, kind)
        if account.flag_of(kind) is not None:
            self._sell(market, account, kind)

    def _flag(self, market: Market, account: Account, kind: VectorKind) -> None:
        """Flag an account that is due. Its owner may come first in each block."""
        for _ in range(_BLOCKS):
            if market.health(account, kind) >= 0 or not self._is_flag_due(market, account, kind):
                return
            if not self._is_dodged(market, account):
                market.flag_on(account, kind)

    @staticmethod
    def _answer(market: Market, account: Account) -> None:
        if account.name in market.challenges and account.name not in market.asleep:
            with suppress(RefusedError):  # it is over, or the account is to be flagged
                market.answer(account.name, account.owner)

    def _sell_on(self, market: Market) -> None:
        liquidator, maker = market.accounts[self.liquidator], market.accounts[self.maker]
        amounts = liquidator.state.balances
        if any(amounts):
            try:
                claims = market.claim_of(maker), market.claim_of(liquidator)
                market.settle(maker, liquidator, amounts, mark(amounts, market.newest), claims=claims)
            except RefusedError:
                return

    @staticmethod
    def _is_flag_due(market: Market, account: Account, kind: VectorKind) -> bool:
        since = account.flag_of(kind)
        return since is None or market.active - since > market.rules.flag_lifetime

    @staticmethod
    def _is_dodged(market: Market, account: Account) -> bool:
        """Whether the owner, who comes first, gives the account another commitment."""
        version = account.version
        if account.name in market.dodges:
            market.dodges[account.name]()
        return account.version != version

    def _sell(self, market: Market, account: Account, kind: VectorKind) -> None:
        """Take what the engine allows, or what the liquidator can pay of it, from this commitment."""
        taker = market.accounts[self.liquidator]
        if market.health(taker, VectorKind.INITIAL) <= 0:
            return
        try:
            terms = _terms(market, account, kind)
            if terms is None:
                return
            share = _share(market, account, kind, *terms)
        except RefusedError:
            return
        if self._is_dodged(market, account):
            return  # the notice is about another commitment
        while share:
            try:
                market.take_over(account, taker, _part(market, account, kind, share, *terms))
            except RefusedError:
                share = share * 7 // 8
            else:
                return


def _terms(market: Market, account: Account, kind: VectorKind) -> tuple[Rates, bool] | None:
    """The best rates there are, and whether the covered one is paid; None when nothing is."""
    rules = market.rules
    flagged_at = account.flag_of(kind)
    assert flagged_at is not None
    elapsed = market.active - flagged_at
    reached = rates_at(rules, kind, elapsed)
    is_early = require_reached(rules, kind, elapsed, reached)
    whole = assess_at(account.state, market.newest.risk.vectors, kind)
    if not whole.margin:
        return None
    least = 0 if is_early else floor_rate(rules, kind)
    if BASIS * whole.equity < least * whole.margin:
        return (reached, False) if reached.uncovered else None
    covered = min(reached.covered, BASIS * whole.equity // whole.margin)
    return None if is_early else (Rates(covered, 0), True)


def _part(market: Market, account: Account, kind: VectorKind, share: int, rates: Rates, is_covered: bool) -> Part:
    """So many parts of each balance that can be sold, rounded towards 0."""
    stale, spot = market.newest.stale, market.newest.spot
    amounts = tuple(
        0 if stale >> slot & 1 or (kind is VectorKind.OVERDRAFT and not spot >> slot & 1) else _times(balance, share)
        for slot, balance in enumerate(account.state.balances)
    )
    return Part(amounts, kind, rates, is_covered)


def _times(balance: int, share: int) -> int:
    return balance * share // _PARTS if balance >= 0 else -(-balance * share // _PARTS)


def _share(market: Market, account: Account, kind: VectorKind, rates: Rates, is_covered: bool) -> int:
    """The largest share that is not too much."""
    low, high = 0, _PARTS
    while low < high:
        middle = (low + high + 1) // 2
        try:
            market.is_released(account, _part(market, account, kind, middle, rates, is_covered))
            is_too_much = False
        except RefusedError as refused:
            is_too_much = "too much" in str(refused)
        low, high = (low, middle - 1) if is_too_much else (middle, high)
    return low
