"""`zksolvency guardian` on a real node, with accounts that trade."""

import json
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
import requests
from cli.account_stage import PASSPHRASE, AccountStage, account_stage, write_quick_wallet
from cli.guardian_process import PATIENCE, Watch
from cli.harness import Run, assert_hidden

from prover import Side, Ticket, Transfer
from prover.account import GuardianKey, point_from_text
from prover.chain import OnchainRound
from prover.cli._guardian_watch import print_event
from prover.cli._output import as_hex
from prover.market import BALANCE_DECIMALS, QUOTE_DECIMALS, format_decimal
from prover.onchain import AccountReader, NodeBack, NodeLost
from prover.toolchain import find_foundry
from verifier import ChainError

full = pytest.mark.full

DEPOSIT: Final = 10_000 * 10**QUOTE_DECIMALS
SIZE: Final = "2.345678901"


def private(path: Path, text: str) -> Path:
    path.touch(0o600)
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccountStage]:
    """Alice is long, bob is short, each with enough for initial margin."""
    with account_stage(tmp_path_factory.mktemp("accounts"), deposit=DEPOSIT) as made:
        trade(made, SIZE)
        yield made


@pytest.fixture(scope="module")
def key(stage: AccountStage) -> Path:
    path = stage.folder / "guardian.age"
    write_quick_wallet(path, stage.book.guardian)  # encrypted alike
    return path


@pytest.fixture
def key_options(stage: AccountStage, key: Path) -> list[object]:
    return ["--guardian-key", key, "--passphrase-file", stage.passphrase_file]


def trade(stage: AccountStage, size: str) -> None:
    """Alice buys Bitcoin perpetuals of bob at the mark price."""
    book = stage.book.book
    slot = book.assets.slots["BTC-PERP"]
    round_ = book.latest_round()
    units = int(size.replace(".", ""))
    ticket: Ticket = book.ticket(slot, units, round_.prices[slot], round_)
    stage.owners["alice"].take(stage.owners["bob"].offer(ticket, Side.SELL))


def identity(stage: AccountStage, name: str) -> str:
    return as_hex(stage.owners[name].identity)


def secrets(stage: AccountStage) -> set[str]:
    """The guardian's secret, and everything that an account holds."""
    secret = stage.book.guardian.secret
    found = {str(secret), f"{secret:x}", PASSPHRASE, SIZE, SIZE.replace(".", "")}
    for name in stage.owners:
        quote = stage.state(name)[1]
        text = format_decimal(abs(quote), QUOTE_DECIMALS)
        found |= {str(abs(quote)), text, text.partition(".")[0], f"{int(text.partition('.')[0]):,}"}
    return {text for text in found if len(text) > 3}


# ---------------------------------------------------------------------------------------------- keys


def test_a_new_key_opens_with_its_passphrase_and_is_shown_nowhere(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "guardian.age"
    made = run("guardian", "keygen", "--out", out, stdin=f"{PASSPHRASE}\n{PASSPHRASE}\n")
    assert made.code == 0, made
    opened = GuardianKey.load(out, PASSPHRASE)
    assert f"{opened.point.x},{opened.point.y}" in made.stdout
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    hidden = {str(opened.secret), f"{opened.secret:x}", PASSPHRASE}
    assert_hidden(hidden, made.stdout, made.stderr, out.read_bytes())
    assert point_from_text(f"{opened.point.x},{opened.point.y}") == opened.point
    before = out.read_bytes()
    again = run("guardian", "keygen", "--out", out, "--json")
    assert (again.code, "exists already" in again.error["message"]) == (3, True)
    assert out.read_bytes() == before


# ---------------------------------------------------------------------------------------------- show


@full
def test_show_tells_where_accounts_stand_and_hides_what_they_hold(
    run: Run, stage: AccountStage, key_options: list[object]
) -> None:
    for flags in ([], ["--json"]):
        shown = run("guardian", "show", *key_options, *stage.book.options, *flags)
        assert shown.code == 0, shown
        assert_hidden(secrets(stage), shown.stdout, shown.stderr)
    accounts = shown.json["accounts"]
    assert [account["account"] for account in accounts] == [identity(stage, name) for name in ("alice", "bob")]
    assert {account["status"] for account in accounts} == {"healthy"}
    assert set(accounts[0]) == {
        "account",
        "status",
        "health",
        "opened_in_block",
        "changed_in_block",
        "changed_at_round",
        "asleep",
    }


@full
def test_show_positions_is_what_the_owner_has(run: Run, stage: AccountStage, key_options: list[object]) -> None:
    shown = run("guardian", "show", *key_options, *stage.book.options, "--positions", "--json").json
    round_: OnchainRound = stage.book.book.latest_round()
    slot = stage.book.book.assets.slots["BTC-PERP"]
    for name, account in zip(("alice", "bob"), shown["accounts"], strict=True):
        balances, quote = stage.state(name)
        assert account["balances"] == {"BTC-PERP": format_decimal(balances[slot], BALANCE_DECIMALS)}
        assert account["quote"] == format_decimal(quote, QUOTE_DECIMALS)
        equity = quote + balances[slot] * round_.vectors.effective_prices[slot]
        margin = abs(balances[slot]) * round_.vectors.maintenance.long[slot]
        assert account["equity"] == format_decimal(equity, QUOTE_DECIMALS)
        assert account["maintenance_margin"] == format_decimal(margin, QUOTE_DECIMALS)
        assert account["health"] == format_decimal(equity - margin, QUOTE_DECIMALS)
    assert shown["accounts"][0]["balances"]["BTC-PERP"] == SIZE
    assert shown["accounts"][1]["balances"]["BTC-PERP"] == f"-{SIZE}"
    for_people = run("guardian", "show", *key_options, *stage.book.options, "--positions").stdout
    assert SIZE in for_people
    assert max(map(len, for_people.splitlines())) <= 80


@full
def test_one_account_by_how_its_identity_begins(run: Run, stage: AccountStage, key_options: list[object]) -> None:
    bob = identity(stage, "bob")
    for text in (bob, bob[:12], bob[:12].upper().replace("0X", "0x"), f"{bob[:12]}.."):
        shown = run("guardian", "show", *key_options, *stage.book.options, "--account", text, "--json")
        assert [account["account"] for account in shown.json["accounts"]] == [bob]
    for text, words in (("0x123", "at least 4 digits"), ("12345678", "0x"), ("0x00000000000000", "no account")):
        refused = run("guardian", "show", *key_options, *stage.book.options, "--account", text, "--json")
        assert (refused.code, words in refused.error["message"]) == (3, True), refused


@full
def test_a_guardian_without_accounts_sees_nothing(run: Run, stage: AccountStage, tmp_path: Path) -> None:
    write_quick_wallet(tmp_path / "other.age", GuardianKey.generate())
    options = [
        "--guardian-key",
        tmp_path / "other.age",
        "--passphrase-file",
        stage.passphrase_file,
        *stage.book.options,
    ]
    shown = run("guardian", "show", *options, "--positions")
    assert shown.code == 0
    assert "no account has named this guardian yet" in shown.stdout
    assert "does not accept this guardian" in shown.stderr
    assert run("guardian", "show", *options, "--json").json["accounts"] == []
    watched = run("guardian", "watch", "--once", *options, "--json")
    assert (watched.code, watched.json["accounts"], watched.json["changes"]) == (0, 0, [])


@full
@pytest.mark.parametrize("command", ["show", "watch"])
def test_a_wrong_passphrase_is_told_without_it(
    run: Run, stage: AccountStage, key: Path, tmp_path: Path, command: str
) -> None:
    phrase = private(tmp_path / "wrong", "incorrect horse\n")
    result = run("guardian", command, "--guardian-key", key, "--passphrase-file", phrase, *stage.book.options, "--json")
    assert (result.code, "wrong passphrase" in result.error["message"]) == (3, True)
    assert "incorrect" not in result.stdout + result.stderr


@full
@pytest.mark.parametrize("command", ["show", "watch"])
def test_a_dead_node_at_the_first_look_is_a_chain_error(
    run: Run, stage: AccountStage, key_options: list[object], command: str
) -> None:
    options = ["--rpc", "http://127.0.0.1:1", "--deployment", stage.book.record]
    result = run("guardian", command, *key_options, *options, "--json")
    assert (result.code, result.error["kind"]) == (6, "chain")


@full
def test_a_node_without_accounts_of_its_own_is_enough(run: Run, stage: AccountStage, key_options: list[object]) -> None:
    """As public nodes are: guardians and onlookers send nothing."""
    with bare_node(free_port(), None, accounts=0) as url:
        result = run("guardian", "show", *key_options, "--rpc", url, "--deployment", stage.book.record, "--json")
    assert "was it reset" in result.error["message"]  # it was asked, and has no such book


# ---------------------------------------------------------------------------------------------- watch


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def bare_node(port: int, state: Path | None, *, accounts: int = 10) -> Iterator[str]:
    """An anvil on a given port, so that it can be started again where it was."""
    command = [str(find_foundry("anvil")), "--port", str(port), "--accounts", str(accounts), "--silent"]
    command += [] if state is None else ["--state", str(state)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


@full
def test_watch_once_tells_of_all_accounts_without_amounts(
    run: Run, stage: AccountStage, key_options: list[object]
) -> None:
    options = [*key_options, *stage.book.options]
    watched = run("guardian", "watch", "--once", *options, "--json")
    assert watched.code == 0, watched
    content = watched.json
    assert (content["event"], content["accounts"], content["below_maintenance"]) == ("start", 2, [])
    assert content["round"] == stage.book.book.latest_round().id
    assert [(change["account"], change["what"]) for change in content["changes"]] == [
        (identity(stage, "alice"), "seen"),
        (identity(stage, "bob"), "seen"),
    ]
    for_people = run("guardian", "watch", "--once", *options)
    assert identity(stage, "bob")[:12] in for_people.stdout
    assert max(map(len, for_people.stdout.splitlines())) <= 80
    assert_hidden(secrets(stage), watched.stdout, watched.stderr, for_people.stdout, for_people.stderr)


@full
def test_watch_tells_of_rounds_moves_and_statuses_until_interrupted(
    stage: AccountStage, key_options: list[object]
) -> None:
    alice, bob = identity(stage, "alice"), identity(stage, "bob")
    watch = Watch([*key_options, *stage.book.options])
    try:
        assert watch.next()["event"] == "start"
        trade(stage, "0.100000000")
        told = [watch.next()]
        while len({change["account"] for line in told for change in line["changes"]}) < 2:
            told.append(watch.next())  # both may be seen at once, or one after the other
        assert {change["what"] for line in told for change in line["changes"]} == {"moved"}
        round_ = stage.book.post(BTC_PERP="92800")
        changed = watch.next()
        assert (changed["event"], changed["round"]) == ("change", round_)
        assert changed["below_maintenance"] == [alice]
        assert changed["changes"] == [
            {"account": alice, "what": "status", "status": "liquidatable", "before": "healthy"}
        ]
        stage.book.post(BTC_PERP="94500")
        between = watch.next()
        assert [(change["status"], change["before"]) for change in between["changes"]] == [
            ("below initial", "liquidatable")
        ]
        assert between["below_maintenance"] == []
        stage.book.post()
        assert watch.next()["changes"][0]["status"] == "healthy"
    finally:
        code, said = watch.stop()
    assert code == 130
    assert '{"error": {"kind": "interrupted"' in said
    assert bob in said
    assert_hidden(secrets(stage), said)


def test_each_event_of_the_node_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    for as_json in (True, False):
        for event in (NodeLost(ChainError("no\nanswer")), NodeBack()):
            print_event(event, as_json=as_json)
    lines = capsys.readouterr().out.splitlines()
    told = [json.loads(line) for line in lines[:2]]
    assert [(line["event"], line.get("message")) for line in told] == [("node-gone", "no answer"), ("node-back", None)]
    assert [line[10:] for line in lines[2:]] == [
        "the book cannot be seen, watching goes on when it can: no answer",
        "the book is seen again",
    ]


@full
def test_a_state_that_a_reorganisation_redates_is_so_at_the_next_look(stage: AccountStage) -> None:
    """The same commitment at a later round of the same prices: the guardian's next proof must be for that one."""
    book, owner, node = stage.book.book, stage.owners["bob"], stage.book.node
    amount, first = 10**QUOTE_DECIMALS, book.latest_round()
    contract = book.contracts.book
    book.contracts.token(book.n).approve(contract.vault.contract.address, owner.token_amount(book.n, amount))
    update = owner.prove(first, transfer=Transfer(book.n, amount, is_withdrawal=False))
    reader = AccountReader(stage.book.guardian)

    def changed_at() -> int:
        return reader.look(book).accounts[1].changed_at_round

    before = node.request("evm_snapshot")
    contract.deposit(first.id, book.n, amount, update)
    assert changed_at() == first.id
    node.request("evm_revert", before)
    assert stage.book.post() == first.id + 1
    contract.deposit(first.id + 1, book.n, amount, update)
    assert changed_at() == first.id + 1
    assert contract.account(owner.identity).commitment == update.new_commitment


@full
def test_watch_lives_through_a_restart_of_the_node(
    stage: AccountStage, key_options: list[object], tmp_path: Path
) -> None:
    dumped = stage.book.node.request("anvil_dumpState")
    port, state = free_port(), tmp_path / "state.json"
    with bare_node(port, state) as url:
        body = {"jsonrpc": "2.0", "id": 1, "method": "anvil_loadState", "params": [dumped]}
        assert requests.post(url, json=body, timeout=PATIENCE).json()["result"] is True
        watch = Watch([*key_options, "--rpc", url, "--deployment", stage.book.record])
        start = watch.next()
        assert start["accounts"] == 2, start
    try:
        gone = watch.next()
        assert gone["event"] == "node-gone"
        assert "does not answer" in gone["message"]
        with bare_node(port, None):  # as a node that syncs: the right chain, and no contracts yet
            time.sleep(2)
        with bare_node(port, state):
            assert watch.next()["event"] == "node-back"
    finally:
        code, said = watch.stop()
    assert code == 130
    assert '"change"' not in said  # nothing changed
