"""The other roles on a real node with real proofs: takeovers, housekeeping, and the prices of a reporter."""

import json

import pytest
from cli.book_stage import PRICES

from liquidator.engine import Engine, load_settings, open_engine
from prover.market import QUOTE_DECIMALS
from tests.liquidator.engine.engine_stage import DOLLAR, LOW, EngineStage

pytestmark = pytest.mark.full


def events(engine: Engine) -> list[tuple[str, str]]:
    return [(one["event"], one["statement"]) for one in engine.telemetry.status()["recent"]]


def liquidator(stage: EngineStage, **more: object) -> dict[str, object]:
    """The table of a liquidator that takes over with bob's account."""
    passphrase = str(stage.accounts.passphrase_file)
    return {
        "key": "liquidator.age",
        "passphrase_file": passphrase,
        "wallet": str(stage.accounts.wallet),
        "wallet_passphrase_file": passphrase,
        "account": "bob",
        "notices": "notices",
        "reservation_ppm": 0,
        **more,
    }


def test_a_guardian_sells_and_a_liquidator_takes(stage: EngineStage) -> None:
    path = stage.configure(roles=["guardian", "liquidator"], liquidator=liquidator(stage))
    accounts = stage.accounts
    before = {name: accounts.state(name) for name in ("alice", "bob")}
    with open_engine(load_settings(path)) as engine:
        engine.once()
        accounts.book.post(BTC_PERP=LOW)
        engine.once()
        assert stage.flags("alice")[0]
        assert ("mined", "take-over") not in events(engine)  # the cure window is not over
        stage.wait(70)
        engine.once()  # the notice looks further ahead now
        stage.wait(1)
        engine.once()
        assert ("mined", "take-over") in events(engine), events(engine)
    after = {name: accounts.state(name) for name in ("alice", "bob")}
    assert after["alice"][0] != before["alice"][0]
    assert not stage.flags("alice")[0]
    assert sum(quote for _, quote in after.values()) == sum(quote for _, quote in before.values())


def test_a_notice_that_earns_too_little_is_left(stage: EngineStage) -> None:
    table = liquidator(stage, least_profit_usd="1000000")
    path = stage.configure(roles=["guardian", "liquidator"], liquidator=table)
    with open_engine(load_settings(path)) as engine:
        stage.accounts.book.post(BTC_PERP=LOW)
        engine.once()
        stage.wait(70)
        engine.once()
        assert ("mined", "take-over") not in events(engine)


def test_a_poisoned_notice_is_told_once_and_stops_no_other(
    stage: EngineStage, capfd: pytest.CaptureFixture[str]
) -> None:
    poisons = {"a.json": "{", "b.json": "[" * 100_000, "c.json": json.dumps({"format": "x"}), "d.json": "\0"}
    for name, content in poisons.items():
        (stage.folder / "notices" / name).write_text(content)
    path = stage.configure(roles=["guardian", "liquidator"], liquidator=liquidator(stage))
    with open_engine(load_settings(path)) as engine:
        stage.accounts.book.post(BTC_PERP=LOW)
        engine.once()
        for _ in range(2):
            stage.wait(35)
            engine.once()
        assert ("mined", "take-over") in events(engine), events(engine)
    written = "".join(capfd.readouterr())
    assert [written.count(f"file={name}") for name in poisons] == [1] * len(poisons)


def test_a_housekeeper_pays_withdrawals_and_prepares_rounds(stage: EngineStage) -> None:
    accounts = stage.accounts
    vault = accounts.book.book.contracts.book.vault
    accounts.owners["bob"].withdraw(13, 100 * DOLLAR, int(stage.sender.address, 16))
    assert len(vault.queue(13)) == 1
    path = stage.configure(roles=["guardian", "housekeeper"], housekeeper={"interval_seconds": 0.01})
    with open_engine(load_settings(path)) as engine:
        engine.once()
        assert events(engine) == []
        stage.wait(1_801)
        accounts.book.post(BTC_PERP=LOW)
        engine.once()
        stage.wait(1)
        engine.once()
        stage.wait(1)
        engine.once()
        done = events(engine)
    assert done.count(("mined", "pay-out")) == 1, done
    assert done.count(("mined", "prepare-round")) == 1, done
    assert len(vault.queue(13)) == 0
    assert accounts.book.book.contracts.token(13).balance_of(stage.sender.address) == 100 * 10**6


def test_a_housekeeper_writes_off_what_nothing_covers(stage: EngineStage) -> None:
    """Alice's whole position is sold, and she still owes."""
    table = liquidator(stage)
    path = stage.configure(roles=["guardian", "liquidator", "housekeeper"], liquidator=table)
    contracts = stage.accounts.book.book.contracts
    with open_engine(load_settings(path)) as engine:
        stage.accounts.book.post(BTC_PERP="90000")
        for _ in range(8):
            engine.once()
            stage.wait(30)
        done = events(engine)
    assert ("mined", "write-off") in done, done
    assert stage.accounts.state("alice") == ((0,) * 13, 0)
    assert contracts.ledger.shortfall() > 10**QUOTE_DECIMALS


def test_a_reporter_posts_what_its_feed_says(stage: EngineStage) -> None:
    book = stage.accounts.book
    book.book.contracts.rounds.set_reporters([stage.sender.address], 1)
    stage.wait(120)
    feed = {"format": "zksolvency/prices/1", "timestamp": book.book.contracts.chain.next_block_time(), "prices": PRICES}
    (stage.folder / "prices.json").write_text(json.dumps(feed))
    before = book.book.contracts.rounds.latest_id()
    path = stage.configure(roles=["reporter"], reporter={"feeds": ["prices.json"]})
    with open_engine(load_settings(path)) as engine:
        engine.once()
        assert engine.telemetry.status()["alarms"] == {}
    assert book.book.contracts.rounds.latest_id() == before + 1
