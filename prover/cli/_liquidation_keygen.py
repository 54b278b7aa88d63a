"""`zksolvency liquidation keygen`."""

from pathlib import Path
from typing import Annotated

import typer

from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag
from prover.cli._output import note, report
from prover.cli._passphrase import PassphraseFileOption, ask_passphrase
from prover.liquidation import LiquidatorKey
from prover.storage import require_new_target

app = new_app()


@app.command(epilog=examples("zksolvency liquidation keygen --out liquidator.age"))
def keygen(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Key file to write. It holds a secret: 0600.")],
    passphrase_file: PassphraseFileOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a liquidator's key, and print its recipient.

    The key is encrypted with a passphrase. The recipient is public: hand it to guardians, who encrypt their notices to
    it. The key opens notices. It moves no account.
    """
    require_new_target(out)
    passphrase = ask_passphrase("liquidator key", passphrase_file, confirm=True)
    key = LiquidatorKey.generate()
    note("encrypting the key")
    key.save(out, passphrase)
    report({"recipient": key.recipient, "key": str(out)}, as_json=as_json)
