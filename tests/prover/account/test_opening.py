"""Accounts opened in batches: natively and by the reference alike, each for itself (spec ZS-11, ZS-51 to ZS-53)."""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from steps import ELSEWHERE, GUARDIAN_SECRET, HERE, owner_keys, owner_point
from strategies import BALANCE_MAX, QUOTE_MAX

import prover.account._opening as implementation
import prover.account._poseidon as poseidon_implementation
from prover.account import (
    BASE,
    SUBGROUP_ORDER,
    GuardianKey,
    OwnerRecord,
    Point,
    SealedState,
    State,
    StateRecord,
    ViewingKeys,
    commit,
    derive_viewing_keys,
    unseal_states,
)
from prover.account._keys import identity_of
from prover.toolchain import has_core
from verifier import SCALAR_MODULUS, InputError

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "opening.json").read_text())
SIZES = (13, 28, 43)

Change = Callable[[StateRecord], StateRecord]


@pytest.fixture(params=["native", "reference"])
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the two ways in turn."""
    if request.param == "reference":
        use_reference(monkeypatch)
    elif not has_core():
        pytest.skip("the native core is not installed")


def use_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(implementation, "native_core", lambda: None)


def numbers(texts: Sequence[str]) -> list[int]:
    return [int(text) for text in texts]


def told(results: Sequence[object]) -> list[object]:
    """Results that can be compared: of an error, what it says."""
    return [str(result) if isinstance(result, InputError) else result for result in results]


@pytest.fixture(scope="module")
def viewing() -> ViewingKeys:
    return ViewingKeys.of_owner(owner_keys())


def record_of(viewing: ViewingKeys, sealed: SealedState) -> StateRecord:
    return StateRecord(viewing, sealed.commitment, sealed.rho, sealed.ciphertext)


def random_state(rng: random.Random, n: int) -> State:
    def amount(limit: int) -> int:
        return rng.choice((0, limit, -limit, rng.randint(-limit, limit), rng.randint(-(10**12), 10**12)))

    return State(tuple(amount(BALANCE_MAX) for _ in range(n)), amount(QUOTE_MAX))


@pytest.mark.usefixtures("backend")
def test_viewing_keys_are_those_of_the_vectors() -> None:
    for secret, accounts in groupby(VECTORS["accounts"], key=lambda account: int(account["secret"])):
        each = list(accounts)
        owners = [OwnerRecord(Point(x, y), tag) for x, y, tag in (numbers(account["owner"]) for account in each)]
        found = derive_viewing_keys(secret, owners, HERE)
        assert [[keys.view_key, keys.identity] for keys in found if isinstance(keys, ViewingKeys)] == [
            numbers(account["viewing"]) for account in each
        ]


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("n", SIZES)
def test_states_are_those_of_the_vectors(n: int) -> None:
    check_states([state for state in VECTORS["states"] if int(state["n"]) == n], n)


def test_the_reference_needs_no_core(monkeypatch: pytest.MonkeyPatch) -> None:
    use_reference(monkeypatch)
    monkeypatch.setattr(poseidon_implementation, "_native_permutation", lambda: None)
    for n in SIZES:
        check_states([state for state in VECTORS["states"] if int(state["n"]) == n][-1:], n)


def check_states(states: Sequence[dict[str, Any]], n: int) -> None:
    assert states
    for state in states:
        view_key, identity, commitment, rho, *ciphertext = numbers(state["sealed"])
        *balances, quote, salt, blind = numbers(state["opened"])
        viewing = ViewingKeys(view_key, 5, HERE)
        assert viewing.identity == identity
        (opened,) = unseal_states([StateRecord(viewing, commitment, rho, ciphertext)], n)
        assert opened == SealedState(State(tuple(balances), quote), blind, salt, rho, tuple(ciphertext))


@pytest.mark.skipif(not has_core(), reason="the native core is not installed")
def test_native_and_reference_derive_the_same_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(1)
    order_2 = Point(0, SCALAR_MODULUS - 1)
    points = [rng.randrange(1, SUBGROUP_ORDER) * BASE for _ in range(5)]
    points += [points[0] + order_2, Point(0, 1), order_2, Point(1, 1), Point(0, 0)]
    points += [Point(SCALAR_MODULUS, 1), Point(0, SCALAR_MODULUS + 1), Point(-1, 0), Point(0, 1 << 300)]
    points += [Point(point.x, point.y + SCALAR_MODULUS) for point in points[:1]]
    owners = [OwnerRecord(point, rng.randrange(SCALAR_MODULUS)) for point in rng.sample(points, len(points))]
    owners += [OwnerRecord(points[0], tag) for tag in (0, SCALAR_MODULUS - 1, SCALAR_MODULUS, -1, 1 << 300)]
    secret = rng.randrange(1, SUBGROUP_ORDER)
    monkeypatch.setattr(implementation, "_BATCH", 9)  # several batches, the last one not full
    native = told(derive_viewing_keys(secret, owners, ELSEWHERE))
    use_reference(monkeypatch)
    assert native == told(derive_viewing_keys(secret, owners, ELSEWHERE))
    said = {result for result in native if isinstance(result, str)}
    assert {message.partition(":")[2] for message in said} == {
        " not on the Baby Jubjub curve",
        " of small order",
        " outside the scalar field",
    }
    assert sum(isinstance(result, ViewingKeys) for result in native) == 8


def changes(n: int, other: ViewingKeys, foreign: StateRecord) -> dict[str, Change]:
    """What may be wrong with a state's data, by name."""

    def element(place: int, by: int) -> Change:
        def change(record: StateRecord) -> StateRecord:
            ciphertext = list(record.ciphertext)
            ciphertext[place] += by
            return replace(record, ciphertext=ciphertext)

        return change

    last = (n + 2) // 3 - 1
    return {
        "nothing": lambda record: record,
        "one unit more": element(0, 1),
        "one unit less": element(last, -1),
        "another slot": element(1, 1 << 81),
        "quote": element(last, 1 << 81),
        "above the digits": element(0, 1 << 243),
        "above quote": element(last, 1 << 226),
        "modulo r": element(1, SCALAR_MODULUS),
        "negative modulo r": element(1, -3 * SCALAR_MODULUS),
        "very large": element(0, 1 << 400),
        "random": element(0, 3**150),
        "commitment": lambda record: replace(record, commitment=(record.commitment + 1) % SCALAR_MODULUS),
        "commitment above r": lambda record: replace(record, commitment=record.commitment + SCALAR_MODULUS),
        "commitment negative": lambda record: replace(record, commitment=record.commitment - SCALAR_MODULUS),
        "commitment huge": lambda record: replace(record, commitment=1 << 300),
        "rho": lambda record: replace(record, rho=(record.rho + 1) % SCALAR_MODULUS),
        "rho above r": lambda record: replace(record, rho=record.rho + SCALAR_MODULUS),
        "rho negative": lambda record: replace(record, rho=-1),
        "another's key": lambda record: replace(record, viewing=other),
        "another's state": lambda record: replace(foreign, viewing=record.viewing),
        "another's commitment": lambda record: replace(record, commitment=foreign.commitment),
        "another domain": lambda record: replace(record, viewing=replace(record.viewing, domain=ELSEWHERE)),
        "another owner": lambda record: replace(record, viewing=replace(record.viewing, owner_tag=7)),
        "no key": lambda record: replace(record, viewing=replace(record.viewing, view_key=SCALAR_MODULUS)),
        "no tag": lambda record: replace(record, viewing=replace(record.viewing, owner_tag=SCALAR_MODULUS)),
        "too short": lambda record: replace(record, ciphertext=record.ciphertext[1:]),
        "too long": lambda record: replace(record, ciphertext=[*record.ciphertext, 0]),
    }


@pytest.mark.skipif(not has_core(), reason="the native core is not installed")
@pytest.mark.parametrize("n", SIZES)
def test_native_and_reference_open_the_same_states(
    n: int, viewing: ViewingKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(n)
    other = replace(viewing, view_key=rng.randrange(SCALAR_MODULUS))
    records = []
    for change in changes(n, other, record_of(other, other.seal(random_state(rng, n)))).values():
        records.append(change(record_of(viewing, viewing.seal(random_state(rng, n)))))
        records.append(record_of(viewing, viewing.seal(random_state(rng, n))))
    for extreme in (BALANCE_MAX + 1, -BALANCE_MAX - 1):  # what no circuit would have let pass
        for state in (State((extreme, *[0] * (n - 1)), 0), State((*[0] * (n - 1), extreme), 0)):
            records.append(record_of(viewing, viewing.seal(state)))
    for quote in (QUOTE_MAX + 1, -QUOTE_MAX - 1):
        records.append(record_of(viewing, viewing.seal(State((0,) * n, quote))))
    monkeypatch.setattr(implementation, "_BATCH", 17)
    native = unseal_states(records, n)
    use_reference(monkeypatch)
    assert told(native) == told(unseal_states(records, n))
    expected = {"nothing", "modulo r", "negative modulo r"}
    named = dict(zip(changes(n, other, records[0]), native[::2], strict=False))
    assert {name for name, result in named.items() if isinstance(result, SealedState)} == expected
    assert all(isinstance(result, SealedState) for result in native[1 : 2 * len(named) : 2])
    assert all(isinstance(result, InputError) for result in native[2 * len(named) :])


@pytest.mark.usefixtures("backend")
def test_what_is_filled_in_is_what_the_properties_compute(viewing: ViewingKeys) -> None:
    (keys,) = GuardianKey(GUARDIAN_SECRET).viewing_of_all([OwnerRecord(owner_point(), viewing.owner_tag)], HERE)
    assert isinstance(keys, ViewingKeys)
    assert keys == viewing
    assert keys.identity == identity_of(viewing.owner_tag, viewing.view_key, HERE)
    (opened,) = unseal_states([record_of(keys, viewing.seal(random_state(random.Random(2), 13)))], 13)
    assert isinstance(opened, SealedState)
    assert opened.commitment == commit(opened.state, opened.state.shorts, opened.blind)


@pytest.mark.usefixtures("backend")
def test_nothing_gives_nothing() -> None:
    assert derive_viewing_keys(GUARDIAN_SECRET, [], HERE) == []
    assert unseal_states([], 13) == []


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("secret", [0, SUBGROUP_ORDER, -1, 1 << 256])
def test_a_guardian_secret_out_of_range_is_refused(secret: int) -> None:
    with pytest.raises(InputError, match=r"^guardian secret: outside 1 to l - 1$"):
        derive_viewing_keys(secret, [OwnerRecord(BASE, 1)], HERE)


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("n", [12, 14, 58])
def test_other_sizes_have_no_states(n: int) -> None:
    with pytest.raises(ValueError, match="13, 28 or 43"):
        unseal_states([], n)


@pytest.mark.usefixtures("backend")
def test_no_secret_is_shown(viewing: ViewingKeys) -> None:
    sealed = viewing.seal(State((1234567,) * 13, 7654321))
    wrong = SCALAR_MODULUS + 1234567890
    record = record_of(viewing, sealed)
    broken = [replace(record, commitment=1), replace(record, viewing=replace(viewing, view_key=wrong))]
    shown = repr(record) + "".join(map(str, unseal_states(broken, 13)))
    for secret in (viewing.view_key, wrong, sealed.salt, sealed.blind, 1234567, 7654321):
        assert str(secret) not in shown
