"""A margin book as owners and guardians read it: nothing of an account is kept, all of it is in the book's events."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from prover.account import Domain, SealedState, StateRecord, ViewingKeys, assess_at, unseal_states
from prover.chain import BookContracts, OnchainRound, StateChanged
from prover.market import PPM, AccountHealth, AssetList, PriceRound, margin_per_unit_up, scaled_price
from prover.onchain._retries import ExplainedError
from prover.onchain._round_fetching import price_round
from prover.onchain._store import BookStore
from prover.trade import Leg, Ticket, amounts_of
from verifier import ChainError, InputError, RiskInputs, VectorKind

_LOG: Final = logging.getLogger("prover.onchain")


@dataclass(frozen=True)
class AccountView:
    """An account in one of its states, as its owner or its guardian reads it from the chain.

    Attributes:
        viewing: the viewing keys of the account.
        sealed: the state, opened. Its amounts are secret, and left out of the repr.
        changed_at_round: the next proof needs this round or a later one.
        block: number of the block that brought the state.
        transaction: hash of the transaction that brought it.
    """

    viewing: ViewingKeys
    sealed: SealedState
    changed_at_round: int
    block: int
    transaction: bytes

    @property
    def identity(self) -> int:
        """Names the account."""
        return self.viewing.identity

    def health(self, round_: OnchainRound) -> AccountHealth:
        """Health of the account at a round, in this state."""
        state, vectors = self.sealed.state, round_.vectors
        return AccountHealth(
            maintenance=assess_at(state, vectors, VectorKind.MAINTENANCE),
            initial=assess_at(state, vectors, VectorKind.INITIAL),
        )


@dataclass(frozen=True)
class MarginBook:
    """A deployed margin book: its contracts, and the list of assets that it serves.

    Attributes:
        contracts: where it is deployed.
        assets: names and fractions; the chain's own fractions count.
        store: keeps what was read of the chain; None for nothing.
    """

    contracts: BookContracts
    assets: AssetList
    store: BookStore | None = None

    @cached_property
    def domain(self) -> Domain:
        """What identities and tickets of this book are bound to."""
        return Domain(self.contracts.chain.chain_id, int(self.contracts.book.contract.address, 16))

    @property
    def n(self) -> int:
        """Slots; also the number of the settlement currency in transfers."""
        return self.assets.n

    # ------------------------------------------------------------------------------------------------ rounds

    def latest_round(self) -> OnchainRound:
        """The newest price round.

        Raises:
            ChainError: there is none yet.
        """
        latest = self.contracts.rounds.latest_id()
        if latest == 0:
            raise ChainError("no price round was posted yet: nothing can be proven without one")
        return self.round(latest)

    def round(self, round_id: int) -> OnchainRound:
        """A price round as proofs of the book take it now: with spot at the scale of its ledger.

        Raises:
            ChainError: there is no such round (refusal `UnknownRound`), or the node is not reached.
        """
        return self.contracts.rounds.round(round_id, self.contracts.book.spot_scale(round_id))

    def price_round(self, round_: OnchainRound) -> PriceRound:
        """A round of the chain as a verifier makes it of prices and of the book's own margin fractions.

        Raises:
            InputError: the chain has other fractions in force than the book's file.
        """
        made = price_round(self.assets, round_)
        if made.vectors.maintenance != round_.vectors.maintenance:
            raise InputError(
                f"the chain has other margin fractions in force at round {round_.id} than the file of the book "
                f"{self.assets.name}: a verifier with that file would refuse the proof"
            )
        return made

    def risk(self, round_: OnchainRound) -> RiskInputs:
        """What `update` takes from a round."""
        rounds, book = self.contracts.rounds, self.contracts.book
        return RiskInputs(round_.vectors, book.long_only(round_.id), rounds.lambdas_ppm(), round_.reduce_only)

    def ticket(self, slot: int, size: int, price: int, round_: OnchainRound) -> Ticket:
        """A trade of one asset. Arguments are those of a `Leg`; the rest is as for `basket`."""
        return self.basket([Leg(slot, size, price)], round_)

    def basket(self, legs: Sequence[Leg], round_: OnchainRound) -> Ticket:
        """A trade of any number of legs, booked at effective prices: agreed mark prices less the funding of a round.

        Args:
            legs: of different assets; none for a padding trade.
            round_: whose cumulative funding counts.

        Raises:
            InputError: an asset is in two legs, or not in the book; a leg has no size; or terms are outside their
                ranges.
            ChainError: as for `funding`.
        """
        amounts = {leg.slot: leg.amount for leg in legs}
        if len(amounts) != len(legs):
            raise InputError("ticket: an asset is in two legs")
        if not all(amounts.values()):
            raise InputError("ticket: a leg has no size: leave it out")
        if any(not 0 <= slot < len(self.assets.assets) for slot in amounts):
            raise InputError(f"ticket: the book {self.assets.name} has no asset in a slot of a leg")
        cost = sum(leg.amount * (leg.price - self.funding(leg.slot, round_)) for leg in legs)
        return Ticket.create(self.domain, amounts_of(amounts, self.n), cost)

    def paid_for(self, ticket: Ticket, round_: OnchainRound) -> int:
        """What the buyer of a ticket pays in terms of mark prices [1e-18 USD]: what was agreed, and the funding since.

        Args:
            ticket: of any legs.
            round_: whose cumulative funding counts.

        Raises:
            ChainError: as for `funding`.
        """
        return ticket.cost + sum(amount * self.funding(slot, round_) for slot, amount in ticket.legs.items())

    def funding(self, slot: int, round_: OnchainRound) -> int:
        """Cumulative funding per unit [1e-9 USD], once the mark price that tells it is seen to be right.

        Raises:
            ChainError: the node's price is none of this round, or the node is not reached.
        """
        self._require_price(slot, round_)
        if self.assets.spot >> slot & 1:
            return 0  # its effective price may be scaled
        return round_.prices[slot] - round_.vectors.effective_prices[slot]

    def _require_price(self, slot: int, round_: OnchainRound) -> None:
        """See that a node does not invent a mark price.

        Effective prices and margins per unit are public signals: no proof at the round verifies with false ones. The
        mark price is none, so a false one would move the terms of a trade and the proofs would verify all the same. But
        each margin of a long unit is the mark price times a fraction, rounded up: with the fractions of the book's own
        file they tell the price, to within 1e-9 USD divided by the larger fraction. Where others are in force only the
        node says which: then there is a warning.
        """
        listed = self.assets.assets[slot]
        if self._fits(slot, round_, listed.maintenance_margin_ppm, listed.initial_margin_ppm):
            return
        version = self.contracts.rounds.contract.read("parametersVersion", round_.id)
        fractions, _, _ = self.contracts.risk_parameters.contract.read("parametersAt", version)[slot]
        if not self._fits(slot, round_, *fractions[:2]):
            raise ChainError(
                f"the node's price of {listed.symbol} at round {round_.id} does not fit its margin per unit: "
                "do not trade by it, and ask another node"
            )
        _LOG.warning(
            "%s was given other margin fractions on chain than the book's file has, so its price at round %d is the "
            "word of the node alone: compare it with another source",
            listed.symbol,
            round_.id,
        )

    def _fits(self, slot: int, round_: OnchainRound, maintenance_ppm: int, initial_ppm: int) -> bool:
        """Whether a slot's margins are those of its mark price. A stale slot has all of it for initial margin."""
        if round_.stale >> slot & 1:
            initial_ppm = PPM
        price, vectors = round_.prices[slot], round_.vectors
        if self.assets.spot >> slot & 1:
            price = scaled_price(price, round_.spot_scale)
        return (vectors.maintenance.long[slot], vectors.initial.long[slot]) == (
            margin_per_unit_up(price, maintenance_ppm),
            margin_per_unit_up(price, initial_ppm),
        )

    # ------------------------------------------------------------------------------------------------ states

    def state(self, keys: ViewingKeys, block: int | None = None) -> AccountView | None:
        """The present state of an account, from the chain alone; None before it is opened, and once it is closed.

        Its event is kept, so a node that has forgotten old logs still serves once it was read.

        Args:
            keys: of the account.
            block: as of its end; None for the newest.

        Raises:
            ChainError: the node has no such logs.
            InputError: the keys are another account's.
        """
        contract, account = self.contracts.book, keys.identity
        kept = None if self.store is None else self.store.states([account]).get(account)
        if kept is not None:
            last = self.contracts.chain.block_number() if block is None else block
            if contract.account(account, last).is_of(kept):
                return self.read(keys, kept)
        event = contract.present_state(account, block)
        if event is None:
            return None
        view = self.read(keys, event)
        if self.store is not None:
            self.store.keep(states=[event])
        return view

    def open_state(self, keys: ViewingKeys, block: int | None = None) -> AccountView:
        """As `state`, of an account that is open.

        Raises:
            ChainError: it is not open yet, or not any more; or as `state`.
        """
        state = self.state(keys, block)
        if state is not None:
            return state
        if self.contracts.book.account(keys.identity, block).is_closed:
            raise ChainError(
                "the account is closed, or has moved to another guardian: nothing is left under its identity"
            )
        raise ChainError("the account is not open in this book yet")

    def require_epoch(self, account: int, epoch: int) -> None:
        """Refuse to prove anything of an account at a round of another epoch: its positions have expired in between.

        Args:
            account: its identity.
            epoch: of the round.

        Raises:
            ChainError: the epochs differ (refusal `OtherEpoch`); or not reached.
        """
        own = self.contracts.book.account(account).epoch
        if own < epoch:
            raise ExplainedError(
                f"assets have expired since the account changed last, {epoch - own} time"
                f"{'' if epoch - own == 1 else 's'}: turn its positions in them into cash first, with `account expire`",
                refusal="OtherEpoch",
            )
        if own > epoch:
            raise ExplainedError(
                "the price round is from before an expiry that the account has been through: wait for the next round, "
                "and ask for new offers",
                refusal="OtherEpoch",
            )

    def history(self, keys: ViewingKeys, first_block: int | None = None) -> Iterator[AccountView]:
        """Every state of an account since a block, oldest first. One that is closed, or has moved, keeps its history.

        The last one is compared with the contract's. A node that leaves an earlier one out is not noticed, nor is one
        that leaves out any state of an account that is not open any more.

        Args:
            keys: of the account.
            first_block: from this block on; None for all of them.

        Raises:
            As `state`.
        """
        contract, head = self.contracts.book, self.contracts.chain.block_number()
        if contract.account(keys.identity, head).is_closed:
            for event in contract.states(keys.identity, first_block, head):
                yield self.read(keys, event)
            return
        present = contract.present_state(keys.identity, head)
        if present is None or (first_block is not None and present.block < first_block):
            return
        events = contract.states(keys.identity, first_block, head)
        if not events or events[-1].commitment != present.commitment:
            events = contract.states(keys.identity, first_block, head)
        if not events or events[-1].commitment != present.commitment:
            raise ChainError("the node's logs leave the account's present state out of its history: ask another node")
        for event in events:
            yield self.read(keys, event)

    def read(self, keys: ViewingKeys, event: StateChanged) -> AccountView:
        """Decrypt a state. Raises InputError when the keys are another account's, or the event is not the book's."""
        (view,) = self.read_all([(keys, event)])
        if isinstance(view, InputError):
            raise view
        return view

    def read_all(self, events: Sequence[tuple[ViewingKeys, StateChanged]]) -> list[AccountView | InputError]:
        """Decrypt many states: for each the account, or the error that `read` raises."""
        own = [(keys, event) for keys, event in events if event.account == keys.identity]
        records = [StateRecord(keys, event.commitment, event.rho, event.ciphertext) for keys, event in own]
        opened = iter(unseal_states(records, self.n))
        return [
            _view(keys, event, next(opened))
            if event.account == keys.identity
            else InputError("viewing keys: of another account")
            for keys, event in events
        ]


def _view(keys: ViewingKeys, event: StateChanged, sealed: SealedState | InputError) -> AccountView | InputError:
    if isinstance(sealed, InputError):
        return sealed
    return AccountView(keys, sealed, event.changed_at_round, event.block, event.transaction)
