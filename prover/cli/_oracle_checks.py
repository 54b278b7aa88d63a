"""Refusing, before gas is paid for it, what `PriceRounds` would refuse: in words, by the reference of its rules."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from prover.chain import is_signed_by_its_reporter
from prover.formats import format_clock, format_duration
from prover.market import Outcome, RoundRefusedError, asset_symbol, format_price, lower_median
from prover.onchain import MarginBook, PriceSource
from prover.onchain._report_file import ReportFile
from verifier import InputError

CLOCK_SECONDS: Final = 60
"""How far the clock of a reporter may be ahead of the newest block, which is always a little old."""

Reports = Mapping[Path, ReportFile]


def load_reports(paths: Sequence[Path]) -> Reports:
    """Read reports, for one chain's contract, each by another reporter.

    Raises:
        InputError: malformed, or not together a set.
    """
    loaded = {path: ReportFile.load(path) for path in paths}
    (first, reference), *others = loaded.items()
    for path, other in others:
        if (other.chain_id, other.rounds.lower()) != (reference.chain_id, reference.rounds.lower()):
            raise InputError(f"{path}: it is for another chain or contract than {first}")
    reporters: dict[str, Path] = {}
    for path, file in loaded.items():
        before = reporters.setdefault(file.report.reporter.lower(), path)
        if before != path:
            raise InputError(f"{path}: it is by the same reporter as {before}; each counts once")
    if len(loaded) < len(paths):
        raise InputError("the same report is named twice")
    return loaded


def now_of(book: MarginBook) -> int:
    """Time of the next block, as far as can be told: a local chain mines nothing while it is idle."""
    return max(book.contracts.chain.timestamp(), int(time.time()))


def require_postable(book: MarginBook, source: PriceSource, reports: Reports) -> Outcome:
    """Refuse what the contract would refuse.

    Args:
        book: whose prices they are.
        source: its price source.
        reports: to be posted.

    Returns:
        What the reference makes of them.

    Raises:
        InputError: which report, and why; or why the set makes no round.
        ChainError: the node is not reached.
    """
    now = now_of(book)
    for path, file in reports.items():
        _require_own(book, source, path, file)
        _require_timely(source, path, file, now)
    seen = [file.report for file in reports.values()]
    try:
        return source.outcome(seen, max(now, *(report.timestamp for report in seen)))
    except RoundRefusedError as error:
        raise InputError(_refusal(book, source, reports, error)) from None


def _require_own(book: MarginBook, source: PriceSource, path: Path, file: ReportFile) -> None:
    """Refuse a report for another contract, of another account, or altered."""
    chain, report = book.contracts.chain, file.report
    if (file.chain_id, file.rounds.lower()) != (chain.chain_id, book.contracts.rounds.contract.address.lower()):
        raise InputError(f"{path}: it is for contract {file.rounds} on chain {file.chain_id}, not for this book")
    if not len(report.prices) == len(report.funding) == book.n:
        raise InputError(f"{path}: {book.n} prices and funding values are needed")
    if report.reporter.lower() not in map(str.lower, source.quorum.reporters):
        raise InputError(f"{path}: {report.reporter} is no reporter of this book")
    is_contract = chain.has_code(report.reporter)  # it is asked by ERC-1271 for what it calls a signature
    if not is_contract and not is_signed_by_its_reporter(report, file.chain_id, file.rounds):
        raise InputError(f"{path}: the signature is not the reporter's over this report; was it altered?")


def _require_timely(source: PriceSource, path: Path, file: ReportFile, now: int) -> None:
    seen, oldest = file.report.timestamp, source.quorum.max_report_age
    if seen <= source.rules.newest_timestamp:
        raise InputError(f"{path}: its prices are not newer than those of the last set posted; sign newer ones")
    if now - seen > oldest:
        raise InputError(
            f"{path}: its prices were seen {format_duration(now - seen)} ago, the book takes them for "
            f"{format_duration(oldest)}; sign them again, with --now if they still hold"
        )
    if seen - now > CLOCK_SECONDS:
        raise InputError(f"{path}: it is {format_duration(seen - now)} in the future; is a clock wrong?")


def _refusal(book: MarginBook, source: PriceSource, reports: Reports, error: RoundRefusedError) -> str:
    """Why the contract refuses a set whose reports are all good by themselves."""
    quorum, numbers = source.quorum, [argument for argument in error.arguments if isinstance(argument, int)]
    match error.error:
        case "WrongReportCount":
            reporters = f"{quorum.threshold} of {len(quorum.reporters)} reporters"
            words = f"{len(reports)} reports are given, {reporters} make a round"
        case "TooSoon":
            earliest, seen = numbers
            words = (
                f"the median time of the reports is {format_clock(seen)}, and the book takes the next prices from "
                f"{format_clock(earliest)} on; sign newer ones"
            )
        case "SlotUndecided":
            pricing = sum(file.report.does_price(numbers[0]) for file in reports.values())
            omissions = len(quorum.reporters) - quorum.threshold + 1
            words = (
                f"{pricing} of {len(reports)} reports price {asset_symbol(book.assets, numbers[0])}: "
                f"{quorum.threshold} must price it, or {omissions} leave it out; leave a report out, or add one"
            )
        case "CandidateTooYoung":
            words = (
                "the reports are beyond a limit, and a candidate beyond it waits for its confirmation: sign and post "
                f"again after {format_clock(numbers[0])}. Prices within the limits are taken before, and discard the "
                "candidate"
            )
        case "PriceOutOfRange" | "EffectivePriceOutOfRange":
            words = f"a report has a price of {asset_symbol(book.assets, numbers[0])} that no round can hold"
        case "ReportTooOld":
            words = "a report will be too old when the newest of the reports is no longer in the future; sign it again"
        case "SlotIsEmpty":
            words = f"a report prices slot {numbers[0]}, which has no asset"
        case _:
            words = f"the contract refuses the reports: {error}"
    return words


def stale_reasons(book: MarginBook, source: PriceSource, reports: Reports, stale: int) -> list[str]:
    """Why a set has no fresh price of the slots of a bitmap, a line for each."""
    return [_stale_reason(book, source, reports, slot) for slot in range(book.n) if stale >> slot & 1]


def _stale_reason(book: MarginBook, source: PriceSource, reports: Reports, slot: int) -> str:
    symbol, rules = asset_symbol(book.assets, slot), source.rules.slots[slot]
    priced = [file.report.prices[slot] for file in reports.values() if file.report.does_price(slot)]
    if rules is None or len(priced) < source.quorum.threshold:
        return f"{symbol}: {len(reports) - len(priced)} of {len(reports)} reports leave it out"
    median = lower_median(priced)
    if not rules.least_price <= median <= rules.greatest_price:
        bounds = f"{format_price(rules.least_price)} to {format_price(rules.greatest_price)} USD"
        return f"{symbol}: its price of {format_price(median)} USD is outside {bounds}"
    return f"{symbol}: its funding moves further than its limit, or it is spot and has none"
