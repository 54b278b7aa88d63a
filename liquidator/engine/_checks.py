"""The checks before the engine starts: what would make every proof or transaction fail is told at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from liquidator.engine._clock import Clock
from liquidator.engine._settings import Settings
from prover.chain import Chain
from prover.market import parse_decimal
from prover.onchain import MarginBook
from prover.toolchain import has_core
from verifier import StatementName, VerifyingKey, ZkSolvencyError

ETHER_DECIMALS: Final = 18


@dataclass(frozen=True)
class Check:
    """One thing that was checked.

    Attributes:
        name: what.
        problem: what is wrong, and what to do; empty where nothing is.
        detail: what was found.
        is_warning: whether the engine starts all the same.
    """

    name: str
    problem: str = ""
    detail: str = ""
    is_warning: bool = False

    @property
    def is_fatal(self) -> bool:
        """Whether the engine does not start."""
        return bool(self.problem) and not self.is_warning


def checked(name: str, look: Callable[[], str]) -> Check:
    """A check that is passed unless it raises.

    Args:
        name: what is checked.
        look: returns what was found, and raises ZkSolvencyError with what is wrong.
    """
    try:
        return Check(name, detail=look())
    except ZkSolvencyError as error:
        return Check(name, problem=str(error))


def clock_check(settings: Settings, chain: Chain, clock: Clock) -> Check:
    """Whether this clock agrees with the chain's time."""
    ahead = chain.timestamp() - clock.now()
    most_old = settings.node.max_block_age_seconds
    if ahead > settings.node.max_clock_seconds:
        return Check("clock", f"the newest block is {ahead:.0f} s ahead of this clock: set the clock by NTP")
    if most_old is not None and -ahead > most_old:
        return Check("clock", f"the newest block is {-ahead:.0f} s old: the node is behind, or this clock is ahead")
    return Check("clock", detail=f"the newest block is {-ahead:.0f} s old")


def gas_check(settings: Settings, chain: Chain) -> Check:
    """Whether the sender can pay for its transactions."""
    least = parse_decimal(settings.sender.least_ether, ETHER_DECIMALS, "sender.least_ether")
    balance = chain.balance(chain.sender)
    found = f"{chain.sender} has {balance / 10**ETHER_DECIMALS:.4f} ETH"
    if balance < least:
        return Check("gas", f"{found}, and sender.least_ether is {settings.sender.least_ether}: send it ETH")
    return Check("gas", detail=found)


def key_check(statement: StatementName, require: Callable[[VerifyingKey], None], key: VerifyingKey) -> Check:
    """Whether a contract verifies with the key of this machine.

    Args:
        statement: what is verified.
        require: raises InputError where the contract has another key.
        key: of this machine.
    """

    def look() -> str:
        require(key)
        return f"digest {key.digest()[:16]}.."

    return checked(f"key of {statement}", look)


def core_check() -> Check:
    """Whether proofs take milliseconds."""
    if has_core():
        return Check("prover", detail="the native core")
    problem = "the native core is not installed: a proof takes seconds; `pip install zksolvency-native`"
    return Check("prover", problem, is_warning=True)


def book_check(book: MarginBook) -> Check:
    """What the book has."""
    round_id = book.contracts.rounds.latest_id()
    return Check("book", detail=f"{book.assets.name}, {book.contracts.book.account_count()} accounts, round {round_id}")
