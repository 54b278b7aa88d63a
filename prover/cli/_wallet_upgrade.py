"""`zksolvency wallet upgrade`."""

from prover.account import Seed, Wallet
from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag
from prover.cli._output import note, report
from prover.cli._wallets import WalletOptions

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency wallet upgrade",
        "zksolvency wallet upgrade --wallet desk.age",
    )
)
def upgrade(*, wallet: WalletOptions, as_json: JsonFlag = False) -> None:
    """Give a wallet without a seed a fresh one.

    A wallet of the first format has none, and works on as it is. With a seed, each further account comes from it. The
    secrets that the wallet has stay in it, unchanged: the seed does not restore them, so keep their copies.
    """
    file = wallet.open()
    given: list[Seed] = []

    def with_seed(old: Wallet) -> Wallet:
        if old.seed is not None:
            return old
        given.append(Seed.generate())
        return old.with_seed(given[0])

    accounts = file.change(with_seed).accounts
    if not given:
        note("the wallet has a seed already; nothing was changed")
    imported = sum(account.index is None for account in accounts)
    report({"wallet": str(file.path), "upgraded": bool(given), "imported": imported}, as_json=as_json)
