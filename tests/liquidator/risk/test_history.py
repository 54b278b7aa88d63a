"""Price histories: what is kept of several files, and daily volumes."""

from pathlib import Path

import numpy as np
import pytest

from liquidator.risk import PriceHistory, daily_volume
from tests.liquidator.risk.risk_stage import HOURLY
from verifier import InputError


def written(path: Path, rows: list[tuple[int, float, float]]) -> Path:
    path.write_text("timestamp,open,volume\n" + "".join(f"{time},{price},{volume}\n" for time, price, volume in rows))
    return path


def test_times_that_all_files_have_are_kept(tmp_path: Path) -> None:
    first = written(tmp_path / "a.csv", [(hour * 3600, 100 + hour, 1) for hour in range(6)])
    second = written(tmp_path / "b.csv", [(hour * 3600, 50, 1) for hour in (0, 1, 2, 4, 5, 9)])
    history = PriceHistory.load({"a": first, "b": second})
    assert history.times.tolist() == [0, 3600, 7200, 14400, 18000]
    assert history.prices.T.tolist() == [[100, 101, 102, 104, 105], [50] * 5]
    assert history.step == 3600
    assert len(history.returns) == 3, "the return over the gap is left out"
    assert history.returns[:, 0] == pytest.approx(np.log([101 / 100, 102 / 101, 105 / 104]))


def test_files_without_times_in_common_are_refused(tmp_path: Path) -> None:
    first = written(tmp_path / "a.csv", [(hour * 3600, 1, 1) for hour in range(5)])
    second = written(tmp_path / "b.csv", [(hour * 3600 + 1, 1, 1) for hour in range(5)])
    with pytest.raises(InputError, match="three times"):
        PriceHistory.load({"a": first, "b": second})


@pytest.mark.parametrize(
    ("times", "prices"), [([0, 1, 1], [1, 1, 1]), ([0, 1, 2], [1, 0, 1]), ([0, 1], [1, 1]), ([0, 1, 2], [1, 1])]
)
def test_a_history_that_is_none_is_refused(times: list[int], prices: list[float]) -> None:
    with pytest.raises(InputError):
        PriceHistory(("a",), np.array(times), np.array(prices, dtype=float).reshape(-1, 1))


def test_the_committed_prices_are_a_history() -> None:
    history = PriceHistory.load({"BTC": HOURLY})
    assert (len(history.times), history.step) == (336, 3600)
    assert len(history.until(100).returns) == 99


def test_the_daily_volume_is_the_mean_of_the_last_days(tmp_path: Path) -> None:
    rows = [(hour * 3600, 100, 7 if hour < 240 else 2) for hour in range(480)]
    assert daily_volume(written(tmp_path / "a.csv", rows), days=9) == pytest.approx(48)


@pytest.mark.parametrize("rows", [[(0, 1, 1), (3600, 1, 1)], [(0, 1, -1), (86_400, 1, 1)]])
def test_a_volume_that_tells_nothing_is_refused(tmp_path: Path, rows: list[tuple[int, float, float]]) -> None:
    with pytest.raises(InputError):
        daily_volume(written(tmp_path / "a.csv", rows))
