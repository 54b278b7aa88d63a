"""The sender of the reports chooses between two prices."""

import pytest
from attacks.attack_stage import AttackStage, TheftSucceeded

from verifier import ChainError

pytestmark = pytest.mark.full


@pytest.mark.xfail(
    strict=True,
    raises=TheftSucceeded,
    reason="'Prices that cannot halt, deadlock or under-margin a book': reports name a time, and a later set wins",
)
def test_the_older_reports_make_the_round(stage: AttackStage) -> None:
    """A trader posts the price of two minutes ago, and the present one is refused.

    Who holds what: round 1 has 10,000 USD. The reporters sign 10,300 USD for the next round, and it is not posted.
    115 seconds later they sign 8,800 USD for the same round. Anyone may post either set.

    What they do: the trader posts the older set first.

    What they get: a round at 10,300 USD while the market is at 8,800 USD. All trades, flags and withdrawals count at
    that price, until reporters have signed for round 3.

    What must stop them: reports name a time and not a round, and of two sets the later one wins.
    """
    rounds = stage.contracts.rounds
    first = stage.post(0, 10_000)
    stage.wait_until(60)
    older = stage.reports(60, 10_300)
    stage.wait_until(175)
    newer = stage.reports(175, 8_800)
    assert {report.round_id for report in (*older, *newer)} == {first.id + 1}

    posted = rounds.post(older)

    with pytest.raises(ChainError) as refused:
        rounds.post(newer)
    assert refused.value.refusal == "WrongRoundId"
    newest = rounds.round(rounds.latest_id())
    assert newest.id == posted
    if newest.prices[stage.perpetual] == 10_300 * 10**9:
        raise TheftSucceeded("the trader made the book count at 10,300 USD instead of 8,800 USD")
