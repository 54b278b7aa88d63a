"""`prove`: what is refused before anything is built."""

from pathlib import Path

import pytest
from cli.harness import ROUND_1, Run


@pytest.fixture(autouse=True)
def no_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache: a command that builds would take minutes, and leave something in it."""
    folder = tmp_path_factory.mktemp("empty") / "cache"
    monkeypatch.setenv("ZKSOLVENCY_CACHE", str(folder))
    return folder


def test_the_account_file_is_never_overwritten_with_the_proof(run: Run, account_file: Path, no_cache: Path) -> None:
    before = account_file.read_bytes()
    link = account_file.with_name("link.json")
    link.symlink_to(account_file)
    for out in (account_file, link):
        result = run("prove", "margin", "--account", account_file, "--round", ROUND_1, "--out", out, "--json")
        assert (result.code, result.error["kind"]) == (3, "input")
    assert account_file.read_bytes() == before
    assert not no_cache.exists()


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--out", "/nowhere/proof.json"], 3),
        (["--out", "/tmp"], 3),
        (["--out", "proof.json", "--statement", "open"], 2),
        (["--out", "proof.json", "--backend", "magic"], 2),
        (["--out", "proof.json", "--recipient", "0x0"], 2),
        (["--out", "proof.json", "--recipient", "52908400098527886E0F7030069857D2E4169EE7"], 2),
        (["--out", "proof.json", "--recipient", "0x52908400098527886E0F7030069857D2E4169Ee7"], 2),
        (["--out", "proof.json", "--recipient", "0x" + "1_" * 20], 2),
        (["--out", "proof.json", "--book", "multi-28"], 3),
        ([], 2),
    ],
    ids=lambda value: " ".join(value[-2:]) if isinstance(value, list) else "",
)
def test_bad_options_are_refused_at_once(
    run: Run,
    account_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    no_cache: Path,
    options: list[str],
    code: int,
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("prove", "margin", "--account", account_file, "--round", ROUND_1, *options, "--json")
    assert result.code == code
    assert not no_cache.exists()
    assert list(tmp_path.iterdir()) == [account_file]
