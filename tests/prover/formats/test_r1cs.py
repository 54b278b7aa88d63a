import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from systems import system

from prover.formats import R1CS, Constraint, R1csHeader, Symbols, Witness
from prover.formats._iden3 import read_sections
from verifier import BASE_MODULUS, SCALAR_MODULUS, InputError

SECRET = 987654321987654321
SYSTEM = system(
    [({"root": 1}, {"root": 1}, {"square": 1}), ({"1": 3}, {"root": 5}, {"triple": 15})],
    outputs=["triple"],
    public=["square"],
    private=["root"],
)


def element(value: int) -> bytes:
    return value.to_bytes(32, "little")


def container(magic: bytes, version: int, *sections: tuple[int, bytes]) -> bytes:
    head = magic + struct.pack("<II", version, len(sections))
    return head + b"".join(struct.pack("<IQ", kind, len(data)) + data for kind, data in sections)


def field_header(prime: int = SCALAR_MODULUS) -> bytes:
    return struct.pack("<I", 32) + element(prime)


def encode_form(form: dict[int, int]) -> bytes:
    terms = b"".join(struct.pack("<I", wire) + element(value) for wire, value in form.items())
    return struct.pack("<I", len(form)) + terms


def encode(r1cs: R1CS, **changes: object) -> bytes:
    """An .r1cs file; `changes` spoil it."""
    counts = [r1cs.wires, r1cs.outputs, r1cs.public_inputs, r1cs.private_inputs, 9, len(r1cs.constraints)]
    header = changes.get("header", field_header() + struct.pack("<IIIIQI", *changes.get("counts", counts)))
    body = changes.get("body", b"".join(encode_form(dict(form)) for row in r1cs.constraints for form in row))
    labels = changes.get("labels", struct.pack(f"<{r1cs.wires}Q", *r1cs.labels))
    sections = [(2, body), (1, header), (3, labels)]  # the order is free
    return container(b"r1cs", 1, *changes.get("sections", sections))


def encode_witness(values: list[int], count: int | None = None) -> bytes:
    header = field_header() + struct.pack("<I", len(values) if count is None else count)
    return container(b"wtns", 2, (1, header), (2, b"".join(map(element, values))))


def test_reads_back_a_constraint_system() -> None:
    assert R1CS.parse(encode(SYSTEM.r1cs)) == SYSTEM.r1cs


def test_reads_back_a_witness() -> None:
    assert Witness.parse(encode_witness([1, 0, SCALAR_MODULUS - 1])).values == (1, 0, SCALAR_MODULUS - 1)


ONE_FORM = encode_form({1: 1})
SPOILT = {
    "not a r1cs file": lambda: b"R1CS" + encode(SYSTEM.r1cs)[4:],
    "version 2": lambda: container(b"r1cs", 2),
    "cut short": lambda: encode(SYSTEM.r1cs)[:-1],
    "1 bytes where 0 are needed": lambda: encode(SYSTEM.r1cs) + b"\0",
    "section 1 occurs twice": lambda: container(b"r1cs", 1, (1, b""), (1, b"")),
    "no other understood": lambda: encode(SYSTEM.r1cs, sections=[(1, b""), (2, b""), (3, b""), (4, b"")]),
    "are needed": lambda: encode(SYSTEM.r1cs, sections=[(1, b""), (2, b"")]),
    "scalar field of BN254": lambda: encode(SYSTEM.r1cs, header=field_header(BASE_MODULUS) + bytes(28)),
    "more public signals than wires": lambda: encode(SYSTEM.r1cs, counts=[4, 2, 2, 0, 9, 0]),
    "section 3: 32 bytes where 40": lambda: encode(SYSTEM.r1cs, counts=[5, 1, 1, 1, 9, 2]),
    "section 2: cut short": lambda: encode(SYSTEM.r1cs, counts=[4, 1, 1, 1, 9, 1 << 31]),
    "section 2: 76 bytes where 0": lambda: encode(
        SYSTEM.r1cs, counts=[4, 1, 1, 1, 9, 1], body=ONE_FORM * 3 + bytes(76)
    ),
    "labels are not distinct": lambda: encode(SYSTEM.r1cs, labels=struct.pack("<4Q", 0, 1, 2, 2)),
    "with 0 for the constant": lambda: encode(SYSTEM.r1cs, labels=struct.pack("<4Q", 3, 1, 2, 0)),
    "in range": lambda: encode(SYSTEM.r1cs, labels=struct.pack("<4Q", 0, 1, 2, 9)),
    "out of range": lambda: encode(SYSTEM.r1cs, counts=[4, 1, 1, 1, 9, 1], body=encode_form({4: 1}) + bytes(8)),
    "coefficient 0": lambda: encode(SYSTEM.r1cs, counts=[4, 1, 1, 1, 9, 1], body=encode_form({1: 0}) + bytes(8)),
    "names a wire twice": lambda: encode(
        SYSTEM.r1cs, counts=[4, 1, 1, 1, 9, 1], body=struct.pack("<I", 2) + 2 * ONE_FORM[4:] + bytes(8)
    ),
    "not below the scalar modulus": lambda: encode(
        SYSTEM.r1cs, counts=[4, 1, 1, 1, 9, 1], body=encode_form({1: SCALAR_MODULUS}) + bytes(8)
    ),
}


@pytest.mark.parametrize(("message", "spoil"), SPOILT.items(), ids=SPOILT)
def test_refuses_a_spoilt_constraint_system_and_says_why(message: str, spoil: Callable[[], bytes]) -> None:
    with pytest.raises(InputError, match=message):
        R1CS.parse(spoil())


@given(st.data())
def test_any_cut_or_changed_byte_is_read_or_refused(data: st.DataObject) -> None:
    whole = encode(SYSTEM.r1cs)
    position = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[position] = data.draw(st.integers(0, 255))
    for spoilt in (bytes(changed), whole[:position]):
        try:
            R1CS.parse(spoilt)
        except InputError:
            continue
        assert len(spoilt) == len(whole)


SPOILT_WITNESS = {
    "not a wtns file": container(b"r1cs", 2),
    "version 1": container(b"wtns", 1),
    "32 bytes where 64 are needed": encode_witness([1], count=2),
    "64 bytes where 32 are needed": encode_witness([1, SECRET], count=1),
    "not the constant 1": encode_witness([SECRET, SECRET]),
    "wire 0": encode_witness([]),
    "not below the scalar modulus": encode_witness([1, SCALAR_MODULUS + SECRET]),
}


@pytest.mark.parametrize(("message", "data"), SPOILT_WITNESS.items(), ids=SPOILT_WITNESS)
def test_refuses_a_spoilt_witness_without_showing_values(message: str, data: bytes) -> None:
    with pytest.raises(InputError, match=message) as caught:
        Witness.parse(data)
    assert str(SECRET) not in str(caught.value)


def test_a_witness_shows_no_value() -> None:
    witness = SYSTEM.witness(triple=1, square=1, root=SECRET)
    assert str(SECRET) not in f"{witness!r} {witness}"


def test_finds_exactly_the_violated_constraints() -> None:
    r1cs = SYSTEM.r1cs
    assert r1cs.violated(SYSTEM.witness(triple=-2, square=4, root=-2).values) == []
    assert r1cs.violated(SYSTEM.witness(triple=-2, square=5, root=-2).values) == [0]
    assert r1cs.violated(SYSTEM.witness(triple=2, square=4, root=-2).values) == [1]
    assert r1cs.violated(SYSTEM.witness(triple=2, square=5, root=-2).values) == [0, 1]


@pytest.mark.parametrize("values", [(1, 1, 1), (0, 0, 0, 0)], ids=["too few", "constant is not 1"])
def test_evaluates_only_whole_witnesses(values: tuple[int, ...]) -> None:
    with pytest.raises(InputError):
        SYSTEM.r1cs.violated(values)


def test_knows_which_constraints_a_wire_is_in() -> None:
    wires = SYSTEM.symbols.wires
    touching = {name: list(SYSTEM.r1cs.touching[wire]) for name, wire in wires.items()}
    assert touching == {"triple": [1], "square": [0], "root": [0, 1]}
    assert SYSTEM.r1cs.touching[0] == []


def test_a_private_input_without_a_wire_moves_no_other_wire_among_the_inputs() -> None:
    one_lost = system([({"a": 1}, {"a": 1}, {"helper": 1})], private=["a"], lost=["unused"], rest=["helper"])
    assert one_lost.r1cs.inputs == [one_lost.symbols.wires["a"]]


SYM = "1,1,0,main.triple\n2,2,0,main.square\n3,3,0,main.root\n4,-1,7,main.inner[2].in\n"


def test_reads_names() -> None:
    symbols = Symbols.parse(SYM)
    assert symbols.wires == {"triple": 1, "square": 2, "root": 3}
    assert symbols.eliminated == {"inner[2].in"}
    assert symbols.names == {1: "triple", 2: "square", 3: "root"}
    symbols.require_same_circuit(SYSTEM.r1cs)


@pytest.mark.parametrize("line", ["", "1,1,main.x", "1,x,0,main.x", "1,1,0,0,main.x", "9,2,0,main.root"])
def test_refuses_spoilt_names(line: str) -> None:
    with pytest.raises(InputError, match="line 5"):
        Symbols.parse(SYM + line + "\n")


@pytest.mark.parametrize(
    "text",
    [
        SYM.replace("3,3,", "5,3,"),
        SYM.replace("3,3,", "3,4,"),
        SYM.replace("3,3,", "3,-1,"),
        SYM.replace("1,1,", "1,0,"),
    ],
    ids=["another label", "a wire too many", "a wire without a name", "a name for the constant"],
)
def test_refuses_names_of_another_circuit(text: str) -> None:
    with pytest.raises(InputError):
        Symbols.parse(text).require_same_circuit(SYSTEM.r1cs)


def test_wires_of_a_constraint_leave_out_the_constant() -> None:
    assert Constraint({0: 1, 1: 1}, {2: 1}, {0: 5}).wires == {1, 2}


def test_missing_files_are_input_errors(tmp_path) -> None:
    for kind in (R1CS, Symbols, Witness):
        with pytest.raises(InputError, match="missing: No such file"):
            kind.load(tmp_path / "missing")


@pytest.mark.parametrize(
    ("constraints", "domain_log2"), [(994, 10), (995, 11), (2018, 11), (2019, 12), (2001, 11), (802, 10)]
)
def test_constraints_and_public_signals_and_one_fit_in_the_domain(constraints: int, domain_log2: int) -> None:
    header = R1csHeader(wires=1, outputs=1, public_inputs=28, private_inputs=1, labels=1, constraints=constraints)
    assert header.domain_log2 == domain_log2
    assert constraints + 29 + 1 <= 1 << domain_log2


def test_many_sections_are_refused_before_they_are_read() -> None:
    sections = b"".join(kind.to_bytes(4, "little") + bytes(8) for kind in range(65))
    data = b"zkey" + (1).to_bytes(4, "little") + (65).to_bytes(4, "little") + sections
    with pytest.raises(InputError, match=r"^file: 65 sections; at most 64 are understood$"):
        read_sections(data, b"zkey", 1, [1], "file")
