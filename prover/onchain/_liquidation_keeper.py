"""What readers of accounts prove to a liquidation engine: flags, recoveries, answers and write-offs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from prover.account import ViewingKeys, empty_state
from prover.chain import OnchainRound, writeoff_rho
from prover.onchain._book import AccountView, MarginBook
from prover.onchain._gatekeeper import MarginProver
from prover.onchain._liquidation_market import LiquidationMarket
from prover.onchain._retries import OutdatedProofError, retried
from prover.onchain._sending import Receipt, advised, receipt_of, send_once
from prover.statements import Backend, proof_of, writeoff_claim, writeoff_inputs
from prover.toolchain import Artifacts
from verifier import ChainError, InputError, ProvingError, VectorKind

_OUTDATED: Final = frozenset(
    {"CommitmentNotCurrent", "OtherEpoch", "ProofDoesNotVerify", "RoundSuperseded", "RoundTooOld"}
)
"""Refusals of a proof that was valid when it was begun, if the account or the round has changed since."""

_ADVICE: Final[Mapping[str, str]] = {
    "AlreadyFlagged": "the account is flagged on this ground already: its auction runs",
    "NotFlagged": "the account is not flagged on this ground: there is nothing to recover from",
    "NotChallenged": "the account is not challenged any more: it has been answered for, or has ended",
    "RecoveryNotAfterChange": "the account recovers by a proof at a later round than that of its last change: wait for "
    "newer prices",
    "ChallengeOver": "the challenge is over without an answer: `endChallenge` gives its bond back",
    "NoShortfallLedger": "the book has no shortfall ledger: it writes no debt off",
    "InCureWindow": "the cure window of the account is not over: its debt is written off later",
    "ProofDoesNotVerify": "the engine refuses the proof: were its keys made on another machine?",
    "RoundTooOld": "the newest price round is older than the book accepts: post a new one first",
    "Stopped": "the circuit breaker stops flags now: no account is flagged before it is open again",
}


@dataclass(frozen=True)
class LiquidationKeeper:
    """Proves on which side of its margin an account is, for guardians and owners, who can read it.

    The engine takes proofs from any sender. A proof that is out of date before it is mined is made again, a few times.

    Attributes:
        market: the engine and its book.
        prover: of `margin`.
    """

    market: LiquidationMarket
    prover: MarginProver

    def flag(
        self,
        account: ViewingKeys,
        ground: VectorKind,
        recipient: int = 0,
        *,
        seen: tuple[AccountView, OnchainRound] | None = None,
    ) -> Receipt:
        """Prove at the newest round that an account is below its margin. A flag that has expired is set again.

        Args:
            account: its viewing keys.
            ground: what for.
            recipient: of the account's bond: an address as an integer below 2^160, 0 for none.
            seen: the account and the newest round as they were read a moment ago; they are read again where the engine
                refuses a proof of them because one has changed. None to read both.

        Raises:
            ProvingError: the account meets its margin.
            InputError: the engine has another key than the prover.
            ChainError: refused, for instance because the account is flagged; or the node is not reached.
        """

        def send(view: AccountView, round_: OnchainRound) -> Receipt:
            proof = self.prover.prove(view.sealed, round_, healthy=False, recipient=recipient, kind=ground)
            return self.market.engine.flag(account.identity, ground, round_.id, recipient, proof)

        return self._submit(account, send, seen)

    def recover(self, account: ViewingKeys, ground: VectorKind) -> Receipt:
        """Prove at the newest round that a flagged account meets its margin again.

        Args:
            account: its viewing keys.
            ground: of the flag.

        Raises:
            ProvingError: the account is below its margin.
            InputError, ChainError: as `flag`.
        """

        def send(view: AccountView, round_: OnchainRound) -> Receipt:
            proof = self.prover.prove(view.sealed, round_, healthy=True, kind=ground)
            return self.market.engine.recover(account.identity, ground, round_.id, proof)

        return self._submit(account, send)

    def answer(self, account: ViewingKeys, recipient: int) -> Receipt:
        """Answer the challenge of an account: it met maintenance margin at its round, or at that of a later change.

        Args:
            account: its viewing keys.
            recipient: of the challenge bond: an address as an integer, from 1 to 2^160 - 1.

        Raises:
            ProvingError: the account was below its margin then.
            InputError: it is not challenged, or as `flag`.
            ChainError: refused, or not reached.
        """
        challenge = self.market.engine.challenge_of(account.identity)
        if challenge is None:
            raise InputError("the account is not challenged: there is nothing to answer")

        def send(view: AccountView, _: OnchainRound) -> Receipt:
            round_id = max(challenge.round_id, view.changed_at_round)
            round_ = self.market.book.round(round_id)
            proof = self.prover.prove(view.sealed, round_, healthy=True, recipient=recipient)
            return self.market.engine.answer(account.identity, recipient, proof)

        return self._submit(account, send)

    def _submit(
        self,
        account: ViewingKeys,
        send: Callable[[AccountView, OnchainRound], Receipt],
        seen: tuple[AccountView, OnchainRound] | None = None,
    ) -> Receipt:
        self.market.require_key("margin", self.prover.artifacts.key)
        at_first = [] if seen is None else [seen]
        with advised(_ADVICE):
            return retried(lambda: self._attempt(send, *(at_first.pop() if at_first else self._read(account))))

    def _read(self, account: ViewingKeys) -> tuple[AccountView, OnchainRound]:
        book = self.market.book
        view, round_ = book.open_state(account), book.latest_round()
        book.require_epoch(account.identity, round_.epoch)
        return view, round_

    def _attempt(
        self, send: Callable[[AccountView, OnchainRound], Receipt], view: AccountView, round_: OnchainRound
    ) -> Receipt:
        book = self.market.book
        try:
            return send(view, round_)
        except ChainError as error:
            if error.refusal in _OUTDATED and _has_changed(book, view, round_):
                raise OutdatedProofError(str(error), error.refusal) from None
            raise


@dataclass(frozen=True)
class WriteoffProver:
    """Writes off what is left of accounts that were sold and still owe, for those who can read them.

    Attributes:
        market: the engine and its book.
        artifacts: `writeoff` of the book's size, with its keys.
        backend: makes the proofs.
    """

    market: LiquidationMarket
    artifacts: Artifacts
    backend: Backend

    def write_off(self, account: ViewingKeys) -> Receipt:
        """Write off the debt of a flagged account without positions. The insurance fund pays, and the rest is shared.

        Args:
            account: its viewing keys.

        Raises:
            ProvingError: it has positions, or owes nothing.
            InputError: the engine has another key than the prover.
            ChainError: refused, for instance within its cure window; or not reached.
        """
        self.market.require_key("writeoff", self.artifacts.key)
        book, n = self.market.book, self.market.book.n
        before = book.open_state(account).sealed
        claim = writeoff_claim(before, account.seal(empty_state(n), writeoff_rho(before.commitment)))
        if not claim.amount:
            raise ProvingError("the account owes nothing: there is no debt to write off")
        inputs, since = writeoff_inputs(account, before, claim), book.contracts.chain.block_number()
        proof = proof_of(self.backend, self.artifacts, inputs, claim.signals(n))
        with advised(_ADVICE):
            return send_once(
                lambda: self.market.engine.write_off(account.identity, claim, proof),
                lambda: receipt_of(book, account.identity, [claim.new_commitment], since),
            )


def _has_changed(book: MarginBook, view: AccountView, round_: OnchainRound) -> bool:
    return book.open_state(view.viewing).sealed.commitment != view.sealed.commitment or book.latest_round() != round_
