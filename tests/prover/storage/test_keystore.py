"""Keystores: opened with their passphrase, and refused in words whatever is in them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account as Signer
from eth_keyfile.exceptions import EthKeyfileValueError

from prover.storage import Keystore
from verifier import InputError

PASSPHRASE = "correct horse staple"  # noqa: S105 - of keystores made here
SIGNER = Signer.from_key("0x" + "7" * 64)
CONTENT: Mapping[str, Any] = Signer.encrypt(SIGNER.key, PASSPHRASE, kdf="pbkdf2", iterations=2)


def keystore(folder: Path, content: object) -> Keystore:
    path = folder / "keystore.json"
    path.write_text(json.dumps(content))
    return Keystore.load(path)


def crypto(**changes: object) -> dict[str, Any]:
    """The keystore with changes in how it is encrypted."""
    return {**CONTENT, "crypto": {**CONTENT["crypto"], **changes}}


def kdf(**changes: object) -> dict[str, Any]:
    """The keystore with changes in how its key is derived."""
    return crypto(kdfparams={**CONTENT["crypto"]["kdfparams"], **changes})


def test_its_passphrase_opens_it(tmp_path: Path) -> None:
    assert keystore(tmp_path, CONTENT).unlock(PASSPHRASE).address == SIGNER.address


@pytest.mark.parametrize("content", [[], {}, {**CONTENT, "version": 4}, {**CONTENT, "version": 1}, "keystore"])
def test_another_version_is_refused_before_anything_is_asked(tmp_path: Path, content: object) -> None:
    with pytest.raises(InputError, match="no keystore of version 3"):
        keystore(tmp_path, content)


DAMAGED: Mapping[str, object] = {
    "prf without hmac": kdf(prf="md5"),
    "no prf": kdf(prf=None),
    "unknown hash": kdf(prf="hmac-nonsense"),
    "work that is no number": kdf(c="many"),
    "endless work": kdf(c=1 << 80),
    "salt that is no hex": kdf(salt="zz"),
    "unknown kdf": crypto(kdf="argon2"),
    "parameters of another kdf": crypto(kdf="scrypt"),
    "ciphertext that is no text": crypto(ciphertext=5),
    "nothing encrypted": {"version": 3},
    "text for the crypto": {"version": 3, "crypto": "none"},
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_one_is_told_as_such(tmp_path: Path, content: object) -> None:
    with pytest.raises(InputError, match=r"keystore .*: damaged, or encrypted in a way that is not supported"):
        keystore(tmp_path, content).unlock(PASSPHRASE)


def test_a_wrong_passphrase_is_told_from_damage(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"wrong passphrase$") as refused:
        keystore(tmp_path, CONTENT).unlock("incorrect horse")
    assert "incorrect" not in str(refused.value)


@pytest.mark.parametrize("written", ["na\u00efve horse", "nai\u0308ve horse", "\ufeffna\u00efve horse"])
@pytest.mark.parametrize("given", ["na\u00efve horse", "nai\u0308ve horse", "\ufeffna\u00efve horse"])
def test_one_passphrase_in_another_spelling_opens_it(tmp_path: Path, written: str, given: str) -> None:
    content = keystore(tmp_path, Signer.encrypt(SIGNER.key, written, kdf="pbkdf2", iterations=2))
    if written.startswith("\ufeff") and given != written:  # this project writes no byte order mark
        with pytest.raises(InputError, match="wrong passphrase"):
            content.unlock(given)
    else:
        assert content.unlock(given).address == SIGNER.address


def test_a_passphrase_with_one_spelling_is_tried_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def decrypt(_: object, text: str) -> bytes:
        tried.append(text)
        raise EthKeyfileValueError

    monkeypatch.setattr(Signer, "decrypt", decrypt)
    with pytest.raises(InputError, match="wrong passphrase"):
        keystore(tmp_path, CONTENT).unlock(PASSPHRASE)
    assert tried == [PASSPHRASE]
