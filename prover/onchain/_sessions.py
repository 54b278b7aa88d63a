"""An account or a guardian at work: provers and their backend, open for as long as a context."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prover.account import OwnerKeys
from prover.onchain._artifacts import book_artifacts
from prover.onchain._book import MarginBook
from prover.onchain._expiry import ExpireProver
from prover.onchain._gatekeeper import MarginProver
from prover.onchain._owner import Owner
from prover.onchain._proofs import BookProver, owner_artifacts
from prover.toolchain import ProgressSink, ignore_progress, open_backend


@contextmanager
def open_book_prover(
    n: int, keys: Path | None = None, *, progress: ProgressSink = ignore_progress
) -> Iterator[BookProver]:
    """What proves for the owners of accounts. Arguments and errors as for `owner_artifacts`."""
    artifacts = owner_artifacts(n, keys, progress=progress)
    with open_backend() as backend:
        yield BookProver(artifacts, backend)


@contextmanager
def open_margin_prover(
    n: int, keys: Path | None = None, *, progress: ProgressSink = ignore_progress
) -> Iterator[MarginProver]:
    """What proves `margin` for the accounts of a book. Arguments and errors as for `book_artifacts`."""
    artifacts = book_artifacts(["margin"], n, keys, progress=progress)
    with open_backend() as backend:
        yield MarginProver(artifacts["margin"], backend)


@contextmanager
def open_expire_prover(
    n: int, keys: Path | None = None, *, progress: ProgressSink = ignore_progress
) -> Iterator[ExpireProver]:
    """What proves `expire` for the accounts of a book. Arguments and errors as for `book_artifacts`."""
    artifacts = book_artifacts(["expire"], n, keys, progress=progress)
    with open_backend() as backend:
        yield ExpireProver(artifacts["expire"], backend)


@contextmanager
def open_owner(
    book: MarginBook, account: OwnerKeys, keys: Path | None = None, *, progress: ProgressSink = ignore_progress
) -> Iterator[Owner]:
    """An account in the hands of its owner, with what proves for it.

    Args:
        book: where the account lives.
        account: keys of its owner.
        keys: folder with the keys of ceremonies; None for this machine's development keys.
        progress: receives what is built.

    Raises:
        InputError: the account belongs to another book, or as `owner_artifacts`.
        ToolError: as `owner_artifacts`.
    """
    with open_book_prover(book.n, keys, progress=progress) as prover:
        yield Owner(book, account, prover)
