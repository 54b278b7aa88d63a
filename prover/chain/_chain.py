"""The account that sends transactions, and deployed contracts: over web3.py."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import BadFunctionCallOutput, ContractLogicError, Web3RPCError
from web3.types import Nonce
from web3.utils.address import get_create_address

from prover.chain._abi import ContractAbi
from prover.chain._contract_code import ContractCode
from prover.chain._deployment_journal import DeployedContract, DeploymentJournal
from prover.chain._log_ranges import read_logs, windows
from prover.chain._logs import Event, EventDecoder
from prover.chain._many_reads import WORD, ViewCall, fitting, read_many
from prover.chain._node import Node
from prover.chain._request_policy import RequestPolicy
from prover.chain._sender import Sender, TransactionSender
from prover.chain._sending_account import SendingAccount
from prover.chain._signers import AccountSigner
from prover.chain._upgrades import require_cancun
from verifier import ChainError

DEFAULT_POLICY: Final = RequestPolicy()


class Chain(Node):
    """A node, the account that sends, and the contracts whose errors it can name.

    Args:
        url: JSON-RPC endpoint over HTTP; several of one chain, of which the next one is asked when one fails.
        code: compiled contracts by name.
        signer: signs transactions; None lets the node sign with its first unlocked account (anvil does).
        confirmations: blocks from its own on that make a transaction final; 1 means mined.
        policy: timeouts and retries.
        sending: sends transactions in place of the three before; None for this class's own way.

    Attributes:
        url: scheme, host and port of the endpoint, or of each, without the key that may be in the rest of it.
        chain_id: of the chain.
        sender: address that transactions are sent from.

    Raises:
        ChainError: the node does not answer, or has no unlocked account when there is no signer.
    """

    def __init__(
        self,
        url: str | Sequence[str],
        code: Mapping[str, ContractCode],
        signer: AccountSigner | None = None,
        *,
        confirmations: int = 1,
        policy: RequestPolicy = DEFAULT_POLICY,
        sending: TransactionSender | None = None,
    ) -> None:
        super().__init__(url, code, policy)
        self._code = code
        self._journal: DeploymentJournal | None = None
        self._has_cancun = False
        self._abis: dict[str, ContractAbi] = {}
        if sending is None:
            with self._failures("connecting"):
                address = signer.address if signer else self._unlocked()
            account = SendingAccount(self._web3, self._translator, address, policy, confirmations)
            sending = Sender(account, signer)
        self._sending = sending
        self.sender: str = sending.address

    def __repr__(self) -> str:
        return f"Chain({self.url!r}, chain_id={self.chain_id}, sender={self.sender!r})"

    def with_journal(self, journal: DeploymentJournal) -> "Chain":
        """The same chain, which records each contract that it deploys in a journal."""
        journalled = copy.copy(self)
        journalled._journal = journal
        return journalled

    def _unlocked(self) -> str:
        accounts = self._web3.eth.accounts
        if not accounts:
            raise ChainError(f"the node at {self.url} has no unlocked account: give a keystore to sign with")
        return str(accounts[0])

    @staticmethod
    def checksum(address: int) -> str:
        """An address with its EIP-55 checksum."""
        return str(Web3.to_checksum_address(f"0x{address:040x}"))

    def next_contract(self, after: int = 0) -> str:
        """The address of the contract that the sender will deploy.

        Args:
            after: how many transactions come before it.
        """
        with self._failures("reading a nonce"):
            nonce = self._next_nonce()
        return str(get_create_address(Web3.to_checksum_address(self.sender), Nonce(nonce + after)))

    def deploy(self, name: str, *arguments: Any) -> "Contract":
        """Deploy a contract and wait until it is mined.

        Raises:
            ChainError: the node or the constructor refused, or the chain has no Cancun upgrade.
        """
        self._require_cancun()
        if self._journal is not None:
            self._journal.begin(DeployedContract(self.chain_id, name, self.next_contract(), None))
        with self._failures(f"deploying {name}"):
            receipt = self._deliver(self._constructor(name, arguments), f"deploying {name}")
        made = self.at(name, str(receipt["contractAddress"]))
        if self._journal is not None:
            transaction = receipt["transactionHash"].to_0x_hex()
            self._journal.finish(DeployedContract(self.chain_id, name, made.address, transaction))
        return made

    def at(self, name: str, address: str) -> "Contract":
        """A deployed contract."""
        return Contract(self, name, Web3.to_checksum_address(address))

    def decode(self, contract: "Contract", data: bytes) -> tuple[str, Mapping[str, Any]]:
        """Name and arguments of a call, from public calldata and the public ABI."""
        function, arguments = contract.raw.decode_function_input(data)
        return str(function.fn_name), arguments

    def _require_cancun(self) -> None:
        if not self._has_cancun:
            with self._failures("deploying contracts"):
                require_cancun(self._web3)
            self._has_cancun = True

    def _next_nonce(self) -> int:
        return self._sending.next_nonce()

    def _abi(self, name: str) -> ContractAbi:
        """The ABI of a contract of the code."""
        if name not in self._abis:
            self._abis[name] = ContractAbi(self._code[name].abi, self._web3.codec)
        return self._abis[name]

    def _send(self, contract: "Contract", function: str, arguments: Sequence[Any], value: int) -> Mapping[str, Any]:
        return self._deliver(self._call(contract, function, arguments, value), f"{contract.name}.{function}")

    def _call(self, contract: "Contract", function: str, arguments: Sequence[Any], value: int) -> dict[str, Any]:
        data = HexBytes(self._abi(contract.name).functions[function].encode(arguments))
        return {"from": self.sender, "to": contract.address, "value": value, "data": data, "chainId": self.chain_id}

    def _deliver(self, request: dict[str, Any], what: str) -> Mapping[str, Any]:
        receipt = self._sending.send(request, what)
        if receipt["status"] != 1:
            self._explain_failure(request, receipt, what)
        return receipt

    def _explain_failure(self, request: dict[str, Any], receipt: Mapping[str, Any], what: str) -> None:
        """Replay a transaction that failed, on the state after its block and on the one before, to name the error.

        Raises:
            ChainError: always, with the contract's error if one of the states gives one.
        """
        number = int(receipt["blockNumber"])
        digest = receipt["transactionHash"].to_0x_hex()
        failed = f"{what}: the transaction {digest} failed when it was mined in block {number}"
        with self._failures(failed):
            gas = int(self._web3.eth.get_transaction(digest)["gas"])
            replayed: Any = {**request, "gas": gas}
            for block in (number, number - 1):
                try:
                    self._web3.eth.call(replayed, block)
                except ContractLogicError:
                    raise
                except Web3RPCError:  # a node without the state of that block
                    continue
        reason = "it ran out of gas" if receipt["gasUsed"] >= gas else "a replay names no error: try again"
        raise ChainError(f"{failed}: {reason}")

    def _constructor(self, name: str, arguments: Sequence[Any]) -> dict[str, Any]:
        code = self._code[name]
        call = self._web3.eth.contract(abi=list(code.abi), bytecode=code.bytecode).constructor(*arguments)
        # what is not given here, web3 would ask the node for
        unasked = {"gas": 0, "maxFeePerGas": 0, "maxPriorityFeePerGas": 0, "chainId": self.chain_id}
        request: Any = call.build_transaction({"from": self.sender, "value": 0, **unasked})
        return {field: request[field] for field in ("from", "value", "data", "chainId")}


@dataclass(frozen=True)
class Contract:
    """A deployed contract.

    Attributes:
        chain: the chain that it is on.
        name: as in its source.
        address: checksummed.
    """

    chain: Chain
    name: str
    address: str

    @cached_property
    def raw(self) -> Any:
        """web3's own object."""
        return self.chain._web3.eth.contract(
            Web3.to_checksum_address(self.address), abi=list(self.chain._code[self.name].abi)
        )

    def read(self, function: str, *arguments: Any, block: int | None = None) -> Any:
        """Call a view function.

        Args:
            function: name.
            arguments: of the function.
            block: at whose end; None for the newest.

        Raises:
            ChainError: the node or the contract refused.
        """
        with self.chain._failures(f"reading {self.name}.{function}"):
            abi = self.chain._abi(self.name).functions[function]
            call: Any = {"to": self.address, "data": HexBytes(abi.encode(arguments))}
            return abi.decode(bytes(self.chain._web3.eth.call(call, "latest" if block is None else block)))

    def encode(self, function: str, *arguments: Any) -> bytes:
        """The data of a call, as another program may send it.

        Args:
            function: name.
            arguments: of the function.
        """
        return self.chain._abi(self.name).functions[function].encode(arguments)

    def read_many(self, function: str, arguments: Sequence[int], words: int, block: int) -> list[tuple[int, ...]]:
        """Call a view function for many arguments, at one block, in few requests.

        Args:
            function: name; of one argument.
            arguments: one for each answer.
            words: that an answer has, 1 to 3.
            block: at whose end.

        Returns:
            The words of each answer as unsigned integers.

        Raises:
            ChainError: the node or the contract refused.
        """
        with self.chain._failures(f"reading {self.name}.{function}"):
            selector = self.chain._abi(self.name).functions[function].selector
            calls = [ViewCall(self.address, selector + argument.to_bytes(WORD)) for argument in arguments]
            answers = read_many(self.chain._web3, calls, block, fitting(words))
            if any(len(answer) != words * WORD for answer in answers):
                raise BadFunctionCallOutput("another number of words")
            return [
                tuple(int.from_bytes(answer[place : place + WORD]) for place in range(0, len(answer), WORD))
                for answer in answers
            ]

    def read_all(self, *calls: tuple[Any, ...]) -> list[Any]:
        """Call several view functions at the newest block, in one request.

        Args:
            calls: name and arguments of each.

        Returns:
            What each returned, as `read` has it.

        Raises:
            ChainError: the node or the contract refused one.
        """
        with self.chain._failures(f"reading {self.name}.{', '.join(name for name, *_ in calls)}"):
            functions = [self.chain._abi(self.name).functions[name] for name, *_ in calls]
            asked = [
                ViewCall(self.address, function.encode(arguments))
                for function, (_, *arguments) in zip(functions, calls, strict=True)
            ]
            answers = read_many(self.chain._web3, asked, "latest")
            return [function.decode(answer) for function, answer in zip(functions, answers, strict=True)]

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
            UndecidedError: it was sent, and it is not known whether it will be mined.
        """
        with self.chain._failures(f"{self.name}.{function}"):
            return self.chain._send(self, function, arguments, value)

    def logs(
        self, event: str | None = None, *, first_block: int = 0, last_block: int | None = None, **filters: Any
    ) -> list[Event]:
        """Events of this contract, oldest first, all of one fork of the chain.

        Args:
            event: name; None for every event.
            first_block: where to begin; the block of the deployment saves requests.
            last_block: included; None for the newest at the start of reading.
            filters: value of an indexed argument, or a list of allowed values.

        Raises:
            ChainError: the node refused, or the event has no such indexed argument.
        """
        reader = EventDecoder(self.chain._abi(self.name))
        with self.chain._failures(f"reading the events of {self.name}"):
            topics = reader.topics(event, filters)
            return reader.decode(self._raw_logs(topics, first_block, last_block))

    def logs_backwards(self, event: str | None = None, *, first_block: int = 0, **filters: Any) -> Iterator[Event]:
        """Events of this contract, newest first, read lazily.

        Args:
            event: name; None for every event.
            first_block: where to end.
            filters: as for `logs`.

        Raises:
            ChainError: as `logs`.
        """
        for first, last in windows(first_block, self.chain.block_number()):
            yield from reversed(self.logs(event, first_block=first, last_block=last, **filters))

    def events(self, first_block: int = 0) -> list[tuple[str, Mapping[str, Any], int]]:
        """Every event since a block: name, arguments, block; oldest first."""
        return [(event.name, event.arguments, event.block) for event in self.logs(first_block=first_block)]

    def log_data(self) -> list[bytes]:
        """Topics and data of every log of this contract."""
        with self.chain._failures(f"reading the logs of {self.name}"):
            logs = self._raw_logs([], 0, None)
        return [b"".join([*map(bytes, log["topics"]), bytes(log["data"])]) for log in logs]

    def _raw_logs(self, topics: Sequence[Any], first: int, last: int | None) -> list[Mapping[str, Any]]:
        return read_logs(self.chain._web3, self.address, topics, first, last)
