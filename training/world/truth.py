"""The world's known truth, as an oracle for tests and reports; never seen by the product.

``truth.jsonl`` holds one line of constants, one line a talent and one a vacancy with the true columns. From these
every probability follows, for all talents at once, without listing millions of pairs.
"""

from collections.abc import Iterator
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import numpy as np
import orjson

from training.world.content import Content, Floats, load_content
from training.world.firms import Job
from training.world.outcomes import NEUTRAL_RANK, Fit, Market
from training.world.people import FILLED, Bools, Ints, People
from training.world.requirements import eligible

# Truly suitable: eligible, and at least this chance to be placed from the list and then stay. About one in ten of
# the eligible; the mean over the eligible is about 0.045.
SUITABLE = 0.11
TRUTH_VERSION = "world-truth-v1"
_PACKED = ("skills",)  # mostly zeros: positions are shorter


def truth_rows(
    people: People, jobs: list[Job], talent_ids: list[str], vacancy_ids: list[str]
) -> Iterator[dict[str, Any]]:
    """All lines of ``truth.jsonl``."""
    yield {"kind": "truth", "version": TRUTH_VERSION, "talents": len(people), "vacancies": len(jobs)}
    columns = [f.name for f in fields(People) if f.name != "known"]
    for row, talent_id in enumerate(talent_ids):
        line: dict[str, Any] = {"kind": "talent", "talent_id": talent_id}
        for name in columns:
            value = getattr(people, name)[row]
            line[name] = np.flatnonzero(value).tolist() if name in _PACKED else value.tolist()
        line["known"] = [name for name in FILLED if people.known[name][row]]
        yield line
    for vacancy_id, job in zip(vacancy_ids, jobs, strict=True):
        yield {"kind": "vacancy", "vacancy_id": vacancy_id, **vars(job)}


def _people(lines: list[dict[str, Any]], content: Content) -> People:
    columns: dict[str, Any] = {}
    for f in fields(People):
        if f.name == "known":
            continue
        if f.name in _PACKED:
            packed = np.zeros((len(lines), len(content.skills)), dtype=np.bool_)
            for row, line in enumerate(lines):
                packed[row, line[f.name]] = True
            columns[f.name] = packed
        else:
            columns[f.name] = np.array([line[f.name] for line in lines])
    known = {name: np.array([name in line["known"] for line in lines]) for name in FILLED}
    return People(known=known, **columns)


def _job(line: dict[str, Any]) -> Job:
    values: dict[str, Any] = {
        k: tuple(v) if isinstance(v, list) else v for k, v in line.items() if k not in {"kind", "vacancy_id"}
    }
    return Job(**values)


class Truth:
    """Who could take which job, who would get it, and who would stay.

    Attributes:
        talent_ids, vacancy_ids: in file order; the order of all arrays over talents.
        people, jobs: the true columns.
    """

    def __init__(self, talent_ids: list[str], vacancy_ids: list[str], people: People, jobs: list[Job]) -> None:
        self.talent_ids, self.vacancy_ids, self.people = talent_ids, vacancy_ids, people
        self.jobs = dict(zip(vacancy_ids, jobs, strict=True))
        self.market = Market(people, load_content())
        self._fit = lru_cache(maxsize=4)(lambda vacancy_id: self.market.fit(self.jobs[vacancy_id]))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads ``truth.jsonl``.

        Raises:
            ValueError: The file is of another version; write the world again.
        """
        with path.open("rb") as file:
            lines = [orjson.loads(line) for line in file]
        if lines[0].get("version") != TRUTH_VERSION:
            raise ValueError(f"{path} is not {TRUTH_VERSION}; write the world again with `kansrijk world`")
        talents = [line for line in lines if line["kind"] == "talent"]
        vacancies = [line for line in lines if line["kind"] == "vacancy"]
        return cls(
            [line["talent_id"] for line in talents],
            [line["vacancy_id"] for line in vacancies],
            _people(talents, load_content()),
            [_job(line) for line in vacancies],
        )

    def fit(self, vacancy_id: str) -> Fit:
        """The true terms behind the probabilities."""
        return self._fit(vacancy_id)

    def eligible(self, vacancy_id: str) -> Bools:
        """Who no requirement known not to be met rules out, by the contract, (n_talents,)."""
        return eligible(self.people, self.jobs[vacancy_id], self.market.content)

    def published(self, vacancy_id: str) -> Bools:
        """Whose record existed when the vacancy opened, (n_talents,)."""
        return np.asarray(self.people.published <= self.jobs[vacancy_id].opened)

    def p_placed(self, vacancy_id: str, rank: float | Ints | Floats = NEUTRAL_RANK) -> Floats:
        """P(placed | put on the shortlist at ``rank`` while a position is open), (n_talents,).

        Args:
            vacancy_id: One of ``vacancy_ids``.
            rank: The place in the list, 1 is best; one for all or one for each talent.
        """
        return self.market.p_placed(self.jobs[vacancy_id], self.fit(vacancy_id), rank)

    def p_retained(self, vacancy_id: str, *, support: bool = False) -> Floats:
        """P(1,040 hours worked | placed), without support unless told, (n_talents,)."""
        return self.market.p_retained(self.jobs[vacancy_id], self.fit(vacancy_id), support=support)

    def gain(self, vacancy_id: str) -> Floats:
        """Expected retained placements of showing each talent, 0 for who is not eligible, (n_talents,)."""
        chance = self.p_placed(vacancy_id) * self.p_retained(vacancy_id)
        return np.where(self.eligible(vacancy_id), chance, 0.0)

    def suitable(self, vacancy_id: str) -> Bools:
        """Eligible with ``p_placed * p_retained`` of at least ``SUITABLE``, (n_talents,)."""
        return np.asarray(self.gain(vacancy_id) >= SUITABLE)
