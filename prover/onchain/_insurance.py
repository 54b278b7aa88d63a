"""The insurance fund and the shortfall of a book: who pays for bad debt, for volunteers and for those who deposit."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

from prover.chain import InsuranceFundClient, Level, ShortfallLedgerClient, TokenClient
from prover.market import QUOTE_DECIMALS
from prover.onchain._book import MarginBook
from prover.onchain._sending import Receipt
from verifier import ChainError, InputError


@dataclass(frozen=True)
class Backing:
    """What backs the money of a book. Amounts of tokens are in the token's own units.

    Attributes:
        shortfall: bad debt that nothing covers [1e-18 USD].
        fraction: what each unit that accounts are owed is worth [1e-18].
        claims: what recipients of cut pay-outs are owed.
        fund: what is in the insurance fund.
        drawable: what may be drawn of it now.
        decimals: of the token.
    """

    shortfall: int
    fraction: int
    claims: int
    fund: int
    drawable: int
    decimals: int


@dataclass(frozen=True)
class Stake:
    """The part of an insurance fund that an address has. Amounts of tokens are in the token's own units.

    Attributes:
        shares: all of them.
        worth: what they are worth now.
        requested: shares that wait to be redeemed.
        due_in: until they can be redeemed [active s]; 0 once they can, or where none wait.
        redeemable: shares that can be redeemed now.
    """

    shares: int
    worth: int
    requested: int
    due_in: int
    redeemable: int


@dataclass(frozen=True)
class Insurance:
    """Fund and ledger of a book, as its sender uses them.

    Attributes:
        book: the book.
        fund: pays bad debt.
        ledger: shares what the fund does not pay.
    """

    book: MarginBook
    fund: InsuranceFundClient
    ledger: ShortfallLedgerClient

    @classmethod
    def of(cls, book: MarginBook) -> Self:
        """Those of a book.

        Raises:
            InputError: it has none.
            ChainError: those of the record are of another book; or not reached.
        """
        fund, ledger = book.contracts.fund, book.contracts.ledger
        if fund is None or ledger is None:
            raise InputError(
                "this book has no insurance fund and no shortfall ledger: `book deploy --engine` makes a book with both"
            )
        is_own = book.contracts.book.vault.ledger() == ledger.contract.address
        if not is_own or ledger.fund() != fund.contract.address:
            raise ChainError("the fund and the ledger of the record are not those of this book: take another record")
        return cls(book, fund, ledger)

    @cached_property
    def token(self) -> TokenClient:
        """Of the settlement currency."""
        return self.book.contracts.token(self.book.n)

    @cached_property
    def decimals(self) -> int:
        """Of the token."""
        return self.token.decimals()

    def backing(self) -> Backing:
        """What backs the money of the book now. Raises ChainError when the node is not reached, as all calls here."""
        ledger, fund = self.ledger, self.fund
        return Backing(
            ledger.shortfall(), ledger.fraction(), ledger.claims(), fund.assets(), fund.drawable(), self.decimals
        )

    def stake(self, owner: str) -> Stake:
        """What an address has in the fund."""
        shares, request = self.fund.shares_of(owner), self.fund.request_of(owner)
        time = self.book.contracts.breaker.active_time(Level.NO_FLAGS)
        is_open = request.shares > 0 and time <= request.due_at + self.fund.claim_window()
        return Stake(
            shares,
            self.fund.worth(shares),
            request.shares if is_open else 0,
            max(0, request.due_at - time) if is_open else 0,
            self.fund.redeemable(owner),
        )

    def put_in(self, amount: int) -> Receipt:
        """Put tokens of the sender into the fund.

        Args:
            amount: in the token's own units.

        Raises:
            ChainError: the sender has not as much; or refused.
        """
        self.token.require_balance(amount)
        self.token.approve(self.fund.contract.address, amount)
        return self.fund.deposit(amount)

    def recapitalise(self, most: int) -> Receipt:
        """Pay claims and shortfall in proportion, of tokens of the sender, and no more than both.

        Args:
            most: in the token's own units.

        Raises:
            InputError: nothing is owed.
            ChainError: the sender has not as much; or refused.
        """
        amount = min(most, self._owed())
        self.token.require_balance(amount)
        self.token.approve(self.ledger.contract.address, amount)
        return self.ledger.recapitalise(amount)

    def draw_fund(self) -> Receipt:
        """Have the fund pay claims and shortfall, as far as its limits allow now.

        Raises:
            InputError: nothing is owed, or nothing may be drawn now.
            ChainError: refused.
        """
        self._owed()
        if not self.fund.drawable():
            raise InputError("the fund is empty, or at its limits of a round and of a day: try again at a later round")
        return self.ledger.draw_fund()

    def _owed(self) -> int:
        grain: int = 10 ** (QUOTE_DECIMALS - self.decimals)
        owed = self.ledger.claims() - self.ledger.shortfall() // -grain
        if not owed:
            raise InputError("the book owes no more than it holds: there is nothing to pay")
        return owed
