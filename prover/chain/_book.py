"""A client of `MarginBook`: its calls, and what it tells of accounts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from functools import cached_property
from typing import Any, Final, NamedTuple, Self

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter
from web3 import Web3
from web3.logs import DISCARD

from prover.chain._chain import Contract
from prover.chain._gate import proof_arguments
from prover.chain._log_ranges import SHORT_WINDOW, windows
from prover.chain._logs import Event
from prover.chain._vault import VaultClient
from verifier import (
    ChainError,
    FieldPair,
    Opening,
    OpeningClaim,
    Proof,
    RekeyClaim,
    Settlement,
    StateUpdate,
)

_READS: Final = 6
"""How often a state is read again when the chain changes between two reads, or one node is behind another."""

_FLAG_EVENTS: Final = frozenset({"FlagCleared", "FlagSet"})
_MAX_CHOICES: Final = 256
"""Accounts that a node is asked to filter by; it is not asked to for more."""


NOT_IN_LOGS: Final = (
    "the node's logs do not hold the account's state: it may keep no old logs, or be behind another node; try again, "
    "or ask another node"
)


class _BehindError(ChainError):
    """Logs and contract of a node do not fit: another look may help."""


class Permission(IntEnum):
    """What an account may do. Each allows less than the one before it."""

    FREE = 0
    NO_NEW_RISK = 1
    TOP_UP_ONLY = 2
    CURE_ONLY = 3
    FROZEN = 4


class BookAccount(NamedTuple):
    """What the book knows of an account.

    Attributes:
        commitment: to its present state; 0 before it is opened, and once it is closed.
        changed_at_round: its next proof needs this round or a later one.
        proven_at_round: the newest round at which its present state was proven to meet maintenance margin, or, while it
            is flagged, not to.
        epoch: how many expiries its state has been through: it acts at rounds of this epoch alone.
        maintenance_flagged_at: when it was flagged for its maintenance margin, on the clock `active_time(NO_FLAGS)` of
            the circuit breaker; 0 when it is not.
        overdraft_flagged_at: when it was flagged for its overdraft, on that clock; 0 when it is not.
    """

    commitment: int
    changed_at_round: int
    proven_at_round: int = 0
    epoch: int = 0
    maintenance_flagged_at: int = 0
    overdraft_flagged_at: int = 0

    @property
    def is_used(self) -> bool:
        """Whether the account is open, or was: its identity is used up."""
        return any(self)

    @property
    def is_closed(self) -> bool:
        """Whether the account was closed, or has moved to another identity."""
        return not self.commitment and self.is_used

    @property
    def is_flagged(self) -> bool:
        """Whether the account is flagged, on any ground."""
        return bool(self.maintenance_flagged_at or self.overdraft_flagged_at)

    @property
    def first_flagged_at(self) -> int | None:
        """When it was flagged first of its present flags, on the clock of both; None when it is not flagged."""
        times = [time for time in (self.maintenance_flagged_at, self.overdraft_flagged_at) if time]
        return min(times, default=None)

    def is_of(self, state: "StateChanged") -> bool:
        """Whether the event is of the account's present state."""
        return (self.commitment, self.changed_at_round) == (state.commitment, state.changed_at_round)


@dataclass(frozen=True, slots=True)
class AccountOpened:
    """An account was opened.

    Attributes:
        account: its identity.
        owner_tag: P(TAG_OWNER, ownerSecret).
        owner_point: with it the guardian derives the viewing key.
        guardian_point: of its guardian.
        block: number.
    """

    account: int
    owner_tag: int
    owner_point: FieldPair
    guardian_point: FieldPair
    block: int


@dataclass(frozen=True, slots=True)
class AccountClosed:
    """An account was closed, or has moved. Its identity is used up.

    Attributes:
        account: its identity.
        successor: the identity that it moved to; 0 for none.
        block: number.
        transaction: hash.
    """

    account: int
    successor: int
    block: int
    transaction: bytes


@dataclass(frozen=True, slots=True)
class StateChanged:
    """An account has a new state, which owner and guardian can decrypt.

    Attributes:
        account: its identity.
        commitment: to the state.
        changed_at_round: the newest round at that time.
        rho: public value of the encryption.
        ciphertext: the state.
        block: number.
        transaction: hash.
    """

    account: int
    commitment: int
    changed_at_round: int
    rho: int
    ciphertext: tuple[int, ...]
    block: int
    transaction: bytes


class BookChanges(NamedTuple):
    """What a range of blocks changed.

    Attributes:
        openings: the oldest first.
        states: the oldest first.
        flagged: identities of accounts that were flagged, or whose flag ended.
    """

    openings: Sequence[AccountOpened]
    states: Sequence[StateChanged]
    flagged: Collection[int]


@dataclass(frozen=True, slots=True)
class WithdrawalRequested:
    """Collateral left an account, and waits in the vault's queue of its asset.

    Attributes:
        account: its identity.
        asset: slot, N for the settlement currency.
        amount: [1e-9 token], of the settlement currency [1e-18 USD].
        recipient: address.
        index: its place in the queue.
    """

    account: int
    asset: int
    amount: int
    recipient: str
    index: int

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> Self:
        """As the arguments of the event say."""
        return cls(*(arguments[field.name] for field in fields(cls)))


class BatchReceipt(NamedTuple):
    """What a batch of settlements ended in.

    Attributes:
        receipt: of the transaction.
        dropped: index in the batch and name of the error, for each settlement that was left out.
    """

    receipt: Mapping[str, Any]
    dropped: Mapping[int, str]


@dataclass(frozen=True)
class MarginBookClient:
    """A deployed `MarginBook`.

    Attributes:
        contract: the book.
        first_block: no event of it is older.
    """

    contract: Contract
    first_block: int = 0

    # ------------------------------------------------------------------------------------------------ calls

    def open(self, opening: Opening, *, bond: int = 0) -> Mapping[str, Any]:
        """Open an account, and return the receipt. Raises ChainError when node or book refuse, as all calls here.

        Args:
            opening: the proof.
            bond: exactly the vault's `opening_bond` [wei].
        """
        arguments = opening_arguments(opening.commitment, opening, opening.proof)
        return self.contract.send("open", arguments, value=bond)

    def deposit(
        self, round_id: int, asset: int, amount: int, update: StateUpdate, *, bond: int = 0
    ) -> Mapping[str, Any]:
        """Pay collateral of the sender, who has approved it to the vault, into an account.

        Args:
            round_id: the round of the proof.
            asset: slot, N for the settlement currency.
            amount: [1e-9 token], of the settlement currency [1e-18 USD].
            update: the account's proof.
            bond: of a cure, at least what the account's bond lacks; the vault credits the rest to the sender [wei].
        """
        return self.contract.send("deposit", round_id, asset, amount, update_arguments(update), value=bond)

    def withdraw(
        self, round_id: int, asset: int, amount: int, recipient: int, update: StateUpdate
    ) -> Mapping[str, Any]:
        """Take collateral out of an account, and queue it in the vault.

        Arguments as for `deposit`; `recipient` is the one bound into the proof.
        """
        recipient_address = self.contract.chain.checksum(recipient)
        return self.contract.send("withdraw", round_id, asset, amount, recipient_address, update_arguments(update))

    def withdrawal_of(self, receipt: Mapping[str, Any]) -> WithdrawalRequested:
        """The withdrawal that a transaction has queued, by its receipt."""
        (log,) = self.contract.raw.events.WithdrawalRequested().process_receipt(receipt, errors=DISCARD)
        return WithdrawalRequested.of(log["args"])

    def settle(self, round_id: int, settlement: Settlement) -> Mapping[str, Any]:
        """Settle a trade between two accounts."""
        return self.contract.send("settle", round_id, settlement_arguments(settlement))

    def settle_batch(self, round_id: int, settlements: Sequence[Settlement]) -> BatchReceipt:
        """Settle many trades at one round. What cannot be settled is left out."""
        receipt = self.contract.send("settleBatch", round_id, list(map(settlement_arguments, settlements)))
        dropped = self.contract.raw.events.SettlementDropped().process_receipt(receipt, errors=DISCARD)
        names = self._error_names()
        reasons = {int(log["args"]["index"]): names[bytes(log["args"]["reason"])] for log in dropped}
        return BatchReceipt(receipt, reasons)

    def prepare_round(self, round_id: int) -> Mapping[str, Any]:
        """Compute and store what all updates of a round share."""
        return self.contract.send("prepareRound", round_id)

    def set_guardian(self, point: FieldPair, *, accepted: bool) -> Mapping[str, Any]:
        """Accept a guardian for new accounts, or no longer. Only the owner."""
        return self.contract.send("setGuardian", list(point), accepted)

    def announce_gate(self, gate: str) -> Mapping[str, Any]:
        """Announce another gate. Only the owner."""
        return self.contract.send("announceGate", gate)

    def activate_gate(self) -> Mapping[str, Any]:
        """Put the announced gate in force when it is due. Only the owner."""
        return self.contract.send("activateGate")

    # ------------------------------------------------------------------------------------------------ views

    @cached_property
    def vault(self) -> VaultClient:
        """The contract that holds the tokens, and that deposits approve. It never changes."""
        return VaultClient(self.contract.chain.at("BookVault", str(self.contract.read("vault"))))

    def withdrawal_requests(self, account: int) -> list[WithdrawalRequested]:
        """All withdrawals of an account, paid or not, the oldest first."""
        events = self.contract.logs("WithdrawalRequested", first_block=self.first_block, account=account)
        return [WithdrawalRequested.of(event.arguments) for event in events]

    def domain(self) -> int:
        """P(TAG_DOMAIN, chain id, book)."""
        return int(self.contract.read("domain"))

    def account(self, account: int, block: int | None = None) -> BookAccount:
        """What the book knows of an account, by its identity, at the end of a block; None for the newest."""
        return BookAccount(*map(int, self.contract.read("accountState", account, block=block)))

    def accounts(self, accounts: Collection[int], block: int) -> dict[int, BookAccount]:
        """What the book knows of many accounts, by their identities, at the end of a block."""
        asked = list(accounts)
        found = self.contract.read_many("accountState", asked, words=len(BookAccount._fields), block=block)
        return {account: BookAccount(*words) for account, words in zip(asked, found, strict=True)}

    def account_count(self, block: int | None = None) -> int:
        """How many identities were ever used, at the end of a block; None for the newest."""
        return int(self.contract.read("accountCount", block=block))

    def permission_of(self, account: int) -> Permission:
        """What an account may do now, by breaker, flags and gate."""
        return Permission(self.contract.read("permissionOf", account))

    def must_show_margin(self, account: int) -> bool:
        """Whether the next deposit or trade of an account has to show initial margin: it has often not done so."""
        return bool(self.contract.read("mustShowMargin", account))

    def guardian_accepted(self, point: FieldPair) -> bool:
        """Whether new accounts may name a guardian."""
        return bool(self.contract.read("guardianAccepted", self._guardian_id(point)))

    def token_of(self, asset: int) -> str | None:
        """The token of a slot, N for the settlement currency; None for a derivative."""
        return self.vault.token(asset)

    def holdings_of(self, asset: int) -> int:
        """What came in of a token less what went out, in the token's own units."""
        return self.vault.holdings(asset)

    def spot_assets(self) -> int:
        """Bitmap of the slots that have a token."""
        return int(self.contract.read("spotAssets"))

    def long_only(self, round_id: int) -> int:
        """Bitmap of the slots that no account may be short of at a round."""
        return int(self.contract.read("longOnly", round_id))

    def spot_scale(self, round_id: int) -> int:
        """What the prices of spot are multiplied with at a round [1e-18]."""
        return int(self.contract.read("spotScale", round_id))

    def max_proof_age(self) -> int:
        """How old the round of a proof may be [s]."""
        return int(self.contract.read("maxProofAge"))

    def trade_grace(self) -> int:
        """How long trades may still be proven at a round, once a calm one after it was recorded [s]."""
        return int(self.contract.read("TRADE_GRACE"))

    def cure_window(self) -> int:
        """How long a flagged account may top up before only a cure is left [s in which flags are on]."""
        return int(self.contract.read("cureWindow"))

    def is_prepared(self, round_id: int) -> bool:
        """Whether what all updates of a round share is stored."""
        return bool(self.contract.read("prepared", round_id))

    def gate(self) -> str | None:
        """The gate in force."""
        address = str(self.contract.read("gate"))
        return address if int(address, 16) else None

    def takes_reports_of(self, address: str) -> bool:
        """Whether a contract can report flags and solvency: the gate in force, or a module of the book."""
        return self.gate() == address or bool(self.contract.read("isModule", address))

    def verifiers(self) -> tuple[Contract, Contract]:
        """The verifiers of `open` and of `update`."""
        chain = self.contract.chain
        addresses = (self.contract.read("openVerifier"), self.contract.read("verifier"))
        open_verifier, update_verifier = (chain.at("IGroth16Verifier", str(address)) for address in addresses)
        return open_verifier, update_verifier

    # ------------------------------------------------------------------------------------------------ events

    def guardians(self) -> list[FieldPair]:
        """Points of the guardians that new accounts may name, oldest first."""
        return [point for point in self.known_guardians() if self.guardian_accepted(point)]

    def known_guardians(self) -> list[FieldPair]:
        """Points of all guardians that new accounts may name now, or could at some time, oldest first."""
        events = self.contract.logs("GuardianSet", first_block=self.first_block)
        return list(dict.fromkeys(_pair(event.arguments["point"]) for event in events))

    def openings(
        self,
        guardian_point: FieldPair | None = None,
        first_block: int | None = None,
        last_block: int | None = None,
        *,
        accounts: Collection[int] | None = None,
    ) -> list[AccountOpened]:
        """Every account that was opened, oldest first.

        Args:
            guardian_point: only those that named this guardian.
            first_block: from this block on; None for all of them.
            last_block: up to this block; None for the newest.
            accounts: only these, by their identities.
        """
        filters: dict[str, Any] = {}
        if accounts is not None:
            filters["account"] = list(accounts)
        if guardian_point is not None:
            filters["guardian"] = self._guardian_id(guardian_point)
        return list(map(_opened, self._logs("AccountOpened", first_block, last_block, filters)))

    def closing(self, account: int, first_block: int | None = None) -> AccountClosed | None:
        """By which event an account was closed, or has moved; None while the node's logs hold none.

        Args:
            account: identity.
            first_block: from this block on; None for all of them.
        """
        for event in self._logs("AccountClosed", first_block, None, {"account": account}):
            successor = int(event.arguments["successor"])
            return AccountClosed(account, successor, event.block, event.transaction)
        return None

    def states(
        self,
        account: int | list[int] | None = None,
        first_block: int | None = None,
        last_block: int | None = None,
    ) -> list[StateChanged]:
        """Every state of an account, of several, or of all, oldest first.

        Args:
            account: identity, or identities; None for all.
            first_block: from this block on; None for all of them.
            last_block: up to this block; None for the newest.
        """
        filters: dict[str, Any] = {} if account is None else {"account": account}
        return list(map(_changed, self._logs("StateChanged", first_block, last_block, filters)))

    def changes(self, first_block: int, last_block: int) -> BookChanges:
        """What a range of blocks changed, in one reading of logs."""
        events = self.contract.logs(first_block=first_block, last_block=last_block)
        return BookChanges(
            [_opened(event) for event in events if event.name == "AccountOpened"],
            [_changed(event) for event in events if event.name == "StateChanged"],
            {int(event.arguments["account"]) for event in events if event.name in _FLAG_EVENTS},
        )

    def _logs(
        self, event: str, first_block: int | None, last_block: int | None, filters: Mapping[str, Any]
    ) -> list[Event]:
        first = self.first_block if first_block is None else first_block
        return self.contract.logs(event, first_block=first, last_block=last_block, **filters)

    def present_state(self, account: int, block: int | None = None) -> StateChanged | None:
        """The event of an account's present state; None before it is opened, and once it is closed.

        Contract and logs are read at one block, and again when they do not fit: the chain was reorganised, the node
        leaves a log out, or there are several nodes behind one URL.

        Args:
            account: identity.
            block: as of its end; None for the newest.

        Raises:
            ChainError: the node's logs do not hold the state that its contract has.
        """
        again = Retrying(
            stop=stop_after_attempt(_READS),
            wait=wait_exponential_jitter(multiplier=0.1, jitter=0.1),
            retry=retry_if_exception_type(_BehindError),
            reraise=True,
        )
        return again(self._present_state, account, block)

    def _present_state(self, account: int, block: int | None) -> StateChanged | None:
        last = self.contract.chain.block_number() if block is None else block
        present = self.account(account, last)
        if present.commitment == 0:
            return None
        state = self.find_states({account: present}, last).get(account)
        if state is None:
            raise _BehindError(NOT_IN_LOGS)
        return state

    def change_to(
        self, account: int, commitments: Collection[int], first_block: int, last_block: int
    ) -> StateChanged | None:
        """The event by which an account came to one of some states, the newest; None when it has its state otherwise.

        Args:
            account: identity.
            commitments: to the states, each drawn for one attempt.
            first_block: no such event is older.
            last_block: up to this block.

        Raises:
            ChainError: the account has one of the states now, and the node's logs do not hold the event.
        """
        present = self.account(account, last_block).commitment
        for first, last in windows(first_block, last_block):
            for state in reversed(self.states(account, first, last)):
                if state.commitment in commitments:
                    return state
        if present in commitments:
            raise ChainError(NOT_IN_LOGS)
        return None

    def find_states(
        self, wanted: Mapping[int, BookAccount], last_block: int, first_block: int | None = None
    ) -> dict[int, StateChanged]:
        """The events of states that the contract tells of. What the node leaves out, it is asked for twice.

        Args:
            wanted: the states, by identity.
            last_block: up to this block.
            first_block: from this block on; None for all of them.

        Returns:
            Those that the node's logs hold.
        """
        start = self.first_block if first_block is None else first_block
        found: dict[int, StateChanged] = {}
        for first_window in (SHORT_WINDOW, None):
            for first, last in windows(start, last_block, first_window):
                missing = set(wanted) - set(found)
                if not missing:
                    return found
                asked = list(missing) if len(missing) <= _MAX_CHOICES else None
                for state in self.states(asked, first, last):
                    present = wanted.get(state.account)
                    if present is not None and present.is_of(state):
                        found[state.account] = state
        return found

    def checked_openings(self, last_block: int) -> tuple[list[AccountOpened], int]:
        """Every account that was opened up to a block, and how many more the book has counted by then.

        Where the node's logs hold fewer than the book has counted, they are read again in shorter ranges.

        Returns:
            Openings, oldest first, and how many the node leaves out.
        """
        openings = {one.account: one for one in self.openings(last_block=last_block)}
        count = self.account_count(last_block)
        if len(openings) < count:
            openings |= {one.account: one for one in self.openings_anew(last_block)}
        return sorted(openings.values(), key=lambda one: one.block), max(count - len(openings), 0)

    def openings_anew(self, last_block: int) -> list[AccountOpened]:
        """Every account that was opened up to a block, read in short ranges: for a node that has left some out."""
        ranges = windows(self.first_block, last_block, SHORT_WINDOW)
        return [one for first, last in ranges for one in self.openings(None, first, last)]

    def depositors(self, first_block: int | None, last_block: int) -> set[int]:
        """Identities of all accounts that had a deposit in a range of blocks; None for the first one of the book."""
        return {int(event.arguments["account"]) for event in self._logs("Deposited", first_block, last_block, {})}

    def find_openings(self, accounts: Collection[int], last_block: int) -> list[AccountOpened]:
        """The openings of accounts, asked for by name and in other ranges than `openings` asks.

        Args:
            accounts: identities of accounts whose openings the node left out.
            last_block: up to this block.

        Returns:
            Those that the node's logs hold.
        """
        found: dict[int, AccountOpened] = {}
        for first, last in windows(self.first_block, last_block, SHORT_WINDOW):
            missing = sorted(set(accounts) - set(found))
            if not missing:
                break
            asked = missing if len(missing) <= _MAX_CHOICES else None
            found |= {one.account: one for one in self.openings(None, first, last, accounts=asked)}
        return [opened for account, opened in found.items() if account in accounts]

    def _error_names(self) -> dict[bytes, str]:
        """Name of each error without arguments by its selector: those that a batch reports."""
        names = [item["name"] for item in self.contract.raw.abi if item["type"] == "error" and not item["inputs"]]
        return {bytes(Web3.keccak(text=f"{name}()")[:4]): name for name in names}

    def _guardian_id(self, point: FieldPair) -> bytes:
        return bytes(self.contract.read("guardianId", list(point)))


def _opened(event: Event) -> AccountOpened:
    return AccountOpened(
        account=int(event.arguments["account"]),
        owner_tag=int(event.arguments["ownerTag"]),
        owner_point=_pair(event.arguments["ownerPoint"]),
        guardian_point=_pair(event.arguments["guardianPoint"]),
        block=event.block,
    )


def _changed(event: Event) -> StateChanged:
    return StateChanged(
        account=int(event.arguments["account"]),
        commitment=int(event.arguments["commitment"]),
        changed_at_round=int(event.arguments["changedAtRound"]),
        rho=int(event.arguments["rho"]),
        ciphertext=tuple(map(int, event.arguments["ciphertext"])),
        block=event.block,
        transaction=event.transaction,
    )


def _pair(values: Sequence[int]) -> FieldPair:
    x, y = values
    return int(x), int(y)


def opening_arguments(commitment: int, opening: OpeningClaim | RekeyClaim, proof: Proof) -> tuple[Any, ...]:
    """The struct `Opening`.

    Args:
        commitment: to the first state of the identity.
        opening: the identity, and the encrypted state.
        proof: of the claim.
    """
    return (
        commitment,
        opening.identity,
        opening.owner_tag,
        list(opening.owner_point),
        list(opening.guardian_point),
        opening.rho,
        list(opening.ciphertext),
        proof_arguments(proof),
    )


def update_arguments(update: StateUpdate) -> tuple[Any, ...]:
    """An update as the contracts take it."""
    return (
        update.account,
        update.old_commitment,
        update.new_commitment,
        update.claim,
        update.rho,
        list(update.ciphertext),
        proof_arguments(update.proof),
    )


def settlement_arguments(settlement: Settlement) -> tuple[Any, ...]:
    """A settlement as the contracts take it."""
    return (settlement.ticket, update_arguments(settlement.buyer), update_arguments(settlement.seller))
