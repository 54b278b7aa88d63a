"""The schema of each JSON-RPC result that this client reads, as the execution API specifies it.

web3 formats results without a check, so a malformed one would end in a TypeError far from its cause.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BaseModel, Field, StringConstraints, TypeAdapter, ValidationError

_Data = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-fA-F]*$")]
_Quantity = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-fA-F]{1,64}$")]
_Hash = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-fA-F]{64}$")]
_Signature = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-fA-F]{130}$")]
_Address = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-fA-F]{40}$")]


class _Log(BaseModel):
    address: _Address
    topics: list[_Hash]
    data: _Data
    blockNumber: _Quantity  # noqa: N815
    blockHash: _Hash  # noqa: N815
    logIndex: _Quantity  # noqa: N815
    transactionHash: _Hash  # noqa: N815
    transactionIndex: _Quantity  # noqa: N815


class _Receipt(BaseModel):
    status: _Quantity
    blockNumber: _Quantity  # noqa: N815
    blockHash: _Hash  # noqa: N815
    transactionHash: _Hash  # noqa: N815
    gasUsed: _Quantity  # noqa: N815
    logs: list[_Log]


class _Transaction(BaseModel):
    hash: _Hash
    sender: _Address = Field(alias="from")
    nonce: _Quantity
    input: _Data


class _SignedTransaction(BaseModel):
    raw: _Data


class _Block(BaseModel):
    number: _Quantity
    hash: _Hash
    timestamp: _Quantity
    transactions: list[_Hash] | list[_Transaction]


class _FeeHistory(BaseModel):
    baseFeePerGas: Annotated[list[_Quantity], Field(min_length=1)]  # noqa: N815


_RESULTS: Final[Mapping[str, TypeAdapter[Any]]] = {
    "eth_accounts": TypeAdapter(list[_Address]),
    "eth_blockNumber": TypeAdapter(_Quantity),
    "eth_call": TypeAdapter(_Data),
    "eth_chainId": TypeAdapter(_Quantity),
    "eth_estimateGas": TypeAdapter(_Quantity),
    "eth_feeHistory": TypeAdapter(_FeeHistory),
    "eth_getBalance": TypeAdapter(_Quantity),
    "eth_getBlockByNumber": TypeAdapter(_Block | None),
    "eth_getCode": TypeAdapter(_Data),
    "eth_getLogs": TypeAdapter(list[_Log]),
    "eth_getTransactionByHash": TypeAdapter(_Transaction | None),
    "eth_getTransactionCount": TypeAdapter(_Quantity),
    "eth_getTransactionReceipt": TypeAdapter(_Receipt | None),
    "eth_maxPriorityFeePerGas": TypeAdapter(_Quantity),
    "eth_sendRawTransaction": TypeAdapter(_Hash),
    "eth_sendTransaction": TypeAdapter(_Hash),
    "eth_signTransaction": TypeAdapter(_Data | _SignedTransaction),
    "eth_signTypedData_v4": TypeAdapter(_Signature),
}


def is_valid_result(method: str, result: object) -> bool:
    """Whether a result has the schema of its method.

    Args:
        method: of JSON-RPC.
        result: of the response; an Ellipsis when the response has none.
    """
    if method not in _RESULTS:
        return result is not ...
    try:
        _RESULTS[method].validate_python(result)
    except ValidationError:
        return False
    return True
