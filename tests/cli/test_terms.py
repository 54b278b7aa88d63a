"""The terms of a trade, asked for or read: what is typed and read appears in no output."""

import io
from pathlib import Path

import pytest
from cli.harness import ROOT, assert_hidden, invoke

from prover import AssetList
from prover.cli._terms import ask_terms, read_terms
from prover.trade import Leg, Side, TradeTerms
from verifier import InputError

SIZE = "77.123456789"
PRICE = "64123.987654321"
SECRETS = {SIZE, PRICE, "77.1", "64123"}


@pytest.fixture(scope="module")
def majors() -> AssetList:
    return AssetList.load(ROOT / "books" / "majors-13.json")


def test_a_wrong_answer_is_asked_for_again(
    majors: AssetList, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = ["hold", "buy", "GOLD", "eth-perp", SIZE + "1", "", SIZE, "-1", PRICE, "n"]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(answers) + "\n"))
    assert ask_terms(majors) == TradeTerms(Side.BUY, (Leg(4, 77_123_456_789, 64_123_987_654_321),))
    output = capsys.readouterr()
    assert output.err.count("Error:") == 4
    assert_hidden(SECRETS, output.out, output.err)


def test_several_legs_are_one_trade_and_no_asset_has_two(
    majors: AssetList, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = ["sell", "ETH-PERP", SIZE, PRICE, "y", "buy", "eth-perp", "SOL", "2", "150.5", "n"]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(answers) + "\n"))
    legs = (Leg(4, 77_123_456_789, 64_123_987_654_321), Leg(majors.slots["SOL"], -2 * 10**9, 150_500_000_000))
    assert ask_terms(majors) == TradeTerms(Side.SELL, legs)
    output = capsys.readouterr()
    assert output.err.count("Error: asset: it has a leg in this trade already") == 1
    assert_hidden(SECRETS, output.out, output.err)


@pytest.mark.parametrize("option", ["--side", "--asset", "--size", "--price"])
def test_no_option_takes_terms(option: str) -> None:
    """Command lines are public: other users see them in the list of processes."""
    outcome = invoke("account", "trade", "offer", option, "1", "--out", "offer.txt", "--json")
    assert outcome.error["kind"] == "usage"
    assert "No such option" in outcome.error["message"]


def test_terms_on_a_file_that_is_missing(majors: AssetList, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"terms.csv: No such file"):
        read_terms(tmp_path / "terms.csv", majors)
