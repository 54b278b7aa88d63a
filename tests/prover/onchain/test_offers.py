"""What an offer means to its taker, and why it can no longer be taken."""

from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, Final

import pytest
from simulated import g1, g2

from prover.account import Domain
from prover.chain import Permission
from prover.onchain import ObstacleKind, OfferedLeg, OfferedTrade, PricedOffer, is_far_from_mark, offer_obstacle
from prover.onchain import require_takeable as require
from prover.trade import Claim, Leg, Offer, Side, Ticket, amounts_of
from verifier import ChainError, InputError, Proof, StateUpdate

BTC: Final = 10**9
USD: Final = 10**9
DOLLAR: Final = 10**18
PERP: Final = 3
MAKER, TAKER, STRANGER = 7, 8, 9
NOW: Final = 1 << 40
MAX_AGE, GRACE = 300, 12

UPDATE: Final = StateUpdate(MAKER, 71, 72, Claim.UNSAID, 5, (1, 2, 3, 4, 5), Proof(g1(5), g2(7), g1(11)))
TICKET: Final = Ticket(Domain(31337, 0xB00C), amounts_of({PERP: BTC}, 13), cost=100 * DOLLAR, salt=1)
OFFER: Final = Offer(TICKET, Side.SELL, 4, UPDATE)


@dataclass
class FakeBook:
    """What a book and its node say of an offer: at first, that it is good."""

    permission: Permission = Permission.FREE
    must_show: bool = False
    commitments: dict[int, int] = field(default_factory=lambda: {MAKER: 71, TAKER: 81})
    changed_at: dict[int, int] = field(default_factory=dict)
    latest: int = 4
    now: int = NOW
    posted: dict[int, int] = field(default_factory=lambda: {4: NOW - 10, 5: NOW - 5})
    recorded: int = NOW
    calm: bool = True

    @property
    def contracts(self) -> Any:
        return SimpleNamespace(book=self, rounds=self, chain=self)

    def next_block_time(self) -> int:
        return self.now

    def latest_id(self) -> int:
        return self.latest

    def round(self, round_id: int) -> Any:
        return SimpleNamespace(id=round_id, timestamp=self.posted[round_id])

    def max_proof_age(self) -> int:
        return MAX_AGE

    def recorded_at(self, round_id: int) -> int:
        assert round_id == self.latest
        return self.recorded

    def is_calm(self, round_id: int) -> bool:
        assert round_id == self.latest
        return self.calm

    def trade_grace(self) -> int:
        return GRACE

    def account(self, account: int) -> Any:
        return SimpleNamespace(
            commitment=self.commitments.get(account, 0), changed_at_round=self.changed_at.get(account, 0)
        )

    def permission_of(self, account: int) -> Permission:
        assert account == MAKER
        return self.permission

    def must_show_margin(self, account: int) -> bool:
        assert account == MAKER
        return self.must_show


def obstacle(offer: Offer = OFFER, **book: Any) -> tuple[ObstacleKind, str]:
    found = offer_obstacle(FakeBook(**book), offer)  # type: ignore[arg-type]
    assert found is not None
    return found


def showing(claim: Claim) -> Offer:
    return replace(OFFER, maker_update=replace(UPDATE, claim=claim))


# ------------------------------------------------------------------------------------------------ obstacles


def test_a_good_offer_meets_no_obstacle() -> None:
    assert offer_obstacle(FakeBook(), OFFER) is None  # type: ignore[arg-type]


def test_each_obstacle_has_a_kind_and_says_what_to_do() -> None:
    taken = {MAKER: 72, TAKER: 81}
    assert obstacle(commitments=taken) == (ObstacleKind.SETTLED, "the offer was taken already: its trade is settled")
    strange = replace(OFFER, maker_update=replace(UPDATE, account=99))
    assert obstacle(strange)[0] is ObstacleKind.UNKNOWN_MAKER
    kind, words = obstacle(commitments={MAKER: 73, TAKER: 81})
    assert (kind, "has changed since: ask for a new one" in words) == (ObstacleKind.MAKER_CHANGED, True)
    another = replace(OFFER, maker_update=replace(UPDATE, account=TAKER))  # whose commitment is not what it starts from
    assert obstacle(another)[0] is ObstacleKind.MAKER_CHANGED


def test_a_maker_that_may_take_on_no_new_risk_must_show_that_it_does_not() -> None:
    assert obstacle(permission=Permission.NO_NEW_RISK)[0] is ObstacleKind.MAKER_MUST_REDUCE
    reduces = showing(Claim.REDUCES_RISK)
    assert offer_obstacle(FakeBook(permission=Permission.NO_NEW_RISK), reduces) is None  # type: ignore[arg-type]
    stopped = (Permission.TOP_UP_ONLY, "(TopUpOnly)"), (Permission.CURE_ONLY, "(CureOnly)")
    for permission, name in (*stopped, (Permission.FROZEN, "(Frozen)")):
        kind, words = obstacle(reduces, permission=permission)
        assert (kind, name in words) == (ObstacleKind.MAKER_MAY_NOT_TRADE, True)


def test_a_maker_that_changed_often_must_show_that_it_meets_initial_margin() -> None:  # ZS-100
    for claim in (Claim.UNSAID, Claim.REDUCES_RISK):
        kind, words = obstacle(showing(claim), must_show=True)
        assert (kind, "ask for a new one" in words) == (ObstacleKind.MAKER_MUST_SHOW_MARGIN, True)
    margin = showing(Claim.MEETS_INITIAL_MARGIN)
    assert offer_obstacle(FakeBook(must_show=True), margin) is None  # type: ignore[arg-type]


def test_newer_prices_end_an_offer_after_the_grace_whatever_it_shows() -> None:  # ZS-57
    within = FakeBook(latest=5, recorded=NOW - GRACE)
    assert offer_obstacle(within, OFFER) is None  # type: ignore[arg-type]
    for offer in (OFFER, showing(Claim.REDUCES_RISK)):
        assert obstacle(offer, latest=5, recorded=NOW - GRACE - 1)[0] is ObstacleKind.SUPERSEDED


def test_a_jump_of_prices_and_a_second_round_leave_an_offer_no_grace() -> None:  # ZS-57
    assert obstacle(latest=5, calm=False)[0] is ObstacleKind.SUPERSEDED
    assert obstacle(latest=6)[0] is ObstacleKind.SUPERSEDED


def test_an_offer_ends_with_its_prices() -> None:
    assert offer_obstacle(FakeBook(posted={4: NOW - MAX_AGE}), OFFER) is None  # type: ignore[arg-type]
    kind, words = obstacle(posted={4: NOW - MAX_AGE - 1})
    assert (kind, "5 min 1 s old, the book takes 5 min at most" in words) == (ObstacleKind.TOO_OLD, True)


# ------------------------------------------------------------------------------------------------ takers


@dataclass
class FakeOwner:
    """An account that would take an offer; it counts the proofs that it verifies."""

    book: FakeBook
    identity: int = TAKER
    verified: int = 0

    @property
    def updates(self) -> "FakeOwner":
        return self

    def offer(self, offer: Offer, round_: Any) -> None:
        assert round_.id == offer.round_id
        self.verified += 1


def take(owner: FakeOwner, offer: Offer = OFFER) -> None:
    require(owner, offer)  # type: ignore[arg-type]


def test_a_taker_that_fits_verifies_the_makers_proof() -> None:
    owner = FakeOwner(FakeBook())
    take(owner)
    assert owner.verified == 1


@pytest.mark.parametrize(
    ("book", "identity", "words"),
    [
        (FakeBook(commitments={MAKER: 72, TAKER: 81}), TAKER, "taken already"),
        (FakeBook(), MAKER, "this account's own"),
        (FakeBook(changed_at={TAKER: 5}), TAKER, "your account has changed at a later round"),
    ],
)
def test_a_taker_that_does_not_fit_is_refused_before_anything_is_verified(
    book: FakeBook, identity: int, words: str
) -> None:
    owner = FakeOwner(book, identity)
    with pytest.raises(InputError, match=words):
        take(owner)
    assert owner.verified == 0


def test_an_account_that_is_not_open_takes_nothing() -> None:
    with pytest.raises(ChainError, match="not open in this book yet"):
        take(FakeOwner(FakeBook(), STRANGER))


def test_no_taker_is_served_at_a_superseded_round() -> None:
    owner = FakeOwner(FakeBook(latest=5, recorded=NOW - GRACE - 1))
    with pytest.raises(InputError, match="newer prices have come"):
        take(owner, showing(Claim.REDUCES_RISK))
    assert owner.verified == 0


# ------------------------------------------------------------------------------------------------ terms


def priced(gained: int, pays: int, mark: int = 100 * USD) -> PricedOffer:
    return PricedOffer(4, (OfferedLeg(PERP, gained, mark),), pays)


def test_a_price_is_rounded_against_the_taker() -> None:
    assert priced(3, 3 * 100 * USD + 1).price == 100 * USD + 1  # buys
    assert priced(3, 3 * 100 * USD - 1).price == 100 * USD
    assert priced(-3, -3 * 100 * USD + 1).price == 100 * USD - 1  # sells
    assert priced(-3, -3 * 100 * USD - 1).price == 100 * USD


@pytest.mark.parametrize("sign", [1, -1])
def test_only_a_price_against_the_taker_is_too_far(sign: int) -> None:
    at_mark = sign * 100 * DOLLAR
    assert not priced(sign * BTC, at_mark + DOLLAR).is_further(10_000)  # 1 %
    assert priced(sign * BTC, at_mark + DOLLAR + 1).is_further(10_000)
    assert not priced(sign * BTC, at_mark - 50 * DOLLAR).is_further(0)


def test_legs_of_both_signs_add_to_the_notional_and_not_to_the_worth() -> None:
    basket = PricedOffer(4, (OfferedLeg(0, 2 * BTC, 10 * USD), OfferedLeg(1, -BTC, 15 * USD)), 6 * DOLLAR)
    assert (basket.worth, basket.notional, basket.loss) == (5 * DOLLAR, 35 * DOLLAR, DOLLAR)
    assert [leg.side for leg in basket.legs] == [Side.BUY, Side.SELL]


def test_a_price_must_be_near_at_the_offers_round_and_at_the_newest() -> None:
    near, far = priced(BTC, 100 * DOLLAR), priced(BTC, 102 * DOLLAR)
    assert OfferedTrade(near, near, NOW).first_further(10_000) is None
    assert OfferedTrade(now=far, agreed=near, good_until=NOW).first_further(10_000) is far
    assert OfferedTrade(now=near, agreed=far, good_until=NOW).first_further(10_000) is far


def test_no_term_is_in_a_repr() -> None:
    assert "100" not in repr(OfferedTrade(priced(BTC, 100 * DOLLAR), priced(BTC, 100 * DOLLAR), 1))


def test_a_tenth_of_the_mark_price_is_far() -> None:
    round_: Any = SimpleNamespace(prices=(0, 0, 0, 100 * USD))
    prices = {110 * USD: False, 110 * USD + 1: True, 90 * USD: False, 90 * USD - 1: True}
    assert {price: is_far_from_mark(Leg(PERP, 1, price), round_) for price in prices} == prices
