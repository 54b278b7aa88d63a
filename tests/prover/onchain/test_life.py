"""Accounts that move to another guardian, are closed, or pay out without a round: on a real node, with real proofs."""

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from snippets import GUIDES, run_python

from prover import AssetList, OwnerKeys, Side, empty_state
from prover.account import GuardianKey, Seed, Wallet
from prover.chain import AccountLifeClient, ContractCode, Report
from prover.onchain import (
    AccountLife,
    AccountReader,
    ChangeKind,
    Gatekeeper,
    GuardianWatch,
    MarginProver,
    Owner,
    find_accounts,
    find_guarded,
    pending_withdrawals,
    with_new_account,
)
from prover.onchain.local_market import Market, Trader, post_prices
from prover.toolchain import Anvil, AnyBackend, Artifacts, build, compile_verifiers
from tests.prover.onchain.conftest import HOUR
from verifier import ChainError, InputError, Proof, ProvingError, RekeyClaim

pytestmark = pytest.mark.full

DOLLAR = 10**18
BTC = 10**9
USD = 13
PERP = 3
BOND = 10**16


@pytest.fixture(scope="module")
def margin_artifacts() -> Artifacts:
    return build(["margin-13"])["margin-13"]


@pytest.fixture(scope="module")
def margin(margin_artifacts: Artifacts, backend: AnyBackend) -> MarginProver:
    return MarginProver(margin_artifacts, backend)


@pytest.fixture(scope="module")
def deployed(code: Mapping[str, ContractCode], margin_artifacts: Artifacts, majors: AssetList) -> Iterator[Market]:
    """A book with a gate and a bond, on a node of its own."""
    everything = {**code, **compile_verifiers({"margin-13": margin_artifacts})}
    with Anvil(timestamp=HOUR - 3600) as node:
        node.request("anvil_setBlockTimestampInterval", 1)
        market = Market.deploy(node, everything, majors, gate=True, opening_bond=BOND)
        market.post(HOUR)
        yield market


def post(market: Market, change_ppm: int = 0) -> int:
    """Post a round with another price of Bitcoin's perpetual, or the same."""
    rounds = market.contracts.rounds
    prices = list(rounds.round(rounds.latest_id()).prices)
    prices[PERP] += prices[PERP] * change_ppm // 10**6

    def reports(seen: int) -> list[Report]:
        return [rounds.sign(s, timestamp=seen, prices=prices, funding=[0] * USD) for s in market.reporters]

    return post_prices(market.node, market.contracts, reports, rounds.contract.chain.timestamp() + 120)


def accept(market: Market) -> GuardianKey:
    """Another guardian, which the book accepts."""
    guardian = GuardianKey.generate()
    market.contracts.book.set_guardian((guardian.point.x, guardian.point.y), accepted=True)
    return guardian


def new_keys(owner: Owner, guardian: GuardianKey) -> OwnerKeys:
    return OwnerKeys.generate(owner.book.domain, guardian.point)


def fund(*traders: Trader, dollars: int = 10_000) -> None:
    for trader in traders:
        trader.owner.open()
        trader.owner.deposit(USD, dollars * DOLLAR)


def trade(buyer: Trader, seller: Trader, size: int = BTC) -> None:
    round_ = buyer.owner.book.latest_round()
    ticket = buyer.owner.book.ticket(PERP, size, round_.prices[PERP], round_)
    buyer.owner.take(seller.owner.offer(ticket, Side.SELL))


def flag(market: Market, trader: Trader, other: Trader, margin: MarginProver) -> None:
    """Let prices fall until the account is below maintenance margin, and flag it."""
    fund(trader, dollars=1_100)
    fund(other)
    trade(trader, other, 8 * BTC)
    post(market, -30_000)
    Gatekeeper(trader.owner.book, margin).flag(trader.owner.viewing)


@pytest.mark.usefixtures("quick_passphrases")
def test_the_python_of_the_guide_moves_pays_out_and_closes(
    market: Market, alice: Trader, bob: Trader, tmp_path: Path
) -> None:
    """Each block of docs/guides/account-life.md: of an account that moves, and of one that stays."""
    page, path, passphrase = GUIDES / "account-life.md", tmp_path / "wallet.age", "correct horse battery"
    Wallet(seed=Seed.generate()).save(path, passphrase)
    fund(alice)
    bob.owner.open()
    bob.owner.deposit(USD, 500 * DOLLAR)
    names = {"owner": alice.owner, "book": alice.owner.book, "path": path, "passphrase": passphrase}
    moved = run_python(page, 1, **names, guardian=accept(market).point)
    keys = Wallet.load(path, passphrase).account("trading-2").keys
    assert moved["life"].moved_to() == keys.identity
    assert replace(alice.owner, keys=keys).state().sealed.state.quote == 10_000 * DOLLAR

    closed = run_python(page, 2, owner=bob.owner, recipient=bob.address)
    assert closed["bond"].amount == BOND
    assert closed["life"].moved_to() == 0


# ---------------------------------------------------------------------------------------------------- rekey


def test_a_lost_guardian_is_replaced_and_reads_nothing_that_comes_after(
    market: Market, alice: Trader, bob: Trader, margin: MarginProver
) -> None:
    fund(alice, bob)
    trade(alice, bob)
    held = alice.owner.state().sealed.state
    new = accept(market)
    keys = new_keys(alice.owner, new)
    post(market)  # so what was proven last is not at the newest round
    AccountLife(alice.owner).rekey(keys, margin)
    book, moved = market.contracts.book, replace(alice.owner, keys=keys)
    assert moved.state().sealed.state == held
    assert book.account(alice.owner.identity).is_closed
    assert AccountLife(alice.owner).moved_to() == moved.identity
    assert book.vault.bond(moved.identity).amount == BOND
    assert book.vault.bond(alice.owner.identity).amount == 0
    moved.deposit(USD, DOLLAR)
    view = alice.owner.book
    lost = AccountReader(market.guardian).look(view)
    assert [account.identity for account in lost.accounts] == [bob.owner.identity]
    assert (lost.unread, lost.unopened, lost.hidden, lost.closed) == ([], [], 0, [alice.owner.identity])
    (account,) = AccountReader(new).look(view).accounts
    assert account.sealed.state == moved.state().sealed.state
    old_viewing = market.guardian.viewing(keys.owner_point, keys.owner_tag, view.domain)
    event = book.present_state(moved.identity)
    assert event is not None
    with pytest.raises(InputError):
        view.read(old_viewing, event)
    with pytest.raises(ChainError, match="closed, or has moved"):
        alice.owner.deposit(USD, DOLLAR)
    assert len(list(view.history(alice.owner.viewing))) == 3  # as it was until then


def test_the_account_is_proven_at_the_newest_round_before_it_moves(  # ZS-75
    market: Market, alice: Trader, margin: MarginProver
) -> None:
    """Else an account below maintenance margin would move before each flag that comes for it."""
    fund(alice)
    keys = new_keys(alice.owner, accept(market))
    post(market)
    before = alice.owner.state().sealed
    claim, proof = alice.owner.prover.rekey(alice.owner.keys, before, keys)
    life = alice.owner.book.contracts.account_life
    with pytest.raises(ChainError) as refused:
        life.rekey(alice.owner.identity, claim, proof)
    assert refused.value.refusal == "NotProvenAtNewest"
    Gatekeeper(alice.owner.book, margin).prove_solvent(alice.owner.viewing)
    life.rekey(alice.owner.identity, claim, proof)
    assert market.contracts.book.account(keys.identity).commitment == claim.new_commitment


def test_an_account_below_maintenance_margin_does_not_move(
    market: Market, alice: Trader, bob: Trader, margin: MarginProver
) -> None:
    fund(alice, dollars=1_100)
    fund(bob)
    trade(alice, bob, 8 * BTC)
    post(market, -30_000)
    with pytest.raises(ProvingError):
        AccountLife(alice.owner).rekey(new_keys(alice.owner, accept(market)), margin)
    Gatekeeper(alice.owner.book, margin).flag(alice.owner.viewing)  # nothing has kept the flag away


def test_a_flagged_account_neither_moves_nor_pays_out_nor_closes(
    market: Market, alice: Trader, bob: Trader, margin: MarginProver
) -> None:
    flag(market, alice, bob, margin)
    keys = new_keys(alice.owner, accept(market))
    life, book = AccountLife(alice.owner), alice.owner.book
    block = book.contracts.chain.block_number()
    for action in (lambda: life.rekey(keys, margin), life.close, lambda: life.exit(DOLLAR, alice.address)):
        with pytest.raises(ChainError, match="cure it first") as refused:
            action()
        assert refused.value.refusal == "AccountNotFree"
    assert book.contracts.chain.block_number() == block
    claim, proof = alice.owner.prover.rekey(alice.owner.keys, alice.owner.state().sealed, keys)
    with pytest.raises(ChainError) as refused:  # nor for a thief who does not ask this program
        book.contracts.account_life.rekey(alice.owner.identity, claim, proof)
    assert refused.value.refusal == "AccountNotFree"


def test_rounds_that_overtake_a_move_are_proven_at_again(
    market: Market, alice: Trader, margin: MarginProver, monkeypatch: pytest.MonkeyPatch
) -> None:
    fund(alice)
    keys, sent, send = new_keys(alice.owner, accept(market)), [], AccountLifeClient.rekey

    def late(client: AccountLifeClient, account: int, claim: RekeyClaim, proof: Proof) -> Mapping[str, Any]:
        sent.append(claim)
        if len(sent) < 3:
            post(market)
        return send(client, account, claim, proof)

    monkeypatch.setattr(AccountLifeClient, "rekey", late)
    AccountLife(alice.owner).rekey(keys, margin)
    assert len(sent) == 3
    assert market.contracts.book.account(keys.identity).commitment == sent[-1].new_commitment


def test_a_move_that_was_given_up_and_is_mined_after_all_is_not_made_again(
    market: Market, alice: Trader, margin: MarginProver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An earlier program has sent the move and died. It is mined just before the move of the next one."""
    fund(alice)
    keys, send = new_keys(alice.owner, accept(market)), AccountLifeClient.rekey
    mined: list[Mapping[str, Any]] = []

    def later(client: AccountLifeClient, account: int, claim: RekeyClaim, proof: Proof) -> Mapping[str, Any]:
        first = alice.owner.prover.rekey(alice.owner.keys, alice.owner.state().sealed, keys)
        mined.append(send(client, account, *first))
        return send(client, account, claim, proof)

    with monkeypatch.context() as patch:
        patch.setattr(AccountLifeClient, "rekey", later)
        receipt = AccountLife(alice.owner).rekey(keys, margin)
    assert receipt["transactionHash"] == mined[0]["transactionHash"]
    again = AccountLife(alice.owner).rekey(keys, margin)
    assert again["transactionHash"] == receipt["transactionHash"]


def test_an_identity_is_used_once(market: Market, alice: Trader, bob: Trader, margin: MarginProver) -> None:
    fund(alice, bob)
    guardian = accept(market)
    keys = new_keys(alice.owner, guardian)
    replace(alice.owner, keys=keys).open()
    with pytest.raises(ChainError, match="choose another owner secret") as refused:
        AccountLife(alice.owner).rekey(keys, margin)
    assert refused.value.refusal == "AlreadyOpen"
    moved = new_keys(alice.owner, guardian)
    AccountLife(alice.owner).rekey(moved, margin)
    with pytest.raises(ChainError) as refused:
        alice.owner.open()  # nor by the account itself, which has left it
    assert refused.value.refusal == "AlreadyOpen"
    with pytest.raises(ChainError) as refused:
        AccountLife(replace(alice.owner, keys=moved)).rekey(alice.owner.keys, margin)
    assert refused.value.refusal == "AlreadyOpen"


def test_a_guardian_that_the_book_does_not_accept_gets_no_account(
    market: Market, alice: Trader, margin: MarginProver
) -> None:
    fund(alice)
    with pytest.raises(ChainError, match="does not accept this guardian"):
        AccountLife(alice.owner).rekey(new_keys(alice.owner, GuardianKey.generate()), margin)


def test_a_moved_account_is_restored_from_its_new_secret(market: Market, alice: Trader, margin: MarginProver) -> None:
    fund(alice)
    keys = new_keys(alice.owner, accept(market))
    AccountLife(alice.owner).rekey(keys, margin)
    book = alice.owner.book
    assert [one.keys for one in find_accounts(book, keys.owner_secret).accounts] == [keys]
    gone = find_accounts(book, alice.owner.keys.owner_secret)
    assert (list(gone.accounts), gone.left_out) == ([], 0)


def test_the_index_of_an_account_that_has_left_stays_used(market: Market, alice: Trader) -> None:
    """Another copy of the wallet would else derive the secret of a closed account once more."""
    book, point = alice.owner.book, market.guardian.point
    wallet = with_new_account(Wallet.create(), book, "first", point)
    first = replace(alice.owner, keys=wallet.account("first").keys)
    first.open()
    AccountLife(first).close()
    assert with_new_account(Wallet(seed=wallet.seed), book, "second", point).account("second").index == 1


def test_a_contract_that_is_no_module_of_the_book_gets_no_proof(
    market: Market, alice: Trader, margin: MarginProver
) -> None:
    fund(alice)
    contracts = alice.owner.book.contracts
    other = AccountLifeClient(contracts.chain.at("AccountLife", contracts.risk_parameters.contract.address))
    book = replace(alice.owner.book, contracts=replace(contracts, account_life=other))
    life = AccountLife(replace(alice.owner, book=book))
    for action in (lambda: life.rekey(new_keys(alice.owner, accept(market)), margin), life.close):
        with pytest.raises(ChainError, match="no module of the book"):
            action()


# ---------------------------------------------------------------------------------------------------- close


def test_a_closed_account_gives_its_bond_back_to_its_opener(market: Market, alice: Trader) -> None:
    alice.owner.open()
    chain = alice.owner.book.contracts.chain
    before = market.node.request("eth_getBalance", chain.sender, "latest")
    closed = AccountLife(alice.owner).close()
    assert closed.bond == (chain.sender, BOND)
    spent = closed.receipt["gasUsed"] * closed.receipt["effectiveGasPrice"]
    assert int(market.node.request("eth_getBalance", chain.sender, "latest"), 16) == int(before, 16) + BOND - spent
    assert AccountLife(alice.owner).moved_to() == 0
    assert find_accounts(alice.owner.book, alice.owner.keys.owner_secret).left_out == 0


def test_an_account_that_holds_or_owes_something_is_not_closed(market: Market, alice: Trader, bob: Trader) -> None:
    fund(alice, bob)
    with pytest.raises(ProvingError, match="take it out first"):
        AccountLife(alice.owner).close()
    trade(alice, bob)
    with pytest.raises(ProvingError, match="has positions"):
        AccountLife(alice.owner).close()


def test_the_proofs_of_a_closed_account_are_worth_nothing(market: Market, alice: Trader) -> None:
    alice.owner.open()
    life, before = alice.owner.book.contracts.account_life, alice.owner.state().sealed
    claim, proof = alice.owner.prover.close(alice.owner.viewing, before)
    life.close(alice.owner.identity, claim, proof)
    for replay in (
        lambda: life.close(alice.owner.identity, claim, proof),
        lambda: alice.owner.book.contracts.book.open(
            alice.owner.prover.open(alice.owner.keys, alice.owner.viewing.seal(empty_state(USD))), bond=BOND
        ),
    ):
        with pytest.raises(ChainError) as refused:
            replay()
        assert refused.value.refusal in {"AccountNotOpen", "AlreadyOpen"}
    assert market.contracts.book.vault.bond(alice.owner.identity).amount == 0


# ---------------------------------------------------------------------------------------------------- exit


def test_an_account_without_positions_exits_without_a_fresh_round(market: Market, alice: Trader) -> None:
    fund(alice)
    market.node.move_clock(market.contracts.chain.timestamp() + 30 * 86_400)
    with pytest.raises(ChainError, match="older than the book accepts"):
        alice.owner.withdraw(USD, DOLLAR, alice.address)
    life = AccountLife(alice.owner)
    receipt = life.exit(9_999 * DOLLAR, alice.address)
    assert market.contracts.book.withdrawal_of(receipt).recipient.lower() == f"0x{alice.address:040x}"
    assert alice.owner.state().sealed.state.quote == DOLLAR
    (waiting,) = pending_withdrawals(alice.owner.book, alice.owner.identity)
    assert (waiting.asset, waiting.amount) == (USD, 9_999 * 10**6)
    life.exit(DOLLAR, alice.address)
    life.close()
    assert len(pending_withdrawals(alice.owner.book, alice.owner.identity)) == 2  # it is paid all the same


def test_an_account_with_positions_or_less_money_does_not_exit(market: Market, alice: Trader, bob: Trader) -> None:
    fund(alice, bob)
    with pytest.raises(ProvingError, match="less than the amount"):
        AccountLife(alice.owner).exit(10_001 * DOLLAR, alice.address)
    with pytest.raises(InputError, match="6 decimals"):
        AccountLife(alice.owner).exit(1, alice.address)
    trade(alice, bob)
    with pytest.raises(ProvingError, match="without positions"):
        AccountLife(alice.owner).exit(DOLLAR, alice.address)


def test_no_other_sender_redirects_an_exit(market: Market, alice: Trader, bob: Trader) -> None:
    fund(alice)
    claim, proof = alice.owner.prover.exit(alice.owner.keys, alice.owner.state().sealed, DOLLAR, alice.address)
    life = bob.owner.book.contracts.account_life
    for changed in (replace(claim, recipient=bob.address), replace(claim, amount=2 * DOLLAR)):
        with pytest.raises(ChainError) as refused:
            life.exit(alice.owner.identity, changed, proof)
        assert refused.value.refusal == "ProofDoesNotVerify"
    life.exit(alice.owner.identity, claim, proof)
    with pytest.raises(ChainError) as refused:
        life.exit(alice.owner.identity, claim, proof)
    assert refused.value.refusal == "CommitmentNotCurrent"


# ---------------------------------------------------------------------------------------------------- guardians


def test_a_watch_tells_that_an_account_was_closed(market: Market, alice: Trader, bob: Trader) -> None:
    alice.owner.open()
    bob.owner.open()
    watch = GuardianWatch(lambda: nullcontext(alice.owner.book), AccountReader(market.guardian))
    list(watch.look())
    AccountLife(alice.owner).close()
    (event,) = watch.look()
    (change,) = event.changes
    assert (change.account.identity, change.kind) == (alice.owner.identity, ChangeKind.CLOSED)
    assert event.snapshot.hidden == 0
    with pytest.raises(InputError, match="is closed, or has moved"):
        find_guarded(event.snapshot, f"0x{alice.owner.identity:064x}"[:12])
