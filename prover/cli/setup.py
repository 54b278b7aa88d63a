"""`zksolvency setup`."""

from collections.abc import Mapping
from typing import Annotated

import typer
from rich.console import Console

from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag, StatementsOption, wanted_statements
from prover.cli._output import columns, emit, print_facts, print_table, warn
from prover.cli._progress import progress
from prover.toolchain import (
    CORE_INSTALL_HINT,
    Artifacts,
    ContractSuite,
    build,
    build_with_contracts,
    cache_dir,
    has_core,
    load_book,
)

app = new_app()

DEVELOPMENT_KEYS = "development keys: anyone can forge proofs; never use them for real money"


@app.command(
    epilog=examples(
        "zksolvency setup",
        "zksolvency setup --book multi-28",
        "zksolvency setup --statement open --statement update --contracts book",
    )
)
def setup(
    book: Annotated[str, typer.Option("--book", metavar="NAME|FILE", help="Book whose size to build for.")] = (
        "perps-13"
    ),
    statement: StatementsOption = None,
    contracts: Annotated[
        list[ContractSuite] | None,
        typer.Option(
            "--contracts",
            metavar="NAME",
            help="Contracts to compile too, with the verifiers of the statements: gate, book or integration; "
            "more than once.  [default: none]",
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Build circuits and development keys, and say where they are.

    What is built already, or was installed from an archive, is not built again. The first time takes half a minute, or
    a minute or two without the native core. The commands of a margin book build what they need: open, update and the
    contracts. Compilers come from `zksolvency toolchain install`; this command downloads nothing.
    """
    n = load_book(book).n
    wanted = wanted_statements(statement)
    names = [one.instance(n) for one in wanted]
    with progress() as sink:
        built = build_with_contracts(names, contracts, progress=sink)[0] if contracts else build(names, progress=sink)
    warn(DEVELOPMENT_KEYS)
    if not has_core():
        warn(f"the native core is not installed, so proofs take most of a second: {CORE_INSTALL_HINT}")

    def render(console: Console) -> None:
        rows = [
            [name, f"{item.constraints:,}", f"2^{item.circuit.domain_log2}", str(item.circuit.public_count)]
            for name, item in built.items()
        ]
        print_table(console, columns(["statement", "constraints", "domain", "public signals"], rows))
        console.print()
        print_facts(console, [("cache", str(cache_dir())), *_places(built)])

    result = {"cache": str(cache_dir()), "statements": [_as_json(item) for item in built.values()]}
    emit(result, render, as_json=as_json)


def _places(built: Mapping[str, Artifacts]) -> list[tuple[str, str]]:
    return [
        (f"{name} {what}", path.parent.name)
        for name, item in built.items()
        for what, path in (("circuit", item.r1cs), ("keys", item.zkey))
    ]


def _as_json(item: Artifacts) -> dict[str, object]:
    return {
        "name": item.instance.name,
        "constraints": item.constraints,
        "public_signals": item.circuit.public_count,
        "domain_log2": item.circuit.domain_log2,
        "r1cs": str(item.r1cs),
        "wasm": str(item.wasm),
        "zkey": str(item.zkey),
        "verification_key": str(item.verification_key),
    }
