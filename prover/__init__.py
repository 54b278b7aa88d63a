"""Private solvency proofs: from positions to a commitment, a witness and a proof."""

from typing import TYPE_CHECKING

from prover._lazy import lazy_names

__all__ = [
    "R1CS",
    "Account",
    "Asset",
    "AssetKind",
    "AssetList",
    "Backend",
    "Claim",
    "Domain",
    "Exchange",
    "GuardianKey",
    "Health",
    "Limits",
    "MarginFractions",
    "MarginRules",
    "Offer",
    "OpenedState",
    "OptionTerms",
    "OwnerKeys",
    "Point",
    "Portfolio",
    "PricePoint",
    "PriceRound",
    "SealedState",
    "Side",
    "State",
    "SymbolMap",
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
    "margins_per_unit",
    "open_inputs",
    "opening_claim",
    "parse_exchange",
    "parse_portfolio",
    "point_from_text",
    "point_to_text",
    "poseidon",
    "poseidon_many",
    "prove_margin",
    "round_vectors",
    "save_ticket",
    "ticket_from_text",
    "ticket_to_text",
    "update_inputs",
    "update_wallet",
    "writeoff_claim",
    "writeoff_inputs",
]

if TYPE_CHECKING:
    from prover._account import Account
    from prover._babyjubjub import Point
    from prover._book import Asset, AssetKind, AssetList, MarginFractions, OptionTerms
    from prover._book_statements import empty_state, open_inputs, opening_claim, writeoff_claim, writeoff_inputs
    from prover._check import backend_check
    from prover._guardian_key import GuardianKey, point_from_text, point_to_text
    from prover._keys import Domain, OwnerKeys
    from prover._listing import Limits
    from prover._margin import Health, assess, effective_price, liquidation_price, margin_per_unit_up
    from prover._offer import Offer
    from prover._portfolio import Portfolio
    from prover._portfolio_csv import parse_portfolio
    from prover._portfolio_exchanges import Exchange, parse_exchange
    from prover._poseidon import poseidon, poseidon_many
    from prover._price_series import PricePoint, load_price_series
    from prover._r1cs import R1CS
    from prover._round import PriceRound
    from prover._round_vectors import MarginRules, margins_per_unit, round_vectors
    from prover._sealed import SealedState, ViewingKeys
    from prover._state import OpenedState, State, commit
    from prover._statements import Backend, margin_inputs, prove_margin
    from prover._symbol_map import SymbolMap
    from prover._symbols import Symbols
    from prover._ticket import Side, Ticket
    from prover._ticket_text import load_ticket, save_ticket, ticket_from_text, ticket_to_text
    from prover._transition import Claim, Transfer
    from prover._update import Update, update_inputs
    from prover._wallet import Wallet, WalletAccount, update_wallet
    from prover._witness import Witness
    from verifier import instance_name
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "._account": ("Account",),
            "._babyjubjub": ("Point",),
            "._book": ("Asset", "AssetKind", "AssetList", "MarginFractions", "OptionTerms"),
            "._book_statements": ("empty_state", "open_inputs", "opening_claim", "writeoff_claim", "writeoff_inputs"),
            "._check": ("backend_check",),
            "._guardian_key": ("GuardianKey", "point_from_text", "point_to_text"),
            "._keys": ("Domain", "OwnerKeys"),
            "._listing": ("Limits",),
            "._margin": ("Health", "assess", "effective_price", "liquidation_price", "margin_per_unit_up"),
            "._offer": ("Offer",),
            "._portfolio": ("Portfolio",),
            "._portfolio_csv": ("parse_portfolio",),
            "._portfolio_exchanges": ("Exchange", "parse_exchange"),
            "._poseidon": ("poseidon", "poseidon_many"),
            "._price_series": ("PricePoint", "load_price_series"),
            "._r1cs": ("R1CS",),
            "._round": ("PriceRound",),
            "._round_vectors": ("MarginRules", "margins_per_unit", "round_vectors"),
            "._sealed": ("SealedState", "ViewingKeys"),
            "._state": ("OpenedState", "State", "commit"),
            "._statements": ("Backend", "margin_inputs", "prove_margin"),
            "._symbol_map": ("SymbolMap",),
            "._symbols": ("Symbols",),
            "._ticket": ("Side", "Ticket"),
            "._ticket_text": ("load_ticket", "save_ticket", "ticket_from_text", "ticket_to_text"),
            "._transition": ("Claim", "Transfer"),
            "._update": ("Update", "update_inputs"),
            "._wallet": ("Wallet", "WalletAccount", "update_wallet"),
            "._witness": ("Witness",),
            "verifier": ("instance_name",),
        },
    )
