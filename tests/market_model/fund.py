"""The insurance fund: shares that are redeemed by a request, and what it pays for debts (ZS-93, ZS-94)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from market_model.flows import Bucket
from market_model.rules import Rules, require

from prover.market import PPM

VIRTUAL_SHARES: Final = 10**6
"""For each unit of the token, so that no gift makes the first share dear."""

_DAY: Final = 86_400


@dataclass(frozen=True)
class Request:
    """To redeem shares.

    Attributes:
        shares: what is left of it.
        due: from when on it can be used, active seconds.
        debts: of the owner's accounts then [1e-18 USD], for `measures`.
    """

    shares: int
    due: int
    debts: Mapping[str, int] = field(default_factory=dict)


@dataclass
class Fund:
    """Tokens of volunteers. Amounts are in the token's own units.

    Attributes:
        rules: of the market.
        assets: held.
        shares: by owner.
        requests: by owner.
    """

    rules: Rules
    assets: int = 0
    shares: dict[str, int] = field(default_factory=dict)
    requests: dict[str, Request] = field(default_factory=dict)
    _in_round: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        self._drawn = Bucket(self.rules.day_draw_ppm, _DAY)

    @property
    def supply(self) -> int:
        """Of shares."""
        return sum(self.shares.values())

    def worth(self, shares: int) -> int:
        """What shares are redeemed for, rounded down."""
        return shares * (self.assets + 1) // (self.supply + VIRTUAL_SHARES)

    def deposit(self, owner: str, assets: int) -> int:
        """The shares that tokens buy, rounded down."""
        shares = assets * (self.supply + VIRTUAL_SHARES) // (self.assets + 1)
        self.assets += assets
        self.shares[owner] = self.shares.get(owner, 0) + shares
        return shares

    def request(self, owner: str, shares: int, active: int, debts: Mapping[str, int]) -> None:
        """Lock shares, to redeem them later. The request replaces the one before."""
        require(shares <= self.shares.get(owner, 0), "more than its shares")
        wait = self.rules.fund_cooldown if self.rules.redemptions_wait else 0
        self.requests[owner] = Request(shares, active + wait, debts)

    def redeemable(self, owner: str, active: int, *, can_flag: bool) -> int:
        """What is left of a request, within its window, while accounts can be flagged."""
        request = self.requests.get(owner)
        is_open = request is not None and request.due <= active <= request.due + self.rules.fund_window
        return request.shares if request is not None and is_open and can_flag else 0

    def redeem(self, owner: str, shares: int, most: int) -> int:
        """The tokens that shares are redeemed for; `most` is what `redeemable` says."""
        require(shares <= most, "more than can be redeemed")
        assets = self.worth(shares)
        self._leave(owner, shares, assets)
        return assets

    def withdraw(self, owner: str, assets: int, most: int) -> int:
        """The shares that tokens are taken out for, rounded up."""
        require(assets <= self.worth(most), "more than can be withdrawn")
        shares = -(-assets * (self.supply + VIRTUAL_SHARES) // (self.assets + 1))
        self._leave(owner, shares, assets)
        return shares

    def transfer(self, owner: str, to: str, shares: int, active: int) -> None:
        """Shares of a request stay with their owner until its window is over."""
        left = self.shares.get(owner, 0) - shares
        require(left >= 0, "not so many shares")
        request = self.requests.get(owner)
        is_locked = request is not None and request.shares and active <= request.due + self.rules.fund_window
        kept = left + shares if owner == to else left
        require(request is None or not is_locked or kept >= request.shares, "shares are locked")
        self.shares[owner] = left
        self.shares[to] = self.shares.get(to, 0) + shares

    def drawable(self, round_id: int, now: int) -> int:
        """What the limits of a round and of a day leave."""
        in_round = self._drawn_in(round_id)
        of_round = (self.assets + in_round) * self.rules.round_draw_ppm // PPM
        return min(self._drawn.measure(self.assets, now).left, max(0, of_round - in_round))

    def draw(self, most: int, round_id: int, now: int) -> int:
        """Pay a debt, as far as the limits allow."""
        amount = min(most, self.drawable(round_id, now))
        if amount:
            self._in_round = round_id, self._drawn_in(round_id) + amount
            self._drawn.take(self.assets, amount, now)
            self.assets -= amount
        return amount

    def _drawn_in(self, round_id: int) -> int:
        last, amount = self._in_round
        return amount if last == round_id else 0

    def _leave(self, owner: str, shares: int, assets: int) -> None:
        if not shares:
            return
        request = self.requests[owner]
        self.requests[owner] = Request(request.shares - shares, request.due, request.debts)
        self.shares[owner] -= shares
        self.assets -= assets
