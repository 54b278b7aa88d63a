"""What a coalition does with the engine: flags, takeovers by accounts of its own, write-offs and challenges."""

from dataclasses import dataclass

from market_model.actions import Table
from market_model.engine import Part
from market_model.rules import BASIS

from prover.market import PPM
from prover.trade import Rates
from verifier import VectorKind


def kind_of(*, is_overdraft: bool) -> VectorKind:
    """The margin of a flag."""
    return VectorKind.OVERDRAFT if is_overdraft else VectorKind.MAINTENANCE


@dataclass(frozen=True)
class Flag:
    """A flag by a proof for the gate, at some round."""

    account: str
    back: int = 0

    def play(self, table: Table) -> None:
        _, number = table.round(self.back)
        table.market.flag(table.account(self.account), number)


@dataclass(frozen=True)
class FlagOn:
    """A flag by a proof for the engine, at some round."""

    account: str
    back: int = 0
    is_overdraft: bool = False

    def play(self, table: Table) -> None:
        _, number = table.round(self.back)
        table.market.flag_on(table.account(self.account), kind_of(is_overdraft=self.is_overdraft), number)


@dataclass(frozen=True)
class Recover:
    """A proof that ends a flag, at some round."""

    account: str
    back: int = 0
    is_overdraft: bool = False

    def play(self, table: Table) -> None:
        _, number = table.round(self.back)
        table.market.recover(table.account(self.account), kind_of(is_overdraft=self.is_overdraft), number)


@dataclass(frozen=True)
class TakeOver:
    """A takeover by an account of the coalition.

    Attributes:
        victim: name of an account; so is taker.
        share: of each balance [ppm].
        rate: [1e-4]; with `is_covered` the covered one, else the uncovered one.
        is_covered: which rate is paid.
        is_overdraft: which kind.
        back: rounds before the newest.
    """

    victim: str
    taker: str
    share: int
    rate: int
    is_covered: bool = True
    is_overdraft: bool = False
    back: int = 0

    def play(self, table: Table) -> None:
        victim, taker = table.account(self.victim), table.account(self.taker)
        _, number = table.round(self.back)
        amounts = tuple(b * self.share // PPM if b > 0 else -(-b * self.share // PPM) for b in victim.state.balances)
        kind, since = kind_of(is_overdraft=self.is_overdraft), victim.flag_of(kind_of(is_overdraft=self.is_overdraft))
        is_early = since is not None and table.market.active - since < table.market.rules.cure_window
        rates = Rates(self.rate, 0) if self.is_covered else Rates(BASIS if is_early else 0, self.rate)
        part = Part(amounts, kind, rates, self.is_covered)
        table.market.take_over(victim, taker, part, number)


@dataclass(frozen=True)
class WriteOff:
    """A debt is written off.

    Attributes:
        account: its name.
        more: than it owes [1e-18 USD]; everything less when it is below 0.
    """

    account: str
    more: int = 0

    def play(self, table: Table) -> None:
        account = table.account(self.account)
        table.market.write_off(account, -account.state.quote + self.more if self.more >= 0 else 0)


@dataclass(frozen=True)
class Ask:
    """A challenge."""

    account: str
    challenger: str

    def play(self, table: Table) -> None:
        table.market.challenge(table.account(self.account), self.challenger)


@dataclass(frozen=True)
class Answer:
    """An answer, which pays a recipient."""

    account: str
    recipient: str

    def play(self, table: Table) -> None:
        table.market.answer(self.account, self.recipient)


@dataclass(frozen=True)
class EndChallenge:
    """Of an account that there is or was."""

    account: str

    def play(self, table: Table) -> None:
        table.market.end_challenge(self.account)


@dataclass(frozen=True)
class FlagSilent:
    """An account did not answer."""

    account: str

    def play(self, table: Table) -> None:
        table.market.flag_silent(self.account)
