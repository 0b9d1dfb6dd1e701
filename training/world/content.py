"""What the world is made of, read from the TOML beside this file: skills, occupations, themes, people's chapters.

Everything that is Dutch text stands in the TOML; everything that is a number's position (skill 17, theme 3) is here.
"""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).parent
BEHAVIOUR_CODES = (
    24100, 24101, 24102, 24104, 24105, 24106, 24107, 24108, 24109, 24110, 24111, 24112, 24113,
    24114, 24115, 24116, 24118, 24119, 24120, 24121, 24122, 24123, 24124, 24125, 24126,
)  # fmt: skip
BEHAVIOUR_INDEX = {code: i for i, code in enumerate(BEHAVIOUR_CODES)}
# Climate themes belong to a firm's floor rather than to a trade: any vacancy may have them.
CLIMATE = ("team", "alleen", "druk", "afwisseling", "ritme")
EARTH_KM = 6371.0
FAMILY_CREDIT = 0.5  # who can do one thing of a family is half way to the next

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Skill:
    """One thing people can do, in the employer's words and in their own."""

    key: str
    family: str
    themes: tuple[str, ...]
    formal: tuple[str, ...]
    own: tuple[str, ...]
    said: tuple[str, ...]
    tasks: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Occupation:
    """A trade as SMEs in the region hire for it. Skills and behaviours are positions, most typical first."""

    title: str
    house: str
    titles: tuple[str, ...]
    spoken: tuple[str, ...]
    sector: str
    sbi: str
    skills: tuple[int, ...]
    behaviours: tuple[int, ...]
    education: int
    dutch: int
    hours: tuple[int, int]
    irregular: float
    certificates: tuple[str, ...]
    licences: tuple[str, ...]
    training: tuple[tuple[str, str], ...]
    tasks: tuple[tuple[int, str, str], ...]
    needs_own_wheels: float
    declaration: bool


@dataclass(frozen=True)
class Theme:
    """What work feels like, as people and as employers put it."""

    key: str
    interest: tuple[str, ...]
    like: tuple[str, ...]
    simple: tuple[str, ...]
    dislike: tuple[str, ...]
    offer: tuple[str, ...]


@dataclass(frozen=True)
class Chapter:
    """Informal experience: a part of a life that leaves skills, behaviours and tastes behind."""

    text: tuple[str, ...]
    skills: tuple[int, ...]
    behaviours: tuple[int, ...]
    themes: tuple[int, ...]
    parent: bool
    licence: str | None


@dataclass(frozen=True)
class Area:
    """A four-digit postcode area; homes and jobs are relative weights."""

    postcode: str
    place: str
    municipality: str
    lat: float
    lon: float
    homes: float
    jobs: float


@dataclass(frozen=True)
class Content:
    """All of it, with positions.

    Attributes:
        skill_themes: (skills, themes) in {0, 1}: what doing this feels like.
        occupation_skills: (occupations, skills) in [0, 1]: how typical a skill is of the trade.
        related: (occupations, occupations) cosine of the trades' skill neighbourhoods, across sectors.
        kin: (skills, skills) 1 on the diagonal, ``FAMILY_CREDIT`` within a family, else 0.
        area_km: (areas, areas) great-circle kilometres between centres.
    """

    skills: tuple[Skill, ...]
    occupations: tuple[Occupation, ...]
    themes: tuple[Theme, ...]
    chapters: tuple[Chapter, ...]
    areas: tuple[Area, ...]
    certificates: dict[str, dict[str, Any]]
    behaviours: dict[int, dict[str, list[str]]]
    life: dict[str, Any]
    firms: dict[str, Any]
    slips: dict[str, str]
    verbs: dict[str, str]
    sectors: tuple[str, ...]
    skill_themes: Floats = field(repr=False)
    occupation_skills: Floats = field(repr=False)
    related: Floats = field(repr=False)
    kin: Floats = field(repr=False)
    area_km: Floats = field(repr=False)

    @property
    def theme_index(self) -> dict[str, int]:
        """Theme name to position."""
        return {theme.key: i for i, theme in enumerate(self.themes)}

    @property
    def skill_index(self) -> dict[str, int]:
        """Skill name to position."""
        return {skill.key: i for i, skill in enumerate(self.skills)}


def _read(name: str) -> dict[str, Any]:
    with (HERE / name).open("rb") as file:
        return tomllib.load(file)


def _skill(key: str, row: dict[str, Any]) -> Skill:
    tasks = tuple((je, infinitive) for je, infinitive in row["tasks"])
    texts = {name: tuple(row[name]) for name in ("themes", "formal", "own", "said")}
    return Skill(key=key, family=row["family"], tasks=tasks, **texts)


def _occupation(row: dict[str, Any], sector: str, skill_index: dict[str, int]) -> Occupation:
    own_tasks = [(skill_index[key], je, infinitive) for key, je, infinitive in row["tasks"]]
    return Occupation(
        title=row["title"],
        house=row["house"],
        titles=tuple(row["titles"]),
        spoken=tuple(row["spoken"]),
        sector=sector,
        sbi=row["sbi"],
        skills=tuple(skill_index[key] for key in row["skills"]),
        behaviours=tuple(BEHAVIOUR_INDEX[code] for code in row["behaviours"]),
        education=row["education"],
        dutch=row["dutch"],
        hours=(row["hours"][0], row["hours"][1]),
        irregular=row["irregular"],
        certificates=tuple(row.get("certificates", ())),
        licences=tuple(row.get("licences", ())),
        training=tuple((text, key) for text, key in row["training"]),
        tasks=tuple(own_tasks),
        needs_own_wheels=row.get("needs_own_wheels", 0.03),
        declaration=row.get("declaration", False),
    )


def _chapter(row: dict[str, Any], skill_index: dict[str, int], theme_index: dict[str, int]) -> Chapter:
    return Chapter(
        text=tuple(row["text"]),
        skills=tuple(skill_index[key] for key in row["skills"]),
        behaviours=tuple(BEHAVIOUR_INDEX[code] for code in row["behaviours"]),
        themes=tuple(theme_index[key] for key in row["themes"]),
        parent=row.get("parent", False),
        licence=row.get("licence"),
    )


def _area_km(areas: tuple[Area, ...]) -> Floats:
    """Haversine distances, kilometres."""
    lat, lon = (np.radians([getattr(area, name) for area in areas]) for name in ("lat", "lon"))
    half = np.sin((lat[:, None] - lat) / 2) ** 2
    half += np.cos(lat[:, None]) * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(half)))


def _kin(skills: list[Skill]) -> Floats:
    families = np.array([skill.family for skill in skills])
    kin = np.where(families[:, None] == families[None, :], FAMILY_CREDIT, 0.0)
    np.fill_diagonal(kin, 1.0)
    return kin


def _typical(occupations: list[Occupation], n_skills: int) -> Floats:
    typical = np.zeros((len(occupations), n_skills))
    for row, occupation in enumerate(occupations):
        for place, skill in enumerate(occupation.skills):
            typical[row, skill] = max(0.4, 1.0 - 0.12 * place)
    return typical


@cache
def load_content() -> Content:
    """Reads the TOML once. A name that does not exist raises ``KeyError`` with that name."""
    files = [_read(f"sectors/{path.name}") for path in sorted((HERE / "sectors").glob("*.toml"))]
    skills = [_skill(key, row) for file in files for key, row in file["skill"].items()]
    skill_index = {skill.key: i for i, skill in enumerate(skills)}
    themes = tuple(
        Theme(key=key, **{name: tuple(texts) for name, texts in row.items()})
        for key, row in _read("themes.toml").items()
    )
    theme_index = {theme.key: i for i, theme in enumerate(themes)}
    occupations = [_occupation(row, file["name"], skill_index) for file in files for row in file["occupation"]]
    life = _read("life.toml")
    skill_themes = np.zeros((len(skills), len(themes)))
    for i, skill in enumerate(skills):
        skill_themes[i, [theme_index[name] for name in skill.themes]] = 1.0
    areas = tuple(Area(*row) for row in _read("areas.toml")["areas"])
    typical, kin = _typical(occupations, len(skills)), _kin(skills)
    neighbourhood = typical @ kin
    neighbourhood /= np.linalg.norm(neighbourhood, axis=1, keepdims=True)
    return Content(
        skills=tuple(skills),
        occupations=tuple(occupations),
        themes=themes,
        chapters=tuple(_chapter(row, skill_index, theme_index) for row in life["chapter"]),
        areas=areas,
        certificates=_read("certificates.toml"),
        behaviours={int(code): row for code, row in _read("behaviours.toml").items()},
        life=life,
        firms=_read("firms.toml"),
        slips=_read("wording.toml")["slips"],
        verbs=_read("wording.toml")["verbs"],
        sectors=tuple(file["name"] for file in files),
        skill_themes=skill_themes,
        occupation_skills=typical,
        related=neighbourhood @ neighbourhood.T,
        kin=kin,
        area_km=_area_km(areas),
    )
