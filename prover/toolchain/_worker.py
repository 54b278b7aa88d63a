"""Proving with snarkjs in one warm Node process."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Final, Self

from prover.toolchain._artifacts import Artifacts
from prover.toolchain._compile import CompiledCircuit
from prover.toolchain._inputs import Inputs, require_decimals, require_well_formed
from prover.toolchain._node import NodeProcess, NodeRefusalError
from verifier import InputError, ProvingError, ToolError, VerifyingKey

DEFAULT_TIMEOUT_SECONDS: Final = 120.0


class SnarkjsBackend:
    """Witnesses, proofs and snarkjs' own verdict on proofs.

    Node starts at the first call, keeps keys and circuits in memory between calls, and ends with `close`, with
    the context, or with this process. Inputs travel through a pipe: they are in no argument, environment
    variable or file. Safe for several threads; calls run one at a time.

    Args:
        timeout: seconds that one call may take before Node is stopped.
    """

    def __init__(self, *, timeout: float = DEFAULT_TIMEOUT_SECONDS) -> None:
        self._timeout = timeout
        self._node = NodeProcess("worker.mjs")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """Process id of Node, while it runs."""
        return self._node.pid

    def close(self) -> None:
        """End Node. A later call starts it again."""
        self._node.close()

    def witness(self, circuit: Artifacts | CompiledCircuit, inputs: Inputs) -> bytes:
        """Calculate a witness.

        Returns:
            A .wtns file.

        Raises:
            ProvingError: the inputs do not satisfy the statement; says at which template and line.
            InputError: an input is missing, unknown, of a wrong length, or no decimal string below r.
            ToolError: Node is missing, died, or did not answer in time.
        """
        require_decimals(inputs)
        answer = self._request("witness", wasm=str(circuit.wasm), inputs=inputs)
        return base64.b64decode(answer)

    def prove(self, artifacts: Artifacts, inputs: Inputs) -> tuple[dict[str, Any], list[str]]:
        """Make a proof.

        Returns:
            snarkjs' proof and the public signals.

        Raises:
            ProvingError, InputError, ToolError: as `witness`.
        """
        require_decimals(inputs)
        answer = self._request("prove", wasm=str(artifacts.wasm), zkey=str(artifacts.zkey), inputs=inputs)
        return answer["proof"], answer["publicSignals"]

    def prove_witness(self, artifacts: Artifacts, witness: bytes) -> tuple[dict[str, Any], list[str]]:
        """Make a proof from a witness.

        Args:
            artifacts: the instance.
            witness: a .wtns file.

        Returns:
            snarkjs' proof and the public signals.

        Raises:
            ProvingError: the witness does not satisfy the constraints.
            ToolError: as `witness`.
        """
        answer = self._request(
            "proveWitness",
            zkey=str(artifacts.zkey),
            key=str(artifacts.verification_key),
            witness=base64.b64encode(witness).decode(),
        )
        return answer["proof"], answer["publicSignals"]

    def verify(self, key: VerifyingKey, signals: Sequence[str], proof: Mapping[str, Any]) -> bool:
        """snarkjs' verdict. The one to rely on is `verifier.verify`: snarkjs reduces coordinates modulo q.

        Raises:
            InputError: signals or proof are not of the form that snarkjs writes.
            VerificationError: `key-without-contribution`, or `wrong-number-of-signals`, which snarkjs would
                take for signals that are 0.
            ToolError: as `witness`.
        """
        require_well_formed(key, signals, proof)
        return bool(self._request("verify", key=key.to_json(), signals=list(signals), proof=dict(proof)))

    def _request(self, op: str, **parameters: Any) -> Any:
        try:
            return self._node.request(op, parameters, timeout=self._timeout)
        except NodeRefusalError as refusal:
            if refusal.kind == "assert":
                raise ProvingError(f"the statement does not hold for these inputs: {refusal}") from None
            if refusal.kind == "inputs":
                raise InputError(f"inputs of the circuit: {refusal}") from None
            raise ToolError(f"snarkjs failed ({refusal})") from None
        except OSError as error:
            raise ToolError(f"snarkjs cannot read its files: {error.strerror}") from None
