"""Opening a file: compressed or not, with its progress, and the errors of reading mapped in one place."""

import contextlib
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self, cast

from core.errors import FileUnreadable
from core.exchange.rows import MAX_ROW_BYTES, broken

_BUFFER: Final = 1 << 18
_UTF8_MARK: Final = b"\xef\xbb\xbf"
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


class Source:
    """A readable file; a context manager.

    Attributes:
        path: where it is.
        stream: its content, decompressed, after a UTF-8 byte order mark.
    """

    stream: BinaryIO

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> Self:
        with reading(self.path):
            self._file = self.path.open("rb", buffering=_BUFFER)
            self._size = max(self.path.stat().st_size, 1)
            compressed = self.path.suffix.lower() == ".gz"
            opened = gzip.GzipFile(fileobj=self._file, mode="rb") if compressed else self._file
            self.stream = cast("BinaryIO", opened)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stream.close()
        self._file.close()

    @property
    def fraction(self) -> float:
        """Part of the file that was read, 0 to 1."""
        return 1.0 if self._file.closed else min(self._file.tell() / self._size, 1.0)

    def lines(self) -> Iterator[tuple[int, bytes, bool]]:
        """Lines as (number from 1, bytes with the line end, whether it is complete).

        A line above ``MAX_ROW_BYTES`` is cut there and told to be incomplete; memory stays flat.

        Raises:
            FileUnreadable: the file breaks off or is not in UTF-8 as a whole.
        """
        number = 0
        with reading(self.path):
            while line := self.stream.readline(MAX_ROW_BYTES + 1):
                number += 1
                if number == 1:
                    line = _without_mark(self.path, line)
                complete = len(line) <= MAX_ROW_BYTES
                yield number, line[:MAX_ROW_BYTES], complete
                while not complete and not line.endswith(b"\n"):
                    line = self.stream.readline(MAX_ROW_BYTES)
                    if not line:
                        return

    def chunks(self) -> Iterator[bytes]:
        """The content in pieces of at most 256 KiB, after a byte order mark.

        Raises:
            FileUnreadable: the file breaks off or is not in UTF-8 as a whole.
        """
        with reading(self.path):
            first = True
            while chunk := self.stream.read(_BUFFER):
                yield _without_mark(self.path, chunk) if first else chunk
                first = False


def _without_mark(path: Path, start: bytes) -> bytes:
    if start.startswith(_UTF16_MARKS):
        raise broken(path, "the text is in UTF-16", "save it as UTF-8")
    return start.removeprefix(_UTF8_MARK)


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Maps what can go wrong while reading to ``FileUnreadable``."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise broken(
            path, "the gzip data is damaged or breaks off", "copy or download the file again and import it again"
        ) from error
    except OSError as error:
        raise FileUnreadable(
            f"{path} cannot be read ({error.strerror or error}); check the name and its permissions"
        ) from error
