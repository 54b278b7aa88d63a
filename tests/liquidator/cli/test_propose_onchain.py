"""`propose` for a book on a real node: a steward's signature, calls that the contract takes, and what is sent."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.account_stage import PASSPHRASE
from cli.book_stage import BookStage, book_stage
from cli.harness import Outcome, invoke
from eth_account import Account as Signer
from eth_account.signers.local import LocalAccount

from liquidator.risk import load_proposal
from prover.chain import RiskParametersClient
from tests.liquidator.engine.engine_stage import to_toml
from tests.liquidator.risk.margin_stage import CRASH, DAY, bitcoin, made_prices, noise, written
from verifier import ChainError

pytestmark = pytest.mark.full


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[BookStage]:
    """A book that was deployed two days ago."""
    with book_stage(tmp_path, first_round=False) as made:
        made.node.move_clock(made.book.contracts.chain.timestamp() + 2 * DAY)
        made.node.request("evm_mine")
        yield made


@pytest.fixture
def steward(stage: BookStage) -> LocalAccount:
    made: LocalAccount = Signer.create()
    risk = stage.book.contracts.risk_parameters
    risk.contract.send("grantRole", risk.contract.read("STEWARD_ROLE"), made.address)
    stage.node.request("anvil_setBalance", made.address, hex(10**20))
    return made


def config(stage: BookStage, signer: LocalAccount, folder: Path, *, send: bool) -> Path:
    for name, text in (
        ("steward.json", json.dumps(signer.encrypt(PASSPHRASE, kdf="pbkdf2", iterations=2))),
        ("passphrase", PASSPHRASE),
    ):
        (folder / name).write_text(text)
        (folder / name).chmod(0o600)
    path = folder / "liquidator.toml"
    content = {
        "roles": ["housekeeper"],
        "node": {"rpc": [stage.node.url]},
        "book": {"deployment": str(stage.record)},
        "sender": {"keystore": "sender.json"},
        "steward": {"keystore": "steward.json", "passphrase_file": "passphrase", "send_tightening": send},
    }
    path.write_text(to_toml(content))
    return path


def crash(stage: BookStage, folder: Path, age: int = 0) -> Path:
    """The prices of November 2018, as if they ended now."""
    history = bitcoin(CRASH + 3 * DAY)
    now = stage.book.contracts.chain.timestamp() - age
    return written(history, folder / "btc.csv", (now - int(history.times[-1])) // DAY * DAY)


def calm(stage: BookStage, folder: Path) -> Path:
    """Prices that became much calmer 40 days ago."""
    returns = noise(1, 200)
    returns[160 * 24 :] *= 0.3
    history = made_prices(returns)
    now = stage.book.contracts.chain.timestamp()
    return written(history, folder / "btc.csv", (now - int(history.times[-1])) // DAY * DAY)


def proposed(settings: Path, prices: Path, *words: object) -> Outcome:
    return invoke("liquidator", "propose", "--config", settings, "--history", f"BTC-PERP={prices}", *words)


def carry_out(stage: BookStage, risk: RiskParametersClient, sender: str, data: str) -> None:
    stage.node.request("anvil_impersonateAccount", sender)
    transaction = {"from": sender, "to": risk.contract.address, "data": data}
    digest = stage.node.request("eth_sendTransaction", transaction)
    stage.node.request("evm_mine")
    receipt = stage.node.request("eth_getTransactionReceipt", digest)
    assert int(receipt["status"], 16) == 1


def test_a_signed_proposal_has_the_calls_of_steward_and_governance(
    stage: BookStage, steward: LocalAccount, tmp_path: Path
) -> None:
    risk, out = stage.book.contracts.risk_parameters, tmp_path / "proposal.json"
    settings = config(stage, steward, tmp_path, send=False)
    result = proposed(settings, crash(stage, tmp_path), "--out", out)
    assert result.code == 0, result
    assert f"signed by {steward.address}" in result.stdout
    made = load_proposal(out)
    assert made.chain is not None
    assert (made.steward, made.chain.risk_parameters) == (steward.address, risk.contract.address)
    assert (risk.version(), len(made.changes)) == (1, 3), "nothing is sent"
    for asset in made.changes:
        assert asset.call is not None
        assert asset.call.function == "tighten"
        carry_out(stage, risk, steward.address, asset.call.data)
    first = made.changes[0]
    assert risk.asset(first.slot).maintenance_ppm == first.after.maintenance_ppm > first.before.maintenance_ppm
    again = proposed(settings, crash(stage, tmp_path), "--json").json
    assert {asset["change"] for asset in again["assets"]} == {"none"}
    assert again["assets"][0]["before"] == first.after.model_dump()


def test_what_tightens_is_sent_at_once_where_that_is_set(
    stage: BookStage, steward: LocalAccount, tmp_path: Path
) -> None:
    risk = stage.book.contracts.risk_parameters
    settings = config(stage, steward, tmp_path, send=True)
    shown = proposed(settings, crash(stage, tmp_path), "--json").json
    assert len(shown["sent"]) == 3
    raised = [asset for asset in shown["assets"] if asset["change"] == "tighten"]
    assert risk.asset(raised[0]["slot"]).maintenance_ppm == raised[0]["after"]["maintenance_ppm"]
    assert risk.version() == 4


def test_loosening_is_never_sent_and_governance_can_announce_it(
    stage: BookStage, steward: LocalAccount, tmp_path: Path
) -> None:
    risk = stage.book.contracts.risk_parameters
    settings = config(stage, steward, tmp_path, send=True)
    shown = proposed(settings, calm(stage, tmp_path), "--json").json
    assert (shown["sent"], risk.version()) == ({}, 1)
    lowered = [asset for asset in shown["assets"] if asset["change"] == "loosen"]
    perpetual = next(asset for asset in lowered if asset["symbol"] == "BTC-PERP")
    assert perpetual["after"]["maintenance_ppm"] < perpetual["before"]["maintenance_ppm"]
    for asset in lowered:
        assert asset["call"]["function"] == "announce"
        carry_out(stage, risk, stage.book.contracts.chain.sender, asset["call"]["data"])
    _, executable_at = risk.announced(perpetual["slot"])
    stage.node.move_clock(executable_at)
    risk.execute(perpetual["slot"])
    assert risk.asset(perpetual["slot"]).maintenance_ppm == perpetual["after"]["maintenance_ppm"]


def test_a_change_of_the_last_day_is_left_alone(stage: BookStage, steward: LocalAccount, tmp_path: Path) -> None:
    risk = stage.book.contracts.risk_parameters
    slot = stage.book.assets.slots["BTC-PERP"]
    risk.contract.send("grantRole", risk.contract.read("STEWARD_ROLE"), stage.book.contracts.chain.sender)
    risk.tighten(slot, risk.asset(slot)._replace(initial_ppm=20_500))
    shown = proposed(config(stage, steward, tmp_path, send=True), crash(stage, tmp_path), "--json").json
    reasons = {asset["symbol"]: asset["reason"] for asset in shown["assets"]}
    assert reasons["BTC-PERP"] == "it changed less than a day ago"
    assert shown["sent"].keys() == reasons.keys() - {"BTC-PERP"}


def test_old_prices_and_other_keys_are_refused(stage: BookStage, steward: LocalAccount, tmp_path: Path) -> None:
    settings = config(stage, steward, tmp_path, send=True)
    old = proposed(settings, crash(stage, tmp_path, age=2 * DAY), "--json")
    assert (old.code, "more than a day before" in old.error["message"]) == (3, True)
    stranger = config(stage, Signer.create(), tmp_path, send=True)
    other = proposed(stranger, crash(stage, tmp_path), "--json")
    assert (other.code, "no steward of the book" in other.error["message"]) == (3, True)
    assert stage.book.contracts.risk_parameters.version() == 1


def test_settings_without_a_steward_say_what_is_missing(
    stage: BookStage, steward: LocalAccount, tmp_path: Path
) -> None:
    path = config(stage, steward, tmp_path, send=False)
    path.write_text(path.read_text().partition("[steward]")[0])
    result = proposed(path, crash(stage, tmp_path), "--json")
    assert (result.code, "[steward]" in result.error["message"]) == (3, True)


def test_the_chain_tells_when_a_slot_changed(stage: BookStage, steward: LocalAccount) -> None:
    risk, chain = stage.book.contracts.risk_parameters, stage.book.contracts.chain
    assert risk.changed_at(0) < chain.timestamp() - DAY
    assert risk.changed_at(len(stage.book.assets.assets)) == 0
    assert (risk.is_steward(steward.address), risk.is_steward(Signer.create().address)) == (True, False)
    with pytest.raises(ChainError):
        chain.timestamp(10**9)
