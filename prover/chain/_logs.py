"""Events of a contract: filters and decoding."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_utils.abi import event_abi_to_log_topic
from hexbytes import HexBytes


@dataclass(frozen=True, slots=True)
class Event:
    """An event of a contract.

    Attributes:
        name: of the event.
        arguments: by name, indexed ones too.
        block: number of its block.
        block_hash: of its block: another one at the same number later means that the chain was reorganised.
        index: of the log in its block.
        transaction: hash of its transaction.
    """

    name: str
    arguments: Mapping[str, Any]
    block: int
    block_hash: bytes
    index: int
    transaction: bytes


class EventDecoder:
    """Decodes the logs of one contract.

    Args:
        raw: web3's own contract object.
    """

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._abis = {str(item["name"]): item for item in raw.abi if item["type"] == "event"}
        self._names = {event_abi_to_log_topic(item): name for name, item in self._abis.items()}

    def topics(self, event: str | None, filters: Mapping[str, Any]) -> list[Any]:
        """Filter of one event and of values of its indexed arguments.

        Args:
            event: name; None for every event.
            filters: value, or list of allowed values, by argument.

        Raises:
            ValueError: there is no such event or no such indexed argument of fixed size.
        """
        if event is None:
            if filters:
                raise ValueError("arguments can be filtered of one event only: name it")
            return []
        if event not in self._abis:
            raise ValueError(f"there is no event {event}")
        abi = self._abis[event]
        indexed = {str(item["name"]): str(item["type"]) for item in abi["inputs"] if item["indexed"]}
        unknown = sorted(set(filters) - set(indexed))
        if unknown:
            raise ValueError(f"{event} has no indexed argument {', '.join(unknown)}")
        values = [self._choices(kind, filters[name]) if name in filters else None for name, kind in indexed.items()]
        while values and values[-1] is None:
            values.pop()
        return [HexBytes(event_abi_to_log_topic(abi)), *values]

    def _choices(self, kind: str, value: Any) -> list[HexBytes]:
        if kind in {"string", "bytes"} or kind.endswith("]") or kind.startswith(("tuple", "(")):
            raise ValueError(f"the log holds an indexed {kind} as a hash: it cannot be filtered by value")
        choices = value if isinstance(value, list | tuple | set | frozenset) else [value]
        return [HexBytes(self._raw.w3.codec.encode([kind], [choice])) for choice in choices]

    def decode(self, logs: Sequence[Mapping[str, Any]]) -> list[Event]:
        """Events among logs; a log that is not in the ABI is skipped."""
        return [
            self._event(self._names[bytes(log["topics"][0])], log)
            for log in logs
            if log["topics"] and bytes(log["topics"][0]) in self._names
        ]

    def _event(self, name: str, log: Mapping[str, Any]) -> Event:
        return Event(
            name=name,
            arguments=dict(self._raw.events[name]().process_log(log)["args"]),
            block=int(log["blockNumber"]),
            block_hash=bytes(log["blockHash"]),
            index=int(log["logIndex"]),
            transaction=bytes(log["transactionHash"]),
        )
