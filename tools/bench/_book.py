"""The margin book: proofs of its statements, a trade from ticket to chain, an account restored, gas."""

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from eth_account import Account as Signer

from prover import (
    Domain,
    Offer,
    OwnerKeys,
    Side,
    State,
    Ticket,
    Transfer,
    Update,
    ViewingKeys,
    empty_state,
    open_inputs,
    opening_claim,
    update_inputs,
    writeoff_claim,
    writeoff_inputs,
)
from prover.onchain import BookProver, Owner, restore
from prover.onchain.local_market import BOOK, Market, Trader, demo_book
from prover.toolchain import (
    Anvil,
    Inputs,
    SnarkjsBackend,
    build,
    compile_contracts,
    compile_verifiers,
    load_book,
    open_backend,
)
from prover.trade import amounts_of
from tools.bench._cases import Case
from tools.bench._native import has_native, open_provers
from tools.bench._rows import Row, cores
from tools.bench._timing import interleaved, milliseconds
from verifier import MarginsPerUnit, RiskInputs, RoundVectors, Settlement, StateUpdate

PROOF: Final = "margin book: witness and proof, warm"
TRADE: Final = "margin book: a trade"
RENEWAL: Final = "margin book: offers made again"
RESTORE: Final = "margin book: restore"
GAS: Final = "margin book: gas"

SIZES: Final = (13, 28)
STATEMENTS: Final = ("open", "update", "writeoff")
ROUNDS: Final = 4
BURST: Final = 4
TRADES: Final = 12
OFFERS: Final = (1, 8)
EVENTS: Final = 1000
BATCHES: Final = (2, 8, 32)
REPORTERS: Final = (3, 5, 9)
HOUR: Final = 1542189600
"""An hour of the price series: the local chain stays in it."""

DOLLAR: Final = 10**18
USD: Final = 13
BITCOIN: Final = 3


def measure_book(snarkjs: SnarkjsBackend, folder: Path) -> Iterator[Row]:
    """Every figure of the margin book.

    Args:
        snarkjs: kept open.
        folder: for tables and compiled calculators.
    """
    for n in SIZES:
        for statement, inputs in _inputs(n).items():
            artifacts = build([f"{statement}-{n}"])[f"{statement}-{n}"]
            case = Case(artifacts, inputs)
            yield case.row("circom", "constraints", "", [artifacts.constraints])
            contestants: dict[tuple[str, int], Callable[[], object]] = {
                (one.backend, one.threads): partial(one.prover.prove, inputs)
                for one in (open_provers(artifacts, folder) if has_native() else [])
            }
            contestants["snarkjs worker", cores()] = partial(snarkjs.prove, artifacts, inputs)
            samples = interleaved(contestants, rounds=ROUNDS, burst=BURST, warm=True)
            for (backend, threads), times in samples.items():
                yield case.row(backend, PROOF, "ms", times, threads)
    yield from _on_chain()


def _inputs(n: int) -> Mapping[str, Inputs]:
    """An opening, a trade of an account with a balance in every slot, a write-off."""
    keys = OwnerKeys.generate(Domain(31337, 1))
    viewing = ViewingKeys.of_owner(keys)
    empty = viewing.seal(empty_state(n))
    prices = tuple((i + 1) * 10**9 for i in range(n))
    margins = MarginsPerUnit.of_both_sides(price // 20 for price in prices)
    risk = RiskInputs(RoundVectors(prices, margins, margins, margins), long_only=1, lambdas_ppm=(50_000, 100_000))
    funded = viewing.seal(State(tuple((i + 1) * 10**8 for i in range(n)), 10**24))
    ticket = Ticket.create(keys.domain, amounts_of({n - 1: 10**9}, n), 10**9 * prices[-1])
    update = Update.make(viewing, funded, ticket=ticket, side=Side.SELL)
    debt = viewing.seal(State((0,) * n, -DOLLAR))
    return {
        "open": open_inputs(keys, opening_claim(keys, empty)),
        "update": update_inputs(keys, update, risk),
        "writeoff": writeoff_inputs(viewing, debt, writeoff_claim(debt, empty)),
    }


def _on_chain() -> Iterator[Row]:
    """Whatever takes a chain, on one anvil."""
    book = demo_book(load_book(BOOK))
    with open_backend() as backend, Anvil(timestamp=HOUR - 3600) as node:
        prover = BookProver.build(book.n, backend)
        verifiers = compile_verifiers({item.instance.name: item for item in prover.artifacts.values()})
        market = Market.deploy(node, compile_contracts() | verifiers, book)
        market.post(HOUR)
        traders = [Trader.join(str(index), market, prover) for index in range(2 * max(BATCHES))]
        gas: dict[str, list[float]] = {}

        def spent(what: str, receipt: Mapping[str, Any], share: int = 1) -> None:
            gas.setdefault(what, []).append(receipt["gasUsed"] / share)

        spent("prepareRound", market.contracts.book.prepare_round(1))
        for trader in traders:
            spent("open", trader.owner.open())
            spent("deposit", trader.owner.deposit(USD, 10_000 * DOLLAR).receipt)
        alice, bob = traders[0].owner, traders[1].owner
        times = [milliseconds(lambda: spent("settle", _trade(alice, bob))) for _ in range(TRADES)]
        yield _row(TRADE, "ticket agreed to transaction accepted, two proofs", "ms", times)
        for count in OFFERS:
            open_offers = [bob.offer(_ticket(bob), Side.SELL) for _ in range(count)]
            times = [milliseconds(partial(_renew, bob, open_offers)) / count for _ in range(TRADES)]
            yield _row(RENEWAL, f"offers made again at a new round, {count} together, each", "ms", times)
        spent("withdraw", alice.withdraw(USD, DOLLAR, traders[0].address))
        for size in BATCHES:
            batch = [_settlement(traders[2 * k].owner, traders[2 * k + 1].owner) for k in range(size)]
            receipt, dropped = market.contracts.book.settle_batch(1, batch)
            assert not dropped
            spent(f"settleBatch of {size}, per settlement", receipt, size)
        for count in REPORTERS:
            spent(f"postRound, {count} reporters", _post(market, count))
        yield from _restored(alice)
        for what, values in gas.items():
            yield _row(GAS, what, "", values)


def _trade(buyer: Owner, seller: Owner) -> Mapping[str, Any]:
    return buyer.take(seller.offer(_ticket(seller), Side.SELL))


def _renew(maker: Owner, offers: Sequence[Offer]) -> None:
    """At the mark prices of the newest round: account and round are read from the chain, each offer is proven."""
    maker.renew(offers, price=lambda slot, round_: round_.prices[slot])


def _settlement(buyer: Owner, seller: Owner) -> Settlement:
    """A trade that is not sent yet."""
    ticket, round_ = _ticket(seller), seller.book.latest_round()

    def prove(owner: Owner, side: Side) -> StateUpdate:
        update = Update.make(owner.viewing, owner.state().sealed, ticket=ticket, side=side)
        return owner.prover.update(owner.keys, update, owner.book.risk(round_))

    return Settlement(ticket.id, prove(buyer, Side.BUY), prove(seller, Side.SELL))


def _ticket(owner: Owner) -> Ticket:
    round_ = owner.book.latest_round()
    return owner.book.ticket(BITCOIN, 10**6, round_.prices[BITCOIN], round_)


def _post(market: Market, count: int) -> Mapping[str, Any]:
    """The next round, signed by that many reporters, all of whom a quorum takes."""
    reporters = [Signer.create() for _ in range(count)]
    rounds = market.contracts.rounds
    rounds.set_reporters([reporter.address for reporter in reporters], count)
    latest = rounds.round(rounds.latest_id())
    now = market.contracts.chain.timestamp() + 1
    market.node.move_clock(now)
    funding = [0] * market.book.n
    reports = [rounds.sign(reporter, timestamp=now, prices=latest.prices, funding=funding) for reporter in reporters]
    return rounds.post(reports).receipt


def _restored(owner: Owner) -> Iterator[Row]:
    """An account with many states: found and read from its secret alone, then with all of its past."""
    contracts = owner.book.contracts
    contracts.token(USD).approve(contracts.book.vault.contract.address, EVENTS * 10**6)
    present = owner.state().sealed
    round_ = owner.book.latest_round()
    transfer = Transfer(USD, DOLLAR // 100, is_withdrawal=False)
    for _ in range(EVENTS - len(contracts.book.states(owner.identity))):
        update = Update.make(owner.viewing, present, transfer=transfer)
        proven = owner.prover.update(owner.keys, update, owner.book.risk(round_))
        contracts.book.deposit(round_.id, USD, transfer.amount, proven)
        present = update.after
    assert len(contracts.book.states(owner.identity)) == EVENTS

    def find() -> None:
        (keys,) = restore(owner.book, owner.keys.owner_secret)
        assert Owner(owner.book, keys, owner.prover).state().sealed.state == present.state

    found = [milliseconds(find) for _ in range(BURST)]
    read = [milliseconds(lambda: list(owner.book.history(owner.viewing))) for _ in range(BURST)]
    yield _row(RESTORE, f"present state of an account with {EVENTS:,} states", "ms", found)
    yield _row(RESTORE, f"all {EVENTS:,} states", "ms", read)


def _row(metric: str, what: str, unit: str, samples: Sequence[float]) -> Row:
    middle, low, high = statistics.median(samples), min(samples), max(samples)
    return Row("book", USD, what, metric, unit, middle, low, high, len(samples), None)
