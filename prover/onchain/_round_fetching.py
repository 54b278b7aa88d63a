"""Price rounds of a chain as round files have them, from one node or compared between several."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from prover.chain import OnchainRound, RoundsClient
from prover.market import AssetList, PriceRound
from verifier import ChainError, InputError

OpenRounds = Callable[[], AbstractContextManager[RoundsClient]]
"""Opens the price source at one node."""


@dataclass(frozen=True)
class FetchedRound:
    """A round that nodes agree on.

    Attributes:
        round: the round.
        agreed: how many nodes have it.
        notes: why each other node does not count, and which of them has a newer round.
    """

    round: PriceRound
    agreed: int
    notes: Sequence[str]


def price_round(assets: AssetList, round_: OnchainRound) -> PriceRound:
    """A round of the chain with the prices and the funding that it was posted with.

    Args:
        assets: of the book. Its own margin fractions make the vectors: compare them with the chain's.
        round_: as a node tells it.

    Raises:
        InputError: a price is out of range, or of a slot without an asset.
    """
    effective = round_.vectors.effective_prices
    funding = tuple(
        0 if assets.spot >> slot & 1 else price - value
        for slot, (price, value) in enumerate(zip(round_.prices, effective, strict=True))
    )
    closing = round_.reduce_only & ~round_.stale
    plain = (round_.id, round_.timestamp, round_.prices, funding, round_.stale, closing)
    return PriceRound(assets, *plain, round_.spot_scale)


def fetch_round(assets: AssetList, nodes: Sequence[OpenRounds], round_id: int | None = None) -> FetchedRound:
    """Read a round from every node, and see that they agree.

    Margins on the chain must be those of the book's own fractions, so a node cannot change a price alone. One that
    invents prices and margins is found by a second node only.

    Args:
        assets: that the price source serves.
        nodes: at least one.
        round_id: None for the newest, as the first node that answers has it.

    Raises:
        ChainError: no node has the round, or two nodes tell different ones.
        InputError: the chain has other margin fractions in force than the book's file.
    """
    found: list[PriceRound] = []
    notes: list[str] = []
    failure: ChainError | None = None
    for place, node in enumerate(nodes, 1):
        try:
            with node() as rounds:
                latest = rounds.latest_id()
                told = _read(assets, rounds, found[0].id if found else round_id or latest, latest)
        except ChainError as error:
            failure = failure or error
            notes.append(f"node {place}: {error}")
            continue
        if found and told.digest() != found[0].digest():
            raise ChainError(f"node {place} tells another round {told.id} than a node before it: one of them is wrong")
        found.append(told)
        if round_id is None and latest > told.id:
            notes.append(f"node {place}: its newest round is {latest}")
    if not found:
        raise failure or ChainError("no node was named")
    return FetchedRound(found[0], len(found), notes)


def _read(assets: AssetList, rounds: RoundsClient, wanted: int, latest: int) -> PriceRound:
    if latest == 0:
        raise ChainError("no price round was posted yet")
    if wanted > latest:
        raise ChainError(f"there is no round {wanted} yet: the newest is round {latest}")
    onchain = rounds.round(wanted)
    made = price_round(assets, onchain)
    differing = list(_differing(made, onchain))
    if differing:
        raise InputError(
            f"round {wanted}: the chain has other margins for {', '.join(differing)} than the book {assets.name} and "
            "these prices make. Either its fractions were changed on chain, or assets were listed in slots of others "
            "(`book fetch` writes the file again), or the node tells false prices"
        )
    return made


def _differing(made: PriceRound, onchain: OnchainRound) -> Iterator[str]:
    for slot, asset in enumerate(made.book.assets):
        for ours, theirs in (
            (made.vectors.maintenance, onchain.vectors.maintenance),
            (made.vectors.initial, onchain.vectors.initial),
        ):
            if (ours.long[slot], ours.short[slot]) != (theirs.long[slot], theirs.short[slot]):
                yield asset.symbol
                break
