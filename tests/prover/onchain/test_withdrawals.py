"""Withdrawals on their way, on a real node: the queue of the vault as an owner sees it, and its pay-outs."""

from dataclasses import replace

import pytest

from prover.chain import VaultClient
from prover.onchain import DuePayOut, due_pay_outs, pending_withdrawals
from prover.onchain.local_market import Market, Trader
from verifier import ChainError

USD = 13
WBTC = 0
DOLLAR = 10**18
BTC = 10**9


def fund(*traders: Trader) -> None:
    for trader in traders:
        trader.owner.open()
        trader.owner.deposit(USD, 10_000 * DOLLAR)


def let_pass(market: Market, seconds: int) -> None:
    market.node.move_clock(market.contracts.chain.timestamp() + seconds)


def address_of(trader: Trader) -> str:
    return trader.owner.book.contracts.chain.checksum(trader.address)


def test_a_withdrawal_is_listed_until_it_is_paid(market: Market, alice: Trader, bob: Trader) -> None:
    fund(alice, bob)
    book, vault = alice.owner.book, market.contracts.book.vault
    receipt = alice.owner.withdraw(USD, 4_000 * DOLLAR, alice.address)
    request = market.contracts.book.withdrawal_of(receipt)
    assert (request.asset, request.index, request.amount) == (USD, 0, 4_000 * DOLLAR)
    bob.owner.withdraw(USD, 1_000 * DOLLAR, bob.address)

    (first,) = pending_withdrawals(book, alice.owner.identity)
    (second,) = pending_withdrawals(book, bob.owner.identity)
    assert (first.recipient, first.amount, first.before) == (address_of(alice), 4_000 * 10**6, 0)
    assert (second.index, second.before, second.amount_before) == (1, 1, 4_000 * 10**6)
    assert 0 < first.wait <= second.wait <= vault.withdrawal_delay() == 1_800
    assert due_pay_outs(book, USD, 10) == []
    with pytest.raises(ChainError, match="NothingDue"):
        vault.pay_out(USD, 10)

    let_pass(market, 1_800)
    assert pending_withdrawals(book, bob.owner.identity) == [replace(second, wait=0)]
    assert due_pay_outs(book, USD, 1) == [DuePayOut(0, address_of(alice), 4_000 * 10**6, 0)]
    assert [item.index for item in due_pay_outs(book, USD, 10)] == [0, 1]
    before = market.collateral.read("balanceOf", address_of(alice))
    vault.pay_out(USD, 1)
    assert market.collateral.read("balanceOf", address_of(alice)) - before == 4_000 * 10**6
    assert pending_withdrawals(book, alice.owner.identity) == []
    assert pending_withdrawals(book, bob.owner.identity) == [replace(second, before=0, amount_before=0, wait=0)]
    assert (vault.queued(USD), vault.holdings(USD)) == (1_000 * 10**6, 16_000 * 10**6)


def test_the_outflow_limit_pays_a_part(market: Market, alice: Trader) -> None:
    """10 WBTC may leave within an hour, or a tenth of what is held."""
    alice.owner.open()
    token = alice.owner.book.contracts.token(WBTC)
    token.mint(alice.owner.book.contracts.chain.sender, 150 * 10**8)
    alice.owner.deposit(WBTC, 150 * BTC)
    alice.owner.withdraw(WBTC, 40 * BTC, alice.address)
    let_pass(market, 1_800)
    vault = market.contracts.book.vault
    assert vault.outflow_left(WBTC) == 15 * 10**8
    assert due_pay_outs(alice.owner.book, WBTC, 5) == [DuePayOut(0, address_of(alice), 15 * 10**8, 25 * 10**8)]
    vault.pay_out(WBTC, 5)
    assert token.balance_of(address_of(alice)) == 15 * 10**8
    (rest,) = pending_withdrawals(alice.owner.book, alice.owner.identity)
    assert (rest.amount, rest.wait) == (25 * 10**8, 0)


def test_a_request_that_the_vault_does_not_know_is_refused(alice: Trader, monkeypatch: pytest.MonkeyPatch) -> None:
    fund(alice)
    alice.owner.withdraw(USD, DOLLAR, alice.address)
    monkeypatch.setattr(VaultClient, "queue", lambda _self, _asset: range(0))
    with pytest.raises(ChainError, match="disagree"):
        pending_withdrawals(alice.owner.book, alice.owner.identity)
