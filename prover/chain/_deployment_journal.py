"""A journal of the contracts that a deployment puts on the chain."""

from typing import NamedTuple, Protocol


class DeployedContract(NamedTuple):
    """A contract that a deployment puts on the chain.

    Attributes:
        chain_id: of the chain.
        name: as in its source.
        address: checksummed; before it is confirmed, the one that it has if the sender sends nothing else meanwhile.
        transaction: hash of the deployment, 0x-prefixed hex; None until it is confirmed.
    """

    chain_id: int
    name: str
    address: str
    transaction: str | None


class DeploymentJournal(Protocol):
    """Records each contract that a chain deploys, before it is sent and when it is confirmed."""

    def begin(self, contract: DeployedContract) -> None:
        """Record a contract before it is sent."""

    def finish(self, contract: DeployedContract) -> None:
        """Record that the contract that began last is on the chain."""
