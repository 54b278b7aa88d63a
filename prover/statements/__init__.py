"""Witness inputs and claims of each statement, from accounts, states and rounds."""

from typing import TYPE_CHECKING

from prover._lazy import lazy_names

__all__ = [
    "Backend",
    "Update",
    "backend_check",
    "empty_state",
    "margin_envelope",
    "margin_inputs",
    "open_inputs",
    "opening_claim",
    "proof_of",
    "prove_margin",
    "prove_state",
    "update_inputs",
    "writeoff_claim",
    "writeoff_inputs",
]

if TYPE_CHECKING:
    from prover.statements._book_statements import (
        empty_state,
        open_inputs,
        opening_claim,
        writeoff_claim,
        writeoff_inputs,
    )
    from prover.statements._check import backend_check
    from prover.statements._margin import Backend, margin_envelope, margin_inputs, proof_of, prove_margin, prove_state
    from prover.statements._update import Update, update_inputs
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "._book_statements": (
                "empty_state",
                "open_inputs",
                "opening_claim",
                "writeoff_claim",
                "writeoff_inputs",
            ),
            "._check": ("backend_check",),
            "._margin": (
                "Backend",
                "margin_envelope",
                "margin_inputs",
                "proof_of",
                "prove_margin",
                "prove_state",
            ),
            "._update": (
                "Update",
                "update_inputs",
            ),
        },
    )
