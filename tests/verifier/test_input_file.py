"""Input files: a pipe, a device or a folder is refused at once, wherever a file is named."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from prover import AssetList, PriceRound
from prover.account import GuardianKey, Wallet
from prover.cli._account_offers import load_offer
from prover.cli._files import read_csv
from prover.cli._keystore import unlock
from prover.formats._iden3 import read_bytes
from prover.market import load_price_series
from prover.onchain._report_file import ReportFile
from prover.storage import read_private
from prover.toolchain import load_account, load_round
from prover.toolchain._storage import existing_file
from prover.trade import Offer, load_ticket
from verifier import InputError, ProofEnvelope, VerifyingKey, read_json
from verifier._input_file import read_input_file

READERS: dict[str, Callable[[Path], object]] = {
    "input": lambda path: read_input_file(path, str(path)),
    "json": lambda path: read_json(path, "file"),
    "proof": ProofEnvelope.load,
    "verifying key": VerifyingKey.load,
    "book": AssetList.load,
    "account": lambda path: load_account(path, "perps-13"),
    "account without a book": load_account,
    "round": load_round,
    "round of a book": lambda path: PriceRound.load(path, AssetList.load(BOOK)),
    "report": ReportFile.load,
    "keystore": unlock,
    "wallet": lambda path: Wallet.load(path, "correct horse"),
    "guardian key": lambda path: GuardianKey.load(path, "correct horse"),
    "offer": Offer.load,
    "offer or text": load_offer,
    "ticket": load_ticket,
    "csv": read_csv,
    "prices": load_price_series,
    "binary": read_bytes,
    "copied": existing_file,
}
BOOK = Path(__file__).parents[2] / "books" / "perps-13.json"

PASSPHRASE = pytest.param(lambda path: read_private(path, "passphrase file", 10, pipes=True), id="passphrase")
"""May be a pipe: `--passphrase-file <(pass show wallet)`."""

EACH = [pytest.param(read, id=name) for name, read in READERS.items()]

readers = pytest.mark.parametrize("read", EACH)
readers_and_passphrase = pytest.mark.parametrize("read", [*EACH, PASSPHRASE])


@readers
def test_a_pipe_without_a_writer_is_refused_and_not_waited_for(tmp_path: Path, read: Callable[[Path], object]) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    with pytest.raises(InputError, match=r"pipe: a pipe, not a regular file"):
        read(pipe)


@readers_and_passphrase
def test_a_device_is_refused(read: Callable[[Path], object]) -> None:
    with pytest.raises(InputError, match="/dev/zero: a device, not a regular file"):
        read(Path("/dev/zero"))


@readers_and_passphrase
def test_a_folder_is_refused(tmp_path: Path, read: Callable[[Path], object]) -> None:
    with pytest.raises(InputError, match=f"{tmp_path}: a folder, not a regular file"):
        read(tmp_path)


@readers_and_passphrase
def test_a_socket_and_what_is_missing_are_refused(tmp_path: Path, read: Callable[[Path], object]) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        with pytest.raises(InputError, match="socket: No such device or address"):
            read(tmp_path / "socket")
    with pytest.raises(InputError, match="absent: No such file or directory"):
        read(tmp_path / "absent")


def test_a_link_is_followed_and_no_descriptor_stays_open(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(BOOK)
    before = len(list(Path("/dev/fd").iterdir()))
    assert read_input_file(tmp_path / "link", "file") == BOOK.read_bytes()
    with pytest.raises(InputError, match="larger than 10 bytes"):
        read_input_file(BOOK, "file", 10)
    for refused in (tmp_path, Path("/dev/zero")):
        with pytest.raises(InputError):
            read_input_file(refused, "file")
    assert len(list(Path("/dev/fd").iterdir())) == before
