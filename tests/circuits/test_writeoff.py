"""`writeoff` against the reference: no positions, exactly the debt or nothing, and the same account (spec ZS-62)."""

import pytest
from book_circuits import SIZES, compiled
from steps import ELSEWHERE, GUARDIAN_SECRET, HERE, OLD_SALT, RHO, field_texts, owner_keys, owner_point, state

from prover.account import SealedState, State, ViewingKeys, empty_state
from prover.formats import R1CS, Witness
from prover.statements import writeoff_claim, writeoff_inputs
from prover.toolchain import AnyBackend
from verifier import SCALAR_MODULUS, ProvingError

pytestmark = pytest.mark.full

KEYS = ViewingKeys.of_owner(owner_keys())


class Writer:
    """`writeoff` of one size, in the hands of an attacker."""

    def __init__(self, n: int, backend: AnyBackend) -> None:
        self.n = n
        self.circuit = compiled("writeoff", n)
        self._backend = backend

    def inputs(self, old: State, **overrides: object) -> dict[str, object]:
        """Honest values for any old state; the amount is -quote modulo r."""
        after = KEYS.seal(empty_state(self.n), RHO)
        values = {
            "oldCommitment": KEYS.open(old, OLD_SALT).commitment,
            "newCommitment": after.commitment,
            "amount": -old.quote,
            "rho": RHO,
            "ciphertext": after.ciphertext,
            "ownerTag": KEYS.owner_tag,
            "viewKey": KEYS.view_key,
            "domain": HERE.tag(),
            "oldSalt": OLD_SALT,
        }
        return {name: field_texts(value) for name, value in (values | overrides).items()}  # type: ignore[arg-type]

    def accepts(self, old: State, **overrides: object) -> Witness:
        return Witness.parse(self._backend.witness(self.circuit, self.inputs(old, **overrides)))  # type: ignore[arg-type]

    def refuses(self, old: State, **overrides: object) -> None:
        with pytest.raises(ProvingError):
            self.accepts(old, **overrides)


@pytest.fixture(scope="module", params=SIZES)
def writer(request: pytest.FixtureRequest, backend: AnyBackend) -> Writer:
    return Writer(request.param, backend)


@pytest.mark.parametrize("debt", [0, 1, 2, 10**24, (1 << 144) - 1])
def test_accepts_every_debt_and_none(writer: Writer, debt: int) -> None:
    witness = writer.accepts(state(writer.n, -debt))
    assert R1CS.load(writer.circuit.r1cs).violated(witness.values) == []
    assert witness.values[3] == debt


@pytest.mark.parametrize("quote", [1, 2, 10**24, (1 << 144) - 1])
def test_refuses_an_account_with_a_quote_to_take_out(writer: Writer, quote: int) -> None:
    """It is a debt of r - quote; and an account that is closed as empty would lose it."""
    for amount in (-quote, quote, 0, 1):
        writer.refuses(state(writer.n, quote), amount=amount)


@pytest.mark.parametrize("amount", [1 << 144, (1 << 144) + 1, 1 << 200, -(1 << 144)])
def test_refuses_an_amount_out_of_range(writer: Writer, amount: int) -> None:
    """No valid state owes so much, or holds so much."""
    writer.refuses(state(writer.n, -amount))


def test_an_account_that_owes_nothing_is_written_off_for_nothing(writer: Writer) -> None:
    for amount in (1, SCALAR_MODULUS - 1, 1 << 144):
        writer.refuses(state(writer.n), amount=amount)
    for slot in range(writer.n):
        writer.refuses(state(writer.n, **{f"b{slot}": 1}))


def test_refuses_an_amount_that_is_not_the_debt(writer: Writer) -> None:
    old = state(writer.n, -1000)
    for amount in (0, 1, 999, 1001, SCALAR_MODULUS - 1000, 1000 + (1 << 144)):
        writer.refuses(old, amount=amount)


def test_refuses_an_account_with_a_position_in_any_slot(writer: Writer) -> None:
    for slot in range(writer.n):
        for balance in (1, -1):
            writer.refuses(state(writer.n, -1000, **{f"b{slot}": balance}))


def test_the_new_state_is_empty_and_the_same_accounts(writer: Writer) -> None:
    old = state(writer.n, -1000)
    for other in (state(writer.n, 1), state(writer.n, 0, b0=1), old):
        sealed = KEYS.seal(other, RHO)
        writer.refuses(old, newCommitment=sealed.commitment, ciphertext=sealed.ciphertext)
    for keys in (owner_keys(42), owner_keys(domain=ELSEWHERE)):
        sealed = ViewingKeys.of_owner(keys).seal(empty_state(writer.n), RHO)
        writer.refuses(old, newCommitment=sealed.commitment, ciphertext=sealed.ciphertext)
        writer.refuses(old, newCommitment=sealed.commitment)


@pytest.mark.parametrize("name", ["oldCommitment", "newCommitment", "rho", "ownerTag", "viewKey", "domain", "oldSalt"])
def test_every_signal_is_forced(writer: Writer, name: str) -> None:
    honest = writer.inputs(state(writer.n, -1000))
    writer.refuses(state(writer.n, -1000), **{name: int(str(honest[name])) + 1})


def test_what_is_posted_can_be_decrypted(writer: Writer) -> None:
    ciphertext = KEYS.seal(empty_state(writer.n), RHO).ciphertext
    for element in range(len(ciphertext)):
        spoilt = [*ciphertext]
        spoilt[element] += 1
        writer.refuses(state(writer.n, -1000), ciphertext=spoilt)


def test_the_guardian_proves_it_without_the_owner(writer: Writer, backend: AnyBackend) -> None:
    keys = ViewingKeys.of_guardian(GUARDIAN_SECRET, owner_point(), KEYS.owner_tag, HERE)
    posted = KEYS.seal(state(writer.n, -1000))
    before: SealedState = keys.unseal(posted.commitment, posted.rho, posted.ciphertext, writer.n)
    inputs = writeoff_inputs(keys, before, writeoff_claim(before, keys.seal(empty_state(writer.n))))
    backend.witness(writer.circuit, inputs)
