"""Settings: what is wrong is named by table and key, and no value is ever shown."""

from pathlib import Path

import pytest

from liquidator.engine import Settings, load_settings
from liquidator.engine._settings_file import passphrase_of
from verifier import InputError

LEAST = {
    "roles": 'roles = ["guardian"]',
    "node": '[node]\nrpc = ["http://127.0.0.1:8545"]',
    "book": '[book]\ndeployment = "book/margin-book.json"',
    "sender": '[sender]\nkeystore = "sender.json"',
    "guardian": '[guardian]\nkey = "guardian.age"',
}


def written(folder: Path, **changes: str) -> Path:
    path = folder / "liquidator.toml"
    path.write_text("\n".join({**LEAST, **changes}.values()))
    return path


def refusal(folder: Path, **changes: str) -> str:
    with pytest.raises(InputError) as raised:
        load_settings(written(folder, **changes))
    return str(raised.value)


def test_paths_are_as_seen_from_the_file(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path))
    assert settings.book.deployment == tmp_path / "book" / "margin-book.json"
    assert settings.guardian is not None
    assert settings.guardian.key == tmp_path / "guardian.age"


def test_the_environment_overrules_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZKSOLVENCY_LIQUIDATOR_NODE__TIMEOUT_SECONDS", "3")
    settings = load_settings(written(tmp_path))
    assert (settings.node.timeout_seconds, settings.node.rpc) == (3, ("http://127.0.0.1:8545",))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"node": '[node]\nrpc = ["http://a"]\nrpcs = 1'}, "node.rpcs: there is no such setting"),
        ({"extra": "[nodes]"}, "nodes: there is no such setting"),
        ({"book": "[book]"}, "book.deployment: is missing"),
        ({"guardian": ""}, "the role guardian needs the table [guardian]"),
        ({"sender": "[sender]"}, "name either keystore or signer_url"),
        ({"guardian": '[guardian]\nkey = "k"\nnotices = "n"'}, "notices need both"),
        ({"roles": 'roles = ["king"]'}, "roles"),
        ({"roles": "roles = ["}, "no TOML"),
        ({"work": "[work]\nworkers = 0"}, "work.workers"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, changes: dict[str, str], words: str) -> None:
    assert words in refusal(tmp_path, **changes)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no-such-file"):
        load_settings(tmp_path / "no-such-file.toml")


def test_a_misspelt_variable_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZKSOLVENCY_LIQUIDATOR_NODE__TIMEOUT", "3")
    with pytest.raises(InputError, match="NODE__TIMEOUT: there is no such setting"):
        load_settings(written(tmp_path))


SECRET = "hunter2-hunter2"  # noqa: S105 - of no one


def test_a_passphrase_in_the_file_is_refused_and_not_shown(tmp_path: Path) -> None:
    words = refusal(tmp_path, sender=f'[sender]\nkeystore = "s"\npassphrase = "{SECRET}"')
    assert "sender.passphrase" in words
    assert SECRET not in words


def test_a_wrong_value_is_not_shown(tmp_path: Path) -> None:
    assert SECRET not in refusal(tmp_path, work=f'[work]\nworkers = "{SECRET}"')
    assert SECRET not in refusal(tmp_path, sender=f'[sender]\npassphrase_file = "{SECRET}"')


def test_a_passphrase_of_the_environment_is_hidden_wherever_settings_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZKSOLVENCY_LIQUIDATOR_SENDER__PASSPHRASE", SECRET)
    settings: Settings = load_settings(written(tmp_path))
    assert SECRET not in repr(settings) + str(settings) + settings.model_dump_json()
    assert passphrase_of(settings.sender.passphrase, None, "sender") == SECRET


def test_a_passphrase_that_nothing_gives_is_asked_for_by_its_name() -> None:
    with pytest.raises(InputError, match="ZKSOLVENCY_LIQUIDATOR_GUARDIAN__PASSPHRASE is not set"):
        passphrase_of(None, None, "guardian")


def test_a_passphrase_file_that_others_can_open_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "passphrase"
    path.write_text(SECRET)
    path.chmod(0o644)
    with pytest.raises(InputError, match="other users can open it"):
        passphrase_of(None, path, "guardian")
