"""A client of `LiquidationEngine`: flags, takeovers, write-offs and challenges of a book's accounts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Self

from eth_abi.abi import encode
from web3 import Web3
from web3.logs import DISCARD

from prover.chain._account_life import change_arguments
from prover.chain._chain import Chain, Contract
from prover.chain._gate import proof_arguments
from verifier import (
    MARGIN_KINDS,
    SCALAR_MODULUS,
    Proof,
    ReleaseClaim,
    StatementName,
    StateUpdate,
    VectorKind,
    WriteoffClaim,
)

ENGINE_STATEMENTS: Final[tuple[StatementName, ...]] = ("margin", "release", "writeoff")
"""Statements that the contract verifies, in the order of its constructor."""

_WRITEOFF_TAG: Final = b"writeoff".ljust(32, b"\0")


class LiquidationTerms(NamedTuple):
    """What takeovers, flags and challenges of an engine are held to: the struct of the contracts, field by field.

    Attributes:
        maintenance_buffer: the most health that a takeover may leave [1e-4 of the margin left].
        overdraft_buffer: the same for the overdraft.
        least_share: the part of the sellable margin that is taken at least [1e-4].
        flag_lifetime: how long a flag serves takeovers [active s], from an hour to a day.
        answer_window: how long an account can answer a challenge [active s], from 10 minutes to a day.
        least_amount: the margin that is enough where `least_share` is more [1e-18 USD].
        dust: the margin up to which an account may be sold whole [1e-18 USD].
        challenge_bond: what a challenge costs [wei].
    """

    maintenance_buffer: int = 2_500
    overdraft_buffer: int = 500
    least_share: int = 2_500
    flag_lifetime: int = 7_200
    answer_window: int = 3_600
    least_amount: int = 10_000 * 10**18
    dust: int = 1_000 * 10**18
    challenge_bond: int = 5 * 10**16


class LiquidationCurves(NamedTuple):
    """How the rates of an engine rise: the struct of the contract, field by field. Rates are in 1e-4.

    Attributes:
        maintenance_floor: at the end of the cure window.
        maintenance_cap: at the end of the ramp, at most 8,000.
        maintenance_ramp: from floor to cap [active s].
        overdraft_floor: as for the maintenance margin.
        overdraft_cap: at most 1,000.
        overdraft_ramp: as for the maintenance margin.
        uncovered_cap: where not even the floor is paid by equity.
        uncovered_ramp: from the flag on [active s].
    """

    maintenance_floor: int = 1_000
    maintenance_cap: int = 5_000
    maintenance_ramp: int = 300
    overdraft_floor: int = 50
    overdraft_cap: int = 500
    overdraft_ramp: int = 600
    uncovered_cap: int = 2_500
    uncovered_ramp: int = 300


class FixedRates(NamedTuple):
    """The rates of an engine without auctions: the struct of `FixedRateEngine`, field by field [1e-4].

    Attributes:
        maintenance: from the end of the cure window on, at most 8,000.
        overdraft: the same for the overdraft, at most 1,000.
        uncovered: where equity does not pay that, from the flag on; at most `maintenance`.
    """

    maintenance: int
    overdraft: int
    uncovered: int


class Challenge(NamedTuple):
    """A question to an account that it has to answer.

    Attributes:
        challenger: address that gets the bond back unless it is answered.
        round_id: the newest round when it was asked.
        started_at: when, on the clock `active_time(NO_FLAGS)` of the circuit breaker.
    """

    challenger: str
    round_id: int
    started_at: int


@dataclass(frozen=True, slots=True)
class TakenOver:
    """A part of an account was taken over.

    Attributes:
        victim: identity of the account that was flagged.
        taker: identity of the account that bought.
        ground: the flag that was answered.
        ticket: public name of what was bought.
        round_id: of both proofs.
        rate: covered rate of the proof [1e-4].
        uncovered_rate: uncovered rate of the proof [1e-4].
        is_cured: whether that flag ended.
        transaction: hash.
    """

    victim: int
    taker: int
    ground: VectorKind
    ticket: int
    round_id: int
    rate: int
    uncovered_rate: int
    is_cured: bool
    transaction: bytes


@dataclass(frozen=True)
class LiquidationEngineClient:
    """A deployed `ILiquidationEngine`, a module of its book. An account is named by its identity, a ground by its kind.

    Attributes:
        contract: the engine.
    """

    contract: Contract

    @classmethod
    def deploy(
        cls,
        chain: Chain,
        book: str,
        slots: int,
        verifiers: Mapping[StatementName, str],
        terms: LiquidationTerms,
        curves: LiquidationCurves | FixedRates,
    ) -> Self:
        """Deploy an engine. It has no owner, and the book has to name it as a module.

        Args:
            chain: where.
            book: address that the book has or will have.
            slots: N of the book.
            verifiers: addresses for `ENGINE_STATEMENTS`.
            terms: what is fixed beside the curves.
            curves: how rates rise; fixed ones for a `FixedRateEngine`.
        """
        addresses = [verifiers[statement] for statement in ENGINE_STATEMENTS]
        name = "FixedRateEngine" if isinstance(curves, FixedRates) else "LiquidationEngine"
        made = chain.deploy(name, book, slots, addresses, tuple(terms), tuple(curves))
        return cls(chain.at("LiquidationEngine", made.address))

    # ------------------------------------------------------------------------------------------------ calls

    def prepare_round(self, round_id: int, ground: VectorKind) -> Mapping[str, Any]:
        """Compute and store what all proofs of a round share. Raises ChainError when refused, as all calls here."""
        return self.contract.send("prepareRound", round_id, _number(ground))

    def flag(self, account: int, ground: VectorKind, round_id: int, recipient: int, proof: Proof) -> Mapping[str, Any]:
        """Flag an account that is below its margin.

        Args:
            account: its identity.
            ground: what for.
            round_id: the newest one.
            recipient: of the account's bond, bound into the proof: an address as a number; 0 for none.
            proof: of `margin` with healthy = 0, at the kind of the ground.
        """
        address = self.contract.chain.checksum(recipient)
        return self.contract.send("flag", account, _number(ground), round_id, address, proof_arguments(proof))

    def recover(self, account: int, ground: VectorKind, round_id: int, proof: Proof) -> Mapping[str, Any]:
        """End the flag of an account that meets its margin again.

        Args:
            account: its identity.
            ground: of the flag.
            round_id: the newest one, newer than the last proof about the account.
            proof: of `margin` with healthy = 1, at the kind of the ground, without a recipient.
        """
        return self.contract.send("recover", account, _number(ground), round_id, proof_arguments(proof))

    def take_over(
        self, round_id: int, ground: VectorKind, victim: int, release: ReleaseClaim, proof: Proof, buyer: StateUpdate
    ) -> Mapping[str, Any]:
        """Move a part of a flagged account to another one.

        Args:
            round_id: of both proofs: the newest one.
            ground: of the flag.
            victim: identity of the flagged account.
            release: what leaves it.
            proof: of the release.
            buyer: proof of the account that buys: side 1 of the ticket, and no claim.
        """
        takeover = (
            _number(ground),
            round_id,
            release.cured,
            release.taker != 0,
            release.ticket,
            release.rate,
            release.uncovered_rate,
            change_arguments(victim, release, proof),
            change_arguments(buyer.account, buyer, buyer.proof),
        )
        return self.contract.send("takeOver", takeover)

    def write_off(self, account: int, claim: WriteoffClaim, proof: Proof) -> Mapping[str, Any]:
        """End the debt of a flagged account without positions.

        Args:
            account: its identity.
            claim: of the debt, under the rho of `writeoff_rho`.
            proof: of the claim.
        """
        return self.contract.send("writeOff", claim.amount, change_arguments(account, claim, proof))

    def challenge(self, account: int, *, bond: int) -> Mapping[str, Any]:
        """Ask an account to show that it meets maintenance margin at the newest round.

        Args:
            account: its identity.
            bond: exactly `challenge_bond` of the terms [wei].
        """
        return self.contract.send("challenge", account, value=bond)

    def answer(self, account: int, recipient: int, proof: Proof) -> Mapping[str, Any]:
        """Answer the challenge of an account.

        Args:
            account: its identity.
            recipient: of the challenge bond, bound into the proof: an address as a number.
            proof: of `margin` with healthy = 1, at the round of the challenge, or of a later change of the account.
        """
        return self.contract.send("answer", account, self.contract.chain.checksum(recipient), proof_arguments(proof))

    def end_challenge(self, account: int) -> Mapping[str, Any]:
        """Give back the bond of a challenge that is over without an answer."""
        return self.contract.send("endChallenge", account)

    def flag_silent(self, account: int) -> Mapping[str, Any]:
        """Flag an account that did not answer its challenge in time."""
        return self.contract.send("flagSilent", account)

    # ------------------------------------------------------------------------------------------------ views

    def book(self) -> str:
        """Address of the book."""
        return str(self.contract.read("book"))

    def terms(self) -> LiquidationTerms:
        """What is fixed beside the curves."""
        return LiquidationTerms(*map(int, self.contract.read("parameters")))

    def curves(self) -> LiquidationCurves | FixedRates:
        """How rates rise; fixed ones where they are the same from their beginning to the end of a flag."""
        end = self.terms().flag_lifetime
        last = {ground: self.rates_at(ground, end) for ground in MARGIN_KINDS}
        if any(self.floor_rate(ground) != covered for ground, (covered, _) in last.items()) or any(
            self.rates_at(ground, 0)[1] != uncovered for ground, (_, uncovered) in last.items()
        ):
            return LiquidationCurves(*map(int, self.contract.read("curves")))
        maintenance, uncovered = last[VectorKind.MAINTENANCE]
        return FixedRates(maintenance, last[VectorKind.OVERDRAFT][0], uncovered)

    def floor_rate(self, ground: VectorKind) -> int:
        """The least covered rate of a ground after the cure window [1e-4]."""
        return int(self.contract.read("floorRate", _number(ground)))

    def rates_at(self, ground: VectorKind, elapsed: int) -> tuple[int, int]:
        """The covered and the uncovered rate that are reached some active seconds after a flag [1e-4]."""
        covered, uncovered = self.contract.read("ratesAt", _number(ground), elapsed)
        return int(covered), int(uncovered)

    def challenge_of(self, account: int) -> Challenge | None:
        """The challenge of an account; None where there is none."""
        challenger, round_id, started_at = self.contract.read("challengeOf", account)
        return Challenge(str(challenger), int(round_id), int(started_at)) if int(challenger, 16) else None

    def challenged(self, accounts: Sequence[int], block: int) -> list[int]:
        """Those of some accounts that have a challenge at the end of a block."""
        words = self.contract.read_many("challengeOf", accounts, len(Challenge._fields), block)
        return [account for account, (challenger, *_) in zip(accounts, words, strict=True) if challenger]

    def verifier_of(self, statement: StatementName) -> Contract:
        """The verifier of one of `ENGINE_STATEMENTS`."""
        return self.contract.chain.at("IGroth16Verifier", str(self.contract.read(f"{statement}Verifier")))

    # ------------------------------------------------------------------------------------------------ events

    def taken_over(self, receipt: Mapping[str, Any]) -> TakenOver:
        """The takeover of a transaction, by its receipt."""
        (log,) = self.contract.raw.events.TakenOver().process_receipt(receipt, errors=DISCARD)
        return _taken_over(log["args"], bytes(log["transactionHash"]))

    def challenges(self, first_block: int, last_block: int) -> list[int]:
        """Accounts that were challenged in a range of blocks, answered or not."""
        events = self.contract.logs("ChallengeOpened", first_block=first_block, last_block=last_block)
        return [int(event.arguments["account"]) for event in events]

    def takeovers(self, victim: int, first_block: int) -> list[TakenOver]:
        """All takeovers of parts of an account, the oldest first.

        Args:
            victim: its identity.
            first_block: no event of the book is older.
        """
        events = self.contract.logs("TakenOver", first_block=first_block, victim=victim)
        return [_taken_over(event.arguments, event.transaction) for event in events]

    def last_takeover(self, victim: int, first_block: int) -> TakenOver | None:
        """The newest takeover of a part of an account; None where there is none. Arguments as for `takeovers`."""
        events = self.contract.logs_backwards("TakenOver", first_block=first_block, victim=victim)
        return next((_taken_over(event.arguments, event.transaction) for event in events), None)


def writeoff_rho(commitment: int) -> int:
    """What the engine computes as rho of a `writeoff` of a debt (spec ZS-62).

    Args:
        commitment: to the state on chain.

    Returns:
        Keccak-256 over commitment and the tag `writeoff`, modulo r.
    """
    words = encode(["uint256", "bytes32"], [commitment, _WRITEOFF_TAG])
    return int.from_bytes(Web3.keccak(words), "big") % SCALAR_MODULUS


def _number(ground: VectorKind) -> int:
    """A ground as the contracts count them."""
    return MARGIN_KINDS.index(ground)


def _taken_over(arguments: Mapping[str, Any], transaction: bytes) -> TakenOver:
    return TakenOver(
        victim=int(arguments["victim"]),
        taker=int(arguments["taker"]),
        ground=MARGIN_KINDS[int(arguments["ground"])],
        ticket=int(arguments["ticket"]),
        round_id=int(arguments["roundId"]),
        rate=int(arguments["rate"]),
        uncovered_rate=int(arguments["uncoveredRate"]),
        is_cured=bool(arguments["isCured"]),
        transaction=transaction,
    )
