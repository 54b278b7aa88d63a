"""The liquidator's role: reads guardians' notices, and takes parcels that earn enough."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import structlog

from liquidator.engine._bids import Bids, PricedOffer
from liquidator.engine._events import JobEvent, JobKey, Mined, Ordered, Refused, Statement
from liquidator.engine._jobs import Jobs, is_final
from liquidator.engine._journal import Journal
from liquidator.engine._roles import RoleAgent
from prover.chain import OnchainRound
from prover.liquidation import SealedNotice, ether_slot
from prover.market import BALANCE_DECIMALS
from prover.onchain import Liquidator, TakeoverOffer
from verifier import ChainError, InputError, ProvingError, VerificationError

_LOG: Final = structlog.get_logger("liquidator")

_MOST_NOTICES: Final = 1_000
"""Files that are looked at; a folder that a stranger can fill is looked at no further."""


class _File(NamedTuple):
    """A version of a file."""

    path: Path
    size: int
    modified: int


@dataclass
class Takeovers(RoleAgent):
    """Takes over parcels with one account, one at a time: each changes what the account can carry.

    Attributes:
        liquidator: the account, and what opens notices.
        folder: where notices arrive.
        bids: decides on offers.
        jobs: runs proofs and transactions.
        journal: of what is sent.
        least_profit: of any takeover [1e-18 USD].
        ether_price: of one ETH [1e-9 USD]; None for that of the book.
    """

    liquidator: Liquidator
    folder: Path
    bids: Bids
    jobs: Jobs
    journal: Journal
    least_profit: int
    ether_price: int | None = None
    _dropped: set[_File] = field(default_factory=set, init=False, repr=False)

    def act(self, ordered: Ordered) -> None:
        """Look at the notices that there are, unless a job does so already."""
        round_ = ordered.screened.opened.round
        files = self._files()
        self._dropped &= set(files)
        fresh = [file for file in files if file not in self._dropped]
        if round_ is not None and fresh:
            self.jobs.begin(JobKey(Statement.TAKE_OVER), lambda: self._take_all(fresh, round_))

    def _files(self) -> list[_File]:
        found = []
        try:
            for path in sorted(self.folder.glob("*.json"))[:_MOST_NOTICES]:
                status = path.stat()
                found.append(_File(path, status.st_size, status.st_mtime_ns))
        except OSError as error:  # the guardian takes one back meanwhile
            _LOG.debug("the folder of notices changes", error=error)
        return found

    def _take_all(self, files: list[_File], round_: OnchainRound) -> Iterator[JobEvent]:
        liquidator = replace(self.liquidator, ether_price=self._price_of_ether(round_))
        for file in files:
            offer = self._read(liquidator, file)
            if offer is None:
                continue
            state = liquidator.owner.state().sealed.state
            place = self.bids.choose(PricedOffer(offer, round_, state, self.least_profit))
            if place is None:
                continue
            try:
                receipt = self._take(liquidator, offer, place)
            except (ChainError, ProvingError, VerificationError) as error:  # of this notice; another one may do
                self._dropped.add(file)
                yield Refused(offer.notice.account, Statement.TAKE_OVER, error, is_final(error))
                continue
            self._dropped.add(file)
            yield Mined(offer.notice.account, Statement.TAKE_OVER, receipt)

    def _take(self, liquidator: Liquidator, offer: TakeoverOffer, place: int) -> Mapping[str, Any]:
        notice, chosen = offer.notice, offer.parcels[place]
        gain = chosen.estimate.reward - chosen.estimate.impact
        price = liquidator.ether_price
        profit = gain * 10**BALANCE_DECIMALS // price if price else None
        about = f"{notice.ground} {notice.old_commitment:x}"
        with self.journal.sending(Statement.TAKE_OVER, notice.account, notice.round_id, about, profit):
            return liquidator.take(offer, chosen)

    def _read(self, liquidator: Liquidator, file: _File) -> TakeoverOffer | None:
        """A notice; None where it is of no use. It is left alone then: a newer version of its file is looked at."""
        try:
            sealed = SealedNotice.load(file.path)
        except InputError as error:
            self._dropped.add(file)
            if file.path.exists():
                _LOG.warning("no notice", file=file.path.name, error=error)
            return None
        try:
            return liquidator.read(sealed)
        except InputError as error:  # of another round, or for another liquidator
            self._dropped.add(file)
            _LOG.debug("notice is of no use", file=file.path.name, error=error)
            return None

    def _price_of_ether(self, round_: OnchainRound) -> int:
        slot = ether_slot(self.liquidator.market.book.assets)
        if self.ether_price is not None:
            return self.ether_price
        return 0 if slot is None else round_.prices[slot]
