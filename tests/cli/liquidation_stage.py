"""What the tests of takeovers by the program share: an account that can be sold, and who acts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cli.account_stage import PASSPHRASE, AccountStage, account_stage, write_quick_wallet

from prover.cli._output import as_hex
from prover.liquidation import LiquidatorKey
from prover.market import QUOTE_DECIMALS
from prover.onchain import EngineSettings

DEPOSIT: Final = 10_000 * 10**QUOTE_DECIMALS
SIZE: Final = "2.345678901"
LOW: Final = "93500"


@contextmanager
def sold_stage(folder: Path, engine: EngineSettings | None = None) -> Iterator[AccountStage]:
    """Alice is long, bob is short, in a book with an engine.

    Args:
        folder: for files.
        engine: its settings; None for auctions.
    """
    with account_stage(folder, deposit=DEPOSIT, engine=engine or EngineSettings()) as made:
        round_ = made.book.book.latest_round()
        price = round_.prices[made.book.book.assets.slots["BTC-PERP"]]
        made.trade("alice", "bob", "BTC-PERP", SIZE, f"{price // 10**9}.{price % 10**9:09d}")
        yield made


@contextmanager
def put_back(stage: AccountStage) -> Iterator[AccountStage]:
    """The same chain after the context as before."""
    before = stage.book.node.request("evm_snapshot")
    yield stage
    stage.book.node.request("evm_revert", before)


def write_keys(stage: AccountStage, folder: Path) -> LiquidatorKey:
    """Files of the guardian and of a liquidator, with a folder for notices."""
    made = LiquidatorKey.generate()
    made.save(folder / "liquidator.age", PASSPHRASE)
    (folder / "liquidators.txt").write_text(f"# of bob\n{made.recipient}\n")
    write_quick_wallet(folder / "guardian.age", stage.book.guardian)
    (folder / "notices").mkdir()
    return made


def open_words(stage: AccountStage, folder: Path, account: str, *more: object) -> list[object]:
    return [
        *("liquidation", "open", account, "--guardian-key", folder / "guardian.age"),
        *("--liquidators", folder / "liquidators.txt", "--out", folder / "notices"),
        *("--passphrase-file", stage.passphrase_file, *stage.book.options, *more, "--json"),
    ]


def liquidator_words(stage: AccountStage, folder: Path) -> list[object]:
    return ["--liquidator-key", folder / "liquidator.age", "--key-passphrase-file", stage.passphrase_file]


def wait(stage: AccountStage, seconds: int) -> None:
    stage.book.node.move_clock(stage.book.book.contracts.chain.timestamp() + seconds)
    stage.book.node.request("evm_mine")


def identity(stage: AccountStage, name: str) -> str:
    return as_hex(stage.owners[name].identity)


def is_flagged(stage: AccountStage, name: str) -> bool:
    return stage.book.book.contracts.book.account(stage.owners[name].identity).is_flagged
