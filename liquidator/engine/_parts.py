"""What the roles of an engine are made of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from liquidator.engine._alarms import Alarms
from liquidator.engine._bidding_process import BiddingProcess
from liquidator.engine._bids import Bids, ReservationBids
from liquidator.engine._checks import Check, checked, key_check
from liquidator.engine._clock import Clock
from liquidator.engine._closing_costs import closing_costs, liquidity_of
from liquidator.engine._guardian import Guardian
from liquidator.engine._housekeeper import Housekeeper
from liquidator.engine._jobs import Jobs
from liquidator.engine._journal import Journal
from liquidator.engine._keys import open_account, open_liquidator_key
from liquidator.engine._reporting import Reporting
from liquidator.engine._roles import RoleAgent
from liquidator.engine._sales import NoticeFolder
from liquidator.engine._settings import GuardianSettings, LiquidatorSettings, Role, Settings
from liquidator.engine._takeovers import Takeovers
from liquidator.engine._upkeep import Upkeep
from prover.chain import ENGINE_STATEMENTS, AccountSigner, Contract, RequestPolicy
from prover.liquidation import ClosingCosts, load_recipients
from prover.market import PRICE_DECIMALS, QUOTE_DECIMALS, asset_symbol, parse_decimal
from prover.onchain import (
    OWNER_STATEMENTS,
    BookProver,
    ExpireProver,
    ExpiryKeeper,
    LiquidationMarket,
    LiquidationProver,
    Liquidator,
    Owner,
)
from prover.statements import Backend
from prover.storage import require_writable
from prover.toolchain import Artifacts
from verifier import InputError, StatementName


def statements_of(settings: Settings) -> list[StatementName]:
    """What an engine with these settings proves or verifies."""
    needed: set[StatementName] = set()
    roles = settings.roles
    if Role.GUARDIAN in roles:
        needed |= {*ENGINE_STATEMENTS, "expire"}
    if Role.HOUSEKEEPER in roles and settings.housekeeper.write_off and settings.guardian is not None:
        needed.add("writeoff")
    if Role.LIQUIDATOR in roles:
        needed |= {"release", *OWNER_STATEMENTS}
    return sorted(needed)


@dataclass(frozen=True)
class Parts:
    """What roles share.

    Attributes:
        settings: of the engine.
        market: the book and its engine.
        artifacts: of what is proven or verified.
        backend: makes proofs.
        jobs: runs them.
        journal: of what is sent.
        signer: of the sender.
        policy: of requests.
        clock: of the engine.
        alarms: of the engine.
        is_dry: whether nothing is sent, signed or written for others.
    """

    settings: Settings
    market: LiquidationMarket
    artifacts: Mapping[StatementName, Artifacts]
    backend: Backend
    jobs: Jobs
    journal: Journal
    signer: AccountSigner
    policy: RequestPolicy
    clock: Clock
    alarms: Alarms
    is_dry: bool

    def agents(self) -> list[RoleAgent]:
        """An agent for each role but the reporter.

        Raises:
            InputError: a key, folder or file of the settings cannot be used.
        """
        made: list[RoleAgent] = []
        settings, roles = self.settings, self.settings.roles
        if Role.GUARDIAN in roles and settings.guardian is not None:
            made.append(self._guardian(settings.guardian))
        if Role.LIQUIDATOR in roles and settings.liquidator is not None:
            made.append(self._takeovers(settings.liquidator))
        if Role.HOUSEKEEPER in roles:
            made.append(self._housekeeper())
        if not self.is_dry:
            made.append(Upkeep(self.journal, self.market.book.contracts.rounds, self.clock, self.alarms))
        return made

    def reporting(self) -> Reporting | None:
        """The reporter; None where it is no role. Raises InputError as `Reporting.of`."""
        settings = self.settings.reporter
        if settings is None or Role.REPORTER not in self.settings.roles:
            return None
        return Reporting.of(settings, self.market.book, self.signer, self.policy, self.alarms, is_dry=self.is_dry)

    def checks(self) -> Iterator[Check]:
        """Of keys and folders."""
        for statement in ENGINE_STATEMENTS:
            if statement in self.artifacts:
                yield key_check(statement, partial(self.market.require_key, statement), self.artifacts[statement].key)
        if "expire" in self.artifacts:
            yield key_check("expire", lambda _: self._expiries.require_key(), self.artifacts["expire"].key)
        if "update" in self.artifacts:
            prover, book = self._book_prover, self.market.book.contracts.book
            opens, updates = book.verifiers()
            verifiers: dict[StatementName, Contract] = {"open": opens, "update": updates}
            yield key_check("update", lambda _: prover.require_keys(verifiers), self.artifacts["update"].key)
        folders = {
            "guardian.notices": None if self.settings.guardian is None else self.settings.guardian.notices,
            "liquidator.notices": None if self.settings.liquidator is None else self.settings.liquidator.notices,
        }
        for name, folder in folders.items():
            if folder is not None and name.partition(".")[0] in self.settings.roles:
                yield checked(name, partial(_folder, folder, is_written=name == "guardian.notices"))

    @cached_property
    def costs(self) -> ClosingCosts:
        """Costs of selling by which the guardian's sales go. Raises as `closing_costs`."""
        return closing_costs(self.settings.guardian, self.market.book.assets)

    @property
    def _expiries(self) -> ExpiryKeeper:
        return ExpiryKeeper(self.market.book, ExpireProver(self.artifacts["expire"], self.backend))

    @property
    def _book_prover(self) -> BookProver:
        return BookProver({name: self.artifacts[name] for name in OWNER_STATEMENTS}, self.backend)

    @property
    def _prover(self) -> LiquidationProver:
        return LiquidationProver(self.artifacts, self.backend)

    def _guardian(self, settings: GuardianSettings) -> Guardian:
        notices = None
        if settings.notices is not None and settings.liquidators is not None and not self.is_dry:
            notices = NoticeFolder(settings.notices, load_recipients(settings.liquidators), self.signer)
        return Guardian(
            self.market,
            self._prover.keeper(self.market),
            self._prover.maker(self.market, self.costs),
            self._expiries,
            self.jobs,
            self.journal,
            self.clock,
            int(settings.recipient or self.market.book.contracts.chain.sender, 16),
            notices,
            settings.notice_seconds,
            settings.step_seconds,
        )

    def _takeovers(self, settings: LiquidatorSettings) -> Takeovers:
        book, ether = self.market.book, settings.ether_usd
        account = open_account(settings, book.domain)
        liquidator = Liquidator(
            self.market,
            Owner(book, account.keys, self._book_prover),
            open_liquidator_key(settings),
            self.artifacts["release"].key,
            liquidity_of(settings.liquidity, book.assets),
            0,
        )
        bids: Bids = ReservationBids(settings.reservation_ppm)
        if settings.bidder:
            symbols = [asset_symbol(book.assets, slot) for slot in range(book.n)]
            bids = BiddingProcess(settings.bidder, settings.bid_seconds, bids, self.alarms, self.clock, symbols)
        return Takeovers(
            liquidator,
            settings.notices,
            bids,
            self.jobs,
            self.journal,
            parse_decimal(settings.least_profit_usd, QUOTE_DECIMALS, "liquidator.least_profit_usd"),
            None if ether is None else parse_decimal(ether, PRICE_DECIMALS, "liquidator.ether_usd"),
        )

    def _housekeeper(self) -> Housekeeper:
        settings = self.settings.housekeeper
        writes = settings.write_off and "writeoff" in self.artifacts
        return Housekeeper(
            self.market,
            self._prover.writeoffs(self.market) if writes else None,
            self.jobs,
            self.journal,
            self.clock,
            settings.prepare_rounds,
            settings.pay_out,
            settings.interval_seconds,
        )


def _folder(folder: Path, *, is_written: bool) -> str:
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such folder")
    if is_written:
        require_writable(folder / "notice.json")
    return str(folder)
