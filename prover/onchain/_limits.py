"""What an account can withdraw now, and what it lacks for more."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from prover.chain import OnchainRound
from prover.market import BALANCE_DECIMALS, QUOTE_DECIMALS
from prover.onchain._book import AccountView, MarginBook
from prover.trade import Claim, Headroom, Side, Transfer, Transition, reasons_against, withdrawable


@dataclass(frozen=True)
class AccountLimits:
    """What leaves an account at its limits, at a round. The amounts are secret.

    Attributes:
        round_id: of the round.
        headroom: what the account has above its limits, or lacks.
        withdrawable: the most of each asset that can be withdrawn alone, in whole units of its token: by slot, N for
            the settlement currency [1e-9 token, 1e-18 USD]. Spot assets that the account does not hold are left out.
    """

    round_id: int
    headroom: Headroom = field(repr=False)
    withdrawable: Mapping[int, int] = field(repr=False)

    @classmethod
    def read(cls, book: MarginBook, view: AccountView, round_: OnchainRound) -> Self:
        """The limits of an account at a round. What breaker, flags and gate permit is not part of them.

        Raises:
            ChainError: it has expired positions, of which the round has no price; or the node is not reached.
        """
        book.require_epoch(view.identity, round_.epoch)
        state, risk = view.sealed.state, book.risk(round_)
        spot = book.contracts.book.spot_assets()
        assets = [slot for slot, balance in enumerate(state.balances) if balance > 0 and spot >> slot & 1]
        most = {asset: withdrawable(state, risk, asset) for asset in (*assets, book.n)}
        return cls(
            round_.id,
            Headroom.of(state, risk),
            {asset: amount - amount % _token_unit(book, asset) for asset, amount in most.items()},
        )


@dataclass(frozen=True)
class TriedWithdrawal:
    """What a withdrawal would leave of an account. Secret.

    Attributes:
        headroom: what the account would have above its limits, or lack.
        reasons: why it cannot be proven, without amounts; empty when it can.
    """

    headroom: Headroom = field(repr=False)
    reasons: tuple[str, ...]

    @classmethod
    def read(cls, book: MarginBook, view: AccountView, asset: int, amount: int, round_: OnchainRound) -> Self:
        """Try a withdrawal at a round, without a proof. What breaker, flags and gate permit is not part of it.

        Args:
            book: where the account lives.
            view: of the account.
            asset: slot of a spot asset, N for the settlement currency.
            amount: [1e-9 token], of the settlement currency [1e-18 USD].
            round_: the round.

        Raises:
            InputError: the book has no such asset.
            ChainError: the node is not reached.
        """
        step = Transition.of(view.sealed.state, Transfer(asset, amount, is_withdrawal=True), None, Side.NONE)
        risk = book.risk(round_)
        return cls(Headroom.of(step.new, risk), tuple(reasons_against(step, risk, Claim.UNSAID)))


def _token_unit(book: MarginBook, asset: int) -> int:
    """The smallest amount of an asset that its token can express [1e-9 token], of the settlement currency [1e-18 USD].

    Raises:
        ChainError: the asset is a derivative, or the node is not reached.
    """
    decimals = QUOTE_DECIMALS if asset == book.n else BALANCE_DECIMALS
    return int(10 ** max(0, decimals - book.contracts.token(asset).decimals()))
