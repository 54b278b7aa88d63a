"""Signatures of stewards under their proposals of margin fractions."""

from typing import Any, Final

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError
from web3 import Web3

from prover.chain._signatures import is_strict
from prover.chain._signers import AccountSigner

_PROPOSAL_TYPE: Final[dict[str, Any]] = {"MarginProposal": [{"name": "content", "type": "bytes32"}]}


def sign_proposal(steward: AccountSigner, chain_id: int, risk_parameters: str, content: bytes) -> bytes:
    """Sign a proposal as EIP-712 typed data. Needs no node.

    Args:
        steward: the account that signs.
        chain_id: of the chain.
        risk_parameters: address of the contract whose fractions would change.
        content: SHA-256 of the proposal, 32 bytes.

    Returns:
        65 bytes r, s, v.

    Raises:
        SignerError: a remote signer does not sign.
    """
    return bytes(steward.sign_typed_data(*_typed_data(chain_id, risk_parameters, content)).signature)


def proposal_signer(signature: bytes, chain_id: int, risk_parameters: str, content: bytes) -> str | None:
    """The address that signed a proposal, checksummed; None for what is no signature. Arguments as `sign_proposal`.

    Over anything else than what was signed, a signature is that of another address.
    """
    if not is_strict(signature):
        return None
    try:
        signable = encode_typed_data(*_typed_data(chain_id, risk_parameters, content))
        return str(Account.recover_message(signable, signature=signature))
    except (BadSignature, ValidationError, ValueError):
        return None


def _typed_data(
    chain_id: int, risk_parameters: str, content: bytes
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    domain = {
        "name": "MarginProposal",
        "version": "1",
        "chainId": chain_id,
        "verifyingContract": Web3.to_checksum_address(risk_parameters),
    }
    return domain, _PROPOSAL_TYPE, {"content": f"0x{content.hex()}"}
