"""The rules of `update` in exact integers, and the inputs that are built by them (spec ZS-58, ZS-59, ZS-61)."""

from dataclasses import replace

import pytest
from steps import DOLLAR, ELSEWHERE, HERE, ONE, owner_keys, risk, state

from prover import PriceRound
from prover.account import State, ViewingKeys, empty_state
from prover.statements import (
    Update,
    open_inputs,
    opening_claim,
    update_inputs,
    writeoff_claim,
    writeoff_inputs,
)
from prover.trade import (
    NO_TRANSFER,
    Claim,
    RiskRule,
    Side,
    Ticket,
    Transfer,
    Transition,
    amounts_of,
    covered_cash,
    provable_rule,
    reasons_against,
)
from verifier import STATEMENTS, InputError, ProvingError, RiskInputs

KEYS = ViewingKeys.of_owner(owner_keys())
RISK = risk(13)
RICH = KEYS.seal(state(13, 10**6 * DOLLAR, b0=ONE))
TICKET = Ticket(HERE, amounts_of({4: ONE}, 13), cost=50_000 * DOLLAR, salt=9)


def moved(old: State, *, cost: int = 0, transfer: Transfer = NO_TRANSFER, **legs: int) -> Transition:
    """A purchase of legs, b4 = 5 buys 5 of slot 4, with a transfer; no trade where there are no legs."""
    amounts = amounts_of({int(name[1:]): amount for name, amount in legs.items()}, 13)
    return Transition(old, amounts, cost, trades=bool(legs), transfer=transfer)


def against(step: Transition, claim: Claim = Claim.UNSAID, risk: RiskInputs = RISK) -> str:
    return "; ".join(reasons_against(step, risk, claim))


def test_a_basket_and_a_transfer_add_up() -> None:
    old = state(13, 100, b0=5, b4=1)
    deposit, withdrawal = Transfer(0, 3, False), Transfer(13, 30, True)
    ticket = Ticket(HERE, amounts_of({4: 2, 6: -1}, 13), cost=7, salt=0)
    assert Transition.of(old, deposit, ticket, Side.BUY).new == state(13, 93, b0=8, b4=3, b6=-1)
    assert Transition.of(old, withdrawal, ticket, Side.SELL).new == state(13, 77, b0=5, b4=-1, b6=1)
    assert Transition.of(old, deposit, None, Side.NONE).new == state(13, 100, b0=8, b4=1)


def test_buyer_and_seller_together_gain_nothing() -> None:
    old = state(13, 100)
    buyer, seller = (Transition.of(old, NO_TRANSFER, TICKET, side).new for side in (Side.BUY, Side.SELL))
    assert [a + b for a, b in zip(buyer.balances, seller.balances, strict=True)] == [0] * 13
    assert buyer.quote + seller.quote == 200


def test_a_side_needs_a_ticket_and_an_asset_of_the_book() -> None:
    old = state(13)
    with pytest.raises(InputError, match="takes a side"):
        Transition.of(old, NO_TRANSFER, TICKET, Side.NONE)
    with pytest.raises(InputError, match="takes a side"):
        Transition.of(old, NO_TRANSFER, None, Side.BUY)
    for slots in (0, 12, 14, 28):
        with pytest.raises(InputError, match=f"a trade of {slots} slots, in a book of 13"):
            Transition.of(old, NO_TRANSFER, replace(TICKET, amounts=(0,) * slots), Side.BUY)
    with pytest.raises(InputError, match="no such asset"):
        Transition.of(old, Transfer(14, 0, False), None, Side.NONE)


@pytest.mark.parametrize("amount", [-1, 1 << 144])
def test_a_transfer_has_an_amount(amount: int) -> None:
    with pytest.raises(InputError, match="amount"):
        Transfer(0, amount, False)


def test_each_rule_is_named_when_it_is_broken() -> None:
    flat, long = state(13, 10**6 * DOLLAR), state(13, -46_000 * DOLLAR, b4=ONE)
    out = Transfer(13, 5, True)
    assert against(moved(flat)) == ""
    assert "range" in against(moved(flat, b4=1 << 80))
    assert "range" in against(moved(flat, cost=-(1 << 144), b4=0))
    assert "spot" in against(moved(flat, b0=-1))
    assert "maintenance" in against(moved(state(13), cost=1, b4=0))
    assert "initial margin" in against(moved(long, b4=1))
    assert "risk would not fall" in against(moved(long, cost=1, b4=0))
    assert "initial margin" in against(moved(long, transfer=out))
    assert against(moved(long)) == against(moved(long), Claim.REDUCES_RISK) == ""
    assert "initial" in against(moved(long), Claim.MEETS_INITIAL_MARGIN)
    assert "position would grow" in against(moved(flat, b4=1, cost=0), Claim.REDUCES_RISK)
    assert "withdrawal" in against(moved(flat, transfer=out), Claim.REDUCES_RISK)


class TestCash:
    """Two of asset 0, spot, worth 100,000 USD: 5,000 back debt of an account that grows, 10,000 of one that shrinks."""

    @staticmethod
    def owing(dollars: int, **balances: int) -> State:
        return state(13, -dollars * DOLLAR, b0=2 * ONE, **balances)

    def test_covered_cash_counts_spot_by_a_part(self) -> None:
        held = self.owing(7_000, b4=ONE, b5=-ONE // 10)
        assert covered_cash(held, RISK, 50_000) == (-7_000 + 50_000 - 5_000 + 5_000) * DOLLAR * 10**6
        assert covered_cash(held, RISK, 0) == 38_000 * DOLLAR * 10**6
        assert covered_cash(held, replace(RISK, reduce_only=1), 50_000) == covered_cash(held, RISK, 0)
        assert covered_cash(held, replace(RISK, reduce_only=1 << 4), 0) == covered_cash(held, RISK, 0)

    def test_a_withdrawal_of_more_than_cash_says_what_to_do(self) -> None:
        withdrawn = Transfer(13, 1, True)
        assert against(moved(self.owing(4_999), transfer=withdrawn)) == ""
        reason = against(moved(self.owing(5_000), transfer=withdrawn))
        assert reason == "cash would be short, spot may back little debt: sell spot or deposit, or withdraw less"

    def test_a_trade_that_grows_debt_says_what_to_do(self) -> None:
        assert against(moved(self.owing(4_999), cost=DOLLAR, b4=0)) == ""
        assert "sell spot or deposit" in against(moved(self.owing(5_000), cost=1, b4=0), Claim.MEETS_INITIAL_MARGIN)
        assert "sell spot or deposit" in against(moved(self.owing(5_000), cost=50_001 * DOLLAR, b4=ONE))

    def test_an_account_that_owes_too_much_can_mend_it(self) -> None:
        mending = moved(self.owing(30_000), transfer=Transfer(13, 1, False))
        assert provable_rule(mending, RISK, Claim.UNSAID) == RiskRule(shrinks=True, keeps_cash=True)
        sale = moved(self.owing(30_000), cost=-50_000 * DOLLAR, b0=-ONE)
        assert provable_rule(sale, RISK, Claim.MEETS_INITIAL_MARGIN) == RiskRule(shrinks=False, keeps_cash=False)
        assert "sell spot" in against(moved(self.owing(60_000, b4=ONE), cost=-46_000 * DOLLAR, b4=-ONE))


class TestShrinking:
    def test_positions_only_become_smaller(self) -> None:
        held = state(13, 10**6 * DOLLAR, b4=5, b5=-5)
        for legs in ({}, {"b4": -5}, {"b4": -1, "b5": 5}, {"b5": 1}):
            assert moved(held, **legs).shrinks
        for legs in ({"b4": -6}, {"b4": 1}, {"b5": 6}, {"b5": -1}, {"b6": 1}, {"b6": -1}, {"b4": -5, "b6": 1}):
            assert not moved(held, **legs).shrinks
        assert not moved(held, transfer=Transfer(13, 0, True)).shrinks

    def test_reduce_only_assets_shrink_whatever_else_happens(self) -> None:
        held = state(13, 10**6 * DOLLAR, b4=5)
        only = replace(RISK, reduce_only=1 << 4)
        assert against(moved(held, b4=-5, b5=ONE), risk=only) == ""
        for legs in ({"b4": 1}, {"b4": -6}):
            assert "only be reduced" in against(moved(held, **legs), risk=only)


class TestTopUps:
    POOR = state(13, -48_000 * DOLLAR, b4=ONE)
    """It lacks 500 USD."""

    def test_a_deposit_may_leave_the_account_below_maintenance_margin(self) -> None:
        for amount, reason in ((1, ""), (500 * DOLLAR - 1, ""), (500 * DOLLAR, "nothing to top up")):
            step = moved(self.POOR, transfer=Transfer(13, amount, False))
            assert reason in against(step, Claim.TOPS_UP)
            assert bool(reason) == (provable_rule(step, RISK, Claim.TOPS_UP) is None)

    def test_nothing_else_tops_up(self) -> None:
        assert "only a deposit" in against(moved(self.POOR), Claim.TOPS_UP)
        assert "only a deposit" in against(moved(self.POOR, b4=0, transfer=Transfer(13, 1, False)), Claim.TOPS_UP)
        assert "only a deposit" in against(moved(self.POOR, transfer=Transfer(13, 1, True)), Claim.TOPS_UP)


def test_no_account_can_be_short_of_a_slot_that_bears_no_margin(round_1: PriceRound) -> None:
    """Such a slot costs no margin: an account short of it would owe what it cannot pay once an asset is listed."""
    fewer = replace(round_1.book, assets=round_1.book.assets[:-1])
    prices, funding = (*round_1.prices[:-1], 0), (*round_1.funding[:-1], 0)
    risk = replace(round_1, book=fewer, prices=prices, funding=funding).risk()
    assert risk.long_only == round_1.risk().long_only | 1 << 12
    assert "short" in against(moved(state(13, 10**6 * DOLLAR), b12=-1), risk=risk)


def test_risk_inputs_are_the_rounds(round_1: PriceRound) -> None:
    inputs = round_1.risk()
    spot = [slot for slot, asset in enumerate(round_1.book.assets) if not asset.may_be_short]
    assert [slot for slot in range(13) if inputs.long_only >> slot & 1] == spot != []
    vectors = inputs.vectors
    assert vectors == round_1.vectors
    assert all(i >= m for i, m in zip(vectors.initial.short, vectors.maintenance.short, strict=True))


def test_the_same_step_made_twice_shares_no_keystream() -> None:
    """A transaction sent again, or replaced by another step from the same old state."""
    once, again = (Update.make(KEYS, RICH, transfer=Transfer(0, 5, False)) for _ in range(2))
    other = Update.make(KEYS, RICH, transfer=Transfer(0, 6, False))
    assert len({update.after.rho for update in (once, again, other)}) == 3
    assert len({element for update in (once, again, other) for element in update.after.ciphertext}) == 15


def test_a_step_is_of_its_own_book() -> None:
    with pytest.raises(InputError, match="another book"):
        Update.make(KEYS, RICH, ticket=replace(TICKET, domain=ELSEWHERE), side=Side.BUY)


@pytest.mark.parametrize("recipient", [-1, 1 << 160])
def test_a_recipient_is_an_address(recipient: int) -> None:
    with pytest.raises(InputError, match="recipient"):
        Update.make(KEYS, RICH, recipient=recipient)


def test_public_signals_stand_in_order() -> None:
    update = Update.make(KEYS, RICH, ticket=TICKET, side=Side.BUY, recipient=7)
    signals = update.claimed().signals(update.terms(), replace(RISK, reduce_only=1 << 9))
    own, rounds = signals[:16], signals[16:]
    after, vectors = update.after, RISK.vectors
    assert own == (RICH.commitment, after.commitment, TICKET.id, 1, 0, 0, 0, 0, 7, after.rho, *after.ciphertext, 1 << 9)
    assert rounds == (
        *vectors.effective_prices,
        *vectors.maintenance.long,
        *vectors.maintenance.short_extra,
        *vectors.initial.long,
        *vectors.initial.short_extra,
        RISK.long_only,
        50_000,
        100_000,
    )


def test_every_private_input_is_beside_the_public_ones() -> None:
    inputs = update_inputs(owner_keys(), Update.make(KEYS, RICH), RISK)
    private = "ownerSecret viewKey domain oldBalance oldQuote oldShorts oldSalt tradeAmount tradeCost ticketSalt"
    assert set(inputs) - set(STATEMENTS["update"].public) == {*private.split(), "shrinks", "keepsCash"}


def test_the_rule_on_risk_is_shown_that_holds() -> None:
    long = KEYS.seal(state(13, -46_000 * DOLLAR, b4=ONE))
    below = update_inputs(owner_keys(), Update.make(KEYS, long), RISK)
    above = update_inputs(owner_keys(), Update.make(KEYS, RICH), RISK)
    claimed = update_inputs(owner_keys(), Update.make(KEYS, RICH, claim=Claim.REDUCES_RISK), RISK)
    assert (below["shrinks"], above["shrinks"], claimed["shrinks"]) == ("1", "0", "1")


def test_a_step_that_may_not_be_is_not_built_and_tells_no_amount() -> None:
    update = Update.make(KEYS, RICH, transfer=Transfer(13, 2 * 10**24, True))
    with pytest.raises(ProvingError, match="cash would be short") as caught:
        update_inputs(owner_keys(), update, RISK)
    assert not any(character.isdigit() for character in str(caught.value))


def test_only_the_empty_account_is_opened_and_only_a_bare_debt_or_nothing_written_off() -> None:
    empty, debt = KEYS.seal(empty_state(13)), KEYS.seal(state(13, -5))
    opening = opening_claim(owner_keys(), empty)
    assert len(opening.signals(HERE.tag(), 13)) == 14
    assert set(open_inputs(owner_keys(), opening)) == {*STATEMENTS["open"].public, "ownerSecret"}
    with pytest.raises(ProvingError, match="empty"):
        opening_claim(owner_keys(), debt)
    writeoff = writeoff_claim(debt, empty)
    signals = writeoff.signals(13)
    assert signals[:3] == (debt.commitment, empty.commitment, 5)
    assert len(signals) == 9
    private = {"ownerTag", "viewKey", "domain", "oldSalt"}
    assert set(writeoff_inputs(KEYS, debt, writeoff)) == {*STATEMENTS["writeoff"].public, *private}
    again = KEYS.seal(empty_state(13))
    assert writeoff_claim(empty, again).signals(13)[:3] == (empty.commitment, again.commitment, 0)
    for before in (KEYS.seal(state(13, 1)), KEYS.seal(state(13, -5, b3=1)), KEYS.seal(state(13, 0, b3=-1))):
        with pytest.raises(ProvingError, match="whose quote is at most 0"):
            writeoff_claim(before, empty)
    with pytest.raises(ProvingError, match="empty once"):
        writeoff_claim(debt, debt)
