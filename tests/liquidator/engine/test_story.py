"""A crash that three engines live through, each a machine of its own: no command is typed and no key is shared.

A guardian flags and sells, a liquidator takes what earns enough, a housekeeper writes off what is left. They share the
chain, and a folder in which notices arrive.
"""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from liquidator.engine import Engine, load_settings, open_engine
from prover.onchain import Insurance
from tests.liquidator.engine.engine_stage import DOLLAR, LOW, EngineStage, write_sender

pytestmark = pytest.mark.full

USD = 13
UNITS = 10**6
"""Of the settlement token in a dollar."""

FUND = 600


def machine(stage: EngineStage, name: str, **tables: Any) -> Path:
    """The settings of an engine with a sender and a data folder of its own."""
    keystore = stage.folder / f"{name}.json"
    write_sender(keystore, stage.accounts.book.node)
    written = stage.configure(sender={"keystore": keystore.name}, work={"data": f"{stage.data}-{name}"}, **tables)
    return written.rename(stage.folder / f"{name}.toml")


def done(engine: Engine) -> list[str]:
    """The statements of what was mined."""
    return [one["statement"] for one in engine.telemetry.status()["recent"] if one["event"] == "mined"]


def owed(stage: EngineStage) -> int:
    """The quotes of all accounts, and of withdrawals on their way [1e-18 USD]."""
    vault = stage.accounts.book.book.contracts.book.vault
    return sum(stage.accounts.state(name)[1] for name in stage.accounts.owners) + vault.queued(USD) * (DOLLAR // UNITS)


def test_engines_sell_a_part_then_the_rest_and_share_what_is_lost(stage: EngineStage) -> None:
    book, passphrase = stage.accounts.book, str(stage.accounts.passphrase_file)
    insurance = Insurance.of(book.book)
    insurance.token.mint(book.book.contracts.chain.sender, FUND * UNITS)
    insurance.put_in(FUND * UNITS)
    takes = {
        "key": "liquidator.age",
        "passphrase_file": passphrase,
        "wallet": str(stage.accounts.wallet),
        "wallet_passphrase_file": passphrase,
        "account": "bob",
        "notices": "notices",
        "reservation_ppm": 0,
    }
    settings = (
        machine(stage, "watches", roles=["guardian"]),
        machine(stage, "takes", roles=["liquidator"], liquidator=takes),
        machine(stage, "keeps", roles=["housekeeper"], housekeeper={"interval_seconds": 0.01}),
    )
    with ExitStack() as stack:
        guardian, liquidator, housekeeper = (stack.enter_context(open_engine(load_settings(path))) for path in settings)

        def play(rounds: int) -> None:
            for _ in range(rounds):
                for engine in (guardian, liquidator, housekeeper):
                    engine.once()
                    stage.wait(1)
                stage.wait(25)

        play(1)
        book.post(BTC_PERP=LOW)
        play(5)
        held, _ = stage.accounts.state("alice")
        assert done(guardian) == ["flag"]
        assert done(liquidator) == ["take-over"]
        assert any(held), "a part cures her"
        assert stage.flags("alice") == (False, False)
        book.post(BTC_PERP="82000")
        play(12)
        assert done(guardian) == ["flag"] * 3, "for both grounds, at the second time"
        assert stage.accounts.state("alice") == ((0,) * USD, 0)
        assert done(housekeeper).count("write-off") == 1
        assert stage.flags("alice") == (False, False)
    vault = book.book.contracts.book.vault
    shortfall, grain = insurance.ledger.shortfall(), DOLLAR // UNITS
    assert insurance.fund.assets() < FUND * UNITS, "the fund pays within its limits"
    assert shortfall > 0, "and the rest is shared"
    assert 0 <= vault.holdings(USD) * grain + shortfall - owed(stage) < 2 * grain
