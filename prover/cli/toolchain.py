"""`zksolvency toolchain`: the pinned npm packages."""

from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag
from prover.cli._output import report
from prover.cli._progress import progress
from prover.toolchain import install_toolchain

app = new_app("Install the compilers and the local node.")


@app.callback()
def toolchain() -> None:
    """Install the compilers and the local node."""


@app.command(epilog=examples("zksolvency toolchain install"))
def install(as_json: JsonFlag = False) -> None:
    """Install the pinned npm packages into the cache folder.

    They are circom, circomlib, snarkjs, solc, forge and anvil. npm downloads them, which takes 300 MB of disk, and
    compares each with its checksum. No other command downloads anything. Node 20 or later, with npm, must be on PATH.
    When they are there already, the command does nothing.
    """
    with progress() as sink:
        modules = install_toolchain(progress=sink)
    report({"packages": str(modules)}, as_json=as_json)
