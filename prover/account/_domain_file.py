"""How files name the chain and contract that an account lives on."""

from typing import Self

from prover.account._keys import Domain
from prover.storage import AddressText, FileModel


class DomainFile(FileModel):
    """The file form of a domain."""

    chain_id: int
    contract: AddressText

    @classmethod
    def of(cls, domain: Domain) -> Self:
        """The form of a domain."""
        return cls(chain_id=domain.chain_id, contract=f"0x{domain.contract:040x}")

    def domain(self) -> Domain:
        """The domain. Raises InputError when its chain id is out of range."""
        return Domain(self.chain_id, int(self.contract, 16))
