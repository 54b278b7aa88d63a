"""`zksolvency verify`."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from prover import instance_name
from prover.account import Domain
from prover.cli._built import verification_key
from prover.cli._bundles import bundle_key, bundle_round
from prover.cli._commands import examples, new_app
from prover.cli._demands import Checker, Demands, require_statement
from prover.cli._exits import ExitCode
from prover.cli._options import (
    STATEMENT_NAMES,
    BookOption,
    JsonFlag,
    KindOption,
    RecipientOption,
    parse_field_element,
)
from prover.cli._output import warn
from prover.cli._progress import progress
from prover.cli._verdicts import Verdict, tell
from prover.toolchain import Progress, load_round
from verifier import (
    AnyEnvelope,
    Bundle,
    InputError,
    StatementName,
    VerificationError,
    VerifyingKey,
    envelope_from_json,
    read_json,
    require_fresh,
)

app = new_app()

_BUNDLE: Final = "zksolvency/bundle/1"


@app.command(
    epilog=examples(
        "zksolvency verify proof.json --round round.json --commitment 0x1f0c...",
        "zksolvency verify flag.json --round round.json --liquidatable",
        "zksolvency verify proof.json --round round.json --key verification_key.json",
        "zksolvency verify proof.json --round round.json --max-age 300",
        "zksolvency verify overdraft.json --round round.json --kind overdraft",
        "zksolvency verify step.json --statement update --round round.json \\",
        "    --key update-13/verification_key.json --commitment 0x1f0c... \\",
        "    --expect isWithdrawal=0",
        "zksolvency verify *.json --statement exit",
        "zksolvency verify bundle.json --round round.json",
    )
)
def verify(
    proofs: Annotated[
        list[Path], typer.Argument(metavar="PROOF...", help="Proof files of one statement, or one bundle.")
    ],
    round_: Annotated[
        Path | None,
        typer.Option(
            "--round",
            metavar="FILE",
            help="Price round file, from a source that you trust. Of expire: the settlement prices.  "
            "[required for margin, update, expire and release]",
        ),
    ] = None,
    commitment: Annotated[
        list[int] | None,
        typer.Option(
            "--commitment",
            metavar="NUMBER",
            parser=parse_field_element,
            help="The state that must have been proven, in hex or decimal: of a step of an account the one before it. "
            "Repeat it for each of several proofs, in their order.  [default: the one in the proof file]",
        ),
    ] = None,
    liquidatable: Annotated[
        bool, typer.Option("--liquidatable", help="Demand that the account is below its margin.")
    ] = False,
    kind: KindOption = None,
    recipient: RecipientOption = None,
    statement: Annotated[
        StatementName,
        typer.Option(
            "--statement",
            metavar="NAME",
            help=f"What must have been proven: {STATEMENT_NAMES}. A proof of another statement is refused.",
        ),
    ] = "margin",
    expect: Annotated[
        list[str] | None,
        typer.Option(
            "--expect",
            metavar="NAME=NUMBER",
            help="A public signal that a proof of a margin book must have, such as claim=1; repeat it for several. It "
            "also replaces one that the round would give, such as longOnly.",
        ),
    ] = None,
    deployment: Annotated[
        Path | None,
        typer.Option(
            "--deployment", metavar="FILE", help="Record of the margin book, for open: which book it must be of."
        ),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option("--key", metavar="FILE", help="verification_key.json.  [default: this machine's development key]"),
    ] = None,
    key_digest: Annotated[
        str | None,
        typer.Option(
            "--key-digest",
            metavar="HEX",
            help="Digest of the verifying key, from a source that you trust: takes the key in a bundle, if it has one.",
        ),
    ] = None,
    sender_prices: Annotated[
        bool,
        typer.Option(
            "--sender-prices",
            help="Take the prices in a bundle. A sender can choose prices at which any account is healthy: compare "
            "those that are shown.",
        ),
    ] = False,
    max_age: Annotated[
        int | None,
        typer.Option(
            "--max-age",
            metavar="SECONDS",
            min=0,
            help="How old the round may be, by this machine's clock.  [default: any]",
        ),
    ] = None,
    checker: Annotated[Checker, typer.Option("--with", help="What checks the Groth16 equation.")] = Checker.PY_ECC,
    book: BookOption = None,
    as_json: JsonFlag = False,
) -> int:
    """Verify proof files against the round, book and key that you hold.

    The public signals are computed from your round and book; those in the proof file are compared, never trusted. A
    refusal names its reason and exits with code 1; of several proofs each is told. A proof does not say how old its
    prices are: --max-age refuses an old round. What a proof about an account of a margin book leaves open, only its
    chain knows. The limits of takeovers are the usual ones for a release: name others with --expect floorRate=500.

    A bundle is one file with proofs and what their sender says of them. Its key and its prices are the sender's: your
    own are used, and compared with them.
    """
    bundle = _bundle(proofs)
    if bundle is None:
        _require_bundle(key_digest=key_digest, sender_prices=sender_prices or None)
        envelopes = [envelope_from_json(read_json(path, "proof file"), f"proof file {path}") for path in proofs]
        require_statement(envelopes[0], statement)
        prices = None if round_ is None else load_round(round_, book)
    else:
        envelopes = list(bundle.proofs)
        require_statement(envelopes[0], statement)
        prices = bundle_round(bundle, round_, book, take=sender_prices)
    commitments = _one_each(commitment, len(envelopes))
    expected = dict(map(_expectation, expect or ()))
    demands = Demands(statement, prices, not liquidatable, recipient, expected, _domain(deployment), kind)
    n = prices.book.n if prices is not None else envelopes[0].n
    name = instance_name(statement, n)
    verifying_key = (
        VerifyingKey.load(verification_key(name, key)) if bundle is None else bundle_key(bundle, name, key, key_digest)
    )
    if max_age is not None:
        if prices is None or sender_prices:
            raise InputError("--max-age is about a price round of your own: the time of a sender's is their word")
        require_fresh(prices.timestamp, int(time.time()), max_age)
    names = [str(path) for path in proofs] if bundle is None else [str(i + 1) for i in range(len(envelopes))]
    verdicts = _verdicts(names, envelopes, demands, verifying_key, commitments, checker, bundle)
    if len(verdicts) == 1 and verdicts[0].refusal is not None:
        raise verdicts[0].refusal
    _caution(verifying_key, statement, commitments, sender_prices=sender_prices)
    tell(verdicts, prices, verifying_key, checker.value, as_json=as_json)
    return ExitCode.OK if all(one.refusal is None for one in verdicts) else ExitCode.NO


def _bundle(paths: Sequence[Path]) -> Bundle | None:
    """The bundle, when the only file is one."""
    if len(paths) != 1:
        return None
    content = read_json(paths[0], "proof file")
    is_bundle = isinstance(content, dict) and content.get("format") == _BUNDLE
    return Bundle.from_json(content, f"bundle {paths[0]}") if is_bundle else None


def _require_bundle(**options: object) -> None:
    for name, value in options.items():
        if value is not None:
            raise InputError(
                f"--{name.replace('_', '-')} is about a bundle, and a proof file has neither key nor prices"
            )


def _one_each(commitments: list[int] | None, count: int) -> Sequence[int | None]:
    if not commitments:
        return [None] * count
    if len(commitments) != count:
        raise InputError(f"--commitment was given {len(commitments)} times for {count} proofs: repeat it for each one")
    return commitments


def _expectation(text: str) -> tuple[str, int]:
    name, equals, number = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text[:40]!r}: expected NAME=NUMBER", param_hint="--expect")
    return name, parse_field_element(number)


def _domain(deployment: Path | None) -> Domain | None:
    if deployment is None:
        return None
    from prover.cli._book_options import book_record  # noqa: PLC0415 - loads web3, and for this option alone

    return book_record(deployment, None).domain


def _verdicts(
    names: Sequence[str],
    envelopes: Sequence[AnyEnvelope],
    demands: Demands,
    key: VerifyingKey,
    commitments: Sequence[int | None],
    checker: Checker,
    bundle: Bundle | None,
) -> list[Verdict]:
    verdicts = []
    with progress() as sink, checker.open() as check:
        for index, (name, envelope) in enumerate(zip(names, envelopes, strict=True)):
            try:
                proven = demands.check(envelope, key, commitments[index], check)
                if bundle is not None:
                    bundle.require_described(index, proven)
                verdicts.append(Verdict(name, envelope, proven))
            except VerificationError as error:
                verdicts.append(Verdict(name, envelope, None, error))
            if len(names) > 1:
                sink(Progress("verify", index + 1, len(names)))
    return verdicts


def _caution(
    key: VerifyingKey, statement: StatementName, commitments: Sequence[int | None], *, sender_prices: bool
) -> None:
    """Say what the verdict leaves open."""
    if key.origin == "development":
        warn("development key: anyone can forge proofs")
    if statement == "margin-lean":
        warn("margin-lean says nothing of a commitment whose state was never validated")
    if None in commitments:
        warn("no --commitment was given: whose account this is, the proof file alone says")
    if sender_prices:
        warn("the prices are the sender's: at invented prices any account is healthy, so compare them")
