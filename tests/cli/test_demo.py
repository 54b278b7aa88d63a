"""`zksolvency demo` tells whole stories, and finds what they would leak."""

from pathlib import Path

import pytest
from cli.harness import Run

PUBLIC_STATES = 2
"""Of each account: empty, and after its deposit."""


@pytest.mark.full
def test_the_demo_finds_nothing_secret_on_chain(run: Run) -> None:
    outcome = run("demo", "--json")
    assert outcome.code == 0, outcome
    assert outcome.json["leaked"] == []
    assert outcome.json["transactions"] == 9


def table_of(text: str) -> list[list[str]]:
    """Rows of a printed table, heading first; the lines of a cell are joined."""
    rows: list[list[str]] = []
    is_new = True
    for line in text.splitlines():
        if line[:1] not in {"┃", "│"}:
            is_new = True
            continue
        cells = [cell.strip() for cell in line.replace("┃", "│").strip("│").split("│")]
        if is_new:
            rows.append(cells)
        else:
            rows[-1] = [f"{above} {cell}".strip() for above, cell in zip(rows[-1], cells, strict=True)]
        is_new = False
    return rows


@pytest.mark.full
def test_the_book_demo_finds_nothing_secret_on_chain_and_ends_with_who_knows_what(run: Run) -> None:
    outcome = run("demo", "book", "--width", 200)
    assert outcome.code == 0, outcome
    assert "secrets (balances, quotes, equity, health" in outcome.stdout.replace("\n", "")
    assert "the same account, the same balances: True" in outcome.stdout
    assert "below maintenance margin" in outcome.stdout
    assert "BTC-23NOV18-5000-P settles at 771.93 USD" in outcome.stdout
    assert "BTC-23NOV18-5000-C settles at 0.00 USD: it ends out of the money" in outcome.stdout
    assert "and has to wait: assets have expired" in outcome.stdout
    assert "the guardian proves it for him" in outcome.stdout

    assert "Who knows what" in outcome.stdout
    heading, *rows = table_of(outcome.stdout)
    assert heading == ["", "Alice", "Bob", "the guardian", "any observer of the chain"]
    known = {what: cells for what, *cells in rows}
    assert known["prices"] == 4 * ["8 rounds, 13 assets, 3 signatures each"]
    assert all(cell.startswith("5000 USDC, 0x") for cell in known["paid out"])
    alice, bob, guardian, observer = known["terms of the trades"]
    assert alice.startswith("bought 8 BTC-PERP at 6,237.35 USD from Bob")
    assert bob.startswith("sold 8 BTC-PERP at 6,237.35 USD to Alice")
    assert "8 BTC-PERP for 49,898.80 USD" in guardian
    assert [word for word in observer.split() if not word.startswith("0x")] == 4 * ["ticket"]
    alice, bob, guardian, observer = known["Alice's balances"]
    assert alice == guardian == "4 BTC-PERP quote -14,260.70 USD"
    assert bob == "what was traded with it (here all of it)"
    assert observer.startswith("commitment 0x")
    assert known["Alice's health"] == ["equity 291.58 USD health 146.06 USD", "-"] * 2
    assert known["Bob's owner secret"] == ["-", "it alone moves the account", "-", "-"]


@pytest.mark.full
def test_the_book_demo_would_find_what_is_public(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state that a public deposit tells is found on the chain: so the search sees what is there."""
    monkeypatch.setattr("prover.cli._demo_knowledge._OPENED_AND_FUNDED", PUBLIC_STATES - 1)
    outcome = run("demo", "book", "--json")
    assert outcome.code == 1
    assert (outcome.json["rounds"], outcome.json["trades"]) == (8, 4)
    assert "Alice: quote in state 1: signed" in outcome.json["leaked"]
    assert not any("salt" in name or "secret" in name or "key" in name for name in outcome.json["leaked"])


@pytest.mark.deep
def test_the_liquidation_demo_agrees_to_the_last_unit_and_draws_a_picture(run: Run, tmp_path: Path) -> None:
    """On 14 November one trader is cured by its sale, and one is ruined: its debt is written off."""
    picture = tmp_path / "crash.svg"
    outcome = run(
        "demo", "liquidation", "--traders", 3, "--liquidators", 1, "--days", 3, "--picture", picture, "--json"
    )
    assert outcome.code == 0, outcome
    assert (outcome.json["faults"], outcome.json["leaked"]) == ([], [])
    assert outcome.json["secrets"] > 20
    assert [(sale["victim"], sale["is_cured"]) for sale in outcome.json["takeovers"]] == [(2, True), (1, False)]
    assert outcome.json["written_off"] == 1
    end = outcome.json["end"]
    assert end["flagged"] == 0
    assert end["written_off"] > 0
    assert "insurance fund" in picture.read_text()


def test_a_picture_has_an_ending_that_is_known(run: Run, tmp_path: Path) -> None:
    outcome = run("demo", "liquidation", "--picture", tmp_path / "crash.gif", "--json")
    assert outcome.code == 3
    assert ".png or .svg" in outcome.error["message"]
