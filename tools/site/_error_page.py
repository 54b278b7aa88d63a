"""The page of the errors of program and libraries: exit codes, exceptions, and why a proof or key is refused."""

import ast
from pathlib import Path, PurePosixPath
from textwrap import dedent
from typing import Final

from tools.site._command_pages import program
from tools.site._markdown import block, code, escaped, page, table
from tools.site._solidity import ROOT

_RAISING: Final = {"VerificationError", "_require"}
PAGE: Final = PurePosixPath("reference/errors.md")


def error_page() -> str:
    """The page."""
    rows = [[code(reason), "<br>".join(map(escaped, texts))] for reason, texts in sorted(refusals().items())]
    codes = program().command.epilog.partition("Exit codes:\n")[2].partition("\n\n")[0]
    return page(
        "# Errors",
        "What the program and the libraries say when they refuse. The [errors of the "
        "contracts](contracts/errors.md) have a page of their own.",
        "## Exit codes",
        block(dedent(codes)),
        "With `--json` an error is an object on stdout. `error.kind` is one of refused, input, tool, proving, chain, "
        "usage, interrupted and bug. `error.reason` is the reason of a refusal, `error.message` says what went wrong.",
        "## Exceptions",
        "One tree, of which {py:obj}`ZkSolvencyError <verifier.ZkSolvencyError>` is the root. The program turns each "
        "into its exit code.",
        block(_tree()),
        "## Refusals",
        "The reason of a {py:obj}`VerificationError <verifier.VerificationError>`, and what it says. `…` is a value.",
        table(["reason", "message"], rows),
    )


def _tree() -> str:
    """The tree in the docstring of the module."""
    text = ast.get_docstring(ast.parse((ROOT / "verifier" / "_errors.py").read_text(encoding="utf-8"))) or ""
    return "\n".join(line[4:] for line in text.splitlines() if line.startswith("    "))


def refusals() -> dict[str, list[str]]:
    """The messages of VerificationError by reason, as the sources raise them."""
    found: dict[str, list[str]] = {}
    for path in sorted(each for top in ("verifier", "prover") for each in (ROOT / top).rglob("*.py")):
        for reason, message in _raised(path):
            texts = found.setdefault(reason, [])
            if message not in texts:
                texts.append(message)
    return found


def _raised(path: Path) -> list[tuple[str, str]]:
    """Reasons with their messages: the arguments of VerificationError, and of a function that raises it."""
    calls = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
    return [
        (reason, _message(message))
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id in _RAISING
        for reason, message in [(_constant(call.args[-2]), call.args[-1])]
        if reason
    ]


def _constant(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _message(node: ast.expr) -> str:
    """The text of a message, with … for each value."""
    if isinstance(node, ast.JoinedStr):
        return "".join(_constant(part) or "…" for part in node.values)
    return _constant(node) or "…"
