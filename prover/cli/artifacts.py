"""`zksolvency artifacts`: circuits and keys as one file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag, StatementsOption, wanted_statements
from prover.cli._output import columns, emit, note, print_facts, print_table, warn
from prover.cli._progress import progress
from prover.cli._questions import agrees, has_terminal
from prover.toolchain import (
    INSTANCES,
    ArtifactArchive,
    Artifacts,
    ProgressSink,
    build,
    find_installed,
    load_book,
    load_keys,
    pack_archive,
    remove_installed,
)
from verifier import STATEMENTS, InputError, Statement, VerifyingKey

app = new_app("Take circuits and keys to machines without compilers.")

_UNSAFE = "development keys: anyone can forge proofs; never use them for real money"


@app.callback()
def artifacts() -> None:
    """Take circuits and keys to machines without compilers."""


@app.command(
    epilog=examples(
        "zksolvency artifacts pack --out margin-13.zip",
        "zksolvency artifacts pack --out book.zip --statement open --statement update",
        "zksolvency artifacts pack --out keys.zip --keys keys/margin-13 \\",
        "    --keys keys/update-13",
    )
)
def pack(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Archive to write; never overwritten.")],
    book: Annotated[str, typer.Option("--book", metavar="NAME|FILE", help="Book whose size to pack for.")] = "perps-13",
    statement: StatementsOption = None,
    keys: Annotated[
        list[Path] | None,
        typer.Option(
            "--keys",
            metavar="FOLDER",
            help="Ceremony keys of one statement and size; more than once.  [default: this machine's keys]",
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Write compiled circuits and their keys into one archive.

    Builds what is missing. With --keys, the archive holds the statements of these keys and no others. Publish the
    digest, so that users of the archive can compare it.
    """
    if keys and statement:
        raise InputError("--keys say which statements they are of: leave out --statement")
    with progress() as sink:
        packed = _of_keys(keys, sink) if keys else _built(statement, load_book(book).n, sink)
    digest = pack_archive(packed, out)
    if any(item.key.origin == "development" for item in packed):
        warn(_UNSAFE)
    rows = [(item.instance.name, item.key.origin, item.key.digest()) for item in packed]
    _tell({"archive": str(out), "digest": digest}, rows, as_json=as_json)


@app.command(
    epilog=examples(
        "zksolvency artifacts install margin-13.zip",
        "zksolvency artifacts install margin-13.zip --digest 5d1c...",
    )
)
def install(
    archive: Annotated[Path, typer.Argument(metavar="FILE", help="Archive that `artifacts pack` wrote.")],
    digest: Annotated[
        str | None,
        typer.Option("--digest", metavar="HEX", help="Digest that its maker has published.  [default: ask]"),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Install circuits and keys from an archive.

    They go to the cache folder, in place of those of an earlier archive. Every command uses them instead of keys that
    it would build, and proving takes no Node where the native core is installed. An archive is refused when it was
    altered or cut off, or has other circuits than this version.

    A malicious maker of keys can forge proofs, and proofs made with them may tell of the account. So compare the digest
    with the one that the maker of the archive publishes.
    """
    with ArtifactArchive.open(archive) as opened:
        opened.install(digest=digest or _asked_digest(opened))
        rows = [(key.name, key.origin, key.digest) for key in opened.keys]
        if any(key.origin == "development" for key in opened.keys):
            warn(_UNSAFE)
        _tell({"archive": str(archive), "digest": opened.digest}, rows, as_json=as_json)


@app.command("list", epilog=examples("zksolvency artifacts list"))
def list_(as_json: JsonFlag = False) -> None:
    """Show what archives have brought."""
    found = [item for name in INSTANCES if (item := find_installed(name)) is not None]
    _tell({}, [(item.instance.name, item.key.origin, item.key.digest()) for item in found], as_json=as_json)


@app.command(
    epilog=examples("zksolvency artifacts remove", "zksolvency artifacts remove margin-13 margin-lean-13"),
)
def remove(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[INSTANCE]...", help="Statements with sizes, such as margin-13.  [default: all]"),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Remove what archives have brought.

    Commands build circuits and development keys again, or use those that are built.
    """
    removed = [name for name in names or INSTANCES if remove_installed(name)]
    emit({"removed": removed}, lambda console: console.print(", ".join(removed) or "nothing"), as_json=as_json)


def _built(statement: list[Statement] | None, n: int, sink: ProgressSink) -> list[Artifacts]:
    wanted = wanted_statements(statement)
    return list(build([one.instance(n) for one in wanted], progress=sink).values())


def _of_keys(folders: list[Path], sink: ProgressSink) -> list[Artifacts]:
    keys = {folder: VerifyingKey.load(folder / "verification_key.json") for folder in folders}
    return [load_keys(STATEMENTS[key.statement].instance(key.n), folder, progress=sink) for folder, key in keys.items()]


def _asked_digest(archive: ArtifactArchive) -> str:
    if not has_terminal():
        raise InputError(
            f"the archive has the digest {archive.digest}: compare it with the one that its maker publishes, and name "
            "that with --digest"
        )
    note(f"packed by zksolvency {archive.version}, digest {archive.digest}")
    if not agrees("does its maker publish this digest?"):
        raise InputError("not confirmed: nothing was installed")
    return archive.digest


def _tell(facts: dict[str, str], rows: Sequence[tuple[str, str, str]], *, as_json: bool) -> None:
    def render(console: Console) -> None:
        if rows:
            print_table(console, columns(["statement", "key", "digest of the key"], rows, left=3))
        else:
            console.print("no archive is installed")
        if facts:
            console.print()
            print_facts(console, facts.items())

    keys = [{"name": name, "origin": origin, "digest": digest} for name, origin, digest in rows]
    emit({**facts, "keys": keys}, render, as_json=as_json)
