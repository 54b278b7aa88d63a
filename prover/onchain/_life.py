"""What becomes of an account beside transfers and trades: it moves to another guardian, is closed, or pays out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from prover.account import OwnerKeys, State
from prover.chain import LIFE_STATEMENTS, AccountClosed, AccountLifeClient, Bond
from prover.onchain._book import MarginBook
from prover.onchain._gatekeeper import Gatekeeper, MarginProver
from prover.onchain._owner import Owner
from prover.onchain._retries import OutdatedProofError, retried
from prover.onchain._sending import Receipt, advised, receipt_of, send_once
from verifier import ChainError, InputError, ProvingError

_OVERTAKEN: Final = frozenset({"CommitmentNotCurrent", "RoundBeforeChange", "NotProvenAtNewest"})
"""Refusals of what was right when it was begun."""

_LEFT: Final = frozenset({"AccountNotOpen", "AlreadyOpen"})
"""Refusals of a second move or closing."""

_FLAGGED: Final = "the account is flagged: cure it first, by a deposit after which it meets initial margin"

_ADVICE: Final[Mapping[str, str]] = {
    "AccountNotFree": "the account is flagged, or the gate of the book lets it do less now: cure it first",
    "InitialMarginNotShown": "the account has changed often in a row: it can move once two price rounds have come, or "
    "once it has shown that it meets initial margin, by a deposit or a trade",
    "OtherEpoch": "assets have expired since the account changed last: turn its positions into cash first, with "
    "`account expire`",
    "AlreadyOpen": "the new identity is that of an account that is open, or was: choose another owner secret",
    "GuardianNotAccepted": "the book does not accept this guardian: choose one that it does",
    "HoldingsExhausted": "the vault holds no more of this token than is queued: accounts owe more than they have",
    "InvalidRecipient": "the recipient is the zero address, the book, its vault or the token itself",
    "ProofDoesNotVerify": "the book refuses the proof: were its keys made on another machine?",
}


class ClosedAccount(NamedTuple):
    """An account that was closed.

    Attributes:
        receipt: of the transaction.
        bond: what went back, and to which address: the sender that opened the account. 0 where nothing was left. An
            address that takes no ETH has it as a credit (`VaultClient.claim_tip`).
    """

    receipt: Receipt
    bond: Bond


@dataclass(frozen=True)
class AccountLife:
    """Moves, closes and pays out an account, in the hands of its owner.

    As with `Owner`, a proof that the chain overtakes is made again, a few times, and an action happens once.

    Attributes:
        owner: the account.
    """

    owner: Owner

    @property
    def book(self) -> MarginBook:
        """Where the account lives."""
        return self.owner.book

    def rekey(self, new_keys: OwnerKeys, margin: MarginProver) -> Receipt:
        """Move the account to new keys, so to another guardian, with all that it holds. Its bond moves along.

        The book wants the account proven at the newest round. Where it is not, that is proven at the book's gate first.
        Keep the new keys before this is called: afterwards nothing else moves the account. A move that was made already
        is not made again.

        Args:
            new_keys: with an owner secret that no account has had, and a guardian that the book accepts.
            margin: proves that the account meets maintenance margin.

        Raises:
            ProvingError: the keys have the same owner secret, or the account is below maintenance margin.
            InputError: the book has other keys than the prover, or no gate where one is needed.
            ChainError: the account is flagged or not open, the identity is used, the guardian is not accepted, or
                newer rounds overtook each proof; or not reached.
        """
        life, new_identity = self._module(), new_keys.identity

        def attempt() -> Receipt:
            done = self._departure(new_identity)
            if done is not None:
                return done
            before = self.owner.state()
            claim, proof = self.owner.prover.rekey(self.owner.keys, before.sealed, new_keys)
            self._prove_at_newest(margin)
            return self._departed(new_identity, lambda: life.rekey(self.owner.identity, claim, proof))

        with advised(_ADVICE):
            self._require_not_flagged()
            return retried(attempt)

    def moved_to(self) -> int | None:
        """The identity that the account has moved to; 0 when it was closed, None while it is neither.

        Raises:
            ChainError: the node's logs do not say what became of the account; or not reached.
        """
        closing = self._closing()
        return None if closing is None else closing.successor

    def require_closable(self) -> None:
        """Refuse what `close` would refuse, before anything is asked or proven. Raises as `close`."""
        self._require_not_flagged()
        _require_empty(self.owner.state().sealed.state)

    def close(self) -> ClosedAccount:
        """Close the account, which holds and owes nothing. Its bond goes back to the sender that opened it.

        Raises:
            ProvingError: it has positions, holds money or owes some.
            InputError: the book has other keys than the prover.
            ChainError: the account is flagged or not open; or not reached.
        """
        life = self._module()

        def attempt() -> Receipt:
            done = self._departure(0)
            if done is not None:
                return done
            before = self.owner.state()
            _require_empty(before.sealed.state)
            claim, proof = self.owner.prover.close(self.owner.viewing, before.sealed)
            return self._departed(0, lambda: life.close(self.owner.identity, claim, proof))

        with advised(_ADVICE):
            self._require_not_flagged()
            receipt = retried(attempt)
        return ClosedAccount(receipt, self.book.contracts.book.vault.bond_returned(receipt))

    def exit(self, amount: int, recipient: int) -> Receipt:
        """Take quote out of the account, which has no positions. No price round is needed.

        Args:
            amount: [1e-18 USD].
            recipient: address as an integer below 2^160; bound into the proof.

        Raises:
            ProvingError: the account has a position, or less than the amount.
            InputError: the token cannot express the amount; or as `rekey`.
            ChainError: the account is flagged or not open; or not reached.
        """
        self.owner.token_amount(self.book.n, amount)
        life, identity = self._module(), self.owner.identity
        made: list[int] = []
        since = self.book.contracts.chain.block_number()

        def attempt() -> Receipt:
            block = self.book.contracts.chain.block_number()
            done, before = receipt_of(self.book, identity, made, since, block), self.owner.state(block)
            if done is not None:
                return done
            claim, proof = self.owner.prover.exit(self.owner.keys, before.sealed, amount, recipient)
            made.append(claim.new_commitment)
            return self._sent(
                lambda: life.exit(identity, claim, proof), lambda: receipt_of(self.book, identity, made, since)
            )

        with advised(_ADVICE):
            self._require_not_flagged()
            return retried(attempt)

    def _module(self) -> AccountLifeClient:
        """The book's module, once it is seen to be one, and to verify with the prover's keys."""
        contracts = self.book.contracts
        life = contracts.account_life
        if not contracts.book.takes_reports_of(life.contract.address):
            raise ChainError(f"the contract at {life.contract.address} is no module of the book: its record is wrong")
        self.owner.prover.require_keys(dict(zip(LIFE_STATEMENTS, life.verifiers(), strict=True)))
        return life

    def _require_not_flagged(self) -> None:
        self.book.require_epoch(self.owner.identity, self.book.contracts.rounds.newest_epoch())
        if self.book.contracts.book.account(self.owner.identity).is_flagged:
            raise ChainError(_FLAGGED, refusal="AccountNotFree")

    def _prove_at_newest(self, margin: MarginProver) -> None:
        """Prove at the gate that the account meets maintenance margin at the newest round, where nothing has yet."""
        contracts = self.book.contracts
        if contracts.book.account(self.owner.identity).proven_at_round == contracts.rounds.latest_id():
            return
        if contracts.book.gate() is None:
            raise InputError(
                "the account has to be proven at the newest round, and the book has no gate to prove it at: deposit or "
                "trade, and move the account before the next round"
            )
        try:
            Gatekeeper(self.book, margin).prove_solvent(self.owner.viewing)
        except ChainError as error:
            if error.refusal != "RoundNotNewer":  # its guardian was faster
                raise

    def _closing(self) -> AccountClosed | None:
        contract = self.book.contracts.book
        if not contract.account(self.owner.identity).is_closed:
            return None
        closing = contract.closing(self.owner.identity)
        if closing is None:
            raise ChainError("the node's logs do not hold how the account was closed: ask another node")
        return closing

    def _departure(self, successor: int) -> Receipt | None:
        """The receipt of the transaction by which the account has left for an identity, 0 for none; None without it."""
        closing = self._closing()
        if closing is None or closing.successor != successor:
            return None
        return self.book.contracts.chain.receipt(closing.transaction)

    def _departed(self, successor: int, send: Callable[[], Receipt]) -> Receipt:
        """Send what makes the account leave, unless an earlier attempt that was given up was mined meanwhile."""
        try:
            return self._sent(send, lambda: self._departure(successor))
        except ChainError as error:
            done = self._departure(successor) if error.refusal in _LEFT else None
            if done is None:
                raise
            return done

    @staticmethod
    def _sent(send: Callable[[], Receipt], find: Callable[[], Receipt | None]) -> Receipt:
        try:
            return send_once(send, find)
        except ChainError as error:
            if error.refusal in _OVERTAKEN:
                raise OutdatedProofError(str(error), error.refusal) from None
            raise


def _require_empty(state: State) -> None:
    if any(state.balances):
        raise ProvingError("the account has positions: close them, and withdraw its tokens, before it is closed")
    if state.quote > 0:
        raise ProvingError("the account holds money: take it out first, by an exit or a withdrawal")
    if state.quote < 0:
        raise ProvingError("the account owes money: deposit it first")
