"""A calendar of listings as data: what governance lists next, in the slots of assets that expire."""

from pathlib import Path
from typing import Literal

from prover.market._book import Asset, AssetFile, AssetKind, AssetList
from prover.storage import FileModel, load_model
from verifier import InputError


class _ListingsFile(FileModel):
    format: Literal["zksolvency/listings/1"]
    book: str
    assets: tuple[AssetFile, ...]


def load_listings(path: Path, book: AssetList) -> tuple[Asset, ...]:
    """Read the next assets of a book, in the order in which they are listed.

    Args:
        path: the file: assets as a book file has them.
        book: the present assets, on which options may be.

    Raises:
        InputError: malformed, for another book, a symbol twice, spot, an asset without limits, or an option that is on
            no asset of the book or outlives its underlying.
    """
    file = load_model(_ListingsFile, path, "listings")
    where = f"listings {path}"
    if file.book != book.name:
        raise InputError(f"{where}: they are for the book {file.book[:40]!r}, not {book.name!r}")
    assets = tuple(asset.parsed() for asset in file.assets)
    if len({asset.symbol for asset in assets}) != len(assets):
        raise InputError(f"{where}: a symbol occurs twice, and a book uses each once for ever")
    for asset in assets:
        _require_listable(asset, book, where)
    return assets


def _require_listable(asset: Asset, book: AssetList, where: str) -> None:
    named = f"{where}: {asset.symbol}"
    if asset.kind is AssetKind.SPOT:
        raise InputError(f"{named}: is spot, which needs a token: a deployed book gets no new ones")
    if asset.limits is None:
        raise InputError(f"{named}: cannot be listed without limits; see `zksolvency book new`")
    asset.check(where)
    underlying = None
    if asset.option is not None:
        underlying = book.assets[book.slot(asset.option.underlying, named)]
        if underlying.option is not None:
            raise InputError(f"{named}: its underlying {underlying.symbol} is an option too")
    asset.check_expiry(where, underlying)
    if underlying is None or underlying.limits is not None:  # a chain's assets have none, and its contract checks them
        asset.check_limits(f"{where}: limits of {asset.symbol}", underlying)
