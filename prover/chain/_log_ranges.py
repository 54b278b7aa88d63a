"""Logs of a range of blocks, read in pieces that the provider allows, all of one fork of the chain."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from web3 import Web3
from web3.exceptions import BlockNotFound, MethodUnavailable, Web3RPCError

from prover.chain._node_errors import NodeError, ResponseTooLongError

FIRST_WINDOW: Final = 512
"""Blocks of the first window of a search backwards; each further window is four times as long."""

SHORT_WINDOW: Final = 8
"""As `FIRST_WINDOW`, for recent events, and for events that a node left out of a longer range."""

GROW_AFTER: Final = 4
MAX_REQUESTS: Final = 5_000
MAX_READINGS: Final = 3

_Log = Mapping[str, Any]


def read_logs(web3: Web3, address: str, topics: Sequence[Any], first_block: int, last_block: int | None) -> list[_Log]:
    """Logs of one contract, oldest first.

    Args:
        web3: of the node.
        address: checksummed.
        topics: filter as eth_getLogs takes it; empty for every log.
        first_block: of the range.
        last_block: of the range, included; None for the newest as it is now.

    Raises:
        NodeError: the range takes too many requests, the chain was reorganised during each reading, or the node returns
            logs outside the filter.
        Web3RPCError: the node refuses even a single block.
    """

    def fetch(first: int, last: int) -> list[_Log]:
        query: Any = {"address": address, "fromBlock": first, "toBlock": last, "topics": list(topics)}
        found: list[_Log] = list(web3.eth.get_logs(query))
        for log in found:
            if log["address"] != address or not first <= log["blockNumber"] <= last or not _fits(log, topics):
                raise NodeError("answers with logs that were not asked for; ask another node", is_transient=False)
        return found

    for _ in range(MAX_READINGS):
        newest = int(web3.eth.block_number)
        last = newest if last_block is None else min(newest, last_block)
        before = _block_hash(web3, last)
        logs = _in_pieces(fetch, first_block, last)
        if before is not None and before == _block_hash(web3, last):  # the same block has the same past
            return sorted(logs, key=lambda log: (log["blockNumber"], log["logIndex"]))
    raise NodeError("reorganised its chain each time that its logs were read; try again later", is_transient=False)


def _fits(log: _Log, topics: Sequence[Any]) -> bool:
    """Whether a log matches a filter: for each topic None, one value, or a list of allowed values."""
    found = [bytes(topic) for topic in log["topics"]]
    return len(found) >= len(topics) and all(
        wanted is None or topic in (wanted if isinstance(wanted, list) else [wanted])
        for wanted, topic in zip(topics, found, strict=False)
    )


def windows(first_block: int, last_block: int, first_window: int | None = None) -> Iterator[tuple[int, int]]:
    """Ranges of blocks that cover a range backwards: recent events are wanted most.

    Args:
        first_block: of the range.
        last_block: of the range, included.
        first_window: blocks of the first window; None for `FIRST_WINDOW`.
    """
    size = FIRST_WINDOW if first_window is None else first_window
    while last_block >= first_block:
        first = max(first_block, last_block - size + 1)
        yield first, last_block
        last_block, size = first - 1, 4 * size


def _block_hash(web3: Web3, number: int) -> bytes | None:
    try:
        return bytes(web3.eth.get_block(number)["hash"])
    except BlockNotFound:
        return None


def _in_pieces(fetch: Callable[[int, int], list[_Log]], first: int, last: int) -> list[_Log]:
    """Read a range: all at once, in halves where the provider refuses, in longer pieces again where it does not.

    Each provider words its limits differently. So any error for more than one block counts as a limit, and so does a
    response that is too long.
    """
    found: list[_Log] = []
    size = last - first + 1
    answers = 0
    for _ in range(MAX_REQUESTS):
        if first > last:
            return found
        end = min(first + size - 1, last)
        try:
            found += fetch(first, end)
        except MethodUnavailable:
            raise
        except (Web3RPCError, ResponseTooLongError):
            if end == first:
                raise
            size = (end - first + 1) // 2
            answers = 0
        else:
            first = end + 1
            answers += 1
            if answers % GROW_AFTER == 0:
                size *= 2
    raise NodeError(
        f"allows pieces so short that the logs of blocks {first} to {last} take more than {MAX_REQUESTS} requests: "
        "begin at the block of the contract's deployment, or use a node that allows longer ones",
        is_transient=False,
    )
