"""What commands tell of a node that leaves logs out: never a false state, and which account it is."""

import json
from collections.abc import Iterator

import pytest
from cli.account_stage import PASSPHRASE, AccountStage, account_stage, write_quick_wallet
from cli.guardian_process import Watch
from cli.harness import Run
from omitted_logs import CHANGED, GUARDIAN_SET, OPENED, is_event, leave_out

from prover.account import point_to_text
from prover.cli._output import as_hex
from tests.fault_proxy import FaultProxy

pytestmark = pytest.mark.full

DOLLAR = 10**18


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccountStage]:
    with account_stage(tmp_path_factory.mktemp("accounts"), deposit=10 * DOLLAR) as made:
        write_quick_wallet(made.folder / "guardian.age", made.book.guardian)
        yield made


@pytest.fixture
def proxy(stage: AccountStage) -> Iterator[FaultProxy]:
    with FaultProxy(stage.book.node.url) as proxy:
        yield proxy


@pytest.fixture
def place(stage: AccountStage, proxy: FaultProxy) -> list[object]:
    return ["--passphrase-file", stage.passphrase_file, "--rpc", proxy.url, "--deployment", stage.book.record]


def test_a_guardian_is_told_which_accounts_it_does_not_see(
    run: Run, stage: AccountStage, proxy: FaultProxy, place: list[object]
) -> None:
    alice, bob = (stage.owners[name].identity for name in ("alice", "bob"))
    last = stage.owners["alice"].state().block
    options = ["--guardian-key", stage.folder / "guardian.age", *place]
    leave_out(
        proxy,
        lambda log: is_event(log, CHANGED, alice) and int(log["blockNumber"], 16) == last,
        lambda log: is_event(log, OPENED, bob),
    )
    shown = run("guardian", "show", *options)
    assert (shown.code, "nothing to show" in shown.stdout) == (0, True), shown
    assert f"do not hold the present state of the account {as_hex(alice)}" in shown.stderr
    assert f"do not hold the opening of the account {as_hex(bob)}" in shown.stderr
    for content in (
        run("guardian", "show", *options, "--json").json,
        run("guardian", "watch", "--once", *options, "--json").json,
    ):
        assert (content["unread"], content["unopened"]) == ([as_hex(alice)], [as_hex(bob)])
    watched = run("guardian", "watch", "--once", *options)
    assert as_hex(alice) in watched.stdout
    refused = run("guardian", "show", *options, "--account", as_hex(alice)[:12], "--json")
    assert (refused.code, "ask another node" in refused.error["message"]) == (6, True)


def test_watch_tells_when_an_account_goes_out_of_sight_and_comes_back(
    stage: AccountStage, proxy: FaultProxy, place: list[object]
) -> None:
    alice = stage.owners["alice"]
    watch = Watch(["--guardian-key", stage.folder / "guardian.age", *place])
    try:
        assert watch.next()["unread"] == []
        leave_out(proxy, lambda log: is_event(log, CHANGED, alice.identity))
        alice.deposit(stage.book.book.n, DOLLAR)
        hidden = watch.next()
        assert [(change["account"], change["what"]) for change in hidden["changes"]] == [
            (as_hex(alice.identity), "unread")
        ]
        assert (hidden["accounts"], hidden["unread"]) == (1, [as_hex(alice.identity)])
        leave_out(proxy)
        back = watch.next()
        assert [change["what"] for change in back["changes"]] == ["seen"]
        assert back["unread"] == []
    finally:
        code, _ = watch.stop()
    assert code == 130


def test_an_owner_is_told_that_openings_are_left_out(
    run: Run, stage: AccountStage, proxy: FaultProxy, place: list[object]
) -> None:
    keys = stage.owners["alice"].keys
    typed = f"{keys.owner_secret}\n"
    leave_out(proxy, lambda log: is_event(log, OPENED) or is_event(log, GUARDIAN_SET))
    wallet = ["--wallet", stage.folder / "restored.age"]
    refused = run("wallet", "restore", *wallet, *place, stdin=typed)
    assert refused.code == 3, refused
    assert "hold no openings of 2 accounts" in refused.stderr
    assert "--guardian" in refused.stderr
    found = run("wallet", "restore", *wallet, "--guardian", point_to_text(keys.guardian), *place, "--json", stdin=typed)
    result = json.loads(found.stdout.splitlines()[-1])
    assert (found.code, result["found"], result["books"][0]["left_out"]) == (0, 1, 2), found
    assert PASSPHRASE not in found.stdout + found.stderr
    shown = run("book", "show", *place[2:], "--json")
    assert shown.json["accounts"] == 2
    assert "hold no openings of 2 accounts" in shown.stderr
