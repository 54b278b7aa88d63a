"""What the site needs beyond Sphinx's own extensions: diagrams, and links to the packages that export a type."""

import re
from html import escape
from typing import Any, Final

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

_BEFORE_NAPOLEON: Final = 400
_AFTER_NAPOLEON: Final = 600
_NAMES: Final = re.compile(r"^ +\w+(?:, \w+)+(?=: )")
_properties: Final[dict[str, list[str]]] = {}
_DIAGRAM_SCRIPTS: Final = ("mermaid.min.js", "diagrams.js")


class Diagram(SphinxDirective):  # type: ignore[misc]  # which has no types here
    """A mermaid diagram, drawn by the script in the reader's browser."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """The text of the diagram, where the script looks for it."""
        text = escape("\n".join(self.content), quote=False)
        self.env.metadata[self.env.docname]["diagrams"] = "yes"
        return [nodes.raw("", f'<pre class="mermaid">{text}</pre>', format="html")]


def add_scripts(app: Sphinx, page: str, _template: str, _context: Any, _doctree: Any) -> None:
    """Pages without diagrams load no script for them."""
    if "diagrams" in app.env.metadata.get(page, {}):
        for script in _DIAGRAM_SCRIPTS:
            app.add_js_file(script)


def resolve_type(app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.Element) -> Any:
    """Link a name of Python with the package that exports it. A name of another project, or a private one, is text."""
    if node.get("refdomain") != "py":
        return None
    objects = env.domains.python_domain.objects
    target = re.sub(r"\._\w+(?=\.)", "", node["reftarget"])
    if target not in objects:  # a name that its module imports for type checkers only
        target = next((name for name, entry in objects.items() if _is_class(name, entry, target)), "")
    if content.astext() == node["reftarget"]:  # the whole path, of a private module perhaps
        content = nodes.inline("", node["reftarget"].rpartition(".")[2])
    if not target:
        return content
    entry = objects[target]
    return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, [content], target)


def _is_class(name: str, entry: Any, target: str) -> bool:
    return entry.objtype in {"class", "exception"} and name.rpartition(".")[2] == target


def prepare_docstring(_app: Sphinx, what: str, name: str, _item: object, _options: object, lines: list[str]) -> None:
    """Write what means something else to Sphinx so that it means what the docstring says.

    |x| is a magnitude. In "a, b: text" both are names, of which Sphinx takes the first for a type. Before a colon, the
    docstring of a property has no type either.
    """
    for number, line in enumerate(lines):
        parts = line.split("`")
        parts[::2] = [part.replace("|", r"\|") for part in parts[::2]]
        lines[number] = _NAMES.sub(lambda names: names[0].replace(", ", "/"), "`".join(parts))
    if what == "property":
        _properties[name] = lines.copy()


def restore_property(_app: Sphinx, _what: str, name: str, _item: object, _options: object, lines: list[str]) -> None:
    """Undo what napoleon does to a property: it takes the words before a colon for a type."""
    lines[:] = _properties.pop(name, lines)


def shorten_default(
    _app: Sphinx, _what: str, _name: str, _item: object, _options: object, signature: str | None, returns: str | None
) -> tuple[str | None, str | None]:
    """Of a field whose default is made when it is needed, show an ellipsis. Sphinx cannot read what Python shows."""
    return signature and signature.replace("<factory>", "..."), returns


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.add_directive("mermaid", Diagram)
    app.connect("html-page-context", add_scripts)
    app.connect("missing-reference", resolve_type)
    app.connect("autodoc-process-docstring", prepare_docstring, priority=_BEFORE_NAPOLEON)
    app.connect("autodoc-process-docstring", restore_property, priority=_AFTER_NAPOLEON)
    app.connect("autodoc-process-signature", shorten_default)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
