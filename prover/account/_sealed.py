"""A state as it goes on chain, and who can read it there (spec ZS-11, ZS-51 to ZS-53)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Self

from prover.account._babyjubjub import Point
from prover.account._keys import Domain, OwnerKeys, agree_on_view_key, blind_of, identity_of, require_scalar
from prover.account._keystream import decrypt_state, derive_keystream, draw_rho, encrypt_state
from prover.account._state import OpenedState, State
from verifier import InputError

OTHER_STATE: Final = "ciphertext: the commitment is to another state"


@dataclass(frozen=True)
class SealedState(OpenedState):
    """An opened state, with what the chain holds of it beside its commitment.

    Attributes:
        salt: of the commitment. Secret.
        rho: public value that it was encrypted with.
        ciphertext: the encrypted state.
    """

    salt: int = field(repr=False)
    rho: int
    ciphertext: tuple[int, ...]


@dataclass(frozen=True)
class ViewingKeys:
    """What it takes to read an account and to prove statements about it. It cannot move the account.

    Attributes:
        view_key: P(TAG_ECDH, shared point). Secret.
        owner_tag: P(TAG_OWNER, ownerSecret): public.
        domain: where the account lives.
    """

    view_key: int = field(repr=False)
    owner_tag: int
    domain: Domain

    @classmethod
    def of_owner(cls, keys: OwnerKeys) -> Self:
        """The viewing keys of one's own account."""
        return cls(keys.view_key, keys.owner_tag, keys.domain)

    @classmethod
    def of_guardian(cls, guardian_secret: int, owner_point: Point, owner_tag: int, domain: Domain) -> Self:
        """The viewing keys of an account that named one its guardian, from the public signals of `open`.

        Args:
            guardian_secret: in [1, l); the guardian's point is this multiple of the base point.
            owner_point: the owner's.
            owner_tag: the owner's.
            domain: of the book.

        Raises:
            InputError: a secret out of range, or a point that no account can have.
        """
        require_scalar(guardian_secret, "guardian secret")
        return cls(agree_on_view_key(guardian_secret, owner_point), owner_tag, domain)

    @cached_property
    def identity(self) -> int:
        """P(TAG_ID, ownerTag, viewTag, domain)."""
        return identity_of(self.owner_tag, self.view_key, self.domain)

    def open(self, state: State, salt: int) -> OpenedState:
        """A state of this account with the blind of its commitment.

        Args:
            state: its ranges are not checked.
            salt: of the state, a field element.
        """
        return OpenedState(state, blind_of(self.identity, salt))

    def seal(self, state: State, rho: int | None = None) -> SealedState:
        """Encrypt a state and commit to it.

        Args:
            state: its ranges are not checked.
            rho: None: a fresh one, as every attempt to post a state needs. Given: to seal a posted state again.
        """
        if rho is None:
            rho = draw_rho(self.view_key, state)
        keystream = derive_keystream(self.view_key, rho, len(state.balances))
        return SealedState(
            state, blind_of(self.identity, keystream.salt), keystream.salt, rho, encrypt_state(state, keystream)
        )

    def unseal(self, commitment: int, rho: int, ciphertext: Sequence[int], n: int) -> SealedState:
        """Open a state from its data on chain, and check that the commitment is to it.

        Args:
            commitment: to the state.
            rho: public value that it was encrypted with.
            ciphertext: the encrypted state.
            n: assets of the book.

        Raises:
            InputError: it is another account's, or no statement created it.
        """
        keystream = derive_keystream(self.view_key, rho, n)
        state = decrypt_state(ciphertext, keystream, n)
        sealed = SealedState(state, blind_of(self.identity, keystream.salt), keystream.salt, rho, tuple(ciphertext))
        if sealed.commitment != commitment:
            raise InputError(OTHER_STATE)
        return sealed
