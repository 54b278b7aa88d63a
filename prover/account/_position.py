"""The positions of an account at a price round, one by one."""

from dataclasses import dataclass, field

from prover.account._account import Account
from prover.market import PriceRound
from verifier import MarginsPerUnit, VectorKind


@dataclass(frozen=True)
class Position:
    """One position at a price round. Secret.

    Attributes:
        symbol: of its asset.
        balance: [1e-9 token]; below 0 for a short one.
        price: mark price [1e-9 USD].
        effective_price: mark price less cumulative funding [1e-9 USD].
        value: at the effective price [1e-18 USD].
        margin: that it needs [1e-18 USD].
        liquidation_price: mark price of its asset, nearest to the present one, at which the account is below
            maintenance margin while all other prices stay [1e-9 USD]; None when there is none.
    """

    symbol: str
    balance: int = field(repr=False)
    price: int
    effective_price: int
    value: int = field(repr=False)
    margin: int = field(repr=False)
    liquidation_price: int | None = field(repr=False)


def account_positions(
    account: Account, round_: PriceRound, kind: VectorKind = VectorKind.MAINTENANCE
) -> tuple[Position, ...]:
    """Every position of an account, in the order of slots.

    Args:
        account: the account.
        round_: whose prices count.
        kind: of the margins.

    Raises:
        InputError: the round prices another book.
    """
    account.require_same_book(round_)
    vectors, margins = round_.vectors, round_.vectors.margins(kind)
    return tuple(
        Position(
            symbol=asset.symbol,
            balance=balance,
            price=round_.prices[slot],
            effective_price=vectors.effective_prices[slot],
            value=balance * vectors.effective_prices[slot],
            margin=_margin(balance, margins, slot),
            liquidation_price=account.liquidation_price(asset.symbol, round_),
        )
        for slot, (asset, balance) in enumerate(zip(account.book.assets, account.state.balances, strict=False))
        if balance
    )


def _margin(balance: int, margins: MarginsPerUnit, slot: int) -> int:
    return balance * margins.long[slot] if balance >= 0 else -balance * margins.short[slot]
