"""Ladders of `release` proofs: parts of one account at rising rates, for the lifetime of one price round."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from prover.account import SealedState, ViewingKeys
from prover.chain import release_rho
from prover.liquidation._auction import Auction
from prover.statements import Backend, SealedRelease, proof_of, release_inputs
from prover.toolchain import Artifacts
from prover.trade import Rates, Release, Ticket, plan_release
from verifier import Proof, ReleaseClaim, ReleaseInputs, ReleaseLimits


@dataclass(frozen=True)
class Parcel:
    """A proven part of an account, which a taker can buy.

    Attributes:
        ticket: what the taker buys, and what it pays. Secret.
        claim: what is proven of it.
        proof: of the claim.
    """

    ticket: Ticket = field(repr=False)
    claim: ReleaseClaim = field(repr=False)
    proof: Proof = field(repr=False)

    @property
    def rates(self) -> Rates:
        """Of the reward; which one of them is paid is private."""
        return Rates(self.claim.rate, self.claim.uncovered_rate)


def plan_ladder(
    before: SealedState, inputs: ReleaseInputs, auction: Auction, impact: Sequence[int], times: Sequence[int]
) -> tuple[Release, ...]:
    """The parts to prove for one round: for each time the smallest that cures at the rates of that time.

    A time that changes nothing adds no part: in the cure window of an account with equity, or where equity pays no
    more. The rates rise from part to part.

    Args:
        before: the account's state on chain.
        inputs: of the round and ground, with the limits after the cure window.
        auction: of the ground.
        impact: as for `plan_release`.
        times: at which a taker may come: active seconds since the flag, rising.

    Raises:
        InputError: as `plan_release`.
    """
    return tuple(_different(_planned(before, inputs, auction, impact, time) for time in times))


def _different(releases: Iterator[Release | None]) -> Iterator[Release]:
    """Those that pay another rate than the one before, or that the engine takes at other times."""
    last = None
    for release in releases:
        if release is not None and _terms(release) != last:
            yield release
            last = _terms(release)


def _terms(release: Release) -> tuple[bool, int, ReleaseLimits]:
    paid = release.rates.covered if release.is_covered else release.rates.uncovered
    return release.is_covered, paid, release.inputs.limits


def _planned(
    before: SealedState, inputs: ReleaseInputs, auction: Auction, impact: Sequence[int], time: int
) -> Release | None:
    now = replace(inputs, limits=auction.limits_at(time))
    release = plan_release(before.state, now, auction.reached(time), impact)
    if release is None or time not in auction.times_of(release.rates):
        return None
    return release if release.inputs.limits == auction.limits_of(release.rates) else None  # equity 0 lowers a rate to 0


def prove_ladder(
    backend: Backend,
    artifacts: Artifacts,
    keys: ViewingKeys,
    before: SealedState,
    releases: Sequence[Release],
    *,
    taker: int = 0,
) -> Iterator[Parcel]:
    """Prove parts of an account, in their order, as they are taken from the iterator.

    Args:
        backend: makes the proofs.
        artifacts: `release` of the book's size.
        keys: of the account.
        before: its state on chain.
        releases: of this state.
        taker: identity of the one account that may take them; 0 for any.

    Raises:
        ProvingError: a release is of another state, or breaks a rule.
        InputError: a cost is out of the range of a ticket.
        ToolError: the backend failed.
    """
    for release in releases:
        sealed = SealedRelease.make(
            keys, before, release, taker=taker, bind=lambda ticket: release_rho(before.commitment, ticket)
        )
        claim, inputs = sealed.claimed(), release_inputs(keys, sealed)
        yield Parcel(sealed.ticket, claim, proof_of(backend, artifacts, inputs, claim.signals(release.inputs)))
