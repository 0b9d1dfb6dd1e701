"""From a path to rows: the name's ending says which reader."""

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from core.errors import FileUnreadable
from core.exchange.csv_table import read_csv
from core.exchange.json_document import read_json_document
from core.exchange.json_lines import read_json_lines
from core.exchange.parquet_table import ParquetRows
from core.exchange.rows import Row
from core.exchange.source import Source
from core.exchange.table import Columns


class FileFormat(StrEnum):
    """A file's format, from the ending of its name."""

    JSON_LINES = ".jsonl"
    NDJSON = ".ndjson"
    JSON = ".json"
    CSV = ".csv"
    PARQUET = ".parquet"


@dataclass(frozen=True, slots=True)
class Reading:
    """A file being read.

    Attributes:
        rows: its rows, once.
        fraction: asks how far it is, 0 to 1.
    """

    rows: Iterator[Row]
    fraction: Callable[[], float]


def format_of(path: Path, *, tables: bool) -> FileFormat:
    """The format of a file; ``tables`` tells whether CSV and Parquet can hold this kind of record.

    Raises:
        FileUnreadable: the file is not there, or its name ends in something else.
    """
    if not path.is_file():
        raise FileUnreadable(f"{path} is not a file; check the name")
    endings = [suffix.lower() for suffix in path.suffixes]
    compressed = endings[-1:] == [".gz"]
    ending = (endings[:-1] if compressed else endings)[-1:]
    allowed = [
        form
        for form in FileFormat
        if (tables or form not in {FileFormat.CSV, FileFormat.PARQUET})
        and not (compressed and form is FileFormat.PARQUET)  # compressed inside already, and read by position
    ]
    if not ending or ending[0] not in allowed:
        raise FileUnreadable(
            f"{path}: the format is not clear or does not fit; let the name end in {', '.join(allowed)}"
            " (all but .parquet may be followed by .gz)"
        )
    return FileFormat(ending[0])


def open_rows(path: Path, columns: Columns | None) -> AbstractContextManager[Reading]:
    """Opens a file as rows.

    Args:
        path: the file.
        columns: what a table's columns may be; ``None`` where this kind of record does not fit in a table.

    Returns:
        A context manager that gives the rows and closes the file. Iterating raises ``FileUnreadable`` where the
        file breaks off; the rows before that have been yielded.

    Raises:
        FileUnreadable: the file is not there, or its name ends in something else.
    """
    return _opened(path, format_of(path, tables=columns is not None), columns)


@contextlib.contextmanager
def _opened(path: Path, form: FileFormat, columns: Columns | None) -> Iterator[Reading]:
    known = columns or Columns(None, frozenset())
    if form is FileFormat.PARQUET:
        table = ParquetRows(path, known)
        yield Reading(iter(table), lambda: table.fraction)
        return
    with Source(path) as source:
        if form is FileFormat.CSV:
            rows = read_csv(source, known)
        elif form is FileFormat.JSON:
            rows = read_json_document(source)
        else:
            rows = read_json_lines(source)
        yield Reading(rows, lambda: source.fraction)
