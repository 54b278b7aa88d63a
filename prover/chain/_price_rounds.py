"""Client of `PriceRounds`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from web3.logs import DISCARD

from prover.chain._chain import Contract
from prover.chain._reports import (
    Report,
    ReportPurpose,
    is_signed_by_its_reporter,
    median_indices,
    report_arguments,
    report_digest,
    sign_report,
)
from prover.chain._signers import AccountSigner
from prover.market import SPOT_SCALE, PostingStatus
from verifier import ChainError, InputError, MarginsPerUnit, RoundVectors, VectorKind, from_field


class OnchainRound(NamedTuple):
    """A price round on the chain, with an item per slot.

    Attributes:
        id: from 1.
        timestamp: time of the prices, Unix seconds.
        prices: mark price p [1e-9 USD].
        vectors: effective prices and margins per unit, as statements take them.
        reduce_only: bitmap of the slots in which no account may grow: stale, to be delisted, expired or settled.
        stale: bitmap of the slots that keep an older price, or have none.
        epoch: how many expiries had settled; an account acts at rounds of its own epoch.
        spot_scale: what spot prices are multiplied with in `vectors` [1e-18].
    """

    id: int
    timestamp: int
    prices: tuple[int, ...]
    vectors: RoundVectors
    reduce_only: int
    stale: int
    epoch: int
    spot_scale: int = SPOT_SCALE


class CandidateRound(NamedTuple):
    """Prices beyond a limit, held until a second set of reports confirms or discards them.

    Attributes:
        timestamp: time of the prices, Unix seconds.
        held_at: time of the block that held them, Unix seconds.
        prices: mark price of each slot [1e-9 USD]; that of the latest round in a stale slot.
        effective_prices: e of each slot [1e-9 USD].
        stale: bitmap of the slots without a fresh price.
    """

    timestamp: int
    held_at: int
    prices: tuple[int, ...]
    effective_prices: tuple[int, ...]
    stale: int


@dataclass(frozen=True, slots=True)
class Posting:
    """Result of a transaction that posted prices.

    Attributes:
        status: whether the set is recorded, or held as a candidate.
        round_id: of the round; 0 when the set is held.
        timestamp: of the set, Unix seconds.
        stale: bitmap of the slots without a fresh price in the round; 0 when the set is held.
        far: bitmap of the slots beyond their limits; 0 when the set is recorded.
        discarded: whether a candidate was discarded.
        receipt: of the transaction.
    """

    status: PostingStatus
    round_id: int
    timestamp: int
    stale: int
    far: int
    discarded: bool
    receipt: Mapping[str, Any]

    def recorded(self) -> int:
        """Id of the round, for a caller that needs a recorded one.

        Raises:
            ChainError: the set is held as a candidate (refusal `CandidateHeld`).
        """
        if self.status is PostingStatus.HELD:
            slots = ", ".join(str(slot) for slot in range(self.far.bit_length()) if self.far >> slot & 1)
            raise ChainError(
                f"the prices are held as a candidate, and the circuit breaker is tripped: slot {slots} moves further "
                "than its limit. A second set of reports at least a minute later confirms or discards them",
                refusal="CandidateHeld",
            )
        return self.round_id


def read_posting(rounds: Contract, receipt: Mapping[str, Any]) -> Posting:
    """Read the result of a transaction that posted prices from its events.

    Args:
        rounds: the price source.
        receipt: of the transaction.

    Raises:
        ChainError: the receipt has neither a round nor a candidate: the node leaves its events out.
    """

    def logged(event: str) -> Mapping[str, Any] | None:
        found = rounds.raw.events[event]().process_receipt(receipt, errors=DISCARD)
        return found[0]["args"] if found else None

    recorded, held = logged("RoundPosted"), logged("CandidateHeld")
    if recorded is not None:
        status = PostingStatus.RECORDED if logged("CandidateConfirmed") is None else PostingStatus.CONFIRMED
        discarded, round_id = logged("CandidateDiscarded") is not None, int(recorded["roundId"])
        stale = int(rounds.read("staleSlots", round_id))
        return Posting(status, round_id, recorded["timestamp"], stale, 0, discarded, receipt)
    if held is None:
        raise ChainError("prices were posted, but the node tells neither of a round nor of a candidate")
    return Posting(PostingStatus.HELD, 0, held["timestamp"], 0, held["farSlots"], discarded=False, receipt=receipt)


@dataclass(frozen=True)
class RoundsClient:
    """A deployed `PriceRounds`; for reading, any other source of rounds.

    Attributes:
        contract: the price source.
    """

    contract: Contract

    def latest_id(self) -> int:
        """The newest round; 0 when there is none."""
        return int(self.contract.read("latestRoundId"))

    def round(self, round_id: int, spot_scale: int = SPOT_SCALE) -> OnchainRound:
        """A round.

        Args:
            round_id: from 1.
            spot_scale: what a margin book multiplies spot prices with [1e-18].

        Raises:
            ChainError: there is none of that id (refusal `UnknownRound`), or the node tells no such round.
        """
        # VectorKind has the order of the enum in the contract.
        kinds = [number for number, _ in enumerate(VectorKind)]
        (timestamp, prices, _), signals, *views = self.contract.read_all(
            ("round", round_id),
            ("roundInputs", round_id, kinds, spot_scale),
            *((view, round_id) for view in ("reduceOnly", "staleSlots", "epochOf")),
        )
        n = len(prices)
        effective, *sides = (tuple(signals[start : start + n]) for start in range(0, len(signals), n))
        try:
            maintenance, initial, overdraft = (
                MarginsPerUnit(long, extra) for long, extra in zip(sides[::2], sides[1::2], strict=True)
            )
            vectors = RoundVectors(tuple(map(from_field, effective)), maintenance, initial, overdraft)
        except (InputError, ValueError):
            raise ChainError(f"the node's vectors of round {round_id} are not in the ranges of the contract") from None
        reduce_only, stale, epoch = map(int, views)
        return OnchainRound(round_id, int(timestamp), tuple(prices), vectors, reduce_only, stale, epoch, spot_scale)

    def newest_epoch(self) -> int:
        """The epoch of the newest round; 0 before the first."""
        latest = self.latest_id()
        return self.epoch_of(latest) if latest else 0

    def epoch_of(self, round_id: int) -> int:
        """How many expiries had settled when a round was recorded."""
        return int(self.contract.read("epochOf", round_id))

    def recorded_at(self, round_id: int) -> int:
        """Time of the block that recorded a round: from then on the one before it is superseded, Unix seconds."""
        return int(self.contract.read("recordedAt", round_id))

    def is_calm(self, round_id: int) -> bool:
        """Whether the prices of a round are near those of the one before it: `prover.market.is_calm`."""
        return bool(self.contract.read("isCalm", round_id))

    def long_only(self, round_id: int) -> int:
        """Bitmap of the slots in which no account may be short: spot, vacant, settled or never priced."""
        return int(self.contract.read("longOnly", round_id))

    def lambdas_ppm(self) -> tuple[int, int]:
        """Debt limit as a share of spot [ppm]: when an account increases its risk or pays out, and otherwise."""
        initial, maintenance = self.contract.read("lambdasPpm")
        return int(initial), int(maintenance)

    def reporters(self) -> tuple[list[str], int]:
        """The reporters, and how many of them make a round."""
        return list(self.contract.read("reporters")), int(self.contract.read("threshold"))

    def candidate(self) -> CandidateRound | None:
        """The candidate; None when there is none."""
        timestamp, held_at, stale, (_, prices, effective) = self.contract.read("candidate")
        if not held_at:
            return None
        return CandidateRound(int(timestamp), int(held_at), tuple(prices), tuple(effective), int(stale))

    def reference_id(self) -> int:
        """Id of the reference round, from which limits are measured; 0 when there is none."""
        return int(self.contract.read("referenceRoundId"))

    def sign(
        self,
        reporter: AccountSigner,
        *,
        timestamp: int,
        prices: Sequence[int | None],
        funding: Sequence[int],
        purpose: ReportPurpose = ReportPurpose.ROUND,
    ) -> Report:
        """Sign a report. Arguments and errors as for `sign_report`."""
        return sign_report(
            reporter,
            self.contract.chain.chain_id,
            self.contract.address,
            timestamp=timestamp,
            prices=prices,
            funding=funding,
            purpose=purpose,
        )

    def accepts_signature(self, report: Report) -> bool:
        """Whether the contract takes the signature of a report: a reporter with code is asked by ERC-1271."""
        chain = self.contract.chain
        if not chain.has_code(report.reporter):
            return is_signed_by_its_reporter(report, chain.chain_id, self.contract.address)
        digest = report_digest(report, chain.chain_id, self.contract.address)
        return chain.accepts_signature(report.reporter, digest, report.signature)

    def post(self, reports: Sequence[Report]) -> Posting:
        """Post a set of reports, from any account.

        Args:
            reports: of a quorum of reporters.

        Raises:
            ChainError: the reports are refused.
        """
        receipt = self.contract.send("postRound", report_arguments(reports), median_indices(reports))
        return read_posting(self.contract, receipt)

    def settlement_of(self, expiry: int, slots: int, reports: Sequence[Report]) -> tuple[list[int], list[int]]:
        """Prices and funding that reports say of an expiry: the medians, with 0 in other slots [1e-9 USD].

        Args:
            expiry: of each report, Unix seconds.
            slots: bitmap of the slots to settle; a quorum prices each.
            reports: signed for a settlement, of a quorum of reporters.

        Raises:
            ChainError: the reports are refused.
        """
        arguments = (expiry, slots, report_arguments(reports), median_indices(reports))
        prices, funding = self.contract.read("settlementOf", *arguments)
        return list(prices), list(funding)

    def newest_timestamp(self) -> int:
        """Time of the last set of prices, recorded or held; the next one must be newer."""
        return int(self.contract.read("newestTimestamp"))

    def max_report_age(self) -> int:
        """How old a report may be when it is posted [s]."""
        return int(self.contract.read("maxReportAge"))

    def min_interval(self) -> int:
        """Minimum time between two sets of prices [s]."""
        return int(self.contract.read("minInterval"))

    def stale_after(self) -> int:
        """How old the latest round may be [s]."""
        return int(self.contract.read("staleAfter"))

    def set_reporters(self, reporters: Sequence[str], threshold: int) -> Mapping[str, Any]:
        """Replace the reporters. Only governance."""
        return self.contract.send("setReporters", list(reporters), threshold)

    def is_winding_down(self) -> bool:
        """Whether the book winds down, and a round of it was recorded: no prices count any more."""
        return bool(self.contract.read("isWindingDown"))

    def record_wind_down(self) -> Mapping[str, Any]:
        """Record a round of a book that winds down, once the latest one is too old. From any account."""
        return self.contract.send("recordWindDown")

    def expiries(self) -> str | None:
        """Address of the contract where assets settle; None where none expires."""
        address = str(self.contract.read("expiries"))
        return address if int(address, 16) else None

    def trip_if_stale(self) -> Mapping[str, Any]:
        """Trip the circuit breaker when the latest round is too old."""
        return self.contract.send("tripIfStale")
