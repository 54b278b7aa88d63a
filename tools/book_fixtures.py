"""Writes what the tests of the margin book need that differs by machine: verifiers of its keys, and real proofs.

- contracts/generated/: a verifier for each statement that creates a state, at N = 13 and 28;
- contracts/test/generated/book-*.json: proven openings and updates of accounts in the book at `BOOK_ADDRESS`. *cases*
  has a row for each rule, by name; *batch* has a trade between 16 pairs of accounts; *pool* is a walk of eight accounts
  with side steps, and *gate* one of three accounts on the edge of their margin, for the invariants. *life* has accounts
  that move, leave or are closed, *expiry* has positions that expire. *28* has rows for every entry of a book of 28
  slots.

Proves nothing when keys, book and this file are those of the last run.
"""

import hashlib
import json
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rich.progress import track

from prover import AssetList, Domain, OwnerKeys, Point, margin_inputs
from prover.account import BASE, SealedState, State, ViewingKeys, assess_at, empty_state
from prover.chain import expire_rho
from prover.statements import (
    SealedRelease,
    Update,
    exit_claim,
    exit_inputs,
    expire_claim,
    expire_inputs,
    open_inputs,
    opening_claim,
    rekey_claim,
    rekey_inputs,
    release_inputs,
    update_inputs,
    writeoff_claim,
    writeoff_inputs,
)
from prover.toolchain import AnyBackend, Artifacts, build, open_backend
from prover.trade import (
    NO_TRANSFER,
    Claim,
    Rates,
    Side,
    Ticket,
    Transfer,
    Transition,
    amounts_of,
    exited_state,
    expired_state,
    plan_release,
    provable_rule,
)
from tools.contract_fixtures import (
    BOOKS,
    BTC_PERP,
    CONTRACTS,
    FIXTURES,
    NANO,
    ROOT,
    is_current,
    round_row,
    rounds_of,
    texts,
    write,
)
from verifier import (
    MARGIN_STATEMENTS,
    STATEMENTS,
    MarginClaim,
    SettlementPrices,
    VectorKind,
    VerifyingKey,
    solidity_contract_name,
    solidity_verifier,
)

N: Final = 13
LARGE_N: Final = 28
USDC: Final = N
WBTC, WETH, SOL = range(3)
DOLLAR: Final = 10**18
"""[1e-18 USD]"""

CHAIN_ID: Final = 31337
BOOK_ADDRESS: Final = 0xB00C << 144 | 1
"""Where the tests put the book: proofs are bound to it."""

GUARDIAN: Final[Point] = 987654321 * BASE
STRANGER: Final[Point] = 123456789 * BASE
RECIPIENT: Final = 0xFEE << 148 | 1
PAIRS: Final = 16
WALKERS: Final = 8
WALK: Final = 72
"""Steps of the walk; a trade has two rows, a side step one more."""

EDGE_WALK: Final = 18
"""Steps of the accounts on the edge; each of their states has a proof of `margin` at every round."""

BOOK_STATEMENTS: Final = [name for name in STATEMENTS if name not in MARGIN_STATEMENTS]
"""The statements that create states."""

RELEASE_RATES: Final = {VectorKind.MAINTENANCE: Rates(1_000, 500), VectorKind.OVERDRAFT: Rates(50, 25)}
"""What the takers of released parts earn."""

GRAIN: Final = {USDC: 10**12, WBTC: 10, WETH: 1, SOL: 1000}
"""Units of an amount in the least that moves of its token, which has 6, 8, 18 and 6 decimals."""


Trade = tuple[Ticket, Side]
"""A ticket, and which side of it."""


class Trader:
    """An account and its present state."""

    def __init__(self, index: int, guardian: Point = GUARDIAN, contract: int = BOOK_ADDRESS, n: int = N) -> None:
        self.index = index
        self.keys = OwnerKeys.generate(Domain(CHAIN_ID, contract), guardian)
        self.viewing = ViewingKeys.of_owner(self.keys)
        self.sealed: SealedState = self.viewing.seal(empty_state(n))

    @property
    def state(self) -> State:
        """What it holds."""
        return self.sealed.state


class Fixture:
    """Rows of one file: everything proven for one purpose."""

    def __init__(self, artifacts: dict[str, Artifacts], book: AssetList, backend: AnyBackend) -> None:
        self._artifacts = artifacts
        self._backend = backend
        self.domain = Domain(CHAIN_ID, BOOK_ADDRESS)
        self._book = book
        self.rounds = rounds_of(book)
        self.risk = [round_.risk() for round_ in self.rounds]
        self.btc = book.slot(BTC_PERP, "fixtures")
        self.openings: list[dict[str, object]] = []
        self.updates: list[dict[str, object]] = []
        self.margins: list[dict[str, object]] = []
        self.writeoffs: list[dict[str, object]] = []
        self.expiries: list[dict[str, object]] = []
        self.exits: list[dict[str, object]] = []
        self.rekeys: list[dict[str, object]] = []
        self.releases: list[dict[str, object]] = []
        self.release_rounds: list[list[str]] = []
        self.orders: list[dict[str, object]] = []

    def open(self, trader: Trader, name: str) -> None:
        """Prove the opening of an account."""
        claim = opening_claim(trader.keys, trader.sealed)
        signals = claim.signals(trader.keys.domain.tag(), self._book.n)
        proof, _ = self._backend.prove(self._artifacts["open"], open_inputs(trader.keys, claim))
        self.openings.append(row(name, trader.index, 0, signals, proof))

    def allows(self, trader: Trader, transfer: Transfer, trade: Trade | None, claim: Claim, at: int) -> bool:
        """Whether an account may take a step at a round."""
        step = Transition.of(trader.state, transfer, *(trade or (None, Side.NONE)))
        return provable_rule(step, self.risk[at - 1], claim) is not None

    def step(
        self,
        trader: Trader,
        name: str,
        transfer: Transfer = NO_TRANSFER,
        trade: Trade | None = None,
        claim: Claim = Claim.UNSAID,
        at: int = 1,
        *,
        aside: bool = False,
        back_to: SealedState | None = None,
    ) -> None:
        """Prove a step of an account.

        Args:
            trader: the account.
            name: of the row.
            transfer: public part of the step.
            trade: hidden part of the step.
            claim: which rule on risk is shown.
            at: the round.
            aside: the account goes on from where it was: the step is another way it could take.
            back_to: an earlier state that the step restores, under the same rho: so under the same commitment. No
                client does that.

        Raises:
            ProvingError: the step is against the rules.
        """
        update = step_of(trader, transfer, trade, claim, None if back_to is None else back_to.rho)
        self.prove(trader, name, update, at)
        if not aside:
            trader.sealed = update.after

    def prove(self, trader: Trader, name: str, update: Update, at: int) -> None:
        """Prove a step that is already made.

        Raises:
            ProvingError: the step is against the rules.
        """
        inputs = update_inputs(trader.keys, update, self.risk[at - 1])
        proof, _ = self._backend.prove(self._artifacts["update"], inputs)
        values = update.claimed().values(update.terms()) | self.risk[at - 1].values()
        own = STATEMENTS["update"].arrange_proof(values, self._book.n)
        self.updates.append(row(name, trader.index, at, own, proof))

    def write_off(self, trader: Trader, name: str, debt: int) -> None:
        """Prove that an account which owes this much, or nothing, and has nothing, is empty from now on."""
        self.empty(trader, name, trader.viewing.seal(State((0,) * self._book.n, -debt)))

    def expire(
        self,
        trader: Trader,
        name: str,
        slots: int,
        at: int,
        epochs: tuple[int, int] | None = (0, 1),
        *,
        aside: bool = False,
    ) -> None:
        """Prove that slots settle at the effective prices of a round.

        Args:
            trader: the account.
            name: of the row.
            slots: bitmap of the slots.
            at: the round.
            epochs: the account's, and the one that it goes to; None seals it under a rho of its reader's choice.
            aside: the account does not go on from there.
        """
        effective = self.rounds[at - 1].vectors.effective_prices
        prices = SettlementPrices(tuple(e if slots >> i & 1 else 0 for i, e in enumerate(effective)))
        before = trader.sealed
        rho = None if epochs is None else expire_rho(before.commitment, *epochs, slots, prices.effective)
        after = trader.viewing.seal(expired_state(trader.state, slots, prices), rho)
        claim = expire_claim(before, after, slots, prices)
        inputs = expire_inputs(trader.viewing, before, claim, prices)
        proof, _ = self._backend.prove(self._artifacts["expire"], inputs)
        own = STATEMENTS["expire"].arrange_proof(claim.values(), self._book.n)
        self.expiries.append(row(name, trader.index, at, own, proof))
        if not aside:
            trader.sealed = after

    def exit(self, trader: Trader, name: str, amount: int) -> None:
        """Prove that an amount leaves an account without positions. The account goes on from there."""
        before, after = trader.sealed, trader.viewing.seal(exited_state(trader.state, amount))
        claim = exit_claim(before, after, amount, RECIPIENT)
        proof, _ = self._backend.prove(self._artifacts["exit"], exit_inputs(trader.keys, before, claim))
        self.exits.append(row(name, trader.index, 0, claim.signals(self._book.n), proof))
        trader.sealed = after

    def close(self, trader: Trader, name: str) -> None:
        """Prove that an account holds and owes nothing."""
        self.empty(trader, name, trader.sealed)

    def empty(self, trader: Trader, name: str, before: SealedState, rho: int | None = None) -> None:
        """Prove that an account without positions is empty from now on, under a fresh rho or a given one."""
        claim = writeoff_claim(before, trader.viewing.seal(empty_state(self._book.n), rho))
        proof, _ = self._backend.prove(self._artifacts["writeoff"], writeoff_inputs(trader.viewing, before, claim))
        self.writeoffs.append(row(name, trader.index, 0, claim.signals(self._book.n), proof))

    def rekey(self, trader: Trader, name: str, guardian: Point = GUARDIAN) -> None:
        """Prove that an account has the same state under a new owner secret. It goes on from there."""
        new_keys = OwnerKeys.generate(trader.keys.domain, guardian)
        after = ViewingKeys.of_owner(new_keys).seal(trader.state)
        claim = rekey_claim(trader.keys, trader.sealed, new_keys, after)
        inputs = rekey_inputs(trader.keys, trader.sealed, new_keys, claim)
        proof, _ = self._backend.prove(self._artifacts["rekey"], inputs)
        signals = claim.signals(trader.keys.domain.tag(), self._book.n)
        self.rekeys.append(row(name, trader.index, 0, signals, proof))
        trader.keys, trader.viewing, trader.sealed = new_keys, ViewingKeys.of_owner(new_keys), after

    def release(self, trader: Trader, name: str, held: State, kind: VectorKind, at: int) -> None:
        """Prove the smallest part whose release cures an account in a state, with the round inputs of the kind."""
        inputs, n = self.rounds[at - 1].release(kind), self._book.n
        release = plan_release(held, inputs, RELEASE_RATES[kind], impact=(1,) * n)
        if release is None:
            raise ValueError(f"{name}: there is nothing to release")
        sealed = SealedRelease.make(trader.viewing, trader.viewing.seal(held), release, taker=trader.keys.identity)
        self.prove_release(trader, name, sealed, at)

    def prove_release(self, trader: Trader, name: str, sealed: SealedRelease, at: int) -> None:
        """Prove a release that is already sealed."""
        proof, _ = self._backend.prove(self._artifacts["release"], release_inputs(trader.viewing, sealed))
        n = self._book.n
        own = STATEMENTS["release"].arrange_proof(sealed.claimed().values(), n)
        self.releases.append(row(name, trader.index, at, own, proof))
        inputs = sealed.release.inputs
        self.release_rounds.append(texts(STATEMENTS["release"].arrange_round(inputs.values(), n)))

    def prove_margin(
        self,
        trader: Trader,
        name: str,
        at: int,
        *,
        healthy: bool,
        recipient: int = 0,
        kind: VectorKind = VectorKind.MAINTENANCE,
    ) -> None:
        """Prove on which side of its margin the state of an account is at a round."""
        claim, vectors = MarginClaim(trader.sealed.commitment, healthy, recipient), self.rounds[at - 1].vectors
        inputs = margin_inputs(trader.sealed, vectors, claim, kind)
        proof, _ = self._backend.prove(self._artifacts["margin"], inputs)
        own = STATEMENTS["margin"].arrange_proof(claim.values(), self._book.n)
        self.margins.append(row(name, trader.index, at, own, proof))

    def prove_every_margin(self, trader: Trader) -> None:
        """Prove at each round on which side of maintenance margin the state of an account is."""
        for at in range(1, len(self.rounds) + 1):
            self.prove_margin(trader, "margin", at, healthy=self.is_healthy(trader, at))

    def is_healthy(self, trader: Trader, at: int) -> bool:
        """Whether the state of an account meets maintenance margin at a round."""
        return assess_at(trader.state, self.rounds[at - 1].vectors, VectorKind.MAINTENANCE).is_healthy

    def ticket(self, slot: int, size: int, at: int = 1) -> Ticket:
        """A trade at the effective price of a round."""
        return self.basket({slot: size}, at)

    def basket(self, legs: Mapping[int, int], at: int = 1) -> Ticket:
        """A trade of several legs, signed from the buyer's view, at the effective prices of a round."""
        prices = self.risk[at - 1].vectors.effective_prices
        cost = sum(amount * prices[slot] for slot, amount in legs.items())
        return Ticket.create(self.domain, amounts_of(legs, self._book.n), cost)

    def content(self, book: AssetList) -> dict[str, object]:
        """The file."""
        return {
            "fractions": [field for fractions in book.slot_fractions() for field in fractions],
            "rounds": [round_row(round_) for round_ in self.rounds],
            "domain": str(self.domain.tag()),
            "openings": self.openings,
            "updates": self.updates,
            "margins": self.margins,
            "writeoffs": self.writeoffs,
            "expiries": self.expiries,
            "exits": self.exits,
            "rekeys": self.rekeys,
            "releases": self.releases,
            "releaseRounds": self.release_rounds,
            "orders": self.orders,
        }


def row(name: str, account: int, at: int, inputs: Sequence[int], proof: Mapping[str, Any]) -> dict[str, object]:
    """A proof as the tests read it; G2 with the coefficient of u first, as the contracts want it."""
    (ax, ay, _), (bx, by, _), (cx, cy, _) = proof["pi_a"], proof["pi_b"], proof["pi_c"]
    words = [ax, ay, bx[1], bx[0], by[1], by[0], cx, cy]
    return {"name": name, "account": account, "roundId": at, "inputs": texts(inputs), "words": words}


def into(slot: int, amount: int) -> Transfer:
    """A deposit."""
    return Transfer(slot, amount, is_withdrawal=False)


def out_of(slot: int, amount: int) -> Transfer:
    """A withdrawal."""
    return Transfer(slot, amount, is_withdrawal=True)


def write_cases(fixture: Fixture) -> None:
    """One row for each rule of the book."""
    alice, bob, carol, dave = traders = [Trader(index) for index in range(4)]
    for trader, name in zip(traders, ("alice", "bob", "carol", "dave"), strict=True):
        fixture.open(trader, name)
    fixture.open(Trader(4, STRANGER), "with another guardian")
    fixture.open(Trader(5, contract=BOOK_ADDRESS + 1), "in another book")

    for trader, name in ((alice, "alice"), (bob, "bob"), (carol, "carol")):
        fixture.step(trader, f"{name} deposits", into(USDC, 100_000 * DOLLAR))
    fixture.prove_margin(bob, "bob is solvent", 1, healthy=True)
    for slot, name, amount in ((WETH, "weth", 2 * NANO + 1), (WBTC, "wbtc", NANO + 10), (SOL, "sol", 5 * NANO + 1000)):
        fixture.step(dave, f"{name} in", into(slot, amount))
        fixture.step(dave, f"{name} out", out_of(slot, amount))

    ticket = fixture.ticket(fixture.btc, NANO // 2)
    asides: list[tuple[str, Transfer, Trade | None, Claim, int]] = [
        ("withdraws", out_of(USDC, 40_000 * DOLLAR), None, Claim.UNSAID, 1),
        ("withdraws at round 2", out_of(USDC, 40_000 * DOLLAR), None, Claim.UNSAID, 2),
        ("deposits more", into(USDC, DOLLAR), None, Claim.UNSAID, 1),
        ("deposits more at round 2", into(USDC, DOLLAR), None, Claim.UNSAID, 2),
        ("deposits and meets initial margin", into(USDC, DOLLAR), None, Claim.MEETS_INITIAL_MARGIN, 1),
        ("deposits nothing", into(USDC, 0), None, Claim.UNSAID, 1),
        ("deposits half a cent of a cent of a cent", into(USDC, 10**12 + 1), None, Claim.UNSAID, 1),
        ("withdraws less than a cent of a cent of a cent", out_of(USDC, 10**12 - 1), None, Claim.UNSAID, 1),
        ("deposits half a satoshi", into(WBTC, 5), None, Claim.UNSAID, 1),
        ("deposits a perpetual", into(fixture.btc, NANO), None, Claim.UNSAID, 1),
        ("deposits and trades", into(USDC, DOLLAR), (ticket, Side.BUY), Claim.UNSAID, 1),
        ("sells to itself", NO_TRANSFER, (ticket, Side.SELL), Claim.UNSAID, 1),
        ("buys and meets initial margin", NO_TRANSFER, (ticket, Side.BUY), Claim.MEETS_INITIAL_MARGIN, 1),
        ("buys at round 2", NO_TRANSFER, (ticket, Side.BUY), Claim.UNSAID, 2),
        ("moves without a trade", NO_TRANSFER, None, Claim.UNSAID, 1),
    ]
    for name, transfer, trade, claim, at in asides:
        fixture.step(alice, f"alice {name}", transfer, trade, claim, at, aside=True)
    fixture.step(carol, "carol sells", trade=(ticket, Side.SELL), aside=True)
    fixture.step(bob, "bob moves without a trade", aside=True)
    fixture.step(bob, "bob withdraws a little", out_of(USDC, DOLLAR), aside=True)

    erin = Trader(6)
    much = fixture.ticket(fixture.btc, 2 * NANO)
    fixture.open(erin, "erin")
    fixture.step(erin, "erin deposits", into(USDC, 10_500 * DOLLAR))
    fixture.step(erin, "erin buys much", trade=(much, Side.BUY))
    fixture.step(alice, "alice sells much", trade=(much, Side.SELL), aside=True)
    fixture.step(erin, "erin deposits more", into(USDC, DOLLAR), aside=True)
    cure = Claim.MEETS_INITIAL_MARGIN
    fixture.step(erin, "erin cures at round 1", into(USDC, DOLLAR), claim=cure, aside=True)
    fixture.prove_margin(erin, "erin is solvent", 1, healthy=True)
    fixture.prove_margin(erin, "erin is liquidatable", 2, healthy=False)
    flagged = erin.sealed
    for name, amount, claim in (
        ("erin tops up at round 2", DOLLAR, Claim.TOPS_UP),
        ("erin tops up again at round 2", DOLLAR, Claim.TOPS_UP),
        ("erin deposits between both margins at round 2", 2_000 * DOLLAR, Claim.REDUCES_RISK),
        ("erin cures with the last of them at round 2", 7_000 * DOLLAR, cure),
    ):
        fixture.step(erin, name, into(USDC, amount), claim=claim, at=2)
    erin.sealed = flagged
    half = into(USDC, 2_000 * DOLLAR)
    fixture.step(erin, "erin deposits half of it at round 2", half, claim=Claim.REDUCES_RISK, at=2)
    erin.sealed = flagged
    fixture.step(erin, "erin cures at round 2", into(USDC, 9_000 * DOLLAR), claim=cure, at=2)
    fixture.prove_margin(erin, "erin is solvent again", 2, healthy=True)
    fixture.step(erin, "erin goes back", out_of(USDC, 9_000 * DOLLAR), aside=True, back_to=flagged)

    back = fixture.ticket(fixture.btc, NANO // 5)
    more = fixture.ticket(fixture.btc, NANO // 10)
    for terms, suffix, buyer, claim in (
        (ticket, "", alice, Claim.UNSAID),
        (ticket, " the same again", alice, Claim.UNSAID),
        (back, " back", bob, Claim.REDUCES_RISK),
        (more, " more", alice, Claim.MEETS_INITIAL_MARGIN),
    ):
        aside = suffix == " the same again"
        for trader, name in ((alice, "alice"), (bob, "bob")):
            side, does = (Side.BUY, "buys") if trader is buyer else (Side.SELL, "sells")
            fixture.step(trader, f"{name} {does}{suffix}", trade=(terms, side), claim=claim, aside=aside)
    write_spot_trades(fixture)
    write_basket(fixture)
    write_returns(fixture)
    fixture.write_off(erin, "erin", 1_234 * DOLLAR + 1)
    fixture.write_off(erin, "erin closes", 0)
    settle_and_leave(fixture, alice)
    fixture.rekey(alice, "alice")
    write_releases(fixture)


def write_spot_trades(fixture: Fixture) -> None:
    """Spot assets that are sold, of tokens with 18 and 8 decimals, and what the buyer can take out of them."""
    frank, grace = Trader(7), Trader(8)
    for trader, name in ((frank, "frank"), (grace, "grace")):
        fixture.open(trader, name)
    fixture.step(frank, "frank deposits weth", into(WETH, 2 * NANO + 1))
    fixture.step(frank, "frank deposits wbtc", into(WBTC, NANO + 10))
    fixture.step(grace, "grace deposits", into(USDC, 100_000 * DOLLAR))
    for slot, name, size in ((WETH, "weth", NANO + 1), (WBTC, "wbtc", NANO // 2 + 15)):
        terms = fixture.ticket(slot, size)
        for trader, side, does in ((frank, Side.SELL, "frank sells"), (grace, Side.BUY, "grace buys")):
            fixture.step(trader, f"{does} {name}", trade=(terms, side))
    fixture.step(grace, "grace withdraws all wbtc", out_of(WBTC, NANO // 2 + 15), aside=True)
    fixture.step(grace, "grace withdraws wbtc", out_of(WBTC, NANO // 2 + 10))
    fixture.step(grace, "grace withdraws weth", out_of(WETH, NANO + 1))
    fixture.step(frank, "frank withdraws the rest of weth", out_of(WETH, NANO))


def write_basket(fixture: Fixture) -> None:
    """A spread: heidi buys spot and two perpetuals from ivan and sells him two others, for one price."""
    heidi, ivan = Trader(9), Trader(10)
    for trader, name in ((heidi, "heidi"), (ivan, "ivan")):
        fixture.open(trader, name)
        fixture.step(trader, f"{name} deposits", into(USDC, 100_000 * DOLLAR))
    fixture.step(ivan, "ivan deposits weth", into(WETH, NANO))
    first = fixture.btc
    spread = fixture.basket({WETH: NANO, first: NANO // 4, first + 1: -NANO, first + 2: 3 * NANO, N - 1: -NANO})
    for trader, side, does in ((heidi, Side.BUY, "heidi buys"), (ivan, Side.SELL, "ivan sells")):
        fixture.step(trader, f"{does} a spread", trade=(spread, side))


def write_returns(fixture: Fixture) -> None:
    """Accounts that go back to an earlier commitment: judy and karl undo their trade, judy with lena too."""
    judy, karl, lena = traders = [Trader(index) for index in (11, 12, 13)]
    for trader, name in zip(traders, ("judy", "karl", "lena"), strict=True):
        fixture.open(trader, name)
        fixture.step(trader, f"{name} deposits", into(USDC, 100_000 * DOLLAR))
    start, karls_start = judy.sealed, karl.sealed
    fixture.step(judy, "judy deposits a dollar", into(USDC, DOLLAR))
    fixture.step(judy, "judy takes the dollar back", out_of(USDC, DOLLAR), back_to=start)

    nothing = fixture.basket({})
    for trader, name, side in ((judy, "judy", Side.BUY), (karl, "karl", Side.SELL)):
        fixture.step(trader, f"{name} stays", trade=(nothing, side), aside=True, back_to=trader.sealed)

    ticket = fixture.ticket(fixture.btc, NANO // 2)
    for trader, name, side in ((judy, "judy buys", Side.BUY), (karl, "karl sells", Side.SELL)):
        fixture.step(trader, name, trade=(ticket, side))
    back = (ticket, Side.SELL)
    fixture.step(lena, "lena takes over", trade=(ticket, Side.BUY), aside=True)
    fixture.step(judy, "judy sells back", trade=back, back_to=start)
    fixture.step(karl, "karl buys back", trade=(ticket, Side.BUY), back_to=karls_start)


def write_batch(fixture: Fixture) -> None:
    """Pairs of accounts that have not met before."""
    traders = [Trader(index) for index in range(2 * PAIRS)]
    for trader in track(traders, description="accounts of book-batch"):
        fixture.open(trader, "open")
        fixture.step(trader, "deposit", into(USDC, 100_000 * DOLLAR))
    for buyer, seller in track(list(zip(traders[::2], traders[1::2], strict=True)), description="trades of book-batch"):
        ticket = fixture.ticket(fixture.btc, NANO // 2)
        fixture.step(buyer, "trade", trade=(ticket, Side.BUY))
        fixture.step(seller, "trade", trade=(ticket, Side.SELL))
    fixture.step(traders[0], "withdrawal", out_of(USDC, 1_000 * DOLLAR))


def write_pool(fixture: Fixture) -> None:
    """A random walk, the same on every machine but for the keys."""
    rng = random.Random(4)
    traders = [Trader(index) for index in range(WALKERS)]
    for trader in traders:
        fixture.open(trader, "open")
        fixture.step(trader, "deposit", into(USDC, 200_000 * DOLLAR), at=rng.randint(1, 3))
    for _ in track(range(WALK), description="steps of book-pool"):
        while not any_step(fixture, traders, rng):
            pass


def any_step(fixture: Fixture, traders: Sequence[Trader], rng: random.Random) -> bool:
    """A random step; False where the rules do not allow it."""
    at = rng.randint(1, 3)
    one, other = rng.sample(traders, 2)
    slot = rng.choice(list(GRAIN))
    amount = rng.randrange(1, 10**6) * (DOLLAR // 100 if slot == USDC else NANO // 1000) // GRAIN[slot] * GRAIN[slot]
    claim = rng.choice([Claim.UNSAID, Claim.MEETS_INITIAL_MARGIN])
    kind = rng.random()
    if kind < 0.2:
        fixture.step(one, "aside", into(slot, amount), at=at, aside=True)
    if kind < 0.5:
        transfer = into(slot, amount) if kind < 0.3 else out_of(slot, amount)
        if not fixture.allows(one, transfer, None, claim, at):
            return False
        fixture.step(one, "transfer", transfer, claim=claim, at=at)
        return True
    if kind < 0.75:
        return closing_step(fixture, one, other, rng, at)
    traded = rng.randrange(SOL + 1, N)
    ticket = fixture.ticket(traded, rng.randrange(NANO // 10 if traded == fixture.btc else 100 * NANO), at)
    sides = [(one, (ticket, Side.BUY)), (other, (ticket, Side.SELL))]
    if not all(fixture.allows(trader, NO_TRANSFER, trade, claim, at) for trader, trade in sides):
        return False
    for trader, trade in sides:
        fixture.step(trader, "trade", trade=trade, claim=claim, at=at)
    return True


def closing_step(fixture: Fixture, one: Trader, other: Trader, rng: random.Random, at: int) -> bool:
    """A trade that reduces the risk of both sides, at a round's price; False where they have no opposite positions."""
    held, owed = one.state.balances, other.state.balances
    slots = [slot for slot in range(SOL + 1, N) if held[slot] > 0 > owed[slot]]
    if not slots:
        return False
    slot = rng.choice(slots)
    ticket = fixture.ticket(slot, rng.randint(1, min(held[slot], -owed[slot])), at)
    sides = [(other, (ticket, Side.BUY)), (one, (ticket, Side.SELL))]
    if not all(fixture.allows(trader, NO_TRANSFER, trade, Claim.REDUCES_RISK, at) for trader, trade in sides):
        return False
    for trader, trade in sides:
        fixture.step(trader, "trade", trade=trade, claim=Claim.REDUCES_RISK, at=at)
    return True


def write_gate(fixture: Fixture) -> None:
    """A walk of three accounts, each of which trades as much as it may with another that has plenty."""
    rng = random.Random(5)
    traders = [Trader(index) for index in range(6)]
    pairs = list(zip(traders[::2], traders[1::2], strict=True))
    for edgy, maker in pairs:
        for trader, amount in ((edgy, 10_000), (maker, 1_000_000)):
            fixture.open(trader, "open")
            fixture.step(trader, "deposit", into(USDC, amount * DOLLAR))
        fixture.prove_every_margin(edgy)
    for step in track(range(EDGE_WALK), description="steps of book-gate"):
        edgy, maker = pairs[step % len(pairs)]
        while not edge_step(fixture, edgy, maker, rng):
            pass
        fixture.prove_every_margin(edgy)


def edge_step(fixture: Fixture, trader: Trader, maker: Trader, rng: random.Random) -> bool:
    """A cure, or the largest trade at the worst price; False where there is none.

    With a cure comes the dollar that would have been one at another round. Before it comes, at times, one that leaves
    the account below maintenance margin.
    """
    cure = Claim.MEETS_INITIAL_MARGIN
    below = [at for at in (1, 2, 3) if not fixture.is_healthy(trader, at)]
    if below and rng.random() < 0.8:
        at = rng.choice(below)
        dollar = into(USDC, DOLLAR)
        if rng.random() < 0.5:
            fixture.step(trader, "top up", dollar, claim=Claim.TOPS_UP, at=at)
        amounts = (into(USDC, thousands * 1_000 * DOLLAR) for thousands in range(1, 100))
        enough = next(amount for amount in amounts if fixture.allows(trader, amount, None, cure, at))
        for other in (1, 2, 3):
            if fixture.allows(trader, dollar, None, cure, other):
                fixture.step(trader, "aside", dollar, claim=cure, at=other, aside=True)
        fixture.step(trader, "cure", enough, claim=cure, at=at)
        return True
    at, side = rng.choice([(1, Side.BUY), (2, Side.SELL)])
    buyer, seller = (trader, maker) if side is Side.BUY else (maker, trader)
    for tenths in range(50, 0, -2):
        ticket = fixture.ticket(fixture.btc, tenths * NANO // 10, at)
        if fixture.allows(trader, NO_TRANSFER, (ticket, side), Claim.UNSAID, at):
            fixture.step(buyer, "trade", trade=(ticket, Side.BUY), at=at)
            fixture.step(seller, "trade", trade=(ticket, Side.SELL), at=at)
            return True
    return False


def write_large(fixture: Fixture) -> None:
    """Two pairs of accounts in a book of 28 slots, which trade its first perpetual and its last slot."""
    usdc, last = LARGE_N, LARGE_N - 1
    traders = [Trader(index, n=LARGE_N) for index in range(4)]
    names = ("alice", "bob", "carol", "dave")
    for trader, name in zip(traders, names, strict=True):
        fixture.open(trader, name)
        fixture.step(trader, f"{name} deposits", into(usdc, 100_000 * DOLLAR))
    alice, bob, carol, dave = traders
    fixture.step(alice, "wbtc in", into(WBTC, NANO + 10))
    deals = [("", alice, bob, fixture.btc), (" more", alice, bob, last), ("", carol, dave, last)]
    for suffix, buyer, seller, slot in deals:
        terms = fixture.ticket(slot, NANO // 2)
        for trader, side, does in ((buyer, Side.BUY, "buys"), (seller, Side.SELL, "sells")):
            fixture.step(trader, f"{names[trader.index]} {does}{suffix}", trade=(terms, side))
    fixture.step(alice, "wbtc out", out_of(WBTC, NANO + 10))
    fixture.step(bob, "bob withdraws", out_of(usdc, 40_000 * DOLLAR))
    fixture.write_off(dave, "dave", 1_234 * DOLLAR + 1)
    fixture.write_off(dave, "dave closes", 0)
    fixture.rekey(alice, "alice")
    settle_and_leave(fixture, dave)
    write_releases(fixture)


def settle_and_leave(fixture: Fixture, trader: Trader) -> None:
    """All positions of an account expire, at the second round, and a part of its money leaves."""
    fixture.expire(trader, "all slots", (1 << len(trader.state.balances)) - 1, at=2)
    fixture.exit(trader, "1,234 USD", 1_234 * DOLLAR)


def write_releases(fixture: Fixture) -> None:
    """Parts of an account on each ground: two BTC-PERP with too little equity at round 2, and spot with a debt."""
    n = len(fixture.risk[0].vectors.effective_prices)
    trader = Trader(11, n=n)
    price = fixture.risk[1].vectors.effective_prices[fixture.btc]
    perpetuals = State(amounts_of({fixture.btc: 2 * NANO}, n), 4_000 * DOLLAR - 2 * NANO * price)
    fixture.release(trader, "perpetuals", perpetuals, VectorKind.MAINTENANCE, 2)
    spot = State(amounts_of({WBTC: 1_000 * NANO}, n), -2_000 * DOLLAR)
    fixture.release(trader, "spot for its debt", spot, VectorKind.OVERDRAFT, 1)


def write_life(fixture: Fixture) -> None:
    """Accounts that move to another guardian, leave, or are closed."""
    mia, noah, olga, pete = traders = [Trader(index) for index in range(4)]
    for trader, name in zip(traders, ("mia", "noah", "olga", "pete"), strict=True):
        fixture.open(trader, name)
    for trader, name in ((mia, "mia"), (noah, "noah"), (olga, "olga")):
        fixture.step(trader, f"{name} deposits", into(USDC, 100_000 * DOLLAR))
    ticket = fixture.ticket(fixture.btc, NANO // 2)
    fixture.step(mia, "mia buys", trade=(ticket, Side.BUY))
    fixture.step(noah, "noah sells", trade=(ticket, Side.SELL))
    fixture.prove_margin(mia, "mia is solvent", 1, healthy=True)
    fixture.step(mia, "mia deposits more", into(USDC, DOLLAR), aside=True)
    fixture.rekey(mia, "mia moves", STRANGER)
    fixture.step(mia, "mia deposits after the move", into(USDC, DOLLAR))
    fixture.exit(olga, "olga takes a part", 40_000 * DOLLAR)
    fixture.exit(olga, "olga takes the rest", 60_000 * DOLLAR)
    fixture.close(olga, "olga closes")
    fixture.close(pete, "pete closes")
    fixture.rekey(pete, "pete moves", STRANGER)


def write_expiry(fixture: Fixture) -> None:
    """Two accounts with a perpetual and an option on it, which settle in two epochs at the second round."""
    rita, sam = traders = [Trader(index) for index in range(2)]
    option = fixture.btc + 7
    perpetual_bit, option_bit = 1 << fixture.btc, 1 << option
    for trader, name in zip(traders, ("rita", "sam"), strict=True):
        fixture.open(trader, name)
        fixture.step(trader, f"{name} deposits", into(USDC, 100_000 * DOLLAR))
    ticket = fixture.basket({fixture.btc: NANO // 2, option: NANO})
    fixture.step(rita, "rita buys", trade=(ticket, Side.BUY))
    fixture.step(sam, "sam sells", trade=(ticket, Side.SELL))
    fixture.prove_margin(rita, "rita is solvent before", 1, healthy=True)
    fixture.prove_margin(sam, "sam is solvent before", 2, healthy=fixture.is_healthy(sam, 2))
    fixture.step(rita, "rita deposits before", into(USDC, DOLLAR), at=2, aside=True)
    fixture.expire(rita, "rita expires under a rho of her choice", option_bit, 2, None, aside=True)
    fixture.expire(rita, "rita skips the option", perpetual_bit, 2, (0, 1), aside=True)
    fixture.expire(rita, "rita's option expires", option_bit, 2)
    fixture.prove_margin(rita, "rita is solvent", 2, healthy=True)
    fixture.step(rita, "rita deposits after", into(USDC, DOLLAR), at=2, aside=True)
    fixture.expire(rita, "rita's perpetual expires", perpetual_bit, 2, (1, 2))
    fixture.exit(rita, "rita exits", 40_000 * DOLLAR)
    fixture.expire(sam, "sam's option expires", option_bit, 2, aside=True)
    fixture.expire(sam, "sam expires twice", perpetual_bit | option_bit, 2, (0, 2))
    fixture.exit(sam, "sam exits", 40_000 * DOLLAR)


def step_of(trader: Trader, transfer: Transfer, trade: Trade | None, claim: Claim, rho: int | None = None) -> Update:
    """A step from the present state of an account, sealed under a fresh rho or a given one."""
    ticket, side = trade or (None, Side.NONE)
    return Update.make(
        trader.viewing,
        trader.sealed,
        transfer=transfer,
        ticket=ticket,
        side=side,
        claim=claim,
        recipient=RECIPIENT if transfer.is_withdrawal else 0,
        bind=None if rho is None else lambda _: rho,
    )


def fingerprint(keys: Sequence[VerifyingKey], book: AssetList, sources: Sequence[Path]) -> str:
    """Changes with everything that a fixture file is made from."""
    content = " ".join([*(key.digest() for key in keys), book.digest()])
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources) + content.encode()).hexdigest()


def write_files(fills: Mapping[str, Callable[[Fixture], None]], *sources: Path, n: int = N) -> None:
    """Build what is missing, and write what is out of date.

    Args:
        fills: what fills each file, by its name.
        sources: the files' generators, in addition to this module.
        n: slots of the book.
    """
    built = build([f"{statement}-{n}" for statement in ("margin", *BOOK_STATEMENTS)])
    artifacts: dict[str, Artifacts] = {item.instance.statement: item for item in built.values()}
    keys = {statement: item.key for statement, item in artifacts.items()}
    for statement in BOOK_STATEMENTS:
        contract = solidity_contract_name(statement, n)
        write(CONTRACTS / f"{contract}.sol", solidity_verifier(keys[statement]))
    book = AssetList.load(ROOT / "books" / f"{BOOKS[n]}.json")
    mark = fingerprint(list(keys.values()), book, [Path(__file__), ROOT / "tools" / "contract_fixtures.py", *sources])
    with open_backend() as backend:
        for name, fill in fills.items():
            path = FIXTURES / f"book-{name}.json"
            if not is_current(path, mark):
                fixture = Fixture(artifacts, book, backend)
                fill(fixture)
                write(path, json.dumps({"fingerprint": mark, **fixture.content(book)}) + "\n")


if __name__ == "__main__":
    small = {"cases": write_cases, "batch": write_batch, "pool": write_pool, "gate": write_gate, "life": write_life}
    write_files(small | {"expiry": write_expiry})
    write_files({"28": write_large}, n=LARGE_N)
