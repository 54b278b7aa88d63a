"""Rounds from several nodes: a node that lies about prices is found out, and one that fails is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest

from prover import PriceRound
from prover.chain import OnchainRound
from prover.onchain import FetchedRound, fetch_round
from verifier import ChainError, InputError


@dataclass(frozen=True)
class Told:
    """What a node tells of a price source."""

    rounds: tuple[OnchainRound, ...]

    def latest_id(self) -> int:
        return len(self.rounds)

    def round(self, round_id: int) -> OnchainRound:
        return self.rounds[round_id - 1]


def onchain(round_: PriceRound) -> OnchainRound:
    return OnchainRound(round_.id, round_.timestamp, round_.prices, round_.vectors, round_.stale, round_.stale, 0)


@contextmanager
def opened(node: Told | ChainError) -> Iterator[Any]:
    if isinstance(node, ChainError):
        raise node
    yield node


def fetch(round_: PriceRound, *nodes: Told | ChainError, round_id: int | None = None) -> FetchedRound:
    return fetch_round(round_.book, [partial(opened, node) for node in nodes], round_id)


def test_the_newest_round_and_an_older_one_are_read(round_1: PriceRound, round_2: PriceRound) -> None:
    node = Told((onchain(round_1), onchain(round_2)))
    assert fetch(round_1, node, node) == FetchedRound(round_2, 2, [])
    assert fetch(round_1, node, round_id=1).round == round_1


def test_a_price_that_does_not_make_the_margins_is_refused(round_1: PriceRound) -> None:
    """A node that changes a price alone: its vectors are what proofs verify with."""
    slot = round_1.book.slots["ETH-PERP"]
    prices = tuple(price + 10**9 * (i == slot) for i, price in enumerate(round_1.prices))
    with pytest.raises(InputError, match="other margins for ETH-PERP"):
        fetch(round_1, Told((onchain(round_1)._replace(prices=prices),)))


def test_nodes_that_tell_different_rounds_are_both_doubted(round_1: PriceRound) -> None:
    """A node that invents a whole round, margins and all."""
    funding = tuple(paid + 10**9 * (i == round_1.book.slots["ETH-PERP"]) for i, paid in enumerate(round_1.funding))
    false = Told((onchain(replace(round_1, funding=funding)),))
    assert fetch(round_1, false).agreed == 1
    with pytest.raises(ChainError, match="node 2 tells another round 1"):
        fetch(round_1, Told((onchain(round_1),)), false)


def test_a_node_that_fails_or_is_behind_is_told(round_1: PriceRound, round_2: PriceRound) -> None:
    behind, ahead = Told((onchain(round_1),)), Told((onchain(round_1), onchain(round_2)))
    found = fetch(round_1, ChainError("not reached"), ahead, behind)
    assert (found.round, found.agreed) == (round_2, 1)
    assert found.notes == ["node 1: not reached", "node 3: there is no round 2 yet: the newest is round 1"]
    assert fetch(round_1, behind, ahead).notes == ["node 2: its newest round is 2"]
    assert fetch(round_1, behind, ahead, round_id=1).notes == []


def test_no_round_is_an_error_of_the_first_node(round_1: PriceRound) -> None:
    with pytest.raises(ChainError, match="no price round was posted yet"):
        fetch(round_1, Told(()))
    with pytest.raises(ChainError, match="not reached"):
        fetch(round_1, ChainError("not reached"), Told(()))
    with pytest.raises(ChainError, match="no round 3 yet: the newest is round 1"):
        fetch(round_1, Told((onchain(round_1),)), round_id=3)
