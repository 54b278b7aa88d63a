"""Files of signed price reports, for the account that posts the round. All of it is public."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from eth_utils.address import to_checksum_address
from pydantic import Field, ValidationInfo, field_validator

from prover.chain import AccountSigner, Report, ReportPurpose, sign_report
from prover.market import BOOK_SIZES, ReportedPrices, bitmap
from prover.storage import AddressText, FileModel, NaturalText, load_model, validate_model, write_file
from verifier import InputError, parse_json

FORMAT: Final = "zksolvency/report/2"

_IntegerText = Annotated[str, Field(pattern=r"^(0|-?[1-9][0-9]{0,77})$")]
_Uint64 = Annotated[int, Field(ge=0, lt=1 << 64)]
_Slot = Annotated[int, Field(ge=0, lt=max(BOOK_SIZES))]


class _ReportFileModel(FileModel):
    format: Literal["zksolvency/report/2"]
    chain_id: Annotated[int, Field(ge=1)]
    rounds: AddressText
    reporter: AddressText
    timestamp: _Uint64
    priced_slots: tuple[_Slot, ...]
    prices: tuple[NaturalText, ...]
    funding: tuple[_IntegerText, ...]
    signature: Annotated[str, Field(pattern=r"^0x([0-9a-fA-F]{2}){1,4096}$")]
    purpose: Literal["round", "settlement"] = "round"

    @field_validator("prices", "funding")
    @classmethod
    def _fit_a_word(cls, values: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        bits = 256 if info.field_name == "prices" else 255
        if any(abs(int(value)) >= 1 << bits for value in values):
            raise ValueError("a number does not fit a word of the contract")
        return values

    @field_validator("priced_slots")
    @classmethod
    def _ascend(cls, slots: tuple[int, ...]) -> tuple[int, ...]:
        if any(slot >= following for slot, following in pairwise(slots)):
            raise ValueError("the slots are not in ascending order")
        return slots


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A report and the contract that it is for.

    Attributes:
        chain_id: of the chain.
        rounds: address of `PriceRounds`.
        report: the signed report.
    """

    chain_id: int
    rounds: str
    report: Report

    @classmethod
    def sign(
        cls,
        reporter: AccountSigner,
        chain_id: int,
        rounds: str,
        prices: ReportedPrices,
        timestamp: int | None = None,
        purpose: ReportPurpose = ReportPurpose.ROUND,
    ) -> Self:
        """Sign prices. Needs no node.

        Args:
            reporter: the account that signs.
            chain_id: of the chain.
            rounds: address of `PriceRounds`.
            prices: of a round file.
            timestamp: time of the prices, Unix seconds; None for that of the file. Of a settlement it is the expiry.
            purpose: what the report is for.

        Raises:
            SignerError: a remote signer does not sign.
        """
        values, funding = prices.report_values()
        time = prices.timestamp if timestamp is None else timestamp
        return cls(
            chain_id,
            rounds,
            sign_report(reporter, chain_id, rounds, timestamp=time, prices=values, funding=funding, purpose=purpose),
        )

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a report. Its signature is not checked.

        Raises:
            InputError: malformed.
        """
        return cls._of(load_model(_ReportFileModel, path, "price report"))

    @classmethod
    def parse(cls, data: bytes, where: str) -> Self:
        """Read a report from the content of a file. Its signature is not checked.

        Args:
            data: the content.
            where: what to call it in an error.

        Raises:
            InputError: malformed.
        """
        return cls._of(validate_model(_ReportFileModel, parse_json(data, where), where))

    @classmethod
    def _of(cls, file: _ReportFileModel) -> Self:
        report = Report(
            reporter=to_checksum_address(file.reporter),
            timestamp=file.timestamp,
            priced_slots=bitmap(file.priced_slots),
            prices=tuple(map(int, file.prices)),
            funding=tuple(map(int, file.funding)),
            signature=bytes.fromhex(file.signature[2:]),
            purpose=ReportPurpose[file.purpose.upper()],
        )
        return cls(file.chain_id, file.rounds, report)

    def save(self, path: Path, *, overwrite: bool = False) -> None:
        """Write the file.

        Raises:
            InputError: the file exists and `overwrite` is False, or it cannot be written.
        """
        write_file(path, json.dumps(self.to_json(), indent=2) + "\n", overwrite=overwrite)

    def to_json(self) -> dict[str, object]:
        """The file form: numbers as signed, an item per slot [1e-9 USD]."""
        report = self.report
        purpose = {} if report.purpose is ReportPurpose.ROUND else {"purpose": report.purpose.name.lower()}
        return {
            "format": FORMAT,
            "chain_id": self.chain_id,
            "rounds": self.rounds,
            "reporter": report.reporter,
            "timestamp": report.timestamp,
            "priced_slots": [slot for slot in range(report.priced_slots.bit_length()) if report.does_price(slot)],
            "prices": list(map(str, report.prices)),
            "funding": list(map(str, report.funding)),
            "signature": f"0x{report.signature.hex()}",
            **purpose,
        }


Reports = Mapping[str, ReportFile]
"""Reports of one set, by the names that errors call them, such as paths."""


def load_reports(paths: Sequence[Path]) -> dict[str, ReportFile]:
    """Read reports that are posted together, by path.

    Raises:
        InputError: malformed, the same file twice, for different contracts, or two by one reporter.
    """
    loaded = {str(path): ReportFile.load(path) for path in paths}
    if len(loaded) < len(paths):
        raise InputError("the same report is named twice")
    require_one_set(loaded)
    return loaded


def require_one_set(reports: Reports) -> None:
    """Refuse reports for different contracts, and two reports by one reporter.

    Raises:
        InputError: names the report; or there is none.
    """
    if not reports:
        raise InputError("no reports are given")
    (first, reference), *others = reports.items()
    for name, other in others:
        if (other.chain_id, other.rounds.lower()) != (reference.chain_id, reference.rounds.lower()):
            raise InputError(f"{name}: it is for another chain or contract than {first}")
    reporters: dict[str, str] = {}
    for name, file in reports.items():
        before = reporters.setdefault(file.report.reporter.lower(), name)
        if before != name:
            raise InputError(f"{name}: it is by the same reporter as {before}; each counts once")
