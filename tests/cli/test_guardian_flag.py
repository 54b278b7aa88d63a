"""`zksolvency guardian` and `account prove-solvent` at the gate of a book, on a real node with real proofs."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from cli.account_stage import AccountStage, account_stage, write_quick_wallet
from cli.harness import Run, assert_hidden

from prover import PriceRound, backend_check
from prover.chain import Level
from prover.cli._output import as_hex
from prover.market import QUOTE_DECIMALS
from prover.onchain import book_artifacts
from prover.toolchain import open_backend
from verifier import Expectation, ProofEnvelope, VerifyingKey, verify_envelope

full = pytest.mark.full

DEPOSIT: Final = 10_000 * 10**QUOTE_DECIMALS
RECIPIENT: Final = "0x00000000000000000000000000000000deadbeef"
BOND: Final = 2 * 10**16


@pytest.fixture(scope="module")
def gated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccountStage]:
    """Alice is long, bob is short, each with enough for initial margin, in a book with a gate."""
    with account_stage(tmp_path_factory.mktemp("gated"), deposit=DEPOSIT, gate=True) as made:
        made.trade("alice", "bob", "BTC-PERP", "2.345678901", made_price(made))
        yield made


def made_price(stage: AccountStage) -> str:
    """The mark price of the example round, in USD."""
    price = stage.book.book.latest_round().prices[stage.book.book.assets.slots["BTC-PERP"]]
    return f"{price // 10**9}.{price % 10**9:09d}"


@pytest.fixture
def stage(gated: AccountStage) -> Iterator[AccountStage]:
    """The same for each test."""
    before = gated.book.node.request("evm_snapshot")
    yield gated
    gated.book.node.request("evm_revert", before)


@pytest.fixture
def options(stage: AccountStage) -> list[object]:
    key = stage.folder / "guardian.age"
    write_quick_wallet(key, stage.book.guardian)  # encrypted alike
    return ["--guardian-key", key, "--passphrase-file", stage.passphrase_file, *stage.book.options]


def identity(stage: AccountStage, name: str) -> str:
    return as_hex(stage.owners[name].identity)


@full
def test_a_guardian_flags_what_is_liquidatable_once(run: Run, stage: AccountStage, options: list[object]) -> None:
    alice = identity(stage, "alice")
    early = run("guardian", "flag", alice[:12], *options, "--json")
    assert (early.code, early.error["kind"]) == (5, "proving")
    round_ = stage.book.post(BTC_PERP="92800")
    flagged = run("guardian", "flag", alice[:12], *options, "--recipient", RECIPIENT, "--json")
    assert flagged.code == 0, flagged
    shown = {name: flagged.json[name] for name in ("account", "flagged", "round", "recipient", "tip")}
    assert shown == {"account": alice, "flagged": "now", "round": round_, "recipient": RECIPIENT, "tip": BOND}
    assert stage.book.book.contracts.chain.balance(RECIPIENT) == BOND
    again = run("guardian", "flag", alice, *options, "--json")
    assert (again.code, again.json) == (0, {"account": alice, "flagged": "before", "round": round_})
    healthy = run("guardian", "flag", identity(stage, "bob"), *options, "--json")
    assert (healthy.code, "cannot be proven" in healthy.error["message"]) == (5, True)
    assert_hidden(stage.secrets(), early.stdout, flagged.stdout, flagged.stderr, again.stdout, healthy.stdout)


@full
def test_a_cure_says_and_sends_what_the_bond_lacks(run: Run, stage: AccountStage, options: list[object]) -> None:
    stage.book.post(BTC_PERP="92800")
    assert run("guardian", "flag", identity(stage, "alice"), *options, "--recipient", RECIPIENT, "--json").code == 0
    cured = stage.run("account", "deposit", "--asset", "USD", "--amount", "20000", "--account", "alice")
    assert (cured.code, "sends 0.02 ETH along" in cured.stderr) == (0, True), cured
    contract, alice = stage.book.book.contracts.book, stage.owners["alice"].identity
    assert (contract.account(alice).is_flagged, contract.vault.bond(alice).amount) == (False, BOND)
    more = stage.run("account", "deposit", "--asset", "USD", "--amount", "1", "--account", "alice")
    assert (more.code, "ETH along" in more.stderr) == (0, False), more


@full
def test_a_proof_file_of_a_guardian_verifies_against_the_verifiers_own_round(
    run: Run, stage: AccountStage, options: list[object], tmp_path: Path
) -> None:
    out, alice = tmp_path / "flag.json", identity(stage, "alice")
    command = ["guardian", "prove-liquidatable", alice, *options, "--out", out]
    early = run(*command, "--json")
    assert (early.code, out.exists()) == (5, False)
    stage.book.post(BTC_PERP="92800")
    made = run(*command, "--recipient", RECIPIENT, "--json")
    assert made.code == 0, made
    envelope = ProofEnvelope.load(out)
    book = stage.book.book
    onchain = book.latest_round()
    own = PriceRound(book.assets, onchain.id, onchain.timestamp, onchain.prices, (0,) * book.n)
    key_file = book_artifacts(["margin"], book.n)["margin"].verification_key
    expected = Expectation(
        own.inputs(), healthy=False, commitment=stage.owners["alice"].state().sealed.commitment, recipient=0xDEADBEEF
    )
    with open_backend() as backend:
        check = backend_check(backend)
        verify_envelope(envelope, VerifyingKey.load(key_file), expected, check=check)
    assert_hidden(stage.secrets(), made.stdout, made.stderr, out.read_bytes())
    assert stat.S_ISREG(out.stat().st_mode)
    before = out.read_bytes()
    again = run(*command, "--json")
    assert (again.code, "exists already" in again.error["message"], out.read_bytes()) == (3, True, before)


@full
def test_watch_flags_what_it_sees_below_the_line_and_only_that(
    run: Run, stage: AccountStage, options: list[object]
) -> None:
    watch = ["guardian", "watch", "--once", "--flag", *options, "--json"]
    quiet = run(*watch)
    assert quiet.json["below_maintenance"] == []
    stage.book.post(BTC_PERP="92800")
    alice, unflagged = identity(stage, "alice"), run("guardian", "watch", "--once", *options)
    assert "a flag earns 0.02 ETH" in unflagged.stdout
    told = [json.loads(line) for line in run(*watch).stdout.splitlines()]
    assert [line["event"] for line in told] == ["start", "flagged"]
    assert (told[0]["tips"], told[1]["account"], told[1]["tip"]) == ({alice: BOND}, alice, BOND)
    assert [json.loads(line)["event"] for line in run(*watch).stdout.splitlines()] == ["start"]  # it is flagged
    for_people = run(*watch[:-1])
    assert "a flag earns" not in for_people.stdout  # the bond is paid
    assert_hidden(stage.secrets(), for_people.stdout, for_people.stderr)


@full
def test_watch_tells_what_refuses_a_flag_and_goes_on(run: Run, stage: AccountStage, options: list[object]) -> None:
    stage.book.post(BTC_PERP="92800")
    breaker = stage.book.book.contracts.breaker
    breaker.make_guardian(breaker.contract.chain.sender)
    breaker.raise_to(Level.NO_FLAGS)
    told = [
        json.loads(line)
        for line in run("guardian", "watch", "--once", "--flag", *options, "--json").stdout.splitlines()
    ]
    assert [line["event"] for line in told] == ["start", "flag-refused"]
    assert told[1]["account"] == identity(stage, "alice")


@full
def test_what_is_for_flags_is_refused_without_them(run: Run, stage: AccountStage, options: list[object]) -> None:
    for extra in (["--recipient", RECIPIENT], ["--confirmations", 2], ["--keys", "/nowhere"]):
        refused = run("guardian", "watch", "--once", *options, *extra, "--json")
        assert (refused.code, "--flag" in refused.error["message"]) == (3, True)


@full
def test_an_owner_proves_solvency_at_the_gate(run: Run, stage: AccountStage) -> None:
    early = stage.run("account", "prove-solvent", "--account", "bob", "--json")
    assert (early.code, "by its last change" in early.error["message"]) == (6, True)
    stage.book.post()
    done = stage.run("account", "prove-solvent", "--account", "bob", "--json")
    assert done.code == 0, done
    assert (done.json["account"], done.json["identity"]) == ("bob", identity(stage, "bob"))
    assert done.json["round"] == stage.book.book.latest_round().id
    stage.book.post(BTC_PERP="92800")
    below = stage.run("account", "prove-solvent", "--account", "alice", "--json")
    assert (below.code, below.error["kind"]) == (5, "proving")


@full
def test_a_book_without_gate_is_told_from_a_flag_that_fails(run: Run, tmp_path: Path) -> None:
    with account_stage(tmp_path) as plain:
        done = plain.run("account", "prove-solvent", "--account", "bob", "--json")
        assert (done.code, "--gate" in done.error["message"]) == (3, True)
