"""What is proven: each statement with an account and a round, and two circuits of about 8,000 constraints."""

import json
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from prover import Account, Asset, AssetKind, AssetList, Domain, OwnerKeys, PriceRound, State, margin_inputs
from prover.toolchain import (
    Artifacts,
    Cache,
    CircuitInstance,
    CompiledCircuit,
    Inputs,
    SnarkjsBackend,
    build,
    cache_dir,
    compile_instance,
)
from tools.bench._native import native
from tools.bench._rows import ROOT, Row
from verifier import STATEMENTS, MarginClaim, VerifyingKey

BOOKS: Final = {13: "perps-13", 28: "multi-28"}
LARGE_N: Final = 58
CHAIN_LENGTH: Final = 33


@dataclass(frozen=True)
class Case:
    """A circuit with its keys, and the inputs to prove.

    Attributes:
        artifacts: circuit and keys.
        inputs: a satisfying assignment.
        account, round: where the inputs come from; None for a circuit that is no statement of the project.
    """

    artifacts: Artifacts
    inputs: Inputs
    account: Account | None = None
    round: PriceRound | None = None

    @property
    def name(self) -> str:
        """Of the instance."""
        return self.artifacts.instance.name

    @cached_property
    def witness(self) -> bytes:
        """A .wtns file, made by snarkjs, so that every prover gets the same."""
        with SnarkjsBackend() as snarkjs:
            return snarkjs.witness(self.artifacts, self.inputs)

    def row(self, backend: str, metric: str, unit: str, samples: Sequence[float], threads: int | None = None) -> Row:
        """A figure of this case from its samples."""
        instance = self.artifacts.instance
        middle, low, high = statistics.median(samples), min(samples), max(samples)
        return Row(instance.statement, instance.n, backend, metric, unit, middle, low, high, len(samples), threads)


def statements() -> Iterator[Case]:
    """The project's statements, with the keys that the toolchain makes."""
    for item in build([f"{statement}-{n}" for n in BOOKS for statement in ("margin", "margin-lean")]).values():
        yield _margin_case(item, AssetList.load(ROOT / "books" / f"{BOOKS[item.instance.n]}.json"))


def large(folder: Path) -> Iterator[Case]:
    """`margin` for the largest book, whose wires are mostly bits, and a chain of hashes, with none.

    Args:
        folder: where to put their keys, which the native core makes: a ceremony would take many minutes.
    """
    assets = tuple(Asset(f"A{i}", AssetKind.PERPETUAL, 100_000, 50_000) for i in range(LARGE_N))
    margin = CircuitInstance.of(STATEMENTS["margin"], LARGE_N)
    yield _margin_case(_development(margin, ROOT / "circuits", folder), AssetList("largest", LARGE_N, assets))

    chain = CircuitInstance(
        name=f"poseidon-chain-{CHAIN_LENGTH}",
        file="poseidon-chain.circom",
        template="PoseidonChain",
        params=(CHAIN_LENGTH,),
        public=("salt",),
        statement="poseidon-chain",  # type: ignore[arg-type] # of the benchmark alone: nothing loads its key by name
        n=CHAIN_LENGTH,
    )
    yield Case(_development(chain, Path(__file__).parent / "circuits", folder), {"start": "1", "salt": "2"})


def _margin_case(artifacts: Artifacts, book: AssetList) -> Case:
    """A healthy account with a position in every slot."""
    balances = tuple((-1 if a.may_be_short and i % 2 else 1) * (i + 1) * 10**8 for i, a in enumerate(book.assets))
    account = Account(book, State(balances, 10**24), OwnerKeys.generate(Domain(31337, 0)), salt=1)
    round_ = PriceRound(book, 1, 0, tuple((i + 1) * 10**9 for i in range(book.n)), (0,) * book.n)
    inputs = margin_inputs(account.opened, round_.vectors, MarginClaim(account.commitment(), True, 0))
    return Case(artifacts, inputs, account, round_)


def _development(instance: CircuitInstance, circuits: Path, folder: Path) -> Artifacts:
    circuit: CompiledCircuit = compile_instance(instance, circuits, Cache(cache_dir()))
    zkey, key = folder / f"{instance.name}.zkey", folder / f"{instance.name}.json"
    made = json.loads(native().unsafe_development_key(circuit.r1cs, zkey))
    verifying_key = VerifyingKey.from_snarkjs(made, instance.statement, instance.n, "development")
    key.write_text(json.dumps(verifying_key.to_json()))
    return Artifacts(circuit, zkey, key, verifying_key)
