"""The public value under which `release` seals an account."""

from eth_abi.abi import encode
from web3 import Web3

from verifier import SCALAR_MODULUS


def release_rho(commitment: int, ticket: int) -> int:
    """What the liquidation engine computes as rho of a `release` (spec ZS-76).

    A reader of the account who could choose it could bring an old commitment back (ZS-80).

    Args:
        commitment: to the state on chain.
        ticket: public name of what the taker buys.

    Returns:
        Keccak-256 over both words, modulo r.
    """
    digest = Web3.keccak(encode(["uint256", "uint256"], [commitment, ticket]))
    return int.from_bytes(digest, "big") % SCALAR_MODULUS
