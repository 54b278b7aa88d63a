"""A node that leaves logs of a margin book out: a proxy removes them from the responses of a real node."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from web3 import Web3

from tests.fault_proxy import FaultProxy, passes, rewrites

LOGS: Final = "eth_getLogs"
OPENED: Final = "AccountOpened(uint256,bytes32,uint256,uint256[2],uint256[2])"
CHANGED: Final = "StateChanged(uint256,uint256,uint64,uint256,uint256[])"
GUARDIAN_SET: Final = "GuardianSet(bytes32,uint256[2],bool)"

Log = Mapping[str, Any]
Predicate = Callable[[Log], bool]


def is_event(log: Log, signature: str, account: int | None = None) -> bool:
    """Whether a log is of an event, and of an account if one is given."""
    if log["topics"][0] != Web3.keccak(text=signature).to_0x_hex():
        return False
    return account is None or int(log["topics"][1], 16) == account


def leave_out(proxy: FaultProxy, *are_left_out: Predicate, times: int | None = None) -> None:
    """Leave logs out of responses: always, or a number of times."""
    fault = rewrites(lambda logs: [log for log in logs if not any(is_left_out(log) for is_left_out in are_left_out)])
    if times is None:
        proxy.always(LOGS, fault)
    else:
        proxy.then(LOGS, *times * [fault])


def recover(proxy: FaultProxy) -> None:
    """Answer as the node does."""
    proxy.always(LOGS, passes)
