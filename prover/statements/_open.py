"""`open`: its claim and witness inputs (spec ZS-60)."""

from prover.account import OwnerKeys, SealedState, empty_state
from prover.toolchain import Inputs, to_inputs
from verifier import OpeningClaim, ProvingError


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
    owner = keys.owner_point
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
