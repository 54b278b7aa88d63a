"""`zksolvency account open`."""

from typing import Annotated, Any

import typer

from prover.account import Point, Wallet, WalletAccount, point_to_text
from prover.cli._account_session import Place, open_prover
from prover.cli._book_chain import BookDeploymentOption, KeysOption, report, sent
from prover.cli._book_options import parse_guardian
from prover.cli._chain import ConfirmationsOption, KeystoreOption, RpcOption
from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag
from prover.cli._output import as_hex, note
from prover.cli._passphrase import PassphraseFileOption
from prover.cli._wallets import WalletFile, WalletOption
from prover.onchain import MarginBook, Owner
from verifier import ChainError, InputError

app = new_app()


@app.command(
    "open",
    epilog=examples(
        "zksolvency account open --name trading",
        "zksolvency account open --name hedges --guardian X,Y",
    ),
)
def open_account(
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Your own name for it: a-z, 0-9 and -.")],
    guardian: Annotated[
        Point | None,
        typer.Option(
            "--guardian",
            metavar="X,Y",
            parser=parse_guardian,
            help="Who may read the account, of those whom the book accepts.  [default: the only one]",
        ),
    ] = None,
    wallet: WalletOption = None,
    passphrase_file: PassphraseFileOption = None,
    keys: KeysOption = None,
    rpc: RpcOption = None,
    keystore: KeystoreOption = None,
    deployment: BookDeploymentOption = None,
    confirmations: ConfirmationsOption = 1,
    as_json: JsonFlag = False,
) -> None:
    """Open an account in a margin book, empty.

    Its secret is drawn and written into the wallet before anything is sent. If anything fails, run the same command
    again: it goes on where it stopped, with the same secret. What the guardian may read is the whole account; it can
    move nothing.
    """
    place = Place(rpc, keystore, deployment, confirmations)
    place.record()
    file = WalletFile.ask(wallet, passphrase_file)
    with place.open() as book, open_prover(book.n, keys) as prover:
        account = _written(file, book, name, guardian)
        owner = Owner(book, account.keys, prover)
        result: dict[str, Any] = {
            "account": name,
            "identity": as_hex(owner.identity),
            "guardian": point_to_text(account.keys.guardian),
            "book": book.contracts.book.contract.address,
            "wallet": str(file.path),
        }
        if _is_open(owner):
            note(f"the account {name} is open already; nothing was sent")
            report({**result, "opened": False}, as_json=as_json)
        else:
            report({**result, "opened": True, **_open(owner)}, as_json=as_json)


def _written(file: WalletFile, book: MarginBook, name: str, guardian: Point | None) -> WalletAccount:
    """The account of a name, with its secret safe in the wallet file: made now, or by an attempt that failed."""

    def with_account(wallet: Wallet) -> Wallet:
        known = [account for account in wallet.accounts if account.name == name]
        if not known:
            return wallet.add(WalletAccount.create(name, book.domain, _guardian(book, guardian)))
        if known[0].keys.domain != book.domain:
            raise InputError(f"the wallet has an account {name} in another book: choose another --name")
        if guardian is not None and known[0].keys.guardian != guardian:
            raise InputError(f"the wallet has an account {name} with another guardian: choose another --name")
        return wallet

    return file.change(with_account).account(name)


def _guardian(book: MarginBook, wanted: Point | None) -> Point:
    """The guardian of a new account. The book is asked first: an account that it refuses need not be in the wallet."""
    accepted = [Point(*point) for point in book.contracts.book.guardians()]
    if wanted is None and len(accepted) == 1:
        return accepted[0]
    if wanted is not None and wanted in accepted:
        return wanted
    known = " or ".join(map(point_to_text, accepted)) or "none at all"
    problem = "choose a guardian with" if wanted is None else "the book does not accept this"
    raise InputError(f"{problem} --guardian: the book accepts {known}")


def _is_open(owner: Owner) -> bool:
    return owner.book.contracts.book.account(owner.identity).commitment != 0


def _open(owner: Owner) -> dict[str, Any]:
    try:
        return sent(owner.open())
    except ChainError as error:
        if error.refusal is not None:
            raise
        raise ChainError(
            f"{error}. Nothing is lost, the account's secret is in the wallet: run the same command again, it goes on"
        ) from None
