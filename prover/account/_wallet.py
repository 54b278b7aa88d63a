"""A wallet: the secrets of several accounts in one encrypted file.

It holds a seed, from which owner secrets are derived, imported owner secrets, and what it takes to find the accounts.
What the accounts own is on chain and is read from there, so a lost or stale disk loses nothing.

A file of version 1 has no seed: each of its secrets is imported. It is read and written as it is, until `with_seed`
makes it one of version 2.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import chain, count
from pathlib import Path
from typing import Final, Literal, Self

from prover.account._babyjubjub import Point, clear_cofactor
from prover.account._domain_file import DomainFile
from prover.account._keys import Domain, OwnerKeys
from prover.account._sealed import ViewingKeys
from prover.account._seed import Seed
from prover.storage import FileModel, NaturalText, locked, read_secret, rewrite_secret, validate_model, write_secret
from verifier import InputError, parse_json

FORMAT_WITHOUT_SEED: Final = "zksolvency/wallet/1"

FORMAT: Final = "zksolvency/wallet/2"

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


class _PlaceFile(FileModel):
    name: str
    guardian: tuple[NaturalText, NaturalText]
    domain: DomainFile


class _ImportedFile(_PlaceFile):
    owner_secret: NaturalText


class _AccountFile(_PlaceFile):
    """Has one of the two: an index is of a derived secret."""

    owner_secret: NaturalText | None = None
    index: int | None = None


class _FileWithoutSeed(FileModel):
    format: Literal["zksolvency/wallet/1"]
    accounts: tuple[_ImportedFile, ...]


class _WalletFile(FileModel):
    format: Literal["zksolvency/wallet/2"]
    seed: str
    accounts: tuple[_AccountFile, ...]


@dataclass(frozen=True)
class WalletAccount:
    """What moves one account.

    Attributes:
        name: the owner's own name for it: up to 32 of a-z, 0-9 and -, not - first.
        keys: of its owner. Where there is no index, the secret in them is nowhere else: without it the account is lost.
        index: of the account in its book, from which with the wallet's seed its secret is derived; None: imported.
    """

    name: str
    keys: OwnerKeys
    index: int | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise InputError("account: its name is up to 32 of a-z, 0-9 and -, and does not begin with -")

    @classmethod
    def create(cls, name: str, domain: Domain, guardian: Point | None = None) -> Self:
        """An account with a fresh owner secret, which no seed brings back.

        Args:
            name: as above.
            domain: the book.
            guardian: None: the owner alone reads it.

        Raises:
            InputError: a malformed name, or a point that no key can be agreed with.
        """
        return cls(name, OwnerKeys.generate(domain, guardian))

    def viewing(self) -> ViewingKeys:
        """What reads its states on chain."""
        return ViewingKeys.of_owner(self.keys)


@dataclass(frozen=True)
class FoundAccount:
    """An account that was found on a chain.

    Attributes:
        keys: of its owner.
        index: as of `WalletAccount`.
    """

    keys: OwnerKeys
    index: int | None = None


@dataclass(frozen=True)
class Wallet:
    """Accounts, each with a name and an identity of its own.

    Attributes:
        accounts: the oldest first.
        seed: derives the secrets of accounts that have an index; None: there are none.
    """

    accounts: tuple[WalletAccount, ...] = ()
    seed: Seed | None = None

    def __post_init__(self) -> None:
        names = [account.name for account in self.accounts]
        for name in names:
            if names.count(name) > 1:
                raise InputError(f"wallet: two accounts are called {name}")
        # The book opens one account for an identity; guardian points that differ by small order have the same.
        keys = [account.keys for account in self.accounts]
        identities = {(one.owner_secret, clear_cofactor(one.guardian), one.domain) for one in keys}
        if len(identities) != len(self.accounts):
            raise InputError("wallet: two names for one account (owner secret, guardian and book are the same)")
        for account in self.accounts:
            if account.index is not None and account.keys.owner_secret != self._derive(
                account.keys.domain, account.index
            ):
                raise InputError(
                    f"wallet: the account {account.name} has an index, and another secret than its seed tells"
                )

    @classmethod
    def create(cls) -> Self:
        """A wallet without accounts, and with a fresh seed."""
        return cls(seed=Seed.generate())

    @classmethod
    def load(cls, path: Path, passphrase: str) -> Self:
        """Read a wallet.

        Raises:
            InputError: not to be opened (see `read_secret`), or malformed. No secret is shown.
        """
        where = f"wallet {path}"
        return cls.from_json(parse_json(read_secret(path, passphrase, "wallet"), where), where)

    def save(self, path: Path, passphrase: str, *, overwrite: bool = False) -> None:
        """Write the wallet; `update_wallet` changes one that other programs may change. Raises as `write_secret`."""
        write_secret(path, self.to_text(), passphrase, overwrite=overwrite)

    @classmethod
    def from_json(cls, value: object, where: str = "wallet") -> Self:
        """Read the content of the encryption. Raises InputError as `load`."""
        if isinstance(value, dict) and value.get("format") == FORMAT_WITHOUT_SEED:
            return cls(tuple(_imported(file) for file in validate_model(_FileWithoutSeed, value, where).accounts))
        file = validate_model(_WalletFile, value, where)
        try:
            seed = Seed.from_text(file.seed)
        except InputError as error:
            raise InputError(f"{where}: {error}") from None
        return cls(tuple(_account(account, seed) for account in file.accounts), seed)

    def to_json(self) -> dict[str, object]:
        """The content of the encryption: every secret that is not derived from another one."""
        accounts = [_account_json(account) for account in self.accounts]
        if self.seed is None:
            return {"format": FORMAT_WITHOUT_SEED, "accounts": accounts}
        return {"format": FORMAT, "seed": self.seed.to_text(), "accounts": accounts}

    def to_text(self) -> str:
        """`to_json` as text."""
        return json.dumps(self.to_json(), indent=2) + "\n"

    def add(self, account: WalletAccount) -> Self:
        """The wallet with one account more.

        Raises:
            InputError: its name is taken, or the account is there under another one.
        """
        return replace(self, accounts=(*self.accounts, account))

    def with_seed(self, seed: Seed) -> Self:
        """The wallet with a seed. The secrets that it has stay as they are, as imported ones.

        Raises:
            InputError: it has another seed already.
        """
        if self.seed not in {None, seed}:
            raise InputError("the wallet has another seed: name a new file with --wallet for this one")
        return replace(self, seed=seed)

    def next_index(self, domain: Domain) -> int:
        """The index above those of all accounts in a book. The chain may know of more accounts of the seed."""
        return 1 + max((account.index for account in self.accounts_of(domain) if account.index is not None), default=-1)

    def derived(self, name: str, domain: Domain, index: int, guardian: Point) -> WalletAccount:
        """An account whose secret is derived from the seed. The wallet does not have it yet.

        Args:
            name: the owner's own name for it.
            domain: the book.
            index: that no account of the seed in this book has, in this wallet or another copy of it.
            guardian: who may read it.

        Raises:
            InputError: the wallet has no seed, a malformed name or point, or an index out of range.
        """
        return WalletAccount(name, OwnerKeys(self._derive(domain, index), guardian, domain), index)

    def _derive(self, domain: Domain, index: int) -> int:
        if self.seed is None:
            raise InputError("the wallet has no seed: an account of it cannot have an index")
        return self.seed.owner_secret(domain, index)

    def account(self, name: str) -> WalletAccount:
        """The account of a name.

        Raises:
            InputError: there is none.
        """
        for account in self.accounts:
            if account.name == name:
                return account
        known = ", ".join(account.name for account in self.accounts) or "none"
        raise InputError(f"no account in the wallet is called {name[:40]!r} (there are: {known})")

    def accounts_of(self, domain: Domain) -> tuple[WalletAccount, ...]:
        """The accounts in one book."""
        return tuple(account for account in self.accounts if account.keys.domain == domain)

    def choose(self, domain: Domain, name: str | None = None) -> WalletAccount:
        """The account in one book that a name means.

        Args:
            domain: the book.
            name: None for the only account in it.

        Raises:
            InputError: there is none, it lives in another book, or there are several to choose from.
        """
        if name is not None:
            account = self.account(name)
            if account.keys.domain != domain:
                raise InputError(
                    f"the account {name} lives in the book 0x{account.keys.domain.contract:040x} on chain "
                    f"{account.keys.domain.chain_id}: name the record of that book with --deployment"
                )
            return account
        accounts = self.accounts_of(domain)
        if not accounts:
            raise InputError("the wallet has no account in this book: `zksolvency account open --name NAME` makes one")
        if len(accounts) > 1:
            known = ", ".join(account.name for account in accounts)
            raise InputError(f"the wallet has several accounts in this book ({known}): choose one with --account")
        return accounts[0]

    def missing(self, found: Iterable[FoundAccount], name: str) -> tuple[WalletAccount, ...]:
        """Accounts that were found and that the wallet does not have, under names that are free.

        Args:
            found: accounts, each once.
            name: of the first one; further ones get -2, -3 after it.

        Raises:
            InputError: a malformed name.
        """
        known = {account.keys.identity for account in self.accounts}
        taken = {account.name for account in self.accounts}
        names = (free for free in chain([name], (f"{name}-{i}" for i in count(2))) if free not in taken)
        return tuple(WalletAccount(next(names), one.keys, one.index) for one in found if one.keys.identity not in known)


def update_wallet(path: Path, passphrase: str, change: Callable[[Wallet], Wallet]) -> Wallet:
    """Change a wallet file, waiting for other programs that change it. After any failure the old file is as it was.

    It is written only when something changes: encrypting takes a second or more.

    Args:
        path: the file.
        passphrase: opens it, and stays.
        change: gives the new wallet from what the file holds by then.

    Returns:
        The new wallet.

    Raises:
        InputError: as `Wallet.load`, `locked` and `Wallet.save` do, or as `change` does.
    """
    with locked(path) as file:
        old = Wallet.load(file, passphrase)
        new = change(old)
        if new != old:
            rewrite_secret(file, new.to_text(), passphrase)
    return new


def _account(file: _AccountFile, seed: Seed) -> WalletAccount:
    match file.owner_secret, file.index:
        case str(secret), None:
            return _placed(file, lambda _: int(secret))
        case None, int(index):
            return _placed(file, lambda domain: seed.owner_secret(domain, index), index)
        case _:
            raise InputError(f"account {file.name[:40]}: expected an owner secret or an index, and not both")


def _imported(file: _ImportedFile) -> WalletAccount:
    return _placed(file, lambda _: int(file.owner_secret))


def _placed(file: _PlaceFile, secret: Callable[[Domain], int], index: int | None = None) -> WalletAccount:
    x, y = map(int, file.guardian)
    try:
        domain = file.domain.domain()
        keys = OwnerKeys(secret(domain), Point(x, y), domain)
    except InputError as error:
        raise InputError(f"account {file.name[:40]}: {error}") from None
    return WalletAccount(file.name, keys, index)


def _account_json(account: WalletAccount) -> dict[str, object]:
    keys = account.keys
    secret = {"owner_secret": str(keys.owner_secret)} if account.index is None else {"index": account.index}
    return {
        "name": account.name,
        **secret,
        "guardian": [str(keys.guardian.x), str(keys.guardian.y)],
        "domain": DomainFile.of(keys.domain).model_dump(),
    }
