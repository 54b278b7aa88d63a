"""Deploying a margin book: its tokens, its contracts."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from prover import AssetKind, AssetList
from prover.chain import BookContracts, BookGateClient, BookSettings, Chain, GateSite
from prover.cli._book_chain import USD
from prover.cli._chain import LOCAL_CHAINS
from prover.onchain import MarginBook
from verifier import InputError, solidity_contract_name

USD_DECIMALS: Final = 6
"""Of the faucet token that stands for the settlement currency, as those of most stable coins."""


def require_deployable(book: AssetList, tokens: Mapping[str, str]) -> None:
    """Refuse what no chain would take, before anything is built or sent.

    Args:
        book: to be deployed.
        tokens: address by symbol: what --token says.

    Raises:
        InputError: the book has no limits, or a token is given for what has none.
    """
    book.listings()
    if USD in book.slots:
        raise InputError(f"book {book.name}: {USD} names the settlement currency, not an asset")
    for symbol in tokens:
        if symbol not in _spot_symbols(book):
            book.slot(symbol, "--token")
            raise InputError(f"--token {symbol}: a derivative has no token; only spot assets and {USD} have")


def deploy_book(
    chain: Chain, book: AssetList, tokens: Mapping[str, str], settings: BookSettings, *, tip: int | None = None
) -> MarginBook:
    """Deploy the contracts of a book, on a local chain with fresh faucet tokens where none are given.

    Args:
        chain: where; with the verifiers of the book's size among its contracts.
        book: with limits.
        tokens: address by symbol.
        settings: the rest.
        tip: what the flag of an account earns while there is a pot for it [wei]: with a gate, whose verifier of
            `margin` must be among the chain's contracts. None: no gate, so that no account can be flagged.

    Raises:
        InputError: a token is missing on a chain that is not local, or has other decimals than the book says.
        ChainError: refused.
    """
    listings = book.listings()
    decimals = {asset.symbol: listing.decimals for asset, listing in zip(book.assets, listings, strict=True)}
    decimals[USD] = USD_DECIMALS
    missing = [symbol for symbol in _spot_symbols(book) if symbol not in tokens]
    if missing and chain.chain_id not in LOCAL_CHAINS:
        options = " ".join(f"--token {symbol}=ADDRESS" for symbol in missing)
        raise InputError(f"chain {chain.chain_id} is not a local one, so these tokens must be named: {options}")
    for symbol, address in tokens.items():
        _require_token(chain, symbol, address, None if symbol == USD else decimals[symbol])
    faucets = {
        symbol: chain.deploy("FaucetToken", f"Faucet {symbol}", symbol, decimals[symbol]).address for symbol in missing
    }
    everything = {**tokens, **faucets}
    slots = [everything.get(asset.symbol) for asset in book.assets] + [None] * (book.n - len(book.assets))
    deploy_gate = None
    if tip is not None:
        verifier = chain.deploy(solidity_contract_name("margin", book.n)).address
        deploy_gate = partial(_deploy_gate, chain, verifier, settings.max_proof_age, tip)
    settings = replace(settings, lambdas_ppm=book.lambdas_ppm)
    contracts = BookContracts.create(chain, book.n, listings, [*slots, everything[USD]], settings, deploy_gate)
    return MarginBook(contracts, book)


def _deploy_gate(chain: Chain, verifier: str, max_proof_age: int, tip: int, site: GateSite) -> str:
    gate = BookGateClient.deploy(chain, site, verifier, max_proof_age=max_proof_age, tip=tip)
    return gate.contract.address


def _spot_symbols(book: AssetList) -> list[str]:
    return [asset.symbol for asset in book.assets if asset.kind is AssetKind.SPOT] + [USD]


def _require_token(chain: Chain, symbol: str, address: str, decimals: int | None) -> None:
    """A wrong address would be found at the first deposit otherwise, when everything is deployed."""
    if not chain.has_code(address):
        raise InputError(f"--token {symbol}: there is no contract at {address}")
    found = int(chain.at("FaucetToken", address).read("decimals"))
    if decimals is not None and found != decimals:
        raise InputError(f"--token {symbol}: the token has {found} decimals, the book says {decimals}")
