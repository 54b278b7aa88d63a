"""A user without a home folder: HOME is not set and the user id has no passwd entry, as in many containers.

The container is simulated: `pwd` finds no entry.
"""

import pwd
from pathlib import Path

import pytest
from cli.account_stage import PASSPHRASE
from cli.harness import ROUND_1, Run

REMEDY = "set ZKSOLVENCY_CACHE to the full path of a folder, or set HOME"


@pytest.fixture(autouse=True)
def _no_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def find(user: object) -> pwd.struct_passwd:
        raise KeyError(user)

    for name in ("HOME", "ZKSOLVENCY_CACHE", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", find)
    monkeypatch.setattr(pwd, "getpwnam", find)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("override", [None, "~/cache", "~other/cache"])
@pytest.mark.parametrize("words", [["doctor"], ["chain", "show"], ["setup"]], ids=" ".join)
def test_the_cache_is_asked_for(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], override: str | None
) -> None:
    if override is not None:
        monkeypatch.setenv("ZKSOLVENCY_CACHE", override)
    result = run(*words, "--json")
    assert (result.code, REMEDY in result.error["message"]) == (3, True), result.error
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["new"], ["show"], ["restore"], ["upgrade"]], ids=" ".join)
def test_the_wallet_is_asked_for(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    monkeypatch.setattr("prover.cli._book_options.BookOptions.record", lambda _: None)
    monkeypatch.setattr("prover.cli._book_options.BooksOptions.records", lambda _: [])
    result = run("wallet", *words, "--json")
    assert (result.code, "with --wallet, or set HOME" in result.error["message"]) == (3, True), result.error
    assert list(tmp_path.iterdir()) == []


def test_what_is_named_needs_no_home(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZKSOLVENCY_CACHE", str(tmp_path / "cache"))
    assert run("doctor", "--json").json["cache"]["path"] == str(tmp_path / "cache")
    wallet = tmp_path / "desk.age"
    assert run("wallet", "new", "--wallet", wallet, stdin=f"{PASSPHRASE}\n{PASSPHRASE}\n").code == 0
    assert wallet.exists()


def test_what_needs_no_folder_needs_no_home(run: Run) -> None:
    assert run("round", "show", ROUND_1).code == 0
