"""Clients of `ShortfallLedger` and `InsuranceFund`: who pays for debt that was written off."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from prover.chain._chain import Chain, Contract


class LedgerClaim(NamedTuple):
    """What the recipient of a cut pay-out is owed, in the token's own units.

    Attributes:
        owed: not paid yet.
        due: paid, and to be taken.
    """

    owed: int
    due: int


class RedeemRequest(NamedTuple):
    """Shares of a fund that wait to be redeemed.

    Attributes:
        shares: of the request.
        due_at: from when on they can be redeemed, on the clock `active_time(NO_FLAGS)` of the circuit breaker.
    """

    shares: int
    due_at: int


@dataclass(frozen=True)
class ShortfallLedgerClient:
    """A deployed `ShortfallLedger`. Amounts of tokens are in the token's own units.

    Attributes:
        contract: the ledger.
    """

    contract: Contract

    @classmethod
    def deploy(cls, chain: Chain, book: str, engine: str, fund: str) -> Self:
        """Deploy a ledger; its fund names it already.

        Args:
            chain: where.
            book: address that the book will have.
            engine: of its liquidation engine.
            fund: of the insurance fund.
        """
        return cls(chain.deploy("ShortfallLedger", book, engine, fund))

    def recapitalise(self, most: int) -> Mapping[str, Any]:
        """Pay claims and shortfall in proportion, of tokens that the sender has approved. Raises ChainError if refused.

        Args:
            most: the most to pay.
        """
        return self.contract.send("recapitalise", most)

    def draw_fund(self) -> Mapping[str, Any]:
        """Have the fund pay claims and shortfall, as far as its limits allow now. Raises ChainError if refused."""
        return self.contract.send("drawFund")

    def claim(self, to: str) -> Mapping[str, Any]:
        """Take what was paid of the sender's claim."""
        return self.contract.send("claim", to)

    def accept_haircut(self, least_fraction: int) -> Mapping[str, Any]:
        """Say for how little the sender deposits while there is a shortfall.

        Args:
            least_fraction: what a deposit of 1 has to be worth [1e-18].
        """
        return self.contract.send("acceptHaircut", least_fraction)

    def fund(self) -> str:
        """Address of its insurance fund."""
        return str(self.contract.read("fund"))

    def shortfall(self) -> int:
        """Debt that was written off and is paid by no one yet [1e-18 USD]."""
        return int(self.contract.read("shortfall"))

    def fraction(self) -> int:
        """What each unit that accounts are owed is worth [1e-18]."""
        return int(self.contract.read("fraction"))

    def claims(self) -> int:
        """The sum of all claims that are not paid."""
        return int(self.contract.read("claims"))

    def claim_of(self, owner: str) -> LedgerClaim:
        """The claim of an address."""
        owed, due = self.contract.read("claimOf", owner)
        return LedgerClaim(int(owed), int(due))

    def least_fraction_of(self, depositor: str) -> int:
        """What a deposit of 1 has to be worth for an address [1e-18]."""
        return int(self.contract.read("leastFractionOf", depositor))


@dataclass(frozen=True)
class InsuranceFundClient:
    """A deployed `InsuranceFund`. Amounts are in the token's own units; shares have units of their own.

    Attributes:
        contract: the fund.
    """

    contract: Contract

    @classmethod
    def deploy(cls, chain: Chain, token: str, ledger: str, rounds: str, breaker: str, cooldown: int) -> Self:
        """Deploy a fund.

        Args:
            chain: where.
            token: of the settlement currency.
            ledger: address that the ledger will have.
            rounds: the book's price source.
            breaker: the book's circuit breaker.
            cooldown: how long a redemption waits [active s], from 2 days to 90.
        """
        arguments = ("Insurance of a margin book", "zksINS", ledger, rounds, breaker, cooldown)
        return cls(chain.deploy("InsuranceFund", token, *arguments))

    def deposit(self, assets: int) -> Mapping[str, Any]:
        """Put tokens in, which the sender has approved. Raises ChainError when refused, as all calls here."""
        return self.contract.send("deposit", assets, self.contract.chain.sender)

    def request_redeem(self, shares: int) -> Mapping[str, Any]:
        """Ask for shares of the sender to be redeemable after the cooldown. An older request is replaced."""
        return self.contract.send("requestRedeem", shares)

    def redeem(self, shares: int, to: str) -> Mapping[str, Any]:
        """Redeem shares of the sender, within the window of its request.

        Args:
            shares: how many.
            to: address that gets the tokens.
        """
        return self.contract.send("redeem", shares, to, self.contract.chain.sender)

    def assets(self) -> int:
        """What is in the fund."""
        return int(self.contract.read("totalAssets"))

    def drawable(self) -> int:
        """What may be drawn for bad debt now."""
        return int(self.contract.read("drawable"))

    def shares_of(self, owner: str) -> int:
        """The shares of an address."""
        return int(self.contract.read("balanceOf", owner))

    def worth(self, shares: int) -> int:
        """What shares are worth now, rounded down."""
        return int(self.contract.read("convertToAssets", shares))

    def shares_for(self, assets: int) -> int:
        """How many shares are worth an amount now, rounded down."""
        return int(self.contract.read("convertToShares", assets))

    def redeemable(self, owner: str) -> int:
        """How many shares an address can redeem now."""
        return int(self.contract.read("maxRedeem", owner))

    def request_of(self, owner: str) -> RedeemRequest:
        """The request of an address; zeros for none."""
        shares, due_at = self.contract.read("requestOf", owner)
        return RedeemRequest(int(shares), int(due_at))

    def cooldown(self) -> int:
        """How long a redemption waits [active s]."""
        return int(self.contract.read("cooldown"))

    def claim_window(self) -> int:
        """How long a request can be used after that [active s]."""
        return int(self.contract.read("CLAIM_WINDOW"))
