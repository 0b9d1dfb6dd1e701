"""JSON Lines: one JSON object a line."""

from collections.abc import Iterator
from typing import Final

from pydantic_core import from_json

from core.exchange.rows import MAX_ROW_BYTES, Row
from core.exchange.source import Source

_TOO_LONG: Final = f"longer than {MAX_ROW_BYTES} bytes; check that each record stands on a line of its own"


def read_json_lines(source: Source) -> Iterator[Row]:
    """Yields a row for each line that is not blank.

    Raises:
        FileUnreadable: the file breaks off.
    """
    for number, line, complete in source.lines():
        if not complete:
            yield Row(number, None, _TOO_LONG, line)
        elif not line.isspace():
            yield parsed(number, line)


def parsed(line: int, text: bytes) -> Row:
    """The row that a JSON text holds; never raises."""
    text = text.strip()
    try:
        text.decode()
        value = from_json(text, allow_inf_nan=False)
    except UnicodeDecodeError as error:
        return Row(line, None, f"not UTF-8 at byte {error.start + 1}; save the file as UTF-8", text)
    except ValueError as error:
        return Row(line, None, f"not JSON ({error}); check quotes, commas and brackets", text)
    if not isinstance(value, dict):
        return Row(line, None, "a JSON object is needed here, with a name for each value: {…}", text)
    return Row(line, value, "", text)
