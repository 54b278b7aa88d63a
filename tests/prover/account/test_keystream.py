"""States hidden on chain: exact, and never two under one keystream (spec ZS-51, ZS-52)."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import BALANCE_MAX, QUOTE_MAX, signed

from prover import poseidon_many
from prover.account import cipher_elements, derive_keystream, encrypt_state
from prover.account._keystream import Keystream, State, decrypt_state, draw_rho, pack_state, unpack_state
from verifier import SCALAR_MODULUS, InputError

KEY, RHO = 3**150, 5**100
N = 13


def states(n: int = N) -> st.SearchStrategy[State]:
    return st.builds(State, st.tuples(*[signed(BALANCE_MAX)] * n), signed(QUOTE_MAX))


@settings(max_examples=60, deadline=None)
@given(states())
def test_what_is_encrypted_decrypts(state: State) -> None:
    keystream = derive_keystream(KEY, RHO, N)
    assert decrypt_state(encrypt_state(state, keystream), keystream, N) == state


@pytest.mark.parametrize("n", [13, 28, 43])
@pytest.mark.parametrize("sign", [-1, 1])
def test_the_limits_fit_and_leave_room_below_r(n: int, sign: int) -> None:
    extreme = State((sign * BALANCE_MAX,) * n, sign * QUOTE_MAX)
    packed = pack_state(extreme)
    assert len(packed) == cipher_elements(n) == (n + 2) // 3
    assert max(packed) < 1 << 243 < SCALAR_MODULUS
    assert unpack_state(packed, n) == extreme


@pytest.mark.parametrize(
    "state", [State((1 << 80, *[0] * 12), 0), State((-(1 << 80), *[0] * 12), 0), State((0,) * 13, -(1 << 144))]
)
def test_what_is_no_valid_state_does_not_open(state: State) -> None:
    with pytest.raises(InputError, match="does not open"):
        unpack_state(pack_state(state), N)


def test_another_key_or_rho_does_not_open() -> None:
    ciphertext = encrypt_state(State((1,) * N, 1), derive_keystream(KEY, RHO, N))
    for key, rho in ((KEY + 1, RHO), (KEY, RHO + 1)):
        with pytest.raises(InputError, match="does not open"):
            decrypt_state(ciphertext, derive_keystream(key, rho, N), N)


def test_a_ciphertext_of_another_size_is_refused() -> None:
    with pytest.raises(InputError, match="another book size"):
        decrypt_state((0,) * 10, derive_keystream(KEY, RHO, N), N)


@pytest.mark.parametrize(("n", "width"), [(13, 7), (28, 12), (43, 17)])
def test_one_element_of_the_permutation_stays_unrevealed(n: int, width: int) -> None:
    keystream = derive_keystream(KEY, RHO, n)
    inputs = [int.from_bytes(b"zksolvency.stream"), KEY, RHO] + [0] * (width - 4)
    assert [keystream.salt, *keystream.elements] == poseidon_many(inputs, width)[:-1]


@pytest.mark.parametrize("n", [12, 14, 58])
def test_other_sizes_have_no_keystream(n: int) -> None:
    with pytest.raises(ValueError, match="13, 28 or 43"):
        derive_keystream(KEY, RHO, n)


def test_salt_and_stream_are_all_different() -> None:
    values = [
        value
        for key, rho in itertools.product((KEY, KEY + 1), (RHO, RHO + 1))
        for keystream in [derive_keystream(key, rho, N)]
        for value in (keystream.salt, *keystream.elements)
    ]
    assert len(set(values)) == len(values) == 24


def test_every_attempt_has_another_rho() -> None:
    """The same step sent again, as after a transaction that was dropped."""
    state = State((1,) * N, 1)
    assert len({draw_rho(KEY, state) for _ in range(20)}) == 20


def test_two_states_never_share_a_keystream_even_where_randomness_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.randbelow", lambda limit: 7)
    old = State((1,) * N, 1)
    different = [State((2, *[1] * 12), 1), State((1,) * N, 2), State((-1, *[1] * 12), 1)]
    rhos = [draw_rho(KEY, state) for state in (old, *different)]
    assert len(set(rhos)) == 4
    assert draw_rho(KEY, old) == rhos[0]
    assert draw_rho(KEY + 1, old) != rhos[0]


def test_no_secret_is_shown() -> None:
    keystream = Keystream(salt=123123123, elements=(456456456,))
    assert "123123123" not in repr(keystream)
    assert "456456456" not in repr(keystream)
