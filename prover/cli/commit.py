"""`zksolvency commit`."""

from rich.console import Console

from prover.cli._commands import examples, new_app
from prover.cli._options import AccountOption, BookOption, JsonFlag
from prover.cli._output import as_hex, emit
from prover.toolchain import load_account

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency commit --account account.json",
        'zksolvency verify proof.json --round round.json --commitment "$(',
        '    zksolvency commit --account account.json)"',
    )
)
def commit(account: AccountOption, book: BookOption = None, as_json: JsonFlag = False) -> None:
    """Print the commitment to an account.

    The commitment is the number that represents the account in public. It hides balances, quote and owner, and
    changes with each new state of the account.
    """
    loaded = load_account(account, book)
    commitment = as_hex(loaded.commitment())

    def render(console: Console) -> None:
        console.print(commitment)

    emit({"commitment": commitment, "book": loaded.book.digest()}, render, as_json=as_json)
