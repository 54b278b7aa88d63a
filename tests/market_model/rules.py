"""The rules of the market, one switch each, so that a test can take one out."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

DOLLAR: Final = 10**18
"""[1e-18 USD]"""

ONE: Final = 10**9
"""One token [1e-9 token]."""

BASIS: Final = 10**4
"""Rates are in 1e-4."""


class Use(StrEnum):
    """What a round serves for."""

    TRADES = "trades"
    WITHDRAWALS = "withdrawals"
    FLAGS = "flags"
    CURES = "cures"
    TAKEOVERS = "takeovers"
    DEPOSITS = "deposits"


@dataclass(frozen=True)
class Rules:
    """All on, as the market is meant to be. `without` takes rules out.

    Attributes:
        maintenance_margin: an update leaves maintenance health at 0 or more. Kept by `update`.
        initial_margin: an account that grows or withdraws has initial health of 0 or more. Kept by `update`.
        shrinking_in_each_slot: an account shrinks when every traded amount goes against its balance and is no larger.
            Kept by `update`.
        shrinking_keeps_health: initial health of an account that shrinks does not fall. Kept by `update`.
        cash_for_growth: covered cash at the lower lambda is 0 or more after growth or a withdrawal. Kept by `update`.
        cash_for_shrinking: covered cash at the upper lambda is 0 or more, or does not fall. Kept by `update`.
        withdrawal_meets_initial: a withdrawal is never proven as a shrinking step. Kept by `update`.
        top_up_needs_unhealthy: claim 3 proves that the account stays below maintenance margin. Kept by `update`.
        spot_is_long_only: no account is short of spot. Kept by `update`.
        stale_is_reduce_only: no position grows in a slot that keeps an old price. Kept by `update` and the rounds.
        stale_spot_backs_nothing: stale spot has its whole price as initial margin. Kept by the rounds.
        stale_spot_lends_nothing: stale spot counts nothing in covered cash. Kept by `update`.
        stale_spot_stays_out: no spot is deposited while its price is old: it would keep an unhealthy account from its
            flag. Found by this model. Kept by the book.
        closing_is_reduce_only: no position grows in a slot from its expiry on, or from the announcement that it is
            delisted, until another asset is listed. Kept by `update` and the rounds.
        vacant_is_long_only: no account is short of a slot without an asset or a price. Kept by the rounds.
        newest_for_trades: a trade is proven at the newest round, or within the grace of the one before. Kept by the
            book.
        newest_for_withdrawals: a withdrawal is proven at the newest round. Kept by the book.
        newest_for_flags: a flag is proven at the newest round. Kept by the book and the gate.
        newest_for_cures: so is what ends a flag. Kept by the book.
        newest_for_takeovers: so is a takeover. Kept by the engine.
        grace_needs_calm: there is no grace after a move of more than initial less maintenance margin. Kept by the book
            and the rounds.
        grace_needs_fresh: nor after a round that keeps the old price of a slot that was live. Found by this model. Kept
            by the book and the rounds.
        rounds_are_young: nothing is proven at a round that is too old, be it the newest. Kept by the book.
        grace_ends_with_epoch: nor after a round of a later epoch. Kept by the book and the rounds.
        grace_needs_open: nor after a round in which a slot closes: its expiry is over, or its delisting announced.
            Found by this model. Kept by the rounds.
        round_since_change: the round of a proof is not from before the last change of the account. Kept by the book.
        expire_needs_round: an account goes through a settlement once a round is of its epoch, so that it is not ahead
            of its flags. Found by this model. Kept by `AccountLife`.
        epoch_of_round: the round of a proof is of the account's epoch; where there is no round, the account went
            through every settlement. Kept by the book and its modules.
        settlement_after_expiry: an asset settles once the newest round is not from before its expiry. Kept by
            `Expiries`, as the next five.
        settlement_needs_live: and that round has a fresh price of it.
        settlement_near_round: from which the settlement is not further than a price may move.
        settles_once: an asset settles once.
        options_before_underlying: no asset settles while an option on it has not.
        free_needs_round: another asset is listed once a round from after the settlement is the newest,
        free_needs_reference: and the one that price limits are counted from.
        option_needs_underlying: no account is short of an option whose underlying has no price. Kept by the rounds.
        every_epoch: `expire` goes through every epoch on its way. Kept by `AccountLife`, as the next five.
        no_slot_twice: one `expire` goes through no two settlements of a slot.
        fresh_rho: the contract, and no reader of the account, chooses what the new state of an `expire` is sealed with.
        exit_is_flat: an `exit` leaves no position. Kept by the statement.
        rekey_needs_proof: an account moves only if it was proven at the newest round.
        new_identity: an identity is used once, for ever.
        wind_down_needs_silence: a wind-down starts after a silence of rounds. Kept by `Expiries`.
        wind_down_at_recorded: it settles at the last round, and not at a candidate. Kept by `Expiries`.
        wind_down_spot_is_stale: its rounds repeat the prices of spot as old ones. Kept by the rounds.
        stop_ends_growth: while the book is stopped, both sides of a trade shrink, and no money leaves. Kept by the
            book.
        two_accounts: the sides of a trade are two accounts. Kept by the book.
        candidate_delay: a candidate is confirmed a minute later at the earliest. Kept by the rounds.
        nearer_price_confirms: two sets beyond the limit on one side confirm the nearer price. Kept by the rounds.
        candidate_needs_no_grace: clocks go on as soon as a candidate is confirmed. Kept by the breaker.
        release_needs_unhealthy: what is taken over is unhealthy at that round and kind. Kept by
            `release`, as the next three.
        covered_reward: a covered reward leaves the ratio of equity and margin as high as it was.
        uncovered_below_floor: an uncovered reward needs equity that does not pay the least rate.
        enough_is_an_amount: a part of a large account is enough when its margin reaches an amount.
        top_up_ends: once the cure window is over, a flagged account deposits only to be cured. Kept by the book.
        unshown_changes_end: an account that changed max_unshown times in a row, without showing that it meets initial
            margin, shows it with its next change, or rests for a round. Else its owner, who comes first, voids every
            flag for an overdraft by a change. Kept by the book.
        taker_shows_margin: a taker shows it. Kept by the engine.
        taker_may_grow: a taker may grow in a slot that only an announcement made reduce-only. Kept by the engine.
        overdrafts_are_called: spot is sold when covered cash is below 0. Kept by the engine.
        withdrawals_wait: a withdrawal is paid after a delay. Kept by the vault.
        withdrawals_in_order: those of one asset are paid in the order of their requests. Kept by the vault.
        paid_at_backing: a pay-out pays the part of a claim that tokens back. Kept by vault and
            ledger.
        spot_at_backing: while debt is open, spot is priced in money that is worth less. Kept by the ledger, as the next
            two.
        spot_at_present_backing: and that is as much less as it is at the moment of a proof, whatever its round. Found
            by this model. Book, gate and engine ask the ledger when they verify a proof.
        haircut_is_accepted: while debt is open, an owner deposits money only where it said for how little.
        redemptions_wait: shares of the fund are redeemed a cooldown after a request. Kept by the fund.
        recovery_after_change: a flagged account recovers at a round after that of its last change. Kept by the engine.
        grace: of the round before the newest, for trades [s].
        max_age: of the round of a proof [s].
        old_round: of any superseded round, where `newest_for_...` is out [s].
        max_unshown: most changes in a row that do not show initial margin.
        cure_window: from the flag to the first takeover [s].
        rate_floor: of a takeover at maintenance [1e-4 of the margin taken]; cap and ramp likewise.
        uncovered_cap: of the uncovered rate [1e-4], reached after uncovered_ramp [s].
        overdraft_floor: of a takeover at the overdraft kind [1e-4]; cap and ramp likewise.
        buffer: most health that a takeover may leave [1e-4 of the margin left]; overdraft_buffer for its kind.
        least_share: least part of the margin that is taken [1e-4]; least_amount [1e-18 USD].
        dust: an account with less margin may be sold whole [1e-18 USD].
        flag_lifetime: of a flag [s].
        resume_grace: for which clocks stand still after a stop [s].
        withdrawal_delay: from request to pay-out [s].
        outflow_ppm: most that leaves in an outflow_window [ppm of the tokens].
        round_draw_ppm: most that the fund pays within a round [ppm of the fund]; day_draw_ppm: most at once, and
            forgotten within a day.
        fund_cooldown: from a request to redeem shares to its window [s]; fund_window: how long that is open.
        answer_window: for the answer to a challenge [s].
        grain: what a unit of the settlement token is [1e-18 USD].
        notice: from the announcement of a delisting to its expiry, at least [s].
        listing_pause: after a settlement, without a new asset in the place of another [s].
        silence: without a round, before a wind-down can start [s].
    """

    maintenance_margin: bool = True
    initial_margin: bool = True
    shrinking_in_each_slot: bool = True
    shrinking_keeps_health: bool = True
    cash_for_growth: bool = True
    cash_for_shrinking: bool = True
    withdrawal_meets_initial: bool = True
    top_up_needs_unhealthy: bool = True
    spot_is_long_only: bool = True
    stale_is_reduce_only: bool = True
    stale_spot_backs_nothing: bool = True
    stale_spot_lends_nothing: bool = True
    stale_spot_stays_out: bool = True
    closing_is_reduce_only: bool = True
    vacant_is_long_only: bool = True
    newest_for_trades: bool = True
    newest_for_withdrawals: bool = True
    newest_for_flags: bool = True
    newest_for_cures: bool = True
    newest_for_takeovers: bool = True
    grace_needs_calm: bool = True
    grace_needs_fresh: bool = True
    grace_ends_with_epoch: bool = True
    grace_needs_open: bool = True
    rounds_are_young: bool = True
    round_since_change: bool = True
    epoch_of_round: bool = True
    expire_needs_round: bool = True
    settlement_after_expiry: bool = True
    settlement_needs_live: bool = True
    settlement_near_round: bool = True
    settles_once: bool = True
    options_before_underlying: bool = True
    free_needs_round: bool = True
    free_needs_reference: bool = True
    option_needs_underlying: bool = True
    every_epoch: bool = True
    no_slot_twice: bool = True
    fresh_rho: bool = True
    exit_is_flat: bool = True
    rekey_needs_proof: bool = True
    new_identity: bool = True
    wind_down_needs_silence: bool = True
    wind_down_at_recorded: bool = True
    wind_down_spot_is_stale: bool = True
    stop_ends_growth: bool = True
    two_accounts: bool = True
    candidate_delay: bool = True
    nearer_price_confirms: bool = True
    candidate_needs_no_grace: bool = True
    release_needs_unhealthy: bool = True
    covered_reward: bool = True
    uncovered_below_floor: bool = True
    enough_is_an_amount: bool = True
    top_up_ends: bool = True
    unshown_changes_end: bool = True
    taker_shows_margin: bool = True
    taker_may_grow: bool = True
    overdrafts_are_called: bool = True
    withdrawals_wait: bool = True
    withdrawals_in_order: bool = True
    paid_at_backing: bool = True
    spot_at_backing: bool = True
    spot_at_present_backing: bool = True
    haircut_is_accepted: bool = True
    redemptions_wait: bool = True
    recovery_after_change: bool = True

    grace: int = 12
    max_age: int = 600
    old_round: int = 300
    max_unshown: int = 4
    cure_window: int = 60
    rate_floor: int = 1_000
    rate_cap: int = 5_000
    rate_ramp: int = 300
    uncovered_cap: int = 2_500
    uncovered_ramp: int = 300
    overdraft_floor: int = 50
    overdraft_cap: int = 500
    overdraft_ramp: int = 600
    buffer: int = 2_500
    overdraft_buffer: int = 500
    least_share: int = 2_500
    least_amount: int = 10_000 * DOLLAR
    dust: int = 1_000 * DOLLAR
    flag_lifetime: int = 7_200
    resume_grace: int = 600
    withdrawal_delay: int = 1_800
    outflow_ppm: int = 1_000_000
    outflow_window: int = 3_600
    round_draw_ppm: int = 100_000
    day_draw_ppm: int = 300_000
    fund_cooldown: int = 7 * 86_400
    fund_window: int = 2 * 86_400
    answer_window: int = 3_600
    grain: int = 1
    notice: int = 86_400
    listing_pause: int = 120
    silence: int = 7 * 86_400

    def without(self, *names: str) -> "Rules":
        """The same with rules taken out."""
        return replace(self, **dict.fromkeys(names, False))

    def newest(self, use: Use) -> bool:
        """Whether only the newest round serves for a use."""
        return use is Use.DEPOSITS or bool(getattr(self, f"newest_for_{use}"))


class RefusedError(Exception):
    """A step that the market does not take, and the rule that says so."""


def require(holds: object, reason: str) -> None:
    """Raise `RefusedError` unless something holds."""
    if not holds:
        raise RefusedError(reason)
