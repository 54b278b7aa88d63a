"""Sizes and prices at which a step is just allowed: a coalition tries them, and the reference decides.

Every rule of `update` is a line that one measure of the account must not cross, and money moves each measure one to
one. So the most that an account can pay is one of its measures, or what one fell by. Which one is found by trying.
"""

from collections.abc import Iterable, Iterator

from market_model.accounts import Account
from market_model.market import Market
from market_model.rounds import Round
from market_model.updates import is_provable

from prover.account import State, assess_at
from prover.trade import NO_TRANSFER, Claim, Transfer, Transition, covered_cash, health
from verifier import RiskInputs, VectorKind


def mark(amounts: tuple[int, ...], chosen: Round) -> int:
    """What a basket costs at the effective prices of a round [1e-18 USD]."""
    return sum(amount * price for amount, price in zip(amounts, chosen.prices, strict=True))


def costs(
    market: Market, sides: tuple[Account, Account], amounts: tuple[int, ...], chosen: Round, claim: Claim
) -> tuple[int, int] | None:
    """The least and the greatest cost that both sides can prove; None when there is none."""
    fair = mark(amounts, chosen)
    rooms = [
        _room(market, account, amounts, fair, sign, chosen, claim) for account, sign in zip(sides, (1, -1), strict=True)
    ]
    if rooms[0] is None or rooms[1] is None or rooms[0] + rooms[1] < 0:
        return None
    return fair - rooms[1], fair + rooms[0]


def sizes(buyer: Account, seller: Account, legs: tuple[int, ...], chosen: Round) -> Iterator[int]:
    """Numbers of a basket that leave one side on a line [1e-9]."""
    for kind in (VectorKind.INITIAL, VectorKind.MAINTENANCE):
        for account, sign in ((buyer, 1), (seller, -1)):
            unit = State(tuple(sign * leg for leg in legs), 0)
            margin = assess_at(unit, chosen.risk.vectors, kind).margin
            room = health(account.state, chosen.risk, kind)
            closing = max(
                (abs(b) for b, leg in zip(account.state.balances, legs, strict=True) if b * sign * leg < 0), default=0
            )
            if margin and room > 0:
                yield room // margin
            if closing:
                yield closing


def most(market: Market, account: Account, asset: int, chosen: Round) -> int:
    """The largest withdrawal; 0 when there is none."""
    for amount in _descending(each for each in _withdrawable(account.state, asset, chosen.risk) if each > 0):
        transfer = Transfer(asset, amount, is_withdrawal=True)
        step = Transition(account.state, (0,) * market.n, 0, trades=False, transfer=transfer)
        if is_provable(market.rules, step, chosen.risk):
            return amount
    return 0


def _room(
    market: Market, account: Account, amounts: tuple[int, ...], fair: int, sign: int, chosen: Round, claim: Claim
) -> int | None:
    """How much more than the mark an account can pay; less than 0 when it must be paid, None when nothing does."""
    traded = tuple(sign * amount for amount in amounts)
    new = Transition(account.state, traded, sign * fair, trades=True, transfer=NO_TRANSFER).new
    after, before = _lines(new, chosen.risk), _lines(account.state, chosen.risk)
    fallen = [new - old for new, old in zip(after, before, strict=True)]
    for extra in _descending([*after, *fallen, 0]):
        step = Transition(account.state, traded, sign * fair + extra, trades=True, transfer=NO_TRANSFER)
        if is_provable(market.rules, step, chosen.risk, market.claim_of(account, claim)):
            return extra
    return None


def _lines(state: State, risk: RiskInputs) -> list[int]:
    """The measures that rules are about [1e-18 USD]."""
    healths = [health(state, risk, kind) for kind in (VectorKind.INITIAL, VectorKind.MAINTENANCE)]
    equity = assess_at(state, risk.vectors, VectorKind.MAINTENANCE).equity
    return [*healths, equity, *(covered_cash(state, risk, part) // 10**6 for part in risk.lambdas_ppm)]


def _withdrawable(state: State, asset: int, risk: RiskInputs) -> list[int]:
    lines = _lines(state, risk)
    if asset == len(state.balances):
        return [*lines, state.quote]
    price, vectors = risk.vectors.effective_prices[asset], risk.vectors
    weights = [price - vectors.initial.long[asset], price, *(price * part // 10**6 for part in risk.lambdas_ppm)]
    balance = state.balances[asset]
    return [balance, *(min(balance, line // weight) for weight in weights if weight > 0 for line in lines)]


def _descending(values: Iterable[int]) -> list[int]:
    return sorted(set(values), reverse=True)
