"""`exit`: its claim and witness inputs (spec ZS-81)."""

from prover.account import OwnerKeys, SealedState
from prover.toolchain import Inputs, to_inputs
from prover.trade import exited_state
from verifier import ExitClaim, ProvingError, Value, to_field


def exit_claim(before: SealedState, after: SealedState, amount: int, recipient: int) -> ExitClaim:
    """What `exit` says of an account.

    Args:
        before: its state on chain.
        after: `exited_state` of it, sealed.
        amount: what leaves [1e-18 USD].
        recipient: whom it pays: an address as an integer below 2^160.

    Raises:
        InputError: as `exited_state`.
        ProvingError: the account has a position or less than the amount, or would be in another state.
    """
    if after.state != exited_state(before.state, amount):
        raise ProvingError("an exit takes its amount from quote, and no more")
    return ExitClaim(before.commitment, after.commitment, amount, recipient, after.rho, after.ciphertext)


def exit_inputs(keys: OwnerKeys, before: SealedState, claim: ExitClaim) -> Inputs:
    """Witness inputs of `exit`.

    Args:
        keys: of the account.
        before: its state on chain.
        claim: `exit_claim` of it.

    Raises:
        InputError: the recipient of the claim is no address.
    """
    private: dict[str, Value] = {
        "ownerSecret": keys.owner_secret,
        "viewKey": keys.view_key,
        "domain": keys.domain.tag(),
        "oldQuote": to_field(before.state.quote),
        "oldSalt": before.salt,
    }
    return to_inputs(claim.values() | private)
