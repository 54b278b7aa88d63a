"""Margin calls: their owner alone can read them, and no other tells them from random bytes."""

from pathlib import Path

import pytest

from prover.account import CallBulletin, Domain, MarginCall, OwnerKeys, ViewingKeys
from prover.account._margin_call import CALL_BYTES
from verifier import InputError

DOMAIN = Domain(31_337, 0xABCD)
CALL = MarginCall(is_urgent=True, hour=23, day=71, minutes=40, round_id=2**63, time=1_800_000_000)


@pytest.fixture(scope="module")
def owners() -> list[ViewingKeys]:
    return [ViewingKeys.of_owner(OwnerKeys.generate(DOMAIN)) for _ in range(2)]


def test_the_owner_opens_a_call_and_no_other(owners: list[ViewingKeys]) -> None:
    sealed = CALL.seal(owners[0])
    assert MarginCall.open(sealed, owners[0]) == CALL
    assert MarginCall.open(sealed, owners[1]) is None


def test_who_has_the_key_for_another_book_does_not_open_it(owners: list[ViewingKeys]) -> None:
    one = owners[0]
    elsewhere = ViewingKeys(one.view_key, one.owner_tag, Domain(1, 0xABCD))
    assert MarginCall.open(CALL.seal(one), elsewhere) is None


def test_a_change_on_the_way_is_seen(owners: list[ViewingKeys]) -> None:
    sealed = CALL.seal(owners[0])
    for place in range(CALL_BYTES):
        changed = bytearray(sealed)
        changed[place] ^= 1
        assert MarginCall.open(bytes(changed), owners[0]) is None
    assert MarginCall.open(sealed[:-1], owners[0]) is None


def test_two_seals_of_one_call_have_nothing_in_common(owners: list[ViewingKeys]) -> None:
    one, other = CALL.seal(owners[0]), CALL.seal(owners[0])
    assert len(one) == len(other) == CALL_BYTES
    assert sum(a == b for a, b in zip(one, other, strict=True)) < CALL_BYTES // 4


@pytest.mark.parametrize("count", [0, 1, 4])
def test_a_bulletin_does_not_show_how_many_are_called(owners: list[ViewingKeys], count: int) -> None:
    bulletin = CallBulletin.of(DOMAIN, 7, [CALL.seal(owners[0])] * count, 4)
    assert [len(call) for call in bulletin.calls] == [CALL_BYTES] * 4
    assert bulletin.find(owners[0]) == (CALL if count else None)
    assert bulletin.find(owners[1]) is None


def test_a_bulletin_grows_where_it_must(owners: list[ViewingKeys]) -> None:
    assert len(CallBulletin.of(DOMAIN, 7, [CALL.seal(owners[0])] * 9, 4).calls) == 16


def test_true_calls_have_no_place_of_their_own(owners: list[ViewingKeys]) -> None:
    places = set()
    for _ in range(40):
        bulletin = CallBulletin.of(DOMAIN, 7, [CALL.seal(owners[0])], 4)
        places.add(next(p for p, call in enumerate(bulletin.calls) if MarginCall.open(call, owners[0])))
    assert places == {0, 1, 2, 3}


def test_a_bulletin_comes_back_from_its_file(owners: list[ViewingKeys], tmp_path: Path) -> None:
    bulletin = CallBulletin.of(DOMAIN, 7, [CALL.seal(owners[0])], 4)
    bulletin.save(tmp_path / "calls.json")
    assert CallBulletin.load(tmp_path / "calls.json") == bulletin


@pytest.mark.parametrize("text", ["{}", "[]", '{"format": "zksolvency/margin-calls/2"}'])
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "calls.json").write_text(text)
    with pytest.raises(InputError, match=r"calls\.json"):
        CallBulletin.load(tmp_path / "calls.json")


def test_a_call_that_is_no_base64_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "calls.json"
    CallBulletin(DOMAIN, 7, ()).save(path)
    path.write_text(path.read_text().replace("[]", '["?"]'))
    with pytest.raises(InputError, match="base64"):
        CallBulletin.load(path)


def test_a_call_shows_nothing_when_printed_by_mistake(owners: list[ViewingKeys]) -> None:
    assert "calls" not in repr(CallBulletin.of(DOMAIN, 7, [CALL.seal(owners[0])], 1))
