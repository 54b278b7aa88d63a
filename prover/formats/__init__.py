"""Bytes and text: files of circom and snarkjs, CSV, numbers as exchanges write them, text with a checksum."""

from typing import TYPE_CHECKING

from prover._lazy import lazy_names

__all__ = [
    "ONE",
    "R1CS",
    "Constraint",
    "CsvRow",
    "DecimalMark",
    "LinearForm",
    "ProvingKeyFile",
    "R1csHeader",
    "Symbols",
    "TableRow",
    "Witness",
    "decode_checked",
    "dot",
    "encode_checked",
    "format_clock",
    "format_duration",
    "format_iso",
    "format_utc",
    "parse_csv",
    "parse_number",
    "parse_table",
    "parse_utc",
    "text_of",
]

if TYPE_CHECKING:
    from prover.formats._checked_text import decode_checked, encode_checked, text_of
    from prover.formats._csv import CsvRow, TableRow, parse_csv, parse_table
    from prover.formats._number import DecimalMark, parse_number
    from prover.formats._r1cs import ONE, R1CS, Constraint, LinearForm, R1csHeader, dot
    from prover.formats._symbols import Symbols
    from prover.formats._time import format_clock, format_duration, format_iso, format_utc, parse_utc
    from prover.formats._witness import Witness
    from prover.formats._zkey import ProvingKeyFile
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "._checked_text": (
                "decode_checked",
                "encode_checked",
                "text_of",
            ),
            "._csv": (
                "CsvRow",
                "TableRow",
                "parse_csv",
                "parse_table",
            ),
            "._number": (
                "DecimalMark",
                "parse_number",
            ),
            "._r1cs": (
                "ONE",
                "R1CS",
                "Constraint",
                "LinearForm",
                "R1csHeader",
                "dot",
            ),
            "._symbols": ("Symbols",),
            "._time": (
                "format_clock",
                "format_duration",
                "format_iso",
                "format_utc",
                "parse_utc",
            ),
            "._witness": ("Witness",),
            "._zkey": ("ProvingKeyFile",),
        },
    )
