"""Accounts that sign: with a key in this process, or with a remote signer over JSON-RPC, which is not believed."""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from eth_account import Account
from eth_account.datastructures import SignedMessage, SignedTransaction
from eth_account.messages import encode_typed_data
from eth_account.typed_transactions.typed_transaction import TypedTransaction
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError
from hexbytes import HexBytes
from rlp.exceptions import RLPException
from web3 import Web3

from prover.chain._endpoints import endpoint, hide, secrets_of
from prover.chain._http import Provider
from prover.chain._node_errors import NodeError
from prover.chain._request_policy import RequestPolicy
from prover.chain._signatures import LEAST_V, is_strict
from verifier import ChainError

_DEFAULT_POLICY: Final = RequestPolicy()

_DOMAIN_FIELDS: Final = (
    ("name", "string"),
    ("version", "string"),
    ("chainId", "uint256"),
    ("verifyingContract", "address"),
)
_QUANTITIES: Final = ("value", "chainId", "gas", "nonce", "maxFeePerGas", "maxPriorityFeePerGas")
_DYNAMIC_FEE: Final = "0x2"
_NAMED: Final = 5
"""Maximum number of accounts in a message."""


class SignerError(ChainError):
    """A remote signer does not sign, or signs something else than it was asked to."""


class AccountSigner(Protocol):
    """An account that signs: a `LocalAccount` of eth_account, or a `RemoteSigner`."""

    @property
    def address(self) -> str:
        """Its address, checksummed."""

    def sign_typed_data(
        self, domain_data: dict[str, Any], message_types: dict[str, Any], message_data: dict[str, Any], /
    ) -> SignedMessage:
        """Sign EIP-712 typed data."""

    def sign_transaction(self, transaction_dict: dict[str, Any], /) -> SignedTransaction:
        """Sign a transaction, whose fields are all given."""


class RemoteSigner:
    """An account whose key another program holds, which signs over JSON-RPC.

    Every signature is checked: it must be of this account, over exactly what was to be signed.

    Args:
        url: JSON-RPC endpoint over HTTP. It serves `eth_accounts`, `eth_signTypedData_v4` and `eth_signTransaction`.
        address: of the account; None for the only one of the signer.
        policy: timeouts and retries.

    Attributes:
        url: scheme, host and port of the endpoint.
        address: of the account, checksummed.

    Raises:
        SignerError: the signer does not answer, or does not have the account.
    """

    def __init__(self, url: str, address: str | None = None, policy: RequestPolicy = _DEFAULT_POLICY) -> None:
        self.url = endpoint(url)
        self._secrets = secrets_of(url)
        self._provider = Provider([url], policy, role="signer")
        self.address = self._choose(address)

    def __repr__(self) -> str:
        return f"RemoteSigner({self.url!r}, {self.address!r})"

    def sign_typed_data(
        self, domain_data: dict[str, Any], message_types: dict[str, Any], message_data: dict[str, Any], /
    ) -> SignedMessage:
        """Sign EIP-712 typed data.

        Args:
            domain_data: name, version, chain id and contract.
            message_types: one type.
            message_data: its fields.

        Raises:
            SignerError: the signer refuses, does not answer, or signs something else.
        """
        (primary,) = message_types
        domain = [{"name": name, "type": kind} for name, kind in _DOMAIN_FIELDS]
        request = {
            "types": {"EIP712Domain": domain, **message_types},
            "primaryType": primary,
            "domain": domain_data,
            "message": {name: _as_text(value) for name, value in message_data.items()},
        }
        signature = _with_v(bytes(HexBytes(self._ask("eth_signTypedData_v4", self.address, request))))
        signable = encode_typed_data(domain_data, message_types, message_data)
        if (
            not is_strict(signature)
            or _recovered(Account.recover_message, signable, signature=signature) != self.address
        ):
            raise SignerError(f"the signer at {self.url} gave a signature that is not that of {self.address} over it")
        r, s = (int.from_bytes(signature[at : at + 32]) for at in (0, 32))
        digest = Web3.keccak(b"\x19" + signable.version + signable.header + signable.body)
        return SignedMessage(digest, r, s, signature[-1], HexBytes(signature))

    def sign_transaction(self, transaction_dict: dict[str, Any], /) -> SignedTransaction:
        """Sign a transaction.

        Args:
            transaction_dict: all fields of a transaction with EIP-1559 fees.

        Raises:
            SignerError: as `sign_typed_data`.
        """
        request = {
            name: hex(value) if name in _QUANTITIES else HexBytes(value).to_0x_hex() if name == "data" else value
            for name, value in transaction_dict.items()
        }
        answer = self._ask("eth_signTransaction", {**request, "from": self.address, "type": _DYNAMIC_FEE})
        raw = HexBytes(answer if isinstance(answer, str) else answer["raw"])
        is_own = _recovered(Account.recover_transaction, raw) == self.address
        signed = _decoded(raw)
        if signed is None or not is_own or signed.hash() != _unsigned(transaction_dict).hash():
            raise SignerError(
                f"the signer at {self.url} gave something else than the transaction, signed by {self.address}"
            )
        v, r, s = signed.vrs()
        return SignedTransaction(raw, HexBytes(Web3.keccak(raw)), r, s, v)

    def _choose(self, address: str | None) -> str:
        found = [str(Web3.to_checksum_address(account)) for account in self._ask("eth_accounts")]
        if address is not None:
            chosen = str(Web3.to_checksum_address(address))
            if chosen not in found:
                raise SignerError(f"the signer at {self.url} has no account {chosen}")
            return chosen
        if len(found) != 1:
            more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
            has = f"has the accounts {', '.join(found[:_NAMED])}{more}: name one" if found else "has no account"
            raise SignerError(f"the signer at {self.url} {has}")
        return found[0]

    def _ask(self, method: Any, *parameters: Any) -> Any:
        try:
            answer: Mapping[str, Any] = self._provider.make_request(method, list(parameters))
        except NodeError as error:
            raise SignerError(f"the signer at {self.url} {error}") from None
        fault = answer.get("error")
        if isinstance(fault, dict):
            reason = hide(self._secrets, str(fault.get("message", "no reason given")))
            raise SignerError(f"the signer at {self.url} refuses {method}: {reason}")
        return answer["result"]


def _with_v(signature: bytes) -> bytes:
    """The signature with v as contracts take it: some signers give 0 and 1."""
    v = signature[-1]
    return signature[:-1] + bytes([v + LEAST_V if v <= 1 else v])


def _as_text(value: Any) -> Any:
    """Integers as text: a JSON number loses digits in some programs."""
    return [str(item) for item in value] if isinstance(value, list) else str(value)


def _recovered(recover: Any, *values: Any, **named: Any) -> str | None:
    """The address of a signature; None for one that is malformed."""
    try:
        return str(recover(*values, **named))
    except (BadSignature, ValidationError, RLPException, TypeError, ValueError):
        return None


def _decoded(raw: HexBytes) -> TypedTransaction | None:
    try:
        return TypedTransaction.from_bytes(raw)
    except (ValidationError, RLPException, TypeError, ValueError):
        return None


def _unsigned(fields: Mapping[str, Any]) -> TypedTransaction:
    content = {name: value for name, value in fields.items() if name != "from"}
    return TypedTransaction.from_dict({"to": b"", **content, "type": _DYNAMIC_FEE})
