"""The newest good report of each reporter. What another program gave is believed after every check, or not at all."""

from collections.abc import Mapping
from typing import Final

from prover.formats import format_duration
from prover.market import RoundRefusedError, require_admissible
from prover.onchain import MarginBook, PriceSource, ReportFile, require_round_report
from verifier import InputError

HASTE: Final = 3
"""A report is posted while it has this part of its life before it: a third."""


class ReportPool:
    """Reports for the next set, one of each reporter."""

    def __init__(self) -> None:
        self._newest: dict[str, ReportFile] = {}

    def add(self, book: MarginBook, source: PriceSource, name: str, file: ReportFile, now: int) -> None:
        """Take a report, unless one of the same reporter, or the last set that was posted, is as new.

        Args:
            book: whose prices are reported.
            source: its price source.
            name: of the report, for errors.
            file: the report.
            now: time of the next block, Unix seconds.

        Raises:
            InputError: no set may contain it, or it is not by a reporter of this book; the pool is as before.
            ChainError: the node is not reached.
        """
        if file.report.timestamp <= source.rules.newest_timestamp:  # of before the last set, as after each posting
            return
        reporter = file.report.reporter.lower()
        held = self._newest.get(reporter)
        if held is not None and held.report.timestamp >= file.report.timestamp:
            return
        try:
            require_admissible(file.report, source.rules, source.quorum, now)
        except RoundRefusedError as error:
            raise InputError(f"{name}: {_refusal(error, source)}") from None
        require_round_report(book, source, name, file)
        self._newest[reporter] = file

    def of(self, reporter: str) -> ReportFile | None:
        """The newest report of a reporter."""
        return self._newest.get(reporter.lower())

    def admissible(self, source: PriceSource, now: int) -> dict[str, ReportFile]:
        """The reports that a set may contain now, by the address of their reporter.

        A report that is about to become too old is left out: it would cost the whole set if its transaction waits.
        """
        latest = now + source.quorum.max_report_age // HASTE
        found = {}
        reporters = {reporter.lower() for reporter in source.quorum.reporters}
        for reporter, file in self._newest.items():
            if reporter in reporters and _is_admissible(file, source, now, latest):
                found[file.report.reporter] = file
        return found


def _is_admissible(file: ReportFile, source: PriceSource, now: int, latest: int) -> bool:
    try:
        require_admissible(file.report, source.rules, source.quorum, now)
    except RoundRefusedError:
        return False
    return latest - file.report.timestamp <= source.quorum.max_report_age


_WORDS: Final[Mapping[str, str]] = {
    "ReportFromFuture": "its time is in the future",
    "WrongLength": "it is of a book of another size",
    "SlotIsEmpty": "it prices a slot without an asset",
    "PriceOutOfRange": "it has a price that no round can hold",
    "EffectivePriceOutOfRange": "it has a price that no round can hold",
}


def _refusal(error: RoundRefusedError, source: PriceSource) -> str:
    """Words that stay the same while it lasts."""
    if error.error == "ReportTooOld":
        return f"its prices are older than {format_duration(source.quorum.max_report_age)}"
    return _WORDS.get(error.error, str(error))
