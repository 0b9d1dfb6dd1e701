"""Lists in pages: a bounded limit and an opaque cursor (keyset: the last page is as fast as the first)."""

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated

import orjson
from fastapi import Query
from pydantic import TypeAdapter, ValidationError

from core.errors import InputError
from core.records import Identifier

MAX_PAGE = 200

Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="Records a page.")]
CursorText = Annotated[
    str | None,
    Query(max_length=512, description="next_cursor of the page before; none for the first."),
]
_AFTER: TypeAdapter[str] = TypeAdapter(Identifier)


def encode_cursor(scope: str, after: str) -> str:
    """A cursor that continues after a key.

    Args:
        scope: names the list and its filter; a cursor of one list is refused by another.
        after: id of the last record given.
    """
    return base64.urlsafe_b64encode(orjson.dumps([scope, after])).decode().rstrip("=")


def decode_cursor(scope: str, cursor: str | None) -> str | None:
    """The key to continue after; None for the first page.

    Raises:
        InputError: the cursor was not given by this list.
    """
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        given_scope, after = orjson.loads(raw)
        if given_scope == scope:
            return _AFTER.validate_python(after)
    except (binascii.Error, ValueError, TypeError, ValidationError):
        pass
    raise InputError("cursor was not given by this list; leave it out to start at the first page")


def next_cursor(scope: str, ids: Sequence[str], limit: int) -> str | None:
    """The cursor after a page; None when the list ended.

    Args:
        scope: as in :func:`encode_cursor`.
        ids: of at most limit + 1 records, in order; the one too many tells that there is more.
        limit: records a page.
    """
    return encode_cursor(scope, ids[limit - 1]) if len(ids) > limit else None
