"""Accounts in a margin book on chain: what owners and guardians do and see.

Imported on its own (`import prover.onchain`): it takes web3 with it, which is heavy.
"""

from prover.onchain._book import OnchainBook, ReadState
from prover.onchain._guardian import Guardian, Standing, restore, standing
from prover.onchain._guardian_view import Guarded, GuardianView, Present, View
from prover.onchain._owner import Owner
from prover.onchain._proofs import BookProver, owner_artifacts

__all__ = [
    "BookProver",
    "Guarded",
    "Guardian",
    "GuardianView",
    "OnchainBook",
    "Owner",
    "Present",
    "ReadState",
    "Standing",
    "View",
    "owner_artifacts",
    "restore",
    "standing",
]
