"""`zksolvency wallet`: one encrypted file holds every secret, and from a secret alone everything comes back."""

import json
import logging
import stat
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from cli.account_stage import PASSPHRASE, AccountStage, account_stage, write_quick_wallet
from cli.book_stage import BOOK, PRICES, QUORUM
from cli.harness import Outcome, assert_hidden

from prover import Domain
from prover.account import SUBGROUP_ORDER, Seed, Wallet, WalletAccount
from prover.chain import BookSettings, Chain
from prover.cli._output import as_hex
from prover.onchain import DeploymentRecord, book_code, deploy_book

pytestmark = pytest.mark.full

DEPOSIT = 20_000 * 10**18
SEED = Seed(bytes(range(32)))
SIZE, PRICE = "0.135791357", "97531.246813579"
COST = Decimal(SIZE) * Decimal(PRICE)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccountStage]:
    with account_stage(tmp_path_factory.mktemp("wallet"), deposit=DEPOSIT) as opened:
        opened.trade("alice", "bob", "BTC-PERP", SIZE, PRICE)
        yield opened


def seed_texts(seed: Seed) -> set[str]:
    """Every spelling of a seed."""
    return {seed.to_text(), seed.to_text().upper(), seed.secret.hex(), repr(seed.secret)[2:-1]}


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
    shown = stage.plain("wallet", "show", "--json", "--passphrase-file", stage.passphrase_file)
    assert (shown.json["accounts"], shown.json["has_seed"]) == ([], True)
    seed = Wallet.load(path, PASSPHRASE).seed
    assert seed is not None
    assert_hidden(seed_texts(seed), made.stdout, made.stderr, shown.stdout, shown.stderr)


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
        (SEED.to_text()[:-1], "seed: characters are missing"),
        (SEED.to_text()[:-1] + "f", "seed: mistyped or damaged"),
        (SEED.to_text().replace("zksseed1", "zksseed2"), "of a later version of the format"),
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
    for option in ("--owner-secret", "--secret", "--seed", "--passphrase"):
        assert stage.plain("wallet", "restore", option, "1", "--json").error["kind"] == "usage"


# ------------------------------------------------------------------------------------------------ seeds


@pytest.fixture(scope="module")
def other_book(stage: AccountStage) -> Path:
    """Record of a second book on the same chain."""
    point = stage.book.guardian.point
    settings = BookSettings(
        [reporter.address for reporter in stage.book.reporters], QUORUM, [(point.x, point.y)], min_interval=1
    )
    assets = stage.book.book.assets
    book = deploy_book(Chain(stage.book.node.url, book_code(assets.n)), assets, {}, settings)
    record = stage.folder / "other-book.json"
    DeploymentRecord.of_book(book, BOOK).save(record)
    return record


@pytest.fixture(scope="module")
def seeded(stage: AccountStage, other_book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wallet with a seed, an imported account, and accounts that were opened in both books."""
    path = tmp_path_factory.mktemp("seeded") / "seeded.age"
    wallet = Wallet((Wallet.load(stage.wallet, PASSPHRASE).account("alice"),), Seed.generate())
    assert wallet.seed is not None
    stage.hidden |= seed_texts(wallet.seed)
    write_quick_wallet(path, wallet)
    for name in ("first", "second"):
        assert stage.run("account", "open", "--name", name, wallet=path).code == 0
    assert stage.plain("account", "open", "--name", "far", *at(stage, path, other_book)).code == 0
    return path


def at(stage: AccountStage, wallet: Path, *records: Path) -> list[object]:
    """Options for a wallet and books."""
    deployments = [word for record in records for word in ("--deployment", record)]
    return ["--wallet", wallet, "--passphrase-file", stage.passphrase_file, "--rpc", stage.book.node.url, *deployments]


def loaded(path: Path) -> Wallet:
    return Wallet.load(path, PASSPHRASE)


def seed_of(path: Path) -> Seed:
    seed = loaded(path).seed
    assert seed is not None
    return seed


def open_on_chain(stage: AccountStage, account: WalletAccount) -> bool:
    return stage.book.book.contracts.book.account(account.keys.identity).commitment != 0


def test_accounts_of_a_seed_are_opened_at_the_next_index(stage: AccountStage, seeded: Path) -> None:
    wallet = loaded(seeded)
    assert [(account.name, account.index) for account in wallet.accounts] == [
        ("alice", None),
        ("first", 0),
        ("second", 1),
        ("far", 0),
    ]
    assert all(open_on_chain(stage, account) for account in wallet.accounts[:3])
    assert len({account.keys.owner_secret for account in wallet.accounts}) == 4


def test_a_seed_alone_restores_its_accounts_in_every_book(
    stage: AccountStage, seeded: Path, other_book: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    path, seed = tmp_path / "restored.age", seed_of(seeded)
    words = ["wallet", "restore", "--name", "mine", *at(stage, path, stage.book.record, other_book, other_book)]
    done = stage.plain(*words, "--json", stdin=f"{seed.to_text()}\n")
    assert done.code == 0, done
    assert "warning" not in done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert [(book["found"], book["left_out"]) for book in result["books"]] == [(2, 0), (1, 0)]
    assert [(entry["name"], entry["index"]) for entry in result["added"]] == [("mine", 0), ("mine-2", 1), ("mine-3", 0)]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    restored = loaded(path)
    assert restored.seed == seed
    derived = {str(account.keys.owner_secret) for account in restored.accounts}
    assert_hidden(seed_texts(seed) | derived | {PASSPHRASE}, done.stdout, done.stderr, caplog.text)
    assert [account.keys for account in restored.accounts] == [account.keys for account in loaded(seeded).accounts[1:]]


def test_a_second_book_is_searched_with_the_wallets_own_seed(
    stage: AccountStage, seeded: Path, other_book: Path, tmp_path: Path
) -> None:
    """As for a book of another chain; and for accounts that a copy of the wallet has opened."""
    path = tmp_path / "restored.age"
    write_quick_wallet(path, Wallet(seed=seed_of(seeded)))
    for record, names in ((other_book, ["restored"]), (stage.book.record, ["restored-2", "restored-3"])):
        done = stage.plain("wallet", "restore", "--own-seed", *at(stage, path, record), "--json")
        assert [entry["name"] for entry in done.json["added"]] == names
        write_quick_wallet(path, loaded(path))
    before = path.read_bytes()
    again = stage.plain("wallet", "restore", "--own-seed", *at(stage, path, other_book))
    assert "none: all are in the wallet" in again.stdout
    assert path.read_bytes() == before


def test_a_copy_of_a_wallet_opens_at_an_index_that_is_free_on_the_chain(
    stage: AccountStage, seeded: Path, tmp_path: Path
) -> None:
    path = tmp_path / "copy.age"
    write_quick_wallet(path, Wallet(seed=seed_of(seeded)))
    before = stage.book.node.request("evm_snapshot")
    done = stage.run("account", "open", "--name", "fresh", wallet=path)
    (account,) = loaded(path).accounts
    assert (done.code, account.index, open_on_chain(stage, account)) == (0, 2, True), done
    assert "wallet restore --own-seed" in done.stderr
    stage.book.node.request("evm_revert", before)


def test_a_book_without_accounts_of_the_seed_is_told(stage: AccountStage, tmp_path: Path) -> None:
    """The seed has a checksum, so the wallet is made: its accounts may be in other books."""
    path = tmp_path / "empty.age"
    done = stage.run("wallet", "restore", wallet=path, stdin=f"{SEED.to_text()}\n")
    assert (done.code, "no account of this seed was found in the book" in done.stderr) == (0, True), done
    assert "ask another one" in done.stderr
    assert loaded(path) == Wallet(seed=SEED)
    assert_hidden(seed_texts(SEED), done.stdout, done.stderr)


def test_a_wallet_has_one_seed(stage: AccountStage, seeded: Path, tmp_path: Path) -> None:
    for path in (seeded, stage.wallet):
        before = path.read_bytes()
        refused = stage.run("wallet", "restore", wallet=path, stdin=f"{SEED.to_text()}\n")
        assert (refused.code, "another seed, or none" in refused.stderr) == (3, True), refused
        assert path.read_bytes() == before
        assert_hidden(seed_texts(SEED), refused.stdout, refused.stderr)


def test_there_must_be_a_seed_to_go_by(stage: AccountStage, tmp_path: Path) -> None:
    without = stage.run("wallet", "restore", "--own-seed", "--json")
    assert "wallet upgrade" in without.error["message"]
    absent = stage.run("wallet", "restore", "--own-seed", "--json", wallet=tmp_path / "absent.age")
    assert "has no seed" in absent.error["message"]
    assert not (tmp_path / "absent.age").exists()


def test_an_owner_secret_is_imported_beside_the_seed(stage: AccountStage, seeded: Path, tmp_path: Path) -> None:
    path, bob = tmp_path / "both.age", stage.owners["bob"].keys
    write_quick_wallet(path, loaded(seeded))
    stage.run("wallet", "restore", "--name", "bob", wallet=path, stdin=f"{bob.owner_secret}\n")
    account = loaded(path).account("bob")
    assert (account.keys, account.index, seed_of(path)) == (bob, None, seed_of(seeded))


def test_the_seed_is_shown_only_if_asked(stage: AccountStage, seeded: Path) -> None:
    """And derived secrets with it, for a reader who wants to hand over one account alone."""
    text = seed_of(seeded).to_text()
    people, machines = (stage.run("wallet", "show", *flags, wallet=seeded) for flags in ([], ["--json"]))
    assert (people.code, machines.json["has_seed"]) == (0, True)
    assert [entry["index"] for entry in machines.json["accounts"]] == [None, 0, 1, 0]
    assert "imported" in people.stdout
    shown = stage.run("wallet", "show", "--secrets", wallet=seeded, shows=True)
    assert text in shown.stdout
    assert "warning" in shown.stderr
    result = stage.run("wallet", "show", "--secrets", "--json", wallet=seeded, shows=True).json
    assert result["seed"] == text
    assert [int(entry["owner_secret"], 16) for entry in result["accounts"]] == [
        account.keys.owner_secret for account in loaded(seeded).accounts
    ]
    old = stage.run("wallet", "show", "--secrets", "--json", shows=True).json
    assert (old["has_seed"], "seed" in old) == (False, False)


def upgrade(stage: AccountStage, path: Path) -> Outcome:
    return stage.plain("wallet", "upgrade", "--wallet", path, "--passphrase-file", stage.passphrase_file, "--json")


def test_an_upgraded_wallet_keeps_every_secret_and_has_a_seed_for_what_comes(
    stage: AccountStage, tmp_path: Path
) -> None:
    path, old = tmp_path / "old.age", loaded(stage.wallet)
    write_quick_wallet(path, old)
    done = upgrade(stage, path)
    assert (done.json["upgraded"], done.json["imported"]) == (True, 2)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert loaded(path).accounts == old.accounts
    assert_hidden(seed_texts(seed_of(path)), done.stdout, done.stderr)
    before = path.read_bytes()
    again = upgrade(stage, path)
    assert (again.json["upgraded"], "nothing was changed" in again.stderr) == (False, True)
    assert path.read_bytes() == before
