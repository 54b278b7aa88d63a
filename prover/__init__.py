"""Private solvency proofs: from positions to a commitment, a witness and a proof."""

from prover._account import Account
from prover._babyjubjub import Point
from prover._book import Asset, AssetKind, Book
from prover._book_statements import empty_state, open_inputs, opening_claim, writeoff_claim, writeoff_inputs
from prover._check import backend_check
from prover._guardian_key import GuardianKey, point_from_text, point_to_text
from prover._keys import Domain, OwnerKeys
from prover._listing import Limits
from prover._margin import Health, assess, effective_price, liquidation_price, margin_per_unit_up
from prover._offer import Offer
from prover._poseidon import poseidon, poseidon_many
from prover._price_series import PricePoint, load_price_series
from prover._r1cs import R1CS
from prover._round import PriceRound
from prover._sealed import SealedState, ViewingKeys
from prover._state import OpenedState, State, commit
from prover._statements import Backend, margin_inputs, prove_margin
from prover._symbols import Symbols
from prover._ticket import Side, Ticket
from prover._ticket_text import load_ticket, save_ticket, ticket_from_text, ticket_to_text
from prover._transition import Claim, Transfer
from prover._update import Update, update_inputs
from prover._wallet import Wallet, WalletAccount, update_wallet
from prover._witness import Witness
from verifier import instance_name

__all__ = [
    "R1CS",
    "Account",
    "Asset",
    "AssetKind",
    "Backend",
    "Book",
    "Claim",
    "Domain",
    "GuardianKey",
    "Health",
    "Limits",
    "Offer",
    "OpenedState",
    "OwnerKeys",
    "Point",
    "PricePoint",
    "PriceRound",
    "SealedState",
    "Side",
    "State",
    "Symbols",
    "Ticket",
    "Transfer",
    "Update",
    "ViewingKeys",
    "Wallet",
    "WalletAccount",
    "Witness",
    "assess",
    "backend_check",
    "commit",
    "effective_price",
    "empty_state",
    "instance_name",
    "liquidation_price",
    "load_price_series",
    "load_ticket",
    "margin_inputs",
    "margin_per_unit_up",
    "open_inputs",
    "opening_claim",
    "point_from_text",
    "point_to_text",
    "poseidon",
    "poseidon_many",
    "prove_margin",
    "save_ticket",
    "ticket_from_text",
    "ticket_to_text",
    "update_inputs",
    "update_wallet",
    "writeoff_claim",
    "writeoff_inputs",
]
