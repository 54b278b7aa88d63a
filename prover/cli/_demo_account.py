"""The story of one account, from positions to a flag on chain, with real parts."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Final

from rich.console import Console

from prover import Account, Domain, Health, OwnerKeys, PriceRound, backend_check, instance_name, prove_margin
from prover.account import parse_portfolio
from prover.chain import Chain, Contract, GateContracts
from prover.cli._demo_ahead import book_built_meanwhile
from prover.cli._demo_narration import Narration
from prover.cli._demo_table import Step, two_columns
from prover.cli._exits import ExitCode
from prover.cli._output import as_hex, columns, emit, print_table
from prover.cli._progress import progress
from prover.market import BALANCE_DECIMALS, QUOTE_DECIMALS, SymbolMap, format_decimal, format_usd_down, format_usd_up
from prover.onchain import find_words
from prover.toolchain import (
    Anvil,
    AnyBackend,
    Artifacts,
    ContractSuite,
    NativeBackend,
    SnarkjsBackend,
    build_with_contracts,
    default_backend,
    find_home,
    find_node,
    load_book,
    open_backend,
)
from verifier import (
    Expectation,
    ProofEnvelope,
    ToolError,
    VerifyingKey,
    solidity_contract_name,
    verify_envelope,
)

BOOK: Final = "perps-13"
TIP_WEI: Final = 10**16
POT_WEI: Final = 10**17
KEEPER: Final = 0x70997970C51812DC3A010C7D01B50E0D17DC79C8
"""Second account of every anvil node: it watches prices and earns the tip."""


@dataclass
class _Stage(Narration):
    """What the story is told with."""

    account: Account
    artifacts: Artifacts
    key: VerifyingKey
    backend: AnyBackend
    snarkjs: SnarkjsBackend | None
    chain: Chain
    steps: list[Step] = field(default_factory=list)

    def did(self, title: str, known: Sequence[str], contract: Contract | None = None) -> None:
        self.steps.append(Step(title, known, contract))


def tell_of_an_account(width: int, *, as_json: bool, ahead: bool = False) -> ExitCode:
    """A trader's portfolio from its commitment to a flag, then what the owner knows beside what the chain saw.

    Args:
        width: columns of the table at the end.
        as_json: print one JSON object on stdout, and the story on stderr.
        ahead: meanwhile build what the story of a book takes.
    """
    console = Console(stderr=as_json, highlight=False)
    account, rounds = _portfolio()
    name = instance_name("margin", account.book.n)
    console.print("[bold]1. Circuits, development keys, contracts[/bold] (cached after the first run)")
    with progress() as sink:
        built, code = build_with_contracts([name], [ContractSuite.GATE], progress=sink)
    artifacts = built[name]
    meanwhile = book_built_meanwhile() if ahead else nullcontext()
    with meanwhile, open_backend() as backend, _snarkjs(console) as snarkjs, Anvil() as node:
        chain = Chain(node.url, code)
        key = artifacts.key
        stage = _Stage(account, artifacts, key, backend, snarkjs, chain, tell=console.print)
        contracts = _tell(stage, rounds, console)
        transactions = chain.transactions()
        leaked = find_words(_secrets(account, rounds), _everything(transactions, contracts))
        if not as_json:
            Console(width=width, highlight=False).print(two_columns(chain, stage.steps, transactions))
        return _conclude(stage, len(transactions), leaked, as_json=as_json)


@contextmanager
def _snarkjs(console: Console) -> Iterator[SnarkjsBackend | None]:
    """snarkjs as a second opinion; none where there is no Node."""
    try:
        find_node()
    except ToolError as error:
        console.print(f"  without the second opinion of snarkjs: {error}")
        yield None
        return
    with SnarkjsBackend() as snarkjs:
        yield snarkjs


def _portfolio() -> tuple[Account, tuple[PriceRound, PriceRound]]:
    book = load_book(BOOK)
    examples_ = find_home() / "examples"
    portfolio = parse_portfolio((examples_ / "positions.csv").read_bytes(), SymbolMap(book, {}), "positions.csv")
    first, second = (PriceRound.load(examples_ / f"round-{number}.json", book) for number in (1, 2))
    account = Account.of_state(book, portfolio.state(book, first), OwnerKeys.generate(Domain(31337, 0)))
    return account, (first, second)


def _tell(stage: _Stage, rounds: tuple[PriceRound, PriceRound], console: Console) -> GateContracts:
    account, chain = stage.account, stage.chain
    before, after = rounds

    console.print("\n[bold]2. A portfolio, and its commitment[/bold]")
    rows = [[symbol, amount] for symbol, amount in account.positions().items()]
    rows.append(["quote (USD)", format_decimal(account.state.quote, QUOTE_DECIMALS)])
    print_table(console, columns(["asset", "balance"], rows))
    commitment = account.commitment()
    console.print(f"  commitment {as_hex(commitment)}")

    console.print(f"\n[bold]3. A local chain[/bold] at {chain.url}: price source, verifier, gate")
    contracts = GateContracts.create(
        chain,
        solidity_contract_name("margin", account.book.n),
        account.book.slot_fractions(),
        max_proof_age=3600,
        tip=TIP_WEI,
    )
    for what in ("deploy the verifier", "deploy the price source", "deploy the gate"):
        stage.did(what, ["nothing private"])
    gate = contracts.gate
    gate.fund_tips(POT_WEI)
    stage.did("fund tips for keepers", ["nothing private"], gate.contract)
    _post(stage, contracts, before)
    trader = int(chain.sender, 16)
    gate.register(trader, commitment)
    stage.did("register the commitment", _positions(account), gate.contract)

    console.print("\n[bold]4. The account meets its margin, and proves it[/bold]")
    envelope = _prove(stage, before, healthy=True, recipient=0)
    _verify_off_chain(stage, envelope, before, healthy=True)
    with stage.timed("verified by the contract"):
        gate.prove_solvent(trader, before.id, 0, envelope.proof)
    stage.did("submit the proof of solvency", _health(account.health(before)), gate.contract)
    console.print(f"  isSolvent(trader, 1 hour): {gate.is_solvent(trader, 3600)}")

    console.print("\n[bold]5. Prices fall[/bold]")
    _post(stage, contracts, after)
    console.print(f"  BTC-PERP {_price(before)} -> {_price(after)} USD")

    console.print("\n[bold]6. The same keys prove that it is below maintenance margin[/bold]")
    envelope = _prove(stage, after, healthy=False, recipient=KEEPER)
    _verify_off_chain(stage, envelope, after, healthy=False)
    with stage.timed("flag accepted by the contract"):
        gate.flag(trader, after.id, KEEPER, envelope.proof)
    stage.did("submit the flag", _health(account.health(after)), gate.contract)
    flagged = gate.account_state(trader).flagged_at_round == after.id
    console.print(f"  flagged: {flagged}; isSolvent: {gate.is_solvent(trader, 3600)}\n")
    return contracts


def _post(stage: _Stage, contracts: GateContracts, round_: PriceRound) -> None:
    contracts.prices.post(round_.prices, round_.funding)
    health = _health(stage.account.health(round_)) if round_.id > 1 else ["prices are public"]
    stage.did(f"post price round {round_.id}", health, contracts.prices.contract)


def _prove(stage: _Stage, round_: PriceRound, *, healthy: bool, recipient: int) -> ProofEnvelope:
    with stage.timed(f"proof at round {round_.id}, healthy = {int(healthy)}, by {default_backend()}"):
        return prove_margin(stage.account, round_, stage.artifacts, stage.backend, healthy=healthy, recipient=recipient)


def _verify_off_chain(stage: _Stage, envelope: ProofEnvelope, round_: PriceRound, *, healthy: bool) -> None:
    expected = Expectation(round_.inputs(), healthy=healthy, commitment=stage.account.commitment())
    with stage.timed("verified by py_ecc"):
        verify_envelope(envelope, stage.key, expected)
    backends: dict[str, AnyBackend] = {} if stage.snarkjs is None else {"snarkjs": stage.snarkjs}
    if isinstance(stage.backend, NativeBackend):
        backends["the native core"] = stage.backend
    for name, backend in backends.items():
        with stage.timed(f"verified by {name}"):
            verify_envelope(envelope, stage.key, expected, check=backend_check(backend))


def _positions(account: Account) -> list[str]:
    lines = [f"{symbol} {amount}" for symbol, amount in account.positions().items()]
    return [
        *lines,
        f"quote {format_decimal(account.state.quote, QUOTE_DECIMALS)} USD",
        "owner secret, salt, viewing key",
    ]


def _health(health: Health) -> list[str]:
    return [
        f"equity {format_usd_down(health.equity)} USD",
        f"margin {format_usd_up(health.margin)} USD",
        f"health {format_usd_down(health.health)} USD",
    ]


def _price(round_: PriceRound) -> str:
    return format_decimal(round_.prices[round_.book.slots["BTC-PERP"]], BALANCE_DECIMALS)


def _secrets(account: Account, rounds: Sequence[PriceRound]) -> dict[str, int]:
    """Everything that must not be on the chain, by name."""
    keys = account.keys
    secrets = dict(zip((a.symbol for a in account.book.assets), account.state.balances, strict=False))
    secrets |= {f"|{name}|": abs(value) for name, value in secrets.items()}
    secrets |= {"quote": account.state.quote, "shorts": account.state.shorts, "owner secret": keys.owner_secret}
    secrets |= {
        "salt": account.salt,
        "blind": account.opened.blind,
        "viewing key": keys.view_key,
        "identity": keys.identity,
    }
    for round_ in rounds:
        health = account.health(round_)
        secrets |= {
            f"equity at round {round_.id}": health.equity,
            f"margin at round {round_.id}": health.margin,
            f"health at round {round_.id}": health.health,
        }
    return secrets


def _everything(transactions: Sequence[Mapping[str, Any]], contracts: GateContracts) -> Iterator[bytes]:
    for transaction in transactions:
        yield bytes(transaction["input"])
    for contract in (contracts.gate.contract, contracts.prices.contract):
        yield from contract.log_data()


def _conclude(stage: _Stage, transactions: int, leaked: Sequence[str], *, as_json: bool) -> ExitCode:
    def render(console: Console) -> None:
        if leaked:
            console.print(f"ON CHAIN, in the clear: {', '.join(leaked)}", style="bold red")
        else:
            console.print(
                "Every word of calldata and events was searched for every balance, the quote, the signs, equity, "
                "margin, health and keys: none is there.",
                style="bold green",
            )

    result = {
        "commitment": as_hex(stage.account.commitment()),
        "transactions": transactions,
        "leaked": list(leaked),
        "seconds": stage.timings,
    }
    emit(result, render, as_json=as_json)
    return ExitCode.NO if leaked else ExitCode.OK
