"""An honest guardian and an honest liquidator: what they do in the block after each round."""

from dataclasses import dataclass

from market_model.accounts import Account
from market_model.engine import Part, floor_rate, rates_at
from market_model.market import Market
from market_model.planning import mark
from market_model.rules import BASIS, RefusedError

from prover.account import assess_at
from verifier import VectorKind

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
        market.call_overdraft(account)
        is_healthy = market.health(account) >= 0
        if is_healthy and account.flagged_at is not None:
            market.recover(account)
        if not is_healthy and self._is_flag_due(market, account) and not self._is_dodged(market, account):
            market.flag(account)
        if account.flagged_at is not None:
            self._sell(market, account, VectorKind.MAINTENANCE)
        if account.overdrawn_at is not None:
            self._sell(market, account, VectorKind.OVERDRAFT)
        if account.flagged_at is not None and not any(account.state.balances) and account.state.quote < 0:
            market.write_off(account)

    def _sell_on(self, market: Market) -> None:
        liquidator, maker = market.accounts[self.liquidator], market.accounts[self.maker]
        amounts = liquidator.state.balances
        if any(amounts):
            try:
                market.settle(maker, liquidator, amounts, mark(amounts, market.newest))
            except RefusedError:
                return

    @staticmethod
    def _is_flag_due(market: Market, account: Account) -> bool:
        since = account.flagged_at
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


def _terms(market: Market, account: Account, kind: VectorKind) -> tuple[int, bool] | None:
    """The best rate there is, and whether it is a covered one; None when nothing is paid."""
    rules, vectors = market.rules, market.newest.risk.vectors
    flagged_at = account.overdrawn_at if kind is VectorKind.OVERDRAFT else account.flagged_at
    assert flagged_at is not None
    equity = assess_at(account.state, vectors, VectorKind.MAINTENANCE).equity
    rates = rates_at(rules, kind, market.active - flagged_at, is_insolvent=equity < 0)
    whole = assess_at(account.state, vectors, kind)
    if not whole.margin:
        return None
    if BASIS * whole.equity >= floor_rate(rules, kind) * whole.margin:
        return min(rates.covered, BASIS * whole.equity // whole.margin), True
    return (rates.uncovered, False) if rates.uncovered else None


def _part(market: Market, account: Account, kind: VectorKind, share: int, rate: int, is_covered: bool) -> Part:
    """So many parts of each balance that can be sold, rounded towards 0."""
    stale, spot = market.newest.stale, market.newest.risk.long_only
    amounts = tuple(
        0 if stale >> slot & 1 or (kind is VectorKind.OVERDRAFT and not spot >> slot & 1) else _times(balance, share)
        for slot, balance in enumerate(account.state.balances)
    )
    return Part(amounts, kind, rate, is_covered)


def _times(balance: int, share: int) -> int:
    return balance * share // _PARTS if balance >= 0 else -(-balance * share // _PARTS)


def _share(market: Market, account: Account, kind: VectorKind, rate: int, is_covered: bool) -> int:
    """The largest share that is not too much."""
    low, high = 0, _PARTS
    while low < high:
        middle = (low + high + 1) // 2
        try:
            market.is_released(account, _part(market, account, kind, middle, rate, is_covered))
            is_too_much = False
        except RefusedError as refused:
            is_too_much = "too much" in str(refused)
        low, high = (low, middle - 1) if is_too_much else (middle, high)
    return low
