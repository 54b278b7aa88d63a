"""`zksolvency account pad`: two accounts change, and keep what they hold."""

from collections.abc import Iterator

import pytest
from cli.account_stage import AccountStage, account_stage

from prover import Claim
from prover.chain import Level

pytestmark = pytest.mark.full

DEPOSIT = 20_000 * 10**18
SIZE, PRICE = "0.135791357", "97531.246813579"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccountStage]:
    """Alice is long, bob is short."""
    with account_stage(tmp_path_factory.mktemp("pad"), deposit=DEPOSIT) as opened:
        opened.trade("alice", "bob", "BTC-PERP", SIZE, PRICE)
        yield opened


def commitments(stage: AccountStage) -> set[int]:
    return {owner.state().sealed.commitment for owner in stage.owners.values()}


def pad(stage: AccountStage, *, account: str = "alice", partner: str = "bob") -> list[Claim]:
    """Pad, see that both accounts keep what they hold, and tell what both sides have shown."""
    before, old = [stage.state(name) for name in stage.owners], commitments(stage)
    outcome = stage.run("account", "pad", "--account", account, "--partner", partner, "--json")
    assert outcome.code == 0, outcome
    assert [stage.state(name) for name in stage.owners] == before
    assert not commitments(stage) & old
    assert (outcome.json["account"], outcome.json["partner"]) == (account, partner)
    contract = stage.book.book.contracts.book.contract
    sent = next(t for t in contract.chain.transactions() if bytes(t["hash"]).hex() == outcome.json["transaction"][2:])
    settlement = contract.chain.decode(contract, bytes(sent["input"]))[1]["settlement"]
    return [Claim(settlement[side]["claim"]) for side in ("buyer", "seller")]


def test_two_accounts_of_a_wallet_pad(stage: AccountStage) -> None:
    assert pad(stage) == [Claim.UNSAID] * 2
    assert pad(stage, account="bob", partner="alice") == [Claim.UNSAID] * 2


def test_a_stopped_book_takes_padding_that_shows_that_it_raises_no_risk(stage: AccountStage) -> None:
    breaker = stage.book.book.contracts.breaker
    breaker.make_guardian(stage.book.book.contracts.chain.sender)
    breaker.raise_to(Level.NO_FLAGS)
    try:
        assert pad(stage) == [Claim.REDUCES_RISK] * 2
    finally:
        breaker.lower_to(Level.OPEN)


@pytest.mark.parametrize(("partner", "words"), [("alice", "cannot trade with itself"), ("carol", "carol")])
def test_a_partner_that_is_no_other_account_is_refused(stage: AccountStage, partner: str, words: str) -> None:
    old = commitments(stage)
    outcome = stage.run("account", "pad", "--account", "alice", "--partner", partner)
    assert outcome.code == 3
    assert words in outcome.stderr
    assert commitments(stage) == old
