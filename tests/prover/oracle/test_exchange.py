"""How reports travel: what is served and written is whole, and no peer can hold a reporter up."""

import json
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from eth_account import Account
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_fixed

from prover.chain import RequestPolicy, sign_report
from prover.onchain import ReportFile
from prover.oracle import PeerUrl, ReportFolder, ReportServer, parse_listen
from tests.raw_server import (
    OK,
    Answer,
    RawServer,
    document,
    dripping,
    endless_body,
    hangs_up,
    redirect_to,
    silent,
)
from verifier import ChainError, InputError, ZkSolvencyError

POLICY = RequestPolicy(connect_seconds=0.5, response_seconds=0.4)
ROUNDS = "0x0165878A594ca255338adfa4d48449f69242Eb8F"
REPORTER = Account.from_key("0x" + "7" * 64)
FILE = ReportFile(5, ROUNDS, sign_report(REPORTER, 5, ROUNDS, timestamp=9, prices=[7, None], funding=[0, 0]))
CONTENT = json.dumps(FILE.to_json()).encode()


@pytest.fixture
def server() -> Iterator[ReportServer]:
    with ReportServer("127.0.0.1", 0) as server:
        yield server


def read(peer: PeerUrl | ReportFolder) -> bytes | ZkSolvencyError:
    peer.start()
    ((_, content),) = peer.read([REPORTER.address])
    return content


def test_a_peer_gets_the_newest_report(server: ReportServer) -> None:
    peer = PeerUrl(server.url, POLICY)
    assert "HTTP 404" in str(read(peer))
    server.publish(FILE)
    content = read(peer)
    assert isinstance(content, bytes)
    assert ReportFile.parse(content, "x") == FILE


def test_nothing_but_the_report_is_served(server: ReportServer) -> None:
    server.publish(FILE)
    base = server.url.removesuffix("/report")
    for path in ("/", "/report/../..", "/etc/passwd", "/report?x"):
        assert requests.get(base + path, timeout=5).status_code == 404
    assert requests.post(server.url, data=b"x" * 1000, timeout=5).status_code == 501


@pytest.mark.parametrize("address", ["0.0.0.0", "10.0.0.1", "localhost", "", "::1", "127.0.0.1.example"])  # noqa: S104
def test_reports_are_served_on_loopback_alone(address: str) -> None:
    with pytest.raises(InputError, match="loopback"):
        ReportServer(address, 0)


def test_a_port_that_is_taken_is_told(server: ReportServer) -> None:
    port = urlsplit(server.url).port or 0
    with pytest.raises(InputError, match="cannot be listened at"):
        ReportServer("127.0.0.1", port)


def test_idle_clients_do_not_shut_out_others_for_good(server: ReportServer) -> None:
    server.publish(FILE)
    address = (urlsplit(server.url).hostname or "", urlsplit(server.url).port or 0)
    with ExitStack() as idle:
        for _ in range(40):
            idle.enter_context(socket.create_connection(address))
        with pytest.raises(OSError, match=r"aborted|reset"):
            requests.get(server.url, timeout=5)
    again = Retrying(retry=retry_if_exception_type(OSError), stop=stop_after_attempt(100), wait=wait_fixed(0.05))
    assert again(requests.get, server.url, timeout=5).content == CONTENT


@pytest.mark.parametrize("text", ["127.0.0.1", "8550", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1"])
def test_a_place_to_listen_at_has_an_address_and_a_port(text: str) -> None:
    assert parse_listen("127.0.0.1:8550") == ("127.0.0.1", 8550)
    with pytest.raises(InputError, match="expected an address and a port"):
        parse_listen(text)


BAD: dict[str, tuple[Answer, str]] = {
    "silent": (silent, "does not answer in time"),
    "hangs up": (hangs_up, "does not answer"),
    "endless": (endless_body, "answers with more than 65536 bytes"),
    "drips its body": (dripping(OK + b"\r\n"), "does not end its answer in time"),
    "drips its headers": (dripping(OK), "does not end its answer in time"),
    "drips a header": (dripping(OK + b"A: "), "does not end its answer in time"),
    "says no": (document(b"", b"HTTP/1.1 500 Oops\r\n"), "answers with HTTP 500"),
    "says no HTTP": (document(b"", b"hello\r\n"), "does not answer"),
}


@pytest.mark.parametrize(("answer", "reason"), BAD.values(), ids=BAD)
def test_a_peer_that_misbehaves_is_given_up(answer: Answer, reason: str) -> None:
    with RawServer(answer) as server:
        error = read(PeerUrl(server.url, POLICY))
    assert isinstance(error, ChainError)
    assert reason in str(error)


def test_a_peer_that_never_ends_is_not_asked_twice_at_a_time() -> None:
    with RawServer(dripping(OK)) as server:
        peer = PeerUrl(server.url, POLICY)
        assert all(isinstance(read(peer), ChainError) for _ in range(3))
        assert server.connections == 1


def test_a_redirect_is_not_followed() -> None:
    with RawServer(document(CONTENT)) as other, RawServer(redirect_to(other.url)) as server:
        assert "HTTP 302" in str(read(PeerUrl(server.url, POLICY)))
        assert other.connections == 0


def test_the_key_of_a_url_is_not_shown() -> None:
    ((name, error),) = PeerUrl("http://127.0.0.1:1/0123456789SECRET", POLICY).read([])
    assert "SECRET" not in f"{name} {error}"


def test_a_folder_has_the_newest_report_of_each_reporter(tmp_path: Path) -> None:
    folder = ReportFolder(tmp_path)
    assert folder.read([REPORTER.address]) == []
    folder.publish(FILE)
    folder.publish(FILE)
    content = read(folder)
    assert isinstance(content, bytes)
    assert ReportFile.parse(content, "x") == FILE
    assert [path.name for path in tmp_path.iterdir()] == [f"{REPORTER.address.lower()}.json"]
    assert folder.read(["0x" + "1" * 40]) == []


def test_other_files_of_a_folder_are_not_looked_at(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.json")
    (tmp_path / f"{REPORTER.address}.json").write_text("not the name that reporters use")
    assert ReportFolder(tmp_path).read([REPORTER.address]) == []


def test_a_file_that_is_no_report_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / f"{REPORTER.address.lower()}.json"
    folder = ReportFolder(tmp_path)
    os.mkfifo(path)
    assert "a pipe, not a regular file" in str(read(folder))
    path.unlink()
    path.write_bytes(b"0" * 65537)
    assert "larger than 65536 bytes" in str(read(folder))
    path.unlink()
    path.symlink_to("/dev/zero")
    assert "a device, not a regular file" in str(read(folder))


def test_a_folder_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such folder"):
        ReportFolder(tmp_path / "missing")


def test_a_report_is_public(tmp_path: Path) -> None:
    ReportFolder(tmp_path).publish(FILE)
    (path,) = tmp_path.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
