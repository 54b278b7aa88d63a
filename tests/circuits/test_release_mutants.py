"""Each rule of `release` that is taken out of the circuit is noticed by takings that the reference judges (ZS-76)."""

import json
import random
import re
import shutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from random_releases import altered, valid_takings
from releases import Taking, part, terms
from steps import TICKET_SALT, field_texts

from prover.account import State
from prover.formats import R1CS, Witness
from prover.toolchain import AnyBackend, CompiledCircuit, find_home
from prover.toolchain._cache import Cache
from prover.toolchain._circuits import find_instance
from prover.toolchain._compile import compile_instance
from verifier import BASIS, SCALAR_MODULUS, ProvingError

pytestmark = [pytest.mark.full, pytest.mark.deep]

N: Final = 13
SOURCE: Final = find_home() / "circuits" / "release.circom"
VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "vectors" / "release.json").read_text())[
    "cases"
]

MUTANTS: Final = {
    "another account's state": ("    oldCommitment === opened; // (1)\n", ""),
    "slots that cannot be sold": ("        (1 - isSellable[i]) * taken[i] === 0; // (2)\n", ""),
    "nothing taken": ("    inverse * sizeTaken === 1; // (2)\n", "    _ <== inverse + sizeTaken;\n"),
    "other side, or more than there is": (
        "    AssertShrinking(N)(everySlot, wasShort, next.isShort, given, left); // (2)\n",
        "    for (var i = 0; i < N; i++) {\n        _ <== next.isShort[i] + given[i] + everySlot[i];\n    }\n",
    ),
    "healthy": ("    _ <== Num2Bits(152)(wholeMargin - equity - 1); // (3)\n", ""),
    "healthy by a unit": ("Num2Bits(152)(wholeMargin - equity - 1)", "Num2Bits(152)(wholeMargin - equity)"),
    "covered is no bit": ("    covered * (covered - 1) === 0; // (4)\n", ""),
    "equity does not pay": ("    _ <== Num2Bits(166)(line + covered - 1);\n", "    _ <== line;\n"),
    "uncovered on the line": ("Num2Bits(166)(line + covered - 1)", "Num2Bits(166)(line)"),
    "uncovered above the least rate": ("floorRate + covered * (rate - floorRate)", "rate + 0 * floorRate"),
    "the other rate": ("uncoveredRate + covered * (rate - uncoveredRate)", "rate + 0 * uncoveredRate"),
    "shorts bear no more": (
        "wasShort[i] * (2 * marginPerUnit[i] + shortExtra[i])",
        "wasShort[i] * (2 * marginPerUnit[i] + 0 * shortExtra[i])",
    ),
    "a reward that stays": ("    next.quote <== oldQuote + cost;\n", "    next.quote <== oldQuote + value;\n"),
    "another new state": ("    newCommitment === next.commitment;\n", "    _ <== next.commitment;\n"),
    "another ciphertext": ("    ciphertext === next.ciphertext;\n", "    _ <== next.ciphertext;\n"),
    "cured as it likes": ("    cured === isCured; // (6)\n", "    cured * (cured - 1) === 0 * isCured;\n"),
    "health without the reward": ("wholeMargin + marginTaken - reward;", "wholeMargin + marginTaken;"),
    "small is no bit": ("    isSmall * (isSmall - 1) === 0; // (7)\n", ""),
    "small at any size": ("    _ <== Num2Bits(150)(smallness);\n", "    _ <== smallness;\n"),
    "too much": ("    _ <== Num2Bits(166)(buffer);\n", "    _ <== buffer;\n"),
    "buffer of all": ("bufferRate * (wholeMargin - marginTaken)", "bufferRate * wholeMargin"),
    "by amount is no bit": ("    byAmount * (byAmount - 1) === 0; // (8)\n", ""),
    "too little": ("    _ <== Num2Bits(166)(excess);\n", "    _ <== excess;\n"),
    "share of all": ("leastShare * marginForSale", "leastShare * wholeMargin"),
    "another ticket": ("    ticket === terms; // (9)\n", "    _ <== ticket + terms;\n"),
}
"""What a rule is replaced by."""

Case = tuple[str, dict[str, str | Sequence[str]], bool]


@cache
def cases() -> list[Case]:
    """Inputs, and whether the statement is true of them: shared vectors, altered takings, and signals that lie."""
    found: list[Case] = []
    for vector in VECTORS:
        if vector["n"] == N:
            taking = Taking.of_vector(vector)
            found += [(vector["name"], taking.inputs(), vector["after"] is not None)]
            found += [("cured", taking.but(cured=int(taking.facts.health_after < 0)).inputs(), False)]
    rng = random.Random(5)
    for taking in valid_takings(N, 56, rng):
        other = altered(taking, rng)
        if other.old.is_in_range:
            found.append(("altered", other.inputs(), other.is_valid()))
    for taking in valid_takings(N, 4, rng):
        found += lies(taking)
    return found


def lies(taking: Taking) -> list[Case]:
    """Of one valid taking."""
    honest = taking.inputs()
    wrong: dict[str, int | list[int]] = {
        "oldCommitment": 1,
        "newCommitment": 1,
        "ciphertext": [1, *map(int, honest["ciphertext"][1:])],
        "ticket": 1,
        "ticketSalt": TICKET_SALT + 1,
        "covered": 2,
        "isSmall": SCALAR_MODULUS - 1,
        "byAmount": 2,
        "cured": 1 - int(str(honest["cured"])),
    }
    found: list[Case] = [(name, honest | {name: field_texts(value)}, False) for name, value in wrong.items()]
    return [*found, ("cost", taking.but(cost=taking.pays() + 1).inputs(), False)]


def holds(backend: AnyBackend, circuit: CompiledCircuit, system: R1CS, inputs: dict[str, str | Sequence[str]]) -> bool:
    try:
        witness = Witness.parse(backend.witness(circuit, inputs))
    except ProvingError:
        return False
    return not system.violated(witness.values)


def compiled_as(source: str, folder: Path) -> CompiledCircuit:
    """`release` of 13 slots from another source."""
    shutil.copytree(find_home() / "circuits", folder / "circuits")
    (folder / "circuits" / "release.circom").write_text(source)
    return compile_instance(find_instance(f"release-{N}"), folder / "circuits", Cache(folder / "cache"))


@pytest.mark.parametrize("name", [None, *MUTANTS])
def test_a_rule_that_is_taken_out_is_noticed(name: str | None, backend: AnyBackend, tmp_path: Path) -> None:
    source = SOURCE.read_text()
    if name is not None:
        rule, replacement = MUTANTS[name]
        assert source.count(rule) == 1
        source = source.replace(rule, replacement)
    circuit = compiled_as(source, tmp_path)
    system = R1CS.load(circuit.r1cs)
    told = (what for what, inputs, is_true in cases() if holds(backend, circuit, system, inputs) != is_true)
    difference = next(told, None)
    assert (difference is None) == (name is None), difference


@pytest.mark.parametrize("is_bounded", [True, False])
def test_a_prover_cannot_choose_the_reward(is_bounded: bool, backend: AnyBackend, tmp_path: Path) -> None:
    """Written as an input, it is the quotient or nothing; without the bound of the remainder a unit less would do."""
    source, made = re.subn(r"    signal reward;\n    reward <-- .*\n", "    signal input reward;\n", SOURCE.read_text())
    assert made == 1
    if not is_bounded:
        source = source.replace("    _ <== Num2Bits(14)(9999 - remainder);\n", "")
    circuit = compiled_as(source, tmp_path)
    system = R1CS.load(circuit.r1cs)
    unit = terms(N, {3: (0, 1)}, buffer_rate=BASIS, least_share=0, least_amount=1, dust=0)
    for taken, rate in ((BASIS, 77), (1, 1), (7143, 7), (BASIS * 3, 5_000)):
        taking = Taking(State(part(N, {3: 10**6}), 0), part(N, {3: taken}), unit, rate)
        taking = taking.at_health(-1 - 10**5).with_bits()
        verdicts = []
        for by in (-1, 0, 1, -1 - taking.facts.reward, SCALAR_MODULUS // BASIS):
            reward = taking.facts.reward + by
            inputs = taking.but(cost=-reward).inputs() | {"reward": str(reward % SCALAR_MODULUS)}
            verdicts.append(holds(backend, circuit, system, inputs))
        assert verdicts[1:] == [True, False, False, False]
        assert verdicts[0] == (not is_bounded and taking.facts.reward > 0)
