"""What `oracle run` prints of a look: one line, and each fault once while it lasts."""

import json
from dataclasses import replace

import pytest

from prover.cli._oracle_look import LookPrinter, look_json, look_line
from prover.market import PPM
from prover.onchain import PriceMove
from prover.oracle import Decision, Look, LookFailed, Observation, Omission, Outcome, PostingReason
from verifier import ChainError

SEEN = Observation(
    timestamp=1_763_800_000,
    prices=(5, None),
    funding=(0, 0),
    omitted=(Omission("SOL", "no feed prices it"),),
    leaps=(PriceMove("BTC-PERP", 10**9, 2 * 10**9, 10**7, PPM // 100),),
    faults=(),
)
LOOK = Look(
    time=1_763_800_001,
    round_id=7,
    observation=SEEN,
    signed=None,
    reports=("0xAa",),
    threshold=2,
    rejected=("price report x: altered",),
    faults=("price feed y: \x1b[31mnonsense",),
    outcome=Outcome(Decision.WAITING, PostingReason.AGE, pause=3.0),
)


def test_a_look_is_one_line() -> None:
    assert look_line(LOOK) == (
        "08:26:41 UTC  round 7; sees 1 price, signs nothing new; without SOL; 1 report, 2 needed: waiting (age)"
    )
    refused = replace(LOOK, outcome=Outcome(Decision.REFUSED, PostingReason.AGE, error=ChainError("two\nlines")))
    assert look_line(refused).endswith(": refused (age): two lines")
    strange = replace(LOOK, outcome=Outcome(Decision.STRANGE, PostingReason.AGE, "BTC-PERP"))
    assert look_line(strange).endswith(": strange prices (age): BTC-PERP")


def test_a_look_is_an_object_for_machines() -> None:
    content = json.loads(json.dumps(look_json(LOOK)))
    assert content["omitted"] == {"SOL": "no feed prices it"}
    assert (content["leaps"], content["decision"], content["reason"]) == (["BTC-PERP"], "waiting", "age")
    assert (content["round"], content["signed"], content["message"]) == (7, None, None)
    assert "posted" not in content


def test_a_fault_is_told_once_while_it_lasts(capsys: pytest.CaptureFixture[str]) -> None:
    printer = LookPrinter(as_json=False)
    mended = replace(LOOK, rejected=(), faults=(), observation=replace(SEEN, omitted=(), leaps=()))
    told = []
    for look in (LOOK, LOOK, mended, LOOK):
        printer.print(look)
        told.append(capsys.readouterr().err)
    assert told[0].count("warning:") == 4
    assert "BTC-PERP moves from 1 USD by more than 0.01 USD in a minute" in told[0]
    assert "\x1b" not in told[0]
    assert (told[1], told[2]) == ("", "")
    assert told[3] == told[0]


def test_a_look_that_fails_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    failed = LookFailed(ChainError("the node does not answer"))
    LookPrinter(as_json=False).print(failed)
    assert "a look failed, and is tried again: the node does not answer" in capsys.readouterr().err
    LookPrinter(as_json=True).print(failed)
    content = json.loads(capsys.readouterr().out)
    assert (content["event"], content["message"]) == ("failed", "the node does not answer")
