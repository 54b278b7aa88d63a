"""Calls and events of a contract, encoded and decoded by its ABI.

web3.py looks through the whole ABI, and hashes the signature of each function of it, at every call and every event.
Here that is done once a contract. The encoding itself is eth_abi's.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from eth_abi.exceptions import DecodingError
from eth_utils.abi import (
    event_abi_to_log_topic,
    function_abi_to_4byte_selector,
    get_abi_input_types,
    get_abi_output_types,
)
from web3 import Web3
from web3.exceptions import BadFunctionCallOutput

_ADDRESS: Final = "address"
_DYNAMIC: Final = ("bytes", "string")


@dataclass(frozen=True)
class AbiFunction:
    """A function that is the only one of its name.

    Attributes:
        selector: 4 bytes.
        parameters: as the ABI names them.
        inputs: types.
        outputs: types.
        codec: of web3.
    """

    selector: bytes
    parameters: Sequence[Mapping[str, Any]]
    inputs: Sequence[str]
    outputs: Sequence[str]
    codec: Any

    def encode(self, arguments: Sequence[Any]) -> bytes:
        """The data of a call. Raises eth_abi's errors for arguments of other types."""
        return self.selector + bytes(self.codec.encode(self.inputs, arguments))

    def decode(self, data: bytes) -> Any:
        """What a call returned: a value, or a list of several; addresses with their checksum.

        Raises:
            BadFunctionCallOutput: it is something else, as where there is no contract.
        """
        values = _decoded(self.codec, self.outputs, data)
        return values[0] if len(values) == 1 else list(values)


@dataclass(frozen=True)
class AbiEvent:
    """An event.

    Attributes:
        name: of it.
        topic: by which its logs are known.
        arguments: as the ABI names them, with the type of each.
        codec: of web3.
    """

    name: str
    topic: bytes
    arguments: Sequence[tuple[Mapping[str, Any], str]]
    codec: Any

    def decode(self, log: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of a log by name, and those of a struct by theirs.

        Raises:
            BadFunctionCallOutput: it is no log of this event.
        """
        topics = iter(log["topics"][1:])
        plain = [kind for item, kind in self.arguments if not item["indexed"]]
        values = iter(_decoded(self.codec, plain, bytes(log["data"])))
        found: dict[str, Any] = {}
        for item, kind in self.arguments:
            if item["indexed"]:
                topic = bytes(next(topics, b""))
                found[item["name"]] = topic if is_hashed(kind) else _decoded(self.codec, [kind], topic)[0]
            else:
                found[item["name"]] = _by_name(item, next(values))
        return found


class ContractAbi:
    """The ABI of a contract.

    Args:
        abi: as the compiler writes it.
        codec: of web3.

    Attributes:
        functions: by name, without those that share a name.
        events: by topic.
        codec: of web3.
    """

    def __init__(self, abi: Iterable[Mapping[str, Any]], codec: Any) -> None:
        self.codec = codec
        items = list(abi)
        self.functions = dict(self._functions(items))
        self.events = {event.topic: event for event in self._events(items)}

    def _functions(self, items: Sequence[Any]) -> Iterator[tuple[str, AbiFunction]]:
        functions = [item for item in items if item["type"] == "function"]
        count = Counter(item["name"] for item in functions)
        for item in functions:
            if count[item["name"]] == 1:
                selector = bytes(function_abi_to_4byte_selector(item))
                yield (
                    item["name"],
                    AbiFunction(
                        selector, item["inputs"], get_abi_input_types(item), get_abi_output_types(item), self.codec
                    ),
                )

    def _events(self, items: Sequence[Any]) -> Iterator[AbiEvent]:
        for item in items:
            if item["type"] == "event":
                arguments = list(zip(item["inputs"], get_abi_input_types(item), strict=True))
                yield AbiEvent(item["name"], bytes(event_abi_to_log_topic(item)), arguments, self.codec)


def _decoded(codec: Any, kinds: Sequence[str], data: bytes) -> tuple[Any, ...]:
    try:
        values = codec.decode(kinds, data)
    except (DecodingError, OverflowError, UnicodeDecodeError) as error:
        raise BadFunctionCallOutput(f"{len(data)} bytes that are not {', '.join(kinds)}") from error
    return tuple(_normal(kind)(value) for kind, value in zip(kinds, values, strict=True))


def _by_name(item: Mapping[str, Any], value: Any) -> Any:
    if item["type"] != "tuple":
        return value
    return {part["name"]: _by_name(part, one) for part, one in zip(item["components"], value, strict=True)}


def is_hashed(kind: str) -> bool:
    """Whether a log holds an indexed argument of this type as a hash."""
    return kind in _DYNAMIC or kind.endswith((")", "]"))


def _normal(kind: str) -> Callable[[Any], Any]:
    """Makes lists of arrays, and gives addresses their checksum, wherever they are in a value."""
    if kind == _ADDRESS:
        return Web3.to_checksum_address
    if kind.endswith("]"):
        inner = _normal(kind[: kind.rindex("[")])
        return lambda values: [inner(value) for value in values]
    if kind.startswith("("):
        inside = [_normal(one) for one in _parts(kind[1:-1])]
        return lambda values: tuple(normal(value) for normal, value in zip(inside, values, strict=True))
    return lambda value: value


def _parts(kinds: str) -> list[str]:
    """The types of a tuple's elements, which may be tuples."""
    parts, depth = [""], 0
    for character in kinds:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return parts
