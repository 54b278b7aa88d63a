"""A book whose engine has one rate for each ground: the same commands sell, show, release and take."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from cli.account_stage import AccountStage
from cli.harness import Run
from cli.liquidation_stage import (
    LOW,
    identity,
    is_flagged,
    liquidator_words,
    open_words,
    put_back,
    sold_stage,
    wait,
    write_keys,
)

from prover.account import BASE, point_to_text
from prover.chain import FixedRates
from prover.liquidation import LiquidatorKey
from prover.onchain import EngineSettings, LiquidationMarket
from verifier import MARGIN_KINDS, VectorKind

pytestmark = pytest.mark.full

RATES: Final = FixedRates(maintenance=1_200, overdraft=70, uncovered=400)


@pytest.fixture(scope="module")
def sold(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccountStage]:
    with sold_stage(tmp_path_factory.mktemp("sold"), EngineSettings(curves=RATES)) as made:
        yield made


@pytest.fixture
def stage(sold: AccountStage) -> Iterator[AccountStage]:
    """The same for each test."""
    with put_back(sold):
        yield sold


@pytest.fixture
def key(stage: AccountStage, tmp_path: Path, quick_passphrases: None) -> LiquidatorKey:
    return write_keys(stage, tmp_path)


def test_a_book_is_deployed_with_fixed_rates(run: Run, stage: AccountStage, tmp_path: Path) -> None:
    words = ["book", "deploy", "--guardian", point_to_text(BASE), "--reporter", "0x" + "12" * 20, "--engine"]
    words += ["--rpc", stage.book.node.url, "--deployment", tmp_path / "record.json", "--dry-run", "--json"]
    plan = run(*words, "--fixed-rates", "12,0.7,4").json["transactions"]
    (engine,) = (item for item in plan if item["contract"] == "FixedRateEngine")
    assert engine["settings"]["rates"] == RATES._asdict()
    assert "LiquidationEngine" not in {item["contract"] for item in plan}


def test_rates_are_those_of_the_contract(stage: AccountStage) -> None:
    market = LiquidationMarket.of(stage.book.book)
    assert market.engine.curves() == RATES
    for ground, auction in market.auctions.items():
        for elapsed in (0, 59, 60, 61, 7_200):
            reached = auction.reached(elapsed)
            covered = 0 if elapsed < auction.cure_window else reached.covered
            assert market.engine.rates_at(ground, elapsed) == (covered, reached.uncovered)
    assert set(market.auctions) == set(MARGIN_KINDS)
    for name, greatest in (("MAX_MAINTENANCE_RATE", 8_000), ("MAX_OVERDRAFT_RATE", 1_000)):
        assert market.engine.contract.read(name) == greatest


def test_an_account_is_taken_over_at_the_fixed_rate(
    run: Run, stage: AccountStage, key: LiquidatorKey, tmp_path: Path
) -> None:
    """From the end of the cure window on, and for no more later."""
    alice, book = identity(stage, "alice"), stage.book.options
    stage.book.post(BTC_PERP=LOW)
    opened = run(*open_words(stage, tmp_path, alice))
    assert (opened.json["state"], opened.json["parcels"]) == ("for sale", 1)
    words = ["liquidation", "take", opened.json["notice"], *liquidator_words(stage, tmp_path), "--account", "bob"]
    early = stage.run(*words, "--yes", "--json")
    assert (early.code, "the first one is due in" in early.error["message"]) == (3, True), early
    wait(stage, 200)
    offered = stage.run("liquidation", "offers", *words[2:], "--json", shows=True)
    (parcel,) = offered.json["notices"][0]["parcels"]
    assert (parcel["rate"], parcel["uncovered_rate"], parcel["in_seconds"]) == (1_200, 400, 0)
    assert "12 % covered, 4 % uncovered" in stage.plain("liquidation", "show", alice, *book).stdout
    taken = stage.run(*words, "--yes", "--json")
    assert taken.code == 0, taken
    assert {name: taken.json[name] for name in ("ground", "rate", "uncovered_rate", "cured")} == {
        "ground": str(VectorKind.MAINTENANCE),
        "rate": 1_200,
        "uncovered_rate": 400,
        "cured": True,
    }
    assert not is_flagged(stage, "alice")


def test_an_owner_releases_a_part_for_nothing(
    run: Run, stage: AccountStage, key: LiquidatorKey, tmp_path: Path
) -> None:
    """In the cure window, before the fixed rate is paid."""
    out = tmp_path / "release.json"
    stage.book.post(BTC_PERP=LOW)
    assert run(*open_words(stage, tmp_path, identity(stage, "alice"))).code == 0
    words = ["account", "release", "--liquidator", key.recipient, "--taker", identity(stage, "bob"), "--out", out]
    assert stage.run(*words, "--account", "alice", "--json").code == 0
    taken = stage.run(
        *("liquidation", "take", out, *liquidator_words(stage, tmp_path), "--account", "bob"),
        *("--yes", "--min-profit=-1000000", "--json"),
    )
    assert (taken.code, taken.json["rate"], taken.json["uncovered_rate"]) == (0, 0, 0), taken
    assert not is_flagged(stage, "alice")
