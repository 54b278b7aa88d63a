"""Settings of a margin book that are refused before anything is built or sent."""

from dataclasses import replace
from typing import Any

import pytest

from prover.chain import BookSettings
from prover.onchain import MissingTokensError, default_quorum, require_deployable, require_valid_settings
from prover.toolchain import load_book
from verifier import InputError

ADDRESSES = [f"0x{number:040x}" for number in range(1, 17)]
SETTINGS = BookSettings(reporters=ADDRESSES[:3], threshold=3, guardians=[(1, 2)])


@pytest.mark.parametrize(("reporters", "quorum"), [(1, 1), (2, 2), (3, 3), (4, 3), (5, 3), (6, 4), (9, 5), (15, 8)])
def test_no_reporter_alone_sets_a_price_where_there_are_three(reporters: int, quorum: int) -> None:
    assert default_quorum(reporters) == quorum
    assert 2 * quorum > reporters


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reporters": [*ADDRESSES[:2], ADDRESSES[0]]}, r"^reporters: name each"),
        ({"reporters": [*ADDRESSES[:2], "0x" + "0" * 40]}, r"^reporters: .*zero address"),
        ({"reporters": ["0x" + "ab" * 20, "0x" + "AB" * 20], "threshold": 2}, r"^reporters: name each"),
        ({"reporters": ADDRESSES, "threshold": 9}, r"^reporters: at most 15"),
        ({"threshold": 1}, r"^threshold: of 3 reporters, from 2 to 3"),
        ({"threshold": 4}, r"^threshold: of 3 reporters, from 2 to 3"),
        ({"guardians": [(1, 2), (1, 2)]}, r"^guardians: name each"),
        ({"max_report_age": 60, "stale_after": 60}, r"^max_report_age: must be below stale_after"),
        ({"max_report_age": 60, "max_proof_age": 60}, r"^max_report_age: must be below max_proof_age"),
        ({"withdrawal_delay": 59}, r"^withdrawal_delay: from 60 to 604800"),
        ({"withdrawal_delay": 604_801}, r"^withdrawal_delay: from 60"),
        ({"outflow_ppm": 1_000_001}, r"^outflow_ppm: from 0 to 1000000"),
        ({"cure_window": 601}, r"^cure_window: from 0 to 600"),
        ({"cure_window": -1}, r"^cure_window: from 0"),
        ({"cure_window": 60, "withdrawal_delay": 60}, r"^cure_window: must be below withdrawal_delay"),
        ({"opening_bond": 1 << 96}, r"^opening_bond: must be below 2\^96 wei"),
        ({"min_interval": 3600}, r"^min_interval: must be below stale_after"),
        ({"silence": 86_399}, r"^silence: from 86400 to 2592000"),
        ({"silence": 30 * 86_400 + 1}, r"^silence: from 86400"),
        ({"silence": 86_400, "stale_after": 86_400}, r"^silence: must be above stale_after"),
    ],
)
def test_settings_that_no_constructor_takes_are_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        require_valid_settings(replace(SETTINGS, **changes))


def test_a_quorum_in_which_one_reporter_sets_prices_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    def warning(reporters: int, threshold: int) -> str:
        caplog.clear()
        require_valid_settings(replace(SETTINGS, reporters=ADDRESSES[:reporters], threshold=threshold))
        return caplog.text

    assert "set every price by itself" in warning(1, 1)
    assert "lower every price by itself" in warning(3, 2)
    assert warning(3, 3) == warning(5, 3) == ""


def test_tokens_belong_to_spot_assets() -> None:
    book = load_book("majors-13")
    require_deployable(book, {"WBTC": ADDRESSES[0], "USD": ADDRESSES[1]})
    with pytest.raises(InputError, match="token BTC-PERP: a derivative has no token"):
        require_deployable(book, {"BTC-PERP": ADDRESSES[0]})
    with pytest.raises(InputError, match="no asset 'GOLD'"):
        require_deployable(book, {"GOLD": ADDRESSES[0]})
    with pytest.raises(InputError, match="limits"):
        require_deployable(load_book("perps-13"), {})


def test_missing_tokens_are_listed() -> None:
    error = MissingTokensError(5, ["WBTC", "USD"])
    assert (error.symbols, str(error).endswith("named: WBTC, USD")) == (["WBTC", "USD"], True)
