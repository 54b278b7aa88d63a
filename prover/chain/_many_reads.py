"""One view function for many arguments in one request, by code that a node runs without deploying it.

A node runs the code of an `eth_call` without a receiver as it would run a constructor, and answers with what the code
returns. All answers are of one block.
"""

from collections.abc import Sequence
from typing import Final

from eth_utils.address import to_canonical_address
from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import BadFunctionCallOutput, ContractLogicError, Web3RPCError

WORD: Final = 32
MAX_CALLS: Final = 256
"""In one request."""

_MAX_BYTES: Final = 24_576
"""That a constructor may return (EIP-170)."""

_PROGRAM: Final = (
    # Memory: a word that ends with the selector, a word for the argument, then the answers.
    "PUSH selector  PUSH 0  MSTORE "
    # Stack: where the next argument is in the code, and above it where the next answer goes in memory.
    "PUSH end  PUSH 64 "
    "loop:  DUP2  CODESIZE  EQ  PUSH done  JUMPI "
    "PUSH 32  DUP3  PUSH 32  CODECOPY "
    "PUSH size  DUP2  PUSH 36  PUSH 28  PUSH contract  GAS  STATICCALL "
    "ISZERO  PUSH fail  JUMPI "
    "PUSH size  ADD  SWAP1  PUSH 32  ADD  SWAP1  PUSH loop  JUMP "
    "done:  PUSH 64  SWAP1  SUB  PUSH 64  RETURN "
    "fail:  PUSH 0  PUSH 0  REVERT"
)
_OPCODES: Final = {
    "ADD": 0x01,
    "SUB": 0x03,
    "EQ": 0x14,
    "ISZERO": 0x15,
    "CODESIZE": 0x38,
    "CODECOPY": 0x39,
    "MSTORE": 0x52,
    "JUMP": 0x56,
    "JUMPI": 0x57,
    "GAS": 0x5A,
    "DUP2": 0x81,
    "DUP3": 0x82,
    "SWAP1": 0x90,
    "RETURN": 0xF3,
    "STATICCALL": 0xFA,
    "REVERT": 0xFD,
}
_PUSH: Final = 0x5F
"""PUSH1 to PUSH32 are this and the number of bytes."""

_JUMPDEST: Final = b"\x5b"


def read_many(
    web3: Web3, contract: str, selector: bytes, arguments: Sequence[int], words: int, block: int
) -> list[tuple[int, ...]]:
    """Call a function once for each argument, in as few requests as the results fit into.

    Args:
        web3: of the node.
        contract: address.
        selector: of the function, 4 bytes.
        arguments: a word each.
        words: how many the function returns, 1 to 7.
        block: at whose end.

    Returns:
        The words of each answer.

    Raises:
        Web3Exception: the node refuses single calls too.
    """
    size = words * WORD
    most = min(MAX_CALLS, _MAX_BYTES // size)
    found: list[tuple[int, ...]] = []
    for begin in range(0, len(arguments), most):
        pieces = arguments[begin : begin + most]
        code = many_reads_code(contract, selector, pieces, words)
        try:
            answer = bytes(web3.eth.call({"data": HexBytes(code)}, block))
        except (ContractLogicError, Web3RPCError):
            answer = b""
        if len(answer) != len(pieces) * size:  # a node that runs no code without a receiver
            answer = b"".join(_read(web3, contract, selector, argument, size, block) for argument in pieces)
        values = [int.from_bytes(answer[i : i + WORD]) for i in range(0, len(answer), WORD)]
        found += [tuple(values[i : i + words]) for i in range(0, len(values), words)]
    return found


def _read(web3: Web3, contract: str, selector: bytes, argument: int, size: int, block: int) -> bytes:
    data = HexBytes(selector + argument.to_bytes(WORD))
    answer = bytes(web3.eth.call({"to": Web3.to_checksum_address(contract), "data": data}, block))
    if len(answer) != size:
        raise BadFunctionCallOutput("another number of words")
    return answer


def many_reads_code(contract: str, selector: bytes, arguments: Sequence[int], words: int) -> bytes:
    """Code that calls a function once for each argument, and returns the answers one after another.

    The code reverts when a call does.

    Args:
        contract: address.
        selector: of the function, 4 bytes.
        arguments: a word each.
        words: how many the function returns, 1 to 7.
    """
    named = {"selector": selector, "contract": to_canonical_address(contract), "size": bytes([words * WORD])}
    unplaced = dict.fromkeys(("loop", "done", "fail", "end"), b"\0")
    _, places = _assemble(named | unplaced)
    code, _ = _assemble(named | places)
    return b"".join([code, *(argument.to_bytes(WORD) for argument in arguments)])


def _assemble(named: dict[str, bytes]) -> tuple[bytes, dict[str, bytes]]:
    """The program with these values for names, and the offsets of its labels and its end, a byte each."""
    code = b""
    places: dict[str, bytes] = {}
    tokens = iter(_PROGRAM.split())
    for token in tokens:
        if token == "PUSH":  # noqa: S105 - an instruction
            operand = next(tokens)
            value = bytes([int(operand)]) if operand.isdecimal() else named[operand]
            code += bytes([_PUSH + len(value)]) + value
        elif token.endswith(":"):
            places[token[:-1]] = bytes([len(code)])
            code += _JUMPDEST
        else:
            code += bytes([_OPCODES[token]])
    return code, {**places, "end": bytes([len(code)])}
