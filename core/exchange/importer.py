"""Files into the store: streaming, a transaction a batch, refused rows beside. Safe to run again at any time.

Whatever was killed, and whenever: a batch is in or it is not, and giving the same file again changes nothing that is
in. So the same command, run to its end, always ends in the same state.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from core.errors import FileUnreadable, RecordInvalid
from core.exchange.kinds import RECIPES, ImportKind, Recipe
from core.exchange.readers import Reading, format_of, open_rows
from core.exchange.reasons import explain
from core.exchange.rejects import Rejects
from core.exchange.rows import Row
from core.store import PutOutcome, Store

BATCH_ROWS: Final = 1_000  # a transaction costs some milliseconds: spread over enough rows to vanish
BATCH_BYTES: Final = 16 << 20  # and not so many that memory grows with the size of the rows
_REFUSED: Final = (
    "event_id is there with other content; events are never changed: give a correction an event_id of its own"
)


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How far an import is, told after each batch.

    Attributes:
        file: the file being read.
        fraction: part of it that was read, 0 to 1.
        read: rows read so far, of all files.
        written: created or updated.
        unchanged: there already.
        rejected: refused.
    """

    file: Path
    fraction: float
    read: int
    written: int
    unchanged: int
    rejected: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did; ``read`` is the sum of ``written``, ``unchanged`` and ``rejected``.

    Attributes:
        read: rows read.
        written: created or updated.
        unchanged: there already.
        rejected: refused.
        rejects_file: JSON Lines of what was refused: file, line, reason, raw; ``None`` where nothing was.
    """

    read: int
    written: int
    unchanged: int
    rejected: int
    rejects_file: Path | None


def import_files(
    store: Store,
    kind: ImportKind,
    paths: Sequence[Path],
    *,
    rejects_dir: Path,
    now: datetime,
    progress: Callable[[ImportProgress], None] | None = None,
) -> ImportReport:
    """Imports files of one kind.

    Args:
        store: where to.
        kind: what the files hold.
        paths: in order; of two records with one id the later wins.
        rejects_dir: folder for the rejects file; made where it is not there.
        now: the moment of importing.
        progress: called after each batch.

    Returns:
        The counts, and where the refused rows are.

    Raises:
        FileUnreadable: a file is not there or its format is not clear (then nothing was read), or breaks off (then
            what came before is in, and the message says where the refused rows are).
        StoreUnavailable: the database does not answer; batches before that are in.
    """
    recipe = RECIPES[kind]
    for path in paths:
        format_of(path, tables=recipe.columns is not None)
    rejects = Rejects(rejects_dir, kind.value, now)
    counts = _Counts()
    try:
        with rejects:
            run = _Import(store, recipe, now, rejects, counts, progress)
            for path in paths:
                run.read_file(path)
    except FileUnreadable as error:
        raise FileUnreadable(f"{error}; {_kept(counts, rejects)}") from error
    return ImportReport(counts.read, counts.written, counts.unchanged, rejects.count, rejects.path)


def _kept(counts: "_Counts", rejects: Rejects) -> str:
    kept = f"of the {counts.read} rows before that {counts.written + counts.unchanged} are in"
    return f"{kept}, what was refused is in {rejects.path}" if rejects.path else kept


@dataclass(slots=True)
class _Counts:
    read: int = 0
    written: int = 0
    unchanged: int = 0


@dataclass(slots=True)
class _Batch:
    rows: list[Row] = field(default_factory=list)
    records: list[Any] = field(default_factory=list)
    size_bytes: int = 0

    def add(self, row: Row, record: Any) -> None:
        self.rows.append(row)
        self.records.append(record)
        self.size_bytes += row.size_bytes

    @property
    def is_full(self) -> bool:
        return len(self.rows) >= BATCH_ROWS or self.size_bytes >= BATCH_BYTES


@dataclass(slots=True)
class _Import:
    """One run over some files."""

    store: Store
    recipe: Recipe
    now: datetime
    rejects: Rejects
    counts: _Counts
    progress: Callable[[ImportProgress], None] | None

    def read_file(self, path: Path) -> None:
        with open_rows(path, self.recipe.columns) as reading:
            batch = _Batch()
            try:
                for row in reading.rows:
                    self._take(path, row, batch)
                    if batch.is_full:
                        self._write(path, batch, reading)
                        batch = _Batch()
            except FileUnreadable:
                self._write(path, batch, reading)  # the file breaks off: what was read well is kept
                raise
            self._write(path, batch, reading)

    def _take(self, path: Path, row: Row, batch: _Batch) -> None:
        self.counts.read += 1
        if row.content is None:
            self._reject(path, row, row.problem)
            return
        try:
            batch.add(row, self.recipe.record(row.content, self.now))
        except ValidationError as error:
            self._reject(path, row, explain(error))
        except RecordInvalid as error:
            self._reject(path, row, str(error))

    def _write(self, path: Path, batch: _Batch, reading: Reading) -> None:
        if batch.records:
            outcomes = self.recipe.put(self.store, batch.records, self.now)
            for row, outcome in zip(batch.rows, outcomes, strict=True):
                if outcome is PutOutcome.REFUSED:
                    self._reject(path, row, _REFUSED)
                elif outcome is PutOutcome.UNCHANGED:
                    self.counts.unchanged += 1
                else:
                    self.counts.written += 1
        if self.progress is not None:
            counts = self.counts
            self.progress(
                ImportProgress(
                    path,
                    reading.fraction(),
                    counts.read,
                    counts.written,
                    counts.unchanged,
                    self.rejects.count,
                )
            )

    def _reject(self, path: Path, row: Row, reason: str) -> None:
        kept = self.recipe.kept_in_rejects
        self.rejects.add(path, row, reason, row.raw if kept is None else _only(row.content or {}, kept))


def _only(value: Any, names: frozenset[str]) -> Any:
    """The value without fields of other names, at any depth."""
    if isinstance(value, dict):
        return {name: _only(item, names) for name, item in value.items() if name in names}
    return [_only(item, names) for item in value] if isinstance(value, list) else value
