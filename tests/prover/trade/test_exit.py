"""What `exit` makes of a state: by hand, and the shared vectors (spec ZS-81)."""

import json
from pathlib import Path
from typing import Any

import pytest
from strategies import QUOTE_MAX

from prover import State, exited_state
from tools.settlement_vectors import ExitRow
from verifier import InputError, ProvingError

VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parents[2] / "vectors" / "settlement.json").read_text())[
    "exit"
]


def row_of(vector: dict[str, Any]) -> ExitRow:
    old = State(tuple(map(int, vector["old"]["balances"])), int(vector["old"]["quote"]))
    return ExitRow(vector["name"], old, int(vector["amount"]))


def test_vectors_are_what_the_reference_says() -> None:
    for vector in VECTORS:
        assert row_of(vector).to_json() == vector, vector["name"]


@pytest.mark.parametrize(("quote", "amount"), [(1, 1), (7, 1), (7, 7), (QUOTE_MAX, 1), (QUOTE_MAX, QUOTE_MAX)])
def test_the_amount_is_taken_from_quote(quote: int, amount: int) -> None:
    assert exited_state(State((0, 0), quote), amount) == State((0, 0), quote - amount)


@pytest.mark.parametrize("quote", [-QUOTE_MAX, -1, 0, 6])
def test_no_more_leaves_than_there_is(quote: int) -> None:
    with pytest.raises(ProvingError, match="less than the amount") as caught:
        exited_state(State((0, 0), quote), 7)
    assert not any(character.isdigit() for character in str(caught.value))


@pytest.mark.parametrize("balances", [(1, 0), (0, -1)])
def test_an_account_with_a_position_does_not_exit(balances: tuple[int, ...]) -> None:
    with pytest.raises(ProvingError, match="without positions"):
        exited_state(State(balances, 10), 7)


@pytest.mark.parametrize("amount", [-1, 0, QUOTE_MAX + 1])
def test_an_amount_is_more_than_nothing_and_in_its_range(amount: int) -> None:
    with pytest.raises(InputError, match="1 <= amount"):
        exited_state(State((0, 0), QUOTE_MAX), amount)
