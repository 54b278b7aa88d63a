"""Errors of nodes and contracts as ChainError, without the secrets that a URL may hold."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import function_abi_to_4byte_selector, get_abi_input_types
from web3.exceptions import BadFunctionCallOutput, ContractCustomError, ContractLogicError, Web3Exception, Web3RPCError

from prover.chain._contract_code import ContractCode
from prover.chain._endpoints import endpoint, hide, secrets_of
from prover.chain._node_errors import NodeError
from verifier import ChainError


class ErrorTranslator:
    """Turns errors of nodes and contracts into ChainError.

    Args:
        urls: of the nodes; only scheme, host and port are ever shown.
        code: contracts whose errors are to be named.

    Attributes:
        node: what may be shown of the URL, or of all URLs.
    """

    def __init__(self, urls: Sequence[str], code: Mapping[str, ContractCode]) -> None:
        self.node = " or ".join(map(endpoint, urls))
        self._secrets = {secret for url in urls for secret in secrets_of(url)}
        self._errors = _error_types(code)

    @contextmanager
    def translating(self, what: str) -> Iterator[None]:
        """Turn an error of the body into a ChainError that names the action.

        Args:
            what: the action.

        Raises:
            ChainError: with `refusal` when a contract named its reason.
        """
        try:
            yield
        except ContractCustomError as error:
            name, values = self._explain(error)
            raise ChainError(f"{what}: the contract refused with {name}({values})", refusal=name) from None
        except ContractLogicError as error:
            reason = self.redact(error.message or "no reason given")
            raise ChainError(f"{what}: the contract refused ({reason})") from None
        except (NodeError, Web3Exception, ValueError) as error:  # of Python for a malformed address
            raise ChainError(f"{what}: {self.describe(error)}") from None

    def describe(self, error: Exception) -> str:
        """An error of a node or of web3, as a message without secrets."""
        if isinstance(error, NodeError):
            return f"the node at {error.node or self.node} {error}"
        if isinstance(error, BadFunctionCallOutput):
            return "there is no such contract at the address; is it one of this chain?"
        if isinstance(error, Web3RPCError):
            return f"the node at {self.node} refused: {self.redact(rpc_message(error))}"
        return self.redact(str(error))

    def redact(self, text: str) -> str:
        """A text of a node without the secrets of its URL."""
        return hide(self._secrets, text)

    def _explain(self, error: ContractCustomError) -> tuple[str, str]:
        """Name and values of a contract's error."""
        data = str(error.data or "0x")
        name, types = self._errors.get(data[:10], (f"the unknown error {data[:10]}", ()))
        try:
            values = decode(types, bytes.fromhex(data[10:])) if types else ()
        except (DecodingError, ValueError):  # another error with the same selector
            values = ("values that do not decode",)
        return name, ", ".join(map(str, values))


def rpc_message(error: Web3RPCError) -> str:
    """The message of a JSON-RPC error, without the text that web3 adds."""
    response: Any = error.rpc_response or {}
    found = response.get("error") or {}
    return str(found.get("message") or error.message)


def _error_types(code: Mapping[str, ContractCode]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Selector to name and argument types, over every contract: a gate passes on the errors of its verifier."""
    found = {}
    for contract in code.values():
        for item in contract.abi:
            if item["type"] == "error":
                # an error is encoded as a call of a function with its name and arguments is
                function: Any = {**item, "type": "function"}
                selector = "0x" + function_abi_to_4byte_selector(function).hex()
                found[selector] = (str(item["name"]), tuple(get_abi_input_types(function)))
    return found
