"""Notices as files: encrypted to the liquidators that a guardian knows, and signed by the guardian's account.

The encryption is that of age (age-encryption.org/v1): X25519, HKDF and ChaCha20-Poly1305, one content key for all
recipients. Any of them could put another content under that key, so the signature is over the whole encrypted content.
The signer's address is in the content too, so that no other account can sign it as its own.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Literal, Self

import pyrage
from pydantic import Field

from prover.account import Domain
from prover.chain import AccountSigner, notice_signer, sign_notice
from prover.liquidation._liquidator_key import LiquidatorKey, require_recipients
from prover.liquidation._notice import Notice
from prover.storage import AddressText, FileModel, validate_model, write_file
from verifier import InputError, open_input_file, parse_json, read_bounded

FORMAT: Final = "zksolvency/liquidation-notice/1"

MAX_NOTICE_BYTES: Final = 1 << 18
"""More than any notice takes."""

_Uint64 = Annotated[int, Field(ge=0, lt=1 << 64)]

_CHANGED: Final = "changed on its way, or signed by another account than the guardian that made it"
_ADDRESS: Final = 20
_NOT_FOR_THIS_KEY: Final = "No matching keys found"
"""What pyrage says where no recipient is that of the key."""


class _NoticeFile(FileModel):
    format: Literal["zksolvency/liquidation-notice/1"]
    chain_id: _Uint64
    book: AddressText
    round: Annotated[int, Field(ge=1, lt=1 << 64)]
    expires: _Uint64
    content: Annotated[str, Field(max_length=MAX_NOTICE_BYTES)]
    signature: Annotated[str, Field(pattern=r"^0x[0-9a-f]{130}$")]


@dataclass(frozen=True)
class SealedNotice:
    """A notice as it travels. All of it is public: only what it shows of the account is encrypted.

    Attributes:
        domain: the book.
        round_id: the price round that its proofs are for.
        expires: until when its sender means it, Unix seconds.
        content: the encrypted content, an age file.
        signature: 65 bytes r, s, v of the guardian's account.
    """

    domain: Domain
    round_id: int
    expires: int
    content: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    @classmethod
    def seal(cls, notice: Notice, recipients: Sequence[str], guardian: AccountSigner) -> Self:
        """Encrypt a notice to liquidators, and sign it.

        Args:
            notice: the notice.
            recipients: of the liquidators (`LiquidatorKey.recipient`).
            guardian: the account that signs, by which liquidators know the sender.

        Raises:
            InputError: as `require_recipients`.
            SignerError: a remote signer does not sign.
        """
        keys = [pyrage.x25519.Recipient.from_str(recipient) for recipient in require_recipients(recipients)]
        content: bytes = pyrage.encrypt(bytes.fromhex(guardian.address[2:]) + notice.to_bytes(), keys)
        domain, round_id, expires = notice.domain, notice.round_id, notice.expires
        signature = sign_notice(
            guardian, domain.chain_id, domain.contract, round_id=round_id, expires=expires, content=content
        )
        return cls(domain, round_id, expires, content, signature)

    @cached_property
    def guardian(self) -> str:
        """The address that signed, checksummed. It is the guardian's once `open` has succeeded.

        Raises:
            InputError: no account has signed it.
        """
        signer: str | None = notice_signer(
            self.signature,
            self.domain.chain_id,
            self.domain.contract,
            round_id=self.round_id,
            expires=self.expires,
            content=self.content,
        )
        if signer is None:
            raise InputError(f"notice: {_CHANGED}")
        return signer

    def require_current(self, domain: Domain, round_id: int, now: int) -> None:
        """Refuse a notice for another book or round, before it is opened.

        Args:
            domain: the liquidator's book.
            round_id: its newest price round.
            now: Unix seconds.

        Raises:
            InputError: for another book, chain or round, or it has expired.
        """
        if self.domain != domain:
            raise InputError("notice: it is for another book or chain")
        if self.round_id < round_id:
            raise InputError("notice: newer prices have come than its own: wait for the guardian's next one")
        if self.round_id > round_id:
            raise InputError("notice: it is for a price round that the chain does not have yet")
        if now > self.expires:
            raise InputError("notice: it has expired: wait for the guardian's next one")

    def open(self, key: LiquidatorKey) -> Notice:
        """Decrypt the notice, and see that the guardian who made it has signed it. Its proofs are not verified.

        Args:
            key: of a liquidator to whom it is encrypted.

        Raises:
            InputError: it is not for the key, was changed, is signed by another account, or is malformed.
        """
        signer = self.guardian
        try:
            content: bytes = pyrage.decrypt(self.content, [pyrage.x25519.Identity.from_str(key.identity)])
        except pyrage.DecryptError as error:
            why = "it is not for this key" if str(error) == _NOT_FOR_THIS_KEY else _CHANGED
            raise InputError(f"notice: {why}") from None
        if content[:_ADDRESS] != bytes.fromhex(signer[2:]):
            raise InputError(f"notice: {_CHANGED}")
        return Notice.from_bytes(content[_ADDRESS:], self.domain, self.round_id, self.expires)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a notice. Its signature is not checked.

        Raises:
            InputError: not to be read, too large or malformed.
        """
        where = f"notice {path}"
        with open_input_file(path, where) as file:
            return cls.parse(read_bounded(file, where, MAX_NOTICE_BYTES), where)

    @classmethod
    def parse(cls, data: bytes, where: str = "notice") -> Self:
        """Read a notice from the content of a file. Its signature is not checked.

        Args:
            data: the content.
            where: what to call it in an error.

        Raises:
            InputError: malformed.
        """
        file = validate_model(_NoticeFile, parse_json(data, where), where)
        try:
            content = base64.b64decode(file.content, validate=True)
        except (binascii.Error, ValueError):
            content = b""
        if base64.b64encode(content).decode() != file.content or not content:
            raise InputError(f"{where}: its content is not in base64")
        domain = Domain(file.chain_id, int(file.book, 16))
        return cls(domain, file.round, file.expires, content, bytes.fromhex(file.signature[2:]))

    def save(self, path: Path, *, overwrite: bool = False) -> None:
        """Write the file.

        Raises:
            InputError: the file exists and `overwrite` is False, or it cannot be written.
        """
        write_file(path, json.dumps(self.to_json(), indent=2) + "\n", overwrite=overwrite)

    def to_json(self) -> dict[str, object]:
        """The file form."""
        return {
            "format": FORMAT,
            "chain_id": self.domain.chain_id,
            "book": f"0x{self.domain.contract:040x}",
            "round": self.round_id,
            "expires": self.expires,
            "content": base64.b64encode(self.content).decode(),
            "signature": f"0x{self.signature.hex()}",
        }
