"""Constraint systems written by hand, for tests of the tools that read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from prover.formats import ONE, R1CS, Constraint, Symbols, Witness
from verifier import SCALAR_MODULUS

Form = Mapping[str, int]
"""Coefficients by name of the wire; "1" is the constant."""


@dataclass(frozen=True)
class System:
    r1cs: R1CS
    symbols: Symbols

    def witness(self, **values: int) -> Witness:
        """One value a wire, by name; `x_0` is x[0]. Negative values are modulo r."""
        by_name = {name.replace("[", "_").removesuffix("]"): name for name in self.symbols.wires}
        wires = {self.symbols.wires[by_name[name]]: value % SCALAR_MODULUS for name, value in values.items()}
        return Witness(tuple({ONE: 1, **wires}[wire] for wire in range(self.r1cs.wires)))


def system(
    rows: Sequence[tuple[Form, Form, Form]],
    *,
    outputs: Sequence[str] = (),
    public: Sequence[str] = (),
    private: Sequence[str] = (),
    rest: Sequence[str] = (),
    lost: Sequence[str] = (),
) -> System:
    """A system of rows a * b = c. `lost` are private inputs without a wire."""
    names = [*outputs, *public, *private, *lost, *rest]
    labels = dict(zip(names, count(1), strict=False))
    wires = dict(zip((name for name in names if name not in lost), count(1), strict=False))

    def form(coefficients: Form) -> dict[int, int]:
        return {wires.get(name, ONE): value % SCALAR_MODULUS for name, value in coefficients.items()}

    r1cs = R1CS(
        wires=1 + len(wires),
        outputs=len(outputs),
        public_inputs=len(public),
        private_inputs=len(private) + len(lost),
        constraints=[Constraint(form(a), form(b), form(c)) for a, b, c in rows],
        labels=[0, *(labels[name] for name in wires)],
    )
    return System(r1cs, Symbols(wires, labels, frozenset(lost)))


def bit(name: str) -> tuple[Form, Form, Form]:
    """A row that allows a wire only 0 and 1."""
    return {name: 1}, {name: 1, "1": -1}, {}
