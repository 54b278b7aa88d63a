"""The declaration of every statement of the project."""

from prover.audit._declaration import Declaration
from prover.audit._margin import margin_declaration
from prover.audit._transitions import transition_declaration
from verifier import StatementName


def declaration_of(statement: StatementName) -> Declaration:
    """What the wires of a statement mean, for every number of assets."""
    match statement:
        case "margin" | "margin-lean":
            return margin_declaration(statement)
        case _:
            return transition_declaration(statement)
