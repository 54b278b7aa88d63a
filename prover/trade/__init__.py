"""What changes an account: tickets, offers, and the rules of a step from one state to the next."""

from typing import TYPE_CHECKING

from prover._lazy import lazy_names

__all__ = [
    "MAX_OFFER_BYTES",
    "NO_TRANSFER",
    "PROOF_BYTES",
    "Claim",
    "Headroom",
    "Leg",
    "Offer",
    "Rates",
    "Release",
    "RiskRule",
    "Side",
    "SizeRule",
    "Ticket",
    "TradeTerms",
    "Transfer",
    "Transition",
    "amounts_of",
    "broken_rules",
    "covered_cash",
    "exited_state",
    "expired_state",
    "health",
    "load_ticket",
    "parse_price",
    "parse_side",
    "parse_size",
    "parse_terms",
    "parse_traded_slot",
    "payable_rates",
    "plan_release",
    "proof_from_bytes",
    "proof_to_bytes",
    "provable_claim",
    "provable_rule",
    "reasons_against",
    "require_coordinates",
    "save_ticket",
    "sellable_part",
    "ticket_bytes",
    "ticket_from_bytes",
    "ticket_from_text",
    "ticket_id",
    "ticket_to_bytes",
    "ticket_to_text",
    "withdrawable",
]

if TYPE_CHECKING:
    from prover.trade._exit import exited_state
    from prover.trade._expire import expired_state
    from prover.trade._headroom import Headroom, withdrawable
    from prover.trade._offer import MAX_OFFER_BYTES, Offer
    from prover.trade._proof_bytes import PROOF_BYTES, proof_from_bytes, proof_to_bytes, require_coordinates
    from prover.trade._release import Rates, Release, SizeRule, payable_rates, sellable_part
    from prover.trade._release_plan import plan_release
    from prover.trade._terms import Leg, TradeTerms, parse_price, parse_side, parse_size, parse_terms, parse_traded_slot
    from prover.trade._ticket import Side, Ticket, amounts_of, ticket_id
    from prover.trade._ticket_text import (
        load_ticket,
        save_ticket,
        ticket_bytes,
        ticket_from_bytes,
        ticket_from_text,
        ticket_to_bytes,
        ticket_to_text,
    )
    from prover.trade._transition import (
        NO_TRANSFER,
        Claim,
        RiskRule,
        Transfer,
        Transition,
        broken_rules,
        covered_cash,
        health,
        provable_claim,
        provable_rule,
        reasons_against,
    )
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "._exit": ("exited_state",),
            "._expire": ("expired_state",),
            "._headroom": (
                "Headroom",
                "withdrawable",
            ),
            "._offer": (
                "MAX_OFFER_BYTES",
                "Offer",
            ),
            "._proof_bytes": (
                "PROOF_BYTES",
                "proof_from_bytes",
                "proof_to_bytes",
                "require_coordinates",
            ),
            "._release": (
                "Rates",
                "Release",
                "SizeRule",
                "payable_rates",
                "sellable_part",
            ),
            "._release_plan": ("plan_release",),
            "._terms": (
                "Leg",
                "TradeTerms",
                "parse_price",
                "parse_side",
                "parse_size",
                "parse_terms",
                "parse_traded_slot",
            ),
            "._ticket": (
                "Side",
                "Ticket",
                "amounts_of",
                "ticket_id",
            ),
            "._ticket_text": (
                "load_ticket",
                "save_ticket",
                "ticket_bytes",
                "ticket_from_bytes",
                "ticket_from_text",
                "ticket_to_bytes",
                "ticket_to_text",
            ),
            "._transition": (
                "NO_TRANSFER",
                "Claim",
                "RiskRule",
                "Transfer",
                "Transition",
                "broken_rules",
                "covered_cash",
                "health",
                "provable_claim",
                "provable_rule",
                "reasons_against",
            ),
        },
    )
