"""A client of `BookVault`: the tokens of a margin book, the queue of what leaves it, and the bonds of accounts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from web3.logs import DISCARD

from prover.chain._chain import Contract


class Bond(NamedTuple):
    """What an account left in ETH when it was opened, for the tip of its next flag.

    Attributes:
        opener: address of the sender that opened the account; the zero address where nothing was left.
        amount: what is there [wei].
    """

    opener: str
    amount: int


class QueuedWithdrawal(NamedTuple):
    """A withdrawal that waits in the queue of its asset.

    Attributes:
        recipient: address.
        due_at: when it is due, on the clock `active_time(NO_FLAGS)` of the circuit breaker.
        amount: what is not paid yet, in the token's own units; 0 when all of it was paid.
    """

    recipient: str
    due_at: int
    amount: int


@dataclass(frozen=True)
class VaultClient:
    """A deployed `BookVault`. An asset is a slot, N for the settlement currency; amounts are in the token's own units.

    Attributes:
        contract: the vault.
    """

    contract: Contract

    def pay_out(self, asset: int, count: int) -> Mapping[str, Any]:
        """Pay the first withdrawals of a queue that are due, as far as the outflow limit allows. Any sender may."""
        return self.contract.send("payOut", asset, count)

    def claim_credit(self, asset: int, to: str) -> Mapping[str, Any]:
        """Pay the credit of the sender to an address."""
        return self.contract.send("claimCredit", asset, to)

    def claim_tip(self, to: str) -> Mapping[str, Any]:
        """Pay the sender's tips that could not be delivered, and what it sent beyond a bond, to an address."""
        return self.contract.send("claimTip", to)

    def ledger(self) -> str | None:
        """Address of the shortfall ledger; None for none."""
        address = str(self.contract.read("ledger"))
        return address if int(address, 16) else None

    def withdrawal_delay(self) -> int:
        """How long a withdrawal waits, in seconds in which accounts could be flagged."""
        return int(self.contract.read("withdrawalDelay"))

    def outflow_ppm(self) -> int:
        """The share of a token that may leave within an hour [ppm]."""
        return int(self.contract.read("outflowPpm"))

    def least_outflow(self, asset: int) -> int:
        """How much may leave within an hour when the share is less."""
        return int(self.contract.read("leastOutflowOf", asset))

    def outflow_left(self, asset: int) -> int:
        """How much the outflow limit lets out now."""
        return int(self.contract.read("outflowLeft", asset))

    def queue(self, asset: int) -> range:
        """Places of the withdrawals that wait."""
        following, end = self.contract.read("queueOf", asset)
        return range(int(following), int(end))

    def withdrawal(self, asset: int, index: int) -> QueuedWithdrawal:
        """The withdrawal at a place; zeros when it was paid or never made."""
        recipient, due_at, amount = self.contract.read("withdrawalAt", asset, index)
        return QueuedWithdrawal(str(recipient), int(due_at), int(amount))

    def token(self, asset: int) -> str | None:
        """The token of an asset; None for a derivative."""
        address = str(self.contract.read("tokenOf", asset))
        return address if int(address, 16) else None

    def holdings(self, asset: int) -> int:
        """What came in of a token less what went out."""
        return int(self.contract.read("holdingsOf", asset))

    def queued(self, asset: int) -> int:
        """The sum of the withdrawals in a queue."""
        return int(self.contract.read("queuedOf", asset))

    def credit(self, asset: int, recipient: str) -> int:
        """What the recipient of failed transfers can claim."""
        return int(self.contract.read("creditOf", asset, recipient))

    def opening_bond(self) -> int:
        """What an account leaves when it is opened [wei]."""
        return int(self.contract.read("openingBond"))

    def bond(self, account: int) -> Bond:
        """The bond of an account, by its identity."""
        opener, amount = self.contract.read("bondOf", account)
        return Bond(str(opener), int(amount))

    def bonds(self, accounts: Collection[int], block: int) -> dict[int, int]:
        """What the bonds of accounts are, by their identities, at the end of a block [wei]."""
        asked = list(accounts)
        found = self.contract.read_many("bondOf", asked, words=2, block=block)
        return {account: amount for account, (_, amount) in zip(asked, found, strict=True)}

    def bond_paid(self, receipt: Mapping[str, Any]) -> int:
        """The tip that a transaction paid out of a bond, by its receipt [wei]."""
        logs = self.contract.raw.events.BondPaid().process_receipt(receipt, errors=DISCARD)
        return sum(int(log["args"]["amount"]) for log in logs)

    def bond_returned(self, receipt: Mapping[str, Any]) -> Bond:
        """The bond that a transaction gave back to the opener of an account, by its receipt."""
        logs = self.contract.raw.events.BondReturned().process_receipt(receipt, errors=DISCARD)
        for log in logs:
            return Bond(str(log["args"]["opener"]), int(log["args"]["amount"]))
        return Bond(self.contract.chain.checksum(0), 0)

    def bond_due(self, account: int) -> int:
        """What a cure of an account has to add to its bond [wei]."""
        return self.opening_bond() - self.bond(account).amount

    def tip_credit(self, recipient: str) -> int:
        """What a recipient can claim by `claim_tip` [wei]."""
        return int(self.contract.read("tipCredit", recipient))
