"""The keys of senders and reporters: Web3 Secret Storage."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from prover.storage._passphrases import passphrase_spellings
from verifier import InputError, read_json

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

VERSION: Final = 3
"""Version 4 holds keys of another curve, those of validators."""


@dataclass(frozen=True)
class Keystore:
    """A keystore that is not opened yet.

    Attributes:
        path: its file.
        content: of the file.
    """

    path: Path
    content: Mapping[str, Any] = field(repr=False)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a keystore.

        Raises:
            InputError: unreadable, or no keystore of version 3.
        """
        content: Any = read_json(path, "keystore")
        if not isinstance(content, dict) or content.get("version") != VERSION:
            raise InputError(f"keystore {path}: no keystore of version {VERSION} (Web3 Secret Storage of an account)")
        return cls(path, content)

    def unlock(self, passphrase: str) -> "LocalAccount":
        """The key in it.

        Raises:
            InputError: damaged, or a wrong passphrase.
        """
        from eth_account import Account as Signer  # noqa: PLC0415 - slow to import
        from eth_keyfile.exceptions import EthKeyfileNotImplementedError, EthKeyfileValueError  # noqa: PLC0415

        # what eth-keyfile raises at a file that is not as it expects it
        damaged = (
            ArithmeticError,
            AssertionError,
            AttributeError,
            EthKeyfileNotImplementedError,
            KeyError,
            TypeError,
            ValueError,
        )
        for spelling in passphrase_spellings(passphrase):
            try:
                signer: LocalAccount = Signer.from_key(Signer.decrypt(dict(self.content), spelling))
            except EthKeyfileValueError:  # the message authentication code does not fit
                continue
            except damaged:
                raise InputError(
                    f"keystore {self.path}: damaged, or encrypted in a way that is not supported"
                ) from None
            return signer
        raise InputError(f"keystore {self.path}: wrong passphrase")
