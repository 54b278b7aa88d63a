"""What the owner of an account does in a margin book."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Final, Self

from prover.account import OwnerKeys, ViewingKeys, empty_state
from prover.chain import OnchainRound
from prover.market import BALANCE_DECIMALS, QUOTE_DECIMALS
from prover.onchain._book import AccountView, MarginBook
from prover.onchain._deposits import DepositPlan, DepositReceipt
from prover.onchain._expiry import ExpiryKeeper
from prover.onchain._permissions import MUST_SHOW, AccountPermission
from prover.onchain._proofs import BookProver
from prover.onchain._retries import OutdatedProofError, retried
from prover.onchain._sending import Receipt, advised, receipt_of, send_once
from prover.onchain._update_verifier import UpdateVerifier
from prover.statements import Update
from prover.trade import NO_TRANSFER, Claim, Leg, Offer, Side, Ticket, Transfer
from verifier import ChainError, InputError, RiskInputs, StateUpdate

_OVERTAKEN: Final = frozenset(
    {"CommitmentNotCurrent", "RoundBeforeChange", "RoundSuperseded", "AccountNotOpen", "WrongBond", "NoBondDue"}
)
"""Refusals of what was right when it was begun: state, round and flag are read again, and a new proof is made."""

_ADVICE: Final[Mapping[str, str]] = {
    "AlreadyOpen": "the account is open, or was: the book gives no account to an identity twice",
    "GuardianNotAccepted": "the book does not accept this guardian: open the account with one that it does",
    "OtherEpoch": "assets have expired since one of the accounts changed last, or since the round: turn its positions "
    "into cash first with `account expire` (`Owner.expire`), and ask for a new offer",
    "NotPermitted": "the book lets the account do less now, by its circuit breaker, a flag or its gate "
    "(`permission_of` tells what): a flagged account takes a deposit with Claim.MEETS_INITIAL_MARGIN, one that may "
    "take on no new risk trades with Claim.REDUCES_RISK",
    "InitialMarginNotShown": f"{MUST_SHOW}: ask for a new offer if another account has made this one",
    "ProofDoesNotVerify": "the book refuses the proof: were its keys made on another machine?",
    "RoundSuperseded": "a newer price round has come, and the proof has to be for that one: ask for a new offer",
    "WrongBond": "the book asks for another bond than was sent along: `bond_due` says what a cure has to add",
    "NoBondDue": "the account is not flagged any more, so the deposit adds nothing to its bond: deposit again",
    "HaircutNotAccepted": "the book owes more than it holds, so a deposit is worth less than it pays: `book shortfall` "
    "says how much, and `book accept-haircut` that you take it",
    "HoldingsExhausted": "the vault holds no more of this token than is queued: accounts owe more than they have",
    "InvalidRecipient": "the recipient is the zero address, the book, its vault or the token itself",
    "RoundTooOld": "the newest price round is older than the book accepts: post a new one first",
    "AssetIsReduceOnly": "the newest price of this asset is stale: deposit another asset, or wait for a fresh price",
    "CommitmentNotCurrent": "the account has changed since the offer was made: ask for a new one",
    "RoundBeforeChange": "one of the accounts has changed since the offer's round: ask for a new one",
    "InexactTransfer": "the token moved another amount than it was told to: it takes fees, or rebases",
    "HoldingsShort": "the vault holds less of this token than was paid in: nothing of it moves until that is made good",
}


@dataclass(frozen=True)
class Owner:
    """One account in a margin book, in the hands of its owner.

    Each action reads the account from the chain, so nothing is lost with local files, and a reorganisation is only a
    state to be read again. An action that the chain overtakes is proven again, a few times, unless an attempt that was
    thought to have failed turns out to be on the chain: an action happens once.

    Attributes:
        book: where the account lives.
        keys: of the account; their salt is not used.
        prover: makes the proofs.
    """

    book: MarginBook
    keys: OwnerKeys
    prover: BookProver

    def __post_init__(self) -> None:
        if self.keys.domain != self.book.domain:
            raise InputError("the account belongs to another book or chain")

    @cached_property
    def viewing(self) -> ViewingKeys:
        """The viewing keys."""
        return ViewingKeys.of_owner(self.keys)

    @property
    def identity(self) -> int:
        """Names the account on chain."""
        return self.viewing.identity

    @cached_property
    def updates(self) -> UpdateVerifier:
        """Verifies the proofs of other accounts. Raises InputError when the book has other keys than the prover."""
        return UpdateVerifier.of(self.book, self.prover.artifacts["update"].key, self.prover.backend)

    def state(self, block: int | None = None) -> AccountView:
        """The present state.

        Args:
            block: as of its end; None for the newest.

        Raises:
            ChainError: the account is not open, or the node has no such logs.
        """
        return self.book.open_state(self.viewing, block)

    def open(self) -> Receipt:
        """Open the account, empty, and leave the bond that the book asks for (`VaultClient.opening_bond`) [wei].

        Raises:
            ChainError: refused, or not reached.
        """
        self.require_keys()
        opening = self.prover.open(self.keys, self.viewing.seal(empty_state(self.book.n)))
        contracts = self.book.contracts
        bond, since = contracts.book.vault.opening_bond(), contracts.chain.block_number()
        with advised(_ADVICE):
            return self._send([opening.commitment], since, lambda: contracts.book.open(opening, bond=bond))

    def deposit(self, asset: int, amount: int, claim: Claim | None = None, *, may_flag: bool = False) -> DepositReceipt:
        """Pay collateral of the sender into the account, and with a cure what the bond lacks (`bond_due`).

        Args:
            asset: slot of a spot asset, N for the settlement currency.
            amount: [1e-9 token], of the settlement currency [1e-18 USD].
            claim: what to show; None for what does most for the account of all that can be proven: see `DepositPlan`.
            may_flag: whether the book may flag the account, where it would still be below maintenance margin.

        Raises:
            ProvingError: the account would break a rule.
            InputError: the token cannot express the amount, or the book would flag the account and may not.
            ChainError: refused, or not reached.
        """
        token, units = self.book.contracts.token(asset), self.token_amount(asset, amount)
        token.require_balance(units)
        transfer = Transfer(asset, amount, is_withdrawal=False)
        shown: list[Claim] = []

        def prove(before: AccountView, round_: OnchainRound) -> StateUpdate:
            chosen = claim
            if chosen is None:
                plan = self._planned(before, round_, transfer)
                plan.require_consent(may_flag=may_flag)
                chosen = plan.claim
            shown.append(chosen)
            return self._prove(before, round_, transfer=transfer, claim=chosen)

        def send(round_: OnchainRound, update: StateUpdate) -> Receipt:
            token.approve(self.book.contracts.book.vault.contract.address, units)  # not before it is proven
            bond = self.bond_due(shown[-1])
            return self.book.contracts.book.deposit(round_.id, asset, amount, update, bond=bond)

        return DepositReceipt(self._act(prove, send), shown[-1])

    def plan_deposit(self, asset: int, amount: int) -> DepositPlan:
        """What `deposit` would show at the newest round, and whether the book would flag the account. Nothing is sent.

        Raises:
            As `DepositPlan.make`.
        """
        return self._planned(self.state(), self.book.latest_round(), Transfer(asset, amount, is_withdrawal=False))

    def expire(self) -> list[Receipt]:
        """Turn the expired positions of the account into cash. Until then it can do nothing at newer rounds.

        Its guardian can do it too, so there may be nothing left to do.

        Returns:
            A receipt for each transaction.

        Raises:
            As `ExpiryKeeper.expire`.
        """
        return ExpiryKeeper(self.book, self.prover.expiry).expire(self.viewing)

    def _planned(self, before: AccountView, round_: OnchainRound, transfer: Transfer) -> DepositPlan:
        permission = AccountPermission.read(self.book, self.identity)
        self.book.require_epoch(self.identity, round_.epoch)
        return DepositPlan.make(self.book, before, permission, transfer, round_)

    def bond_due(self, claim: Claim) -> int:
        """What a deposit has to add to the account's bond [wei]. A flag pays the bond out, and a cure refills it.

        Args:
            claim: of the deposit.

        Raises:
            ChainError: not reached.
        """
        contract = self.book.contracts.book
        is_cure = claim is Claim.MEETS_INITIAL_MARGIN and contract.account(self.identity).is_flagged
        return contract.vault.bond_due(self.identity) if is_cure else 0

    def withdraw(self, asset: int, amount: int, recipient: int, claim: Claim = Claim.UNSAID) -> Receipt:
        """Take collateral out of the account, to be paid when it is due (`pending_withdrawals`).

        Args:
            asset: slot of a spot asset, N for the settlement currency.
            amount: [1e-9 token], of the settlement currency [1e-18 USD].
            recipient: address as an integer below 2^160; bound into the proof.
            claim: which rule on risk to show; `UNSAID` keeps it to oneself.

        Raises:
            As `deposit`.
        """
        self.token_amount(asset, amount)
        transfer = Transfer(asset, amount, is_withdrawal=True)

        def send(round_: OnchainRound, update: StateUpdate) -> Receipt:
            return self.book.contracts.book.withdraw(round_.id, asset, amount, recipient, update)

        return self._act(partial(self._prove, transfer=transfer, claim=claim, recipient=recipient), send)

    def offer(
        self, ticket: Ticket, side: Side, claim: Claim = Claim.UNSAID, round_: OnchainRound | None = None
    ) -> Offer:
        """Prove one side of a trade, for the counterparty to settle. Nothing is sent.

        The offer is good until the account changes, or a newer round has superseded its own; until then the
        counterparty may take it or leave it.

        Args:
            ticket: the terms.
            side: which side this account takes.
            claim: which rule on risk to show; `UNSAID` keeps it to oneself, unless the book asks for initial margin.
            round_: the one whose funding the ticket was booked with; None for the newest.

        Raises:
            ProvingError: the account would break a rule.
            ChainError: not reached.
        """
        round_ = self.book.latest_round() if round_ is None else round_
        return Offer(ticket, side, round_.id, self.prove(round_, ticket=ticket, side=side, claim=claim))

    def renew(
        self,
        offers: Sequence[Offer],
        round_: OnchainRound | None = None,
        *,
        price: Callable[[int, OnchainRound], int] | None = None,
    ) -> list[Offer]:
        """Make offers of this account again at a newer round, which has ended them. Nothing is sent.

        Legs, side and claim are the same, under tickets with fresh salts. The account and the round are read once. Of
        offers from one state one can be taken: any trade ends the others.

        Args:
            offers: of this account, at any round.
            round_: the one that they are made for; None for the newest.
            price: the mark price to agree on in a slot at the round [1e-9 USD]; None for the same cost.

        Raises:
            InputError: an offer is of another account or book; or as `MarginBook.basket`.
            ProvingError: the account would break a rule.
            ChainError: not reached.
        """
        round_ = self.book.latest_round() if round_ is None else round_
        before, risk = self.state(), self.book.risk(round_)
        self.book.require_epoch(self.identity, round_.epoch)
        return [self._renewed(offer, before, round_, risk, price) for offer in offers]

    def _renewed(
        self,
        offer: Offer,
        before: AccountView,
        round_: OnchainRound,
        risk: RiskInputs,
        price: Callable[[int, OnchainRound], int] | None,
    ) -> Offer:
        if offer.maker_update.account != self.identity or offer.ticket.domain != self.book.domain:
            raise InputError("the offer is of another account: only its maker can make it again")
        if price is None:
            ticket = Ticket.create(self.book.domain, offer.ticket.amounts, offer.ticket.cost)
        else:
            legs = [Leg(slot, amount, price(slot, round_)) for slot, amount in offer.ticket.legs.items()]
            ticket = self.book.basket(legs, round_)
        claim = self._asked(Claim(offer.maker_update.claim))
        update = Update.make(self.viewing, before.sealed, ticket=ticket, side=offer.side, claim=claim)
        return Offer(ticket, offer.side, round_.id, self.prover.update(self.keys, update, risk))

    def _asked(self, claim: Claim) -> Claim:
        """What a trade shows that would rather show nothing."""
        must_show = claim is Claim.UNSAID and self.book.contracts.book.must_show_margin(self.identity)
        return Claim.MEETS_INITIAL_MARGIN if must_show else claim

    def take(self, offer: Offer, claim: Claim = Claim.UNSAID) -> Receipt:
        """Prove the other side of an offered trade, and settle both.

        Args:
            offer: the maker's.
            claim: as for `offer`.

        Raises:
            InputError: the offer is of another book, or this account's own.
            VerificationError: the maker's proof does not verify.
            ProvingError: the account would break a rule.
            ChainError: refused, or not reached.
        """
        if offer.ticket.domain != self.book.domain:
            raise InputError("the offer is for another book or chain")
        if offer.maker_update.account == self.identity:
            raise InputError("the offer is this account's own: another account has to take it")
        round_ = self.book.round(offer.round_id)
        self.updates.offer(offer, round_)
        own = self.prove(round_, ticket=offer.ticket, side=offer.taker_side, claim=claim)
        settlement, since = offer.settlement(own), self.book.contracts.chain.block_number()
        with advised(_ADVICE):
            return self._send(
                [own.new_commitment], since, lambda: self.book.contracts.book.settle(offer.round_id, settlement)
            )

    def pad(self, partner: Self, claim: Claim = Claim.UNSAID) -> Receipt:
        """Settle a padding trade, of size 0 for no money, with another account whose keys are at hand.

        Both accounts get a new commitment and keep what they hold. Only those who can read them can tell it from a
        trade. Which of the two is the buyer is drawn at random.

        Args:
            partner: the other account, in the same book.
            claim: as for `offer`, of both accounts.

        Raises:
            As `take`.
        """
        nothing, side = self.book.basket([], self.book.latest_round()), secrets.choice((Side.BUY, Side.SELL))
        return self.take(partner.offer(nothing, side, claim), claim)

    def token_amount(self, asset: int, amount: int) -> int:
        """An amount in the token's own units.

        Raises:
            InputError: the token has too few decimals to express it exactly.
            ChainError: the asset is a derivative.
        """
        units = QUOTE_DECIMALS if asset == self.book.n else BALANCE_DECIMALS
        decimals = self.book.contracts.token(asset).decimals()
        if decimals >= units:
            return amount * int(10 ** (decimals - units))
        scaled, rest = divmod(amount, int(10 ** (units - decimals)))
        if rest:
            raise InputError(f"the token has {decimals} decimals and cannot express this amount exactly")
        return scaled

    def prove(
        self,
        round_: OnchainRound,
        *,
        transfer: Transfer = NO_TRANSFER,
        ticket: Ticket | None = None,
        side: Side = Side.NONE,
        claim: Claim = Claim.UNSAID,
        recipient: int = 0,
        bind: Callable[[int], int] | None = None,
    ) -> StateUpdate:
        """Prove a step from the present state, for another sender, such as a venue. Nothing is sent.

        Args:
            round_: the price round that the proof is for.
            transfer: what comes in or goes out.
            ticket: the trade, if there is one.
            side: which side of it.
            claim: which rule on risk to show; `UNSAID` keeps it to oneself, but for a trade of an account that has to
                show initial margin.
            recipient: whom a withdrawal pays: an address as an integer below 2^160.
            bind: see `Update.make`.

        Raises:
            ProvingError: the account would break a rule.
            ChainError: not reached.
        """
        step = partial(self._prove, ticket=ticket, side=side, bind=bind)
        return step(self.state(), round_, transfer=transfer, claim=claim, recipient=recipient)

    def _prove(
        self,
        before: AccountView,
        round_: OnchainRound,
        *,
        transfer: Transfer,
        ticket: Ticket | None = None,
        side: Side = Side.NONE,
        claim: Claim,
        recipient: int = 0,
        bind: Callable[[int], int] | None = None,
    ) -> StateUpdate:
        self.book.require_epoch(self.identity, round_.epoch)
        update = Update.make(
            self.viewing,
            before.sealed,
            transfer=transfer,
            ticket=ticket,
            side=side,
            claim=claim if ticket is None else self._asked(claim),
            recipient=recipient,
            bind=bind,
        )
        return self.prover.update(self.keys, update, self.book.risk(round_))

    def _act(
        self,
        prove: Callable[[AccountView, OnchainRound], StateUpdate],
        send: Callable[[OnchainRound, StateUpdate], Receipt],
    ) -> Receipt:
        """Act at the newest round; again when the chain was faster, but never twice."""
        made: list[int] = []
        since = self.book.contracts.chain.block_number()

        def attempt() -> Receipt:
            block = self.book.contracts.chain.block_number()
            before, round_ = self.state(block), self.book.latest_round()
            done = self._receipt(made, since, block)  # read with the state: what is proven now goes on from it
            if done is not None:
                return done
            update = prove(before, round_)
            made.append(update.new_commitment)
            try:
                return self._send(made, since, lambda: send(round_, update))
            except ChainError as error:
                if self._is_overtaken(error, round_):
                    raise OutdatedProofError(str(error), error.refusal) from None
                raise

        with advised(_ADVICE):
            return retried(attempt)

    def _send(self, made: Sequence[int], since: int, send: Callable[[], Receipt]) -> Receipt:
        """Send, and find out what became of it where the client could not tell.

        Args:
            made: commitments that came, or may have come, of this action.
            since: a block from before the action.
            send: sends the transaction.
        """
        return send_once(send, lambda: self._receipt(made, since))

    def _receipt(self, made: Sequence[int], since: int, block: int | None = None) -> Receipt | None:
        """As `receipt_of`, of this account."""
        return receipt_of(self.book, self.identity, made, since, block)

    def _is_overtaken(self, error: ChainError, round_: OnchainRound) -> bool:
        """Whether a proof that was right when it was begun was refused: a new one may be accepted."""
        if error.refusal in _OVERTAKEN:
            return True
        if error.refusal in {"RoundTooOld", "ProofDoesNotVerify"}:
            return self.book.latest_round() != round_  # a newer one, or after a reorganisation another one of that id
        return False

    def require_keys(self) -> None:
        """See before proving that the book's verifiers have the prover's keys.

        Raises:
            InputError: they have others.
            ChainError: not reached.
        """
        self.prover.require_keys(dict(zip(("open", "update"), self.book.contracts.book.verifiers(), strict=True)))
