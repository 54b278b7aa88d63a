"""The keys of senders and reporters: Web3 Secret Storage."""

from pathlib import Path
from typing import Any, Final

from eth_account import Account as Signer
from eth_account.signers.local import LocalAccount
from eth_keyfile.exceptions import EthKeyfileNotImplementedError, EthKeyfileValueError

from prover.cli._output import note
from prover.cli._passphrase import ask_passphrase
from prover.storage import passphrase_spellings
from verifier import InputError, read_json

VERSION: Final = 3
"""Version 4 holds keys of another curve, those of validators."""

_DAMAGED: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EthKeyfileNotImplementedError,
    KeyError,
    TypeError,
    ValueError,
)
"""What eth-keyfile raises at a file that is not as it expects it."""


def unlock(keystore: Path, passphrase_file: Path | None = None) -> LocalAccount:
    """The key in a keystore, whose passphrase is asked for where no file has it.

    Raises:
        InputError: unreadable, no keystore of version 3, damaged, or a wrong passphrase.
    """
    content: Any = read_json(keystore, "keystore")
    if not isinstance(content, dict) or content.get("version") != VERSION:
        raise InputError(f"keystore {keystore}: no keystore of version {VERSION} (Web3 Secret Storage of an account)")
    passphrase = ask_passphrase("keystore", passphrase_file)
    spellings = passphrase_spellings(passphrase)
    note("opening the keystore")
    for spelling in spellings:
        try:
            signer: LocalAccount = Signer.from_key(Signer.decrypt(content, spelling))
        except EthKeyfileValueError:  # the message authentication code does not fit
            continue
        except _DAMAGED:
            raise InputError(f"keystore {keystore}: damaged, or encrypted in a way that is not supported") from None
        return signer
    raise InputError(f"keystore {keystore}: wrong passphrase")
