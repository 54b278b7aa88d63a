"""CSV files: rows of cells, and tables whose header names the columns. No error shows a cell."""

import csv
import io
from collections.abc import Mapping, Sequence
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


class TableRow(NamedTuple):
    """A row of a table that has anything in its cells.

    Attributes:
        where: names the row in errors: the file and the line.
        cells: by the heading of their column, in lower case.
    """

    where: str
    cells: Mapping[str, str]


def parse_csv(data: bytes, where: str, delimiter: str = ",") -> list[CsvRow]:
    """Read the rows of a CSV file, its header among them.

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


def parse_table(data: bytes, where: str, needed: Sequence[str], further: Sequence[str] | None = ()) -> list[TableRow]:
    """Read a CSV file by the headings of its columns, in any order and in any case of letters.

    Args:
        data: the file: UTF-8, with or without a byte order mark.
        where: names the file in errors.
        needed: headings that it must have.
        further: headings that it may have; None for any.

    Raises:
        InputError: as `parse_csv`; a heading is missing, unknown or there twice, or a row has another number of cells.
    """
    rows = parse_csv(data, where)
    header = [cell.lower() for cell in rows[0].cells] if rows else []
    is_known = further is None or set(header) <= {*needed, *further}
    if not is_known or not set(needed) <= set(header) or len(set(header)) != len(header):
        others = f", and any of {', '.join(further)}" if further else ""
        raise InputError(f"{where}, line 1: expected the header {','.join(needed)}{others}")
    table = []
    for line, cells in rows[1:]:
        if not any(cells):
            continue
        at = f"{where}, line {line}"
        if len(cells) != len(header):
            raise InputError(f"{at}: expected {len(header)} cells as in the header, found {len(cells)}")
        table.append(TableRow(at, dict(zip(header, cells, strict=True))))
    return table
