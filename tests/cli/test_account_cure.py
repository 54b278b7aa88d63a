"""`zksolvency account cure`: the least deposit that cures, rounded up, since it is public."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from cli.account_stage import AccountStage
from cli.harness import Run
from cli.liquidation_stage import LOW, identity, is_flagged, open_words, put_back, sold_stage, wait, write_keys

from prover.chain import Permission
from prover.onchain import CurePlan, Owner
from verifier import ProvingError

pytestmark = pytest.mark.full

OPENING_BOND: Final = 2 * 10**16


@pytest.fixture(scope="module")
def sold(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccountStage]:
    with sold_stage(tmp_path_factory.mktemp("sold")) as made:
        made.hidden.clear()
        yield made


@pytest.fixture
def stage(sold: AccountStage) -> Iterator[AccountStage]:
    """Alice has 1,437.19 USD at 93,500 USD, for a maintenance margin of 2,193.21 and an initial margin of 4,386.42."""
    with put_back(sold):
        sold.book.post(BTC_PERP=LOW)
        yield sold


@pytest.fixture
def flagged(stage: AccountStage, run: Run, tmp_path: Path, quick_passphrases: None) -> AccountStage:
    write_keys(stage, tmp_path)
    assert run(*open_words(stage, tmp_path, identity(stage, "alice"))).code == 0
    return stage


def cure(stage: AccountStage, *words: object, **settings: Any) -> Any:
    return stage.run("account", "cure", "--account", "alice", *words, **settings)


def missing(stage: AccountStage) -> str:
    found: str = stage.run("account", "limits", "--account", "alice", "--json", shows=True).json["missing"]
    return found


def test_what_is_missing_is_shown_and_a_rounded_amount_is_deposited(flagged: AccountStage) -> None:
    stage, lacks, before = flagged, Decimal(missing(flagged)), flagged.state("alice")
    assert 2_900 < lacks < 3_000
    declined = cure(stage, stdin="n\n", shows=True)
    assert (declined.code, "nothing was sent" in declined.stderr) == (3, True), declined
    assert "3,000.00 USD, public on chain" in declined.stderr
    assert f"{lacks:,.2f}"[:5] in declined.stderr
    assert "0.02 ETH along with it" in declined.stderr
    assert (stage.state("alice"), is_flagged(stage, "alice")) == (before, True)
    cured = cure(stage, stdin="y\n", shows=True)
    assert cured.code == 0, cured
    assert not is_flagged(stage, "alice")
    assert stage.state("alice")[1] - before[1] == 3_000 * 10**18
    contract = stage.book.book.contracts.book
    assert contract.vault.bond(stage.owners["alice"].identity).amount == OPENING_BOND


def test_without_a_question_only_the_amount_is_told(flagged: AccountStage) -> None:
    lacks = missing(flagged)
    flagged.hidden |= {lacks, lacks[:6], f"{int(lacks[:4]):,}"}
    done = cure(flagged, "--yes", "--json")
    assert done.code == 0, done
    assert {name: done.json[name] for name in ("account", "asset", "amount", "bond", "claim", "flagged")} == {
        "account": "alice",
        "asset": "USD",
        "amount": "3000",
        "bond": OPENING_BOND,
        "claim": "meets-initial-margin",
        "flagged": False,
    }


def test_more_is_deposited_where_it_is_asked_for(flagged: AccountStage) -> None:
    """After the cure window too, when one deposit has to cure."""
    wait(flagged, 70)
    assert cure(flagged, "--at-least", "-1", "--yes", "--json").code == 3
    done = cure(flagged, "--at-least", "4321", "--yes", "--json")
    assert (done.code, done.json["amount"], done.json["flagged"]) == (0, "4400", False), done


def test_a_small_lack_is_hidden_by_the_dust(flagged: AccountStage) -> None:
    """Prices came back, and the flag is left: any deposit ends it."""
    flagged.book.post()
    assert missing(flagged) == "0"
    asked = cure(flagged, stdin="n\n")
    assert "nothing: any deposit cures it" in asked.stderr
    assert "1,000.00 USD" in asked.stderr
    done = cure(flagged, "--at-least", "0", "--yes", "--json")
    assert (done.code, done.json["amount"], done.json["flagged"]) == (0, "0.000001", False), done


def test_an_account_that_is_not_flagged_yet_shows_nothing(stage: AccountStage) -> None:
    assert stage.book.book.contracts.book.permission_of(stage.owners["alice"].identity) is Permission.FREE
    done = cure(stage, "--yes", "--json")
    assert (done.code, done.json["claim"], done.json["flagged"], done.json["bond"]) == (0, "unsaid", False, 0), done
    assert missing(stage) == "0"
    nothing = cure(stage, "--yes", "--json")
    assert (nothing.code, "nothing to cure" in nothing.error["message"]) == (3, True)


def test_a_deposit_that_does_not_cure_any_more_is_not_made(flagged: AccountStage) -> None:
    owner: Owner = flagged.owners["alice"]
    plan, before = CurePlan.make(owner, 0), flagged.state("alice")
    flagged.book.post(BTC_PERP="93200")
    with pytest.raises(ProvingError, match="prices have moved"):
        plan.carry_out(owner)
    assert flagged.state("alice") == before
    CurePlan.make(owner, 0).carry_out(owner)
    assert not is_flagged(flagged, "alice")
