"""Payments through an outbox: the balance of a new address counts how often one was mined."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from eth_account import Account as EthAccount

from liquidator.sending import Outbox, SendingSettings
from liquidator.store import EngineStore, Task, TransactionState
from prover.chain import RequestPolicy
from prover.toolchain import Anvil

ETHER = 10**18
GWEI = 10**9
GAS = 21_000
SEND = "eth_sendRawTransaction"
POLICY = RequestPolicy(
    attempts=4, backoff_seconds=0.02, request_seconds=5, bump_seconds=0.5, fee_bumps=3, nonce_attempts=30
)
SETTINGS = SendingSettings(watch_seconds=0.05, final_blocks=5)
FLAG = Task(31337, "0x" + 40 * "1", 5, "flag maintenance")
LONG = 30.0
"""[s] What comes, comes sooner, however slow the machine."""

OpenOutbox = Callable[..., Outbox]


def target() -> str:
    """A new address: its balance counts what was sent to it."""
    return str(EthAccount.create().address)


def pay(outbox: Outbox, to: str, value: int = 1, what: str = "a payment") -> Mapping[str, Any]:
    request = {"from": outbox.address, "to": to, "value": value, "data": b"", "chainId": outbox.chain_id}
    return outbox.send(request, what)


def balance(node: Anvil, address: str) -> int:
    return int(node.request("eth_getBalance", address, "latest"), 16)


def count(node: Anvil, address: str) -> int:
    return int(node.request("eth_getTransactionCount", address, "latest"), 16)


def pool(node: Anvil, sender: str) -> dict[int, dict[str, str]]:
    """What of an account waits to be mined, by nonce."""
    content = node.request("txpool_content")
    waiting = content["pending"].get(sender.lower(), {}) | content["queued"].get(sender.lower(), {})
    return {int(nonce): transaction for nonce, transaction in waiting.items()}


def offered(node: Anvil, sender: str) -> int:
    """What the first transaction that waits pays for a unit of gas; 0 while there is none."""
    first = pool(node, sender).get(0)
    return 0 if first is None else int(first["maxFeePerGas"], 16)


def until(is_so: Callable[[], object], seconds: float = LONG) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it does not come"
        time.sleep(0.02)


def states(store: EngineStore, outbox: Outbox) -> dict[int, TransactionState]:
    return {
        found.nonce: found.state
        for found in store.transactions(outbox.chain_id, outbox.address, list(TransactionState))
    }
