"""Events of a contract: filters and decoding."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hexbytes import HexBytes

from prover.chain._abi import AbiEvent, ContractAbi, is_hashed


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
        abi: of the contract.
    """

    def __init__(self, abi: ContractAbi) -> None:
        self._abi = abi
        self._named = {event.name: event for event in abi.events.values()}

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
        if event not in self._named:
            raise ValueError(f"there is no event {event}")
        abi = self._named[event]
        indexed = {item["name"]: kind for item, kind in abi.arguments if item["indexed"]}
        unknown = sorted(set(filters) - set(indexed))
        if unknown:
            raise ValueError(f"{event} has no indexed argument {', '.join(unknown)}")
        values = [self._choices(kind, filters[name]) if name in filters else None for name, kind in indexed.items()]
        while values and values[-1] is None:
            values.pop()
        return [HexBytes(abi.topic), *values]

    def _choices(self, kind: str, value: Any) -> list[HexBytes]:
        if is_hashed(kind):
            raise ValueError(f"the log holds an indexed {kind} as a hash: it cannot be filtered by value")
        choices = value if isinstance(value, list | tuple | set | frozenset) else [value]
        return [HexBytes(self._abi.codec.encode([kind], [choice])) for choice in choices]

    def decode(self, logs: Sequence[Mapping[str, Any]]) -> list[Event]:
        """Events among logs; a log that is not in the ABI is skipped."""
        known = self._abi.events
        topics = [bytes(log["topics"][0]) if log["topics"] else b"" for log in logs]
        return [_event(known[topic], log) for topic, log in zip(topics, logs, strict=True) if topic in known]


def _event(abi: AbiEvent, log: Mapping[str, Any]) -> Event:
    return Event(
        name=abi.name,
        arguments=abi.decode(log),
        block=int(log["blockNumber"]),
        block_hash=bytes(log["blockHash"]),
        index=int(log["logIndex"]),
        transaction=bytes(log["transactionHash"]),
    )
