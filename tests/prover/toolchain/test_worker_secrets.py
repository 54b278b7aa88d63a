"""Where the secrets of an account must never show."""

import json
import traceback
from pathlib import Path

import psutil
import pytest

from prover import poseidon
from prover.toolchain import CompiledCircuit, Inputs, SnarkjsBackend
from prover.toolchain._cache import Cache
from prover.toolchain._compile import compile_instance
from verifier import SCALAR_MODULUS, InputError, ProvingError

pytestmark = pytest.mark.full

SECRETS = {"balance": 987654321987654321, "quote": 876543219876543198, "blind": 765432198765432109876}


def margin_inputs(**changes: str | list[str]) -> dict[str, str | list[str]]:
    """An account of one long asset, written out by hand."""
    balance = [str(SECRETS["balance"])] + ["0"] * 12
    quote, shorts, blind = SECRETS["quote"], 0, SECRETS["blind"]
    commitment = poseidon([*map(int, balance), quote, shorts, blind])
    honest: dict[str, str | list[str]] = {
        "commitment": str(commitment),
        "healthy": "1",
        "recipient": "7",
        "effectivePrice": ["10"] * 13,
        "marginPerUnit": ["1"] * 13,
        "shortExtra": ["1"] * 13,
        "balance": balance,
        "quote": str(quote),
        "shorts": str(shorts),
        "blind": str(blind),
    }
    return honest | changes


def say_everything(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def assert_no_secret(text: str) -> None:
    for name, value in SECRETS.items():
        assert str(value) not in text, name


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"healthy": "0"}, "template Margin line"),
        ({"commitment": "1"}, "template Margin line"),
        ({"shorts": "1"}, "template ValidState line"),
        ({"quote": str(1 << 144)}, "in SymmetricBits line"),
        ({"balance": [str(1 << 80)] + ["0"] * 12}, "in ValidState line"),
    ],
)
def test_a_broken_assertion_names_template_and_line_and_no_input(
    backend: SnarkjsBackend,
    margin: CompiledCircuit,
    changes: dict[str, str | list[str]],
    where: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    inputs = margin_inputs(**changes)
    if not {"healthy", "commitment"} & changes.keys():
        hidden = [*map(int, inputs["balance"]), *(int(str(inputs[name])) for name in ("quote", "shorts", "blind"))]
        inputs["commitment"] = str(poseidon(hidden))
    with pytest.raises(ProvingError, match=where) as raised:
        backend.witness(margin, inputs)
    assert_no_secret(say_everything(raised.value) + caplog.text)


def without(name: str) -> Inputs:
    return {key: value for key, value in margin_inputs().items() if key != name}


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (without("quote"), "Not all inputs have been set"),
        (margin_inputs(balance=["1"]), "Not enough values for input signal balance"),
        (margin_inputs(balance=["1"] * 14), "Too many values for input signal balance"),
        (margin_inputs(surplus="1"), "surplus"),
        (margin_inputs(quote=str(SCALAR_MODULUS)), "quote holds a value"),
        (margin_inputs(quote="-876543219876543198"), "quote holds a value"),
        (margin_inputs(quote="0x" + str(SECRETS["quote"])), "quote holds a value"),
        (margin_inputs(quote=str(SECRETS["quote"]) + "\n"), "quote holds a value"),
        (margin_inputs(quote=str(SECRETS["quote"]) * 300), "quote holds a value"),
        (margin_inputs(balance=[str(SECRETS["balance"]) + ".0"] * 13), "balance holds a value"),
        (margin_inputs(quote=""), "quote holds a value"),
    ],
)
def test_malformed_inputs_are_named_and_not_shown(
    backend: SnarkjsBackend, lean: CompiledCircuit, inputs: Inputs, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(InputError, match=message) as raised:
        backend.witness(lean, inputs)
    assert_no_secret(say_everything(raised.value) + caplog.text)


def test_secrets_are_in_no_argument_environment_or_file(
    lean: CompiledCircuit,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level("DEBUG")
    monkeypatch.setenv("ZKSOLVENCY_TEST_SECRET", str(SECRETS["blind"]))
    with SnarkjsBackend() as backend:
        backend.witness(lean, margin_inputs())
        process = psutil.Process(backend.pid)
        assert_no_secret(" ".join(process.cmdline()) + repr(process.environ()) + caplog.text)
        assert [file.path for file in process.open_files() if "r" not in file.mode] == []


def test_the_environment_cannot_make_node_run_other_code(
    square: CompiledCircuit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = tmp_path / "ran"
    spy = tmp_path / "spy.cjs"
    spy.write_text(f"require('fs').writeFileSync({json.dumps(str(marker))}, '')")
    monkeypatch.setenv("NODE_OPTIONS", f"--require {spy}")
    with SnarkjsBackend() as backend:
        backend.witness(square, {"square": "144", "root": "12"})
    assert not marker.exists()


def test_what_a_circuit_logs_goes_nowhere(
    tmp_path: Path, square: CompiledCircuit, capfd: pytest.CaptureFixture[str]
) -> None:
    circuits = tmp_path / "circuits"
    circuits.mkdir()
    source = (Path(__file__).parent / "square.circom").read_text()
    talking = source.replace("square === root", 'log("root is", root);\n    square === root')
    (circuits / "square.circom").write_text(talking)
    chatty = compile_instance(square.instance, circuits, Cache(tmp_path / "cache"))
    with SnarkjsBackend() as backend:
        backend.witness(chatty, {"square": "15129", "root": "123"})
        with pytest.raises(ProvingError) as raised:
            backend.witness(chatty, {"square": "15128", "root": "123"})
    captured = capfd.readouterr()
    assert "123" not in captured.out + captured.err + str(raised.value)
