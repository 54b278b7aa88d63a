"""How long a command waits for its node: `--timeout`, which every command with `--rpc` has."""

import functools
import inspect
from collections.abc import Callable
from contextvars import ContextVar
from typing import Annotated, Any, Final

import typer

DEFAULT_SECONDS: Final = 20.0

_seconds: Final[ContextVar[float]] = ContextVar("node_timeout", default=DEFAULT_SECONDS)

TimeoutOption = Annotated[
    float,
    typer.Option("--timeout", metavar="SECONDS", min=0.1, help="How long to wait for an answer of a node."),
]


def node_timeout() -> float:
    """What --timeout says [s]."""
    return _seconds.get()


def with_timeout(command: Callable[..., Any]) -> Callable[..., Any]:
    """The same command, with --timeout after --rpc; a command without --rpc as it is."""
    signature = inspect.signature(command)
    if "rpc" not in signature.parameters:
        return command

    @functools.wraps(command)
    def timed(*args: Any, timeout: float, **options: Any) -> Any:
        token = _seconds.set(timeout)
        try:
            return command(*args, **options)
        finally:
            _seconds.reset(token)

    parameters = []
    for parameter in signature.parameters.values():
        parameters.append(parameter)
        if parameter.name == "rpc":
            parameters.append(parameter.replace(name="timeout", default=DEFAULT_SECONDS, annotation=TimeoutOption))
    timed.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    timed.__annotations__ = {**command.__annotations__, "timeout": TimeoutOption}
    return timed
