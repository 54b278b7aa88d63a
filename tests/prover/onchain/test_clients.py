"""The typed clients of rounds, risk parameters, breaker, book and registrar, each on its real contract."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from eth_account import Account as Signer

from prover import Side, Update
from prover._babyjubjub import BASE
from prover.cli._demo_market import OPTION, Market, Trader
from prover.onchain import BookProver
from prover.toolchain import Artifacts, build, compile_verifiers
from verifier import ChainError, Settlement, StateUpdate
from verifier.chain import Chain, ContractCode, Level, Permission, RegistrarClient, sign_report

pytestmark = pytest.mark.full

DAY = 86_400
DOLLAR = 10**18
USD = 13
PERP = 3


def refusal(error: pytest.ExceptionInfo[ChainError]) -> str | None:
    return error.value.refusal


def reports(market: Market, **changes: object) -> list:
    """Reports of all reporters for the next round, at the prices of the last one."""
    rounds = market.contracts.rounds
    last = rounds.round(rounds.latest_id())
    now = market.contracts.chain.timestamp() + 1
    market.node.move_clock(now)
    said = {"timestamp": now, "prices": last.prices, "funding": [0] * market.book.n, **changes}
    return [rounds.sign(reporter, **said) for reporter in market.reporters]  # type: ignore[arg-type]


def test_a_round_is_the_reference_of_its_prices(market: Market) -> None:
    """e and both d as the chain derives them, against exact integers."""
    round_ = market.contracts.rounds.round(1)
    maintenance, initial = market.book.fractions_ppm()
    assert round_.effective_prices == round_.prices
    for derived, fractions in ((round_.maintenance_per_unit, maintenance), (round_.initial_per_unit, initial)):
        assert derived == tuple(-(-p * f // 10**6) for p, f in zip(round_.prices, fractions, strict=True))


def test_reports_are_signed_for_one_chain_and_contract(market: Market) -> None:
    rounds = market.contracts.rounds
    good = reports(market)
    said = {
        "round_id": 2,
        "timestamp": good[0].timestamp,
        "prices": good[0].prices,
        "funding": good[0].funding,
    }
    address = rounds.contract.address
    for chain_id, contract in ((1, address), (31337, market.contracts.book.contract.address)):
        foreign = sign_report(market.reporters[0], chain_id, contract, **said)
        with pytest.raises(ChainError) as refused:
            rounds.post([foreign, *good[1:]])
        assert refusal(refused) == "WrongSignature"
    assert sign_report(market.reporters[0], 31337, address, **said) == good[0]
    with pytest.raises(ChainError) as refused:
        rounds.post([good[0], good[0]])
    assert refusal(refused) == "DuplicateReporter"
    with pytest.raises(ChainError) as refused:
        rounds.post([sign_report(Signer.create(), 31337, address, **said), *good[1:]])
    assert refusal(refused) == "NotReporter"
    with pytest.raises(ChainError) as refused:
        rounds.post([replace(good[0], prices=(1, *good[0].prices[1:])), *good[1:]])
    assert refusal(refused) == "WrongSignature"
    with pytest.raises(ChainError, match="one round"):
        rounds.post([good[0], replace(good[1], round_id=3)])
    assert rounds.post(good) == 2
    with pytest.raises(ChainError) as refused:
        rounds.post(good)
    assert refusal(refused) == "WrongRoundId"


def test_a_leap_trips_the_breaker_until_governance_allows_it(market: Market, alice: Trader) -> None:
    alice.owner.open()
    alice.owner.deposit(USD, 100 * DOLLAR)
    rounds, breaker = market.contracts.rounds, market.contracts.breaker
    last = rounds.round(1)
    leap = tuple(price * 13 // 10 if slot == PERP else price for slot, price in enumerate(last.prices))
    with pytest.raises(ChainError, match=f"slot {PERP}") as refused:
        rounds.post(reports(market, prices=leap))
    assert refusal(refused) == "DeviationRefused"
    assert rounds.latest_id() == 1
    assert breaker.level() is Level.NO_WITHDRAWALS
    assert market.contracts.book.permission_of(alice.owner.identity) is Permission.NO_NEW_RISK
    with pytest.raises(ChainError, match="breaker or gate") as refused:
        alice.owner.withdraw(USD, DOLLAR, alice.address)
    assert refusal(refused) == "NotPermitted"
    alice.owner.deposit(USD, DOLLAR)

    rounds.allow_deviation(2, PERP, 400_000)
    assert rounds.post(reports(market, prices=leap)) == 2
    breaker.lower_to(Level.OPEN)
    alice.owner.withdraw(USD, DOLLAR, alice.address)


def test_silence_trips_the_breaker(market: Market) -> None:
    with pytest.raises(ChainError) as refused:
        market.contracts.rounds.trip_if_stale()
    assert refusal(refused) == "RoundsAreFresh"
    market.node.move_clock(market.contracts.chain.timestamp() + 3_601)
    market.contracts.rounds.trip_if_stale()
    assert market.contracts.breaker.level() is Level.NO_WITHDRAWALS


def test_reporters_are_replaced(market: Market) -> None:
    rounds = market.contracts.rounds
    old = reports(market)
    fresh = [Signer.create() for _ in range(2)]
    rounds.set_reporters([signer.address for signer in fresh], 2)
    assert rounds.reporters() == ([signer.address for signer in fresh], 2)
    with pytest.raises(ChainError) as refused:
        rounds.post(old[:2])
    assert refusal(refused) == "NotReporter"


def test_loosening_waits_and_tightening_does_not(market: Market) -> None:
    risk = market.contracts.risk_parameters
    before = risk.asset(PERP)
    assert before == market.book.listings()[PERP]
    assert risk.spot_assets() == market.contracts.book.spot_assets() == 0b111

    looser = before._replace(maintenance_ppm=5_000, initial_ppm=10_000)
    risk.announce(PERP, looser)
    entry, executable_at = risk.announced(PERP)
    assert entry == looser
    with pytest.raises(ChainError) as refused:
        risk.execute(PERP)
    assert refusal(refused) == "TooEarly"
    market.node.move_clock(executable_at)
    risk.execute(PERP)
    assert (risk.asset(PERP), risk.version()) == (looser, 2)

    slot = market.book.slots[OPTION]
    risk.announce(slot, risk.asset(slot)._replace(deviation_ppm=1))
    risk.cancel(slot)
    with pytest.raises(ChainError) as refused:
        risk.cancel(slot)
    assert refusal(refused) == "NothingAnnounced"
    with pytest.raises(ChainError) as refused:
        risk.tighten(PERP, maintenance_ppm=20_000, initial_ppm=40_000)
    assert refusal(refused) == "AccessControlUnauthorizedAccount"
    risk.contract.send("grantRole", risk.contract.read("STEWARD_ROLE"), market.contracts.chain.sender)
    risk.tighten(PERP, maintenance_ppm=20_000, initial_ppm=40_000)
    assert risk.asset(PERP) == looser._replace(maintenance_ppm=20_000, initial_ppm=40_000)


def test_a_batch_tells_what_it_dropped(market: Market, alice: Trader, bob: Trader, book_prover: BookProver) -> None:
    carol, dave = (Trader.sit_down(name, market, book_prover) for name in ("Carol", "Dave"))
    for trader in (alice, bob, carol, dave):
        trader.owner.open()
        trader.owner.deposit(USD, 10_000 * DOLLAR)
    good, spoiled = settlement(alice, bob), settlement(carol, dave)
    spoiled = replace(spoiled, buyer=replace(spoiled.buyer, claim=1))
    market.contracts.book.prepare_round(1)
    assert market.contracts.book.is_prepared(1)
    receipt, dropped = market.contracts.book.settle_batch(1, [good, spoiled, good])
    assert receipt["status"] == 1
    assert dropped == {1: "ProofRefused", 2: "TicketAlreadySettled"}
    assert market.contracts.book.ticket_settled(good.ticket)
    assert not market.contracts.book.ticket_settled(spoiled.ticket)


def settlement(buyer: Trader, seller: Trader) -> Settlement:
    round_ = buyer.owner.book.latest_round()
    ticket = buyer.owner.book.ticket(PERP, 10**8, round_.prices[PERP], round_)

    def prove(trader: Trader, side: Side) -> StateUpdate:
        owner = trader.owner
        update = Update.make(owner.viewing, owner.state().sealed, ticket=ticket, side=side)
        return owner.prover.update(owner.keys, update, owner.book.risk(round_))

    return Settlement(ticket.id, prove(buyer, Side.BUY), prove(seller, Side.SELL))


def test_guardians_are_accepted_and_no_longer(market: Market, alice: Trader) -> None:
    book = market.contracts.book
    point = market.guardian.point
    assert book.guardian_accepted((point.x, point.y))
    book.set_guardian((point.x, point.y), accepted=False)
    assert not book.guardian_accepted((point.x, point.y))
    with pytest.raises(ChainError, match="does not accept this guardian"):
        alice.owner.open()
    with pytest.raises(ChainError) as refused:
        book.set_guardian((point.x, point.y), accepted=False)
    assert refusal(refused) == "GuardianUnchanged"
    other = 5 * BASE
    assert book.openings((other.x, other.y)) == []


def test_a_solvency_gate_works_on_the_accounts_of_a_book(
    market: Market, alice: Trader, code: Mapping[str, ContractCode]
) -> None:
    margin: Mapping[str, Artifacts] = build(["margin-13"])
    chain = Chain(market.node.url, {**code, **compile_verifiers(margin)})
    verifier = chain.deploy("Margin13Verifier")
    rounds, book = market.contracts.rounds.contract, market.contracts.book
    gate = chain.deploy("SolvencyGate", chain.sender, chain.checksum(0), rounds.address, verifier.address, 900, 0)
    registrar = RegistrarClient(chain.deploy("BookRegistrar", book.contract.address, gate.address))
    gate.send("grantRole", gate.read("REGISTRAR_ROLE"), registrar.contract.address)

    assert book.gate() is None
    book.announce_gate(registrar.contract.address)
    with pytest.raises(ChainError) as refused:
        book.activate_gate()
    assert refusal(refused) == "GateNotDue"
    market.node.move_clock(market.contracts.chain.timestamp() + 2 * DAY)
    book.activate_gate()
    assert book.gate() == registrar.contract.address

    alice.owner.open()
    account = alice.owner.identity
    assert registrar.address_of(account) is None
    registrar.sync(account)
    named = registrar.address_of(account)
    assert gate.read("accountState", named)[0] == book.account(account).commitment
    assert not registrar.is_solvent(account, 900)
    assert registrar.permission_of(account) is Permission.FREE
    with pytest.raises(ChainError) as refused:
        registrar.sync(account)
    assert refusal(refused) == "AlreadyInStep"
