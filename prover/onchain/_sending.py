"""Sending what happens once: finding out what became of a transaction, and saying what to do about a refusal."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from tenacity import Retrying, retry_if_result, stop_after_attempt, wait_exponential

from prover.onchain._book import MarginBook
from prover.onchain._retries import ExplainedError, OutdatedProofError
from verifier import ChainError, UndecidedError

Receipt = Mapping[str, Any]

_LOOKS: Final = 6


def send_once(send: Callable[[], Receipt], find: Callable[[], Receipt | None]) -> Receipt:
    """Send, and find out what became of it where the client could not tell.

    Args:
        send: sends the transaction.
        find: the receipt of the transaction that did it, from what it left on the chain; None when none did.

    Raises:
        UndecidedError: it was sent, and it is not known whether it will be mined.
        ChainError: refused, or not reached.
    """
    try:
        return send()
    except UndecidedError as error:
        # a node that mines at once has it a moment later
        soon = Retrying(
            stop=stop_after_attempt(_LOOKS),
            wait=wait_exponential(multiplier=0.05),
            retry=retry_if_result(lambda done: done is None),
            retry_error_callback=lambda _: None,
        )
        try:
            done = soon(find)
        except ChainError:
            raise UndecidedError(f"{error}. Whether it was done cannot be told now") from None
        if done is not None:
            return done
        raise UndecidedError(f"{error}. The account has not changed by it so far") from None


def receipt_of(
    book: MarginBook, account: int, made: Sequence[int], since: int, block: int | None = None
) -> Receipt | None:
    """The receipt of the transaction that recorded one of some commitments, None when none did.

    Args:
        book: where the account lives.
        account: identity.
        made: commitments; no statement but this account's creates them, each under a rho of its own.
        since: a block from before the first of them was made.
        block: as of its end; None for the newest.

    Raises:
        ChainError: as `MarginBookClient.change_to`.
    """
    if not made:
        return None
    contracts = book.contracts
    last = contracts.chain.block_number() if block is None else block
    change = contracts.book.change_to(account, made, since, last)
    return None if change is None else contracts.chain.receipt(change.transaction)


@contextmanager
def advised(advice: Mapping[str, str]) -> Iterator[None]:
    """Puts what to do before the contract's own words.

    Args:
        advice: by the name of the contract's error.
    """
    try:
        yield
    except (OutdatedProofError, ExplainedError):
        raise  # they say themselves what to do
    except ChainError as error:
        words = advice.get(error.refusal or "")
        if words is None:
            raise
        raise ChainError(f"{words} ({error.refusal})", refusal=error.refusal) from None
