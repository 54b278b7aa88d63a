"""`account`: files that only their owner reads, new salts for new states, secrets shown only on demand."""

import json
import stat
from pathlib import Path

import pytest
from cli.harness import AMOUNTS, QUOTE, Run, amount_texts, assert_hidden, key_texts

from prover import Account, AssetList
from prover.cli._output import as_hex


def test_new_makes_a_private_file_without_positions(run: Run, book: AssetList, tmp_path: Path) -> None:
    out = tmp_path / "a.json"
    result = run("account", "new", "--out", out, "--json")
    assert result.code == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    account = Account.load(out, book)
    assert account.positions() == {}
    assert result.json["commitment"] == as_hex(account.commitment())
    assert result.json["positions"] == 0
    assert result.json["book"] == {"name": "perps-13", "digest": book.digest()}


def test_two_new_accounts_share_no_secret(run: Run, book: AssetList, tmp_path: Path) -> None:
    accounts = []
    for name in ("a.json", "b.json"):
        assert run("account", "new", "--out", tmp_path / name).code == 0
        accounts.append(Account.load(tmp_path / name, book))
    first, second = accounts
    assert first.keys.owner_secret != second.keys.owner_secret
    assert first.salt != second.salt
    assert first.commitment() != second.commitment()


def test_no_option_takes_an_amount(run: Run) -> None:
    """Command lines are public: other users see them in the list of processes."""
    for words in (["new"], ["import", "p.csv", "--account", "a.json"]):
        for option in ("--position", "--quote", "--amount", "--owner-secret", "--salt"):
            assert run("account", *words, option, "1", "--json").error["kind"] == "usage"


def test_new_overwrites_nothing(run: Run, account_file: Path) -> None:
    before = account_file.read_bytes()
    result = run("account", "new", "--out", account_file)
    assert result.code == 3
    assert "exists" in result.stderr
    assert account_file.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--contract", "0x12"], 2),
        (["--contract", "0x52908400098527886E0F7030069857D2E4169Ee7"], 2),
        (["--chain-id", "-1"], 2),
        (["--chain-id", str(1 << 64)], 3),
        (["--guardian", "5"], 2),
        (["--guardian", "0x5,0x6"], 2),
        (["--guardian", "5,6"], 2),
        (["--guardian", "0,1"], 2),
        (["--book", "nonsense"], 3),
        (["--book", "../../etc/passwd"], 3),
    ],
    ids=lambda value: value[1][-12:] if isinstance(value, list) else "",
)
def test_new_refuses_what_means_nothing(run: Run, tmp_path: Path, arguments: list[str], code: int) -> None:
    out = tmp_path / "a.json"
    assert run("account", "new", "--out", out, *arguments).code == code
    assert not out.exists()


def test_domain_and_guardian_change_the_commitment_key(run: Run, book: AssetList, tmp_path: Path) -> None:
    out = tmp_path / "a.json"
    contract = "0x52908400098527886E0F7030069857D2E4169EE7"
    point = (
        "5299619240641551281634865583518297030282874472190772894086521144482721001553,"
        "16950150798460657717958625567821834550301663161624707787222815936182638968203"
    )
    arguments = ["--chain-id", 1, "--contract", contract, "--guardian", point]
    assert run("account", "new", "--out", out, *arguments).code == 0
    keys = Account.load(out, book).keys
    assert (keys.domain.chain_id, keys.domain.contract) == (1, int(contract, 16))
    assert f"{keys.guardian.x},{keys.guardian.y}" == point


def test_show_hides_amounts_and_keys_unless_asked(run: Run, account_file: Path, secret_account: Account) -> None:
    for flags in ([], ["--json"]):
        result = run("account", "show", account_file, *flags)
        assert result.code == 0
        assert as_hex(secret_account.commitment()) in result.stdout
        assert_hidden(amount_texts(secret_account) | key_texts(secret_account), result.stdout, result.stderr)


def test_show_positions_shows_amounts_with_a_warning_and_no_keys(
    run: Run, account_file: Path, secret_account: Account
) -> None:
    result = run("account", "show", account_file, "--positions")
    for amount in (*AMOUNTS.values(), QUOTE):
        assert amount in result.stdout
    assert "warning" in result.stderr
    assert_hidden(key_texts(secret_account), result.stdout, result.stderr)
    assert run("account", "show", account_file, "--positions", "--json").json["amounts"] == AMOUNTS | {"QUOTE": QUOTE}


def test_show_secrets_shows_keys_with_a_warning(run: Run, account_file: Path, secret_account: Account) -> None:
    keys = secret_account.keys
    result = run("account", "show", account_file, "--secrets", "--json")
    shown = {name: int(value, 16) for name, value in result.json["secrets"].items()}
    assert shown == {
        "owner_secret": keys.owner_secret,
        "view_key": keys.view_key,
        "salt": secret_account.salt,
        "guardian_x": keys.guardian.x,
        "guardian_y": keys.guardian.y,
    }
    assert "warning" in result.stderr
    assert_hidden(amount_texts(secret_account), result.stdout, result.stderr)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_an_account_file_open_to_others_is_refused(run: Run, account_file: Path, mode: int) -> None:
    """Spec ZS-70."""
    account_file.chmod(mode)
    result = run("commit", "--account", account_file, "--json")
    assert (result.code, result.error["kind"]) == (3, "input")
    assert "chmod 600" in result.error["message"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace('"quote": "-', '"quote": "--'),
        lambda text: text.replace('"salt": "', '"salt": "x'),
        lambda text: text.replace('"salt": "', '"salt": ').replace('"\n  }\n}', "\n  }\n}"),
        lambda text: text.replace('"1850.391746582"', '"1850.3917465821"'),
        lambda text: text.replace('"1850.391746582"', "1850.391746582"),
        lambda text: text.replace("SOL-PERP", "GOLD"),
        lambda text: text.replace("perps-13", "perps-14"),
        lambda text: text.replace('"secrets"', '"secret"'),
        lambda text: json.dumps([text]),
    ],
)
def test_a_damaged_account_file_is_refused_without_showing_it(
    run: Run, account_file: Path, secret_account: Account, damage: object
) -> None:
    assert callable(damage)
    text = account_file.read_text()
    account_file.write_text(damage(text))
    assert account_file.read_text() != text
    for flags in ([], ["--json"]):
        result = run("commit", "--account", account_file, *flags)
        assert result.code == 3
        assert_hidden(amount_texts(secret_account) | key_texts(secret_account), result.stdout, result.stderr)
