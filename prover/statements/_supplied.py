"""The public signals of a margin book's proof that its verifier supplies, from a round and a domain."""

from prover.account import Domain
from prover.market import PriceRound
from verifier import BookStatement, InputError, SettlementPrices, Value, VectorKind


def supplied_signals(
    statement: BookStatement,
    round_: PriceRound | None,
    domain: Domain | None,
    slots: int,
    kind: VectorKind = VectorKind.MAINTENANCE,
) -> dict[str, Value]:
    """What a verifier holds of a proof, as `BookExpectation` takes it.

    Args:
        statement: what must have been proven.
        round_: the verifier's own: the prices of `update` and `release`, and the settlement prices of `expire`.
        domain: of the margin book, for `open`.
        slots: bitmap of the expired slots, for `expire`.
        kind: of margin, for `release`. The limits of takeovers are those of `RELEASE_LIMITS`.

    Raises:
        InputError: a round or a domain is missing, or the statement takes none.
    """
    if (round_ is None) != (statement not in ("update", "expire", "release")):
        raise InputError(
            f"{statement}: a price round of your own is needed"
            if round_ is None
            else f"{statement} has no prices, so a price round would check nothing"
        )
    if (domain is None) != (statement != "open"):
        raise InputError(
            "open: the margin book is needed that the account is of"
            if domain is None
            else f"{statement} does not say of which margin book it is, so naming one would check nothing"
        )
    if domain is not None:
        return {"domain": domain.tag()}
    if round_ is None:
        return {}
    if statement == "update":
        return round_.risk().values()
    if statement == "release":
        return round_.release(kind).values()
    return SettlementPrices.of_slots(round_.vectors.effective_prices, slots).values()
