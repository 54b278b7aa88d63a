"""`zksolvency account prove-solvent`."""

from prover.cli._account_session import Place, find_account, open_margin_prover, watched
from prover.cli._book_chain import BookDeploymentOption, KeysOption, report, sent
from prover.cli._chain import ConfirmationsOption, KeystoreOption, RpcOption
from prover.cli._commands import examples, new_app
from prover.cli._options import JsonFlag
from prover.cli._output import as_hex
from prover.cli._passphrase import PassphraseFileOption
from prover.cli._wallets import NameOption, WalletOption
from prover.onchain import Gatekeeper

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
    account: NameOption = None,
    wallet: WalletOption = None,
    passphrase_file: PassphraseFileOption = None,
    keys: KeysOption = None,
    rpc: RpcOption = None,
    keystore: KeystoreOption = None,
    deployment: BookDeploymentOption = None,
    confirmations: ConfirmationsOption = 1,
    as_json: JsonFlag = False,
) -> None:
    """Prove that an account meets maintenance margin, and bring the proof to the gate of its book.

    At the newest prices. From then on `isSolvent` of the gate says so, until the account changes or the proof is too
    old. The chain sees the account, the round and that one bit.
    """
    place = Place(rpc, keystore, deployment, confirmations)
    chosen = find_account(place, wallet, passphrase_file, account)
    with place.open() as book, open_margin_prover(book.n, keys) as prover, watched(chosen):
        gatekeeper = Gatekeeper(book, prover)
        receipt = gatekeeper.prove_solvent(chosen.viewing())
        state = gatekeeper.gate.account_state(chosen.keys.identity)
    identity = as_hex(chosen.keys.identity)
    report(
        {"account": chosen.name, "identity": identity, "round": state.solvent_at_round, **sent(receipt)},
        as_json=as_json,
    )
