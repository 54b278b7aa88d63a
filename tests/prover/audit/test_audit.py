"""The audit as a whole, on systems small enough to know every answer."""

import random
from collections.abc import Mapping
from dataclasses import replace

import pytest
from systems import Form, System, bit, system

from prover.audit import AuditReport, Check, Declaration, Effort, Signals, audit
from prover.formats import Witness
from verifier import SCALAR_MODULUS, InputError

SECRET = 8_317_446_201
"""A value that must not show in anything the audit says."""


LITTLE = Effort(pairs=200, attacks=50)


def always(_: Signals) -> bool:
    return True


def run(built: System, declaration: Declaration, *witnesses: Witness, effort: Effort = LITTLE) -> AuditReport:
    return audit(built.r1cs, built.symbols, witnesses, declaration, random.Random(1), effort)


def failed(report: AuditReport) -> dict[Check, set[str]]:
    """Names of wires by the check that objects to them."""
    checks = {finding.check for finding in report.failures}
    return {check: {name for f in report.failures if f.check == check for name in f.wires} for check in checks}


SQUARE = system([({"root": 1}, {"root": 1}, {"square": 1})], outputs=["square"], private=["root"])
SQUARE_DECLARED = Declaration(
    public=("square",),
    state=("root",),
    determined=("square",),
    holds=lambda signals: pow(signals["root"][0], 2, SCALAR_MODULUS) == signals["square"][0],
)
SQUARE_WITNESS = SQUARE.witness(root=SECRET, square=SECRET**2)


def test_a_sound_circuit_is_clean_and_changes_to_true_statements_are_counted() -> None:
    report = run(SQUARE, SQUARE_DECLARED, SQUARE_WITNESS)
    assert report.failures == ()
    assert set(report.other_statements) == {"root", "square"}
    assert report.sizes["wires proven unique"] == 1
    assert report.sizes["attacks that made a witness"] > 0


def test_the_reference_is_asked_about_every_other_witness() -> None:
    odd = replace(SQUARE_DECLARED, holds=lambda signals: signals["root"][0] % 2 == 1)
    found = failed(run(SQUARE, odd, SQUARE_WITNESS))
    assert found == {Check.ATTACK: {"root"}, Check.MUTATION: {"root", "square"}}


def test_pairs_keep_the_constraint_that_they_share() -> None:
    """Two independent values would meet y = 7 x by luck only."""
    built = system([({"1": 7}, {"x": 1}, {"y": 1})], outputs=["y"], private=["x"])
    declared = Declaration(("y",), ("x",), ("y",), always)
    report = run(built, declared, built.witness(x=SECRET, y=7 * SECRET), effort=Effort(pairs=50, attacks=0))
    assert report.other_statements["x"] == 50


CHECKED = system([({"root": 1}, {"root": 1}, {"square": 1})], public=["square"], private=["root"])


def test_an_attack_counts_only_when_every_constraint_holds() -> None:
    """square is an input here: changing it alone leads to no witness."""
    declared = replace(SQUARE_DECLARED, determined=())
    report = run(CHECKED, declared, SQUARE_WITNESS)
    assert report.failures == ()
    assert report.sizes["attacks that made a witness"] < report.sizes["attacks tried"]


def test_an_input_that_is_declared_determined_is_solved_for() -> None:
    report = run(CHECKED, SQUARE_DECLARED, SQUARE_WITNESS, effort=Effort(pairs=0, attacks=5))
    assert report.failures == ()
    assert report.sizes["wires proven unique"] == 1
    assert report.sizes["attacks that made a witness"] == report.sizes["attacks tried"]


def test_an_input_that_is_wrongly_declared_determined_is_found() -> None:
    declared = replace(SQUARE_DECLARED, determined=("square", "root"))
    assert failed(run(CHECKED, declared, SQUARE_WITNESS))[Check.UNIQUENESS]


def test_the_reference_is_asked_about_the_given_witness() -> None:
    never = replace(SQUARE_DECLARED, holds=lambda signals: False)
    assert Check.REFERENCE in failed(run(SQUARE, never, SQUARE_WITNESS))


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"public": ("cube",)}, "no signal cube"),
        ({"state": ("square", "ro")}, "no signal ro"),
        ({"determined": ("other",)}, "neither public nor state: other"),
    ],
)
def test_a_declaration_must_name_signals_of_the_circuit(declared: Mapping[str, tuple[str, ...]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        run(SQUARE, replace(SQUARE_DECLARED, **declared), SQUARE_WITNESS)


def test_a_witness_must_be_valid_and_its_values_stay_out_of_the_error() -> None:
    wrong = SQUARE.witness(root=SECRET, square=SECRET)
    with pytest.raises(InputError, match="witness 2 violates constraint 0") as caught:
        run(SQUARE, SQUARE_DECLARED, SQUARE_WITNESS, wrong)
    assert str(SECRET) not in str(caught.value)


def test_an_audit_without_a_witness_is_none() -> None:
    with pytest.raises(InputError, match="at least one"):
        run(SQUARE, SQUARE_DECLARED)


def test_symbols_must_be_those_of_the_circuit() -> None:
    other = system([], private=["x", "root"])
    with pytest.raises(InputError):
        audit(SQUARE.r1cs, other.symbols, [SQUARE_WITNESS], SQUARE_DECLARED, random.Random(1))


@pytest.mark.parametrize("public", [("root",), ("square", "root")])
def test_public_signals_are_the_declared_ones_in_order(public: tuple[str, ...]) -> None:
    declared = replace(SQUARE_DECLARED, public=public, state=("square", "root"))
    assert Check.STRUCTURE in failed(run(SQUARE, declared, SQUARE_WITNESS))


def test_the_same_seed_finds_the_same() -> None:
    assert run(SQUARE, SQUARE_DECLARED, SQUARE_WITNESS) == run(SQUARE, SQUARE_DECLARED, SQUARE_WITNESS)


ZERO_TEST: list[tuple[Form, Form, Form]] = [
    ({"debt": -1}, {"inverse": 1}, {"isZero": 1, "1": -1}),
    ({"debt": 1}, {"isZero": 1}, {}),
]
ZERO_TEST_DECLARED = Declaration(
    public=("isZero", "debt"),
    state=(),
    determined=("isZero",),
    holds=lambda signals: signals["isZero"][0] == (signals["debt"][0] == 0),
    harmless={"inver*": "free where debt is 0, and then nothing depends on it"},
)


def zero_test(rows: int) -> System:
    return system(ZERO_TEST[:rows], outputs=["isZero"], public=["debt"], rest=["inverse"])


def test_a_free_wire_that_is_declared_harmless_is_listed_with_its_reason() -> None:
    built = zero_test(2)
    witnesses = [built.witness(debt=0, isZero=1, inverse=0), built.witness(debt=-1, isZero=0, inverse=-1)]
    report = run(built, ZERO_TEST_DECLARED, *witnesses)
    assert report.failures == ()
    assert report.harmless == {"inverse": ZERO_TEST_DECLARED.harmless["inver*"]}
    assert "inverse: free where debt is 0" in str(report)


def test_a_free_wire_that_is_not_declared_is_a_failure_of_every_check_that_sees_it() -> None:
    built = zero_test(2)
    report = run(built, replace(ZERO_TEST_DECLARED, harmless={}), built.witness(debt=0, isZero=1, inverse=0))
    for check in (Check.MUTATION, Check.JACOBIAN, Check.UNIQUENESS, Check.ATTACK):
        assert failed(report)[check] == {"inverse"}


def test_harmless_does_not_excuse_a_false_statement() -> None:
    built = zero_test(1)
    report = run(built, ZERO_TEST_DECLARED, built.witness(debt=3, isZero=1, inverse=0))
    assert Check.REFERENCE in failed(report)
    honest = built.witness(debt=1, isZero=0, inverse=1)
    assert failed(run(built, ZERO_TEST_DECLARED, honest))[Check.ATTACK] >= {"inverse"}


def test_a_harmless_wire_must_not_take_others_along() -> None:
    """A slope that is declared unique for a reason that no rule knows, and then is not even constrained."""
    rows = [
        ({"run": 1}, {"slope": 1}, {"rise": 1}),
        ({"slope": 1}, {"slope": 1}, {"out": 1}),
        ({"run": 1}, {"rise": 1}, {"area": 1}),
    ]
    declared = Declaration(("out", "area", "run", "rise"), (), ("out", "area"), always, {"slope": "run is never 0"})
    values = {"run": 2, "rise": 6, "slope": 3, "out": 9, "area": 12}
    for kept in (rows, rows[1:]):
        built = system(kept, outputs=["out", "area"], public=["run", "rise"], rest=["slope"])
        found = failed(run(built, declared, built.witness(**values), effort=Effort(0, 0)))
        assert found.get(Check.JACOBIAN) == (None if kept is rows else {"out", "slope"})


def test_a_declaration_that_excuses_nothing_is_a_failure() -> None:
    declared = replace(SQUARE_DECLARED, harmless={"root*": "no reason"})
    assert failed(run(SQUARE, declared, SQUARE_WITNESS)) == {Check.DECLARATION: {"root*"}}


def test_a_pattern_has_no_other_wildcard() -> None:
    built = system([({"x[0]": 1}, {"x[0]": 1}, {"y": 1})], outputs=["y"], private=["x[0]"], rest=["free"])
    declared = Declaration(("y",), ("x",), ("y",), always, {"fre.": "a dot is a dot", "[free]": "no class"})
    wires = failed(run(built, declared, built.witness(x_0=1, y=1, free=0)))[Check.DECLARATION]
    assert wires == {"fre.", "[free]"}


def test_an_input_without_a_wire_is_found_and_ends_the_audit() -> None:
    built = system([({"x": 1}, {"x": 1}, {"y": 1})], outputs=["y"], private=["x"], lost=["unused"])
    declared = Declaration(("y",), ("x", "unused"), ("y",), always)
    assert failed(run(built, declared, built.witness(x=1, y=1))) == {Check.STRUCTURE: {"unused"}}
    not_state = replace(declared, state=("x",), harmless={"unused": "kept for the shape of the inputs"})
    assert run(built, not_state, built.witness(x=1, y=1)).failures == ()


def test_a_wire_whose_terms_cancel_is_unconstrained() -> None:
    built = system(
        [({"x": 1}, {"x": 1}, {"y": 1}), ({"1": 2}, {"z": 1, "x": 1}, {"z": 2, "x": 2})],
        outputs=["y"],
        public=["z"],
        private=["x"],
    )
    declared = Declaration(("y", "z"), ("x",), ("y",), always)
    assert "z" in failed(run(built, declared, built.witness(x=2, y=4, z=5)))[Check.STRUCTURE]


def test_signals_that_never_meet_are_found() -> None:
    rows = [({"x": 1}, {"x": 1}, {"y": 1}), ({"nonce": 1}, {"nonce": 1}, {"helper": 1})]
    built = system(rows, outputs=["y"], public=["nonce"], private=["x"], rest=["helper"])
    declared = Declaration(("y", "nonce"), ("x",), ("y",), always)
    witness = built.witness(x=2, y=4, nonce=3, helper=9)
    assert failed(run(built, declared, witness)) == {Check.STRUCTURE: {"nonce"}}
    excused = replace(declared, harmless={"nonce": "only bound into the proof"})
    assert run(built, excused, witness).failures == ()


DIGITS = [
    ({"1": 1}, {"b[0]": 1, "b[1]": 2, "b[2]": 4}, {"in": 1}),
    bit("b[0]"),
    bit("b[1]"),
    bit("b[2]"),
]
DIGITS_DECLARED = Declaration(("top", "in"), (), ("top",), lambda signals: signals["top"][0] == signals["in"][0] >> 2)
TOP = ({"1": 1}, {"b[2]": 1}, {"top": 1})


def digits(*without: int) -> System:
    rows = [row for index, row in enumerate(DIGITS) if index not in without]
    return system([*rows, TOP], outputs=["top"], public=["in"], rest=["b[0]", "b[1]", "b[2]"])


def witness_of_digits(built: System) -> Witness:
    return built.witness(top=1, **{"in": 5}, b_0=1, b_1=0, b_2=1)


def test_bits_are_clean() -> None:
    built = digits()
    assert run(built, DIGITS_DECLARED, witness_of_digits(built)).failures == ()


def test_one_missing_bit_is_seen_by_pairs_and_not_by_the_jacobian() -> None:
    """The other bits cannot drift, so neither can the free digit: finite freedom is not infinitesimal freedom."""
    built = digits(1)
    report = run(built, DIGITS_DECLARED, witness_of_digits(built))
    assert Check.JACOBIAN not in failed(report)
    assert {"b[0]", "b[1]"} <= failed(report)[Check.MUTATION]
    assert failed(report)[Check.UNIQUENESS] == {"b[0]"}


def test_two_missing_bits_are_seen_by_the_jacobian() -> None:
    built = digits(1, 2)
    assert failed(run(built, DIGITS_DECLARED, witness_of_digits(built)))[Check.JACOBIAN] == {"b[0]", "b[1]"}


def test_a_missing_sum_is_seen_by_the_structure() -> None:
    built = digits(0)
    found = failed(run(built, DIGITS_DECLARED, witness_of_digits(built)))
    assert "in" in found[Check.STRUCTURE]


def test_effort_limits_what_is_random() -> None:
    none = run(SQUARE, SQUARE_DECLARED, SQUARE_WITNESS, effort=Effort(0, 0))
    assert "pair changes tried" not in none.sizes
    assert none.sizes["single changes tried"] > 20


def test_the_report_shows_no_value_of_a_witness() -> None:
    loose = system([({"root": 1}, {"root": 1}, {"square": 1})], outputs=["square"], private=["root"], rest=["free"])
    report = run(loose, SQUARE_DECLARED, loose.witness(root=SECRET, square=SECRET**2, free=SECRET + 1))
    assert report.failures
    for value in (SECRET, SECRET**2, SECRET + 1):
        assert str(value) not in f"{report} {report!r}"


def test_many_harmless_wires_are_shown_by_their_few_reasons() -> None:
    harmless = {f"slope[{i}]": "no denominator is 0" for i in range(600)} | {"nonce": "only bound into the proof"}
    shown = str(AuditReport({"wires": 601}, (), harmless, {}))
    assert shown.count("no denominator is 0") == shown.count("only bound into the proof") == 1
    assert "and 594 more: no denominator is 0" in shown


def test_stages_are_announced() -> None:
    stages: list[str] = []
    audit(
        SQUARE.r1cs,
        SQUARE.symbols,
        [SQUARE_WITNESS] * 2,
        SQUARE_DECLARED,
        random.Random(1),
        Effort(1, 1),
        stages.append,
    )
    assert stages[:2] == ["structure", "uniqueness"]
    assert [stage for stage in stages if "2 of 2" in stage][-1] == "witness 2 of 2: attacks"
