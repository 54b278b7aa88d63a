"""Reporters on a real node: what they sign, which reports they believe, and which of them posts."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cli.book_stage import BookStage, book_stage
from eth_account import Account
from reporter_stage import ReporterStage, altered

import prover.oracle._reporter
from prover.chain import RemoteSigner, ReportPurpose
from prover.market import CANDIDATE_DELAY
from prover.onchain import OtherChainError, ReportFile
from prover.oracle import Decision, Look, LookFailed, Mode, PostingReason, PostingRules
from tests.fault_proxy import EVERY, FaultProxy, drops, results
from verifier import ChainError, InputError, UndecidedError

pytestmark = pytest.mark.full

DAY = 86_400
MOVED = "97500.5"
"""By more than half its limit, and less than its limit."""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BookStage]:
    with book_stage(tmp_path_factory.mktemp("book")) as stage:
        yield stage


@pytest.fixture
def stage(book: BookStage, tmp_path: Path) -> Iterator[ReporterStage]:
    before = book.node.request("evm_snapshot")
    stage = ReporterStage(book, tmp_path)
    stage.advance()
    stage.see(BTC_PERP=MOVED)
    yield stage
    book.node.request("evm_revert", before)


def decisions(*looks: Look) -> list[Decision]:
    return [look.outcome.decision for look in looks]


def price(stage: ReporterStage, symbol: str = "BTC-PERP") -> str:
    """Of the newest round, in whole USD."""
    round_ = stage.rounds.round(stage.rounds.latest_id())
    return str(round_.prices[stage.stage.book.assets.slots[symbol]] // 10**9)


# --------------------------------------------------------------------------------------------------- together


def test_a_quorum_makes_one_round_and_one_reporter_pays(stage: ReporterStage) -> None:
    before = stage.rounds.latest_id()
    one, two, three = stage.reporters
    first = one.look()
    assert (first.outcome.decision, first.threshold, len(first.reports)) == (Decision.NO_QUORUM, 2, 1)
    assert first.signed is not None
    assert ReportFile.load(stage.report_path(0)) == first.signed
    second, third, again = two.look(), three.look(), one.look()
    assert decisions(second, third, again) == [Decision.POSTED, Decision.NO_REPORT, Decision.NO_REPORT]
    assert second.outcome.reason is PostingReason.DEVIATION
    assert (stage.rounds.latest_id(), stage.nonces()) == (before + 1, [0, 1, 0])
    assert price(stage) == "97500"
    stage.advance()
    stage.see(BTC_PERP=MOVED)
    assert decisions(*(reporter.look() for reporter in (one, two, three))) == [Decision.NO_QUORUM, *[Decision.CALM] * 2]
    assert stage.rounds.latest_id() == before + 1


def test_calm_prices_are_posted_when_the_newest_set_is_old(stage: ReporterStage) -> None:
    stage.advance(60)
    stage.see()
    stage.reporters[0].look()
    look = stage.reporters[1].look()
    assert (look.outcome.decision, look.outcome.reason) == (Decision.POSTED, PostingReason.AGE)


def test_reporters_take_turns(stage: ReporterStage) -> None:
    """The reporter in turn posts at once; the others wait for as many turns as come before theirs."""
    for number in range(3):
        stage.put(number, stage.signed(number, prices=stage.stage.prices(BTC_PERP=MOVED)))
    first = (stage.rounds.latest_id() + 1) % 3
    waiting = [stage.reporter((first + turn) % 3, rules=PostingRules(stagger=1000)) for turn in (1, 2)]
    pauses = []
    for reporter in waiting:
        look = reporter.look()
        assert look.outcome.decision is Decision.WAITING
        pauses.append(round(look.outcome.pause or 0, -3))
    assert pauses == [1000, 2000]
    assert decisions(waiting[1].look(waits_for_turn=False)) == [Decision.POSTED]


def test_an_incomplete_set_waits_for_one_turn_more(stage: ReporterStage) -> None:
    first = (stage.rounds.latest_id() + 1) % 3
    other = (first + 1) % 3
    stage.put(other, stage.signed(other, prices=stage.stage.prices(BTC_PERP=MOVED)))
    look = stage.reporter(first, rules=PostingRules(stagger=1000)).look()
    assert (look.outcome.decision, len(look.reports)) == (Decision.WAITING, 2)
    last = (first + 2) % 3
    stage.put(last, stage.signed(last, prices=stage.stage.prices(BTC_PERP=MOVED)))
    look = stage.reporter(first, rules=PostingRules(stagger=1000)).look()
    assert (look.outcome.decision, len(look.reports)) == (Decision.POSTED, 3)


def test_a_turn_that_is_over_is_taken_by_the_next(stage: ReporterStage, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("prover.oracle._reporter.time.monotonic", lambda: clock[0])
    for number in range(3):
        stage.put(number, stage.signed(number, prices=stage.stage.prices(BTC_PERP=MOVED)))
    second = (stage.rounds.latest_id() + 2) % 3
    reporter = stage.reporter(second, rules=PostingRules(stagger=5))
    assert reporter.look().outcome.pause == 5
    clock[0] = 3
    assert reporter.look().outcome.pause == 2
    clock[0] = 5
    assert decisions(reporter.look()) == [Decision.POSTED]


# ------------------------------------------------------------------------------------------ liars, and the dead


def test_a_liar_changes_nothing_and_posts_nothing(stage: ReporterStage) -> None:
    before = stage.rounds.latest_id()
    stage.see(2, BTC_PERP="60000")
    one, two, liar = stage.reporters
    two.mode = one.mode = Mode.SIGN
    assert decisions(one.look(), two.look()) == [Decision.NO_QUORUM, Decision.LEFT]
    lied = liar.look()
    assert (lied.outcome.decision, lied.outcome.detail) == (Decision.STRANGE, "BTC-PERP")
    assert [move.symbol for move in lied.observation.leaps] == ["BTC-PERP"]
    one.mode = Mode.POST
    assert decisions(one.look()) == [Decision.POSTED]
    assert (stage.rounds.latest_id(), price(stage)) == (before + 1, "97500")


def test_a_reporter_alone_with_a_liar_posts_nothing(stage: ReporterStage) -> None:
    """Of two reports the lower price counts, which is the liar's: better no round than this one."""
    stage.see(2, BTC_PERP="96700")
    stage.reporters[2].mode = Mode.SIGN
    stage.reporters[2].look()
    assert decisions(stage.reporters[0].look()) == [Decision.STRANGE]
    assert stage.nonces() == [0, 0, 0]


def test_two_go_on_when_one_is_dead(stage: ReporterStage) -> None:
    before = stage.rounds.latest_id()
    assert decisions(stage.reporters[0].look(), stage.reporters[2].look()) == [Decision.NO_QUORUM, Decision.POSTED]
    assert stage.rounds.latest_id() == before + 1


def test_a_reporter_with_a_stale_feed_signs_nothing_and_posts_nothing(stage: ReporterStage) -> None:
    stage.see(0, age=16)
    for number in (1, 2):
        stage.put(number, stage.signed(number, prices=stage.stage.prices(BTC_PERP=MOVED)))
    look = stage.reporters[0].look()
    assert (look.signed, look.outcome.decision, len(look.reports)) == (None, Decision.NO_REPORT, 2)
    assert {reason for _, reason in look.observation.omitted} == {"its price is older than 15 s"}
    assert not stage.report_path(0).exists()
    assert decisions(stage.reporters[1].look()) == [Decision.POSTED]


def test_what_a_feed_leaves_out_is_left_out_of_the_round(stage: ReporterStage) -> None:
    stage.see(0, SOL=None)
    stage.see(1, SOL=None, DOGE_PERP="11")
    stage.see(2, DOGE_PERP="11")
    looks = [reporter.look() for reporter in stage.reporters[:2]]
    assert [omitted.symbol for omitted in looks[1].observation.omitted] == ["SOL", "DOGE-PERP"]
    assert (looks[1].outcome.decision, looks[1].outcome.detail) == (
        Decision.NO_QUORUM,
        "too few price DOGE-PERP, and too few leave it out",
    )
    last = stage.reporters[2].look()
    assert (last.outcome.decision, last.outcome.reason) == (Decision.POSTED, PostingReason.STATUS)
    assert last.outcome.posted is not None
    assert [asset.symbol for asset in last.outcome.posted.stale] == ["SOL", "DOGE-PERP"]


# --------------------------------------------------------------------------------------------------- candidates


def test_a_crash_is_held_and_confirmed(stage: ReporterStage) -> None:
    before = stage.rounds.latest_id()
    one, two, _ = stage.reporters
    stage.see(BTC_PERP="68000")
    assert decisions(one.look(), two.look()) == [Decision.NO_QUORUM, Decision.HELD]
    stage.advance()
    stage.see(BTC_PERP="68050")
    assert decisions(one.look(), two.look())[1] is Decision.TOO_SOON
    stage.advance(CANDIDATE_DELAY)
    stage.see(BTC_PERP="68100")
    one.look()
    confirmed = two.look()
    assert (confirmed.outcome.decision, confirmed.outcome.reason) == (Decision.POSTED, PostingReason.CANDIDATE)
    assert (stage.rounds.latest_id(), price(stage)) == (before + 1, "68100")


def test_a_wrong_candidate_is_discarded(stage: ReporterStage) -> None:
    before = stage.rounds.latest_id()
    one, two, _ = stage.reporters
    stage.see(BTC_PERP="971505")
    assert decisions(one.look(), two.look()) == [Decision.NO_QUORUM, Decision.HELD]
    stage.advance()
    stage.see()
    one.look()
    look = two.look()
    assert (look.outcome.decision, look.outcome.reason) == (Decision.POSTED, PostingReason.CANDIDATE)
    assert look.outcome.posted is not None
    assert look.outcome.posted.posting.discarded
    assert stage.rounds.latest_id() == before + 1


# --------------------------------------------------------------------------------------------- poisoned reports


def test_poisoned_reports_cost_nothing_but_themselves(stage: ReporterStage) -> None:
    """`test_report_pool.py` has every kind of them."""
    before = stage.rounds.latest_id()
    stage.put(1, altered(stage.signed(1), timestamp=stage.now() - 1))
    os.mkfifo(stage.report_path(2))
    look = stage.reporters[0].look()
    assert look.outcome.decision is Decision.NO_QUORUM
    altered_reason, pipe_reason = look.rejected
    assert "the signature is not the reporter's" in altered_reason
    assert "a pipe, not a regular file" in pipe_reason
    assert decisions(stage.reporters[1].look()) == [Decision.POSTED]
    assert stage.rounds.latest_id() == before + 1


def test_an_address_in_small_letters_is_the_same_reporter(stage: ReporterStage) -> None:
    file = stage.signed(2, prices=stage.stage.prices(BTC_PERP=MOVED))
    stage.put(2, file, reporter=file.report.reporter.lower())
    look = stage.reporters[0].look()
    assert (look.rejected, look.outcome.decision) == ((), Decision.POSTED)


def test_a_bad_report_does_not_displace_a_good_one(stage: ReporterStage) -> None:
    stage.reporters[0].rules = PostingRules(deviation_ppm=10**9)
    stage.put(2, stage.signed(2))
    assert len(stage.reporters[0].look().reports) == 2
    stage.advance(1)
    stage.put(2, altered(stage.signed(2), signature=b"\1" * 65))
    look = stage.reporters[0].look()
    assert (len(look.rejected), len(look.reports)) == (1, 2)
    stage.report_path(2).unlink()
    assert len(stage.reporters[0].look().reports) == 2  # it stays good while it is young


def test_an_older_report_does_not_displace_a_newer_one(stage: ReporterStage) -> None:
    stage.reporters[0].rules = PostingRules(deviation_ppm=10**9)
    newest, older = stage.signed(2), stage.signed(2, timestamp=stage.now() - 1)
    stage.put(2, newest)
    stage.reporters[0].look()
    stage.put(2, older)
    stage.reporters[0].look()
    assert stage.reporters[0]._pool.of(newest.report.reporter) == newest


def test_a_report_that_is_about_to_be_too_old_is_not_posted(stage: ReporterStage) -> None:
    """Its transaction may wait, and the contract would refuse the whole set."""
    stage.advance(30)
    stage.see(BTC_PERP=MOVED)
    stage.put(2, stage.signed(2, timestamp=stage.now() - 21))
    assert stage.reporters[0].look().reports == (stage.stage.reporters[0].address,)
    stage.put(2, stage.signed(2, timestamp=stage.now() - 20))
    assert len(stage.reporters[0].look().reports) == 2


# ------------------------------------------------------------------------------------------ reporters with code

ACCEPTS = "0x631626ba7e60e01b60005260206000f3"
REVERTS = "0x60006000fd"
ACCEPTS_WHEN_ASKED = "0x3a60145763" + "1626ba7e60e01b60005260206000f3" + "5b60006000fd"
"""Takes every signature in a call, and none in a transaction: it looks at the price of gas."""


def test_a_reporter_with_code_is_asked(stage: ReporterStage) -> None:
    stage.reporters[0].rules = PostingRules(deviation_ppm=10**9)
    address = stage.stage.reporters[2].address
    stage.put(2, altered(stage.signed(2), signature=b"anything"))
    stage.stage.node.request("anvil_setCode", address, REVERTS)
    look = stage.reporters[0].look()
    assert "the signature is not the reporter's" in look.rejected[0]
    stage.stage.node.request("anvil_setCode", address, ACCEPTS)
    assert address in stage.reporters[0].look().reports


def test_code_that_takes_a_signature_only_when_asked_stops_no_round(stage: ReporterStage) -> None:
    before = stage.rounds.latest_id()
    address = stage.stage.reporters[2].address
    stage.stage.node.request("anvil_setCode", address, ACCEPTS_WHEN_ASKED)
    stage.put(2, stage.signed(2, prices=stage.stage.prices(BTC_PERP=MOVED)))
    stage.reporters[1].mode = Mode.SIGN
    stage.reporters[1].look()
    refused = stage.reporters[0].look()
    assert (refused.outcome.decision, len(refused.reports)) == (Decision.REFUSED, 3)
    assert "failed when it was mined" in str(refused.outcome.error)
    posted = stage.reporters[0].look()
    assert (posted.outcome.decision, address in posted.reports) == (Decision.POSTED, False)
    assert stage.rounds.latest_id() == before + 1


def test_reporters_with_code_are_asked_again_where_no_quorum_is_left(
    stage: ReporterStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure of another kind, such as a want of ETH, must not shut honest reporters out for good."""

    def fail(*_: object) -> None:
        raise ChainError("has 0 ETH, which does not pay for it")

    stage.stage.node.request("anvil_setCode", stage.stage.reporters[1].address, ACCEPTS)
    stage.put(1, stage.signed(1, prices=stage.stage.prices(BTC_PERP=MOVED)))
    with monkeypatch.context() as patched:
        patched.setattr(prover.oracle._reporter, "post_reports", fail)
        assert decisions(stage.reporters[0].look()) == [Decision.REFUSED]
    assert decisions(stage.reporters[0].look()) == [Decision.POSTED]


# ------------------------------------------------------------------------------------------- one of many posters


class PostsBefore(PostingRules):
    """Another account posts while this reporter makes up its mind."""

    def reason(self, *given: Any) -> PostingReason | None:
        found = PostingRules.reason(self, *given)
        POSTING[0]()
        return found


POSTING: list[Callable[[], object]] = []


def test_a_set_that_is_overtaken_is_not_sent(stage: ReporterStage) -> None:
    """The set would be good after the other one, and not worth its gas."""
    stage.stage.post()
    stage.advance(5)
    stage.see(BTC_PERP=MOVED)
    seen = stage.rounds.newest_timestamp() + 1
    POSTING[:] = [lambda: stage.rounds.post(stage.stage.reports(timestamp=seen, BTC_PERP=MOVED))]
    stage.put(1, stage.signed(1, prices=stage.stage.prices(BTC_PERP=MOVED)))
    look = stage.reporter(0, rules=PostsBefore(stagger=0)).look()
    assert (look.outcome.decision, stage.nonces()) == (Decision.OVERTAKEN, [0, 0, 0])


@pytest.mark.parametrize(
    ("is_overtaken", "error", "decision"),
    [
        (True, ChainError("the contract refused", refusal="TooSoon"), Decision.OVERTAKEN),
        (True, InputError("not newer than those of the last set"), Decision.OVERTAKEN),
        (False, ChainError("has 0 ETH, which does not pay for it"), Decision.REFUSED),
        (True, UndecidedError("may still be mined"), Decision.UNDECIDED),
    ],
)
def test_what_a_refusal_means_depends_on_the_chain(
    stage: ReporterStage,
    monkeypatch: pytest.MonkeyPatch,
    is_overtaken: bool,
    error: Exception,
    decision: Decision,
) -> None:
    def post(*_: object) -> None:
        if is_overtaken:
            stage.stage.post(BTC_PERP=MOVED)
        raise error

    monkeypatch.setattr(prover.oracle._reporter, "post_reports", post)
    stage.put(1, stage.signed(1, prices=stage.stage.prices(BTC_PERP=MOVED)))
    look = stage.reporters[0].look()
    assert (look.outcome.decision, look.outcome.error) == (decision, error)


# --------------------------------------------------------------------------------------------- what it may do


class Unwilling:
    """An account that signs nothing."""

    def __init__(self, address: str) -> None:
        self.address = address

    def sign_typed_data(self, *_: object) -> Any:
        raise AssertionError

    def sign_transaction(self, *_: object) -> Any:
        raise AssertionError


def test_a_dry_run_signs_publishes_and_sends_nothing(stage: ReporterStage) -> None:
    stage.put(1, stage.signed(1, prices=stage.stage.prices(BTC_PERP=MOVED)))
    before = sorted(stage.reports.iterdir())
    signer = Unwilling(stage.stage.reporters[0].address)
    look = stage.reporter(0, signer=signer, mode=Mode.DRY).look()
    assert (look.signed, look.outcome.decision) == (None, Decision.WOULD_POST)
    assert look.outcome.reason is PostingReason.DEVIATION
    assert (sorted(stage.reports.iterdir()), stage.nonces()) == (before, [0, 0, 0])


def test_a_reporter_that_may_only_sign_leaves_posting_to_others(stage: ReporterStage) -> None:
    stage.put(1, stage.signed(1, prices=stage.stage.prices(BTC_PERP=MOVED)))
    look = stage.reporter(0, mode=Mode.SIGN).look()
    assert (look.outcome.decision, stage.nonces()) == (Decision.LEFT, [0, 0, 0])
    assert stage.report_path(0).exists()


def test_a_stranger_is_told_at_once(stage: ReporterStage) -> None:
    stranger = Account.create()
    with pytest.raises(InputError, match=f"{stranger.address} is no reporter of this book"):
        stage.reporter(0, signer=stranger).look()


def test_prices_that_were_reported_are_not_signed_again(stage: ReporterStage) -> None:
    first = stage.reporters[0].look()
    again = stage.reporters[0].look()
    assert first.signed is not None
    assert again.signed is None
    assert again.reports == (stage.stage.reporters[0].address,)


def test_a_folder_that_takes_no_report_is_told_and_stops_nothing(stage: ReporterStage) -> None:
    stage.report_path(0).mkdir()
    stage.put(1, stage.signed(1, prices=stage.stage.prices(BTC_PERP=MOVED)))
    look = stage.reporters[0].look()
    assert "the report is not published" in look.faults[0]
    assert look.outcome.decision is Decision.POSTED


def test_a_remote_signer_reports_and_posts(stage: ReporterStage) -> None:
    url = stage.stage.node.url
    account = stage.stage.node.request("eth_accounts")[3]
    signer = RemoteSigner(url, account)
    reporters = [signer.address, *(one.address for one in stage.stage.reporters[1:])]
    stage.rounds.set_reporters(reporters, 2)
    stage.put(1, stage.signed(1, prices=stage.stage.prices(BTC_PERP=MOVED)))
    look = stage.reporter(0, signer=signer).look()
    assert (look.outcome.decision, signer.address in look.reports) == (Decision.POSTED, True)


# ------------------------------------------------------------------------------------------------------ expiries


def test_an_asset_is_reported_until_it_has_settled(stage: ReporterStage) -> None:
    contracts, slot = stage.stage.book.contracts, stage.stage.book.assets.slots["SOL-PERP"]
    expiry = stage.now() + 2 * DAY
    contracts.risk_parameters.delist(slot, expiry)
    stage.stage.node.move_clock(expiry)
    stage.see()
    one, two, _ = stage.reporters
    assert decisions(one.look(), two.look()) == [Decision.NO_QUORUM, Decision.POSTED]
    assert not stage.rounds.round(stage.rounds.latest_id()).stale >> slot & 1

    # reports for the settlement stop no round, and make none
    settlement = {"timestamp": expiry, "purpose": ReportPurpose.SETTLEMENT}
    stage.advance()
    stage.see(BTC_PERP=MOVED)
    stage.put(2, stage.signed(2, purpose=ReportPurpose.SETTLEMENT))
    first, second = one.look(), two.look()
    assert decisions(first, second) == [Decision.NO_QUORUM, Decision.POSTED]
    assert "it was signed for a settlement" in first.rejected[0]
    contracts.expiries.settle(expiry, 1 << slot, [stage.signed(number, **settlement).report for number in range(2)])

    # the feeds go on, and the price of what has settled is not reported any more
    stage.report_path(2).unlink()
    stage.advance()
    stage.see(BTC_PERP=MOVED)
    first, second = one.look(), two.look()
    assert (second.outcome.decision, second.outcome.reason) == (Decision.POSTED, PostingReason.STATUS)
    assert first.signed is not None
    assert not first.signed.report.does_price(slot)
    assert (first.observation.omitted, second.outcome.posted and second.outcome.posted.stale) == ((), ())
    stage.advance()
    stage.see(BTC_PERP=MOVED)
    assert decisions(one.look(), two.look()) == [Decision.NO_QUORUM, Decision.CALM]


def test_a_book_that_winds_down_takes_no_set(stage: ReporterStage) -> None:
    stage.advance(8 * DAY)
    stage.stage.book.contracts.expiries.start_wind_down()
    stage.advance()
    stage.see(BTC_PERP=MOVED)
    assert decisions(*(reporter.look() for reporter in stage.reporters)) == [Decision.WOUND_DOWN] * 3
    assert stage.nonces() == [0, 0, 0]


# ------------------------------------------------------------------------------------------------------ the loop


def test_a_node_that_goes_away_is_waited_for(stage: ReporterStage) -> None:
    stop, seen = threading.Event(), []
    with FaultProxy(stage.stage.node.url) as proxy:
        account = stage.stage.reporters[0]
        reporter = stage.reporter(0)
        reporter.connect = stage.connect(account, proxy.url)
        for event in reporter.events(0.01, stop):
            seen.append(type(event))
            if len(seen) == 1:
                proxy.then(EVERY, drops, drops, drops)
            elif seen[-1] is Look:
                stop.set()
    assert seen == [Look, LookFailed, LookFailed, LookFailed, Look]


def test_a_stop_ends_the_wait_for_a_node(stage: ReporterStage) -> None:
    stop, seen = threading.Event(), []
    with FaultProxy(stage.stage.node.url) as proxy:
        reporter = stage.reporter(0)
        reporter.connect = stage.connect(stage.stage.reporters[0], proxy.url)
        for event in reporter.events(0.01, stop):
            seen.append(type(event))
            proxy.always(EVERY, drops)
            if seen[-1] is LookFailed:
                stop.set()
    assert seen == [Look, LookFailed]


def test_a_first_look_that_fails_and_another_chain_end_the_loop(stage: ReporterStage) -> None:
    with FaultProxy(stage.stage.node.url) as proxy:
        reporter = stage.reporter(0)
        reporter.connect = stage.connect(stage.stage.reporters[0], proxy.url)
        proxy.always(EVERY, drops)
        with pytest.raises(ChainError):
            next(reporter.events(0.01, threading.Event()))
        proxy.always(EVERY, lambda call: call.forward())
        events = reporter.events(0.01, threading.Event())
        assert isinstance(next(events), Look)
        proxy.always("eth_chainId", results("0x5"))
        with pytest.raises(OtherChainError):
            next(events)


def test_a_restarted_reporter_takes_up_its_last_report(stage: ReporterStage) -> None:
    stage.put(1, stage.signed(1, prices=stage.stage.prices(BTC_PERP=MOVED)))
    stage.reporter(0, mode=Mode.SIGN).look()
    stage.feeds[0].unlink()
    look = stage.reporter(0).look()
    assert (look.signed, look.outcome.decision) == (None, Decision.POSTED)


def test_a_report_is_json_for_any_program(stage: ReporterStage) -> None:
    stage.reporters[0].look()
    assert json.loads(stage.report_path(0).read_text())["format"] == "zksolvency/report/2"
