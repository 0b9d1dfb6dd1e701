"""How a correct sentence changes in someone's mouth or under someone's thumbs."""

import re
from random import Random

# Mistakes Dutch writers really make: whole words, right to wrong.
SLIPS = {
    "wordt": "word", "word": "wordt", "gebeurt": "gebeurd", "mijn": "me", "interessant": "intressant", "meteen": "met een",
    "ervaring": "ervaaring", "eigenlijk": "eigelijk", "precies": "presies", "enige": "enigste", "sowieso": "zowiezo",
    "verzorgd": "verzorgt", "geleerd": "geleert", "altijd": "altijt", "afspraken": "afspraaken", "groter dan": "groter als",
    "vind": "vindt", "houd": "hou", "gewoon": "gwn", "makkelijk": "makelijk", "collega's": "collegas", "probleem": "probleem",
    "niet": "nie", "zoveel": "zo veel", "in elkaar": "inelkaar", "heb": "heb", "houdt": "houd", "zelfs": "zelf",
}  # fmt: skip
ARTICLES = re.compile(r"\b(de|het|een) ", re.IGNORECASE)
CONNECTIVES = (" en ", ", ", " dus ", " maar ja, ", ". ", ". ")
STARTERS = ("nou ja, ", "ja kijk, ", "eh, ", "", "", "dus ")


def misspell(text: str, rnd: Random) -> str:
    """Slips of spelling and typing, no capitals now and then."""
    words = text.split(" ")
    for i, word in enumerate(words):
        bare = word.strip(".,!?")
        if bare in SLIPS and rnd.random() < 0.45:
            words[i] = word.replace(bare, SLIPS[bare])
        elif len(bare) > 6 and bare.isalpha() and rnd.random() < 0.035:
            cut = rnd.randrange(2, len(bare) - 2)
            swapped = bare[:cut] + bare[cut + 1] + bare[cut] + bare[cut + 2 :]
            words[i] = word.replace(bare, swapped)
    text = " ".join(words)
    if rnd.random() < 0.55:
        text = text.lower()
    if rnd.random() < 0.35:
        text = text.replace(".", ",").rstrip(",")
    return text


def simplify(text: str, rnd: Random) -> str:
    """Articles go missing or change, as when one is still learning Dutch."""

    def change(match: re.Match[str]) -> str:
        article = match.group(1).lower()
        draw = rnd.random()
        if draw < 0.35:
            return ""
        if article == "het" and draw < 0.7:
            return "de "
        return match.group(0)

    return capitalise(ARTICLES.sub(change, text))


def speak(sentences: list[str], rnd: Random) -> str:
    """Strings sentences together the way people talk."""
    text = rnd.choice(STARTERS) + lower_first(sentences[0].rstrip(".!"))
    for sentence in sentences[1:]:
        glue = rnd.choice(CONNECTIVES)
        bare = sentence.rstrip(".!")
        text += glue + (bare if glue == ". " else lower_first(bare))
    return text if rnd.random() < 0.5 else capitalise(text) + "."


def lower_first(text: str) -> str:
    """First letter small, unless the first word is a name written in capitals."""
    return text if text[:2].isupper() or text.startswith("Feyenoord") else text[:1].lower() + text[1:]


def capitalise(text: str) -> str:
    """First letter large, the rest as it is."""
    return text[:1].upper() + text[1:]


def enumerate_nl(items: list[str]) -> str:
    """``a, b en c``."""
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " en " + items[-1]
