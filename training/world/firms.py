"""Draws employers and their vacancies: what the job truly asks and offers, and how much of it the record says."""

from dataclasses import dataclass, field

import numpy as np

from training.world.content import CLIMATE, Content, Floats

VACANCY_REGISTERS = ("formeel", "enthousiast", "kort", "bureau", "appje")
# How often an employer fills in the structured field that its text also tells.
STRUCTURED = {
    "skills": 0.72, "behaviours": 0.55, "education": 0.55, "certificates": 0.85, "licences": 0.85, "language": 0.65,
    "hours": 0.85, "irregular": 0.62, "training": 0.7, "wheels": 0.6, "occupation": 0.6, "location": 0.97,
    "starts_on": 0.6,
}  # fmt: skip
VACANCIES_PER_EMPLOYER = 4.5


@dataclass(frozen=True)
class Employer:
    """A small firm.

    Attributes:
        quality: N(0, 1), how well people are received and kept; persists over its vacancies.
        rigour: weight of experience and titles when it hires, around 1.
        bias: 0 to 1, how far it lets age, background and gender count.
    """

    number: int
    name: str
    sector: str
    area: int
    quality: float
    rigour: float
    bias: float
    register: str
    climate: tuple[int, ...]
    founded: int
    n_people: int


@dataclass(frozen=True)
class Job:
    """A vacancy as it truly is. Skills, themes, behaviours and areas are positions; days count from the start."""

    number: int
    employer: int
    occupation: int
    area: int
    quality: float
    rigour: float
    bias: float
    skills: tuple[int, ...]
    n_core: int
    themes: tuple[float, ...]
    behaviours: tuple[int, ...]
    education: int
    dutch: int
    hours: tuple[int, int]
    irregular: bool
    certificates: tuple[str, ...]
    licences: tuple[str, ...]
    taught: tuple[str, ...]
    training: tuple[str, ...]
    climate: tuple[int, ...]
    newcomers: bool
    own_wheels: bool
    opened: int
    starts: int
    closes: int
    positions: int
    register: str
    known: dict[str, bool] = field(default_factory=dict)


def _name(rng: np.random.Generator, content: Content, sector: str) -> str:
    names = content.firms["names"]
    pattern = str(rng.choice(names[sector]))
    return pattern.format(s=rng.choice(names["surnames"]), f=rng.choice(names["fancy"]))


def draw_employers(rng: np.random.Generator, content: Content, n_vacancies: int) -> list[Employer]:
    """Draws about one employer for every ``VACANCIES_PER_EMPLOYER`` vacancies, with distinct names."""
    jobs = np.array([area.jobs for area in content.areas])
    employers: list[Employer] = []
    taken: dict[str, int] = {}
    for number in range(max(len(content.sectors), round(n_vacancies / VACANCIES_PER_EMPLOYER))):
        sector = content.sectors[number % len(content.sectors)]
        name = _name(rng, content, sector)
        taken[name] = taken.get(name, 0) + 1
        area = _site(rng, content, sector, jobs)
        climate = rng.choice(len(CLIMATE), 2, replace=False)
        employers.append(
            Employer(
                number=number,
                name=name if taken[name] == 1 else f"{name} {content.areas[area].place} {taken[name]}",
                sector=sector,
                area=area,
                quality=round(float(rng.normal()), 2),
                rigour=round(float(np.clip(rng.normal(1.0, 0.35), 0.2, 2.0)), 2),
                bias=round(float(rng.beta(1.3, 2.0)), 2),
                register=str(rng.choice(VACANCY_REGISTERS, p=[0.27, 0.28, 0.17, 0.18, 0.10])),
                climate=tuple(content.theme_index[CLIMATE[i]] for i in climate),
                founded=int(rng.integers(1952, 2022)),
                n_people=int(rng.integers(4, 90)),
            )
        )
    return employers


def _site(rng: np.random.Generator, content: Content, sector: str, jobs: Floats) -> int:
    """Ports lie at the water west of the city, care is spread like homes, the rest follows work."""
    if sector == "haven":
        west = np.array([area.lon < 4.45 for area in content.areas])
        weight = jobs * np.where(west, 3.0, 0.4)
    elif sector in {"zorg", "schoonmaak", "detailhandel"}:
        weight = jobs + np.array([area.homes for area in content.areas])
    else:
        weight = jobs
    return int(rng.choice(len(weight), p=weight / weight.sum()))


def _themes(content: Content, skills: tuple[int, ...], climate: tuple[int, ...]) -> tuple[float, ...]:
    feel = content.skill_themes[list(skills)].mean(axis=0)
    feel[list(climate)] += 0.6
    return tuple(round(float(x), 3) for x in feel / np.linalg.norm(feel))


def _chosen_skills(rng: np.random.Generator, content: Content, occupation: int) -> tuple[int, ...]:
    """The core of the trade, some of the rest, and now and then something of a neighbouring trade."""
    own = content.occupations[occupation].skills
    core, rest = list(own[:2]), list(own[2:])
    kept = [skill for skill in rest if rng.random() < 0.7]
    if rng.random() < 0.3:
        near = int(np.argsort(-content.related[occupation])[1 + rng.integers(0, 5)])
        extra = [skill for skill in content.occupations[near].skills if skill not in own]
        kept += [int(rng.choice(extra))] if extra else []
    return tuple(core + kept)


def _hours(rng: np.random.Generator, low: int, high: int) -> tuple[int, int]:
    top = int(rng.integers(max(low + 4, 12), high + 1) // 4 * 4)
    bottom = max(low, top - int(rng.choice([0, 4, 8, 8, 12, 16])))
    return min(bottom, top), max(top, bottom)


def draw_job(rng: np.random.Generator, content: Content, employer: Employer, number: int, opened: int) -> Job:
    """Draws one vacancy of an employer, opened on a day."""
    trades = [i for i, o in enumerate(content.occupations) if o.sector == employer.sector]
    favourite = trades[employer.number * 7 % len(trades)]
    number_of_trade = favourite if rng.random() < 0.5 else int(rng.choice(trades))
    occupation = content.occupations[number_of_trade]
    area = employer.area if rng.random() < 0.75 else _site(rng, content, employer.sector, np.ones(len(content.areas)))
    skills = _chosen_skills(rng, content, number_of_trade)
    training = [item for item in occupation.training if rng.random() < 0.5 + 0.1 * employer.quality]
    taught = tuple(key for _, key in training)
    newcomers = bool(rng.random() < (0.75 if occupation.education == 1 else 0.4))
    climate = employer.climate if rng.random() < 0.8 else employer.climate[:1]
    asked = [b for b in occupation.behaviours if rng.random() < 0.8] or [occupation.behaviours[0]]
    own_wheels = bool(rng.random() < occupation.needs_own_wheels)
    register = employer.register if rng.random() < 0.85 else str(rng.choice(VACANCY_REGISTERS))
    lead = int(rng.integers(21, 60))
    return Job(
        number=number,
        employer=employer.number,
        occupation=number_of_trade,
        area=area,
        quality=employer.quality,
        rigour=employer.rigour,
        bias=employer.bias,
        skills=skills,
        n_core=min(len(skills), int(rng.integers(2, 5))),
        themes=_themes(content, skills, climate),
        behaviours=tuple(asked),
        education=max(1, occupation.education - (1 if newcomers and rng.random() < 0.5 else 0)),
        dutch=max(0, occupation.dutch - (1 if rng.random() < 0.35 else 0)),
        hours=_hours(rng, *occupation.hours),
        irregular=bool(rng.random() < occupation.irregular),
        certificates=tuple(c for c in occupation.certificates if rng.random() < 0.4),
        licences=tuple(x for x in occupation.licences if rng.random() < 0.7),
        taught=taught,
        training=tuple(text for text, _ in training),
        climate=climate,
        newcomers=newcomers,
        own_wheels=own_wheels,
        opened=opened,
        starts=opened + lead,
        closes=opened + int(rng.integers(30, 75)),
        positions=1 + int(rng.random() < 0.22) + int(rng.random() < 0.05),
        register=register,
        known={name: bool(rng.random() < share) for name, share in STRUCTURED.items()},
    )


def draw_jobs(
    rng: np.random.Generator, content: Content, employers: list[Employer], n_vacancies: int, n_days: int
) -> list[Job]:
    """Draws vacancies in order of opening; a few employers have many."""
    weight = rng.gamma(1.2, 1.0, len(employers)) + 0.1
    owners = rng.choice(len(employers), n_vacancies, p=weight / weight.sum())
    opened = np.sort(rng.integers(0, n_days, n_vacancies))
    return [
        draw_job(rng, content, employers[int(owner)], number, int(day))
        for number, (owner, day) in enumerate(zip(owners, opened, strict=True), start=1)
    ]
