"""What a liquidator checks of a parcel: that it is true, what it earns, and whether the own account can carry it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from prover.account import State
from prover.liquidation._auction import Auction
from prover.liquidation._ladder import Parcel
from prover.liquidation._liquidity import Liquidity
from prover.liquidation._notice import Notice
from prover.market import BALANCE_DECIMALS
from prover.trade import NO_TRANSFER, Claim, Rates, Side, Transition, reasons_against
from verifier import BASIS, Check, ReleaseInputs, RiskInputs, VerifyingKey, verify


def verify_parcel(
    parcel: Parcel, inputs: ReleaseInputs, auction: Auction, key: VerifyingKey, *, check: Check = verify
) -> None:
    """Verify the proof of a parcel for the ticket that is bought, at the liquidator's own view of the round.

    Whether the victim's commitment is still that of its account is for the chain to tell.

    Args:
        parcel: of a notice.
        inputs: of the notice's round and ground, with the limits after the cure window.
        auction: of the ground.
        key: of `release`, which the engine verifies with.
        check: the Groth16 check; py_ecc's unless another is given.

    Raises:
        VerificationError: the key is of another statement or size, or the proof does not verify.
        InputError: the parcel is of a book of another size.
    """
    key.require("release", inputs.vectors.n)
    at = replace(inputs, limits=auction.limits_of(parcel.rates))
    check(key, parcel.claim.signals(at), parcel.proof)


@dataclass(frozen=True)
class TakeoverEstimate:
    """What a takeover is expected to earn [1e-18 USD]. Secret.

    Attributes:
        reward: value of the parcel at effective prices, less its cost.
        impact: what closing it costs: spread and price impact.
        gas: of the transaction.
    """

    reward: int = field(repr=False)
    impact: int = field(repr=False)
    gas: int = field(repr=False)

    @classmethod
    def of(
        cls, parcel: Parcel, effective_prices: Sequence[int], prices: Sequence[int], liquidity: Liquidity, gas: int
    ) -> "TakeoverEstimate":
        """The estimate for a parcel.

        Args:
            parcel: the parcel.
            effective_prices: of the round [1e-9 USD].
            prices: mark prices of the round [1e-9 USD].
            liquidity: costs of closing positions.
            gas: of the transaction (`gas_cost`) [1e-18 USD].
        """
        amounts = parcel.ticket.amounts
        value = sum(amount * price for amount, price in zip(amounts, effective_prices, strict=True))
        return cls(value - parcel.ticket.cost, liquidity.cost(amounts, prices), gas)

    @property
    def profit(self) -> int:
        """What is left; below 0 it is a loss."""
        return self.reward - self.impact - self.gas


def gas_cost(gas: int, fee: int, ether_price: int) -> int:
    """What a transaction costs, rounded up [1e-18 USD].

    Args:
        gas: that it uses.
        fee: for each unit of gas [wei].
        ether_price: of one ETH [1e-9 USD].
    """
    return -(-gas * fee * ether_price // 10**BALANCE_DECIMALS)


def reasons_not_to_carry(notice: Notice, parcel: Parcel, taker: int, state: State, risk: RiskInputs) -> list[str]:
    """Why an account cannot buy a parcel, in words that tell no amount; empty when it can.

    Args:
        notice: that the parcel is of.
        parcel: the parcel.
        taker: identity of the account.
        state: of the account.
        risk: of the round, whose reduce-only slots are the stale ones alone: an announced delisting stops no takeover.
    """
    if taker == notice.account:
        return ["an account cannot take itself over"]
    if notice.taker not in {0, taker}:
        return ["the parcel is for another account"]
    step = Transition.of(state, NO_TRANSFER, parcel.ticket, Side.BUY)
    return reasons_against(step, risk, Claim.MEETS_INITIAL_MARGIN)


@dataclass(frozen=True)
class PricedParcel:
    """A parcel as one liquidator sees it.

    Attributes:
        parcel: the parcel.
        estimate: what it is expected to earn.
        times: when the engine takes it: active seconds since the flag.
        reasons: why the liquidator's account cannot carry it; empty when it can.
    """

    parcel: Parcel
    estimate: TakeoverEstimate
    times: range
    reasons: tuple[str, ...]


def best_parcel(
    parcels: Sequence[PricedParcel], elapsed: int, least_profit: int = 0, max_rate: int | None = None
) -> PricedParcel | None:
    """The parcel that earns the most of those that can be taken; None when there is none.

    Args:
        parcels: of one notice.
        elapsed: active seconds since the flag.
        least_profit: that the liquidator works for [1e-18 USD]; below 0 it takes a loss.
        max_rate: the highest rate that the proof may say [1e-4 of the margin taken]; None for any. In the cure window
            it is the uncovered rate, since no account pays the other one.
    """
    eligible = [
        priced
        for priced in parcels
        if elapsed in priced.times
        and not priced.reasons
        and priced.estimate.profit >= least_profit
        and (max_rate is None or _highest(priced.parcel.rates) <= max_rate)
    ]
    return max(eligible, key=lambda priced: priced.estimate.profit, default=None)


def _highest(rates: Rates) -> int:
    return rates.uncovered if rates.covered == BASIS else max(rates)
