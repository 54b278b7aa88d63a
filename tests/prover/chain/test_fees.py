"""Fees of replacements, and what nodes say of transactions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from web3.exceptions import Web3RPCError

from prover.chain._broadcast_result import BroadcastResult, broadcast_result
from prover.chain._fees import Fees

SAYINGS = [
    ("already known", BroadcastResult.ACCEPTED),  # geth, reth
    ("Transaction with the same hash was already imported.", BroadcastResult.ACCEPTED),  # nethermind
    ("AlreadyKnown", BroadcastResult.ACCEPTED),  # nethermind
    ("transaction already imported", BroadcastResult.ACCEPTED),  # anvil
    ("nonce too low: next nonce 5, tx nonce 4", BroadcastResult.NONCE_USED),  # geth
    ("nonce too low", BroadcastResult.NONCE_USED),  # reth, erigon, anvil
    ("OldNonce, Current nonce: 5, nonce of rejected tx: 4", BroadcastResult.NONCE_USED),  # nethermind
    ("Nonce too low", BroadcastResult.NONCE_USED),  # besu
    ("invalid nonce; got 4, expected 5: invalid sequence", BroadcastResult.NONCE_USED),  # ethermint
    ("Nonce too high. Expected nonce to be 4 but got 5.", BroadcastResult.NONCE_AHEAD),  # hardhat
    ("NonceGap, Future nonce. Expected nonce: 4", BroadcastResult.NONCE_AHEAD),  # nethermind
    ("replacement transaction underpriced", BroadcastResult.NONCE_OCCUPIED),  # geth, reth, anvil
    ("Replacement transaction underpriced", BroadcastResult.NONCE_OCCUPIED),  # besu
    ("ReplacementNotAllowed", BroadcastResult.NONCE_OCCUPIED),  # nethermind
    ("could not replace existing tx", BroadcastResult.NONCE_OCCUPIED),  # erigon
    ("transaction underpriced: tip needed 1000000000, tip permitted 1", BroadcastResult.UNDERPRICED),  # geth
    ("max fee per gas less than block base fee: address 0x00, maxFeePerGas: 1", BroadcastResult.UNDERPRICED),  # geth
    ("FeeTooLow, MaxFeePerGas too low", BroadcastResult.UNDERPRICED),  # nethermind
    ("fee too low", BroadcastResult.UNDERPRICED),  # erigon
    ("txpool is full", BroadcastResult.UNDERPRICED),  # geth
    (
        "insufficient funds for gas * price + value: balance 1, tx cost 2, overshot 1",
        BroadcastResult.INSUFFICIENT_FUNDS,
    ),  # geth
    ("Insufficient funds for gas * price + value", BroadcastResult.INSUFFICIENT_FUNDS),  # anvil
    ("InsufficientFunds, Balance is 1 less than sending value", BroadcastResult.INSUFFICIENT_FUNDS),  # nethermind
    ("Upfront cost exceeds account balance", BroadcastResult.INSUFFICIENT_FUNDS),  # besu
    ("exceeds block gas limit", BroadcastResult.INVALID),  # geth
    ("ExceedsGasLimit", BroadcastResult.INVALID),  # nethermind
    ("Transaction gas limit exceeds block gas limit", BroadcastResult.INVALID),  # besu
    ("intrinsic gas too low", BroadcastResult.INVALID),  # geth
    ("unknown transaction type", BroadcastResult.INVALID),
    ("transaction type not supported", BroadcastResult.INVALID),  # geth
    ("invalid chain id for signer: have 1 want 5", BroadcastResult.INVALID),  # geth
    ("only replay-protected (EIP-155) transactions allowed over RPC", BroadcastResult.INVALID),  # geth
    ("max priority fee per gas higher than max fee per gas", BroadcastResult.INVALID),  # geth
    ("rlp: expected input list for types.DynamicFeeTx", BroadcastResult.INVALID),  # geth
    ("the method eth_sendRawTransaction does not exist/is not available", BroadcastResult.INVALID),  # geth
    ("internal error", BroadcastResult.REFUSED),
]

WEI = st.integers(min_value=0, max_value=10**15)


@st.composite
def fees(draw: st.DrawFn) -> Fees:
    tip = draw(WEI)
    return Fees(tip + draw(WEI), tip)


@pytest.mark.parametrize(("message", "answer"), SAYINGS, ids=[message[:40] for message, _ in SAYINGS])
def test_what_clients_say_is_understood(message: str, answer: BroadcastResult) -> None:
    response = {"jsonrpc": "2.0", "id": 1, "error": {"code": -32000, "message": message}}
    assert broadcast_result(Web3RPCError(repr(response["error"]), rpc_response=response)) is answer  # type: ignore[arg-type]


@given(fees(), fees())
def test_a_replacement_pays_an_eighth_more_and_what_is_asked_now(old: Fees, now: Fees) -> None:
    new = old.raised(now)
    assert 8 * new.cap >= 9 * old.cap
    assert 8 * new.tip >= 9 * old.tip
    assert new.cap > old.cap
    assert new.tip > old.tip
    assert new.cap >= now.cap
    assert new.tip >= now.tip
    assert new.cap >= new.tip
