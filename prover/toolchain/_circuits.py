"""The instances of the statements: which template, with which parameters, is called what."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from verifier import STATEMENTS, InputError, Statement, StatementName


@dataclass(frozen=True, slots=True)
class CircuitInstance:
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

    name: str
    file: str
    template: str
    params: tuple[int, ...]
    public: tuple[str, ...]
    statement: StatementName
    n: int

    @classmethod
    def of(cls, statement: Statement, n: int) -> Self:
        """The instance of a row of the table of statements.

        Args:
            statement: the row.
            n: assets of the book; not only one of the row's sizes.
        """
        circuit = statement.circuit
        return cls(
            name=statement.instance(n),
            file=circuit.file,
            template=circuit.template,
            params=(n, *circuit.flags),
            public=statement.public,
            statement=statement.name,
            n=n,
        )

    def main(self) -> str:
        """The circom source that makes this instance the main component."""
        params = ", ".join(str(param) for param in self.params)
        return (
            "pragma circom 2.2.3;\n"
            f'include "{self.file}";\n'
            f"component main {{public [{', '.join(self.public)}]}} = {self.template}({params});\n"
        )


INSTANCES: Final[Mapping[str, CircuitInstance]] = {
    row.instance(n): CircuitInstance.of(row, n) for row in STATEMENTS.values() for n in row.sizes
}
"""Every instance of the table of statements, by its name."""


def find_instance(name: str) -> CircuitInstance:
    """The instance of that name.

    Raises:
        InputError: there is none.
    """
    if name not in INSTANCES:
        raise InputError(f"no circuit instance {name!r}: choose one of {', '.join(INSTANCES)}")
    return INSTANCES[name]
