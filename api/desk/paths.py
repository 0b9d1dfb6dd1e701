"""Which addresses are pages: they go by who is logged in, all others by the API key."""

from typing import Final
from urllib.parse import urlsplit

SIGN_IN: Final = "/inloggen"
_SEGMENTS: Final = frozenset(
    {
        "inloggen",
        "uitloggen",
        "wachtwoord",
        "vacatures",
        "shortlists",
        "talenten",
        "nazorg",
        "overzicht",
        "cursussen",
        "gebruikers",
        "voorgesteld",
        "static",
    }
)
_MAX_ADDRESS: Final = 500


def is_desk(path: str) -> bool:
    """Whether this is the path of a page, or of what pages load."""
    return path == "/" or (path[:1] == "/" and path[1:].partition("/")[0] in _SEGMENTS)


def local(address: str | None) -> str | None:
    r"""The address, if it leads to one of our own pages; else None.

    What stands behind ``next=`` was written by whoever made the link: ``//elsewhere``, ``/\elsewhere`` and
    ``https:elsewhere`` all lead away.
    """
    if not address or len(address) > _MAX_ADDRESS or not address.startswith("/") or address.startswith("//"):
        return None
    if any(ord(character) <= 32 or ord(character) == 127 or character == "\\" for character in address):
        return None
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or not is_desk(parts.path) or parts.path.startswith((SIGN_IN, "/uitloggen")):
        return None
    return address
