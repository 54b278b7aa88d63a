"""`zksolvency account trade`: trades whose terms their two parties alone see."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from prover import Claim
from prover.cli._account_offers import load_offer, offer_facts, offer_json, proof_words, trade_facts
from prover.cli._account_session import AccountOptions, watched, with_progress
from prover.cli._book_options import BookOptions, BookSenderOptions, KeysOption
from prover.cli._commands import examples, new_app
from prover.cli._files import STDIN
from prover.cli._options import JsonFlag
from prover.cli._output import as_hex, emit, errors, note, print_facts, report, sent, warn
from prover.cli._questions import agrees
from prover.cli._terms import ask_terms, read_terms
from prover.formats import format_utc
from prover.market import PERCENT_DECIMALS, parse_decimal
from prover.onchain import (
    AccountPermission,
    OfferedTrade,
    Owner,
    PricedOffer,
    check_maker_proof,
    fresh_round,
    is_far_from_mark,
    is_stopped,
    offer_obstacle,
    open_owner,
    require_takeable,
)
from prover.storage import require_target
from prover.trade import TradeTerms
from verifier import InputError

app = new_app("Offer and take trades between accounts in a margin book.")

ReduceOnlyFlag = Annotated[
    bool, typer.Option("--reduce-only", help="Show the chain that the trade only reduces the account's positions.")
]

OfferArgument = Annotated[
    Path, typer.Argument(metavar="OFFER", help="Offer file, permissions 0600; - for standard input.")
]


@app.command(
    epilog=examples(
        "zksolvency account trade offer --out offer.txt",
        "zksolvency account trade offer --terms terms.csv --out offer.txt",
        "zksolvency account trade offer --terms - --yes --out offer.txt < terms.csv",
    )
)
def offer(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Offer file to write; never overwritten.")],
    terms: Annotated[
        Path | None,
        typer.Option(
            "--terms",
            metavar="FILE",
            help="CSV with the header side,asset,size,price and a row for each asset; - for standard input.  "
            "[default: they are asked for]",
        ),
    ] = None,
    reduce_only: ReduceOnlyFlag = False,
    yes: Annotated[bool, typer.Option("--yes", help="Make it without showing the terms and asking.")] = False,
    *,
    account: AccountOptions,
    keys: KeysOption = None,
    options: BookOptions,
    as_json: JsonFlag = False,
) -> None:
    """Offer a trade: prove one side of it, for a counterparty to take.

    Side is buy or sell, from your view; price is the mark price that you agree on, in USD. Several legs are one trade,
    settled whole or not at all: a spread, a roll, or spot against a perpetual. You see every leg and what you pay for
    all of them before the offer is made. Nothing is sent. The file is one line, which can be pasted into a chat. The
    offer is good until the account changes, another account takes it, or newer prices come. A reader of the file
    sees the terms and can take them: hand it to your counterparty alone. While the book permits no new risk, the offer
    shows that it takes on none, as with --reduce-only.
    """
    record = options.record()
    assets = record.assets()
    require_target(out, *([] if terms is None else [terms]))
    if out.exists():
        raise InputError(f"{out}: exists already; name another file")
    if str(terms) == STDIN and not yes:
        raise InputError("standard input is the terms, so it cannot answer: add --yes, or write the terms to a file")
    wanted = ask_terms(assets) if terms is None else read_terms(terms, assets)
    chosen = account.choose(record)
    with options.open() as book, with_progress(open_owner, book, chosen.keys, keys) as owner:
        _confirm_terms(owner, chosen.name, wanted, yes=yes)
        round_ = fresh_round(owner.book)  # the newest once they are agreed to
        drawn, claim = wanted.with_drawn_side(), _claim(owner, reduce_only=reduce_only)
        made = owner.offer(owner.book.basket(drawn.legs, round_), drawn.side, claim, round_)
        good_until = round_.timestamp + owner.book.contracts.book.max_proof_age()
    made.save(out)
    result = {"offer": str(out), "account": chosen.name, "ticket": as_hex(made.ticket.id), "round": made.round_id}
    report({**result, "good_until": good_until if as_json else format_utc(good_until)}, as_json=as_json)


@app.command(
    epilog=examples(
        "zksolvency account trade take offer.txt",
        "zksolvency account trade take offer.txt --account hedges",
        "zksolvency account trade take - --yes --max-distance 0.5 \\",
        "    --passphrase-file FILE < offer.txt",
    )
)
def take(
    path: OfferArgument,
    yes: Annotated[
        bool, typer.Option("--yes", help="Take it without showing the terms and asking: for --max-distance.")
    ] = False,
    max_distance: Annotated[
        str | None,
        typer.Option(
            "--max-distance",
            metavar="PERCENT",
            help="How far the price may be from the mark price, against you [% of it].  [default: any distance]",
        ),
    ] = None,
    reduce_only: ReduceOnlyFlag = False,
    *,
    account: AccountOptions,
    keys: KeysOption = None,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Take an offer: show its terms, and settle it once you agree.

    Your side is proven here and sent together with the maker's; both accounts change in one transaction, or neither.
    The chain shows which accounts trade, but not what, how much, or at which price. The buyer that it shows is drawn at
    random. A script that takes offers with --yes should bound their prices with --max-distance: from the mark price of
    the offer's round, which no node can invent, and from the newest.
    """
    record = options.record()
    assets = record.assets()
    if str(path) == STDIN and not yes:
        raise InputError("standard input is the offer, so it cannot answer: add --yes, or write the offer to a file")
    limit = None if max_distance is None else _parse_distance(max_distance)
    made = load_offer(path)
    chosen = account.choose(record)
    with options.open() as book, with_progress(open_owner, book, chosen.keys, keys) as owner:
        trade = OfferedTrade.read(owner.book, made)
        claim = _claim(owner, reduce_only=reduce_only)
        require_takeable(owner, made)
        if limit is not None:
            _require_near(trade, limit)
        if not yes:  # in a script, a log would keep the terms
            _confirm(chosen.name, offer_facts(trade, assets))
        with watched(chosen):
            receipt = owner.take(made, claim)
    result = {"account": chosen.name, "ticket": as_hex(made.ticket.id), "round": made.round_id}
    report({**result, **sent(receipt)}, as_json=as_json)


@app.command(epilog=examples("zksolvency account trade show offer.txt", "zksolvency account trade show - < offer.txt"))
def show(
    path: OfferArgument,
    *,
    keys: KeysOption = None,
    options: BookOptions,
    as_json: JsonFlag = False,
) -> None:
    """Show the terms of an offer as its taker sees them.

    Also, whether the maker's proof verifies, and whether the offer can still be taken. It needs no wallet. Where no key
    of the book is at hand, the proof is not verified.
    """
    options.record()
    made = load_offer(path)
    with options.open() as book:
        trade = OfferedTrade.read(book, made)
        proof, obstacle = check_maker_proof(book, made, keys), offer_obstacle(book, made)
        stopped = is_stopped(book)
    reason = proof.refusal or (obstacle.message if obstacle else None)

    def render(console: Console) -> None:
        answer = f"no: {reason}" if reason else "yes, by an account whose risk it does not raise" if stopped else "yes"
        facts = [*offer_facts(trade, book.assets), ("proof", proof_words(proof)), ("can be taken", answer)]
        print_facts(console, facts)

    result = {
        **offer_json(trade, book.assets),
        "proof_verified": proof.verified,
        "takeable": reason is None,
        "reason": reason,
        "reduce_only": stopped,
    }
    emit(result, render, as_json=as_json)


def _claim(owner: Owner, *, reduce_only: bool) -> Claim:
    """What the trade must show; a note says so when that is more than was asked for."""
    claim = AccountPermission.read(owner.book, owner.identity).trade_claim(reduce_only=reduce_only)
    if claim is Claim.REDUCES_RISK and not reduce_only:
        note("no new risk is permitted now: the chain will show that the trade does not raise the account's risk")
    if claim is Claim.MEETS_INITIAL_MARGIN:
        note("the account has changed often in a row: the chain will show that it meets initial margin")
    return claim


def _confirm(name: str, facts: Iterable[tuple[str, str]]) -> None:
    print_facts(errors(), [("account", name), *facts, ("proof", "verifies")])
    if not agrees("take this offer?"):
        raise InputError("not taken: nothing was sent")


def _require_near(trade: OfferedTrade, limit_ppm: int) -> None:
    further = trade.first_further(limit_ppm)
    if further is not None:
        raise InputError(
            f"not taken: the price is further against you from the mark price of round {further.round_id} "
            "than --max-distance allows; ask for another offer"
        )


def _confirm_terms(owner: Owner, name: str, terms: TradeTerms, *, yes: bool) -> None:
    """Doubt prices that may be slips; then show the trade as its maker sees it, and ask."""
    book, round_ = owner.book, fresh_round(owner.book)
    if any(is_far_from_mark(leg, round_) for leg in terms.legs):
        warn("a price is far from the mark price, by more than a tenth of it: is it the one that you mean?")
    if yes:  # in a script, a log would keep the terms
        return
    priced = PricedOffer.at(book, book.basket(terms.legs, round_), terms.side, round_)
    print_facts(errors(), [("account", name), *trade_facts(priced, book.assets)])
    if not agrees("make this offer?"):
        raise InputError("not made: nothing was written")


def _parse_distance(text: str) -> int:
    limit = parse_decimal(text, PERCENT_DECIMALS, "--max-distance")
    if limit < 0:
        raise InputError("--max-distance: must not be below 0")
    return limit
