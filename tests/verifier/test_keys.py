"""Verifying keys: read strictly, named by digest, refused without a phase-2 contribution."""

import copy
import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from simulated import SimulatedKey

from verifier import G1Point, G2Point, InputError, StatementName, VerificationError, VerifyingKey


@pytest.fixture(scope="module")
def key() -> VerifyingKey:
    return SimulatedKey.generate(2).verifying_key()


def as_snarkjs(key: VerifyingKey) -> dict[str, Any]:
    ours = ("format", "statement", "n", "origin")
    return {name: value for name, value in key.to_json().items() if name not in ours}


def refusal(action: Callable[[], object]) -> str:
    with pytest.raises(VerificationError) as caught:
        action()
    return caught.value.reason


def test_a_key_says_what_it_is_a_key_of(key: VerifyingKey) -> None:
    for one in (key, replace(key, statement="update", n=28, origin="ceremony")):
        assert VerifyingKey.from_json(one.to_json()) == one


def test_a_key_as_snarkjs_writes_it_is_refused_with_a_hint(key: VerifyingKey) -> None:
    for raw in (as_snarkjs(key), as_snarkjs(key) | {"origin": "ceremony"}):
        with pytest.raises(InputError, match="zksolvency key import --statement"):
            VerifyingKey.from_json(raw)


def test_the_reader_of_a_key_of_snarkjs_says_what_it_is(key: VerifyingKey) -> None:
    raw = as_snarkjs(key) | {"vk_alphabeta_12": [], "origin": "ceremony"}
    assert VerifyingKey.from_snarkjs(raw, "margin", 13, "development") == key


@pytest.mark.parametrize(("statement", "n"), [("margin-lean", 13), ("margin", 28), ("open", 13)])
def test_a_key_of_another_statement_or_size_is_refused(key: VerifyingKey, statement: StatementName, n: int) -> None:
    """Spec ZS-36."""
    key.require("margin", 13)
    assert refusal(lambda: key.require(statement, n)) == "wrong-key"


def test_refuses_gamma_equal_to_delta(key: VerifyingKey) -> None:
    """Spec ZS-32."""
    without = {"vk_delta_2": key.gamma.to_json()}
    assert refusal(lambda: VerifyingKey.from_json(key.to_json() | without)) == "key-without-contribution"
    raw = as_snarkjs(key) | without
    assert refusal(lambda: VerifyingKey.from_snarkjs(raw, "margin", 13, "ceremony")) == "key-without-contribution"


def test_the_digest_depends_on_every_point_and_on_what_the_key_is(key: VerifyingKey) -> None:
    other = SimulatedKey.generate(2).verifying_key()
    changed = [replace(key, **{name: getattr(other, name)}) for name in ("alpha", "beta", "gamma", "delta", "ic")]
    changed.append(replace(key, ic=key.ic[:-1]))
    changed.append(replace(key, statement="margin-lean"))
    changed.append(replace(key, n=28))
    changed.append(replace(key, origin="ceremony"))
    assert len({k.digest() for k in (key, *changed)}) == 10


def test_the_digest_is_that_of_the_specification() -> None:
    """Spec ZS-36."""
    one, two = G1Point(1, 2), G2Point((3, 4), (5, 6))
    gamma = G2Point((7, 8), (9, 10))
    key = VerifyingKey("margin", 13, "development", one, two, gamma, two, (one, one))
    content = (
        '["zksolvency/key/1","margin",13,"development",["1","2","1"],[["3","4"],["5","6"],["1","0"]],'
        '[["7","8"],["9","10"],["1","0"]],[["3","4"],["5","6"],["1","0"]],[["1","2","1"],["1","2","1"]]]'
    )
    assert key.digest() == hashlib.sha256(content.encode()).hexdigest()


FAULTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "missing point": lambda f: f.pop("vk_beta_2"),
    "IC too short": lambda f: f["IC"].pop(),
    "nPublic as string": lambda f: f.update(nPublic="2"),
    "point at infinity": lambda f: f.update(vk_alpha_1=["0", "1", "0"]),
    "IC at infinity": lambda f: f["IC"].__setitem__(1, ["0", "1", "0"]),
    "unknown origin": lambda f: f.update(origin="trusted"),
    "no origin": lambda f: f.pop("origin"),
    "another format": lambda f: f.update(format="zksolvency/key/2"),
    "unknown statement": lambda f: f.update(statement="margin-13"),
    "statement in a list": lambda f: f.update(statement=["margin"]),
    "no statement": lambda f: f.pop("statement"),
    "no assets": lambda f: f.update(n=0),
    "a bit of assets": lambda f: f.update(n=True),
    "assets as string": lambda f: f.update(n="13"),
    "unknown name": lambda f: f.update(vk_alphabeta_12=[]),
    "another protocol": lambda f: f.update(protocol="plonk"),
    "number instead of string": lambda f: f.update(vk_alpha_1=[1, 2, 1]),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_refuses_malformed_keys(fault: str, key: VerifyingKey) -> None:
    content: dict[str, Any] = copy.deepcopy(key.to_json())
    FAULTS[fault](content)
    with pytest.raises(InputError, match="verifying key"):
        VerifyingKey.from_json(content)
