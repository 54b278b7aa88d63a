"""Limits of assets, and what the contract RiskParameters takes: in its order, within its rules."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from prover import AssetKind, AssetList
from prover.market import PRICE_DECIMALS, Limits, parse_decimal
from prover.market._listing import symbol_word
from verifier import InputError, ListedAsset

ROOT = Path(__file__).parents[3]
MAJORS = ROOT / "books" / "majors-13.json"
INTERFACE = ROOT / "contracts" / "src" / "interfaces" / "IRiskParameters.sol"

SPOT, PERPETUAL, PUT, CALL = 0, 3, 10, 11
"""Slots of a spot asset, of a perpetual, and of two options on it."""

LIMIT_FAULTS: dict[str, tuple[int, dict[str, Any]]] = {
    "token of 19 decimals": (SPOT, {"decimals": 19}),
    "negative decimals": (SPOT, {"decimals": -1}),
    "derivative of 8 decimals": (PERPETUAL, {"decimals": 8}),
    "derivative of 18 decimals": (PERPETUAL, {"decimals": 18}),
    "floor above maintenance": (SPOT, {"floor_ppm": 100_001}),
    "negative floor": (SPOT, {"floor_ppm": -1}),
    "ceiling below initial": (SPOT, {"ceiling_ppm": 149_999}),
    "ceiling above one": (SPOT, {"ceiling_ppm": 1_000_001}),
    "no deviation": (SPOT, {"deviation_ppm": 0}),
    "deviation of 2^32": (SPOT, {"deviation_ppm": 2**32}),
    "deviation above a third": (PERPETUAL, {"deviation_ppm": 6_667}),
    "amount above a third": (PERPETUAL, {"deviation_amount": "66.666666667"}),
    "deviation of a put above a third": (PUT, {"deviation_ppm": 333_334}),
    "amount of a put above a third": (PUT, {"deviation_amount": "4000.000000001"}),
    "amount of a call above a third": (CALL, {"deviation_amount": "500.000000001"}),
    "negative amount": (SPOT, {"deviation_amount": "-1"}),
    "least price above the greatest": (SPOT, {"least_price": "10000000.1"}),
    "negative least price": (PUT, {"least_price": "-1"}),
    "greatest price of 2^64": (SPOT, {"greatest_price": "18446744073.709551616"}),
    "greatest price of 0": (PUT, {"greatest_price": "0"}),
    "price of four digits": (SPOT, {"least_price": "0.000009999"}),
    "an option that cannot leave 0": (PUT, {"deviation_amount": "0"}),
    "amount as number": (SPOT, {"deviation_amount": 1}),
    "decimals as text": (SPOT, {"decimals": "8"}),
    "floor as float": (SPOT, {"floor_ppm": 0.05}),
    "deviation as truth value": (SPOT, {"deviation_ppm": True}),
    "unknown name": (SPOT, {"steward": "me"}),
}

EDGES: dict[str, tuple[int, dict[str, Any]]] = {
    "token of no decimals": (SPOT, {"decimals": 0}),
    "token of 18 decimals": (SPOT, {"decimals": 18}),
    "fractions at their bounds": (SPOT, {"floor_ppm": 100_000, "ceiling_ppm": 150_000}),
    "widest bounds": (SPOT, {"floor_ppm": 0, "ceiling_ppm": 1_000_000}),
    "least deviation": (SPOT, {"deviation_ppm": 1}),
    "deviation of a third": (PERPETUAL, {"deviation_ppm": 6_666}),
    "amount of a third": (PERPETUAL, {"deviation_amount": "66.666666666"}),
    "amount of a put of a third": (PUT, {"deviation_amount": "4000"}),
    "amount of a call of a third": (CALL, {"deviation_amount": "500"}),
    "price of five digits": (SPOT, {"least_price": "0.00001"}),
    "one price alone": (SPOT, {"least_price": "10000000"}),
    "greatest price of all": (SPOT, {"greatest_price": "18446744073.709551615"}),
}


@pytest.fixture
def majors() -> AssetList:
    return AssetList.load(MAJORS)


def changed(tmp_path: Path, change: Callable[[list[Any]], object]) -> Path:
    content = json.loads(MAJORS.read_text())
    change(content["assets"])
    path = tmp_path / "book.json"
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize("fault", LIMIT_FAULTS)
def test_refuses_limits_that_the_contract_would_refuse(fault: str, tmp_path: Path) -> None:
    slot, fields = LIMIT_FAULTS[fault]
    with pytest.raises(InputError, match=r"limits(\.| of)"):
        AssetList.load(changed(tmp_path, lambda assets: assets[slot]["limits"].update(fields)))


@pytest.mark.parametrize("field", Limits.__dataclass_fields__)
def test_limits_are_whole_or_absent(field: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=rf"limits\.{field}"):
        AssetList.load(changed(tmp_path, lambda assets: assets[SPOT]["limits"].pop(field)))


@pytest.mark.parametrize("edge", EDGES)
def test_limits_up_to_their_ends_are_listed(edge: str, tmp_path: Path) -> None:
    slot, fields = EDGES[edge]
    book = AssetList.load(changed(tmp_path, lambda assets: assets[slot]["limits"].update(fields)))
    listed = book.listings()[slot]._asdict()
    as_listed = {
        name: parse_decimal(value, PRICE_DECIMALS, name) if isinstance(value, str) else value
        for name, value in fields.items()
    }
    assert {name: listed[name] for name in fields} == as_listed


def test_limits_made_in_python_are_checked_too(majors: AssetList) -> None:
    asset = replace(majors.assets[SPOT], limits=Limits(8, 0, 1_000_000, 0, 0, 10_000, 10_000))
    with pytest.raises(InputError, match="WBTC"):
        replace(majors, assets=(asset, *majors.assets[1:]))


def test_a_listing_is_the_struct_of_the_contract() -> None:
    body = re.search(r"struct Asset \{(.*?)\}", INTERFACE.read_text(), re.DOTALL)
    assert body is not None
    names = re.findall(r"^\s+\w+ (\w+);", body[1], re.MULTILINE)
    assert tuple(re.sub(r"([A-Z])", r"_\1", name).lower() for name in names) == ListedAsset._fields


def test_kinds_have_the_numbers_of_the_contract() -> None:
    body = re.search(r"enum AssetKind \{(.*?)\}", INTERFACE.read_text(), re.DOTALL)
    assert body is not None
    names = [name.lower() for name in re.findall(r"^ *(\w+),?$", body[1], re.MULTILINE)]  # comments stand between
    assert {kind.value: kind.number for kind in AssetKind} == {name: number for number, name in enumerate(names)}


def test_listings_are_what_the_file_says_slot_by_slot(majors: AssetList) -> None:
    for listing, raw in zip(majors.listings(), json.loads(MAJORS.read_text())["assets"], strict=True):
        assert listing.symbol.rstrip(b"\0").decode() == raw["symbol"]
        assert len(listing.symbol) == 32
        assert listing.kind == ["spot", "perpetual", "option"].index(raw["kind"])
        assert (listing.maintenance_ppm, listing.initial_ppm) == (
            raw["maintenance_margin_ppm"],
            raw["initial_margin_ppm"],
        )
        assert listing.decimals == raw["limits"]["decimals"]
        assert (listing.floor_ppm, listing.ceiling_ppm) == (raw["limits"]["floor_ppm"], raw["limits"]["ceiling_ppm"])
        assert listing.deviation_ppm == raw["limits"]["deviation_ppm"]
        for name in ("deviation_amount", "least_price", "greatest_price"):
            assert getattr(listing, name) == parse_decimal(raw["limits"][name], PRICE_DECIMALS, name)
        option = raw.get("option", {})
        assert listing.underlying == (majors.slots[option["underlying"]] if option else 0)
        assert listing.strike == parse_decimal(option.get("strike", "0"), PRICE_DECIMALS, "strike")
        for side in ("short", "underlying"):
            assert getattr(listing, f"{side}_maintenance_ppm") == option.get(f"{side}_maintenance_margin_ppm", 0)
            assert getattr(listing, f"{side}_initial_ppm") == option.get(f"{side}_initial_margin_ppm", 0)


def test_assets_without_limits_are_named(majors: AssetList) -> None:
    bare = [replace(a, limits=None) if a.symbol in {"WETH", "XRP-PERP"} else a for a in majors.assets]
    with pytest.raises(InputError, match=r"WETH, XRP-PERP cannot be listed .* \"limits\""):
        replace(majors, assets=tuple(bare)).listings()


@pytest.mark.parametrize("path", sorted((ROOT / "books").glob("*.json")), ids=lambda p: p.stem)
def test_a_digest_does_not_depend_on_limits(path: Path) -> None:
    book = AssetList.load(path)
    bare = replace(book, assets=tuple(replace(asset, limits=None) for asset in book.assets))
    assert bare.digest() == book.digest()


def test_a_symbol_is_a_word_left_aligned() -> None:
    assert symbol_word("WBTC") == bytes.fromhex("57425443") + bytes(28)
    assert symbol_word("A" * 32) == b"A" * 32


@pytest.mark.parametrize("symbol", ["", "A" * 33, "€", "WBTC\0", "W BTC", "É" * 16])
def test_refuses_a_symbol_that_is_no_word(symbol: str) -> None:
    with pytest.raises(InputError, match="32 visible ASCII"):
        symbol_word(symbol)


def test_refuses_to_list_a_symbol_that_is_no_word(majors: AssetList) -> None:
    long = replace(majors.assets[0], symbol="A" * 33)
    with pytest.raises(InputError, match="32 visible ASCII"):
        replace(majors, assets=(long, *majors.assets[1:])).listings()
