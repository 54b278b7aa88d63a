"""`exit` against the reference: an amount of a bare quote, exactly, for a recipient of the owner (spec ZS-81)."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from book_circuits import SIZES, compiled
from steps import DOLLAR, ELSEWHERE, HERE, OLD_SALT, RHO, field_texts, owner_keys, state
from strategies import QUOTE_MAX

from prover.account import State, ViewingKeys
from prover.formats import R1CS, Symbols, Witness
from prover.statements import exit_claim, exit_inputs
from prover.toolchain import AnyBackend
from prover.trade import exited_state
from verifier import SCALAR_MODULUS, STATEMENTS, ProvingError, from_field

pytestmark = pytest.mark.full

KEYS = ViewingKeys.of_owner(owner_keys())
VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "vectors" / "settlement.json").read_text())[
    "exit"
]
RECIPIENT = 0xABC


class Leaver:
    """`exit` of one size, in the hands of an attacker."""

    def __init__(self, n: int, backend: AnyBackend) -> None:
        self.n = n
        self.circuit = compiled("exit", n)
        self.r1cs = R1CS.load(self.circuit.r1cs)
        self._backend = backend

    def inputs(
        self, old: State, amount: int, new: State | None = None, /, **overrides: int | Sequence[int]
    ) -> dict[str, str | Sequence[str]]:
        """Honest values for any old state and amount; the new state is computed modulo r, unless given."""
        after = KEYS.seal(new or State(old.balances, from_field((old.quote - amount) % SCALAR_MODULUS)), RHO)
        values: Mapping[str, int | Sequence[int]] = {
            "oldCommitment": KEYS.open(old, OLD_SALT).commitment,
            "newCommitment": after.commitment,
            "amount": amount,
            "recipient": RECIPIENT,
            "rho": RHO,
            "ciphertext": after.ciphertext,
            "ownerSecret": owner_keys().owner_secret,
            "viewKey": KEYS.view_key,
            "domain": HERE.tag(),
            "oldQuote": old.quote,
            "oldSalt": OLD_SALT,
            **overrides,
        }
        return {name: field_texts(value) for name, value in values.items()}

    def accepts(
        self, old: State, amount: int, new: State | None = None, /, **overrides: int | Sequence[int]
    ) -> Witness:
        return Witness.parse(self._backend.witness(self.circuit, self.inputs(old, amount, new, **overrides)))

    def refuses(self, old: State, amount: int, new: State | None = None, /, **overrides: int | Sequence[int]) -> None:
        with pytest.raises(ProvingError):
            self.accepts(old, amount, new, **overrides)


@pytest.fixture(scope="module", params=SIZES)
def leaver(request: pytest.FixtureRequest, backend: AnyBackend) -> Leaver:
    return Leaver(request.param, backend)


def test_agrees_with_the_reference_on_the_shared_vectors(leaver: Leaver) -> None:
    """Where the reference has no state, the attacker takes the one that the field has."""
    vectors = [vector for vector in VECTORS if vector["n"] == leaver.n]
    assert len(vectors) > 15
    for vector in vectors:
        old = State(tuple(map(int, vector["old"]["balances"])), int(vector["old"]["quote"]))
        amount = int(vector["amount"])
        if vector["new"] is None:
            leaver.refuses(old, amount)
            continue
        new = State(tuple(map(int, vector["new"]["balances"])), int(vector["new"]["quote"]))
        witness = leaver.accepts(old, amount, new)
        assert leaver.r1cs.violated(witness.values) == [], vector["name"]
        for off in (-1, 1):
            leaver.refuses(old, amount, State(new.balances, new.quote + off))


@pytest.mark.parametrize("left", [-1, 0, 1, QUOTE_MAX - 1])
def test_no_more_leaves_than_there_is(leaver: Leaver, left: int) -> None:
    old = state(leaver.n, left + 1_000 if left < QUOTE_MAX - 1 else QUOTE_MAX)
    amount = old.quote - left
    if left < 0:
        leaver.refuses(old, amount)
    else:
        leaver.accepts(old, amount)


@pytest.mark.parametrize("amount", [-1, 0, 1])
def test_something_leaves(leaver: Leaver, amount: int) -> None:
    """Above all no amount below 0, which would be a deposit without a payment."""
    old = state(leaver.n, 1_000)
    if amount < 1:
        leaver.refuses(old, amount)
    else:
        leaver.accepts(old, amount)


@pytest.mark.parametrize("amount", [QUOTE_MAX - 1, QUOTE_MAX, QUOTE_MAX + 1, QUOTE_MAX + 2, SCALAR_MODULUS // 2])
def test_the_amount_is_a_number_and_not_a_field_element(leaver: Leaver, amount: int) -> None:
    old = state(leaver.n, QUOTE_MAX)
    if amount > QUOTE_MAX:
        leaver.refuses(old, amount)
    else:
        leaver.accepts(old, amount)


def test_an_account_that_owes_does_not_exit(leaver: Leaver) -> None:
    for quote in (0, -1, -1_000 * DOLLAR, -QUOTE_MAX):
        for amount in (1, 1_000 * DOLLAR, -quote, QUOTE_MAX):
            leaver.refuses(state(leaver.n, quote), amount)


def test_an_account_with_a_position_in_any_slot_does_not_exit(leaver: Leaver) -> None:
    """Neither with its position nor without: it could not be margined without a price."""
    for slot in range(leaver.n):
        for balance in (1, -1):
            old = state(leaver.n, 1_000, **{f"b{slot}": balance})
            leaver.refuses(old, 10)
            leaver.refuses(old, 10, state(leaver.n, 990))


def test_the_new_state_has_no_balance_and_the_rest_of_quote(leaver: Leaver) -> None:
    old = state(leaver.n, 1_000)
    leaver.accepts(old, 10, state(leaver.n, 990))
    for new in (
        old,
        state(leaver.n, 991),
        state(leaver.n, 0),
        state(leaver.n, 990, b0=1),
        state(leaver.n, 990, last=-1),
    ):
        leaver.refuses(old, 10, new)


def test_the_account_stays_the_same(leaver: Leaver) -> None:
    old = state(leaver.n, 1_000)
    for keys in (owner_keys(42), owner_keys(domain=ELSEWHERE)):
        sealed = ViewingKeys.of_owner(keys).seal(state(leaver.n, 990), RHO)
        leaver.refuses(old, 10, newCommitment=sealed.commitment, ciphertext=sealed.ciphertext)
        leaver.refuses(old, 10, newCommitment=sealed.commitment)


def test_only_the_owner_leaves(leaver: Leaver) -> None:
    """The guardian knows all but the secret, and its tag is no secret."""
    old = state(leaver.n, 1_000)
    for secret in (KEYS.owner_tag, KEYS.view_key, 0, owner_keys().owner_secret + 1):
        leaver.refuses(old, 10, ownerSecret=secret)


@pytest.mark.parametrize(
    "name",
    ["oldCommitment", "newCommitment", "amount", "rho", "ownerSecret", "viewKey", "domain", "oldQuote", "oldSalt"],
)
def test_every_signal_is_forced(leaver: Leaver, name: str) -> None:
    old = state(leaver.n, 1_000)
    honest = leaver.inputs(old, 10)
    leaver.refuses(old, 10, **{name: int(str(honest[name])) + 1})


def test_what_is_posted_can_be_decrypted(leaver: Leaver) -> None:
    old = state(leaver.n, 1_000)
    ciphertext = [int(element) for element in leaver.inputs(old, 10)["ciphertext"]]
    for element in range(len(ciphertext)):
        spoilt = [*ciphertext]
        spoilt[element] += 1
        leaver.refuses(old, 10, ciphertext=spoilt)


def test_no_witness_holds_for_another_recipient_or_amount(leaver: Leaver) -> None:
    """A wire of a valid witness that is changed: a constraint is broken."""
    values = leaver.accepts(state(leaver.n, 1_000), 10).values
    public = STATEMENTS["exit"].public
    wires = Symbols.load(leaver.circuit.sym).wires
    for name in (*public[:-1], "oldQuote", "recipientSquare"):
        wire = wires[name]
        assert leaver.r1cs.violated([*values[:wire], values[wire] + 1, *values[wire + 1 :]]), name


def test_the_witness_of_the_library_is_taken(leaver: Leaver, backend: AnyBackend) -> None:
    before = KEYS.seal(state(leaver.n, 1_000))
    after = KEYS.seal(exited_state(before.state, 10))
    claim = exit_claim(before, after, 10, RECIPIENT)
    backend.witness(leaver.circuit, exit_inputs(owner_keys(), before, claim))
