"""`zksolvency chain` and `zksolvency demo` on real nodes."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.harness import ROUND_1, ROUND_2, Run, amount_texts, assert_hidden, key_texts
from eth_account import Account as Signer

from prover import Account, AssetList, PriceRound
from prover.toolchain import Anvil

pytestmark = pytest.mark.full

KEEPER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"


@pytest.fixture
def node() -> Iterator[Anvil]:
    with Anvil() as anvil:
        yield anvil


@pytest.fixture
def local_chain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A local chain of this test's own: the default one belongs to the user."""
    monkeypatch.setattr("prover.toolchain._local_node.cache_dir", lambda: tmp_path)
    return tmp_path / "local-chain"


def test_the_whole_story_on_the_local_chain(
    run: Run, local_chain: Path, account_file: Path, secret_account: Account, tmp_path: Path
) -> None:
    """Each command restarts the node, so this also shows that its state is kept."""
    outputs = []

    def ok(*args: object) -> dict[str, object]:
        outcome = run(*args, "--json")
        outputs.append(outcome.stdout + outcome.stderr)
        assert outcome.code == 0, outcome
        return outcome.json

    proof, flag = tmp_path / "proof.json", tmp_path / "flag.json"
    deployed = ok("chain", "deploy")
    assert deployed["chain_id"] == 31337
    assert ok("chain", "post-round", "--round", ROUND_1)["round"] == 1
    registered = ok("chain", "register", "--account", account_file)
    assert int(str(registered["commitment"]), 16) == secret_account.commitment()
    ok("prove", "margin", "--account", account_file, "--round", ROUND_1, "--out", proof)
    ok("chain", "prove", proof, "--round", ROUND_1)
    ok("chain", "post-round", "--round", ROUND_2)
    arguments = ["--account", account_file, "--round", ROUND_2, "--out", flag]
    ok("prove", "margin", *arguments, "--liquidatable", "--recipient", KEEPER)
    ok("chain", "flag", flag, "--round", ROUND_2)

    shown = ok("chain", "show")
    assert (shown["flagged"], shown["solvent_at_round"], shown["latest_round"]) == (True, 1, 2)
    (flagged,) = [event for event in shown["events"] if event["event"] == "Flagged"]
    assert flagged["account"] == shown["address"] == registered["address"]
    assert flagged["recipient"] == KEEPER
    again = run("chain", "flag", flag, "--round", ROUND_2, "--json")
    assert (again.code, again.error["kind"]) == (6, "chain")
    assert "AccountIsFlagged" in again.error["message"]

    same = run("chain", "resolve", "--account", account_file, "--json")
    assert (same.code, "the state that was flagged" in same.error["message"]) == (3, True)
    cured, csv = tmp_path / "cured.json", tmp_path / "cured.csv"
    csv.write_text("symbol,amount\nCASH,5\n")
    ok("account", "import", csv, "--account", account_file, "--out", cured, "--yes")
    assert ok("chain", "resolve", "--account", cured)["address"] == registered["address"]
    assert ok("chain", "show")["flagged"] is False
    not_flagged = run("chain", "resolve", "--account", account_file, "--json")
    assert (not_flagged.code, "`chain register`" in not_flagged.error["message"]) == (3, True)

    outputs.append(run("chain", "show").stdout)
    files = [path.read_text() for path in (proof, flag, *local_chain.glob("*.json"))]
    assert_hidden(key_texts(secret_account) | amount_texts(secret_account), *outputs, *files)
    assert stat.S_IMODE(local_chain.stat().st_mode) == 0o700


def test_refuses_before_paying_for_gas(
    run: Run, local_chain: Path, account_file: Path, book: AssetList, tmp_path: Path
) -> None:
    proof = tmp_path / "proof.json"
    assert run("prove", "margin", "--account", account_file, "--round", ROUND_1, "--out", proof).code == 0
    missing = run("chain", "show", "--json")
    assert (missing.code, missing.error["kind"]) == (3, "input")
    assert "chain deploy" in missing.error["message"]
    assert run("chain", "deploy").code == 0

    def refusal(*args: object) -> str:
        outcome = run("chain", *args, "--json")
        assert outcome.code == 3, outcome
        return outcome.error["message"]

    assert "next round is 1" in refusal("post-round", "--round", ROUND_2)
    assert run("chain", "post-round", "--round", ROUND_1).code == 0
    assert "another commitment" in refusal("prove", proof, "--round", ROUND_1)
    assert run("chain", "register", "--account", account_file).code == 0
    assert "healthy" in refusal("flag", proof, "--round", ROUND_1)
    cheaper = PriceRound.load(ROUND_1, book).to_json()
    cheaper["prices"] = {**cheaper["prices"], "WBTC": "1"}  # type: ignore[dict-item]
    other = tmp_path / "round.json"
    other.write_text(json.dumps(cheaper))
    assert "other prices" in refusal("prove", proof, "--round", other)


def test_a_node_of_ones_own_and_a_keystore(run: Run, node: Anvil, tmp_path: Path) -> None:
    """Anvil's first key, published with it, serves as a user's."""
    private_key = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
    keystore = tmp_path / "keystore.json"
    keystore.write_text(json.dumps(Signer.encrypt(private_key, "correct horse", iterations=2)))
    record = tmp_path / "deployment.json"
    node_options = ["--rpc", node.url, "--deployment", record]
    deployed = run("chain", "deploy", *node_options, "--keystore", keystore, "--json", stdin="correct horse\n")
    assert deployed.code == 0, deployed
    answer = json.loads(deployed.stdout.splitlines()[-1])  # the test runner prints hidden prompts on stdout
    assert answer["owner"] == Signer.from_key(private_key).address
    assert run("chain", "show", *node_options).code == 0
    wrong = run("chain", "deploy", *node_options, "--keystore", keystore, stdin="wrong\n")
    assert wrong.code == 3
    assert_hidden({private_key, private_key[2:], "correct horse"}, deployed.stdout, deployed.stderr, wrong.stderr)


def test_a_dead_node_is_a_chain_error(run: Run, tmp_path: Path) -> None:
    options = ["--rpc", "http://127.0.0.1:1", "--deployment", tmp_path / "deployment.json"]
    outcome = run("chain", "deploy", *options, "--json")
    assert (outcome.code, outcome.error["kind"]) == (6, "chain")
    assert not (tmp_path / "deployment.json").exists()


def test_a_restarted_chain_is_noticed(run: Run, tmp_path: Path) -> None:
    record = tmp_path / "deployment.json"
    with Anvil() as first:
        assert run("chain", "deploy", "--rpc", first.url, "--deployment", record).code == 0
    with Anvil() as second:
        outcome = run("chain", "show", "--rpc", second.url, "--deployment", record, "--json")
    assert outcome.code == 3
    assert "was it reset" in outcome.error["message"]
