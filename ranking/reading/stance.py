"""What a sentence says about something it names: asked for, liked, to be learned, or not needed."""

from enum import StrEnum

from ranking.reading.lexicon import pattern
from ranking.reading.passages import Section, Sentence

_BREAK_RIGHT = (
    r"\bmaar\b|,\s*(?:en|want|dus|wij|we|je|jij|dat|daarnaast|ook)\b"
    r"|\ben\s+(?:het|je|jij|we|wij|dat|bent|hebt|spreekt|kunt|beheerst|beschikt|zin)\b|\bals\s+je\b"
    r"|,\s+(?=[\w-]+(?:\s+[\w-]+){0,3}\s+is\b)"
)
_BREAK_LEFT = r"\bmaar\b|[,(:]|\ben\s+(?:het|je|jij|we|wij|dat|een|bent|hebt|spreekt|kunt|beheerst|beschikt)\b"
_NOT_RIGHT = (
    r"\b(?:niet|geen)\s+(?:\w+\s+)?(?:nodig|vereist|vereiste|verplicht|noodzakelijk|belangrijk|must|eis"
    r"|probleem|voorwaarde)\b"
    r"|\bhoef(?:t|je)?\b(?:\s+(?:je|jij))?\s*(?:niet|geen)?|\bmaakt\s+(?:niet|niks)\s+uit|\bonnodig\b"
)
_NOT_LEFT = r"\b(?:geen|zonder|hoeft?\s+(?:je\s+)?geen)\W+(?:\w+\W+(?:of\W+)?){0,2}$"
_LIKED = (
    r"\bpr[eé]\b|\bpluspunt\b|\b(?:een|als)\s+plus\b|\bhandig\w*|\bmooi\w*|\bfijn\b|\bprettig\b|\bwelkom\b|\bwenselijk\b"
    r"|\bgewenst\b|\bvoordeel\b|\bvoorkeur\b|\bliefst\b|\bgraag\b|\bmeegenomen\b|\bnice\s+to\s+have\b|\bideaal\b|\bscheelt\b"
    r"|\book\s+goed\b|\bmeer\s+kans\b|\bzien\s+we\s+graag\b"
)
_ASKED = (
    r"\bvereist\w*|\bverplicht\w*|\bnodig\b|\bnoodzak\w*|\bmust\b|\bmoet\w*|\bbezit\b|\bje\s+hebt\b|\bheb\s+je\b|\bbeschikt\b"
    r"|\beis\w*\b|\bheb\s+je\s+wel\b|\brequired\b|\bop\s+zak\b|\bje\s+spreekt\b|\bminimaal\b|\bbelangrijk\b|\bafgerond\w*"
)
_WILLING = (
    r"\bof\b[^.]{0,40}\b(?:bereid|de\s+wil|wil|wilt|be?haal\w*|be?halen|gaat)\b|\bbereid\b[^.]{0,40}\b(?:be)?halen\b"
    r"|\bermee\s+bezig\b|\b(?:be)?haal\s+je\b|\b(?:be)?halen\s+(?:we|wij)\b"
)
_OURS = (
    r"\b(?:leren|leiden|betalen|vergoeden|regelen|halen|geven|bieden|sturen)\s+(?:we|wij)\b"
    r"|\b(?:we|wij)\s+(?:leren|leiden|betalen|vergoeden|regelen|bieden|geven|sturen|helpen)\b"
    r"|\b(?:via|bij|van)\s+ons\b|\bkrijg\s*t?\s+(?:je|van\s+ons)\b|\bje\s+krijgt\b|\bop\s+(?:onze\s+kosten|kosten\s+van)\b"
)


class Stance(StrEnum):
    """What is said of the thing."""

    ASKED = "asked"
    PRESUMED = "presumed"  # named without a word about whether it is needed
    LIKED = "liked"
    WILLING = "willing"  # asked for, or the will to get it
    TAUGHT = "taught"  # the employer teaches or pays it
    NOT_NEEDED = "not_needed"


def clause_around(sentence: Sentence, start: int, end: int) -> tuple[str, str]:
    """What stands before and after a mention within its own clause.

    Args:
        sentence: that holds it.
        start: of the mention, within the sentence.
        end: of the mention, within the sentence.
    """
    left = sentence.text[max(0, start - 120) : start]
    for cut in pattern(_BREAK_LEFT).finditer(left):
        tail = left[cut.end() :]
        if not pattern(r"^(?:\W*[\w-]+){0,3}\W*$").match(tail) or cut[0].lower() == "maar" or cut[0] in "(:":
            left = " " * cut.end() + tail
    right = sentence.text[end : end + 120]
    cut_right = pattern(_BREAK_RIGHT).search(right)
    right = right[: cut_right.start()] if cut_right else right + " " + sentence.after
    return left, right


def stance_of(sentence: Sentence, start: int, end: int) -> Stance:
    """Judges a mention by the nearest words about it: after it first, then before it, then the heading."""
    left, right = clause_around(sentence, start, end)
    rest = pattern(r",(?!\s*of\b)").split(sentence.text[end : end + 120] + " " + sentence.after, maxsplit=1)[0]
    if _is_taught(left, right):
        return Stance.TAUGHT
    if pattern(_WILLING).search(rest):
        return Stance.WILLING
    if pattern(_NOT_LEFT).search(left):
        return Stance.NOT_NEEDED
    return _by_cue(right) or _by_cue(left) or (Stance.ASKED if sentence.section is Section.ASKS else Stance.PRESUMED)


def _is_taught(left: str, right: str) -> bool:
    """Whether the employer's own verb is about this mention, and not about the next one in a list."""
    ours = pattern(_OURS).search(right)
    if ours and not (pattern(r",(?!\s*of\b)").search(right[: ours.start()]) and _by_cue(right[: ours.start()])):
        return True
    return pattern(_OURS).search(left) is not None


def _by_cue(window: str) -> Stance | None:
    """The cue that comes first; of two at one place the one that is listed first."""
    hits = [
        (hit.start(), order, stance)
        for order, (source, stance) in enumerate(
            ((_NOT_RIGHT, Stance.NOT_NEEDED), (_LIKED, Stance.LIKED), (_ASKED, Stance.ASKED))
        )
        if (hit := pattern(source).search(window))
    ]
    return min(hits)[2] if hits else None
