"""What the compiler knows of the contracts: their interfaces with NatSpec, and their types."""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from eth_utils.crypto import keccak

from prover.toolchain import find_node
from verifier import ToolError

ROOT: Final = Path(__file__).resolve().parent.parent.parent
FOLDERS: Final = ("contracts/src", "contracts/examples")
_LIBRARIES: Final = "contracts/src/libraries/"
_LIBRARY: Final = "@openzeppelin/contracts/"
_GENERATED: Final = "Groth16Verifier"
"""Abstract: a verifier is generated for each key, and is one of these."""
_KIND: Final = re.compile(r"^(struct|enum|contract) ")


@dataclass(frozen=True)
class Parameter:
    """A parameter, a value returned, or a field of an event or error.

    Attributes:
        name: empty where it has none.
        type: as Solidity writes it.
        text: what NatSpec says of it.
        is_indexed: a topic of an event.
    """

    name: str
    type: str
    text: str
    is_indexed: bool = False


@dataclass(frozen=True)
class Entry:
    """A function, event, error or constructor of an ABI, with its NatSpec.

    Attributes:
        kind: function, event, error, constructor, receive or fallback.
        name: its name.
        signature: name and types of the ABI, which the selector is the hash of.
        parameters: in their order.
        returns: what a function returns.
        mutability: view, pure, payable or nonpayable.
        notice: for users; for errors when it is thrown.
        details: for developers.
    """

    kind: str
    name: str
    signature: str
    parameters: tuple[Parameter, ...]
    returns: tuple[Parameter, ...]
    mutability: str
    notice: str
    details: str

    @property
    def selector(self) -> str:
        """The first four bytes of the hash of the signature; all of them for an event."""
        digest = keccak(text=self.signature).hex()
        return f"0x{digest if self.kind == 'event' else digest[:8]}"

    @property
    def declaration(self) -> str:
        """As Solidity would declare it."""
        name = self.name if self.kind in {"constructor", "receive", "fallback"} else f"{self.kind} {self.name}"
        words = [f"{name}({_declared(self.parameters)})"]
        if self.kind in {"function", "receive", "fallback"}:
            words.append("external")
            words += [self.mutability] if self.mutability != "nonpayable" else []
        if self.returns:
            words.append(f"returns ({_declared(self.returns)})")
        return " ".join(words)


def _declared(parameters: Sequence[Parameter]) -> str:
    words = ([item.type, *(["indexed"] if item.is_indexed else []), item.name] for item in parameters)
    return ", ".join(" ".join(filter(None, each)) for each in words)


@dataclass(frozen=True)
class Contract:
    """An interface, or a contract that can be deployed.

    Attributes:
        name: its name.
        path: of its file, from the root of the project.
        is_interface: nothing to deploy.
        title: what it is, in a few words.
        notice: what it is for.
        details: for developers.
        entries: its functions, events and errors, in the order of the ABI.
        bases: interfaces that it has, its own first.
    """

    name: str
    path: str
    is_interface: bool
    title: str
    notice: str
    details: str
    entries: tuple[Entry, ...]
    bases: tuple[str, ...]

    def of_kind(self, *kinds: str) -> list[Entry]:
        """Entries by name."""
        return sorted((entry for entry in self.entries if entry.kind in kinds), key=lambda entry: entry.name.lower())


@dataclass(frozen=True)
class TypeSource:
    """A struct, an enum or a type of the interfaces and examples, as it is written."""

    name: str
    path: str
    notice: str
    source: str


@dataclass(frozen=True)
class Compilation:
    """What the compiler answered about the contracts of the project."""

    output: Mapping[str, Any]
    texts: Mapping[str, str]

    @cached_property
    def contracts(self) -> list[Contract]:
        """Every interface, and every contract that can be deployed, by name."""
        found = (
            self._contract(path, node)
            for path, node in self.definitions("ContractDefinition")
            if node["contractKind"] == "interface"
            or (node["contractKind"] == "contract" and (not node["abstract"] or node["name"] == _GENERATED))
        )
        return sorted(found, key=lambda contract: contract.name)

    @cached_property
    def types(self) -> list[TypeSource]:
        """The structs and enums that calls take or return, by name: those beside contracts, and those in them."""
        kinds = ("StructDefinition", "EnumDefinition")
        beside = [each for kind in kinds for each in self.definitions(kind) if not each[0].startswith(_LIBRARIES)]
        deployed = {contract.name for contract in self.contracts}
        within = [
            (path, node)
            for path, contract in self.definitions("ContractDefinition")
            for node in contract["nodes"]
            if contract["name"] in deployed and node["nodeType"] in kinds
        ]
        found = [
            TypeSource(node["canonicalName"], path, _notice(node), self._source(path, node))
            for path, node in beside + within
        ]
        return sorted(found, key=lambda item: item.name)

    def definitions(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Definitions of a kind in the files of the project, with their paths."""
        for path, source in self.output["sources"].items():
            if path in self.texts:
                yield from ((path, node) for node in source["ast"]["nodes"] if node["nodeType"] == kind)

    def _source(self, path: str, node: Mapping[str, Any]) -> str:
        start, length, _ = map(int, node["src"].split(":"))
        return self.texts[path].encode()[start : start + length].decode()

    def _contract(self, path: str, node: Mapping[str, Any]) -> Contract:
        compiled = self.output["contracts"][path][node["name"]]
        user, developer = compiled["userdoc"], compiled["devdoc"]
        names = {item["id"]: item["name"] for _, item in self.definitions("ContractDefinition")}
        interfaces = [names[each] for each in node["linearizedBaseContracts"][1:] if each in names]
        return Contract(
            node["name"],
            path,
            node["contractKind"] == "interface",
            developer.get("title", node["name"]),
            user.get("notice", ""),
            developer.get("details", ""),
            tuple(_entry(item, user, developer) for item in compiled["abi"]),
            tuple(name for name in interfaces if name.startswith("I") and name[1:2].isupper()),
        )


def _notice(node: Mapping[str, Any]) -> str:
    text = (node.get("documentation") or {}).get("text", "")
    return re.sub(r"^\s*@notice\s*", "", text)


def _entry(item: Mapping[str, Any], user: Mapping[str, Any], developer: Mapping[str, Any]) -> Entry:
    kind, name = item["type"], item.get("name", "")
    inputs, outputs = item.get("inputs", ()), item.get("outputs", ())
    signature = f"{name}({','.join(map(_abi_type, inputs))})"
    if kind == "constructor":
        signature, name = "constructor", "constructor"
    elif kind in {"receive", "fallback"}:
        name, signature = kind, kind
    plural = {"event": "events", "error": "errors"}.get(kind, "methods")
    for_users = _doc(user, plural, signature)
    for_developers = _doc(developer, plural, signature)
    if kind == "function" and not for_developers:  # a public variable
        for_developers = _doc(developer, "stateVariables", name)
    texts = for_developers.get("params", {})
    returned = for_developers.get("returns", {})
    single = for_developers.get("return", "")
    return Entry(
        kind,
        name,
        signature,
        tuple(_parameter(each, texts.get(each["name"], "")) for each in inputs),
        tuple(
            _parameter(each, returned.get(each["name"] or f"_{place}", single if not place else ""))
            for place, each in enumerate(outputs)
        ),
        item.get("stateMutability", ""),
        for_users.get("notice", ""),
        for_developers.get("details", ""),
    )


def _doc(docs: Mapping[str, Any], plural: str, signature: str) -> Mapping[str, Any]:
    """The entry of a function, event or error; of several errors with one signature, the first."""
    found: Any = docs.get(plural, {}).get(signature, {})
    return dict(found[0]) if isinstance(found, list) else dict(found)


def _abi_type(item: Mapping[str, Any]) -> str:
    """As in a signature: a struct is a list of its parts."""
    kind: str = item["type"]
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(map(_abi_type, item['components']))}){kind.removeprefix('tuple')}"


def _parameter(item: Mapping[str, Any], text: str) -> Parameter:
    kind = _KIND.sub("", item.get("internalType") or item["type"])
    return Parameter(item["name"], kind, text, item.get("indexed", False))


def compile_docs() -> Compilation:
    """Ask the compiler for interfaces, NatSpec and syntax trees of all contracts. It generates no code, so it is quick.

    Raises:
        ToolError: node or solc is missing, or a contract does not compile.
    """
    texts = {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.sol"))
    }
    wanted = {"*": {"*": ["abi", "devdoc", "userdoc"], "": ["ast"]}}
    settings = {
        "evmVersion": "cancun",
        "remappings": [f"{_LIBRARY}=node_modules/{_LIBRARY}"],
        "outputSelection": wanted,
    }
    question = {
        "language": "Solidity",
        "sources": {path: {"content": text} for path, text in texts.items()},
        "settings": settings,
    }
    done = subprocess.run(
        [str(find_node()), "tools/solc", "--standard-json"],
        cwd=ROOT,
        input=json.dumps(question),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ToolError(f"solc failed:\n{done.stderr}")
    output = json.loads(done.stdout)
    errors = [error["formattedMessage"] for error in output.get("errors", []) if error["severity"] == "error"]
    if errors:
        raise ToolError("\n".join(errors))
    return Compilation(output, texts)
