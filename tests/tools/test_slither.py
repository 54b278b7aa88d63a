"""What `make slither` accepts: a finding that is answered, and no answer to nothing."""

from tools.slither._answers import Answer, Finding, answers_of, findings_of, obsolete, unanswered

CONTRACT = {"type": "contract", "name": "PriceRounds"}
FUNCTION = {"type": "function", "name": "postRound", "type_specific_fields": {"parent": CONTRACT}}
NODE = {"type": "node", "name": "i < count", "type_specific_fields": {"parent": FUNCTION}}

PAGE = """
| detector | impact | where | answer |
|---|---|---|---|
| `calls-loop` | Low | `PriceRounds.postRound`, `Custody` | bounded by `MAX_REPORTERS` |
"""

LOOP = Finding("calls-loop", "Low", "PriceRounds.postRound")


def test_a_finding_is_placed_by_contract_and_function() -> None:
    items = [{"check": "calls-loop", "impact": "Low", "elements": [element]} for element in (NODE, FUNCTION, CONTRACT)]
    assert findings_of({"results": {"detectors": items}}) == [Finding("calls-loop", "Low", "PriceRounds"), LOOP]
    assert findings_of({"results": {}}) == []


def test_answers_are_the_rows_of_the_page() -> None:
    assert answers_of(PAGE) == [Answer("calls-loop", "PriceRounds.postRound"), Answer("calls-loop", "Custody")]


def test_an_unanswered_finding_is_told() -> None:
    answers = answers_of(PAGE)
    constructor = Finding("calls-loop", "Low", "Custody.constructor")
    other = Finding("timestamp", "Low", "PriceRounds.postRound")
    assert unanswered([LOOP, constructor, other], answers) == [other]


def test_an_answer_to_nothing_is_told() -> None:
    assert obsolete([LOOP], answers_of(PAGE)) == [Answer("calls-loop", "Custody")]
