"""CSV as spreadsheets write it: quoted cells, comma or semicolon, nested fields as JSON in the cell."""

import csv
from collections import deque
from collections.abc import Iterator
from typing import Final

from core.exchange.rows import Row
from core.exchange.source import Source
from core.exchange.table import Columns

_CUT: Final = 200_000  # above Python's limit of 131,072 characters a cell, so that a cut line is surely refused


def read_csv(source: Source, columns: Columns) -> Iterator[Row]:
    """Yields a row for each line of the table after the header.

    A row that cannot be read is one physical line: reading goes on at the next, so that a quote that never closes
    does not swallow what follows.

    Raises:
        FileUnreadable: the header is not usable, or the file breaks off.
    """
    lines = _Lines(source)
    first = next(lines, "")
    delimiter = max(",;\t", key=first.count)
    header = [name.strip() for name in next(csv.reader([first], delimiter=delimiter), [])]
    columns.check(source.path, header)
    while True:
        lines.begin_row()
        try:
            cells = next(csv.reader(lines, delimiter=delimiter, strict=True))
        except StopIteration:
            return
        except csv.Error as error:
            lines.return_all_but_first()
            yield Row(lines.row_line, None, f"not CSV ({error}); check the quotes of this row", lines.raw)
            continue
        # Spreadsheets leave rows of nothing but commas: no record, unless they do not fit the table either.
        if any(cells) or len(cells) not in {0, len(header)}:
            yield _row(lines, header, cells, columns)


def _row(lines: "_Lines", header: list[str], cells: list[str], columns: Columns) -> Row:
    if len(cells) != len(header):
        problem = f"{len(cells)} cells where the first row names {len(header)}; check commas and quotes"
        return Row(lines.row_line, None, problem, lines.raw)
    try:
        "".join(cells).encode()
        content = columns.record(dict(zip(header, cells, strict=True)))
    except UnicodeEncodeError:
        return Row(lines.row_line, None, "not UTF-8; save the file as CSV UTF-8", lines.raw)
    except ValueError as error:
        return Row(lines.row_line, None, str(error), lines.raw)
    return Row(lines.row_line, content, "", lines.raw)


class _Lines:
    """The physical lines of the file as text, with those of the row at hand kept."""

    def __init__(self, source: Source) -> None:
        self._source = source.lines()
        self._returned: deque[tuple[int, bytes]] = deque()
        self._row: list[tuple[int, bytes]] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._returned:
            number, line = self._returned.popleft()
        else:
            number, line, complete = next(self._source)
            line = line if complete else line[:_CUT] + b"\n"
        self._row.append((number, line))
        # What is not UTF-8 is carried along, so that only its own row is refused.
        return line.decode("utf-8", errors="surrogateescape")

    def begin_row(self) -> None:
        """Forgets the lines of the row before."""
        self._row.clear()

    def return_all_but_first(self) -> None:
        """Gives the lines after the first back, to be read as rows of their own."""
        self._returned.extendleft(reversed(self._row[1:]))
        del self._row[1:]

    @property
    def row_line(self) -> int:
        """Number of the first line of the row at hand."""
        return self._row[0][0]

    @property
    def raw(self) -> bytes:
        """The row at hand as it stands in the file."""
        return b"".join(line for _, line in self._row)
