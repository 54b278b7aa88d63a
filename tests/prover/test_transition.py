"""The rules of `update` in exact integers, and the inputs that are built by them (spec ZS-61)."""

from dataclasses import replace

import pytest
from steps import DOLLAR, ELSEWHERE, HERE, ONE, owner_keys, risk, state

from prover import PriceRound
from prover._book_statements import empty_state, open_inputs, opening_claim, writeoff_claim, writeoff_inputs
from prover._sealed import ViewingKeys
from prover._state import State
from prover._ticket import Side, Ticket
from prover._transition import Claim, Transfer, broken_rules, next_state
from prover._update import Update, update_inputs
from verifier import STATEMENTS, InputError, ProvingError

KEYS = ViewingKeys.of_owner(owner_keys())
RISK = risk(13)
RICH = KEYS.seal(state(13, 10**6 * DOLLAR, b0=ONE))
TICKET = Ticket(HERE, asset=4, size=ONE, cost=50_000 * DOLLAR, salt=9)


def broken(old: State, new: State, *, is_withdrawal: bool = False, claim: Claim = Claim.UNSAID) -> str:
    return "; ".join(broken_rules(old, new, RISK, is_withdrawal=is_withdrawal, claim=claim))


def test_a_trade_and_a_transfer_add_up() -> None:
    old = state(13, 100, b0=5, b4=1)
    deposit, withdrawal = Transfer(0, 3, False), Transfer(13, 30, True)
    ticket = Ticket(HERE, asset=4, size=2, cost=7, salt=0)
    assert next_state(old, deposit, ticket, Side.BUY) == state(13, 93, b0=8, b4=3)
    assert next_state(old, withdrawal, ticket, Side.SELL) == state(13, 77, b0=5, b4=-1)
    assert next_state(old, deposit, None, Side.NONE) == state(13, 100, b0=8, b4=1)


def test_buyer_and_seller_together_gain_nothing() -> None:
    old, none = state(13, 100), Transfer(0, 0, False)
    buyer, seller = (next_state(old, none, TICKET, side) for side in (Side.BUY, Side.SELL))
    assert [a + b for a, b in zip(buyer.balances, seller.balances, strict=True)] == [0] * 13
    assert buyer.quote + seller.quote == 200


def test_a_side_needs_a_ticket_and_an_asset_of_the_book() -> None:
    old, none = state(13), Transfer(0, 0, False)
    with pytest.raises(InputError, match="takes a side"):
        next_state(old, none, TICKET, Side.NONE)
    with pytest.raises(InputError, match="takes a side"):
        next_state(old, none, None, Side.BUY)
    with pytest.raises(InputError, match="no such asset"):
        next_state(old, none, replace(TICKET, asset=13), Side.BUY)
    with pytest.raises(InputError, match="no such asset"):
        next_state(old, Transfer(14, 0, False), None, Side.NONE)


@pytest.mark.parametrize("amount", [-1, 1 << 144])
def test_a_transfer_has_an_amount(amount: int) -> None:
    with pytest.raises(InputError, match="amount"):
        Transfer(0, amount, False)


def test_each_rule_is_named_when_it_is_broken() -> None:
    flat, long = state(13, 10**6 * DOLLAR), state(13, -46_000 * DOLLAR, b4=ONE)
    assert broken(flat, flat) == ""
    assert "range" in broken(flat, state(13, 0, b4=1 << 80))
    assert "range" in broken(flat, state(13, 1 << 144))
    assert "spot" in broken(flat, state(13, 10**6 * DOLLAR, b0=-1))
    assert "maintenance" in broken(flat, state(13, -1))
    assert "unrealised" in broken(flat, state(13, -1, b0=ONE), is_withdrawal=True)
    assert broken(flat, state(13, -1, b0=ONE)) == ""
    assert "risk would not fall" in broken(long, state(13, -46_000 * DOLLAR - 1, b4=ONE))
    assert broken(long, long) == ""
    assert broken(long, long, claim=Claim.REDUCES_RISK) == ""
    assert "initial" in broken(long, long, claim=Claim.MEETS_INITIAL_MARGIN)
    assert "risk" in broken(flat, state(13, 10**6 * DOLLAR - 1), claim=Claim.REDUCES_RISK)


def test_nobody_can_be_short_of_a_slot_that_bears_no_margin(round_1: PriceRound) -> None:
    """A slot without an asset costs no margin: who is short there when one is listed would owe what nobody can pay."""
    fewer = replace(round_1.book, assets=round_1.book.assets[:-1])
    prices, funding = (*round_1.prices[:-1], 0), (*round_1.funding[:-1], 0)
    risk = replace(round_1, book=fewer, prices=prices, funding=funding).risk()
    assert risk.long_only == round_1.risk().long_only | 1 << 12
    rich, short = state(13, 10**6 * DOLLAR), state(13, 10**6 * DOLLAR, b12=-1)
    assert "short" in ", ".join(broken_rules(rich, short, risk, is_withdrawal=False, claim=Claim.UNSAID))


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
    signals = update.claimed().signals(update.terms(), RISK)
    own, rounds = signals[:15], signals[15:]
    after, vectors = update.after, RISK.vectors
    assert own == (RICH.commitment, after.commitment, TICKET.id, 1, 0, 0, 0, 0, 7, after.rho, *after.ciphertext)
    assert rounds == (
        *vectors.effective_prices,
        *vectors.maintenance.long,
        *vectors.maintenance.short_extra,
        *vectors.initial.long,
        *vectors.initial.short_extra,
        RISK.long_only,
    )


def test_every_private_input_is_beside_the_public_ones() -> None:
    inputs = update_inputs(owner_keys(), Update.make(KEYS, RICH), RISK)
    private = (
        "ownerSecret viewKey domain oldBalance oldQuote oldShorts oldSalt tradeAsset tradeSize tradeCost ticketSalt"
    )
    assert set(inputs) - set(STATEMENTS["update"].public) == {*private.split(), "reducesRisk"}


def test_the_rule_on_risk_is_shown_that_holds() -> None:
    long = KEYS.seal(state(13, -46_000 * DOLLAR, b4=ONE))
    below = update_inputs(owner_keys(), Update.make(KEYS, long), RISK)
    above = update_inputs(owner_keys(), Update.make(KEYS, RICH), RISK)
    claimed = update_inputs(owner_keys(), Update.make(KEYS, RICH, claim=Claim.REDUCES_RISK), RISK)
    assert (below["reducesRisk"], above["reducesRisk"], claimed["reducesRisk"]) == ("1", "0", "1")


def test_a_step_that_may_not_be_is_not_built_and_tells_no_amount() -> None:
    update = Update.make(KEYS, RICH, transfer=Transfer(13, 2 * 10**24, True))
    with pytest.raises(ProvingError, match="unrealised profit") as caught:
        update_inputs(owner_keys(), update, RISK)
    assert not any(character.isdigit() for character in str(caught.value))


def test_only_the_empty_account_is_opened_and_only_a_bare_debt_written_off() -> None:
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
    for before in (empty, KEYS.seal(state(13, 5)), KEYS.seal(state(13, -5, b3=1))):
        with pytest.raises(ProvingError, match="owes something"):
            writeoff_claim(before, empty)
    with pytest.raises(ProvingError, match="empty once"):
        writeoff_claim(debt, debt)
