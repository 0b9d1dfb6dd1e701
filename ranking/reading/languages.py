"""Languages that a job asks for, with the level."""

import re
from functools import cache
from itertools import islice, pairwise

from core.records import Language
from ranking.reading.findings import CLEAR, LIKELY, WEAK, Finding, ReadField
from ranking.reading.lexicon import pattern, words
from ranking.reading.passages import MAX_MENTIONS, Section, Sentence, hinting
from ranking.reading.stance import Stance, clause_around, stance_of

MASTERED = 3  # "goed", "beheersing"
DEFAULT_LEVEL = 2  # a language is asked for, and nothing says how well

_WRITTEN = r"\b(?:woord\s+en\s+geschrift|schriftelijk\w*|schrijf\w*|schrijven|geschreven)\b"
_ABOUT_LANGUAGE = (
    r"\b(?:spre[ek]\w*|taal\w*|talen|beheers\w*|niveau|voertaal|verstaan\w*|verstaat|schrijf\w*|praat|praten|kennis|basiskennis"
    r"|woord|machtig|language)\b"
)
_LINK = r"^\s*(?:,|/|en|of|en/of|én)\s*(?:het\s+|de\s+)?$"
_OR = r"^\s*(?:taal\s+)?(?:,\s*)?(?:en/)?of\s+(?:de\s+|het\s+)?$"
_EUROPEAN = r"^\s*(?:taal)?\s*\(?(?:op\s+)?(?:(?:minimaal|minstens)\s+)?(?:niveau\s+)?([abc][12])\b"
_IS_SO = r"^\s+(?:taal\s+)?(?:is\s+)?((?:zeer\s+)?\w+)"  # "Engels is redelijk", "beheerst het Nederlands uitstekend"
_HARD = frozenset({Stance.ASKED, Stance.PRESUMED})
# The first letters of every language in words.toml (a test compares them).
_HINTS = (
    "nederl", "dutch", "engels", "english", "duits", "german", "frans", "french", "pools", "turks", "arabisch",
    "spaans", "portug", "oekra", "roemeens", "bulgaars", "italiaans", "chinees", "mandarijn", "papiament", "russisch",
)  # fmt: skip
_ADJECTIVE = r"^e?\s+(?!taal|en\s+\w+e\s+taal|of\s+\w+e\s+taal)[a-zë]"


@cache
def _names() -> re.Pattern[str]:
    groups = "|".join(f"(?P<{code}>{names})" for code, names in words()["languages"].items())
    return re.compile(rf"\b(?:{groups})(?P<e>e?)\b", re.IGNORECASE)


def find_languages(sentences: list[Sentence]) -> list[Finding]:
    """Languages and levels; each once, the surest reading. Of "Pools of Engels" neither is required by itself."""
    best: dict[str, Finding] = {}
    for sentence in hinting(sentences, _HINTS):
        for found in _languages(sentence):
            code = found.value.code if isinstance(found.value, Language) else ""
            if code not in best or found.confidence > best[code].confidence:
                best[code] = found
    return list(best.values())


def _languages(sentence: Sentence) -> list[Finding]:
    found: list[Finding] = []
    named = islice(_names().finditer(sentence.text), MAX_MENTIONS)
    mentions = [match for match in named if _is_language(sentence.text, match)]
    inherited: int | None = None
    for place, match in enumerate(mentions):
        before = mentions[place - 1].end() if place else 0
        level = _level(sentence, match, before)
        if level is None and place and pattern(_LINK).match(sentence.text[before : match.start()]):
            level = inherited
        inherited = level
        stance = stance_of(sentence, *match.span())
        choice = _is_choice(sentence.text, mentions, place)
        if stance is Stance.NOT_NEEDED or not (level is not None or choice or _asked(sentence, match, stance)):
            continue
        found.append(_finding(sentence, match, level, stance, hard=stance in _HARD and not choice))
    return found


def _finding(sentence: Sentence, match: re.Match[str], level: int | None, stance: Stance, *, hard: bool) -> Finding:
    spoken = DEFAULT_LEVEL if level is None else level
    written = spoken if pattern(_WRITTEN).search(sentence.text) else None
    value = Language(code=_code(match), spoken=spoken, written=written)
    at = sentence.start + match.start(), sentence.start + match.end()
    confidence = CLEAR if level is not None else LIKELY if stance is not Stance.PRESUMED else WEAK
    return Finding(ReadField.LANGUAGE, value, *at, confidence, required=hard)


def _code(match: re.Match[str]) -> str:
    return next(str(code) for code in words()["languages"] if match[code])


def _is_language(text: str, match: re.Match[str]) -> bool:
    """Tells "Engels" and "Engelse taal" from "Engelse klanten"."""
    if match["e"]:
        return pattern(_ADJECTIVE).match(text[match.end() - 1 : match.end() + 30]) is None
    return True


def _asked(sentence: Sentence, match: re.Match[str], stance: Stance) -> bool:
    """Whether a language named without a level is about speaking it."""
    if stance is Stance.LIKED or sentence.section is Section.ASKS:
        return True
    left, right = clause_around(sentence, *match.span())
    return bool(pattern(_ABOUT_LANGUAGE).search(left + match[0] + right)) or stance is Stance.ASKED


def _level(sentence: Sentence, match: re.Match[str], after: int) -> int | None:
    """The level said nearest to a language: a European level behind it, a word before it, a word behind it."""
    left, right = clause_around(sentence, *match.span())
    behind = pattern(_EUROPEAN).match(right)
    if behind:
        return _levels_in(behind[1])[0][1]
    is_so = pattern(_IS_SO).match(right)
    if is_so and is_so[1].lower() not in {"genoeg", "voldoende"} and (said := _levels_in(is_so[1])):
        return said[0][1]
    words_before = left[-max(0, match.start() - after) :] if match.start() > after else ""
    before = [level for _, level in _levels_in(words_before[-60:])]
    if before:
        # "uitstekende beheersing": the adjective says how well, "beheersing" alone says well.
        return next((level for level in reversed(before) if level != MASTERED), MASTERED)
    until = _names().search(right)
    near = _levels_in(right[: until.start() if until else 45][:45])
    return near[0][1] if near else None


def _levels_in(window: str) -> list[tuple[int, int]]:
    """Where a level is named in a stretch, and which, in the order of the text."""
    found = [
        (hit.start(), -hit.end(), entry["level"])
        for entry in words()["language_level"]
        for hit in pattern(rf"\b(?:{entry['pattern']})\b").finditer(window)
    ]
    # "verstaan is genoeg" and "zeer goed" cover the shorter readings that start or end inside them.
    return [(start, level) for start, _, level in sorted(found)]


def _is_choice(text: str, mentions: list[re.Match[str]], place: int) -> bool:
    """Whether "of" stands between this language and a neighbour, or at the end of the list that it stands in."""
    gaps = [text[one.end() : other.start()] for one, other in pairwise(mentions)]
    for side in (reversed(gaps[:place]), iter(gaps[place:])):
        for gap in side:
            if pattern(_OR).match(gap):
                return True
            if not pattern(r"^\s*,\s*$").match(gap):
                break
    return False
