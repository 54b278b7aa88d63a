"""`zksolvency ceremony`: production keys, made together so that no participant can forge."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag
from prover.cli._output import emit, print_facts
from prover.cli._progress import progress
from prover.toolchain import Ceremony, Contribution, compile_circuits, read_entropy

app = new_app(
    """Make production keys together with others.

    Proofs cannot be forged if one honest participant forgets the secret. The coordinator runs `new`; each participant
    runs `contribute` on the file of the one before and publishes the hash; the coordinator runs `beacon` on the last
    file; every user runs `verify` and compares the hashes; `export` writes the keys.
    """
)

NameOption = Annotated[str, typer.Option("--circuit", metavar="NAME", help="Statement and size, such as margin-13.")]
TauOption = Annotated[
    Path, typer.Option("--ptau", metavar="FILE", help="Powers of tau of a public ceremony, prepared for phase 2.")
]
OutOption = Annotated[Path, typer.Option("--out", metavar="FILE", help="Key file to write; never overwritten.")]
SourceArgument = Annotated[Path, typer.Argument(metavar="ZKEY", help="Key file handed on by the one before.")]
KeyArgument = Annotated[Path, typer.Argument(metavar="ZKEY", help="Key file after the last contribution.")]


@app.command(
    epilog=examples(
        "zksolvency ceremony new --circuit margin-13 --ptau powers-11.ptau \\",
        "    --out margin-13.0.zkey",
    )
)
def new(circuit: NameOption, ptau: TauOption, out: OutOption, as_json: JsonFlag = False) -> None:
    """Check powers of tau, write the first key file.

    The file goes to the first participant.
    """
    with _ceremony(circuit) as ceremony:
        ceremony.new(ptau, out)
    _tell({"circuit": circuit, "file": str(out)}, as_json=as_json)


@app.command(
    epilog=examples(
        "zksolvency ceremony contribute margin-13.0.zkey --circuit margin-13 \\",
        "    --name alice --out margin-13.1.zkey",
        "zksolvency ceremony contribute margin-13.1.zkey --circuit margin-13 \\",
        "    --name bob --out margin-13.2.zkey --entropy-fd 3 3< /dev/hwrng",
    )
)
def contribute(
    source: SourceArgument,
    circuit: NameOption,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Your public name.")],
    out: OutOption,
    entropy: Annotated[
        int | None,
        typer.Option(
            "--entropy-fd",
            metavar="NUMBER",
            min=0,
            help="File descriptor to read randomness of your own from.  [default: ask at the terminal]",
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Add a secret of your own, which is never shown.

    The secret is drawn from the operating system. What you type or pipe in is added to it, never taken from the
    command line. It is forgotten at once. Publish the hash that is printed.
    """
    typed = read_entropy(entropy)
    with _ceremony(circuit) as ceremony:
        digest = ceremony.contribute(source, out, name, entropy=typed)
    _tell({"circuit": circuit, "file": str(out), "name": name, "hash": digest}, as_json=as_json)


@app.command(
    epilog=examples(
        "zksolvency ceremony beacon margin-13.2.zkey --circuit margin-13 \\",
        "    --value 0000000000000000000162... --out margin-13.final.zkey",
    )
)
def beacon(
    source: SourceArgument,
    circuit: NameOption,
    value: Annotated[
        str, typer.Option("--value", metavar="HEX", help="Public random value, such as the hash of a coming block.")
    ],
    out: OutOption,
    iterations: Annotated[
        int, typer.Option("--iterations", metavar="LOG2", min=10, max=63, help="log2 of how often it is hashed.")
    ] = 10,
    as_json: JsonFlag = False,
) -> None:
    """Close with a public random value.

    It must be unknown before the last contribution: that participant could have aimed at it.
    """
    with _ceremony(circuit) as ceremony:
        digest = ceremony.beacon(source, out, value.removeprefix("0x"), iterations)
    _tell({"circuit": circuit, "file": str(out), "hash": digest}, as_json=as_json)


@app.command(
    epilog=examples(
        "zksolvency ceremony verify margin-13.final.zkey --circuit margin-13 \\",
        "    --ptau powers-11.ptau",
    )
)
def verify(zkey: KeyArgument, circuit: NameOption, ptau: TauOption, as_json: JsonFlag = False) -> None:
    """Check a key file, list who took part.

    It is checked against the circuit and the powers of tau. Compare each hash with the one that its participant has
    published.
    """
    with _ceremony(circuit) as ceremony:
        steps = ceremony.verify(ptau, zkey)
    _tell({"circuit": circuit, "file": str(zkey)}, steps, as_json=as_json)


@app.command(
    epilog=examples(
        "zksolvency ceremony export margin-13.final.zkey --circuit margin-13 \\",
        "    --ptau powers-11.ptau --out keys/margin-13",
    )
)
def export(
    zkey: KeyArgument,
    circuit: NameOption,
    ptau: TauOption,
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Folder to write; must not exist.")],
    as_json: JsonFlag = False,
) -> None:
    """Verify, then write the keys to use.

    `prove --keys` takes the folder, `verify --key` and `contract export --key` the verification_key.json in it.
    """
    with _ceremony(circuit) as ceremony:
        steps = ceremony.export(ptau, zkey, out)
    _tell({"circuit": circuit, "folder": str(out)}, steps, as_json=as_json)


@contextmanager
def _ceremony(circuit: str) -> Iterator[Ceremony]:
    with (
        progress() as sink,
        Ceremony(compile_circuits([circuit], progress=sink)[circuit], progress=sink) as ceremony,
    ):
        yield ceremony


def _tell(result: dict[str, Any], steps: Sequence[Contribution] = (), *, as_json: bool) -> None:
    def render(console: Console) -> None:
        print_facts(console, result.items())
        for step in steps:
            console.print()
            print_facts(console, [(step.kind, step.name), ("hash", step.hash)])

    listed = [{"name": step.name, "kind": step.kind, "hash": step.hash} for step in steps]
    emit(result | ({"contributions": listed} if steps else {}), render, as_json=as_json)
