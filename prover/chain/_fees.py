"""What a transaction pays for gas (EIP-1559), and what it pays when it replaces another."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import ContractLogicError, Web3RPCError

from prover.chain._node_errors import NodeError

SELECTOR: Final = 4
"""Bytes that name a function."""

GAS_LIMIT: Final = 1 << 24
"""The most that one transaction may ask for, on chains with EIP-7825."""


@dataclass(frozen=True, slots=True)
class Fees:
    """Fees of a transaction.

    Attributes:
        cap: the most that a unit of gas may cost [wei].
        tip: of which for the builder of the block [wei].
    """

    cap: int
    tip: int

    @classmethod
    def suggested(cls, web3: Web3) -> Self:
        """Enough for the next block even if its base fee doubles.

        Raises:
            NodeError: the chain has no such fees.
        """
        if web3.eth.get_block("latest").get("baseFeePerGas") is None:
            raise NodeError(
                "serves a chain without EIP-1559 (its blocks have no base fee), and every transaction of zksolvency "
                "pays by it: use a chain with the London upgrade",
                is_transient=False,
            )
        base = max(web3.eth.fee_history(1, "latest")["baseFeePerGas"])
        tip = int(web3.eth.max_priority_fee)
        return cls(2 * base + tip, tip)

    def raised(self, suggested: "Fees") -> "Fees":
        """Enough to replace these fees, and to be mined now: nodes require up to an eighth more of both."""
        return Fees(max(_eighth_more_up(self.cap), suggested.cap), max(_eighth_more_up(self.tip), suggested.tip))

    @property
    def due_now(self) -> int:
        """What a unit of gas costs in the next block, if these are suggested fees: their cap has twice the base fee."""
        return (self.cap + self.tip + 1) // 2

    def limited(self, limit: int | None) -> "Fees":
        """These fees, or what a limit for a unit of gas leaves of them [wei]."""
        return self if limit is None else Fees(min(self.cap, limit), min(self.tip, limit))

    def can_replace(self, before: "Fees") -> bool:
        """Whether nodes take a transaction with these fees in place of one with those."""
        return self.cap >= _eighth_more_up(before.cap) and self.tip >= _eighth_more_up(before.tip)

    def is_twice(self, suggested: "Fees") -> bool:
        """Whether both are twice what is usual: then fees are not why a transaction waits."""
        return self.cap >= 2 * suggested.cap and self.tip >= 2 * suggested.tip

    def fields(self) -> dict[str, int]:
        """The fields of a transaction."""
        return {"maxFeePerGas": self.cap, "maxPriorityFeePerGas": self.tip}


def gas_limit(needed: int) -> int:
    """The estimated gas of a call and a fifth more: the state may change before it is mined."""
    return max(needed, min(needed * 6 // 5, GAS_LIMIT))


def estimated_gas(web3: Web3, request: Any) -> int:
    """What a node says that a call needs. It runs the call several times.

    A call that reverts is estimated again in the pending block. The newest block may be old, on a local chain by days,
    and contracts compare the age of prices with its time.

    Raises:
        ContractLogicError: the contract refuses the call.
    """
    try:
        return int(web3.eth.estimate_gas(request))
    except ContractLogicError:
        return int(web3.eth.estimate_gas(request, "pending"))


class GasEstimates:
    """Estimates of calls, of which one run is enough where it needs no more than an earlier call of its function.

    Args:
        web3: of the node.
    """

    def __init__(self, web3: Web3) -> None:
        self._web3 = web3
        self._most: dict[tuple[Any, bytes], int] = {}

    def of(self, request: Mapping[str, Any]) -> int:
        """The gas of a call, or more.

        Raises:
            ContractLogicError: the contract refuses the call.
        """
        if "to" not in request:  # it deploys a contract
            return estimated_gas(self._web3, request)
        function = request["to"], bytes(HexBytes(request["data"]))[:SELECTOR]
        most = self._most.get(function)
        if most is None or not self._suffices(request, most + most // 20):
            most = max(estimated_gas(self._web3, request), most or 0)
            self._most[function] = most
        return most

    def _suffices(self, request: Mapping[str, Any], gas: int) -> bool:
        """Whether a call with so much gas succeeds now. Why it does not, an estimate tells."""
        limited: Any = {**request, "gas": gas}
        try:
            self._web3.eth.call(limited)
        except (ContractLogicError, Web3RPCError):
            return False
        return True


def _eighth_more_up(fee: int) -> int:
    return fee + max(-(-fee // 8), 1)
