"""Reports: figures are those of the accounts, and no account can be told from others."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from liquidator.risk import Candles, History, Report, Sources, _report_sources, make_report
from liquidator.risk._report_accounts import LEAST_GROUP, Markets
from liquidator.store import Outcome
from tests.liquidator.risk.margin_stage import bitcoin
from tests.liquidator.risk.report_stage import account, column, job, perpetual_accounts, simulation
from tests.liquidator.risk.risk_stage import ROUND
from verifier import InputError

ACCOUNTS = perpetual_accounts()


def section(report: Report, key: str) -> Any:
    return next(one for one in report.sections if one.key == key)


@pytest.fixture(scope="module")
def report() -> Report:
    jobs = [
        job(1, "flag maintenance", Outcome.DONE, 2.0),
        job(2, "flag overdraft", Outcome.REFUSED, 9.0),
        job(3, "flag maintenance", Outcome.DONE, 4.0),
        job(4, "take-over", Outcome.INTERRUPTED, 1.0),
    ]
    return make_report(ACCOUNTS, ROUND, Sources(jobs=tuple(jobs), simulation=simulation()))


def test_every_account_is_counted_once_by_its_exact_health(report: Report) -> None:
    health = section(report, "health")
    ratios = [each.health(ROUND).ratio for each in ACCOUNTS.values()]
    assert sum(column(health, "accounts")) == len(ACCOUNTS)
    assert column(health, "accounts")[0] == sum(ratio is not None and ratio < 1 for ratio in ratios) == 1
    assert column(health, "accounts")[-1] == sum(ratio is None or ratio >= 5 for ratio in ratios)
    assert report.about["below_maintenance"] == 1


def test_an_account_that_needs_no_margin_is_the_healthiest() -> None:
    accounts = ACCOUNTS | {"cash": account({}, "100")}
    counted = column(section(make_report(accounts, ROUND, Sources()), "health"), "accounts")
    assert sum(counted) == len(accounts)
    assert counted[-1] == column(section(make_report(ACCOUNTS, ROUND, Sources()), "health"), "accounts")[-1] + 1


def test_the_distance_of_a_perpetual_is_exact() -> None:
    price, margin, funding = 97_150.5, 0.025, 152.25
    accounts = [account({"BTC-PERP": "2"}, "-180000"), account({"BTC-PERP": "-2"}, "210000"), account({}, "1")]
    markets = Markets(accounts, ROUND, [])
    assert markets.names == ["BTC-PERP"]
    assert markets.down[:, 0] == pytest.approx(
        [1 - (90_000 + funding) / (price * (1 - margin)), np.inf, np.inf], rel=1e-3
    )
    assert markets.up[:, 0] == pytest.approx(
        [np.inf, (105_000 + funding) / (price * (1 + margin)) - 1, np.inf], rel=1e-3
    )


def test_symbols_that_move_together_set_each_other_off() -> None:
    hedged = [account({"WBTC": "1", "BTC-PERP": "-0.9"}, "30000")]
    alone, together = Markets(hedged, ROUND, []), Markets(hedged, ROUND, [("WBTC", "BTC-PERP")])
    assert alone.names == ["WBTC", "BTC-PERP"]
    assert np.isfinite(alone.nearest).any()
    assert together.names == ["WBTC, BTC-PERP"]
    assert not np.isfinite(together.nearest).any()


def test_an_account_below_its_margin_has_no_distance_left(report: Report) -> None:
    distance = section(report, "distance")
    assert distance.drawn["curves"]["BTC-PERP"][0] == 1 / len(ACCOUNTS)
    parts = [column(distance, f"within {within}")[0] for within in ("2%", "5%", "10%", "20%")]
    assert parts == sorted(parts)
    assert parts[0] >= 1 / len(ACCOUNTS)


def test_shares_are_of_the_whole_exposure(report: Report) -> None:
    concentration = section(report, "concentration")
    assert column(concentration, "largest") == pytest.approx([8 / 36], rel=1e-6)
    assert column(concentration, "largest 5") == pytest.approx([(8 + 7 + 6 + 5 + 4) / 36])
    assert column(concentration, "largest 10") == pytest.approx([1.0])
    assert column(concentration, "net / gross") == pytest.approx([4 / 36])
    assert column(concentration, "effective number") == pytest.approx([36**2 / sum(n * n for n in range(1, 9))])


def test_what_few_accounts_hold_is_not_shown(report: Report) -> None:
    for key in ("distance", "concentration"):
        assert column(section(report, key), "market") == ["BTC-PERP"]
    few = dict(list(ACCOUNTS.items())[: LEAST_GROUP - 1])
    with pytest.raises(InputError, match="fewer than 5 accounts"):
        make_report(few, ROUND, Sources())
    with pytest.raises(InputError, match="fewer than 5 accounts"):
        make_report(few, ROUND, Sources(), list(few)[1:])
    assert section(make_report(few, ROUND, Sources(), list(few)), "accounts").rows


def test_only_accounts_that_are_asked_for_are_named(report: Report) -> None:
    assert [one.key for one in report.sections if one.key == "accounts"] == []
    name = "desk-2-zurich"
    made = make_report(ACCOUNTS, ROUND, Sources(), [name])
    (row,) = section(made, "accounts").rows
    assert row[:2] == (name, ACCOUNTS[name].health(ROUND).health / 10**18)
    assert (row[3], row[4] < 0) == ("BTC-PERP", True)
    with pytest.raises(InputError, match="there is no account zoe"):
        make_report(ACCOUNTS, ROUND, Sources(), ["zoe"])


def test_jobs_are_counted_by_what_they_were_for(report: Report) -> None:
    assert section(report, "auctions").rows == (("flag", 2, 1, 0, 3.0), ("take-over", 0, 0, 1, None))


def test_cascades_and_the_fund_are_told_in_parts(report: Report) -> None:
    cascades, fund = section(report, "cascades"), section(report, "fund")
    assert column(cascades, "sold / equity of all") == pytest.approx([0.0, 0.0, 0.05, 0.05, 0.05])
    assert column(cascades, "waves")[-1] == 3
    assert column(fund, "debt / fund")[-1] == 2.0
    assert "does not suffice in 5.00% of 200 scenarios" in fund.says


def test_sections_without_their_source_say_what_is_missing() -> None:
    made = make_report(ACCOUNTS, ROUND, Sources())
    reasons = {one.key: one.left_out for one in made.sections if one.left_out}
    assert {key: reason.rpartition("--")[2] for key, reason in reasons.items()} == {
        "cascades": "simulation",
        "auctions": "store",
        "calibration": "history",
        "fund": "simulation",
    }
    assert made.to_json()["sections"]["fund"] == {"left_out": reasons["fund"]}
    without = make_report(ACCOUNTS, ROUND, Sources(simulation=simulation(fund=0.0)))
    assert "no fund" in section(without, "fund").left_out


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scenarios": []}, "no figure flagged"),
        ({"scenarios": [{"flagged": 1}]}, "no figure seconds"),
        ({"scenarios": [{"flagged": "many"}]}, "no figure flagged"),
        ({"scenarios": 7}, "no figure flagged"),
        ({"equity": None}, "no number equity"),
    ],
)
def test_a_simulation_that_is_none_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make_report(ACCOUNTS, ROUND, Sources(simulation=simulation() | change))


def test_calibration_compares_forecasts_with_what_happened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_report_sources, "_FORECASTS", 30)
    history = bitcoin()
    candles = Candles(history, history.prices[:, 0], history.prices[:, 0])
    part = candles.slice(0, 1_600)
    told: list[str] = []
    made = make_report(ACCOUNTS, ROUND, Sources((History(("BTC-PERP",), part),)), told=told.append)
    calibration = section(made, "calibration")
    assert 30 * 16 <= sum(column(calibration, "cases")) <= 33 * 16
    forecasts = column(calibration, "forecast")
    assert forecasts == sorted(forecasts)
    assert told == ["looking at the accounts", "forecasting along the prices of BTC-PERP"]
    short = replace(candles, history=history.until(650)).slice(0, 650)
    missing = make_report(ACCOUNTS, ROUND, Sources((History(("BTC-PERP",), short),)))
    assert "too short" in section(missing, "calibration").left_out
