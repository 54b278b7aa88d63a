"""`rekey` against the reference: the owner alone, the same state, and new keys as `open` demands (spec ZS-75)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from book_circuits import SIZES, compiled
from guardian_points import OF_ORDER_2, of_order_8, times_one_in_the_circuit
from steps import DOLLAR, ELSEWHERE, GUARDIAN_SECRET, HERE, OLD_SALT, ONE, RHO, field_texts, owner_keys, state

from prover import OwnerKeys, State, commit, poseidon
from prover.account import BASE, SUBGROUP_ORDER, Point, Tag, ViewingKeys
from prover.account._babyjubjub import NEUTRAL
from prover.formats import R1CS, Witness
from prover.market import BALANCE_BITS, QUOTE_BITS
from prover.statements import rekey_claim, rekey_inputs
from prover.toolchain import AnyBackend
from verifier import SCALAR_MODULUS, InputError, ProvingError

pytestmark = pytest.mark.full

NEW_GUARDIAN_SECRET = 192837465
OLD = owner_keys()
NEW = OwnerKeys(987, NEW_GUARDIAN_SECRET * BASE, HERE)
THIEF = owner_keys(42)


def held(n: int) -> State:
    """A balance on each side, in the first slots and in the last."""
    return state(n, -7 * DOLLAR, b0=5 * ONE, b1=-ONE, last=-3)


class Rekeyer:
    """`rekey` of one size, in the hands of an attacker."""

    def __init__(self, n: int, backend: AnyBackend) -> None:
        self.n = n
        self.circuit = compiled("rekey", n)
        self._backend = backend

    def inputs(
        self,
        old: State | None = None,
        new: State | None = None,
        *,
        keys: OwnerKeys = OLD,
        new_keys: OwnerKeys = NEW,
        owner_secret: int | None = None,
        guardian: Point | None = None,
        shared: Point | None = None,
    ) -> dict[str, object]:
        """Honest values for any states and keys: nothing is checked.

        Args:
            old: the state on chain; None: `held`.
            new: the state that takes its place, and that the witness has; None: the old one.
            keys: of the old identity.
            new_keys: of the new one.
            owner_secret: of the new identity, in place of that of new_keys.
            guardian: point of the new one, in place of that of new_keys.
            shared: what the circuit would make of both.
        """
        old = old or held(self.n)
        new = new or old
        secret = owner_secret if owner_secret is not None else new_keys.owner_secret
        guardian = guardian or new_keys.guardian
        owner, shared = secret * BASE, shared or secret * (8 * guardian)
        viewing = ViewingKeys(poseidon([Tag.ECDH, shared.x, shared.y]), poseidon([Tag.OWNER, secret]), new_keys.domain)
        after = viewing.seal(new, RHO)
        return {
            "oldCommitment": ViewingKeys.of_owner(keys).open(old, OLD_SALT).commitment,
            "newCommitment": after.commitment,
            "newIdentity": viewing.identity,
            "domain": new_keys.domain.tag(),
            "newOwnerTag": viewing.owner_tag,
            "newOwnerPoint": (owner.x, owner.y),
            "newGuardianPoint": (guardian.x, guardian.y),
            "rho": RHO,
            "ciphertext": after.ciphertext,
            "oldOwnerSecret": keys.owner_secret,
            "oldViewKey": keys.view_key,
            "oldSalt": OLD_SALT,
            "newOwnerSecret": secret,
            "balance": new.balances,
            "quote": new.quote,
        }

    def accepts(self, inputs: Mapping[str, object], **overrides: int | Sequence[int]) -> Witness:
        texts = {name: field_texts(value) for name, value in {**inputs, **overrides}.items()}  # type: ignore[arg-type]
        return Witness.parse(self._backend.witness(self.circuit, texts))

    def refuses(self, inputs: Mapping[str, object], **overrides: int | Sequence[int]) -> None:
        with pytest.raises(ProvingError):
            self.accepts(inputs, **overrides)


@pytest.fixture(scope="module", params=SIZES)
def rekeyer(request: pytest.FixtureRequest, backend: AnyBackend) -> Rekeyer:
    return Rekeyer(request.param, backend)


def test_accepts_what_the_reference_builds(rekeyer: Rekeyer, backend: AnyBackend) -> None:
    r1cs = R1CS.load(rekeyer.circuit.r1cs)
    for new in (NEW, OwnerKeys(5, 5 * BASE, HERE), OwnerKeys.generate(HERE, NEW.guardian)):
        before = ViewingKeys.of_owner(OLD).seal(held(rekeyer.n))
        claim = rekey_claim(OLD, before, new, ViewingKeys.of_owner(new).seal(before.state))
        witness = Witness.parse(backend.witness(rekeyer.circuit, rekey_inputs(OLD, before, new, claim)))
        assert r1cs.violated(witness.values) == []
        signals = claim.signals(HERE.tag(), rekeyer.n)
        assert tuple(witness.values[1 : 1 + len(signals)]) == signals


def test_accepts_every_state_that_can_be_on_chain(rekeyer: Rekeyer) -> None:
    n, limit, most = rekeyer.n, (1 << BALANCE_BITS) - 1, (1 << QUOTE_BITS) - 1
    for old in (
        state(n),
        State((limit,) * n, most),
        State((-limit,) * n, -most),  # short of every slot, collateral too
        State(tuple(limit if slot % 2 else -limit for slot in range(n)), 1),
        state(n, -1, last=-1),
    ):
        rekeyer.accepts(rekeyer.inputs(old))


def test_refuses_states_out_of_range(rekeyer: Rekeyer) -> None:
    """No statement creates them: a witness of one would be a state that nothing validated."""
    n, limit, most = rekeyer.n, 1 << BALANCE_BITS, 1 << QUOTE_BITS
    for quote in (most, -most, SCALAR_MODULUS // 2):
        rekeyer.refuses(rekeyer.inputs(state(n, quote)))
    for slot in (0, n - 1):
        for balance in (limit, -limit, SCALAR_MODULUS // 2):
            rekeyer.refuses(rekeyer.inputs(state(n, 1, **{f"b{slot}": balance})))


def test_an_old_state_with_other_sign_bits_is_no_state(rekeyer: Rekeyer) -> None:
    """The bitmap of the old commitment is that of the balances: a false one would make shorts count as longs."""
    old, viewing = held(rekeyer.n), ViewingKeys.of_owner(OLD)
    blind = viewing.open(old, OLD_SALT).blind
    honest = rekeyer.inputs(old)
    assert honest["oldCommitment"] == commit(old, old.shorts, blind)
    for shorts in (0, old.shorts ^ 1, old.shorts ^ (1 << (rekeyer.n - 1)), old.shorts + (1 << rekeyer.n)):
        rekeyer.refuses(honest, oldCommitment=commit(old, shorts, blind))


def test_nothing_is_gained_or_lost_on_the_way(rekeyer: Rekeyer) -> None:
    n, old = rekeyer.n, held(rekeyer.n)
    others = [old._replace(quote=old.quote + change) for change in (1, -1, 10**24)]
    for slot in range(n):
        for change in (1, -1):
            balances = [*old.balances]
            balances[slot] += change
            others.append(old._replace(balances=tuple(balances)))
    others.append(state(n))  # the debt of a lost account
    for new in others:
        honest = rekeyer.inputs(old, new)
        rekeyer.refuses(honest)
        rekeyer.refuses(honest, balance=old.balances, quote=old.quote)


def test_only_the_owner_moves_the_account(rekeyer: Rekeyer) -> None:
    """The guardian has all but the secret; a thief has a secret, and another account's keys."""
    honest = rekeyer.inputs()
    for secret in (0, 1, THIEF.owner_secret, NEW.owner_secret, SUBGROUP_ORDER - OLD.owner_secret):
        rekeyer.refuses(honest, oldOwnerSecret=secret)
    rekeyer.refuses(honest, oldViewKey=NEW.view_key)
    rekeyer.refuses(honest, oldOwnerSecret=THIEF.owner_secret, oldViewKey=THIEF.view_key)
    rekeyer.refuses(honest, oldSalt=OLD_SALT + 1)
    stolen = rekeyer.inputs(keys=THIEF)
    rekeyer.accepts(stolen)
    rekeyer.refuses(stolen, oldCommitment=honest["oldCommitment"])  # type: ignore[arg-type]


def test_an_account_stays_in_its_book(rekeyer: Rekeyer) -> None:
    """Neither out of another book into this one, nor out of this one."""
    there, new_there = owner_keys(domain=ELSEWHERE), replace(NEW, domain=ELSEWHERE)
    rekeyer.accepts(rekeyer.inputs(keys=there, new_keys=new_there))
    for mixed in (rekeyer.inputs(keys=there), rekeyer.inputs(new_keys=new_there)):
        rekeyer.refuses(mixed)
        for domain in (HERE, ELSEWHERE):
            rekeyer.refuses(mixed, domain=domain.tag())


@pytest.mark.parametrize("secret", [1, 2, 1 << 250, SUBGROUP_ORDER - 1])
def test_accepts_new_owner_secrets_up_to_the_order(rekeyer: Rekeyer, secret: int) -> None:
    rekeyer.accepts(rekeyer.inputs(owner_secret=secret))


@pytest.mark.parametrize("secret", [0, SUBGROUP_ORDER, SUBGROUP_ORDER + 987, (1 << 251) - 1, 1 << 251])
def test_refuses_new_owner_secrets_that_are_no_scalars(rekeyer: Rekeyer, secret: int) -> None:
    rekeyer.refuses(rekeyer.inputs(owner_secret=secret))


def test_the_new_guardian_point_can_have_a_secret(rekeyer: Rekeyer) -> None:
    """A point off the curve or of small order has none: any observer could compute the viewing key."""
    small = of_order_8()
    for point in (NEUTRAL, OF_ORDER_2, small, 2 * small):
        rekeyer.refuses(rekeyer.inputs(guardian=point))
    rekeyer.accepts(rekeyer.inputs(guardian=NEW.guardian + small))
    rekeyer.accepts(
        rekeyer.inputs(owner_secret=1, guardian=NEW.guardian, shared=times_one_in_the_circuit(NEW.guardian))
    )
    for off in (Point(NEW.guardian.x, NEW.guardian.y + 1), Point(5, 7)):
        rekeyer.refuses(rekeyer.inputs(owner_secret=1, guardian=off, shared=times_one_in_the_circuit(off)))


def test_the_new_keys_are_those_of_the_new_owner_and_the_new_guardian(rekeyer: Rekeyer) -> None:
    """Else the named guardian could not read the account, and the old one or another party might."""
    honest = rekeyer.inputs()
    for keys in (OLD, THIEF, replace(NEW, guardian=OLD.guardian), replace(NEW, owner_secret=OLD.owner_secret)):
        other = rekeyer.inputs(new_keys=keys)
        for name in ("newCommitment", "newIdentity", "newOwnerTag", "newOwnerPoint", "newGuardianPoint", "ciphertext"):
            if other[name] != honest[name]:
                rekeyer.refuses(honest, **{name: other[name]})  # type: ignore[arg-type]
        rekeyer.refuses(honest, newIdentity=other["newIdentity"], newCommitment=other["newCommitment"])  # type: ignore[arg-type]
        sealed = {name: other[name] for name in ("newCommitment", "ciphertext")}
        rekeyer.refuses(honest, **sealed)  # type: ignore[arg-type]


def test_every_signal_is_forced(rekeyer: Rekeyer) -> None:
    honest = rekeyer.inputs()
    for name, value in honest.items():
        values = [value] if isinstance(value, int) else [*value]  # type: ignore[call-overload]
        for index in range(len(values)):
            changed = [*values]
            changed[index] += 1
            rekeyer.refuses(honest, **{name: changed[0] if isinstance(value, int) else changed})


def test_what_is_fresh_is_not_the_circuits_to_say(rekeyer: Rekeyer) -> None:
    """The contract refuses the identity that the account has; software draws the owner's secret for one guardian."""
    same_owner = replace(OLD, guardian=NEW.guardian)
    other_owner = replace(NEW, guardian=OLD.guardian)
    for new_keys in (OLD, same_owner, other_owner):
        rekeyer.accepts(rekeyer.inputs(new_keys=new_keys))
    assert rekeyer.inputs(new_keys=OLD)["newIdentity"] == OLD.identity


def test_the_new_guardian_reads_the_account_from_public_signals_and_the_old_one_does_not(rekeyer: Rekeyer) -> None:
    witness = rekeyer.accepts(rekeyer.inputs())
    count = 10 + (rekeyer.n + 2) // 3
    _, commitment, identity, _, tag, owner_x, owner_y, _, _, rho, *ciphertext = witness.values[1 : 1 + count]
    owner = Point(owner_x, owner_y)
    keys = ViewingKeys.of_guardian(NEW_GUARDIAN_SECRET, owner, tag, HERE)
    opened = keys.unseal(commitment, rho, ciphertext, rekeyer.n)
    assert (opened.state, keys.identity) == (held(rekeyer.n), identity)
    for stranger in (ViewingKeys.of_guardian(GUARDIAN_SECRET, owner, tag, HERE), ViewingKeys.of_owner(OLD)):
        with pytest.raises(InputError, match="ciphertext"):
            stranger.unseal(commitment, rho, ciphertext, rekeyer.n)
