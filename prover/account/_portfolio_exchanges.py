"""Positions from what the interfaces of exchanges answer: Binance, Hyperliquid, Deribit (docs/guides/positions.md).

Every number is read as its text: none passes through a float. No value of the file is ever shown in an error.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final, NoReturn

from prover.account._portfolio import Basis, Holding, Portfolio, Settlement, exact_balance, require_sum
from prover.formats import parse_number
from prover.market import CASH_SYMBOL, SymbolMap, suggestion
from verifier import InputError, is_deeply_nested

_LINEAR_SIGNS: Final = ("_USDC", "_USDT")
_DIRECTIONS: Final = {"buy": 1, "sell": -1, "zero": 0}


class Exchange(StrEnum):
    """Whose answer a file is."""

    BINANCE = "binance"
    HYPERLIQUID = "hyperliquid"
    DERIBIT = "deribit"


def parse_exchange(data: bytes, exchange: Exchange, symbols: SymbolMap, where: str) -> Portfolio:
    """Read positions from an exchange's answer.

    Args:
        data: the JSON text, as it came.
        exchange: whose answer it is.
        symbols: names of the exchange for the assets of the book.
        where: names the file in errors.

    Raises:
        InputError: another format, an asset that the symbol map does not name, a contract that no book can hold
            exactly, or parts that contradict the sums that the file states.
    """
    return _PARSERS[exchange](_Source(_read(data, where), where, exchange, symbols))


@dataclass(frozen=True)
class _Source:
    """A value of the file, and its place."""

    value: Any
    where: str
    exchange: Exchange
    symbols: SymbolMap

    def __getitem__(self, name: str) -> "_Source":
        if not isinstance(self.value, dict) or name not in self.value:
            raise InputError(f"{self.where}: {name!r} is missing; is this an answer of {self.exchange}?")
        return self._at(self.value[name], name)

    def items(self) -> list["_Source"]:
        if not isinstance(self.value, list):
            raise InputError(f"{self.where}: expected a list; is this an answer of {self.exchange}?")
        return [self._at(value, str(index)) for index, value in enumerate(self.value)]

    def has(self, name: str) -> bool:
        return isinstance(self.value, dict) and name in self.value

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise InputError(f"{self.where}: expected a text")
        return self.value

    def number(self) -> Fraction:
        return parse_number(self.text(), self.where)

    def balance(self) -> int:
        return exact_balance(self.number(), self.where)

    def symbol(self) -> str:
        """The symbol of the book, or CASH, that a name means."""
        names = self.symbols.of(self.exchange)
        if self.text() not in names:
            raise InputError(
                f"{self.where}: the symbol map of the book {self.symbols.book.name} has no such name under "
                f'"{self.exchange}" (--symbols names another map); {suggestion(self.text(), self.symbols.book.slots)}'
            )
        return names[self.text()]

    def asset(self) -> int:
        """The slot that a name means."""
        symbol = self.symbol()
        if symbol not in self.symbols.book.slots:
            raise InputError(f"{self.where}: a position in the settlement currency")
        return self.symbols.book.slots[symbol]

    def _at(self, value: Any, name: str) -> "_Source":
        return _Source(value, f"{self.where}, {name}", self.exchange, self.symbols)


def _read(data: bytes, where: str) -> object:
    """JSON with numbers left as their text."""
    try:
        text = data.decode("utf-8-sig")
        if is_deeply_nested(text):
            raise InputError(f"{where}: nested deeper than any answer of an exchange")
        value: object = json.loads(
            text, parse_float=str, parse_int=str, parse_constant=_refuse, object_pairs_hook=_unique
        )
    except UnicodeDecodeError:
        raise InputError(f"{where}: not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise InputError(f"{where}: not JSON (line {error.lineno}, column {error.colno}); is it CSV?") from None
    except _DuplicateError:
        raise InputError(f"{where}: a name appears twice in one object, or a number is none") from None
    return value


class _DuplicateError(Exception):
    pass


def _refuse(_: str) -> NoReturn:
    raise _DuplicateError


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(dict(pairs)) != len(pairs):
        raise _DuplicateError
    return dict(pairs)


def _binance(source: _Source) -> Portfolio:
    """An answer of /fapi/v2/account, which has wallet and entry prices, or of /fapi/v2 or v3/positionRisk."""
    source = source["result"] if source.has("result") else source
    if isinstance(source.value, list):
        return Portfolio(_binance_positions(source), None)
    holdings = _binance_positions(source["positions"])
    cash, wallet = Fraction(0), []
    for asset in source["assets"].items():
        amount = asset["walletBalance"].number()
        if amount:
            name = asset["asset"]
            if name.symbol() == CASH_SYMBOL:
                cash += amount
            else:
                wallet.append(Holding(name.asset(), asset["walletBalance"].balance()))
    equity = source["totalMarginBalance"].number() if not wallet else None
    return Portfolio((*holdings, *wallet), Settlement(Basis.CASH, cash), equity)


def _binance_positions(positions: _Source) -> tuple[Holding, ...]:
    holdings = []
    for position in positions.items():
        amount = position["positionAmt"].balance()
        if not amount:
            continue
        side = position["positionSide"].text()
        if (side == "LONG" and amount < 0) or (side == "SHORT" and amount > 0):
            raise InputError(f"{position.where}: positionSide contradicts the sign of positionAmt")
        entry, size = position["entryPrice"].number(), position["positionAmt"].number()
        if position.has("markPrice"):
            mark = position["markPrice"].number()
            profit = position["unRealizedProfit"].number()  # in the coin, if the contract settles in it
            require_sum(size * (mark - entry), profit, f"{position.where}, unRealizedProfit")
        else:
            mark = entry + position["unrealizedProfit"].number() / size
        holdings.append(Holding(position["symbol"].asset(), amount, entry, mark))
    return tuple(holdings)


def _hyperliquid(source: _Source) -> Portfolio:
    """An answer of `clearinghouseState`: totalRawUsd is cash less the sum of size times entry price already."""
    summary, holdings = source["marginSummary"], []
    net, equity = summary["totalRawUsd"].number(), summary["accountValue"].number()
    value = Fraction(0)
    for item in source["assetPositions"].items():
        position = item["position"]
        amount = position["szi"].balance()
        if amount:
            worth = position["positionValue"].number() * (1 if amount > 0 else -1)
            mark = worth / position["szi"].number()
            holdings.append(Holding(position["coin"].asset(), amount, position["entryPx"].number(), mark))
            value += worth
    require_sum(net + value, equity, f"{summary.where}, accountValue")
    return Portfolio(tuple(holdings), Settlement(Basis.NET, net), equity)


def _deribit(source: _Source) -> Portfolio:
    """An answer of private/get_positions: it has no wallet balance, and equity takes its place.

    Profit moves to the wallet once a day, so the wallet less the sum of size times average price says nothing.
    """
    positions = source["result"] if source.has("result") else source
    return Portfolio(tuple(filter(None, map(_deribit_position, positions.items()))), None)


def _deribit_position(position: _Source) -> Holding | None:
    amount, kind, name = position["size"].balance(), position["kind"].text(), position["instrument_name"]
    if not amount:
        return None
    direction = _DIRECTIONS.get(position["direction"].text())
    if direction is None or direction * amount <= 0:
        raise InputError(f"{position.where}: direction contradicts the sign of size")
    is_linear = any(sign in name.text().partition("-")[0] for sign in _LINEAR_SIGNS)
    mark = position["mark_price"].number()
    if kind == "option":
        return Holding(name.asset(), amount, None, mark if is_linear else mark * position["index_price"].number())
    if kind != "future":
        raise InputError(f"{position.where}, kind: neither a future nor an option")
    if not is_linear:
        raise InputError(
            f"{position.where}: a future that settles in its coin: its size is in USD and its profit in the coin, and "
            "no position of a book is worth the same at every price"
        )
    profit = position["size"].number() * (mark - position["average_price"].number())
    require_sum(profit, position["total_profit_loss"].number(), f"{position.where}, total_profit_loss")
    return Holding(
        name.asset(), amount, mark - position["floating_profit_loss"].number() / position["size"].number(), mark
    )


_PARSERS: Final[Mapping[Exchange, Callable[[_Source], Portfolio]]] = {
    Exchange.BINANCE: _binance,
    Exchange.HYPERLIQUID: _hyperliquid,
    Exchange.DERIBIT: _deribit,
}
