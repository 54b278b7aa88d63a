"""Asking before a step on a public chain that cannot be taken back, or that costs money."""

from prover.cli._questions import agrees, has_terminal
from prover.onchain import is_local_chain
from verifier import InputError


def require_consent(chain_id: int, step: str, *, yes: bool) -> None:
    """Ask whether to take a step. On a local chain nothing is asked.

    Args:
        chain_id: of the chain.
        step: what is to be done, such as "close the account".
        yes: whether the answer was given with the command.

    Raises:
        InputError: the answer is no, or there is no terminal to ask.
    """
    if yes or is_local_chain(chain_id):
        return
    if not has_terminal():
        raise InputError(
            f"chain {chain_id} is a public one, and there is no terminal to ask whether to {step}: add --yes; nothing "
            "was sent"
        )
    if not agrees(f"{step}?"):
        raise InputError("not confirmed: nothing was sent")
