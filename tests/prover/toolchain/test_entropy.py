import os
import pty
import sys
from pathlib import Path

import psutil
import pytest

from prover.toolchain import Ceremony, CompiledCircuit, read_entropy
from verifier import InputError


def test_entropy_is_read_from_a_descriptor() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"\xffdice")
    os.close(writer)
    assert bytes.fromhex(read_entropy(reader)) == b"\xffdice"
    os.close(reader)


def test_a_closed_descriptor_is_refused() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    os.close(writer)
    with pytest.raises(InputError, match=f"file descriptor {reader} cannot be read"):
        read_entropy(reader)


def test_without_a_terminal_no_question_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        assert read_entropy(None) == ""


def test_entropy_typed_at_a_terminal_is_not_echoed() -> None:
    script = "from prover.toolchain import read_entropy; print('length', len(read_entropy(None)), 'end')"
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-c", script])  # noqa: S606
    seen = b""
    while b"empty" not in seen:
        seen += os.read(terminal, 1000)
    os.write(terminal, b"seven dice\n")
    while b"end" not in seen:
        seen += os.read(terminal, 1000)
    assert os.waitpid(child, 0)[1] == 0
    os.close(terminal)
    assert b"length 10" in seen
    assert b"dice" not in seen


@pytest.mark.full
def test_entropy_is_in_no_argument_environment_or_log(
    powers_of_tau: Path, square: CompiledCircuit, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    seen: list[str] = []

    def look(_: object) -> None:
        for process in psutil.Process().children():
            if process.status() == psutil.STATUS_ZOMBIE:  # of another test, not yet reaped
                continue
            text = " ".join(process.cmdline())
            if "ceremony.mjs" in text:
                seen.append(text + repr(process.environ()))

    with Ceremony(square, progress=look) as ceremony:
        ceremony.new(powers_of_tau, tmp_path / "blank")
        ceremony.contribute(tmp_path / "blank", tmp_path / "key", "bob", entropy="seven dice")
    assert seen
    assert "seven dice" not in "".join(seen) + caplog.text
    assert b"seven dice" not in (tmp_path / "key").read_bytes()
