"""Reports of others are believed after every check, or not at all."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from cli.book_stage import book_stage
from eth_account import Account
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reporter_stage import ReporterStage, altered

from prover.chain import ReportPurpose
from prover.onchain import PriceSource, ReportFile
from prover.oracle import ReportPool
from verifier import InputError

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReporterStage]:
    with book_stage(tmp_path_factory.mktemp("book")) as book:
        made = ReporterStage(book, tmp_path_factory.mktemp("reporters"))
        made.advance(40)
        yield made


@pytest.fixture(scope="module")
def source(stage: ReporterStage) -> PriceSource:
    return PriceSource.read(stage.stage.book.contracts)


@pytest.fixture
def add(stage: ReporterStage, source: PriceSource) -> Callable[[ReportFile], ReportPool]:
    """Offers a report to a pool that has a good one of another reporter."""

    def add(file: ReportFile) -> ReportPool:
        pool, now = ReportPool(), stage.now()
        pool.add(stage.stage.book, source, "good", stage.signed(1), now)
        pool.add(stage.stage.book, source, "report", file, now)
        return pool

    return add


def for_a_settlement(stage: ReporterStage) -> ReportFile:
    return stage.signed(2, purpose=ReportPurpose.SETTLEMENT)


def in_the_high_form(stage: ReporterStage) -> ReportFile:
    file = stage.signed(2)
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    signature = file.report.signature
    s = (order - int.from_bytes(signature[32:64])).to_bytes(32)
    return altered(file, signature=signature[:32] + s + bytes([55 - signature[64]]))


def by_a_stranger(stage: ReporterStage) -> ReportFile:
    file = stage.signed(2)
    report = stage.rounds.sign(
        Account.create(), timestamp=file.report.timestamp, prices=file.report.prices, funding=file.report.funding
    )
    return replace(file, report=report)


POISONS: dict[str, tuple[Callable[[ReporterStage], ReportFile], str]] = {
    "altered": (lambda s: altered(s.signed(2), timestamp=s.now() - 1), "the signature is not the reporter's"),
    "of another": (
        lambda s: altered(s.signed(1), reporter=s.stage.reporters[2].address),
        "the signature is not the reporter's",
    ),
    "by a stranger": (by_a_stranger, "is no reporter of this book"),
    "for a settlement": (for_a_settlement, "it was signed for a settlement"),
    "for a settlement, in secret": (
        lambda s: altered(for_a_settlement(s), purpose=ReportPurpose.ROUND),
        "the signature is not the reporter's",
    ),
    "in the high form": (in_the_high_form, "the signature is not the reporter's"),
    "for another chain": (lambda s: replace(s.signed(2), chain_id=1), "not for this book"),
    "for another contract": (lambda s: replace(s.signed(2), rounds="0x" + "1" * 40), "not for this book"),
    "old": (lambda s: s.signed(2, timestamp=s.now() - 31), "its prices are older than 30 s"),
    "from the future": (lambda s: s.signed(2, timestamp=s.now() + 3), "its time is in the future"),
    "of another size": (
        lambda s: s.signed(2, prices=s.stage.prices()[:-1], funding=[0] * (s.stage.book.n - 1)),
        "of a book of another size",
    ),
    "beyond the range": (
        lambda s: s.signed(2, prices=[1 << 64, *s.stage.prices()[1:]]),
        "a price that no round can hold",
    ),
    "beyond with funding": (
        lambda s: s.signed(2, funding=[-(1 << 64), *[0] * (s.stage.book.n - 1)]),
        "a price that no round can hold",
    ),
}


@pytest.mark.parametrize(("poison", "reason"), POISONS.values(), ids=POISONS)
def test_a_poisoned_report_is_not_believed(
    stage: ReporterStage,
    add: Callable[[ReportFile], ReportPool],
    poison: Callable[[ReporterStage], ReportFile],
    reason: str,
) -> None:
    with pytest.raises(InputError, match=reason):
        add(poison(stage))


def test_a_good_report_is_believed(
    stage: ReporterStage, source: PriceSource, add: Callable[[ReportFile], ReportPool]
) -> None:
    file = stage.signed(2)
    pool = add(ReportFile.parse(json.dumps(file.to_json()).encode(), "x"))
    assert pool.of(file.report.reporter) == file
    assert len(pool.admissible(source, stage.now())) == 2


def test_a_report_of_before_the_last_set_is_passed_over(
    stage: ReporterStage, source: PriceSource, add: Callable[[ReportFile], ReportPool]
) -> None:
    """After each set the reports of all others are of before it: that is no fault."""
    file = stage.signed(2, timestamp=source.rules.newest_timestamp)
    assert add(file).of(file.report.reporter) is None


def test_an_unpriced_slot_may_hold_anything_that_fits(
    stage: ReporterStage, source: PriceSource, add: Callable[[ReportFile], ReportPool]
) -> None:
    """The contract ignores it, so it must not cost the report; see `_fit_a_word` for what does not fit."""
    report = replace(stage.signed(2).report, priced_slots=0, prices=(2**256 - 1,) * 13, funding=(-(2**255) + 1,) * 13)
    said = {"timestamp": report.timestamp, "prices": [None] * 13, "funding": [0] * 13}
    assert add(stage.signed(2, **said)).admissible(source, stage.now())
    with pytest.raises(InputError, match="signature"):
        add(replace(stage.signed(2), report=report))


NO_REPORTS = (
    b"",
    b"\xff" * 100,
    b"[" * 60_000,
    b'{"format": "zksolvency/report/2"}',
    b'{"format": "zksolvency/account/1"}',
    b"null",
    b"1" * 60_000,
)


@pytest.mark.parametrize("content", NO_REPORTS, ids=range(len(NO_REPORTS)))
def test_a_file_that_is_no_report_is_refused(content: bytes) -> None:
    with pytest.raises(InputError):
        ReportFile.parse(content, "x")


@pytest.mark.parametrize(
    "fields",
    [
        {"prices": ["9" * 78] * 13},
        {"prices": ["9" * 78] * 13, "priced_slots": []},
        {"funding": ["-" + "9" * 78] * 13, "priced_slots": []},
        {"funding": ["9" * 77] * 13, "priced_slots": []},
        {"timestamp": 1 << 64},
        {"timestamp": -1},
        {"priced_slots": [58]},
        {"priced_slots": [57]},
        {"priced_slots": [1, 0]},
        {"reporter": "0x" + "Z" * 40},
        {"signature": "0x"},
        {"signature": "0x" + "00" * 65},
        {"signature": "0x" + "ff" * 65},
        {"chain_id": "31337"},
    ],
    ids=str,
)
def test_a_field_of_nonsense_is_refused(
    stage: ReporterStage, add: Callable[[ReportFile], ReportPool], fields: dict[str, object]
) -> None:
    content = json.dumps(stage.signed(2).to_json() | fields).encode()
    with pytest.raises(InputError):
        add(ReportFile.parse(content, "x"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_change_of_a_report_is_refused_and_nothing_else(
    stage: ReporterStage, source: PriceSource, add: Callable[[ReportFile], ReportPool], data: st.DataObject
) -> None:
    content = bytearray(json.dumps(stage.signed(2).to_json()).encode())
    place = data.draw(st.integers(0, len(content) - 1))
    byte = data.draw(st.sampled_from(sorted(b'0123456789abcdef",-[]{}: x')))
    content[place] = byte
    try:
        file = ReportFile.parse(bytes(content), "x")
        before = stage.signed(2)
        pool = add(file)
    except InputError:
        return
    if file.report.timestamp <= source.rules.newest_timestamp:
        assert pool.of(before.report.reporter) is None
        return
    assert pool.of(before.report.reporter) == file
    assert file.report.prices == before.report.prices
