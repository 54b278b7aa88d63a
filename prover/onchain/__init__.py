"""Margin books and gates on a chain: deploying them, and what owners, guardians and registrars do and see.

Imported on its own (`import prover.onchain`): it takes web3 with it, which is heavy.
"""

from prover.onchain._artifacts import book_artifacts
from prover.onchain._book import AccountView, MarginBook
from prover.onchain._book_deployment import (
    USD_DECIMALS,
    EngineSettings,
    MissingTokensError,
    book_code,
    book_deployment,
    default_quorum,
    deploy_book,
    require_deployable,
    require_valid_settings,
)
from prover.onchain._calendar import Calendar, CalendarEntry, SlotStatus, listed_slot, present_assets, read_calendar
from prover.onchain._connection import is_local_chain, open_chain
from prover.onchain._cure import CurePlan
from prover.onchain._deployment import DeploymentPlan, DeploymentSteps, DeploymentTarget, deploy
from prover.onchain._deployment_journal import JournalFile, read_journal
from prover.onchain._deployment_record import DeploymentKind, DeploymentRecord, OtherChainError, local_record
from prover.onchain._deposits import DepositPlan, DepositReceipt
from prover.onchain._disclosure import find_words, transaction_lines
from prover.onchain._expiry import ExpireProver, ExpiryKeeper, expiring_slots
from prover.onchain._foundry_fixture import foundry_fixture
from prover.onchain._freshness import fresh_round, is_superseded, newest_round, round_age
from prover.onchain._gate_deployment import gate_code, gate_deployment
from prover.onchain._gatekeeper import Gatekeeper, MarginProver
from prover.onchain._guarded import find_guarded
from prover.onchain._insurance import Backing, Insurance, Stake
from prover.onchain._life import AccountLife, ClosedAccount
from prover.onchain._limits import AccountLimits, TriedWithdrawal
from prover.onchain._liquidation_keeper import LiquidationKeeper, WriteoffProver
from prover.onchain._liquidation_market import LiquidationMarket, flagged_since
from prover.onchain._liquidation_prover import LiquidationProver, open_liquidation_prover, open_liquidator
from prover.onchain._offer_checks import (
    MakerProof,
    Obstacle,
    ObstacleKind,
    check_maker_proof,
    offer_obstacle,
    require_takeable,
)
from prover.onchain._offer_terms import OfferedLeg, OfferedTrade, PricedOffer, is_far_from_mark
from prover.onchain._opening import accepted_guardian, successor_name, with_new_account
from prover.onchain._owner import Owner
from prover.onchain._permissions import AccountPermission, is_stopped, may_trade, permission_name
from prover.onchain._price_source import PriceSource
from prover.onchain._proofs import OWNER_STATEMENTS, BookProver, owner_artifacts
from prover.onchain._reader import AccountReader
from prover.onchain._registrar_gate import RegistrarGate
from prover.onchain._relisting import ListingStep, PlannedListing, carry_out_listing, plan_listings
from prover.onchain._report_checks import require_round_report
from prover.onchain._report_file import ReportFile, load_reports
from prover.onchain._restore import GAP_LIMIT, FoundAccounts, find_accounts, restore
from prover.onchain._retries import OutdatedProofError
from prover.onchain._rotation import PlannedMove, plan_rotation
from prover.onchain._round_fetching import FetchedRound, fetch_round
from prover.onchain._round_posting import HeldPrices, PostedReports, PriceMove, StaleAsset, post_reports, price_moves
from prover.onchain._sale import NoticeMade, Sale, SaleEnd, SaleFlagged
from prover.onchain._sessions import open_book_prover, open_expire_prover, open_margin_prover, open_owner
from prover.onchain._settling import SettledAsset, SettledExpiry, settle_expiry
from prover.onchain._snapshot import AccountNews, GuardedAccount, Snapshot
from prover.onchain._store import BookStore, Cursor, EventStore, open_user_store
from prover.onchain._takeover import Liquidator, NoticeMaker, TakeoverOffer
from prover.onchain._update_verifier import UpdateVerifier
from prover.onchain._watch import (
    AccountChange,
    AccountExpired,
    AccountFlagged,
    ChangeKind,
    ExpireAccounts,
    Expirer,
    ExpiryEvent,
    ExpiryRefused,
    FlagAccounts,
    FlagEvent,
    Flagger,
    FlagRefused,
    GuardianWatch,
    NodeBack,
    NodeLost,
    SnapshotRead,
    WatchEvent,
)
from prover.onchain._wind_down import WindDown, wind_down
from prover.onchain._withdrawals import DuePayOut, PendingWithdrawal, due_pay_outs, pending_withdrawals

__all__ = [
    "GAP_LIMIT",
    "OWNER_STATEMENTS",
    "USD_DECIMALS",
    "AccountChange",
    "AccountExpired",
    "AccountFlagged",
    "AccountLife",
    "AccountLimits",
    "AccountNews",
    "AccountPermission",
    "AccountReader",
    "AccountView",
    "Backing",
    "BookProver",
    "BookStore",
    "Calendar",
    "CalendarEntry",
    "ChangeKind",
    "ClosedAccount",
    "CurePlan",
    "Cursor",
    "DeploymentKind",
    "DeploymentPlan",
    "DeploymentRecord",
    "DeploymentSteps",
    "DeploymentTarget",
    "DepositPlan",
    "DepositReceipt",
    "DuePayOut",
    "EngineSettings",
    "EventStore",
    "ExpireAccounts",
    "ExpireProver",
    "Expirer",
    "ExpiryEvent",
    "ExpiryKeeper",
    "ExpiryRefused",
    "FetchedRound",
    "FlagAccounts",
    "FlagEvent",
    "FlagRefused",
    "Flagger",
    "FoundAccounts",
    "Gatekeeper",
    "GuardedAccount",
    "GuardianWatch",
    "HeldPrices",
    "Insurance",
    "JournalFile",
    "LiquidationKeeper",
    "LiquidationMarket",
    "LiquidationProver",
    "Liquidator",
    "ListingStep",
    "MakerProof",
    "MarginBook",
    "MarginProver",
    "MissingTokensError",
    "NodeBack",
    "NodeLost",
    "NoticeMade",
    "NoticeMaker",
    "Obstacle",
    "ObstacleKind",
    "OfferedLeg",
    "OfferedTrade",
    "OtherChainError",
    "OutdatedProofError",
    "Owner",
    "PendingWithdrawal",
    "PlannedListing",
    "PlannedMove",
    "PostedReports",
    "PriceMove",
    "PriceSource",
    "PricedOffer",
    "RegistrarGate",
    "ReportFile",
    "Sale",
    "SaleEnd",
    "SaleFlagged",
    "SettledAsset",
    "SettledExpiry",
    "SlotStatus",
    "Snapshot",
    "SnapshotRead",
    "Stake",
    "StaleAsset",
    "TakeoverOffer",
    "TriedWithdrawal",
    "UpdateVerifier",
    "WatchEvent",
    "WindDown",
    "WriteoffProver",
    "accepted_guardian",
    "book_artifacts",
    "book_code",
    "book_deployment",
    "carry_out_listing",
    "check_maker_proof",
    "default_quorum",
    "deploy",
    "deploy_book",
    "due_pay_outs",
    "expiring_slots",
    "fetch_round",
    "find_accounts",
    "find_guarded",
    "find_words",
    "flagged_since",
    "foundry_fixture",
    "fresh_round",
    "gate_code",
    "gate_deployment",
    "is_far_from_mark",
    "is_local_chain",
    "is_stopped",
    "is_superseded",
    "listed_slot",
    "load_reports",
    "local_record",
    "may_trade",
    "newest_round",
    "offer_obstacle",
    "open_book_prover",
    "open_chain",
    "open_expire_prover",
    "open_liquidation_prover",
    "open_liquidator",
    "open_margin_prover",
    "open_owner",
    "open_user_store",
    "owner_artifacts",
    "pending_withdrawals",
    "permission_name",
    "plan_listings",
    "plan_rotation",
    "post_reports",
    "present_assets",
    "price_moves",
    "read_calendar",
    "read_journal",
    "require_deployable",
    "require_round_report",
    "require_takeable",
    "require_valid_settings",
    "restore",
    "round_age",
    "settle_expiry",
    "successor_name",
    "transaction_lines",
    "wind_down",
    "with_new_account",
]
