"""The key of a liquidator, and lists of recipients: no secret is shown, and no other user reads it (ZS-70)."""

import stat
from pathlib import Path

import pyrage
import pytest

from prover.liquidation import MAX_RECIPIENTS, LiquidatorKey, load_recipients, require_recipients
from prover.storage import write_secret
from verifier import InputError

PASSPHRASE = "a liquidator's passphrase"  # noqa: S105 - of the test


@pytest.mark.usefixtures("quick_passphrases")
def test_a_key_file_is_private_and_encrypted(tmp_path: Path) -> None:
    key, path = LiquidatorKey.generate(), tmp_path / "liquidator.age"
    key.save(path, PASSPHRASE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key.identity.encode() not in path.read_bytes()
    assert LiquidatorKey.load(path, PASSPHRASE) == key
    with pytest.raises(InputError, match="exists already"):
        LiquidatorKey.generate().save(path, PASSPHRASE)
    with pytest.raises(InputError, match="wrong passphrase"):
        LiquidatorKey.load(path, "another passphrase")
    path.chmod(0o640)
    with pytest.raises(InputError, match="chmod 600"):
        LiquidatorKey.load(path, PASSPHRASE)


@pytest.mark.usefixtures("quick_passphrases")
@pytest.mark.parametrize(
    "content",
    [
        "{}",
        '{"format": "zksolvency/guardian/1", "secret": "5"}',
        '{"format": "zksolvency/liquidator/1", "identity": "AGE-SECRET-KEY-1SECRET"}',
        '{"format": "zksolvency/liquidator/1", "identity": 5}',
        "no json",
    ],
)
def test_other_files_are_refused_without_being_shown(tmp_path: Path, content: str) -> None:
    path = tmp_path / "liquidator.age"
    write_secret(path, content, PASSPHRASE)
    with pytest.raises(InputError) as caught:
        LiquidatorKey.load(path, PASSPHRASE)
    assert "SECRET" not in str(caught.value)


def test_the_identity_is_not_shown() -> None:
    key = LiquidatorKey.generate()
    assert repr(key) == str(key) == "LiquidatorKey()"
    assert key.recipient.startswith("age1")
    assert len(key.recipient) == 62
    with pytest.raises(InputError) as caught:
        LiquidatorKey(key.identity[:-1])
    assert key.identity[:-1] not in str(caught.value)
    assert caught.value.__suppress_context__


def test_recipients_are_read_from_a_list(tmp_path: Path) -> None:
    first, second = (LiquidatorKey.generate().recipient for _ in range(2))
    path = tmp_path / "liquidators.txt"
    path.write_text(f"# the desk\n{first}\n\n  {second.upper()}\n")
    assert load_recipients(path) == [first, second]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "1 to 256"),
        ("# none\n", "1 to 256"),
        ("age1\n", "liquidator 1: mistyped"),
        ("FIRST\nFIRSx\n", "liquidator 2: mistyped"),
        ("FIRST\nage1pq1aaaa\n", "liquidator 2: mistyped"),
        ("FIRST\nUPPER\n", "named twice"),
        ("é\n", "not plain text"),
    ],
)
def test_lists_that_cannot_be_are_refused(tmp_path: Path, text: str, words: str) -> None:
    first = LiquidatorKey.generate().recipient
    path = tmp_path / "liquidators.txt"
    wrong = first[:-1] + ("q" if first[-1] != "q" else "p")
    path.write_text(text.replace("FIRSx", wrong).replace("FIRST", first).replace("UPPER", first.upper()))
    with pytest.raises(InputError, match=words):
        load_recipients(path)


def test_no_more_recipients_than_a_notice_holds() -> None:
    many = [str(pyrage.x25519.Identity.generate().to_public()) for _ in range(MAX_RECIPIENTS + 1)]
    assert require_recipients(many[1:]) == many[1:]
    with pytest.raises(InputError, match="1 to 256"):
        require_recipients(many)
