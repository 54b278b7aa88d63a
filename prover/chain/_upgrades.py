"""Hard forks: the contracts use instructions of the Cancun upgrade."""

from typing import Final

from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import Web3Exception

from prover.chain._node_errors import NodeError

_EMPTY: Final = HexBytes("0x60006000f3")
"""PUSH1 0, PUSH1 0, RETURN: runs on every chain."""

_CANCUN: Final = HexBytes("0x5f5f5f5e5f5c5f5ff3")
"""PUSH0 (Shanghai), MCOPY and TLOAD (Cancun), then the same."""


def require_cancun(web3: Web3) -> None:
    """Refuse a chain without the instructions that the contracts are compiled to.

    A node that runs no code without a receiver is not refused: it cannot be tested.

    Raises:
        NodeError: it does not.
    """
    if _runs(web3, _EMPTY) and not _runs(web3, _CANCUN):
        raise NodeError(
            "serves a chain without the Cancun upgrade (EIP-1153 and EIP-5656), which the contracts need: "
            "use a chain that has it",
            is_transient=False,
        )


def _runs(web3: Web3, code: HexBytes) -> bool:
    try:
        web3.eth.call({"data": code})
    except Web3Exception:
        return False
    return True
