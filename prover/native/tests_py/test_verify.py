"""The native verifier refuses what the project's verifier refuses, with the same reason."""

from typing import Any

import pytest
from native_circuits import Circuit
from verifier import SCALAR_MODULUS
from zksolvency_native import NativeVerifier, VerificationError


def test_false_proofs_are_refused(margin: Circuit) -> None:
    proved = margin.prover().prove(margin.inputs[0])
    proof, public = proved
    verifier = NativeVerifier(margin.verification_key)

    def reason(proof: Any, public: Any) -> str:
        with pytest.raises(VerificationError) as caught:
            verifier.verify(proof, public)
        with pytest.raises(VerificationError):
            verifier.verify_batch([proved, (proof, public)])
        return str(caught.value.args[0])

    assert reason(proof, [str(int(public[0]) + 1), *public[1:]]) == "proof-does-not-verify"
    assert reason(proof, [str(int(public[0]) + SCALAR_MODULUS), *public[1:]]) == "signal-not-in-field"
    assert reason(proof, ["-1", *public[1:]]) == "signal-not-in-field"
    assert reason(proof, [f"0{public[0]}", *public[1:]]) == "signal-not-in-field"
    assert reason(proof, public[1:]) == "wrong-number-of-signals"
    assert reason(proof | {"pi_a": proof["pi_c"], "pi_c": proof["pi_a"]}, public) == "proof-does-not-verify"
    assert reason(proof | {"pi_a": ["1", "1", "1"]}, public) == "point-not-on-curve"
    assert reason(proof | {"pi_a": ["0", "1", "0"]}, public) == "malformed"
    assert reason(proof | {"pi_a": ["0", "0", "1"]}, public) == "point-not-on-curve"
    assert reason(proof | {"pi_b": [["0", "0"], ["0", "0"], ["1", "0"]]}, public) == "point-not-on-curve"
    x, _, _ = proof["pi_a"]
    assert reason(proof | {"pi_a": [x, str(2**256 - 1), "1"]}, public) == "coordinate-not-in-field"


def test_a_key_without_phase_two_is_refused(margin: Circuit) -> None:
    key = margin.verification_key
    with pytest.raises(VerificationError) as caught:
        NativeVerifier(key | {"vk_delta_2": key["vk_gamma_2"]})
    assert caught.value.args[0] == "key-without-contribution"


@pytest.mark.parametrize(
    ("infinity", "reason"), [(["0", "0", "1"], "point-not-on-curve"), (["0", "1", "0"], "malformed")]
)
def test_a_key_that_leaves_a_signal_unbound_is_refused(margin: Circuit, infinity: list[str], reason: str) -> None:
    """With IC[1] at infinity a proof would verify with any first signal."""
    key = margin.verification_key
    with pytest.raises(VerificationError) as caught:
        NativeVerifier(key | {"IC": [key["IC"][0], infinity, *key["IC"][2:]]})
    assert caught.value.args[0] == reason
