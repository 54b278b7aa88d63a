"""Posting a price round: what can be refused before gas is paid for it, and what became of it."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from prover import PriceRound
from prover._report_file import ReportFile
from prover._units import PPM
from prover.cli._amounts import price
from prover.cli._book_chain import asset_symbol, sent
from prover.cli._book_words import age_words
from prover.cli._oracle_reference import agreed_round, differences
from prover.cli._output import note, warn
from prover.onchain import MarginBook
from verifier import ChainError, InputError
from verifier.chain import is_signed_by_its_reporter

CLOCK_SECONDS: Final = 60
"""How far the clock of a reporter may be ahead of the newest block, which is always a little old."""

PAUSE_SECONDS: Final = 2.0

Reports = Mapping[Path, ReportFile]


def load_reports(paths: Sequence[Path]) -> Reports:
    """Read reports, of one round of one chain's contract, each by another reporter.

    Raises:
        InputError: malformed, or not together a round.
    """
    loaded = {path: ReportFile.load(path) for path in paths}
    (first, reference), *others = loaded.items()
    for path, other in others:
        if (other.chain_id, other.rounds.lower()) != (reference.chain_id, reference.rounds.lower()):
            raise InputError(f"{path}: it is for another chain or contract than {first}")
        if other.report.round_id != reference.report.round_id:
            raise InputError(
                f"{path}: it is for round {other.report.round_id}, {first} for round {reference.report.round_id}"
            )
    reporters: dict[str, Path] = {}
    for path, file in loaded.items():
        before = reporters.setdefault(file.report.reporter.lower(), path)
        if before != path:
            raise InputError(f"{path}: it is by the same reporter as {before}; each counts once")
    if len(loaded) < len(paths):
        raise InputError("the same report is named twice")
    return loaded


def require_postable(book: MarginBook, reports: Reports) -> None:
    """Refuse what the contract would refuse.

    Raises:
        InputError: which report, and why.
        ChainError: the node is not reached.
    """
    rounds, chain = book.contracts.rounds, book.contracts.chain
    reporters, threshold = rounds.reporters()
    following = rounds.latest_id() + 1
    for path, file in reports.items():
        report = file.report
        if (file.chain_id, file.rounds.lower()) != (chain.chain_id, rounds.contract.address.lower()):
            raise InputError(f"{path}: it is for contract {file.rounds} on chain {file.chain_id}, not for this book")
        if report.round_id != following:
            raise InputError(f"{path}: it is for round {report.round_id}, the chain's next round is {following}")
        file.price_round(book.assets, str(path))
        if report.reporter.lower() not in map(str.lower, reporters):
            raise InputError(f"{path}: {report.reporter} is no reporter of this book")
        is_contract = chain.has_code(report.reporter)  # it is asked by ERC-1271 for what it calls a signature
        if not is_contract and not is_signed_by_its_reporter(report, file.chain_id, file.rounds):
            raise InputError(f"{path}: the signature is not the reporter's over this report; was it altered?")
    if len(reports) < threshold:
        raise InputError(f"{len(reports)} reports are given, {threshold} of {len(reporters)} reporters make a round")
    _require_timely(book, reports)


def post_round(book: MarginBook, reports: Reports) -> dict[str, Any]:
    """Post a round, and compare what the chain made of it with the reference in Python.

    Raises:
        ChainError: refused; or a price moves too far, so that there is no such round and the breaker was tripped.
    """
    receipt = _bring(book, reports)
    agreed = agreed_round(book.assets, [file.report for file in reports.values()])
    posted = book.contracts.rounds.round(agreed.id)
    prices, margins = differences(posted, agreed)
    if prices:
        raise ChainError(
            f"round {agreed.id} was posted, but the chain has other prices of {', '.join(prices)} than the reports "
            "make: was another round posted at the same moment, or does the node tell the truth?"
        )
    if margins:
        warn(
            f"margins of {', '.join(margins)} are not those of the book's file: governance or the steward changed "
            "their fractions on chain, and the chain's count"
        )
    return {
        "round": agreed.id,
        "timestamp": agreed.timestamp,
        "reports": len(reports),
        "effective_prices": "as the reference has them",
        "margins": f"other fractions for {', '.join(margins)}" if margins else "as the reference has them",
        **sent(receipt),
    }


def _require_timely(book: MarginBook, reports: Reports) -> None:
    rounds, now = book.contracts.rounds, max(book.contracts.chain.timestamp(), int(time.time()))
    newest, oldest_allowed = rounds.newest_timestamp(), rounds.max_report_age()
    for path, file in reports.items():
        seen = file.report.timestamp
        if seen <= newest:
            raise InputError(f"{path}: its prices are not newer than those of the last round posted; sign newer ones")
        if now - seen > oldest_allowed:
            raise InputError(
                f"{path}: its prices were seen {age_words(now - seen)} ago, the book takes them for "
                f"{age_words(oldest_allowed)}; sign them again, with --now if they still hold"
            )
        if seen - now > CLOCK_SECONDS:
            raise InputError(f"{path}: it is {age_words(seen - now)} in the future; is a clock wrong?")


def _bring(book: MarginBook, reports: Reports) -> Mapping[str, Any]:
    """Post, again while the newest block is older than the reports: a node may judge by its time."""
    rounds = book.contracts.rounds
    deadline = time.monotonic() + CLOCK_SECONDS
    is_told = False
    while True:
        try:
            return rounds.bring([file.report for file in reports.values()])
        except ChainError as error:
            if error.refusal == "DeviationRefused":
                raise _deviation(book, reports, error) from None
            if error.refusal != "ReportFromFuture" or time.monotonic() > deadline:
                raise
        if not is_told:
            note("waiting for a block that is newer than the reports")
            is_told = True
        time.sleep(PAUSE_SECONDS)


def _deviation(book: MarginBook, reports: Reports, error: ChainError) -> ChainError:
    """What moved too far, and what to do about it."""
    agreed = agreed_round(book.assets, [file.report for file in reports.values()])
    moves = "; ".join(_moves(book, agreed))
    stopped = f"round {agreed.id} was not recorded, and the circuit breaker stops withdrawals and new risk: {moves}"
    return ChainError(
        f"{stopped if moves else error}. If a price is wrong, post the round again with the right one. If all are "
        f"right, governance allows the move for round {agreed.id} (`zksolvency oracle allow`) and the reporters sign "
        "again. In both cases governance lowers the breaker afterwards (`zksolvency book resume`)",
        refusal="DeviationRefused",
    )


def _moves(book: MarginBook, agreed: PriceRound) -> list[str]:
    """What moved too far, as far as the node tells: its logs may be behind, or hold an earlier attempt at the round."""
    contracts = book.contracts
    try:
        events = contracts.rounds.contract.logs(
            "DeviationRefused", first_block=contracts.book.first_block, roundId=agreed.id
        )
        own = [event for event in events if event.arguments["price"] == agreed.prices[event.arguments["slot"]]]
        newest = max((event.block for event in own), default=0)
        return [_move(book, event.arguments) for event in own if event.block == newest]
    except ChainError:
        return []


def _move(book: MarginBook, event: Mapping[str, Any]) -> str:
    slot, before, after = event["slot"], event["previousPrice"], event["price"]
    limit = book.contracts.risk_parameters.asset(slot).deviation_ppm
    moved = f"from {price(before)} to {price(after)} USD"
    funding = f", its funding by {price(event['fundingChange'])}" if event["fundingChange"] else ""
    return f"{asset_symbol(book.assets, slot)} moves {moved}{funding}, further than {100 * limit / PPM:g} % a round"
