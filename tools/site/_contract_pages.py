"""The reference of the contracts and of their errors, from NatSpec."""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Final

from tools.site._markdown import block, code, escaped, page, table
from tools.site._reverts import Reverts
from tools.site._solidity import Compilation, Contract, Entry, Parameter

FOLDER: Final = PurePosixPath("reference/contracts")
ERRORS: Final = FOLDER / "errors.md"
_TYPES: Final = FOLDER / "types.md"
_REFERENCE: Final = re.compile(r"See (\w+)\.")
_GROUPS: Final = {
    "interfaces": "Interfaces",
    "book": "Margin book",
    "gate": "Gates",
    "oracle": "Price sources",
    "groth16": "Verifiers",
    "examples": "Examples",
}


def contract_pages(compilation: Compilation) -> dict[PurePosixPath, str]:
    """A page for each interface and each contract, one for their types, one for their errors, and an index."""
    reverts = Reverts(compilation)
    notices = {each.name: each.notice for each in compilation.contracts}
    types = {each.name: f"{_TYPES.name}#{each.name.replace('.', '').lower()}" for each in compilation.types}
    pages = {
        FOLDER / f"{each.name}.md": _contract_page(each, notices, types, reverts) for each in compilation.contracts
    }
    pages[_TYPES] = _types_page(compilation)
    pages[ERRORS] = _errors_page(compilation, reverts)
    pages[FOLDER / "index.md"] = _index_page(compilation)
    return pages


def _group(contract: Contract) -> str:
    return PurePosixPath(contract.path).parent.name


def _index_page(compilation: Compilation) -> str:
    parts = [
        "# Contracts",
        "This part is written from the NatSpec of the contracts. It has every interface, and every contract that can "
        "be deployed. Integrators import the interfaces, which are under the MIT licence. "
        f"[Types]({_TYPES.name}) has structs and enums, [errors]({ERRORS.name}) every error with its selector.",
        _toctree(["types", "errors"]),
    ]
    notices = {each.name: each.notice for each in compilation.contracts}
    for group, title in _GROUPS.items():
        contracts = [each for each in compilation.contracts if _group(each) == group]
        rows = [
            [f"[{each.name}]({each.name}.md)", escaped(_first_sentence(_notice(each, notices)))] for each in contracts
        ]
        parts += [f"## {title}", table(["contract", "what it is"], rows), _toctree([each.name for each in contracts])]
    return page(*parts)


def _toctree(names: list[str]) -> str:
    return "\n".join(["```{toctree}", ":hidden:", ":titlesonly:", "", *names, "```"])


def _first_sentence(text: str) -> str:
    head, stop, _ = " ".join(text.split()).partition(". ")
    return head + "." if stop else head


def _notice(contract: Contract, notices: Mapping[str, str]) -> str:
    """What a contract is for: of one that refers to its interface, what that says."""
    referred = _REFERENCE.fullmatch(contract.notice.strip())
    return notices.get(referred[1], contract.notice) if referred else contract.notice


def _contract_page(contract: Contract, notices: Mapping[str, str], types: Mapping[str, str], reverts: Reverts) -> str:
    thrown = {} if contract.is_interface else reverts.of(contract.name)
    links = {each.name: f"[{code(each.name)}]({ERRORS.name}#{anchor(each)})" for each in contract.of_kind("error")}
    parts = [
        f"# {contract.name}",
        escaped(_notice(contract, notices)),
        escaped(contract.details),
        f"Source: {code(contract.path)}.{_bases(contract)}",
    ]
    sections = {
        "Constructor": contract.of_kind("constructor"),
        "Functions that change state": [each for each in _functions(contract) if not _reads(each)],
        "Functions that read": [each for each in _functions(contract) if _reads(each)],
        "Events": contract.of_kind("event"),
    }
    for title, entries in sections.items():
        if entries:
            parts += [f"## {title}", *(part for each in entries for part in _entry_parts(each, types, thrown, links))]
    errors = contract.of_kind("error")
    if errors:
        rows = [[links[each.name], _meaning(each)] for each in errors]
        parts += ["## Errors", table(["error", "meaning"], rows)]
    return page(*parts)


def _bases(contract: Contract) -> str:
    links = ", ".join(f"[{name}]({name}.md)" for name in contract.bases)
    return f" It has the interfaces {links}." if links else ""


def _functions(contract: Contract) -> list[Entry]:
    return contract.of_kind("function", "receive", "fallback")


def _reads(entry: Entry) -> bool:
    return entry.mutability in {"view", "pure"}


def _entry_parts(
    entry: Entry, types: Mapping[str, str], thrown: Mapping[str, set[str]], links: Mapping[str, str]
) -> Iterator[str]:
    """A heading, the declaration, and what NatSpec says."""
    if entry.kind != "constructor":
        yield f"### {entry.name}"
    yield block(entry.declaration, "solidity")
    yield escaped(entry.notice)
    yield escaped(entry.details)
    yield _parameters(entry.parameters, "parameter", types)
    yield _parameters(entry.returns, "returns", types)
    if entry.kind == "function":
        yield f"Selector {code(entry.selector)}."
    errors = thrown.get(entry.name, ())
    if errors:
        names = ", ".join(links[each] for each in sorted(errors))
        yield f"Can revert with {names}, and with errors of contracts that it calls."


def _parameters(parameters: tuple[Parameter, ...], title: str, types: Mapping[str, str]) -> str:
    """A table, where there is something to say of a parameter, or to link to."""
    rows = [[code(each.name) if each.name else "", _type(each, types), escaped(each.text)] for each in parameters]
    return (
        table([title, "type", "meaning"], rows) if any(kind.startswith("[") or text for _, kind, text in rows) else ""
    )


def _type(parameter: Parameter, types: Mapping[str, str]) -> str:
    location = types.get(parameter.type.removesuffix("[]"))
    return f"[{code(parameter.type)}]({location})" if location else code(parameter.type)


def _meaning(entry: Entry) -> str:
    """Of an error of OpenZeppelin, which has no notice, the details with its way to name code."""
    return escaped(entry.notice or re.sub(r"\{(\w+)\}", r"`\1`", entry.details))


def anchor(entry: Entry) -> str:
    """Where the page of errors has an error."""
    return f"{entry.name.lower()}-{entry.selector}"


def _types_page(compilation: Compilation) -> str:
    parts = ["# Types", "Structs and enums of the interfaces and examples, as they are declared."]
    for item in compilation.types:
        source = block(item.source, "solidity")
        parts += [f"## {item.name}", escaped(item.notice), f"Declared in {code(item.path)}.", source]
    return page(*parts)


def _errors_page(compilation: Compilation, reverts: Reverts) -> str:
    errors = {each.signature: each for contract in compilation.contracts for each in contract.of_kind("error")}
    ordered = sorted(errors.values(), key=lambda each: each.signature.lower())
    by_selector = [[code(each.selector), f"[{code(each.signature)}](#{anchor(each)})"] for each in ordered]
    parts = [
        "# Errors of the contracts",
        "Each custom error that a contract of the project can revert with, those of its libraries included. "
        "A node shows the selector, where it does not know the name. `zksolvency` shows the name and the values: "
        "`the contract refused with RoundTooOld()`.",
        "The list of calls names the contracts that can be deployed. An error also comes through from a contract that "
        "was called: a gate reverts with the errors of its verifier and of its price source.",
        "## By selector",
        table(["selector", "error"], sorted(by_selector)),
        "## By name",
    ]
    for each in ordered:
        calls = ", ".join(map(code, reverts.thrown.get(each.name, ())))
        parts += [
            f"({anchor(each)})=\n### {each.name}",
            block(each.declaration, "solidity"),
            f"Selector {code(each.selector)}. {_meaning(each)}",
            _parameters(each.parameters, "parameter", {}),
            f"Thrown by {calls}." if calls else "",
        ]
    return page(*parts)
