"""Verification, off chain, of what a margin book verifies on chain: openings, updates and settlements.

A counterparty or a batcher verifies here before it spends gas or a proof of its own. The verifier supplies everything
that the book would supply: its domain, the round's vectors and the terms of the use. Only the claim and its proof come
from the prover.
"""

from verifier._book_calls import Opening, Settlement, StateUpdate, UpdateTerms
from verifier._envelope import Check
from verifier._errors import VerificationError
from verifier._groth16 import verify
from verifier._keys import VerifyingKey
from verifier._rounds import RiskInputs
from verifier._statements import Shape, StatementName


def verify_opening(opening: Opening, key: VerifyingKey, domain: int, n: int, *, check: Check = verify) -> None:
    """Verify the opening of an account.

    Only the chain knows whether the book accepts the guardian, and has no such account yet.

    Args:
        opening: the claim and its proof.
        key: the book's verifying key of `open`.
        domain: P(TAG_DOMAIN, chain id, book) of the book.
        n: slots of the book.
        check: the Groth16 check; py_ecc's unless another is given.

    Raises:
        VerificationError: `wrong-key`, `wrong-ciphertext-length`, or a reason of `verify`.
    """
    _require_instance(key, "open", n, opening.ciphertext)
    check(key, opening.signals(domain, n), opening.proof)


def verify_update(
    update: StateUpdate, key: VerifyingKey, risk: RiskInputs, terms: UpdateTerms, *, check: Check = verify
) -> None:
    """Verify a step of an account.

    Only the chain knows whether the old commitment is the account's present one, and whether the account may act.

    Args:
        update: the claim and its proof.
        key: the book's verifying key of `update`.
        risk: the round's, from the verifier's own prices or from the contracts.
        terms: the trade or transfer that the step must be for.
        check: the Groth16 check; py_ecc's unless another is given.

    Raises:
        VerificationError: `wrong-key`, `wrong-ciphertext-length`, or a reason of `verify`.
        InputError: the recipient of the terms is no address.
    """
    _require_instance(key, "update", risk.vectors.n, update.ciphertext)
    check(key, update.signals(terms, risk), update.proof)


def verify_settlement(settlement: Settlement, key: VerifyingKey, risk: RiskInputs, *, check: Check = verify) -> None:
    """Verify both sides of a trade, as `settle` and `settleBatch` do.

    Args:
        settlement: both proofs.
        key: the book's verifying key of `update`.
        risk: the round's.
        check: the Groth16 check; py_ecc's unless another is given.

    Raises:
        VerificationError: `no-ticket`, `same-account` when both sides are of one account, or a reason of
            `verify_update`.
    """
    if settlement.ticket == 0:
        raise VerificationError("no-ticket", "a settlement is of a ticket, and 0 is none")
    if settlement.buyer.account == settlement.seller.account:
        raise VerificationError("same-account", "buyer and seller are the same account")
    for update, terms in settlement.sides():
        verify_update(update, key, risk, terms, check=check)


def _require_instance(key: VerifyingKey, statement: StatementName, n: int, ciphertext: tuple[int, ...]) -> None:
    key.require(statement, n)
    elements = Shape.CIPHERTEXT.elements(n)
    if len(ciphertext) != elements:
        raise VerificationError(
            "wrong-ciphertext-length",
            f"the ciphertext of {key.instance} has {elements} elements, this one has {len(ciphertext)}",
        )
