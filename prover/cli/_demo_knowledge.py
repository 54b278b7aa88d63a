"""Who knows what at the end of the margin book's story: each cell from what that party holds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Self

from rich.table import Table
from rich.text import Text

from prover import Ticket
from prover.account import State
from prover.chain import BookGateClient, Event, OnchainRound
from prover.cli._output import as_hex
from prover.market import BALANCE_DECIMALS, QUOTE_DECIMALS, format_decimal, format_usd_down
from prover.onchain import AccountReader, AccountView, GuardedAccount, MarginBook, find_words
from prover.onchain.local_market import Market, Trader

UNKNOWN = "-"
_OPENED_AND_FUNDED = 2
"""How many states of an account an observer can compute: the empty one, and the one after a public deposit."""


@dataclass(frozen=True)
class Fact:
    """A row of the table: what there is to know, and what each party knows of it."""

    what: str
    alice: str
    bob: str
    guardian: str
    observer: str


@dataclass(frozen=True)
class Knowledge:
    """What the parties know.

    Attributes:
        facts: rows of the table.
        secrets: by name, everything that must not stand on the chain.
        transactions: how many there were.
    """

    facts: Sequence[Fact]
    secrets: dict[str, int] = field(repr=False)
    transactions: int

    @classmethod
    def gather(
        cls, market: Market, traders: tuple[Trader, Trader], rounds: Sequence[OnchainRound], tickets: Sequence[Ticket]
    ) -> Self:
        """Ask every party: owners and guardian by their keys, observers of the chain by the events."""
        book = traders[0].owner.book
        seen = {account.identity: account for account in AccountReader(market.guardian).look(book).accounts}
        facts = [
            *_public_facts(market, rounds),
            *_trade_facts(market, traders, book, list(seen.values())),
            *(fact for trader in traders for fact in _account_facts(market, trader, seen, rounds[-1])),
        ]
        secrets = dict(_secrets(market, traders, rounds, tickets))
        return cls(facts, secrets, len(market.contracts.chain.transactions()))


def _public_facts(market: Market, rounds: Sequence[OnchainRound]) -> Iterator[Fact]:
    def known_to_all(what: str, text: str) -> Fact:
        return Fact(what, text, text, text, text)

    book = market.contracts.book.contract
    yield known_to_all("prices", f"{len(rounds)} rounds, {market.book.n} assets, 3 signatures each")
    yield known_to_all("accounts", f"{len(book.logs('AccountOpened'))}: identity, guardian, owner's point")
    yield known_to_all("paid in", _transfers(market, "Deposited", "from"))
    yield known_to_all("paid out", _transfers(market, "WithdrawalRequested", "recipient"))
    settled = book.logs("Settled")
    flags = [f"round {event.arguments['roundId']}" for event in _gate(market).contract.logs("Flagged")]
    yield known_to_all("that an account was below margin", f"flagged at {', '.join(flags)}, then cured by a deposit")
    yield known_to_all("that they traded", f"{len(settled)} tickets, with both accounts, blocks {_blocks(settled)}")


def _trade_facts(
    market: Market, traders: tuple[Trader, Trader], onchain: MarginBook, accounts: Sequence[GuardedAccount]
) -> Iterator[Fact]:
    alice, bob = ("\n".join(trader.trades) for trader in traders)
    first = next(account for account in accounts if account.identity == traders[0].owner.identity)
    history = list(onchain.history(first.viewing))
    deduced = [
        f"{_short(first)}: {change}"
        for before, after in pairwise(history)
        if (change := _change(market, before, after))
    ]
    tickets = "\n".join(f"ticket {as_hex(event.arguments['ticket'])[:18]}..." for event in _settled(market))
    yield Fact("terms of the trades", alice, bob, "\n".join(["from the states:", *deduced]), tickets)


def _account_facts(
    market: Market, trader: Trader, seen: dict[int, GuardedAccount], round_: OnchainRound
) -> Iterator[Fact]:
    own, guarded = trader.owner.state(), seen[trader.owner.identity]
    maintenance = guarded.health(round_).maintenance
    others = "what was traded with it (here all of it)"
    commitment = f"commitment {as_hex(own.sealed.commitment)[:18]}..."
    name, is_alice = trader.name, trader.name == "Alice"

    def fact(what: str, mine: str, yours: str, guardians: str, public: str) -> Fact:
        return Fact(f"{name}'s {what}", *((mine, yours) if is_alice else (yours, mine)), guardians, public)

    holdings = _holdings(market, own.sealed.state)
    yield fact("balances", holdings, others, _holdings(market, guarded.sealed.state), commitment)
    health = f"equity {format_usd_down(maintenance.equity)} USD\nhealth {format_usd_down(maintenance.health)} USD"
    yield fact("health", health, UNKNOWN, health, UNKNOWN)
    yield fact("owner secret", "it alone moves the account", UNKNOWN, UNKNOWN, UNKNOWN)


def _secrets(
    market: Market, traders: Sequence[Trader], rounds: Sequence[OnchainRound], tickets: Sequence[Ticket]
) -> Iterator[tuple[str, int]]:
    for number, ticket in enumerate(tickets, 1):
        for slot, amount in ticket.legs.items():
            yield f"ticket {number}: amount of slot {slot}", amount
        yield from _named(f"ticket {number}", cost=ticket.cost, salt=ticket.salt)
    yield "guardian's secret", market.guardian.secret
    for trader in traders:
        owner, name = trader.owner, trader.name
        yield from _named(name, owner_secret=owner.keys.owner_secret, view_key=owner.viewing.view_key)
        history = list(owner.book.history(owner.viewing))
        for number, read in enumerate(history):
            yield f"{name}: salt {number}", read.sealed.salt
        for number, read in enumerate(history[_OPENED_AND_FUNDED:], _OPENED_AND_FUNDED):
            state = read.sealed.state
            for asset, balance in zip(market.book.assets, state.balances, strict=True):
                yield from _named(f"{name}: {asset.symbol} in state {number}", signed=balance, size=abs(balance))
            yield from _named(f"{name}: quote in state {number}", signed=state.quote, size=abs(state.quote))
        for round_ in rounds:
            maintenance = history[-1].health(round_).maintenance
            yield from _named(f"{name} at round {round_.id}", equity=maintenance.equity, health=maintenance.health)


def _named(what: str, **values: int) -> Iterator[tuple[str, int]]:
    for name, value in values.items():
        yield f"{what}: {name}", value


def leaks(market: Market, knowledge: Knowledge) -> list[str]:
    """Names of the secrets that stand on the chain in the clear."""
    contracts = market.contracts
    places = (
        contracts.book,
        contracts.rounds,
        contracts.expiries,
        contracts.risk_parameters,
        contracts.breaker,
        contracts.account_life,
    )
    haystack = [bytes(transaction["input"]) for transaction in contracts.chain.transactions()]
    for contract in (*(place.contract for place in places), _gate(market).contract, market.collateral):
        haystack += contract.log_data()
    return find_words(knowledge.secrets, haystack)


def knowledge_table(knowledge: Knowledge) -> Table:
    """The table at the end."""
    table = Table(show_lines=True, expand=True, title="Who knows what")
    for heading, ratio in (("", 2), ("Alice", 4), ("Bob", 4), ("the guardian", 4), ("any observer of the chain", 4)):
        table.add_column(heading, ratio=ratio, overflow="fold")
    for fact in knowledge.facts:
        cells = (fact.alice, fact.bob, fact.guardian, fact.observer)
        table.add_row(Text(fact.what, style="bold"), *(Text(cell, style=_style(cell)) for cell in cells))
    return table


def _style(cell: str) -> str:
    return "dim" if cell == UNKNOWN else ""


def _holdings(market: Market, state: State) -> str:
    lines = [
        f"{format_decimal(balance, BALANCE_DECIMALS)} {asset.symbol}"
        for asset, balance in zip(market.book.assets, state.balances, strict=True)
        if balance
    ]
    return "\n".join([*lines, f"quote {format_usd_down(state.quote)} USD"])


def _change(market: Market, before: AccountView, after: AccountView) -> str | None:
    """What a trade did to an account; None for a transfer, which is public."""
    old, new = before.sealed.state, after.sealed.state
    for asset, was, now in zip(market.book.assets, old.balances, new.balances, strict=True):
        if was != now:
            size = format_decimal(now - was, BALANCE_DECIMALS)
            how = "" if new.quote == old.quote else f" for {format_usd_down(old.quote - new.quote)} USD"
            return f"{size} {asset.symbol}{how}"
    return None


def _transfers(market: Market, event: str, party: str) -> str:
    return "\n".join(
        f"{format_decimal(log.arguments['amount'], QUOTE_DECIMALS)} USDC, {str(log.arguments[party])[:8]}..."
        for log in market.contracts.book.contract.logs(event)
    )


def _gate(market: Market) -> BookGateClient:
    address = market.contracts.book.gate()
    assert address is not None  # noqa: S101 - the stage deploys one
    return market.contracts.book_gate(address)


def _settled(market: Market) -> list[Event]:
    return market.contracts.book.contract.logs("Settled")


def _blocks(events: Sequence[Event]) -> str:
    return ", ".join(str(event.block) for event in events)


def _short(account: GuardedAccount) -> str:
    return as_hex(account.identity)[:8] + "..."
