"""What the contracts of a margin book are called with: proofs and what they are about (spec ZS-60, ZS-61), assets."""

from dataclasses import dataclass
from typing import NamedTuple

from verifier._proof import Proof

FieldPair = tuple[int, int]
"""Coordinates of a point of Baby Jubjub."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A proof of `open`. Everything of it is public.

    Attributes:
        commitment: to the empty account.
        identity: names the account for ever.
        owner_tag: P(TAG_OWNER, ownerSecret).
        owner_point: ownerSecret times the base point.
        guardian_point: of an accepted guardian.
        rho: public value of the encryption.
        ciphertext: the encrypted state, (N + 2) / 3 field elements.
        proof: of all that.
    """

    commitment: int
    identity: int
    owner_tag: int
    owner_point: FieldPair
    guardian_point: FieldPair
    rho: int
    ciphertext: tuple[int, ...]
    proof: Proof


@dataclass(frozen=True, slots=True)
class StateUpdate:
    """A proof of `update` less what its use says. Everything of it is public.

    Attributes:
        old_commitment: to the account's present state.
        new_commitment: to its next state.
        claim: which rule on risk is shown: 0 unsaid, 1 meets initial margin, 2 reduces risk.
        rho: public value of the encryption.
        ciphertext: the encrypted next state, (N + 2) / 3 field elements.
        proof: of all that.
    """

    old_commitment: int
    new_commitment: int
    claim: int
    rho: int
    ciphertext: tuple[int, ...]
    proof: Proof


@dataclass(frozen=True, slots=True)
class Settlement:
    """Two accounts trade: two proofs on one ticket, with opposite sides.

    Attributes:
        ticket: public name of the trade.
        buyer: its proof, with side 1.
        seller: its proof, with side 2.
    """

    ticket: int
    buyer: StateUpdate
    seller: StateUpdate


class ListedAsset(NamedTuple):
    """The entry of one slot of `RiskParameters`, field by field its struct `Asset`.

    Attributes:
        symbol: 32 bytes, ASCII, left-aligned; all zero in an empty slot.
        kind: 0 spot, 1 perpetual, 2 option.
        decimals: digits after the point: of the token for spot, 9 for a derivative.
        maintenance_ppm: maintenance margin fraction [ppm].
        initial_ppm: initial margin fraction [ppm].
        floor_ppm: the least that the maintenance fraction may become [ppm].
        ceiling_ppm: the most that the initial fraction may become [ppm].
        deviation_ppm: how far one round may move the price [ppm of the price before].
    """

    symbol: bytes
    kind: int
    decimals: int
    maintenance_ppm: int
    initial_ppm: int
    floor_ppm: int
    ceiling_ppm: int
    deviation_ppm: int
