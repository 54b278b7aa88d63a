"""A client of price rounds, and the signatures of reporters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from eth_account import Account
from eth_account.messages import SignableMessage, encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError
from web3.logs import DISCARD

from verifier._errors import ChainError, InputError
from verifier._rounds import RoundVectors
from verifier.chain._chain import Contract

_MAINTENANCE, _INITIAL = 0, 1

_REPORT_TYPE: Final = {
    "Report": [
        {"name": "roundId", "type": "uint64"},
        {"name": "timestamp", "type": "uint64"},
        {"name": "prices", "type": "uint256[]"},
        {"name": "cumulativeFunding", "type": "int256[]"},
    ]
}


@dataclass(frozen=True, slots=True)
class Report:
    """What one reporter saw, signed. Public.

    Attributes:
        reporter: address.
        round_id: the round that it is for.
        timestamp: when the prices were seen, Unix seconds.
        prices: mark price of each slot [1e-9 USD].
        funding: cumulative funding per unit of each slot [1e-9 USD].
        signature: 65 bytes r, s, v.
    """

    reporter: str
    round_id: int
    timestamp: int
    prices: tuple[int, ...]
    funding: tuple[int, ...]
    signature: bytes


def sign_report(
    reporter: LocalAccount,
    chain_id: int,
    rounds: str,
    *,
    round_id: int,
    timestamp: int,
    prices: Sequence[int],
    funding: Sequence[int],
) -> Report:
    """Sign a report as EIP-712 typed data. Needs no node.

    Args:
        reporter: the key.
        chain_id: of the chain.
        rounds: address of `PriceRounds`.
        round_id: the next round.
        timestamp: when the prices were seen, Unix seconds.
        prices: mark price of each slot [1e-9 USD], 0 in an empty slot.
        funding: cumulative funding per unit of each slot [1e-9 USD], 0 in an empty slot.
    """
    unsigned = Report(reporter.address, round_id, timestamp, tuple(prices), tuple(funding), b"")
    signed = reporter.sign_message(_signable(unsigned, chain_id, rounds))
    return replace(unsigned, signature=bytes(signed.signature))


def is_signed_by_its_reporter(report: Report, chain_id: int, rounds: str) -> bool:
    """Whether a report carries the signature of its reporter's key. A contract that reports has none. Needs no node.

    Args:
        report: the report.
        chain_id: of the chain.
        rounds: address of `PriceRounds`.
    """
    try:
        signer = str(Account.recover_message(_signable(report, chain_id, rounds), signature=report.signature))
    except (BadSignature, ValidationError, ValueError):
        return False
    return signer.lower() == report.reporter.lower()


def median_places(reports: Sequence[Report]) -> bytes:
    """Say which report holds each median of a round, as `PriceRounds.postRound` takes it.

    The contract finds no median by itself: it checks the one that it is shown. Of an even number of reports the lower
    of the two in the middle counts. Of equal values any report will do.

    Args:
        reports: of one round, at most 256.

    Returns:
        a byte each, the place of a report from 0: for the time, for each slot's price, for each slot's funding.

    Raises:
        ChainError: the reports have different slots, or there are none or too many.
    """
    if not 0 < len(reports) <= 1 << 8 or len({(len(report.prices), len(report.funding)) for report in reports}) != 1:
        raise ChainError("the reports are not of one round: they have different slots, or there are none or too many")
    rows = ((report.timestamp, *report.prices, *report.funding) for report in reports)
    return bytes(map(_lower_median_place, zip(*rows, strict=True)))


def _lower_median_place(values: Sequence[int]) -> int:
    return sorted(range(len(values)), key=values.__getitem__)[(len(values) - 1) // 2]


def _signable(report: Report, chain_id: int, rounds: str) -> SignableMessage:
    domain = {"name": "zksolvency PriceRounds", "version": "1", "chainId": chain_id, "verifyingContract": rounds}
    message = {
        "roundId": report.round_id,
        "timestamp": report.timestamp,
        "prices": list(report.prices),
        "cumulativeFunding": list(report.funding),
    }
    return encode_typed_data(domain, _REPORT_TYPE, message)


class OnchainRound(NamedTuple):
    """A price round as the chain has it, an item per slot.

    Attributes:
        id: from 1.
        timestamp: when the prices were seen, Unix seconds.
        prices: mark price p [1e-9 USD].
        vectors: effective prices and margins per unit, as statements take them.
    """

    id: int
    timestamp: int
    prices: tuple[int, ...]
    vectors: RoundVectors


@dataclass(frozen=True)
class RoundsClient:
    """A deployed `PriceRounds`, or any other source of rounds as far as reading goes.

    Attributes:
        contract: the price source.
    """

    contract: Contract

    def latest_id(self) -> int:
        """The newest round; 0 when there is none."""
        return int(self.contract.read("latestRoundId"))

    def round(self, round_id: int) -> OnchainRound:
        """A round. Raises ChainError with refusal `UnknownRound` when there is none of that id."""
        timestamp, prices, effective = self.contract.read("round", round_id)
        maintenance, initial = (
            self.contract.read("marginsPerUnit", round_id, kind) for kind in (_MAINTENANCE, _INITIAL)
        )
        try:
            vectors = RoundVectors(tuple(effective), tuple(maintenance), tuple(initial))
        except InputError:
            raise ChainError(f"the node's vectors of round {round_id} are none that the contract accepts") from None
        return OnchainRound(round_id, int(timestamp), tuple(prices), vectors)

    def reporters(self) -> tuple[list[str], int]:
        """The reporters, and how many of them make a round."""
        return list(self.contract.read("reporters")), int(self.contract.read("threshold"))

    def sign(self, reporter: LocalAccount, *, timestamp: int, prices: Sequence[int], funding: Sequence[int]) -> Report:
        """Sign a report for the next round. Arguments as for `sign_report`."""
        return sign_report(
            reporter,
            self.contract.chain.chain_id,
            self.contract.address,
            round_id=self.latest_id() + 1,
            timestamp=timestamp,
            prices=prices,
            funding=funding,
        )

    def post(self, reports: Sequence[Report]) -> int:
        """Post the next round, and return its id. Arguments and errors as for `bring`."""
        self.bring(reports)
        return reports[0].round_id

    def bring(self, reports: Sequence[Report]) -> Mapping[str, Any]:
        """Post the next round, and return the receipt.

        Args:
            reports: of one round, of at least a quorum of reporters.

        Raises:
            ChainError: the reports are refused; or a price moves too far, so that the round was not recorded and the
                circuit breaker was tripped (refusal `DeviationRefused`).
        """
        rounds = {report.round_id for report in reports}
        if len(rounds) != 1:
            raise ChainError("the reports are not of one round")
        (round_id,) = rounds
        arguments = [
            (report.reporter, report.timestamp, list(report.prices), list(report.funding), report.signature)
            for report in reports
        ]
        receipt = self.contract.send("postRound", round_id, arguments, median_places(reports))
        require_recorded(self.contract, receipt)
        return receipt

    def newest_timestamp(self) -> int:
        """Time of the last round posted, recorded or not; the next one must be newer."""
        return int(self.contract.read("newestTimestamp"))

    def max_report_age(self) -> int:
        """How old a report may be when it is posted [s]."""
        return int(self.contract.read("maxReportAge"))

    def allow_deviation(self, round_id: int, slot: int, deviation_ppm: int) -> Mapping[str, Any]:
        """Let the next round move the price of a slot that far [ppm]. Only governance."""
        return self.contract.send("allowDeviation", round_id, slot, deviation_ppm)

    def set_reporters(self, reporters: Sequence[str], threshold: int) -> Mapping[str, Any]:
        """Replace the reporters. Only governance."""
        return self.contract.send("setReporters", list(reporters), threshold)

    def trip_if_stale(self) -> Mapping[str, Any]:
        """Trip the circuit breaker when the latest round is too old."""
        return self.contract.send("tripIfStale")


def require_recorded(rounds: Contract, receipt: Mapping[str, Any]) -> None:
    """Tell when a round moved a price too far and was not recorded.

    Args:
        rounds: the price source.
        receipt: of the transaction that posted it.

    Raises:
        ChainError: with refusal `DeviationRefused`.
    """
    refused = rounds.raw.events.DeviationRefused().process_receipt(receipt, errors=DISCARD)
    if refused:
        round_id = refused[0]["args"]["roundId"]
        slots = ", ".join(str(log["args"]["slot"]) for log in refused)
        raise ChainError(
            f"round {round_id} was not recorded, and the circuit breaker was tripped: slot {slots} moves further "
            "than its limit. If the price is right, governance allows the deviation, and then lowers the breaker",
            refusal="DeviationRefused",
        )
