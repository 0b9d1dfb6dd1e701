"""Content as canonical JSON text and as a short hash: what "the same" means when a file is imported twice."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from core.records import Talent, Vacancy
from core.store.schema import ETAG_CHARS

# Defaults are fixed by the contract, so what is not written is the default: half the bytes, and one way to say it.
_UPDATED_AT: Final = {"updated_at"}


@dataclass(frozen=True, slots=True)
class Encoded:
    """A record ready to be stored.

    Attributes:
        content: JSON text, ``updated_at`` included.
        etag: hash of ``content``.
        fingerprint: hash of the content without ``updated_at``.
        updated_at: the record's own, or the moment of writing; UTC.
    """

    content: str
    etag: str
    fingerprint: str
    updated_at: datetime


def digest(text: str) -> str:
    """Short hash of a text: 96 bits, so a chance collision needs some 10^14 revisions."""
    return hashlib.blake2b(text.encode(), digest_size=ETAG_CHARS // 2).hexdigest()


def encode(record: Talent | Vacancy, *, now: datetime) -> Encoded:
    """Writes a record as canonical JSON; ``now`` stands in where the record does not say when it changed."""
    body = record.model_dump_json(exclude=_UPDATED_AT, exclude_defaults=True)
    updated_at = (record.updated_at or now).astimezone(UTC)
    content = f'{body[:-1]},"updated_at":"{updated_at.isoformat()}"}}'
    return Encoded(content, digest(content), digest(body), updated_at)
