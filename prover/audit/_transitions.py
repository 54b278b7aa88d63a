"""What the statements that create states mean, for the audit."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from prover.account import (
    BASE,
    SUBGROUP_ORDER,
    Point,
    State,
    Tag,
    clear_cofactor,
    commit,
    derive_keystream,
    empty_state,
    encrypt_state,
    owner_tag,
    poseidon,
)
from prover.audit._declaration import Declaration, Signals
from prover.market import QUOTE_BITS
from prover.trade import (
    Claim,
    Rates,
    Release,
    RiskRule,
    SizeRule,
    Transfer,
    Transition,
    broken_rules,
    exited_state,
    expired_state,
    ticket_id,
)
from verifier import (
    BASIS,
    RECIPIENT_BITS,
    STATEMENTS,
    InputError,
    MarginsPerUnit,
    ProvingError,
    ReleaseInputs,
    ReleaseLimits,
    RiskInputs,
    RoundVectors,
    SettlementPrices,
    StatementName,
    VectorKind,
    from_field,
)

_RECIPIENT: Final = (
    "the proof binds it and the statement says nothing of it; only its square is constrained, but the negative of an"
    " address is not below 2^160, so verifiers refuse it"
)
_TAKER: Final = (
    "the proof binds it and the statement says nothing of it; only its square is constrained, and the contract compares"
    " it with an identity"
)
_REWARD: Final = (
    "quotient of a division by 10^4 whose remainder is shown to be below 10^4: of reward < 2^150 there is one"
    " (docs/spec.md, ZS-76)"
)
_SLOPE: Final = (
    "slope of a line through two points of the subgroup that are neither equal nor opposite, or of a tangent away from"
    " points of order 2, so its denominator is not 0 (docs/spec.md, ZS-50)"
)
_POINT: Final = "coordinate of a point on the curve, whose denominator is never 0 there (docs/spec.md, ZS-50)"
_NOT_ZERO: Final = "inverse of the x of a point that is not neutral, so x is not 0 (docs/spec.md, ZS-50)"
_ZERO: Final = "of the empty state's quote: the constant 0 is taken apart like any other value, and meets nothing else"

_CURVE: Final[dict[str, str]] = {
    "*.lamda": _SLOPE,
    "*.zeropoint.inv": _NOT_ZERO,
    **dict.fromkeys(("*.x1", "*.y1", "*.x2", "*.y2", "*.xout", "*.yout"), _POINT),
    **dict.fromkeys(("*.double[*]", "*.quadruple[*]", "*.cleared[*]"), _POINT),
    **dict.fromkeys(("*.m2e[*].out[*]", "*.dblIn[0]"), _POINT),
}

# Most of the witnesses that an audit judges share most of their hashes with the one before.
_remember: Final = lru_cache(maxsize=64)
_remembered_commit: Final = _remember(commit)
_remembered_keystream: Final = _remember(derive_keystream)

_NEW_KEYS: Final = {
    "ownerSecret": "newOwnerSecret",
    "guardianPoint": "newGuardianPoint",
    "domain": "domain",
    "ownerPoint": "newOwnerPoint",
    "ownerTag": "newOwnerTag",
    "identity": "newIdentity",
}
"""What `rekey` calls the signals of `open` about keys."""

_SIGNS: Final = {0: 0, 1: 1, 2: -1}


def transition_declaration(statement: StatementName) -> Declaration:
    """The declaration of a statement that creates a state, for every number of assets.

    The old state of `update`, `expire`, `exit` and `release` is taken to be valid: a statement created it.
    """
    state, determined, holds, harmless = _PARTS[statement]
    return Declaration(STATEMENTS[statement].public, state, determined, holds, harmless)


def _open_holds(signals: Signals) -> bool:
    view_key = _bound_view_key(signals)
    return view_key is not None and _is_sealed(
        empty_state(_size(signals)), "commitment", signals["identity"][0], view_key, signals
    )


def _rekey_holds(signals: Signals) -> bool:
    one = {name: values[0] for name, values in signals.items()}
    state = _signed_state(signals["balance"], one["quote"])
    view_key = _bound_view_key({name: signals[renamed] for name, renamed in _NEW_KEYS.items()})
    if view_key is None or not state.is_in_range:
        return False
    old_identity = _identity(owner_tag(one["oldOwnerSecret"]), one["oldViewKey"], one["domain"])
    return one["oldCommitment"] == _commitment(state, state.shorts, old_identity, one["oldSalt"]) and _is_sealed(
        state, "newCommitment", one["newIdentity"], view_key, signals
    )


def _bound_view_key(signals: Signals) -> int | None:
    """The viewing key of the keys that a statement binds to an identity; None when they are not what it demands."""
    (secret,) = signals["ownerSecret"]
    if not 1 <= secret < SUBGROUP_ORDER:
        return None
    try:
        view_key = _view_key(secret, Point(*signals["guardianPoint"]))
    except InputError:
        return None
    owner, tag = _owner_point(secret), owner_tag(secret)
    are_bound = (
        signals["ownerPoint"] == (owner.x, owner.y)
        and signals["ownerTag"] == (tag,)
        and signals["identity"] == (_identity(tag, view_key, signals["domain"][0]),)
    )
    return view_key if are_bound else None


def _writeoff_holds(signals: Signals) -> bool:
    (tag,), (view_key,), (domain,) = signals["ownerTag"], signals["viewKey"], signals["domain"]
    (amount,), (salt,) = signals["amount"], signals["oldSalt"]
    identity, empty = _identity(tag, view_key, domain), empty_state(_size(signals))
    owing = State(empty.balances, -from_field(amount))
    return (
        owing.is_in_range
        and owing.quote <= 0
        and signals["oldCommitment"] == (_commitment(owing, owing.shorts, identity, salt),)
        and _is_sealed(empty, "newCommitment", identity, view_key, signals)
    )


def _expire_holds(signals: Signals) -> bool:
    one = {name: values[0] for name, values in signals.items()}
    old = _signed_state(signals["oldBalance"], one["oldQuote"])
    try:
        prices = SettlementPrices(tuple(map(from_field, signals["settlementPrice"])))
    except InputError:
        return True  # verifiers refuse them
    if not old.is_in_range or one["oldShorts"] != old.shorts:
        return True  # no statement created such a state
    try:
        new = expired_state(old, one["slots"], prices)
    except (InputError, ProvingError):
        return False
    identity = _identity(one["ownerTag"], one["viewKey"], one["domain"])
    return one["oldCommitment"] == _commitment(old, old.shorts, identity, one["oldSalt"]) and _is_sealed(
        new, "newCommitment", identity, one["viewKey"], signals
    )


def _exit_holds(signals: Signals) -> bool:
    one = {name: values[0] for name, values in signals.items()}
    old = State(empty_state(_size(signals)).balances, from_field(one["oldQuote"]))
    if one["recipient"] >= 1 << RECIPIENT_BITS:
        return True  # verifiers refuse it
    if not old.is_in_range:
        return True  # no statement created such a state
    try:
        new = exited_state(old, one["amount"])
    except (InputError, ProvingError):
        return False
    identity = _identity(owner_tag(one["ownerSecret"]), one["viewKey"], one["domain"])
    return one["oldCommitment"] == _commitment(old, 0, identity, one["oldSalt"]) and _is_sealed(
        new, "newCommitment", identity, one["viewKey"], signals
    )


def _release_holds(signals: Signals) -> bool:
    one = {name: values[0] for name, values in signals.items()}
    inputs = _release_terms(signals, one)
    old = _signed_state(signals["oldBalance"], one["oldQuote"])
    if inputs is None or max(one["rate"], one["uncoveredRate"]) > BASIS:
        return True  # verifiers refuse it
    if not old.is_in_range or one["oldShorts"] != old.shorts:
        return True  # no statement created such a state
    if any(one[bit] not in (0, 1) for bit in ("covered", "isSmall", "byAmount")):
        return False
    taken = tuple(map(from_field, signals["taken"]))
    release = Release(old, taken, Rates(one["rate"], one["uncoveredRate"]), bool(one["covered"]), inputs)
    rule = SizeRule(is_small=bool(one["isSmall"]), by_amount=bool(one["byAmount"]))
    identity = _identity(one["ownerTag"], one["viewKey"], one["domain"])
    return (
        not any(release.broken_rules(rule))
        and one["cured"] == int(release.is_cured)
        and one["ticket"] == ticket_id(one["domain"], taken, release.cost, one["ticketSalt"])
        and one["oldCommitment"] == _commitment(old, old.shorts, identity, one["oldSalt"])
        and _is_sealed(release.new, "newCommitment", identity, one["viewKey"], signals)
    )


def _release_terms(signals: Signals, one: Mapping[str, int]) -> ReleaseInputs | None:
    """Prices, margins and limits; None when they are not in their ranges. The kind is not said."""
    try:
        margins = MarginsPerUnit(signals["marginPerUnit"], signals["shortExtra"])
        vectors = RoundVectors(tuple(map(from_field, signals["effectivePrice"])), margins, margins, margins)
        limits = (one[name] for name in ("floorRate", "bufferRate", "leastShare", "leastAmount", "dust"))
        return ReleaseInputs(vectors, VectorKind.MAINTENANCE, one["sellable"], ReleaseLimits(*limits))
    except InputError:
        return None


def _update_holds(signals: Signals) -> bool:
    one = {name: values[0] for name, values in signals.items()}
    risk = _risk(signals)
    old = _signed_state(signals["oldBalance"], one["oldQuote"])
    if one["recipient"] >= 1 << RECIPIENT_BITS or risk is None:
        return True  # verifiers refuse it
    if not old.is_in_range or one["oldShorts"] != old.shorts:
        return True  # no statement created such a state
    identity = _identity(owner_tag(one["ownerSecret"]), one["viewKey"], one["domain"])
    step = _step(old, signals, one)
    return (
        step is not None
        and one["oldCommitment"] == _commitment(old, old.shorts, identity, one["oldSalt"])
        and one["ticket"] == _ticket(signals, one)
        and _is_allowed(step, risk, one)
        and _is_sealed(step.new, "newCommitment", identity, one["viewKey"], signals)
    )


def _step(old: State, signals: Signals, one: Mapping[str, int]) -> Transition | None:
    """Transfer and trade in integers; None when one of them has no meaning."""
    n, sign = len(old.balances), _SIGNS.get(one["side"])
    is_transfer = (
        one["isWithdrawal"] in (0, 1) and one["transferAsset"] <= n and one["transferAmount"] < 1 << QUOTE_BITS
    )
    if sign is None or not is_transfer:
        return None
    transfer = Transfer(one["transferAsset"], one["transferAmount"], is_withdrawal=bool(one["isWithdrawal"]))
    traded = tuple(sign * from_field(amount) for amount in signals["tradeAmount"])
    return Transition(old, traded, sign * from_field(one["tradeCost"]), trades=sign != 0, transfer=transfer)


def _is_allowed(step: Transition, risk: RiskInputs, one: Mapping[str, int]) -> bool:
    if one["claim"] not in tuple(Claim) or one["shrinks"] not in (0, 1) or one["keepsCash"] not in (0, 1):
        return False
    rule = RiskRule(shrinks=bool(one["shrinks"]), keeps_cash=bool(one["keepsCash"]))
    return not any(broken_rules(step, risk, Claim(one["claim"]), rule))


def _ticket(signals: Signals, one: Mapping[str, int]) -> int:
    if not one["side"]:
        return 0
    amounts = tuple(map(from_field, signals["tradeAmount"]))
    return ticket_id(one["domain"], amounts, from_field(one["tradeCost"]), one["ticketSalt"])


def _risk(signals: Signals) -> RiskInputs | None:
    """The round's inputs; None when they are not in their ranges."""
    try:
        maintenance = MarginsPerUnit(signals["maintenancePerUnit"], signals["maintenanceShortExtra"])
        initial = MarginsPerUnit(signals["initialPerUnit"], signals["initialShortExtra"])
        prices = tuple(map(from_field, signals["effectivePrice"]))
        # `update` has no margins of the overdraft kind.
        vectors = RoundVectors(prices, maintenance, initial, MarginsPerUnit.of_both_sides([0] * len(prices)))
        lambdas = (signals["lambdaInitial"][0], signals["lambdaMaintenance"][0])
        return RiskInputs(vectors, signals["longOnly"][0], lambdas, signals["reduceOnly"][0])
    except InputError:
        return None


@_remember
def _owner_point(secret: int) -> Point:
    return secret * BASE


@_remember
def _view_key(secret: int, guardian: Point) -> int:
    shared = secret * clear_cofactor(guardian)
    return poseidon([Tag.ECDH, shared.x, shared.y])


@_remember
def _identity(tag: int, view_key: int, domain: int) -> int:
    return poseidon([Tag.ID, tag, poseidon([Tag.VIEW, view_key]), domain])


def _commitment(state: State, shorts: int, identity: int, salt: int) -> int:
    return _remembered_commit(state, shorts, poseidon([Tag.BLIND, identity, salt]))


def _is_sealed(state: State, name: str, identity: int, view_key: int, signals: Signals) -> bool:
    keystream = _remembered_keystream(view_key, signals["rho"][0], len(state.balances))
    return signals["ciphertext"] == encrypt_state(state, keystream) and signals[name] == (
        _commitment(state, state.shorts, identity, keystream.salt),
    )


def _signed_state(balances: Sequence[int], quote: int) -> State:
    return State(tuple(map(from_field, balances)), from_field(quote))


def _size(signals: Signals) -> int:
    """Assets of the book, by the length of the ciphertext."""
    return 3 * len(signals["ciphertext"]) - 2


_PARTS: Final[
    Mapping[StatementName, tuple[tuple[str, ...], tuple[str, ...], Callable[[Signals], bool], Mapping[str, str]]]
] = {
    "open": (
        ("ownerSecret",),
        ("commitment", "identity", "ownerTag", "ownerPoint", "ciphertext"),
        _open_holds,
        _CURVE | {"ownerPoint[*]": _POINT, "empty.*.quoteBits.*": _ZERO},
    ),
    "update": (
        (
            "ownerSecret",
            "viewKey",
            "domain",
            "oldBalance",
            "oldQuote",
            "oldShorts",
            "oldSalt",
            "tradeAmount",
            "tradeCost",
            "ticketSalt",
            "shrinks",
            "keepsCash",
        ),
        ("oldCommitment", "newCommitment", "ticket", "ciphertext"),
        _update_holds,
        {"recipient": _RECIPIENT},
    ),
    "writeoff": (
        ("ownerTag", "viewKey", "domain", "oldSalt"),
        ("oldCommitment", "newCommitment", "ciphertext"),
        _writeoff_holds,
        {"empty.*.quoteBits.*": _ZERO},
    ),
    "expire": (
        ("ownerTag", "viewKey", "domain", "oldBalance", "oldQuote", "oldShorts", "oldSalt"),
        ("oldCommitment", "newCommitment", "ciphertext"),
        _expire_holds,
        {},
    ),
    "exit": (
        ("ownerSecret", "viewKey", "domain", "oldQuote", "oldSalt"),
        ("oldCommitment", "newCommitment", "ciphertext"),
        _exit_holds,
        {"recipient": _RECIPIENT},
    ),
    "rekey": (
        ("oldOwnerSecret", "oldViewKey", "oldSalt", "newOwnerSecret", "balance", "quote"),
        ("oldCommitment", "newCommitment", "newIdentity", "newOwnerTag", "newOwnerPoint", "ciphertext"),
        _rekey_holds,
        _CURVE | {"newOwnerPoint[*]": _POINT},
    ),
    "release": (
        (
            "ownerTag",
            "viewKey",
            "domain",
            "oldBalance",
            "oldQuote",
            "oldShorts",
            "oldSalt",
            "taken",
            "ticketSalt",
            "covered",
            "isSmall",
            "byAmount",
        ),
        ("oldCommitment", "newCommitment", "ticket", "cured", "ciphertext"),
        _release_holds,
        {"taker": _TAKER, "reward": _REWARD},
    ),
}
