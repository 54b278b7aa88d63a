"""Withdrawals on their way: queued by the owner's proof, paid by any sender when they are due."""

from dataclasses import dataclass

from prover.chain import Level
from prover.onchain._book import MarginBook
from verifier import ChainError


@dataclass(frozen=True, slots=True)
class PendingWithdrawal:
    """A withdrawal that is not paid yet, or not all of it.

    Attributes:
        asset: slot, N for the settlement currency.
        index: its place in the queue of the asset.
        recipient: address.
        amount: what is not paid yet [token units].
        before: how many withdrawals are paid before it.
        amount_before: the sum of them [token units].
        wait: seconds until it is due, if flags are not stopped meanwhile; 0 when it is due.
    """

    asset: int
    index: int
    recipient: str
    amount: int
    before: int
    amount_before: int
    wait: int


@dataclass(frozen=True, slots=True)
class DuePayOut:
    """What a pay-out pays of a withdrawal.

    Attributes:
        index: its place in the queue of the asset.
        recipient: address.
        amount: what leaves the queue [token units].
        rest: what stays in the queue, since the outflow limit is reached [token units].
    """

    index: int
    recipient: str
    amount: int
    rest: int


def pending_withdrawals(book: MarginBook, account: int) -> list[PendingWithdrawal]:
    """The withdrawals of an account that are not paid yet, in the order of their requests.

    Which withdrawals are an account's is in the events of the book alone, so a node that leaves one out hides it. What
    is shown is compared with the vault.

    Raises:
        ChainError: not reached, or the node's events and the vault disagree.
    """
    contracts, vault = book.contracts, book.contracts.book.vault
    time = contracts.breaker.active_time(Level.NO_FLAGS)
    pending: list[PendingWithdrawal] = []
    for request in contracts.book.withdrawal_requests(account):
        queue = vault.queue(request.asset)
        if request.index not in queue:
            if request.index >= queue.stop:
                raise ChainError("the node's logs and the vault's queue disagree: try again, or ask another node")
            continue
        earlier = [vault.withdrawal(request.asset, index) for index in range(queue.start, request.index)]
        queued = vault.withdrawal(request.asset, request.index)
        pending.append(
            PendingWithdrawal(
                request.asset,
                request.index,
                queued.recipient,
                queued.amount,
                len(earlier),
                sum(other.amount for other in earlier),
                max(0, queued.due_at - time),
            )
        )
    return pending


def due_pay_outs(book: MarginBook, asset: int, count: int) -> list[DuePayOut]:
    """What `pay_out` would pay of a queue now: in full, unless a ledger cuts it.

    Args:
        book: whose vault.
        asset: slot, N for the settlement currency.
        count: the most withdrawals to pay.

    Raises:
        ChainError: not reached.
    """
    contracts, vault = book.contracts, book.contracts.book.vault
    time, left = contracts.breaker.active_time(Level.NO_FLAGS), vault.outflow_left(asset)
    due: list[DuePayOut] = []
    for index in vault.queue(asset)[:count]:
        queued = vault.withdrawal(asset, index)
        if queued.due_at > time or not left:
            break
        amount = min(queued.amount, left)
        left -= amount
        due.append(DuePayOut(index, queued.recipient, amount, queued.amount - amount))
    return due
