"""Notices as files: read by the liquidators they are for, changed by no one, signed by the guardian that made them.

Spec ZS-95.
"""

import base64
import json
import random
from dataclasses import replace
from pathlib import Path

import pyrage
import pytest
from eth_account import Account as Signer
from parcels import AUCTION, FLAT, INPUTS, before, notice, unproven
from steps import ELSEWHERE, HERE

from prover.chain import notice_signer, sign_notice
from prover.liquidation import MAX_NOTICE_BYTES, LiquidatorKey, Notice, SealedNotice, plan_ladder
from verifier import InputError

GUARDIAN, RIVAL = (Signer.from_key(f"0x{byte * 32}") for byte in ("11", "22"))
FIRST, SECOND, STRANGER = (LiquidatorKey.generate() for _ in range(3))
SEALED = before()
NOTICE = notice(unproven(SEALED, plan_ladder(SEALED, INPUTS, AUCTION, FLAT, (60, 75, 90))))
SENT = SealedNotice.seal(NOTICE, [FIRST.recipient, SECOND.recipient], GUARDIAN)


def test_each_liquidator_reads_it_and_knows_the_guardian(tmp_path: Path) -> None:
    path = tmp_path / "notice.json"
    SENT.save(path)
    read = SealedNotice.load(path)
    assert read == SENT
    assert read.open(FIRST) == read.open(SECOND) == NOTICE
    assert read.guardian == GUARDIAN.address
    with pytest.raises(InputError, match="exists already"):
        SENT.save(path)


def test_no_other_key_reads_it() -> None:
    with pytest.raises(InputError, match="not for this key"):
        SENT.open(STRANGER)


def test_the_clear_part_is_book_round_expiry_and_signature() -> None:
    shown = SENT.to_json()
    assert set(shown) == {"format", "chain_id", "book", "round", "expires", "content", "signature"}
    assert (shown["chain_id"], shown["round"], shown["expires"]) == (31337, 42, 1_700_000_600)
    text = json.dumps(shown | {"content": ""}) + SENT.content.decode("latin-1")
    for parcel in NOTICE.parcels:
        for value in (NOTICE.account, NOTICE.old_commitment, parcel.ticket.id, parcel.ticket.salt):
            assert str(value) not in text
            assert f"{value:x}" not in text
            assert value.to_bytes(32).decode("latin-1") not in text
    assert repr(SENT) == f"SealedNotice(domain={HERE!r}, round_id=42, expires=1700000600)"


def test_the_number_of_parcels_does_not_show_in_the_size() -> None:
    """age adds a line of random length to its header, and 16 bytes to each 64 KiB."""
    one = replace(NOTICE, parcels=NOTICE.parcels[:1])

    def payload(sealed: SealedNotice) -> int:
        return len(sealed.content.partition(b"\n--- ")[2])

    assert payload(SealedNotice.seal(one, [FIRST.recipient], GUARDIAN)) == payload(SENT)


def test_a_change_of_any_byte_is_noticed(tmp_path: Path) -> None:
    """Of the file: it is refused, or it is another spelling of the same JSON."""
    path, rng = tmp_path / "notice.json", random.Random(14)
    SENT.save(path)
    data = path.read_bytes()
    head = data.index(b'"content"') + 1_200  # the clear part, and the recipients in the encrypted one
    places = {*range(0, head, 3), *range(len(data) - 160, len(data)), *rng.sample(range(len(data)), 50)}
    for at in places:
        changed = data[:at] + bytes([data[at] ^ (1 << rng.randrange(7))]) + data[at + 1 :]
        try:
            found = SealedNotice.parse(changed)
        except InputError:
            continue
        if found != SENT:
            with pytest.raises(InputError):
                found.open(FIRST)


def test_every_byte_of_the_encrypted_content_is_signed_and_authenticated() -> None:
    """A thief who changes it and signs it again is refused too."""
    rng = random.Random(7)
    for at in (*range(0, 500, 11), *rng.sample(range(len(SENT.content)), 20), len(SENT.content) - 1):
        content = SENT.content[:at] + bytes([SENT.content[at] ^ 1]) + SENT.content[at + 1 :]
        with pytest.raises(InputError, match="notice: "):
            replace(SENT, content=content).open(FIRST)
        with pytest.raises(InputError, match="notice: "):
            signed_by(RIVAL, content).open(FIRST)


def signed_by(signer: object, content: bytes, **changes: int) -> SealedNotice:
    """A notice that another account signs."""
    terms = {"round_id": 42, "expires": 1_700_000_600} | changes
    signature = sign_notice(signer, HERE.chain_id, HERE.contract, content=content, **terms)  # type: ignore[arg-type]
    return SealedNotice(HERE, terms["round_id"], terms["expires"], content, signature)


def test_no_other_account_signs_it_as_its_own() -> None:
    with pytest.raises(InputError, match="signed by another account"):
        signed_by(RIVAL, SENT.content).open(FIRST)
    assert signed_by(GUARDIAN, SENT.content).open(FIRST) == NOTICE


def test_a_recipient_cannot_put_another_content_under_the_key_of_the_envelope() -> None:
    """A liquidator knows the content key. What it encrypts to a rival is not signed by the guardian."""
    forged = bytes.fromhex(GUARDIAN.address[2:]) + replace(NOTICE, parcels=NOTICE.parcels[:1]).to_bytes()
    content = pyrage.encrypt(forged, [pyrage.x25519.Recipient.from_str(SECOND.recipient)])
    with pytest.raises(InputError, match="signed by another account"):
        replace(SENT, content=content).open(SECOND)
    with pytest.raises(InputError, match="signed by another account"):
        signed_by(RIVAL, content).open(SECOND)


@pytest.mark.parametrize(
    "changes",
    [
        {"round_id": 43},
        {"expires": 1_700_000_601},
        {"domain": ELSEWHERE},
        {"domain": replace(HERE, contract=1)},
        {"signature": bytes(65)},
        {"signature": b"\xff" * 65},
        {"signature": SENT.signature[:-1] + b"\x00"},
        {"signature": SENT.signature[:-1] + bytes([55 - SENT.signature[-1]])},
        {"signature": SENT.signature[:-1]},
    ],
)
def test_a_notice_is_of_one_book_chain_round_and_expiry(changes: dict[str, object]) -> None:
    """Replayed elsewhere it is signed by another account, or by none."""
    with pytest.raises(InputError, match="changed on its way"):
        replace(SENT, **changes).open(FIRST)  # type: ignore[arg-type]


def test_the_other_form_of_a_signature_is_refused() -> None:
    """s and the order less s recover the same address: one notice has one file."""
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    s = order - int.from_bytes(SENT.signature[32:64])
    other = SENT.signature[:32] + s.to_bytes(32) + bytes([55 - SENT.signature[64]])
    assert notice_signer(other, 31337, HERE.contract, round_id=42, expires=1_700_000_600, content=SENT.content) is None
    with pytest.raises(InputError, match="changed"):
        replace(SENT, signature=other).open(FIRST)


def test_only_the_newest_round_of_the_own_book_counts() -> None:
    SENT.require_current(HERE, 42, 1_700_000_600)
    for domain, round_id, now, words in (
        (ELSEWHERE, 42, 0, "another book or chain"),
        (replace(HERE, chain_id=5), 42, 0, "another book or chain"),
        (HERE, 43, 0, "newer prices"),
        (HERE, 41, 0, "does not have yet"),
        (HERE, 42, 1_700_000_601, "expired"),
    ):
        with pytest.raises(InputError, match=words):
            SENT.require_current(domain, round_id, now)


@pytest.mark.parametrize("length", [0, 1, 21, 100, 5_000, -1])
def test_a_truncated_notice_is_refused(length: int, tmp_path: Path) -> None:
    path = tmp_path / "notice.json"
    path.write_bytes(json.dumps(SENT.to_json()).encode()[:length])
    with pytest.raises(InputError, match="notice"):
        SealedNotice.load(path)
    content = SENT.content[:length]
    with pytest.raises(InputError, match="notice: "):
        signed_by(GUARDIAN, content).open(FIRST)


def test_a_guardian_that_signs_nonsense_is_refused() -> None:
    recipient = [pyrage.x25519.Recipient.from_str(FIRST.recipient)]
    sender = bytes.fromhex(GUARDIAN.address[2:])
    for content, words in ((b"", "signed by another"), (sender, "length"), (sender + bytes(43_298), "1 to 64|ground")):
        with pytest.raises(InputError, match=words):
            signed_by(GUARDIAN, pyrage.encrypt(content, recipient)).open(FIRST)


def test_an_oversized_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "notice.json"
    path.write_bytes(b" " * (MAX_NOTICE_BYTES + 1))
    with pytest.raises(InputError, match="larger than"):
        SealedNotice.load(path)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "zksolvency/liquidation-notice/2"},
        {"chain_id": -1},
        {"chain_id": 1 << 64},
        {"chain_id": "1"},
        {"book": "0x12"},
        {"round": 0},
        {"round": 1 << 64},
        {"expires": -1},
        {"content": ""},
        {"content": "*"},
        {"content": "é"},
        {"content": base64.b64encode(SENT.content).decode() + "\n"},
        {"content": "QQ"},
        {"content": "QR=="},
        {"signature": "0x"},
        {"signature": "0x" + "AA" * 65},
        {"victim": "1"},
    ],
)
def test_other_fields_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(InputError, match="notice"):
        SealedNotice.parse(json.dumps(SENT.to_json() | change).encode())


def test_what_is_sealed_is_read_by_any_program_for_age() -> None:
    """The format is public: a sender's address and the content."""
    opened = pyrage.decrypt(SENT.content, [pyrage.x25519.Identity.from_str(FIRST.identity)])
    assert opened == bytes.fromhex(GUARDIAN.address[2:]) + NOTICE.to_bytes()
    assert Notice.from_bytes(opened[20:], HERE, 42, 1_700_000_600) == NOTICE


def test_recipients_are_needed_and_known() -> None:
    for recipients in ([], ["age1nobody"], [FIRST.recipient] * 2):
        with pytest.raises(InputError, match="liquidator"):
            SealedNotice.seal(NOTICE, recipients, GUARDIAN)
