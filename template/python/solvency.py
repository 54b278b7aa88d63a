"""Proves that positions meet maintenance margin, and verifies such a proof as another party does."""

import json
from pathlib import Path

from prover import Account, AssetList, Domain, OwnerKeys, PriceRound, prove_margin
from prover.account import parse_portfolio
from prover.market import SymbolMap
from prover.toolchain import Artifacts, build, load_book, open_backend
from verifier import Expectation, ProofEnvelope, VerifyingKey, verify_envelope

BOOK = "perps-13"
STATEMENT = "margin-13"


def open_account(positions: Path, book: AssetList, prices: PriceRound) -> Account:
    """An account with new keys, of the positions in a CSV file. `save` keeps it; the file holds secrets."""
    portfolio = parse_portfolio(positions.read_bytes(), SymbolMap(book, {}), str(positions))
    return Account.of_state(book, portfolio.state(book, prices), OwnerKeys.generate(Domain(chain_id=31337, contract=0)))


def prove(account: Account, prices: PriceRound, artifacts: Artifacts) -> ProofEnvelope:
    """A proof that the account meets maintenance margin at these prices; ProvingError when it does not."""
    with open_backend() as backend:
        return prove_margin(account, prices, artifacts, backend)


def verify(envelope: ProofEnvelope, commitment: int, prices: PriceRound, key: VerifyingKey) -> None:
    """What the other party runs. It knows commitment, prices and key; VerificationError when it refuses."""
    verify_envelope(envelope, key, Expectation(prices.inputs(), commitment=commitment))


def main() -> None:
    """Prove the positions of positions.csv at the prices of round-1.json."""
    book = load_book(BOOK)
    prices = PriceRound.load(Path("round-1.json"), book)
    account = open_account(Path("positions.csv"), book, prices)
    artifacts = build([STATEMENT])[STATEMENT]  # installed from an archive, or built here
    envelope = prove(account, prices, artifacts)
    verify(envelope, account.commitment(), prices, artifacts.key)
    Path("proof.json").write_text(json.dumps(envelope.to_json(), indent=1) + "\n")
    print(f"proof.json: {artifacts.key.origin} key, commitment {account.commitment():#x}")


if __name__ == "__main__":
    main()
