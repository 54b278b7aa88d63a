"""Proof files of a margin book: every signal that the verifier supplies is used, and none of the file's (ZS-30)."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from envelopes import RECIPIENT, N, simulate, verifying_key

from prover import PriceRound
from verifier import (
    BOOK_STATEMENTS,
    MARGIN_KINDS,
    SCALAR_MODULUS,
    STATEMENTS,
    BookExpectation,
    BookProofEnvelope,
    BookStatement,
    InputError,
    VerificationError,
    required_signals,
    verify_book_envelope,
)

every = pytest.mark.parametrize("statement", BOOK_STATEMENTS)


@every
def test_a_proof_verifies_and_tells_its_signals(statement: BookStatement, round_1: PriceRound) -> None:
    made = simulate(statement, round_1)
    proven = verify_book_envelope(made.envelope, made.key, BookExpectation(statement, made.supplied))
    assert STATEMENTS[statement].arrange(proven, N) == made.envelope.public_signals
    read = BookProofEnvelope.from_json(json.loads(json.dumps(made.envelope.to_json())))
    assert read == made.envelope


@every
def test_an_altered_signal_is_refused(statement: BookStatement, round_1: PriceRound) -> None:
    made = simulate(statement, round_1)
    row = STATEMENTS[statement]
    for index in range(row.proof_inputs(N) + row.round_inputs(N)):
        signals = list(made.envelope.public_signals)
        signals[index] = (signals[index] + 1) % SCALAR_MODULUS
        forged = replace(made.envelope, public_signals=tuple(signals))
        with pytest.raises(VerificationError) as caught:
            verify_book_envelope(forged, made.key, BookExpectation(statement, made.supplied), check=made.check)
        assert caught.value.reason in {"proof-does-not-verify", "wrong-round", "wrong-signal"}


@every
def test_what_the_verifier_must_supply_is_never_taken_from_the_file(
    statement: BookStatement, round_1: PriceRound, round_2: PriceRound
) -> None:
    """Made at other prices, for another book or without its stale slots, and told as if it were not."""
    needed = required_signals(statement)
    made = simulate(statement, round_1)
    assert set(needed) <= set(made.supplied)
    for name in needed:
        with pytest.raises(InputError, match=name):
            BookExpectation(statement, {key: value for key, value in made.supplied.items() if key != name})
        value = made.supplied[name]
        other = value + 1 if isinstance(value, int) else (value[0] + 1, *value[1:])
        forged = simulate(statement, round_1, **{name: other})
        with pytest.raises(VerificationError) as caught:
            verify_book_envelope(
                forged.envelope, made.key, BookExpectation(statement, made.supplied), check=forged.check
            )
        assert caught.value.reason == ("wrong-signal" if name in ("domain", "reduceOnly") else "wrong-round")
        told = replace(forged.envelope, public_signals=made.envelope.public_signals)
        with pytest.raises(VerificationError) as caught:
            verify_book_envelope(told, made.key, BookExpectation(statement, made.supplied), check=forged.check)
        assert caught.value.reason == "proof-does-not-verify"


@every
def test_a_demanded_signal_must_be_proven(statement: BookStatement, round_1: PriceRound) -> None:
    made = simulate(statement, round_1)
    for name, shape in STATEMENTS[statement].proof_signals:
        if shape.elements(N) != 1 or name in made.supplied:
            continue
        demanded = {**made.supplied, name: 7}
        with pytest.raises(VerificationError) as caught:
            verify_book_envelope(made.envelope, made.key, BookExpectation(statement, demanded))
        expected = "wrong-commitment" if "ommitment" in name else "wrong-signal"
        assert caught.value.reason == ("wrong-recipient" if name == "recipient" else expected)


def test_a_recipient_beyond_20_bytes_is_no_claim(round_1: PriceRound) -> None:
    """The circuit leaves this to the verifier (ZS-23)."""
    made = simulate("exit", round_1, recipient=RECIPIENT + (1 << 160))
    with pytest.raises(VerificationError) as caught:
        verify_book_envelope(made.envelope, made.key, BookExpectation("exit"))
    assert caught.value.reason == "malformed-claim"


@pytest.mark.parametrize("name", ["rate", "uncoveredRate"])
def test_a_rate_of_a_release_is_at_most_the_whole(name: str, round_1: PriceRound) -> None:
    """The circuit leaves this to the verifier: at a higher rate an account would lose health (ZS-76)."""
    for value, reason in ((10_000, None), (10_001, "malformed-claim"), (SCALAR_MODULUS - 1, "malformed-claim")):
        made = simulate("release", round_1, **{name: value})
        expected = BookExpectation("release", made.supplied)
        if reason is None:
            verify_book_envelope(made.envelope, made.key, expected, check=made.check)
            continue
        with pytest.raises(VerificationError) as caught:
            verify_book_envelope(made.envelope, made.key, expected, check=made.check)
        assert caught.value.reason == reason


def test_a_release_at_one_kind_is_none_at_the_other(round_1: PriceRound) -> None:
    """Spec ZS-77. The verifier supplies the margins and the slots of the kind that it asks for."""
    for kind, other in (MARGIN_KINDS, MARGIN_KINDS[::-1]):
        made = simulate("release", round_1, **round_1.release(other).values())
        verify_book_envelope(
            made.envelope, made.key, BookExpectation("release", round_1.release(other).values()), check=made.check
        )
        with pytest.raises(VerificationError) as caught:
            verify_book_envelope(
                made.envelope, made.key, BookExpectation("release", round_1.release(kind).values()), check=made.check
            )
        assert caught.value.reason == "wrong-round"


def test_another_statement_key_or_size_is_refused(round_1: PriceRound) -> None:
    made = simulate("exit", round_1)

    def reason(envelope: BookProofEnvelope, statement: BookStatement = "exit", **changes: Any) -> str:
        with pytest.raises(VerificationError) as caught:
            verify_book_envelope(envelope, replace(made.key, **changes), BookExpectation(statement))
        return caught.value.reason

    assert reason(made.envelope, "writeoff") == "wrong-statement"
    assert reason(made.envelope, statement="exit", n=28) == "wrong-key"
    assert reason(replace(made.envelope, key="0" * 64)) == "wrong-key"
    assert reason(made.envelope, origin="ceremony") == "wrong-key"
    with pytest.raises(VerificationError) as caught:
        verify_book_envelope(made.envelope, verifying_key("writeoff"), BookExpectation("exit"))
    assert caught.value.reason == "wrong-key"


def test_a_round_of_another_size_is_another_book(round_1: PriceRound) -> None:
    made = simulate("expire", round_1)
    with pytest.raises(VerificationError) as caught:
        verify_book_envelope(made.envelope, made.key, BookExpectation("expire", {"settlementPrice": (0,) * 28}))
    assert caught.value.reason == "wrong-book"


def test_an_expectation_names_signals_of_the_statement() -> None:
    with pytest.raises(InputError, match="has no public signal 'ticket'"):
        BookExpectation("exit", {"ticket": 1})


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.update(statement="margin"),
        lambda c: c.update(n=28),
        lambda c: c.update(n=True),
        lambda c: c.update(key="x"),
        lambda c: c.update(note="hello"),
        lambda c: c["publicSignals"].pop(),
        lambda c: c["publicSignals"].__setitem__(0, 5),
        lambda c: c.update(format="zksolvency/proof/1"),
    ],
)
def test_a_malformed_file_is_bad_input(round_1: PriceRound, change: Callable[[Any], object]) -> None:
    content: Any = json.loads(json.dumps(simulate("exit", round_1).envelope.to_json()))
    change(content)
    with pytest.raises(InputError):
        BookProofEnvelope.from_json(content)
