"""The claim and the inputs of `rekey`: what the vectors say, under keys that are fit to take over (spec ZS-75)."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from book_circuits import compiled
from steps import DOLLAR, ELSEWHERE, HERE, ONE, owner_keys, state

from prover import Domain, OwnerKeys, Point, SealedState, State, ViewingKeys
from prover.account import BASE, empty_state
from prover.audit import declaration_of
from prover.formats import Witness
from prover.statements import rekey_claim, rekey_inputs
from prover.toolchain import AnyBackend, Inputs
from verifier import STATEMENTS, InputError, ProvingError, RekeyClaim, from_field

ROWS = json.loads((Path(__file__).parents[2] / "vectors" / "rekey.json").read_text())
EVERY_ROW = pytest.mark.parametrize("row", ROWS, ids=[f"{row['name']}-{row['n']}" for row in ROWS])

OLD = owner_keys()
NEW = OwnerKeys(987, 192837465 * BASE, HERE)
HELD = state(13, -7 * DOLLAR, b0=5 * ONE, b1=-ONE)


def sealed(keys: OwnerKeys, held: State = HELD) -> SealedState:
    return ViewingKeys.of_owner(keys).seal(held)


def of_row(row: Mapping[str, Any]) -> tuple[RekeyClaim, Inputs]:
    """The claim and the inputs that the reference makes of a row of the vectors."""
    domain = Domain(int(row["chain_id"]), int(row["contract"]))
    old, new = (
        OwnerKeys(int(row[f"{which}_owner_secret"]), Point(*map(int, row[f"{which}_guardian"])), domain)
        for which in ("old", "new")
    )
    held = State(tuple(map(int, row["balances"])), int(row["quote"]))
    before = ViewingKeys.of_owner(old).seal(held, int(row["old_rho"]))
    claim = rekey_claim(old, before, new, ViewingKeys.of_owner(new).seal(held, int(row["rho"])))
    return claim, rekey_inputs(old, before, new, claim)


@EVERY_ROW
def test_the_reference_says_what_the_vectors_say(row: Mapping[str, Any]) -> None:
    claim, inputs = of_row(row)
    assert list(map(str, claim.signals(int(inputs["domain"]), row["n"]))) == row["signals"]  # type: ignore[arg-type]


@pytest.mark.full
@EVERY_ROW
def test_the_circuit_says_what_the_vectors_say(row: Mapping[str, Any], backend: AnyBackend) -> None:
    _, inputs = of_row(row)
    witness = Witness.parse(backend.witness(compiled("rekey", row["n"]), inputs))
    assert list(map(str, witness.values[1 : 1 + len(row["signals"])])) == row["signals"]


def test_public_signals_stand_in_order() -> None:
    before, after = sealed(OLD), sealed(NEW)
    claim = rekey_claim(OLD, before, NEW, after)
    owner, guardian = 987 * BASE, NEW.guardian
    assert claim.signals(HERE.tag(), 13) == (
        before.commitment,
        after.commitment,
        NEW.identity,
        HERE.tag(),
        NEW.owner_tag,
        owner.x,
        owner.y,
        guardian.x,
        guardian.y,
        after.rho,
        *after.ciphertext,
    )
    with pytest.raises(InputError, match="rekey-28: ciphertext has 10 elements, not 5"):
        claim.signals(HERE.tag(), 28)


def test_every_private_input_is_beside_the_public_ones() -> None:
    before = sealed(OLD)
    inputs = rekey_inputs(OLD, before, NEW, rekey_claim(OLD, before, NEW, sealed(NEW)))
    private = "oldOwnerSecret oldViewKey oldSalt newOwnerSecret balance quote"
    assert set(inputs) - set(STATEMENTS["rekey"].public) == set(private.split())
    assert from_field(int(inputs["quote"])) == HELD.quote  # type: ignore[arg-type]
    assert [from_field(int(balance)) for balance in inputs["balance"]] == list(HELD.balances)


@pytest.mark.parametrize("keys", [OLD, replace(OLD, guardian=NEW.guardian)], ids=["both the same", "another guardian"])
def test_an_owner_secret_is_used_with_one_guardian(keys: OwnerKeys) -> None:
    """Its tag would link the account to all others of the secret. The statement is true, so the circuit allows it."""
    before, after = sealed(OLD), sealed(keys)
    with pytest.raises(ProvingError, match="draw another one"):
        rekey_claim(OLD, before, keys, after)
    claim = replace(
        rekey_claim(OLD, before, NEW, sealed(NEW)),
        new_commitment=after.commitment,
        identity=keys.identity,
        owner_tag=keys.owner_tag,
        owner_point=(keys.owner_point.x, keys.owner_point.y),
        guardian_point=(keys.guardian.x, keys.guardian.y),
        rho=after.rho,
        ciphertext=after.ciphertext,
    )
    inputs = rekey_inputs(OLD, before, keys, claim)
    signals = {name: tuple(map(int, [v] if isinstance(v, str) else v)) for name, v in inputs.items()}
    assert declaration_of("rekey").holds(signals)


def test_a_guardian_may_stay() -> None:
    """The other half of a rotation: a new owner secret, where the old one may be known."""
    keys = replace(NEW, guardian=OLD.guardian)
    assert rekey_claim(OLD, sealed(OLD), keys, sealed(keys)).identity == keys.identity != OLD.identity


def test_an_account_stays_in_its_book() -> None:
    elsewhere = replace(NEW, domain=ELSEWHERE)
    with pytest.raises(ProvingError, match="its book"):
        rekey_claim(OLD, sealed(OLD), elsewhere, sealed(elsewhere))


@pytest.mark.parametrize("other", [HELD._replace(quote=0), empty_state(13)], ids=["a debt less", "empty"])
def test_an_account_keeps_what_it_holds(other: State) -> None:
    with pytest.raises(ProvingError, match="keeps its balances") as caught:
        rekey_claim(OLD, sealed(OLD), NEW, sealed(NEW, other))
    assert not any(character.isdigit() for character in str(caught.value))
