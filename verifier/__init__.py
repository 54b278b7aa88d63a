"""Verification of private margin proofs: the small part that an auditor has to trust.

It imports nothing else of this project, and only py_ecc and the standard library.
"""

from verifier._age import require_fresh
from verifier._book_calls import (
    ExitClaim,
    ExpireClaim,
    FieldPair,
    ListedAsset,
    Opening,
    OpeningClaim,
    RekeyClaim,
    Settlement,
    SlotFractions,
    StateUpdate,
    UpdateClaim,
    UpdateTerms,
    WriteoffClaim,
)
from verifier._book_envelope import (
    BookExpectation,
    BookProofEnvelope,
    required_signals,
    verify_book_envelope,
)
from verifier._book_proofs import verify_opening, verify_settlement, verify_update
from verifier._bundle import AnyEnvelope, Bundle, envelope_from_json, scalar_signals
from verifier._envelope import Check, Expectation, ProofEnvelope, verify_envelope
from verifier._errors import (
    ChainError,
    InputError,
    ProvingError,
    ToolError,
    UndecidedError,
    VerificationError,
    ZkSolvencyError,
)
from verifier._field import BASE_MODULUS, SCALAR_MODULUS, from_field, to_field
from verifier._formats import require_format
from verifier._groth16 import require_valid_points, verify
from verifier._input_file import open_input_file, read_bounded, read_input_file
from verifier._json import is_deeply_nested, parse_json, parse_natural, read_json
from verifier._keys import VerifyingKey
from verifier._margin import RECIPIENT_BITS, MarginClaim
from verifier._proof import G1Point, G2Point, Proof
from verifier._rounds import (
    PRICE_BITS,
    MarginsPerUnit,
    RiskInputs,
    RoundInputs,
    RoundVectors,
    SettlementPrices,
    VectorKind,
)
from verifier._solidity import solidity_contract_name, solidity_verifier
from verifier._statements import (
    BOOK_STATEMENTS,
    MARGIN_STATEMENTS,
    STATEMENTS,
    BookStatement,
    Circuit,
    MarginStatement,
    Shape,
    Signal,
    Statement,
    StatementName,
    Value,
    instance_name,
    signal_counts,
)

__all__ = [
    "BASE_MODULUS",
    "BOOK_STATEMENTS",
    "MARGIN_STATEMENTS",
    "PRICE_BITS",
    "RECIPIENT_BITS",
    "SCALAR_MODULUS",
    "STATEMENTS",
    "AnyEnvelope",
    "BookExpectation",
    "BookProofEnvelope",
    "BookStatement",
    "Bundle",
    "ChainError",
    "Check",
    "Circuit",
    "ExitClaim",
    "Expectation",
    "ExpireClaim",
    "FieldPair",
    "G1Point",
    "G2Point",
    "InputError",
    "ListedAsset",
    "MarginClaim",
    "MarginStatement",
    "MarginsPerUnit",
    "Opening",
    "OpeningClaim",
    "Proof",
    "ProofEnvelope",
    "ProvingError",
    "RekeyClaim",
    "RiskInputs",
    "RoundInputs",
    "RoundVectors",
    "Settlement",
    "SettlementPrices",
    "Shape",
    "Signal",
    "SlotFractions",
    "StateUpdate",
    "Statement",
    "StatementName",
    "ToolError",
    "UndecidedError",
    "UpdateClaim",
    "UpdateTerms",
    "Value",
    "VectorKind",
    "VerificationError",
    "VerifyingKey",
    "WriteoffClaim",
    "ZkSolvencyError",
    "envelope_from_json",
    "from_field",
    "instance_name",
    "is_deeply_nested",
    "open_input_file",
    "parse_json",
    "parse_natural",
    "read_bounded",
    "read_input_file",
    "read_json",
    "require_format",
    "require_fresh",
    "require_valid_points",
    "required_signals",
    "scalar_signals",
    "signal_counts",
    "solidity_contract_name",
    "solidity_verifier",
    "to_field",
    "verify",
    "verify_book_envelope",
    "verify_envelope",
    "verify_opening",
    "verify_settlement",
    "verify_update",
]
