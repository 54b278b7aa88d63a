"""The guardian's role on a real node with real proofs: from a round of prices to flags, notices and answers."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from web3.logs import DISCARD

from liquidator.engine import Engine, NotReadyError, load_settings, open_engine
from prover.account import CallBulletin
from prover.liquidation import SealedNotice
from prover.onchain import LiquidationKeeper, LiquidationMarket, open_margin_prover
from tests.liquidator.engine.engine_stage import BOND, DOLLAR, LOW, NEAR, NOTICE, UNIT, EngineStage
from tests.liquidator.engine.fake_clock import LaterClock
from verifier import InputError, VectorKind

pytestmark = pytest.mark.full

ROOT = Path(__file__).parents[3]


@pytest.fixture
def engine(stage: EngineStage) -> Iterator[Engine]:
    with open_engine(load_settings(stage.config)) as opened:
        yield opened


def notice_of(stage: EngineStage) -> tuple[Path, int, int]:
    """The one notice in the folder: its path, and the account and round that it names."""
    (path,) = stage.notices()
    notice = SealedNotice.load(path).open(stage.liquidator)
    return path, notice.account, notice.round_id


def events(engine: Engine) -> list[tuple[str, str]]:
    return [(one["event"], one["statement"]) for one in engine.telemetry.status()["recent"]]


def test_an_account_below_its_margin_is_flagged_and_offered_at_each_round(stage: EngineStage, engine: Engine) -> None:
    alice = stage.accounts.owners["alice"]
    assert engine.once()["below"] == 0
    assert stage.flags("alice") == (False, False)
    first = stage.accounts.book.post(BTC_PERP=LOW)
    status = engine.once()
    assert status["below"] == 1, status
    assert stage.flags("alice")[0], status
    path, account, round_ = notice_of(stage)
    assert (account, round_) == (alice.identity, first)
    assert SealedNotice.load(path).guardian == stage.sender.address
    second = stage.accounts.book.post(BTC_PERP="93400")
    assert engine.once()["auctions"][0]["ground"] == "maintenance"
    later, account, round_ = notice_of(stage)
    assert (account, round_) == (alice.identity, second)
    assert later != path
    assert events(engine) == [("mined", "flag"), ("notice", "notice"), ("notice", "notice")]
    alice.deposit(13, 20_000 * DOLLAR)
    assert stage.flags("alice") == (False, False)
    for _ in range(2):
        stage.wait(1)
        assert engine.once()["auctions"] == []
    assert stage.notices() == []


def test_a_flag_at_prices_that_are_over_is_proven_again_at_the_newest(stage: EngineStage) -> None:
    book, alice = stage.accounts.book, stage.accounts.owners["alice"]
    book.post(BTC_PERP=LOW)
    seen = alice.state(), book.book.latest_round()
    newest = book.post(BTC_PERP="93400")
    with open_margin_prover(book.book.n) as prover:
        keeper = LiquidationKeeper(LiquidationMarket.of(book.book), prover)
        receipt = keeper.flag(alice.viewing, VectorKind.MAINTENANCE, seen=seen)
    (flag,) = keeper.market.engine.contract.raw.events.AccountFlagged().process_receipt(receipt, errors=DISCARD)
    assert flag["args"]["roundId"] == newest > seen[1].id


def test_spot_that_does_not_back_its_debt_is_flagged_on_its_own_ground(stage: EngineStage, engine: Engine) -> None:
    stage.borrow("dora", 4_500)
    assert engine.once()["accounts"] == 3
    stage.accounts.book.post(WBTC="40000")
    assert engine.once()["below"] == 1
    assert stage.flags("dora") == (False, True)
    path, account, _ = notice_of(stage)
    notice = SealedNotice.load(path).open(stage.liquidator)
    assert (notice.ground, account) == (VectorKind.OVERDRAFT, stage.accounts.owners["dora"].identity)


def test_a_challenge_is_answered_once(stage: EngineStage, engine: Engine) -> None:
    contracts, bob = stage.accounts.book.book.contracts, stage.accounts.owners["bob"].identity
    stage.accounts.book.post()
    contracts.engine.challenge(bob, bond=BOND)
    engine.once()
    assert contracts.engine.challenge_of(bob) is None
    stage.accounts.book.post()
    contracts.engine.challenge(bob, bond=BOND)
    engine.once()
    assert contracts.engine.challenge_of(bob) is None
    assert events(engine) == [("mined", "answer")] * 2
    stage.wait(1)
    engine.once()
    assert len(events(engine)) == 2


def test_a_guardian_that_was_silent_sells_what_was_flagged_without_it(stage: EngineStage) -> None:
    """No guardian answers for alice in time, so another address flags her. The engine that comes back sells."""
    contracts, alice = stage.accounts.book.book.contracts, stage.accounts.owners["alice"].identity
    stage.accounts.book.post(BTC_PERP=LOW)
    contracts.engine.challenge(alice, bond=BOND)
    for _ in range(3):  # of active time, which stands still where rounds are old
        stage.wait(1_500)
        stage.accounts.book.post(BTC_PERP=LOW)
    contracts.engine.flag_silent(alice)
    assert stage.flags("alice") == (True, False)
    with open_engine(load_settings(stage.config)) as engine:
        status = engine.once()
        assert events(engine) == [("notice", "notice")], status
        stage.wait(1)
        engine.once()
        assert events(engine) == [("notice", "notice")]
    _, account, round_ = notice_of(stage)
    assert (account, round_) == (alice, contracts.rounds.latest_id())


def test_an_account_that_sleeps_after_an_expiry_is_settled_and_then_flagged(stage: EngineStage) -> None:
    """No proof about alice is possible before: an expiry has passed her by."""
    accounts, owners = stage.accounts, stage.accounts.owners
    accounts.trade("alice", "bob", "SOL-PERP", "3.5", "210.4")
    held = accounts.state("alice")
    with open_engine(load_settings(stage.config), clock=LaterClock(NOTICE)) as engine:
        engine.once()
        stage.expire("SOL-PERP")
        status = engine.once()
        assert sorted(events(engine)) == [("mined", "expire")] * len(owners), status
        slot = accounts.book.book.assets.slots["SOL-PERP"]
        after = accounts.state("alice")
        assert (held[0][slot], after[0][slot]) == (35 * UNIT // 10, 0)
        assert after[1] > held[1], "the position is cash now"
        accounts.book.post(BTC_PERP=LOW, SOL_PERP=None)
        status = engine.once()
        assert stage.flags("alice")[0], status
        assert ("mined", "flag") in events(engine)
        assert status["accounts"] == len(owners)


def test_the_loop_flags_while_it_runs_and_tells_no_secret(
    stage: EngineStage, engine: Engine, capfd: pytest.CaptureFixture[str]
) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=engine.run, args=(stop,))
    thread.start()
    try:
        stage.accounts.book.post(BTC_PERP=LOW)
        deadline = threading.Event()
        for _ in range(200):
            if stage.flags("alice")[0] and stage.notices():
                break
            deadline.wait(0.1)
    finally:
        stop.set()
        thread.join(60)
    assert stage.flags("alice")[0]
    metrics = engine.telemetry.metrics.text().decode()
    assert "zksolvency_tick_to_flag_seconds_count 1.0" in metrics
    assert 'zksolvency_jobs_done_total{statement="flag"} 1.0' in metrics
    stages = engine.telemetry.status()["stages"]
    assert stages.pop("predicted")["count"] == 0  # it is asked for by settings of its own
    assert all(one["count"] >= 1 and one["mean"] > 0 for one in stages.values()), stages
    written = "".join(capfd.readouterr()) + metrics + str(engine.telemetry.status())
    secrets = stage.accounts.secrets() | {str(stage.liquidator.identity)}
    amounts = {str(abs(amount)) for owner in stage.accounts.owners for amount in (*stage.accounts.state(owner)[0],)}
    assert not {secret for secret in secrets | (amounts - {"0"}) if secret in written}


def test_a_dry_run_says_what_it_would_send_and_sends_nothing(stage: EngineStage) -> None:
    with open_engine(load_settings(stage.config), dry_run=True) as engine:
        stage.accounts.book.post(BTC_PERP=LOW)
        nonce = stage.accounts.book.book.contracts.chain.block_number()
        (event,) = engine.once()["recent"]
        assert (event["event"], event["statement"], event["ground"]) == ("would send", "flag", "maintenance")
        assert event["gas"] > 100_000
        assert event["wei"] >= event["gas"]
    assert stage.accounts.book.book.contracts.chain.block_number() == nonce
    assert stage.flags("alice") == (False, False)
    assert stage.notices() == []
    assert not stage.data.exists() or not list(stage.data.iterdir())


def test_a_wrong_chain_is_told_before_anything_is_sent(stage: EngineStage) -> None:
    record = stage.accounts.book.record
    changed = stage.folder / "other-chain.json"
    changed.write_text(record.read_text().replace('"chain_id": 31337', '"chain_id": 5'))
    with (
        pytest.raises(InputError, match="on chain 5, the node serves chain 31337"),
        open_engine(load_settings(stage.configure(book={"deployment": str(changed)}))),
    ):
        pass


def test_a_sender_without_gas_does_not_start(stage: EngineStage) -> None:
    path = stage.configure(sender={"least_ether": "1000"})
    with open_engine(load_settings(path)) as engine, pytest.raises(NotReadyError, match=r"gas: .* send it ETH"):
        engine.once()


def test_keys_of_another_machine_do_not_start(stage: EngineStage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verifier.VerifyingKey.digest", lambda _: "00" * 32)
    with open_engine(load_settings(stage.config)) as engine, pytest.raises(NotReadyError) as raised:
        engine.require_ready()
    problems = str(raised.value)
    assert all(f"key of {name}: " in problems for name in ("margin", "release", "writeoff", "expire"))


@pytest.mark.parametrize("name", ["sender.json", "guardian.age"])
def test_a_key_file_that_others_can_open_is_refused(stage: EngineStage, name: str) -> None:
    (stage.folder / name).chmod(0o644)
    try:
        with (
            pytest.raises(InputError, match="other users can open it"),
            open_engine(load_settings(stage.config)),
        ):
            pass
    finally:
        (stage.folder / name).chmod(0o600)


def test_an_owner_is_called_before_the_account_is_flagged(stage: EngineStage) -> None:
    """The whole way: past prices, a forecast in its process, a bulletin that says something to the owner alone."""
    bulletin = stage.folder / "calls.json"
    history = ROOT / "examples" / "prices" / "btc-hourly.csv"
    stage.configure(
        guardian={"impact": "square-root"},
        prediction={"history": [f"WBTC,BTC-PERP={history}"], "paths": 200},
        calls={"bulletin": str(bulletin), "bulletin_size": 4},
    )
    stage.accounts.book.post(BTC_PERP=NEAR)
    with open_engine(load_settings(stage.config)) as engine:
        status = engine.once()
        found = CallBulletin.load(bulletin)
        alice, bob = (found.find(stage.accounts.owners[name].viewing) for name in ("alice", "bob"))
        assert alice is not None, status
        assert alice.is_urgent
        assert (bob, status["below"], stage.flags("alice")) == (None, 0, (False, False))
        assert {key: status["prediction"][key] for key in ("unvalued", "problem")} == {"unvalued": 0, "problem": None}
        assert [one["count"] for one in status["recent"] if one["event"] == "margin calls"] == [1]
        stage.accounts.book.post(BTC_PERP=LOW)
        engine.once()
        assert stage.flags("alice")[0]
