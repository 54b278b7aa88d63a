"""All contracts of one margin book: deployed in their order, or found by their addresses."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Self

from prover.chain._account_life import LIFE_STATEMENTS, AccountLifeClient
from prover.chain._book import MarginBookClient
from prover.chain._book_gate import BookAddresses, BookGateClient, DeployedGate
from prover.chain._chain import Chain, Contract
from prover.chain._expiries import ExpiriesClient
from prover.chain._governance import BreakerClient, RiskParametersClient
from prover.chain._liquidation_engine import LiquidationEngineClient
from prover.chain._price_rounds import RoundsClient
from prover.chain._shortfall import InsuranceFundClient, ShortfallLedgerClient
from prover.chain._token import TokenClient
from verifier import ChainError, FieldPair, ListedAsset, solidity_contract_name

ROLES: Final[Mapping[str, str]] = {
    "risk_parameters": "RiskParameters",
    "breaker": "CircuitBreaker",
    "rounds": "PriceRounds",
    "expiries": "Expiries",
    "account_life": "AccountLife",
    "book": "MarginBook",
}
"""Contract of each role, in the order of deployment."""

OPTIONAL_ROLES: Final[Mapping[str, str]] = {
    "engine": "LiquidationEngine",
    "fund": "InsuranceFund",
    "ledger": "ShortfallLedger",
}
"""Contract of each role that a book may do without, in the order of deployment."""

SPOT: Final = 0
"""Kind of a spot asset in `ListedAsset`."""


@dataclass(frozen=True, slots=True)
class BookSettings:
    """What a deployment chooses beside its assets.

    Attributes:
        reporters: addresses that sign price reports.
        threshold: how many of them make a round: more than half.
        guardians: points of the guardians that accounts may name.
        change_delay: how long a change of risk parameters waits [s], from a day.
        lambdas_ppm: how much of its spot an account may owe [ppm]: when it increases its risk, and before its debt is
            called.
        stale_after: how old the latest round may be [s].
        silence: how old the latest round has to be before any caller can wind the book down [s], from a day to 30.
        min_interval: least time between two sets of prices [s].
        max_report_age: how old a report may be when it is posted [s], at most 60.
        resume_grace: how long clocks stand still after governance lowered the circuit breaker, and after silence of the
            reporters [s].
        max_proof_age: how old the round of a proof may be [s]. No price should move by the initial margin in it
            (docs/book.md): who sees the next price first has that long to open both sides of a trade at the old one.
        withdrawal_delay: how long a withdrawal waits [s], from 60 to 604,800, not counting time in which flags are
            stopped.
        outflow_ppm: the share of a token that may leave within an hour [ppm]; 1,000,000 for no limit.
        least_outflows: how much of a token may leave within an hour when the share is less [token units], by slot, N
            for the settlement currency: one for each token, above 0.
        cure_window: how long a flagged account may top up before only a cure is left [s], at most 600 and less than
            `withdrawal_delay`.
        opening_bond: what an account leaves when it is opened, for the tip of its next flag [wei].
    """

    reporters: Sequence[str]
    threshold: int
    guardians: Sequence[FieldPair]
    change_delay: int = 86_400
    lambdas_ppm: tuple[int, int] = (50_000, 100_000)
    stale_after: int = 3_600
    silence: int = 7 * 86_400
    min_interval: int = 10
    max_report_age: int = 30
    resume_grace: int = 600
    max_proof_age: int = 300
    withdrawal_delay: int = 1_800
    outflow_ppm: int = 100_000
    least_outflows: Mapping[int, int] = field(default_factory=dict)
    cure_window: int = 60
    opening_bond: int = 2 * 10**16


class DeployedEngine(NamedTuple):
    """What liquidates accounts of a book that is about to be deployed.

    Attributes:
        engine: a module of the book.
        fund: pays bad debt.
        ledger: shares what the fund does not pay.
    """

    engine: LiquidationEngineClient
    fund: InsuranceFundClient
    ledger: ShortfallLedgerClient


@dataclass(frozen=True)
class BookContracts:
    """The contracts of one margin book.

    Attributes:
        risk_parameters: assets and fractions.
        breaker: what is stopped.
        rounds: prices.
        expiries: where assets settle, and how the book ends.
        account_life: expires, moves, closes and pays out accounts; a module of the book.
        book: the accounts.
        engine: sells accounts below their margin; a module of the book. None in a book without one.
        fund: pays bad debt; None in a book without an engine.
        ledger: shares what the fund does not pay; None in a book without an engine.
    """

    risk_parameters: RiskParametersClient
    breaker: BreakerClient
    rounds: RoundsClient
    expiries: ExpiriesClient
    account_life: AccountLifeClient
    book: MarginBookClient
    engine: LiquidationEngineClient | None = None
    fund: InsuranceFundClient | None = None
    ledger: ShortfallLedgerClient | None = None

    @classmethod
    def create(
        cls,
        chain: Chain,
        slots: int,
        assets: Sequence[ListedAsset],
        tokens: Sequence[str | None],
        settings: BookSettings,
        deploy_gate: Callable[[BookAddresses], DeployedGate] | None = None,
        gate_transactions: int = 1,
        deploy_engine: Callable[[BookAddresses], DeployedEngine] | None = None,
    ) -> Self:
        """Deploy everything; the sender governs all of it.

        Args:
            chain: where.
            slots: N; verifiers of `open`, `update` and of `LIFE_STATEMENTS` for it must be among the chain's contracts.
            assets: entries of the first slots; the others stay empty.
            tokens: address for each slot and then the settlement currency; None for a derivative.
            settings: the rest.
            deploy_gate: deploys the book's gate: each names the other. None for a book without a gate.
            gate_transactions: how many transactions that takes.
            deploy_engine: deploys engine, fund and ledger, in a transaction each; None for a book without them.

        Raises:
            ChainError: refused, for instance a development key on a public chain; or tokens and kinds of assets do not
                agree, and nothing was sent.
        """
        _require_same_spot_assets(assets, tokens)
        zero = chain.checksum(0)
        first_block = chain.block_number()
        listings = [tuple(asset) for asset in assets]
        predicted_expiries = chain.next_contract(after=3)  # each of the three that come first may name it
        risk = chain.deploy(
            "RiskParameters",
            chain.sender,
            slots,
            settings.change_delay,
            *settings.lambdas_ppm,
            predicted_expiries,
            listings,
        )
        breaker = chain.deploy("CircuitBreaker", chain.sender, settings.resume_grace)
        rounds = chain.deploy(
            "PriceRounds",
            chain.sender,
            risk.address,
            predicted_expiries,
            breaker.address,
            settings.stale_after,
            settings.min_interval,
            settings.max_report_age,
            list(settings.reporters),
            settings.threshold,
        )
        expiries = chain.deploy("Expiries", risk.address, rounds.address, slots, settings.silence)
        if expiries.address != predicted_expiries:
            raise ChainError(
                "something else was sent while the price source was deployed, so its assets could never settle: deploy "
                "again"
            )
        BreakerClient(breaker).set_price_source(rounds.address)
        verifiers = [chain.deploy(solidity_contract_name(statement, slots)) for statement in ("open", "update")]
        life_verifiers = [chain.deploy(solidity_contract_name(statement, slots)) for statement in LIFE_STATEMENTS]
        vaults = chain.deploy("BookVaultFactory")
        further = (0 if deploy_gate is None else gate_transactions) + (
            0 if deploy_engine is None else len(OPTIONAL_ROLES)
        )
        predicted = chain.next_contract(after=1 + further)
        life = chain.deploy("AccountLife", predicted, slots, *(verifier.address for verifier in life_verifiers))
        addresses = BookAddresses(predicted, rounds.address, breaker.address)
        gate = DeployedGate(zero) if deploy_gate is None else deploy_gate(addresses)
        liquidation = None if deploy_engine is None else deploy_engine(addresses)
        modules, ledger = [life.address, *gate.modules], zero
        if liquidation is not None:
            modules, ledger = [*modules, liquidation.engine.contract.address], liquidation.ledger.contract.address
        book = chain.deploy(
            "MarginBook",
            (
                chain.sender,
                settings.max_proof_age,
                rounds.address,
                [token or zero for token in tokens],
                *(verifier.address for verifier in verifiers),
                breaker.address,
                gate.address,
                settings.cure_window,
                (
                    vaults.address,
                    (
                        settings.withdrawal_delay,
                        settings.outflow_ppm,
                        [settings.least_outflows.get(slot, 0) for slot in range(slots + 1)],
                        ledger,
                        settings.opening_bond,
                    ),
                ),
                modules,
                [list(point) for point in settings.guardians],
            ),
        )
        if book.address != predicted:
            raise ChainError(
                "something else was sent while the modules were deployed, so they name another book: deploy again"
            )
        made = dict(zip(ROLES, (risk, breaker, rounds, expiries, life, book), strict=True))
        if liquidation is not None:
            made |= {role: client.contract for role, client in liquidation._asdict().items()}
        return cls._of(made, first_block)

    @classmethod
    def at(cls, chain: Chain, addresses: Mapping[str, str], first_block: int) -> Self:
        """The contracts at their addresses, by role.

        Args:
            chain: where.
            addresses: for each of `ROLES`, and for those of `OPTIONAL_ROLES` that the book has.
            first_block: no event of the book is older.
        """
        names = {**ROLES, **{role: name for role, name in OPTIONAL_ROLES.items() if role in addresses}}
        return cls._of({role: chain.at(name, addresses[role]) for role, name in names.items()}, first_block)

    @classmethod
    def _of(cls, contracts: Mapping[str, Contract], first_block: int) -> Self:
        return cls(
            RiskParametersClient(contracts["risk_parameters"]),
            BreakerClient(contracts["breaker"]),
            RoundsClient(contracts["rounds"]),
            ExpiriesClient(contracts["expiries"]),
            AccountLifeClient(contracts["account_life"]),
            MarginBookClient(contracts["book"], first_block),
            LiquidationEngineClient(contracts["engine"]) if "engine" in contracts else None,
            InsuranceFundClient(contracts["fund"]) if "fund" in contracts else None,
            ShortfallLedgerClient(contracts["ledger"]) if "ledger" in contracts else None,
        )

    @property
    def chain(self) -> Chain:
        """The chain that they stand on."""
        return self.book.contract.chain

    def addresses(self) -> dict[str, str]:
        """Address of each role."""
        contracts = (
            self.risk_parameters.contract,
            self.breaker.contract,
            self.rounds.contract,
            self.expiries.contract,
            self.account_life.contract,
            self.book.contract,
        )
        found = {role: contract.address for role, contract in zip(ROLES, contracts, strict=True)}
        further = zip(OPTIONAL_ROLES, (self.engine, self.fund, self.ledger), strict=True)
        return found | {role: client.contract.address for role, client in further if client is not None}

    def token(self, asset: int) -> TokenClient:
        """The token of a slot, N for the settlement currency.

        Raises:
            ChainError: it is a derivative.
        """
        address = self.book.token_of(asset)
        if address is None:
            raise ChainError(
                "a derivative cannot be deposited or withdrawn: only spot assets and the settlement currency"
            )
        return TokenClient(self.chain.at("FaucetToken", address))

    def book_gate(self, address: str) -> BookGateClient:
        """The solvency gate of this book, itself or within another gate.

        Args:
            address: of a `BookGate`.

        Raises:
            ChainError: it reads from another book, is at other prices, or the book takes no reports from it: it would
                refuse every proof.
        """
        gate = BookGateClient(self.chain.at("BookGate", address))
        if gate.book() != self.book.contract.address:
            raise ChainError(f"the gate at {address} reads from another book, at {gate.book()}")
        if gate.rounds() != self.rounds.contract.address:
            raise ChainError(f"the gate at {address} has another price source than the book: deploy the gate again")
        if not self.book.takes_reports_of(address):
            raise ChainError(f"the gate at {address} is neither the book's gate in force nor one of its modules")
        return gate


def _require_same_spot_assets(assets: Sequence[ListedAsset], tokens: Sequence[str | None]) -> None:
    """The book takes what has a token for spot, rounds what RiskParameters calls spot: they must mean the same."""
    listed = [asset.kind == SPOT and any(asset.symbol) for asset in assets]
    with_token = [bool(token and int(token, 16)) for token in tokens[:-1]]
    if with_token != listed + [False] * (len(with_token) - len(listed)):
        raise ChainError("tokens were given for other slots than those of the spot assets; nothing was sent")
