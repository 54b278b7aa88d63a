"""What a chain learned of an account is written out in full, and searched for secrets."""

from types import SimpleNamespace
from typing import Any

import pytest

from prover.onchain import find_words, transaction_lines
from verifier import SCALAR_MODULUS

CALL: dict[str, Any] = {
    "input": b"\x01\x02",
    "from": "0xaa",
    "to": "0xbb",
    "nonce": 3,
    "type": 2,
    "r": 1 << 200,
    "v": 1,
}


@pytest.mark.parametrize("value", [5 * 10**9, -5 * 10**9, SCALAR_MODULUS - 3])
def test_a_secret_word_is_found(value: int) -> None:
    """The search behind "none is there" can fail."""
    field_element = (value % SCALAR_MODULUS).to_bytes(32, "big")
    words = [bytes(64), field_element + bytes(32)]
    assert find_words({"balance": value}, words) == ["balance"]
    assert find_words({"balance": value}, [value.to_bytes(33, "big", signed=True)[1:]]) == ["balance"]
    assert find_words({"other": 77, "nothing": 0}, words) == []


def test_every_field_of_a_call_is_written_out() -> None:
    arguments = {
        "account": 1 << 128,
        "update": {"claim": 2, "ciphertext": [5, 1 << 96]},
        "proof": b"\xff",
        "done": True,
    }
    chain: Any = SimpleNamespace(decode=lambda contract, data: ("deposit", arguments))
    lines = list(transaction_lines(chain, CALL, SimpleNamespace()))  # type: ignore[arg-type]
    assert lines == [
        "input: 2 bytes, a call of deposit",
        f"  account 0x{1 << 128:064x}",
        "  update.claim 2",
        f"  update.ciphertext [5, 0x{1 << 96:064x}]",
        "  proof 0xff",
        "  done True",
        "from 0xaa, to 0xbb, nonce 3, type 2",
        f"v 1, r 0x{1 << 200:064x}",
    ]


def test_a_deployment_has_no_call() -> None:
    chain: Any = None
    assert next(iter(transaction_lines(chain, CALL, None))).startswith("input: 2 bytes, the code of the contract")
