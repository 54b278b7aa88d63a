"""The page of the errors of program and libraries: exit codes, exceptions, and why a proof or key is refused."""

import ast
from pathlib import Path, PurePosixPath
from textwrap import dedent
from typing import Final

from tools.site._command_pages import program
from tools.site._markdown import block, code, escaped, page, table
from tools.site._solidity import ROOT

_BEFORE_REASON: Final = {"VerificationError": 0, "_refusal": 0, "_require": 1}
"""Calls that take a reason, with how many arguments come before it."""

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
    """Reasons with their messages: the arguments of VerificationError, and of functions that make or raise it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assigned = [(node.targets[0], node.value) for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    annotated = [(node.target, node.value) for node in ast.walk(tree) if isinstance(node, ast.AnnAssign)]
    constants = {target.id: _text(value) for target, value in assigned + annotated if isinstance(target, ast.Name)}
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name))
    found = []
    for call in calls:
        skipped = _BEFORE_REASON.get(getattr(call.func, "id", ""))
        if skipped is not None:
            reason, *message = call.args[skipped:]
            name = constants.get(reason.id, "") if isinstance(reason, ast.Name) else _text(reason)
            found.append((name, _message(message[0]) if message else "…"))
    return [(reason, message) for reason, message in found if reason]


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _message(node: ast.expr) -> str:
    """The text of a message, with … for each value."""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) or "…" for part in node.values)
    return _text(node) or "…"
