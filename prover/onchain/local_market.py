"""A margin book on a local chain in November 2018, with its reporters and prices: for demos, tests and benchmarks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, Self

from eth_account import Account as Signer
from eth_account.signers.local import LocalAccount

from prover.account import GuardianKey, OwnerKeys
from prover.chain import (
    BookContracts,
    BookSettings,
    Chain,
    Contract,
    ContractCode,
    OnchainRound,
    Report,
    ReportPurpose,
    TokenClient,
)
from prover.market import (
    CANDIDATE_DELAY,
    PPM,
    PRICE_DECIMALS,
    USD,
    Asset,
    AssetKind,
    AssetList,
    PostingStatus,
    PricePoint,
    PriceRound,
    load_price_series,
)
from prover.onchain._book import MarginBook
from prover.onchain._book_deployment import USD_DECIMALS, EngineSettings, deploy_book
from prover.onchain._expiry import expiring_slots
from prover.onchain._owner import Owner
from prover.onchain._price_source import PriceSource
from prover.onchain._proofs import OWNER_STATEMENTS, BookProver
from prover.toolchain import Anvil, find_home, load_book
from verifier import InputError

BOOK: Final = "majors-13"
STATEMENTS: Final = (*OWNER_STATEMENTS, "margin")
"""Statements that its traders and guardian prove."""

PRICED_BOOK: Final = "perps-13"
"""The book of the example round, whose assets are the same."""

EXPIRY: Final = 1542960000
"""Friday, 23 November 2018, 08:00 UTC: when the options of the demo expire."""

OPTION: Final = "BTC-23NOV18-5000-P"
CALL: Final = "BTC-23NOV18-5000-C"
STRIKE: Final = 5000 * 10**PRICE_DECIMALS
TIME_VALUE: Final = 150 * 10**PRICE_DECIMALS
"""Time value of each option before its expiry, which its price has in addition to its intrinsic value [1e-9 USD]."""

BITCOIN: Final = frozenset({"WBTC", "BTC-PERP"})
LEAST_BITCOIN: Final = 1_000 * 10**PRICE_DECIMALS

REPORTERS: Final = 3
QUORUM: Final = 3
CANDIDATE_SECONDS: Final = CANDIDATE_DELAY + 5
"""Pause before a candidate is confirmed: a node may give a block a later time than its clock has [s]."""

SPREAD_PPM: Final = 500
"""Distance of the first and the last report from the one in the middle [ppm]."""

COLLATERAL: Final = 15_000
"""Deposit of each trader [USD]."""

SAVINGS: Final = 10_000
"""Tokens of each trader outside the book [USD]."""

WEI: Final = 10**20
"""ETH of each user for gas [wei]."""


def demo_book(book: AssetList) -> AssetList:
    """The example book as of 2018: options of then in place of its first two, and Bitcoin for a few thousand USD."""
    first = next(slot for slot, asset in enumerate(book.assets) if asset.kind is AssetKind.OPTION)
    put, call = book.assets[first : first + 2]
    if put.option is None or call.option is None or not put.option.strike or call.option.strike:
        raise InputError(f"book {book.name}: its first options are not a put and a call")
    weekly = (
        replace(put, symbol=OPTION, option=replace(put.option, strike=STRIKE), expires_at=EXPIRY),
        replace(call, symbol=CALL, expires_at=EXPIRY),
    )
    assets = (*book.assets[:first], *weekly, *book.assets[first + 2 :])
    return replace(book, assets=tuple(map(_with_cheap_bitcoin, assets)))


def with_cheap_bitcoin(book: AssetList) -> AssetList:
    """The same book, which takes Bitcoin for as little as 1,000 USD."""
    return replace(book, assets=tuple(map(_with_cheap_bitcoin, book.assets)))


def _with_cheap_bitcoin(asset: Asset) -> Asset:
    if asset.limits is None:
        return asset
    if asset.symbol in BITCOIN:
        return replace(asset, limits=replace(asset.limits, least_price=LEAST_BITCOIN))
    if asset.option is not None and asset.option.underlying in BITCOIN:  # at most a third of its least initial margin
        return replace(asset, limits=replace(asset.limits, deviation_amount=LEAST_BITCOIN // 20))
    return asset


@dataclass(frozen=True)
class Market:
    """A deployed book with the hourly prices of a series.

    Attributes:
        node: the local chain.
        book: assets.
        code: compiled contracts.
        contracts: as their deployer uses them.
        collateral: the token of the settlement currency.
        reporters: sign the prices.
        guardian: that the book accepts.
        series: hourly prices of Bitcoin.
        constant_prices: prices of everything else by symbol [1e-9 USD].
    """

    node: Anvil
    book: AssetList
    code: Mapping[str, ContractCode]
    contracts: BookContracts
    collateral: Contract
    reporters: Sequence[LocalAccount]
    guardian: GuardianKey
    series: Sequence[PricePoint]
    constant_prices: Mapping[str, int]

    @classmethod
    def deploy(
        cls,
        node: Anvil,
        code: Mapping[str, ContractCode],
        book: AssetList,
        *,
        gate: bool = False,
        engine: EngineSettings | None = None,
        opening_bond: int = 0,
        stale_after: int = 3_600,
    ) -> Self:
        """Deploy tokens and contracts: `gate` and `engine` as for `deploy_book`, the rest as in `BookSettings`.

        Raises:
            ChainError: refused.
        """
        governance = Chain(node.url, code)
        collateral = governance.deploy("FaucetToken", "USD Coin", "USDC", USD_DECIMALS)
        reporters = [Signer.create() for _ in range(REPORTERS)]
        guardian = GuardianKey.generate()
        settings = BookSettings(
            [reporter.address for reporter in reporters],
            QUORUM,
            [(guardian.point.x, guardian.point.y)],
            min_interval=1,
            opening_bond=opening_bond,
            stale_after=stale_after,
        )
        tokens = {USD: collateral.address}
        contracts = deploy_book(governance, book, tokens, settings, gate=gate, engine=engine).contracts
        return cls(node, book, code, contracts, collateral, reporters, guardian, price_series(), constant_prices())

    def new_user(self, units: int) -> tuple[MarginBook, LocalAccount]:
        """The book as a new user sees it, and the user's key, with ETH and collateral [1e-6 USDC]."""
        signer = Signer.create()
        self.node.request("anvil_setBalance", signer.address, hex(WEI))
        TokenClient(self.collateral).mint(signer.address, units)
        chain = Chain(self.node.url, self.code, signer)
        contracts = BookContracts.at(chain, self.contracts.addresses(), self.contracts.book.first_block)
        return MarginBook(contracts, self.book), signer

    def post(self, timestamp: int) -> OnchainRound:
        """Sign the prices of an hour as the reporters, and post them as a round.

        Args:
            timestamp: of the series, after that of the newest block; by two minutes or more where Bitcoin moves
                further than its limit.
        """
        reports = partial(self._reports, timestamp)
        return self.contracts.rounds.round(post_prices(self.node, self.contracts, reports, timestamp))

    def repeat(self, hour: int, timestamp: int) -> OnchainRound:
        """Post the prices of an hour as they are seen at a later time, as `post` does."""
        reports = partial(self._reports, hour)
        return self.contracts.rounds.round(post_prices(self.node, self.contracts, reports, timestamp))

    def settle(self, expiry: int = EXPIRY) -> int:
        """Settle what expires at an hour of the series, and return the epoch that this opens.

        A round of that hour or later must be the newest one.
        """
        times = self.contracts.risk_parameters.expiry_times()
        slots = expiring_slots(times, self.contracts.expiries.status().settled, expiry)
        reports = self._reports(expiry, expiry, ReportPurpose.SETTLEMENT)
        return self.contracts.expiries.opened_by(self.contracts.expiries.settle(expiry, slots, reports))

    def _reports(self, hour: int, seen: int, purpose: ReportPurpose = ReportPurpose.ROUND) -> list[Report]:
        """Prices of an hour of the series, as seen at a time by the reporters."""
        bitcoin = next(point.price for point in self.series if point.timestamp == hour)
        time_value = TIME_VALUE if hour < EXPIRY else 0
        return [
            self.contracts.rounds.sign(
                reporter,
                timestamp=seen,
                prices=self._prices(bitcoin * (PPM + offset) // PPM, time_value),
                funding=[0] * self.book.n,
                purpose=purpose,
            )
            for reporter, offset in zip(self.reporters, (-SPREAD_PPM, 0, SPREAD_PPM), strict=True)
        ]

    def _prices(self, bitcoin: int, time_value: int) -> list[int | None]:
        options = {
            OPTION: max(STRIKE - bitcoin, 0) + time_value,
            CALL: max(bitcoin - STRIKE, 0) + time_value,
        }
        prices = {**self.constant_prices, "WBTC": bitcoin, "BTC-PERP": bitcoin, **options}
        known = [prices[asset.symbol] for asset in self.book.assets]
        return [*known, *[None] * (self.book.n - len(known))]


def post_prices(
    node: Anvil,
    contracts: BookContracts,
    reports: Callable[[int], Sequence[Report]],
    timestamp: int | None = None,
) -> int:
    """Post prices as a round. Prices beyond a limit are posted twice, a minute apart: the second set confirms.

    Args:
        node: whose clock is moved.
        contracts: of the book.
        reports: signs the prices as seen at a time.
        timestamp: of the round, by more than a minute after that of the newest block where prices are beyond a limit;
            None for the earliest possible one.

    Returns:
        The round.

    Raises:
        ChainError: refused.
    """
    soonest = contracts.chain.timestamp() + 1
    seen = soonest if timestamp is None else timestamp
    if PriceSource.read(contracts).outcome(reports(seen), seen).status is PostingStatus.HELD:
        earlier = soonest if timestamp is None else timestamp - CANDIDATE_SECONDS
        seen = earlier + CANDIDATE_SECONDS
        node.move_clock(earlier)
        contracts.rounds.post(reports(earlier))
    node.move_clock(seen)
    return contracts.rounds.post(reports(seen)).recorded()


def price_series() -> list[PricePoint]:
    """Hourly prices of Bitcoin in US dollars (Coinbase; source and licence are next to the file).

    Raises:
        InputError: the file is missing or malformed.
    """
    return load_price_series(find_home() / "examples" / "btc-usd" / "coinbase-btcusd-hourly.csv")


def constant_prices() -> dict[str, int]:
    """Prices of the example round by symbol [1e-9 USD].

    Raises:
        InputError: a file is missing or malformed.
    """
    book = load_book(PRICED_BOOK)
    round_ = PriceRound.load(find_home() / "examples" / "round-1.json", book)
    return dict(zip(book.slots, round_.prices, strict=False))


@dataclass
class Trader:
    """A user with one account.

    Attributes:
        name: of the trader.
        owner: the account.
        address: that holds its tokens outside the book.
        trades: terms of its trades, as text.
    """

    name: str
    owner: Owner
    address: int
    trades: list[str] = field(default_factory=list)

    @classmethod
    def join(cls, name: str, market: Market, prover: BookProver) -> Self:
        """A trader with ETH, tokens and new keys."""
        book, signer = market.new_user((COLLATERAL + SAVINGS) * 10**USD_DECIMALS)
        point = market.guardian.point
        return cls(name, Owner(book, OwnerKeys.generate(book.domain, point), prover), int(signer.address, 16))
