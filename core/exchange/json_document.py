"""A JSON document of any size: an array of objects, or objects one after another, over any number of lines."""

import re
from collections.abc import Iterator
from typing import Final

from core.exchange.json_lines import parsed
from core.exchange.rows import MAX_ROW_BYTES, Row, broken
from core.exchange.source import Source

_OUTSIDE_STRING: Final = re.compile(rb'["\[\]{},]')
_INSIDE_STRING: Final = re.compile(rb'["\\]')


def read_json_document(source: Source) -> Iterator[Row]:
    """Yields a row for each object at the top, or in an array at the top.

    Only the object at hand is in memory. One that is not valid JSON is a row with a problem, and reading goes on
    after it, as long as its brackets and quotes close.

    Raises:
        FileUnreadable: the file breaks off, or a value is longer than ``MAX_ROW_BYTES``.
    """
    splitter = _Splitter(source)
    for chunk in source.chunks():
        yield from splitter.feed(chunk)
    yield from splitter.finish()


class _Splitter:
    """Cuts a stream of bytes where one value ends and the next begins; what is between is left to the parser."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._pending = bytearray()
        self._line = 1  # where what is pending starts
        self._depth = 0
        self._in_array = False
        self._in_string = False
        self._escaped = False

    def feed(self, chunk: bytes) -> Iterator[Row]:
        """Rows that the chunk completes."""
        taken = position = 0
        while position < len(chunk):
            if self._escaped:
                self._escaped = False
                position += 1
                continue
            token = (_INSIDE_STRING if self._in_string else _OUTSIDE_STRING).search(chunk, position)
            if token is None:
                break
            position = token.end()
            cut_before, cut_after = self._step(token.group())
            if cut_before or cut_after:
                self._pending += chunk[taken : position if cut_after else token.start()]
                yield from self._cut()
                taken = position
        self._pending += chunk[taken:]
        if len(self._pending) > MAX_ROW_BYTES:
            raise broken(
                self._source.path,
                f"the value at line {self._line} is longer than {MAX_ROW_BYTES} bytes",
                "check that the file is an array of records, or one record after another",
            )

    def finish(self) -> Iterator[Row]:
        """What is left at the end of the file."""
        if self._in_string or self._depth:
            raise broken(
                self._source.path,
                f"it ends in the middle of the record or array at line {self._line}",
                "copy or download the file again and import it again",
            )
        yield from self._cut()

    def _step(self, token: bytes) -> tuple[bool, bool]:
        """Takes one token; tells whether a value ends before it, or with it."""
        if token == b"\\":
            self._escaped = True
        elif token == b'"':
            self._in_string = not self._in_string
        elif token == b",":
            return self._in_array and self._depth == 1, False
        elif token == b"[" and self._depth == 0:
            self._in_array, self._depth = True, 1
            return True, False
        elif token in b"[{":
            self._depth += 1
        else:
            self._depth = max(self._depth - 1, 0)
            ended = self._depth == 0
            closes_array = ended and self._in_array
            self._in_array = self._in_array and not ended
            return closes_array, ended and not closes_array
        return False, False

    def _cut(self) -> Iterator[Row]:
        value = bytes(self._pending)
        self._pending.clear()
        start = value.lstrip()
        line = self._line + value.count(b"\n", 0, len(value) - len(start))
        self._line += value.count(b"\n")
        if start:
            yield parsed(line, start)
