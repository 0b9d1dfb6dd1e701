"""Vacancies that nobody stored: their id is made from their content, so that the same text has the same id."""

import hashlib

from pydantic import ValidationError

from core.errors import RecordInvalid
from core.records import Vacancy


def content_id(content: bytes) -> str:
    """An id for a vacancy that came without one."""
    return f"adhoc:{hashlib.sha256(content).hexdigest()[:16]}"


def vacancy_of_text(text: str) -> Vacancy:
    """A vacancy of which only the employer's text is known.

    Raises:
        RecordInvalid: the text is empty, too long, or holds what no text holds.
    """
    try:
        return Vacancy(vacancy_id=content_id(text.encode("utf-8", "surrogatepass")), description=text)
    except ValidationError:
        raise RecordInvalid("the text of a vacancy has 1 to 8,000 characters, without NUL; change it") from None
