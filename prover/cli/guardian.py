"""`zksolvency guardian`: what the guardian of accounts sees."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from prover.account import GuardianKey, point_to_text
from prover.cli._account_session import with_progress
from prover.cli._book_options import BookOptions, BookSenderOptions, KeysOption, contract_code
from prover.cli._commands import LazyGroup, examples, new_app
from prover.cli._ether import ether
from prover.cli._guardian_key import KeyOption, open_key
from prover.cli._guardian_show import accounts_json, render_accounts, render_each
from prover.cli._guardian_watch import left_out, print_event
from prover.cli._heartbeat import quietly
from prover.cli._options import JsonFlag, RecipientOption, as_address
from prover.cli._output import as_hex, emit, note, report, sent, warn
from prover.cli._passphrase import PassphraseFileOption, ask_passphrase
from prover.onchain import (
    AccountReader,
    Expirer,
    Flagger,
    Gatekeeper,
    GuardedAccount,
    GuardianWatch,
    MarginBook,
    find_guarded,
    open_expire_prover,
    open_margin_prover,
    open_user_store,
)
from prover.storage import require_new_target, write_file
from verifier import InputError


class _Guardian(LazyGroup):
    COMMANDS = {  # noqa: RUF012
        "expire": "Turn the expired positions of accounts into cash, for owners who sleep.",
        "rotate": "For owners: move all accounts of a wallet to another guardian.",
    }
    MODULES = "prover.cli._guardian_{}"


app = new_app(
    "See the accounts that named you as their guardian, and flag them. A guardian reads accounts, and moves none.",
    _Guardian,
)

AccountArgument = Annotated[
    str, typer.Argument(metavar="ID", help="The account: its identity in hex with 0x, or how that begins.")
]


@app.command(epilog=examples("zksolvency guardian keygen --out guardian.age"))
def keygen(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Key file to write. It holds a secret: 0600.")],
    passphrase_file: PassphraseFileOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a guardian's key, and print its point.

    The key is encrypted with a passphrase. The point is public: governance accepts it in a book, for instance with
    `book deploy --guardian`, and owners name it when they open an account. Keep a copy of the file: without it, their
    owners alone read those accounts.
    """
    require_new_target(out)
    passphrase = ask_passphrase("guardian key", passphrase_file, confirm=True)
    key = GuardianKey.generate()
    note("encrypting the key")
    key.save(out, passphrase)
    report({"guardian": point_to_text(key.point), "key": str(out)}, as_json=as_json)


@app.command(
    epilog=examples(
        "zksolvency guardian show --guardian-key guardian.age",
        "zksolvency guardian show --guardian-key guardian.age --positions",
        "zksolvency guardian show --guardian-key guardian.age \\",
        "    --account 0x2a71c09be3",
    )
)
def show(
    key: KeyOption,
    account: Annotated[
        str | None,
        typer.Option("--account", metavar="ID", help="One account: its identity, or how that begins.  [default: all]"),
    ] = None,
    positions: Annotated[
        bool, typer.Option("--positions", help="Show balances, equity and margin as well: they are secrets.")
    ] = False,
    passphrase_file: PassphraseFileOption = None,
    *,
    options: BookOptions,
    as_json: JsonFlag = False,
) -> None:
    """Show health and status of the accounts that named you.

    That is every account that named this guardian, at the newest prices. All of it is read from the chain's events
    with the key alone.
    """
    secret = open_key(key, passphrase_file)
    with options.open() as book:
        snapshot = AccountReader(secret).look(book)
        accounts = snapshot.accounts if account is None else [find_guarded(snapshot, account)]
        _warn_if_not_accepted(book, secret)
        for words in left_out(snapshot):
            warn(f"{words}: ask another node")
        result = accounts_json(book, snapshot, accounts, positions=positions)
        render = render_accounts if account is None and not positions else render_each
        emit(result, lambda console: render(console, result), as_json=as_json)


@app.command(
    "prove-liquidatable",
    epilog=examples(
        "zksolvency guardian prove-liquidatable 0x2a71c09be3 \\",
        "    --guardian-key guardian.age --out flag.json",
    ),
)
def prove_liquidatable(
    account: AccountArgument,
    key: KeyOption,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Proof file to write.")],
    recipient: RecipientOption = None,
    keys: KeysOption = None,
    passphrase_file: PassphraseFileOption = None,
    *,
    options: BookOptions,
    as_json: JsonFlag = False,
) -> None:
    """Write a proof that an account is liquidatable.

    That is, below maintenance margin at the newest prices of the chain. The proof shows the account's commitment, the
    round and that one bit. Nothing is sent: `guardian flag` proves and sends.
    """
    require_new_target(out)
    secret = open_key(key, passphrase_file)
    with options.open() as book, with_progress(open_margin_prover, book.n, keys) as prover:
        chosen, round_ = _find(book, secret, account), book.latest_round()
        envelope = prover.envelope(book, chosen, round_, healthy=False, recipient=recipient or 0)
    claim = envelope.claim()
    write_file(out, json.dumps(envelope.to_json(), indent=2) + "\n")
    result = {
        "proof": str(out),
        "account": as_hex(chosen.identity),
        "commitment": as_hex(claim.commitment),
        "round": round_.id,
        "recipient": as_address(claim.recipient) if claim.recipient else None,
    }
    report(result, as_json=as_json)


@app.command(
    epilog=examples(
        "zksolvency guardian flag 0x2a71c09be3 --guardian-key guardian.age",
        "zksolvency guardian flag 0x2a71c09be3 --guardian-key guardian.age \\",
        "    --recipient 0x7099...79C8",
    )
)
def flag(
    account: AccountArgument,
    key: KeyOption,
    recipient: RecipientOption = None,
    keys: KeysOption = None,
    passphrase_file: PassphraseFileOption = None,
    *,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Flag an account that is liquidatable.

    Proves that it is below maintenance margin at the newest prices, and sends the proof to the gate of its book. From
    then on the account can do nothing but be cured. The account's bond is the tip: the sender earns it, or the address
    of --recipient. The proof binds that address, so no other sender can take the tip.
    """
    secret = open_key(key, passphrase_file)
    with options.open() as book, with_progress(open_margin_prover, book.n, keys) as prover:
        chosen, gatekeeper = _find(book, secret, account), Gatekeeper(book, prover)
        flagged_at = gatekeeper.gate.account_state(chosen.identity).flagged_at_round
        identity = as_hex(chosen.identity)
        if flagged_at:
            note(f"the account was flagged at round {flagged_at}; nothing was sent")
            report({"account": identity, "flagged": "before", "round": flagged_at}, as_json=as_json)
            return
        earner = recipient if recipient is not None else int(book.contracts.chain.sender, 16)
        receipt = gatekeeper.flag(chosen.viewing, earner)
        state, tip = gatekeeper.gate.account_state(chosen.identity), book.contracts.book.vault.bond_paid(receipt)
        result = {
            "account": identity,
            "flagged": "now",
            "round": state.flagged_at_round,
            "recipient": as_address(earner),
            "tip": tip if as_json else ether(tip),
            **sent(receipt),
        }
        report(result, as_json=as_json)


@app.command(
    "watch",
    epilog=examples(
        "zksolvency guardian watch --guardian-key guardian.age --rpc URL \\",
        "    --deployment margin-book.json",
        "zksolvency guardian watch --guardian-key guardian.age --once --json",
        "zksolvency guardian watch --guardian-key guardian.age \\",
        "    --passphrase-file passphrase --interval 60 --json",
        "zksolvency guardian watch --guardian-key guardian.age \\",
        "    --flag --keystore sender.json",
    ),
)
def watch_accounts(
    key: KeyOption,
    interval: Annotated[
        float, typer.Option("--interval", metavar="SECONDS", min=0.1, help="How often to look at the chain.")
    ] = 15.0,
    once: Annotated[bool, typer.Option("--once", help="Look once, and end.")] = False,
    flags: Annotated[
        bool,
        typer.Option(
            "--flag", help="Settle what has expired, and flag what is below maintenance margin: sends transactions."
        ),
    ] = False,
    recipient: RecipientOption = None,
    keys: KeysOption = None,
    passphrase_file: PassphraseFileOption = None,
    *,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Print new rounds and changed accounts, until Ctrl-C.

    No amount is shown: only which accounts moved, and which are below maintenance margin. When the node goes away,
    a line says so, and watching goes on when it is back. With --json every line is one JSON object.
    With --flag, expired positions are turned into cash first, as `guardian expire` does. Then each account below
    maintenance margin is flagged. The sender pays for the gas. The tip that a flag would earn is shown: the account's
    bond.
    """
    if not flags and (
        options.names_signer or any(option is not None for option in (recipient, keys)) or options.confirmations > 1
    ):
        raise InputError(
            "--recipient, --keystore, --signer-url, --keys and --confirmations go with --flag: without it nothing is "
            "proven or sent"
        )
    record = options.record()
    secret = open_key(key, passphrase_file)
    signer, code = options.signer(policy=options.policy()), contract_code()

    @contextmanager
    def connect() -> Iterator[MarginBook]:
        with options.open_chain(code, reads_only=not flags, signer=signer) as chain:
            yield record.open_book(chain, store)

    with ExitStack() as closing:
        store = closing.enter_context(open_user_store())
        flag, expire = None, None
        if flags:
            n = record.assets().n
            flag = Flagger(closing.enter_context(with_progress(open_margin_prover, n, keys)), recipient)
            expire = Expirer(closing.enter_context(with_progress(open_expire_prover, n, keys)))
        watch = GuardianWatch(connect, AccountReader(secret), flag, expire)
        if not once:
            closing.enter_context(quietly())  # its work is to wait
        for event in watch.events(None if once else interval):
            print_event(event, as_json=as_json)


def _find(book: MarginBook, key: GuardianKey, text: str) -> GuardedAccount:
    return find_guarded(AccountReader(key).look(book), text)


def _warn_if_not_accepted(book: MarginBook, key: GuardianKey) -> None:
    if not book.contracts.book.guardian_accepted((key.point.x, key.point.y)):
        warn("the book does not accept this guardian: no new account can name it")
