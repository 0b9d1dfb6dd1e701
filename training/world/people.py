"""Draws the people: what they can, like and need, and how much of it stands in their record.

A :class:`People` is a table of arrays, one row a talent. Everything in it is true; the ``known_*`` columns say what
the record tells. Nothing but the record ever reaches the product.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from training.world.content import BEHAVIOUR_CODES, BEHAVIOUR_INDEX, Content, Floats

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

TRANSPORT = ("car", "moped", "bicycle", "public_transport")
LICENCES = ("AM", "B", "C", "CE")
ROUTES = ("school_to_work", "work_to_work", "back_to_work")
REGISTERS = ("careful", "chatty", "terse", "misspelled", "simple", "spoken")
GENDERS = ("man", "vrouw", "x")
BACKGROUNDS = ("Nederland", "Europa", "buiten Europa")
NOTHING = -1  # no occupation, no chapter, no date
STRAY_SKILL, KIN_SKILL = 0.02, 0.1  # chance to know something out of the blue, and something near what one knows
# Of a standard normal: weaker tastes are indifference. Most work that someone is not drawn to they do not mind either.
TASTE_THRESHOLD, DISTASTE_THRESHOLD = 1.0, 1.7
TASTE_SD = 0.33  # of a standard normal after those soft thresholds

# How often a field is filled in. Forms are long; but nobody is put forward before an intake.
FILLED = {
    "skills": 0.82, "interests": 0.82, "behaviours": 0.82, "preferred": 0.75, "experience": 0.92, "education": 0.78,
    "certificates": 0.62, "licences": 0.8, "language": 0.74, "location": 0.94, "max_km": 0.62, "max_minutes": 0.62,
    "transport": 0.8, "hours": 0.8, "irregular": 0.8, "available": 0.55,
}  # fmt: skip


@dataclass(frozen=True)
class People:
    """True columns of n talents.

    Attributes:
        area: position in ``Content.areas``.
        published: day on which the record was made, counted from the start of history; may be negative.
        education: 1 to 6. dutch: spoken level 0 to 4.
        skills: (n, skills). themes: (n, themes) taste, negative is dislike. behaviours: (n, codes), about N(0, 1).
        experience, months: (n, 3), ``NOTHING`` where there is none. preferred, chapters: (n, 2) likewise.
        transport: (n, 4) by ``TRANSPORT``. max_km, max_minutes: one way. hours_wish, hours_min, hours_max: per week.
        available_from, available_until: days, ``NOTHING`` when at once and for good.
        polish: 0 to 1, how well the record is written. steadiness: N(0, 1), stands nowhere in the record.
        known: (n,) per field of ``FILLED``.
    """

    area: Ints
    published: Ints
    education: Ints
    dutch: Ints
    skills: Bools
    themes: Floats
    behaviours: Floats
    experience: Ints
    months: Ints
    preferred: Ints
    chapters: Ints
    transport: Bools
    max_km: Ints
    max_minutes: Ints
    hours_wish: Ints
    hours_min: Ints
    hours_max: Ints
    irregular: Bools
    licences: Bools
    certificates: Bools
    available_from: Ints
    available_until: Ints
    polish: Floats
    register: Ints
    parent: Bools
    route: Ints
    steadiness: Floats
    gender: Ints
    birth_year: Ints
    background: Ints
    known: dict[str, Bools]

    def __len__(self) -> int:
        return len(self.area)

    def rows(self, chosen: Ints) -> "People":
        """The same columns for some talents only."""
        columns = {f.name: getattr(self, f.name)[chosen] for f in fields(self) if f.name != "known"}
        return People(known={name: column[chosen] for name, column in self.known.items()}, **columns)


def _pick(rng: np.random.Generator, shares: list[float], n: int) -> Ints:
    return rng.choice(len(shares), n, p=np.array(shares) / sum(shares))


def _work_history(rng: np.random.Generator, content: Content, n: int) -> tuple[Ints, Ints]:
    """Half has never worked; the rest one to three jobs, later ones often near the first."""
    n_jobs = _pick(rng, [0.5, 0.22, 0.18, 0.10], n)
    experience = np.full((n, 3), NOTHING)
    weights = np.array([1.6 if o.education <= 1 else 1.0 for o in content.occupations])
    draws = rng.choice(len(weights), (n, 3), p=weights / weights.sum())
    near = np.argsort(-content.related, axis=1)[:, 1:9]
    for slot in range(3):
        if slot:
            hop = near[draws[:, 0], rng.integers(0, near.shape[1], n)]
            draws[:, slot] = np.where(rng.random(n) < 0.45, hop, draws[:, slot])
        experience[:, slot] = np.where(slot < n_jobs, draws[:, slot], NOTHING)
    months = np.minimum(np.exp(rng.normal(2.6, 0.9, (n, 3))), 300).astype(np.int64) + 1
    return experience, np.where(experience == NOTHING, 0, months)


def _chapters(rng: np.random.Generator, content: Content, n: int, *, newcomer: Bools) -> Ints:
    chapters = rng.integers(0, len(content.chapters), (n, 2))
    has = rng.random((n, 2)) < np.where(newcomer[:, None], [[0.9, 0.55]], [[0.5, 0.25]])
    has[:, 1] &= chapters[:, 0] != chapters[:, 1]
    return np.where(has, chapters, NOTHING)


def _traits(
    rng: np.random.Generator, content: Content, experience: Ints, chapters: Ints
) -> tuple[Bools, Floats, Floats]:
    """Skills, tastes and behaviours grow out of work and of life, and people differ besides."""
    n, n_skills, n_themes = len(experience), len(content.skills), len(content.themes)
    chance = np.full((n, n_skills), STRAY_SKILL)
    taste = rng.normal(0.0, 1.0, (n, n_themes))
    behaviours = rng.normal(0.0, 0.8, (n, len(BEHAVIOUR_CODES)))
    behaviours += rng.normal(0.0, 0.45, (n, 1))  # some people are simply easier to get on with
    padded = np.vstack([0.9 * content.occupation_skills, np.zeros(n_skills)])
    for slot in range(experience.shape[1]):
        chance = np.maximum(chance, padded[experience[:, slot]])
    work_themes = content.occupation_skills @ content.skill_themes
    work_themes = np.vstack([work_themes / np.linalg.norm(work_themes, axis=1, keepdims=True), np.zeros(n_themes)])
    liked = np.where(rng.random(n) < 0.65, 0.9, -0.7)  # some leave a trade because they are tired of it
    taste += liked[:, None] * work_themes[experience[:, 0]]
    for number, chapter in enumerate(content.chapters):
        rows = np.flatnonzero((chapters == number).any(axis=1))
        cells = np.ix_(rows, np.array(chapter.skills))
        chance[cells] = np.maximum(chance[cells], 0.75)
        taste[np.ix_(rows, np.array(chapter.themes))] += 0.9
        behaviours[np.ix_(rows, np.array(chapter.behaviours))] += 0.7
    for one, other in (("team", "alleen"), ("afwisseling", "ritme"), ("druk", "ritme")):
        mirrored = taste[:, content.theme_index[other]] - 0.9 * taste[:, content.theme_index[one]]
        taste[:, content.theme_index[other]] = mirrored / np.sqrt(1.81)
    kin_of = (chance > 0.5).astype(np.float32) @ (content.kin > 0).astype(np.float32) > 0
    chance = np.maximum(chance, np.where(kin_of, KIN_SKILL, 0.0))
    taste = np.maximum(taste - TASTE_THRESHOLD, 0.0) - np.maximum(-taste - DISTASTE_THRESHOLD, 0.0)
    return rng.random((n, n_skills)) < chance, np.round(taste, 2), np.round(behaviours, 2)


def _preferred(rng: np.random.Generator, content: Content, skills: Bools, taste: Floats) -> Ints:
    """What people say they want: near what they can and like, within what comes to mind."""
    pull = skills @ content.occupation_skills.T / content.occupation_skills.sum(axis=1)
    themes = content.occupation_skills @ content.skill_themes
    pull = 2.0 * pull + taste @ (themes / np.linalg.norm(themes, axis=1, keepdims=True)).T
    pull += rng.gumbel(0.0, 0.55, pull.shape)
    return np.argsort(-pull, axis=1)[:, :2].astype(np.int64)


def _mobility(rng: np.random.Generator, n: int, birth_year: Ints) -> dict[str, NDArray[np.generic]]:
    b_licence = rng.random(n) < np.clip((2006 - birth_year) / 30, 0.15, 0.68)
    licences = np.stack([b_licence | (rng.random(n) < 0.12), b_licence, b_licence & (rng.random(n) < 0.12)], axis=1)
    licences = np.column_stack([licences, licences[:, 2] & (rng.random(n) < 0.6)])
    transport = np.stack(
        [
            b_licence & (rng.random(n) < 0.6),
            licences[:, 0] & (rng.random(n) < 0.14),
            rng.random(n) < 0.72,
            rng.random(n) < 0.68,
        ],
        axis=1,
    )
    transport[~transport.any(axis=1), 3] = True
    minutes = rng.choice([20, 30, 40, 45, 60, 75, 90], n, p=[0.06, 0.24, 0.1, 0.24, 0.26, 0.06, 0.04])
    km = np.where(transport[:, 0], rng.choice([15, 20, 25, 30, 40, 50], n), rng.choice([7, 10, 15, 20, 25], n))
    return {"licences": licences, "transport": transport, "max_minutes": minutes, "max_km": km}


def _hours(rng: np.random.Generator, parent: Bools) -> dict[str, Ints]:
    n = len(parent)
    wish = np.where(
        parent,
        rng.choice([12, 16, 20, 24, 28], n),
        rng.choice([16, 20, 24, 28, 32, 36, 38, 40], n, p=[0.05, 0.06, 0.12, 0.08, 0.25, 0.18, 0.08, 0.18]),
    )
    low = np.maximum(8, wish - rng.choice([0, 4, 8, 12, 16], n))
    return {"hours_wish": wish, "hours_min": low, "hours_max": np.minimum(48, wish + rng.choice([0, 0, 4, 4, 8], n))}


def _writing(rng: np.random.Generator, dutch: Ints, education: Ints) -> dict[str, NDArray[np.generic]]:
    """Register and polish: level of Dutch and schooling show in a text, and so does temperament."""
    n = len(dutch)
    register = _pick(rng, [0.28, 0.27, 0.2, 0.12, 0.0, 0.13], n)
    learning = rng.random(n) < np.array([0.97, 0.95, 0.75, 0.12, 0.0])[dutch]
    register = np.where(learning, REGISTERS.index("simple"), register)
    base = np.array([0.8, 0.55, 0.3, 0.3, 0.25, 0.4])[register]
    polish = np.clip(base + 0.06 * (education - 2) + rng.normal(0.0, 0.12, n), 0.0, 1.0)
    return {"register": register, "polish": np.round(polish, 2)}


def _dates(rng: np.random.Generator, n: int, n_days: int) -> dict[str, Ints]:
    published = np.where(rng.random(n) < 0.5, rng.integers(-240, 0, n), rng.integers(0, n_days - 10, n))
    later = rng.random(n) < 0.18
    start = np.where(later, published + rng.integers(14, 100, n), published)
    until = np.where(rng.random(n) < 0.04, start + rng.integers(150, 500, n), NOTHING)
    return {"published": published, "available_from": start, "available_until": until}


def _certificates(rng: np.random.Generator, content: Content, experience: Ints, skills: Bools) -> Bools:
    """Who did the work mostly has the paper; some followed a course in between."""
    held = rng.random((len(skills), len(content.certificates))) < 0.03
    for column, key in enumerate(content.certificates):
        trades = [i for i, o in enumerate(content.occupations) if key in o.certificates]
        held[:, column] |= np.isin(experience, trades).any(axis=1) & (rng.random(len(skills)) < 0.75)
    names = list(content.certificates)
    trucks = skills[:, content.skill_index["heftruckrijden"]] & (rng.random(len(skills)) < 0.6)
    held[:, names.index("heftruck")] |= trucks
    for key, share in (("vca", 0.1), ("bhv", 0.1), ("zwem", 0.06)):
        held[:, names.index(key)] |= rng.random(len(skills)) < share
    return held


def draw_people(rng: np.random.Generator, content: Content, n: int, n_days: int) -> People:
    """Draws n talents whose records are made up to the end of ``n_days`` of history."""
    birth_year = 2026 - np.clip(rng.gamma(4.2, 6.0, n) + 17, 18, 66).astype(np.int64)
    background = _pick(rng, [0.58, 0.14, 0.28], n)
    dutch_shares = np.array([[0, 0.01, 0.03, 0.16, 0.8], [0.12, 0.22, 0.26, 0.26, 0.14], [0.08, 0.2, 0.27, 0.27, 0.18]])
    dutch = (rng.random((n, 1)) > np.cumsum(dutch_shares, axis=1)[background]).sum(axis=1).clip(0, 4)
    education = 1 + _pick(rng, [0.3, 0.3, 0.22, 0.09, 0.06, 0.03], n)
    experience, months = _work_history(rng, content, n)
    chapters = _chapters(rng, content, n, newcomer=experience[:, 0] == NOTHING)
    skills, taste, behaviours = _traits(rng, content, experience, chapters)
    parents = [i for i, chapter in enumerate(content.chapters) if chapter.parent]
    grown = birth_year < 1996
    chapters = np.where(np.isin(chapters, parents) & ~grown[:, None], NOTHING, chapters)
    parent = ((rng.random(n) < 0.15) & grown) | np.isin(chapters, parents).any(axis=1)
    homes = np.array([area.homes for area in content.areas])
    area = rng.choice(len(homes), n, p=homes / homes.sum())
    newcomer = experience[:, 0] == NOTHING
    route = np.where(newcomer, np.where(birth_year >= 2002, 0, 2), np.where(rng.random(n) < 0.45, 1, 2))
    mobility = _mobility(rng, n, birth_year)
    drivers = [i for i, chapter in enumerate(content.chapters) if chapter.licence == "B"]
    chapters = np.where(np.isin(chapters, drivers) & ~mobility["licences"][:, 1:2].astype(bool), NOTHING, chapters)
    columns = {**mobility, **_hours(rng, parent), **_writing(rng, dutch, education), **_dates(rng, n, n_days)}
    return People(
        area=area,
        education=education,
        dutch=dutch,
        skills=skills,
        themes=taste,
        behaviours=behaviours,
        experience=experience,
        months=months,
        preferred=_preferred(rng, content, skills, taste),
        chapters=chapters,
        irregular=rng.random(n) < np.where(parent, 0.15, 0.55),
        certificates=_certificates(rng, content, experience, skills),
        parent=parent,
        route=route,
        steadiness=np.round(rng.normal(0.0, 1.0, n), 2),
        gender=_pick(rng, [0.5, 0.485, 0.015], n),
        birth_year=birth_year,
        background=background,
        known={name: rng.random(n) < share for name, share in FILLED.items()},
        **columns,  # type: ignore[arg-type]
    )


LEARNING = BEHAVIOUR_INDEX[24116]
