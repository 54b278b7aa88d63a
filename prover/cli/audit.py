"""`zksolvency audit`."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console

from prover import Symbols, Witness, instance_name
from prover.audit import DEFAULT_EFFORT, AuditReport, Effort, audit, declaration_of, sample_inputs
from prover.cli._commands import examples, new_app
from prover.cli._exits import ExitCode
from prover.cli._options import STATEMENT_NAMES, JsonFlag
from prover.cli._output import emit
from prover.cli._progress import progress
from prover.formats import R1CS
from prover.toolchain import Progress, ProgressSink, compile_circuits, load_book, open_backend
from verifier import StatementName

app = new_app()


@app.command(
    "audit",
    epilog=examples(
        "zksolvency audit",
        "zksolvency audit --statement update --witnesses 5",
        "zksolvency audit --statement margin-lean --book multi-28 --seed 7 --json",
    ),
)
def audit_circuit(
    statement: Annotated[
        StatementName, typer.Option("--statement", metavar="NAME", help=f"Statement to search: {STATEMENT_NAMES}.")
    ] = "margin",
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

    Random true statements are made, then every wire of their witnesses is changed, alone and in pairs: the
    constraints must refuse each change that would make the statement false. Exit code 1 when a change passes that is
    not declared harmless.
    """
    n = load_book(book).n
    circuit = instance_name(statement, n)
    rng = random.Random(seed)  # noqa: S311 - to be repeatable, and none of the accounts is real
    with progress() as sink:
        compiled = compile_circuits([circuit], progress=sink)[circuit]
        with _stages(sink) as on_stage:
            on_stage("witnesses")
            with open_backend() as backend:
                inputs = [sample_inputs(statement, n, rng) for _ in range(witnesses)]
                valid = [Witness.parse(backend.witness(compiled, one)) for one in inputs]
            report = audit(
                R1CS.load(compiled.r1cs),
                Symbols.load(compiled.sym),
                valid,
                declaration_of(statement),
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
