"""Witness inputs and claims of each statement, from accounts, states and rounds."""

from typing import TYPE_CHECKING

from prover._lazy import lazy_names

__all__ = [
    "Backend",
    "RoundSignal",
    "SealedRelease",
    "Update",
    "backend_check",
    "exit_claim",
    "exit_inputs",
    "expire_claim",
    "expire_inputs",
    "make_bundle",
    "margin_envelope",
    "margin_inputs",
    "open_inputs",
    "opening_claim",
    "proof_of",
    "prove_margin",
    "prove_state",
    "rekey_claim",
    "rekey_inputs",
    "release_inputs",
    "release_kind",
    "round_signals",
    "supplied_signals",
    "update_inputs",
    "writeoff_claim",
    "writeoff_inputs",
]

if TYPE_CHECKING:
    from prover.statements._bundle import make_bundle, release_kind
    from prover.statements._check import backend_check
    from prover.statements._exit import exit_claim, exit_inputs
    from prover.statements._expire import expire_claim, expire_inputs
    from prover.statements._margin import Backend, margin_envelope, margin_inputs, proof_of, prove_margin, prove_state
    from prover.statements._open import open_inputs, opening_claim
    from prover.statements._rekey import rekey_claim, rekey_inputs
    from prover.statements._release import SealedRelease, release_inputs
    from prover.statements._round_signals import RoundSignal, round_signals
    from prover.statements._supplied import supplied_signals
    from prover.statements._update import Update, update_inputs
    from prover.statements._writeoff import writeoff_claim, writeoff_inputs
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "._bundle": (
                "make_bundle",
                "release_kind",
            ),
            "._check": ("backend_check",),
            "._exit": (
                "exit_claim",
                "exit_inputs",
            ),
            "._expire": (
                "expire_claim",
                "expire_inputs",
            ),
            "._margin": (
                "Backend",
                "margin_envelope",
                "margin_inputs",
                "proof_of",
                "prove_margin",
                "prove_state",
            ),
            "._open": (
                "open_inputs",
                "opening_claim",
            ),
            "._rekey": (
                "rekey_claim",
                "rekey_inputs",
            ),
            "._release": (
                "SealedRelease",
                "release_inputs",
            ),
            "._round_signals": (
                "RoundSignal",
                "round_signals",
            ),
            "._supplied": ("supplied_signals",),
            "._update": (
                "Update",
                "update_inputs",
            ),
            "._writeoff": (
                "writeoff_claim",
                "writeoff_inputs",
            ),
        },
    )
