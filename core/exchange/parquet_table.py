"""Parquet by pyarrow, a batch of rows in memory at a time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast

import pyarrow as pa
import pyarrow.parquet as pq

from core.exchange.rows import MAX_ROW_BYTES, Row, broken
from core.exchange.source import reading
from core.exchange.table import Columns

_BATCH_ROWS: Final = 100


class ParquetRows:
    """Iterates over a Parquet file and knows how far it is."""

    def __init__(self, path: Path, columns: Columns) -> None:
        self._path = path
        self._columns = columns
        self._read = 0
        self._total = 1

    @property
    def fraction(self) -> float:
        """Part of the rows that was read, 0 to 1."""
        return min(self._read / self._total, 1.0)

    def __iter__(self) -> Iterator[Row]:
        """Yields a row for each row of the file, numbered from 1.

        Raises:
            FileUnreadable: it is not Parquet, is damaged, or has a column that is unknown.
        """
        path = self._path
        with reading(path):
            content = path.open("rb")
        try:
            # Nothing prebuffered: memory stays at the pages of one row group.
            with content, pq.ParquetFile(content, pre_buffer=False) as file:
                self._columns.check(path, file.schema_arrow.names)
                self._total = max(file.metadata.num_rows, 1)
                for batch in file.iter_batches(batch_size=_BATCH_ROWS, use_threads=False):
                    if batch.nbytes > batch.num_rows * MAX_ROW_BYTES:
                        raise broken(
                            path, f"rows of more than {MAX_ROW_BYTES} bytes", "check that each row is one record"
                        )
                    for cells in batch.to_pylist():
                        self._read += 1
                        yield self._row(cells)
        except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError) as error:
            raise broken(
                path, f"not readable as Parquet ({type(error).__name__})", "write the file again and import it again"
            ) from error

    def _row(self, cells: dict[str, Any]) -> Row:
        raw = cast("dict[str, object]", cells)
        try:
            return Row(self._read, self._columns.record(raw), "", raw)
        except ValueError as error:
            return Row(self._read, None, str(error), raw)
