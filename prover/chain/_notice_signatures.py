"""Signatures of guardians under their notices to liquidators."""

from typing import Any, Final

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_keys.exceptions import BadSignature
from eth_utils.crypto import keccak
from eth_utils.exceptions import ValidationError
from web3 import Web3

from prover.chain._signatures import is_strict
from prover.chain._signers import AccountSigner

_NOTICE_TYPE: Final[dict[str, Any]] = {
    "Notice": [
        {"name": "round", "type": "uint64"},
        {"name": "expires", "type": "uint64"},
        {"name": "content", "type": "bytes32"},
    ]
}


def sign_notice(
    guardian: AccountSigner, chain_id: int, book: int, *, round_id: int, expires: int, content: bytes
) -> bytes:
    """Sign a notice as EIP-712 typed data. Needs no node.

    Args:
        guardian: the account that signs.
        chain_id: of the chain.
        book: address of the margin book, as an integer.
        round_id: the price round of its proofs.
        expires: Unix seconds.
        content: the encrypted content.

    Returns:
        65 bytes r, s, v.

    Raises:
        SignerError: a remote signer does not sign.
    """
    return bytes(guardian.sign_typed_data(*_typed_data(chain_id, book, round_id, expires, content)).signature)


def notice_signer(
    signature: bytes, chain_id: int, book: int, *, round_id: int, expires: int, content: bytes
) -> str | None:
    """The address that signed a notice, checksummed; None for what is no signature. Arguments as for `sign_notice`.

    Over anything else than what was signed, a signature is that of another address.
    """
    if not is_strict(signature):
        return None
    signable = encode_typed_data(*_typed_data(chain_id, book, round_id, expires, content))
    try:
        return str(Account.recover_message(signable, signature=signature))
    except (BadSignature, ValidationError, ValueError):
        return None


def _typed_data(
    chain_id: int, book: int, round_id: int, expires: int, content: bytes
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    domain = {
        "name": "LiquidationNotice",
        "version": "1",
        "chainId": chain_id,
        "verifyingContract": Web3.to_checksum_address(f"0x{book:040x}"),
    }
    message = {"round": round_id, "expires": expires, "content": f"0x{keccak(content).hex()}"}
    return domain, _NOTICE_TYPE, message
