"""The public value under which `expire` seals an account."""

from collections.abc import Sequence

from eth_abi.abi import encode
from web3 import Web3

from verifier import SCALAR_MODULUS


def expire_rho(commitment: int, from_epoch: int, to_epoch: int, slots: int, prices: Sequence[int]) -> int:
    """What `AccountLife` demands as rho of an `expire` (spec ZS-80).

    Computed here and never asked of a node: two states that are sealed under one rho show their difference. The prices
    are part of it, so that a node which tells false ones learns nothing from a proof at them.

    Args:
        commitment: to the state on chain.
        from_epoch: the epoch of the account.
        to_epoch: the one that it goes to.
        slots: bitmap of the slots that settle on the way.
        prices: e of each slot [1e-9 USD]; 0 of others.

    Returns:
        Keccak-256 over the commitment and the digest of the rest, modulo r.
    """
    step = encode(["uint32", "uint32", "uint64", "int256[]"], [from_epoch, to_epoch, slots, list(prices)])
    words = encode(["uint256", "bytes32"], [commitment, Web3.keccak(step)])
    return int.from_bytes(Web3.keccak(words), "big") % SCALAR_MODULUS
