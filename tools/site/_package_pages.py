"""The reference of the Python packages: a page for each, with what its `__all__` has."""

import ast
import re
from importlib import import_module
from itertools import pairwise
from pathlib import Path, PurePosixPath
from types import FunctionType, ModuleType
from typing import Final

from tools.site._markdown import block, code, escaped, page, table
from tools.site._solidity import ROOT

FOLDER: Final = PurePosixPath("reference/python")
_PACKAGES: Final = ("verifier", "prover")
_WIDTH: Final = 60
_NOT_FOR_IMPORT: Final = {"prover.cli", "prover.native"}


def public_packages() -> list[str]:
    """Every package of the project with a list of public names, but for the program."""
    found = (
        ".".join(path.parent.relative_to(ROOT).parts)
        for top in _PACKAGES
        for path in sorted((ROOT / top).rglob("__init__.py"))
    )
    return [
        name
        for name in found
        if not any(name == each or name.startswith(f"{each}.") for each in _NOT_FOR_IMPORT)
        and hasattr(import_module(name), "__all__")
    ]


def package_pages() -> dict[PurePosixPath, str]:
    """A page for each package, one for the exceptions, and an index."""
    names = public_packages()
    pages = {FOLDER / f"{name}.md": _package_page(import_module(name)) for name in names}
    rows = [[f"[{code(name)}]({name}.md)", escaped(_summary(import_module(name)))] for name in names]
    pages[FOLDER / "index.md"] = page(
        "# Python",
        "The public names of the packages. A package's modules begin with an underscore, and are not for import. "
        "`prover` and `verifier` have what most programs need. [Architecture](../../architecture.md) says which "
        "package may use which.",
        table(["package", "what it holds"], rows),
        "\n".join(["```{toctree}", ":hidden:", *names, "```"]),
    )
    return pages


def home_of(item: object, names: list[str]) -> str | None:
    """The package that documents a class or function: the one that its module belongs to."""
    module = getattr(item, "__module__", None)
    if not isinstance(module, str):
        return None
    public = re.sub(r"\._.*", "", module)
    return public if public in names else None


def _summary(module: ModuleType) -> str:
    return (module.__doc__ or "").strip().partition("\n")[0]


def _package_page(module: ModuleType) -> str:
    names = public_packages()
    homes = {name: home_of(getattr(module, name), names) for name in sorted(module.__all__, key=str.lower)}
    own = [name for name, home in homes.items() if home in {None, module.__name__}]
    documented = [name for name in own if isinstance(getattr(module, name), type | FunctionType)]
    texts = _constant_texts(Path(module.__file__ or "").parent)
    constants = [[code(name), _value(module, name), texts.get(name, "")] for name in own if name not in documented]
    others = [
        [f"{{py:obj}}`{name} <{homes[name]}.{name}>`", code(str(homes[name]))] for name in homes if name not in own
    ]
    members = "\n".join(_directive(module, name) for name in documented)
    return page(
        f"# {module.__name__}",
        f"```{{py:module}} {module.__name__}\n```",
        *_docstring(module),
        members and f"## Classes and functions\n\n```{{eval-rst}}\n{members}\n```",
        "## Constants and types" if constants else "",
        table(["name", "value", "meaning"], constants),
        "## From other packages" if others else "",
        table(["name", "documented in"], others),
    )


def _docstring(module: ModuleType) -> list[str]:
    paragraphs = re.split(r"\n\s*\n", (module.__doc__ or "").strip())
    return [block(each) if each.startswith("    ") else escaped(each) for each in paragraphs]


def _constant_texts(folder: Path) -> dict[str, str]:
    """What stands below the constants of a package's modules, by name."""
    texts: dict[str, str] = {}
    for path in sorted(folder.glob("_*.py")):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        for statement, after in pairwise(body):
            match statement, after:
                case (
                    ast.AnnAssign(target=ast.Name(name)) | ast.Assign(targets=[ast.Name(name)]),
                    ast.Expr(ast.Constant(str(text))),
                ):
                    texts[name] = escaped(text)
    return texts


def _value(module: ModuleType, name: str) -> str:
    """A short value as it is, of a longer one its type."""
    item = getattr(module, name)
    text = repr(item)
    return code(text if len(text) <= _WIDTH and str(ROOT) not in text else type(item).__name__)


def _directive(module: ModuleType, name: str) -> str:
    item = getattr(module, name)
    target = f"{module.__name__}.{name}\n"
    if not isinstance(item, type):
        return f".. autofunction:: {target}"
    if issubclass(item, BaseException):
        return f".. autoexception:: {target}   :show-inheritance:\n"
    return f".. autoclass:: {target}"
