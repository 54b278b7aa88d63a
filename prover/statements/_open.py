"""`open` and `writeoff`: claims, and their witness inputs (spec ZS-60, ZS-62)."""

from prover.account import BASE, OwnerKeys, SealedState, State, ViewingKeys
from prover.toolchain import Inputs, to_inputs
from verifier import OpeningClaim, ProvingError, WriteoffClaim


def empty_state(n: int) -> State:
    """The state that an account is opened in, and is written off to."""
    return State((0,) * n, 0)


def opening_claim(keys: OwnerKeys, empty: SealedState) -> OpeningClaim:
    """What `open` says of an account.

    Args:
        keys: of the account.
        empty: `empty_state`, sealed by its viewing keys.

    Raises:
        ProvingError: another state.
    """
    if empty.state != empty_state(len(empty.state.balances)):
        raise ProvingError("an account is opened empty: deposit into it afterwards")
    owner = keys.owner_secret * BASE
    return OpeningClaim(
        commitment=empty.commitment,
        identity=keys.identity,
        owner_tag=keys.owner_tag,
        owner_point=(owner.x, owner.y),
        guardian_point=(keys.guardian.x, keys.guardian.y),
        rho=empty.rho,
        ciphertext=empty.ciphertext,
    )


def open_inputs(keys: OwnerKeys, claim: OpeningClaim) -> Inputs:
    """Witness inputs of `open`.

    Args:
        keys: of the account.
        claim: `opening_claim` of it.
    """
    return to_inputs(claim.values(keys.domain.tag()) | {"ownerSecret": keys.owner_secret})


def writeoff_claim(before: SealedState, after: SealedState) -> WriteoffClaim:
    """What `writeoff` says of an account.

    Args:
        before: its state on chain.
        after: `empty_state`, sealed.

    Raises:
        ProvingError: the account has a position, or owes nothing; or it would not be empty.
    """
    empty = empty_state(len(before.state.balances))
    if before.state.balances != empty.balances or before.state.quote >= 0:
        raise ProvingError("only an account without positions that owes something can be written off")
    if after.state != empty:
        raise ProvingError("an account is empty once it is written off")
    return WriteoffClaim(before.commitment, after.commitment, -before.state.quote, after.rho, after.ciphertext)


def writeoff_inputs(keys: ViewingKeys, before: SealedState, claim: WriteoffClaim) -> Inputs:
    """Witness inputs of `writeoff`, which every reader of the account can prove.

    Args:
        keys: of the account.
        before: its state on chain.
        claim: `writeoff_claim` of it.
    """
    private = {
        "ownerTag": keys.owner_tag,
        "viewKey": keys.view_key,
        "domain": keys.domain.tag(),
        "oldSalt": before.salt,
    }
    return to_inputs(claim.values() | private)
