"""What is said to a margin book: claims, the proofs of them (spec ZS-60 to ZS-81), listings.

A claim has no proof yet. Provers build witness inputs from it, verifiers the public signals, with the same names.
"""

from dataclasses import dataclass, fields
from typing import NamedTuple

from verifier._errors import InputError
from verifier._margin import RECIPIENT_BITS
from verifier._proof import Proof
from verifier._rounds import BASIS, ReleaseInputs, RiskInputs, SettlementPrices
from verifier._statements import STATEMENTS, Value

FieldPair = tuple[int, int]
"""Coordinates of a point of Baby Jubjub."""


@dataclass(frozen=True, slots=True)
class OpeningClaim:
    """What `open` says. Everything of it is public.

    Attributes:
        commitment: to the empty account.
        identity: names the account for ever.
        owner_tag: P(TAG_OWNER, ownerSecret).
        owner_point: ownerSecret times the base point.
        guardian_point: of an accepted guardian.
        rho: public value of the encryption.
        ciphertext: the encrypted state, (N + 2) / 3 field elements.
    """

    commitment: int
    identity: int
    owner_tag: int
    owner_point: FieldPair
    guardian_point: FieldPair
    rho: int
    ciphertext: tuple[int, ...]

    def values(self, domain: int) -> dict[str, Value]:
        """The public signals by name.

        Args:
            domain: P(TAG_DOMAIN, chain id, book), which the book knows of itself.
        """
        return {
            "commitment": self.commitment,
            "identity": self.identity,
            "domain": domain,
            "ownerTag": self.owner_tag,
            "ownerPoint": self.owner_point,
            "guardianPoint": self.guardian_point,
            "rho": self.rho,
            "ciphertext": self.ciphertext,
        }

    def signals(self, domain: int, n: int) -> tuple[int, ...]:
        """The public signals in order.

        Args:
            domain: as for `values`.
            n: slots of the book.

        Raises:
            InputError: the ciphertext is of another size of book.
        """
        return STATEMENTS["open"].arrange(self.values(domain), n)

    def proven(self, proof: Proof) -> "Opening":
        """The claim with its proof."""
        return Opening(**{field.name: getattr(self, field.name) for field in fields(OpeningClaim)}, proof=proof)


@dataclass(frozen=True, slots=True)
class Opening(OpeningClaim):
    """A proof of `open`.

    Attributes:
        proof: of the claim.
    """

    proof: Proof


class UpdateTerms(NamedTuple):
    """What the use of an `update` says of it: a trade, a transfer, or both.

    Attributes:
        ticket: public name of the trade; 0 without one.
        side: 0 without a trade, 1 for the buyer, 2 for the seller.
        asset: slot of what is transferred; N for the settlement currency.
        amount: what is transferred [1e-9 token], of the settlement currency [1e-18 USD].
        is_withdrawal: whether it leaves the account.
        recipient: whom a withdrawal pays: an address as an integer below 2^160; 0 for none.
    """

    ticket: int = 0
    side: int = 0
    asset: int = 0
    amount: int = 0
    is_withdrawal: bool = False
    recipient: int = 0

    def values(self) -> dict[str, Value]:
        """Their public signals, by name.

        Raises:
            InputError: the recipient is no address: the circuit leaves this check to the verifier (spec ZS-23).
        """
        _require_address(self.recipient)
        return {
            "ticket": self.ticket,
            "side": self.side,
            "transferAsset": self.asset,
            "transferAmount": self.amount,
            "isWithdrawal": int(self.is_withdrawal),
            "recipient": self.recipient,
        }


@dataclass(frozen=True, slots=True)
class UpdateClaim:
    """What `update` says, less what its use says. Everything of it is public.

    Attributes:
        account: identity of the account: told to the book, and no signal of the proof.
        old_commitment: to the account's present state.
        new_commitment: to its next state.
        claim: what is shown: 0 nothing, 1 initial margin is met, 2 the account only shrinks, 3 a deposit that leaves it
            below maintenance margin.
        rho: public value of the encryption.
        ciphertext: the encrypted next state, (N + 2) / 3 field elements.
    """

    account: int
    old_commitment: int
    new_commitment: int
    claim: int
    rho: int
    ciphertext: tuple[int, ...]

    def values(self, terms: UpdateTerms) -> dict[str, Value]:
        """The signals of the proof, by name.

        Args:
            terms: what the use of the proof says.

        Raises:
            InputError: the recipient is no address.
        """
        return terms.values() | {
            "oldCommitment": self.old_commitment,
            "newCommitment": self.new_commitment,
            "claim": self.claim,
            "rho": self.rho,
            "ciphertext": self.ciphertext,
        }

    def signals(self, terms: UpdateTerms, risk: RiskInputs) -> tuple[int, ...]:
        """The public signals in order.

        Args:
            terms: what the use of the proof says.
            risk: the round's.

        Raises:
            InputError: the recipient is no address, or the ciphertext is of another size of book.
        """
        return STATEMENTS["update"].arrange(self.values(terms) | risk.values(), risk.vectors.n)

    def proven(self, proof: Proof) -> "StateUpdate":
        """The claim with its proof."""
        return StateUpdate(**{field.name: getattr(self, field.name) for field in fields(UpdateClaim)}, proof=proof)


@dataclass(frozen=True, slots=True)
class StateUpdate(UpdateClaim):
    """A proof of `update`.

    Attributes:
        proof: of the claim.
    """

    proof: Proof


@dataclass(frozen=True, slots=True)
class WriteoffClaim:
    """What `writeoff` says. Everything of it is public.

    Attributes:
        old_commitment: to the account's present state.
        new_commitment: to the empty state.
        amount: the debt that is written off [1e-18 USD].
        rho: public value of the encryption.
        ciphertext: the encrypted empty state, (N + 2) / 3 field elements.
    """

    old_commitment: int
    new_commitment: int
    amount: int
    rho: int
    ciphertext: tuple[int, ...]

    def values(self) -> dict[str, Value]:
        """The public signals by name."""
        return {
            "oldCommitment": self.old_commitment,
            "newCommitment": self.new_commitment,
            "amount": self.amount,
            "rho": self.rho,
            "ciphertext": self.ciphertext,
        }

    def signals(self, n: int) -> tuple[int, ...]:
        """The public signals in order, in a book of n slots.

        Raises:
            InputError: the ciphertext is of another size of book.
        """
        return STATEMENTS["writeoff"].arrange(self.values(), n)


@dataclass(frozen=True, slots=True)
class ExpireClaim:
    """What `expire` says, less the settlement prices. Everything of it is public.

    Attributes:
        old_commitment: to the account's present state.
        new_commitment: to its next state.
        slots: bitmap: bit i is 1 when slot i expired, so that its balance becomes cash.
        rho: public value of the encryption.
        ciphertext: the encrypted next state, (N + 2) / 3 field elements.
    """

    old_commitment: int
    new_commitment: int
    slots: int
    rho: int
    ciphertext: tuple[int, ...]

    def values(self) -> dict[str, Value]:
        """The signals of the proof, by name."""
        return {
            "oldCommitment": self.old_commitment,
            "newCommitment": self.new_commitment,
            "slots": self.slots,
            "rho": self.rho,
            "ciphertext": self.ciphertext,
        }

    def signals(self, prices: SettlementPrices) -> tuple[int, ...]:
        """The public signals in order.

        Args:
            prices: at which the slots settle.

        Raises:
            InputError: the ciphertext is of another size of book.
        """
        return STATEMENTS["expire"].arrange(self.values() | prices.values(), prices.n)


@dataclass(frozen=True, slots=True)
class ExitClaim:
    """What `exit` says. Everything of it is public.

    Attributes:
        old_commitment: to the account's present state.
        new_commitment: to its next state.
        amount: what leaves the account [1e-18 USD].
        recipient: whom it pays: an address as an integer below 2^160.
        rho: public value of the encryption.
        ciphertext: the encrypted next state, (N + 2) / 3 field elements.
    """

    old_commitment: int
    new_commitment: int
    amount: int
    recipient: int
    rho: int
    ciphertext: tuple[int, ...]

    def values(self) -> dict[str, Value]:
        """The public signals by name.

        Raises:
            InputError: the recipient is no address: the circuit leaves this check to the verifier (spec ZS-23).
        """
        _require_address(self.recipient)
        return {
            "oldCommitment": self.old_commitment,
            "newCommitment": self.new_commitment,
            "amount": self.amount,
            "recipient": self.recipient,
            "rho": self.rho,
            "ciphertext": self.ciphertext,
        }

    def signals(self, n: int) -> tuple[int, ...]:
        """The public signals in order, in a book of n slots.

        Raises:
            InputError: the recipient is no address, or the ciphertext is of another size of book.
        """
        return STATEMENTS["exit"].arrange(self.values(), n)


@dataclass(frozen=True, slots=True)
class RekeyClaim:
    """What `rekey` says: an account moves to another identity with all that it holds. Everything of it is public.

    Attributes:
        old_commitment: to the account's present state, under its old identity.
        new_commitment: to the same state, under the new one.
        identity: names the account from now on.
        owner_tag: P(TAG_OWNER, ownerSecret) of the new owner secret.
        owner_point: the new owner secret times the base point.
        guardian_point: of an accepted guardian, who reads the account from now on.
        rho: public value of the encryption.
        ciphertext: the state, encrypted for the new guardian, (N + 2) / 3 field elements.
    """

    old_commitment: int
    new_commitment: int
    identity: int
    owner_tag: int
    owner_point: FieldPair
    guardian_point: FieldPair
    rho: int
    ciphertext: tuple[int, ...]

    def values(self, domain: int) -> dict[str, Value]:
        """The public signals by name.

        Args:
            domain: P(TAG_DOMAIN, chain id, book), which the book knows of itself.
        """
        return {
            "oldCommitment": self.old_commitment,
            "newCommitment": self.new_commitment,
            "newIdentity": self.identity,
            "domain": domain,
            "newOwnerTag": self.owner_tag,
            "newOwnerPoint": self.owner_point,
            "newGuardianPoint": self.guardian_point,
            "rho": self.rho,
            "ciphertext": self.ciphertext,
        }

    def signals(self, domain: int, n: int) -> tuple[int, ...]:
        """The public signals in order.

        Args:
            domain: as for `values`.
            n: slots of the book.

        Raises:
            InputError: the ciphertext is of another size of book.
        """
        return STATEMENTS["rekey"].arrange(self.values(domain), n)


@dataclass(frozen=True, slots=True)
class ReleaseClaim:
    """What `release` says, less what the round and its kind say. Everything of it is public.

    Attributes:
        old_commitment: to the account's present state.
        new_commitment: to its next state.
        ticket: public name of what the taker buys.
        taker: identity of the one account that may take it; 0 for any.
        rate: of the reward where the account's equity pays it [1e-4 of the margin taken].
        uncovered_rate: of the reward where it does not [1e-4 of the margin taken].
        cured: whether the account meets its margin afterwards.
        rho: public value of the encryption.
        ciphertext: the encrypted next state, (N + 2) / 3 field elements.
    """

    old_commitment: int
    new_commitment: int
    ticket: int
    taker: int
    rate: int
    uncovered_rate: int
    cured: bool
    rho: int
    ciphertext: tuple[int, ...]

    def values(self) -> dict[str, Value]:
        """The signals of the proof, by name.

        Raises:
            InputError: a rate is out of its range: the circuit leaves this check to the verifier (spec ZS-76).
        """
        if any(not 0 <= rate <= BASIS for rate in (self.rate, self.uncovered_rate)):
            raise InputError(f"release: a rate is outside 0 to {BASIS} [1e-4]")
        return {
            "oldCommitment": self.old_commitment,
            "newCommitment": self.new_commitment,
            "ticket": self.ticket,
            "taker": self.taker,
            "rate": self.rate,
            "uncoveredRate": self.uncovered_rate,
            "cured": int(self.cured),
            "rho": self.rho,
            "ciphertext": self.ciphertext,
        }

    def signals(self, inputs: ReleaseInputs) -> tuple[int, ...]:
        """The public signals in order.

        Args:
            inputs: of the round and kind.

        Raises:
            InputError: a rate is out of its range, or the ciphertext is of another size of book.
        """
        return STATEMENTS["release"].arrange(self.values() | inputs.values(), inputs.vectors.n)


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

    def sides(self) -> tuple[tuple[StateUpdate, UpdateTerms], tuple[StateUpdate, UpdateTerms]]:
        """Each side's proof, and what the trade says of it: the buyer's, then the seller's."""
        buys, sells = (UpdateTerms(ticket=self.ticket, side=side) for side in (1, 2))
        return (self.buyer, buys), (self.seller, sells)


class SlotFractions(NamedTuple):
    """How the prices of a round become the margin of a slot: the struct `MarginFractions` of the contracts.

    Attributes:
        maintenance_ppm: d = ceil(p * fraction) [ppm of the mark price].
        initial_ppm: the same at initial margin.
        short_maintenance_ppm: options only: d + x is at least ceil(p * fraction) [ppm of the mark price].
        short_initial_ppm: the same at initial margin.
        underlying_maintenance_ppm: options only, and there above 0: d + x is at least ceil(max(u, strike) * fraction)
            [ppm], u the mark price of the underlying.
        underlying_initial_ppm: the same at initial margin.
        underlying: slot of the underlying.
        strike: of a put [1e-9 USD]; 0 for everything else.
    """

    maintenance_ppm: int = 0
    initial_ppm: int = 0
    short_maintenance_ppm: int = 0
    short_initial_ppm: int = 0
    underlying_maintenance_ppm: int = 0
    underlying_initial_ppm: int = 0
    underlying: int = 0
    strike: int = 0


class ListedAsset(NamedTuple):
    """The entry of one slot of `RiskParameters`, field by field its struct `Asset`.

    Attributes:
        symbol: 32 bytes, ASCII, left-aligned; all zero in an empty slot.
        kind: 0 spot, 1 perpetual, 2 option.
        decimals: digits after the point: of the token for spot, 9 for a derivative.
        maintenance_ppm: maintenance margin fraction [ppm]; of an option that of its long side.
        initial_ppm: initial margin fraction [ppm].
        short_maintenance_ppm: of an option's short side [ppm of the option's price]; 0 for other assets.
        short_initial_ppm: the same for initial margin.
        underlying_maintenance_ppm: of an option's short side [ppm of the underlying's price or the strike].
        underlying_initial_ppm: the same for initial margin.
        floor_ppm: the least that the maintenance fraction may become [ppm].
        ceiling_ppm: the most that any fraction may become [ppm].
        underlying: the slot that an option is on.
        deviation_ppm: how far the price may move in a minute [ppm of the price].
        strike: of a put [1e-9 USD]; 0 for everything else.
        deviation_amount: how far any price may move in a minute [1e-9 USD].
        least_price: the least price that counts [1e-9 USD].
        greatest_price: the greatest one [1e-9 USD].
        expires_at: when it settles, Unix seconds; 0 for never.
    """

    symbol: bytes
    kind: int
    decimals: int
    maintenance_ppm: int
    initial_ppm: int
    short_maintenance_ppm: int
    short_initial_ppm: int
    underlying_maintenance_ppm: int
    underlying_initial_ppm: int
    floor_ppm: int
    ceiling_ppm: int
    underlying: int
    deviation_ppm: int
    strike: int
    deviation_amount: int
    least_price: int
    greatest_price: int
    expires_at: int = 0


def _require_address(recipient: int) -> None:
    if not 0 <= recipient < 1 << RECIPIENT_BITS:
        raise InputError("recipient: not an address of 20 bytes")
