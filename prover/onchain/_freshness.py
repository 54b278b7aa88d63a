"""How fresh the prices of a round are, for a book that takes proofs at them."""

from prover.chain import OnchainRound
from prover.formats import format_duration
from prover.onchain._book import MarginBook
from verifier import InputError


def newest_round(book: MarginBook) -> OnchainRound | None:
    """The newest price round; None before the first. Raises ChainError when the node is not reached."""
    latest = book.contracts.rounds.latest_id()
    return book.round(latest) if latest else None


def round_age(book: MarginBook, round_: OnchainRound) -> int:
    """An estimate of the age of a round's prices in the next block [s]."""
    return book.contracts.chain.next_block_time() - round_.timestamp


def fresh_round(book: MarginBook) -> OnchainRound:
    """The newest round, when the book still takes proofs at it.

    Raises:
        InputError: its prices are too old.
        ChainError: there is no round yet, or the node is not reached.
    """
    round_, limit = book.latest_round(), book.contracts.book.max_proof_age()
    age = round_age(book, round_)
    if age > limit:
        raise InputError(
            f"the newest prices are {format_duration(age)} old, and the book takes proofs at {format_duration(limit)} "
            "at most: post a new one first"
        )
    return round_


def is_superseded(book: MarginBook, round_id: int) -> bool:
    """Whether newer rounds have ended a round for trades: spec ZS-57. All else is proven at the newest round.

    Raises:
        ChainError: the node is not reached.
    """
    rounds, latest = book.contracts.rounds, book.contracts.rounds.latest_id()
    if round_id >= latest:
        return False
    if round_id + 1 < latest or not rounds.is_calm(latest):
        return True
    return book.contracts.chain.next_block_time() > rounds.recorded_at(latest) + book.contracts.book.trade_grace()
