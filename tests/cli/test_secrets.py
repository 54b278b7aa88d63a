"""No key is ever shown unasked, and no amount by a command that is not asked for amounts (spec ZS-70)."""

import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from cli.harness import EXAMPLES, ROUND_1, ROUND_2, Run, amount_texts, assert_hidden, key_texts

import prover.cli.commit
from prover import Account

POSITIONS = EXAMPLES / "positions.csv"
MISSING = "missing.json"

COMMANDS: list[tuple[list[object], int]] = [
    (["account", "show", "ACCOUNT"], 0),
    (["account", "show", "ACCOUNT", "--book", "multi-28"], 3),
    (["account", "new", "--out", "ACCOUNT"], 3),
    (["account", "import", MISSING, "--account", "ACCOUNT"], 3),
    (["account", "import", POSITIONS, "--account", "ACCOUNT"], 3),
    (["account", "import", POSITIONS, "--account", "ACCOUNT", "--round", ROUND_1, "--yes"], 0),
    (["account", "import", "ACCOUNT", "--account", "ACCOUNT", "--yes"], 3),
    (["account", "import", "ACCOUNT", "--account", "ACCOUNT", "--from", "hyperliquid", "--yes"], 3),
    (["commit", "--account", "ACCOUNT"], 0),
    (["health", "--account", "ACCOUNT", "--round", MISSING], 3),
    (["health", "--account", "ACCOUNT", "--round", "ACCOUNT"], 3),
    (["round", "check", "ACCOUNT"], 3),
    (["round", "show", "ACCOUNT"], 3),
    (["verify", "ACCOUNT", "--round", ROUND_1], 3),
    (["verify", MISSING, "--round", "ACCOUNT"], 3),
    (["prove", "margin", "--account", "ACCOUNT", "--round", MISSING, "--out", "OUT"], 3),
    (["prove", "margin", "--account", "ACCOUNT", "--round", "ACCOUNT", "--out", "OUT"], 3),
    (["prove", "margin", "--account", "ACCOUNT", "--round", ROUND_1, "--out", "ACCOUNT"], 3),
    (["contract", "export", "--out", "OUT", "--statement", "margin", "--key", "ACCOUNT"], 3),
]


@pytest.mark.parametrize(("words", "code"), COMMANDS, ids=[" ".join(map(str, words))[:60] for words, _ in COMMANDS])
@pytest.mark.parametrize("flags", [[], ["--json"]], ids=["people", "machines"])
def test_neither_keys_nor_amounts_are_shown(
    run: Run,
    secret_account: Account,
    account_file: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    words: list[object],
    code: int,
    flags: list[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    places = {"ACCOUNT": account_file, "OUT": tmp_path / "out"}
    result = run(*(places.get(str(word), word) for word in words), *flags)
    assert result.code == code, result
    secrets = key_texts(secret_account) | amount_texts(secret_account)
    others = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path != account_file]
    assert_hidden(secrets, result.stdout, result.stderr, caplog.text, *others)


@pytest.mark.parametrize("round_", [ROUND_1, ROUND_2])
def test_health_shows_amounts_and_no_key(run: Run, secret_account: Account, account_file: Path, round_: Path) -> None:
    for flags in ([], ["--json"]):
        result = run("health", "--account", account_file, "--round", round_, *flags)
        assert "6.500917264" in result.stdout
        assert_hidden(key_texts(secret_account), result.stdout, result.stderr)


def out_of_range(content: dict[str, dict[str, str]]) -> None:
    content["positions"]["SOL-PERP"] = "1850391746582" * 3


def not_on_the_curve(content: dict[str, dict[str, str]]) -> None:
    content["secrets"]["guardian"] = [content["secrets"]["owner_secret"], "1"]  # type: ignore[assignment]


def too_long(content: dict[str, dict[str, str]]) -> None:
    content["secrets"]["salt"] += content["secrets"]["owner_secret"]


@pytest.mark.parametrize("change", [out_of_range, not_on_the_curve, too_long])
def test_values_that_cannot_be_are_refused_without_being_shown(
    run: Run,
    secret_account: Account,
    account_file: Path,
    change: Callable[[dict[str, dict[str, str]]], None],
) -> None:
    content = json.loads(account_file.read_text())
    change(content)
    account_file.write_text(json.dumps(content))
    result = run("commit", "--account", account_file)
    assert result.code == 3
    assert_hidden(key_texts(secret_account) | amount_texts(secret_account), result.stdout, result.stderr)


@pytest.mark.parametrize("debug", [False, True])
def test_a_bug_that_carries_the_account_shows_nothing_of_it(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    secret_account: Account,
    account_file: Path,
    debug: bool,
) -> None:
    def fail(*_: object) -> None:
        balances, keys = secret_account.state.balances, secret_account.keys  # locals that a traceback could show
        raise RuntimeError(balances, secret_account.positions(), secret_account.salt, keys.owner_secret)

    monkeypatch.setattr(prover.cli.commit, "load_account", fail)
    if debug:
        monkeypatch.setenv("ZKSOLVENCY_DEBUG", "1")
    for flags in ([], ["--json"]):
        result = run("commit", "--account", account_file, *flags)
        assert result.code == 70
        assert_hidden(key_texts(secret_account) | amount_texts(secret_account), result.stdout, result.stderr)


def test_the_search_for_secrets_finds_them(secret_account: Account, account_file: Path) -> None:
    """What the tests above rely on."""
    for secrets in (key_texts(secret_account), amount_texts(secret_account)):
        with pytest.raises(AssertionError):
            assert_hidden(secrets, account_file.read_bytes())
