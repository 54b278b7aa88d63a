"""Building what the story of a book takes while another story is told."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Final

from prover.cli._output import errors
from prover.onchain.local_market import BOOK, STATEMENTS
from prover.toolchain import ContractSuite
from verifier import ToolError

_BUILD: Final = (
    *(sys.executable, "-m", "prover.cli", "setup", "--book", BOOK, "--contracts", ContractSuite.BOOK),
    *(word for statement in STATEMENTS for word in ("--statement", statement)),
)
_NICENESS: Final = 10  # the story comes first: it tells how long its steps take
_STOP_SECONDS: Final = 10.0


@contextmanager
def book_built_meanwhile() -> Iterator[None]:
    """Build what `demo book` takes beside the body, and wait for it after the body.

    What the build reports is printed after the body. When the body fails or is interrupted, the build is ended.

    Raises:
        ToolError: the build failed; what it said has been printed.
    """
    # in a session of its own: Ctrl-C is for us, who then end it and what it runs
    process = subprocess.Popen(
        _BUILD, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )
    with process:
        try:
            os.setpriority(os.PRIO_PROCESS, process.pid, _NICENESS)
            yield
            if process.stderr is not None:
                _report(process.stderr)
            failed = process.wait() != 0
        except BaseException:
            _end(process)
            raise
    if failed:
        raise ToolError("what `zksolvency demo book` takes could not be built, as told above")


def _report(output: IO[bytes]) -> None:
    """Print what is reported, as it comes."""
    errors().print("\nMeanwhile, for `zksolvency demo book`, each step as it ends:")
    for line in output:
        errors().print(line.decode(errors="replace").rstrip())


def _end(process: subprocess.Popen[bytes]) -> None:
    """Interrupt the build and what it runs, as Ctrl-C would, so that it leaves nothing half-written."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
