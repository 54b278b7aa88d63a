"""`zksolvency oracle`: reporters of prices, and the rounds that a quorum of them makes."""

import json
import time
from pathlib import Path
from typing import Annotated, Final

import typer
from eth_account import Account as Signer

from prover import PriceRound
from prover._files import write_private
from prover._listing import MAX_DEVIATION_PPM
from prover._report_file import ReportFile
from prover._units import format_decimal, parse_decimal
from prover.cli._amounts import PERCENT_DECIMALS, utc
from prover.cli._book_chain import (
    BookDeploymentOption,
    BookRecord,
    book_record_path,
    open_book,
    report,
    sent,
)
from prover.cli._chain import ConfirmationsOption, KeystoreOption, RpcOption
from prover.cli._commands import examples, new_app
from prover.cli._files import require_new_target
from prover.cli._keystore import unlock
from prover.cli._options import JsonFlag, RoundOption
from prover.cli._oracle_post import load_reports, post_round, require_postable
from prover.cli._output import note
from prover.cli._passphrase import PassphraseFileOption, ask_passphrase
from verifier import InputError
from verifier.chain import sign_report

MAX_ROUND: Final = (1 << 64) - 1

app = new_app("Sign prices as a reporter, and post the rounds that a quorum of reporters makes.")


@app.command(epilog=examples("zksolvency oracle keygen --out reporter.json"))
def keygen(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Keystore to write. It holds a secret: 0600.")],
    passphrase_file: PassphraseFileOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a reporter's key.

    It is a keystore in Web3 Secret Storage, encrypted with a passphrase. Governance makes its address a reporter, for
    instance with `book deploy --reporter`. It needs no ETH: whoever posts pays.
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
    )
)
def sign(
    round_: RoundOption,
    keystore: Annotated[Path, typer.Option("--keystore", metavar="FILE", help="The reporter's keystore.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Report to make; never overwritten. Public.")],
    now: Annotated[
        bool, typer.Option("--now", help="Say that the prices were seen now, not at the time in the file.")
    ] = False,
    id_: Annotated[
        int | None,
        typer.Option(
            "--id",
            metavar="N",
            min=1,
            max=MAX_ROUND,
            help="Sign for this round.  [default: the one that the file names]",
        ),
    ] = None,
    passphrase_file: PassphraseFileOption = None,
    deployment: BookDeploymentOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Sign the prices of a round. Needs no node: chain and contract are those of the book's record.

    A signature is good for one round of one contract on one chain.
    """
    record = BookRecord.load(book_record_path(deployment, None))
    prices = PriceRound.load(round_, record.assets())
    require_new_target(out)
    signed = sign_report(
        unlock(keystore, passphrase_file),
        record.chain_id,
        record.rounds,
        round_id=prices.id if id_ is None else id_,
        timestamp=int(time.time()) if now else prices.timestamp,
        prices=prices.prices,
        funding=prices.funding,
    )
    ReportFile(record.chain_id, record.rounds, signed).save(out)
    result = {
        "report": str(out),
        "reporter": signed.reporter,
        "round": signed.round_id,
        "timestamp": signed.timestamp,
        "chain_id": record.chain_id,
        "rounds": record.rounds,
    }
    shown = result if as_json else {**result, "timestamp": f"{signed.timestamp}: {utc(signed.timestamp)}"}
    report(shown, as_json=as_json)


@app.command(
    epilog=examples(
        "zksolvency oracle post report-1.json report-2.json report-3.json",
        "zksolvency oracle post report-*.json --rpc URL --keystore keystore.json \\",
        "    --deployment margin-book.json",
    )
)
def post(
    reports: Annotated[list[Path], typer.Argument(metavar="REPORT", help="Reports of one round.")],
    rpc: RpcOption = None,
    keystore: KeystoreOption = None,
    deployment: BookDeploymentOption = None,
    confirmations: ConfirmationsOption = 1,
    as_json: JsonFlag = False,
) -> None:
    """Post the next price round. Anybody may: the signatures of a quorum of reporters speak.

    Price, funding and time of the round are each the median of the reports. A price that moves further than its limit
    makes no round: it trips the circuit breaker (exit code 6).
    """
    loaded = load_reports(reports)
    with open_book(rpc, keystore, deployment, confirmations=confirmations) as book:
        require_postable(book, loaded)
        report(post_round(book, loaded), as_json=as_json)


@app.command(epilog=examples("zksolvency oracle allow --asset BTC-PERP --percent 45"))
def allow(
    asset: Annotated[str, typer.Option("--asset", metavar="SYMBOL", help="The asset whose price has moved so far.")],
    percent: Annotated[
        str, typer.Option("--percent", metavar="DECIMAL", help="How far its price may move [% of the price before].")
    ],
    rpc: RpcOption = None,
    keystore: KeystoreOption = None,
    deployment: BookDeploymentOption = None,
    confirmations: ConfirmationsOption = 1,
    as_json: JsonFlag = False,
) -> None:
    """Let the next round move a price further than its limit. Only governance may.

    For a leap that is real: then reporters sign anew, the round is posted, and `book resume` lets the book go on.
    """
    deviation = parse_decimal(percent, PERCENT_DECIMALS, "--percent")
    if not 0 < deviation <= MAX_DEVIATION_PPM:
        raise InputError(
            f"--percent: must be above 0 and at most {format_decimal(MAX_DEVIATION_PPM, PERCENT_DECIMALS)}"
        )
    with open_book(rpc, keystore, deployment, confirmations=confirmations) as book:
        following = book.contracts.rounds.latest_id() + 1
        slot = book.assets.slot(asset, "--asset")
        receipt = book.contracts.rounds.allow_deviation(following, slot, deviation)
        result = {"round": following, "asset": asset, "percent": format_decimal(deviation, PERCENT_DECIMALS)}
        report({**result, **sent(receipt)}, as_json=as_json)
