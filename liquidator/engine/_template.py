"""Settings to start from: every key with what it means, and its default in a comment."""

import json
from collections.abc import Collection, Iterator, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from liquidator.engine._settings import Role, Settings
from verifier import InputError

_SHOWN: Final = {
    "rpc": '["http://127.0.0.1:8545"]',
    "deployment": '"margin-book.json"',
    "keystore": '"sender.json"',
    "key": '"{table}.age"',
    "passphrase_file": '"{table}.passphrase"',
    "liquidators": '"liquidators.txt"',
    "notices": '"notices"',
    "wallet": '"wallet.age"',
    "wallet_passphrase_file": '"wallet.passphrase"',
    "feeds": '["prices.json"]',
}
"""What a new file says of settings that have no default, or that most engines have."""

_OPTIONAL_TABLES: Final = (*map(str, Role), "steward")
_OF_FORECASTS: Final = ("prediction", "calls")
"""Tables that change what a guardian does by being there: a new file has them as comments."""

_HEAD: Final = """\
# Settings of `zksolvency liquidator run`. A line that begins with # says a default, or what a key means.
# Paths are as seen from this file. A passphrase does not belong into it: name a file that only you can open (0600),
# or set an environment variable such as ZKSOLVENCY_LIQUIDATOR_SENDER__PASSPHRASE.
# Every setting can be overruled so: ZKSOLVENCY_LIQUIDATOR_NODE__TIMEOUT_SECONDS=5 sets timeout_seconds of [node].
"""


def parse_roles(names: Sequence[str]) -> frozenset[Role]:
    """Roles by their names. Raises InputError when there is no such role."""
    known = {str(role): role for role in Role}
    for name in names:
        if name not in known:
            raise InputError(f"--role {name}: there is no such role: take {', '.join(known)}")
    return frozenset(known[name] for name in names)


def settings_template(roles: Collection[Role]) -> str:
    """The text of a settings file.

    Args:
        roles: what the engine does; tables of other roles are left out.
    """
    named = json.dumps(sorted(map(str, roles)))
    parts = [_HEAD, f"# What the engine does: {', '.join(Role)}.\nroles = {named}\n"]
    for name, field in Settings.model_fields.items():
        model = _model(field)
        if model is None or (name in _OPTIONAL_TABLES and name not in map(str, roles)):
            continue
        if name not in _OF_FORECASTS:
            parts.append("\n".join([f"[{name}]", f"# {_first_line(model)}", "", *_lines(name, model)]) + "\n")
        elif Role.GUARDIAN in roles:
            parts.append("\n".join([f"# [{name}]", f"# {_first_line(model)}", "", *_lines(name, model)]) + "\n")
    return "\n".join(parts)


def setting_rows() -> Iterator[tuple[str, str, str, str]]:
    """Every setting: its table, its key, its default as TOML, and what it means."""
    for name, field in Settings.model_fields.items():
        model = _model(field)
        if model is not None:
            for key, one in model.model_fields.items():
                yield name, key, _default(one), one.description or ""


def _lines(table: str, model: type[BaseModel]) -> Iterator[str]:
    for key, field in model.model_fields.items():
        if _is_secret(field):
            continue
        yield f"# {field.description}."
        if key in _SHOWN:
            yield f"{key} = {_SHOWN[key].format(table=table)}"
        else:
            yield f"# {key} = {_default(field)}"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value: Any = field.default
    if value is None:
        return "none"
    if isinstance(value, Enum | Path):
        return json.dumps(str(value))
    return json.dumps(list(value) if isinstance(value, tuple) else value)


def _is_secret(field: FieldInfo) -> bool:
    return field.annotation is SecretStr or SecretStr in get_args(field.annotation)


def _model(field: FieldInfo) -> type[BaseModel] | None:
    for kind in (field.annotation, *get_args(field.annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def _first_line(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").partition("\n")[0]
