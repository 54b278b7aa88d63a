"""Encrypted files: what opens them, what is refused, and that nothing of them shows."""

import base64
import contextlib
import os
import stat
import subprocess
import sys
import threading
import time
import unicodedata
from pathlib import Path

import pyrage
import pytest
from quick_age import quick_age

from prover.storage import locked, read_secret, rewrite_secret, write_secret
from prover.storage._secret_file import MAX_BYTES
from verifier import InputError

ROOT = Path(__file__).parent.parent.parent.parent
PHRASE = "correct horse"
CONTENT = b"a secret of somebody\n"

# Made by another implementation of age (npm age-encryption 0.3), with little scrypt work: 2^8.
FOREIGN = b"""\
-----BEGIN AGE ENCRYPTED FILE-----
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBUV3FKWVBmbms0dyttemlp
NVdYRyt3IDgKTEJsbmZVc3VObnZnYnBRdGNPV3N4VEprdUhCcGNwdEtTbUduMjBt
bHUxSQotLS0gclVLY1BKS0M3SWNiMWtDT2M5SVp6UWRINXp0ZXpxK1NwTm1QaStP
THNTTQqrwKvm7yOZUP5Ro2nCkWYwMf87LTPjT7MRAT1S8FMA+ESK+3mlZkk4D5D4
V/sGbC/eFILlXQ==
-----END AGE ENCRYPTED FILE-----
"""
TO_A_KEY = b"""\
-----BEGIN AGE ENCRYPTED FILE-----
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBheVphdDhPUXMrQkdTYmJ2
RXZnczVRNmtybGFRblRsaGxLZ2QxcjFBMmhjCnNUT2ZoM2J2SUkzNFhCVzFlTG0x
RWZIS1NWTlVBMnVHTVJ1ZVZVdHNiVVEKLS0tIC9vMmdKSWhPbkpISm9tcnhLNC9Z
WFNlYUxnUTBkWi9oSGloSVFoenMrLzQKEd1ruCPaPpvnZe+NPNQiPK+zs9AtdRY4
xnuD06XUnW0e
-----END AGE ENCRYPTED FILE-----
"""


def binary(armored: bytes = FOREIGN) -> bytes:
    return base64.b64decode(b"".join(armored.splitlines()[1:-1]))


def private(path: Path, data: bytes) -> Path:
    path.touch(0o600)
    path.write_bytes(data)
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return private(tmp_path / "secret.age", FOREIGN)


def test_opens_a_file_of_another_implementation(file: Path) -> None:
    assert read_secret(file, PHRASE) == CONTENT


@pytest.mark.parametrize("data", [binary(), FOREIGN.replace(b"\n", b"\r\n")], ids=["binary", "windows lines"])
def test_opens_other_spellings_of_it(tmp_path: Path, data: bytes) -> None:
    assert read_secret(private(tmp_path / "secret.age", data), PHRASE) == CONTENT


@pytest.mark.parametrize("passphrase", ["correct horse ", "Correct horse", "x"])
def test_says_that_the_passphrase_is_wrong_and_not_which(file: Path, passphrase: str) -> None:
    with pytest.raises(InputError) as caught:
        read_secret(file, passphrase, "wallet")
    assert str(caught.value) == f"wallet {file}: wrong passphrase"
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("armored", [True, False], ids=["armored", "binary"])
def test_refuses_truncations(tmp_path: Path, armored: bool) -> None:
    whole = FOREIGN.rstrip() if armored else binary()
    file = private(tmp_path / "secret.age", whole)
    assert read_secret(file, PHRASE) == CONTENT
    for length in range(0, len(whole), 3 if armored else 1):
        file.write_bytes(whole[:length])
        with pytest.raises(InputError, match=r"damaged|wrong passphrase"):
            read_secret(file, PHRASE)


def test_refuses_every_changed_byte(tmp_path: Path) -> None:
    whole = binary()
    file = tmp_path / "secret.age"
    file.touch(0o600)
    for place in range(len(whole)):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(InputError, match=r"damaged|wrong passphrase|too much work"):
            read_secret(file, PHRASE)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not a file encrypted in the age format"),
        (b'{"format": "zksolvency/account/1"}', "not a file encrypted in the age format"),
        (b"-----BEGIN AGE ENCRYPTED FILE-----\n\xff\xfe", "not a file encrypted in the age format"),
        (TO_A_KEY, "not encrypted with a passphrase"),
        (binary().replace(b" 8\n", b" 23\n"), "too much work"),
        (binary().replace(b" 8\n", b" 999\n"), "too much work"),
        (b"\x00" * (MAX_BYTES + 1), "larger than"),
    ],
    ids=["empty", "plain", "no base64", "to a key", "minutes of work", "years of work", "too large"],
)
def test_refuses_what_no_passphrase_opens(tmp_path: Path, data: bytes, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        read_secret(private(tmp_path / "secret.age", data), PHRASE)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o601])
def test_refuses_a_file_that_others_can_open(file: Path, mode: int) -> None:
    file.chmod(mode)
    with pytest.raises(InputError, match="chmod 600"):
        read_secret(file, PHRASE)


def test_refuses_what_is_no_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent", tmp_path / "absent" / "absent"):
        with pytest.raises(InputError, match=str(path)):
            read_secret(path, PHRASE)


@pytest.mark.parametrize("passphrase", ["", "caf\udce9"])
def test_refuses_a_passphrase_that_is_none(file: Path, tmp_path: Path, passphrase: str) -> None:
    target = tmp_path / "new.age"
    with pytest.raises(InputError, match="passphrase is") as caught:
        write_secret(target, CONTENT, passphrase)
    assert "udce9" not in str(caught.value)
    assert not target.exists()
    with pytest.raises(InputError, match="passphrase is"):
        read_secret(file, passphrase)


def test_a_new_passphrase_is_no_short_one(tmp_path: Path) -> None:
    target = tmp_path / "new.age"
    for overwrite in (False, True):
        with pytest.raises(InputError, match="shorter than 8 characters") as caught:
            write_secret(target, CONTENT, "e\u0301" * 4 + "xyz", overwrite=overwrite)
        assert "xyz" not in str(caught.value)
    assert not target.exists()


COMPOSED, DECOMPOSED, BOM = "na\u00efve horse", "nai\u0308ve horse", "\ufeff"


@pytest.mark.usefixtures("quick_passphrases")
@pytest.mark.parametrize("written", [COMPOSED, DECOMPOSED, BOM + COMPOSED, BOM + DECOMPOSED])
@pytest.mark.parametrize("given", [COMPOSED, DECOMPOSED, BOM + COMPOSED, BOM + DECOMPOSED])
def test_every_spelling_opens_what_is_written(tmp_path: Path, written: str, given: str) -> None:
    target = tmp_path / "new.age"
    write_secret(target, CONTENT, written)
    assert pyrage.passphrase.decrypt(target.read_bytes(), COMPOSED) == CONTENT
    assert read_secret(target, given) == CONTENT
    rewrite_secret(target, b"other", given)
    assert pyrage.passphrase.decrypt(target.read_bytes(), COMPOSED) == b"other"


@pytest.mark.parametrize("spelling", [COMPOSED, DECOMPOSED, BOM + COMPOSED, "e\u0301"])
def test_opens_what_others_wrote_in_their_spelling(tmp_path: Path, spelling: str) -> None:
    file = private(tmp_path / "secret.age", quick_age(CONTENT, spelling.encode()))
    assert read_secret(file, spelling) == CONTENT
    if spelling != BOM + COMPOSED:
        assert read_secret(file, BOM + unicodedata.normalize("NFC", spelling)) == CONTENT


@pytest.mark.usefixtures("quick_passphrases")
def test_a_file_with_a_short_passphrase_keeps_it(tmp_path: Path) -> None:
    file = private(tmp_path / "secret.age", quick_age(CONTENT, b"x"))
    assert read_secret(file, "x") == CONTENT
    rewrite_secret(file, b"other", "x")
    assert read_secret(file, "x") == b"other"


@pytest.mark.parametrize(("given", "tries"), [("horse", 1), (COMPOSED, 2), (DECOMPOSED, 2), (BOM + COMPOSED, 3)])
def test_spellings_are_tried_once_each(file: Path, monkeypatch: pytest.MonkeyPatch, given: str, tries: int) -> None:
    tried: list[str] = []

    def decrypt(_: bytes, text: str) -> bytes:
        tried.append(text)
        raise pyrage.DecryptError("Decryption failed")

    monkeypatch.setattr("pyrage.passphrase.decrypt", decrypt)
    with pytest.raises(InputError, match="wrong passphrase"):
        read_secret(file, given)
    assert (tried[0], len(tried), len(set(tried))) == (given, tries, tries)


@pytest.mark.full
def test_what_is_written_is_private_armored_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "secret.age"
    write_secret(path, CONTENT.decode(), PHRASE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["secret.age"]
    data = path.read_bytes()
    assert data.startswith(b"-----BEGIN AGE ENCRYPTED FILE-----\n")
    assert data.isascii()
    assert read_secret(path, PHRASE) == CONTENT
    with pytest.raises(InputError, match="exists already"):
        write_secret(path, "other", PHRASE)
    assert path.read_bytes() == data


@pytest.mark.full
def test_nothing_is_written_that_could_not_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="more than"):
        write_secret(tmp_path / "secret.age", b"x" * MAX_BYTES, PHRASE)
    assert not list(tmp_path.iterdir())


def test_one_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "wallet.age"
    inside, most = 0, 0

    def work() -> None:
        nonlocal inside, most
        with locked(path):
            inside += 1
            most = max(most, inside)
            time.sleep(0.02)
            inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_a_file_that_another_process_holds_is_waited_for_and_given_up(tmp_path: Path) -> None:
    path = tmp_path / "wallet.age"
    code = "import sys; from pathlib import Path; from prover.storage._secret_file import locked\n"
    code += "with locked(Path(sys.argv[1])): print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(InputError, match="another process"), locked(path, timeout=0.2):
            pass
        holder.kill()
        with locked(path, timeout=10):  # its holder ended
            assert stat.S_IMODE((tmp_path / ".wallet.age.lock").stat().st_mode) == 0o600


def test_links_to_one_file_are_one_file(tmp_path: Path) -> None:
    link = tmp_path / "link"
    (tmp_path / "real").mkdir()
    link.symlink_to(tmp_path / "real" / "wallet.age")
    with locked(link) as file:
        assert file == tmp_path / "real" / "wallet.age"
        assert (tmp_path / "real" / ".wallet.age.lock").exists()


def test_a_lock_that_cannot_be_had_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no folder"), locked(tmp_path / "absent" / "wallet.age"):
        pass
    assert not list(tmp_path.iterdir())
    (tmp_path / ".wallet.age.lock").mkdir()
    with pytest.raises(InputError, match="cannot be locked"), locked(tmp_path / "wallet.age", timeout=0.2):
        pass


def test_an_error_inside_frees_the_lock(tmp_path: Path) -> None:
    with contextlib.suppress(KeyError), locked(tmp_path / "wallet.age"):
        raise KeyError
    with locked(tmp_path / "wallet.age", timeout=0.2) as file:
        assert os.fspath(file)
