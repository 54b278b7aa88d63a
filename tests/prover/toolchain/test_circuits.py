import pytest

from prover.toolchain import INSTANCES
from prover.toolchain._circuits import find_instance
from verifier import STATEMENTS, InputError


def test_every_statement_has_an_instance_at_each_of_its_sizes() -> None:
    assert list(INSTANCES) == [f"{name}-{n}" for name, row in STATEMENTS.items() for n in row.sizes]
    for name, instance in INSTANCES.items():
        assert instance.name == name == f"{instance.statement}-{instance.n}"
        assert instance.params == (instance.n, *STATEMENTS[instance.statement].circuit.flags)


def test_the_main_component_names_its_public_signals_in_order() -> None:
    assert find_instance("margin-lean-28").main().splitlines() == [
        "pragma circom 2.2.3;",
        'include "margin.circom";',
        "component main {public [commitment, healthy, recipient, effectivePrice, marginPerUnit, shortExtra]} = "
        "Margin(28, 0);",
    ]


def test_an_unknown_instance_is_answered_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="no circuit instance 'margin-14': choose one of margin-13,"):
        find_instance("margin-14")
