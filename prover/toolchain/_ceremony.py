"""Production keys: phase 2 of a Groth16 setup, over powers of tau that a public ceremony made.

A key is sound when one participant, of powers of tau or of phase 2 each, was honest and forgot the secret.
This module checks that files follow from one another, and that there is a contribution. Participants must compare
the listed hashes with those that they published.
"""

import getpass
import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal, Self

from prover.toolchain._compile import CompiledCircuit
from prover.toolchain._node import NodeProcess, NodeRefusalError
from prover.toolchain._progress import Progress, ProgressSink, ignore_progress
from prover.toolchain._storage import existing_file, new_file
from verifier import InputError, VerificationError, VerifyingKey

_SILENCE_SECONDS: Final = 3600.0
_BEACON: Final = re.compile(r"([0-9a-f]{2}){1,255}")
_MIN_ITERATIONS: Final = 10
_MAX_ITERATIONS: Final = 63
_MAX_NAME: Final = 64
_MAX_ENTROPY_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class Contribution:
    """One step of phase 2.

    Attributes:
        name: what the participant is called; chosen by the participant.
        kind: "beacon" when its secret is public and adds no trust.
        hash: BLAKE2b-512 of the contribution, in hex, as the participant's snarkjs printed it.
    """

    name: str
    kind: Literal["participant", "beacon"]
    hash: str


class Ceremony:
    """The steps of phase 2 for one circuit. Context manager: it runs Node.

    Args:
        circuit: the compiled instance.
        progress: receives each step.
    """

    def __init__(self, circuit: CompiledCircuit, *, progress: ProgressSink = ignore_progress) -> None:
        self._circuit = circuit
        self._progress = progress
        self._node = NodeProcess("ceremony.mjs")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._node.close()

    def new(self, ptau: Path, target: Path) -> None:
        """Start: verify the powers of tau and make the key that the first participant gets.

        Args:
            ptau: powers of tau, prepared for phase 2.
            target: the key to write; must not exist.

        Raises:
            VerificationError: `powers-of-tau-refused`.
            InputError: a file is missing, exists already, or the powers of tau do not fit the circuit.
            ToolError: Node failed, or the disk is full.
        """
        with new_file(target) as partial:
            self._verify_tau(ptau)
            self._ask("create", "new key", InputError, r1cs=self._circuit.r1cs, ptau=ptau, zkey=partial)

    def contribute(self, source: Path, target: Path, name: str, *, entropy: str = "") -> str:
        """Take part: the secret is drawn from the operating system, used and forgotten.

        Args:
            source: the key that the one before handed on.
            target: the key to hand on; must not exist.
            name: public name of the participant, up to 64 characters.
            entropy: added to the randomness of the operating system; secret.

        Returns:
            The hash of the contribution, which the participant publishes.

        Raises:
            InputError: as `new`, or a name that is empty or too long.
            ToolError: as `new`.
        """
        if not 0 < len(name.encode()) <= _MAX_NAME or not name.isprintable():
            raise InputError(f"the name of a participant has 1 to {_MAX_NAME} printable characters")
        with new_file(target) as partial:
            parameters = {"source": existing_file(source), "zkey": partial, "name": name, "entropy": entropy}
            return str(self._ask("contribute", "contribution", InputError, **parameters))

    def beacon(self, source: Path, target: Path, value: str, iterations: int) -> str:
        """Close with a public random value that was unknown until after the last contribution.

        Args:
            source: the last participant's key.
            target: the final key; must not exist.
            value: the beacon in hex, up to 255 bytes.
            iterations: log2 of the number of hashes, 10 to 63.

        Returns:
            The hash of the contribution.

        Raises:
            InputError: as `new`, or the beacon is not of that form.
            ToolError: as `new`.
        """
        if not _BEACON.fullmatch(value.lower()):
            raise InputError("a beacon is 1 to 255 bytes in hex")
        if not _MIN_ITERATIONS <= iterations <= _MAX_ITERATIONS:
            raise InputError(f"a beacon has {_MIN_ITERATIONS} to {_MAX_ITERATIONS} as log2 of its iterations")
        with new_file(target) as partial:
            parameters = {"source": existing_file(source), "zkey": partial, "value": value.lower()}
            return str(self._ask("beacon", "beacon", InputError, iterations=iterations, **parameters))

    def verify(self, ptau: Path, zkey: Path) -> tuple[Contribution, ...]:
        """Check powers of tau and key against the circuit.

        Returns:
            The contributions, first to last, for their hashes to be compared with the published ones.

        Raises:
            VerificationError: `powers-of-tau-refused`, `key-refused`, or `key-without-contribution` when only
                beacons took part, or there is no contribution.
            InputError: a file is missing.
            ToolError: Node failed.
        """
        return self._verify(ptau, zkey)[0]

    def export(self, ptau: Path, zkey: Path, folder: Path) -> tuple[Contribution, ...]:
        """Verify, then write circuit.zkey and a verification_key.json.

        The latter says what it is a key of, and that it comes from a ceremony.

        Args:
            ptau: the powers of tau.
            zkey: the final key.
            folder: to write; must not exist.

        Returns:
            The contributions, as `verify`.

        Raises:
            VerificationError, InputError, ToolError: as `verify` and `new`.
        """
        with new_file(folder) as partial:
            # The copy is what is verified: the original may change meanwhile.
            partial.mkdir()
            copy = partial / "circuit.zkey"
            shutil.copyfile(existing_file(zkey), copy)
            contributions, key = self._verify(ptau, copy)
            content = key.to_json() | {"contributions": [asdict(one) for one in contributions]}
            (partial / "verification_key.json").write_text(json.dumps(content, indent=1))
        return contributions

    def _verify(self, ptau: Path, zkey: Path) -> tuple[tuple[Contribution, ...], VerifyingKey]:
        self._verify_tau(ptau)
        parameters = {"r1cs": self._circuit.r1cs, "ptau": ptau, "zkey": existing_file(zkey)}
        answer = self._ask("verify", "verify key", _refusal("key-refused"), **parameters)
        contributions = tuple(
            Contribution(_printable(one["name"]), one["kind"], one["hash"]) for one in answer["contributions"]
        )
        instance = self._circuit.instance
        key = VerifyingKey.from_snarkjs(answer["verificationKey"], instance.statement, instance.n, "ceremony")
        if all(one.kind == "beacon" for one in contributions):
            raise VerificationError(
                "key-without-contribution", "only a beacon took part: its secret is public, so proofs could be forged"
            )
        return contributions, key

    def _verify_tau(self, ptau: Path) -> None:
        reason = "powers-of-tau-refused"
        tau = self._ask("verifyTau", "verify powers of tau", _refusal(reason), ptau=existing_file(ptau))
        if tau["participants"] == 0:
            raise VerificationError(reason, "only a beacon took part in the powers of tau: their secret is public")

    def _ask(self, op: str, phase: str, refused: Callable[[str], Exception], **parameters: object) -> Any:
        values = {name: str(value) if isinstance(value, Path) else value for name, value in parameters.items()}
        self._progress(Progress(phase, 0, 1))
        try:
            answer = self._node.request(
                op,
                values,
                timeout=_SILENCE_SECONDS,
                progress=lambda done, total: self._progress(Progress(phase, done, total)),
            )
        except NodeRefusalError as refusal:
            raise refused(_printable(str(refusal))) from None
        self._progress(Progress(phase, 1, 1))
        return answer


def read_entropy(descriptor: int | None) -> str:
    """Entropy of the participant's own, to add to that of the operating system.

    Args:
        descriptor: a file descriptor to read it from; None: ask at the terminal, if there is one.

    Returns:
        The entropy; empty when there is no terminal to ask at. Secret.

    Raises:
        InputError: the descriptor cannot be read.
    """
    if descriptor is None:
        return getpass.getpass("Random text, not shown (may be empty): ") if sys.stdin.isatty() else ""
    try:
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(_MAX_ENTROPY_BYTES).hex()
    except OSError as error:
        raise InputError(f"file descriptor {descriptor} cannot be read: {error.strerror}") from None


def _refusal(reason: str) -> Callable[[str], VerificationError]:
    return lambda message: VerificationError(reason, message)


def _printable(text: str) -> str:
    """Remove control characters, which could steer a terminal: the text is untrusted."""
    return "".join(char if char.isprintable() else "?" for char in text)
