"""Keys and tags of an account (spec ZS-11): who may move it, who may read it, where it lives."""

from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import Self

from prover.account._babyjubjub import BASE, SUBGROUP_ORDER, Point, clear_cofactor, random_scalar
from prover.account._poseidon import poseidon
from verifier import InputError


class Tag(IntEnum):
    """First input of every tagged Poseidon use: the ASCII text of its name, so that no two uses can collide."""

    BLIND = int.from_bytes(b"zksolvency.blind")
    ID = int.from_bytes(b"zksolvency.identity")
    OWNER = int.from_bytes(b"zksolvency.owner")
    VIEW = int.from_bytes(b"zksolvency.view")
    ECDH = int.from_bytes(b"zksolvency.ecdh")
    DOMAIN = int.from_bytes(b"zksolvency.domain")
    STREAM = int.from_bytes(b"zksolvency.stream")
    RHO = int.from_bytes(b"zksolvency.rho")


@dataclass(frozen=True, slots=True)
class Domain:
    """The chain and contract on which a commitment means something.

    Attributes:
        chain_id: EIP-155 chain id, below 2^64.
        contract: address as an integer below 2^160.
    """

    chain_id: int
    contract: int

    def __post_init__(self) -> None:
        if not 0 <= self.chain_id < 1 << 64:
            raise InputError("domain: chain id outside 0 to 2^64 - 1")
        if not 0 <= self.contract < 1 << 160:
            raise InputError("domain: contract is not an address of 20 bytes")

    def tag(self) -> int:
        """P(TAG_DOMAIN, chain id, contract)."""
        return poseidon([Tag.DOMAIN, self.chain_id, self.contract])


@dataclass(frozen=True)
class OwnerKeys:
    """What the owner of an account keeps: it moves the account. Secrets never appear in its repr.

    Attributes:
        owner_secret: scalar in [1, l); alone it can move the account.
        guardian: Baby Jubjub point of the guardian, who can read the account; the owner's own point for none.
        domain: where the account lives.
    """

    owner_secret: int = field(repr=False)
    guardian: Point = field(repr=False)
    domain: Domain

    def __post_init__(self) -> None:
        require_scalar(self.owner_secret, "owner secret")
        try:
            clear_cofactor(self.guardian)
        except InputError as error:
            raise InputError(f"guardian's {error}") from None

    @classmethod
    def generate(cls, domain: Domain, guardian: Point | None = None) -> Self:
        """Draw a fresh owner secret from the operating system.

        Args:
            domain: where the account is to live.
            guardian: point of its guardian; None: the owner alone reads it.

        Raises:
            InputError: the guardian's point is not on the curve or of small order.
        """
        owner_secret = random_scalar()
        return cls(owner_secret, guardian if guardian is not None else owner_secret * BASE, domain)

    @cached_property
    def owner_point(self) -> Point:
        """ownerSecret times the base point: public."""
        return self.owner_secret * BASE

    @cached_property
    def owner_tag(self) -> int:
        """P(TAG_OWNER, ownerSecret): public."""
        return owner_tag(self.owner_secret)

    @cached_property
    def view_key(self) -> int:
        """What owner and guardian both can derive."""
        return agree_on_view_key(self.owner_secret, self.guardian)

    @cached_property
    def identity(self) -> int:
        """P(TAG_ID, ownerTag, viewTag, domain): constant over the life of the account."""
        return identity_of(self.owner_tag, self.view_key, self.domain)


def require_scalar(secret: int, what: str) -> None:
    """Refuse a secret that is no scalar in [1, l).

    Raises:
        InputError: names `what`, and not the secret.
    """
    if not 1 <= secret < SUBGROUP_ORDER:
        raise InputError(f"{what}: outside 1 to l - 1")


def agree_on_view_key(secret: int, other: Point) -> int:
    """P(TAG_ECDH, secret * 8 * point): the same for owner and guardian, each with the point of the other.

    Args:
        secret: one's own, in [1, l).
        other: Baby Jubjub point of the other.

    Raises:
        InputError: the point is not on the curve, or of small order.
    """
    shared = secret * clear_cofactor(other)
    return poseidon([Tag.ECDH, shared.x, shared.y])


def owner_tag(owner_secret: int) -> int:
    """P(TAG_OWNER, ownerSecret)."""
    return poseidon([Tag.OWNER, owner_secret])


def identity_of(owner_tag: int, view_key: int, domain: Domain) -> int:
    """P(TAG_ID, ownerTag, P(TAG_VIEW, viewKey), domain)."""
    return poseidon([Tag.ID, owner_tag, poseidon([Tag.VIEW, view_key]), domain.tag()])


def blind_of(identity: int, salt: int) -> int:
    """P(TAG_BLIND, identity, salt): the last input of the commitment to a state with this salt."""
    return poseidon([Tag.BLIND, identity, salt])
