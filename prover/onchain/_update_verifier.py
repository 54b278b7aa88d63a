"""Verifying other accounts' proofs of `update` off chain: for takers and batchers, before they prove or send."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from prover.chain import OnchainRound
from prover.onchain._book import MarginBook
from prover.statements import Backend, backend_check
from prover.trade import Offer
from verifier import (
    Check,
    InputError,
    Settlement,
    VerificationError,
    VerifyingKey,
    verify,
    verify_settlement,
    verify_update,
)


@dataclass(frozen=True)
class UpdateVerifier:
    """Verifies proofs of `update` off chain, with the key and the rounds of a book.

    The round's vectors come from the book's contracts, never from the prover.

    Attributes:
        book: the book.
        key: its verifying key of `update`.
        check: the Groth16 check.
    """

    book: MarginBook
    key: VerifyingKey
    check: Check

    @classmethod
    def of(cls, book: MarginBook, key: VerifyingKey, backend: Backend | None = None) -> Self:
        """A verifier for a book, which must verify with the same key.

        Args:
            book: the book.
            key: verifying key of `update`.
            backend: decides the equation; None for py_ecc.

        Raises:
            InputError: the book has another key.
            ChainError: the node is not reached.
        """
        _, onchain = book.contracts.book.verifiers()
        if bytes(onchain.read("keyDigest")).hex() != key.digest():
            raise InputError(
                "the book verifies update with another key than this machine's: "
                "use the keys that the book was deployed with"
            )
        check = verify if backend is None else backend_check(backend)
        return cls(book, key, check)

    def offer(self, offer: Offer, round_: OnchainRound) -> None:
        """Verify the maker's proof of an offer.

        Args:
            offer: the maker's.
            round_: the one that it names.

        Raises:
            VerificationError: it does not verify for this ticket, side and round.
            ChainError: the node is not reached.
        """
        try:
            verify_update(offer.maker_update, self.key, self.book.risk(round_), offer.maker_terms, check=self.check)
        except VerificationError as error:
            raise VerificationError(
                error.reason,
                f"the maker's proof does not verify for this trade at round {offer.round_id}, so the book would refuse "
                f"it: ask for a new offer ({error})",
            ) from None

    def settlements(
        self, round_: OnchainRound, settlements: Sequence[Settlement]
    ) -> tuple[list[Settlement], Mapping[int, VerificationError]]:
        """Sort out settlements that a batch would drop: a proof that does not verify raises the gas of all others.

        Args:
            round_: the one that the batch is for.
            settlements: candidates.

        Returns:
            The settlements whose proofs verify, in order, and why each other one does not, by its index.

        Raises:
            ChainError: the node is not reached.
        """
        risk = self.book.risk(round_)
        verified, refused = [], {}
        for index, settlement in enumerate(settlements):
            try:
                verify_settlement(settlement, self.key, risk, check=self.check)
            except VerificationError as error:
                refused[index] = error
            else:
                verified.append(settlement)
        return verified, refused
