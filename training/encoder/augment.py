"""Variations of a text: typing mistakes, compounds split and joined, phrases in the first person."""

import random
import re
from collections import Counter
from collections.abc import Iterable

FIRST_PERSON = (
    "ik kan goed {}", "ik kan {}", "ik hou van {}", "ik help graag met {}", "ik heb gewerkt met {}",
    "ervaring met {}", "je gaat {}", "je taak is {}", "{}", "{}", "{}", "{}",
)  # fmt: skip
MENTIONS = (
    "als {}", "een {} gezocht", "wij zoeken een {}", "{}", "functie {}", "werken als {} bij ons", "ik was {}",
    "jij bent de {}",
)  # fmt: skip
_MIN_ROLE_LABELS = 20
_MIN_ROLE_CHARS = 5
_MIN_TYPO_CHARS = 6
_LINKS = {"in", "van", "voor", "de", "het", "een", "op", "met", "en", "aan", "bij"}


def role_words(labels: Iterable[str]) -> frozenset[str]:
    """Words that open many labels (medewerker, operator, monteur…), learned by counting."""
    first = Counter(label.lower().split()[0] for label in labels if " " in label)
    return frozenset(
        word for word, n in first.items() if n >= _MIN_ROLE_LABELS and len(word) >= _MIN_ROLE_CHARS and word.isalpha()
    )


def mistype(text: str, rng: random.Random) -> str:
    """Swaps, drops or doubles one letter somewhere inside."""
    if len(text) < _MIN_TYPO_CHARS:
        return text
    place = rng.randrange(1, len(text) - 2)
    match rng.randrange(3):
        case 0:
            return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
        case 1:
            return text[:place] + text[place + 1 :]
        case _:
            return text[:place] + text[place] + text[place:]


def recompose(label: str, roles: frozenset[str], rng: random.Random) -> str:
    """Splits or joins a compound around a role word, where it has one.

    "brouwerijmedewerker" becomes "medewerker brouwerij" or "brouwerij medewerker"; "operator stikmachine" becomes
    "stikmachineoperator".
    """
    words = label.lower().split()
    if len(words) == 1:
        fitting = [role for role in roles if words[0].endswith(role) and len(words[0]) > len(role) + 3]
        if not fitting:
            return label
        role = max(fitting, key=len)  # of one ending no two are equally long: the order of the set does not matter
        rest = words[0].removesuffix(role).rstrip("-")
        return rng.choice((f"{role} {rest}", f"{rest} {role}", f"{role} {rest.removesuffix('s')}"))
    if words[0] in roles and len(words) == 2 and words[1] not in _LINKS:
        return rng.choice((f"{words[1]}{words[0]}", f"{words[1]}-{words[0]}", f"{words[1]} {words[0]}"))
    return " ".join(word for word in words if word not in _LINKS) or label


def without(sentence: str, label: str) -> str:
    """Leaves out words that begin as a word of the label does: the text no longer names the occupation."""
    heads = {word[:5] for word in re.findall(r"\w+", label.lower())}
    return " ".join(word for word in sentence.split() if word.lower()[:5] not in heads)
