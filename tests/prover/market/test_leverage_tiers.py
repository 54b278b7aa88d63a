"""prover/market/_leverage_tiers.py: a tier is never read in favour of the account."""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from prover.market import load_tiers, tier_at, tiers_of
from prover.market._leverage_tiers import Tier
from verifier import InputError

EXCERPT = Path(__file__).parent.parent.parent / "vectors" / "binance-tiers.json"
SOL, BTC = "SOL/USDT:USDT", "BTC/USDT:USDT"


@pytest.fixture(scope="module")
def rows() -> Mapping[str, list[dict[str, str]]]:
    content: dict[str, Any] = json.loads(EXCERPT.read_text())
    tiers: Mapping[str, list[dict[str, str]]] = content["tiers"]
    return tiers


@pytest.mark.parametrize(
    ("size", "maintenance", "initial"),
    [
        ("0", 5_000, 10_000),
        ("1000000", 20_000, 40_000),
        ("999999.99", 10_000, 20_000),
        ("5000000", 25_000, 50_000),
        ("400000000", 500_000, 1_000_000),
    ],
)
def test_the_tier_holds_the_size(size: str, maintenance: int, initial: int) -> None:
    tier = tier_at(load_tiers(EXCERPT)[SOL], Decimal(size), SOL)
    assert (tier.maintenance_ppm(), tier.initial_ppm()) == (maintenance, initial)


@pytest.mark.parametrize("size", ["-1", "400000000.01"])
def test_a_size_that_no_tier_holds_is_refused(size: str) -> None:
    with pytest.raises(InputError, match="no tier"):
        tier_at(load_tiers(EXCERPT)[SOL], Decimal(size), SOL)


def test_fractions_are_rounded_up() -> None:
    tier = Tier(Decimal(0), Decimal(1), Decimal("0.00000101"), Decimal(75))
    assert (tier.maintenance_ppm(), tier.initial_ppm()) == (2, 13_334)


def test_tiers_with_a_gap_or_a_softer_one_above_are_refused(rows: Mapping[str, list[dict[str, str]]]) -> None:
    first, second, third, *_ = rows[BTC]
    with pytest.raises(InputError, match="fit together"):
        tiers_of([first, third], BTC)
    for softer in ({"maxLeverage": "151"}, {"maintenanceMarginRate": "0.003"}):
        with pytest.raises(InputError, match="fit together"):
            tiers_of([first, {**second, **softer}], BTC)


def test_the_exchange_s_own_answer_is_read_too(tmp_path: Path, rows: Mapping[str, list[dict[str, str]]]) -> None:
    """Written by us after the fields that /fapi/v1/leverageBracket documents."""
    names = {
        "notionalFloor": "minNotional",
        "notionalCap": "maxNotional",
        "maintMarginRatio": "maintenanceMarginRate",
        "initialLeverage": "maxLeverage",
    }
    brackets = [{ours: float(row[theirs]) for ours, theirs in names.items()} for row in rows[BTC]]
    path = tmp_path / "brackets.json"
    path.write_text(json.dumps([{"symbol": "BTCUSDT", "brackets": brackets}]))
    assert load_tiers(path) == {"BTCUSDT": load_tiers(EXCERPT)[BTC]}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("symbol,tier", "not JSON"),
        ("[]", "expected tiers by symbol"),
        ('{"X": 5}', "expected a list of tiers"),
        ('{"X": [{"minNotional": 0}]}', "has not the numbers minNotional, maxNotional"),
        (
            '{"X": [{"minNotional":0,"maxNotional":5,"maintenanceMarginRate":"x","maxLeverage":5}]}',
            "has not the numbers",
        ),
        ('{"X": [{"minNotional":0,"maxNotional":5,"maintenanceMarginRate":0,"maxLeverage":5}]}', "out of range"),
        ('{"X": [{"minNotional":0,"maxNotional":5,"maintenanceMarginRate":0.1,"maxLeverage":0.5}]}', "out of range"),
        ('{"X": [{"minNotional":"NaN","maxNotional":5,"maintenanceMarginRate":0.1,"maxLeverage":5}]}', "numbers"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: str, complaint: str) -> None:
    path = tmp_path / "t.json"
    path.write_text(content)
    with pytest.raises(InputError, match=complaint):
        load_tiers(path)
