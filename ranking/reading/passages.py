"""Cuts a text into sentences that know where they stand and under which heading."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ranking.reading.lexicon import pattern

MAX_SENTENCE_CHARS = 600
"""A longer stretch is cut at a space: nobody writes such a sentence, and the work per sentence stays bounded."""
MAX_HEADING_CHARS = 60
"""Without a colon by then, a line is no heading."""
MAX_MENTIONS = 12
"""Mentions of one thing that are judged in one sentence."""

_END = r"[.!?…]+[\"')\]]*(?=\s|$)|[\n\r]+|[•·▪;|]|\s>\s"
_ABBREVIATION = (
    r"(?:\b(?:min|max|ca|incl|excl|evt|bijv|nr|tel|o\.a|d\.m\.v|i\.o\.v|m\.b\.t|i\.c\.m|z\.s\.m|p\.w|e\.d"
    r"|resp|bv|afd))\.$"
)
_MARK = r"[\s*–—•·-]+"
_YOU = r"(?:je|jij|jou)"
_WE = r"(?:wij|we)"
_TASKS = (
    r"(?:(?:dit\s+zijn\s+)?(?:jouw|je|de|belangrijkste)\s+)*(?:taken|werkzaamheden|takenpakket"
    r"|functieomschrijving|functie-inhoud|taakomschrijving)(?:\s+(?:zijn|bestaan\s+uit))?"
    rf"|wat\s+(?:ga|doe|kun)\s+{_YOU}(?:\s+(?:precies|zoal|hier|bij\s+ons|allemaal))*(?:\s+doen)?"
    rf"|dit\s+(?:ga|doe)\s+{_YOU}(?:\s+(?:precies|zoal|allemaal))*(?:\s+doen)?"
    rf"|wat\s+{_YOU}\s+(?:gaat\s+)?do(?:et|en)|het\s+werk|over\s+de\s+functie|(?:wat\s+houdt\s+)?de\s+functie(?:\s+in)?"
    rf"|hoe\s+ziet\s+{_YOU}w?\s+(?:werk)?dag\s+eruit|jouw\s+(?:rol|functie|werk|baan|dag)"
)
_ASKS = (
    r"(?:functie-?)?eisen|vereist(?:en)?|profiel|(?:jouw|je)\s+profiel|gevraagd"
    rf"|(?:wat|dit)\s+(?:vragen|verwachten|zoeken)\s+{_WE}(?:\s+(?:van\s+)?{_YOU})?|{_WE}\s+(?:vragen|verwachten|zoeken)"
    rf"(?:\s+van\s+{_YOU}|\s+iemand\s+die)?|wie\s+(?:zoeken\s+{_WE}|ben\s+{_YOU})"
    rf"|(?:wat|dit)\s+(?:breng|neem|heb|kun)\s+{_YOU}(?:\s+mee)?(?:\s+nodig)?|(?:dit\s+)?ben\s+{_YOU}|jij\s+(?:hebt|bent)"
    rf"|wat\s+{_YOU}\s+(?:kunt|hebt|meebrengt|meeneemt)|(?:herken\s+je\s+dit|dit\s+ben\s+jij)|jij"
)
_OFFERS = (
    rf"(?:ons\s+)?aanbod|(?:wat|dit)\s+bieden\s+{_WE}(?:\s+{_YOU})?|{_WE}\s+bieden(?:\s+{_YOU})?|arbeidsvoorwaarden"
    rf"|(?:wat|dit)\s+(?:krijg|mag)\s+{_YOU}(?:\s+van\s+ons)?(?:\s+(?:terug|verwachten))?|wat\s+{_YOU}\s+krijgt"
    rf"|(?:wat\s+)?(?:hebben\s+{_WE}\s+te\s+bieden|staat\s+er\s+tegenover)|{_WE}|onze\s+voorwaarden|salaris"
)
_FIRM = (
    rf"over\s+ons(?:\s+bedrijf)?|wie\s+zijn\s+{_WE}|wie\s+{_WE}\s+zijn|het\s+bedrijf|ons\s+bedrijf"
    r"|interesse|solliciteren"
)
_HEADING = (
    rf"^[\s*•-]*(?:(?P<tasks>{_TASKS})|(?P<asks>{_ASKS})|(?P<offers>{_OFFERS})|(?P<firm>{_FIRM}))\s*(?P<mark>[:?]|$)"
)


class Section(StrEnum):
    """Under which heading a sentence stands."""

    NONE = "none"
    TASKS = "tasks"
    ASKS = "asks"
    OFFERS = "offers"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, a line or a list item.

    Attributes:
        text: its words, without the mark that ends it.
        start: where it stands in the whole text.
        section: the heading above it.
        after: what follows in the text, a few words, when the sentence asks a question: its answer.
        small: the text in small letters.
    """

    text: str
    start: int
    section: Section
    after: str
    small: str

    def hints(self, words: Iterable[str]) -> bool:
        """Whether one of these stretches of small letters is in it; quicker than a pattern that would not match."""
        small = self.small
        for word in words:  # noqa: SIM110  this is called some hundred times a text, and any() costs twice as much
            if word in small:
                return True
        return False

    @property
    def end(self) -> int:
        """After its last character."""
        return self.start + len(self.text)


def hinting(sentences: Sequence[Sentence], words: Iterable[str]) -> list[Sentence]:
    """The sentences in which one of these stretches of small letters is; the words are looked for in all at once."""
    whole = "\n".join(sentence.small for sentence in sentences)
    there = [word for word in words if word in whole]
    return [sentence for sentence in sentences if sentence.hints(there)] if there else []


def sentences(text: str) -> list[Sentence]:
    """Cuts a text; the sentences are slices of it, in order, and leave out headings."""
    found: list[Sentence] = []
    section = Section.NONE
    for start, end, question in _spans(text):
        part = text[start:end].rstrip()
        short = len(part) <= MAX_HEADING_CHARS or ":" in part[:MAX_HEADING_CHARS]
        heading = pattern(_HEADING).match(part + ("?" if question else "")) if short else None
        if heading is None or (heading["mark"] != ":" and heading[0].strip().lower() in {"wij", "we", "jij"}):
            found.append(_sentence(text, start, end, section, question=question))
            continue
        named = next((Section(name) for name in ("tasks", "asks", "offers") if heading[name]), Section.NONE)
        rest = start + heading.end()
        if heading["mark"] == ":" and text[rest:end].strip():
            # A heading on the line itself holds for that line only.
            rest += len(text[rest:end]) - len(text[rest:end].lstrip())
            found.append(_sentence(text, rest, end, named, question=False))
        else:
            section = named
    return found


def _sentence(text: str, start: int, end: int, section: Section, *, question: bool) -> Sentence:
    part = text[start:end]
    return Sentence(part, start, section, text[end : end + 60] if question else "", part.lower())


def _spans(text: str) -> Iterator[tuple[int, int, bool]]:
    """Start, end and whether it asks a question, of each stretch that is not blank."""
    start = 0
    for end in pattern(_END).finditer(text):
        if end[0].startswith(".") and pattern(_ABBREVIATION).search(
            text[max(start, end.start() - 8) : end.start() + 1]
        ):
            continue
        yield from _span(text, start, end.start(), question="?" in end[0])
        start = end.end()
    yield from _span(text, start, len(text), question=False)


def _span(text: str, start: int, end: int, *, question: bool) -> Iterator[tuple[int, int, bool]]:
    mark = pattern(_MARK).match(text, start, end)
    start = mark.end() if mark else start
    while end - start > MAX_SENTENCE_CHARS:
        cut = text.rfind(" ", start + 1, start + MAX_SENTENCE_CHARS) + 1 or start + MAX_SENTENCE_CHARS
        yield start, cut, False
        start = cut
    if start < end:
        yield start, end, question
