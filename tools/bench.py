"""`make bench`: what each statement costs, into a table and build/bench.json. Nothing is asserted about time.

Rows: statement, n, backend, metric, unit, median, min, max, runs. Compare rows of one run only: machines drift.
"""

import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from prover import Account, AccountKeys, Book, Domain, PriceRound, margin_inputs, prove_margin
from prover.toolchain import (
    Anvil,
    Artifacts,
    SnarkjsBackend,
    build,
    compile_contracts,
    compile_verifiers,
    find_node,
    find_package,
)
from verifier import MarginClaim, ProofEnvelope, VerifyingKey, read_json, solidity_contract_name, verify
from verifier.chain import Chain, Deployment

ROOT: Final = Path(__file__).resolve().parent.parent
TARGET: Final = ROOT / "build" / "bench.json"
BOOKS: Final = {13: "perps-13", 28: "multi-28"}
RUNS: Final = 7
SLOW_RUNS: Final = 5


@dataclass(frozen=True)
class Row:
    """One figure."""

    statement: str
    n: int
    backend: str
    metric: str
    unit: str
    median: float
    min: float
    max: float
    runs: int


@dataclass(frozen=True)
class Case:
    """A statement with an account and a round to prove."""

    statement: str
    n: int
    artifacts: Artifacts
    account: Account
    round: PriceRound

    def row(self, backend: str, metric: str, unit: str, samples: list[float]) -> Row:
        """A figure of this statement from its samples."""
        middle, low, high = statistics.median(samples), min(samples), max(samples)
        return Row(self.statement, self.n, backend, metric, unit, middle, low, high, len(samples))


def timed(run: Callable[[], object], runs: int) -> list[float]:
    """Milliseconds of each run, after one that is not counted."""
    run()
    samples = []
    for _ in range(runs):
        started = time.perf_counter()
        run()
        samples.append(1000 * (time.perf_counter() - started))
    return samples


def state(n: int) -> tuple[Account, PriceRound]:
    """A healthy account with a position in every slot."""
    book = Book.load(ROOT / "books" / f"{BOOKS[n]}.json")
    balances = tuple((-1 if a.may_be_short and i % 2 else 1) * (i + 1) * 10**8 for i, a in enumerate(book.assets))
    account = Account(book, balances, 10**24, AccountKeys.generate(Domain(31337, 0)))
    return account, PriceRound(book, 1, 0, tuple((i + 1) * 10**9 for i in range(n)), (0,) * n)


def off_chain(case: Case, snarkjs: SnarkjsBackend) -> Iterator[Row]:
    """Constraints, witness, proving cold and warm, verifying."""
    yield case.row("circom", "constraints", "constraints", [case.artifacts.constraints])
    claim = MarginClaim(case.account.commitment(), True, 0)
    inputs = margin_inputs(case.account, case.round, claim)
    yield case.row("snarkjs worker", "witness", "ms", timed(lambda: snarkjs.witness(case.artifacts, inputs), RUNS))
    yield case.row("snarkjs worker", "prove", "ms", timed(lambda: snarkjs.prove(case.artifacts, inputs), RUNS))
    yield case.row("snarkjs CLI", "prove", "ms", cold(case, inputs))
    envelope = prove_margin(case.account, case.round, case.artifacts, snarkjs)
    key = VerifyingKey.load(case.artifacts.verification_key)
    signals = list(envelope.public_signals)
    yield case.row("py_ecc", "verify", "ms", timed(lambda: verify(key, signals, envelope.proof), SLOW_RUNS))
    yield case.row("snarkjs worker", "verify", "ms", timed(lambda: snarkjs_verifies(case, snarkjs, envelope), RUNS))


def snarkjs_verifies(case: Case, snarkjs: SnarkjsBackend, envelope: ProofEnvelope) -> None:
    """Verify with snarkjs, which must accept."""
    key = read_json(case.artifacts.verification_key, "verifying key")
    signals = [str(signal) for signal in envelope.public_signals]
    assert isinstance(key, dict)
    assert snarkjs.verify(key, signals, envelope.proof.to_json())


def cold(case: Case, inputs: object) -> list[float]:
    """A proof by snarkjs' own command, process start to files written."""
    command = [str(find_node()), str(find_package("snarkjs") / "build" / "cli.cjs"), "groth16", "fullprove"]
    with tempfile.TemporaryDirectory(prefix="zksolvency-bench-") as folder:
        source = Path(folder) / "input.json"
        source.write_text(json.dumps(inputs))
        files = [source, case.artifacts.wasm, case.artifacts.zkey, Path(folder) / "proof", Path(folder) / "public"]
        command += [str(file) for file in files]
        return timed(lambda: subprocess.run(command, check=True, capture_output=True), SLOW_RUNS)


def gas(case: Case, snarkjs: SnarkjsBackend) -> Iterator[Row]:
    """Gas of whole transactions on a real node: deployment once, then rounds with a registration and a proof each."""
    name = f"{case.statement}-{case.n}"
    code = compile_contracts() | compile_verifiers({name: case.artifacts})
    samples: dict[str, list[float]] = {"postRound": [], "prepareRound": [], "register": [], "proveSolvent": []}
    with Anvil() as node:
        chain = Chain(node.url, code)
        verifier_name = solidity_contract_name("margin", case.n)
        fractions = case.account.book.fractions_ppm()
        contracts = Deployment.create(chain, verifier_name, fractions, max_proof_age=3600, tip=0)
        for round_id in range(1, SLOW_RUNS + 1):
            round_ = PriceRound(case.round.book, round_id, 0, case.round.prices, case.round.funding)
            account = Account(
                case.account.book, case.account.balances, case.account.quote, AccountKeys.generate(Domain(31337, 0))
            )
            receipts = {
                "postRound": contracts.rounds.send("postRound", list(round_.prices), list(round_.funding)),
                "prepareRound": contracts.gate.send("prepareRound", round_id),
                "register": contracts.gate.send("register", chain.sender, account.commitment()),
            }
            proof = prove_margin(account, round_, case.artifacts, snarkjs).proof
            receipts["proveSolvent"] = contracts.prove_solvent(chain.sender, round_id, chain.checksum(0), proof)
            for function, receipt in receipts.items():
                samples[function].append(receipt["gasUsed"])
    for function, values in samples.items():
        yield case.row("anvil", f"{function} (transaction)", "gas", values)


def measure() -> Iterator[Row]:
    """Every row."""
    artifacts = build([f"{statement}-{n}" for n in BOOKS for statement in ("margin", "margin-lean")])
    with SnarkjsBackend() as snarkjs:
        for item in artifacts.values():
            case = Case(item.instance.statement, item.instance.n, item, *state(item.instance.n))
            yield from off_chain(case, snarkjs)
            if case.statement == "margin":
                yield from gas(case, snarkjs)


def main() -> None:
    """Measure, write, show."""
    rows = []
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("measuring", total=None)
        for row in measure():
            rows.append(row)
            progress.update(task, advance=1, description=f"{row.statement}-{row.n}: {row.metric}")
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")

    table = Table("statement", "backend", "metric", "median", "min", "max", "unit", "runs")
    for row in rows:
        figures = (f"{value:,.0f}" if value >= 100 else f"{value:.1f}" for value in (row.median, row.min, row.max))
        table.add_row(f"{row.statement}-{row.n}", row.backend, row.metric, *figures, row.unit, str(row.runs))
    Console(width=120).print(table)
    Console().print(f"rows in {TARGET.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
