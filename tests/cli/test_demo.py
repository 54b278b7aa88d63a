"""`zksolvency demo` tells whole stories, and finds what they would leak."""

import pytest
from cli.harness import Run

from prover.cli._disclosure import find_words
from verifier import SCALAR_MODULUS

PUBLIC_STATES = 2
"""Of each account: empty, and after its deposit."""


@pytest.mark.full
def test_the_demo_finds_nothing_secret_on_chain(run: Run) -> None:
    outcome = run("demo", "--json")
    assert outcome.code == 0, outcome
    assert outcome.json["leaked"] == []
    assert outcome.json["transactions"] == 9


@pytest.mark.full
def test_the_book_demo_finds_nothing_secret_on_chain(run: Run) -> None:
    outcome = run("demo", "book", "--json")
    assert outcome.code == 0, outcome
    assert outcome.json["leaked"] == []
    assert (outcome.json["rounds"], outcome.json["trades"]) == (7, 3)
    assert "the same account, the same balances: True" in outcome.stderr
    assert "below maintenance margin" in outcome.stderr


@pytest.mark.full
def test_the_book_demo_would_find_what_is_public(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state that a public deposit tells is found on the chain: so the search sees what stands there."""
    monkeypatch.setattr("prover.cli._demo_knowledge._OPENED_AND_FUNDED", PUBLIC_STATES - 1)
    outcome = run("demo", "book", "--json")
    assert outcome.code == 1
    assert "Alice: quote in state 1: signed" in outcome.json["leaked"]
    assert not any("salt" in name or "secret" in name or "key" in name for name in outcome.json["leaked"])


@pytest.mark.parametrize("value", [5 * 10**9, -5 * 10**9, SCALAR_MODULUS - 3])
def test_the_demo_would_find_a_secret(value: int) -> None:
    """The search behind "none is there" can fail."""
    field_element = (value % SCALAR_MODULUS).to_bytes(32, "big")
    words = [bytes(64), field_element + bytes(32)]
    assert find_words({"balance": value}, words) == ["balance"]
    assert find_words({"balance": value}, [value.to_bytes(33, "big", signed=True)[1:]]) == ["balance"]
    assert find_words({"other": 77, "nothing": 0}, words) == []
