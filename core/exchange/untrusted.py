"""Reading JSON of another system, whose shape nobody promised: a value of the type asked for, or why not."""

import hashlib
import re
from collections.abc import Mapping
from typing import Final

from core.errors import RecordInvalid

JsonObject = Mapping[str, object]
_OUR_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_EMPTY: Final[JsonObject] = {}


def child(parent: JsonObject, name: str) -> JsonObject:
    """The object under a name; empty where there is none.

    Raises:
        RecordInvalid: there is something else.
    """
    value = parent.get(name)
    if value is None:
        return _EMPTY
    if not isinstance(value, dict):
        raise RecordInvalid(f"{name}: an object is needed here, {{…}}")
    return value


def children(parent: JsonObject, name: str) -> list[JsonObject]:
    """The objects in the list under a name; empty where there is none.

    Raises:
        RecordInvalid: there is something else.
    """
    value = parent.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise RecordInvalid(f"{name}: a list of objects is needed here, [{{…}}]")
    return value


def text(parent: JsonObject, name: str, *, cut: int | None = None) -> str:
    """The text under a name, trimmed; empty where there is none.

    A number counts as text: codes are written as numbers by some and as text by others.

    Args:
        parent: where to look.
        name: under which name.
        cut: longer text is cut here; ``None`` leaves judging the length to the contract.

    Raises:
        RecordInvalid: there is something else.
    """
    value = parent.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise RecordInvalid(f"{name}: a text is needed here")
    return str(value).strip()[:cut]


def our_id(theirs: str, *, prefix: str) -> str:
    """Their id where it fits the contract, else a stable one made from it.

    The same id always gives the same result, so that a second import finds what the first made.
    """
    if _OUR_ID.fullmatch(theirs):
        return theirs
    return f"{prefix}:{hashlib.blake2b(theirs.encode(), digest_size=16).hexdigest()}"
