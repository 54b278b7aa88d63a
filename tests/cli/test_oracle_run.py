"""`zksolvency oracle run`: single looks in this process, and three reporters as processes on a real node."""

import json
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from cli.book_stage import BookStage, book_stage
from cli.harness import Outcome, Run
from cli.reporter_process import PATIENCE, ReporterProcess
from cli.test_oracle import PASSPHRASE, keystore_of
from eth_account import Account
from reporter_stage import ReporterStage

from prover.market import CANDIDATE_DELAY
from prover.toolchain import Anvil
from tests.raw_server import OK, RawServer, document, dripping
from verifier import ToolError

full = pytest.mark.full

MOVED = "97500.5"


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


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    path = tmp_path / "passphrase"
    path.touch(0o600)
    path.write_text(PASSPHRASE + "\n")
    return path


def options(stage: ReporterStage, passphrase: Path, number: int) -> list[object]:
    keystore = keystore_of(stage.stage.reporters[number], passphrase.parent)
    return [*stage.stage.options, "--keystore", keystore, "--passphrase-file", passphrase]


def once(run: Run, stage: ReporterStage, passphrase: Path, *more: object, number: int = 0) -> Outcome:
    words = ["--feed", stage.feeds[number], "--reports", stage.reports, "--once"]
    return run("oracle", "run", *options(stage, passphrase, number), *words, *more)


# ----------------------------------------------------------------------------------------------------- one look


@full
def test_a_single_look_signs_and_posts(run: Run, stage: ReporterStage, passphrase: Path) -> None:
    stage.see(SOL=None)
    first = once(run, stage, passphrase, "--json")
    assert first.code == 0, first
    assert (first.json["decision"], first.json["threshold"]) == ("no quorum", 2)
    assert first.json["omitted"] == {"SOL": "no feed prices it"}
    assert "SOL is not priced: no feed prices it" in first.stderr
    second = once(run, stage, passphrase, "--post", "--json", number=1)
    assert (second.code, second.json["decision"], second.json["reason"]) == (0, "posted", "status"), second
    assert second.json["posted"]["stale"] == ["SOL"]
    assert second.json["posted"]["round"] == stage.rounds.latest_id()
    assert sorted(second.json["reports"]) == sorted(one.address for one in stage.stage.reporters[:2])
    assert PASSPHRASE not in "".join(map(str, (first, second)))


@full
def test_a_look_is_one_line(run: Run, stage: ReporterStage, passphrase: Path) -> None:
    shown = once(run, stage, passphrase)
    assert shown.stdout.count("\n") == 1
    assert "signed 13 prices of " in shown.stdout
    assert shown.stdout.endswith("; 1 report, 2 needed: no quorum\n")
    stage.put(1, stage.signed(1, prices=stage.stage.prices(BTC_PERP=MOVED)))
    posted = once(run, stage, passphrase, "--post")
    assert posted.stdout.endswith(f": posted round {stage.rounds.latest_id()} (deviation)\n"), posted


@full
def test_a_dry_run_writes_and_sends_nothing(run: Run, stage: ReporterStage, passphrase: Path) -> None:
    stage.put(1, stage.signed(1, prices=stage.stage.prices(BTC_PERP=MOVED)))
    before = stage.rounds.latest_id()
    shown = once(run, stage, passphrase, "--post", "--dry-run", "--json")
    assert (shown.code, shown.json["decision"], shown.json["signed"]) == (0, "would post", None)
    assert (stage.rounds.latest_id(), stage.report_path(0).exists()) == (before, False)


@full
def test_a_look_without_a_report_ends_with_exit_code_1(run: Run, stage: ReporterStage, passphrase: Path) -> None:
    stage.advance(40)
    stage.see(age=16)
    stale = once(run, stage, passphrase, "--json")
    assert (stale.code, stale.json["decision"]) == (1, "no report")
    assert once(run, stage, passphrase, "--max-feed-age", 20, "--json").code == 0
    stage.feeds[0].write_text("nonsense")
    broken = once(run, stage, passphrase, "--json", number=0)
    assert broken.code == 0  # the report of the look before is young
    assert "expected the header symbol,price,timestamp" in broken.json["faults"][0]


@full
def test_a_candidate_ends_a_single_look_with_exit_code_1(run: Run, stage: ReporterStage, passphrase: Path) -> None:
    stage.see(BTC_PERP="68000")
    stage.put(1, stage.signed(1, prices=stage.stage.prices(BTC_PERP="68000")))
    held = once(run, stage, passphrase, "--post", "--json")
    assert (held.code, held.json["decision"], held.json["leaps"]) == (1, "held", ["BTC-PERP"])
    assert "the prices are held as a candidate" in held.stderr


@full
def test_what_cannot_work_is_told_at_once(run: Run, stage: ReporterStage, passphrase: Path, tmp_path: Path) -> None:
    def refusal(code: int, *words: object, key: list[object] | None = None) -> str:
        place = options(stage, passphrase, 0) if key is None else [*stage.stage.options, *key]
        outcome = run("oracle", "run", *place, "--feed", stage.feeds[0], "--once", *words, "--json")
        assert outcome.code == code, outcome
        message: str = outcome.error["message"]
        return message

    assert "2 are needed, and 1 named" in refusal(3, "--min-feeds", 2)
    assert "there is no such folder" in refusal(3, "--reports", tmp_path / "missing")
    assert "not an address of loopback" in refusal(3, "--listen", "0.0.0.0:0")
    assert "expected an address and a port" in refusal(3, "--listen", "8550")
    assert "name the account that signs" in refusal(3, key=[])
    stranger = keystore_of(Account.create(), tmp_path)
    assert "is no reporter of this book" in refusal(3, key=["--keystore", stranger, "--passphrase-file", passphrase])
    assert "not of the form" in refusal(6, "--peer", "ftp://127.0.0.1/report")
    assert "the signer at http://127.0.0.1:1 does not answer" in refusal(6, key=["--signer-url", "http://127.0.0.1:1"])


@full
def test_a_peer_that_never_ends_delays_no_round(run: Run, stage: ReporterStage, passphrase: Path) -> None:
    stage.put(1, stage.signed(1, prices=stage.stage.prices(BTC_PERP=MOVED)))
    with RawServer(dripping(OK)) as server:
        posted = once(run, stage, passphrase, "--post", "--peer", server.url, "--timeout", 5, "--json")
    assert (posted.code, posted.json["decision"]) == (0, "posted"), posted
    assert "does not end its answer in time" in posted.json["rejected"][0]


# ------------------------------------------------------------------------------------------------ three processes


class World:
    """Time and prices: blocks and fresh feeds, several times a second.

    Args:
        stage: whose feeds are written.
    """

    def __init__(self, stage: ReporterStage) -> None:
        self.stage = stage
        self.prices: list[dict[str, str]] = [{"BTC_PERP": MOVED}] * 3
        self.frozen: set[int] = set()
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "World":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def see(self, text: str, *liars: int, lie: str = "60000") -> None:
        """A price of BTC-PERP from now on."""
        self.prices = [{"BTC_PERP": lie if number in liars else text} for number in range(3)]

    def leap(self, seconds: int) -> None:
        """Let time pass on the chain at once."""
        with self._lock:
            self.stage.advance(seconds)

    def _run(self) -> None:
        while not self._ended.wait(0.25):
            with self._lock, suppress(ToolError):
                self.stage.stage.node.request("evm_mine")
                for number in {0, 1, 2} - self.frozen:
                    self.stage.see(number, **self.prices[number])


def feed_server(path: Path) -> RawServer:
    """Serves a file as it is now."""

    def answer(closing: threading.Event) -> Iterator[bytes]:
        yield from document(path.read_bytes())(closing)

    return RawServer(answer)


def wait_for_price(stage: ReporterStage, price: str) -> None:
    """Until the newest round has a price of BTC-PERP."""
    slot, deadline = stage.stage.book.assets.slots["BTC-PERP"], time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        round_ = stage.rounds.round(stage.rounds.latest_id())
        if round_.prices[slot] == int(float(price) * 10**9):
            return
        time.sleep(0.1)
    pytest.fail(f"no round has {price}")


Start = Callable[..., ReporterProcess]


@pytest.fixture
def start(stage: ReporterStage, passphrase: Path) -> Iterator[Start]:
    with ExitStack() as closing:

        def start(number: int, *more: object) -> ReporterProcess:
            words = ["--reports", stage.reports, "--post", "--deviation", 1, "--max-set-age", 5]
            process = ReporterProcess([*options(stage, passphrase, number), *words, *more])
            closing.callback(process.kill)
            return process

        yield start


def is_signed(event: dict[str, Any]) -> bool:
    return event["event"] == "look" and event["signed"] is not None


@full
def test_three_reporters_outlive_a_liar_and_a_death(stage: ReporterStage, start: Start) -> None:
    with World(stage) as world, feed_server(stage.feeds[1]) as feed:
        first = start(0, "--feed", stage.feeds[0])
        second = start(1, "--feed", feed.url)
        third = start(2, "--feed", stage.feeds[2])
        wait_for_price(stage, MOVED)
        world.see("97600.25", 2)  # the third one lies
        wait_for_price(stage, "97600.25")
        world.see("97700.75")
        second.kill()
        wait_for_price(stage, "97700.75")
    ended(first, third)


@full
@pytest.mark.deep
def test_a_reporter_comes_back_and_its_stale_feed_stops_nothing(stage: ReporterStage, start: Start) -> None:
    with World(stage) as world, feed_server(stage.feeds[1]) as feed:
        processes = [start(number, "--feed", stage.feeds[number]) for number in (0, 2)]
        second = start(1, "--feed", feed.url)
        wait_for_price(stage, MOVED)
        second.kill()
        second = start(1, "--feed", feed.url)
        second.until(is_signed)
        world.frozen = {1}
        world.see("97800.5")
        wait_for_price(stage, "97800.5")
        second.until(lambda event: event["event"] == "look" and len(event["omitted"]) == 13)
    ended(*processes, second)


def ended(*processes: ReporterProcess) -> None:
    """Stops processes, which say nothing that they should not."""
    for process in processes:
        code, said = process.stop()
        assert (code, "Traceback" in said, PASSPHRASE in said) == (0, False, False), said


@full
@pytest.mark.deep
def test_a_crash_goes_through_while_reporters_are_killed_and_restarted(stage: ReporterStage, start: Start) -> None:
    with World(stage) as world:
        processes = [start(number, "--feed", stage.feeds[number]) for number in range(3)]
        wait_for_price(stage, MOVED)
        world.see("68000.5")
        deadline = time.monotonic() + PATIENCE
        while stage.rounds.candidate() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        assert stage.rounds.candidate() is not None
        for number in range(3):
            processes[number].kill()
            processes[number] = start(number, "--feed", stage.feeds[number])
        world.leap(CANDIDATE_DELAY)
        wait_for_price(stage, "68000.5")
        assert stage.rounds.candidate() is None
        before = stage.rounds.latest_id()
        for number in range(6):
            processes[number % 3].kill()
            processes[number % 3] = start(number % 3, "--feed", stage.feeds[number % 3])
            world.see(f"{68010 + 10 * number}.5")
            wait_for_price(stage, f"{68010 + 10 * number}.5")
        assert stage.rounds.latest_id() >= before + 6
        for path in stage.reports.glob("*.json"):
            json.loads(path.read_text())


@full
@pytest.mark.deep
def test_reporters_exchange_reports_by_url_alone(stage: ReporterStage, passphrase: Path) -> None:
    """The second one serves its report, and the first one, with a remote signer, asks for it."""
    with World(stage), ExitStack() as closing:
        port = free_port()
        serves = ["--feed", stage.feeds[1], "--listen", f"127.0.0.1:{port}"]
        second = ReporterProcess([*options(stage, passphrase, 1), *serves])
        closing.callback(second.kill)
        second.until(is_signed)
        url = f"http://127.0.0.1:{port}/report"
        signer = anvil_reporter(stage)
        asks = ["--feed", stage.feeds[0], "--peer", url, "--post", "--deviation", 1]
        first = ReporterProcess([*stage.stage.options, *signer, *asks])
        closing.callback(first.kill)
        posted = first.until(lambda event: event.get("decision") == "posted")
        assert len(posted["reports"]) == 2
        assert first.stop(signal.SIGINT)[0] == second.stop(signal.SIGTERM)[0] == 0


def anvil_reporter(stage: ReporterStage) -> list[object]:
    """An account of the node becomes the first reporter."""
    node: Anvil = stage.stage.node
    address = stage.stage.book.contracts.chain.checksum(int(node.request("eth_accounts")[3], 16))
    stage.rounds.set_reporters([address, *(one.address for one in stage.stage.reporters[1:])], 2)
    return ["--signer-url", node.url, "--signer-address", address]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
