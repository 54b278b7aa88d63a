"""A guardian makes notices of an account below its margin, and a liquidator takes parcels of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from prover.account import SealedState, ViewingKeys
from prover.chain import OnchainRound
from prover.liquidation import (
    ClosingCosts,
    LiquidatorKey,
    Liquidity,
    Notice,
    PricedParcel,
    SealedNotice,
    TakeoverEstimate,
    gas_cost,
    plan_ladder,
    prove_ladder,
    reasons_not_to_carry,
    verify_parcel,
)
from prover.onchain._liquidation_market import LiquidationMarket
from prover.onchain._owner import Owner
from prover.onchain._retries import ExplainedError
from prover.onchain._sending import Receipt, advised, receipt_of, send_once
from prover.statements import Backend, Update, backend_check
from prover.toolchain import Artifacts
from prover.trade import Claim, Rates, Release, Side, plan_release
from verifier import ChainError, InputError, ProvingError, ReleaseInputs, VectorKind, VerifyingKey

TAKEOVER_GAS: Final = 750_000
"""What a takeover takes in a book of 13 slots, with its calldata, where nothing of its round is stored yet."""

_CHANGED: Final = "the account has changed since the notice was made: another liquidator was faster, or its owner acted"

_ADVICE: Final[Mapping[str, str]] = {
    "CommitmentNotCurrent": _CHANGED,
    "FlagExpired": "the flag has expired: the account has to be flagged again",
    "InCureWindow": "the cure window of the account is not over: take it a little later",
    "NotFlagged": "the account is not flagged any more",
    "NotPermitted": "your account may not take over another one now: it is flagged, or the book is stopped",
    "ProofDoesNotVerify": "the engine refuses the proofs: were its keys made on another machine?",
    "RateNotReached": "the auction has not reached the rate of this parcel: take it a little later, or a lower one",
    "RoundSuperseded": "newer prices have come than those of the notice: wait for the guardian's next one",
    "RoundTooOld": "the prices of the notice are too old: wait for the guardian's next one",
    "Stopped": "the circuit breaker stops takeovers now, and the clocks of flags: take it once it is open again",
}


@dataclass(frozen=True)
class NoticeMaker:
    """Makes notices of accounts that the caller can read: a guardian, or the owner.

    Attributes:
        market: the engine and its book.
        artifacts: `release` of the book's size, with its keys.
        backend: makes the proofs.
        costs: of selling, which decide what is sold first.
    """

    market: LiquidationMarket
    artifacts: Artifacts
    backend: Backend
    costs: ClosingCosts

    def ladder(
        self, account: ViewingKeys, ground: VectorKind, *, seconds: int, step: int, taker: int = 0
    ) -> Notice | None:
        """A notice for the newest round: each part is the smallest that cures at the rates of its time.

        Args:
            account: its viewing keys.
            ground: of its flag.
            seconds: for which time from now on; until the next round comes.
            step: between two times at which a taker may come [s].
            taker: identity of the one account that may take it; 0 for any.

        Returns:
            None where nothing can be sold: the account meets its margin, or has equity within its cure window.

        Raises:
            InputError: the account is not flagged on this ground, or the engine has another key.
            ChainError: the account is not open, has expired positions, or the node is not reached.
        """
        book, round_ = self.market.book, self.market.book.latest_round()
        known = book.contracts.book.account(account.identity)
        elapsed = self.market.elapsed(known, ground)
        if elapsed is None:
            raise InputError(f"the account is not flagged for its {ground} margin: flag it first")
        before, inputs = self._read(account, ground, round_)
        impact = self.costs.per_unit(before.state.balances, round_.prices)
        times = range(elapsed, elapsed + seconds + 1, step)
        releases = plan_ladder(before, inputs, self.market.auctions[ground], impact, times)
        return self._proven(account, before, releases, round_, ground, taker) if releases else None

    def for_nothing(self, account: ViewingKeys, ground: VectorKind, *, taker: int) -> Notice:
        """A notice of the smallest part that cures, for its effective prices: an owner shrinks its account.

        The engine takes it from the flag on, before any auction.

        Args:
            account: its viewing keys.
            ground: of its flag.
            taker: identity of the one account that may take it.

        Raises:
            ProvingError: the account meets its margin, or has nothing to sell.
            InputError: the engine has another key.
            ChainError: the account is not open, has expired positions, or the node is not reached.
        """
        round_ = self.market.book.latest_round()
        before, inputs = self._read(account, ground, round_)
        impact = self.costs.per_unit(before.state.balances, round_.prices)
        release = plan_release(before.state, inputs, Rates(0, 0), impact)
        if release is None:
            raise ProvingError(f"the account meets its {ground} margin, or has nothing that can be sold")
        return self._proven(account, before, [release], round_, ground, taker)

    def _read(
        self, account: ViewingKeys, ground: VectorKind, round_: OnchainRound
    ) -> tuple[SealedState, ReleaseInputs]:
        self.market.require_key("release", self.artifacts.key)
        self.market.book.require_epoch(account.identity, round_.epoch)
        return self.market.book.open_state(account).sealed, self.market.inputs(round_, ground)

    def _proven(
        self,
        account: ViewingKeys,
        before: SealedState,
        releases: Sequence[Release],
        round_: OnchainRound,
        ground: VectorKind,
        taker: int,
    ) -> Notice:
        parcels = prove_ladder(self.backend, self.artifacts, account, before, releases, taker=taker)
        expires = round_.timestamp + self.market.book.contracts.book.max_proof_age()
        return Notice(round_.id, expires, ground, account.identity, tuple(parcels))


@dataclass(frozen=True)
class TakeoverOffer:
    """A notice as one liquidator sees it. Secret.

    Attributes:
        guardian: address of the account that signed it.
        notice: what it says.
        elapsed: how old the flag is [active s].
        parcels: of the notice, with what each is expected to earn.
    """

    guardian: str
    notice: Notice = field(repr=False)
    elapsed: int
    parcels: tuple[PricedParcel, ...] = field(repr=False)


@dataclass(frozen=True)
class Liquidator:
    """Takes parcels of notices with one account.

    Attributes:
        market: the engine and its book.
        owner: the account that takes.
        key: opens notices.
        release_key: verifying key of `release`.
        liquidity: what it costs to close positions.
        ether_price: of one ETH [1e-9 USD].
    """

    market: LiquidationMarket
    owner: Owner
    key: LiquidatorKey
    release_key: VerifyingKey
    liquidity: Liquidity
    ether_price: int

    def read(self, sealed: SealedNotice) -> TakeoverOffer:
        """Open a notice, and say what its parcels are worth to the account. Its proofs are not verified here.

        Args:
            sealed: a guardian's.

        Raises:
            InputError: it is for another book or round, has expired, is not for this key, or was changed; or the
                account has changed since, or is not flagged.
            ChainError: the own account is not open, the node invents a price, or it is not reached.
        """
        book = self.market.book
        chain, round_ = book.contracts.chain, book.latest_round()
        sealed.require_current(book.domain, round_.id, chain.timestamp())
        notice = sealed.open(self.key)
        known = book.contracts.book.account(notice.account)
        elapsed = self.market.elapsed(known, notice.ground)
        if known.commitment != notice.old_commitment:
            raise InputError(self._own_takeover(notice, known.commitment) or _CHANGED)
        if elapsed is None:
            raise InputError("the account is not flagged any more")
        auction, risk, state = (
            self.market.auctions[notice.ground],
            self.market.taker_risk(round_),
            self.owner.state().sealed.state,
        )
        for slot in {slot for parcel in notice.parcels for slot in parcel.ticket.legs}:
            book.funding(slot, round_)  # sees that the node invents no price: the impact is reckoned with it
        gas = gas_cost(TAKEOVER_GAS, chain.gas_price(), self.ether_price)
        effective, prices = round_.vectors.effective_prices, round_.prices
        parcels = tuple(
            PricedParcel(
                parcel,
                TakeoverEstimate.of(parcel, effective, prices, self.liquidity, gas),
                auction.times_of(parcel.rates),
                tuple(reasons_not_to_carry(notice, parcel, self.owner.identity, state, risk)),
            )
            for parcel in notice.parcels
        )
        return TakeoverOffer(sealed.guardian, notice, elapsed, parcels)

    def take(self, offer: TakeoverOffer, chosen: PricedParcel) -> Receipt:
        """Verify a parcel, prove the own side, and take it.

        Args:
            offer: the notice.
            chosen: one of its parcels.

        Raises:
            VerificationError: the parcel's proof does not verify at the round.
            ProvingError: the own account cannot carry it.
            InputError: the engine or the book has another key.
            ChainError: refused, for instance because another liquidator was faster; or not reached.
        """
        book, notice, parcel = self.market.book, offer.notice, chosen.parcel
        round_ = book.round(notice.round_id)
        self.market.require_key("release", self.release_key)
        verify_parcel(
            parcel,
            self.market.inputs(round_, notice.ground),
            self.market.auctions[notice.ground],
            self.release_key,
            check=backend_check(self.owner.prover.backend),
        )
        book.require_epoch(self.owner.identity, round_.epoch)
        update = Update.make(
            self.owner.viewing,
            self.owner.state().sealed,
            ticket=parcel.ticket,
            side=Side.BUY,
            claim=Claim.MEETS_INITIAL_MARGIN,
        )
        buyer = self.owner.prover.update(self.owner.keys, update, self.market.taker_risk(round_))
        since = book.contracts.chain.block_number()
        with advised(_ADVICE):
            try:
                return send_once(
                    lambda: self.market.engine.take_over(
                        round_.id, notice.ground, notice.account, parcel.claim, parcel.proof, buyer
                    ),
                    lambda: receipt_of(book, self.owner.identity, [buyer.new_commitment], since),
                )
            except ChainError as error:
                words = None
                if error.refusal == "CommitmentNotCurrent":
                    words = self._own_takeover(notice, book.contracts.book.account(notice.account).commitment)
                if words is None:
                    raise
                raise ExplainedError(words, error.refusal) from None

    def _own_takeover(self, notice: Notice, commitment: int) -> str | None:
        """That the own account has taken a part of a notice, in words: perhaps before a program was killed.

        Args:
            notice: the notice.
            commitment: present one of the notice's account.
        """
        if all(parcel.claim.new_commitment != commitment for parcel in notice.parcels):
            return None
        last = self.market.engine.last_takeover(notice.account, self.market.book.contracts.book.first_block)
        if last is None or last.taker != self.owner.identity:
            return None
        return f"your account has taken a part of it over already, in transaction 0x{last.transaction.hex()}"
