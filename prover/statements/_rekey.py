"""`rekey`: its claim and witness inputs (spec ZS-75)."""

from prover.account import OwnerKeys, SealedState
from prover.toolchain import Inputs, to_inputs
from verifier import ProvingError, RekeyClaim, Value, to_field


def rekey_claim(keys: OwnerKeys, before: SealedState, new_keys: OwnerKeys, after: SealedState) -> RekeyClaim:
    """What `rekey` says of an account.

    Args:
        keys: of the account so far.
        before: its state on chain.
        new_keys: of the account from now on.
        after: the same state, sealed by the viewing keys of `new_keys`.

    Raises:
        ProvingError: the new keys are of another book or have the old owner secret, or the state differs. The circuit
            allows the old secret. But its tag would link the account to all that the secret was used for.
    """
    if new_keys.domain != keys.domain:
        raise ProvingError("an account stays in its book")
    if new_keys.owner_secret == keys.owner_secret:
        raise ProvingError("an owner secret is used with one guardian only: draw another one")
    if after.state != before.state:
        raise ProvingError("an account keeps its balances under its new keys")
    owner, guardian = new_keys.owner_point, new_keys.guardian
    return RekeyClaim(
        old_commitment=before.commitment,
        new_commitment=after.commitment,
        identity=new_keys.identity,
        owner_tag=new_keys.owner_tag,
        owner_point=(owner.x, owner.y),
        guardian_point=(guardian.x, guardian.y),
        rho=after.rho,
        ciphertext=after.ciphertext,
    )


def rekey_inputs(keys: OwnerKeys, before: SealedState, new_keys: OwnerKeys, claim: RekeyClaim) -> Inputs:
    """Witness inputs of `rekey`.

    Args:
        keys: of the account so far.
        before: its state on chain.
        new_keys: of the account from now on.
        claim: `rekey_claim` of all three.
    """
    private: dict[str, Value] = {
        "oldOwnerSecret": keys.owner_secret,
        "oldViewKey": keys.view_key,
        "oldSalt": before.salt,
        "newOwnerSecret": new_keys.owner_secret,
        "balance": [to_field(balance) for balance in before.state.balances],
        "quote": to_field(before.state.quote),
    }
    return to_inputs(claim.values(keys.domain.tag()) | private)
