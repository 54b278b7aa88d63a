"""`round fetch`: a round of a chain becomes the file that other commands take."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.book_stage import BookStage, book_stage
from cli.harness import ROUND_1, Run
from fault_proxy import FaultProxy

from prover import AssetList, PriceRound
from prover.toolchain import Anvil, load_book

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BookStage]:
    with book_stage(tmp_path_factory.mktemp("book")) as stage:
        stage.post({"BTC-PERP": "12.5"}, ETH_PERP=None)
        yield stage


def test_a_round_of_a_book_is_a_round_file(run: Run, stage: BookStage, tmp_path: Path) -> None:
    out = tmp_path / "round.json"
    result = run("round", "fetch", *stage.options, "--out", out, "--json")
    assert result.code == 0, result
    round_ = PriceRound.load(out, load_book("majors-13"))
    book = stage.book
    assert round_ == book.price_round(book.latest_round())
    assert round_.vectors.maintenance == book.latest_round().vectors.maintenance
    assert round_.stale == 1 << book.assets.slots["ETH-PERP"]
    assert (result.json["digest"], result.json["nodes"]) == (round_.digest(), 1)
    assert run("round", "check", out).code == 0
    first = tmp_path / "first.json"
    assert run("round", "fetch", *stage.options, "--id", 1, "--out", first).code == 0
    assert PriceRound.load(first, round_.book).id == 1
    assert "exists already" in run("round", "fetch", *stage.options, "--out", out).stderr


def test_each_of_several_nodes_is_asked(run: Run, stage: BookStage, tmp_path: Path) -> None:
    """The first one is down, and the third is another way to the second."""
    with FaultProxy(stage.node.url) as proxy:
        rpc = f"http://127.0.0.1:9,{stage.node.url},{proxy.url}"
        words = ["round", "fetch", "--rpc", rpc, "--deployment", stage.record, "--timeout", 5]
        result = run(*words, "--out", tmp_path / "r.json", "--json")
    assert (result.code, result.json["nodes"]) == (0, 2), result
    assert "node 1" in result.stderr


def test_a_round_that_is_not_there_is_an_error_of_the_chain(run: Run, stage: BookStage, tmp_path: Path) -> None:
    out = tmp_path / "r.json"
    result = run("round", "fetch", *stage.options, "--id", 99, "--out", out, "--json")
    assert (result.code, result.error["kind"]) == (6, "chain")
    assert "no round 99 yet" in result.error["message"]
    unnamed = run("round", "fetch", "--rpc", stage.node.url, "--out", out, "--json")
    assert (unnamed.code, "--deployment" in unnamed.error["message"]) == (3, True)
    assert not out.exists()


def test_a_round_of_a_gate_is_the_one_that_was_posted(
    run: Run, tmp_path: Path, book: AssetList, round_1: PriceRound
) -> None:
    with Anvil() as node:
        record, out = tmp_path / "gate.json", tmp_path / "r.json"
        options = ["--rpc", node.url, "--deployment", record]
        assert run("chain", "deploy", *options).code == 0
        assert run("chain", "post-round", *options, "--round", ROUND_1).code == 0
        assert run("round", "fetch", *options, "--out", out).code == 0
    fetched = PriceRound.load(out, book)
    assert (fetched.prices, fetched.funding, fetched.vectors) == (round_1.prices, round_1.funding, round_1.vectors)
