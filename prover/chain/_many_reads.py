"""Many view calls in one request, by code that a node runs without deploying it.

A node runs the code of an `eth_call` without a receiver as it would run a constructor, and answers with what the code
returns. All answers are of one block.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from eth_utils.address import to_canonical_address
from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import ContractLogicError, Web3RPCError
from web3.types import BlockIdentifier

WORD: Final = 32
MAX_CALLS: Final = 256
"""In one request."""

_MAX_BYTES: Final = 24_576
"""That a constructor may return (EIP-170)."""

_PROGRAM: Final = (
    # Stack: where the next call is in the code, and above it where its answer goes in memory, after a word of scratch.
    "PUSH end  PUSH 32 "
    "loop:  DUP2  CODESIZE  EQ  PUSH done  JUMPI "
    # A call is 20 bytes of address, 2 of length, then its data, which is copied to where the answer goes.
    "PUSH 32  DUP3  PUSH 0  CODECOPY  SWAP1  PUSH 22  ADD  SWAP1 "
    "PUSH 0  MLOAD  PUSH 80  SHR  PUSH mask  AND "
    "DUP1  DUP4  DUP4  CODECOPY "
    "PUSH 0  PUSH 0  DUP3  DUP5  PUSH 0  MLOAD  PUSH 96  SHR  GAS  STATICCALL  ISZERO  PUSH fail  JUMPI "
    "DUP3  ADD  SWAP2  POP "
    # An answer is a word of length, then what the call returned.
    "RETURNDATASIZE  DUP2  MSTORE  RETURNDATASIZE  PUSH 0  DUP3  PUSH 32  ADD  RETURNDATACOPY "
    "RETURNDATASIZE  ADD  PUSH 32  ADD  PUSH loop  JUMP "
    "done:  PUSH 32  SWAP1  SUB  PUSH 32  RETURN "
    "fail:  PUSH 0  PUSH 0  REVERT"
)
_OPCODES: Final = {
    "ADD": 0x01,
    "SUB": 0x03,
    "EQ": 0x14,
    "ISZERO": 0x15,
    "AND": 0x16,
    "SHR": 0x1C,
    "CODESIZE": 0x38,
    "CODECOPY": 0x39,
    "RETURNDATASIZE": 0x3D,
    "RETURNDATACOPY": 0x3E,
    "POP": 0x50,
    "MLOAD": 0x51,
    "MSTORE": 0x52,
    "JUMP": 0x56,
    "JUMPI": 0x57,
    "GAS": 0x5A,
    "DUP1": 0x80,
    "DUP2": 0x81,
    "DUP3": 0x82,
    "DUP4": 0x83,
    "DUP5": 0x84,
    "SWAP1": 0x90,
    "SWAP2": 0x91,
    "RETURN": 0xF3,
    "STATICCALL": 0xFA,
    "REVERT": 0xFD,
}
_LENGTH_MASK: Final = b"\xff\xff"
_PUSH: Final = 0x5F
"""PUSH1 to PUSH32 are this and the number of bytes."""

_JUMPDEST: Final = b"\x5b"


class ViewCall(NamedTuple):
    """A call that changes nothing.

    Attributes:
        contract: address.
        data: selector and arguments, less than 64 KiB.
    """

    contract: str
    data: bytes


def read_many(web3: Web3, calls: Sequence[ViewCall], block: BlockIdentifier, most: int = MAX_CALLS) -> list[bytes]:
    """Make calls in as few requests as their answers fit into.

    Args:
        web3: of the node.
        calls: which.
        block: at whose end; the calls of one request see one block in any case.
        most: whose answers fit into one request.

    Returns:
        What each returned.

    Raises:
        Web3Exception: the node or a contract refuses a call by itself too.
    """
    found: list[bytes] = []
    for begin in range(0, len(calls), most):
        piece = calls[begin : begin + most]
        try:
            answers = list(_split(bytes(web3.eth.call({"data": HexBytes(many_reads_code(piece))}, block))))
        except (ContractLogicError, Web3RPCError):
            answers = []
        if len(answers) != len(piece):  # a call is refused, or the node runs no code without a receiver
            answers = [_read(web3, call, block) for call in piece]
        found += answers
    return found


def fitting(words: int) -> int:
    """How many calls fit into one request if each returns so many words."""
    return min(MAX_CALLS, _MAX_BYTES // ((words + 1) * WORD))


def many_reads_code(calls: Sequence[ViewCall]) -> bytes:
    """Code that makes calls, and returns the length and the bytes of each answer. It reverts when a call does."""
    unplaced = dict.fromkeys(("loop", "done", "fail", "end"), b"\0")
    _, places = _assemble(unplaced)
    code, _ = _assemble(places)
    return b"".join(
        [code, *(to_canonical_address(call.contract) + len(call.data).to_bytes(2) + call.data for call in calls)]
    )


def _split(answer: bytes) -> Iterator[bytes]:
    while answer:
        size = int.from_bytes(answer[:WORD])
        if len(answer) < WORD + size:
            return
        yield answer[WORD : WORD + size]
        answer = answer[WORD + size :]


def _read(web3: Web3, call: ViewCall, block: BlockIdentifier) -> bytes:
    return bytes(web3.eth.call({"to": Web3.to_checksum_address(call.contract), "data": HexBytes(call.data)}, block))


def _assemble(labels: dict[str, bytes]) -> tuple[bytes, dict[str, bytes]]:
    """The program with these offsets of its labels, and the offsets that they have, a byte each."""
    code = b""
    places: dict[str, bytes] = {}
    tokens = iter(_PROGRAM.split())
    for token in tokens:
        if token == "PUSH":  # noqa: S105 - an instruction
            operand = next(tokens)
            value = bytes([int(operand)]) if operand.isdecimal() else {**labels, "mask": _LENGTH_MASK}[operand]
            code += bytes([_PUSH + len(value)]) + value
        elif token.endswith(":"):
            places[token[:-1]] = bytes([len(code)])
            code += _JUMPDEST
        else:
            code += bytes([_OPCODES[token]])
    return code, {**places, "end": bytes([len(code)])}
