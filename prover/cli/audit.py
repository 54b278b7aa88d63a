"""`zksolvency audit`."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from prover import Account, AccountKeys, Asset, AssetKind, Book, Domain, PriceRound, instance_name, margin_inputs
from prover._babyjubjub import BASE, SUBGROUP_ORDER
from prover._r1cs import R1CS
from prover._symbols import Symbols
from prover._units import PPM
from prover._witness import Witness
from prover.audit import DEFAULT_EFFORT, AuditReport, Effort, audit, margin_declaration
from prover.cli._commands import examples, new_app
from prover.cli._exits import ExitCode
from prover.cli._files import load_book
from prover.cli._options import JsonFlag, Statement
from prover.cli._output import emit
from prover.cli._progress import progress
from prover.toolchain import (
    AnyBackend,
    CompiledCircuit,
    Progress,
    ProgressSink,
    compile_circuits,
    open_backend,
)
from verifier import SCALAR_MODULUS, MarginClaim

app = new_app()

_MAX_PRICE_BITS: Final = 47  # 140,000 USD
_MAX_BALANCE_BITS: Final = 50  # a million tokens


@app.command(
    "audit",
    epilog=examples(
        "zksolvency audit",
        "zksolvency audit --statement margin-lean --book multi-28 --seed 7 --json",
    ),
)
def audit_circuit(
    statement: Annotated[Statement, typer.Option("--statement", help="Statement to search.")] = Statement.MARGIN,
    book: Annotated[str, typer.Option("--book", metavar="NAME|FILE", help="Book whose size it has.")] = "perps-13",
    witnesses: Annotated[
        int, typer.Option("--witnesses", metavar="NUMBER", min=1, help="Random valid witnesses to start from.")
    ] = 2,
    pairs: Annotated[
        int, typer.Option("--pairs", metavar="NUMBER", min=0, help="Changes of two wires to try on each.")
    ] = DEFAULT_EFFORT.pairs,
    attacks: Annotated[
        int, typer.Option("--attacks", metavar="NUMBER", min=0, help="Changes of inputs to try on each.")
    ] = DEFAULT_EFFORT.attacks,
    seed: Annotated[int, typer.Option("--seed", metavar="NUMBER", help="The same seed finds the same.")] = 0,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Search a circuit for witnesses that should not exist.

    Random accounts are proven, then every wire of their witnesses is changed, alone and in pairs: the constraints
    must refuse each change that would make the statement false. Exit code 1 when a change passes that is not declared
    harmless.
    """
    circuit = instance_name(statement.value, load_book(book).n)
    rng = random.Random(seed)  # noqa: S311 - to be repeatable, and none of the accounts is anybody's
    with progress() as sink:
        compiled = compile_circuits([circuit], progress=sink)[circuit]
        with _stages(sink) as on_stage:
            on_stage("witnesses")
            with open_backend() as backend:
                valid = [_witness(compiled, backend, rng) for _ in range(witnesses)]
            report = audit(
                R1CS.load(compiled.r1cs),
                Symbols.load(compiled.sym),
                valid,
                margin_declaration(statement.value),
                rng,
                Effort(pairs=pairs, attacks=attacks),
                on_stage,
            )

    def render(console: Console) -> None:
        console.print(str(report), soft_wrap=True)
        console.print()
        if report.failures:
            console.print(f"{circuit}: NOT clean", style="bold red")
        else:
            console.print(f"{circuit}: clean", style="bold green")

    emit({"circuit": circuit, "seed": seed} | _as_json(report), render, as_json=as_json)
    return ExitCode.NO if report.failures else ExitCode.OK


def _witness(compiled: CompiledCircuit, backend: AnyBackend, rng: random.Random) -> Witness:
    n = compiled.instance.n
    assets = tuple(Asset(f"A{slot}", AssetKind.PERPETUAL, PPM, rng.randint(0, PPM // 2)) for slot in range(n))
    book = Book("audit", n, assets)

    def amounts(bits: int) -> tuple[int, ...]:
        return tuple(rng.getrandbits(rng.randint(0, bits)) for _ in range(n))

    prices = amounts(_MAX_PRICE_BITS)
    round_ = PriceRound(book, 1, 0, prices, tuple(rng.randint(-price, price) for price in prices))
    balances = tuple(rng.choice((-1, 1)) * balance for balance in amounts(_MAX_BALANCE_BITS))
    quote = rng.choice((-1, 1)) * rng.getrandbits(_MAX_PRICE_BITS + _MAX_BALANCE_BITS)
    keys = AccountKeys(rng.randrange(1, SUBGROUP_ORDER), BASE, Domain(0, 0), rng.randrange(SCALAR_MODULUS))
    account = Account(book, balances, quote, keys)
    claim = MarginClaim(account.commitment(), account.health(round_).is_healthy, rng.getrandbits(160))
    return Witness.parse(backend.witness(compiled, margin_inputs(account, round_, claim)))


@contextmanager
def _stages(sink: ProgressSink) -> Iterator[Callable[[str], None]]:
    """Turn the names of stages into reports that begin and end."""
    current: list[str] = []

    def end() -> None:
        for stage in current:
            sink(Progress(stage, 1, 1))
        current.clear()

    def on_stage(stage: str) -> None:
        end()
        current.append(stage)
        sink(Progress(stage, 0, 1))

    yield on_stage
    end()


def _as_json(report: AuditReport) -> dict[str, Any]:
    return {
        "clean": not report.failures,
        "sizes": dict(report.sizes),
        "failures": [{"check": f.check, "wires": list(f.wires), "message": f.message} for f in report.failures],
        "harmless": dict(report.harmless),
        "other_statements": dict(report.other_statements),
    }
