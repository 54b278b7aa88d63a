"""The market: a book, the engine that sells its accounts, the fund that insures it and the ledger of what is left.

Flags, takeovers, challenges and write-offs are those of `Liquidations` and `Challenges` of the contracts (ZS-87 to
ZS-89), in the order of their checks. Rates and releases are in `engine`, fund and ledger in `fund` and `ledger`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from market_model.accounts import Account
from market_model.book import Book
from market_model.engine import Part, Release, release_inputs, released, require_reached
from market_model.listings import Listing
from market_model.rounds import NO_WITHDRAWALS, Round
from market_model.rules import Rules, Use, require
from market_model.updates import updated

from prover.account import empty_state
from prover.trade import Claim, health
from verifier import VectorKind

VOLUNTEER = "volunteer"
"""The owner of the fund that a market begins with."""


@dataclass(frozen=True)
class Challenge:
    """A question to an account.

    Attributes:
        challenger: who asked, and gets the bond back unless it is answered.
        round_id: the newest round then.
        started_at: active time.
    """

    challenger: str
    round_id: int
    started_at: int


@dataclass
class Market(Book):
    """A book with its engine.

    Attributes:
        challenges: that are open, by the name of an account that there is or was.
        bonds: of challenges, that each caller got less what it paid.
    """

    challenges: dict[str, Challenge] = field(default_factory=dict)
    bonds: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, listings: Sequence[Listing], prices: Sequence[int], rules: Rules, *, fund: int = 0) -> Self:
        """A market without accounts, at its first round, with a fund [token units]."""
        market = super().of(listings, prices, rules)
        if fund:
            market.join_fund(VOLUNTEER, fund)
        return market

    # Flags

    def flag(self, account: Account, round_id: int | None = None) -> None:
        """A proof for the gate, that an account is below maintenance margin."""
        require(not self.is_stopped, "stopped")
        require(account.flagged_at is None, "flagged")
        number = self.newest.id if round_id is None else round_id
        self._require_current(account, number)
        require(number > account.solvent_at, "proven already")
        chosen = self._serving(Use.FLAGS, round_id)
        require(health(account.state, chosen.risk, VectorKind.MAINTENANCE) < 0, "healthy")
        self._require_epoch(account, chosen)
        self._flag(account, VectorKind.MAINTENANCE, chosen)

    def prove(self, account: Account) -> None:
        """A proof for the gate, that an account meets maintenance margin, at the newest round."""
        require(account.flagged_at is None, "flagged")
        require(account.solvent_at < self.newest.id, "proven already")
        chosen = self._serving(Use.CURES, None)
        self._require_epoch(account, chosen)
        require(self.health(account) >= 0, "unhealthy")
        account.proven_at = chosen.id

    def flag_on(self, account: Account, kind: VectorKind, round_id: int | None = None) -> None:
        """A proof for the engine, that an account is below its margin. It sets a flag again that is too old."""
        since = account.flag_of(kind)
        require(since is None or self.active - since > self.rules.flag_lifetime, "flagged")
        require(not self.is_stopped, "stopped")
        chosen = self._newest_for(Use.FLAGS, round_id)
        require(health(account.state, chosen.risk, kind) < 0, "healthy")
        self._require_epoch(account, chosen)
        self._flag(account, kind, chosen)

    def recover(self, account: Account, kind: VectorKind, round_id: int | None = None) -> None:
        """A proof for the engine, that a flagged account meets its margin again, at a round after its last change."""
        require(account.flag_of(kind) is not None, "not flagged")
        number = self.newest.id if round_id is None else round_id
        is_later = number > account.changed_at
        require(is_later or not self.rules.recovery_after_change, "round not after the last change")
        chosen = self._newest_for(Use.CURES, round_id)
        require(health(account.state, chosen.risk, kind) >= 0, "unhealthy")
        self._require_epoch(account, chosen)
        self._free(account, kind)
        account.proven_at = 0 if kind is VectorKind.OVERDRAFT else chosen.id

    # Takeovers and write-offs

    def take_over(self, victim: Account, taker: Account, part: Part, round_id: int | None = None) -> Release:
        """`release` and the taker's `update`, in one transaction."""
        require(victim is not taker or not self.rules.two_accounts, "same account")
        is_early = self._reached(victim, part)
        require(not self.is_stopped, "stopped")
        chosen = self._newest_for(Use.TAKEOVERS, round_id)
        self._require_epoch(victim, chosen)
        require(not taker.is_flagged, "taker is not free")
        release = self._released(victim, part, chosen, is_early=is_early)
        trade = self._trade(taker, part.amounts, release.cost, 1)
        bought = updated(self.rules, trade, chosen.taker_risk, self.taker_claim)
        self._require_epoch(taker, chosen)
        old = victim.state
        if release.is_cured:
            victim.set_flag(part.kind, None)
        self._change(victim, release.left)
        victim.proven_at = 0 if part.kind is VectorKind.OVERDRAFT else chosen.id
        self._change(taker, bought, chosen)
        self.watch.taken(victim, old, part, release)
        self.watch.moved(taker, at=chosen)
        return release

    @property
    def taker_claim(self) -> Claim:
        """What a taker shows, so that no takeover voids a flag of its own."""
        return Claim.MEETS_INITIAL_MARGIN if self.rules.taker_shows_margin else Claim.UNSAID

    def is_released(self, victim: Account, part: Part) -> Release:
        """The victim's side at the newest round. Raises `RefusedError`."""
        return self._released(victim, part, self.newest, is_early=self._reached(victim, part))

    def write_off(self, account: Account, amount: int | None = None) -> None:
        """An account without positions and with a debt becomes empty.

        Args:
            account: whose debt.
            amount: what the proof says that it owes [1e-18 USD]; what it owes when it is None.
        """
        debt = -account.state.quote
        said = debt if amount is None else amount
        require(said, "no debt")
        first = account.first_flagged_at
        require(first is not None, "not flagged")
        assert first is not None
        require(self.active - first >= self.rules.cure_window, "cure window")
        require(not any(account.state.balances) and 0 < debt == said, "positions or no debt")
        newest = self.newest
        self._require_epoch(account, newest)
        account.flagged_at = account.overdrawn_at = None
        self._change(account, empty_state(self.n), newest)
        self.vault.write_off(debt, newest.id, self.now)
        self.watch.written_off(account, debt)
        self._rescale()

    # Challenges

    def challenge(self, account: Account, challenger: str) -> None:
        """Ask an account to be proven at the newest round, and leave a bond."""
        require(account.name not in self.challenges, "challenged already")
        require(account.flagged_at is None, "flagged")
        newest = self._newest_for(Use.FLAGS, None)
        self._require_epoch(account, newest)
        require(account.solvent_at < newest.id, "proven already")
        self.challenges[account.name] = Challenge(challenger, newest.id, self.active)
        self.bonds[challenger] -= 1

    def answer(self, name: str, recipient: str) -> None:
        """A proof that an account met maintenance margin at the round of a challenge, or of its last change."""
        asked = self._asked(name)
        require(not self.is_over(name), "challenge is over")
        require(recipient, "no recipient")
        chosen, account = self.round_of_answer(name), self.accounts[name]
        self._require_epoch(account, chosen)
        require(health(account.state, chosen.risk, VectorKind.MAINTENANCE) >= 0, "unhealthy")
        self._end(name, recipient)
        assert asked.round_id <= chosen.id

    def end_challenge(self, name: str) -> None:
        """The bond of a challenge goes back that is over without an answer."""
        asked = self._asked(name)
        require(self.is_over(name), "challenge is not over")
        self._end(name, asked.challenger)

    def flag_silent(self, name: str) -> None:
        """An account is flagged that did not answer."""
        asked = self._asked(name)
        require(not self.is_over(name), "challenge is over")
        require(not self.is_stopped, "stopped")
        require(self.active > asked.started_at + self.rules.answer_window, "answer window")
        account = self.accounts[name]
        self._require_epoch(account, self.newest)
        self._end(name, asked.challenger)
        self._flag(account, VectorKind.MAINTENANCE, self.newest, is_silent=True)

    def is_over(self, name: str) -> bool:
        """Whether a challenge has an end without an answer: a proof, a flag, or the end of the account."""
        account = self.accounts.get(name)
        return account is None or account.flagged_at is not None or account.solvent_at >= self.challenges[name].round_id

    def round_of_answer(self, name: str) -> Round:
        """The round of a challenge, or of the last change of its account."""
        number = max(self.accounts[name].changed_at, self.challenges[name].round_id)
        return self.rounds.recorded[number - 1]

    # Fund and ledger

    def join_fund(self, owner: str, assets: int) -> None:
        """An owner puts token units into the fund."""
        self.watch.fund_moves(owner)
        self.vault.join(owner, assets)
        self.watch.fund_moved(owner)

    def request_redeem(self, owner: str, shares: int) -> None:
        """An owner asks to redeem shares of the fund."""
        self.vault.fund.request(owner, shares, self.active, self.debts_of(owner))

    def redeem(self, owner: str, shares: int) -> None:
        """An owner redeems shares of the fund."""
        self.watch.fund_moves(owner)
        assets = self.vault.redeem(owner, shares, self.redeemable(owner))
        self.watch.redeemed(owner, assets)
        self.watch.fund_moved(owner)

    def withdraw_from_fund(self, owner: str, assets: int) -> None:
        """An owner takes token units out of the fund."""
        self.watch.fund_moves(owner)
        self.vault.withdraw(owner, assets, self.redeemable(owner))
        self.watch.redeemed(owner, assets)
        self.watch.fund_moved(owner)

    def redeemable(self, owner: str) -> int:
        """Shares of the fund that an owner can redeem now."""
        can_flag = not self.is_stopped and not self.rounds.silent_since(self.now)
        return self.vault.fund.redeemable(owner, self.active, can_flag=can_flag)

    def move_shares(self, owner: str, to: str, shares: int) -> None:
        """An owner transfers shares of the fund."""
        self.vault.fund.transfer(owner, to, shares, self.active)

    def recapitalise(self, owner: str, most: int) -> None:
        """An owner pays claims and shortfall, by token units."""
        self.vault.recapitalise(owner, most)
        self._rescale()

    def claim(self, owner: str) -> None:
        """An owner takes what was paid of its claim."""
        require(self.vault.ledger.claims.read(owner).due, "nothing to claim")
        require(self.rounds.level(self.now) < NO_WITHDRAWALS, "stopped")
        self.vault.claim(owner)

    def draw_fund(self) -> None:
        """Any caller has the fund pay what its limits kept back."""
        self.vault.draw_fund(self.newest.id, self.now)
        self._rescale()

    def accept_haircut(self, owner: str, fraction: int) -> None:
        """An owner says at which fraction it deposits money [1e-18]."""
        self.vault.ledger.accept(owner, fraction)

    # Internals

    def _newest_for(self, use: Use, round_id: int | None) -> Round:
        """The newest round, if it is not too old. Of another one the engine says first that it is superseded."""
        is_newest = round_id is None or round_id == self.newest.id
        require(is_newest or not self.rules.newest(use), "round superseded")
        return self._serving(use, round_id)

    def _flag(self, account: Account, kind: VectorKind, chosen: Round, *, is_silent: bool = False) -> None:
        account.set_flag(kind, self.active)
        account.proven_at = chosen.id
        self.watch.flagged(account, kind, is_silent=is_silent)

    def _free(self, account: Account, kind: VectorKind) -> None:
        account.set_flag(kind, None)
        self.watch.freed(account, kind)

    def _reached(self, victim: Account, part: Part) -> bool:
        """That a taker may ask for its rates now; whether only equity below 0 counts as not paying the least one."""
        flagged_at = victim.flag_of(part.kind)
        require(flagged_at is not None, "not flagged")
        assert flagged_at is not None
        return require_reached(self.rules, part.kind, self.active - flagged_at, part.rates)

    def _released(self, victim: Account, part: Part, chosen: Round, *, is_early: bool) -> Release:
        inputs = release_inputs(self.rules, chosen, part.kind, is_early=is_early)
        return released(self.rules, inputs, victim.state, part)

    def _asked(self, name: str) -> Challenge:
        require(name in self.challenges, "not challenged")
        return self.challenges[name]

    def _end(self, name: str, recipient: str) -> None:
        self.challenges.pop(name)
        self.bonds[recipient] += 1
