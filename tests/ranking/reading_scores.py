"""Hand-labelled texts, and precision and recall of readings against them."""

import tomllib
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from core.records import Language, Place
from ranking.reading import Finding, ReadField, read_vacancy
from ranking.reading.whereabouts import Towns

TODAY = date(2025, 2, 10)
DATA = Path(__file__).parent / "data"
USED = 0.6  # the confidence from which a reading fills a record
SAME_PHRASE = 0.6  # Dice coefficient of words from which two phrases say the same

_TOWNS = {
    "Schiedam": "3111 3112 3118",
    "Vlaardingen": "3131 3132 3133", "Barendrecht": "2991 2992", "Ridderkerk": "2981 2988",
    "Capelle aan den IJssel": "2901 2902 2909", "Spijkenisse": "3201 3202", "Bleiswijk": "2665",
    "Maassluis": "3141 3142",
    "Bergschenhoek": "2661 2662", "Dordrecht": "3311 3312", "Krimpen aan den IJssel": "2921 2922",
    "Best": "5681",
    "Rotterdam": " ".join(str(number) for number in range(3011, 3060)), "Made": "4921", "Moerdijk": "4782",
    "Zwijndrecht": "3331 3332", "Hellevoetsluis": "3221 3222", "Delft": "2611 2612 2613", "Rhoon": "3161",
}  # fmt: skip
PLACES = {
    pc4: Place(postcode=pc4, place=town, municipality=town, lat=51.9, lon=4.4)
    for town, numbers in _TOWNS.items()
    for pc4 in numbers.split()
}
TOWNS = Towns.of(PLACES.values())

# Label in the file: field, whether it is a demand (None: either), whether phrases are compared by their words.
LABELS: dict[str, tuple[ReadField, bool | None, bool]] = {
    "occupation": (ReadField.OCCUPATION, None, False),
    "positions": (ReadField.POSITIONS, None, False),
    "hours_min": (ReadField.HOURS_MIN, None, False),
    "hours_max": (ReadField.HOURS_MAX, None, False),
    "irregular": (ReadField.IRREGULAR_HOURS, None, False),
    "skills": (ReadField.SKILL, True, True),
    "desired": (ReadField.SKILL, False, True),
    "certs": (ReadField.CERTIFICATE, True, False),
    "certs_desired": (ReadField.CERTIFICATE, False, False),
    "licences": (ReadField.LICENCE, True, False),
    "licences_desired": (ReadField.LICENCE, False, False),
    "langs": (ReadField.LANGUAGE, True, False),
    "langs_desired": (ReadField.LANGUAGE, False, False),
    "starts": (ReadField.STARTS_ON, None, False),
    "ends": (ReadField.CONTRACT_ENDS_ON, None, False),
    "training": (ReadField.TRAINING_OFFERED, None, True),
    "transport": (ReadField.TRANSPORT, True, False),
    "transport_hints": (ReadField.TRANSPORT, False, False),
    "pc4": (ReadField.POSTCODE, None, False),
    "education": (ReadField.EDUCATION_LEVEL, True, False),
    "education_desired": (ReadField.EDUCATION_LEVEL, False, False),
}


@dataclass
class Score:
    """Counts of one label."""

    hit: int = 0
    extra: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        return self.hit / (self.hit + self.extra) if self.hit + self.extra else 1.0

    @property
    def recall(self) -> float:
        return self.hit / (self.hit + self.missed) if self.hit + self.missed else 1.0


def labelled(half: str) -> list[dict[str, Any]]:
    """Texts of one file: ``dev``, ``held`` or ``sme``."""
    with (DATA / f"vacancy_texts_{half}.toml").open("rb") as file:
        return list(tomllib.load(file)["text"])


def read_for(entry: dict[str, Any], label: str, findings: list[Finding]) -> list[str]:
    """What was read for one label, as the label writes it."""
    field, required, _ = LABELS[label]
    found = [
        one.value
        for one in findings
        if one.field is field and one.confidence >= USED and required in {None, one.required}
    ]
    return [_shown(value, label) for value in found]


def expected_for(entry: dict[str, Any], label: str) -> list[str]:
    value = entry.get(label, [])
    return [_shown(one, label) for one in (value if isinstance(value, list) else [value])]


def _shown(value: object, label: str) -> str:
    if isinstance(value, Language):
        return value.code if label == "langs_desired" else f"{value.code}:{value.spoken}"
    if label == "pc4":
        return str(value)[:4]
    return str(float(value)) if label.startswith("hours") and isinstance(value, int | float) else str(value)


def same(left: str, right: str) -> bool:
    """Whether two phrases have most of their words in common."""
    a, b = set(left.casefold().split()), set(right.casefold().split())
    return 2 * len(a & b) / (len(a) + len(b)) >= SAME_PHRASE if a and b else a == b


def compare(expected: list[str], read: list[str], *, by_words: bool) -> tuple[list[str], list[str], list[str]]:
    """Hits, extra and missed; each reading answers one label."""
    left, hits, extra = list(expected), [], []
    for one in read:
        match = next((label for label in left if (same(label, one) if by_words else label == one)), None)
        if match is None:
            extra.append(one)
        else:
            hits.append(one)
            left.remove(match)
    return hits, extra, left


def scores(half: str, *, show: bool = False) -> dict[str, Score]:
    """Precision and recall per label over one half."""
    table: dict[str, Score] = defaultdict(Score)
    for entry in labelled(half):
        findings = read_vacancy(entry["text"], today=TODAY, towns=TOWNS)
        for label, (_, _, by_words) in LABELS.items():
            hits, extra, missed = compare(
                expected_for(entry, label), read_for(entry, label, findings), by_words=by_words
            )
            table[label].hit += len(hits)
            table[label].extra += len(extra)
            table[label].missed += len(missed)
            if show and (extra or missed):
                print(f"{entry['id']} {label}: extra {extra} missed {missed}")  # noqa: T201  asked for
    return table


def shown(table: dict[str, Score]) -> str:
    """A table to read."""
    rows = [
        f"{label:18} precision {one.precision:.2f}  recall {one.recall:.2f}"
        f"  ({one.hit} right, {one.extra} extra, {one.missed} missed)"
        for label, one in table.items()
    ]
    return "\n".join(rows)
