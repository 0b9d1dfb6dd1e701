"""Skills: what someone will do, turned into short phrases, and what experience or knowledge is asked for."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from ranking.reading.abilities import abilities, errands, named_deeds, skill
from ranking.reading.findings import CLEAR, LIKELY, WEAK, Finding
from ranking.reading.infinitives import (
    infinitive_of,
    infinitive_phrase,
    is_infinitive,
    is_task,
    listed_task,
    subordinate_infinitive,
)
from ranking.reading.lexicon import pattern
from ranking.reading.passages import MAX_MENTIONS, Section, Sentence

MAX_SKILLS = 40

_WORD = r"[^\W_]+(?:[-'’/.&+][^\W_]+)*'?"
_SUBJECTS = frozenset({"je", "jij"})
# Where a clause about tasks ends for sure.
_CLAUSE_END = frozenset({
    "maar", "want", "omdat", "zodat", "terwijl", "waarbij", "dus", "die", "dat", "zoals", "waar", "als", "wij",
    "we", "zodra", "indien", "om", "zonder", "toch",
})  # fmt: skip
_SUBJECT = r"\b(?:je|jij)\b"
_REASONS = frozenset({"want", "omdat", "zodat"})
_OPENERS = frozenset({"je", "jij", "ook", "en", "daarnaast", "of"})
_NOT_A_SKILL = (
    r"\b(?:ploeg\w*|weekend\w*|team\b|dienst(?:en)?\b|rijbewijs|solliciteer\w*|solliciteren|uren|diploma"
    r"|avonds|nachts|euro"
    r"|kosten|kans\s+maken|contract|vakantie\w*|salaris|pensioen|reiskosten|certificaat|plezier|kansen|storingsdienst"
    r"|bij\s+ons|cv\b(?!-)|niet\s+doen|ervan|werkdag|dag\s+zelf|vergelijkbare)\b|€|\b(?:bij|van|via|met|voor|in|aan)$"
)
_DUTY = r"\b(?:verantwoordelijk\s+voor|(?:taken|werkzaamheden)\s+(?:zijn|bestaan\s+uit))\s+(?:het\s+|de\s+)?"
_PIECE = r"\s*[,;]\s*"
_TALK = r"\b(?:je|jij|jou|jouw|wij|we|ons|onze|is|zijn|hebt|heb|ben|bent|geen|kan|kun|moet|mag|hoort|uur|vanaf)\b"


class _Token(NamedTuple):
    text: str
    start: int
    end: int
    small: str


def _tokens(text: str) -> list[_Token]:
    return [_Token(word[0], *word.span(), word[0].lower()) for word in pattern(_WORD).finditer(text)]


def find_skills(sentences: list[Sentence]) -> list[Finding]:
    """Skills in the order of the text, each once."""
    found: list[Finding] = []
    for sentence in sentences:
        if sentence.section is Section.OFFERS:
            continue
        told = [*_told(sentence), *_implied(sentence), *_subordinate(sentence), *errands(sentence)]
        found += told or named_deeds(sentence) or _listed(sentence)
        found += abilities(sentence)
    kept = [one for one in found if not pattern(_NOT_A_SKILL).search(str(one.value))]
    return _unique(kept)[:MAX_SKILLS]


def _told(sentence: Sentence) -> Iterator[Finding]:
    """Reads "Je verzamelt orders, laadt en lost vrachtwagens" and "Ook vul je de schappen bij"."""
    if not pattern(_SUBJECT).search(sentence.small):
        return
    tokens = _tokens(sentence.text)
    place = 0
    while place + 1 < len(tokens):
        first, second = tokens[place], tokens[place + 1]
        if first.small in _SUBJECTS and infinitive_of(second.small):
            if place and tokens[place - 1].small in _REASONS:  # "want je rijdt met je eigen bus" says why, not what
                place += 2
                continue
            inverted, start, body = False, place + 1, place + 2
        elif (
            second.small in _SUBJECTS
            and sentence.text[first.end : second.start].isspace()  # "Vervoer: je hebt" is no "vervoer je"
            and infinitive_of(first.small, inverted=True)
        ):
            inverted, start, body = True, place, place + 2
        else:
            place += 1
            continue
        stop = _clause_stop(sentence.text, tokens, body)
        if sentence.after == "" or not inverted:  # "Werk je graag buiten?" asks after someone's taste
            yield from _clauses(sentence, [tokens[start], *tokens[body:stop]], inverted=inverted)
        place = max(stop, place + 1)


def _implied(sentence: Sentence) -> Iterator[Finding]:
    """Reads the list item "legt bestrating in woonwijken" under "Jij:"; "je" is understood."""
    if sentence.section is Section.NONE or not infinitive_of(sentence.small.partition(" ")[0]):
        return
    tokens = _tokens(sentence.text)
    if len(tokens) > 1 and infinitive_of(tokens[0].small) and not is_infinitive(tokens[0].small):
        stop = _clause_stop(sentence.text, tokens, 1)
        yield from _clauses(sentence, tokens[:stop], inverted=False)


def _clause_stop(text: str, tokens: Sequence[_Token], place: int) -> int:
    """Index of the first token beyond the tasks that this subject governs."""
    while place < len(tokens):
        small, before = tokens[place].small, text[tokens[place - 1].end : tokens[place].start]
        together = small == "samen" and place + 1 < len(tokens) and tokens[place + 1].small == "met"
        if small in _CLAUSE_END or together or set(before) & set("().:"):
            return place
        place += 1
    return place


def _clauses(sentence: Sentence, tokens: Sequence[_Token], *, inverted: bool) -> Iterator[Finding]:
    """Splits at every further verb; verbs without words of their own share those of the next."""
    verbs: list[_Token] = []
    begin = 0
    for group in _groups(sentence.text, tokens, inverted=inverted):
        verb, rest = group[0], group[1:]
        infinitive = infinitive_of(verb.small, inverted=inverted)
        if infinitive is None:
            verbs = []
            continue
        begin = begin if verbs else verb.start
        if not rest and not inverted:
            verbs.append(verb)
            continue
        yield from _phrases(sentence, [*verbs, verb], rest, begin, inverted=inverted)
        verbs = []
    for verb in verbs:
        yield from _phrases(sentence, [verb], [], verb.start, inverted=inverted)


def _groups(text: str, tokens: Sequence[_Token], *, inverted: bool) -> list[list[_Token]]:
    groups: list[list[_Token]] = [[tokens[0]]]
    for place in range(1, len(tokens)):
        token, previous = tokens[place], tokens[place - 1]
        opens = previous.small in _OPENERS or "," in text[previous.end : token.start]
        if token.small in _SUBJECTS:
            continue
        if opens and (infinitive_of(token.small, inverted=inverted) or _other_verb(token.small)):
            while groups[-1][1:] and groups[-1][-1].small in _OPENERS:
                groups[-1].pop()
            groups.append([token])
        elif not (len(groups[-1]) == 1 and token.small in _OPENERS):
            groups[-1].append(token)
    while groups[-1][1:] and groups[-1][-1].small in _OPENERS:
        groups[-1].pop()
    return groups


def _other_verb(small: str) -> bool:
    """Verbs that tell something else than a task, which end the one before."""
    return small in {
        "komt", "start", "begint", "bent", "hebt", "krijgt", "spreekt", "wilt", "kunt", "gaat", "verdient", "beschikt",
        "kom", "ben", "heb", "krijg", "kun", "ga", "kookt", "werkt", "woont", "volgt", "beheerst", "weet", "vindt",
        "bouwt", "houdt", "leert", "spreek", "werk",
    }  # fmt: skip


def _phrases(
    sentence: Sentence, verbs: Sequence[_Token], rest: Sequence[_Token], begin: int, *, inverted: bool
) -> Iterator[Finding]:
    """The phrase of verbs that share an object; where the last has a particle of its own they share nothing."""
    words = [token.text for token in rest]
    known = [infinitive_of(verb.small, inverted=inverted) or verb.small for verb in verbs]
    if not is_task(verbs[-1].small, known[-1], [word.lower() for word in words]):
        return
    value = infinitive_phrase(known[-1:], words)
    if len(verbs) > 1 and f" {known[-1]} " in f" {value} ":
        value = infinitive_phrase(known, words)
    else:
        for verb, infinitive in zip(verbs[:-1], known[:-1], strict=True):
            yield skill(sentence, verb.start, verb.end, infinitive, CLEAR)
        begin = verbs[-1].start
    end = rest[-1].end if rest else verbs[-1].end
    yield skill(sentence, begin, end, value, CLEAR)


def _subordinate(sentence: Sentence) -> Iterator[Finding]:
    """Reads "een timmerman die kozijnen stelt, dakramen plaatst en vloeren legt"."""
    if not sentence.hints(("die",)):
        return
    for relative in islice(pattern(r"\bdie\s").finditer(sentence.text), MAX_MENTIONS):
        position = relative.end()
        for piece in pattern(r"[^,.;:!?]+?(?=,|\s+en\s|$)").finditer(sentence.text, relative.end()):
            words = _tokens(piece[0])
            words = words[1:] if words and words[0].small in {"en", "ook"} else words
            infinitive = subordinate_infinitive(words[-1].small) if words else None
            if infinitive is None or piece.start() > position + 4:
                break
            position = piece.end()
            value = " ".join([*(word.text for word in words[:-1]), infinitive])
            at = piece.start() + words[0].start, piece.start() + words[-1].end
            yield skill(sentence, *at, value, CLEAR - 0.05)


def _listed(sentence: Sentence) -> Iterator[Finding]:
    """Reads "Trappenhuizen dweilen, ramen lappen": a list without a subject, or under a heading for tasks."""
    listed, _, _ = sentence.text.partition(":")
    if len(listed) < len(sentence.text) and listed.count(",") and not pattern(_TALK).search(listed):
        for start, end in _pieces(listed, 0):  # "Bitumen branden, lood vervangen: daar draait je dag om"
            words = [word[0].lower() for word in pattern(_WORD).finditer(listed[start:end])]
            if words and listed_task(words[-1]):
                yield skill(sentence, start, end, listed[start:end], LIKELY)
        return
    tasks = sentence.section is Section.TASKS
    duty = pattern(_DUTY).search(sentence.text)
    if not tasks and not duty and (pattern(_TALK).search(sentence.text) or sentence.section is not Section.NONE):
        return
    offset = duty.end() if duty else 0
    for start, end in _pieces(sentence.text, offset):
        words = [word[0].lower() for word in pattern(_WORD).finditer(sentence.text[start:end])]
        if tasks and pattern(_TALK).search(sentence.text[start:end]):
            continue
        if words and (listed_task(words[-1]) or (tasks and any(map(is_infinitive, words)))):
            yield skill(sentence, start, end, sentence.text[start:end], CLEAR if tasks else LIKELY)
        elif words and (tasks or duty) and len(words) > 1:
            yield skill(sentence, start, end, sentence.text[start:end], WEAK)


def _pieces(text: str, offset: int) -> Iterator[tuple[int, int]]:
    """Parts between commas; the last "en" of a real list is a comma too."""
    spans: list[tuple[int, int]] = []
    position = offset
    for comma in pattern(_PIECE).finditer(text, offset):
        spans.append((position, comma.start()))
        position = comma.end()
    spans.append((position, len(text.rstrip())))
    last_start, last_end = spans[-1]
    joined = list(pattern(r"\s+en\s+").finditer(text, last_start, last_end))
    if joined and len(spans) > 1:
        head = text[last_start : joined[-1].start()].split()
        tail = text[joined[-1].end() : last_end].split()
        if (len(head) > 1 or len(tail) > 1) and head and is_infinitive(head[-1].lower()):
            spans[-1:] = [(last_start, joined[-1].start()), (joined[-1].end(), last_end)]
    yield from ((start, end) for start, end in spans if start < end)


def _unique(found: list[Finding]) -> list[Finding]:
    first: dict[str, Finding] = {}
    for one in found:
        if str(one.value):
            first.setdefault(str(one.value).casefold(), one)
    return sorted(first.values(), key=lambda one: one.start)
