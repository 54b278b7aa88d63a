"""What `release` takes from a round, and what it says: ranges and order (spec ZS-76)."""

from dataclasses import replace

import pytest

from verifier import (
    STATEMENTS,
    InputError,
    MarginsPerUnit,
    ReleaseClaim,
    ReleaseInputs,
    ReleaseLimits,
    RoundVectors,
    VectorKind,
)

LIMITS = ReleaseLimits(floor_rate=1, buffer_rate=2, least_share=3, least_amount=4, dust=5)
BOTH = MarginsPerUnit.of_both_sides
VECTORS = RoundVectors(
    (100, -7, 0, 50),
    MarginsPerUnit((10, 1, 0, 5), (0, 2, 0, 0)),
    BOTH((20, 2, 0, 9)),
    BOTH((90, 0, 0, 45)),
)
CLAIM = ReleaseClaim(11, 12, 13, 14, 15, 16, cured=True, rho=17, ciphertext=(18, 19))


@pytest.mark.parametrize("name", ["floor_rate", "buffer_rate", "least_share"])
def test_rates_and_shares_are_at_most_the_whole(name: str) -> None:
    for rate in (0, 10_000):
        assert getattr(replace(LIMITS, **{name: rate}), name) == rate  # type: ignore[arg-type]
    for rate in (-1, 10_001):
        with pytest.raises(InputError, match="rate"):
            replace(LIMITS, **{name: rate})  # type: ignore[arg-type]


def test_amounts_are_in_their_ranges() -> None:
    """A least amount of 0 would let one unit of a large account be taken each time."""
    most = (1 << 150) - 1
    assert replace(LIMITS, least_amount=most, dust=most).dust == most
    assert replace(LIMITS, least_amount=1, dust=0).dust == 0
    for amount in (0, -1, most + 1):
        with pytest.raises(InputError, match="least amount"):
            replace(LIMITS, least_amount=amount)
    for amount in (-1, most + 1):
        with pytest.raises(InputError, match="dust"):
            replace(LIMITS, dust=amount)


@pytest.mark.parametrize(
    ("kind", "margins", "sellable"),
    [(VectorKind.MAINTENANCE, VECTORS.maintenance, 0b1011), (VectorKind.OVERDRAFT, VECTORS.overdraft, 0b0001)],
)
def test_a_kind_has_its_margins_and_its_slots(kind: VectorKind, margins: MarginsPerUnit, sellable: int) -> None:
    """Slots 0 and 2 hold spot, and slot 2 is stale."""
    inputs = ReleaseInputs.of_round(VECTORS, kind, LIMITS, spot=0b0101, stale=0b0100)
    assert (inputs.margins, inputs.sellable) == (margins, sellable)
    arranged = STATEMENTS["release"].arrange_round(inputs.values(), 4)
    assert arranged == (*VECTORS.field_prices(), *margins.long, *margins.short_extra, sellable, 1, 2, 3, 4, 5)


def test_no_account_is_sold_for_its_initial_margin() -> None:
    with pytest.raises(InputError, match="initial margin"):
        ReleaseInputs(VECTORS, VectorKind.INITIAL, 0, LIMITS)


@pytest.mark.parametrize("sellable", [-1, 1 << 4])
def test_a_bit_of_no_slot_is_refused(sellable: int) -> None:
    with pytest.raises(InputError, match="sellable"):
        ReleaseInputs(VECTORS, VectorKind.MAINTENANCE, sellable, LIMITS)


def test_signals_are_those_of_the_proof_and_then_the_rounds() -> None:
    inputs = ReleaseInputs(VECTORS, VectorKind.MAINTENANCE, 0b1111, LIMITS)
    signals = CLAIM.signals(inputs)
    assert signals[:10] == (11, 12, 13, 14, 15, 16, 1, 17, 18, 19)
    assert signals[10:] == STATEMENTS["release"].arrange_round(inputs.values(), 4)
    assert replace(CLAIM, cured=False).signals(inputs)[6] == 0


@pytest.mark.parametrize("name", ["rate", "uncovered_rate"])
def test_a_claim_has_rates_in_their_range(name: str) -> None:
    for rate in (-1, 10_001):
        with pytest.raises(InputError, match="rate"):
            replace(CLAIM, **{name: rate}).values()  # type: ignore[arg-type]
