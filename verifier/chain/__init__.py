"""Typed clients of the project's contracts, over web3.py.

Imported on its own (`import verifier.chain`): web3 is heavy, and verifying a proof does not need it.
"""

from verifier._book_calls import ListedAsset
from verifier.chain._book import (
    AccountOpened,
    BatchReceipt,
    BookAccount,
    MarginBookClient,
    Permission,
    StateChanged,
    settlement_arguments,
    update_arguments,
)
from verifier.chain._book_deployment import BookContracts, BookSettings
from verifier.chain._book_gate import BookGateClient, GateSite
from verifier.chain._chain import Chain, Contract, ContractCode, DeployedContract, DeploymentJournal
from verifier.chain._chainlink import ChainlinkClient, Feed, FeedFault
from verifier.chain._gate import (
    ClaimsReceipt,
    GateAccount,
    GateClient,
    RegistrarGateClient,
    SolvencyClaim,
    proof_arguments,
)
from verifier.chain._gate_deployment import Deployment
from verifier.chain._governance import BreakerClient, Level, PriceLimits, RiskParametersClient
from verifier.chain._logs import Event
from verifier.chain._oracle import CandidateRound, OnchainRound, PostedAs, Posting, RoundsClient
from verifier.chain._owner_rounds import OwnerRoundsClient
from verifier.chain._patience import Patience
from verifier.chain._rehearsal import PlannedTransaction, Rehearsal
from verifier.chain._reports import Report, is_signed_by_its_reporter, median_places, sign_report
from verifier.chain._token import TokenClient

__all__ = [
    "AccountOpened",
    "BatchReceipt",
    "BookAccount",
    "BookContracts",
    "BookGateClient",
    "BookSettings",
    "BreakerClient",
    "CandidateRound",
    "Chain",
    "ChainlinkClient",
    "ClaimsReceipt",
    "Contract",
    "ContractCode",
    "DeployedContract",
    "Deployment",
    "DeploymentJournal",
    "Event",
    "Feed",
    "FeedFault",
    "GateAccount",
    "GateClient",
    "GateSite",
    "Level",
    "ListedAsset",
    "MarginBookClient",
    "OnchainRound",
    "OwnerRoundsClient",
    "Patience",
    "Permission",
    "PlannedTransaction",
    "PostedAs",
    "Posting",
    "PriceLimits",
    "RegistrarGateClient",
    "Rehearsal",
    "Report",
    "RiskParametersClient",
    "RoundsClient",
    "SolvencyClaim",
    "StateChanged",
    "TokenClient",
    "is_signed_by_its_reporter",
    "median_places",
    "proof_arguments",
    "settlement_arguments",
    "sign_report",
    "update_arguments",
]
