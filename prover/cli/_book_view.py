"""The public state of a margin book, as one JSON object."""

import heapq
import itertools
from collections.abc import Mapping
from typing import Any, Final

from prover.chain import Level, OnchainRound
from prover.cli._output import as_hex, warn
from prover.market import (
    CANDIDATE_DELAY,
    CANDIDATE_LIFETIME,
    PRICE_DECIMALS,
    USD,
    asset_decimals,
    asset_symbol,
    format_decimal,
    slot_symbols,
)
from prover.onchain import MarginBook, round_age

LAST_EVENTS: Final = 10

_OF_ROLES: Final = ("Role", "Ownership", "DefaultAdmin")
"""How the names of events begin that tell who governs, which every contract logs at its deployment."""

_SLOTS: Final = {"asset", "slot"}
_SLOT_SETS: Final = {"farSlots", "reduceOnly"}

LEVELS: Final[Mapping[Level, str]] = {
    Level.OPEN: "open: nothing is stopped",
    Level.NO_FLAGS: "no new flags, no withdrawals, no new risk",
    Level.NO_TAKEOVERS: "no new flags, no withdrawals, no new risk, no takeovers",
    Level.NO_WITHDRAWALS: "no new flags, no withdrawals, no new risk, no takeovers, no pay-outs",
}


def overview(book: MarginBook) -> dict[str, Any]:
    """Everything that `book show` shows."""
    contracts, chain = book.contracts, book.contracts.chain
    reporters, threshold = contracts.rounds.reporters()
    latest = contracts.rounds.latest_id()
    return {
        "chain_id": chain.chain_id,
        "block": chain.block_number(),
        "book": book.assets.name,
        "contracts": contracts.addresses(),
        "gate": contracts.book.gate(),
        "breaker": _breaker(book),
        "reporters": {"addresses": reporters, "threshold": threshold},
        "guardians": _guardians(book),
        "max_proof_age": contracts.book.max_proof_age(),
        "cure_window": contracts.book.cure_window(),
        "opening_bond": contracts.book.vault.opening_bond(),
        "round": round_json(book, book.round(latest)) if latest else None,
        "candidate": _candidate(book),
        "tokens": [_token(book, symbol) for symbol in (*book.assets.slots, USD) if _has_token(book, symbol)],
        "accounts": _count_accounts(book),
        "events": _events(book),
    }


def round_json(book: MarginBook, round_: OnchainRound) -> dict[str, Any]:
    """A price round of the chain; amounts as exact decimal strings in USD."""
    age = round_age(book, round_)
    vectors = {
        "price": round_.prices,
        "effective_price": round_.vectors.effective_prices,
        "maintenance_margin": round_.vectors.maintenance.long,
        "initial_margin": round_.vectors.initial.long,
        "maintenance_margin_short": round_.vectors.maintenance.short,
        "initial_margin_short": round_.vectors.initial.short,
    }
    return {
        "id": round_.id,
        "timestamp": round_.timestamp,
        "age": age,
        "usable": age <= book.contracts.book.max_proof_age(),
        "stale": slot_symbols(book.assets, round_.stale),
        "closing": slot_symbols(book.assets, round_.reduce_only & ~round_.stale),
        "epoch": round_.epoch,
        "assets": [
            {"symbol": asset.symbol}
            | {name: format_decimal(vector[slot], PRICE_DECIMALS) for name, vector in vectors.items()}
            for slot, asset in enumerate(book.assets.assets)
        ],
    }


def _breaker(book: MarginBook) -> dict[str, Any]:
    """What is stopped, and for how long each kind of action was not."""
    breaker = book.contracts.breaker
    level, until = breaker.level(), breaker.tripped_until()
    return {
        "level": int(level),
        "stops": LEVELS[level],
        "raised_level": int(breaker.raised_level()),
        "tripped_until": until if until > book.contracts.chain.timestamp() else None,
        "active_time": {
            "flags": breaker.active_time(Level.NO_FLAGS),
            "takeovers": breaker.active_time(Level.NO_TAKEOVERS),
            "withdrawals": breaker.active_time(Level.NO_WITHDRAWALS),
        },
    }


def _candidate(book: MarginBook) -> dict[str, Any] | None:
    """Prices that wait for their confirmation, where they differ from those of the reference round."""
    rounds = book.contracts.rounds
    held = rounds.candidate()
    if held is None:
        return None
    reference = rounds.round(rounds.reference_id())
    moved = [slot for slot in range(len(book.assets.assets)) if held.prices[slot] != reference.prices[slot]]
    return {
        "timestamp": held.timestamp,
        "held_at": held.held_at,
        "confirmable_at": held.held_at + CANDIDATE_DELAY,
        "over_at": held.held_at + CANDIDATE_LIFETIME,
        "assets": [
            {
                "symbol": book.assets.assets[slot].symbol,
                "reference_price": format_decimal(reference.prices[slot], PRICE_DECIMALS),
                "price": format_decimal(held.prices[slot], PRICE_DECIMALS),
            }
            for slot in moved
        ],
    }


def public(value: Any) -> Any:
    """An event's argument as JSON: hex for bytes and for field elements, which are no amounts."""
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    if isinstance(value, Mapping):
        return {name: public(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [public(item) for item in value]
    return as_hex(value) if isinstance(value, int) and value >= 1 << 128 else value


def _has_token(book: MarginBook, symbol: str) -> bool:
    return symbol == USD or bool(book.contracts.book.spot_assets() >> book.assets.slots[symbol] & 1)


def _token(book: MarginBook, symbol: str) -> dict[str, Any]:
    slot = book.n if symbol == USD else book.assets.slots[symbol]
    token = book.contracts.token(slot)
    holdings = book.contracts.book.holdings_of(slot)
    return {
        "symbol": symbol,
        "token": token.contract.address,
        "holdings": format_decimal(holdings, token.decimals()),
    }


def _guardians(book: MarginBook) -> list[str]:
    """Points of the guardians that new accounts may name."""
    return [",".join(map(str, point)) for point in book.contracts.book.guardians()]


def _count_accounts(book: MarginBook) -> int:
    openings, left_out = book.contracts.book.checked_openings(book.contracts.chain.block_number())
    if left_out:
        warn(
            f"the node's logs hold no openings of {left_out} accounts that the book has counted: it leaves logs out, "
            "so what this shows of events may be incomplete; ask another node"
        )
    return len(openings) + left_out


def _events(book: MarginBook) -> list[dict[str, Any]]:
    """The last events of book, prices and breaker, oldest first."""
    contracts = book.contracts
    newest_first = heapq.merge(
        *(
            contract.logs_backwards(first_block=contracts.book.first_block)
            for contract in (contracts.book.contract, contracts.rounds.contract, contracts.breaker.contract)
        ),
        key=lambda event: (event.block, event.index),
        reverse=True,
    )
    told = (event for event in newest_first if not event.name.startswith(_OF_ROLES))
    last = list(itertools.islice(told, LAST_EVENTS))
    return [
        {"event": event.name, "block": event.block, **_arguments(book, event.arguments)} for event in reversed(last)
    ]


def _arguments(book: MarginBook, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Slots by their symbols, amounts and prices as decimal strings, the rest by `public`."""
    result = {name: public(value) for name, value in arguments.items()}
    for name, value in arguments.items():
        if name in _SLOTS and isinstance(value, int):
            result[name] = asset_symbol(book.assets, value)
        elif name in _SLOT_SETS and isinstance(value, int):
            result[name] = slot_symbols(book.assets, value)
        elif name == "amount":
            result[name] = format_decimal(value, asset_decimals(book.assets, arguments["asset"]))
    return result
