"""What commands keep of a book between two runs: a node that has forgotten its logs still serves."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.account_stage import AccountStage, account_stage, write_quick_wallet
from cli.harness import Run
from omitted_logs import LOGS

from prover.onchain import _reader
from tests.fault_proxy import FaultProxy, refuses

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccountStage]:
    with account_stage(tmp_path_factory.mktemp("accounts"), deposit=10**18) as made:
        write_quick_wallet(made.folder / "guardian.age", made.book.guardian)
        yield made


def test_a_second_run_needs_no_old_logs(
    run: Run, stage: AccountStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A simulation of a node that keeps no logs: from the second run on, the proxy refuses to tell of any."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(_reader, "SETTLED", 0)
    phrase = ["--passphrase-file", stage.passphrase_file]
    guardian = ["guardian", "show", "--guardian-key", stage.folder / "guardian.age", *phrase, "--positions", "--json"]
    owner = ["wallet", "show", "--wallet", stage.wallet, *phrase, "--positions", "--json"]
    with FaultProxy(stage.book.node.url) as proxy:
        place = ["--rpc", proxy.url, "--deployment", stage.book.record]
        first = [run(*command, *place).json for command in (guardian, owner)]
        assert [len(shown["accounts"]) for shown in first] == [2, 2]
        kept = tmp_path / "zksolvency" / "books.sqlite"
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        proxy.always(LOGS, refuses("history has been pruned", 4444))
        for command, before in zip((guardian, owner), first, strict=True):
            again = run(*command, *place)
            assert again.code == 0, again
            for shown in (before, again.json):
                shown.get("round", {}).pop("age", None)
            assert again.json["accounts"] == before["accounts"]
        kept.unlink()
        for command in (guardian, owner):
            refused = run(*command, *place)
            assert (refused.code, "pruned" in refused.error["message"]) == (6, True), refused
