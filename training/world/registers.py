"""How a correct sentence changes in someone's mouth or under someone's thumbs."""

import re
from random import Random

from training.world.content import load_content

ARTICLES = re.compile(r"\b(de|een) (?=\w)", re.IGNORECASE)
HET_NOUNS = re.compile(r"\bhet (?=weekend|huis|eten|werk|buurthuis|repaircafé|speeltuintje|trappenhuis|dak|woord)")
CONNECTIVES = (" en ", ", ", ". ", ". ", ". En ")
STARTERS = ("nou ja, ", "ja kijk, ", "eh, ", "", "", "")


def misspell(text: str, rnd: Random) -> str:
    """Slips of spelling and typing, no capitals now and then."""
    slips = load_content().slips
    words = text.split(" ")
    for i, word in enumerate(words):
        bare = word.strip(".,!?")
        if bare in slips and rnd.random() < 0.45:
            words[i] = word.replace(bare, slips[bare])
        elif len(bare) > 6 and bare.isalpha() and rnd.random() < 0.035:
            cut = rnd.randrange(2, len(bare) - 2)
            swapped = bare[:cut] + bare[cut + 1] + bare[cut] + bare[cut + 2 :]
            words[i] = word.replace(bare, swapped)
    text = " ".join(words)
    if rnd.random() < 0.55:
        text = text.lower()
    if rnd.random() < 0.35:
        text = text.lower().replace(".", ",").rstrip(",")
    return text


def simplify(text: str, rnd: Random) -> str:
    """Articles go missing or change, as when one is still learning Dutch."""
    text = HET_NOUNS.sub(lambda match: "de " if rnd.random() < 0.5 else match.group(0), text)
    return capitalise(ARTICLES.sub(lambda match: "" if rnd.random() < 0.3 else match.group(0), text))


def speak(sentences: list[str], rnd: Random) -> str:
    """Strings sentences together the way people talk."""
    text = rnd.choice(STARTERS) + lower_first(sentences[0].rstrip(".!"))
    for sentence in sentences[1:]:
        glue = " " if text.endswith("?") else rnd.choice(CONNECTIVES)
        bare = sentence.rstrip(".!")
        text += glue + (bare if glue in {". ", " "} else lower_first(bare))
    return text.lower() if rnd.random() < 0.5 else capitalise(text) + "."


def lower_first(text: str) -> str:
    """First letter small, unless the first word is a name."""
    if text.startswith("'s "):
        return "'s " + lower_first(text[3:])
    return text if text[:2].isupper() or text.startswith("Feyenoord") else text[:1].lower() + text[1:]


def capitalise(text: str) -> str:
    """First letter large, the rest as it is."""
    return text[:1].upper() + text[1:]


def enumerate_nl(items: list[str]) -> str:
    """``a, b en c``; with semicolons when an item is itself a pair."""
    if len(items) == 1:
        return items[0]
    if any(" en " in item or "," in item for item in items):
        return "; ".join(items)
    return ", ".join(items[:-1]) + " en " + items[-1]


def tell(clauses: list[str], *, also: bool = True) -> str:
    """Sentences about ``je``: simple clauses are strung together, a clause that is itself a pair stands alone.

    Args:
        clauses: Main clauses without their subject, such as ``vult de schappen``; 1 or more.
        also: Whether every other lone clause may start with ``Ook``.
    """
    simple = [clause for clause in clauses if " en " not in clause and "," not in clause]
    pairs = [clause for clause in clauses if clause not in simple]
    sentences = [f"Je {enumerate_nl(simple[i : i + 3])}." for i in range(0, len(simple), 3)]
    for place, clause in enumerate(pairs):
        turned = invert(clause) if also and sentences and place % 2 == 0 else ""
        sentences.append(turned or f"Je {clause}.")
    return " ".join(sentences)


def invert(clause: str) -> str:
    """Turns ``maakt het rooster en belt invallers`` into ``Ook maak je het rooster en bel je invallers.``.

    Empty where the two halves share a verb or an object, or where more than two things are told.
    """
    verbs = load_content().verbs
    first, _, second = clause.partition(" en ")
    halves = [half.partition(" ") for half in (first, second) if half]
    if any(verb not in verbs or not rest for verb, _, rest in halves) or {",", " of ", " ook "} & _marks(clause):
        return ""
    return "Ook " + " en ".join(f"{verbs[verb]} je {rest}" for verb, _, rest in halves) + "."


def _marks(clause: str) -> set[str]:
    return {mark for mark in (",", " of ", " ook ") if mark in clause}
