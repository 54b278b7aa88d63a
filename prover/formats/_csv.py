"""CSV files, cell by cell."""

import csv
import io
from typing import NamedTuple

from verifier import InputError


class CsvRow(NamedTuple):
    """A row that is not empty.

    Attributes:
        line: number of its last line in the file, from 1.
        cells: without surrounding whitespace.
    """

    line: int
    cells: list[str]


def parse_csv(data: bytes, where: str, delimiter: str = ",") -> list[CsvRow]:
    """Read the rows of a CSV file, its header among them. No error shows a cell.

    Args:
        data: the file: UTF-8, with or without a byte order mark.
        where: names the file in errors.
        delimiter: what separates cells.

    Raises:
        InputError: not UTF-8, or not CSV.
    """
    try:
        text = io.StringIO(data.decode("utf-8-sig"), newline="")
        reader = csv.reader(text, strict=True, delimiter=delimiter)
        return [CsvRow(reader.line_num, [cell.strip() for cell in row]) for row in reader if row]
    except UnicodeDecodeError:
        raise InputError(f"{where}: not UTF-8 text") from None
    except csv.Error as error:
        raise InputError(f"{where}, line {reader.line_num}: not CSV ({error})") from None
