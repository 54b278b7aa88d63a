"""`expire`: its claim and witness inputs (spec ZS-80)."""

from prover.account import SealedState, ViewingKeys
from prover.toolchain import Inputs, to_inputs
from prover.trade import expired_state
from verifier import ExpireClaim, ProvingError, SettlementPrices, Value, to_field


def expire_claim(before: SealedState, after: SealedState, slots: int, prices: SettlementPrices) -> ExpireClaim:
    """What `expire` says of an account.

    Args:
        before: its state on chain.
        after: `expired_state` of it, sealed.
        slots: bitmap: bit i is 1 when slot i expired.
        prices: at which the slots settle.

    Raises:
        InputError: as `expired_state`.
        ProvingError: the account would be in another state, or its quote leave its range.
    """
    if after.state != expired_state(before.state, slots, prices):
        raise ProvingError("an expiry makes the balances of its slots cash at their settlement prices, and no more")
    return ExpireClaim(before.commitment, after.commitment, slots, after.rho, after.ciphertext)


def expire_inputs(keys: ViewingKeys, before: SealedState, claim: ExpireClaim, prices: SettlementPrices) -> Inputs:
    """Witness inputs of `expire`, which every reader of the account can prove.

    Args:
        keys: of the account.
        before: its state on chain.
        claim: `expire_claim` of it.
        prices: those of the claim.
    """
    private: dict[str, Value] = {
        "ownerTag": keys.owner_tag,
        "viewKey": keys.view_key,
        "domain": keys.domain.tag(),
        "oldBalance": [to_field(balance) for balance in before.state.balances],
        "oldQuote": to_field(before.state.quote),
        "oldShorts": before.state.shorts,
        "oldSalt": before.salt,
    }
    return to_inputs(claim.values() | prices.values() | private)
