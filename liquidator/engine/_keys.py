"""The keys of the engine, opened once at its start."""

from typing import TYPE_CHECKING

from liquidator.engine._settings import KeySettings, LiquidatorSettings, SignerSettings
from liquidator.engine._settings_file import passphrase_of
from prover.account import GuardianKey, Wallet, WalletAccount
from prover.chain import AccountSigner, RemoteSigner, RequestPolicy
from prover.liquidation import LiquidatorKey
from prover.storage import Keystore, require_private
from verifier import open_input_file

if TYPE_CHECKING:
    from pathlib import Path

    from prover.account import Domain


def open_signer(settings: SignerSettings, policy: RequestPolicy, table: str = "sender") -> AccountSigner:
    """The account of a table of the settings.

    Args:
        settings: the table.
        policy: how long to wait for a remote signer.
        table: its name.

    Raises:
        InputError: no keystore, one that other users can open, or a wrong passphrase.
        SignerError: the remote signer does not answer, or does not have the account.
    """
    if settings.keystore is None:
        address = settings.signer_address
        return RemoteSigner(str(settings.signer_url), address, policy)
    _require_own(settings.keystore, "keystore")
    keystore = Keystore.load(settings.keystore)
    return keystore.unlock(passphrase_of(settings.passphrase, settings.passphrase_file, table))


def open_guardian_key(settings: KeySettings) -> GuardianKey:
    """The guardian's key. Raises InputError as `GuardianKey.load` and `passphrase_of`."""
    return GuardianKey.load(settings.key, passphrase_of(settings.passphrase, settings.passphrase_file, "guardian"))


def open_liquidator_key(settings: KeySettings) -> LiquidatorKey:
    """What opens notices. Raises InputError as `LiquidatorKey.load` and `passphrase_of`."""
    return LiquidatorKey.load(settings.key, passphrase_of(settings.passphrase, settings.passphrase_file, "liquidator"))


def open_account(settings: LiquidatorSettings, domain: "Domain") -> WalletAccount:
    """The account that takes over. Raises InputError as `Wallet.load`, `Wallet.choose` and `passphrase_of`."""
    passphrase = passphrase_of(
        settings.wallet_passphrase, settings.wallet_passphrase_file, "liquidator", "wallet_passphrase"
    )
    return Wallet.load(settings.wallet, passphrase).choose(domain, settings.account)


def _require_own(path: "Path", what: str) -> None:
    where = f"{what} {path}"
    with open_input_file(path, where) as file:
        require_private(file, path, where)
