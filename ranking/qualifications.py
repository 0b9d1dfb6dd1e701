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

# Highest first: safety for intermediaries, for operational managers, for everyone.
_LADDER = (frozenset({"vil", "vcu"}), frozenset({"vca", "vol"}), frozenset({"vca"}))
_VOL = 2  # rung of the second from above
_BASIC = re.compile(r"\bbasis|\bb[ -]?vca\b|\bvca[ -]?b\b", re.IGNORECASE)  # says that it is the lowest
# What may stand beside a certificate's name without making it another: who issues it, and at which level of education.
_SAYS_NOTHING = frozenset(
    {"svh", "rtt", "tcvt", "nibhv", "oranje", "kruis", "rode", "erkend", "mbo", "niveau"} | set("1234")
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
    """Whether an offered certificate is the required one, written shorter, longer or with other small words.

    Where both name a level, it must be as high. One that names none ("VCA") may be the higher one: doubt counts for the
    person, who is asked.
    """
    have, need = certificate_words(offered), certificate_words(required)
    if not have or not need:
        return offered.strip().lower() == required.strip().lower()
    high, low = _rung(have), _rung(need)
    if high and low:
        return high >= low or (low == _VOL and not _BASIC.search(offered))
    (has, high), (asked, low) = _levelled(have), _levelled(need)
    if high and low and has == asked:
        return high >= low
    return need <= have or have <= need


def certificate_gives(given: str, needed: str) -> bool:
    """Whether a course that ends with one certificate gives the needed one, or a higher one of its ladder.

    Stricter than :func:`certificate_satisfies`, which gives people the benefit of the doubt: who sends someone to a
    course must know that it is the right one. ``VCA VOL`` gives ``VCA``, and not the other way round.
    """
    have, need = certificate_words(given), certificate_words(needed)
    if not have or not need:
        return given.strip().casefold() == needed.strip().casefold()
    high, low = _rung(have), _rung(need)
    if high and low:
        return high >= low
    return need <= have or (have <= need and need - have <= _SAYS_NOTHING)


def _levelled(words: frozenset[str]) -> tuple[frozenset[str], int]:
    """The words without those that say a level ("lassen niveau 3"), and that level; 0 where none is said."""
    numbers = [int(word) for word in words if word.isdigit()] if "niveau" in words else []
    return (words - {"niveau", str(numbers[0])}, numbers[0]) if len(numbers) == 1 else (words, 0)


def _rung(words: frozenset[str]) -> int:
    """Place on the ladder of VCA (Stichting Samenwerken voor Veiligheid), 0 for what does not stand on it."""
    return next((len(_LADDER) - place for place, rung in enumerate(_LADDER) if rung <= words), 0)
