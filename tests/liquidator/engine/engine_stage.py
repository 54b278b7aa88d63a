"""A market with accounts on a local node, and the settings of an engine that watches it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cli.account_stage import PASSPHRASE, AccountStage, account_stage, write_quick_wallet
from eth_account import Account as Signer
from eth_account.signers.local import LocalAccount
from quick_age import quick_age

from prover.account import OwnerKeys
from prover.chain import ReportPurpose
from prover.liquidation import LiquidatorKey
from prover.market import QUOTE_DECIMALS
from prover.onchain import EngineSettings, Owner
from prover.toolchain import Anvil

DEPOSIT: Final = 10_000 * 10**QUOTE_DECIMALS
SIZE: Final = "2.345678901"
LOW: Final = "93500"
"""Price of Bitcoin at which alice is below maintenance margin."""

NEAR: Final = "94200"
"""Price at which alice is near her line, and above it."""

CALM: Final = "97000"
NOTICE: Final = 90_000
"""Between the notice of a delisting and its expiry [s]."""

WEI: Final = 10**20
BOND: Final = 5 * 10**16
SPOT: Final = 0
UNIT: Final = 10**9
DOLLAR: Final = 10**QUOTE_DECIMALS


@dataclass
class EngineStage:
    """Alice is long, bob is short, in a book with an engine; a guardian's machine is in a folder.

    Attributes:
        accounts: the book and its accounts.
        folder: with key files, keystore and settings.
        sender: of the engine.
        liquidator: opens notices.
        data: where the engine keeps its files.
    """

    accounts: AccountStage
    folder: Path
    sender: LocalAccount
    liquidator: LiquidatorKey
    data: Path

    @property
    def config(self) -> Path:
        """The settings."""
        return self.folder / "liquidator.toml"

    def configure(self, **tables: Any) -> Path:
        """Write the settings of a guardian, with other tables changed or added."""
        passphrase = str(self.accounts.passphrase_file)
        content: dict[str, Any] = {
            "roles": ["guardian"],
            "node": {"rpc": [self.accounts.book.node.url], "poll_seconds": 0.05, "max_clock_seconds": 86_400},
            "book": {"deployment": str(self.accounts.book.record)},
            "sender": {"keystore": "sender.json", "passphrase_file": passphrase},
            "guardian": {
                "key": "guardian.age",
                "passphrase_file": passphrase,
                "liquidators": "liquidators.txt",
                "notices": "notices",
            },
            "work": {"data": str(self.data)},
            "status": {"port": 0},
        }
        for name, table in tables.items():
            content[name] = {**content.get(name, {}), **table} if isinstance(table, dict) else table
        self.config.write_text(to_toml(content))
        return self.config

    def wait(self, seconds: int) -> None:
        """Let time pass on the chain."""
        self.accounts.book.node.move_clock(self.accounts.book.book.contracts.chain.timestamp() + seconds)
        self.accounts.book.node.request("evm_mine")

    def expire(self, symbol: str) -> None:
        """Delist an asset, let `NOTICE` pass, and settle it. A round follows, at which its accounts sleep."""
        book, contracts = self.accounts.book, self.accounts.book.book.contracts
        slot = book.book.assets.slots[symbol]
        end = contracts.chain.timestamp() + NOTICE
        contracts.risk_parameters.delist(slot, end)
        self.wait(NOTICE)
        book.post()
        price = book.book.latest_round().prices[slot]
        prices = [price if other == slot else None for other in range(book.book.n)]
        rounds = contracts.rounds
        contracts.expiries.settle(
            end,
            1 << slot,
            [
                rounds.sign(
                    reporter, timestamp=end, prices=prices, funding=[0] * book.book.n, purpose=ReportPurpose.SETTLEMENT
                )
                for reporter in book.reporters
            ],
        )
        book.post(**{symbol.replace("-", "_"): None})

    def flags(self, name: str) -> tuple[bool, bool]:
        """Whether an account is flagged for maintenance margin, and for its overdraft."""
        known = self.accounts.book.book.contracts.book.account(self.accounts.owners[name].identity)
        return bool(known.maintenance_flagged_at), bool(known.overdraft_flagged_at)

    def borrow(self, name: str, dollars: int) -> Owner:
        """A new account, which takes out cash against one Bitcoin."""
        book = self.accounts.book.book
        keys = OwnerKeys.generate(book.domain, self.accounts.book.guardian.point)
        owner = Owner(book, keys, self.accounts.owners["alice"].prover)
        self.accounts.owners[name] = owner
        sender = book.contracts.chain.sender
        book.contracts.token(SPOT).mint(sender, 10**8)
        owner.open()
        owner.deposit(SPOT, UNIT)
        owner.withdraw(book.n, dollars * DOLLAR, int(sender, 16))
        return owner

    def notices(self) -> list[Path]:
        """The notices in the folder."""
        return sorted((self.folder / "notices").iterdir())


def to_toml(content: dict[str, Any]) -> str:
    """Settings as TOML: JSON spells its values the same."""
    lines = [f"{name} = {json.dumps(value)}" for name, value in content.items() if not isinstance(value, dict)]
    for name, table in content.items():
        if isinstance(table, dict):
            lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def write_sender(path: Path, node: Anvil) -> LocalAccount:
    """A keystore with the key of a new account, which has ETH."""
    sender = Signer.create()
    node.request("anvil_setBalance", sender.address, hex(WEI))
    path.write_text(json.dumps(sender.encrypt(PASSPHRASE, kdf="pbkdf2", iterations=2)))
    path.chmod(0o600)
    return sender


def write_liquidator(path: Path, key: LiquidatorKey) -> None:
    """The file of a key that opens notices."""
    content = {"format": "zksolvency/liquidator/1", "identity": key.identity}
    path.write_bytes(quick_age(json.dumps(content).encode(), PASSPHRASE.encode()))
    path.chmod(0o600)


@contextmanager
def engine_stage(folder: Path) -> Iterator[EngineStage]:
    """A market with an open position, and a machine for the engine."""
    with account_stage(folder, deposit=DEPOSIT, engine=EngineSettings()) as accounts:
        book = accounts.book
        round_ = book.book.latest_round()
        price = round_.prices[book.book.assets.slots["BTC-PERP"]]
        accounts.trade("alice", "bob", "BTC-PERP", SIZE, f"{price // 10**9}.{price % 10**9:09d}")
        sender = write_sender(folder / "sender.json", book.node)
        write_quick_wallet(folder / "guardian.age", book.guardian)  # type: ignore[arg-type]
        liquidator = LiquidatorKey.generate()
        write_liquidator(folder / "liquidator.age", liquidator)
        (folder / "liquidators.txt").write_text(f"{liquidator.recipient}\n")
        (folder / "notices").mkdir()
        stage = EngineStage(accounts, folder, sender, liquidator, folder / "data")
        stage.configure()
        yield stage
