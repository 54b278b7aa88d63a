"""The statements that create states: public signals; witness inputs of `open` and `writeoff` (spec ZS-60, ZS-62)."""

from collections.abc import Mapping, Sequence
from typing import Final

from prover._babyjubjub import BASE
from prover._keys import OwnerKeys
from prover._sealed import SealedState, ViewingKeys
from prover._state import State
from prover.toolchain import Inputs
from verifier import ProvingError, StatementName

PUBLIC_SIGNALS: Final[Mapping[StatementName, tuple[str, ...]]] = {
    "open": ("commitment", "identity", "domain", "ownerTag", "ownerPoint", "guardianPoint", "rho", "ciphertext"),
    "update": (
        "oldCommitment",
        "newCommitment",
        "ticket",
        "side",
        "transferAsset",
        "transferAmount",
        "isWithdrawal",
        "claim",
        "recipient",
        "rho",
        "ciphertext",
        "effectivePrice",
        "maintenancePerUnit",
        "initialPerUnit",
        "longOnly",
    ),
    "writeoff": ("oldCommitment", "newCommitment", "amount", "rho", "ciphertext"),
}
"""Names of the public signals in their order. In `update` the last four are the round's, the others the proof's own."""


def public_signals(statement: StatementName, inputs: Inputs) -> tuple[int, ...]:
    """The public signals among the inputs of a statement, as a verifier takes them."""
    values = [inputs[name] for name in PUBLIC_SIGNALS[statement]]
    return tuple(int(text) for value in values for text in ([value] if isinstance(value, str) else value))


def decimal_texts(values: Sequence[int]) -> list[str]:
    """Field elements as provers take them."""
    return [str(value) for value in values]


def empty_state(n: int) -> State:
    """The state that an account is opened in, and is written off to."""
    return State((0,) * n, 0)


def open_inputs(keys: OwnerKeys, empty: SealedState) -> Inputs:
    """Witness inputs of `open`.

    Args:
        keys: of the account.
        empty: `empty_state`, sealed by its viewing keys.

    Raises:
        ProvingError: another state.
    """
    if empty.state != empty_state(len(empty.state.balances)):
        raise ProvingError("an account is opened empty: deposit into it afterwards")
    owner = keys.owner_secret * BASE
    return {
        "commitment": str(empty.commitment),
        "identity": str(keys.identity),
        "domain": str(keys.domain.tag()),
        "ownerTag": str(keys.owner_tag),
        "ownerPoint": decimal_texts((owner.x, owner.y)),
        "guardianPoint": decimal_texts((keys.guardian.x, keys.guardian.y)),
        "rho": str(empty.rho),
        "ciphertext": decimal_texts(empty.ciphertext),
        "ownerSecret": str(keys.owner_secret),
    }


def writeoff_inputs(keys: ViewingKeys, before: SealedState, after: SealedState) -> Inputs:
    """Witness inputs of `writeoff`: for whoever can read the account.

    Args:
        keys: of the account.
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
    return {
        "oldCommitment": str(before.commitment),
        "newCommitment": str(after.commitment),
        "amount": str(-before.state.quote),
        "rho": str(after.rho),
        "ciphertext": decimal_texts(after.ciphertext),
        "ownerTag": str(keys.owner_tag),
        "viewKey": str(keys.view_key),
        "domain": str(keys.domain.tag()),
        "oldSalt": str(before.salt),
    }
