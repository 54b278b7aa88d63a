"""No entry point without a gas figure: each function that changes state is in the committed snapshots."""

import json
import re
from pathlib import Path

import pytest
from solidity import ROOT, SOURCES, describe

SNAPSHOTS = ROOT / "contracts" / "snapshots"

GROUPS = {
    "AccountLife": ("account-life",),
    "BookGate": ("book-gate", "gate"),
    "BookVault": ("book-vault",),
    "BookVaultFactory": ("book-vault",),
    "ChainlinkRounds": ("chainlink-rounds", "price-rounds"),
    "CircuitBreaker": ("circuit-breaker",),
    "Expiries": ("expiries",),
    "FixedRateEngine": ("liquidation",),
    "InsuranceFund": ("insurance-fund",),
    "LiquidationEngine": ("liquidation",),
    "MarginBook": ("book",),
    "OwnerPriceRounds": ("rounds",),
    "PriceRounds": ("price-rounds",),
    "RegistrarGate": ("gate",),
    "RiskParameters": ("risk-parameters",),
    "ShortfallLedger": ("shortfall-ledger",),
}
"""Where the figures of a contract are: what two share is listed with one of them, roles and owners in `roles`."""


def deployed() -> list[Path]:
    """The sources of contracts that are deployed as they are."""
    return [path for path in sorted(SOURCES.rglob("*.sol")) if re.search(r"^contract ", path.read_text(), re.MULTILINE)]


@pytest.fixture(scope="module")
def entries() -> dict[str, list[str]]:
    contracts = describe(deployed(), ["abi"])
    return {
        name: sorted(
            item.get("name", item["type"])
            for item in contract["abi"]
            if item["type"] in ("function", "receive", "fallback") and item["stateMutability"] not in ("view", "pure")
        )
        for name, contract in contracts.items()
    }


def figures(group: str) -> set[str]:
    """The functions that a group of snapshots names: `settleBatch 02 total` is of `settleBatch`."""
    return {re.split(r"\W", name)[0] for name in json.loads((SNAPSHOTS / f"{group}.json").read_text())}


def test_every_contract_has_its_snapshots(entries: dict[str, list[str]]) -> None:
    assert entries.keys() == GROUPS.keys()


@pytest.mark.parametrize("contract", GROUPS)
def test_every_entry_point_has_a_snapshot(entries: dict[str, list[str]], contract: str) -> None:
    assert entries[contract]
    measured = set().union(*(figures(group) for group in (*GROUPS[contract], "roles")))
    assert [name for name in entries[contract] if name not in measured] == []


TABLES = {
    "contracts/README.md": "## Gas",
    "docs/book.md": "## Gas",
    "docs/liquidation.md": "## Gas",
    "docs/oracle.md": "## Gas",
    "docs/shortfall.md": "## Gas",
    "docs/withdrawals.md": "## Gas",
    "docs/guides/integrate.md": "### Costs",
}
"""Pages with gas figures, and the heading over them."""


@pytest.mark.parametrize("page", TABLES)
def test_the_docs_have_the_figures_of_the_snapshots(page: str) -> None:
    heading = re.escape(TABLES[page])
    sections = re.split(r"^(?=#{1,3} )", (ROOT / page).read_text(), flags=re.MULTILINE)
    rows = [line for text in sections if re.match(heading, text) for line in text.splitlines() if line.startswith("|")]
    printed = {int(item.replace(",", "")) for row in rows for item in re.findall(r"\b\d{1,3}(?:,\d{3})+\b", row)}
    measured = {int(gas) for path in SNAPSHOTS.glob("*.json") for gas in json.loads(path.read_text()).values()}
    assert len(printed) > 6
    assert printed - measured == set()
