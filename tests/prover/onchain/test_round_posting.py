"""Posting reports from a program: what is refused before it is sent, and what the result says."""

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from snippets import GUIDES, run_python

from prover import AssetList
from prover.chain import OnchainRound
from prover.market import (
    CANDIDATE_DELAY,
    CANDIDATE_LIFETIME,
    PRICE_DECIMALS,
    PostingStatus,
    Quote,
    RecordedRound,
    format_decimal,
)
from prover.onchain import MarginBook, PriceMove, ReportFile, StaleAsset, post_reports
from prover.onchain._round_posting import differences, reference_round
from prover.onchain.local_market import Market
from verifier import InputError, VectorKind

full = pytest.mark.full

PERP = "BTC-PERP"


def reports(
    market: Market, *, count: int = 3, age: int = 0, omitted: str | None = None, **changes: int
) -> Mapping[str, ReportFile]:
    """Reports for the next second, at the prices of the last round; changes are in percent."""
    rounds, book = market.contracts.rounds, market.book
    timestamp = max(market.contracts.chain.timestamp() + 1, int(time.time()))
    latest = rounds.round(rounds.latest_id())
    prices: list[int | None] = list(latest.prices)
    for name, percent in changes.items():
        slot = book.slots[name.replace("_", "-")]
        prices[slot] = latest.prices[slot] * (100 + percent) // 100
    for slot in range(book.n):
        if slot >= len(book.assets) or book.assets[slot].symbol == omitted:
            prices[slot] = None
    signed = [
        rounds.sign(reporter, timestamp=timestamp - age, prices=prices, funding=[0] * book.n)
        for reporter in market.reporters[:count]
    ]
    market.node.move_clock(timestamp)
    chain_id = market.contracts.chain.chain_id
    return {f"report {k}": ReportFile(chain_id, rounds.contract.address, one) for k, one in enumerate(signed)}


def book_of(market: Market) -> MarginBook:
    return MarginBook(market.contracts, market.book)


def nonce(market: Market) -> int:
    return int(market.node.request("eth_getTransactionCount", market.contracts.chain.sender, "latest"), 16)


@full
def test_a_round_is_posted(market: Market) -> None:
    before = market.contracts.rounds.latest_id()
    posted = post_reports(book_of(market), reports(market))
    assert (posted.posting.status, posted.posting.round_id) == (PostingStatus.RECORDED, before + 1)
    assert (posted.stale, posted.held, posted.other_margins) == ((), None, ())
    assert market.contracts.rounds.latest_id() == before + 1


@full
def test_the_python_of_the_guide_signs_and_posts(
    market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """docs/guides/reporters-and-guardians.md, with a price that is held."""
    others = reports(market, BTC_PERP=-20)
    mine = others["report 0"].report
    assets = zip(market.book.assets, mine.prices, strict=False)
    prices = {asset.symbol: format_decimal(price, PRICE_DECIMALS) for asset, price in assets}
    file = {"format": "zksolvency/round/1", "book": market.book.name, "id": 1, "timestamp": mine.timestamp}
    (tmp_path / "round.json").write_text(json.dumps(file | {"prices": prices, "funding": {}}))
    monkeypatch.chdir(tmp_path)
    contracts = market.contracts
    names = {"signer": market.reporters[0], "chain_id": contracts.chain.chain_id}
    names |= {"rounds": contracts.rounds.contract.address, "book": book_of(market)}
    made = run_python(GUIDES / "reporters-and-guardians.md", 1, **names, others=dict(list(others.items())[1:]))
    assert made["report"].report.prices == mine.prices
    assert capsys.readouterr().out.startswith(f"('{PERP}',) ")


@full
def test_an_asset_without_a_price_is_stale_and_says_why(market: Market) -> None:
    posted = post_reports(book_of(market), reports(market, omitted=PERP))
    assert posted.stale == (StaleAsset(PERP, "3 of 3 reports leave it out"),)


@full
def test_prices_beyond_a_limit_are_held(market: Market) -> None:
    before = market.contracts.rounds.round(market.contracts.rounds.latest_id())
    slot = market.book.slots[PERP]
    posted = post_reports(book_of(market), reports(market, BTC_PERP=-20))
    assert posted.posting.status is PostingStatus.HELD
    assert posted.held is not None
    assert posted.held.symbols == (PERP,)
    limits = market.book.assets[slot].limits
    assert limits is not None
    limit = before.prices[slot] * limits.deviation_ppm // 10**6
    after = before.prices[slot] * 80 // 100
    assert posted.held.moves == (PriceMove(PERP, before.prices[slot], after, limit, limits.deviation_ppm),)
    candidate = market.contracts.rounds.candidate()
    assert candidate is not None
    assert posted.held.confirmable_at == candidate.held_at + CANDIDATE_DELAY
    assert posted.held.expires_at == candidate.held_at + CANDIDATE_LIFETIME


@full
def test_what_the_contract_would_refuse_is_not_sent(market: Market) -> None:
    book = book_of(market)
    sent = nonce(market)

    def refusal(given: Mapping[str, ReportFile]) -> str:
        with pytest.raises(InputError) as error:
            post_reports(book, given)
        return str(error.value)

    assert "2 reports are given, 3 of 3 reporters make a round" in refusal(reports(market, count=2))
    assert "report 0: its prices were seen" in refusal(reports(market, age=3000))
    good = reports(market)
    altered = replace(
        good["report 1"], report=replace(good["report 1"].report, timestamp=good["report 1"].report.timestamp - 1)
    )
    assert "report 1: the signature is not the reporter's" in refusal({**good, "report 1": altered})
    elsewhere = {name: replace(file, chain_id=1) for name, file in good.items()}
    assert "report 0: it is for contract" in refusal(elsewhere)
    twice = {**good, "report 2": good["report 1"]}
    assert "report 2: it is by the same reporter as report 1" in refusal(twice)
    assert nonce(market) == sent


def test_the_reference_finds_each_difference(majors: AssetList) -> None:
    prices = tuple((slot + 1) * 10**9 for slot in range(majors.n))
    quotes = {slot: Quote(price, 0) for slot, price in enumerate(prices)}
    agreed = reference_round(majors, RecordedRound(1, 1_763_800_000, quotes, 0))
    vectors = agreed.vectors
    right = OnchainRound(1, agreed.timestamp, prices, vectors, reduce_only=0, stale=0, epoch=0)
    assert differences(right, agreed) == ([], [])

    def plus_one(values: tuple[int, ...]) -> tuple[int, ...]:
        return (values[0], values[1] + 1, *values[2:])

    assert differences(right._replace(prices=plus_one(right.prices)), agreed) == (["WETH"], [])
    other = replace(vectors, effective_prices=plus_one(vectors.effective_prices))
    assert differences(right._replace(vectors=other), agreed) == (["WETH"], [])
    for kind in VectorKind:
        margins = vectors.margins(kind)
        for side in ("long", "short_extra"):
            wrong = replace(margins, **{side: plus_one(getattr(margins, side))})
            other = replace(vectors, **{kind.value: wrong})
            assert differences(right._replace(vectors=other), agreed) == ([], ["WETH"])
