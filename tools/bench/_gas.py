"""Gas of whole transactions on a real node."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from prover import Domain, OwnerKeys, PriceRound, prove_margin
from prover.chain import Chain, GateContracts
from prover.toolchain import Anvil, SnarkjsBackend, compile_contracts, compile_verifiers
from tools.bench._cases import Case
from tools.bench._rows import Row
from verifier import solidity_contract_name

ROUNDS: Final = 5


def measure_gas(case: Case, snarkjs: SnarkjsBackend) -> Iterator[Row]:
    """Deployment once, then rounds with a registration and a proof each."""
    assert case.account is not None
    assert case.round is not None
    code = compile_contracts() | compile_verifiers({case.name: case.artifacts})
    samples: dict[str, list[float]] = {"postRound": [], "prepareRound": [], "register": [], "proveSolvent": []}
    with Anvil() as node:
        chain = Chain(node.url, code)
        verifier_name = solidity_contract_name("margin", case.account.book.n)
        fractions = case.account.book.slot_fractions()
        contracts = GateContracts.create(chain, verifier_name, fractions, max_proof_age=3600, tip=0)
        rounds, trader = contracts.prices.contract, int(chain.sender, 16)
        for round_id in range(1, ROUNDS + 1):
            round_ = PriceRound(case.round.book, round_id, 0, case.round.prices, case.round.funding)
            keys = OwnerKeys.generate(Domain(31337, 0))
            account = replace(case.account, keys=keys)
            receipts = {
                "postRound": rounds.send("postRound", list(round_.prices), list(round_.funding)),
                "prepareRound": contracts.gate.prepare_round(round_id),
                "register": contracts.gate.register(trader, account.commitment()),
            }
            proof = prove_margin(account, round_, case.artifacts, snarkjs).proof
            receipts["proveSolvent"] = contracts.gate.prove_solvent(trader, round_id, 0, proof)
            for function, receipt in receipts.items():
                samples[function].append(receipt["gasUsed"])
    for function, values in samples.items():
        yield case.row(function, "gas", "", values)
