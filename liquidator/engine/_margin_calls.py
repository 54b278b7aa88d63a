"""Margin calls: owners are told of accounts that near their line. Nothing of it is said in clear."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from liquidator.engine._alarms import AlarmKind, Alarms
from liquidator.engine._clock import Clock
from liquidator.engine._delivery import Delivery
from liquidator.engine._settings import CallSettings
from liquidator.risk import HORIZONS, CallRule, seconds_until
from liquidator.store import CallLevel, CallRecord, EngineStore, StoreError
from prover.account import CallBulletin, Domain, MarginCall, ViewingKeys
from prover.chain import OnchainRound
from verifier import InputError

_LOG: Final = structlog.get_logger("liquidator")

_HOUR, _DAY = HORIZONS.index(3_600.0), HORIZONS.index(86_400.0)
_ACT_BEFORE: Final = 0.1
"""An owner has time until the probability to cross reaches this."""


@dataclass
class MarginCalls:
    """Calls owners after a forecast. One thread uses it.

    Attributes:
        settings: who is told, and when.
        rule: says whether an owner is called.
        delivery: of new calls.
        store: remembers them over a restart.
        domain: of the book.
        book: its address, checksummed.
        clock: Unix seconds.
        alarms: told of a store or a file that fails.
    """

    settings: CallSettings
    rule: CallRule
    delivery: Delivery
    store: EngineStore
    domain: Domain
    book: str
    clock: Clock
    alarms: Alarms
    _told: dict[int, CallRecord] | None = field(default=None, init=False, repr=False)

    def after(
        self,
        crossing: Mapping[int, Sequence[float]],
        viewing: Callable[[int], ViewingKeys | None],
        round_: OnchainRound,
    ) -> int:
        """Call owners.

        Args:
            crossing: for each account that a forecast is about, by identity, the probability until each of `HORIZONS`.
                All others are far from their line.
            viewing: gives the keys of an account; None where there is none any more.
            round_: of the forecast.

        Returns:
            How many owners were called.
        """
        now, told = self.clock.now(), self._known()
        changes: dict[int, CallRecord | None] = {}
        keys: dict[int, ViewingKeys] = {}
        for account in told.keys() | crossing.keys():
            before, found, own = told.get(account), crossing.get(account), viewing(account)
            hour, day = (0.0, 0.0) if found is None else (found[_HOUR], found[_DAY])
            after = None if own is None else self.rule.after(before, hour, day, now)
            if own is not None:
                keys[account] = own
            if after != before:
                changes[account] = after
        for account, record in changes.items():
            if record is None:
                told.pop(account, None)
            else:
                told[account] = record
        self._keep(changes)
        sealed = {
            account: _call(crossing[account], record.level, round_).seal(keys[account])
            for account, record in told.items()
            if account in crossing and not record.is_over
        }
        new = [account for account in sealed.keys() & changes.keys() if told[account].told == now]
        self._deliver({account: sealed[account] for account in new}, list(sealed.values()), round_.id)
        return len(new)

    def close(self) -> None:
        """Deliver what waits, and end."""
        self.delivery.close()

    def _known(self) -> dict[int, CallRecord]:
        if self._told is None:
            self._told = self.store.margin_calls(self.domain.chain_id, self.book)
        return self._told

    def _keep(self, changes: Mapping[int, CallRecord | None]) -> None:
        if not changes:
            return
        try:
            self.store.keep_margin_calls(self.domain.chain_id, self.book, changes)
        except StoreError as error:  # an owner who hears twice after a restart is better than one who never hears
            self.alarms.begin(AlarmKind.STORE, str(error))

    def _deliver(self, new: Mapping[int, bytes], active: list[bytes], round_id: int) -> None:
        if new:
            calls = [
                {"account": f"0x{account:064x}", "sealed": base64.b64encode(call).decode()}
                for account, call in new.items()
            ]
            self.delivery.put({"chain": self.domain.chain_id, "book": self.book, "round": round_id, "calls": calls})
        if self.settings.bulletin is not None:
            bulletin = CallBulletin.of(self.domain, round_id, active, self.settings.bulletin_size)
            try:
                bulletin.save(self.settings.bulletin)
            except InputError as error:
                _LOG.warning("margin calls are not written", error=error)


def _call(crossing: Sequence[float], level: CallLevel, round_: OnchainRound) -> MarginCall:
    seconds = seconds_until(crossing, HORIZONS, _ACT_BEFORE)
    return MarginCall(
        level is CallLevel.URGENT,
        round(100 * crossing[_HOUR]),
        round(100 * crossing[_DAY]),
        int(seconds // 60),
        round_.id,
        round_.timestamp,
    )
