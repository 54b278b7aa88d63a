"""`writeoff`: its claim and witness inputs (spec ZS-62)."""

from prover.account import SealedState, ViewingKeys, empty_state
from prover.toolchain import Inputs, to_inputs
from verifier import ProvingError, WriteoffClaim


def writeoff_claim(before: SealedState, after: SealedState) -> WriteoffClaim:
    """What `writeoff` says of an account: what it owes, or 0 if it is empty and to be closed.

    Args:
        before: its state on chain.
        after: `empty_state`, sealed.

    Raises:
        ProvingError: the account has a position or a balance in its favour; or it would not be empty.
    """
    empty = empty_state(len(before.state.balances))
    if before.state.balances != empty.balances or before.state.quote > 0:
        raise ProvingError("only an account without positions whose quote is at most 0 can be written off")
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
