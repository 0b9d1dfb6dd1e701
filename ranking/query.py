"""A vacancy as the ranker reads it: record, place and phrases embedded once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.records import Location, Place, Vacancy
from embeddings.corpus import EmbeddedCorpus
from embeddings.encoder import Encoder, Vectors
from ranking.columns import coordinates
from ranking.matching import gridded
from ranking.reading import ToldVacancy

Point = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class VacancyQuery:
    """One vacancy with its embedded texts.

    Attributes:
        told: the vacancy with its open fields read from its text.
        corpus: holds this vacancy at ``row``, vectors on the grid.
        row: where.
        at: latitude and longitude of the work, None when unknown.
        hard_at: the same, None too where the text does not say it surely enough to keep someone off a list.
    """

    told: ToldVacancy
    corpus: EmbeddedCorpus
    row: int
    at: Point
    hard_at: Point

    @property
    def vacancy(self) -> Vacancy:
        """The record that features, reasons and gaps read."""
        return self.told.record

    @property
    def hard(self) -> Vacancy:
        """The record that eligibility reads: what may keep someone off a list."""
        return self.told.hard

    @property
    def vector(self) -> Vectors:
        """The whole text's unit vector, shape (dim,)."""
        vector: Vectors = self.corpus.vectors[self.row]
        return vector


def build_queries(told: Sequence[ToldVacancy], encoder: Encoder, places: Mapping[str, Place]) -> list[VacancyQuery]:
    """Embeds vacancies together, in the order given."""
    if not told:
        return []
    return queries_of(told, gridded(EmbeddedCorpus.build([one.record for one in told], encoder)), places)


def queries_of(told: Sequence[ToldVacancy], corpus: EmbeddedCorpus, places: Mapping[str, Place]) -> list[VacancyQuery]:
    """Queries over a corpus (on the grid) that holds these vacancies, as told, in this order."""
    return [
        VacancyQuery(one, corpus, row, _point(one.record.location, places), _point(one.hard.location, places))
        for row, one in enumerate(told)
    ]


def _point(location: Location, places: Mapping[str, Place]) -> Point:
    return coordinates(location.pc4, location.lat, location.lon, places)
