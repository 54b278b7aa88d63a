"""How fresh the prices of a round are, for a book that takes proofs at them."""

from prover.chain import OnchainRound
from prover.formats import format_duration
from prover.onchain._book import MarginBook
from verifier import InputError


def newest_round(book: MarginBook) -> OnchainRound | None:
    """The newest price round; None before the first. Raises ChainError when the node is not reached."""
    latest = book.contracts.rounds.latest_id()
    return book.contracts.rounds.round(latest) if latest else None


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
    """Whether newer prices have ended a round for proofs that may add risk. Raises ChainError as `newest_round`."""
    rounds = book.contracts.rounds
    if round_id >= rounds.latest_id():
        return False
    return round_age(book, rounds.round(round_id + 1)) > book.contracts.book.superseded_grace()
