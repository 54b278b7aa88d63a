"""Whether an offer can still be taken, and why not."""

from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from prover.chain import Permission
from prover.formats import format_duration
from prover.onchain._book import MarginBook
from prover.onchain._freshness import is_superseded, round_age
from prover.onchain._owner import Owner
from prover.onchain._permissions import may_trade, permission_name
from prover.onchain._update_verifier import UpdateVerifier
from prover.toolchain import find_built, open_backend
from prover.trade import Claim, Offer
from verifier import ChainError, InputError, StateUpdate, VerificationError, VerifyingKey, instance_name


class ObstacleKind(StrEnum):
    """Why no account can take an offer any more."""

    SETTLED = "settled"
    UNKNOWN_MAKER = "unknown-maker"
    MAKER_CHANGED = "maker-changed"
    MAKER_MUST_REDUCE = "maker-must-reduce"
    MAKER_MUST_SHOW_MARGIN = "maker-must-show-margin"
    MAKER_MAY_NOT_TRADE = "maker-may-not-trade"
    SUPERSEDED = "superseded"
    TOO_OLD = "too-old"


class Obstacle(NamedTuple):
    """What keeps an offer from being taken.

    Attributes:
        kind: for programs.
        message: for people: why, and what to do.
    """

    kind: ObstacleKind
    message: str


def offer_obstacle(book: MarginBook, offer: Offer) -> Obstacle | None:
    """Why no account can take an offer now; None when it is good.

    The maker's proof is not verified here: see `check_maker_proof`.

    Raises:
        ChainError: the node is not reached.
    """
    contract = book.contracts.book
    obstacle = _maker_obstacle(book, offer.maker_update)
    if obstacle is not None:
        return obstacle
    if is_superseded(book, offer.round_id):
        return Obstacle(ObstacleKind.SUPERSEDED, "newer prices have come than the offer's: ask for a new offer")
    age, limit = round_age(book, book.round(offer.round_id)), contract.max_proof_age()
    if age > limit:
        return Obstacle(
            ObstacleKind.TOO_OLD,
            f"the offer's prices are {format_duration(age)} old, the book takes {format_duration(limit)} at most: "
            "ask for a new offer",
        )
    return None


def _maker_obstacle(book: MarginBook, update: StateUpdate) -> Obstacle | None:
    contract = book.contracts.book
    commitment = contract.account(update.account).commitment
    if commitment == 0:
        return Obstacle(ObstacleKind.UNKNOWN_MAKER, "no account of this book has made the offer: ask for a new one")
    if commitment == update.new_commitment:
        return Obstacle(ObstacleKind.SETTLED, "the offer was taken already: its trade is settled")
    if commitment != update.old_commitment:
        return Obstacle(
            ObstacleKind.MAKER_CHANGED, "the account that made the offer has changed since: ask for a new one"
        )
    if update.claim != Claim.MEETS_INITIAL_MARGIN and contract.must_show_margin(update.account):
        return Obstacle(
            ObstacleKind.MAKER_MUST_SHOW_MARGIN,
            "the account that made the offer has changed often in a row, and the offer does not show that it meets "
            "initial margin: ask for a new one",
        )
    return _permission_obstacle(contract.permission_of(update.account), Claim(update.claim))


def _permission_obstacle(permission: Permission, claim: Claim) -> Obstacle | None:
    if may_trade(permission, claim):
        return None
    if may_trade(permission, Claim.REDUCES_RISK):
        return Obstacle(
            ObstacleKind.MAKER_MUST_REDUCE,
            "the account that made the offer may take on no new risk now, and the offer does not show that it takes on "
            "none: ask for one that is made with --reduce-only",
        )
    return Obstacle(
        ObstacleKind.MAKER_MAY_NOT_TRADE,
        f"the account that made the offer may not trade now ({permission_name(permission)})",
    )


def require_takeable(owner: Owner, offer: Offer) -> None:
    """Refuse an offer that an account cannot settle, before it proves its side. Nothing is sent.

    Args:
        owner: the taker.
        offer: the maker's.

    Raises:
        InputError: an obstacle, or the offer does not fit the taker's account.
        VerificationError: the maker's proof does not verify.
        ChainError: the taker's account is not open, or the node is not reached.
    """
    book, contract = owner.book, owner.book.contracts.book
    obstacle = offer_obstacle(book, offer)
    if obstacle is not None:
        raise InputError(obstacle.message)
    if offer.maker_update.account == owner.identity:
        raise InputError("the offer is this account's own: another account has to take it")
    present = contract.account(owner.identity)
    if present.commitment == 0:
        raise ChainError("the account is not open in this book yet: `zksolvency account open` goes on with it")
    if present.changed_at_round > offer.round_id:
        raise InputError("your account has changed at a later round than the offer's: ask for a new offer")
    owner.updates.offer(offer, book.round(offer.round_id))


class MakerProof(NamedTuple):
    """What is known of a maker's proof.

    Attributes:
        verified: None where it was not verified.
        reason: why it was not verified, or which check refused it; None when it verifies.
        refusal: why the book would refuse it; None when it verifies, or was not verified.
    """

    verified: bool | None
    reason: str | None = None
    refusal: str | None = None


def check_maker_proof(book: MarginBook, offer: Offer, keys: Path | None = None) -> MakerProof:
    """Verify the maker's proof of an offer, if a key of the book is at hand.

    Args:
        book: the book.
        offer: the maker's.
        keys: folder with the keys of ceremonies; None for this machine's development keys, when they are built.

    Raises:
        InputError: the folder lacks the key, or the book has another one.
        ChainError: the node is not reached.
        ToolError: the backend failed.
    """
    name = instance_name("update", book.n)
    if keys is not None:
        key = VerifyingKey.load(keys / name / "verification_key.json")
    else:
        built = find_built(name)
        if built is None:
            return MakerProof(None, f"no key of {name} is built here, `zksolvency setup` builds one")
        key = built.key
    with open_backend() as backend:
        try:
            verifier = UpdateVerifier.of(book, key, backend)
        except InputError as error:
            if keys is not None:
                raise
            return MakerProof(None, str(error))
        try:
            verifier.offer(offer, book.round(offer.round_id))
        except VerificationError as error:
            return MakerProof(False, error.reason, str(error))
    return MakerProof(True)
