"""`zksolvency account release`."""

from pathlib import Path
from typing import Annotated

import typer

from prover.cli._account_session import AccountOptions, with_progress
from prover.cli._book_options import BookSenderOptions, KeysOption, contract_code
from prover.cli._commands import examples, new_app
from prover.cli._liquidation_options import GroundOption, LiquidityOption, load_liquidity, notice_signer
from prover.cli._options import JsonFlag, parse_field_element
from prover.cli._output import as_hex, report
from prover.liquidation import SealedNotice
from prover.onchain import LiquidationMarket, open_liquidation_prover, open_user_store
from prover.storage import require_new_target
from verifier import VectorKind

app = new_app()


@app.command(
    epilog=examples(
        "zksolvency account release --liquidator age1... --taker IDENTITY \\",
        "    --out notice.json",
    )
)
def release(
    liquidator: Annotated[
        str,
        typer.Option("--liquidator", metavar="RECIPIENT", help="Of the taker: `liquidation keygen` prints it."),
    ],
    taker: Annotated[
        int,
        typer.Option(
            "--taker", metavar="ID", parser=parse_field_element, help="Identity of the account that may take it."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Notice to write.")],
    ground: GroundOption = VectorKind.MAINTENANCE,
    liquidity: LiquidityOption = None,
    *,
    account: AccountOptions,
    keys: KeysOption = None,
    options: BookSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Sell a part of a flagged account without a reward, to a taker of your choice.

    The smallest part that cures the account goes at effective prices, so the account loses no margin to an auction.
    The taker can take it at once, in the cure window too: `liquidation take`. Nothing is sent here.
    """
    record = options.record()
    require_new_target(out)
    costs, chosen = load_liquidity(liquidity, record.assets()), account.choose(record)
    signer = options.signer(policy=options.policy())
    with (
        options.open_chain(contract_code(), signer=signer) as chain,
        open_user_store() as store,
        with_progress(open_liquidation_prover, record.assets().n, keys) as prover,
    ):
        maker = prover.maker(LiquidationMarket.of(record.open_book(chain, store)), costs)
        notice = maker.for_nothing(chosen.viewing(), ground, taker=taker)
        sealed = SealedNotice.seal(notice, [liquidator], notice_signer(signer, chain, options.rpc, options.policy()))
    sealed.save(out)
    result = {"notice": str(out), "account": chosen.name, "taker": as_hex(taker), "round": sealed.round_id}
    report(result, as_json=as_json)
