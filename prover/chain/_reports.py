"""Price reports: signatures, and which reports hold the medians of a round."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, Final

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_keys.exceptions import BadSignature
from eth_utils.crypto import keccak
from eth_utils.exceptions import ValidationError

from prover.chain._signatures import is_strict
from prover.chain._signers import AccountSigner
from verifier import ChainError, InputError


class ReportPurpose(IntEnum):
    """What a report is signed for. One that is signed for a round settles nothing, and the other way round."""

    ROUND = 0
    SETTLEMENT = 1


_REPORT_TYPE: Final[dict[str, Any]] = {
    "Report": [
        {"name": "timestamp", "type": "uint64"},
        {"name": "pricedSlots", "type": "uint64"},
        {"name": "purpose", "type": "uint8"},
        {"name": "prices", "type": "uint256[]"},
        {"name": "cumulativeFunding", "type": "int256[]"},
    ]
}


@dataclass(frozen=True, slots=True)
class Report:
    """Signed prices of one reporter. Public.

    Attributes:
        reporter: address.
        timestamp: time of the prices, Unix seconds.
        priced_slots: bitmap of the slots that the report prices.
        prices: mark price of each slot [1e-9 USD]; ignored in a slot that the report does not price.
        funding: cumulative funding per unit of each slot [1e-9 USD]; ignored in a slot that the report does not price.
        signature: 65 bytes r, s, v.
        purpose: what it is signed for.
    """

    reporter: str
    timestamp: int
    priced_slots: int
    prices: tuple[int, ...]
    funding: tuple[int, ...]
    signature: bytes
    purpose: ReportPurpose = ReportPurpose.ROUND

    def does_price(self, slot: int) -> bool:
        """Whether the report prices a slot."""
        return bool(self.priced_slots >> slot & 1)


def unsigned_report(
    reporter: str,
    *,
    timestamp: int,
    prices: Sequence[int | None],
    funding: Sequence[int],
    purpose: ReportPurpose = ReportPurpose.ROUND,
) -> Report:
    """A report without a signature, which no set may contain.

    Args:
        reporter: address.
        timestamp: time of the prices, Unix seconds.
        prices: as for `sign_report`.
        funding: as for `sign_report`.
        purpose: what the report is for.

    Raises:
        InputError: a slot without a price has funding.
    """
    if any(price is None and paid for price, paid in zip(prices, funding, strict=True)):
        raise InputError("price report: a slot without a price has funding")
    priced = sum(1 << slot for slot, price in enumerate(prices) if price is not None)
    values = tuple(price or 0 for price in prices)
    return Report(reporter, timestamp, priced, values, tuple(funding), b"", purpose)


def sign_report(
    reporter: AccountSigner,
    chain_id: int,
    rounds: str,
    *,
    timestamp: int,
    prices: Sequence[int | None],
    funding: Sequence[int],
    purpose: ReportPurpose = ReportPurpose.ROUND,
) -> Report:
    """Sign a report as EIP-712 typed data. Needs no node.

    Args:
        reporter: the account that signs.
        chain_id: of the chain.
        rounds: address of `PriceRounds`.
        timestamp: time of the prices, Unix seconds.
        prices: mark price of each slot [1e-9 USD]; None for a slot that the report does not price.
        funding: cumulative funding per unit of each slot [1e-9 USD]; 0 where there is no price.
        purpose: what the report is for.

    Raises:
        InputError: a slot without a price has funding.
        SignerError: a remote signer does not sign.
    """
    unsigned = unsigned_report(reporter.address, timestamp=timestamp, prices=prices, funding=funding, purpose=purpose)
    signed = reporter.sign_typed_data(*_typed_data(unsigned, chain_id, rounds))
    return replace(unsigned, signature=bytes(signed.signature))


def is_signed_by_its_reporter(report: Report, chain_id: int, rounds: str) -> bool:
    """Whether the key of its reporter signed a report, in the one form of a signature that the contract accepts.

    A reporter that is a contract has no key. Needs no node.

    Args:
        report: the report.
        chain_id: of the chain.
        rounds: address of `PriceRounds`.
    """
    if not is_strict(report.signature):  # a changed form of a good signature would cost the whole set
        return False
    signable = encode_typed_data(*_typed_data(report, chain_id, rounds))
    try:
        signer = str(Account.recover_message(signable, signature=report.signature))
    except (BadSignature, ValidationError, ValueError):
        return False
    return signer.lower() == report.reporter.lower()


def report_digest(report: Report, chain_id: int, rounds: str) -> bytes:
    """What a reporter signs. Arguments as for `is_signed_by_its_reporter`."""
    signable = encode_typed_data(*_typed_data(report, chain_id, rounds))
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


def median_indices(reports: Sequence[Report]) -> bytes:
    """Which report holds each median of a round, as `PriceRounds.postRound` takes it.

    The contract does not sort: it checks the median that it is given. The median of a slot is taken over the
    reports that price it; of an even number, the lower of the two in the middle. Any report with an equal value
    is accepted.

    Args:
        reports: of one round, at most 256.

    Returns:
        a byte each, the index of a report from 0: for the time, for each slot's price, for each slot's funding. 0 for a
        slot that no report prices.

    Raises:
        ChainError: the reports have different slots, or there are none or too many.
    """
    lengths = {(len(report.prices), len(report.funding)) for report in reports}
    if not 0 < len(reports) <= 1 << 8 or len(lengths) != 1 or len(set(*lengths)) != 1:
        raise ChainError("the reports are not of one round: they have different slots, or there are none or too many")
    return bytes(_median_indices(reports))


def _median_indices(reports: Sequence[Report]) -> Iterator[int]:
    everything = range(len(reports))
    yield _lower_median_index([report.timestamp for report in reports], everything)
    priced = [
        [place for place in everything if reports[place].does_price(slot)] for slot in range(len(reports[0].prices))
    ]
    for columns in ([report.prices for report in reports], [report.funding for report in reports]):
        for slot, places in enumerate(priced):
            yield _lower_median_index([values[slot] for values in columns], places)


def _lower_median_index(values: Sequence[int], places: Sequence[int]) -> int:
    return sorted(places, key=values.__getitem__)[(len(places) - 1) // 2] if places else 0


def report_arguments(reports: Sequence[Report]) -> list[tuple[Any, ...]]:
    """The structs `Report`."""
    return [
        (
            report.reporter,
            report.timestamp,
            report.priced_slots,
            list(report.prices),
            list(report.funding),
            report.signature,
        )
        for report in reports
    ]


def _typed_data(report: Report, chain_id: int, rounds: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Domain, types and message."""
    domain = {"name": "zksolvency PriceRounds", "version": "1", "chainId": chain_id, "verifyingContract": rounds}
    message = {
        "timestamp": report.timestamp,
        "pricedSlots": report.priced_slots,
        "purpose": int(report.purpose),
        "prices": list(report.prices),
        "cumulativeFunding": list(report.funding),
    }
    return domain, _REPORT_TYPE, message
