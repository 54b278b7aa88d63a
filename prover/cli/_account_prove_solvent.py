"""`zksolvency account prove-solvent`."""

from prover.cli._account_session import AccountOptions, watched, with_progress
from prover.cli._book_options import BookSenderOptions, KeysOption
from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag
from prover.cli._output import as_hex, report, sent
from prover.onchain import Gatekeeper, open_margin_prover

app = new_app()


@app.command(
    "prove-solvent",
    epilog=examples(
        "zksolvency account prove-solvent",
        "zksolvency account prove-solvent --account trading --rpc URL \\",
        "    --deployment margin-book.json --keystore sender.json",
    ),
)
def prove_solvent(
    *,
    account: AccountOptions,
    keys: KeysOption = None,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Prove that an account meets maintenance margin, and send the proof to the gate of its book.

    At the newest prices. From then on `isSolvent` of the gate says so, until the account changes or the proof is too
    old. The chain sees the account, the round and that one bit.
    """
    chosen = account.choose(options.record())
    with options.open() as book, with_progress(open_margin_prover, book.n, keys) as prover, watched(chosen):
        gatekeeper = Gatekeeper(book, prover)
        receipt = gatekeeper.prove_solvent(chosen.viewing())
        state = gatekeeper.gate.account_state(chosen.keys.identity)
    identity = as_hex(chosen.keys.identity)
    report(
        {"account": chosen.name, "identity": identity, "round": state.solvent_at_round, **sent(receipt)},
        as_json=as_json,
    )
