"""Terms and crashes: files, names, and what is refused."""

from pathlib import Path

import pytest

from liquidator.risk import AssetMarket
from liquidator.simulation import Crash, SimulationTerms, load_crash, named_crashes
from prover.chain import LiquidationCurves, LiquidationTerms
from prover.liquidation import Auction
from tests.liquidator.risk.risk_stage import BITCOIN
from verifier import InputError, VectorKind

MARKETS = (AssetMarket(BITCOIN, 0.04, 1e9), AssetMarket(("ETH-PERP",), 0.04, 1e9), AssetMarket(("SOL",), 0.04, 1e9))


def test_the_default_auction_is_that_of_a_deployment() -> None:
    exact = Auction.of(LiquidationTerms(), LiquidationCurves(), VectorKind.MAINTENANCE, 60)
    assert SimulationTerms().auction == exact


def test_a_file_changes_what_it_names(tmp_path: Path) -> None:
    path = tmp_path / "terms.toml"
    path.write_text('ramp = 120\ncapital = 5_000_000\nimpact = "almgren-chriss"\n')
    found = SimulationTerms.load(path)
    assert (found.ramp, found.capital, found.impact, found.cap) == (120, 5e6, "almgren-chriss", 5_000)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ramps = 1", "ramps"),
        ("cap = 20000", "cap"),
        ("floor = 5000\ncap = 1000", "floor is above cap"),
        ("flag_lifetime = 60", "ends before a ramp"),
        ("ramp = ", "no TOML"),
    ],
)
def test_terms_that_cannot_be_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "terms.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        SimulationTerms.load(path)


def test_every_named_crash_has_sources_and_a_course() -> None:
    known = named_crashes()
    assert list(known) == ["march-2020", "may-2021", "november-2022", "october-2025"]
    for name, crash in known.items():
        assert crash.sources
        assert crash.notes
        assert min(point.moves[0] for point in crash.points(MARKETS)) < -0.14
        assert load_crash(name) == crash


def test_each_market_follows_its_own_course(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('title = "own"\n[[course]]\nhours = 1.0\nmoves = { BTC = -0.1, ETH-PERP = -0.2, OTHER = -0.3 }\n')
    assert load_crash(str(path)).points(MARKETS)[0].moves == (-0.1, -0.2, -0.3)


@pytest.mark.parametrize(
    ("course", "message"),
    [
        ("[[course]]\nhours = 1.0\nmoves = { BTC = -0.1 }", "no move of ETH-PERP"),
        ("[[course]]\nhours = 1.0\nmoves = { OTHER = -1.0 }", "moves.OTHER"),
        ("[[course]]\nhours = 2.0\nmoves = {}\n[[course]]\nhours = 1.0\nmoves = {}", "do not rise"),
    ],
)
def test_a_crash_that_cannot_be_is_refused(tmp_path: Path, course: str, message: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(f'title = "own"\n{course}\n')
    with pytest.raises(InputError, match=message):
        Crash.load(path).points(MARKETS)


def test_an_unknown_name_is_told_the_known_ones() -> None:
    with pytest.raises(InputError, match="none of march-2020, may-2021"):
        load_crash("april-2020")
