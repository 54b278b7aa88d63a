"""`zksolvency account rekey`, `close` and `exit`: what they ask, what they keep, and where they go on."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from cli.account_stage import PASSPHRASE, AccountStage, account_stage, write_quick_wallet
from cli.harness import Outcome
from snippets import GUIDES, program_commands

from prover.account import GuardianKey, Seed, Wallet, point_to_text
from prover.chain import AccountLifeClient, Chain
from prover.onchain import AccountLife, find_accounts
from verifier import ChainError

pytestmark = pytest.mark.full

DEPOSIT = 20_000 * 10**18
RECIPIENT = Chain.checksum(0xABCDEF)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccountStage]:
    with account_stage(tmp_path_factory.mktemp("life"), deposit=DEPOSIT, gate=True) as opened:
        yield opened


@pytest.fixture
def stage(deployed: AccountStage) -> Iterator[AccountStage]:
    """The stage with a seed in its wallet, put back after each test: chain and wallet."""
    node, wallet = deployed.book.node, deployed.wallet.read_bytes()
    write_quick_wallet(deployed.wallet, Wallet.load(deployed.wallet, PASSPHRASE).with_seed(Seed.generate()))
    before = node.request("evm_snapshot")
    yield deployed
    node.request("evm_revert", before)
    deployed.wallet.write_bytes(wallet)


@pytest.fixture
def guardian(stage: AccountStage) -> GuardianKey:
    """A second guardian, which the book accepts."""
    key = GuardianKey.generate()
    stage.book.book.contracts.book.set_guardian((key.point.x, key.point.y), accepted=True)
    return key


def rekey(guardian: GuardianKey, *more: object) -> list[object]:
    return ["account", "rekey", "--account", "alice", "--guardian", point_to_text(guardian.point), *more, "--json"]


def test_an_account_moves_to_another_guardian(stage: AccountStage, guardian: GuardianKey) -> None:
    held = stage.state("alice")
    stage.book.post()
    moved = stage.run(*rekey(guardian))
    assert moved.code == 0, moved
    assert (moved.json["new_account"], moved.json["moved"]) == ("alice-2", True)
    wallet = Wallet.load(stage.wallet, PASSPHRASE)
    keys = wallet.account("alice-2").keys
    assert f"0x{keys.identity:064x}" == moved.json["identity"]
    assert wallet.seed is not None
    assert [one.keys for one in find_accounts(stage.book.book, wallet.seed).accounts] == [keys]
    state = replace(stage.owners["alice"], keys=keys).state().sealed.state
    assert (state.balances, state.quote) == held
    again = stage.run(*rekey(guardian))
    assert (again.code, again.json["moved"], again.json["new_account"]) == (0, False, "alice-2")
    shown = stage.run("wallet", "show", "--status", "--json").json["accounts"]
    assert [(one["name"], one["open"], one["closed"]) for one in shown] == [
        ("alice", False, True),
        ("bob", True, False),
        ("alice-2", True, False),
    ]
    closed = stage.run("account", "close", "--account", "alice", "--json")
    assert (closed.code, "has moved to the identity" in closed.error["message"]) == (3, True)


def test_the_commands_of_the_guide_move_pay_out_and_close(stage: AccountStage, guardian: GuardianKey) -> None:
    """docs/guides/account-life.md: alice moves, bob is paid out and closed."""
    stage.book.post()
    moving, *others = program_commands((GUIDES / "account-life.md").read_text())
    points = {"X1,Y1": stage.book.guardian_text, "X,Y": point_to_text(guardian.point)}
    points["X2,Y2"] = points["X,Y"]
    followed = [[{"trading": "alice", **points}.get(word, word) for word in moving]]
    followed += [[{"trading": "bob", **points}.get(word, word) for word in words] for words in others]
    assert [" ".join(words[:2]) for words in followed] == [
        "account rekey",
        "guardian rotate",
        "account exit",
        "account close",
    ]
    for words in followed:
        if words[1] == "close":
            rest = stage.state("bob")[1]
            AccountLife(stage.owners["bob"]).exit(rest, int(RECIPIENT, 16))  # until nothing is in it
        done = stage.run(*words)
        assert done.code == 0, (words, done)
    assert AccountLife(stage.owners["alice"]).moved_to() not in (0, None)
    assert AccountLife(stage.owners["bob"]).moved_to() == 0


def test_the_new_secret_is_kept_before_anything_is_sent(
    stage: AccountStage, guardian: GuardianKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program dies between writing the wallet and sending: the next run takes the secret that is there."""

    def dies(*_: object) -> None:
        raise ChainError("the connection is lost")

    with monkeypatch.context() as patch:
        patch.setattr(AccountLifeClient, "rekey", dies)
        assert stage.run(*rekey(guardian)).code == 6
    kept = Wallet.load(stage.wallet, PASSPHRASE).account("alice-2").keys
    moved = stage.run(*rekey(guardian))
    assert (moved.code, moved.json["identity"]) == (0, f"0x{kept.identity:064x}"), moved


def test_a_move_is_not_made_to_an_account_that_was_opened(stage: AccountStage, guardian: GuardianKey) -> None:
    stage.run("account", "open", "--name", "alice-2", "--guardian", point_to_text(guardian.point))
    refused = stage.run(*rekey(guardian))
    assert (refused.code, "choose another --name" in refused.error["message"]) == (3, True), refused
    assert stage.run(*rekey(guardian, "--name", "alice-3")).code == 0


def test_a_guardian_that_is_not_accepted_leaves_the_wallet_as_it_was(stage: AccountStage) -> None:
    before = stage.wallet.read_bytes()
    refused = stage.run(*rekey(GuardianKey.generate()))
    assert (refused.code, "the book does not accept this" in refused.error["message"]) == (3, True)
    assert stage.wallet.read_bytes() == before


def test_money_leaves_an_account_without_positions(stage: AccountStage) -> None:
    left = stage.run("account", "exit", "20000", "--to", RECIPIENT, "--account", "alice", "--json")
    assert left.code == 0, left
    assert (left.json["to"], left.json["amount"], left.json["due_in"]) == (RECIPIENT, "20000", 1_800)
    assert stage.state("alice")[1] == 0
    zero = stage.run("account", "exit", "1", "--to", "0x" + "0" * 40, "--account", "bob", "--json")
    assert (zero.code, "would burn" in zero.error["message"]) == (3, True)


def test_an_empty_account_is_closed_and_its_bond_told(stage: AccountStage) -> None:
    full = stage.run("account", "close", "--account", "alice", "--json")
    assert (full.code, "take it out first" in full.error["message"]) == (5, True), full
    AccountLife(stage.owners["alice"]).exit(DEPOSIT, 0xABCDEF)
    contracts = stage.book.book.contracts
    bond = contracts.book.vault.bond(stage.owners["alice"].identity)
    closed = stage.run("account", "close", "--account", "alice", "--json")
    assert closed.code == 0, closed
    assert (closed.json["closed"], closed.json["bond"]) == (True, bond.amount)
    assert closed.json["opener"] == contracts.chain.sender
    again = stage.run("account", "close", "--account", "alice", "--json")
    assert (again.code, again.json["closed"]) == (0, False)
    opened = stage.run("account", "open", "--name", "alice", "--json")
    assert (opened.code, "is open, or was" in opened.error["message"]) == (6, True)


@pytest.mark.parametrize(
    ("words", "step"),
    [(["close", "--account", "alice"], "close the account"), (["rekey", "--account", "alice"], "move the account")],
)
def test_nothing_is_sent_to_a_public_chain_without_consent(
    stage: AccountStage, guardian: GuardianKey, monkeypatch: pytest.MonkeyPatch, words: list[object], step: str
) -> None:
    AccountLife(stage.owners["alice"]).exit(DEPOSIT, 0xABCDEF)
    monkeypatch.setattr("prover.cli._consent.is_local_chain", lambda _: False)
    before, block = stage.wallet.read_bytes(), stage.book.book.contracts.chain.block_number()
    more = ["--guardian", point_to_text(guardian.point)] if words[0] == "rekey" else []
    refused = stage.run("account", *words, *more, "--json")
    assert (refused.code, step in refused.error["message"], "add --yes" in refused.error["message"]) == (3, True, True)
    assert (stage.wallet.read_bytes(), stage.book.book.contracts.chain.block_number()) == (before, block)


# ------------------------------------------------------------------------------------------------ rotate


def rotate(stage: AccountStage, guardian: GuardianKey, *more: object) -> Outcome:
    words = ["--old-guardian", stage.book.guardian_text, "--guardian", point_to_text(guardian.point), *more, "--json"]
    return stage.run("guardian", "rotate", *words)


def test_a_desk_moves_all_its_accounts(stage: AccountStage, guardian: GuardianKey) -> None:
    held = [stage.state(name) for name in ("alice", "bob")]
    before = stage.wallet.read_bytes()
    planned = rotate(stage, guardian, "--dry-run").json
    assert [(one["account"], one["new_account"]) for one in planned["planned"]] == [
        ("alice", "alice-2"),
        ("bob", "bob-2"),
    ]
    assert (planned["moved"], stage.wallet.read_bytes()) == ([], before)
    moved = rotate(stage, guardian)
    assert (moved.code, [one["new_account"] for one in moved.json["moved"]]) == (0, ["alice-2", "bob-2"]), moved
    wallet = Wallet.load(stage.wallet, PASSPHRASE)
    owners = [replace(stage.owners["alice"], keys=wallet.account(name).keys) for name in ("alice-2", "bob-2")]
    states = [owner.state().sealed.state for owner in owners]
    assert [(state.balances, state.quote) for state in states] == held
    assert rotate(stage, guardian).json["planned"] == []


def test_no_two_accounts_of_a_rotation_get_one_name(stage: AccountStage, guardian: GuardianKey) -> None:
    wallet = Wallet.load(stage.wallet, PASSPHRASE)
    alice, bob = wallet.accounts
    write_quick_wallet(stage.wallet, replace(wallet, accounts=(alice, replace(bob, name="alice-1"))))
    planned = rotate(stage, guardian, "--dry-run").json["planned"]
    assert [one["new_account"] for one in planned] == ["alice-2", "alice-3"]


def test_a_rotation_leaves_what_the_book_refuses_and_moves_the_rest(
    stage: AccountStage, guardian: GuardianKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    send, alice = AccountLifeClient.rekey, stage.owners["alice"].identity

    def refuses(client: AccountLifeClient, account: int, *arguments: Any) -> Any:
        if account == alice:
            raise ChainError("refused", refusal="AccountNotFree")
        return send(client, account, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(AccountLifeClient, "rekey", refuses)
        left = rotate(stage, guardian)
    assert (left.code, [one["account"] for one in left.json["left"]]) == (1, ["alice"])
    assert [one["account"] for one in left.json["moved"]] == ["bob"]
    (moved,) = rotate(stage, guardian).json["moved"]
    assert moved["account"] == "alice"


def test_a_rotation_goes_on_where_it_stopped(
    stage: AccountStage, guardian: GuardianKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The node is lost at the second account, whose secret is in the wallet by then."""
    send, sent = AccountLifeClient.rekey, []

    def lost(client: AccountLifeClient, *arguments: Any) -> Any:
        sent.append(arguments)
        if len(sent) > 1:
            raise ChainError("the connection is lost")
        return send(client, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(AccountLifeClient, "rekey", lost)
        assert rotate(stage, guardian).code == 6
    kept = Wallet.load(stage.wallet, PASSPHRASE).account("bob-2").keys
    (moved,) = rotate(stage, guardian).json["moved"]
    assert (moved["account"], moved["identity"]) == ("bob", f"0x{kept.identity:064x}")
