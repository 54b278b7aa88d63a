"""The guide on takeovers, block by block and command by command."""

import re
import shlex
from pathlib import Path

import pytest
from cli.harness import invoke
from eth_account import Account as Signer
from on_demand import built_artifacts
from parcels import AUCTION, FLAT, INPUTS, N, before, notice, unproven
from releases import KEYS
from snippets import GUIDES, program_commands, run_python
from steps import DOLLAR, HERE, vectors_of

from prover.account import State
from prover.liquidation import LiquidatorKey, Liquidity, SealedNotice, notice_bytes, plan_ladder
from prover.statements import backend_check
from prover.toolchain import AnyBackend
from verifier import RiskInputs

PAGE = GUIDES / "liquidation.md"
GUARDIAN = Signer.from_key("0x" + "11" * 32)
PRICES = tuple(max(price, 0) for price in INPUTS.vectors.effective_prices)


@pytest.mark.full
def test_the_python_of_the_guide_sells_and_buys(tmp_path: Path, backend: AnyBackend) -> None:
    key, artifacts = LiquidatorKey.generate(), built_artifacts()["release-13"]
    recipients, path = tmp_path / "liquidators.txt", tmp_path / "notice.json"
    recipients.write_text(key.recipient + "\n")
    common = {
        "inputs": INPUTS,
        "auction": AUCTION,
        "liquidity": Liquidity.uniform(N),
        "prices": PRICES,
        "elapsed": 75,
        "round_id": 42,
        "path": path,
    }
    made = run_python(
        PAGE,
        1,
        **common,
        state=before(),
        viewing=KEYS,
        backend=backend,
        artifacts=artifacts,
        expires=1_700_000_600,
        recipients=recipients,
        guardian=GUARDIAN,
    )
    assert len(made["parcels"]) == 5
    margins = list(INPUTS.vectors.maintenance.long)
    risk = RiskInputs(vectors_of(INPUTS.vectors.effective_prices, margins, margins), 1, (50_000, 100_000))
    taken = run_python(
        PAGE,
        2,
        **common,
        domain=HERE,
        now=1_700_000_000,
        liquidator_key=key,
        taker=99,
        own_state=State((0,) * N, 100_000 * DOLLAR),
        risk=risk,
        fee=10**9,
        ether_price=2_000 * 10**9,
        key=artifacts.key,
        check=backend_check(backend),
    )
    assert taken["best"].parcel == made["parcels"][0]  # of the rungs, the one that is reached
    assert taken["best"].estimate.profit > 0
    assert taken["notice"] == made["notice"]


@pytest.mark.usefixtures("quick_passphrases")
def test_the_guide_shows_a_notice_as_the_program_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    passphrase = Path("passphrase")
    passphrase.touch(0o600)
    passphrase.write_text("correct horse battery\n")
    commands = program_commands(PAGE.read_text())
    (keygen,) = (words for words in commands if words[:2] == ["liquidation", "keygen"])
    clear, *opening = (words for words in commands if words[:2] == ["liquidation", "show-notice"])
    assert invoke(*keygen, "--passphrase-file", passphrase).code == 0
    key = LiquidatorKey.load(Path("liquidator.age"), "correct horse battery")
    sealed = before()
    told = notice(unproven(sealed, plan_ladder(sealed, INPUTS, AUCTION, FLAT, (60, 75))))
    SealedNotice.seal(told, [key.recipient], GUARDIAN).save(Path("notice.json"))
    shown = next(block for block in blocks() if block.startswith(f"$ zksolvency {shlex.join(clear)}\n"))
    assert shown.partition("\n")[2] == invoke(*clear).stdout
    assert len(opening) == 2
    for command in opening:
        assert invoke(*command, "--passphrase-file", passphrase).code == 0


def blocks() -> list[str]:
    """The indented blocks of the page, without their indent."""
    found = re.findall(r"(?:^    .*\n)+", PAGE.read_text(), re.MULTILINE)
    return [re.sub(r"^    ", "", block, flags=re.MULTILINE) for block in found]


def test_the_guide_says_the_lengths() -> None:
    for n in (13, 28):
        assert f"{20 + notice_bytes(n):,}" in PAGE.read_text()
