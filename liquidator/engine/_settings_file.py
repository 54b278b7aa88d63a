"""Reading the settings, with errors that name the table and the key, and never a value."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, SecretStr, ValidationError

from liquidator.engine._settings import NESTED, PREFIX, Settings
from prover.storage import read_passphrase
from verifier import InputError, open_input_file, read_bounded

_MAX_BYTES: Final = 1 << 16
_SECRETS: Final = ("passphrase", "wallet_passphrase")


def load_settings(path: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of a file and of the environment.

    Args:
        path: the file.
        environment: variables; None for those of the process, from which values are taken in any case.

    Raises:
        InputError: there is no such file, it is no TOML, or a setting is unknown, missing or wrong.
    """
    where = f"settings {path}"
    with open_input_file(path, where) as file:
        text = read_bounded(file, where, _MAX_BYTES)
    try:
        content = tomllib.loads(text.decode())
    except UnicodeDecodeError:
        raise InputError(f"{where}: not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{where}: no TOML: {error}") from None
    _require_no_secret(content, where)
    _require_known(os.environ if environment is None else environment)
    try:
        return Settings(**content).paths_from(path.absolute().parent)
    except ValidationError as error:
        raise InputError(f"{where}: {'; '.join(_faults(error))}") from None


def passphrase_of(given: SecretStr | None, file: Path | None, table: str, key: str = "passphrase") -> str:
    """The passphrase that a table of the settings names.

    Raises:
        InputError: neither file nor environment has it, or as `read_passphrase`.
    """
    if given is not None:
        return given.get_secret_value()
    if file is None:
        variable = f"{PREFIX}{table}{NESTED}{key}".upper()
        raise InputError(f"settings: [{table}] names no {key}_file, and {variable} is not set")
    return read_passphrase(file)


def _require_no_secret(content: Mapping[str, Any], where: str) -> None:
    for table, values in content.items():
        for key in _SECRETS:
            if isinstance(values, dict) and key in values:
                raise InputError(
                    f"{where}: {table}.{key}: a passphrase does not belong into this file; name a file with {key}_file"
                )


def _require_known(environment: Mapping[str, str]) -> None:
    """Refuse misspelt variables, which would be ignored."""
    known = set(_variables(Settings, PREFIX))
    unknown = sorted(name for name in environment if name.upper().startswith(PREFIX) and name.upper() not in known)
    if unknown:
        raise InputError(f"environment: {', '.join(unknown)}: there is no such setting")


def _variables(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        variable = f"{prefix}{name.upper()}"
        yield variable
        kinds = (field.annotation, *getattr(field.annotation, "__args__", ()))
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from _variables(kind, variable + NESTED)


def _faults(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_input=False, include_url=False, include_context=False):
        place = ".".join(map(str, fault["loc"]))
        if fault["type"] == "extra_forbidden":
            yield f"{place}: there is no such setting"
        elif fault["type"] == "missing":
            yield f"{place}: is missing"
        else:
            words = fault["msg"].removeprefix("Value error, ")
            yield f"{place}: {words}" if place else words
