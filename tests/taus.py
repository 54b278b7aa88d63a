"""Powers of tau for tests of ceremonies, which refuse those of development keys: their secrets are public."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent
BEACON = "0102030405060708090a0b0c0d0e0f10"


def make_tau(folder: Path, power: int, *steps: str) -> Path:
    """Powers of tau, step by step, with snarkjs' command line.

    Args:
        folder: where the file of each step is written.
        power: log2 of their number.
        steps: "contribute", "beacon" and "prepare", in the order wanted.
    """
    command: list[str | Path] = ["node", ROOT / "node_modules" / "snarkjs" / "build" / "cli.cjs", "powersoftau"]
    path = folder / "0.ptau"
    arguments = {"contribute": ["-e=test"], "beacon": [BEACON, "10"], "prepare": []}
    _run([*command, "new", "bn128", str(power), path])
    for number, step in enumerate(steps, 1):
        after = folder / f"{number}.ptau"
        name = {"prepare": ["prepare", "phase2"]}.get(step, [step])
        _run([*command, *name, path, after, *arguments[step]])
        path = after
    return path


def _run(command: list[str | Path]) -> None:
    subprocess.run(command, check=True, capture_output=True)
