"""The rejects file: what an import refused, with line and reason, so that it can be mended and given again."""

import base64
import os
import tempfile
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import orjson

from core.errors import FileUnreadable
from core.exchange.rows import Row

_COPY_BYTES: Final = 1 << 20


class Rejects:
    """Collects refused rows; a context manager that publishes them when it closes.

    Until then they are in a file without a name, which vanishes with the process: a killed import leaves no half
    file with personal data behind. Published by rename, readable by this user only.

    Attributes:
        count: rows refused so far.
        path: the published file; ``None`` until it is, and where nothing was refused.
    """

    def __init__(self, folder: Path, kind: str, now: datetime) -> None:
        self.count = 0
        self.path: Path | None = None
        self._folder = folder
        self._stem = f"{kind}-{now:%Y%m%dT%H%M%S}"

    def __enter__(self) -> Self:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = tempfile.TemporaryFile(dir=self._folder)
        except OSError as error:
            raise FileUnreadable(
                f"the rejects folder {self._folder} cannot be written ({error.strerror}); fix its permissions"
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._file:
            if self.count:
                self._publish()

    def add(self, file: Path, row: Row, reason: str, raw: bytes | dict[str, object]) -> None:
        """Keeps one refused row: where it stood, why, and as much of it as may be kept."""
        self.count += 1
        entry: dict[str, object] = {"file": str(file), "line": row.line, "reason": reason}
        if isinstance(raw, bytes):
            entry |= _text_or_base64(raw)
        elif raw:
            entry["raw"] = raw
        self._file.write(orjson.dumps(entry, default=str, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS))

    def _publish(self) -> None:
        self._file.seek(0)
        descriptor, name = tempfile.mkstemp(prefix=f"{self._stem}-", suffix=".partial", dir=self._folder)
        with os.fdopen(descriptor, "wb") as beside:  # mkstemp: mode 0600, and a name of its own
            while piece := self._file.read(_COPY_BYTES):
                beside.write(piece)
            beside.flush()
            os.fsync(beside.fileno())
        self.path = Path(name).with_suffix(".jsonl")
        Path(name).rename(self.path)


def _text_or_base64(raw: bytes) -> dict[str, object]:
    try:
        return {"raw": raw.decode()}
    except UnicodeDecodeError:
        return {"raw_base64": base64.b64encode(raw).decode()}
