"""Accounts in a margin book on chain: what owners and guardians do and see.

Imported on its own (`import prover.onchain`): it takes web3 with it, which is heavy.
"""

from prover.onchain._book import AccountView, Leg, MarginBook
from prover.onchain._gatekeeper import Gatekeeper, MarginProver, margin_artifacts
from prover.onchain._owner import Owner
from prover.onchain._price_source import PriceSource
from prover.onchain._proofs import BookProver, owner_artifacts
from prover.onchain._reader import AccountReader, GuardedAccount, Snapshot
from prover.onchain._restore import restore
from prover.onchain._store import BookStore, Cursor, EventStore
from prover.onchain._update_verifier import UpdateVerifier

__all__ = [
    "AccountReader",
    "AccountView",
    "BookProver",
    "BookStore",
    "Cursor",
    "EventStore",
    "Gatekeeper",
    "GuardedAccount",
    "Leg",
    "MarginBook",
    "MarginProver",
    "Owner",
    "PriceSource",
    "Snapshot",
    "UpdateVerifier",
    "margin_artifacts",
    "owner_artifacts",
    "restore",
]
