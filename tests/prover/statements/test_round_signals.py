"""The public signals that a round determines, for programs that compute them without the command line."""

import pytest

from prover import PriceRound
from prover.statements import round_signals
from verifier import MARGIN_KINDS, STATEMENTS, InputError, MarginClaim, StatementName, VectorKind


@pytest.mark.parametrize("name", ["margin", "margin-lean"])
def test_they_follow_the_signals_of_the_proof(round_1: PriceRound, name: StatementName) -> None:
    statement, n = STATEMENTS[name], round_1.book.n
    found = round_signals(round_1, statement)
    assert len(found) == statement.round_inputs(n)
    if name == "margin":
        whole = MarginClaim(5, healthy=True, recipient=0).signals(round_1.vectors)
        assert tuple(signal.value for signal in found) == whole[statement.proof_inputs(n) :]


def test_those_of_an_update_are_of_its_risk_inputs(round_1: PriceRound) -> None:
    statement = STATEMENTS["update"]
    found = round_signals(round_1, statement)
    assert tuple(signal.value for signal in found) == statement.arrange_round(round_1.risk().values(), round_1.book.n)


@pytest.mark.parametrize("kind", MARGIN_KINDS)
def test_those_of_a_release_are_of_its_kind(round_1: PriceRound, kind: VectorKind) -> None:
    statement = STATEMENTS["release"]
    found = round_signals(round_1, statement, kind)
    expected = statement.arrange_round(round_1.release(kind).values(), round_1.book.n)
    assert tuple(signal.value for signal in found) == expected
    with pytest.raises(InputError, match="initial margin"):
        round_signals(round_1, statement, VectorKind.INITIAL)


@pytest.mark.parametrize("name", ["open", "writeoff", "expire", "exit", "rekey"])
def test_a_statement_without_any_is_refused(round_1: PriceRound, name: StatementName) -> None:
    with pytest.raises(InputError, match=f"no public signal of {name}"):
        round_signals(round_1, STATEMENTS[name])
