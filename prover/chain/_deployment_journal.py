"""A journal of the contracts that a deployment has put on the chain."""

from typing import NamedTuple, Protocol


class DeployedContract(NamedTuple):
    """A contract that a deployment has put on the chain.

    Attributes:
        name: as in its source.
        address: checksummed.
        transaction: hash of the deployment, 0x-prefixed hex.
    """

    name: str
    address: str
    transaction: str


class DeploymentJournal(Protocol):
    """Records each contract that a chain deploys, before it is sent and when it is confirmed."""

    def begin(self, name: str, expected: str) -> None:
        """Record a contract before it is sent; `expected` is its address if the sender sends nothing else meanwhile."""

    def finish(self, contract: DeployedContract) -> None:
        """Record that the contract that began last is on the chain."""
