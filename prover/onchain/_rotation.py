"""All accounts of a wallet in a book, moved from one guardian to another."""

from collections.abc import Collection
from dataclasses import dataclass

from prover.account import Point, Wallet, WalletAccount, clear_cofactor
from prover.chain import BookAccount
from prover.onchain._book import MarginBook
from prover.onchain._opening import accepted_guardian, successor_name
from verifier import InputError


@dataclass(frozen=True)
class PlannedMove:
    """An account that is to move to another guardian.

    Attributes:
        account: as it is in the wallet.
        successor: the name that it has afterwards.
        is_flagged: whether it is flagged, so that it cannot move now.
    """

    account: WalletAccount
    successor: str
    is_flagged: bool


def plan_rotation(book: MarginBook, wallet: Wallet, old: Point, new: Point) -> list[PlannedMove]:
    """The open accounts of a wallet that named a guardian, with the names that they get under another one.

    What has moved already is not among them, so a rotation that was interrupted goes on by a new plan. A move that was
    prepared keeps its name, and so its secret.

    Args:
        book: where the accounts live.
        wallet: which has them.
        old: the guardian so far.
        new: the guardian from now on.

    Raises:
        InputError: both are the same, or the book does not accept the new one.
        ChainError: the node is not reached.
    """
    if clear_cofactor(old) == clear_cofactor(new):
        raise InputError("both guardians are the same: `account rekey` gives one account a new secret")
    accepted_guardian(book, new)
    contract, accounts = book.contracts.book, wallet.accounts_of(book.domain)
    block = book.contracts.chain.block_number()
    known = contract.accounts([account.keys.identity for account in accounts], block)
    free = {account.name for account in accounts if _awaits_move(account, new, known[account.keys.identity])}
    taken = {account.name for account in wallet.accounts} - free
    plan = []
    for account in accounts:
        state = known[account.keys.identity]
        if account.keys.guardian == old and state.commitment:
            name = _successor(account.name, taken)
            taken.add(name)
            plan.append(PlannedMove(account, name, state.is_flagged))
    return plan


def _awaits_move(account: WalletAccount, new: Point, state: BookAccount) -> bool:
    """Whether an earlier attempt has prepared the account, and nothing was opened with it."""
    return account.keys.guardian == new and not state.is_used


def _successor(name: str, taken: Collection[str]) -> str:
    name = successor_name(name)
    while name in taken:
        name = successor_name(name)
    return name
