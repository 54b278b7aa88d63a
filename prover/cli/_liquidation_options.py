"""What the commands of takeovers share: the ground, what selling costs, and who signs notices."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from prover import AssetList
from prover.chain import AccountSigner, Chain, OnchainRound, RemoteSigner, RequestPolicy
from prover.cli._liquidator_key import open_liquidator_key
from prover.cli._node_options import rpc_urls
from prover.cli._output import note
from prover.liquidation import LiquidatorKey, Liquidity, ether_slot
from prover.market import PRICE_DECIMALS, parse_decimal
from verifier import VectorKind

PPM_OF_RATE: Final = 100
"""A rate is in 1e-4."""

AccountArgument = Annotated[
    str, typer.Argument(metavar="ID", help="The account: its identity in hex with 0x, or how that begins.")
]

GroundOption = Annotated[
    VectorKind,
    typer.Option(
        "--ground", metavar="maintenance|overdraft", help="The margin that the account is below, and flagged for."
    ),
]

LiquidityOption = Annotated[
    Path | None,
    typer.Option(
        "--liquidity",
        metavar="FILE",
        help="CSV with the header symbol,spread_ppm,impact_ppm: what selling costs [ppm, and ppm for each million USD]."
        "  [default: 500 and 1000 for every asset]",
    ),
]


def load_liquidity(path: Path | None, book: AssetList) -> Liquidity:
    """What --liquidity says, for a book. Raises InputError as `Liquidity.load`."""
    return Liquidity.uniform(book.n) if path is None else Liquidity.load(path, book)


@dataclass(frozen=True)
class LiquidatorOptions:
    """With which key notices are opened, and what a takeover costs.

    Attributes:
        liquidator_key: the key file.
        key_passphrase_file: of the key; None asks on the terminal.
        liquidity: what selling costs.
        ether_price: of one ETH [USD].
    """

    liquidator_key: Annotated[
        Path, typer.Option("--liquidator-key", metavar="FILE", help="The liquidator's key file, which opens notices.")
    ]
    key_passphrase_file: Annotated[
        Path | None,
        typer.Option(
            "--key-passphrase-file",
            metavar="FILE",
            help="File whose first line is the passphrase of the liquidator's key: permissions 0600.  "
            "[default: it is asked for]",
        ),
    ] = None
    liquidity: LiquidityOption = None
    ether_price: Annotated[
        str | None,
        typer.Option(
            "--ether-price", metavar="USD", help="Price of one ETH, for gas.  [default: that of the book, or no gas]"
        ),
    ] = None

    def open_key(self) -> LiquidatorKey:
        """The key. Raises as `open_liquidator_key`."""
        return open_liquidator_key(self.liquidator_key, self.key_passphrase_file)

    def price_of_ether(self, book: AssetList, round_: OnchainRound) -> int:
        """Of one ETH [1e-9 USD]; 0, with a note, where neither option nor book tell."""
        if self.ether_price is not None:
            return parse_decimal(self.ether_price, PRICE_DECIMALS, "--ether-price")
        slot = ether_slot(book)
        if slot is None:
            note("the book has no price of ETH: gas counts nothing; give --ether-price")
            return 0
        return round_.prices[slot]


def notice_signer(signer: AccountSigner | None, chain: Chain, rpc: str | None, policy: RequestPolicy) -> AccountSigner:
    """Who signs notices: the sender of transactions. A node signs for its unlocked account.

    Args:
        signer: what the options name; None for the node.
        chain: its sender is the account.
        rpc: what --rpc says.
        policy: of requests.

    Raises:
        SignerError: the node does not sign.
    """
    if signer is not None:
        return signer
    return RemoteSigner(chain.url if rpc is None else rpc_urls(rpc)[0], chain.sender, policy)
