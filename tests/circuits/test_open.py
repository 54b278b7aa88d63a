"""`open` against the reference: keys in their ranges, the guardian's point, and what is posted (spec ZS-50, ZS-60)."""

from collections.abc import Sequence

import pytest
from book_circuits import SIZES, compiled
from guardian_points import OF_ORDER_2, of_order_8, times_one_in_the_circuit
from steps import ELSEWHERE, GUARDIAN_SECRET, HERE, RHO, field_texts, owner_keys, owner_point

from prover import OwnerKeys, poseidon
from prover.account import BASE, SUBGROUP_ORDER, Point, Tag, ViewingKeys, empty_state
from prover.account._babyjubjub import NEUTRAL
from prover.formats import R1CS, Witness
from prover.statements import open_inputs, opening_claim
from prover.toolchain import AnyBackend
from verifier import ProvingError

pytestmark = pytest.mark.full


class Opener:
    """`open` of one size, in the hands of an attacker."""

    def __init__(self, n: int, backend: AnyBackend) -> None:
        self.n = n
        self.circuit = compiled("open", n)
        self._backend = backend

    def inputs(
        self, owner_secret: int = 123456789, guardian: Point = GUARDIAN_SECRET * BASE, shared: Point | None = None
    ) -> dict[str, object]:
        """Honest values for any secret and point: nothing is checked."""
        shared = shared or owner_secret * (8 * guardian)
        owner = owner_secret * BASE
        keys = ViewingKeys(poseidon([Tag.ECDH, shared.x, shared.y]), poseidon([Tag.OWNER, owner_secret]), HERE)
        sealed = keys.seal(empty_state(self.n), RHO)
        return {
            "commitment": sealed.commitment,
            "identity": keys.identity,
            "domain": HERE.tag(),
            "ownerTag": keys.owner_tag,
            "ownerPoint": (owner.x, owner.y),
            "guardianPoint": (guardian.x, guardian.y),
            "rho": RHO,
            "ciphertext": sealed.ciphertext,
            "ownerSecret": owner_secret,
        }

    def accepts(self, inputs: dict[str, object], **overrides: int | Sequence[int]) -> Witness:
        texts = {name: field_texts(value) for name, value in (inputs | overrides).items()}  # type: ignore[arg-type]
        return Witness.parse(self._backend.witness(self.circuit, texts))

    def refuses(self, inputs: dict[str, object], **overrides: int | Sequence[int]) -> None:
        with pytest.raises(ProvingError):
            self.accepts(inputs, **overrides)


@pytest.fixture(scope="module", params=SIZES)
def opener(request: pytest.FixtureRequest, backend: AnyBackend) -> Opener:
    return Opener(request.param, backend)


@pytest.fixture(scope="module")
def opener_13(backend: AnyBackend) -> Opener:
    return Opener(13, backend)


def test_accepts_what_the_reference_builds(opener: Opener, backend: AnyBackend) -> None:
    r1cs = R1CS.load(opener.circuit.r1cs)
    without_guardian = OwnerKeys(5, 5 * BASE, HERE)
    for keys in (owner_keys(), without_guardian, OwnerKeys.generate(HERE)):
        empty = ViewingKeys.of_owner(keys).seal(empty_state(opener.n))
        inputs = open_inputs(keys, opening_claim(keys, empty))
        witness = Witness.parse(backend.witness(opener.circuit, inputs))
        assert r1cs.violated(witness.values) == []


@pytest.mark.parametrize("secret", [1, 2, 1 << 148, (1 << 249) - 1, 1 << 250, SUBGROUP_ORDER - 2, SUBGROUP_ORDER - 1])
def test_accepts_owner_secrets_up_to_the_order(opener_13: Opener, secret: int) -> None:
    opener_13.accepts(opener_13.inputs(secret))


@pytest.mark.parametrize(
    "secret", [0, SUBGROUP_ORDER, SUBGROUP_ORDER + 1, SUBGROUP_ORDER + 123456789, (1 << 251) - 1, 1 << 251, 1 << 253]
)
def test_refuses_owner_secrets_that_are_no_scalars(opener: Opener, secret: int) -> None:
    """0 would give a viewing key that every observer knows, s + l a second owner for one point."""
    opener.refuses(opener.inputs(secret))


def test_the_guardian_point_is_cleared_and_not_of_small_order(opener: Opener) -> None:
    small = of_order_8()
    for factor in (1, 2, 3, 4):  # of order 8, 4, 8, 2
        opener.refuses(opener.inputs(guardian=factor * small))
    opener.refuses(opener.inputs(guardian=NEUTRAL))
    opener.refuses(opener.inputs(guardian=OF_ORDER_2))
    honest = opener.inputs()
    mixed = GUARDIAN_SECRET * BASE + small  # of order 8 l: the part of small order must not reach the key
    opener.accepts(opener.inputs(guardian=mixed))
    assert opener.inputs(guardian=mixed)["commitment"] == honest["commitment"]


def test_the_guardian_point_is_on_the_curve(opener: Opener) -> None:
    """An attacker would give the key that the circuit computes for a point elsewhere, where it is easy to find."""
    on_the_curve = GUARDIAN_SECRET * BASE
    shared = times_one_in_the_circuit(on_the_curve)
    assert shared == 8 * on_the_curve
    opener.accepts(opener.inputs(1, on_the_curve, shared))
    for off in (Point(on_the_curve.x, on_the_curve.y + 1), Point(on_the_curve.x + 1, on_the_curve.y), Point(5, 7)):
        opener.refuses(opener.inputs(1, off, times_one_in_the_circuit(off)))
    opener.refuses(opener.inputs(), guardianPoint=(0, 0))


def test_every_public_signal_is_forced(opener: Opener) -> None:
    honest = opener.inputs()
    for name, value in honest.items():
        if isinstance(value, int):
            opener.refuses(honest, **{name: value + 1})
        else:
            for index in range(len(value)):  # type: ignore[arg-type]
                changed = list(value)  # type: ignore[call-overload]
                changed[index] += 1
                opener.refuses(honest, **{name: changed})


def test_keys_of_others_are_refused(opener_13: Opener) -> None:
    honest = opener_13.inputs()
    mallory = owner_point(42)
    opener_13.refuses(honest, ownerPoint=(mallory.x, mallory.y))
    opener_13.refuses(honest, guardianPoint=(mallory.x, mallory.y))
    opener_13.refuses(honest, domain=ELSEWHERE.tag())
    opener_13.refuses(honest, ownerTag=poseidon([Tag.OWNER, 42]))
    negated = SUBGROUP_ORDER - 123456789  # the same x
    opener_13.refuses(honest, ownerSecret=negated)


def test_an_account_opens_empty(opener: Opener) -> None:
    keys = ViewingKeys.of_owner(owner_keys())
    for quote, first in ((1, 0), (0, 1), (-1, 0), (10**30, 10**20)):
        sealed = keys.seal(empty_state(opener.n)._replace(balances=(first, *[0] * (opener.n - 1)), quote=quote), RHO)
        opener.refuses(opener.inputs(), commitment=sealed.commitment)
        opener.refuses(opener.inputs(), commitment=sealed.commitment, ciphertext=sealed.ciphertext)


def test_the_guardian_reads_the_account_from_public_signals_alone(opener: Opener) -> None:
    witness = opener.accepts(opener.inputs())
    commitment, _, _, tag, owner_x, owner_y, _, _, rho, *ciphertext = witness.values[1 : 10 + (opener.n + 2) // 3]
    keys = ViewingKeys.of_guardian(GUARDIAN_SECRET, Point(owner_x, owner_y), tag, HERE)
    assert keys.unseal(commitment, rho, ciphertext, opener.n).state == empty_state(opener.n)
