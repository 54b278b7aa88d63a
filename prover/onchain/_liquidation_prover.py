"""What proves for those who can read accounts at a liquidation engine, open for as long as a context."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from prover.account import OwnerKeys
from prover.chain import ENGINE_STATEMENTS
from prover.liquidation import ClosingCosts, LiquidatorKey, Liquidity
from prover.onchain._artifacts import book_artifacts
from prover.onchain._book import MarginBook
from prover.onchain._gatekeeper import MarginProver
from prover.onchain._liquidation_keeper import LiquidationKeeper, WriteoffProver
from prover.onchain._liquidation_market import LiquidationMarket
from prover.onchain._sessions import open_owner
from prover.onchain._takeover import Liquidator, NoticeMaker
from prover.statements import Backend
from prover.toolchain import Artifacts, ProgressSink, ignore_progress, open_backend
from verifier import StatementName


@dataclass(frozen=True)
class LiquidationProver:
    """Proves the statements that an engine verifies about accounts that the caller can read.

    Attributes:
        artifacts: each of `ENGINE_STATEMENTS` for the book's size, with its keys.
        backend: makes the proofs.
    """

    artifacts: Mapping[StatementName, Artifacts]
    backend: Backend

    def keeper(self, market: LiquidationMarket) -> LiquidationKeeper:
        """Flags, recovers and answers."""
        return LiquidationKeeper(market, MarginProver(self.artifacts["margin"], self.backend))

    def maker(self, market: LiquidationMarket, costs: ClosingCosts) -> NoticeMaker:
        """Makes notices; `costs` of selling decide what is sold first."""
        return NoticeMaker(market, self.artifacts["release"], self.backend, costs)

    def writeoffs(self, market: LiquidationMarket) -> WriteoffProver:
        """Writes debts off."""
        return WriteoffProver(market, self.artifacts["writeoff"], self.backend)


@contextmanager
def open_liquidation_prover(
    n: int, keys: Path | None = None, *, progress: ProgressSink = ignore_progress
) -> Iterator[LiquidationProver]:
    """What proves at the engine of a book. Arguments and errors as for `book_artifacts`."""
    artifacts = book_artifacts(ENGINE_STATEMENTS, n, keys, progress=progress)
    with open_backend() as backend:
        yield LiquidationProver(artifacts, backend)


@contextmanager
def open_liquidator(
    book: MarginBook,
    account: OwnerKeys,
    key: LiquidatorKey,
    liquidity: Liquidity,
    ether_price: int,
    keys: Path | None = None,
    *,
    progress: ProgressSink = ignore_progress,
) -> Iterator[Liquidator]:
    """An account that takes over others.

    Args:
        book: where it lives.
        account: keys of its owner.
        key: opens notices.
        liquidity: what it costs to close positions.
        ether_price: of one ETH [1e-9 USD].
        keys: folder with the keys of ceremonies; None for this machine's development keys.
        progress: receives what is built.

    Raises:
        InputError: the book has no engine; or as `open_owner`.
        ToolError: as `open_owner`.
    """
    market = LiquidationMarket.of(book)
    release = book_artifacts(["release"], book.n, keys, progress=progress)["release"]
    with open_owner(book, account, keys, progress=progress) as owner:
        yield Liquidator(market, owner, key, release.key, liquidity, ether_price)
