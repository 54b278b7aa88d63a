"""`zksolvency liquidation open`."""

import hashlib
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from prover.chain import AccountSigner
from prover.cli._account_session import with_progress
from prover.cli._book_options import BookSenderOptions, KeysOption, contract_code
from prover.cli._commands import examples, new_app
from prover.cli._guardian_key import KeyOption, open_key
from prover.cli._heartbeat import quietly
from prover.cli._liquidation_options import (
    AccountArgument,
    GroundOption,
    LiquidityOption,
    load_liquidity,
    notice_signer,
)
from prover.cli._options import JsonFlag, RecipientOption, parse_field_element
from prover.cli._output import as_hex, as_line, report, sent, warn
from prover.cli._passphrase import PassphraseFileOption
from prover.liquidation import SealedNotice, load_recipients
from prover.onchain import (
    AccountReader,
    LiquidationMarket,
    NoticeMade,
    Sale,
    SaleEnd,
    SaleFlagged,
    find_guarded,
    open_liquidation_prover,
    open_user_store,
)
from prover.storage import require_writable
from verifier import ChainError, InputError, VectorKind

app = new_app()

_WORDS: Final = {
    SaleEnd.HEALTHY: "healthy: nothing is to be sold",
    SaleEnd.RECOVERED: "recovered: it meets its margin at newer prices, and is still flagged",
    SaleEnd.UNSELLABLE: "unsellable: it has only a debt, or stale assets",
}


@app.command(
    "open",
    epilog=examples(
        "zksolvency liquidation open 0x2a71c09be3 \\",
        "    --guardian-key guardian.age --liquidators liquidators.txt \\",
        "    --out notices",
        "zksolvency liquidation open 0x2a71c09be3 --follow \\",
        "    --guardian-key guardian.age --liquidators liquidators.txt \\",
        "    --out notices",
    ),
)
def open_auction(
    account: AccountArgument,
    key: KeyOption,
    liquidators: Annotated[
        Path,
        typer.Option("--liquidators", metavar="FILE", help="Their recipients, one a line; # for comments."),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where notices are written; it must exist.")],
    ground: GroundOption = VectorKind.MAINTENANCE,
    seconds: Annotated[
        int, typer.Option("--seconds", min=1, help="How far a notice looks ahead: until the next prices.")
    ] = 60,
    step: Annotated[
        int, typer.Option("--step", min=1, help="Time between two rates of a notice: about a block [seconds].")
    ] = 12,
    taker: Annotated[
        int | None,
        typer.Option(
            "--taker",
            metavar="ID",
            parser=parse_field_element,
            help="Identity of the one account that may take it.  [default: any]",
        ),
    ] = None,
    recipient: RecipientOption = None,
    liquidity: LiquidityOption = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on until nothing is left to sell: a notice at each round.")
    ] = False,
    interval: Annotated[
        float, typer.Option("--interval", metavar="SECONDS", min=0.1, help="With --follow: how often to look.")
    ] = 5.0,
    keys: KeysOption = None,
    passphrase_file: PassphraseFileOption = None,
    *,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Flag an account, and make a notice of it for liquidators.

    The account is flagged if it is not yet: the sender earns its bond, or the address of --recipient. The notice has
    the smallest parts that cure the account, at rising rates. It is encrypted to those in --liquidators, and signed by
    the sender. Hand the file to them. In the cure window only an account of negative equity is sold.
    With --follow a notice is made at each round, and each line of output is an object with --json. What a node refuses
    is told, and tried again. An end is told once it has lasted for --confirmations blocks.
    """
    record, recipients = options.record(), load_recipients(liquidators)
    if not out.is_dir():
        raise InputError(f"{out}: there is no such folder")
    require_writable(out / "notice.json")
    if seconds // step >= 64:
        raise InputError("--seconds and --step: a notice has 64 rates at most; make the steps longer")
    costs, secret = load_liquidity(liquidity, record.assets()), open_key(key, passphrase_file)
    signer = options.signer(policy=options.policy())
    with (
        options.open_chain(contract_code(), signer=signer) as chain,
        open_user_store() as store,
        with_progress(open_liquidation_prover, record.assets().n, keys) as prover,
    ):
        book = record.open_book(chain, store)
        market = LiquidationMarket.of(book)
        chosen = find_guarded(AccountReader(secret).look(book), account)
        earner = int(chain.sender, 16) if recipient is None else recipient
        sale = Sale(
            prover.keeper(market),
            prover.maker(market, costs),
            chosen.viewing,
            ground,
            earner,
            taker or 0,
            seconds=seconds,
            step=step,
            confirmations=options.confirmations if follow else 1,
        )
        guardian = notice_signer(signer, chain, options.rpc, options.policy())
        about: dict[str, Any] = {"account": as_hex(chosen.identity), "ground": str(ground)}
        for event in _events(sale, interval if follow else None):
            about |= _told(event, out, recipients, guardian)
            if follow and event is not None:
                report(about, as_json=as_json)
        if not follow:
            report(about, as_json=as_json)


def _events(sale: Sale, interval: float | None) -> Iterator[SaleFlagged | NoticeMade | SaleEnd | None]:
    """What becomes of a sale, until it ends; without an interval until the first notice.

    With one, what a node refuses or does not answer is told, and tried again at the next look.
    """
    while True:
        try:
            event = sale.look()
        except ChainError as error:
            if interval is None:
                raise
            warn(as_line(str(error)))
            _pause(interval)
            continue
        yield event
        if isinstance(event, SaleEnd) or (interval is None and not isinstance(event, SaleFlagged)):
            return
        if interval is not None and not isinstance(event, SaleFlagged):
            _pause(interval)


def _pause(seconds: float) -> None:
    with quietly():
        time.sleep(seconds)


def _told(
    event: SaleFlagged | NoticeMade | SaleEnd | None, folder: Path, recipients: Sequence[str], guardian: AccountSigner
) -> dict[str, Any]:
    """What is told of an event; the file of a notice is written."""
    if isinstance(event, SaleFlagged):
        return {"flagged": True, **sent(event.receipt)}
    if isinstance(event, NoticeMade):
        sealed = SealedNotice.seal(event.notice, recipients, guardian)
        digest = hashlib.sha256(sealed.content).hexdigest()
        path = folder / f"notice-{sealed.round_id}-{digest[:8]}.json"
        sealed.save(path)
        return {
            "state": "for sale",
            "notice": str(path),
            "round": sealed.round_id,
            "parcels": len(event.notice.parcels),
        }
    return {"state": "in its cure window" if event is None else _WORDS[event]}
