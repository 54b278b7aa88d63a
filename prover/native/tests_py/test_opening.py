"""Arguments of the functions that open accounts. What they compute is tested in Rust and in tests/prover/account."""

import pytest
from zksolvency_native import InputError, unseal_states, viewing_keys

SECRET = (0x0123456789ABCDEF).to_bytes(32, "little")
WORD = bytes(32)
OWNER = WORD + (1).to_bytes(32, "little") + WORD
"""The neutral element, which no account can have."""

SEALED = 9 * WORD


def test_both_ways_and_any_number_of_threads_give_the_same() -> None:
    ways = [{"portable": portable, "threads": threads} for portable in (False, True) for threads in (None, 1, 3)]
    assert {viewing_keys(SECRET, WORD, OWNER * 200, **way) for way in ways} == {(bytes(64 * 200), b"\x03" * 200)}
    (states,) = {unseal_states(13, SEALED * 200, **way) for way in ways}
    assert states == (bytes((13 * 16 + 3 * 32) * 200), b"\x04" * 200)


@pytest.mark.parametrize("secret", [b"", SECRET[1:], SECRET + b"\0", b"\xff" * 32, WORD])
def test_a_secret_of_another_form_is_refused_and_not_shown(secret: bytes) -> None:
    with pytest.raises(InputError, match=r"^guardian secret: (not 32 bytes|outside 1 to l - 1)$"):
        viewing_keys(secret, WORD, OWNER)


@pytest.mark.parametrize("domain", [b"", WORD[1:], b"\xff" * 32])
def test_a_domain_of_another_form_is_refused(domain: bytes) -> None:
    with pytest.raises(InputError, match=r"^domain: "):
        viewing_keys(SECRET, domain, OWNER)


def test_no_threads_and_parts_of_records_are_refused() -> None:
    with pytest.raises(InputError, match="at least one"):
        viewing_keys(SECRET, WORD, OWNER, threads=0)
    with pytest.raises(InputError, match="at least one"):
        unseal_states(13, SEALED, threads=0)
    with pytest.raises(InputError, match="whole number"):
        viewing_keys(SECRET, WORD, OWNER[1:])
    with pytest.raises(InputError, match="whole number"):
        unseal_states(28, SEALED)
    with pytest.raises(InputError, match="13, 28 or 43"):
        unseal_states(12, SEALED)
