"""Turns what someone does ("houdt de voorraad bij") into what the skill is called ("voorraad bijhouden")."""

from collections.abc import Sequence
from functools import cache

from ranking.reading.lexicon import verbs

PREPOSITIONS = frozenset({
    "met", "in", "op", "bij", "aan", "naar", "voor", "door", "over", "onder", "uit", "tegen", "volgens", "tijdens",
    "na", "vanaf", "vanuit", "binnen", "buiten", "tussen", "per",
})  # fmt: skip
ARTICLES = frozenset({
    "de", "het", "een", "je", "jouw", "onze", "ons", "hun", "haar",
})  # fmt: skip
# Words that say when or how often, not what.
PRONOUNS = frozenset({
    "ze", "hem", "hen", "elk",
})  # fmt: skip
ADVERBS = frozenset({
    "ook", "dan", "daarnaast", "dagelijks", "zelfstandig", "samen", "verder", "bovendien", "zelf", "netjes",
    "weer", "eens", "altijd", "soms", "regelmatig", "vooral", "daarna", "vervolgens", "tevens", "onder", "andere",
    "mede", "steeds",
})  # fmt: skip
# As people say it before "je": "rij je", "hou je".
_SPOKEN_STEMS = {"rij": "rijden", "hou": "houden", "snij": "snijden", "lij": "lijden", "glij": "glijden"}
MIN_LOAN_LETTERS = 6  # "leert" and "keert" do not follow the rule of "-eert"


@cache
def _finite() -> dict[str, str]:
    known: dict[str, str] = verbs()["finite"]
    return known


@cache
def _stems() -> dict[str, str]:
    """Forms before "je" or in a command: without the t, unless the stem itself ends in one."""
    return _SPOKEN_STEMS | {(form if infinitive.endswith("ten") else form.removesuffix("t")): infinitive
            for form, infinitive in _finite().items()}  # fmt: skip


@cache
def _particles() -> dict[str, frozenset[str]]:
    return {verb: frozenset(words) for verb, words in verbs()["particles"].items()}


@cache
def _joined() -> dict[str, str]:
    """Finite forms of separable verbs at the end of a clause: "schoonmaakt" is schoonmaken."""
    return {
        particle + form: particle + verb
        for form, verb in _finite().items()
        for particle in _particles().get(verb, ())
        if " " not in particle
    }


@cache
def _infinitives() -> frozenset[str]:
    base = set(_finite().values())
    return frozenset(
        base | {particle + verb for verb, words in _particles().items() for particle in words if " " not in particle}
    )


def infinitive_of(form: str, *, inverted: bool = False) -> str | None:
    """The infinitive of a finite form, None when we do not know it.

    Args:
        form: one word in small letters, as after "je"; or as before it.
        inverted: it stands before "je", so without its t.
    """
    known = (_stems() if inverted else _finite()).get(form)
    ending = "eer" if inverted else "eert"
    if known is None and form.endswith(ending) and len(form) >= MIN_LOAN_LETTERS:
        return form[: -len(ending)] + "eren"
    return known


def subordinate_infinitive(form: str) -> str | None:
    """The infinitive of a finite form at the end of a clause, where separable verbs are one word again."""
    return _joined().get(form) or infinitive_of(form)


def is_infinitive(word: str) -> bool:
    """Whether a word in small letters is an infinitive that we know, or a loan in "-eren"."""
    return word in _infinitives() or (word.endswith("eren") and len(word) > MIN_LOAN_LETTERS)


def is_separable(particle: str, infinitive: str) -> bool:
    """Whether the word belongs to the verb: "op" to "lossen" (oplossen)."""
    return particle in _particles().get(infinitive, ())


def is_task(form: str, infinitive: str, rest: Sequence[str]) -> bool:
    """Whether a verb with these words after it tells what the job is."""
    rules = verbs()["words"]
    finite = (
        form if form in _finite() else next((known for known, verb in _finite().items() if verb == infinitive), form)
    )
    if finite in rules["not_tasks"]:
        return False
    needed = rules["only_with"].get(finite)
    if infinitive == "werken":  # "werkt van maandag tot en met vrijdag" is no task, "werkt in de moestuin" is
        return bool(rest) and rest[0] in rules["only_with"]["werkt"] and not _is_terms(rest)
    return needed is None or any(word in needed for word in rest)


def _is_terms(rest: Sequence[str]) -> bool:
    """Whether "werkt in" is about the team, the hours or the town, and not about the work."""
    about = {"de", "het", "een", "onze", "ons", "je"} | ADVERBS
    return rest[0] == "in" and not any(word in verbs()["words"]["workplaces"] for word in rest[1:] if word not in about)


def listed_task(word: str) -> bool:
    """Whether an infinitive in a bare list tells a task."""
    return is_infinitive(word) and word not in verbs()["words"]["not_in_lists"]


def infinitive_phrase(infinitives: Sequence[str], words: Sequence[str]) -> str:
    """Puts verbs that share their object behind it.

    Args:
        infinitives: one or more verbs; the particle is looked for with the last one.
        words: what follows the verbs in the main clause, in order and as written.

    Returns:
        Such as "voorraad bijhouden met een scanner" or "vrachtwagens laden en lossen".
    """
    rest = _trimmed(words)
    last, rest, at = _with_particle(infinitives[-1], rest)
    verb = _listed([*infinitives[:-1], last])
    if at is None:
        at = next((place for place, word in enumerate(rest) if _splits(word)), len(rest))
    return " ".join([*rest[:at], verb, *rest[at:]])


def _splits(word: str) -> bool:
    return word.lower() in PREPOSITIONS or word.lower() in {"hoe", "of", "wat"}


def _with_particle(infinitive: str, words: list[str]) -> tuple[str, list[str], int | None]:
    """The verb with its particle, the words without it, and where the verb goes."""
    allowed = _particles().get(infinitive, frozenset())
    small = [word.lower() for word in words]
    for place in range(len(words) - 1, -1, -1):
        at_end = place + 1 == len(words) or small[place + 1] in PREPOSITIONS | {"samen", "als"}
        if small[place] in allowed and at_end:
            head = words[:place]
            split = next((at for at, word in enumerate(head) if _splits(word) and at > 0), None)
            kept = head + words[place + 1 :]
            return small[place] + infinitive, kept, split if split is not None else place
    return infinitive, words, None


def _trimmed(words: Sequence[str]) -> list[str]:
    """Without leading adverbs and the first article."""
    kept = list(words)
    while kept and kept[0].lower() in ADVERBS:
        kept = kept[1:]
    if (
        len(kept) > 2
        and kept[0].lower() in {"elke", "iedere"}
        and kept[1].lower() in {"dag", "week", "ochtend", "avond"}
    ):
        kept = kept[2:]
    if len(kept) > 1 and kept[0].lower() in ARTICLES | PRONOUNS:
        kept = kept[1:]
    while kept and kept[0].lower() in ADVERBS:
        kept = kept[1:]
    while kept and kept[-1].lower() in ADVERBS | {"zelf"}:
        kept = kept[:-1]
    return kept


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " en " + words[-1]
