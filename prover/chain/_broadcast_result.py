"""Errors of nodes about a transaction that is broadcast, by what they mean."""

from enum import Enum, auto
from typing import Any, Final

from web3.exceptions import Web3RPCError

from prover.chain._error_translator import rpc_message


class BroadcastResult(Enum):
    """How a node responds to the broadcast of a transaction."""

    ACCEPTED = auto()
    NONCE_USED = auto()
    NONCE_AHEAD = auto()
    NONCE_OCCUPIED = auto()
    INSUFFICIENT_FUNDS = auto()
    UNDERPRICED = auto()
    INVALID = auto()
    REFUSED = auto()


# Messages of geth, reth, erigon, nethermind, besu and anvil. The first match counts: where a replacement is
# underpriced, its nonce is occupied.
_WORDS: Final = (
    (BroadcastResult.ACCEPTED, ("already known", "alreadyknown", "already imported", "already exists")),
    (BroadcastResult.NONCE_USED, ("nonce too low", "nonce is too low", "oldnonce", "invalid nonce")),
    (BroadcastResult.NONCE_AHEAD, ("nonce too high", "nonce is too high", "noncegap")),
    (
        BroadcastResult.NONCE_OCCUPIED,
        ("replacement transaction underpriced", "replacementnotallowed", "could not replace", "too low to replace"),
    ),
    (
        BroadcastResult.INSUFFICIENT_FUNDS,
        ("insufficient funds", "insufficientfunds", "insufficient balance", "upfront cost exceeds"),
    ),
    (
        BroadcastResult.UNDERPRICED,
        ("underpriced", "base fee", "basefee", "fee too low", "feetoolow", "tip too low", "is full"),
    ),
    (
        BroadcastResult.INVALID,
        (
            "block gas limit",
            "exceedsgaslimit",
            "gaslimitexceeded",
            "gas limit too high",
            "intrinsic gas",
            "gas required exceeds allowance",
            "type not supported",
            "not supported by this chain",
            "unsupported transaction type",
            "unknown transaction type",
            "invalid transaction",
            "invalid sender",
            "invalid signature",
            "chainid",
            "chain id",
            "replay-protected",
            "replay protected",
            "eip-155",
            "initcode size",
            "oversized data",
            "priority fee per gas higher",
            "rlp:",
            "not an eoa",
            "method not found",
            "does not exist/is not available",
        ),
    ),
)

_INVALID_CODES: Final = frozenset({-32600, -32601, -32602, -32003})
"""Of JSON-RPC and EIP-1474: the request or the transaction itself is refused."""


def broadcast_result(error: Web3RPCError) -> BroadcastResult:
    """What an error of a node means for a transaction.

    INVALID: the node has not accepted it, and no other fee or nonce would help. REFUSED: an unknown error; the node may
    have passed the transaction on.
    """
    message = rpc_message(error).lower()
    unnamed = BroadcastResult.INVALID if _code(error) in _INVALID_CODES else BroadcastResult.REFUSED
    return next((answer for answer, words in _WORDS if any(word in message for word in words)), unnamed)


def _code(error: Web3RPCError) -> object:
    response: Any = error.rpc_response or {}
    return (response.get("error") or {}).get("code")
