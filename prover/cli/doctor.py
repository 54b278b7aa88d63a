"""`zksolvency doctor`."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.text import Text

from prover.cli._commands import examples, new_app
from prover.cli._exits import ExitCode
from prover.cli._options import JsonFlag
from prover.cli._output import columns, emit, print_facts, print_table
from prover.toolchain import (
    INSTANCES,
    BackendName,
    ToolStatus,
    cache_dir,
    default_backend,
    find_built,
    find_home,
    find_installed,
    inspect_tools,
    own_version,
)
from verifier import ToolError

app = new_app()


@app.command(epilog=examples("zksolvency doctor", "zksolvency doctor --json"))
def doctor(as_json: JsonFlag = False) -> ExitCode:
    """Check that everything needed is installed, and say what to do about what is not.

    Exit code 1 when something is missing. That a statement is not built yet is no fault: `zksolvency setup` builds
    it, or the first proof does. Once every statement is built, the native core proves without Node. Where an archive
    has brought circuits and keys, it proves with them without any other tool.
    """
    tools = inspect_tools()
    home, cache = find_home(), cache_dir()
    size = _size(cache)
    installed = [name for name in INSTANCES if find_installed(name) is not None]
    built = {name: _is_built(name) for name in INSTANCES}
    tools = [_unless_needless(tool, built, installed) for tool in tools]
    problems = [tool for tool in tools if tool.problem and not tool.is_optional]
    advice = [tool for tool in tools if tool.problem and tool.is_optional]

    def render(console: Console) -> None:
        rows = [(tool.name, tool.version or "-", _state(tool, home)) for tool in tools]
        print_table(console, columns(["tool", "version", "where"], rows, left=3))
        console.print()
        print_table(
            console, columns(["statement", "built"], [[n, _origin(n, b, installed)] for n, b in built.items()], left=2)
        )
        console.print()
        lines = [
            ("zksolvency", own_version()),
            ("python", platform.python_version()),
            ("home", str(home)),
            ("cache", f"{cache} ({size / 1e6:,.1f} MB)"),
        ]
        print_facts(console, lines)
        console.print()
        _print_problems(console, problems, "bold red")
        _print_problems(console, advice, "bold yellow")
        if not problems:
            console.print("nothing that is needed is missing" if advice else "nothing is missing", style="bold green")

    result = {
        "ok": not problems,
        "version": own_version(),
        "python": platform.python_version(),
        "home": str(home),
        "cache": {"path": str(cache), "bytes": size},
        "tools": [_as_json(tool) for tool in tools],
        "built": built,
        "installed": installed,
    }
    emit(result, render, as_json=as_json)
    return ExitCode.NO if problems else ExitCode.OK


def _print_problems(console: Console, tools: Sequence[ToolStatus], style: str) -> None:
    """Each problem once, after the names of all tools that have it."""
    names: dict[str, list[str]] = {}
    for tool in tools:
        names.setdefault(str(tool.problem), []).append(tool.name)
    for problem, having in names.items():
        console.print(Text.assemble((f"{', '.join(having)}: ", style), problem), soft_wrap=True)


def _state(tool: ToolStatus, home: Path) -> Text:
    if tool.path is None:
        return Text("not installed", style="yellow") if tool.is_optional else Text("missing", style="bold red")
    return Text(str(tool.path.relative_to(home) if tool.path.is_relative_to(home) else tool.path))


def _origin(name: str, is_built: bool, installed: Sequence[str]) -> str:
    if name in installed:
        return "by an archive"
    return "yes" if is_built else "no"


def _unless_needless(tool: ToolStatus, built: Mapping[str, bool], installed: Sequence[str]) -> ToolStatus:
    """A missing tool is no problem where the native core proves what is built, or what an archive has brought."""
    if tool.problem is None or tool.is_optional or default_backend() is not BackendName.NATIVE:
        return tool
    if installed:
        what = "only for compiling, for snarkjs, ceremonies and local chains: an archive has brought circuits and keys"
    elif tool.name == "node" and all(built.values()):
        what = "only for compiling contracts, for snarkjs and for ceremonies: every statement is built"
    else:
        return tool
    return replace(tool, is_optional=True, problem=f"{tool.problem}; needed {what}")


def _is_built(name: str) -> bool:
    try:
        return find_built(name) is not None
    except ToolError:  # told of in the list of tools
        return False


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _as_json(tool: ToolStatus) -> dict[str, object]:
    path = str(tool.path) if tool.path else None
    return {
        "name": tool.name,
        "version": tool.version,
        "path": path,
        "problem": tool.problem,
        "optional": tool.is_optional,
    }
