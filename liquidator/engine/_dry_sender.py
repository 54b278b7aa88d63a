"""The sender of a dry run: it says what a transaction would cost, and sends none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from prover.chain import SendingAccount
from verifier import ZkSolvencyError


class WouldSendError(ZkSolvencyError):
    """A dry run has come to a transaction.

    Attributes:
        gas: that it would use.
        wei: that it would cost now, without its priority fee.
    """

    def __init__(self, what: str, gas: int, wei: int) -> None:
        super().__init__(f"{what}: would be sent, and is not: this is a dry run")
        self.gas = gas
        self.wei = wei


@dataclass(frozen=True)
class DrySender:
    """In place of an outbox.

    Attributes:
        account: that would send.
    """

    account: SendingAccount

    @property
    def address(self) -> str:
        """Of the account, checksummed."""
        return self.account.address

    def next_nonce(self) -> int:
        """The nonce that its next transaction would have."""
        return self.account.transaction_count()

    def send(self, request: Mapping[str, Any], what: str) -> NoReturn:
        """Ask the node what a call would use.

        Raises:
            WouldSendError: it would be mined.
            ChainError: the node does not answer.
            ContractLogicError: the contract refuses it.
        """
        with self.account.unsent(what):
            gas = int(self.account.web3.eth.estimate_gas(dict(request)))  # type: ignore[arg-type]
            price = int(self.account.web3.eth.gas_price)
        raise WouldSendError(what, gas, gas * price)
