"""Tokens, the withdrawal queue, the insurance fund and the debt that nothing covers.

In the contracts these are `BookVault`, `InsuranceFund` and `ShortfallLedger`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from market_model.rules import Rules

from prover.market import PPM


@dataclass(frozen=True)
class Withdrawal:
    """A request in the queue; its amount left the account already.

    Attributes:
        due: from when on it may be paid, in active time.
        owner: who is paid.
        asset: slot, or the number of slots for the settlement currency.
        amount: [1e-9 token], of the settlement currency [1e-18 USD].
        debts: of the owner's accounts at the request [1e-18 USD], for `measures`.
    """

    due: int
    owner: str
    asset: int
    amount: int
    debts: Mapping[str, int]


@dataclass
class Vault:
    """What is held, owed and queued.

    Attributes:
        rules: of the market.
        tokens: held, by asset, the settlement currency last.
        fund: of the insurance fund [1e-18 USD].
        shortfall: debt that nothing covers [1e-18 USD].
        short_since: when that debt last grew.
        claims: what pay-outs left unpaid, by owner.
        wallets: what each owner got, less what it paid in, by asset.
        queue: requests, the oldest first.
        debited: what left accounts to be paid, by asset.
        paid: what was paid of it, by asset.
    """

    rules: Rules
    tokens: list[int]
    fund: int = 0
    shortfall: int = 0
    short_since: int | None = None
    claims: dict[str, int] = field(default_factory=dict)
    wallets: dict[str, list[int]] = field(default_factory=dict)
    queue: list[Withdrawal] = field(default_factory=list)
    debited: list[int] = field(default_factory=list)
    paid: list[int] = field(default_factory=list)
    _window: int = 0
    _left: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.debited, self.paid = ([0] * len(self.tokens) for _ in range(2))

    @property
    def money(self) -> int:
        """The asset number of the settlement currency."""
        return len(self.tokens) - 1

    def wallet(self, owner: str) -> list[int]:
        return self.wallets.setdefault(owner, [0] * len(self.tokens))

    def take_in(self, owner: str, asset: int, amount: int) -> None:
        """Take tokens from an owner's wallet."""
        self.tokens[asset] += amount
        self.wallet(owner)[asset] -= amount

    def enqueue(self, item: Withdrawal) -> None:
        """Owe what left an account."""
        self.debited[item.asset] += item.amount
        self.queue.append(item)

    def unpaid(self, asset: int) -> int:
        """What left accounts and was not paid: it is to be queued or claimed."""
        return self.debited[asset] - self.paid[asset]

    def queued(self, asset: int) -> int:
        return sum(item.amount for item in self.queue if item.asset == asset)

    def write_off(self, debt: int, now: int) -> None:
        """The fund pays a part of a debt [1e-18 USD]; the rest is short."""
        drawn = min(debt, self.fund * self.rules.draw_ppm // PPM)
        self.fund -= drawn
        self.tokens[self.money] += drawn
        if debt > drawn:
            self.shortfall += debt - drawn
            self.short_since = now

    def backed(self, amount: int) -> int:
        """What tokens back of an amount of money, rounded down."""
        held = self.tokens[self.money]
        return amount * held // (held + self.shortfall) if self.shortfall else amount

    def pay_out(self, now: int, active: int, only: str | None = None) -> list[tuple[Withdrawal, int]]:
        """Pay what is due, in the order of the queue; what was paid.

        Args:
            now: time of the block.
            active: seconds in which the clocks of flags ran: a request waits for those whom the account owes.
            only: whose requests the caller names; no matter where requests are paid in order.
        """
        if now >= self._window + self.rules.outflow_window or not self._left:
            self._window, self._left = now, [held * self.rules.outflow_ppm // PPM for held in self.tokens]
        paid, rest, blocked = [], [], set()
        for item in self.queue:
            is_called = only is None or item.owner == only or self.rules.withdrawals_in_order
            part = self._payable(item) if item.due <= active and item.asset not in blocked and is_called else 0
            if part:
                amount = self._worth(item.asset, part)
                self._pay(item, part, amount)
                paid.append((replace(item, amount=part), amount))
            if part < item.amount:
                rest.append(replace(item, amount=item.amount - part))
                if self.rules.withdrawals_in_order:
                    blocked.add(item.asset)
        self.queue = rest
        return paid

    def _worth(self, asset: int, amount: int) -> int:
        return self.backed(amount) if asset == self.money and self.rules.paid_at_backing else amount

    def _payable(self, item: Withdrawal) -> int:
        """How much of a request can be paid now; a part only where requests are paid in order."""
        room = min(self._left[item.asset], self.tokens[item.asset])
        if self._worth(item.asset, item.amount) <= room:
            return item.amount
        return room if self.rules.withdrawals_in_order else 0

    def _pay(self, item: Withdrawal, part: int, amount: int) -> None:
        self._left[item.asset] -= amount
        self.tokens[item.asset] -= amount
        self.paid[item.asset] += amount
        self.wallet(item.owner)[item.asset] += amount
        self.shortfall -= part - amount
        self.claims[item.owner] = self.claims.get(item.owner, 0) + part - amount
