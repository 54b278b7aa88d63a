"""The instances of the statements: which template, with which parameters, is called what."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from prover.toolchain._home import find_home
from verifier import InputError, StatementName

_Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
_Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
_FileName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*\.circom$")]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    file: _FileName
    template: _Identifier
    params: tuple[Annotated[int, Field(ge=0, strict=True)], ...]
    public: tuple[_Identifier, ...]
    statement: StatementName
    n: Annotated[int, Field(gt=0, strict=True)]


class CircuitInstance(_Entry):
    """One instance: a template with its parameters fixed, and so one constraint system and one pair of keys.

    Attributes:
        name: "margin-13" and the like.
        file: the circom file in circuits/ that holds the template.
        template: the template's name.
        params: its parameters.
        public: its public inputs, in the order of the public signals.
        statement: what it proves.
        n: assets of the book.
    """

    name: _Name

    def main(self) -> str:
        """The circom source that makes this instance the main component."""
        params = ", ".join(str(param) for param in self.params)
        return (
            "pragma circom 2.2.3;\n"
            f'include "{self.file}";\n'
            f"component main {{public [{', '.join(self.public)}]}} = {self.template}({params});\n"
        )


class _Listing(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    instances: dict[_Name, _Entry]


def load_instances(path: Path | None = None) -> dict[str, CircuitInstance]:
    """The instances listed in circuits/circuits.json, in its order.

    Args:
        path: another file of that form.

    Raises:
        InputError: the file cannot be read, or is not of that form.
    """
    path = path or find_home() / "circuits" / "circuits.json"
    try:
        listed = _Listing.model_validate_json(path.read_bytes()).instances
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except ValidationError as error:
        fault = error.errors()[0]
        raise InputError(f"{path}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}") from None
    return {name: CircuitInstance(name=name, **entry.model_dump()) for name, entry in listed.items()}


def find_instance(name: str) -> CircuitInstance:
    """The instance of that name.

    Raises:
        InputError: there is none.
    """
    instances = load_instances()
    if name not in instances:
        raise InputError(f"no circuit instance {name!r}: choose one of {', '.join(instances)}")
    return instances[name]
