"""A guardian's sale of one account: the flag, and a notice at each round until it is cured."""

from dataclasses import dataclass, field
from enum import StrEnum

from prover.account import ViewingKeys, assess_at
from prover.chain import BookAccount
from prover.liquidation import Auction, Notice
from prover.onchain._liquidation_keeper import LiquidationKeeper
from prover.onchain._sending import Receipt
from prover.onchain._takeover import NoticeMaker
from verifier import ChainError, InputError, ProvingError, VectorKind


@dataclass(frozen=True)
class SaleFlagged:
    """The account was flagged, or flagged again after its flag had expired.

    Attributes:
        receipt: of the transaction.
    """

    receipt: Receipt


@dataclass(frozen=True)
class NoticeMade:
    """There is a new notice for liquidators.

    Attributes:
        notice: to be sealed for them.
    """

    notice: Notice = field(repr=False)


class SaleEnd(StrEnum):
    """Why nothing more is sold.

    HEALTHY: the account meets its margin, and is not flagged on this ground.
    RECOVERED: it is flagged, and meets its margin at newer prices.
    UNSELLABLE: it is flagged and below its margin, and has nothing that can be sold: only a debt, or stale assets.
    """

    HEALTHY = "healthy"
    RECOVERED = "recovered"
    UNSELLABLE = "unsellable"


@dataclass
class Sale:
    """Sells one account that the caller can read, look by look.

    Attributes:
        keeper: flags it.
        maker: makes notices.
        account: its viewing keys.
        ground: maintenance or overdraft.
        recipient: of the account's bond: an address as an integer below 2^160, 0 for none.
        taker: identity of the one account that may take it; 0 for any.
        seconds: how far a notice looks ahead.
        step: between two times at which a taker may come [s].
        confirmations: for how many blocks an end has to last before it is told: a reorganisation may take the takeover
            back that ended it.
    """

    keeper: LiquidationKeeper
    maker: NoticeMaker
    account: ViewingKeys
    ground: VectorKind
    recipient: int = 0
    taker: int = 0
    seconds: int = 60
    step: int = 12
    confirmations: int = 1
    _told: tuple[int, int] | None = field(default=None, init=False, repr=False)
    _until: int = field(default=0, init=False, repr=False)
    _ended_at: int | None = field(default=None, init=False, repr=False)
    """The block at which an end was seen that lasts since then."""

    def look(self) -> SaleFlagged | NoticeMade | SaleEnd | None:
        """Do what is due now.

        Returns:
            None where the last notice is still good, where the account has equity within its cure window, or where an
            end has not lasted long enough.

        Raises:
            InputError: the engine has another key.
            ChainError: the account is not open, or the node is not reached.
        """
        event = self._due()
        if not isinstance(event, SaleEnd):
            self._ended_at = None
            return event
        self._told = None  # where a reorganisation takes the end back, its notice is made again
        head = self.maker.market.book.contracts.chain.block_number()
        if self._ended_at is None:
            self._ended_at = head
        return event if head - self._ended_at + 1 >= self.confirmations else None

    def _due(self) -> SaleFlagged | NoticeMade | SaleEnd | None:
        elapsed = self._elapsed()
        if elapsed is None or elapsed > self._auction.lifetime:
            try:
                return SaleFlagged(self.keeper.flag(self.account, self.ground, self.recipient))
            except ProvingError:
                return SaleEnd.HEALTHY if elapsed is None else SaleEnd.RECOVERED
            except ChainError as error:
                if error.refusal != "AlreadyFlagged":
                    raise
                elapsed = self._elapsed()  # another keeper was faster, or this one before it was killed
                if elapsed is None:
                    raise
        return self._offered(elapsed)

    @property
    def _auction(self) -> Auction:
        return self.maker.market.auctions[self.ground]

    def _known(self) -> BookAccount:
        return self.maker.market.book.contracts.book.account(self.account.identity)

    def _elapsed(self) -> int | None:
        return self.maker.market.elapsed(self._known(), self.ground)

    def _offered(self, elapsed: int) -> NoticeMade | SaleEnd | None:
        market, known = self.maker.market, self._known()
        round_ = market.book.latest_round()
        if self._told == (round_.id, known.commitment) and elapsed <= self._until:
            return None
        try:
            notice = self.maker.ladder(
                self.account, self.ground, seconds=self.seconds, step=self.step, taker=self.taker
            )
        except InputError:
            if self._elapsed() is None:
                return None  # it was cured since: the next look says so
            raise
        if notice is not None:
            self._told, self._until = (notice.round_id, notice.old_commitment), elapsed + self.seconds
            return NoticeMade(notice)
        if assess_at(market.book.open_state(self.account).sealed.state, round_.vectors, self.ground).is_healthy:
            return SaleEnd.RECOVERED
        return None if elapsed < self._auction.cure_window else SaleEnd.UNSELLABLE
