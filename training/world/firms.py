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
LIVELY = 0.5  # homes weight below which nobody would open a shop
# Skills that fit beside many trades.
ANYWHERE = (
    "tillen", "schoonmaken", "telefoon", "gegevens", "klantadvies", "veiligwerken", "rapporteren",
    "engels", "tempo", "gastvrij", "teamaansturen", "kassa", "gereedschap", "busrijden",
)  # fmt: skip
# A climate that the trade itself contradicts is not offered.
OPPOSED = {"alleen": ("team", "mensen"), "team": ("alleen",), "ritme": ("afwisseling",), "afwisseling": ("ritme",)}


@dataclass(frozen=True)
class Employer:
    """A small firm.

    Attributes:
        trades: the occupations of its kind of house, the commonest first; a bakery hires no hotel receptionist.
        quality: N(0, 1), how well people are received and kept; persists over its vacancies.
        rigour: weight of experience and titles when it hires, around 1.
        bias: 0 to 1, how far it lets age, background and gender count.
    """

    number: int
    name: str
    sector: str
    trades: tuple[int, ...]
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


def _name(rng: np.random.Generator, content: Content, house: str, taken: set[str]) -> str:
    """A name of this kind of house that nobody has yet; two surnames when the plain ones run out."""
    names = content.firms["names"]
    for attempt in range(200):
        pattern = str(rng.choice(content.firms["houses"][house]))
        first, second = rng.choice(names["surnames"], 2, replace=False)
        surname = str(first) if attempt < 20 else f"{first} & {second}"
        district = str(rng.choice(names["fancy"]))
        name = pattern.format(s=surname, f=district if attempt < 20 else f"{first} {district}")
        if name not in taken:
            taken.add(name)
            return name
    taken.add(f"{name} {len(taken)}")
    return f"{name} {len(taken)}"


def draw_employers(rng: np.random.Generator, content: Content, n_vacancies: int) -> list[Employer]:
    """Draws about one employer for every ``VACANCIES_PER_EMPLOYER`` vacancies, with distinct names."""
    jobs = np.array([area.jobs for area in content.areas])
    employers: list[Employer] = []
    taken: set[str] = set()
    for number in range(max(len(content.sectors), round(n_vacancies / VACANCIES_PER_EMPLOYER))):
        sector = content.sectors[number % len(content.sectors)]
        favourites = [i for i, o in enumerate(content.occupations) if o.sector == sector]
        favourite = int(rng.choice(favourites))
        house = content.occupations[favourite].house
        others = [i for i in favourites if content.occupations[i].house == house and i != favourite]
        name = _name(rng, content, house, taken)
        area = _site(rng, content, sector, jobs)
        climate = rng.choice(len(CLIMATE), 2, replace=False)
        employers.append(
            Employer(
                number=number,
                name=name,
                sector=sector,
                trades=(favourite, *others),
                area=area,
                quality=round(float(rng.normal()), 2),
                rigour=round(float(np.clip(rng.normal(1.0, 0.35), 0.2, 2.0)), 2),
                bias=round(float(rng.beta(1.3, 2.0)), 2),
                register=str(rng.choice(VACANCY_REGISTERS, p=[0.27, 0.28, 0.17, 0.18, 0.10])),
                climate=tuple(content.theme_index[CLIMATE[i]] for i in climate),
                founded=int(rng.integers(1952, 2022)),
                n_people=int(rng.integers(4, 38)),
            )
        )
    return employers


def _site(rng: np.random.Generator, content: Content, sector: str, jobs: Floats) -> int:
    """Ports lie at the water west of the city; shops, kitchens, care and offices among homes; the rest at work."""
    homes = np.array([area.homes for area in content.areas])
    if sector == "haven":
        weight = jobs * np.where([area.lon < 4.45 for area in content.areas], 3.0, 0.4)
    elif sector in {"zorg", "horeca", "detailhandel", "administratie"}:
        weight = np.where(homes >= LIVELY, homes + 0.5 * jobs, 0.0)
    else:
        weight = jobs
    return int(rng.choice(len(weight), p=weight / weight.sum()))


def _themes(content: Content, skills: tuple[int, ...], climate: tuple[int, ...]) -> tuple[float, ...]:
    feel = content.skill_themes[list(skills)].mean(axis=0)
    feel[list(climate)] += 0.6
    return tuple(round(float(x), 3) for x in feel / np.linalg.norm(feel))


def _climate(content: Content, skills: tuple[int, ...], climate: tuple[int, ...]) -> tuple[int, ...]:
    """The firm's climate as far as this work leaves room for it."""
    feel = content.skill_themes[list(skills)].mean(axis=0)
    kept: list[int] = []
    for theme in climate:
        against = [content.theme_index[name] for name in OPPOSED.get(content.themes[theme].key, ())]
        if feel[against].sum() <= feel[theme] + 0.3 and not set(against) & set(kept):
            kept.append(theme)
    return tuple(kept)


def _chosen_skills(rng: np.random.Generator, content: Content, occupation: int) -> tuple[int, ...]:
    """The core of the trade, some of the rest, and now and then something that any firm may want beside it."""
    own = content.occupations[occupation].skills
    core, rest = list(own[:2]), list(own[2:])
    kept = [skill for skill in rest if rng.random() < 0.7]
    if rng.random() < 0.3:
        near = content.occupation_skills[occupation] @ content.kin
        extra = [content.skill_index[key] for key in ANYWHERE]
        extra = [skill for skill in extra if skill not in own and near[skill] > 0.3]
        kept += [int(rng.choice(extra))] if extra else []
    return tuple(core + kept)


def _hours(rng: np.random.Generator, low: int, high: int) -> tuple[int, int]:
    top = int(rng.integers(max(low + 4, 12), high + 1) // 4 * 4)
    bottom = max(low, top - int(rng.choice([0, 4, 8, 8, 12, 16])))
    return min(bottom, top), max(top, bottom)


def draw_job(rng: np.random.Generator, content: Content, employer: Employer, number: int, opened: int) -> Job:
    """Draws one vacancy of an employer, opened on a day."""
    number_of_trade = employer.trades[0] if rng.random() < 0.5 else int(rng.choice(employer.trades))
    occupation = content.occupations[number_of_trade]
    area = employer.area if rng.random() < 0.75 else _site(rng, content, employer.sector, np.ones(len(content.areas)))
    skills = _chosen_skills(rng, content, number_of_trade)
    training = [item for item in occupation.training if rng.random() < 0.5 + 0.1 * employer.quality]
    taught = tuple(key for _, key in training)
    if any("certificaat" in text and key == "heftruckrijden" for text, key in training):
        taught += ("heftruck",)
    newcomers = bool(rng.random() < (0.75 if occupation.education == 1 else 0.4))
    climate = _climate(content, skills, employer.climate if rng.random() < 0.8 else employer.climate[:1])
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
