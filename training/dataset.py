"""Features of shown pairs, each computed as of the moment the talent was shown, by the code that serves."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Final, Generic, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.records import Talent, Vacancy
from core.store import EventColumns, Store, Stored
from embeddings.cache import CachedEncoder, MemoryCache
from embeddings.corpus import EmbeddedCorpus, record_id
from embeddings.encoder import Encoder
from ranking.columns import TalentColumns
from ranking.features import FEATURE_NAMES, Candidates, compute_features
from ranking.history import PlacementHistory, read_history
from ranking.matching import gridded
from ranking.outcomes import PAIR, utc_instant
from ranking.query import VacancyQuery, queries_of
from ranking.reading import VacancyReader
from ranking.trees import RankingTable
from training.shown import Grade, list_sizes

R = TypeVar("R", Talent, Vacancy)

BATCH: Final = 2_048
"""Records that are read and embedded together: some megabytes."""
BATCHES_KEPT: Final = 8


@dataclass(frozen=True, slots=True)
class FeatureRows:
    """Features of shown pairs, row by row with a frame of :func:`training.shown.shown_pairs`.

    Attributes:
        frame: the pairs.
        features: (n, len(FEATURE_NAMES)).
    """

    frame: pd.DataFrame
    features: npt.NDArray[np.float64]

    def where(self, mask: npt.NDArray[np.bool_]) -> "FeatureRows":
        """The rows under a mask, in order; the features of all rows are shared, not copied."""
        features = self.features if mask.all() else self.features[mask]
        return FeatureRows(self.frame[mask].reset_index(drop=True), features)

    def graded(self, frame: pd.DataFrame) -> "FeatureRows":
        """The same rows with the grades of another cut-off; rows that were not shown by then go."""
        known = self.frame[PAIR].merge(frame[[*PAIR, "grade", "outcome", "overruled"]], how="left", on=PAIR)
        there = known["grade"].notna().to_numpy()
        regraded = self.frame.assign(
            grade=known["grade"].fillna(Grade.UNKNOWN),
            outcome=known["outcome"],
            overruled=known["overruled"].eq(True),  # absent is no
        )
        return FeatureRows(regraded, self.features).where(there)

    def table(self) -> RankingTable:
        """For the ranker: pairs whose grade is known, in lists of two and more (one teaches no order)."""
        known = np.flatnonzero(self.frame["grade"] != Grade.UNKNOWN)
        sizes = list_sizes(self.frame["list_id"].to_numpy(dtype=object)[known])
        useful = known[np.repeat(sizes, sizes) > 1]  # numbers, so that a large matrix is copied once
        grades = self.frame["grade"].to_numpy(dtype=np.int64)[useful]
        positions = self.frame["rank"].iloc[useful].to_numpy(dtype=np.int64)
        return RankingTable(self.features[useful], grades, sizes[sizes > 1], positions)

    def judged(self, gains: npt.NDArray[np.float64]) -> tuple[RankingTable, npt.NDArray[np.float64]]:
        """For judging: lists of two and more, running placements as placed, and what each row is worth.

        Args:
            gains: (n,) of :func:`training.gains.expected_gains`.
        """
        sizes = list_sizes(self.frame["list_id"])
        useful = np.repeat(sizes, sizes) > 1
        grades = self.frame["grade"].replace(int(Grade.UNKNOWN), int(Grade.PLACED)).to_numpy(dtype=np.int64)
        positions = self.frame["rank"].to_numpy(dtype=np.int64)
        table = RankingTable(self.features[useful], grades[useful], sizes[sizes > 1], positions[useful])
        return table, gains[useful]


class FeatureBuilder:
    """Computes features of shown pairs; what it reads of the store is read once.

    Of people the columns and vectors are kept, of vacancies the last ``BATCHES_KEPT`` batches: behind a million pairs
    are tens of thousands of each, and their records would fill gigabytes.
    """

    def __init__(self, store: Store, encoder: Encoder, shown: pd.DataFrame) -> None:
        """Reads the people behind the pairs in all their revisions, and embeds them.

        Args:
            store: the records.
            encoder: of their texts.
            shown: the frame of all pairs that will be asked for.
        """
        self._store, self._places = store, store.places()
        self._encoder = CachedEncoder(encoder, MemoryCache())  # vacancies of different batches share phrases
        self._reader = VacancyReader(self._places)
        self._vacancies = Versions()
        for owner in store.vacancy_owners(shown["vacancy_id"].unique()):
            self._vacancies.add(owner.vacancy_id, owner.valid_from)
        self._talents, self._synthetic = Versions(), False
        columns: list[TalentColumns] = [TalentColumns.build([], self._places)]
        corpus = EmbeddedCorpus.build(self._people(shown["talent_id"].unique(), columns), encoder)
        self._candidates = Candidates(TalentColumns.concatenate(columns), gridded(corpus))
        self._batch = lru_cache(maxsize=BATCHES_KEPT)(self._read_batch)

    def _people(self, ids: Iterable[str], columns: list[TalentColumns]) -> Iterator[Talent]:
        """People under names that tell revisions apart, a batch in memory at a time; their columns go beside."""
        stream = iter(self._store.talent_revisions(ids))
        while batch := list(islice(stream, BATCH)):
            records = [item.record for item in batch]
            columns.append(TalentColumns.build(records, self._places))
            self._synthetic |= any(record.extra.get("synthetic") is True for record in records)
            for item in batch:
                row = self._talents.add(item.record.talent_id, item.valid_from)
                yield item.record.model_copy(update={"talent_id": f"{item.record.talent_id}@{row}"})

    def _read_batch(self, number: int) -> list[VacancyQuery]:
        """Vacancies as told and embedded, a revision each: those of the rows of one batch."""
        keys, first = self._vacancies.keys[number * BATCH : (number + 1) * BATCH], number * BATCH
        held: dict[str, list[Vacancy]] = defaultdict(list)
        for item in self._store.vacancy_revisions(set(keys)):
            held[item.record.vacancy_id].append(item.record)
        # By its place among its own: a revision that was written meanwhile is the last, and moves no other.
        rows = range(first, first + len(keys))
        records = [held[key][row - self._vacancies.rows_of[key][0]] for row, key in zip(rows, keys, strict=True)]
        told = [self._reader.told(record) for record in records]
        named = (
            one.record.model_copy(update={"vacancy_id": f"{one.record.vacancy_id}@{row}"})
            for row, one in zip(rows, told, strict=True)
        )
        return queries_of(told, gridded(EmbeddedCorpus.build(named, self._encoder)), self._places)

    def _query(self, row: int) -> VacancyQuery:
        return self._batch(row // BATCH)[row % BATCH]

    @property
    def synthetic(self) -> bool:
        """Whether people of a synthetic world are among them."""
        return self._synthetic

    def history(self, events: EventColumns, *, as_of: datetime) -> PlacementHistory:
        """Employers' outcomes as known at a cut-off, of vacancies that were never shown too."""
        return read_history(self._store, events, as_of=as_of)

    def known_since(self, frame: pd.DataFrame) -> npt.NDArray[np.datetime64]:
        """The moment (n,) since which both records of a pair are known; NaT for those that held since ever."""
        talents, vacancies = (
            self._talents.known_since(frame["talent_id"]),
            self._vacancies.known_since(frame["vacancy_id"]),
        )
        latest: npt.NDArray[np.datetime64] = np.fmax(talents, vacancies)
        return latest

    @property
    def candidates(self) -> Candidates:
        """Everyone that was read, a row per revision."""
        return self._candidates

    def query(self, vacancy_id: str, moment: np.datetime64) -> VacancyQuery | None:
        """A vacancy as it was at a moment; None when it is gone."""
        return self._query(self._vacancies.row(vacancy_id, moment)) if vacancy_id in self._vacancies.rows_of else None

    def everyone(self, moment: np.datetime64) -> dict[str, int]:
        """The row of each person's record that held at a moment, by talent_id."""
        return {
            talent_id: rows[0] if len(rows) == 1 else self._talents.row(talent_id, moment)
            for talent_id, rows in self._talents.rows_of.items()
        }

    def rows(self, frame: pd.DataFrame, history: PlacementHistory) -> FeatureRows:
        """Features of pairs, each as of its own ``shown_at``; pairs whose records are gone are left out.

        All lists of one revision of a vacancy are computed together: no row depends on another.
        """
        known = frame["talent_id"].isin(self._talents.ids) & frame["vacancy_id"].isin(self._vacancies.ids)
        frame = frame[known].reset_index(drop=True)
        moments = frame["shown_at"].to_numpy(dtype="datetime64[us]")
        asked = self._vacancies.rows_at(frame["vacancy_id"], moments)
        people = self._talents.rows_at(frame["talent_id"], moments)
        features = np.empty((len(frame), len(FEATURE_NAMES)))
        order = np.argsort(asked, kind="stable")
        for pairs in np.split(order, np.flatnonzero(np.diff(asked[order])) + 1) if len(order) else ():
            query = self._query(int(asked[pairs[0]]))
            then = history.features_at(query.vacancy, moments[pairs])
            features[pairs] = compute_features(query, self._candidates, people[pairs], then)[0]
        return FeatureRows(frame, features)


class Versions:
    """All revisions of some records by number, and which of them held at a moment.

    Attributes:
        keys: the record of each revision.
        rows_of: numbers of a record's revisions, in their order, which is one after another.
    """

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.rows_of: dict[str, list[int]] = defaultdict(list)
        self._valid_from: list[np.datetime64] = []

    def add(self, key: str, valid_from: datetime | None) -> int:
        """Takes in the next revision of a record, and gives its number."""
        self.rows_of[key].append(len(self.keys))
        self.keys.append(key)
        self._valid_from.append(np.datetime64("NaT") if valid_from is None else utc_instant(valid_from))
        return len(self.keys) - 1

    @property
    def ids(self) -> set[str]:
        """Ids that are still held."""
        return set(self.rows_of)

    def row(self, key: str, moment: np.datetime64) -> int:
        """The last revision that was valid at ``moment``; before the first, the first stands for the time before."""
        rows = self.rows_of[key]
        valid = [row for row in rows if not self._valid_from[row] > moment]
        return valid[-1] if valid else rows[0]

    def rows_at(self, keys: "pd.Series[str]", moments: npt.NDArray[np.datetime64]) -> npt.NDArray[np.int64]:
        """:meth:`row` of many keys, each at its own moment (n,)."""
        numbers, names = pd.factorize(keys)
        rows = np.array([self.rows_of[name][0] for name in names], dtype=np.int64)[numbers]
        changed = np.array([len(self.rows_of[name]) > 1 for name in names], dtype=bool)[numbers]
        for place in np.flatnonzero(changed):
            rows[place] = self.row(names[numbers[place]], moments[place])
        return rows

    def known_since(self, keys: "pd.Series[str]") -> npt.NDArray[np.datetime64]:
        """Since when each record (n,) is known at all; NaT since ever."""
        numbers, names = pd.factorize(keys)
        since = [np.array([self._valid_from[row] for row in self.rows_of[name]]).min() for name in names]
        return np.array(since, dtype="datetime64[us]")[numbers]  # NaT when one of them is NaT


class Revisions(Versions, Generic[R]):
    """All revisions of some records, the records beside."""

    def __init__(self, stored: Iterable[Stored[R]]) -> None:
        super().__init__()
        self.records: list[R] = []
        for item in stored:
            self.add(record_id(item.record), item.valid_from)
            self.records.append(item.record)
