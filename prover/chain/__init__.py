"""Typed clients of the project's contracts, over web3.py.

Imported on its own (`import prover.chain`): web3 is heavy, and verifying a proof does not need it.
"""

from prover.chain._account_life import LIFE_STATEMENTS, AccountLifeClient, ExpiryStep
from prover.chain._book import (
    AccountClosed,
    AccountOpened,
    BatchReceipt,
    BookAccount,
    MarginBookClient,
    Permission,
    StateChanged,
    WithdrawalRequested,
    opening_arguments,
    settlement_arguments,
    update_arguments,
)
from prover.chain._book_deployment import OPTIONAL_ROLES as OPTIONAL_BOOK_ROLES
from prover.chain._book_deployment import ROLES as BOOK_ROLES
from prover.chain._book_deployment import BookContracts, BookSettings, DeployedEngine
from prover.chain._book_gate import BookAddresses, BookGateClient, DeployedGate
from prover.chain._broadcast_routes import PrivateNode
from prover.chain._chain import Chain, Contract
from prover.chain._chainlink import ChainlinkClient, Feed
from prover.chain._contract_code import ContractCode
from prover.chain._delivery import InsufficientFundsError, NonceTakenError
from prover.chain._deployment_journal import DeployedContract, DeploymentJournal
from prover.chain._endpoints import endpoint
from prover.chain._expire_rho import expire_rho
from prover.chain._expiries import EpochOpened, EpochStatus, ExpiriesClient
from prover.chain._gate import (
    ClaimsReceipt,
    GateAccount,
    GateClient,
    RegistrarGateClient,
    SolvencyClaim,
    proof_arguments,
    proof_words,
)
from prover.chain._gate_contracts import ROLES as GATE_ROLES
from prover.chain._gate_contracts import GateContracts
from prover.chain._governance import BreakerClient, Level, PriceLimits, RiskParametersClient
from prover.chain._liquidation_engine import (
    ENGINE_STATEMENTS,
    Challenge,
    FixedRates,
    LiquidationCurves,
    LiquidationEngineClient,
    LiquidationTerms,
    TakenOver,
    writeoff_rho,
)
from prover.chain._logs import Event
from prover.chain._notice_signatures import notice_signer, sign_notice
from prover.chain._owner_rounds import OwnerRoundsClient
from prover.chain._pending_transaction import ReplaceableTransaction
from prover.chain._price_rounds import CandidateRound, OnchainRound, Posting, RoundsClient
from prover.chain._proposal_signatures import proposal_signer, sign_proposal
from prover.chain._rehearsal import PlannedTransaction, Rehearsal
from prover.chain._release_rho import release_rho
from prover.chain._reports import (
    Report,
    ReportPurpose,
    is_signed_by_its_reporter,
    median_indices,
    report_arguments,
    sign_report,
    unsigned_report,
)
from prover.chain._request_policy import RequestPolicy
from prover.chain._sender import TransactionSender
from prover.chain._sending_account import Head, SendingAccount
from prover.chain._shortfall import InsuranceFundClient, LedgerClaim, RedeemRequest, ShortfallLedgerClient
from prover.chain._signers import AccountSigner, RemoteSigner, SignerError
from prover.chain._token import TokenClient
from prover.chain._transfer import download
from prover.chain._vault import Bond, QueuedWithdrawal, VaultClient
from verifier import ListedAsset

__all__ = [
    "BOOK_ROLES",
    "ENGINE_STATEMENTS",
    "GATE_ROLES",
    "LIFE_STATEMENTS",
    "OPTIONAL_BOOK_ROLES",
    "AccountClosed",
    "AccountLifeClient",
    "AccountOpened",
    "AccountSigner",
    "BatchReceipt",
    "Bond",
    "BookAccount",
    "BookAddresses",
    "BookContracts",
    "BookGateClient",
    "BookSettings",
    "BreakerClient",
    "CandidateRound",
    "Chain",
    "ChainlinkClient",
    "Challenge",
    "ClaimsReceipt",
    "Contract",
    "ContractCode",
    "DeployedContract",
    "DeployedEngine",
    "DeployedGate",
    "DeploymentJournal",
    "EpochOpened",
    "EpochStatus",
    "Event",
    "ExpiriesClient",
    "ExpiryStep",
    "Feed",
    "FixedRates",
    "GateAccount",
    "GateClient",
    "GateContracts",
    "Head",
    "InsufficientFundsError",
    "InsuranceFundClient",
    "LedgerClaim",
    "Level",
    "LiquidationCurves",
    "LiquidationEngineClient",
    "LiquidationTerms",
    "ListedAsset",
    "MarginBookClient",
    "NonceTakenError",
    "OnchainRound",
    "OwnerRoundsClient",
    "Permission",
    "PlannedTransaction",
    "Posting",
    "PriceLimits",
    "PrivateNode",
    "QueuedWithdrawal",
    "RedeemRequest",
    "RegistrarGateClient",
    "Rehearsal",
    "RemoteSigner",
    "ReplaceableTransaction",
    "Report",
    "ReportPurpose",
    "RequestPolicy",
    "RiskParametersClient",
    "RoundsClient",
    "SendingAccount",
    "ShortfallLedgerClient",
    "SignerError",
    "SolvencyClaim",
    "StateChanged",
    "TakenOver",
    "TokenClient",
    "TransactionSender",
    "VaultClient",
    "WithdrawalRequested",
    "download",
    "endpoint",
    "expire_rho",
    "is_signed_by_its_reporter",
    "median_indices",
    "notice_signer",
    "opening_arguments",
    "proof_arguments",
    "proof_words",
    "proposal_signer",
    "release_rho",
    "report_arguments",
    "settlement_arguments",
    "sign_notice",
    "sign_proposal",
    "sign_report",
    "unsigned_report",
    "update_arguments",
    "writeoff_rho",
]
