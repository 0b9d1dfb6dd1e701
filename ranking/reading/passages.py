"""Cuts a text into sentences that know where they stand and under which heading."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from ranking.reading.lexicon import pattern

MAX_SENTENCE_CHARS = 600
"""A longer stretch is cut at a space: nobody writes such a sentence, and the work per sentence stays bounded."""
MAX_MENTIONS = 12
"""Mentions of one thing that are judged in one sentence."""

_END = r"[.!?…]+[\"')\]]*(?=\s|$)|[\n\r]+|[•·▪;]"
_ABBREVIATION = (
    r"(?:\b(?:min|max|ca|incl|excl|evt|bijv|nr|tel|o\.a|d\.m\.v|i\.o\.v|m\.b\.t|i\.c\.m|z\.s\.m|p\.w|e\.d"
    r"|resp|bv|afd))\.$"
)
_MARK = r"[\s*–—•·-]+"
_TASKS = (
    r"(?:(?:jouw|je|de|belangrijkste)\s+)*(?:taken|werkzaamheden|takenpakket"
    r"|functieomschrijving)(?:\s+(?:zijn|bestaan\s+uit))?"
    r"|wat\s+(?:ga|doe|kun)\s+(?:je|jij)(?:\s+(?:precies\s+|zoal\s+)?doen)?|dit\s+ga\s+je\s+doen"
    r"|wat\s+je\s+doet|het\s+werk"
)
_ASKS = (
    r"functie-?eisen|eisen|vereist(?:en)?|profiel|jouw\s+profiel|(?:wat\s+)?(?:vragen\s+(?:wij|we)|(?:wij|we)\s+vragen)"
    r"|wat\s+breng\s+je\s+mee|wie\s+ben\s+(?:je|jij)|(?:dit\s+)?ben\s+jij|jij\s+hebt"
    r"|wat\s+heb\s+je\s+nodig|gevraagd|wij\s+zoeken"
)
_OFFERS = (
    r"aanbod|(?:wat\s+)?(?:bieden\s+(?:wij|we)|(?:wij|we)\s+bieden)(?:\s+jou)?|wat\s+krijg\s+(?:je|jij)"
    r"|dit\s+krijg\s+je"
    r"|arbeidsvoorwaarden|ons\s+aanbod"
)
_HEADING = rf"^[\s*•-]*(?:(?P<tasks>{_TASKS})|(?P<asks>{_ASKS})|(?P<offers>{_OFFERS}))\s*(?P<mark>[:?]|$)"


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


def sentences(text: str) -> list[Sentence]:
    """Cuts a text; the sentences are slices of it, in order, and leave out headings."""
    found: list[Sentence] = []
    section = Section.NONE
    for start, end, question in _spans(text):
        heading = pattern(_HEADING).match(text[start:end].rstrip() + ("?" if question else ""))
        if heading is None:
            found.append(_sentence(text, start, end, section, question=question))
            continue
        named = next(Section(name) for name in ("tasks", "asks", "offers") if heading[name])
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
