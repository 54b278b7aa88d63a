"""The generated verifier holds exactly the key's points, in the order of the precompiles, and refuses bad keys."""

import re
from dataclasses import replace

import pytest
from simulated import SimulatedKey, g1, g2, off_subgroup_g2

from verifier import (
    BASE_MODULUS,
    G1Point,
    G2Point,
    StatementName,
    VerificationError,
    VerifyingKey,
    solidity_contract_name,
    solidity_verifier,
)

N = 2
PROOF_INPUTS = 3


@pytest.fixture(scope="module")
def key() -> VerifyingKey:
    return SimulatedKey.generate(PROOF_INPUTS + 3 * N).verifying_key("margin", N)


def stores(source: str, function: str) -> dict[int, int]:
    """Offset to word of every mstore in one function of the generated contract."""
    body = source.split(f"function {function}(")[1].split("function ", maxsplit=1)[0]
    found = re.findall(r"mstore\((?:add\(\w+, (0x[0-9a-f]+)\)|\w+), (0x[0-9a-f]{64})\)", body)
    assert len(found) == body.count("mstore")
    return {int(offset or "0", 16): int(word, 16) for offset, word in found}


def returned(source: str, function: str) -> str:
    match = re.search(rf"function {function}\(\)[^{{]*{{\s*return ([^;]+);", source)
    assert match is not None
    return match[1]


def words(*points: G1Point) -> dict[int, int]:
    return dict(enumerate_words([word for point in points for word in (point.x, point.y)]))


def enumerate_words(items: list[int], start: int = 0) -> list[tuple[int, int]]:
    return [(start + 0x20 * i, item) for i, item in enumerate(items)]


def refusal(key: VerifyingKey) -> str:
    with pytest.raises(VerificationError) as caught:
        solidity_verifier(key)
    return caught.value.reason


@pytest.mark.parametrize(
    ("statement", "n", "name"),
    [("margin", 13, "Margin13Verifier"), ("margin-lean", 28, "MarginLean28Verifier"), ("open", 13, "Open13Verifier")],
)
def test_contracts_are_named_after_their_instance(statement: StatementName, n: int, name: str) -> None:
    assert solidity_contract_name(statement, n) == name


def test_points_of_the_pairs_stand_where_the_precompile_reads_them(key: VerifyingKey) -> None:
    def u_first(point: G2Point) -> list[int]:
        return [point.x[1], point.x[0], point.y[1], point.y[0]]

    expected = [
        *enumerate_words([key.alpha.x, key.alpha.y, *u_first(key.beta)]),
        *enumerate_words(u_first(key.gamma), 0x100),
        *enumerate_words(u_first(key.delta), 0x1C0),
    ]
    assert stores(solidity_verifier(key), "_loadPairs") == dict(expected)


def test_input_points_are_split_between_proof_and_round(key: VerifyingKey) -> None:
    source = solidity_verifier(key)
    assert stores(source, "_loadConstant") == words(key.ic[0])
    assert stores(source, "_loadProofPoints") == words(*key.ic[1:4])
    assert stores(source, "_loadRoundPoints") == words(*key.ic[4:])
    assert returned(source, "proofInputCount") == "3"
    assert returned(source, "roundInputCount") == str(3 * N)


def test_the_contract_says_what_it_verifies(key: VerifyingKey) -> None:
    lean = replace(key, statement="margin-lean")
    source = solidity_verifier(lean)
    assert returned(source, "statement") == f'"margin-lean-{N}"'
    assert returned(source, "keyDigest") == f"0x{lean.digest()}"
    assert f"contract MarginLean{N}Verifier is Groth16Verifier" in source


def test_only_a_ceremony_key_loses_the_development_mark(key: VerifyingKey) -> None:
    """Spec ZS-33."""
    assert returned(solidity_verifier(key), "isDevelopmentKey") == "true"
    ceremony = replace(key, origin="ceremony")
    assert returned(solidity_verifier(ceremony), "isDevelopmentKey") == "false"


def test_generation_is_deterministic(key: VerifyingKey) -> None:
    assert solidity_verifier(key) == solidity_verifier(replace(key))


def test_the_base_contract_is_imported_from_the_folder_that_is_named(key: VerifyingKey) -> None:
    assert 'from "../src/groth16/Groth16Verifier.sol";' in solidity_verifier(key)
    assert 'from "./zk/Groth16Verifier.sol";' in solidity_verifier(key, groth16="./zk")


def test_refuses_a_key_without_contribution(key: VerifyingKey) -> None:
    """Spec ZS-32."""
    assert refusal(replace(key, delta=key.gamma)) == "key-without-contribution"


def test_refuses_a_key_of_another_size(key: VerifyingKey) -> None:
    assert refusal(replace(key, ic=key.ic[:-1])) == "wrong-number-of-signals"


@pytest.mark.parametrize("index", range(PROOF_INPUTS + 3 * N + 1))
def test_refuses_an_input_point_at_infinity(key: VerifyingKey, index: int) -> None:
    """Its public signal would be bound by nothing."""
    ic = tuple(G1Point(0, 0) if i == index else point for i, point in enumerate(key.ic))
    assert refusal(replace(key, ic=ic)) == "point-not-on-curve"


@pytest.mark.parametrize("name", ["beta", "gamma", "delta"])
def test_refuses_points_of_g2_outside_the_subgroup(key: VerifyingKey, name: str) -> None:
    assert refusal(replace(key, **{name: off_subgroup_g2()})) == "point-not-in-subgroup"


def test_refuses_points_off_the_curve(key: VerifyingKey) -> None:
    assert refusal(replace(key, alpha=G1Point(key.alpha.x, key.alpha.y + 1))) == "point-not-on-curve"
    swapped = G2Point((key.beta.x[1], key.beta.x[0]), (key.beta.y[1], key.beta.y[0]))
    assert refusal(replace(key, beta=swapped)) == "point-not-on-curve"


def test_refuses_coordinates_outside_the_field(key: VerifyingKey) -> None:
    shifted = G1Point(key.alpha.x + BASE_MODULUS, key.alpha.y)
    assert refusal(replace(key, alpha=shifted)) == "coordinate-not-in-field"


def test_other_keys_give_other_contracts(key: VerifyingKey) -> None:
    other = replace(key, alpha=g1(7), beta=g2(7))
    assert solidity_verifier(other) != solidity_verifier(key)
