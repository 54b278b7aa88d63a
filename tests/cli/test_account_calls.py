"""`zksolvency account calls`: an owner finds the call in a bulletin, and no key or other account's call is shown."""

import json
from pathlib import Path

import pytest
from cli.account_stage import PASSPHRASE, write_quick_wallet
from cli.harness import Run, assert_hidden

from prover.account import CallBulletin, Domain, MarginCall, ViewingKeys, Wallet, WalletAccount
from prover.cli._output import as_hex

DOMAIN = Domain(31_337, 0x1234)
CALL = MarginCall(is_urgent=True, hour=23, day=71, minutes=40, round_id=7, time=1_800_000_000)


class Desk:
    """A wallet with two accounts, and a bulletin that calls the first."""

    def __init__(self, folder: Path) -> None:
        self.accounts = [WalletAccount.create(name, DOMAIN) for name in ("alice", "bob")]
        self.wallet, self.bulletin, self.passphrase = folder / "w.age", folder / "calls.json", folder / "passphrase"
        write_quick_wallet(self.wallet, Wallet(tuple(self.accounts)))
        self.passphrase.write_text(PASSPHRASE + "\n")
        self.passphrase.chmod(0o600)
        sealed = CALL.seal(ViewingKeys.of_owner(self.accounts[0].keys))
        CallBulletin.of(DOMAIN, 7, [sealed], 4).save(self.bulletin)

    def words(self, name: str) -> list[object]:
        return [
            "account",
            "calls",
            "--bulletin",
            self.bulletin,
            "--account",
            name,
            "--wallet",
            self.wallet,
            "--passphrase-file",
            self.passphrase,
        ]

    def keys(self) -> set[str]:
        made = [account.keys for account in self.accounts]
        return {as_hex(key) for each in made for key in (each.owner_secret, each.view_key)}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_the_owner_who_is_called_sees_it(run: Run, desk: Desk) -> None:
    result = run(*desk.words("alice"), "--json")
    assert result.json == {"account": "alice", "round": 7, "call": CALL._asdict()}
    shown = run(*desk.words("alice"))
    assert "23 % within 1 hour, 71 % within 24 hours" in shown.stdout
    assert ("40 min" in shown.stdout, "URGENT" in shown.stdout) == (True, True)
    assert "a forecast is shown" in shown.stderr
    assert_hidden(desk.keys(), result.stdout, result.stderr, shown.stdout, shown.stderr)


def test_another_owner_sees_no_call(run: Run, desk: Desk) -> None:
    assert run(*desk.words("bob"), "--json").json["call"] is None
    shown = run(*desk.words("bob"))
    assert ("none" in shown.stdout, "forecast" in shown.stderr) == (True, False)


def test_a_bulletin_of_another_book_names_no_account(run: Run, desk: Desk) -> None:
    content = json.loads(desk.bulletin.read_text())
    desk.bulletin.write_text(json.dumps(content | {"book": "0x" + "99" * 20}))
    assert run(*desk.words("alice")).code == 3
