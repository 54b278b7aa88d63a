"""Which of its own errors a call to a contract can revert with, found by following calls through the syntax trees.

What another contract reverts with comes through a call as it is, and is not followed. No more than a guide: a branch
that no caller can reach counts like any other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from tools.site._solidity import Compilation

_CODE: Final = frozenset({"FunctionDefinition", "ModifierDefinition"})
_EXTERNAL: Final = "t_function_external"

Node = Mapping[str, Any]


@dataclass
class Reverts:
    """The calls and errors of all functions.

    Attributes:
        compilation: what the compiler answered, with syntax trees.
    """

    compilation: Compilation
    _nodes: dict[int, Node] = field(default_factory=dict)
    _known: dict[int, list[tuple[Node, Node]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for source in self.compilation.output["sources"].values():
            self._nodes |= {node["id"]: node for node in _below(source["ast"]) if "id" in node and "nodeType" in node}

    def of(self, contract: str) -> dict[str, set[str]]:
        """Names of errors, by the function of a contract; its constructor is "constructor"."""
        (node,) = (n for n in self._contracts if n["name"] == contract)
        line = [self._nodes[each] for each in node["linearizedBaseContracts"]]
        entries: dict[str, list[Node]] = {}
        seen: set[str] = set()
        for function in (each for base in line for each in base["nodes"] if each["nodeType"] == "FunctionDefinition"):
            if function["kind"] == "constructor":
                entries.setdefault("constructor", []).append(function)
            elif function["visibility"] in {"external", "public"} and function.get("body"):
                key = function.get("functionSelector", function["kind"])
                if key not in seen:
                    entries.setdefault(function["name"] or function["kind"], []).append(function)
                seen.add(key)
        return {name: self._errors(functions, line) for name, functions in entries.items()}

    @cached_property
    def thrown(self) -> dict[str, list[str]]:
        """The calls that can revert with an error, as Contract.function, by the name of the error."""
        found: dict[str, set[str]] = {}
        for contract in (each for each in self.compilation.contracts if not each.is_interface):
            for function, errors in self.of(contract.name).items():
                for error in errors:
                    found.setdefault(error, set()).add(f"{contract.name}.{function}")
        return {error: sorted(calls) for error, calls in found.items()}

    @cached_property
    def _contracts(self) -> list[Node]:
        return [node for _, node in self.compilation.definitions("ContractDefinition")]

    def _errors(self, functions: list[Node], line: list[Node]) -> set[str]:
        """What functions, and all that they call within a contract, revert with."""
        errors: set[str] = set()
        pending, done = list(functions), set()
        while pending:
            function = pending.pop()
            if function["id"] in done:
                continue
            done.add(function["id"])
            for node, target in self._references(function):
                if target["nodeType"] == "ErrorDefinition":
                    errors.add(target["name"])
                elif target["nodeType"] in _CODE and not _is_external(node):
                    pending.append(target if _is_super(node) else _override(target, line))
        return errors

    def _references(self, function: Node) -> list[tuple[Node, Node]]:
        """What a function names, each with what it is: looked for once."""
        if function["id"] not in self._known:
            named = ((node, self._nodes.get(node.get("referencedDeclaration") or 0)) for node in _below(function))
            self._known[function["id"]] = [(node, target) for node, target in named if target is not None]
        return self._known[function["id"]]


def _below(node: Any) -> Iterator[Node]:
    if isinstance(node, list):
        for each in node:
            yield from _below(each)
    elif isinstance(node, dict):
        yield node
        for each in node.values():
            if isinstance(each, dict | list):
                yield from _below(each)


def _is_external(node: Node) -> bool:
    kind: str = node.get("typeDescriptions", {}).get("typeIdentifier") or ""
    return kind.startswith(_EXTERNAL)


def _is_super(node: Node) -> bool:
    return bool(node.get("expression", {}).get("name") == "super")


def _override(function: Node, line: list[Node]) -> Node:
    """What a call runs in a contract: the function of the most derived one of its bases that overrides it."""
    kind = (function["nodeType"], function["name"])
    named: list[Node] = [each for base in line for each in base["nodes"] if _kind(each) == kind]
    runs = (each for each in named if each["id"] == function["id"] or _overrides(each, function["id"], line))
    return next(runs, function)


def _kind(node: Node) -> tuple[str, str]:
    return node["nodeType"], node.get("name", "")


def _overrides(function: Node, target: int, line: list[Node]) -> bool:
    bases = set(function.get("baseFunctions") or function.get("baseModifiers") or ())
    if target in bases:
        return True
    nodes = (each for base in line for each in base["nodes"] if each["id"] in bases)
    return any(_overrides(each, target, line) for each in nodes)
