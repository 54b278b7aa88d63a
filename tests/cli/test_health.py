"""`health` and `commit`: the reference's own figures, rounded against the account for people and exact for machines."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from cli.harness import EXAMPLES, ROUND_1, ROUND_2, Run

from prover import Account, PriceRound
from prover.cli._output import as_hex
from prover.market import (
    format_decimal,
)
from verifier import VectorKind


@pytest.mark.parametrize("kind", list(VectorKind))
def test_machines_get_every_digit(
    run: Run, account_file: Path, secret_account: Account, round_1: PriceRound, kind: VectorKind
) -> None:
    shown = run("health", "--account", account_file, "--round", ROUND_1, "--kind", kind, "--json").json
    assessed = secret_account.health(round_1, kind)
    assert {name: shown[name] for name in ("equity", "margin", "health")} == {
        "equity": format_decimal(assessed.equity, 18),
        "margin": format_decimal(assessed.margin, 18),
        "health": format_decimal(assessed.health, 18),
    }
    assert shown["healthy"] == assessed.is_healthy
    assert shown["kind"] == kind
    values = [Decimal(asset["value"]) for asset in shown["assets"]]
    assert Decimal(shown["quote"]) + sum(values) == Decimal(shown["equity"])
    assert sum(Decimal(asset["margin"]) for asset in shown["assets"]) == Decimal(shown["margin"])


@pytest.mark.parametrize("symbol", ["BTC-PERP", "ETH-PERP"])
def test_at_its_liquidation_price_an_account_is_below_and_one_unit_away_it_is_not(
    run: Run, account_file: Path, tmp_path: Path, symbol: str
) -> None:
    shown = run("health", "--account", account_file, "--round", ROUND_1, "--json").json
    line = next(asset for asset in shown["assets"] if asset["symbol"] == symbol)
    away = Decimal("1e-9") if not line["balance"].startswith("-") else -Decimal("1e-9")
    moved = tmp_path / "round.json"
    for target, healthy in (
        (Decimal(line["liquidation_price"]), False),
        (Decimal(line["liquidation_price"]) + away, True),
    ):
        content = json.loads(ROUND_1.read_text())
        content["prices"][symbol] = f"{target:f}"
        moved.write_text(json.dumps(content))
        assert run("health", "--account", account_file, "--round", moved, "--json").json["healthy"] is healthy


def test_people_get_a_table_and_a_verdict(run: Run, account_file: Path) -> None:
    for round_, verdict in ((ROUND_1, "at or above maintenance"), (ROUND_2, "below maintenance margin at round 2")):
        result = run("health", "--account", account_file, "--round", round_)
        assert result.code == 0
        assert verdict in result.stdout
        assert max(map(len, result.stdout.splitlines())) <= 80
        assert "ETH-PERP" in result.stdout
        assert "DOGE-PERP" not in result.stdout  # no position


def test_check_turns_the_answer_into_an_exit_code(run: Run, account_file: Path) -> None:
    codes = [run("health", "--account", account_file, "--round", r, "--check").code for r in (ROUND_1, ROUND_2)]
    assert codes == [0, 1]
    below = run("health", "--account", account_file, "--round", ROUND_2, "--check", "--json")
    assert (below.code, below.json["healthy"]) == (1, False)


def test_an_empty_account_is_healthy_without_a_ratio(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "empty.json"
    run("account", "new", "--out", out)
    result = run("health", "--account", out, "--round", ROUND_1, "--check")
    assert result.code == 0
    assert run("health", "--account", out, "--round", ROUND_1, "--json").json["ratio"] is None


def test_an_account_beyond_help_has_no_price_that_saves_it(run: Run, tmp_path: Path) -> None:
    csv, out = tmp_path / "p.csv", tmp_path / "a.json"
    csv.write_text("symbol,amount\nBTC-PERP,0.000000001\nETH-PERP,-1\nQUOTE,-1000000000000\n")
    run("account", "new", "--out", out)
    run("account", "import", csv, "--account", out, "--state", "--yes")
    result = run("health", "--account", out, "--round", ROUND_1)
    assert [line.split()[-2:] for line in result.stdout.splitlines() if "-PERP" in line] == [["now", "-"], ["now", "-"]]


def test_the_largest_amounts_are_shown_whole(run: Run, tmp_path: Path) -> None:
    csv, out = tmp_path / "p.csv", tmp_path / "a.json"
    balance = format_decimal((1 << 80) - 1, 9)
    csv.write_text(f"symbol,amount\nBTC-PERP,{balance}\nQUOTE,0\n")
    run("account", "new", "--out", out)
    run("account", "import", csv, "--account", out, "--state", "--yes")
    result = run("health", "--account", out, "--round", ROUND_1)
    assert "…" not in result.stdout
    digits = "".join(result.stdout.split())
    assert balance in digits


def test_commit_prints_the_commitment_alone(run: Run, account_file: Path, secret_account: Account) -> None:
    expected = as_hex(secret_account.commitment())
    result = run("commit", "--account", account_file)
    assert (result.code, result.stdout, result.stderr) == (0, f"{expected}\n", "")
    assert run("commit", "--account", account_file, "--json").json == {
        "commitment": expected,
        "book": secret_account.book.digest(),
    }


def test_health_at_another_books_round_is_refused(run: Run, account_file: Path, tmp_path: Path) -> None:
    own_book, own_round = tmp_path / "multi-28.json", tmp_path / "round.json"
    prices = json.loads(ROUND_1.read_text())
    own_round.write_text(json.dumps(prices | {"book": "perps-14"}))
    own_book.write_text((EXAMPLES.parent / "books" / "perps-13.json").read_text().replace("perps-13", "perps-14"))
    result = run("health", "--account", account_file, "--round", own_round, "--json")
    assert (result.code, result.error["kind"]) == (3, "input")
    result = run("health", "--account", account_file, "--round", own_round, "--book", own_book, "--json")
    assert (result.code, result.error["kind"]) == (3, "input")
