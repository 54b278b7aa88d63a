"""Options that several commands share: one frozen dataclass, whose fields become options of each command."""

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, get_type_hints


def with_option_groups(command: Callable[..., Any]) -> Callable[..., Any]:
    """The same command with the fields of its option groups in the place of each group.

    A group is a dataclass whose fields are annotated as typer's options. A command takes one as a keyword-only
    parameter; a group may inherit fields from other groups.

    Args:
        command: a function whose parameters are options, arguments and groups.

    Returns:
        A function whose parameters are options and arguments; the command itself if it has no group.

    Raises:
        ValueError: two parameters have the same name.
    """
    hints = get_type_hints(command, include_extras=True)
    signature = inspect.signature(command)
    groups = {name: hints[name] for name in signature.parameters if _is_group(hints.get(name))}
    if not groups:
        return command

    @functools.wraps(command)
    def expanded(**values: Any) -> Any:
        for name, group in groups.items():
            values[name] = group(**{field.name: values.pop(field.name) for field in fields(group)})
        return command(**values)

    parameters: list[inspect.Parameter] = []
    for name, parameter in signature.parameters.items():
        options = _options(groups[name]) if name in groups else [parameter.replace(annotation=hints[name])]
        parameters += [option.replace(kind=inspect.Parameter.KEYWORD_ONLY) for option in options]
    expanded.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    expanded.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return expanded


def _is_group(hint: object) -> bool:
    return isinstance(hint, type) and is_dataclass(hint)


def _options(group: Any) -> list[inspect.Parameter]:
    hints: Mapping[str, Any] = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=_default(field), annotation=hints[field.name]
        )
        for field in fields(group)
    ]


def _default(field: Field[Any]) -> Any:
    return inspect.Parameter.empty if field.default is MISSING else field.default
