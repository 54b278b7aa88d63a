"""`zksolvency book`: the margin book of a chain."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final

import typer

from prover.account import Point
from prover.chain import BookSettings, Chain, FixedRates, Level
from prover.cli._book_deploy import (
    TokenAddress,
    TokenAmount,
    checked_settings,
    engine_settings,
    parse_fixed_rates,
    parse_token,
    parse_token_amount,
)
from prover.cli._book_options import BookOptions, BookSenderOptions, KeysOption
from prover.cli._book_show import render_overview
from prover.cli._book_view import overview
from prover.cli._commands import LazyGroup, examples, new_app
from prover.cli._deploying import DeployOptions, carry_out, deployment_target, record_facts
from prover.cli._ether import parse_ether
from prover.cli._options import JsonFlag, parse_address
from prover.cli._output import emit, note, report, sent
from prover.cli._points import parse_point
from prover.cli._progress import progress
from prover.market import asset_slot, format_decimal, parse_decimal
from prover.onchain import (
    DeploymentKind,
    MissingTokensError,
    book_code,
    book_deployment,
    default_quorum,
    is_local_chain,
    require_deployable,
)
from prover.toolchain import load_book
from verifier import InputError

DEFAULT_BOND: Final = 2 * 10**16
"""[wei]"""


class _Book(LazyGroup):
    COMMANDS = {  # noqa: RUF012
        "new": "Make a book file from instruments and leverage tiers.",
        "assets": "Show the assets of a book file.",
        "expiries": "Show when each asset of a margin book expires, and what has settled.",
        "fetch": "Write the assets that a margin book lists now into a book file.",
        "list-next": "Announce and list the next assets of a calendar.",
        "delist": "Delist an asset: it can only be reduced, and settles at a time.",
        "wind-down": "End a book whose reporters are silent.",
        "pay-out": "Pay the withdrawals of an asset that are due.",
        "shortfall": "Show bad debt that nothing covers, and who bears it.",
        "recapitalise": "Pay claims and bad debt that nothing covers.",
        "claim": "Take what was paid of your claim.",
        "accept-haircut": "Say for how little you deposit while there is a shortfall.",
    }
    MODULES = "prover.cli._book_{}"


app = new_app(
    "Book files (new, assets), and margin books on a chain, whose accounts are commitments.",
    _Book,
)


@app.command(
    epilog=examples(
        "zksolvency guardian keygen --out guardian.age",
        "zksolvency oracle keygen --out reporter.json",
        "zksolvency book deploy --guardian X,Y --reporter 0x7099...79C8 --gate",
        "zksolvency book deploy --guardian X,Y --reporter 0x7099...79C8 --engine",
        "zksolvency book deploy --book my-book.json --keys ceremony-keys \\",
        "    --guardian X,Y --reporter A --reporter B --reporter C --threshold 2 \\",
        "    --token WBTC=0x2260...C599 --token USD=0xA0b8...eB48 --rpc URL \\",
        "    --keystore keystore.json --deployment margin-book.json",
    )
)
def deploy(
    guardian: Annotated[
        list[Point],
        typer.Option(
            "--guardian",
            metavar="X,Y",
            parser=parse_point,
            help="Guardian that accounts may name, as `guardian keygen` prints it. Repeat for more.",
        ),
    ],
    reporter: Annotated[
        list[int],
        typer.Option(
            "--reporter", metavar="ADDRESS", parser=parse_address, help="Who signs prices. Repeat for more, up to 15."
        ),
    ],
    threshold: Annotated[
        int | None,
        typer.Option(
            "--threshold",
            min=1,
            help="Reports that make a round, more than half.  [default: the least that is, 3 where there are as many]",
        ),
    ] = None,
    book: Annotated[str, typer.Option("--book", metavar="NAME|FILE", help="Book to serve, with limits.")] = "majors-13",
    token: Annotated[
        list[TokenAddress] | None,
        typer.Option(
            "--token",
            metavar="SYMBOL=ADDRESS",
            parser=parse_token,
            help="Token of a spot asset, or USD for the settlement currency. Repeat for each.  "
            "[default: faucet tokens, on a local chain]",
        ),
    ] = None,
    max_proof_age: Annotated[
        int, typer.Option("--max-proof-age", min=1, help="How old the prices of a proof may be [seconds].")
    ] = 300,
    stale_after: Annotated[
        int,
        typer.Option("--stale-after", min=2, help="Age of the newest round at which any caller may stop the book [s]."),
    ] = 3600,
    silence: Annotated[
        int,
        typer.Option(
            "--silence",
            min=86_400,
            max=30 * 86_400,
            help="Age of the newest round at which any caller may wind the book down for ever [seconds].",
        ),
    ] = 7 * 86_400,
    min_interval: Annotated[
        int, typer.Option("--min-interval", min=1, help="Least time between two sets of prices [seconds].")
    ] = 10,
    max_report_age: Annotated[
        int,
        typer.Option("--max-report-age", min=1, max=60, help="How old a report may be when it is posted [seconds]."),
    ] = 30,
    resume_grace: Annotated[
        int,
        typer.Option(
            "--resume-grace",
            min=0,
            max=86_400,
            help="How long deadlines wait after `book resume`, and after silence of the reporters [seconds].",
        ),
    ] = 600,
    change_delay: Annotated[
        int,
        typer.Option(
            "--change-delay",
            min=86_400,
            max=30 * 86_400,
            help="How long changes of risk parameters wait [seconds].",
        ),
    ] = 86_400,
    withdrawal_delay: Annotated[
        int,
        typer.Option(
            "--withdrawal-delay",
            min=60,
            max=7 * 86_400,
            help="How long a withdrawal waits, so that accounts that owe it can be flagged first [seconds].",
        ),
    ] = 1800,
    outflow_ppm: Annotated[
        int,
        typer.Option(
            "--outflow-ppm", min=0, max=1_000_000, help="Share of a token that may leave within an hour [ppm]."
        ),
    ] = 100_000,
    least_outflow: Annotated[
        list[TokenAmount] | None,
        typer.Option(
            "--least-outflow",
            metavar="SYMBOL=AMOUNT",
            parser=parse_token_amount,
            help="How much of a token may leave within an hour when the share is less. Repeat for each.  "
            "[default: 100,000 of the settlement currency, 10 of a spot asset]",
        ),
    ] = None,
    cure_window: Annotated[
        int,
        typer.Option(
            "--cure-window",
            min=0,
            max=600,
            help="How long a flagged account may top up before only a cure is left [seconds].",
        ),
    ] = 60,
    opening_bond: Annotated[
        int | None,
        typer.Option(
            "--opening-bond",
            metavar="AMOUNT",
            parser=parse_ether,
            help="What an account leaves when it is opened, for the tip of its next flag.  [default: 0.02eth]",
        ),
    ] = None,
    gate: Annotated[
        bool, typer.Option("--gate", help="Deploy a gate too: guardians flag accounts there by proofs.")
    ] = False,
    engine: Annotated[
        bool,
        typer.Option("--engine", help="Deploy a liquidation engine too: accounts below their margin are auctioned."),
    ] = False,
    fixed_rates: Annotated[
        FixedRates | None,
        typer.Option(
            "--fixed-rates",
            metavar="RATES",
            parser=parse_fixed_rates,
            help="With --engine: no auctions, but three rewards [% of the margin taken], such as 10,0.5,5: for "
            "maintenance margin, for an overdraft, and where equity does not pay that.",
        ),
    ] = None,
    keys: KeysOption = None,
    *,
    options: BookSenderOptions,
    deploying: DeployOptions,
    as_json: JsonFlag = False,
) -> None:
    """Deploy a margin book.

    With it come its price source, risk parameters and circuit breaker. The sender governs all of them: who reports,
    what is accepted, when a stopped book goes on. It can move no account.
    With --gate, guardians can flag accounts below maintenance margin. With --engine, they can also sell them to
    liquidators, and any account can be challenged. The engine auctions them: the reward rises until a liquidator takes
    it. With --fixed-rates there is one reward from the end of the cure window on.
    Development keys and faucet tokens are refused on any chain but a local one (chain id 31337 or 1337). A public chain
    costs ETH: the command shows what it will send and the estimated cost, and asks.
    """
    target = deployment_target(options.deployment, options.rpc, DeploymentKind.BOOK)
    assets, tokens, least_outflows = load_book(book), dict(token or []), dict(least_outflow or [])
    require_deployable(assets, tokens | dict.fromkeys(least_outflows, ""))
    settings = checked_settings(
        BookSettings(
            reporters=list(map(Chain.checksum, reporter)),
            threshold=default_quorum(len(reporter)) if threshold is None else threshold,
            guardians=[(point.x, point.y) for point in guardian],
            change_delay=change_delay,
            stale_after=stale_after,
            silence=silence,
            min_interval=min_interval,
            max_report_age=max_report_age,
            resume_grace=resume_grace,
            max_proof_age=max_proof_age,
            withdrawal_delay=withdrawal_delay,
            outflow_ppm=outflow_ppm,
            cure_window=cure_window,
            opening_bond=DEFAULT_BOND if opening_bond is None else opening_bond,
        )
    )
    terms = engine_settings(engine=engine, fixed_rates=fixed_rates)
    with progress() as sink:
        code = book_code(assets.n, keys, gate=gate, engine=engine, progress=sink)
    steps = book_deployment(assets, book, tokens, settings, least_outflows, gate=gate, engine=terms)
    with options.open_chain(code) as chain, _tokens_as_options():
        deployed = carry_out(chain, target, steps, deploying, as_json=as_json)
        if deployed is not None:
            made = record_facts(steps.record(deployed)) | {"gate": deployed.contracts.book.gate()}
            report({**made, "deployment": str(target.path), "governance": chain.sender}, as_json=as_json)


@contextmanager
def _tokens_as_options() -> Iterator[None]:
    """Names the options for tokens that are missing."""
    try:
        yield
    except MissingTokensError as error:
        options = " ".join(f"--token {symbol}=ADDRESS" for symbol in error.symbols)
        raise InputError(f"{error}; name them with {options}") from None


@app.command(epilog=examples("zksolvency book show", "zksolvency book show --json"))
def show(*, options: BookOptions, as_json: JsonFlag = False) -> None:
    """Show the public state of a margin book.

    That is its contracts, whether anything is stopped, the newest prices, the tokens that it holds, how many accounts
    there are, and what happened last.
    """
    with options.open() as book:
        view = overview(book)
        emit(view, lambda console: render_overview(console, view), as_json=as_json)


@app.command(
    epilog=examples(
        "zksolvency book faucet --asset USD --amount 100000",
        "zksolvency book faucet --asset WBTC --amount 1.5 --to 0x7099...79C8",
    )
)
def faucet(
    asset: Annotated[str, typer.Option("--asset", metavar="SYMBOL", help="Spot asset; USD: settlement currency.")],
    amount: Annotated[str, typer.Option("--amount", metavar="DECIMAL", help="How much of it.")],
    to: Annotated[
        int | None,
        typer.Option("--to", metavar="ADDRESS", parser=parse_address, help="Who gets it.  [default: sender]"),
    ] = None,
    *,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Make tokens out of nothing, to deposit them. On local chains only, where they are worth nothing."""
    with options.open() as book:
        chain = book.contracts.chain
        if not is_local_chain(chain.chain_id):
            raise InputError(f"chain {chain.chain_id} is not a local one: its tokens come from no faucet")
        token = book.contracts.token(asset_slot(book.assets, asset, "--asset"))
        units = parse_decimal(amount, token.decimals(), "--amount")
        if units <= 0:
            raise InputError("--amount: must be above 0")
        holder = chain.sender if to is None else chain.checksum(to)
        receipt = token.mint(holder, units)
        result = {
            "asset": asset,
            "amount": format_decimal(units, token.decimals()),
            "to": holder,
            "balance": format_decimal(token.balance_of(holder), token.decimals()),
        }
        report({**result, **sent(receipt)}, as_json=as_json)


@app.command(epilog=examples("zksolvency book prepare-round"))
def prepare_round(
    *,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Compute once what all proofs at the newest round share.

    The first proof of a round does it otherwise, and pays for it. Any address may call it.
    """
    with options.open() as book:
        latest = book.latest_round().id
        if book.contracts.book.is_prepared(latest):
            report({"round": latest, "prepared": "before"}, as_json=as_json)
        else:
            receipt = book.contracts.book.prepare_round(latest)
            report({"round": latest, "prepared": "now", **sent(receipt)}, as_json=as_json)


@app.command(epilog=examples("zksolvency book resume"))
def resume(
    *,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Lower the level that guardians raised to 0. Only governance may.

    See first, with `book show`, that the reason is gone. A trip of the price source stays: right prices clear it, or it
    lapses by itself.
    """
    with options.open() as book:
        breaker = book.contracts.breaker
        before = breaker.raised_level()
        if before is Level.OPEN:
            note("no guardian has raised the level; nothing was sent")
            report({"level_before": int(before), "level": int(breaker.level())}, as_json=as_json)
        else:
            receipt = breaker.lower_to(Level.OPEN)
            report({"level_before": int(before), "level": int(breaker.level()), **sent(receipt)}, as_json=as_json)
