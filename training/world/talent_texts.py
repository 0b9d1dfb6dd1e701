"""Writes what people say of themselves: openings, chapters of life, what they like and cannot stand, conditions.

Each sentence comes from a true column, so a text tells about the person, and in the person's register. Most never
name a trade.
"""

from dataclasses import dataclass
from random import Random

import numpy as np

from training.world.content import BEHAVIOUR_CODES, Chapter, Content
from training.world.people import NOTHING, REGISTERS, ROUTES, TRANSPORT, People
from training.world.registers import capitalise, lower_first, misspell, simplify, speak

EMPTY_SHARE = 0.06
ONE_LINE_SHARE = 0.07
TOLD_SKILLS = 2  # at most so many skills are told as a story; a list in the same text takes others
STRONG_TASTE = 0.3
STRONG_CONDUCT = 0.75


@dataclass(frozen=True)
class Portrait:
    """One person's material for a text; positions, strongest first."""

    register: str
    route: str
    skills: list[int]
    likes: list[int]
    dislikes: list[int]
    conduct: list[int]
    conditions: list[str]
    hours: int


def portray(people: People, row: int, content: Content, rnd: Random) -> Portrait:
    """Gathers what one talent has to tell."""
    never = people.experience[row, 0] == NOTHING and ROUTES[people.route[row]] == "back_to_work"
    taste, conduct = people.themes[row], people.behaviours[row]
    lived = {skill for i in people.chapters[row] if i != NOTHING for skill in content.chapters[i].skills}
    skills = [i for i in np.flatnonzero(people.skills[row]).tolist() if i not in lived]
    rnd.shuffle(skills)
    skills.sort(key=lambda i: taste @ content.skill_themes[i] < 0)  # what one dislikes comes last
    return Portrait(
        register=REGISTERS[people.register[row]],
        route="never_worked" if never else ROUTES[people.route[row]],
        skills=skills,
        likes=[int(i) for i in np.argsort(-taste) if taste[i] > STRONG_TASTE],
        dislikes=[int(i) for i in np.argsort(taste) if taste[i] < -STRONG_TASTE],
        conduct=[int(i) for i in np.argsort(-conduct) if conduct[i] > STRONG_CONDUCT],
        conditions=_conditions(people, row),
        hours=int(people.hours_wish[row]),
    )


def _conditions(people: People, row: int) -> list[str]:
    """What the person would set as a condition: keys of ``[condition]`` in life.toml."""
    found = ["evening_yes" if people.irregular[row] else "evening_no"]
    if people.parent[row]:
        found.append("parent")
    found.append("full_time" if people.hours_wish[row] >= 32 else "part_time")
    transport = dict(zip(TRANSPORT, people.transport[row].tolist(), strict=True))
    if transport["car"]:
        found.append("car")
    elif transport["bicycle"]:
        found.append("bicycle")
    elif transport["public_transport"]:
        found.append("public_transport")
    if people.max_minutes[row] <= 30:
        found.append("near")
    elif people.max_minutes[row] >= 60:
        found.append("far")
    if people.behaviours[row, BEHAVIOUR_CODES.index(24116)] > 0.6:
        found.append("learn")
    return found


def present(people: People, row: int, content: Content, rnd: Random) -> str:
    """The presentation of one talent, in their own words; sometimes empty, sometimes one line."""
    draw = rnd.random()
    if draw < EMPTY_SHARE:
        return ""
    portrait = portray(people, row, content, rnd)
    if draw < EMPTY_SHARE + ONE_LINE_SHARE:
        return str(rnd.choice(content.life["terse"]["any"]))
    chapters = [content.chapters[i] for i in people.chapters[row] if i != NOTHING]
    writer = {"terse": _terse, "simple": _simple}.get(portrait.register, _flowing)
    return writer(portrait, chapters, content, rnd)


def _some(items: list[int], most: int, rnd: Random) -> list[int]:
    """Up to ``most`` of the first items, each a little less sure than the one before."""
    return [item for place, item in enumerate(items[:most]) if rnd.random() < 0.85 - 0.12 * place]


def _condition(portrait: Portrait, content: Content, rnd: Random) -> str:
    key = rnd.choice(portrait.conditions)
    return str(rnd.choice(content.life["condition"][key])).format(hours=portrait.hours)


def _can(portrait: Portrait, content: Content, rnd: Random, style: str, told: int) -> list[str]:
    """A sentence that lists own skills in own words, past the first ``told``, or nothing."""
    chosen = portrait.skills[told : told + rnd.randint(2, 4)]
    if len(chosen) < 2:
        return []
    words = ", ".join(rnd.choice(content.skills[i].own) for i in chosen)
    return [str(rnd.choice(content.life["can"][style])).format(skills=words, Skills=capitalise(words))]


def _flowing(portrait: Portrait, chapters: list[Chapter], content: Content, rnd: Random) -> str:
    """Careful, chatty, misspelled and spoken texts: the same material, another voice."""
    life, register = content.life, portrait.register
    past = [rnd.choice(chapter.text) for chapter in chapters if rnd.random() < 0.92]
    past += [rnd.choice(content.skills[i].said) for i in portrait.skills[: rnd.choice((0, 1, 1, TOLD_SKILLS))]]
    taste = [rnd.choice(content.themes[i].like) for i in _some(portrait.likes, 3, rnd)]
    against = [rnd.choice(content.themes[i].dislike) for i in _some(portrait.dislikes, 2, rnd)]
    conduct = [rnd.choice(content.behaviours[BEHAVIOUR_CODES[i]]["own"]) for i in _some(portrait.conduct, 2, rnd)]
    able = _can(portrait, content, rnd, "careful" if register == "careful" else "loose", TOLD_SKILLS)
    blocks = [past, taste, conduct, able if rnd.random() < 0.45 else []]
    rnd.shuffle(blocks)
    body = [sentence for block in blocks for sentence in block][: rnd.randint(2, 8)]
    if against and rnd.random() < 0.55:
        body.append(rnd.choice(("", "", "", "Maar ", "Maar ", "Wel eerlijk: ")) + against[0])
    opener = life["opener"][portrait.route] if rnd.random() < 0.55 else life["opener"]["any"]
    sentences = ([rnd.choice(opener)] if rnd.random() < 0.6 else []) + body
    if register != "careful" and rnd.random() < 0.3:
        sentences.append(rnd.choice(life["filler"]["any"]))
    if rnd.random() < 0.5:
        sentences.append(_condition(portrait, content, rnd))
    if rnd.random() < 0.35:
        sentences.append(rnd.choice(life["closer"]["formal" if register == "careful" else "loose"]))
    return _voiced(_joined(sentences or [rnd.choice(life["opener"]["any"])]), register, rnd)


def _joined(sentences: list[str]) -> list[str]:
    """Drops repeats and writes ``Maar de hele dag`` rather than ``Maar De hele dag``."""
    joined = []
    for sentence in dict.fromkeys(sentences):
        for word in ("Maar ", "Wel eerlijk: "):
            if sentence.startswith(word):
                sentence = word + lower_first(sentence.removeprefix(word))  # noqa: PLW2901
        joined.append(sentence)
    return joined


def _voiced(sentences: list[str], register: str, rnd: Random) -> str:
    if register == "spoken":
        return speak(sentences, rnd)
    text = " ".join(sentences)
    return misspell(text, rnd) if register == "misspelled" else text


def _terse(portrait: Portrait, chapters: list[Chapter], content: Content, rnd: Random) -> str:
    """Two or three short sentences, or just a list."""
    parts = _can(portrait, content, rnd, "terse", 0) if rnd.random() < 0.5 else []
    if chapters and rnd.random() < 0.4:
        parts.append(rnd.choice(chapters[0].text))
    parts += [rnd.choice(content.themes[i].like) for i in _some(portrait.likes, 1, rnd)]
    if portrait.dislikes and rnd.random() < 0.3:
        parts.append(rnd.choice(content.themes[portrait.dislikes[0]].dislike))
    if rnd.random() < 0.35:
        parts.append(_condition(portrait, content, rnd))
    return " ".join(parts[:3]) or str(rnd.choice(content.life["terse"]["any"]))


def _simple(portrait: Portrait, chapters: list[Chapter], content: Content, rnd: Random) -> str:
    """Someone who is still learning Dutch: short, some articles missing, much to tell."""
    life = content.life
    parts = [rnd.choice(life["simple"]["opener"])] if rnd.random() < 0.75 else []
    chosen = portrait.skills[: rnd.randint(1, 3)]
    if chosen:
        words = ", ".join(rnd.choice(content.skills[i].own) for i in chosen)
        parts.append(str(rnd.choice(life["simple"]["skill"])).format(skills=words))
    parts += [rnd.choice(content.themes[i].simple) for i in _some(portrait.likes, 3, rnd)]
    if chapters and rnd.random() < 0.6:
        parts.append(simplify(rnd.choice(chapters[0].text), rnd))
    if rnd.random() < 0.35:
        parts.append(simplify(_condition(portrait, content, rnd), rnd))
    if rnd.random() < 0.35:
        parts.append(rnd.choice(life["condition"]["language"]))
    if rnd.random() < 0.4:
        parts.append(rnd.choice(life["closer"]["simple"]))
    return " ".join(dict.fromkeys(parts)) or "Ik wil graag werken."
