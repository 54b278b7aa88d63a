"""Writes what the contract tests need that differs by machine: verifiers of its development keys, and real proofs.

- contracts/generated/: a verifier for each statement instance;
- contracts/test/generated/: for each instance a file of rounds, commitments, and proofs of solvency and of its
  opposite at these rounds; and snarkjs' own verifier of margin-13, to compare gas with.

Proves nothing when keys, books and this file are those of the last run.
"""

import hashlib
import json
import secrets
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from rich.progress import track

from prover import Account, AssetList, Domain, OwnerKeys, PriceRound, State, prove_margin
from prover.chain import proof_words
from prover.toolchain import INSTANCES, AnyBackend, Artifacts, build, find_node, find_package, open_backend
from verifier import (
    MARGIN_STATEMENTS,
    SCALAR_MODULUS,
    STATEMENTS,
    ProofEnvelope,
    VerifyingKey,
    solidity_contract_name,
    solidity_verifier,
)

ROOT: Final = Path(__file__).resolve().parent.parent
CONTRACTS: Final = ROOT / "contracts" / "generated"
FIXTURES: Final = ROOT / "contracts" / "test" / "generated"
SNARKJS_CONTRACT: Final = "SnarkjsMargin13Verifier"

BOOKS: Final = {13: "perps-13", 28: "multi-28"}
NANO: Final = 10**9  # units of a price or balance in one USD or token
ATTO: Final = 10**18  # units of quote in one USD

BTC_PERP: Final = "BTC-PERP"
BTC_PRICE: Final = (100_000, 97_000, 98_700)
"""USD in rounds 1, 2 and 3: at 2.5 % maintenance margin a long of one BTC with 3,600 to 4,000 USD falls, and with
4,000 comes back."""

STRONG: Final = 32
WEAK_CUSHIONS: Final = (3_600,) * 4 + (4_000,) * 4
AGAIN: Final = 8
"""Strong accounts that prove in every round."""


def rounds_of(book: AssetList) -> list[PriceRound]:
    """Three rounds: before a fall of BTC, in it, and after a partial recovery. The last slot has a negative e."""
    btc = book.slot(BTC_PERP, "fixtures")
    rounds = []
    for number, btc_price in enumerate(BTC_PRICE, start=1):
        prices = [(slot + 1) * 7 * NANO + number for slot in range(book.n)]
        prices[btc] = btc_price * NANO
        funding = [(slot - 3) * NANO // 100 if slot != btc else 0 for slot in range(book.n)]
        funding[-1] = prices[-1] + NANO
        rounds.append(PriceRound(book, number, number, tuple(prices), tuple(funding)))
    return rounds


def account(book: AssetList, balances: Mapping[int, int], quote: int) -> Account:
    """An account with fresh secrets. The contract tests bind no commitment to a chain."""
    keys = OwnerKeys.generate(Domain(chain_id=31337, contract=0))
    state = State(tuple(balances.get(slot, 0) for slot in range(book.n)), quote * ATTO)
    return Account(book, state, keys, secrets.randbelow(SCALAR_MODULUS))


def accounts_of(book: AssetList) -> list[Account]:
    """The strong accounts, long and short all over the book, then the weak ones, long BTC on a thin cushion."""
    btc = book.slot(BTC_PERP, "fixtures")
    strong = [account(book, {i % book.n: i * NANO, btc: (1 - i % 3) * NANO // 10}, 50_000 + i) for i in range(STRONG)]
    weak = [account(book, {btc: NANO}, cushion - BTC_PRICE[0]) for cushion in WEAK_CUSHIONS]
    return strong + weak


def plan() -> Iterator[tuple[int, int]]:
    """Pairs (account, round) to be proven, on the side of the margin that the account is on."""
    weak = range(STRONG, STRONG + len(WEAK_CUSHIONS))
    for number in (1, 2, 3):
        strong = range(STRONG if number == 2 else AGAIN)
        yield from ((index, number) for index in (*strong, *weak))


def recipient_of(index: int) -> int:
    """Recipient of a proof; none for every fourth one."""
    return 0 if index % 4 == 0 else 0xFEE << 148 | index


def proof_row(index: int, number: int, envelope: ProofEnvelope) -> dict[str, object]:
    """A proof as the tests read it."""
    claim = envelope.claim()
    return {
        "account": index,
        "roundId": number,
        "healthy": claim.healthy,
        "recipient": f"0x{claim.recipient:040x}",
        "words": texts(proof_words(envelope.proof)),
    }


def fixture(built: Artifacts, book: AssetList, backend: AnyBackend) -> dict[str, object]:
    """Rounds, commitments and proofs of one instance: the whole plan for margin-13, one proof for the others."""
    rounds, accounts = rounds_of(book), accounts_of(book)
    pairs = list(plan()) if built.instance.name == "margin-13" else [(1, 1)]
    proofs = []
    for index, number in track(pairs, description=f"proofs of {built.instance.name}"):
        round_, prover = rounds[number - 1], accounts[index]
        healthy = prover.health(round_).is_healthy
        envelope = prove_margin(prover, round_, built, backend, healthy=healthy, recipient=recipient_of(index))
        proofs.append(proof_row(index, number, envelope))
    return {
        "fractions": [field for fractions in book.slot_fractions() for field in fractions],
        "rounds": [round_row(round_) for round_ in rounds],
        "commitments": texts([a.commitment() for a in accounts]),
        "proofs": proofs,
    }


def round_row(round_: PriceRound) -> dict[str, object]:
    """A round as the tests read it: what is posted, and the round inputs that `margin` and `update` take from it."""
    vectors, n = round_.vectors, round_.book.n
    return {
        "prices": texts(round_.prices),
        "funding": texts(round_.funding),
        "marginInputs": texts(STATEMENTS["margin"].arrange_round(vectors.margin_values(), n)),
        "updateInputs": texts(STATEMENTS["update"].arrange_round(round_.risk().values(), n)),
    }


def texts(values: Sequence[int]) -> list[str]:
    """Decimal strings: JSON numbers beyond 2^53 do not survive every reader."""
    return [str(value) for value in values]


def fingerprint(key: VerifyingKey, book: AssetList) -> str:
    """Changes with everything that a fixture file is made from."""
    return hashlib.sha256(Path(__file__).read_bytes() + f"{key.digest()} {book.digest()}".encode()).hexdigest()


def is_current(path: Path, mark: str) -> bool:
    """Whether the fixture file of an earlier run will do."""
    try:
        return bool(json.loads(path.read_bytes())["fingerprint"] == mark)
    except (OSError, ValueError, KeyError):
        return False


def write(path: Path, text: str) -> None:
    """Write a file if its content changes, all at once: forge recompiles what was touched."""
    if path.is_file() and path.read_text() == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(text)
    part.replace(path)


def snarkjs_contract(zkey: Path) -> str:
    """The verifier that snarkjs generates, under a name of its own."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "verifier.sol"
        cli = find_package("snarkjs") / "build" / "cli.cjs"
        command = [str(find_node()), str(cli), "zkey", "export", "solidityverifier", str(zkey), str(target)]
        subprocess.run(command, check=True, capture_output=True)
        return target.read_text().replace("contract Groth16Verifier", f"contract {SNARKJS_CONTRACT}")


def main() -> None:
    """Build what is missing, and write what is out of date."""
    artifacts = build([name for name, instance in INSTANCES.items() if instance.statement in MARGIN_STATEMENTS])
    with open_backend() as backend:
        for name, built in artifacts.items():
            instance = built.instance
            key = built.key
            contract = solidity_contract_name(instance.statement, instance.n)
            write(CONTRACTS / f"{contract}.sol", solidity_verifier(key))

            book = AssetList.load(ROOT / "books" / f"{BOOKS[instance.n]}.json")
            mark = fingerprint(key, book)
            path = FIXTURES / f"{name}.json"
            if not is_current(path, mark):
                write(path, json.dumps({"fingerprint": mark, **fixture(built, book, backend)}) + "\n")
    write(FIXTURES / f"{SNARKJS_CONTRACT}.sol", snarkjs_contract(artifacts["margin-13"].zkey))


if __name__ == "__main__":
    main()
