"""`zksolvency account open|deposit|withdraw`: nothing is lost, whatever fails in between."""

import json
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from cli.account_stage import PASSPHRASE, AccountStage, account_stage, write_quick_wallet
from cli.harness import ENVIRONMENT, PROGRAM, QUICK_PROGRAM, Outcome, assert_hidden
from eth_account import Account as Signer

from prover.account import BASE, Wallet, WalletAccount, point_to_text
from prover.chain import Chain
from prover.onchain._report_file import ReportFile
from prover.trade import Side
from tests.fault_proxy import FaultProxy, after, results
from verifier import ChainError

pytestmark = pytest.mark.full

DEPOSIT = 20_000 * 10**18
DEVELOPER = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
"""Anvil's first key, published with it."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccountStage]:
    with account_stage(tmp_path_factory.mktemp("accounts"), deposit=DEPOSIT) as opened:
        yield opened


class Relay(ThreadingHTTPServer):
    """A proxy of a node, which loses what sends a transaction: the call, or only the answer.

    Args:
        node: its URL.
        forwards: the node gets the call all the same.
        dies: nothing is answered from then on.
        holds: the sender waits for ever.

    Attributes:
        reached: set once something was sent.
    """

    daemon_threads = True

    def __init__(self, node: str, *, forwards: bool, dies: bool = False, holds: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.node, self.forwards, self.dies, self.holds = node, forwards, dies, holds
        self.reached = threading.Event()
        self.closed = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    server: Relay

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if json.loads(body)["method"] in {"eth_sendTransaction", "eth_sendRawTransaction"}:
            if self.server.forwards:
                self._forward(body)
            self.server.reached.set()
            if self.server.holds:
                self.server.closed.wait(60)
        elif not (self.server.dies and self.server.reached.is_set()):
            answer = self._forward(body)
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _forward(self, body: bytes) -> bytes:
        return requests.post(
            self.server.node, data=body, headers={"Content-Type": "application/json"}, timeout=60
        ).content


@contextmanager
def relay(stage: AccountStage, **settings: bool) -> Iterator[Relay]:
    with Relay(stage.book.node.url, **settings) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.closed.set()
            server.shutdown()
            thread.join()


def through(stage: AccountStage, server: Relay, wallet: Path | None = None) -> list[object]:
    """The stage's options, with the relay in place of the node."""
    return [server.url if option == stage.book.node.url else option for option in stage.options(wallet)]


def account_of(stage: AccountStage, account: WalletAccount) -> int:
    """Its commitment on chain; 0 when it is not open."""
    return stage.book.book.contracts.book.account(account.viewing().identity).commitment


def wallet_with(stage: AccountStage, path: Path, *names: str) -> list[WalletAccount]:
    """A wallet of accounts that are not open yet, as an attempt that failed leaves it."""
    accounts = [WalletAccount.create(name, stage.book.book.domain, stage.book.guardian.point) for name in names]
    write_quick_wallet(path, Wallet(tuple(accounts)))
    return accounts


# ------------------------------------------------------------------------------------------------ open


@pytest.mark.parametrize("empty", [Wallet(), Wallet.create()], ids=["without a seed", "with a seed"])
def test_a_program_killed_while_it_opens_an_account_loses_nothing(
    stage: AccountStage, tmp_path: Path, empty: Wallet
) -> None:
    """The secret is in the wallet before anything is sent, and the next attempt goes on with it."""
    wallet = tmp_path / "wallet.age"
    write_quick_wallet(wallet, empty)
    with relay(stage, forwards=False, holds=True) as server:
        words = ["account", "open", "--name", "carol", *through(stage, server, wallet)]
        arguments = [*QUICK_PROGRAM, *map(str, words)]
        process = subprocess.Popen(
            arguments, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        try:
            assert server.reached.wait(60)
        finally:
            process.kill()
            output = process.communicate(timeout=60)[0]
    left = Wallet.load(wallet, PASSPHRASE)
    (carol,) = left.accounts
    assert (carol.name, account_of(stage, carol)) == ("carol", 0)
    assert (left.seed, carol.index) == (empty.seed, None if empty.seed is None else 0)
    assert_hidden({str(carol.keys.owner_secret), f"{carol.keys.owner_secret:x}", PASSPHRASE}, output)
    write_quick_wallet(wallet, left)
    done = stage.run("account", "open", "--name", "carol", "--json", wallet=wallet)
    assert (done.json["opened"], int(done.json["identity"], 16)) == (True, carol.viewing().identity)
    assert done.json["bond"] == 2 * 10**16
    assert account_of(stage, carol) != 0
    assert done.json["transaction"].startswith("0x")


@pytest.mark.parametrize("forwards", [False, True], ids=["call lost", "answer lost"])
def test_an_opening_that_is_lost_is_found_on_the_chain_or_told_and_the_same_command_goes_on(
    stage: AccountStage, tmp_path: Path, forwards: bool
) -> None:
    wallet = tmp_path / "wallet.age"
    (dave,) = wallet_with(stage, wallet, "dave")
    with relay(stage, forwards=forwards) as server:
        words = ["account", "open", "--name", "dave", "--json", *through(stage, server, wallet)]
        first = stage.plain(*words)
    if forwards:
        assert (first.code, first.json["opened"]) == (0, True), first
    else:
        assert (first.code, first.error["kind"]) == (6, "chain"), first
        assert "run the same command again" in first.error["message"]
    again = stage.run("account", "open", "--name", "dave", "--json", wallet=wallet)
    assert (again.code, again.json["opened"]) == (0, not forwards)
    assert ("open already" in again.stderr) == forwards
    assert account_of(stage, dave) != 0


def test_on_a_public_chain_opening_asks_before_it_leaves_the_bond(
    stage: AccountStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wallet = tmp_path / "wallet.age"
    (frank,) = wallet_with(stage, wallet, "frank")
    words, vault = ["account", "open", "--name", "frank"], stage.book.book.contracts.book.vault
    monkeypatch.setattr("prover.cli._consent.is_local_chain", lambda _: False)
    unasked = stage.run(*words, "--json", wallet=wallet)
    assert (unasked.code, "add --yes; nothing was sent" in unasked.error["message"]) == (3, True), unasked
    monkeypatch.setattr("prover.cli._consent.has_terminal", lambda: True)
    declined = stage.run(*words, wallet=wallet, stdin="n\n")
    assert (declined.code, "opening leaves 0.02 ETH" in declined.stderr) == (3, True), declined
    assert account_of(stage, frank) == 0
    agreed = stage.run(*words, wallet=wallet, stdin="y\n")
    assert (agreed.code, "0.02 ETH" in agreed.stdout) == (0, True), agreed
    assert vault.bond(frank.viewing().identity) == (stage.book.book.contracts.chain.sender, 2 * 10**16)


def test_guardians_that_the_book_refuses_leave_the_wallet_as_it_was(stage: AccountStage) -> None:
    before, stranger = stage.wallet.read_bytes(), point_to_text(7 * BASE)
    refused = stage.run("account", "open", "--name", "erin", "--guardian", stranger, "--json")
    assert (refused.code, "does not accept this --guardian" in refused.error["message"]) == (3, True)
    assert stage.book.guardian_text in refused.error["message"]
    other = stage.run("account", "open", "--name", "alice", "--guardian", stranger, "--json")
    assert (other.code, "with another guardian" in other.error["message"]) == (3, True)
    bad = stage.run("account", "open", "--name", "Erin!", "--json")
    assert (bad.code, "its name is up to 32" in bad.error["message"]) == (3, True)
    assert stage.wallet.read_bytes() == before


def test_one_guardian_must_be_chosen_of_two(stage: AccountStage, tmp_path: Path) -> None:
    contract, second = stage.book.book.contracts.book, 11 * BASE
    contract.set_guardian((second.x, second.y), accepted=True)
    try:
        outcome = stage.run("account", "open", "--name", "erin", "--json")
    finally:
        contract.set_guardian((second.x, second.y), accepted=False)
    assert (outcome.code, outcome.error["message"].startswith("choose a guardian")) == (3, True)
    assert point_to_text(second) in outcome.error["message"]


# ------------------------------------------------------------------------------------------------ deposit, withdraw


def test_deposit_and_withdraw_move_tokens_and_balances(stage: AccountStage) -> None:
    book = stage.book.book
    token, recipient = book.contracts.token(book.n), Chain.checksum(0xABCDEF)
    balances, cash = stage.state("alice")
    paid = stage.run("account", "deposit", "--asset", "USD", "--amount", "12.5", "--account", "alice", "--json")
    assert paid.code == 0, paid
    assert (paid.json["account"], paid.json["amount"]) == ("alice", "12.5")
    assert stage.state("alice") == (balances, cash + 125 * 10**17)
    words = ["--asset", "USD", "--amount", "2.25", "--to", recipient, "--account", "alice", "--json"]
    drawn = stage.run("account", "withdraw", *words)
    assert drawn.code == 0, drawn
    assert (drawn.json["to"], drawn.json["gas"] > 100_000) == (recipient, True)
    assert drawn.json["due_in"] == 1_800
    assert stage.state("alice") == (balances, cash + 1025 * 10**16)
    assert token.balance_of(recipient) == 0


def test_a_withdrawal_is_listed_and_paid_out_when_it_is_due(stage: AccountStage) -> None:
    book, node = stage.book.book, stage.book.node
    before = node.request("evm_snapshot")
    recipient = Chain.checksum(0xABCDEE)
    words = ["--asset", "USD", "--amount", "2.25", "--to", recipient, "--account", "alice", "--json"]
    drawn = stage.run("account", "withdraw", *words)
    assert drawn.code == 0, drawn
    listed = stage.run("account", "withdrawals", "--account", "alice", "--json")
    row = next(row for row in listed.json["withdrawals"] if row["to"] == recipient)
    assert (row["index"], row["asset"], row["amount"]) == (drawn.json["index"], "USD", "2.25")
    assert 0 < row["due_in"] <= 1_800

    pay_out = ["book", "pay-out", "--asset", "USD", *stage.book.options, "--json"]
    early = stage.plain(*pay_out)
    assert (early.code, "can be paid now" in early.error["message"]) == (6, True)
    node.move_clock(book.contracts.chain.timestamp() + 1_800)
    shown = stage.plain(*pay_out, "--dry-run")
    assert shown.json["withdrawals"][-1] == {"index": row["index"], "to": recipient, "amount": "2.25", "rest": "0"}
    assert book.contracts.token(book.n).balance_of(recipient) == 0
    paid = stage.plain(*pay_out)
    assert (paid.code, paid.json["withdrawals"]) == (0, shown.json["withdrawals"]), paid
    assert book.contracts.token(book.n).balance_of(recipient) == 2_250_000
    assert recipient not in str(stage.run("account", "withdrawals", "--account", "alice", "--json").json)
    node.request("evm_revert", before)


@contextmanager
def mining(stage: AccountStage) -> Iterator[None]:
    """A chain that goes on by itself, a block a second."""
    stage.book.node.request("evm_setIntervalMining", 1)
    try:
        yield
    finally:
        stage.book.node.request("evm_setAutomine", True)


def test_a_transaction_is_done_after_as_many_blocks_as_asked_for(stage: AccountStage) -> None:
    chain = stage.book.book.contracts.chain
    words = ["--asset", "USD", "--amount", "1", "--account", "bob", "--confirmations", 3, "--json"]
    with mining(stage):
        paid = stage.run("account", "deposit", *words)
        newest = chain.block_number()
    assert paid.code == 0, paid
    mined = stage.owners["bob"].state().block
    assert newest >= mined + 2


SENDING: list[list[object]] = [
    ["account", "open", "--name", "erin"],
    ["account", "deposit", "--account", "bob", "--asset", "USD", "--amount", "1"],
    ["account", "cure", "--account", "bob", "--yes"],
    ["account", "withdraw", "--account", "bob", "--asset", "USD", "--amount", "1", "--to", "0x" + "12" * 20],
    ["account", "exit", "1", "--account", "bob", "--to", "0x" + "12" * 20],
    ["account", "close", "--account", "bob"],
    ["account", "rekey", "--account", "bob", "--guardian", point_to_text(BASE)],
    ["account", "trade", "take", "offer.txt", "--account", "alice"],
    ["book", "deploy", "--guardian", point_to_text(BASE), "--reporter", "0x" + "12" * 20],
    ["book", "faucet", "--asset", "USD", "--amount", "1"],
    ["chain", "deploy"],
    ["book", "pay-out", "--asset", "USD"],
    ["book", "prepare-round"],
    ["book", "resume"],
    ["oracle", "post", "report.json"],
]


def test_every_command_that_sends_hands_on_its_confirmations(
    stage: AccountStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Enough(Chain):
        def __init__(self, *_: Any, confirmations: int, **__: Any) -> None:
            raise ChainError(f"{confirmations} confirmations")

    book, (report, *_) = stage.book.book, stage.book.reports()
    ReportFile(book.contracts.chain.chain_id, book.contracts.rounds.contract.address, report).save(
        tmp_path / "report.json"
    )
    ticket = book.ticket(3, 1, 10**9, book.latest_round())
    stage.owners["bob"].offer(ticket, Side.SELL).save(tmp_path / "offer.txt")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("prover.onchain._connection.Chain", Enough)
    for words in SENDING:
        options = stage.options() if words[0] == "account" else stage.book.options
        if words[1] == "deploy":
            options = ["--rpc", stage.book.node.url, "--deployment", "new.json"]
        outcome = stage.plain(*words, *options, "--confirmations", 7, "--json")
        assert (outcome.code, outcome.error["message"]) == (6, "7 confirmations"), words


def test_the_local_chain_has_no_blocks_to_wait_for(stage: AccountStage) -> None:
    words = ["book", "faucet", "--asset", "USD", "--amount", "1", "--deployment", stage.book.record]
    refused = stage.plain(*words, "--confirmations", 2, "--json")
    assert (refused.code, "leave it out" in refused.error["message"]) == (3, True)


def test_a_spot_asset_is_collateral_too(stage: AccountStage) -> None:
    book = stage.book.book
    token = book.contracts.token(0)
    token.mint(book.contracts.chain.sender, 10**8)
    paid = stage.run("account", "deposit", "--asset", "WBTC", "--amount", "0.5", "--account", "bob", "--json")
    assert paid.code == 0, paid
    assert stage.state("bob")[0][0] == 5 * 10**8
    assert book.contracts.book.holdings_of(0) == 5 * 10**7


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["deposit", "--asset", "USD", "--amount", "0"], 3, "must be above 0"),
        (["deposit", "--asset", "USD", "--amount", "-1"], 3, "must be above 0"),
        (["deposit", "--asset", "USD", "--amount", "1.0000001"], 3, "the token has 6 decimals"),
        (["deposit", "--asset", "GOLD", "--amount", "1"], 3, "no asset 'GOLD'"),
        (["deposit", "--asset", "BTC-PERP", "--amount", "1"], 6, "a derivative cannot be deposited"),
        (["deposit", "--asset", "WETH", "--amount", "1"], 6, "does not hold enough WETH"),
        (["withdraw", "--asset", "USD", "--amount", "900000", "--to", "0x" + "12" * 20], 5, "cash would be short"),
        (["withdraw", "--asset", "USD", "--amount", "1", "--to", "0x" + "00" * 20], 3, "zero address"),
        (["withdraw", "--asset", "USD", "--amount", "1", "--to", "0x12"], 2, "expected an address"),
    ],
)
def test_what_cannot_be_moved_is_refused(stage: AccountStage, arguments: list[str], code: int, complaint: str) -> None:
    before = stage.state("alice")
    outcome = stage.run("account", *arguments, "--account", "alice", "--json")
    assert (outcome.code, complaint in outcome.error["message"]) == (code, True), outcome
    assert stage.state("alice") == before


def withdraw_through(stage: AccountStage, server: Relay) -> Outcome:
    words: list[Any] = ["--asset", "USD", "--amount", "1", "--to", "0x" + "12" * 20, "--account", "alice", "--json"]
    return stage.plain("account", "withdraw", *words, *through(stage, server))


def test_a_withdrawal_whose_answer_is_lost_is_found_on_the_chain(stage: AccountStage) -> None:
    balances, cash = stage.state("alice")
    with relay(stage, forwards=True) as server:
        outcome = withdraw_through(stage, server)
    assert outcome.code == 0, outcome
    assert stage.state("alice") == (balances, cash - 10**18)


@pytest.mark.parametrize(
    ("settings", "words", "moved"),
    [
        ({"forwards": False}, "The account has not changed by it so far", 0),
        ({"forwards": True, "dies": True}, "Whether it was done cannot be told now", 10**18),
    ],
    ids=["call lost", "node dead"],
)
def test_a_withdrawal_that_may_have_been_made_is_not_repeated_by_itself(
    stage: AccountStage, settings: dict[str, bool], words: str, moved: int
) -> None:
    balances, cash = stage.state("alice")
    with relay(stage, **settings) as server:
        outcome = withdraw_through(stage, server)
    assert (outcome.code, outcome.error["kind"]) == (6, "chain"), outcome
    assert f"{words}: look at `zksolvency wallet history --account alice`" in outcome.error["message"]
    assert stage.state("alice") == (balances, cash - moved)


def test_an_interrupted_withdrawal_tells_what_was_sent(stage: AccountStage) -> None:
    balances, cash = stage.state("alice")
    sent = threading.Event()
    with FaultProxy(stage.book.node.url) as proxy:
        proxy.always("eth_sendTransaction", after(sent.set))
        proxy.always("eth_getTransactionReceipt", results(None))
        options = [proxy.url if option == stage.book.node.url else option for option in stage.options()]
        words = ["--asset", "USD", "--amount", "1", "--to", "0x" + "12" * 20, "--account", "alice", *options]
        arguments = [*PROGRAM, "account", "withdraw", *map(str, words)]
        process = subprocess.Popen(
            arguments, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        try:
            assert sent.wait(60)
            while proxy.count("eth_getTransactionReceipt") < 2:
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
        finally:
            output, complaint = process.communicate(timeout=60)
    assert (process.returncode, output) == (130, ""), complaint
    assert re.search(r"interrupted\. It was sent by 0x\w{40}", complaint), complaint
    assert "look at `zksolvency wallet history --account alice` before you repeat it" in " ".join(complaint.split())
    assert stage.state("alice") == (balances, cash - 10**18)


def test_a_signer_of_ones_own_gets_over_lost_answers(stage: AccountStage, tmp_path: Path) -> None:
    """What is signed here can be sent twice and mined once."""
    keystore = tmp_path / "keystore.json"
    keystore.write_text(json.dumps(Signer.encrypt(DEVELOPER, "tango romeo", iterations=2)))
    balances, cash = stage.state("bob")
    words = ["--asset", "USD", "--amount", "3", "--to", "0x" + "12" * 20, "--account", "bob", "--keystore", keystore]
    with relay(stage, forwards=True) as server:
        drawn = stage.plain("account", "withdraw", *words, *through(stage, server), stdin="tango romeo\n")
        assert server.reached.is_set()
    assert drawn.code == 0, drawn
    assert stage.state("bob") == (balances, cash - 3 * 10**18)
    assert_hidden({DEVELOPER[2:], "tango romeo"}, drawn.stdout, drawn.stderr)


def test_a_dead_node_is_told_before_anything_is_written(stage: AccountStage, tmp_path: Path) -> None:
    before = stage.wallet.read_bytes()
    options = ["--wallet", stage.wallet, "--passphrase-file", stage.passphrase_file, "--deployment", stage.book.record]
    outcome = stage.plain("account", "open", "--name", "erin", *options, "--rpc", "http://127.0.0.1:1", "--json")
    assert (outcome.code, outcome.error["kind"]) == (6, "chain")
    assert stage.wallet.read_bytes() == before


def test_account_files_are_made_without_the_libraries_of_chains() -> None:
    script = (
        "import sys, atexit; from prover.cli import main; sys.argv[1:] = ['account', 'new', '--help']\n"
        "atexit.register(lambda: print(*sorted(sys.modules), file=sys.stderr))\n"
        "main()"
    )
    done = subprocess.run(
        [PROGRAM[0], "-c", script], env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=True
    )
    assert "prover.cli.account" in done.stderr.split()
    assert not set(done.stderr.split()) & {"web3", "eth_account", "prover.chain"}
