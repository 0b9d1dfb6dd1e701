"""Reads ESCO: the joined files of this project, or the CSV files of ESCO's own download."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import FileUnreadable

_MAX_FIELD_CHARS = 1_000_000


@dataclass(frozen=True, slots=True)
class Concept:
    """An occupation or a skill.

    Attributes:
        uri: ESCO's identifier.
        labels_nl: Dutch labels, the preferred one first; never empty.
        labels_en: English labels, the preferred one first.
        description_nl: Dutch description, or empty.
        group: ISCO-08 unit group of an occupation, empty for a skill.
    """

    uri: str
    labels_nl: tuple[str, ...]
    labels_en: tuple[str, ...]
    description_nl: str
    group: str


@dataclass(frozen=True, slots=True)
class Esco:
    """What the encoder learns from.

    Attributes:
        occupations: in the order of the file.
        skills: in the order of the file.
        relations: numbers of the skills of each occupation, by its number.
        groups: Dutch name of each ISCO-08 group, of one to four digits, by its code; empty when ESCO came without.
    """

    occupations: tuple[Concept, ...]
    skills: tuple[Concept, ...]
    relations: dict[int, tuple[int, ...]]
    groups: dict[str, str] = field(default_factory=dict)


def read_esco(directory: Path) -> Esco:
    """Reads occupations, skills and their relations.

    Args:
        directory: holds ``occupations.csv``, ``skills.csv`` and ``occupation_skills.csv`` (Dutch and English side
            by side), or ESCO's ``occupations_nl.csv``, ``occupations_en.csv``, ``skills_nl.csv``, ``skills_en.csv``
            and ``occupationSkillRelations_nl.csv``; each may be gzipped (``.gz``). The names of the ISCO groups
            (``isco_groups_nl.csv`` or ``ISCOGroups_nl.csv``) may be absent.

    Raises:
        FileUnreadable: a file is missing, or lacks a column.
    """
    occupations = _concepts(directory, "occupations")
    skills = _concepts(directory, "skills")
    name = "occupation_skills" if _find(directory, "occupation_skills") else "occupationSkillRelations_nl"
    occupation_numbers = {concept.uri: number for number, concept in enumerate(occupations)}
    skill_numbers = {concept.uri: number for number, concept in enumerate(skills)}
    relations: dict[int, list[int]] = defaultdict(list)
    for row in _rows(directory, name, ("occupationUri", "skillUri")):
        occupation = occupation_numbers.get(row["occupationUri"])
        skill = skill_numbers.get(row["skillUri"])
        if occupation is not None and skill is not None:
            relations[occupation].append(skill)
    skills_of = {number: tuple(found) for number, found in relations.items()}
    return Esco(occupations, skills, skills_of, _groups(directory))


def _groups(directory: Path) -> dict[str, str]:
    name = next((name for name in ("isco_groups_nl", "ISCOGroups_nl") if _find(directory, name)), None)
    rows = _rows(directory, name, ("code", "preferredLabel")) if name else ()
    return {row["code"]: " ".join(row["preferredLabel"].split()) for row in rows}


def _concepts(directory: Path, kind: str) -> tuple[Concept, ...]:
    joined = _find(directory, kind) is not None
    found = _joined(directory, kind) if joined else _separate(directory, kind)
    concepts = tuple(concept for concept in found if concept.labels_nl)
    if not concepts:
        raise FileUnreadable(f"the {kind} in {directory} have no Dutch labels; give a folder with ESCO in Dutch")
    return concepts


def _joined(directory: Path, kind: str) -> Iterator[Concept]:
    columns = ("conceptUri", "preferredLabel_nl", "altLabels_nl", "description_nl")
    for row in _rows(directory, kind, (*columns, "preferredLabel_en", "altLabels_en")):
        english = _labels(row["preferredLabel_en"], row["altLabels_en"].split("|"))
        yield _concept(row, row["preferredLabel_nl"], row["altLabels_nl"].split("|"), row["description_nl"], english)


def _separate(directory: Path, kind: str) -> Iterator[Concept]:
    columns = ("conceptUri", "preferredLabel", "altLabels", "description")
    english = {
        row["conceptUri"]: _labels(row["preferredLabel"], row["altLabels"].split("\n"))
        for row in _rows(directory, f"{kind}_en", columns)
    }
    for row in _rows(directory, f"{kind}_nl", columns):
        labels = row["altLabels"].split("\n")
        other = english.get(row["conceptUri"], ())
        yield _concept(row, row["preferredLabel"], labels, row["description"], other)


def _concept(
    row: dict[str, str], preferred: str, others: list[str], description: str, english: tuple[str, ...]
) -> Concept:
    dutch = _labels(preferred, others)
    foreign = {label.casefold() for label in english}
    kept = tuple(label for place, label in enumerate(dutch) if place == 0 or label.casefold() not in foreign)
    is_occupation = bool(row.get("iscoGroup"))
    return Concept(
        uri=row["conceptUri"],
        labels_nl=dutch if is_occupation else kept,  # skills without Dutch alt labels repeat the English ones
        labels_en=english,
        description_nl=" ".join(description.split()),
        group=row.get("iscoGroup") or "",
    )


def _labels(preferred: str, others: list[str]) -> tuple[str, ...]:
    """Clean labels, the preferred one first, each once regardless of case."""
    unique: dict[str, str] = {}
    for label in (preferred, *others):
        cleaned = " ".join(label.split())
        if cleaned:
            unique.setdefault(cleaned.casefold(), cleaned)
    return tuple(unique.values())


def _find(directory: Path, name: str) -> Path | None:
    candidates = (directory / f"{name}.csv.gz", directory / f"{name}.csv")
    return next((path for path in candidates if path.is_file()), None)


def _rows(directory: Path, name: str, columns: tuple[str, ...]) -> Iterator[dict[str, str]]:
    path = _find(directory, name)
    if path is None:
        raise FileUnreadable(f"there is no {name}.csv or {name}.csv.gz in {directory}; see the ESCO portal's download")
    csv.field_size_limit(_MAX_FIELD_CHARS)
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            absent = [column for column in columns if column not in (reader.fieldnames or ())]
            if absent:
                raise FileUnreadable(f"{path} lacks the column {absent[0]}; give ESCO's file as it was downloaded")
            for row in reader:
                yield {key: value or "" for key, value in row.items() if key}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FileUnreadable(f"{path} cannot be read ({error}); download it again") from error
