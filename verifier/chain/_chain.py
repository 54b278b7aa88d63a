"""A node, the account that sends, and contracts: over web3.py."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import requests
from eth_account.signers.local import LocalAccount
from web3 import HTTPProvider, Web3
from web3.exceptions import ContractCustomError, ContractLogicError, Web3Exception

from verifier._errors import ChainError

RECEIPT_SECONDS: Final = 120
REQUEST_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class ContractCode:
    """A compiled contract.

    Attributes:
        name: as in its source.
        abi: its JSON ABI.
        bytecode: creation code, 0x-prefixed hex.
    """

    name: str
    abi: Sequence[Mapping[str, Any]]
    bytecode: str


class Chain:
    """A node, the account that sends, and the contracts whose errors it can name.

    Args:
        url: JSON-RPC endpoint over HTTP.
        code: compiled contracts by name.
        signer: signs transactions; None lets the node sign with its first unlocked account (anvil does).

    Raises:
        ChainError: the node does not answer, or has no unlocked account when there is no signer.
    """

    def __init__(self, url: str, code: Mapping[str, ContractCode], signer: LocalAccount | None = None) -> None:
        self._web3 = Web3(HTTPProvider(url, request_kwargs={"timeout": REQUEST_SECONDS}))
        self._code = code
        self._signer = signer
        self._errors = _error_names(self._web3, code)
        self.url = url
        with self._failures("connecting"):
            self.chain_id = self._web3.eth.chain_id
            self.sender: str = signer.address if signer else self._unlocked()

    def _unlocked(self) -> str:
        accounts = self._web3.eth.accounts
        if not accounts:
            raise ChainError(f"the node at {self.url} has no unlocked account: give a keystore to sign with")
        return str(accounts[0])

    @staticmethod
    def checksum(address: int) -> str:
        """An address with its EIP-55 checksum, as web3 wants it."""
        return str(Web3.to_checksum_address(f"0x{address:040x}"))

    def has_code(self, address: str) -> bool:
        """Whether a contract stands at an address."""
        with self._failures("looking up a contract"):
            return bool(self._web3.eth.get_code(Web3.to_checksum_address(address)))

    def deploy(self, name: str, *arguments: Any) -> "Contract":
        """Deploy a contract and wait until it is mined.

        Raises:
            ChainError: the node or the constructor refused.
        """
        code = self._code[name]
        factory = self._web3.eth.contract(abi=list(code.abi), bytecode=code.bytecode)
        with self._failures(f"deploying {name}"):
            receipt = self._send(factory.constructor(*arguments), f"deploying {name}", 0)
        return self.at(name, str(receipt["contractAddress"]))

    def at(self, name: str, address: str) -> "Contract":
        """A deployed contract."""
        checksummed = Web3.to_checksum_address(address)
        return Contract(self, name, checksummed, self._web3.eth.contract(checksummed, abi=list(self._code[name].abi)))

    def transactions(self, first_block: int = 1) -> list[Mapping[str, Any]]:
        """Every transaction from a block on, as the whole network sees it, oldest first."""
        with self._failures("reading blocks"):
            newest = self._web3.eth.block_number
            blocks = [self._web3.eth.get_block(number, True) for number in range(first_block, newest + 1)]
        return [dict(transaction) for block in blocks for transaction in block["transactions"]]  # type: ignore[arg-type]

    def decode(self, contract: "Contract", data: bytes) -> tuple[str, Mapping[str, Any]]:
        """Name and arguments of a call, from public calldata and the public ABI."""
        function, arguments = contract.raw.decode_function_input(data)
        return str(function.fn_name), arguments

    def _send(self, call: Any, what: str, value: int) -> Mapping[str, Any]:
        transaction = call.build_transaction({"from": self.sender, "value": value})
        if self._signer is None:
            digest = self._web3.eth.send_transaction(transaction)
        else:
            transaction["nonce"] = self._web3.eth.get_transaction_count(self._signer.address, "pending")
            digest = self._web3.eth.send_raw_transaction(self._signer.sign_transaction(transaction).raw_transaction)
        receipt = self._web3.eth.wait_for_transaction_receipt(digest, timeout=RECEIPT_SECONDS)
        if receipt["status"] != 1:
            raise ChainError(f"{what}: the transaction {digest.to_0x_hex()} failed when it was mined")
        return receipt

    @contextmanager
    def _failures(self, what: str) -> Iterator[None]:
        """Everything that node and contracts can refuse, in words."""
        try:
            yield
        except ContractCustomError as error:
            name, values = self._explain(error)
            raise ChainError(f"{what}: the contract refused with {name}({values})", refusal=name) from None
        except ContractLogicError as error:
            raise ChainError(f"{what}: the contract refused ({error.message or 'no reason given'})") from None
        except requests.RequestException:
            raise ChainError(f"{what}: no answer from the node at {self.url}; is it running?") from None
        except Web3Exception as error:
            raise ChainError(f"{what}: {error}") from None
        except ValueError as error:  # a keystore without funds, a malformed address, an answer that is no JSON-RPC
            raise ChainError(f"{what}: {error}") from None

    def _explain(self, error: ContractCustomError) -> tuple[str, str]:
        """Name and values of a contract's error."""
        data = str(error.data or "0x")
        name, types = self._errors.get(data[:10], (f"the unknown error {data[:10]}", ()))
        values = self._web3.codec.decode(types, bytes.fromhex(data[10:])) if types else ()
        return name, ", ".join(map(str, values))


@dataclass(frozen=True)
class Contract:
    """A deployed contract.

    Attributes:
        chain: the chain that it stands on.
        name: as in its source.
        address: checksummed.
        raw: web3's own object.
    """

    chain: Chain
    name: str
    address: str
    raw: Any

    def read(self, function: str, *arguments: Any) -> Any:
        """Call a view function.

        Raises:
            ChainError: the node or the contract refused.
        """
        with self.chain._failures(f"reading {self.name}.{function}"):
            return self.raw.functions[function](*arguments).call()

    def send(self, function: str, *arguments: Any, value: int = 0) -> Mapping[str, Any]:
        """Send a transaction and wait until it is mined.

        Args:
            function: name.
            arguments: of the function.
            value: [wei]

        Returns:
            The receipt.

        Raises:
            ChainError: the node or the contract refused, with the contract's own error.
        """
        what = f"{self.name}.{function}"
        with self.chain._failures(what):
            return self.chain._send(self.raw.functions[function](*arguments), what, value)

    def events(self, first_block: int = 0) -> list[tuple[str, Mapping[str, Any], int]]:
        """Every event since a block: name, arguments, block; oldest first."""
        with self.chain._failures(f"reading the events of {self.name}"):
            found = [
                (log["event"], dict(log["args"]), int(log["blockNumber"]), int(log["logIndex"]))
                for event in self.raw.events
                for log in event.get_logs(from_block=first_block)
            ]
        return [row[:3] for row in sorted(found, key=lambda row: row[2:])]

    def log_data(self) -> list[bytes]:
        """Topics and data of every log of this contract: all that its events put on the chain."""
        with self.chain._failures(f"reading the logs of {self.name}"):
            logs = self.chain._web3.eth.get_logs({"address": Web3.to_checksum_address(self.address), "fromBlock": 0})
        return [b"".join([*map(bytes, log["topics"]), bytes(log["data"])]) for log in logs]


def _error_names(web3: Web3, code: Mapping[str, ContractCode]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Selector to name and argument types, over every contract: a gate passes on the errors of its verifier."""
    names = {}
    for contract in code.values():
        for item in contract.abi:
            if item["type"] == "error":
                types = tuple(str(argument["type"]) for argument in item["inputs"])
                selector = web3.keccak(text=f"{item['name']}({','.join(types)})")[:4]
                names["0x" + selector.hex()] = (str(item["name"]), types)
    return names
