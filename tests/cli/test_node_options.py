"""`--rpc` with several nodes, and `--timeout`, on a real node behind one that hangs."""

import time
from collections.abc import Iterator

import pytest
from cli.book_stage import BookStage, book_stage
from cli.harness import Run

from prover.cli._node_options import rpc_urls
from tests.fault_proxy import EVERY, FaultProxy, hangs

full = pytest.mark.full


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BookStage]:
    with book_stage(tmp_path_factory.mktemp("book")) as made:
        yield made


@pytest.fixture
def silent(stage: BookStage) -> Iterator[str]:
    """The URL of a node that hangs."""
    with FaultProxy(stage.node.url) as proxy:
        proxy.always(EVERY, hangs)
        yield proxy.url


@full
def test_a_silent_node_is_named_and_the_next_one_asked(run: Run, stage: BookStage, silent: str) -> None:
    place = ["--deployment", stage.record, "--json"]
    shown = run("book", "show", "--rpc", f"{silent}, {stage.node.url}", "--timeout", 3.2, *place)
    assert (shown.code, shown.json["chain_id"]) == (0, 31337), shown
    assert shown.stderr.count(f"the node at {silent} has not answered eth_chainId for 3 s; waiting up to 3.2 s") == 1


@full
def test_a_command_waits_no_longer_than_it_is_told(run: Run, stage: BookStage, silent: str) -> None:
    begin = time.monotonic()
    refused = run("book", "show", "--rpc", silent, "--timeout", 0.3, "--deployment", stage.record, "--json")
    assert time.monotonic() - begin < 3
    assert (refused.code, refused.error["kind"]) == (6, "chain")
    assert f"the node at {silent} does not answer in time" in refused.error["message"]


@pytest.mark.parametrize(
    ("rpc", "urls"),
    [
        ("http://a", ["http://a"]),
        ("http://a,http://b", ["http://a", "http://b"]),
        ("http://a , https://b/x,y , http://c", ["http://a", "https://b/x,y", "http://c"]),
        ("http://a,b", ["http://a,b"]),
    ],
)
def test_addresses_are_separated_by_commas(rpc: str, urls: list[str]) -> None:
    assert rpc_urls(rpc) == urls


def test_every_command_that_asks_a_node_has_a_timeout(run: Run) -> None:
    for words in (["book", "show"], ["chain", "flag"], ["wallet", "restore"], ["account", "open"], ["oracle", "post"]):
        assert "--timeout SECONDS" in run(*words, "--help").stdout
    assert "--timeout" not in run("wallet", "new", "--help").stdout
