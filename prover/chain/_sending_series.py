"""The transactions of one nonce: the first, and those that replace it for higher fees. At most one of them is mined."""

from collections.abc import Sequence
from enum import Enum, auto
from typing import Any, Final, Protocol

from eth_account.signers.local import LocalAccount
from hexbytes import HexBytes
from tenacity import Retrying
from web3 import Web3
from web3.exceptions import TransactionNotFound, Web3RPCError

from prover.chain._faults import rpc_message
from prover.chain._patience import NodeError
from prover.chain._sending_fees import Fees


class Answer(Enum):
    """What a node says of a transaction that is broadcast."""

    ACCEPTED = auto()
    NONCE_USED = auto()
    NONCE_AHEAD = auto()
    NONCE_OCCUPIED = auto()
    FUNDS_MISSING = auto()
    UNDERPRICED = auto()
    INVALID = auto()
    REFUSED = auto()


# As geth, reth, erigon, nethermind, besu and anvil put it. The first that fits counts: where a replacement is
# underpriced, its nonce is occupied.
_WORDS: Final = (
    (Answer.ACCEPTED, ("already known", "alreadyknown", "already imported", "already exists")),
    (Answer.NONCE_USED, ("nonce too low", "nonce is too low", "oldnonce", "invalid nonce")),
    (Answer.NONCE_AHEAD, ("nonce too high", "nonce is too high", "noncegap")),
    (
        Answer.NONCE_OCCUPIED,
        ("replacement transaction underpriced", "replacementnotallowed", "could not replace", "too low to replace"),
    ),
    (Answer.FUNDS_MISSING, ("insufficient funds", "insufficientfunds", "insufficient balance", "upfront cost exceeds")),
    (Answer.UNDERPRICED, ("underpriced", "base fee", "basefee", "fee too low", "feetoolow", "tip too low", "is full")),
    (
        Answer.INVALID,
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


def classify(error: Web3RPCError) -> Answer:
    """What an error of a node means for a transaction.

    INVALID means that the node has not taken it, and that no other fee or nonce helps. REFUSED means an error that only
    people understand: the node may have passed the transaction on.
    """
    message = rpc_message(error).lower()
    unnamed = Answer.INVALID if _code(error) in _INVALID_CODES else Answer.REFUSED
    return next((answer for answer, words in _WORDS if any(word in message for word in words)), unnamed)


def _code(error: Web3RPCError) -> object:
    response: Any = error.rpc_response or {}
    return (response.get("error") or {}).get("code")


class Sent(Protocol):
    """What is being brought onto the chain."""

    @property
    def hashes(self) -> Sequence[HexBytes]:
        """Of transactions of which one at most is mined."""

    @property
    def nonce(self) -> int | None:
        """Of all of them; None when it is the node's affair."""

    @property
    def may_be_sent(self) -> bool:
        """Whether a node has taken one of them, or may have: its answer may have been lost."""

    @property
    def refusal(self) -> str:
        """What the node said last, if not that it took one."""

    def broadcast(self, retries: Retrying) -> Answer:
        """Broadcast; again, once it was done."""

    def replace(self) -> None:
        """Take higher fees from now on."""


class Entrusted:
    """A transaction that the node signed with a key of its own: it can be neither replaced nor sent again."""

    nonce = None
    may_be_sent = True
    refusal = ""

    def __init__(self, digest: HexBytes) -> None:
        self.hashes: Sequence[HexBytes] = (digest,)

    def broadcast(self, retries: Retrying) -> Answer:
        """Done by the node."""
        return Answer.ACCEPTED

    def replace(self) -> None:
        """Impossible: the node set the fees."""


class Series:
    """The transactions of one nonce, signed here.

    Args:
        web3: of the node.
        signer: signs them.
        request: the call, with its gas limit, without nonce and fees.
        nonce: of all of them.
    """

    def __init__(self, web3: Web3, signer: LocalAccount, request: dict[str, Any], nonce: int) -> None:
        self.nonce = nonce
        self.may_be_sent = False
        self.refusal = ""
        self._web3 = web3
        self._signer = signer
        self._request = {**request, "nonce": nonce}
        self._signed: dict[HexBytes, bytes] = {}
        self._fees = Fees.suggested(web3)
        self._sign()

    @property
    def hashes(self) -> Sequence[HexBytes]:
        """Of every transaction, oldest first."""
        return tuple(self._signed)

    def _sign(self) -> None:
        signed = self._signer.sign_transaction({**self._request, **self._fees.fields()})
        self._signed[HexBytes(signed.hash)] = bytes(signed.raw_transaction)

    def replace(self) -> None:
        """Sign the same call under the same nonce, for higher fees."""
        self._fees = self._fees.raised(Fees.suggested(self._web3))
        self._sign()

    def broadcast(self, retries: Retrying) -> Answer:
        """Broadcast the newest, or the newest that the node takes. The same bytes twice are one transaction.

        Returns:
            What the node said of the newest, when it took none.

        Raises:
            NodeError: no attempt was answered; some may have arrived.
        """
        refusals = []
        for digest, raw in reversed(self._signed.items()):
            answer = retries(self._broadcast, digest, raw)
            if answer is Answer.ACCEPTED:
                self.may_be_sent = True
                return answer
            refusals.append((answer, self.refusal))
        answer, self.refusal = refusals[0]
        return answer

    def _broadcast(self, digest: HexBytes, raw: bytes) -> Answer:
        try:
            self._web3.eth.send_raw_transaction(raw)
        except NodeError as error:
            self.may_be_sent |= not error.is_unheard
            raise
        except Web3RPCError as error:
            self.refusal = rpc_message(error)
            answer = classify(error)
            is_doubtful = answer in {Answer.INVALID, Answer.REFUSED}
            return Answer.ACCEPTED if is_doubtful and self._is_known(digest) else answer
        return Answer.ACCEPTED

    def _is_known(self, digest: HexBytes) -> bool:
        try:
            self._web3.eth.get_transaction(digest)
        except TransactionNotFound:
            return False
        return True
