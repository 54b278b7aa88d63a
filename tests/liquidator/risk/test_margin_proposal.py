"""Proposals: one change a day, what is in force already, a file that cannot be changed, and a steward's signature."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account as Signer

from liquidator.risk import (
    AssetPrices,
    BookFractions,
    Change,
    MarginProposal,
    ProposalChain,
    load_proposal,
    propose_margins,
)
from tests.liquidator.risk.margin_stage import BITCOIN, CRASH, DAY, HOURS, MAJORS, bitcoin, written
from tests.liquidator.risk.risk_stage import ROOT
from verifier import InputError

NOW = CRASH + 3 * DAY


@pytest.fixture(scope="module")
def prices(tmp_path_factory: pytest.TempPathFactory) -> AssetPrices:
    path = written(bitcoin(NOW), tmp_path_factory.mktemp("prices") / "btc.csv")
    return AssetPrices(("BTC-PERP",), path)


@pytest.fixture(scope="module")
def proposal(prices: AssetPrices) -> MarginProposal:
    return propose_margins([prices], BookFractions.of_book(MAJORS, DAY))


def on_a_chain(proposal: MarginProposal) -> MarginProposal:
    chain = ProposalChain(chain_id=31_337, risk_parameters="0x" + "12" * 20)
    return proposal.model_copy(update={"chain": chain})


def test_options_follow_their_underlying(proposal: MarginProposal) -> None:
    changed = {asset.symbol: asset for asset in proposal.changes}
    assert changed.keys() == {"BTC-PERP", "BTC-26MAR27-80000-P", "BTC-26MAR27-120000-C"}
    assert all(asset.change is Change.TIGHTEN for asset in changed.values())
    perpetual, put = changed["BTC-PERP"], changed["BTC-26MAR27-80000-P"]
    assert perpetual.after.maintenance_ppm > 1.5 * perpetual.before.maintenance_ppm
    assert put.before.maintenance_ppm == MAJORS.listings()[put.slot].underlying_maintenance_ppm
    assert put.after.maintenance_ppm > 1.5 * put.before.maintenance_ppm
    assert proposal.made_at == NOW


def test_an_asset_changes_once_a_day_at_most(prices: AssetPrices) -> None:
    known = BookFractions.of_book(MAJORS, DAY)
    for ago, count in ((DAY - 1, 0), (DAY, 3)):
        before = replace(known, changed_at=(NOW - ago,) * len(known.present))
        made = propose_margins([prices], before)
        assert len(made.changes) == count
        reasons = {asset.reason for asset in made.assets}
        assert (reasons == {"it changed less than a day ago"}) is (count == 0)


def test_what_was_carried_out_is_not_proposed_again(prices: AssetPrices, proposal: MarginProposal) -> None:
    later = BookFractions.of_book(MAJORS, DAY, [proposal])
    assert later.changed_at[BITCOIN] == NOW
    assert later.present[BITCOIN].maintenance_ppm == proposal.changes[0].after.maintenance_ppm
    assert propose_margins([prices], later).changes == []
    with pytest.raises(InputError, match="not about perps-13"):
        BookFractions.of_book(replace(MAJORS, name="perps-13"), DAY, [proposal])


def test_a_file_is_read_again_and_never_replaced(proposal: MarginProposal, tmp_path: Path) -> None:
    path = tmp_path / "proposal.json"
    signed = on_a_chain(proposal).signed(Signer.create())
    signed.save(path)
    assert load_proposal(path) == signed
    with pytest.raises(InputError, match="exists already"):
        proposal.save(path)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("made_at",), NOW + 1),
        (("assets", 0, "after", "maintenance_ppm"), 999),
        (("assets", 0, "last_year", "exceeded"), 0),
        (("chain", "chain_id"), 1),
        (("chain", "risk_parameters"), "0x" + "13" * 20),
        (("steward",), "0x" + "14" * 20),
        (("chain",), None),
        (("signature",), "0x" + "00" * 65),
        (("signature",), None),
    ],
)
def test_nothing_of_a_signed_proposal_can_be_changed(
    proposal: MarginProposal, tmp_path: Path, place: tuple[Any, ...], value: Any
) -> None:
    path = tmp_path / "proposal.json"
    on_a_chain(proposal).signed(Signer.create()).save(path)
    content = json.loads(path.read_text())
    into = content
    for key in place[:-1]:
        into = into[key]
    into[place[-1]] = value
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match="signature"):
        load_proposal(path)


def test_without_a_chain_nothing_is_signed(proposal: MarginProposal) -> None:
    with pytest.raises(InputError, match="without a chain"):
        proposal.signed(Signer.create())


def test_another_file_is_called_by_its_name() -> None:
    with pytest.raises(InputError, match="this is a price round, expected a proposal of margin fractions"):
        load_proposal(ROOT / "examples" / "round-1.json")


def test_two_histories_of_an_asset_are_refused(prices: AssetPrices) -> None:
    put = AssetPrices(("BTC-26MAR27-80000-P",), HOURS)
    with pytest.raises(InputError, match="two histories are of BTC-26MAR27-80000-P"):
        propose_margins([prices, put], BookFractions.of_book(MAJORS, DAY))
