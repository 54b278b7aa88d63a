"""`zksolvency liquidation keygen` and `show-notice`, which need no node."""

import json
import logging
import stat
from pathlib import Path
from typing import NamedTuple

import pytest
from cli.harness import Run, assert_hidden
from eth_account import Account as Signer
from parcels import AUCTION, FLAT, INPUTS, before, notice, unproven

from prover.liquidation import LiquidatorKey, Notice, SealedNotice, plan_ladder
from prover.market import QUOTE_DECIMALS, format_decimal

PASSPHRASE = "a liquidator's passphrase"  # noqa: S105 - of keys made here
GUARDIAN = Signer.from_key("0x" + "11" * 32)

pytestmark = pytest.mark.usefixtures("quick_passphrases")


class Files(NamedTuple):
    """A notice, a key that opens it, and the passphrase of the key."""

    notice: Path
    key: Path
    passphrase: Path
    opened: Notice
    secret: LiquidatorKey

    @property
    def options(self) -> list[object]:
        return ["--liquidator-key", self.key, "--passphrase-file", self.passphrase]


@pytest.fixture
def files(tmp_path: Path, quick_passphrases: None) -> Files:
    sealed, key = before(), LiquidatorKey.generate()
    opened = notice(unproven(sealed, plan_ladder(sealed, INPUTS, AUCTION, FLAT, (60, 75, 90))))
    made = Files(tmp_path / "notice.json", tmp_path / "key.age", tmp_path / "passphrase", opened, key)
    SealedNotice.seal(opened, [key.recipient], GUARDIAN).save(made.notice)
    key.save(made.key, PASSPHRASE)
    made.passphrase.touch(0o600)
    made.passphrase.write_text(PASSPHRASE + "\n")
    return made


def test_keygen_prints_the_recipient_of_a_private_file(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "liquidator.age"
    made = run("liquidation", "keygen", "--out", out, stdin=f"{PASSPHRASE}\n{PASSPHRASE}\n")
    assert made.code == 0, made
    key = LiquidatorKey.load(out, PASSPHRASE)
    assert key.recipient in made.stdout
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert_hidden({key.identity, PASSPHRASE}, made.stdout, made.stderr, out.read_bytes())
    again = run("liquidation", "keygen", "--out", out, "--json")
    assert (again.code, again.error["kind"]) == (3, "input")
    assert LiquidatorKey.load(out, PASSPHRASE) == key


def test_without_a_key_the_clear_part_is_shown(run: Run, files: Files) -> None:
    shown = run("liquidation", "show-notice", files.notice, "--json").json
    assert shown == {
        "chain_id": 31337,
        "book": "0x000000000000000000000000000000000000b00c",
        "round": 42,
        "expires": 1_700_000_600,
        "guardian": GUARDIAN.address,
    }
    for_people = run("liquidation", "show-notice", files.notice).stdout
    assert GUARDIAN.address in for_people
    assert "2023-11-14 22:23:20" in for_people


def test_with_a_key_the_account_and_the_rates_are_shown(run: Run, files: Files) -> None:
    shown = run("liquidation", "show-notice", files.notice, *files.options, "--json").json
    assert shown["account"] == f"0x{files.opened.account:064x}"
    assert (shown["ground"], shown["taker"]) == ("maintenance", None)
    assert [row["rate"] for row in shown["parcels"]] == [1_000, 1_200, 1_400]
    assert shown["parcels"][0] == {"rate": 1_000, "uncovered_rate": 500, "in_cure_window": False, "cured": True}
    for_people = run("liquidation", "show-notice", files.notice, *files.options)
    assert "12 %" in for_people.stdout
    assert "taker     any" in for_people.stdout


def test_amounts_are_shown_where_they_are_asked_for(run: Run, files: Files) -> None:
    words = ("liquidation", "show-notice", files.notice, *files.options, "--positions")
    shown = run(*words, "--book", "perps-13", "--json").json
    ticket = files.opened.parcels[0].ticket
    (symbol, _), *_ = shown["parcels"][0]["amounts"].items()
    assert shown["parcels"][0]["amounts"][symbol] == "1"
    assert len(shown["parcels"][0]["amounts"]) == len(ticket.legs)
    assert shown["parcels"][0]["cost"] == format_decimal(ticket.cost, QUOTE_DECIMALS)
    for_people = run(*words)
    assert "1 slot 0" in for_people.stdout
    assert "amounts are shown" in for_people.stderr
    wrong = run(*words, "--book", "multi-28", "--json")
    assert (wrong.code, wrong.error["kind"]) == (3, "input")


def test_no_secret_is_shown_unasked(run: Run, files: Files, caplog: pytest.LogCaptureFixture) -> None:
    """ZS-70: nor in an error or a log."""
    caplog.set_level(logging.DEBUG)
    other = files.key.with_name("other.age")
    LiquidatorKey.generate().save(other, PASSPHRASE)
    hidden = {PASSPHRASE, files.secret.identity}
    for parcel in files.opened.parcels:
        hidden |= {str(parcel.ticket.salt), f"{parcel.ticket.salt:x}", str(parcel.ticket.cost)}
        hidden |= {str(amount) for amount in parcel.ticket.legs.values()}
    content = json.loads(files.notice.read_text())
    content["round"] = 43
    changed = files.notice.with_name("changed.json")
    changed.write_text(json.dumps(content))
    runs = [
        (run("liquidation", "show-notice", files.notice, *files.options), 0),
        (run("liquidation", "show-notice", files.notice, *files.options, "--json"), 0),
        (run("liquidation", "show-notice", files.notice, "--liquidator-key", other, *files.options[2:]), 3),
        (run("liquidation", "show-notice", changed, *files.options), 3),
        (run("liquidation", "show-notice", files.key, *files.options), 3),
        (run("liquidation", "show-notice", files.notice, "--liquidator-key", files.notice, *files.options[2:]), 3),
    ]
    for result, code in runs:
        assert result.code == code, result
        assert_hidden(hidden, result.stdout, result.stderr, caplog.text)
    assert "not for this key" in runs[2][0].stderr
    assert "changed on its way" in runs[3][0].stderr


def test_options_of_the_content_need_a_key(run: Run, files: Files) -> None:
    for option in (["--positions"], ["--book", "perps-13"], ["--passphrase-file", files.passphrase]):
        result = run("liquidation", "show-notice", files.notice, *option, "--json")
        assert (result.code, result.error["kind"]) == (3, "input")
