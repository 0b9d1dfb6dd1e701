"""A vacancy as the ranker reads it: record, place and phrases embedded once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.records import Place, Vacancy
from embeddings.corpus import EmbeddedCorpus
from embeddings.encoder import Encoder, Vectors
from ranking.columns import coordinates
from ranking.matching import gridded


@dataclass(frozen=True, slots=True)
class VacancyQuery:
    """One vacancy with its embedded texts.

    Attributes:
        vacancy: the record.
        corpus: holds this vacancy at ``row``, vectors on the grid.
        row: where.
        at: latitude and longitude of the work, None when unknown.
    """

    vacancy: Vacancy
    corpus: EmbeddedCorpus
    row: int
    at: tuple[float | None, float | None]

    @property
    def vector(self) -> Vectors:
        """The whole text's unit vector, shape (dim,)."""
        vector: Vectors = self.corpus.vectors[self.row]
        return vector


def build_queries(vacancies: Sequence[Vacancy], encoder: Encoder, places: Mapping[str, Place]) -> list[VacancyQuery]:
    """Embeds vacancies together, in the order given."""
    if not vacancies:
        return []
    return queries_of(vacancies, gridded(EmbeddedCorpus.build(vacancies, encoder)), places)


def queries_of(vacancies: Sequence[Vacancy], corpus: EmbeddedCorpus, places: Mapping[str, Place]) -> list[VacancyQuery]:
    """Queries over a corpus (on the grid) that holds these vacancies in this order."""
    return [
        VacancyQuery(
            vacancy,
            corpus,
            row,
            coordinates(vacancy.location.pc4, vacancy.location.lat, vacancy.location.lon, places),
        )
        for row, vacancy in enumerate(vacancies)
    ]
