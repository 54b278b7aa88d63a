"""The audit of a statement's constraints: does any witness pass that should not?

The project's answer to under-constrained circuits; docs/audit.md says what each check proves.
"""

from prover.audit._audit import DEFAULT_EFFORT, Effort, audit
from prover.audit._declaration import Declaration, Signals
from prover.audit._key_import import import_key
from prover.audit._margin import margin_declaration
from prover.audit._report import AuditReport, Check, Finding
from prover.audit._samples import sample_inputs
from prover.audit._statements import declaration_of
from prover.audit._transitions import transition_declaration

__all__ = [
    "DEFAULT_EFFORT",
    "AuditReport",
    "Check",
    "Declaration",
    "Effort",
    "Finding",
    "Signals",
    "audit",
    "declaration_of",
    "import_key",
    "margin_declaration",
    "sample_inputs",
    "transition_declaration",
]
