"""Price reports as files: what a reporter signed, for whoever posts the round. All of it is public."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field

from prover._book import AssetList
from prover._files import AddressText, FileModel, NaturalText, load_model, write_file
from prover._round import PriceRound
from verifier import InputError
from verifier.chain import Report

FORMAT: Final = "zksolvency/report/1"

_IntegerText = Annotated[str, Field(pattern=r"^(0|-?[1-9][0-9]{0,77})$")]
_Uint64 = Annotated[int, Field(ge=0, lt=1 << 64)]


class _ReportFileModel(FileModel):
    format: Literal["zksolvency/report/1"]
    chain_id: Annotated[int, Field(ge=1)]
    rounds: AddressText
    reporter: AddressText
    round: Annotated[_Uint64, Field(ge=1)]
    timestamp: _Uint64
    prices: tuple[NaturalText, ...]
    funding: tuple[_IntegerText, ...]
    signature: Annotated[str, Field(pattern=r"^0x([0-9a-fA-F]{2}){1,4096}$")]


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A report and the contract that it is for.

    Attributes:
        chain_id: of the chain.
        rounds: address of `PriceRounds`.
        report: what was signed, and by whom.
    """

    chain_id: int
    rounds: str
    report: Report

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a report. Nothing is said of whether its signature is right.

        Raises:
            InputError: malformed.
        """
        file = load_model(_ReportFileModel, path, "price report")
        report = Report(
            reporter=file.reporter,
            round_id=file.round,
            timestamp=file.timestamp,
            prices=tuple(map(int, file.prices)),
            funding=tuple(map(int, file.funding)),
            signature=bytes.fromhex(file.signature[2:]),
        )
        return cls(file.chain_id, file.rounds, report)

    def save(self, path: Path, *, overwrite: bool = False) -> None:
        """Write the file.

        Raises:
            InputError: the file exists and `overwrite` is False, or it cannot be written.
        """
        write_file(path, json.dumps(self.to_json(), indent=2) + "\n", overwrite=overwrite)

    def to_json(self) -> dict[str, object]:
        """The file form: numbers as they were signed, an item per slot [1e-9 USD]."""
        return {
            "format": FORMAT,
            "chain_id": self.chain_id,
            "rounds": self.rounds,
            "reporter": self.report.reporter,
            "round": self.report.round_id,
            "timestamp": self.report.timestamp,
            "prices": list(map(str, self.report.prices)),
            "funding": list(map(str, self.report.funding)),
            "signature": f"0x{self.report.signature.hex()}",
        }

    def price_round(self, book: AssetList, where: str) -> PriceRound:
        """The round that this report alone would make.

        Args:
            book: whose assets are priced.
            where: names the report in errors.

        Raises:
            InputError: a number of prices that the book has not, a price out of range, or no price for an asset.
        """
        report = self.report
        try:
            made = PriceRound(book, report.round_id, report.timestamp, report.prices, report.funding)
        except InputError as error:
            raise InputError(f"{where}: {error}") from None
        missing = [asset.symbol for asset, price in zip(book.assets, report.prices, strict=False) if price == 0]
        if missing:
            raise InputError(f"{where}: the price of {', '.join(missing)} is 0")
        return made
