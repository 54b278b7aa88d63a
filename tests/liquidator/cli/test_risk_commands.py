"""`predict` and `impact` on account files: what they show, and that it is what the library computes."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from cli.harness import ROUND_1, Outcome, invoke

import liquidator.risk._libraries
from prover.account import Account, Domain, OwnerKeys
from tests.liquidator.risk.risk_stage import BOOK, HOURLY, ROOT

BITCOIN = f"WBTC,BTC-PERP={HOURLY}"
ETHER = f"WETH,ETH-PERP={ROOT / 'examples' / 'prices' / 'eth-daily.csv'}"
HOLDINGS = {
    "victim": ({"BTC-PERP": "60", "ETH-PERP": "200", "BTC-26MAR27-80000-P": "-10"}, "-6290000"),
    "alice": ({"WBTC": "4", "BTC-PERP": "10"}, "-1200000"),
    "bob": ({"BTC-PERP": "-20"}, "2100000"),
    "carol": ({"BTC-PERP": "5"}, "-470000"),
}
VOLATILITY = ("--volatility", "ewma")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One account file each."""
    made = tmp_path_factory.mktemp("accounts")
    for name, (positions, quote) in HOLDINGS.items():
        Account.create(BOOK, positions, quote, OwnerKeys.generate(Domain(31_337, 0))).save(made / f"{name}.json")
    return made


def predicted(folder: Path, *words: object) -> Outcome:
    names = [word for name in ("alice", "bob", "carol") for word in ("--account", folder / f"{name}.json")]
    return invoke("liquidator", "predict", *names, "--round", ROUND_1, "--history", BITCOIN, *VOLATILITY, *words)


def impacted(folder: Path, *words: object, victim: str = "victim") -> Outcome:
    others = [word for name in ("alice", "bob", "carol") for word in ("--other", folder / f"{name}.json")]
    words = (*others, "--round", ROUND_1, "--history", BITCOIN, "--history", ETHER, *words)
    return invoke("liquidator", "impact", "--victim", folder / f"{victim}.json", *words)


def test_predictions_are_shown_with_what_repeats_them(folder: Path) -> None:
    shown = predicted(folder, "--seed", 7, "--json").json
    assert {row["account"] for row in shown["accounts"]} == {"alice", "bob", "carol"}
    assert (shown["seed"], shown["paths"], shown["steps"], shown["volatility"]) == (7, 2000, 24, "ewma")
    for row in shown["accounts"]:
        chances = list(row["crossing"].values())
        assert list(row["crossing"]) == ["60", "600", "3600", "86400"]
        assert chances == sorted(chances)
    losses = [row["bad_debt"]["86400"] for row in shown["accounts"]]
    assert losses == sorted(losses, reverse=True)
    assert shown == predicted(folder, "--seed", 7, "--json").json
    assert shown["accounts"] != predicted(folder, "--seed", 8, "--json").json["accounts"]


def test_bounds_tell_how_often_they_were_missed(folder: Path) -> None:
    bounds = predicted(folder, "--json").json["bounds"]["WBTC"]
    assert 0.01 < bounds["3600"]["move"] < 0.2
    assert bounds["3600"]["cases"] > 200
    assert bounds["86400"] == {"move": None, "missed": None, "cases": 0}


def test_people_see_a_table_and_the_seed(folder: Path) -> None:
    text = predicted(folder, "--top", 2, "--seed", 3).stdout
    assert text.split()[:3] == ["account", "health", "[USD]"]
    assert "and 1 more" in text
    assert "seed 3" in text


def test_a_folder_of_accounts_is_read(folder: Path) -> None:
    words = ("--round", ROUND_1, "--history", BITCOIN, "--history", ETHER.replace("eth", "btc"), *VOLATILITY)
    result = invoke("liquidator", "predict", "--account", folder, *words, "--json")
    assert (result.code, "needs 100" in result.error["message"]) == (3, True), "hours of 2018 and days of later years"
    words = ("--round", ROUND_1, "--history", BITCOIN.replace("=", ",ETH-PERP="), *VOLATILITY)
    shown = invoke("liquidator", "predict", "--account", folder, *words, "--json").json
    assert {row["account"] for row in shown["accounts"]} == set(HOLDINGS)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--history", "BTC-PERP"), "write SYMBOLS=FILE"),
        (("--history", f"BTC-PERP={HOURLY}"), "two histories"),
        (("--volatility", "har"), "har needs 500 returns"),
        (("--book", "majors-13"), "belongs to the book"),
    ],
)
def test_what_cannot_be_predicted_is_refused(folder: Path, words: tuple[str, ...], message: str) -> None:
    result = predicted(folder, *words, "--json")
    assert (result.code, message in result.error["message"]) == (3, True), result


def test_an_impact_pulls_others_down(folder: Path) -> None:
    shown = impacted(folder, "--whole", "--json").json
    assert shown["parcel"] == HOLDINGS["victim"][0]
    bitcoin, ether = shown["trades"]
    assert bitcoin["move"] < 0
    assert ether["amount"] == pytest.approx(-200 * 3_604.25)
    assert bitcoin["amount"] == pytest.approx(-shown["greeks"]["BTC-PERP"]["delta"] * 97_150.5)
    changes = {row["account"]: row["health_after"] - row["health"] for row in shown["others"]}
    assert changes["alice"] < 0 < changes["bob"]
    assert shown["pulled_below"] == ["carol"]
    text = impacted(folder, "--whole").stdout
    assert [line.split()[0] for line in text.splitlines() if "pulled below the line" in line] == ["carol"]


def test_the_parcel_is_the_smallest_that_cures(folder: Path) -> None:
    parcel = impacted(folder, "--json").json["parcel"]
    assert len(parcel) == 1
    ((symbol, amount),) = parcel.items()
    assert 0 < abs(float(amount)) < abs(float(HOLDINGS["victim"][0][symbol]))


def test_an_account_that_meets_its_margin_is_not_liquidated(folder: Path) -> None:
    result = impacted(folder, "--json", victim="bob")
    assert (result.code, "--whole" in result.error["message"]) == (5, True)


def test_a_deep_market_moves_less(folder: Path) -> None:
    moves = [
        impacted(folder, "--whole", "--json", *words).json["trades"][0]["move"]
        for words in (("--volume", "WBTC=1e9"), ("--volume", "BTC-PERP=4e9"))
    ]
    assert moves[0] == pytest.approx(2 * moves[1])
    quick, slow = (
        impacted(folder, "--whole", "--json", "--method", "almgren-chriss", "--minutes", minutes).json["trades"][0]
        for minutes in (1, 600)
    )
    assert quick["cost"] > slow["cost"]


@pytest.mark.parametrize(("volume", "message"), [("BTC-PERP", "SYMBOL=USD"), ("SOL=1", "no --history is of SOL")])
def test_a_volume_of_nothing_is_refused(folder: Path, volume: str, message: str) -> None:
    result = impacted(folder, "--volume", volume, "--json")
    assert (result.code, message in result.error["message"]) == (3, True)


def test_a_missing_extra_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_scipy(name: str) -> Any:
        return None if name == "scipy" else find_spec(name)

    monkeypatch.setattr(liquidator.risk._libraries, "find_spec", without_scipy)
    result = predicted(folder, "--json")
    assert (result.code, "zksolvency-liquidator[risk]" in result.error["message"]) == (4, True)
