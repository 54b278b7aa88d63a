"""Files in the age format whose passphrase takes little work to check: what users get takes a second or more."""

import base64
import hashlib
import hmac
import secrets
from typing import Final

from Crypto.Cipher import ChaCha20_Poly1305

_LITTLE_WORK: Final = 4  # log2 of the scrypt cost


def quick_encrypt(content: bytes, passphrase: str, *, armored: bool) -> bytes:
    """In the place of `pyrage.passphrase.encrypt`, whose work is chosen to take a second or more at each opening."""
    assert armored
    text = base64.b64encode(quick_age(content, passphrase.encode()))
    lines = [text[i : i + 64] for i in range(0, len(text), 64)]
    return b"\n".join([b"-----BEGIN AGE ENCRYPTED FILE-----", *lines, b"-----END AGE ENCRYPTED FILE-----", b""])


def quick_age(content: bytes, passphrase: bytes) -> bytes:
    """A file in the age format with one scrypt recipient (age-encryption.org/v1), of less than 64 KiB."""
    salt, file_key, nonce = secrets.token_bytes(16), secrets.token_bytes(16), secrets.token_bytes(16)
    label = b"age-encryption.org/v1/scrypt"
    wrapping_key = hashlib.scrypt(passphrase, salt=label + salt, n=1 << _LITTLE_WORK, r=8, p=1, dklen=32)
    header = b"age-encryption.org/v1\n-> scrypt %s %d\n%s\n---" % (
        _base64(salt),
        _LITTLE_WORK,
        _base64(_seal(wrapping_key, bytes(12), file_key)),
    )
    mac = hmac.digest(_hkdf(file_key, b"", b"header"), header, "sha256")
    payload = _seal(_hkdf(file_key, nonce, b"payload"), bytes(11) + b"\x01", content)
    return header + b" " + _base64(mac) + b"\n" + nonce + payload


def _seal(key: bytes, nonce: bytes, content: bytes) -> bytes:
    sealed, tag = ChaCha20_Poly1305.new(key=key, nonce=nonce).encrypt_and_digest(content)
    return sealed + tag


def _hkdf(key: bytes, salt: bytes, info: bytes) -> bytes:
    """HKDF-SHA-256 of 32 bytes (RFC 5869)."""
    return hmac.digest(hmac.digest(salt or bytes(32), key, "sha256"), info + b"\x01", "sha256")


def _base64(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")
