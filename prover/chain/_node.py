"""Reading blocks, balances and receipts from a node."""

import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final

from eth_abi.abi import encode
from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import ContractLogicError, Web3RPCError

from prover.chain._contract_code import ContractCode
from prover.chain._error_translator import ErrorTranslator
from prover.chain._http import connect
from prover.chain._request_policy import RequestPolicy
from verifier import ChainError

ERC1271: Final = bytes.fromhex("1626ba7e")
"""Selector of `isValidSignature`, and what it returns for a good signature."""

WORD: Final = 32


class Node:
    """A node, or several of one chain.

    Args:
        url: JSON-RPC endpoint over HTTP; several of one chain, of which the next one is asked when one fails.
        code: contracts whose errors are to be named.
        policy: timeouts and retries.

    Attributes:
        url: scheme, host and port of the endpoint, or of each, without the key that may be in the rest of it.
        chain_id: of the chain.

    Raises:
        ChainError: the node does not answer.
    """

    def __init__(self, url: str | Sequence[str], code: Mapping[str, ContractCode], policy: RequestPolicy) -> None:
        urls = [url] if isinstance(url, str) else list(url)
        if not urls:
            raise ChainError("no node is named")
        self._translator = ErrorTranslator(urls, code)
        self._web3 = connect(urls, policy)
        self.url = self._translator.node
        with self._failures("connecting"):
            self.chain_id = self._web3.eth.chain_id

    def has_code(self, address: str) -> bool:
        """Whether there is a contract at an address."""
        with self._failures("looking up a contract"):
            return bool(self._web3.eth.get_code(Web3.to_checksum_address(address)))

    def accepts_signature(self, contract: str, digest: bytes, signature: bytes) -> bool:
        """Whether a contract takes a signature as its own, by ERC-1271.

        Args:
            contract: its address.
            digest: what was signed.
            signature: of the contract.
        """
        call = ERC1271 + encode(["bytes32", "bytes"], [digest, signature])
        with self._failures("asking a contract about a signature"):
            try:
                answer = self._web3.eth.call({"to": Web3.to_checksum_address(contract), "data": HexBytes(call)})
            except (ContractLogicError, Web3RPCError):  # it reverts, or runs out of gas
                return False
        return bytes(answer[:WORD]) == ERC1271.ljust(WORD, b"\0")

    def block_number(self) -> int:
        """Number of the newest block."""
        with self._failures("reading the newest block"):
            return int(self._web3.eth.block_number)

    def block_hash(self, number: int) -> bytes:
        """Hash of a block: another one later means that the chain was reorganised.

        Raises:
            ChainError: there is no such block (any more).
        """
        with self._failures(f"reading block {number}"):
            return bytes(self._web3.eth.get_block(number)["hash"])

    def timestamp(self, block: int | None = None) -> int:
        """Time of a block [s since 1970].

        Args:
            block: its number; None for the newest.
        """
        with self._failures("reading the newest block" if block is None else f"reading block {block}"):
            return int(self._web3.eth.get_block("latest" if block is None else block)["timestamp"])

    def next_block_time(self) -> int:
        """An estimate of the time of the next block [s since 1970].

        A local chain mines nothing while it is idle, so its newest block may be older than now.
        """
        return max(self.timestamp(), int(time.time()))

    def balance(self, address: str) -> int:
        """ETH of an account [wei]."""
        with self._failures("reading a balance"):
            return int(self._web3.eth.get_balance(Web3.to_checksum_address(address)))

    def gas_price(self) -> int:
        """The present price of a unit of gas [wei]."""
        with self._failures("reading the gas price"):
            return int(self._web3.eth.gas_price)

    def receipt(self, transaction: bytes) -> Mapping[str, Any]:
        """The receipt of a transaction that is mined.

        Args:
            transaction: its hash.

        Raises:
            ChainError: it is not mined (any more).
        """
        with self._failures("reading a receipt"):
            return self._web3.eth.get_transaction_receipt(HexBytes(transaction))

    def transactions(self, first_block: int = 1) -> list[Mapping[str, Any]]:
        """Every transaction from a block on, oldest first."""
        with self._failures("reading blocks"):
            newest = self._web3.eth.block_number
            blocks = [self._web3.eth.get_block(number, True) for number in range(first_block, newest + 1)]
        return [dict(transaction) for block in blocks for transaction in block["transactions"]]  # type: ignore[arg-type]

    def _failures(self, what: str) -> AbstractContextManager[None]:
        """Turn errors of node and contracts into ChainError."""
        return self._translator.translating(what)
