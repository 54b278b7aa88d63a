"""Clients of risk parameters and circuit breaker."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, NamedTuple

from web3 import Web3

from prover.chain._chain import Contract
from verifier import ListedAsset

GUARDIAN_ROLE: Final = bytes(Web3.keccak(text="GUARDIAN_ROLE"))
"""Of `CircuitBreaker`. Computed, since a rehearsed deployment has no contract to ask."""

STEWARD_ROLE: Final = bytes(Web3.keccak(text="STEWARD_ROLE"))
"""Of `RiskParameters`."""


class PriceLimits(NamedTuple):
    """Limits of the prices of a slot.

    Attributes:
        deviation_ppm: how far the price may move in a minute [ppm of the price].
        deviation_amount: how far any price may move in a minute [1e-9 USD].
        least_price: [1e-9 USD]
        greatest_price: [1e-9 USD]; 0 in a slot without an asset, and only there.
    """

    deviation_ppm: int
    deviation_amount: int
    least_price: int
    greatest_price: int


@dataclass(frozen=True)
class RiskParametersClient:
    """A deployed `RiskParameters`.

    Attributes:
        contract: the parameters.
    """

    contract: Contract

    def version(self) -> int:
        """Present version, from 1."""
        return int(self.contract.read("version"))

    def asset(self, slot: int) -> ListedAsset:
        """The present entry of a slot."""
        return ListedAsset(*self.contract.read("asset", slot))

    def announced(self, slot: int) -> tuple[ListedAsset, int]:
        """The announced entry of a slot, and when it becomes executable, Unix seconds; 0 for none."""
        entry, executable_at = self.contract.read("announced", slot)
        return ListedAsset(*entry), int(executable_at)

    def spot_assets(self) -> int:
        """Bitmap of the slots that hold a spot asset now."""
        return int(self.contract.read("spotAssetsAt", self.version()))

    def price_limits(self) -> list[PriceLimits]:
        """Present limits of each slot; zeros for a slot without an asset."""
        return [PriceLimits(*map(int, limits)) for _, limits, _ in self.contract.read("parametersAt", self.version())]

    def expiry_times(self) -> list[int]:
        """When the present asset of each slot expires, Unix seconds; 0 for never."""
        return [int(expires_at) for _, _, expires_at in self.contract.read("parametersAt", self.version())]

    def delisted_slots(self) -> int:
        """Bitmap of the slots whose asset will be delisted, or was and was not replaced."""
        return int(self.contract.read("delistedSlots"))

    def delay(self) -> int:
        """How long an announced change waits, and how long the notice of a delisting is at least [s]."""
        return int(self.contract.read("delay"))

    def expiries(self) -> str:
        """Address of the contract where assets settle."""
        return str(self.contract.read("expiries"))

    def announce(self, slot: int, entry: ListedAsset) -> Mapping[str, Any]:
        """Announce the entry of a slot. Only governance."""
        return self.contract.send("announce", slot, tuple(entry))

    def cancel(self, slot: int) -> Mapping[str, Any]:
        """Cancel the announced entry of a slot. Only governance."""
        return self.contract.send("cancel", slot)

    def execute(self, slot: int) -> Mapping[str, Any]:
        """Make the announced entry of a slot the present one. Only governance, after the delay."""
        return self.contract.send("execute", slot)

    def delist(self, slot: int, expires_at: int) -> Mapping[str, Any]:
        """Delist a derivative that has no expiry, for ever: no account grows in it any more. Only governance.

        Args:
            slot: of the asset.
            expires_at: when it settles, Unix seconds: `delay` from now at least.
        """
        return self.contract.send("delist", slot, expires_at)

    def lambdas_ppm(self) -> tuple[int, int]:
        """Debt limit as a share of spot [ppm]: when an account increases its risk, and before its debt is called."""
        return int(self.contract.read("lambdaInitialPpm")), int(self.contract.read("lambdaMaintenancePpm"))

    def tighten(self, slot: int, entry: ListedAsset) -> Mapping[str, Any]:
        """Raise the fractions of an asset at once. Only a steward.

        Args:
            slot: of the asset.
            entry: the present one with some of its fractions raised.
        """
        return self.contract.send("tighten", slot, _fractions(entry))

    def tighten_data(self, slot: int, entry: ListedAsset) -> bytes:
        """The data of the call that `tighten` sends. Arguments as for it."""
        return self.contract.encode("tighten", slot, _fractions(entry))

    def announce_data(self, slot: int, entry: ListedAsset) -> bytes:
        """The data of the call that `announce` sends. Arguments as for it."""
        return self.contract.encode("announce", slot, tuple(entry))

    def is_steward(self, address: str) -> bool:
        """Whether an account may tighten."""
        return bool(self.contract.read("hasRole", STEWARD_ROLE, address))

    def changed_at(self, slot: int, first_block: int = 0) -> int:
        """When the entry of a slot changed last, Unix seconds; 0 for never.

        Args:
            slot: of the asset.
            first_block: where the search ends: the block of the deployment.
        """
        last = next(self.contract.logs_backwards("AssetChanged", first_block=first_block, slot=slot), None)
        return 0 if last is None else self.contract.chain.timestamp(last.block)


def _fractions(entry: ListedAsset) -> tuple[int, ...]:
    return (
        entry.maintenance_ppm,
        entry.initial_ppm,
        entry.short_maintenance_ppm,
        entry.short_initial_ppm,
        entry.underlying_maintenance_ppm,
        entry.underlying_initial_ppm,
        entry.underlying,
        entry.strike,
    )


class Level(IntEnum):
    """Levels of the circuit breaker. Each one also stops what lower levels stop."""

    OPEN = 0
    NO_FLAGS = 1
    NO_TAKEOVERS = 2
    NO_WITHDRAWALS = 3


@dataclass(frozen=True)
class BreakerClient:
    """A deployed `CircuitBreaker`.

    Attributes:
        contract: the breaker.
    """

    contract: Contract

    def level(self) -> Level:
        """Present level: the one that guardians raised, `NO_WITHDRAWALS` while the breaker is tripped."""
        return Level(self.contract.read("level"))

    def raised_level(self) -> Level:
        """The level that guardians raised, without trips."""
        return Level(self.contract.read("raisedLevel"))

    def tripped_until(self) -> int:
        """End of the last trip, Unix seconds; 0 when it was cleared."""
        return int(self.contract.read("trippedUntil"))

    def active_time(self, level: Level) -> int:
        """Seconds since deployment in which a level was not stopped, less the grace after each stop.

        Args:
            level: that stops the clock; not `OPEN`, whose time is 0.
        """
        return int(self.contract.read("activeTime", int(level)))

    def resume_grace(self) -> int:
        """How long clocks stay stopped after governance lowers the level, and after a gap without rounds [s]."""
        return int(self.contract.read("resumeGrace"))

    def price_source(self) -> str | None:
        """Address of the contract that trips the breaker; None for none."""
        address = str(self.contract.read("priceSource"))
        return address if int(address, 16) else None

    def raise_to(self, level: Level) -> Mapping[str, Any]:
        """Raise the level. Only a guardian."""
        return self.contract.send("raiseTo", int(level))

    def lower_to(self, level: Level) -> Mapping[str, Any]:
        """Lower the level. Only governance. A trip continues."""
        return self.contract.send("lowerTo", int(level))

    def make_guardian(self, address: str) -> Mapping[str, Any]:
        """Grant the guardian role. Only governance."""
        return self.contract.send("grantRole", GUARDIAN_ROLE, address)

    def set_price_source(self, address: str) -> Mapping[str, Any]:
        """Set the contract that trips the breaker, and whose gaps stop clocks. Only governance."""
        return self.contract.send("setPriceSource", address)
