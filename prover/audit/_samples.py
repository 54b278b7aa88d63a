"""Random valid inputs of every statement, for audits without given witnesses."""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from prover.account import (
    BASE,
    SUBGROUP_ORDER,
    Account,
    Domain,
    OwnerKeys,
    SealedState,
    State,
    ViewingKeys,
    assess_at,
    empty_state,
)
from prover.market import PPM, QUOTE_BITS, Asset, AssetKind, AssetList, OptionTerms, PriceRound
from prover.statements import (
    SealedRelease,
    Update,
    exit_claim,
    exit_inputs,
    expire_claim,
    expire_inputs,
    margin_inputs,
    open_inputs,
    opening_claim,
    rekey_claim,
    rekey_inputs,
    release_inputs,
    update_inputs,
    writeoff_claim,
    writeoff_inputs,
)
from prover.toolchain import Inputs
from prover.trade import (
    NO_TRANSFER,
    Claim,
    Rates,
    Release,
    Side,
    Ticket,
    Transfer,
    Transition,
    amounts_of,
    covered_cash,
    exited_state,
    expired_state,
    health,
    plan_release,
    provable_rule,
    sellable_part,
)
from verifier import (
    BASIS,
    MARGIN_KINDS,
    RECIPIENT_BITS,
    SCALAR_MODULUS,
    MarginClaim,
    ReleaseInputs,
    RiskInputs,
    SettlementPrices,
    StatementName,
    VectorKind,
)

_PRICE_BITS: Final = 47  # 140,000 USD
_BALANCE_BITS: Final = 50  # a million tokens
_VALUE_BITS: Final = _PRICE_BITS + _BALANCE_BITS


def sample_inputs(statement: StatementName, n: int, rng: random.Random) -> Inputs:
    """Witness inputs of a true statement, built by the reference from random values of every magnitude.

    Args:
        statement: which.
        n: assets of the book.
        rng: source of every choice: an `update` may trade, transfer, both or neither, and show either rule on risk; a
            `release` is of either kind.
    """
    return _SAMPLES[statement](n, rng)


def _open_inputs(n: int, rng: random.Random) -> Inputs:
    keys = _keys(rng)
    return open_inputs(keys, opening_claim(keys, _sealed(keys, empty_state(n), rng)))


def _writeoff_inputs(n: int, rng: random.Random) -> Inputs:
    keys = _keys(rng)
    owing = State((0,) * n, -_amount(QUOTE_BITS, rng))
    before, after = (_sealed(keys, state, rng) for state in (owing, empty_state(n)))
    return writeoff_inputs(ViewingKeys.of_owner(keys), before, writeoff_claim(before, after))


def _rekey_inputs(n: int, rng: random.Random) -> Inputs:
    keys, new_keys = _keys(rng), _keys(rng)
    new_keys = replace(new_keys, domain=keys.domain)
    state = State(_balances(n, 0, rng), _signed(QUOTE_BITS, rng))
    before, after = (_sealed(any_keys, state, rng) for any_keys in (keys, new_keys))
    return rekey_inputs(keys, before, new_keys, rekey_claim(keys, before, new_keys, after))


def _margin_inputs(n: int, rng: random.Random) -> Inputs:
    round_ = _round(n, rng)
    spot = sum(1 << slot for slot, asset in enumerate(round_.book.assets) if not asset.may_be_short)
    state = State(_balances(n, spot, rng), _signed(_VALUE_BITS, rng))
    account = Account(round_.book, state, _keys(rng), rng.randrange(SCALAR_MODULUS))
    claim = MarginClaim(account.commitment(), account.health(round_).is_healthy, rng.getrandbits(RECIPIENT_BITS))
    return margin_inputs(account.opened, round_.vectors, claim)


def _update_inputs(n: int, rng: random.Random) -> Inputs:
    keys = _keys(rng)
    risk = _round(n, rng).risk()
    while True:
        transfer, balances = _transfer(n, rng), _balances(n, risk.long_only, rng)
        side = rng.choice((Side.NONE, Side.BUY, Side.SELL, Side.SELL))
        ticket = None if side is Side.NONE else _ticket(keys.domain, balances, side, risk, rng)
        claim = rng.choice(tuple(Claim))
        old = _sufficient(balances, Transition.of(State(balances, 0), transfer, ticket, side), claim, risk, rng)
        if provable_rule(Transition.of(old, transfer, ticket, side), risk, claim) is not None:
            break
    update = Update.make(
        ViewingKeys.of_owner(keys),
        _sealed(keys, old, rng),
        transfer=transfer,
        ticket=ticket,
        side=side,
        claim=claim,
        recipient=rng.getrandbits(RECIPIENT_BITS),
        bind=lambda _: rng.randrange(SCALAR_MODULUS),  # the same seed gives the same inputs
    )
    return update_inputs(keys, update, risk)


def _expire_inputs(n: int, rng: random.Random) -> Inputs:
    """Of no slot, some, or all; the other slots have prices too."""
    keys = _keys(rng)
    slots = rng.choice((0, rng.getrandbits(n), (1 << n) - 1))
    prices = SettlementPrices(tuple(_signed(_PRICE_BITS, rng) for _ in range(n)))
    old = State(tuple(_signed(_BALANCE_BITS, rng) for _ in range(n)), _signed(_VALUE_BITS, rng))
    before, after = (_sealed(keys, state, rng) for state in (old, expired_state(old, slots, prices)))
    return expire_inputs(ViewingKeys.of_owner(keys), before, expire_claim(before, after, slots, prices), prices)


def _exit_inputs(n: int, rng: random.Random) -> Inputs:
    """Of a part, or of all."""
    keys = _keys(rng)
    amount = 1 + _amount(QUOTE_BITS - 1, rng)
    old = State((0,) * n, amount + rng.choice((0, _amount(QUOTE_BITS - 1, rng))))
    before, after = (_sealed(keys, state, rng) for state in (old, exited_state(old, amount)))
    return exit_inputs(keys, before, exit_claim(before, after, amount, rng.getrandbits(RECIPIENT_BITS)))


def _release_inputs(n: int, rng: random.Random) -> Inputs:
    """The least part that cures, or any part, of an account with any equity below its margin, at either kind."""
    keys = _keys(rng)
    while True:
        round_ = _round(n, rng)
        inputs = round_.release(rng.choice(MARGIN_KINDS))
        old = _below_margin(State(_balances(n, round_.risk().long_only, rng), 0), inputs, rng)
        release = _any_release(old, inputs, rng)
        if release is not None and release.rule is not None:
            break
    sealed = SealedRelease.make(
        ViewingKeys.of_owner(keys),
        _sealed(keys, old, rng),
        release,
        taker=rng.choice((0, rng.randrange(SCALAR_MODULUS))),
        bind=lambda _: rng.randrange(SCALAR_MODULUS),
    )
    ticket = replace(sealed.ticket, salt=rng.randrange(SCALAR_MODULUS))  # the same seed gives the same inputs
    return release_inputs(ViewingKeys.of_owner(keys), replace(sealed, ticket=ticket))


def _below_margin(held: State, inputs: ReleaseInputs, rng: random.Random) -> State:
    """With a quote at which equity is anywhere below margin, or below 0."""
    whole = assess_at(held, inputs.vectors, inputs.kind)
    equity = rng.choice((whole.margin - 1, whole.margin * rng.randint(-200, 999) // 1000, -1))
    return State(held.balances, min(equity, whole.margin - 1) - whole.equity)


def _any_release(old: State, inputs: ReleaseInputs, rng: random.Random) -> Release | None:
    rates = Rates(rng.randint(0, BASIS // 2), rng.randint(0, BASIS // 4))
    if rng.random() < 1 / 2:
        return plan_release(old, inputs, rates, impact=[rng.randrange(100) for _ in old.balances])
    taken = tuple(rng.choice((0, 1, 1)) * amount for amount in sellable_part(old, inputs))
    return Release.of(old, taken, rates, inputs)


def _sufficient(
    balances: tuple[int, ...], step: Transition, claim: Claim, risk: RiskInputs, rng: random.Random
) -> State:
    """A state whose quote is enough after the step for initial margin, or near a line of an account that shrinks."""
    new = step.new
    maintenance, initial = (health(new, risk, kind) for kind in (VectorKind.MAINTENANCE, VectorKind.INITIAL))
    cash = [-(-covered_cash(new, risk, share) // PPM) for share in risk.lambdas_ppm]
    if claim is Claim.TOPS_UP:
        return State(balances, -maintenance - 1 - _amount(_PRICE_BITS, rng))
    reached = maintenance if step.shrinks and rng.random() < 1 / 2 else min(initial, cash[0])
    if step.shrinks and rng.random() < 1 / 2:
        reached = min(reached, cash[1])
    return State(balances, -reached + _amount(_PRICE_BITS, rng))


def _keys(rng: random.Random) -> OwnerKeys:
    guardian = rng.randrange(1, SUBGROUP_ORDER) * BASE
    domain = Domain(rng.getrandbits(32), rng.getrandbits(160))
    return OwnerKeys(rng.randrange(1, SUBGROUP_ORDER), guardian, domain)


def _sealed(keys: OwnerKeys, state: State, rng: random.Random) -> SealedState:
    return ViewingKeys.of_owner(keys).seal(state, rng.randrange(SCALAR_MODULUS))


def _round(n: int, rng: random.Random) -> PriceRound:
    kinds = [AssetKind.PERPETUAL, *(rng.choice(tuple(AssetKind)) for _ in range(n - 1))]
    assets = [_asset(slot, kind, rng) for slot, kind in enumerate(kinds)]
    prices = tuple(_amount(_PRICE_BITS, rng) for _ in range(n))
    funding = tuple(rng.randint(-price, price) for price in prices)
    stale = rng.choice((0, 0, rng.getrandbits(n)))
    return PriceRound(AssetList("audit", n, tuple(assets)), 1, 0, prices, funding, stale)


def _asset(slot: int, kind: AssetKind, rng: random.Random) -> Asset:
    """An asset with fractions; an option is on the asset of slot 0."""
    maintenance, initial = _fractions(rng)
    option = None
    if kind is AssetKind.OPTION:
        short_maintenance, short_initial = (rng.randint(least, PPM // 2) for least in (maintenance, initial))
        delivery, more = _fractions(rng)
        strike = rng.choice((0, _amount(_PRICE_BITS, rng)))
        option = OptionTerms("A0", strike, max(short_maintenance, short_initial), short_maintenance, more, delivery)
    return Asset(f"A{slot}", kind, initial, maintenance, option)


def _fractions(rng: random.Random) -> tuple[int, int]:
    """Maintenance and initial fraction [ppm]."""
    maintenance, initial = sorted(rng.randint(1, PPM // 2) for _ in range(2))
    return maintenance, initial


def _balances(n: int, long_only: int, rng: random.Random) -> tuple[int, ...]:
    signed = (_signed(_BALANCE_BITS, rng) for _ in range(n))
    return tuple(abs(balance) if long_only >> slot & 1 else balance for slot, balance in enumerate(signed))


def _transfer(n: int, rng: random.Random) -> Transfer:
    if rng.random() < 1 / 4:
        return NO_TRANSFER
    asset = rng.choice((rng.randrange(n), n))
    return Transfer(asset, _amount(_VALUE_BITS if asset == n else _BALANCE_BITS, rng), rng.random() < 1 / 2)


def _ticket(domain: Domain, balances: tuple[int, ...], side: Side, risk: RiskInputs, rng: random.Random) -> Ticket:
    """Up to four legs, at prices near the effective ones; half of the tickets only take from what the account holds."""
    n = len(balances)
    legs = {slot: _signed(_BALANCE_BITS, rng) for slot in rng.sample(range(n), rng.randint(0, 4))}
    if rng.random() < 1 / 2:
        legs = {slot: -side.sign * (balances[slot] * rng.randint(0, 4) // 4) for slot in legs}
    cost = sum(amount * risk.vectors.effective_prices[slot] for slot, amount in legs.items())
    return Ticket(domain, amounts_of(legs, n), cost + _signed(_PRICE_BITS, rng), rng.randrange(SCALAR_MODULUS))


def _amount(bits: int, rng: random.Random) -> int:
    """Below 2^bits, of every magnitude."""
    return rng.getrandbits(rng.randint(0, bits))


def _signed(bits: int, rng: random.Random) -> int:
    return rng.choice((-1, 1)) * _amount(bits, rng)


_SAMPLES: Final[Mapping[StatementName, Callable[[int, random.Random], Inputs]]] = {
    "margin": _margin_inputs,
    "margin-lean": _margin_inputs,
    "open": _open_inputs,
    "update": _update_inputs,
    "writeoff": _writeoff_inputs,
    "expire": _expire_inputs,
    "exit": _exit_inputs,
    "rekey": _rekey_inputs,
    "release": _release_inputs,
}
