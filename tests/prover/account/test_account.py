"""Accounts: commitments (spec ZS-10), files, and that nothing secret shows."""

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from prover import Account, AssetList, Domain, OwnerKeys, Point, PriceRound, State, commit, poseidon
from prover.account import BASE
from prover.market import format_decimal
from verifier import SCALAR_MODULUS, InputError, to_field

LOCAL = Domain(31337, 0)


@pytest.fixture(scope="module")
def keys() -> OwnerKeys:
    return OwnerKeys.generate(LOCAL)


def test_commitment_of_13_is_one_block(account: Account) -> None:
    balances, quote = account.state
    items = [to_field(b) for b in balances] + [to_field(quote), account.state.shorts, account.opened.blind]
    assert len(items) == 16
    assert account.commitment() == poseidon(items)


def test_commitment_of_28_chains_two_blocks() -> None:
    balances, quote, shorts, blind = tuple(range(1, 29)), -7, 0, 99
    first = poseidon(list(balances[:16]))
    rest = [*balances[16:], to_field(quote), shorts, blind]
    assert commit(State(balances, quote), shorts, blind) == poseidon([first, *rest])


def test_every_part_of_the_state_changes_the_commitment(account: Account) -> None:
    (balances, quote), shorts, blind = account.state, account.state.shorts, account.opened.blind
    changed = [
        commit(State((*balances[:i], balances[i] + 1, *balances[i + 1 :]), quote), shorts, blind) for i in range(13)
    ]
    changed.append(commit(State(balances, quote + 1), shorts, blind))
    changed.append(commit(account.state, shorts ^ 1, blind))
    changed.append(commit(account.state, shorts, blind + 1))
    assert account.commitment() not in changed
    assert len(set(changed)) == len(changed)


def test_each_secret_and_the_domain_change_the_blind(account: Account) -> None:
    """Spec ZS-11."""
    keys = account.keys
    others = [
        replace(account, salt=account.salt ^ 1),
        replace(account, keys=replace(keys, owner_secret=keys.owner_secret % 1000 + 1)),
        replace(account, keys=replace(keys, guardian=5 * BASE)),
        replace(account, keys=replace(keys, domain=Domain(1, 0))),
        replace(account, keys=replace(keys, domain=Domain(31337, 1))),
    ]
    assert len({one.opened.blind for one in (account, *others)}) == 6


@pytest.mark.parametrize("salt", [-1, SCALAR_MODULUS])
def test_refuses_a_salt_outside_the_field(account: Account, salt: int) -> None:
    with pytest.raises(InputError, match="salt"):
        replace(account, salt=salt)


def test_guardian_derives_the_same_viewing_key(keys: OwnerKeys) -> None:
    guardian_secret = 123456789
    owner = replace(keys, guardian=guardian_secret * BASE)
    guardian = replace(keys, owner_secret=guardian_secret, guardian=owner.owner_secret * BASE)
    assert owner.view_key == guardian.view_key


@pytest.mark.parametrize("point", [Point(0, 1), Point(1, 1)])
def test_refuses_a_guardian_that_no_key_can_be_agreed_with(point: Point) -> None:
    with pytest.raises(InputError):
        OwnerKeys.generate(LOCAL, point)


def test_repr_shows_no_secret(account: Account) -> None:
    assert repr(account) == "Account()"
    assert repr(account.keys) == f"OwnerKeys(domain={LOCAL})"


def test_file_round_trip_is_private(account: Account, book: AssetList, tmp_path: Path) -> None:
    """Spec ZS-70."""
    path = tmp_path / "account.json"
    account.save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Account.load(path, book) == account
    assert [p.name for p in tmp_path.iterdir()] == ["account.json"]


def test_save_does_not_replace_an_account_unless_told(account: Account, tmp_path: Path) -> None:
    path = tmp_path / "account.json"
    account.save(path)
    before = path.read_bytes()
    with pytest.raises(InputError, match="exists already"):
        replace(account, state=State((0,) * 13, 0)).save(path)
    assert path.read_bytes() == before
    replace(account, state=State((0,) * 13, 0)).save(path, overwrite=True)
    assert path.read_bytes() != before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_unwritable_folder_is_an_error_and_leaves_nothing(account: Account, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        account.save(tmp_path / "absent" / "account.json")


def damages() -> dict[str, Callable[[dict[str, Any]], object]]:
    return {
        "float amount": lambda f: f["positions"].update({"WBTC": 1.5}),
        "unknown asset": lambda f: f["positions"].update({"GOLD": "1"}),
        "too many digits": lambda f: f["positions"].update({"WBTC": "0.0000000001"}),
        "balance of 2^80": lambda f: f["positions"].update({"BTC-PERP": format_decimal(1 << 80, 9)}),
        "short spot": lambda f: f["positions"].update({"WBTC": "-1"}),
        "quote of 2^144": lambda f: f.update(quote=str(1 << 144)),
        "unknown format": lambda f: f.update(format="zksolvency/account/2"),
        "missing secret": lambda f: f["secrets"].pop("salt"),
        "secret as number": lambda f: f["secrets"].update(salt=7),
        "secret out of range": lambda f: f["secrets"].update(owner_secret="0"),
        "guardian off the curve": lambda f: f["secrets"].update(guardian=["1", "1"]),
        "another book": lambda f: f.update(book="multi-28"),
        "extra name": lambda f: f.update(note="x"),
    }


@pytest.mark.parametrize("fault", damages())
def test_refuses_a_damaged_file_without_showing_it(
    fault: str, account: Account, book: AssetList, tmp_path: Path
) -> None:
    path = tmp_path / "account.json"
    account.save(path)
    content = json.loads(path.read_text())
    damages()[fault](content)
    path.write_text(json.dumps(content))
    with pytest.raises(InputError) as caught:
        Account.load(path, book)
    message = str(caught.value)
    for secret in (str(account.keys.owner_secret), str(account.salt), "22.75", "876200"):
        assert secret not in message


def test_health_refuses_the_round_of_another_book(account: Account, book: AssetList) -> None:
    other = AssetList("other", 13, book.assets)
    with pytest.raises(InputError, match="another book"):
        account.health(PriceRound(other, 1, 0, (0,) * 13, (0,) * 13))


def test_example_is_healthy_then_liquidatable(account: Account, round_1: PriceRound, round_2: PriceRound) -> None:
    assert account.health(round_1).is_healthy
    assert not account.health(round_2).is_healthy


@pytest.mark.parametrize("symbol", ["BTC-PERP", "ETH-PERP", "SOL-PERP"])
def test_liquidation_price_moves_the_account_over_the_line(
    account: Account, round_1: PriceRound, book: AssetList, symbol: str
) -> None:
    price = account.liquidation_price(symbol, round_1)
    assert price is not None
    slot = book.slots[symbol]
    inward = 1 if account.state.balances[slot] > 0 else -1

    def healthy_at(p: int) -> bool:
        moved = replace(round_1, prices=(*round_1.prices[:slot], p, *round_1.prices[slot + 1 :]))
        return account.health(moved).is_healthy

    assert not healthy_at(price)
    assert healthy_at(price + inward)
