"""Openings, updates and settlements, verified off chain: every public signal is bound (spec ZS-30)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest
from simulated import SimulatedKey
from steps import DOLLAR, ELSEWHERE, HERE, ONE, owner_keys, risk, state

from prover import Side, Ticket, Transfer, Update, empty_state
from prover.account import ViewingKeys
from prover.onchain import BookProver
from prover.toolchain import AnyBackend
from prover.trade import amounts_of
from verifier import (
    SCALAR_MODULUS,
    BookExpectation,
    BookProofEnvelope,
    InputError,
    Opening,
    Proof,
    RiskInputs,
    Settlement,
    StateUpdate,
    UpdateTerms,
    VerificationError,
    VerifyingKey,
    signal_counts,
    verify_book_envelope,
    verify_opening,
    verify_settlement,
    verify_update,
)
from verifier._envelope import Check

pytestmark = pytest.mark.full

N = 13
RISK = risk(N)
TICKET = Ticket(HERE, amounts_of({4: ONE}, N), cost=50_000 * DOLLAR, salt=9)
BUYER, SELLER = owner_keys(), owner_keys(42)
PAYS = Transfer(N, 5 * DOLLAR, is_withdrawal=True)
RECIPIENT = 0xABC


@dataclass(frozen=True)
class Proven:
    """Proofs with the keys that they were made with."""

    opening: Opening
    withdrawal: StateUpdate
    settlement: Settlement
    open_key: VerifyingKey
    update_key: VerifyingKey
    native: Check

    def check_opening(self, opening: Opening, *, domain: int = HERE.tag(), n: int = N) -> None:
        verify_opening(opening, self.open_key, domain, n, check=self.native)

    def check_update(self, update: StateUpdate, terms: UpdateTerms, risk: RiskInputs = RISK) -> None:
        verify_update(update, self.update_key, risk, terms, check=self.native)


WITHDRAWS = UpdateTerms(asset=N, amount=PAYS.amount, is_withdrawal=True, recipient=RECIPIENT)


@pytest.fixture(scope="module")
def proven(backend: AnyBackend) -> Proven:
    prover = BookProver.build(N, backend)
    rich = state(N, 10**6 * DOLLAR, b0=ONE)

    def trades(side: Side) -> StateUpdate:
        keys = {Side.BUY: BUYER, Side.SELL: SELLER}[side]
        viewing = ViewingKeys.of_owner(keys)
        return prover.update(keys, Update.make(viewing, viewing.seal(rich), ticket=TICKET, side=side), RISK)

    viewing = ViewingKeys.of_owner(BUYER)
    withdrawal = Update.make(viewing, viewing.seal(rich), transfer=PAYS, recipient=RECIPIENT)
    return Proven(
        prover.open(BUYER, viewing.seal(empty_state(N))),
        prover.update(BUYER, withdrawal, RISK),
        Settlement(TICKET.id, trades(Side.BUY), trades(Side.SELL)),
        *(prover.artifacts[statement].key for statement in ("open", "update")),
        native_check(backend),
    )


def native_check(backend: AnyBackend) -> Check:
    """The equation alone, without the checks of points that `backend_check` makes in py_ecc for each proof."""

    def check(key: VerifyingKey, signals: Sequence[int], proof: Proof) -> None:
        if not backend.verify(key, [str(signal) for signal in signals], proof.to_json()):
            raise VerificationError("proof-does-not-verify", "by the core")

    return check


def refusal(verification: Callable[[], None]) -> str:
    with pytest.raises(VerificationError) as caught:
        verification()
    return caught.value.reason


def plus_one(values: tuple[int, ...], index: int) -> tuple[int, ...]:
    return (*values[:index], values[index] + 1, *values[index + 1 :])


# ------------------------------------------------------------------------------------------------ openings


def test_an_opening_verifies_with_either_check(proven: Proven) -> None:
    proven.check_opening(proven.opening)
    verify_opening(proven.opening, proven.open_key, HERE.tag(), N)


@pytest.mark.parametrize("name", ["commitment", "identity", "owner_tag", "rho"])
def test_an_opening_is_bound_to_each_number(proven: Proven, name: str) -> None:
    value: int = getattr(proven.opening, name)
    for other, reason in ((value ^ 1, "proof-does-not-verify"), (value + SCALAR_MODULUS, "signal-not-in-field")):
        opening = replace(proven.opening, **{name: other})
        assert refusal(partial(proven.check_opening, opening)) == reason


@pytest.mark.parametrize(
    ("name", "index"),
    [(name, index) for name in ("owner_point", "guardian_point") for index in range(2)]
    + [("ciphertext", index) for index in range(5)],
)
def test_an_opening_is_bound_to_each_element(proven: Proven, name: str, index: int) -> None:
    opening = replace(proven.opening, **{name: plus_one(getattr(proven.opening, name), index)})
    assert refusal(partial(proven.check_opening, opening)) == "proof-does-not-verify"


def test_an_opening_is_of_one_book(proven: Proven) -> None:
    assert refusal(partial(proven.check_opening, proven.opening, domain=ELSEWHERE.tag())) == "proof-does-not-verify"
    assert refusal(partial(proven.check_opening, proven.opening, n=28)) == "wrong-key"
    short = replace(proven.opening, ciphertext=proven.opening.ciphertext[:-1])
    assert refusal(partial(proven.check_opening, short)) == "wrong-ciphertext-length"


def test_an_opening_is_verified_with_a_key_of_open(proven: Proven) -> None:
    assert refusal(partial(verify_opening, proven.opening, proven.update_key, HERE.tag(), N)) == "wrong-key"
    other = SimulatedKey.generate(sum(signal_counts("open", N))).verifying_key("open", N)
    assert refusal(partial(verify_opening, proven.opening, other, HERE.tag(), N)) == "proof-does-not-verify"


# ------------------------------------------------------------------------------------------------ updates


def test_an_update_verifies_with_either_check(proven: Proven) -> None:
    proven.check_update(proven.withdrawal, WITHDRAWS)
    verify_update(proven.withdrawal, proven.update_key, RISK, WITHDRAWS)


@pytest.mark.parametrize("name", ["old_commitment", "new_commitment", "claim", "rho"])
def test_an_update_is_bound_to_each_number(proven: Proven, name: str) -> None:
    value: int = getattr(proven.withdrawal, name)
    for other, reason in ((value ^ 1, "proof-does-not-verify"), (value + SCALAR_MODULUS, "signal-not-in-field")):
        update = replace(proven.withdrawal, **{name: other})
        assert refusal(partial(proven.check_update, update, WITHDRAWS)) == reason


@pytest.mark.parametrize("index", range(5))
def test_an_update_is_bound_to_each_element_of_the_ciphertext(proven: Proven, index: int) -> None:
    update = replace(proven.withdrawal, ciphertext=plus_one(proven.withdrawal.ciphertext, index))
    assert refusal(partial(proven.check_update, update, WITHDRAWS)) == "proof-does-not-verify"


@pytest.mark.parametrize(
    "terms",
    [
        WITHDRAWS._replace(ticket=1),
        WITHDRAWS._replace(side=1),
        WITHDRAWS._replace(asset=0),
        WITHDRAWS._replace(amount=PAYS.amount - 1),
        WITHDRAWS._replace(is_withdrawal=False),
        WITHDRAWS._replace(recipient=RECIPIENT + 1),
        WITHDRAWS._replace(recipient=0),
        UpdateTerms(),
    ],
    ids=str,
)
def test_an_update_is_bound_to_its_use(proven: Proven, terms: UpdateTerms) -> None:
    assert refusal(partial(proven.check_update, proven.withdrawal, terms)) == "proof-does-not-verify"


def test_a_recipient_is_an_address(proven: Proven) -> None:
    """Spec ZS-23. The circuit leaves this check to the verifier: any other field element can be proven too."""
    for recipient in (SCALAR_MODULUS - RECIPIENT, 1 << 160, -1):
        with pytest.raises(InputError, match="recipient"):
            proven.check_update(proven.withdrawal, WITHDRAWS._replace(recipient=recipient))


@pytest.mark.parametrize("kind", [None, "maintenance", "initial"])
@pytest.mark.parametrize("side", ["long", "short_extra"])
def test_an_update_is_bound_to_each_value_of_the_round(proven: Proven, kind: str | None, side: str) -> None:
    for slot in range(N):
        if kind is None:
            prices = plus_one(RISK.vectors.effective_prices, slot)
            vectors = replace(RISK.vectors, effective_prices=prices)
        else:
            margins = getattr(RISK.vectors, kind)
            margins = replace(margins, **{side: plus_one(getattr(margins, side), slot)})
            vectors = replace(RISK.vectors, **{kind: margins})
        other = replace(RISK, vectors=vectors)
        assert refusal(partial(proven.check_update, proven.withdrawal, WITHDRAWS, other)) == "proof-does-not-verify"


@pytest.mark.parametrize(
    "change",
    [
        {"long_only": RISK.long_only ^ 1 << 4},
        {"reduce_only": 1 << 4},
        {"lambdas_ppm": (RISK.lambdas_ppm[0] + 1, RISK.lambdas_ppm[1])},
        {"lambdas_ppm": (RISK.lambdas_ppm[0], RISK.lambdas_ppm[1] + 1)},
    ],
    ids=str,
)
def test_an_update_is_bound_to_slots_and_lambdas(proven: Proven, change: dict[str, Any]) -> None:
    other = replace(RISK, **change)
    assert refusal(partial(proven.check_update, proven.withdrawal, WITHDRAWS, other)) == "proof-does-not-verify"


def test_an_update_is_of_one_size_of_book_and_one_key(proven: Proven) -> None:
    assert refusal(partial(proven.check_update, proven.withdrawal, WITHDRAWS, risk(28))) == "wrong-key"
    for ciphertext in (proven.withdrawal.ciphertext[:-1], (*proven.withdrawal.ciphertext, 0)):
        update = replace(proven.withdrawal, ciphertext=ciphertext)
        assert refusal(partial(proven.check_update, update, WITHDRAWS)) == "wrong-ciphertext-length"
    assert refusal(partial(verify_update, proven.withdrawal, proven.open_key, RISK, WITHDRAWS)) == "wrong-key"


def test_py_ecc_refuses_what_the_core_refuses(proven: Proven) -> None:
    dearer = replace(RISK, vectors=replace(RISK.vectors, initial=RISK.vectors.maintenance))
    for update, terms, risk_ in (
        (proven.withdrawal, WITHDRAWS._replace(amount=1), dearer),
        (replace(proven.withdrawal, rho=proven.withdrawal.rho + SCALAR_MODULUS), WITHDRAWS, RISK),
    ):
        by_core = refusal(partial(proven.check_update, update, terms, risk_))
        assert refusal(partial(verify_update, update, proven.update_key, risk_, terms)) == by_core


# ------------------------------------------------------------------------------------------------ settlements


def test_a_settlement_verifies_and_is_of_its_ticket_and_sides(proven: Proven) -> None:
    def settles(settlement: Settlement, risk_: RiskInputs = RISK) -> None:
        verify_settlement(settlement, proven.update_key, risk_, check=proven.native)

    settlement = proven.settlement
    settles(settlement)
    swapped = Settlement(settlement.ticket, settlement.seller, settlement.buyer)
    for wrong in (
        replace(settlement, ticket=settlement.ticket + 1),
        swapped,
        replace(settlement, buyer=proven.withdrawal),
        replace(settlement, seller=replace(settlement.seller, claim=1)),
    ):
        assert refusal(partial(settles, wrong)) == "proof-does-not-verify"
    assert refusal(partial(settles, replace(settlement, ticket=0))) == "no-ticket"
    assert refusal(partial(settles, replace(settlement, seller=settlement.buyer))) == "same-account"
    assert refusal(partial(settles, settlement, risk(28))) == "wrong-key"


def test_real_proofs_travel_as_files(proven: Proven) -> None:
    """Values of claims, by name, are those of the file."""
    step, opening = proven.withdrawal, proven.opening
    envelope = BookProofEnvelope.create(proven.update_key, step.values(WITHDRAWS) | RISK.values(), step.proof)
    expected = BookExpectation("update", {**RISK.values(), **WITHDRAWS.values()})
    told = verify_book_envelope(envelope, proven.update_key, expected, check=proven.native)
    assert told["oldCommitment"] == step.old_commitment
    opened = BookProofEnvelope.create(proven.open_key, opening.values(HERE.tag()), opening.proof)
    verify_book_envelope(opened, proven.open_key, BookExpectation("open", {"domain": HERE.tag()}), check=proven.native)
    with pytest.raises(VerificationError) as caught:
        verify_book_envelope(
            opened, proven.open_key, BookExpectation("open", {"domain": ELSEWHERE.tag()}), check=proven.native
        )
    assert caught.value.reason == "wrong-signal"
