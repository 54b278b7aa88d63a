"""A crowd of hidden accounts in the margin book of a local node: for benchmarks and soaks of those who watch them.

A real opening takes a proof of the empty account, and real trades after it. Here the code of the book's verifier of
openings accepts anything for a while, and each account is opened in the state that it is to have. Then the verifier is
put back: what is proven of these accounts afterwards, a flag for instance, is verified as always.
"""

import secrets
from collections.abc import Iterator, Sequence
from itertools import accumulate, repeat
from typing import Any, Final

import requests

from prover.account import BASE, GuardianKey, OwnerRecord, Point, SealedState, State, ViewingKeys
from prover.chain import BookContracts, opening_arguments
from prover.onchain import MarginBook
from prover.toolchain import Anvil
from verifier import SCALAR_MODULUS, G1Point, G2Point, Opening, Proof, ToolError

ACCEPTS_ANYTHING: Final = "0x00"
"""Code that stops: a verifier that does not revert accepts."""

BLOCK: Final = 500
"""Openings in one block."""

_GAS: Final = 500_000
_BLOCK_GAS: Final = 1 << 30
_NO_PROOF: Final = Proof(G1Point(0, 0), G2Point((0, 0), (0, 0)), G1Point(0, 0))


def open_crowd(
    node: Anvil, book: MarginBook, guardian: GuardianKey, states: Sequence[State]
) -> Iterator[tuple[ViewingKeys, SealedState]]:
    """Open an account in each of some states, some hundred in a block, and yield them as they are opened.

    These accounts have no owner: their tags are random, so no step of them can ever be proven.

    Args:
        node: that the book is on. It mines by itself again at the end.
        book: whose sender pays the bonds.
        guardian: accepted in the book, and told all.
        states: of the accounts.

    Raises:
        ToolError: the node refuses an opening.
    """
    contracts = book.contracts
    verifier = str(contracts.book.contract.read("openVerifier"))
    code = node.request("eth_getCode", verifier, "latest")
    node.request("anvil_setCode", verifier, ACCEPTS_ANYTHING)
    node.request("evm_setBlockGasLimit", hex(_BLOCK_GAS))
    node.request("evm_setAutomine", False)
    try:
        for start in range(0, len(states), BLOCK):
            opened = list(_sealed(guardian, book, states[start : start + BLOCK]))
            _open(node, contracts, guardian.point, opened)
            yield from ((viewing, sealed) for _, viewing, sealed in opened)
    finally:
        node.request("evm_setAutomine", True)
        node.request("anvil_setCode", verifier, code)


def _sealed(
    guardian: GuardianKey, book: MarginBook, states: Sequence[State]
) -> Iterator[tuple[OwnerRecord, ViewingKeys, SealedState]]:
    """Owners without secrets, whose points follow one another on the curve: one addition each."""
    first = (1 + secrets.randbelow(1 << 250)) * BASE
    points = accumulate(repeat(BASE, len(states) - 1), Point.__add__, initial=first)
    owners = [OwnerRecord(point, secrets.randbelow(SCALAR_MODULUS)) for point in points]
    for owner, viewing, state in zip(owners, guardian.viewing_of_all(owners, book.domain), states, strict=True):
        assert isinstance(viewing, ViewingKeys)
        yield owner, viewing, viewing.seal(state)


def _open(
    node: Anvil,
    contracts: BookContracts,
    guardian: Point,
    accounts: Sequence[tuple[OwnerRecord, ViewingKeys, SealedState]],
) -> None:
    contract, sender = contracts.book.contract, contracts.chain.sender
    nonce = int(node.request("eth_getTransactionCount", sender, "latest"), 16)
    bond, before = hex(contracts.book.vault.opening_bond()), contracts.book.account_count()
    calls: list[dict[str, Any]] = []
    for place, (owner, viewing, sealed) in enumerate(accounts):
        claim = Opening(
            sealed.commitment,
            viewing.identity,
            owner.tag,
            (owner.point.x, owner.point.y),
            (guardian.x, guardian.y),
            sealed.rho,
            sealed.ciphertext,
            _NO_PROOF,
        )
        data = contract.raw.encode_abi("open", [opening_arguments(claim.commitment, claim, claim.proof)])
        call = {"from": sender, "to": contract.address, "data": data, "value": bond}
        call |= {"gas": hex(_GAS), "nonce": hex(nonce + place)}
        calls.append({"jsonrpc": "2.0", "id": place, "method": "eth_sendTransaction", "params": [call]})
    refused = [
        answer["error"] for answer in requests.post(node.url, json=calls, timeout=60).json() if "error" in answer
    ]
    if refused:
        raise ToolError(f"the node refuses {len(refused)} of {len(calls)} openings: {refused[0].get('message')}")
    node.request("evm_mine")
    opened = contracts.book.account_count() - before
    if opened != len(accounts):
        raise ToolError(f"the node has opened {opened} of {len(accounts)} accounts")
