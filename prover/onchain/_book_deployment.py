"""Deploying a margin book: its settings, its tokens, its contracts."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from prover.chain import (
    ENGINE_STATEMENTS,
    BookAddresses,
    BookContracts,
    BookGateClient,
    BookSettings,
    Chain,
    ContractCode,
    DeployedEngine,
    DeployedGate,
    FixedRates,
    InsuranceFundClient,
    LiquidationCurves,
    LiquidationEngineClient,
    LiquidationTerms,
    ShortfallLedgerClient,
)
from prover.market import USD, AssetKind, AssetList, parse_decimal
from prover.onchain._artifacts import book_artifacts
from prover.onchain._book import MarginBook
from prover.onchain._connection import is_local_chain
from prover.onchain._deployment import DeploymentSteps
from prover.onchain._deployment_record import DeploymentRecord
from prover.onchain._proofs import owner_artifacts
from prover.toolchain import ProgressSink, compile_contracts, compile_verifiers, ignore_progress
from verifier import InputError, StatementName, solidity_contract_name

_LOG: Final = logging.getLogger("prover.onchain")

MAX_REPORTERS: Final = 15
MEDIAN_OF: Final = 3
"""The least number of reports whose median one of them cannot set."""

MIN_DELAY: Final = 60
MAX_DELAY: Final = 7 * 86_400
"""Bounds of `withdrawal_delay` [s]."""

MIN_SILENCE: Final = 86_400
MAX_SILENCE: Final = 30 * 86_400
"""Bounds of `silence` [s]."""

MAX_CURE_WINDOW: Final = 600
"""Bound of `cure_window` [s]."""

MAX_MAINTENANCE_RATE: Final = 8_000
MAX_OVERDRAFT_RATE: Final = 1_000
"""Bounds of the rates of an engine [1e-4 of the margin taken]."""

MAX_BOND: Final = (1 << 96) - 1
"""Bound of `opening_bond` [wei]."""

PPM: Final = 1_000_000

USD_DECIMALS: Final = 6
"""Of the faucet token that serves as the settlement currency, as those of most stable coins."""


LEAST_USD_OUTFLOW: Final = "100000"
LEAST_SPOT_OUTFLOW: Final = "10"
"""Tokens that may leave within an hour, unless a deployment chooses. More where the share of what is held is more."""

NO_CHOICES: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True)
class EngineSettings:
    """What a book's liquidation engine is deployed with.

    Attributes:
        terms: of takeovers, flags and challenges.
        curves: how rates rise; fixed ones for an engine without auctions.
        cooldown: how long a redemption of its insurance fund waits [active s], from 2 days to 90.

    Raises:
        InputError: fixed rates that the contract would refuse.
    """

    terms: LiquidationTerms = field(default_factory=LiquidationTerms)
    curves: LiquidationCurves | FixedRates = field(default_factory=LiquidationCurves)
    cooldown: int = 7 * 86_400

    def __post_init__(self) -> None:
        if isinstance(self.curves, FixedRates):
            _require_valid_rates(self.curves)


class MissingTokensError(InputError):
    """Assets have no token on a chain where tokens come from no faucet.

    Attributes:
        symbols: of the assets.
    """

    def __init__(self, chain_id: int, symbols: list[str]) -> None:
        super().__init__(f"chain {chain_id} is not a local one, so these tokens must be named: {', '.join(symbols)}")
        self.symbols = symbols


def default_quorum(reporters: int) -> int:
    """How many reports make a round: more than half, and three where there are as many.

    The median of three is between two honest prices when one is not; of two reports the lower price counts.
    """
    return max(reporters // 2 + 1, min(reporters, MEDIAN_OF))


def require_valid_settings(settings: BookSettings) -> None:
    """Refuse settings that the constructors would refuse, and warn of those by which one reporter moves prices.

    Raises:
        InputError: begins with the name of the setting.
    """
    count, quorum = len(settings.reporters), settings.threshold
    reporters = {int(reporter, 16) for reporter in settings.reporters}
    if len(reporters) != count or 0 in reporters:
        raise InputError("reporters: name each reporter once, and not the zero address")
    if count > MAX_REPORTERS:
        raise InputError(f"reporters: at most {MAX_REPORTERS} reporters, {count} are given")
    if not count < 2 * quorum <= 2 * count:
        raise InputError(f"threshold: of {count} reporters, from {count // 2 + 1} to {count} make a round")
    if len(set(settings.guardians)) != len(settings.guardians):
        raise InputError("guardians: name each guardian once")
    _require_valid_terms(settings)
    if settings.max_report_age >= settings.stale_after:
        raise InputError("max_report_age: must be below stale_after, or a round could be stale when it is posted")
    if settings.min_interval >= settings.stale_after:
        raise InputError("min_interval: must be below stale_after, or each round would be stale before the next")
    if not MIN_SILENCE <= settings.silence <= MAX_SILENCE:
        raise InputError(f"silence: from {MIN_SILENCE} to {MAX_SILENCE} seconds")
    if settings.silence <= settings.stale_after:
        raise InputError(
            "silence: must be above stale_after, or the book could end before a trip says that it is stale"
        )
    if settings.max_report_age >= settings.max_proof_age:
        raise InputError("max_report_age: must be below max_proof_age, or a round could be too old for any proof")
    if quorum < MEDIAN_OF:
        _LOG.warning(
            "each reporter can set every price by itself, within the limits of a round"
            if quorum == 1
            else "of two reports the lower price counts, so each reporter can lower every price by itself"
        )


def _require_valid_terms(settings: BookSettings) -> None:
    """Those of the vault, and the cure window, which depends on one of them."""
    if not MIN_DELAY <= settings.withdrawal_delay <= MAX_DELAY:
        raise InputError(f"withdrawal_delay: from {MIN_DELAY} to {MAX_DELAY} seconds")
    if not 0 <= settings.cure_window <= MAX_CURE_WINDOW:
        raise InputError(f"cure_window: from 0 to {MAX_CURE_WINDOW} seconds")
    if settings.cure_window >= settings.withdrawal_delay:
        raise InputError("cure_window: must be below withdrawal_delay, or money leaves before its debtor is taken over")
    if not 0 <= settings.opening_bond <= MAX_BOND:
        raise InputError("opening_bond: must be below 2^96 wei")
    if not 0 <= settings.outflow_ppm <= PPM:
        raise InputError(f"outflow_ppm: from 0 to {PPM}")


def _require_valid_rates(rates: FixedRates) -> None:
    if not 0 <= rates.maintenance <= MAX_MAINTENANCE_RATE:
        raise InputError(f"fixed rates: that of maintenance margin is from 0 to {MAX_MAINTENANCE_RATE} [1e-4]")
    if not 0 <= rates.overdraft <= MAX_OVERDRAFT_RATE:
        raise InputError(f"fixed rates: that of an overdraft is from 0 to {MAX_OVERDRAFT_RATE} [1e-4]")
    if not 0 <= rates.uncovered <= rates.maintenance:
        raise InputError("fixed rates: the uncovered one is at most that of maintenance margin")


def require_deployable(book: AssetList, tokens: Mapping[str, str]) -> None:
    """Refuse what no chain would take, before anything is built or sent.

    Args:
        book: to be deployed.
        tokens: address by symbol, of spot assets and of `USD`.

    Raises:
        InputError: the book has no limits, or a token is given for what has none.
    """
    book.listings()
    if USD in book.slots:
        raise InputError(f"book {book.name}: {USD} names the settlement currency, not an asset")
    for symbol in tokens:
        if symbol not in _spot_symbols(book):
            book.slot(symbol, "token")
            raise InputError(f"token {symbol}: a derivative has no token; only spot assets and {USD} have")


def book_code(
    n: int,
    keys: Path | None = None,
    *,
    gate: bool = False,
    engine: bool = False,
    progress: ProgressSink = ignore_progress,
) -> dict[str, ContractCode]:
    """Every contract, with the verifiers of a margin book; compiled where they are not cached.

    Args:
        n: assets of the book.
        keys: folder with those of ceremonies, such as update-13; None for this machine's development keys.
        gate: with the verifier of `margin`.
        engine: with the verifiers of `margin` and `release`.
        progress: receives what is built.

    Raises:
        InputError: the folder lacks a key, or there are no circuits of this size.
        VerificationError: a key that must not be deployed.
        ToolError: a tool is missing or failed.
    """
    further = _further_statements(gate=gate, engine=engine)
    artifacts = owner_artifacts(n, keys, progress=progress) | book_artifacts(further, n, keys, progress=progress)
    verifiers = compile_verifiers({item.instance.name: item for item in artifacts.values()}, progress=progress)
    return compile_contracts(progress=progress) | verifiers


def book_deployment(
    book: AssetList,
    name: str,
    tokens: Mapping[str, str],
    settings: BookSettings,
    least_outflows: Mapping[str, str] = NO_CHOICES,
    *,
    gate: bool = False,
    engine: EngineSettings | None = None,
) -> DeploymentSteps[MarginBook]:
    """The deployment of a margin book and its record.

    Args:
        book: with limits.
        name: of the book in books/, or path of its file.
        tokens: address by symbol, as for `deploy_book`.
        settings: the rest.
        least_outflows: as for `deploy_book`.
        gate: as for `deploy_book`.
        engine: as for `deploy_book`.
    """
    return DeploymentSteps(
        deploy=lambda chain: deploy_book(chain, book, tokens, settings, least_outflows, gate=gate, engine=engine),
        record=lambda made: DeploymentRecord.of_book(made, name),
    )


def deploy_book(
    chain: Chain,
    book: AssetList,
    tokens: Mapping[str, str],
    settings: BookSettings,
    least_outflows: Mapping[str, str] = NO_CHOICES,
    *,
    gate: bool = False,
    engine: EngineSettings | None = None,
) -> MarginBook:
    """Deploy the contracts of a book, on a local chain with fresh faucet tokens where none are given.

    Args:
        chain: where; with the contracts of `book_code` for the book's size.
        book: with limits.
        tokens: address by symbol.
        settings: the rest; its `lambdas_ppm` and `least_outflows` are replaced.
        least_outflows: by symbol, how many tokens, as a decimal string, may leave within an hour when the share of the
            outflow limit is less; `LEAST_SPOT_OUTFLOW` and `LEAST_USD_OUTFLOW` for the others.
        gate: with a gate. Without gate and engine no account can be flagged by a proof.
        engine: of the liquidation engine; None for a book in which no account is taken over.

    Raises:
        MissingTokensError: on a chain that is not local.
        InputError: a token has other decimals than the book says, or cannot express a least outflow.
        ChainError: refused.
    """
    listings, now = book.listings(), chain.timestamp()
    late = [asset.symbol for asset in book.assets if 0 < asset.expires_at <= now]
    if late:
        raise InputError(
            f"book {book.name}: {', '.join(late)} would expire in the past: list assets that expire later, or leave "
            '"expires" out'
        )
    decimals = {asset.symbol: listing.decimals for asset, listing in zip(book.assets, listings, strict=True)}
    decimals[USD] = USD_DECIMALS
    missing = [symbol for symbol in _spot_symbols(book) if symbol not in tokens]
    if missing and not is_local_chain(chain.chain_id):
        raise MissingTokensError(chain.chain_id, missing)
    for symbol, address in tokens.items():
        decimals[symbol] = _require_token(chain, symbol, address, None if symbol == USD else decimals[symbol])
    outflows = {
        book.slots.get(symbol, book.n): _least_outflow(symbol, least_outflows, decimals[symbol])
        for symbol in _spot_symbols(book)
    }
    faucets = {
        symbol: chain.deploy("FaucetToken", f"Faucet {symbol}", symbol, decimals[symbol]).address for symbol in missing
    }
    everything = {**tokens, **faucets}
    slots = [everything.get(asset.symbol) for asset in book.assets] + [None] * (book.n - len(book.assets))
    deploy_gate, deploy_engine = None, None
    verifiers = _deploy_verifiers(chain, book.n, gate=gate, engine=engine is not None)
    if gate:
        deploy_gate = partial(_deploy_gate, chain, verifiers["margin"], settings.max_proof_age)
    if engine is not None:
        deploy_engine = partial(_deploy_engine, chain, book.n, verifiers, everything[USD], engine)
    settings = replace(settings, lambdas_ppm=book.lambdas_ppm, least_outflows=outflows)
    contracts = BookContracts.create(
        chain, book.n, listings, [*slots, everything[USD]], settings, deploy_gate, deploy_engine=deploy_engine
    )
    return MarginBook(contracts, book)


def _deploy_verifiers(chain: Chain, n: int, *, gate: bool, engine: bool) -> dict[StatementName, str]:
    """Those that gate and engine share, and those of the engine alone."""
    return {
        statement: chain.deploy(solidity_contract_name(statement, n)).address
        for statement in _further_statements(gate=gate, engine=engine)
    }


def _further_statements(*, gate: bool, engine: bool) -> Sequence[StatementName]:
    """What gate and engine verify."""
    if engine:
        return ENGINE_STATEMENTS
    return ("margin",) if gate else ()


def _deploy_engine(
    chain: Chain,
    n: int,
    verifiers: Mapping[StatementName, str],
    token: str,
    settings: EngineSettings,
    addresses: BookAddresses,
) -> DeployedEngine:
    """Fund and ledger name each other, and the vault of the book names the ledger."""
    engine = LiquidationEngineClient.deploy(chain, addresses.book, n, verifiers, settings.terms, settings.curves)
    ledger = chain.next_contract(after=1)
    fund = InsuranceFundClient.deploy(
        chain, token, ledger, addresses.rounds, addresses.breaker, cooldown=settings.cooldown
    )
    made = ShortfallLedgerClient.deploy(chain, addresses.book, engine.contract.address, fund.contract.address)
    return DeployedEngine(engine, fund, made)


def _deploy_gate(chain: Chain, verifier: str, max_proof_age: int, addresses: BookAddresses) -> DeployedGate:
    gate = BookGateClient.deploy(chain, addresses, verifier, max_proof_age=max_proof_age)
    return DeployedGate(gate.contract.address)


def _spot_symbols(book: AssetList) -> list[str]:
    return [asset.symbol for asset in book.assets if asset.kind is AssetKind.SPOT] + [USD]


def _least_outflow(symbol: str, chosen: Mapping[str, str], decimals: int) -> int:
    """In the token's own units."""
    default = LEAST_USD_OUTFLOW if symbol == USD else LEAST_SPOT_OUTFLOW
    amount = parse_decimal(chosen.get(symbol, default), decimals, f"least_outflow {symbol}")
    if amount <= 0:
        raise InputError(f"least_outflow {symbol}: must be above 0, or the last of the token could never leave")
    return amount


def _require_token(chain: Chain, symbol: str, address: str, decimals: int | None) -> int:
    """The decimals of a token. A wrong address would else be found at the first deposit, after the deployment."""
    if not chain.has_code(address):
        raise InputError(f"token {symbol}: there is no contract at {address}")
    found = int(chain.at("FaucetToken", address).read("decimals"))
    if decimals is not None and found != decimals:
        raise InputError(f"token {symbol}: the token has {found} decimals, the book says {decimals}")
    return found
