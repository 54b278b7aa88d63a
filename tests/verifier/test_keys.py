"""Verifying keys: read strictly, named by digest, refused without a phase-2 contribution."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from simulated import SimulatedKey

from verifier import InputError, VerificationError, VerifyingKey


@pytest.fixture(scope="module")
def key() -> VerifyingKey:
    return SimulatedKey.generate(2).verifying_key()


def as_json(key: VerifyingKey) -> dict[str, Any]:
    return {
        "protocol": "groth16",
        "curve": "bn128",
        "nPublic": key.public_count,
        "vk_alpha_1": key.alpha.to_json(),
        "vk_beta_2": key.beta.to_json(),
        "vk_gamma_2": key.gamma.to_json(),
        "vk_delta_2": key.delta.to_json(),
        "IC": [point.to_json() for point in key.ic],
    }


def test_reads_what_snarkjs_writes(key: VerifyingKey) -> None:
    assert VerifyingKey.from_json(as_json(key)) == key


def test_a_key_is_a_development_key_unless_it_says_ceremony(key: VerifyingKey) -> None:
    assert VerifyingKey.from_json(as_json(key)).origin == "development"
    assert VerifyingKey.from_json(as_json(key) | {"origin": "ceremony"}).origin == "ceremony"


def test_refuses_gamma_equal_to_delta(key: VerifyingKey) -> None:
    with pytest.raises(VerificationError) as caught:
        VerifyingKey.from_json(as_json(key) | {"vk_delta_2": key.gamma.to_json()})
    assert caught.value.reason == "key-without-contribution"


def test_digest_depends_on_every_point_and_not_on_the_origin(key: VerifyingKey) -> None:
    other = SimulatedKey.generate(2).verifying_key()
    changed = [replace(key, **{name: getattr(other, name)}) for name in ("alpha", "beta", "gamma", "delta", "ic")]
    changed.append(replace(key, ic=key.ic[:-1]))
    assert len({k.digest() for k in (key, *changed)}) == 7
    assert replace(key, origin="ceremony").digest() == key.digest()


FAULTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "missing point": lambda f: f.pop("vk_beta_2"),
    "IC too short": lambda f: f["IC"].pop(),
    "nPublic as string": lambda f: f.update(nPublic="2"),
    "point at infinity": lambda f: f.update(vk_alpha_1=["0", "1", "0"]),
    "IC at infinity": lambda f: f["IC"].__setitem__(1, ["0", "1", "0"]),
    "unknown origin": lambda f: f.update(origin="trusted"),
    "another protocol": lambda f: f.update(protocol="plonk"),
    "number instead of string": lambda f: f.update(vk_alpha_1=[1, 2, 1]),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_refuses_malformed_keys(fault: str, key: VerifyingKey) -> None:
    content = as_json(key)
    FAULTS[fault](content)
    with pytest.raises(InputError, match="verifying key"):
        VerifyingKey.from_json(content)
