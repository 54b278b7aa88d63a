"""The terms of a trade: from a file, standard input or a dialogue, never from the command line."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TypeVar

import typer

from prover import AssetList
from prover.cli._files import read_csv
from prover.cli._questions import agrees, ask
from prover.trade import Leg, Side, TradeTerms, parse_price, parse_side, parse_size, parse_terms, parse_traded_slot
from verifier import InputError

_T = TypeVar("_T")


def read_terms(path: Path, book: AssetList) -> TradeTerms:
    """Read the legs of one trade; `-` is standard input. Raises InputError as `parse_terms`, or when unreadable."""
    data, where = read_csv(path)
    return parse_terms(data, book, where)


def ask_terms(book: AssetList) -> TradeTerms:
    """Ask for the legs of one trade on the terminal; a wrong answer is asked for again.

    What is typed is seen: a trade typed blind would be the greater danger.

    Raises:
        typer.Abort: the input ends before the last answer.
    """
    legs = [_ask_leg(book, [])]
    while len(legs) < len(book.assets) and agrees("another leg of the same trade?"):
        legs.append(_ask_leg(book, [leg.slot for _, leg in legs]))
    return TradeTerms.of_maker(legs)


def _ask_leg(book: AssetList, taken: Collection[int]) -> tuple[Side, Leg]:
    def slot(text: str) -> int:
        found = parse_traded_slot(text, book, "asset")
        if found in taken:
            raise InputError("asset: it has a leg in this trade already")
        return found

    return _ask("side (buy or sell)", lambda text: parse_side(text, "side")), Leg(
        _ask("asset", slot),
        _ask("size", lambda text: parse_size(text, "size")),
        _ask("price [USD]", lambda text: parse_price(text, "price")),
    )


def _ask(prompt: str, read: Callable[[str], _T]) -> _T:
    def value(text: str) -> _T:
        try:
            return read(text.strip())
        except InputError as error:
            raise typer.BadParameter(str(error)) from None

    answer: _T = ask(prompt, value_proc=value)
    return answer
