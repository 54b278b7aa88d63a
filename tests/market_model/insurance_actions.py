"""What a coalition does with the fund and the ledger. Amounts are in the settlement token's own units."""

from dataclasses import dataclass

from market_model.actions import Table
from market_model.rules import require

from prover.market import PPM


@dataclass(frozen=True)
class Join:
    """Token units go into the fund."""

    owner: str
    assets: int

    def play(self, table: Table) -> None:
        table.market.join_fund(self.owner, self.assets)


@dataclass(frozen=True)
class RequestRedeem:
    """Of a part of an owner's shares [ppm], and of one more than that."""

    owner: str
    share: int = PPM
    more: int = 0

    def play(self, table: Table) -> None:
        market = table.market
        market.request_redeem(self.owner, market.vault.fund.shares.get(self.owner, 0) * self.share // PPM + self.more)


@dataclass(frozen=True)
class Redeem:
    """Of a part of what is requested [ppm], and of one more than that; in tokens or in shares."""

    owner: str
    share: int = PPM
    more: int = 0
    is_in_tokens: bool = False

    def play(self, table: Table) -> None:
        market = table.market
        request = market.vault.fund.requests.get(self.owner)
        shares = 0 if request is None else request.shares * self.share // PPM
        require(shares or self.more, "nothing to redeem")
        if self.is_in_tokens:
            market.withdraw_from_fund(self.owner, market.vault.fund.worth(shares) + self.more)
        else:
            market.redeem(self.owner, shares + self.more)


@dataclass(frozen=True)
class MoveShares:
    """A part of an owner's shares [ppm], and one more than that."""

    owner: str
    to: str
    share: int
    more: int = 0

    def play(self, table: Table) -> None:
        market = table.market
        market.move_shares(
            self.owner, self.to, market.vault.fund.shares.get(self.owner, 0) * self.share // PPM + self.more
        )


@dataclass(frozen=True)
class Recapitalise:
    """Token units, at most."""

    owner: str
    most: int

    def play(self, table: Table) -> None:
        table.market.recapitalise(self.owner, self.most)


@dataclass(frozen=True)
class DrawFund:
    """The fund pays what its limits kept back."""

    def play(self, table: Table) -> None:
        table.market.draw_fund()


@dataclass(frozen=True)
class TakeClaim:
    """What was paid of a claim."""

    owner: str

    def play(self, table: Table) -> None:
        table.market.claim(self.owner)


@dataclass(frozen=True)
class Accept:
    """A least fraction at which an owner deposits [1e-18]."""

    owner: str
    fraction: int

    def play(self, table: Table) -> None:
        table.market.accept_haircut(self.owner, self.fraction)
