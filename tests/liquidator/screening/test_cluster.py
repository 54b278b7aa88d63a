"""A cluster on this machine does what the other executors do, behind certificates."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import Client, LocalCluster
from distributed.security import Security
from steps import owner_keys

from liquidator.screening import DaskCluster, ShardedAccounts
from prover.account import State, StateRecord, ViewingKeys
from verifier import MARGIN_KINDS, InputError, MarginsPerUnit, RoundVectors, ToolError

N = 13

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that signs itself, with its key: for all parts of the cluster."""
    folder = tmp_path_factory.mktemp("cluster")
    key, signed, both = folder / "key.pem", folder / "certificate.pem", folder / "both.pem"
    options = "-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    subprocess.run(
        [openssl, "req", *options.split(), "-keyout", str(key), "-out", str(signed)], check=True, capture_output=True
    )
    both.write_text(signed.read_text() + key.read_text())
    return both


@pytest.fixture(scope="module")
def scheduler(certificate: Path) -> Iterator[str]:
    own = str(certificate)
    security = Security(
        tls_ca_file=own, tls_scheduler_cert=own, tls_worker_cert=own, tls_client_cert=own, require_encryption=True
    )
    with LocalCluster(
        2, threads_per_worker=1, protocol="tls://", security=security, host="127.0.0.1", dashboard_address=":0"
    ) as cluster:
        yield cluster.scheduler_address


def test_an_item_goes_to_the_same_worker_each_time(scheduler: str, certificate: Path) -> None:
    def process_of(_: int) -> int:
        return os.getpid()

    with DaskCluster(scheduler, certificate, certificate) as cluster:
        assert cluster.workers == 2
        first, second = (cluster.map(process_of, range(4)) for _ in range(2))
    assert first == second
    assert first[0] == first[2] != first[1] == first[3]
    assert os.getpid() not in first


def test_accounts_are_opened_and_screened_there(scheduler: str, certificate: Path) -> None:
    viewing = ViewingKeys.of_owner(owner_keys())
    none = MarginsPerUnit.of_both_sides([0] * N)
    sealed = {quote + 2: viewing.seal(State((0,) * N, quote)) for quote in (-2, -1, 0, 1)}
    records = {one: StateRecord(viewing, each.commitment, each.rho, each.ciphertext) for one, each in sealed.items()}
    with DaskCluster(scheduler, certificate, certificate) as cluster, ShardedAccounts(N, cluster) as shards:
        assert not shards.change(records)
        found = shards.screen(RoundVectors((1,) * N, none, none, none))
    assert found == {kind: {0: sealed[0].state, 1: sealed[1].state} for kind in MARGIN_KINDS}


def test_a_worker_that_does_not_answer_is_told_in_time(scheduler: str, certificate: Path) -> None:
    with (
        DaskCluster(scheduler, certificate, certificate, timeout=0.2) as cluster,
        pytest.raises(ToolError, match=r"did not answer within 0\.2 s"),
    ):
        cluster.map(time.sleep, [2])


def test_secrets_go_to_no_cluster_without_certificates(certificate: Path) -> None:
    with pytest.raises(InputError, match="must begin with tls://"):
        DaskCluster("tcp://127.0.0.1:8786", certificate, certificate)


def test_a_cluster_needs_workers(scheduler: str, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Client, "scheduler_info", lambda *_, **__: {"workers": {}})
    with pytest.raises(InputError, match="no workers"):
        DaskCluster(scheduler, certificate, certificate)
