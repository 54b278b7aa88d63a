"""The account that an owner is about to open: its guardian, and its place in the wallet."""

from prover.account import Point, Wallet, WalletAccount, point_to_text
from prover.onchain._book import MarginBook
from prover.onchain._restore import require_unlinked, unused_index
from verifier import InputError


def accepted_guardian(book: MarginBook, wanted: Point | None = None) -> Point:
    """The guardian of a new account.

    Args:
        book: where the account will live. It is asked first: a guardian that it refuses need not be in a wallet.
        wanted: None for the only guardian that the book accepts.

    Raises:
        InputError: the book does not accept it, or accepts none or several where none is named.
        ChainError: the node is not reached.
    """
    accepted = [Point(*point) for point in book.contracts.book.guardians()]
    if wanted is None and len(accepted) == 1:
        return accepted[0]
    if wanted is not None and wanted in accepted:
        return wanted
    known = " or ".join(map(point_to_text, accepted)) or "none at all"
    problem = "choose a guardian with" if wanted is None else "the book does not accept this"
    raise InputError(f"{problem} --guardian: the book accepts {known}")


def successor_name(name: str) -> str:
    """The name of the account that another one moves to: trading-2 after trading, trading-3 after trading-2."""
    stem, _, number = name.rpartition("-")
    return f"{stem}-{int(number) + 1}" if stem and number.isdecimal() else f"{name}-2"


def with_new_account(wallet: Wallet, book: MarginBook, name: str, guardian: Point | None = None) -> Wallet:
    """A wallet with an account to open under a name. Write it before the account is opened.

    A wallet with a seed derives the account's secret from it, at an index that no account has, in the wallet or on the
    chain. An account that an attempt has left under this name stays as it is: opening it goes on with the same secret.

    Args:
        wallet: what there is so far.
        book: where the account will live.
        name: the owner's own name for it.
        guardian: who may read it; None for the only guardian that the book accepts.

    Raises:
        InputError: the name is malformed, or that of an account in another book or with another guardian; or as
            `accepted_guardian`, `unused_index` and `require_unlinked`.
        ChainError: the node is not reached.
    """
    for account in wallet.accounts:
        if account.name == name:
            _require_same(account, book, guardian)
            if account.index is not None:
                require_unlinked(book, account.keys, _guardians(wallet, book))
            return wallet
    point = accepted_guardian(book, guardian)
    if wallet.seed is None:
        return wallet.add(WalletAccount.create(name, book.domain, point))
    known = [*_guardians(wallet, book), point]
    index = unused_index(book, wallet.seed, wallet.next_index(book.domain), known)
    return wallet.add(wallet.derived(name, book.domain, index, point))


def _guardians(wallet: Wallet, book: MarginBook) -> list[Point]:
    return [account.keys.guardian for account in wallet.accounts_of(book.domain)]


def _require_same(account: WalletAccount, book: MarginBook, guardian: Point | None) -> None:
    if account.keys.domain != book.domain:
        raise InputError(f"the wallet has an account {account.name} in another book: choose another --name")
    if guardian is not None and account.keys.guardian != guardian:
        raise InputError(f"the wallet has an account {account.name} with another guardian: choose another --name")
