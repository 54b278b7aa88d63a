"""A client of the solvency gate of a margin book."""

from dataclasses import dataclass
from typing import Self

from verifier.chain._book import Permission
from verifier.chain._chain import Chain
from verifier.chain._gate import GateClient


@dataclass(frozen=True)
class BookGateClient(GateClient):
    """A deployed `BookGate`. An account is named by its identity."""

    @classmethod
    def deploy(cls, chain: Chain, book: str, rounds: str, verifier: str, *, max_proof_age: int, tip: int) -> Self:
        """Deploy a gate that reads from a margin book; the sender owns it.

        Args:
            chain: where.
            book: address of the book, which may have no code yet.
            rounds: address of the book's price source.
            verifier: address of the verifier of `margin` for the book's size.
            max_proof_age: how old the round of a proof may be [s].
            tip: what a flag earns [wei].
        """
        return cls(chain.deploy("BookGate", chain.sender, book, rounds, verifier, max_proof_age, tip))

    def book(self) -> str:
        """Address of the book."""
        return str(self.contract.read("book"))

    def permission_of(self, account: int, round_id: int) -> Permission:
        """What an account may do now, by a proof at a round, as far as its flag goes."""
        return Permission(self.contract.read("permissionOf", account, round_id))
