"""The sender of the reports chooses between two prices."""

import pytest
from attacks.attack_stage import AttackStage, TheftSucceeded

from verifier import ChainError

pytestmark = pytest.mark.full


def test_the_older_reports_make_no_round_that_lasts(stage: AttackStage) -> None:
    """A trader posts the older of two sets of reports, and the newer set replaces its price at once.

    Who holds what: round 1 has 10,000 USD. The reporters sign 10,030 USD, and 15 seconds later 9,970 USD. Anyone may
    post either set. The trader also keeps a set of two minutes ago, at 10,060 USD.

    What they do: the trader posts the oldest set, and then the older one.

    What they get: the oldest set is refused, for a report is good for 30 seconds. The older one makes round 2. The
    newer one makes round 3 as soon as anyone posts it, and after it the older one makes no round any more.

    What stops them: a report names a time and not a round, and is good for a short time.
    """
    rounds = stage.contracts.rounds
    stage.post(0, 10_000)
    oldest = stage.reports(60, 10_060)
    stage.wait_until(175)
    older, newer = stage.reports(160, 10_030), stage.reports(175, 9_970)

    with pytest.raises(ChainError) as refused:
        rounds.post(oldest)
    assert refused.value.refusal == "ReportTooOld"
    rounds.post(older)
    rounds.post(newer)
    with pytest.raises(ChainError) as refused:
        rounds.post(older)
    assert refused.value.refusal == "RoundOutOfOrder"
    if rounds.round(rounds.latest_id()).prices[stage.perpetual] != 9_970 * 10**9:
        raise TheftSucceeded("the trader made the book count at an older price than the newest that was signed")
