"""A CSV file as its user's spreadsheet wrote it: commas, semicolons or tabs between cells, decimal points or commas."""

import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from pyarrow import csv

from trialeukin.core.errors import InputError

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvFile:
    """A table, and what was understood of how it is written; empty where that is the usual way."""

    table: pa.Table
    understood: str


def read_csv(file: Path) -> CsvFile:
    """Read a table with a header; the separator is the first of comma, semicolon and tab that the header has."""
    try:
        content = file.read_bytes()
    except FileNotFoundError as fault:
        raise InputError(f"{file}: there is no such file; give a CSV file with a header") from fault
    except OSError as fault:
        raise InputError(f"{file}: cannot be read ({fault.strerror}); give a CSV file with a header") from fault
    text = content.decode("utf-8", errors="replace")
    header = text.partition("\n")[0]
    separator = next((mark for mark in SEPARATORS if mark in header), ",")
    decimal = _decimal_mark(file, text, separator)
    try:
        table = csv.read_csv(
            io.BytesIO(content),
            parse_options=csv.ParseOptions(delimiter=separator),
            convert_options=csv.ConvertOptions(decimal_point=decimal),
        )
    except pa.ArrowInvalid as fault:
        raise InputError(
            f"{file}: not a CSV table with {SEPARATORS[separator]} between cells ({fault}); give a header and as many "
            "cells in each row; numbers with decimal commas go with semicolons between cells"
        ) from fault
    twice = [name for name, count in Counter(table.column_names).items() if count > 1]
    if twice:
        raise InputError(f"{file}: the header has {twice[0]!r} more than once; give each column a name of its own")
    return CsvFile(table=table, understood=_understood(separator, decimal))


def _decimal_mark(file: Path, text: str, separator: str) -> str:
    if separator == ",":
        return "."
    edge = re.escape(separator)
    found = [
        mark
        for mark in ",."
        if re.search(rf'(?:^|{edge})"?-?\d+{re.escape(mark)}\d+"?(?={edge}|\r?$)', text, re.MULTILINE)
    ]
    if len(found) > 1:
        raise InputError(f"{file}: some numbers have a decimal comma and some a decimal point; write all of them alike")
    return found[0] if found else "."


def _understood(separator: str, decimal: str) -> str:
    if separator == ",":
        return ""
    numbers = " and decimal commas" if decimal == "," else ""
    return f"The file was read with {SEPARATORS[separator]} between cells{numbers}."
