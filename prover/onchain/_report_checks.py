"""Checks of price reports before they are posted: what `PriceRounds` would refuse costs no gas.

Reports are named in errors: by the path of their file, or as the caller calls them.
"""

from typing import Final

from prover.chain import ReportPurpose
from prover.formats import format_clock, format_duration
from prover.market import PostingOutcome, RoundRefusedError, asset_symbol, format_price, lower_median
from prover.onchain._book import MarginBook
from prover.onchain._price_source import PriceSource
from prover.onchain._report_file import ReportFile, Reports
from verifier import InputError

MAX_CLOCK_LEAD: Final = 60
"""How far the clock of a reporter may be ahead of the newest block, which is always a little old [s]."""


def require_postable(book: MarginBook, source: PriceSource, reports: Reports) -> PostingOutcome:
    """Refuse reports that the contract would refuse.

    Args:
        book: whose prices they are.
        source: its price source.
        reports: to be posted.

    Returns:
        What the reference makes of them.

    Raises:
        InputError: a report is for another contract, not by a reporter, altered, too old or from the future; or the
            set makes no round.
        ChainError: the node is not reached.
    """
    now = book.contracts.chain.next_block_time()
    for name, file in reports.items():
        require_round_report(book, source, name, file)
        _require_timely(source, name, file, now)
    posted = [file.report for file in reports.values()]
    try:
        return source.outcome(posted, max(now, *(report.timestamp for report in posted)))
    except RoundRefusedError as error:
        raise InputError(_refusal(book, source, reports, error)) from None


def stale_reason(book: MarginBook, source: PriceSource, reports: Reports, slot: int) -> str:
    """Why a set has no fresh price of a slot."""
    rules = source.rules.slots[slot]
    priced = [file.report.prices[slot] for file in reports.values() if file.report.does_price(slot)]
    if rules is None or len(priced) < source.quorum.threshold:
        return f"{len(reports) - len(priced)} of {len(reports)} reports leave it out"
    median = lower_median(priced)
    if not rules.least_price <= median <= rules.greatest_price:
        bounds = f"{format_price(rules.least_price)} to {format_price(rules.greatest_price)} USD"
        return f"its price of {format_price(median)} USD is outside {bounds}"
    return "its funding moves further than its limit, or it is spot and has none"


def require_round_report(book: MarginBook, source: PriceSource, name: str, file: ReportFile) -> None:
    """Refuse a report that was signed for a settlement, too. Arguments and errors as for `require_own_report`."""
    require_own_report(book, source, name, file)
    if file.report.purpose is not ReportPurpose.ROUND:
        raise InputError(f"{name}: it was signed for a settlement; `oracle settle` takes it")


def require_own_report(book: MarginBook, source: PriceSource, name: str, file: ReportFile) -> None:
    """Refuse a report for another contract, of another account, or altered.

    Args:
        book: whose prices are reported.
        source: its price source.
        name: of the report, for errors.
        file: the report.

    Raises:
        InputError: it is no report of this book's reporters.
        ChainError: the node is not reached.
    """
    chain, report = book.contracts.chain, file.report
    if (file.chain_id, file.rounds.lower()) != (chain.chain_id, book.contracts.rounds.contract.address.lower()):
        raise InputError(f"{name}: it is for contract {file.rounds} on chain {file.chain_id}, not for this book")
    if not len(report.prices) == len(report.funding) == book.n:
        raise InputError(f"{name}: {book.n} prices and funding values are needed")
    if report.reporter.lower() not in map(str.lower, source.quorum.reporters):
        raise InputError(f"{name}: {report.reporter} is no reporter of this book")
    if not book.contracts.rounds.accepts_signature(report):
        raise InputError(f"{name}: the signature is not the reporter's over this report; was it altered?")


def _require_timely(source: PriceSource, name: str, file: ReportFile, now: int) -> None:
    timestamp, oldest = file.report.timestamp, source.quorum.max_report_age
    if timestamp <= source.rules.newest_timestamp:
        raise InputError(f"{name}: its prices are not newer than those of the last set posted; sign newer ones")
    if now - timestamp > oldest:
        raise InputError(
            f"{name}: its prices were seen {format_duration(now - timestamp)} ago, the book takes them for "
            f"{format_duration(oldest)}; sign them again, with --now if they still hold"
        )
    if timestamp - now > MAX_CLOCK_LEAD:
        raise InputError(f"{name}: it is {format_duration(timestamp - now)} in the future; is a clock wrong?")


def _refusal(book: MarginBook, source: PriceSource, reports: Reports, error: RoundRefusedError) -> str:
    """Why the contract refuses a set whose reports are all good by themselves."""
    quorum, numbers = source.quorum, [argument for argument in error.arguments if isinstance(argument, int)]
    match error.error:
        case "WrongReportCount":
            reporters = f"{quorum.threshold} of {len(quorum.reporters)} reporters"
            reason = f"{len(reports)} reports are given, {reporters} make a round"
        case "TooSoon":
            earliest, timestamp = numbers
            reason = (
                f"the median time of the reports is {format_clock(timestamp)}, and the book takes the next prices from "
                f"{format_clock(earliest)} on; sign newer ones"
            )
        case "SlotUndecided":
            pricing = sum(file.report.does_price(numbers[0]) for file in reports.values())
            omissions = len(quorum.reporters) - quorum.threshold + 1
            reason = (
                f"{pricing} of {len(reports)} reports price {asset_symbol(book.assets, numbers[0])}: "
                f"{quorum.threshold} must price it, or {omissions} leave it out; leave a report out, or add one"
            )
        case "CandidateTooYoung":
            reason = (
                "the reports are beyond a limit, and a candidate beyond it waits for its confirmation: sign and post "
                f"again after {format_clock(numbers[0])}. Prices within the limits are taken before, and discard the "
                "candidate"
            )
        case "PriceOutOfRange" | "EffectivePriceOutOfRange":
            reason = f"a report has a price of {asset_symbol(book.assets, numbers[0])} that no round can hold"
        case "ReportTooOld":
            reason = "a report will be too old when the newest of the reports is no longer in the future; sign it again"
        case "BookWindsDown":
            reason = "the book winds down: its rounds repeat the last prices (`book wind-down`)"
        case "SlotIsEmpty":
            reason = f"a report prices slot {numbers[0]}, which has no asset"
        case _:
            reason = f"the contract refuses the reports: {error}"
    return reason
