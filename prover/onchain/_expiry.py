"""Turning the expired positions of accounts into cash: for their owners, and for guardians of accounts that sleep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from prover.account import SealedState, ViewingKeys
from prover.chain import ExpiryStep, expire_rho
from prover.onchain._book import MarginBook
from prover.onchain._retries import OutdatedProofError, retried
from prover.onchain._sending import Receipt, advised, receipt_of, send_once
from prover.statements import Backend, expire_claim, expire_inputs, proof_of
from prover.toolchain import Artifacts
from prover.trade import expired_state
from verifier import ChainError, ExpireClaim, InputError, Proof

_OVERTAKEN: Final = frozenset({"CommitmentNotCurrent", "EpochNotNewer", "EpochWithoutRound", "WrongRho"})
"""Refusals of what was right when it was begun: the account has changed, or another reader has proven it."""

_ADVICE: Final[Mapping[str, str]] = {
    "AccountNotOpen": "the account is closed, or has moved to another guardian: nothing is left to expire",
    "ProofDoesNotVerify": "the book refuses the proof: were its keys made on another machine?",
}


@dataclass(frozen=True)
class ExpireProver:
    """Proves `expire` for accounts of a book that the caller can read.

    Attributes:
        artifacts: `expire` of the book's size, with its keys.
        backend: makes the proofs.
    """

    artifacts: Artifacts
    backend: Backend

    def prove(self, viewing: ViewingKeys, before: SealedState, step: ExpiryStep) -> tuple[ExpireClaim, Proof]:
        """Prove that the expired positions of an account become cash.

        Args:
            viewing: of the account.
            before: its state on chain.
            step: what the book asks for.

        Raises:
            ProvingError: quote would leave its range.
            ToolError: the backend failed.
        """
        after = viewing.seal(expired_state(before.state, step.slots, step.prices), step.rho)
        claim = expire_claim(before, after, step.slots, step.prices)
        inputs = expire_inputs(viewing, before, claim, step.prices)
        return claim, proof_of(self.backend, self.artifacts, inputs, claim.signals(step.prices))


@dataclass(frozen=True)
class ExpiryKeeper:
    """Moves accounts to the newest epoch, by proofs that their expired positions are cash.

    Each reader of an account can: its owner, and its guardian, since an account that sleeps must settle too. The book
    takes the proof from any sender. Owner and guardian make the same state, so one of them is enough.

    Attributes:
        book: of the accounts.
        prover: makes the proofs.
    """

    book: MarginBook
    prover: ExpireProver

    def expire(self, account: ViewingKeys) -> list[Receipt]:
        """Bring an account to the newest epoch: one transaction, and another one where a slot settles again on the way.

        Args:
            account: its viewing keys.

        Returns:
            A receipt for each transaction; none where the account is in the newest epoch.

        Raises:
            ProvingError: its quote would leave its range.
            InputError: the book has another key than the prover.
            ChainError: the account is not open, or changed again and again meanwhile; or not reached.
        """
        receipts: list[Receipt] = []
        while (receipt := self.advance(account)) is not None:
            receipts.append(receipt)
        return receipts

    def advance(self, account: ViewingKeys) -> Receipt | None:
        """Bring an account as far as one transaction does. Arguments and errors as for `expire`.

        Returns:
            The receipt; None where the account is in the newest epoch.
        """
        self.require_key()
        with advised(_ADVICE):
            return retried(lambda: self._attempt(account))

    def next_epoch(self, from_epoch: int) -> int | None:
        """The furthest epoch that one proof reaches, since no slot settles twice on the way; None from the newest one.

        That is the epoch of the newest round: no account gets ahead of the rounds.

        Args:
            from_epoch: of an account.

        Raises:
            ChainError: not reached.
        """
        expiries = self.book.contracts.expiries
        newest, slots, reached = self.book.contracts.rounds.newest_epoch(), 0, from_epoch
        for epoch in range(from_epoch + 1, newest + 1):
            more, _ = expiries.epoch_at(epoch)
            if slots & more:
                break
            slots, reached = slots | more, epoch
        return reached if reached > from_epoch else None

    def _attempt(self, account: ViewingKeys) -> Receipt | None:
        contracts, identity = self.book.contracts, account.identity
        block = contracts.chain.block_number()
        view = self.book.open_state(account, block)
        from_epoch = contracts.book.account(identity, block).epoch
        to_epoch = self.next_epoch(from_epoch)
        if to_epoch is None:
            return None
        life = contracts.account_life
        try:
            step = life.step_of(identity, view.sealed.commitment, to_epoch)
            _require_own_rho(step, view.sealed.commitment, from_epoch, to_epoch)
            claim, proof = self.prover.prove(account, view.sealed, step)
            return send_once(
                lambda: life.expire(identity, to_epoch, claim, proof),
                lambda: receipt_of(self.book, identity, [claim.new_commitment], block),
            )
        except ChainError as error:
            if error.refusal in _OVERTAKEN:
                raise OutdatedProofError(str(error), error.refusal) from None
            raise

    def require_key(self) -> None:
        """See before proving that the book's verifier has the prover's key.

        Raises:
            InputError: it has another one.
            ChainError: not reached.
        """
        verifier = self.book.contracts.account_life.verifier_of("expire")
        if bytes(verifier.read("keyDigest")).hex() != self.prover.artifacts.key.digest():
            raise InputError(
                "the book verifies expire with another key than this machine's: use the keys that the book was "
                "deployed with"
            )


def _require_own_rho(step: ExpiryStep, commitment: int, from_epoch: int, to_epoch: int) -> None:
    """Refuse a rho that a node has chosen: under that of another state, it would learn the difference of the two.

    A node that is behind another may tell the step of an older state: then the account is read again.
    """
    if step.rho != expire_rho(commitment, from_epoch, to_epoch, step.slots, step.prices.effective):
        raise ChainError("the node tells another rho than that of this expiry", refusal="WrongRho")


def expiring_slots(times: Sequence[int], settled: int, expiry: int) -> int:
    """Bitmap of the slots whose asset expires at a time and has not settled.

    Args:
        times: when the asset of each slot expires, Unix seconds; 0 for never.
        settled: bitmap of the slots that have settled.
        expiry: the time.
    """
    due = sum(1 << slot for slot, time in enumerate(times) if time == expiry)
    return due & ~settled
