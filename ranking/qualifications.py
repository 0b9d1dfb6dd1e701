"""When one certificate, licence or language satisfies another, as pure functions on the words people write."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

# A licence includes those below it (Wegenverkeerswet 1994, Reglement rijbewijzen).
LICENCE_INCLUDES: dict[str, frozenset[str]] = {
    "B": frozenset({"AM"}),
    "BE": frozenset({"B", "AM"}),
    "C1": frozenset({"B", "AM"}),
    "C1E": frozenset({"C1", "BE", "B", "AM"}),
    "C": frozenset({"C1", "B", "AM"}),
    "CE": frozenset({"C", "C1", "C1E", "BE", "B", "AM"}),
    "D1": frozenset({"B", "AM"}),
    "D": frozenset({"D1", "B", "AM"}),
    "D1E": frozenset({"D1", "BE", "B", "AM"}),
    "DE": frozenset({"D", "D1", "D1E", "BE", "B", "AM"}),
    "A": frozenset({"A2", "A1", "AM"}),
    "A2": frozenset({"A1", "AM"}),
    "A1": frozenset({"AM"}),
}
_LICENCE = re.compile(r"\b(C1E|D1E|AM|A1|A2|BE|C1|CE|D1|DE|A|B|C|D|T)\b")
_NOISE = frozenset(
    {"certificaat", "diploma", "bewijs", "pasje", "cursus", "training", "geldig", "behaald", "basis"}
    | {"een", "het", "de", "van", "voor", "in", "of", "en", "met"}
)


@lru_cache(maxsize=4_096)
def licence_categories(text: str) -> frozenset[str]:
    """Categories named in a text such as ``B``, ``rijbewijs B/BE`` or ``C + CE``."""
    return frozenset(_LICENCE.findall(text.upper().replace("RIJBEWIJS", " ")))


def licences_held(texts: Iterable[str]) -> frozenset[str]:
    """All categories that someone may drive, the included ones too."""
    named = frozenset().union(*(licence_categories(text) for text in texts))
    return named.union(*(LICENCE_INCLUDES.get(category, frozenset()) for category in named))


@lru_cache(maxsize=16_384)
def certificate_words(text: str) -> frozenset[str]:
    """The words that tell certificates apart: lower case, no accents, no 'certificaat', 'diploma' and the like."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain)
    kept = [re.sub(r"(certificaat|diploma|bewijs|pas)$", "", word) or word for word in words]
    return frozenset(word for word in kept if word not in _NOISE)


@lru_cache(maxsize=65_536)
def certificate_satisfies(offered: str, required: str) -> bool:
    """Whether an offered certificate is the required one, written shorter, longer or with other small words."""
    have, need = certificate_words(offered), certificate_words(required)
    if not have or not need:
        return offered.strip().lower() == required.strip().lower()
    return need <= have or have <= need
