"""A dry run of a deployment: its transactions in order, with estimates of their gas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hexbytes import HexBytes
from web3.exceptions import ContractLogicError, Web3RPCError

from prover.chain._chain import Chain, Contract

TRANSACTION_GAS: Final = 21_000
CREATION_GAS: Final = 32_000
ZERO_BYTE_GAS: Final = 4
BYTE_GAS: Final = 16
INITCODE_WORD_GAS: Final = 2
CODE_BYTE_GAS: Final = 200
STORAGE_GAS: Final = 22_100
"""A word of storage that was zero, with its first access."""

WORD: Final = 32


@dataclass(frozen=True, slots=True)
class PlannedTransaction:
    """One transaction of a rehearsed deployment.

    Attributes:
        contract: name of the contract that is deployed or called.
        address: that it has, or will have if the sender sends nothing else meanwhile.
        function: that is called; None for a deployment.
        settings: arguments by name.
        value: sent along [wei].
        gas: estimate.
        gas_is_from_node: whether the node estimated the gas. Otherwise it follows from the size of code and arguments,
            since the transaction needs a contract that does not exist yet.
    """

    contract: str
    address: str
    function: str | None
    settings: Mapping[str, Any]
    value: int
    gas: int
    gas_is_from_node: bool


class Rehearsal(Chain):
    """A chain that plans transactions and sends none.

    Args:
        chain: that the deployment is for.

    Attributes:
        planned: transactions, in order.
    """

    def __init__(self, chain: Chain) -> None:
        vars(self).update(vars(chain))
        self._journal = None
        self.planned: list[PlannedTransaction] = []
        self._addresses: set[str] = set()

    @property
    def gas(self) -> int:
        """Estimate for all transactions."""
        return sum(transaction.gas for transaction in self.planned)

    @property
    def value(self) -> int:
        """What all transactions send along [wei]."""
        return sum(transaction.value for transaction in self.planned)

    def deploy(self, name: str, *arguments: Any) -> Contract:
        """Plan a deployment.

        Raises:
            ChainError: the constructor would refuse, whatever is deployed before, or the chain has no Cancun upgrade.
        """
        self._require_cancun()
        made = self.at(name, self.next_contract())
        constructors = [item for item in self._code[name].abi if item["type"] == "constructor"]
        settings = _by_name(constructors[0]["inputs"], arguments) if constructors else {}
        with self._failures(f"deploying {name}"):
            request = self._constructor(name, arguments)
            gas, from_node = self._estimate(request, len(self._code[name].bytecode) // 2)
        self.planned.append(PlannedTransaction(name, made.address, None, settings, 0, gas, from_node))
        self._addresses.add(made.address[2:].lower())
        return made

    def _next_nonce(self) -> int:
        return super()._next_nonce() + len(self.planned)

    def _send(self, contract: Contract, function: str, arguments: Sequence[Any], value: int) -> Mapping[str, Any]:
        gas, from_node = self._estimate(self._call(contract, function, arguments, value), 0)
        settings = _by_name(self._abi(contract.name).functions[function].parameters, arguments)
        planned = PlannedTransaction(contract.name, contract.address, function, settings, value, gas, from_node)
        self.planned.append(planned)
        return {}

    def _estimate(self, request: dict[str, Any], code_size: int) -> tuple[int, bool]:
        """Gas, and whether the node estimated it."""
        data = bytes(HexBytes(request["data"]))
        if str(request.get("to", ""))[2:].lower() in self._addresses:  # for the node, a transfer to an empty account
            return _gas_by_size(data, code_size), False
        try:
            return int(self._web3.eth.estimate_gas(request)), True  # type: ignore[arg-type]
        except ContractLogicError:
            if not any(address in data.hex() for address in self._addresses):
                raise
        except Web3RPCError:  # without a reason code, for instance for want of ETH
            pass
        return _gas_by_size(data, code_size), False


def _gas_by_size(data: bytes, code_size: int) -> int:
    """An estimate on the high side: all code is kept; each word of arguments is stored, and one word beside them."""
    zeros = data.count(0)
    words = 1 + max(len(data) - code_size, 0) // WORD
    gas = TRANSACTION_GAS + zeros * ZERO_BYTE_GAS + (len(data) - zeros) * BYTE_GAS + words * STORAGE_GAS
    if code_size:
        gas += CREATION_GAS + code_size * CODE_BYTE_GAS + -(-len(data) // WORD) * INITCODE_WORD_GAS
    return gas


def _by_name(inputs: Sequence[Mapping[str, Any]], values: Sequence[Any]) -> dict[str, Any]:
    """Arguments by their names in Solidity, structs too; bytes as text where they are padded text, else as hex."""
    return {item["name"].strip("_"): _named(item, value) for item, value in zip(inputs, values, strict=True)}


def _named(item: Mapping[str, Any], value: Any) -> Any:
    if item["type"].endswith("]"):
        inner = {**item, "type": item["type"].rpartition("[")[0]}
        return [_named(inner, entry) for entry in value]
    if item["type"] == "tuple":
        return _by_name(item["components"], value)
    if not isinstance(value, bytes):
        return value
    text = value.rstrip(b"\0")
    return text.decode() if text.isascii() and text.decode().isprintable() and text else f"0x{value.hex()}"
