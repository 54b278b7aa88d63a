"""`zksolvency oracle run`."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from prover.cli._book_options import BookSenderOptions, contract_code
from prover.cli._commands import examples, new_app
from prover.cli._exits import ExitCode
from prover.cli._heartbeat import quietly
from prover.cli._options import JsonFlag
from prover.cli._oracle_look import LookPrinter
from prover.cli._output import note
from prover.cli._passphrase import PassphraseFileOption
from prover.cli._signer_options import KEYSTORE_HELP
from prover.market import PPM
from prover.onchain import MarginBook
from prover.oracle import (
    Decision,
    Look,
    Mode,
    PeerReports,
    PeerUrl,
    PostingRules,
    Reporter,
    ReportFolder,
    ReportPublisher,
    ReportServer,
    open_feed,
    parse_listen,
)
from prover.toolchain import stop_signals
from verifier import InputError

_PERCENT = PPM // 100

_FAILED = frozenset({Decision.NO_REPORT, Decision.HELD, Decision.STRANGE, Decision.REFUSED, Decision.UNDECIDED})
"""What ends --once with exit code 1."""

_FETCH_SECONDS = 5.0
"""Longest wait for a feed or a peer: a report is young for half a minute."""


@dataclass(frozen=True)
class _ReporterOptions(BookSenderOptions):
    keystore: Annotated[Path | None, typer.Option("--keystore", metavar="FILE", help=KEYSTORE_HELP)] = None


app = new_app()


@app.command(
    epilog=examples(
        "zksolvency oracle run --feed prices.json --keystore reporter.json \\",
        "    --passphrase-file passphrase --reports folder --post --rpc URL \\",
        "    --deployment margin-book.json",
        "zksolvency oracle run --feed http://127.0.0.1:8000/prices \\",
        "    --signer-url http://127.0.0.1:9000 --listen 127.0.0.1:8550 \\",
        "    --peer http://127.0.0.1:8551/report --rpc URL \\",
        "    --deployment margin-book.json",
        "zksolvency oracle run --feed prices.csv --keystore reporter.json \\",
        "    --once --dry-run",
    )
)
def run(
    feed: Annotated[
        list[str],
        typer.Option(
            "--feed",
            metavar="FILE|URL",
            help="Prices by symbol, with their time: JSON or CSV. Repeat it for more; the lower median counts.",
        ),
    ],
    reports: Annotated[
        Path | None,
        typer.Option(
            "--reports", metavar="FOLDER", help="Folder that reporters share: each writes its newest report there."
        ),
    ] = None,
    listen: Annotated[
        str | None,
        typer.Option(
            "--listen", metavar="ADDRESS:PORT", help="Serve the newest report there, at /report. Loopback alone."
        ),
    ] = None,
    peer: Annotated[
        list[str] | None,
        typer.Option("--peer", metavar="URL", help="Newest report of another reporter. Repeat it for more."),
    ] = None,
    posts: Annotated[
        bool, typer.Option("--post", help="Post the sets of a quorum: sends transactions, which the reporter pays for.")
    ] = False,
    interval: Annotated[
        float, typer.Option("--interval", metavar="SECONDS", min=0.1, help="How often to look at the feeds.")
    ] = 10.0,
    max_set_age: Annotated[
        float,
        typer.Option("--max-set-age", metavar="SECONDS", min=1, help="Age of the newest set at which one is due."),
    ] = 60.0,
    deviation: Annotated[
        float,
        typer.Option(
            "--deviation",
            metavar="PERCENT",
            min=0,
            help="Part of its limit by which a price must move for a set to be due before.",
        ),
    ] = 50.0,
    stagger: Annotated[
        float,
        typer.Option("--stagger", metavar="SECONDS", min=0, help="How long to wait for each reporter before in turn."),
    ] = 5.0,
    max_feed_age: Annotated[
        int | None,
        typer.Option(
            "--max-feed-age",
            metavar="SECONDS",
            min=1,
            help="Maximum age of a price by the feed's own time.  [default: half of that of a report]",
        ),
    ] = None,
    min_feeds: Annotated[
        int, typer.Option("--min-feeds", metavar="N", min=1, help="How many feeds must price an asset.")
    ] = 1,
    once: Annotated[bool, typer.Option("--once", help="Look once, post without waiting for a turn, and end.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; sign, publish and send nothing.")
    ] = False,
    passphrase_file: PassphraseFileOption = None,
    *,
    options: _ReporterOptions,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Run a reporter until Ctrl-C or SIGTERM.

    At each look it reads the feeds, signs what it sees, publishes the report, and collects those of other reporters.
    What is missing, old or out of bounds is left out of the report, never guessed. With --post it posts the set of a
    quorum when a price has moved, when the newest set is old, or to confirm or discard a candidate. Reporters take
    turns, so that one pays.
    """
    if min_feeds > len(feed):
        raise InputError(f"--min-feeds: {min_feeds} are needed, and {len(feed)} named")
    record, policy = options.record(), options.policy()
    fetching = replace(policy, response_seconds=min(policy.response_seconds, _FETCH_SECONDS))
    folders = [] if reports is None else [ReportFolder(reports)]
    peers: list[PeerReports] = [*folders, *(PeerUrl(url, fetching) for url in peer or [])]
    publishers: list[ReportPublisher] = [*folders]
    feeds = [open_feed(place, fetching) for place in feed]
    signer, code = options.required_signer(passphrase_file, policy), contract_code()

    @contextmanager
    def connect() -> Iterator[MarginBook]:
        with options.open_chain(code, signer=signer) as chain:
            yield record.open_book(chain)

    with ExitStack() as closing:
        if listen is not None:
            server = closing.enter_context(ReportServer(*parse_listen(listen)))
            publishers.append(server)
            note(f"the newest report is served at {server.url}")
        reporter = Reporter(
            connect,
            signer,
            feeds,
            peers=peers,
            publishers=publishers,
            rules=PostingRules(max_set_age, round(deviation * _PERCENT), stagger),
            mode=Mode.DRY if dry_run else Mode.POST if posts else Mode.SIGN,
            max_age=max_feed_age,
            min_feeds=min_feeds,
        )
        printer = LookPrinter(as_json=as_json)
        if once:
            look = reporter.look(waits_for_turn=False)
            printer.print(look)
            return _exit_code(look)
        stop = closing.enter_context(stop_signals())
        closing.enter_context(quietly())  # its work is to wait
        for event in reporter.events(interval, stop):
            printer.print(event)
    return ExitCode.OK


def _exit_code(look: Look) -> ExitCode:
    """Whether the look did what a reporter is for."""
    return ExitCode.NO if look.outcome.decision in _FAILED else ExitCode.OK
