"""A typed client of the project's contracts, over web3.py.

Imported on its own (`import verifier.chain`): web3 is heavy, and verifying a proof does not need it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Self

import requests
from eth_account.signers.local import LocalAccount
from web3 import HTTPProvider, Web3
from web3.exceptions import ContractCustomError, ContractLogicError, Web3Exception

from verifier._errors import ChainError
from verifier._field import from_field
from verifier._proof import G2Point, Proof

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


def proof_arguments(proof: Proof) -> tuple[Any, ...]:
    """A proof as the contracts take it: the coefficient of u comes first in each coordinate of B."""

    def g2(point: G2Point) -> tuple[int, int, int, int]:
        return (point.x[1], point.x[0], point.y[1], point.y[0])

    return ((proof.a.x, proof.a.y), g2(proof.b), (proof.c.x, proof.c.y))


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
            raise ChainError(f"{what}: the contract refused with {self._explain(error)}") from None
        except ContractLogicError as error:
            raise ChainError(f"{what}: the contract refused ({error.message or 'no reason given'})") from None
        except requests.RequestException:
            raise ChainError(f"{what}: no answer from the node at {self.url}; is it running?") from None
        except Web3Exception as error:
            raise ChainError(f"{what}: {error}") from None
        except ValueError as error:  # a keystore without funds, a malformed address, an answer that is no JSON-RPC
            raise ChainError(f"{what}: {error}") from None

    def _explain(self, error: ContractCustomError) -> str:
        data = str(error.data or "0x")
        name, types = self._errors.get(data[:10], (f"the unknown error {data[:10]}", ()))
        values = self._web3.codec.decode(types, bytes.fromhex(data[10:])) if types else ()
        return f"{name}({', '.join(map(str, values))})"


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


@dataclass(frozen=True)
class Deployment:
    """The contracts of one book.

    Attributes:
        rounds: OwnerPriceRounds.
        verifier: of `margin` for the book's size.
        gate: SolvencyGate.
    """

    rounds: Contract
    verifier: Contract
    gate: Contract

    @classmethod
    def create(
        cls,
        chain: Chain,
        verifier_name: str,
        fractions_ppm: tuple[Sequence[int], Sequence[int]],
        *,
        max_proof_age: int,
        tip: int,
    ) -> Self:
        """Deploy price source, verifier and gate; the sender owns them and is the registrar.

        Args:
            chain: where.
            verifier_name: generated contract, such as "Margin13Verifier".
            fractions_ppm: maintenance and initial margin fraction of each slot [ppm].
            max_proof_age: how old the round of a proof may be [s].
            tip: what a flag earns [wei].

        Raises:
            ChainError: refused, for instance a development key on a public chain.
        """
        verifier = chain.deploy(verifier_name)
        rounds = chain.deploy("OwnerPriceRounds", chain.sender, *map(list, fractions_ppm))
        gate = chain.deploy(
            "SolvencyGate", chain.sender, chain.sender, rounds.address, verifier.address, max_proof_age, tip
        )
        return cls(rounds, verifier, gate)

    def post_round(self, prices: Sequence[int], funding: Sequence[int]) -> int:
        """Post the next round [1e-9 USD] and return its id."""
        self.rounds.send("postRound", list(prices), list(funding))
        return int(self.rounds.read("latestRoundId"))

    def maintenance_inputs(self, round_id: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The vectors e and d [1e-9 USD] that the chain derives for a round."""
        signals = [from_field(element) for element in self.rounds.read("roundInputs", round_id, 0)]
        half = len(signals) // 2
        return tuple(signals[:half]), tuple(signals[half:])

    def prove_solvent(self, account: str, round_id: int, recipient: str, proof: Proof) -> Mapping[str, Any]:
        """Bring a proof that an account is healthy."""
        return self.gate.send("proveSolvent", account, round_id, recipient, proof_arguments(proof))

    def flag(self, account: str, round_id: int, recipient: str, proof: Proof) -> Mapping[str, Any]:
        """Bring a proof that an account is below maintenance margin."""
        return self.gate.send("flag", account, round_id, recipient, proof_arguments(proof))


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
