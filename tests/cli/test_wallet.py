"""`zksolvency wallet`: one encrypted file holds every secret, and from a secret alone everything comes back."""

import stat
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from cli.account_stage import PASSPHRASE, AccountStage, account_stage, write_quick_wallet
from cli.book_stage import PRICES
from cli.harness import assert_hidden

from prover import Domain
from prover.account import SUBGROUP_ORDER, Wallet, WalletAccount
from prover.cli._output import as_hex

pytestmark = pytest.mark.full

DEPOSIT = 20_000 * 10**18
SIZE, PRICE = "0.135791357", "97531.246813579"
COST = Decimal(SIZE) * Decimal(PRICE)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccountStage]:
    with account_stage(tmp_path_factory.mktemp("wallet"), deposit=DEPOSIT) as opened:
        opened.trade("alice", "bob", "BTC-PERP", SIZE, PRICE)
        yield opened


# ------------------------------------------------------------------------------------------------ new


def test_new_makes_a_private_encrypted_file_in_a_folder_of_its_own(
    stage: AccountStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    missing = stage.plain("wallet", "show", "--passphrase-file", stage.passphrase_file)
    assert (missing.code, "zksolvency wallet new" in missing.stderr) == (3, True)
    made = stage.plain("wallet", "new", stdin=f"{PASSPHRASE}\n{PASSPHRASE}\n")
    (path,) = tmp_path.rglob("*.age")
    assert (made.code, str(path) in made.stdout, path.parent.parent) == (0, True, tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stage.plain("wallet", "show", "--json", "--passphrase-file", stage.passphrase_file).json["accounts"] == []


def test_new_overwrites_nothing(stage: AccountStage) -> None:
    before = stage.wallet.read_bytes()
    outcome = stage.plain("wallet", "new", "--wallet", stage.wallet, "--passphrase-file", stage.passphrase_file)
    assert (outcome.code, "never overwritten" in outcome.stderr) == (3, True)
    assert stage.wallet.read_bytes() == before


# ------------------------------------------------------------------------------------------------ show


def test_show_lists_accounts_without_a_node_and_without_secrets(stage: AccountStage) -> None:
    words = ["wallet", "show", "--wallet", stage.wallet, "--passphrase-file", stage.passphrase_file]
    listed = stage.plain(*words, "--rpc", "http://127.0.0.1:1", "--json").json["accounts"]
    assert [(entry["name"], int(entry["identity"], 16)) for entry in listed] == [
        (name, owner.identity) for name, owner in stage.owners.items()
    ]
    assert {entry["guardian"] for entry in listed} == {stage.book.guardian_text}
    people = stage.plain(*words)
    assert "alice" in people.stdout
    assert "open" not in people.stdout.replace(str(stage.wallet), "")  # a path may hold the word


def test_show_secrets_shows_owner_secrets_with_a_warning(stage: AccountStage) -> None:
    for flags in ([], ["--json"]):
        outcome = stage.run("wallet", "show", "--secrets", *flags, shows=True)
        assert all(as_hex(owner.keys.owner_secret) in outcome.stdout for owner in stage.owners.values())
        assert "warning" in outcome.stderr
        assert_hidden({SIZE, PASSPHRASE}, outcome.stdout, outcome.stderr)


def test_show_positions_reads_them_from_the_chain(stage: AccountStage) -> None:
    outcome = stage.run("wallet", "show", "--positions", "--json", shows=True)
    alice, bob = outcome.json["accounts"]
    assert alice["amounts"] == {"BTC-PERP": SIZE, "USD": str(20_000 - COST)}
    assert bob["amounts"] == {"BTC-PERP": f"-{SIZE}", "USD": str(20_000 + COST)}
    value = Decimal(SIZE) * Decimal(PRICES["BTC-PERP"])
    assert Decimal(alice["health"]["equity"]) == 20_000 - COST + value
    assert Decimal(bob["health"]["health"]) == 20_000 + COST - value - value / 100
    assert alice["health"]["healthy"] is True
    people = stage.run("wallet", "show", "--positions", shows=True)
    assert f"-{SIZE}" in people.stdout
    assert f"{20_000 - COST + value:,.4f}"[:-2] in people.stdout
    assert "warning" in people.stderr


def test_show_status_tells_open_from_not_open_and_shows_no_amount(stage: AccountStage, tmp_path: Path) -> None:
    elsewhere = WalletAccount.create("elsewhere", Domain(1, 5))
    waiting = WalletAccount.create("waiting", stage.book.book.domain, stage.book.guardian.point)
    path = tmp_path / "several.age"
    write_quick_wallet(path, Wallet((*Wallet.load(stage.wallet, PASSPHRASE).accounts, waiting, elsewhere)))
    entries = stage.run("wallet", "show", "--status", "--json", wallet=path).json["accounts"]
    assert [entry["open"] for entry in entries] == [True, True, False, None]
    people = stage.run("wallet", "show", "--status", wallet=path).stdout
    assert "not yet" in people
    assert "in another book" in people
    assert stage.run("wallet", "show", "--positions", wallet=path, shows=True).code == 0


@pytest.mark.parametrize("command", ["show", "history"])
def test_a_wrong_passphrase_is_told_and_not_shown(stage: AccountStage, tmp_path: Path, command: str) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("incorrect horse\n")
    wrong.chmod(0o600)
    words = [*stage.book.options, "--wallet", stage.wallet, "--passphrase-file", wrong, "--json"]
    outcome = stage.plain("wallet", command, *words)
    assert (outcome.code, outcome.error["kind"]) == (3, "input")
    assert "wrong passphrase" in outcome.error["message"]
    assert_hidden({"incorrect horse"}, outcome.stdout, outcome.stderr)


@pytest.mark.parametrize("which", ["wallet", "passphrase_file"])
def test_files_open_to_others_are_refused(stage: AccountStage, which: str) -> None:
    path: Path = getattr(stage, which)
    path.chmod(0o640)
    try:
        outcome = stage.run("wallet", "show")
    finally:
        path.chmod(0o600)
    assert (outcome.code, "chmod 600" in outcome.stderr) == (3, True)


# ------------------------------------------------------------------------------------------------ history


def test_history_shows_every_state_and_amounts_only_if_asked(stage: AccountStage) -> None:
    public = stage.run("wallet", "history", "--account", "bob", "--json").json
    assert int(public["identity"], 16) == stage.owners["bob"].identity
    assert len(public["states"]) == 3
    assert {"amounts", "change"}.isdisjoint(public["states"][2])
    assert public["states"][2]["transaction"] in stage.run("wallet", "history", "--account", "bob").stdout
    shown = stage.run("wallet", "history", "--account", "bob", "--positions", "--json", shows=True)
    opened, paid, traded = shown.json["states"]
    assert (opened["change"], opened["amounts"]) == ({}, {})
    assert paid["change"] == {"USD": "20000"}
    assert traded["change"] == {"BTC-PERP": f"-{SIZE}", "USD": str(COST)}
    assert int(traded["commitment"], 16) == stage.owners["bob"].state().sealed.commitment
    people = stage.run("wallet", "history", "--account", "bob", "--positions", shows=True)
    assert "USD +20000" in people.stdout
    assert f"BTC-PERP -{SIZE}" in people.stdout


def test_an_account_must_be_chosen_where_there_are_several(stage: AccountStage) -> None:
    several = stage.run("wallet", "history", "--json").error["message"]
    assert "alice, bob" in several
    assert "--account" in several
    assert "(there are: alice, bob)" in stage.run("wallet", "history", "--account", "carol", "--json").error["message"]


# ------------------------------------------------------------------------------------------------ restore


def test_a_secret_alone_restores_an_account(stage: AccountStage, tmp_path: Path) -> None:
    """On a machine with nothing but the public record of the book."""
    path, alice = tmp_path / "restored.age", stage.owners["alice"]
    typed = f"{as_hex(alice.keys.owner_secret)}\n"
    words = ["wallet", "restore", "--name", "mine"]
    restored = stage.run(*words, wallet=path, stdin=typed)
    assert restored.code == 0, restored
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (account,) = Wallet.load(path, PASSPHRASE).accounts
    assert (account.name, account.viewing().identity) == ("mine", alice.identity)
    assert account.keys.owner_secret == alice.keys.owner_secret
    write_quick_wallet(path, Wallet((account,)))
    shown = stage.run("wallet", "show", "--positions", "--json", wallet=path, shows=True).json["accounts"]
    assert shown[0]["amounts"]["BTC-PERP"] == SIZE


def test_restore_adds_what_is_missing_under_free_names(stage: AccountStage, tmp_path: Path) -> None:
    path, alice = tmp_path / "partial.age", stage.owners["alice"]
    old = WalletAccount.create("restored", stage.book.book.domain, stage.book.guardian.point)
    write_quick_wallet(path, Wallet((old,)))
    typed = f"{alice.keys.owner_secret}\n"
    stage.run("wallet", "restore", wallet=path, stdin=typed)
    wallet = Wallet.load(path, PASSPHRASE)
    assert [account.name for account in wallet.accounts] == ["restored", "restored-2"]
    write_quick_wallet(path, wallet)
    before = path.read_bytes()
    again = stage.run("wallet", "restore", wallet=path, stdin=typed)
    assert "none: all are in the wallet" in again.stdout
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("12345", "no account in this book has this owner secret"),
        ("0", "expected a number"),
        (str(SUBGROUP_ORDER), "expected a number"),
        ("correct horse battery staple", "expected a number"),
        ("0x77665544zz", "expected a number"),
        ("\u0661\u0662", "expected a number"),
    ],
)
def test_restore_refuses_what_is_no_secret_without_showing_it(
    stage: AccountStage, tmp_path: Path, typed: str, complaint: str
) -> None:
    outcome = stage.run("wallet", "restore", wallet=tmp_path / "none.age", stdin=typed + "\n")
    assert (outcome.code, complaint in outcome.stderr) == (3, True), outcome
    if len(typed) > 1:
        assert_hidden({typed}, outcome.stdout, outcome.stderr)
    assert not (tmp_path / "none.age").exists()


def test_no_option_takes_a_secret(stage: AccountStage) -> None:
    for option in ("--owner-secret", "--secret", "--passphrase"):
        assert stage.plain("wallet", "restore", option, "1", "--json").error["kind"] == "usage"
