"""`zksolvency oracle`: reporters of prices, and the rounds that a quorum of them makes."""

import json
import time
from pathlib import Path
from typing import Annotated

import typer
from eth_account import Account as Signer

from prover.chain import ReportPurpose
from prover.cli._book_options import BookDeploymentOption, BookSenderOptions, book_record
from prover.cli._commands import LazyGroup, examples, new_app
from prover.cli._exits import ExitCode
from prover.cli._options import JsonFlag, RoundOption
from prover.cli._oracle_post import posted_facts, readable, warn_of_prices
from prover.cli._output import note, report, sent, warn
from prover.cli._passphrase import PassphraseFileOption, ask_passphrase
from prover.cli._signer_options import SignerOptions
from prover.formats import format_utc
from prover.market import PRICE_DECIMALS, ReportedPrices, format_decimal
from prover.onchain import ReportFile, load_reports, post_reports, settle_expiry
from prover.storage import require_new_target, write_private
from verifier import InputError


class _Oracle(LazyGroup):
    COMMANDS = {  # noqa: RUF012
        "run": "Run a reporter: read price feeds, sign, exchange reports, post.",
    }
    MODULES = "prover.cli._oracle_{}"


app = new_app("Sign prices as a reporter, and post the rounds that a quorum of reporters makes.", _Oracle)


@app.command(epilog=examples("zksolvency oracle keygen --out reporter.json"))
def keygen(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Keystore to write. It holds a secret: 0600.")],
    passphrase_file: PassphraseFileOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a reporter's key.

    It is a keystore in Web3 Secret Storage, encrypted with a passphrase. Governance makes its address a reporter, for
    instance with `book deploy --reporter`. It needs no ETH: the poster pays.
    """
    require_new_target(out)
    passphrase = ask_passphrase("keystore", passphrase_file, confirm=True)
    signer = Signer.create()
    note("encrypting the keystore")
    write_private(out, json.dumps(signer.encrypt(passphrase)) + "\n")
    report({"reporter": signer.address, "keystore": str(out)}, as_json=as_json)


@app.command(
    epilog=examples(
        "zksolvency oracle sign --round round.json --keystore reporter.json \\",
        "    --out report.json",
        "zksolvency oracle sign --round round.json --now --keystore reporter.json \\",
        "    --passphrase-file passphrase --out report.json",
        "zksolvency oracle sign --round expiry.json --settlement \\",
        "    --keystore reporter.json --out expiry-1.json",
        "zksolvency oracle sign --round round.json --out report.json \\",
        "    --signer-url http://127.0.0.1:9000",
    )
)
def sign(
    round_: RoundOption,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Report to make; never overwritten. Public.")],
    now: Annotated[
        bool, typer.Option("--now", help="Say that the prices were seen now, not at the time in the file.")
    ] = False,
    settlement: Annotated[
        bool,
        typer.Option("--settlement", help="Sign for the expiry at the time in the file. Such a report makes no round."),
    ] = False,
    passphrase_file: PassphraseFileOption = None,
    deployment: BookDeploymentOption = None,
    *,
    options: SignerOptions,
    as_json: JsonFlag = False,
) -> None:
    """Sign the prices of a round file. Needs no node: chain and contract are those of the book's record.

    A signature is good for one contract on one chain, for as long as the book takes reports of that age. Leave an asset
    out of the file to say that you see no price of it.
    With --settlement the report settles the assets that expire at the time in the file, to the second, by `oracle
    settle`. It is good for as long as they are not settled. Give the prices of that moment; only those of expiring
    assets count.
    """
    if settlement and now:
        raise InputError("--settlement: is for the expiry at the time in the file, so it does not go with --now")
    record = book_record(deployment, None)
    rounds, prices = record.contracts["rounds"], ReportedPrices.load(round_, record.assets())
    require_new_target(out)
    not_priced = prices.unpriced_symbols()
    if not_priced and not settlement:  # a settlement prices what expires, and no more
        warn(f"the report does not price {', '.join(not_priced)}: the file has no fresh price of these assets")
    moment = int(time.time()) if now else None
    purpose = ReportPurpose.SETTLEMENT if settlement else ReportPurpose.ROUND
    signer = options.required_signer(passphrase_file)
    file = ReportFile.sign(signer, record.chain_id, rounds, prices, moment, purpose)
    file.save(out)
    signed = file.report
    result = {
        "report": str(out),
        "reporter": signed.reporter,
        "timestamp": signed.timestamp,
        "purpose": signed.purpose.name.lower(),
        "not_priced": not_priced,
        "chain_id": record.chain_id,
        "rounds": rounds,
    }
    shown = result if as_json else {**result, "timestamp": f"{signed.timestamp}: {format_utc(signed.timestamp)}"}
    report(shown, as_json=as_json)


@app.command(
    epilog=examples(
        "zksolvency oracle post report-1.json report-2.json report-3.json",
        "zksolvency oracle post report-*.json --rpc URL --keystore keystore.json \\",
        "    --deployment margin-book.json",
    )
)
def post(
    reports: Annotated[list[Path], typer.Argument(metavar="REPORT", help="Reports of a quorum of reporters.")],
    *,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Post the reports of a quorum of reporters. Any account may: the signatures count.

    Price, funding and time of the round are each the median of the reports. A price that moves further than its limit
    makes no round: the prices are held as a candidate, and the command ends with exit code 1. Reports that are signed
    and posted a minute later confirm it, or discard it.
    """
    loaded = load_reports(reports)
    with options.open() as book:
        posted = post_reports(book, loaded)
        warn_of_prices(posted)
        facts = posted_facts(posted, len(loaded))
        report(facts if as_json else readable(facts), as_json=as_json)
    return ExitCode.OK if posted.held is None else ExitCode.NO


@app.command(
    epilog=examples(
        "zksolvency oracle settle expiry-1.json expiry-2.json expiry-3.json",
        "zksolvency oracle settle expiry-*.json --rpc URL --keystore keystore.json \\",
        "    --deployment margin-book.json",
    )
)
def settle(
    reports: Annotated[
        list[Path], typer.Argument(metavar="REPORT", help="Reports of a quorum, signed with --settlement.")
    ],
    *,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Settle the assets that expire at the time of reports. Any account may: the signatures count.

    Post a round of that time or later first, with fresh prices of these assets: the medians of the reports must be
    within one limit of it. From the next round on, accounts have to turn their positions in these assets into cash:
    `account expire`, or `guardian expire`. Settle options before what they are on.
    """
    loaded = load_reports(reports)
    with options.open() as book:
        settled = settle_expiry(book, loaded)
    if settled.left:
        warn(f"too few reports price {', '.join(settled.left)}: they are still to be settled, by a second call")
    prices = {asset.symbol: format_decimal(asset.price, PRICE_DECIMALS) for asset in settled.assets}
    expiry = settled.expiry if as_json else format_utc(settled.expiry)
    result = {"epoch": settled.epoch, "expiry": expiry, "settled": prices, "left": list(settled.left)}
    report({**result, **sent(settled.receipt)}, as_json=as_json)
