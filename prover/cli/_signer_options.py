"""Who signs for a command: a keystore, or a remote signer."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from prover.chain import AccountSigner, RemoteSigner, RequestPolicy
from prover.cli._keystore import unlock
from prover.cli._options import as_address, parse_address
from verifier import InputError

KEYSTORE_HELP: Final = "Encrypted keystore (Web3 Secret Storage) to sign with; its passphrase is asked for."

_POLICY: Final = RequestPolicy()


@dataclass(frozen=True)
class SignerOptions:
    """Who signs.

    Attributes:
        keystore: of the account; None for another signer.
        signer_url: of a remote signer that holds the account's key.
        signer_address: of the account; None for the only one of the signer.
    """

    keystore: Annotated[
        Path | None,
        typer.Option(
            "--keystore",
            metavar="FILE",
            help=KEYSTORE_HELP,
        ),
    ] = None
    signer_url: Annotated[
        str | None,
        typer.Option(
            "--signer-url", metavar="URL", help="JSON-RPC endpoint of a remote signer, in place of a keystore."
        ),
    ] = None
    signer_address: Annotated[
        int | None,
        typer.Option(
            "--signer-address",
            metavar="ADDRESS",
            parser=parse_address,
            help="Account of the remote signer.  [default: the only one]",
        ),
    ] = None

    @property
    def names_signer(self) -> bool:
        """Whether any option says who signs."""
        return any(option is not None for option in (self.keystore, self.signer_url, self.signer_address))

    def signer(self, passphrase_file: Path | None = None, policy: RequestPolicy = _POLICY) -> AccountSigner | None:
        """The account; None when no option names one.

        Args:
            passphrase_file: of the keystore; None asks for the passphrase.
            policy: how long to wait for the remote signer.

        Raises:
            InputError: as `unlock`, or the options contradict each other.
            SignerError: the remote signer does not answer, or does not have the account.
        """
        if self.signer_url is None:
            if self.signer_address is not None:
                raise InputError("--signer-address names an account of a remote signer: name it with --signer-url")
            return None if self.keystore is None else unlock(self.keystore, passphrase_file)
        if self.keystore is not None:
            raise InputError("--keystore and --signer-url each name a signer: leave one out")
        address = None if self.signer_address is None else as_address(self.signer_address)
        return RemoteSigner(self.signer_url, address, policy)

    def required_signer(self, passphrase_file: Path | None = None, policy: RequestPolicy = _POLICY) -> AccountSigner:
        """The account. Arguments and errors as for `signer`; InputError also when no option names one."""
        signer = self.signer(passphrase_file, policy)
        if signer is None:
            raise InputError("name the account that signs with --keystore FILE, or with --signer-url URL")
        return signer
