"""`zksolvency wallet`: the secrets of accounts in a margin book, in one encrypted file."""

from prover.account import Wallet
from prover.cli._commands import LazyGroup, examples, new_app
from prover.cli._options import JsonFlag
from prover.cli._output import emit, print_facts
from prover.cli._passphrase import ask_passphrase
from prover.cli._wallets import WalletOptions, make_folder
from prover.storage import require_target
from verifier import InputError


class _Wallet(LazyGroup):
    COMMANDS = {  # noqa: RUF012
        "show": "Show the accounts of a wallet; secrets only if asked.",
        "history": "Show every state that an account has had.",
        "restore": "Put the accounts of a seed or an owner secret into a wallet.",
        "upgrade": "Give a wallet without a seed one.",
    }
    MODULES = "prover.cli._wallet_{}"


app = new_app("Keep the secrets of accounts in a margin book in one encrypted file.", _Wallet)


@app.callback()
def wallet_commands() -> None:
    """Keep the secrets of accounts in a margin book in one encrypted file."""


@app.command(
    epilog=examples(
        "zksolvency wallet new",
        "zksolvency wallet new --wallet desk.age --passphrase-file FILE",
    )
)
def new(*, wallet: WalletOptions, as_json: JsonFlag = False) -> None:
    """Make an empty wallet with a fresh seed.

    It is encrypted with a passphrase, in the age format; without --wallet it is made in your user data folder. The
    secrets of your accounts come from the seed, and everything else is on chain. Write the seed down once
    (`wallet show --secrets`): `wallet restore` finds every account with it.
    """
    path = wallet.path
    make_folder(path)
    require_target(path)
    if path.exists():
        raise InputError(f"{path}: exists already; a wallet is never overwritten")
    Wallet.create().save(path, ask_passphrase("wallet", wallet.passphrase_file, confirm=True))
    emit({"wallet": str(path)}, lambda console: print_facts(console, [("wallet", str(path))]), as_json=as_json)
