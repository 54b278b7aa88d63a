"""Wallets: what they hold and refuse, and that no account gets lost."""

import json
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from prover import Domain, OwnerKeys, Point, ViewingKeys
from prover.account import BASE, SUBGROUP_ORDER, FoundAccount, Seed, Wallet, WalletAccount, update_wallet
from prover.account._babyjubjub import NEUTRAL
from verifier import SCALAR_MODULUS, InputError

ROOT = Path(__file__).parent.parent.parent.parent
HERE = Domain(31337, 0xB00C)
ELSEWHERE = Domain(1, 0xB00C)
GUARDIAN = 987654321 * BASE
SMALL_ORDER = Point(0, SCALAR_MODULUS - 1)
DESK = WalletAccount("desk", OwnerKeys(123456789, GUARDIAN, HERE))
SEED = Seed(bytes(range(32)))
PHRASE = "correct horse"

# The wallet of DESK alone, encrypted by npm age-encryption 0.3 with little scrypt work: 2^8.
FILE = """\
-----BEGIN AGE ENCRYPTED FILE-----
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBKRmxLZm5ZR0JaOGRRZ0VJ
eWhzdFp3IDgKTnMrTExVTVNrdUU2V3dMTms0bTRSVmFBVENsc1pJaWQzRmljQzFo
Y0pjTQotLS0gR1lNNHBYcER1eEtFbUwwNm9JUldBVmJnL1NSK1AxbHF3Wm1BVDd5
V1pJOAo5wYL8MZgTn3L2G3aRmC3Sfp8q4AYhESe6ZlLk/IpN7Zxs79VUaCb8SKf0
P9sXQNe5049xRECMCCyQ2bVIJJx705W9Bqf4z6xYVrmrfIAbm7cSjK5EYrRtto0Z
9XJQJbryPOkLx7vXsU4eKeq1/Cq9qKWNxlgz/WkZokI7VZCKRE/vnNGb60KKrPdl
06QAkvFrWLzvxxcThkEhfuLgISqPqSkPH92VCjxgaAEYkQ9nAOjJVzzz3ldl87C0
v0PrIAH85YNLM95NJcjR0cKgj8VGfVCsC/SQghOQCg+D4dOFvb0yB04iZ8sORee8
1k/gRvvv2PkCGK3sPzX7ywCe94nXjftRCdMvhDmPKQQsTOMFUuzTc7W79B/fJI0b
MpUY0Y10l+PRTpzoBlg8PsIlCmKL160oRtOIoTnVjIwVsIJQDr3sHUcTG6zPde3O
3o/VolKSono/tz0fxCG9WYfOSbL8XP0MrMNtLQ55UOpK6UySSMEYWcfzQ3tFk14v
0lqEIDRMm4kjZ4s=
-----END AGE ENCRYPTED FILE-----
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "wallet.age"
    path.touch(0o600)
    path.write_text(FILE)
    return path


def run(code: str, file: Path, *words: str) -> subprocess.Popen[str]:
    """Another process, with what it needs to change the wallet."""
    head = """
import os, resource, signal, sys
from pathlib import Path
from prover import Domain
from prover.account._wallet import Wallet, WalletAccount, update_wallet
from verifier import InputError
file = Path(sys.argv[1])
def add(wallet):
    return wallet.add(WalletAccount.create(sys.argv[2], Domain(31337, 0xB00C)))
"""
    command = [sys.executable, "-c", head + code, str(file), *words]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_opens_with_its_passphrase(file: Path) -> None:
    assert Wallet.load(file, PHRASE) == Wallet((DESK,))
    with pytest.raises(InputError, match=r"wallet .*: wrong passphrase"):
        Wallet.load(file, "wrong horse")


def test_keys_are_those_of_the_account() -> None:
    assert DESK.keys == OwnerKeys(123456789, GUARDIAN, HERE)
    assert DESK.viewing() == ViewingKeys.of_guardian(987654321, 123456789 * BASE, DESK.viewing().owner_tag, HERE)


def test_a_new_account_has_a_secret_of_its_own() -> None:
    first, second = (WalletAccount.create("desk", HERE) for _ in range(2))
    assert first.keys.owner_secret != second.keys.owner_secret
    assert first.keys.guardian == first.keys.owner_secret * BASE
    assert WalletAccount.create("desk", HERE, GUARDIAN).keys.guardian == GUARDIAN


def test_finds_accounts_by_name_and_by_book() -> None:
    other = WalletAccount.create("other", ELSEWHERE)
    wallet = Wallet().add(DESK).add(other)
    assert wallet.account("desk") == DESK
    assert wallet.accounts_of(HERE) == (DESK,)
    assert wallet.accounts_of(Domain(5, 5)) == ()
    with pytest.raises(InputError, match="there are: desk, other"):
        wallet.account("absent")
    with pytest.raises(InputError, match="there are: none"):
        Wallet().account("desk")


def test_the_only_account_in_a_book_needs_no_name() -> None:
    other = WalletAccount.create("other", ELSEWHERE)
    wallet = Wallet((DESK, other))
    assert (wallet.choose(HERE), wallet.choose(ELSEWHERE, "other")) == (DESK, other)
    with pytest.raises(InputError, match="has no account in this book"):
        wallet.choose(Domain(5, 5))
    with pytest.raises(InputError, match=r"lives in the book 0x0{36}b00c on chain 1: "):
        wallet.choose(HERE, "other")
    with pytest.raises(InputError, match=r"several accounts in this book \(desk, second\)"):
        wallet.add(WalletAccount.create("second", HERE)).choose(HERE)


def test_what_was_found_gets_free_names_and_nothing_is_added_twice() -> None:
    keys = [DESK.keys, OwnerKeys(5, GUARDIAN, HERE), OwnerKeys(6, GUARDIAN, HERE)]
    found = list(map(FoundAccount, keys))
    wallet = Wallet((DESK, WalletAccount.create("desk-2", HERE)))
    missing = wallet.missing(found, "desk")
    assert [(account.name, account.keys) for account in missing] == [("desk-3", keys[1]), ("desk-4", keys[2])]
    assert Wallet((*wallet.accounts, *missing)).missing(found, "desk") == ()
    assert [account.name for account in Wallet().missing(found, "mine")] == ["mine", "mine-2", "mine-3"]


@pytest.mark.parametrize(
    ("change", "allowed"),
    [
        ({}, False),
        ({"name": "other"}, False),
        ({"name": "other", "guardian": GUARDIAN + SMALL_ORDER}, False),  # agrees on the same viewing key
        ({"owner_secret": 5}, False),  # the name is taken
        ({"name": "other", "owner_secret": 5}, True),
        ({"name": "other", "guardian": 5 * BASE}, True),
        ({"name": "other", "domain": ELSEWHERE}, True),
    ],
    ids=lambda value: str(sorted(value)) if isinstance(value, dict) else None,
)
def test_one_account_for_a_name_and_for_an_identity(change: dict[str, Any], allowed: bool) -> None:
    name = change.pop("name", DESK.name)
    account = WalletAccount(name, replace(DESK.keys, **change))
    same_identity = account.viewing().identity == DESK.viewing().identity
    assert allowed == (account.name != DESK.name and not same_identity)
    if allowed:
        assert Wallet((DESK,)).add(account).accounts == (DESK, account)
    else:
        with pytest.raises(InputError, match="wallet: two"):
            Wallet((DESK,)).add(account)


@pytest.mark.parametrize("name", ["", "-a", "A", "a b", "a" * 33, "a\n", "ä", "a/b", "a.b"])
def test_refuses_names_that_could_be_mistaken(name: str) -> None:
    with pytest.raises(InputError, match="its name is"):
        replace(DESK, name=name)


@pytest.mark.parametrize("name", ["a", "0", "a" * 32, "main-desk-2"])
def test_takes_plain_names(name: str) -> None:
    assert replace(DESK, name=name).name == name


@pytest.mark.parametrize("secret", [0, -1, SUBGROUP_ORDER])
def test_refuses_a_secret_out_of_range(secret: int) -> None:
    with pytest.raises(InputError, match="owner secret"):
        replace(DESK.keys, owner_secret=secret)


@pytest.mark.parametrize("point", [Point(1, 1), NEUTRAL, SMALL_ORDER])
def test_refuses_a_guardian_that_no_key_can_be_agreed_with(point: Point) -> None:
    with pytest.raises(InputError, match="guardian's point: "):
        replace(DESK.keys, guardian=point)


Change = Callable[[dict[str, Any]], object]


def first(**fields: object) -> Change:
    return lambda file: file["accounts"][0].update(fields)


def domain(**fields: object) -> Change:
    return lambda file: file["accounts"][0]["domain"].update(fields)


FAULTS: dict[str, Change] = {
    "later format": lambda file: file.update(format="zksolvency/wallet/3"),
    "format with a seed": lambda file: file.update(format="zksolvency/wallet/2"),
    "seed in the first format": lambda file: file.update(seed=SEED.to_text()),
    "index in the first format": lambda file: file["accounts"][0].update(index=0),
    "another format": lambda file: file.update(format="zksolvency/guardian/1"),
    "no format": lambda file: file.pop("format"),
    "no accounts": lambda file: file.pop("accounts"),
    "accounts are no list": lambda file: file.update(accounts={}),
    "extra name": lambda file: file.update(note="x"),
    "extra name in an account": first(salt="5"),
    "extra name in a domain": domain(note="x"),
    "account twice": lambda file: file["accounts"].append(dict(file["accounts"][0])),
    "name missing": lambda file: file["accounts"][0].pop("name"),
    "name as number": first(name=5),
    "name with a space": first(name="a b"),
    "secret missing": lambda file: file["accounts"][0].pop("owner_secret"),
    "secret as number": first(owner_secret=123456789),
    "secret in hex": first(owner_secret="0x75bcd15"),
    "secret with a leading zero": first(owner_secret="0123456789"),
    "secret negative": first(owner_secret="-123456789"),
    "secret with a newline": first(owner_secret="123456789\n"),
    "secret of 0": first(owner_secret="0"),
    "secret of l": first(owner_secret=str(SUBGROUP_ORDER)),
    "secret of many digits": first(owner_secret="123456789" * 20),
    "guardian of one coordinate": first(guardian=["123456789"]),
    "guardian off the curve": first(guardian=["123456789", "1"]),
    "guardian above the field": first(guardian=[str(GUARDIAN.x + SCALAR_MODULUS), str(GUARDIAN.y)]),
    "chain id as text": domain(chain_id="31337"),
    "chain id true": domain(chain_id=True),
    "chain id negative": domain(chain_id=-1),
    "chain id of 2^64": domain(chain_id=1 << 64),
    "contract too short": domain(contract="0xb00c"),
    "contract without 0x": domain(contract="b00c".zfill(40)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_refuses_a_malformed_wallet_without_showing_it(fault: str) -> None:
    content = json.loads(json.dumps(Wallet((DESK,)).to_json()))
    assert Wallet.from_json(content) == Wallet((DESK,))
    FAULTS[fault](content)
    with pytest.raises(InputError) as caught:
        Wallet.from_json(content)
    assert "123456789" not in str(caught.value)
    assert caught.value.__cause__ is None


# ------------------------------------------------------------------------------------------------ with a seed


def seeded(*indices: int) -> Wallet:
    """A wallet with an imported account, and derived ones."""
    wallet = Wallet((DESK,), SEED)
    for index in indices:
        wallet = wallet.add(wallet.derived(f"derived-{index}", HERE, index, GUARDIAN))
    return wallet


def content_of(wallet: Wallet) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(wallet.to_text())
    return content


def test_a_wallet_with_a_seed_keeps_the_seed_and_no_derived_secret() -> None:
    wallet = seeded(0, 3)
    content = content_of(wallet)
    assert content["format"] == "zksolvency/wallet/2"
    assert [set(account) - {"name", "guardian", "domain"} for account in content["accounts"]] == [
        {"owner_secret"},
        {"index"},
        {"index"},
    ]
    assert Wallet.from_json(content) == wallet
    assert [account.keys.owner_secret for account in wallet.accounts] == [
        DESK.keys.owner_secret,
        SEED.owner_secret(HERE, 0),
        SEED.owner_secret(HERE, 3),
    ]


def test_a_wallet_without_a_seed_stays_of_the_first_format(file: Path) -> None:
    """On disk too: what an older version has written reads the same, and nothing is rewritten."""
    assert content_of(Wallet((DESK,)))["format"] == "zksolvency/wallet/1"
    assert update_wallet(file, PHRASE, lambda wallet: wallet).seed is None
    assert file.read_text() == FILE


@pytest.mark.usefixtures("quick_passphrases")
def test_an_upgrade_keeps_every_secret(file: Path) -> None:
    upgraded = update_wallet(file, PHRASE, lambda wallet: wallet.with_seed(SEED))
    assert (upgraded.accounts, upgraded.seed) == ((DESK,), SEED)
    assert Wallet.load(file, PHRASE) == upgraded
    assert upgraded.with_seed(SEED) == upgraded
    with pytest.raises(InputError, match="another seed"):
        upgraded.with_seed(Seed.generate())


def test_wallets_do_not_share_a_seed() -> None:
    first, second = Wallet.create(), Wallet.create()
    assert first.seed is not None
    assert first.seed != second.seed


def test_the_next_index_is_above_those_of_the_book() -> None:
    wallet = seeded(0, 3, 1)
    assert (wallet.next_index(HERE), wallet.next_index(ELSEWHERE), Wallet((DESK,), SEED).next_index(HERE)) == (4, 0, 0)


def test_no_derived_account_replaces_an_imported_one() -> None:
    """One whose secret was imported before stays imported, whatever is found later."""
    keys = OwnerKeys(SEED.owner_secret(HERE, 0), GUARDIAN, HERE)
    wallet = Wallet((WalletAccount("old", keys),), SEED)
    assert wallet.missing([FoundAccount(keys, 0)], "found") == ()
    with pytest.raises(InputError, match="two names for one account"):
        wallet.add(wallet.derived("again", HERE, 0, GUARDIAN))


def test_what_was_found_by_its_index_is_derived() -> None:
    wallet = Wallet(seed=SEED)
    keys = OwnerKeys(SEED.owner_secret(HERE, 5), GUARDIAN, HERE)
    (account,) = wallet.missing([FoundAccount(keys, 5)], "found")
    assert (account.index, account.keys) == (5, keys)
    assert Wallet.from_json(content_of(wallet.add(account))) == wallet.add(account)


def test_an_index_needs_the_seed_that_gives_the_secret() -> None:
    for account, reason in (
        (replace(DESK, index=0), "another secret than its seed"),
        (replace(seeded(0).accounts[1], index=1), "another secret than its seed"),
    ):
        with pytest.raises(InputError, match=reason):
            Wallet((account,), SEED)
    with pytest.raises(InputError, match="no seed"):
        Wallet((seeded(0).accounts[1],))
    with pytest.raises(InputError, match="no seed"):
        Wallet().derived("desk", HERE, 0, GUARDIAN)


SEED_FAULTS: dict[str, Change] = {
    "first format": lambda file: file.update(format="zksolvency/wallet/1"),
    "later format": lambda file: file.update(format="zksolvency/wallet/3"),
    "no seed": lambda file: file.pop("seed"),
    "seed null": lambda file: file.update(seed=None),
    "seed cut short": lambda file: file.update(seed=file["seed"][:-1]),
    "seed mistyped": lambda file: file.update(seed=file["seed"][:-1] + "f"),
    "seed of a later version": lambda file: file.update(seed=file["seed"].replace("seed1", "seed2")),
    "neither index nor secret": lambda file: file["accounts"][1].pop("index"),
    "both index and secret": lambda file: file["accounts"][1].update(owner_secret="5"),
    "index negative": lambda file: file["accounts"][1].update(index=-1),
    "index of 2^32": lambda file: file["accounts"][1].update(index=1 << 32),
    "index as text": lambda file: file["accounts"][1].update(index="0"),
    "index true": lambda file: file["accounts"][1].update(index=True),
    "chain id of 2^64": lambda file: file["accounts"][1]["domain"].update(chain_id=1 << 64),
    "secret of 0": lambda file: file["accounts"][0].update(owner_secret="0"),
}


@pytest.mark.parametrize("fault", SEED_FAULTS)
def test_refuses_a_malformed_wallet_with_a_seed_without_showing_it(fault: str) -> None:
    content = content_of(seeded(0))
    SEED_FAULTS[fault](content)
    with pytest.raises(InputError) as caught:
        Wallet.from_json(content)
    assert "123456789" not in str(caught.value)
    assert SEED.to_text()[10:30] not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_wallet_of_a_later_version_is_called_so() -> None:
    with pytest.raises(InputError, match="of version 3 of the format, this program reads version 2"):
        Wallet.from_json({**content_of(seeded(0)), "format": "zksolvency/wallet/3"})


def test_no_secret_is_shown() -> None:
    assert SEED.to_text() not in repr(seeded(0))
    assert str(SEED.owner_secret(HERE, 0)) not in repr(seeded(0))
    shown = repr(DESK) + str(DESK) + repr(Wallet((DESK,))) + repr(DESK.keys)
    assert "desk" in shown
    assert "123456789" not in shown
    assert str(GUARDIAN.x) not in shown


def test_a_change_that_fails_leaves_the_file(file: Path) -> None:
    def add_again(wallet: Wallet) -> Wallet:
        return wallet.add(DESK)

    with pytest.raises(InputError, match="two accounts are called desk"):
        update_wallet(file, PHRASE, add_again)
    with pytest.raises(InputError, match="wrong passphrase"):
        update_wallet(file, "wrong horse", lambda wallet: wallet)
    assert file.read_text() == FILE


def test_there_must_be_a_wallet_to_change(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.age", tmp_path / "absent" / "wallet.age"):
        with pytest.raises(InputError, match=str(path)):
            update_wallet(path, PHRASE, lambda wallet: wallet)
        assert not path.exists()


@pytest.mark.usefixtures("quick_passphrases")
def test_what_is_saved_is_private_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "wallet.age"
    wallet = Wallet((DESK, WalletAccount.create("other", ELSEWHERE)))
    wallet.save(path, PHRASE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Wallet.load(path, PHRASE) == wallet
    assert b"123456789" not in path.read_bytes()


@pytest.mark.full
def test_two_processes_at_once_lose_no_account(file: Path) -> None:
    code = f"update_wallet(file, {PHRASE!r}, add)"
    workers = [run(code, file, name) for name in ("first", "second")]
    for worker in workers:
        _, errors = worker.communicate(timeout=120)
        assert worker.returncode == 0, errors
    assert {account.name for account in Wallet.load(file, PHRASE).accounts} == {"desk", "first", "second"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.full
def test_a_writer_that_is_killed_leaves_the_old_file(file: Path) -> None:
    """At the worst moment: everything is written, nothing replaced."""
    code = f"""
def die(event, args):
    if event == "os.rename" and str(args[1]) == str(file):
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(die)
update_wallet(file, {PHRASE!r}, add)
"""
    worker = run(code, file, "first")
    worker.communicate(timeout=120)
    assert worker.returncode == -9
    assert file.read_text() == FILE
    with pytest.raises(InputError, match="two accounts"):  # not held any more
        update_wallet(file, PHRASE, lambda wallet: wallet.add(DESK))


@pytest.mark.full
def test_a_full_disk_leaves_the_old_file(file: Path) -> None:
    code = f"""
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    update_wallet(file, {PHRASE!r}, add)
except InputError as error:
    print(error)
"""
    worker = run(code, file, "first")
    output, errors = worker.communicate(timeout=120)
    assert "cannot be written" in output, errors
    assert file.read_text() == FILE
    assert {path.name for path in file.parent.iterdir()} == {"wallet.age", ".wallet.age.lock"}
