"""Fees of replacements, and what nodes say of transactions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from web3.exceptions import Web3RPCError

from prover.chain._sending_fees import Fees
from prover.chain._sending_series import Answer, classify

SAYINGS = [
    ("already known", Answer.ACCEPTED),  # geth, reth
    ("Transaction with the same hash was already imported.", Answer.ACCEPTED),  # nethermind
    ("AlreadyKnown", Answer.ACCEPTED),  # nethermind
    ("transaction already imported", Answer.ACCEPTED),  # anvil
    ("nonce too low: next nonce 5, tx nonce 4", Answer.NONCE_USED),  # geth
    ("nonce too low", Answer.NONCE_USED),  # reth, erigon, anvil
    ("OldNonce, Current nonce: 5, nonce of rejected tx: 4", Answer.NONCE_USED),  # nethermind
    ("Nonce too low", Answer.NONCE_USED),  # besu
    ("invalid nonce; got 4, expected 5: invalid sequence", Answer.NONCE_USED),  # ethermint
    ("Nonce too high. Expected nonce to be 4 but got 5.", Answer.NONCE_AHEAD),  # hardhat
    ("NonceGap, Future nonce. Expected nonce: 4", Answer.NONCE_AHEAD),  # nethermind
    ("replacement transaction underpriced", Answer.NONCE_OCCUPIED),  # geth, reth, anvil
    ("Replacement transaction underpriced", Answer.NONCE_OCCUPIED),  # besu
    ("ReplacementNotAllowed", Answer.NONCE_OCCUPIED),  # nethermind
    ("could not replace existing tx", Answer.NONCE_OCCUPIED),  # erigon
    ("transaction underpriced: tip needed 1000000000, tip permitted 1", Answer.UNDERPRICED),  # geth
    ("max fee per gas less than block base fee: address 0x00, maxFeePerGas: 1", Answer.UNDERPRICED),  # geth
    ("FeeTooLow, MaxFeePerGas too low", Answer.UNDERPRICED),  # nethermind
    ("fee too low", Answer.UNDERPRICED),  # erigon
    ("txpool is full", Answer.UNDERPRICED),  # geth
    ("insufficient funds for gas * price + value: balance 1, tx cost 2, overshot 1", Answer.FUNDS_MISSING),  # geth
    ("Insufficient funds for gas * price + value", Answer.FUNDS_MISSING),  # anvil
    ("InsufficientFunds, Balance is 1 less than sending value", Answer.FUNDS_MISSING),  # nethermind
    ("Upfront cost exceeds account balance", Answer.FUNDS_MISSING),  # besu
    ("exceeds block gas limit", Answer.INVALID),  # geth
    ("ExceedsGasLimit", Answer.INVALID),  # nethermind
    ("Transaction gas limit exceeds block gas limit", Answer.INVALID),  # besu
    ("intrinsic gas too low", Answer.INVALID),  # geth
    ("unknown transaction type", Answer.INVALID),
    ("transaction type not supported", Answer.INVALID),  # geth
    ("invalid chain id for signer: have 1 want 5", Answer.INVALID),  # geth
    ("only replay-protected (EIP-155) transactions allowed over RPC", Answer.INVALID),  # geth
    ("max priority fee per gas higher than max fee per gas", Answer.INVALID),  # geth
    ("rlp: expected input list for types.DynamicFeeTx", Answer.INVALID),  # geth
    ("the method eth_sendRawTransaction does not exist/is not available", Answer.INVALID),  # geth
    ("internal error", Answer.REFUSED),
]

WEI = st.integers(min_value=0, max_value=10**15)


@st.composite
def fees(draw: st.DrawFn) -> Fees:
    tip = draw(WEI)
    return Fees(tip + draw(WEI), tip)


@pytest.mark.parametrize(("message", "answer"), SAYINGS, ids=[message[:40] for message, _ in SAYINGS])
def test_what_clients_say_is_understood(message: str, answer: Answer) -> None:
    response = {"jsonrpc": "2.0", "id": 1, "error": {"code": -32000, "message": message}}
    assert classify(Web3RPCError(repr(response["error"]), rpc_response=response)) is answer  # type: ignore[arg-type]


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
