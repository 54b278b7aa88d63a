"""What a deposit shows: nothing where nothing is needed, and what does most for a flagged account."""

from types import SimpleNamespace
from typing import Any, Final

import pytest
from steps import DOLLAR, ONE, risk, state

from prover.chain import Permission
from prover.onchain import AccountPermission, DepositPlan
from prover.trade import Claim, Transfer
from verifier import ChainError, InputError, ProvingError

USD: Final = 13
POOR: Final = state(13, -48_000 * DOLLAR, b4=ONE)
"""It lacks 500 USD of maintenance margin, and 3,000 of initial margin."""

BOOK: Final[Any] = SimpleNamespace(risk=lambda _: risk(13))
VIEW: Final[Any] = SimpleNamespace(sealed=SimpleNamespace(state=POOR))
ROUND: Final[Any] = None

FREE: Final = AccountPermission(Permission.FREE, by_breaker=False)
FLAGGED: Final = AccountPermission(Permission.TOP_UP_ONLY, by_breaker=False, cure_time=60)
LATE: Final = AccountPermission(Permission.CURE_ONLY, by_breaker=False, cure_time=0)
BUSY: Final = AccountPermission(Permission.FREE, by_breaker=False, must_show=True)
BY_GATE: Final = AccountPermission(Permission.CURE_ONLY, by_breaker=False)


def plan(permission: AccountPermission, amount: int) -> DepositPlan:
    return DepositPlan.make(BOOK, VIEW, permission, Transfer(USD, amount, is_withdrawal=False), ROUND)


@pytest.mark.parametrize(
    ("permission", "dollars", "expected"),
    [
        (FREE, 3_000, DepositPlan(Claim.UNSAID, flags=False)),
        (FREE, 500, DepositPlan(Claim.UNSAID, flags=False)),
        (FREE, 499, DepositPlan(Claim.TOPS_UP, flags=True)),
        (BUSY, 3_000, DepositPlan(Claim.MEETS_INITIAL_MARGIN, flags=False)),
        (BUSY, 499, DepositPlan(Claim.TOPS_UP, flags=True)),
        (FLAGGED, 3_000, DepositPlan(Claim.MEETS_INITIAL_MARGIN, flags=False)),
        (FLAGGED, 2_999, DepositPlan(Claim.REDUCES_RISK, flags=False)),
        (FLAGGED, 500, DepositPlan(Claim.REDUCES_RISK, flags=False)),
        (FLAGGED, 499, DepositPlan(Claim.TOPS_UP, flags=False)),
        (LATE, 3_000, DepositPlan(Claim.MEETS_INITIAL_MARGIN, flags=False)),
        (BY_GATE, 3_000, DepositPlan(Claim.MEETS_INITIAL_MARGIN, flags=False)),
    ],
)
def test_a_deposit_shows_what_does_most_for_the_account(
    permission: AccountPermission, dollars: int, expected: DepositPlan
) -> None:
    assert plan(permission, dollars * DOLLAR) == expected


@pytest.mark.parametrize("dollars", [499, 500, 2_999])
def test_after_the_cure_window_only_a_cure_is_planned(dollars: int) -> None:
    """The book refuses anything else, and its refusal would come after the proof."""
    with pytest.raises(ProvingError, match="below initial margin; the cure window is over") as refused:
        plan(LATE, dollars * DOLLAR)
    assert not any(character.isdigit() for character in str(refused.value))
    with pytest.raises(ProvingError, match=r"below initial margin$"):
        plan(BY_GATE, dollars * DOLLAR)


def test_an_account_that_changed_often_deposits_enough_or_waits() -> None:  # ZS-100
    with pytest.raises(ProvingError, match="below initial margin; the account has changed often in a row"):
        plan(BUSY, 2_999 * DOLLAR)


def test_a_frozen_account_takes_no_deposit() -> None:
    with pytest.raises(ChainError, match="Frozen"):
        plan(AccountPermission(Permission.FROZEN, by_breaker=False), DOLLAR)


def test_an_owner_agrees_to_a_flag() -> None:
    flagging = plan(FREE, DOLLAR)
    with pytest.raises(InputError, match="the book flags an account for such a deposit"):
        flagging.require_consent(may_flag=False)
    flagging.require_consent(may_flag=True)
    plan(FLAGGED, DOLLAR).require_consent(may_flag=False)  # it is flagged already


def test_what_no_claim_allows_gives_its_reason() -> None:
    with pytest.raises(ProvingError, match="a balance or quote leaves its range"):
        DepositPlan.make(BOOK, VIEW, FREE, Transfer(0, 1 << 80, is_withdrawal=False), ROUND)
