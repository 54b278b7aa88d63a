"""Tokens and the withdrawal queue, with the insurance fund and the debt that nothing covers.

In the contracts these are `BookVault`, `InsuranceFund` (`fund`) and `ShortfallLedger` (`ledger`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from market_model.flows import Bucket
from market_model.fund import Fund
from market_model.ledger import ONE, Ledger
from market_model.rules import Rules, require


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
        fund: insures the market.
        ledger: of what nothing covers.
        wallets: what each owner got, less what it paid in, by asset.
        queue: requests, the oldest first.
        debited: what left accounts to be paid, by asset.
        paid: what was paid of it, by asset.
    """

    rules: Rules
    tokens: list[int]
    wallets: dict[str, list[int]] = field(default_factory=dict)
    queue: list[Withdrawal] = field(default_factory=list)
    debited: list[int] = field(default_factory=list)
    paid: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.fund, self.ledger = Fund(self.rules), Ledger(self.rules.grain)
        self.debited, self.paid = ([0] * len(self.tokens) for _ in range(2))
        limits = self.rules.outflow_ppm, self.rules.outflow_window
        self._outflows = [Bucket(*limits, least=1) for _ in self.tokens]

    @property
    def money(self) -> int:
        """The asset number of the settlement currency."""
        return len(self.tokens) - 1

    @property
    def backing(self) -> int:
        """T: what backs accounts and queue [1e-18 USD]."""
        return self.tokens[self.money]

    @property
    def shortfall(self) -> int:
        """S: debt that nothing covers [1e-18 USD]."""
        return self.ledger.shortfall

    @property
    def spot_scale(self) -> int:
        """What prices of spot are multiplied with [1e-18]."""
        return self.ledger.scale(self.backing) if self.rules.spot_at_backing else ONE

    def unit(self, asset: int) -> int:
        """The least amount of its token."""
        return self.rules.grain if asset == self.money else 1

    def wallet(self, owner: str) -> list[int]:
        return self.wallets.setdefault(owner, [0] * len(self.tokens))

    def require_accepted(self, owner: str, asset: int) -> None:
        """While money is worth less than it says, its owner deposits it only if that was accepted."""
        if asset == self.money and self.rules.haircut_is_accepted:
            self.ledger.require_accepted(owner, self.backing)

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

    def backed(self, amount: int) -> int:
        """What tokens back of an amount of money, rounded down."""
        return amount * self.backing // (self.backing + self.shortfall) if self.shortfall else amount

    # The fund and the ledger

    def write_off(self, debt: int, round_id: int, now: int) -> None:
        """The fund pays a debt, rounded up to a unit, as far as it may [1e-18 USD]; the rest is short."""
        drawn = self.fund.draw(-(-debt // self.rules.grain), round_id, now) * self.rules.grain
        self.tokens[self.money] += drawn
        self.ledger.add(debt, drawn)

    def join(self, owner: str, assets: int) -> None:
        """An owner puts token units into the fund."""
        self.fund.deposit(owner, assets)
        self._pay_in(owner, assets)

    def redeem(self, owner: str, shares: int, most: int) -> int:
        """An owner redeems shares of the fund."""
        assets = self.fund.redeem(owner, shares, most)
        self._pay_in(owner, -assets)
        return assets

    def withdraw(self, owner: str, assets: int, most: int) -> None:
        """An owner takes token units out of the fund."""
        self.fund.withdraw(owner, assets, most)
        self._pay_in(owner, -assets)

    def recapitalise(self, owner: str, most: int) -> None:
        """Any caller pays claims and shortfall, by token units."""
        to_claims, to_vault = self.ledger.recapitalise(most)
        self.tokens[self.money] += to_vault * self.rules.grain
        self._pay_in(owner, to_claims + to_vault)

    def draw_fund(self, round_id: int, now: int) -> None:
        """The fund pays claims and shortfall, as far as it may by now."""
        require(self.ledger.owed, "nothing is owed")
        drawn = self.fund.draw(self.ledger.owed, round_id, now)
        require(drawn, "nothing is drawn")
        _, to_vault = self.ledger.share(drawn)
        self.tokens[self.money] += to_vault * self.rules.grain

    def claim(self, owner: str) -> None:
        """An owner takes what was paid of its claim."""
        self._pay_in(owner, -self.ledger.claim(owner))

    def _pay_in(self, owner: str, units: int) -> None:
        self.wallet(owner)[self.money] -= units * self.rules.grain

    # Pay-outs

    def pay_out(self, now: int, active: int, only: str | None = None) -> list[tuple[Withdrawal, int]]:
        """Pay what is due, in the order of the queue; what was paid.

        Args:
            now: time of the block.
            active: seconds in which the clocks of flags ran: a request waits for those whom the account owes.
            only: whose requests the caller names; no matter where requests are paid in order.
        """
        paid, rest, blocked = [], [], set()
        for item in self.queue:
            is_called = only is None or item.owner == only or self.rules.withdrawals_in_order
            part = self._payable(item, now) if item.due <= active and item.asset not in blocked and is_called else 0
            if part:
                amount = self._pay(item, part, now)
                paid.append((replace(item, amount=part), amount))
            if part < item.amount:
                rest.append(replace(item, amount=item.amount - part))
                if self.rules.withdrawals_in_order:
                    blocked.add(item.asset)
        self.queue = rest
        return paid

    def _payable(self, item: Withdrawal, now: int) -> int:
        """How much of a request can be paid now; a part only where requests are paid in order."""
        held, unit = self.tokens[item.asset], self.unit(item.asset)
        left = self._outflows[item.asset].measure(held // unit, now).left * unit
        part = min(item.amount, left) if self.rules.withdrawals_in_order or item.amount <= left else 0
        is_cut = item.asset == self.money and self.shortfall > 0 and self.rules.paid_at_backing
        return part if part <= held or is_cut else 0

    def _pay(self, item: Withdrawal, part: int, now: int) -> int:
        """Pay a part of a request: its owner has a claim for what is not there."""
        held, amount, unit = self.tokens[item.asset], part, self.unit(item.asset)
        if item.asset == self.money and self.rules.paid_at_backing:
            amount = unit * self.ledger.paid(item.owner, part // unit, self.backing)
        self._outflows[item.asset].take(held // unit, amount // unit, now)
        self.tokens[item.asset] -= amount
        self.paid[item.asset] += amount
        self.wallet(item.owner)[item.asset] += amount
        return amount
