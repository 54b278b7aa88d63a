"""What a statement declares about its signals, which the audit checks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Signals = Mapping[str, tuple[int, ...]]
"""Field elements by signal name: one for a scalar, all in index order for an array."""


@dataclass(frozen=True)
class Declaration:
    """What the wires of a statement mean.

    Attributes:
        public: names of the public signals, in the order in which a verifier takes them.
        state: names of the other signals that carry meaning: an attacker gains by changing them.
        determined: those of `public` and `state` that the remaining inputs determine.
        holds: the reference: is the statement true of these public signals and this state? It knows nothing of the
            circuit. True also where no harm can come: public signals that every verifier refuses, or a state that
            the statement assumes away.
        harmless: patterns of wires (`*` matches any characters) that may be free, or cannot be proven unique, or
            meet no other signal; each with the reason why it is harmless. A pattern that is not needed is a
            failure.
    """

    public: tuple[str, ...]
    state: tuple[str, ...]
    determined: tuple[str, ...]
    holds: Callable[[Signals], bool]
    harmless: Mapping[str, str] = field(default_factory=dict)
