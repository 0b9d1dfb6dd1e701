"""What every reader yields: one row of a file, usable or not."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import FileUnreadable

MAX_ROW_BYTES: Final = 1 << 20  # a record at the contract's bounds has some 300 kB


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        line: where it starts, from 1: the line in a text file, the row in a Parquet file.
        content: field names to JSON-like values; ``None`` where the row is no record at all.
        problem: why ``content`` is ``None``, and what to do; else empty.
        raw: the row as it stands in the file (bytes, at most ``MAX_ROW_BYTES``), or its cells by column.
    """

    line: int
    content: dict[str, object] | None
    problem: str
    raw: bytes | dict[str, object]

    @property
    def size_bytes(self) -> int:
        """Roughly how much memory the row takes."""
        return len(self.raw) if isinstance(self.raw, bytes) else len(repr(self.raw))


def broken(path: Path, what: str, advice: str) -> FileUnreadable:
    """The error for a file that cannot be read on; rows before the break have been yielded."""
    return FileUnreadable(f"{path}: {what}; {advice}")
