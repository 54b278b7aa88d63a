"""A client of the solvency gate of a margin book."""

from dataclasses import dataclass
from typing import NamedTuple, Self

from prover.chain._chain import Chain
from prover.chain._gate import GateClient


class BookAddresses(NamedTuple):
    """Addresses that the constructor of a gate takes, before the book is deployed.

    Attributes:
        book: address that the book will have.
        rounds: address of its price source.
        breaker: address of its circuit breaker.
    """

    book: str
    rounds: str
    breaker: str


class DeployedGate(NamedTuple):
    """The gate of a book that is about to be deployed.

    Attributes:
        address: of the gate that will be in force.
        modules: contracts that the book lets replace states, and set and end flags, for ever, beside its
            `AccountLife`: three at most. A `BookGate` within another gate has to be one of them, or it can flag no
            account.
    """

    address: str
    modules: tuple[str, ...] = ()


@dataclass(frozen=True)
class BookGateClient(GateClient):
    """A deployed `BookGate`. An account is named by its identity. The book keeps its flags."""

    @classmethod
    def deploy(cls, chain: Chain, addresses: BookAddresses, verifier: str, *, max_proof_age: int) -> Self:
        """Deploy a gate that reads from a margin book. It has no owner.

        Args:
            chain: where.
            addresses: of the book and its contracts.
            verifier: address of the verifier of `margin` for the book's size.
            max_proof_age: how old the round of a proof may be [s].
        """
        arguments = (addresses.book, addresses.breaker, addresses.rounds, verifier, max_proof_age)
        return cls(chain.deploy("BookGate", *arguments))

    def book(self) -> str:
        """Address of the book."""
        return str(self.contract.read("book"))
