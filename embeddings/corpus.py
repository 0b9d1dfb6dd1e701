"""Embedded records as typed columns: one vector a record, and its phrases as rows of one shared table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from core.errors import ArtifactCorrupt, ArtifactMismatch
from core.records import Talent, Vacancy
from embeddings.encoder import Encoder, TextKind, Vectors
from embeddings.phrases import PHRASE_KINDS, Phrase, PhraseKind
from embeddings.profiles import Part, conduct_rows, profile
from embeddings.views import (
    ASKED_CONDUCT_WEIGHT,
    OWN_CONDUCT_WEIGHT,
    TALENT_WEIGHTS,
    VACANCY_WEIGHTS,
    conduct,
    talent_phrases,
    talent_text,
    vacancy_phrases,
    vacancy_text,
)

_BATCH = 2048  # records whose texts are held at once while building
_COLUMNS = ("vectors", "phrase_vectors", "phrase_offsets", "phrase_rows", "phrase_kinds")
_NAMES = "names.json"


@dataclass(frozen=True, eq=False)
class EmbeddedCorpus:
    """Embedded talents, or embedded vacancies. A value: a change makes another, so no reader is disturbed.

    Record i has the phrases ``phrase_offsets[i]`` to ``phrase_offsets[i + 1]`` (end excluded); phrase j says
    ``phrase_texts[phrase_rows[j]]``, means it as ``PHRASE_KINDS[phrase_kinds[j]]``, and has the vector
    ``phrase_vectors[phrase_rows[j]]``.

    Attributes:
        encoder_version: fingerprint of the encoder that made the vectors.
        ids: n distinct record ids.
        vectors: float32 (n, dim), one for each whole record (:mod:`embeddings.profiles`).
        phrase_texts: u distinct texts; after :meth:`take` some may not be used by any record.
        phrase_vectors: float32 (u, dim).
        phrase_offsets: int64 (n + 1,).
        phrase_rows: int32 (m,), rows of the phrase table.
        phrase_kinds: uint8 (m,), codes of :class:`PhraseKind`.
    """

    encoder_version: str
    ids: list[str]
    vectors: Vectors = field(repr=False)
    phrase_texts: list[str] = field(repr=False)
    phrase_vectors: Vectors = field(repr=False)
    phrase_offsets: npt.NDArray[np.int64] = field(repr=False)
    phrase_rows: npt.NDArray[np.int32] = field(repr=False)
    phrase_kinds: npt.NDArray[np.uint8] = field(repr=False)

    @classmethod
    def build(cls, records: Iterable[Talent | Vacancy], encoder: Encoder) -> "EmbeddedCorpus":
        """Embeds records: each distinct phrase once, and of these a vector for the whole record.

        Args:
            records: talents or vacancies, read as a stream; rows keep their order.
            encoder: makes the vectors.

        Raises:
            ValueError: two records have the same id.
        """
        builder = _Builder(encoder)
        stream = iter(records)
        while batch := list(islice(stream, _BATCH)):
            builder.add(batch)
        return builder.corpus()

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def dim(self) -> int:
        """Components of a vector."""
        return int(self.vectors.shape[1])

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Row by record id."""
        return {record_id: row for row, record_id in enumerate(self.ids)}

    def phrases(self, row: int) -> list[Phrase]:
        """The phrases of one record, in its own order."""
        span = slice(int(self.phrase_offsets[row]), int(self.phrase_offsets[row + 1]))
        pairs = zip(self.phrase_kinds[span].tolist(), self.phrase_rows[span].tolist(), strict=True)
        return [Phrase(PHRASE_KINDS[code], self.phrase_texts[number]) for code, number in pairs]

    def take(self, rows: Sequence[int] | npt.NDArray[np.integer]) -> "EmbeddedCorpus":
        """The records at ``rows``, in that order. The phrase table is shared: fit for the hot path."""
        chosen = np.asarray(rows, dtype=np.int64)
        starts, lengths = (
            self.phrase_offsets[chosen],
            self.phrase_offsets[chosen + 1] - self.phrase_offsets[chosen],
        )
        offsets = np.concatenate(([0], np.cumsum(lengths)))
        source = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)
        return replace(
            self,
            ids=[self.ids[row] for row in chosen.tolist()],
            vectors=self.vectors[chosen],
            phrase_offsets=offsets,
            phrase_rows=self.phrase_rows[source],
            phrase_kinds=self.phrase_kinds[source],
        )

    def replaced(self, records: Sequence[Talent | Vacancy], encoder: Encoder) -> "EmbeddedCorpus":
        """With ``records`` in place of those with their ids, at the same rows; new ones at the end, in order.

        Embeds the texts of ``records`` only (of one id the last), so that a service can follow changes.

        Raises:
            ArtifactMismatch: the corpus was made with another encoder.
        """
        if encoder.version != self.encoder_version:
            raise ArtifactMismatch(
                f"index of encoder {self.encoder_version}, not of {encoder.version}; run kansrijk index"
            )
        fresh = EmbeddedCorpus.build(list({record_id(one): one for one in records}.values()), encoder)
        both = self._followed_by(fresh)
        order = np.arange(len(self))
        added = []
        for position, one in enumerate(fresh.ids, start=len(self)):
            row = self.row_of.get(one)
            if row is None:
                added.append(position)
            else:
                order[row] = position
        return both.take(np.concatenate((order, np.asarray(added, dtype=np.int64)))).compacted()

    def without(self, ids: Iterable[str]) -> "EmbeddedCorpus":
        """Without these records and without every phrase that only they used; unknown ids are ignored."""
        gone = set(ids)
        return self.take([row for row, one in enumerate(self.ids) if one not in gone]).compacted()

    def sorted(self) -> "EmbeddedCorpus":
        """The canonical form: records by id, phrases by first use. Equal content, equal arrays."""
        return self.take(sorted(range(len(self)), key=self.ids.__getitem__)).compacted()

    def compacted(self) -> "EmbeddedCorpus":
        """With exactly the phrases that a record uses, in order of first use."""
        used, first = np.unique(self.phrase_rows, return_index=True)
        if len(used) == len(self.phrase_texts) and (np.diff(first) > 0).all():
            return self
        kept = used[np.argsort(first)]
        renumbered = np.zeros(len(self.phrase_texts), dtype=np.int32)
        renumbered[kept] = np.arange(len(kept), dtype=np.int32)
        return replace(
            self,
            phrase_texts=[self.phrase_texts[row] for row in kept.tolist()],
            phrase_vectors=self.phrase_vectors[kept],
            phrase_rows=renumbered[self.phrase_rows],
        )

    def save(self, directory: Path) -> None:
        """Writes the columns into an existing directory; equal content gives equal files."""
        for name in _COLUMNS:
            np.save(directory / f"{name}.npy", getattr(self, name), allow_pickle=False)
        names = {"encoder_version": self.encoder_version, "ids": self.ids, "phrase_texts": self.phrase_texts}
        (directory / _NAMES).write_bytes(orjson.dumps(names))

    @classmethod
    def load(cls, directory: Path) -> "EmbeddedCorpus":
        """Reads what :meth:`save` wrote; columns stay on disk (memory-mapped) until they are touched.

        Raises:
            ArtifactCorrupt: a file is missing, or the columns do not fit together.
        """
        try:
            names = orjson.loads((directory / _NAMES).read_bytes())
            columns = {name: _column(directory / f"{name}.npy") for name in _COLUMNS}
            corpus = cls(names["encoder_version"], names["ids"], phrase_texts=names["phrase_texts"], **columns)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ArtifactCorrupt(f"{directory} cannot be read ({type(error).__name__}); run kansrijk index") from error
        if not corpus._fits():
            raise ArtifactCorrupt(f"the columns in {directory} do not fit together; run kansrijk index")
        return corpus

    def _fits(self) -> bool:
        n, u, m = len(self.ids), len(self.phrase_texts), len(self.phrase_rows)
        return (
            self.vectors.ndim == self.phrase_vectors.ndim == 2
            and self.vectors.shape == (n, self.phrase_vectors.shape[1])
            and len(self.phrase_vectors) == u
            and self.phrase_offsets.shape == (n + 1,)
            and self.phrase_offsets[0] == 0
            and self.phrase_offsets[-1] == m == len(self.phrase_kinds)
            and bool((np.diff(self.phrase_offsets) >= 0).all())
            and (m == 0 or (int(self.phrase_rows.min()) >= 0 and int(self.phrase_rows.max()) < u))
        )

    def _followed_by(self, other: "EmbeddedCorpus") -> "EmbeddedCorpus":
        """Rows of both, ids not made distinct; one phrase table."""
        row_of = {text: row for row, text in enumerate(self.phrase_texts)}
        new = [row for row, text in enumerate(other.phrase_texts) if text not in row_of]
        texts = self.phrase_texts + [other.phrase_texts[row] for row in new]
        row_of.update((other.phrase_texts[row], place) for place, row in enumerate(new, start=len(self.phrase_texts)))
        moved = np.asarray([row_of[text] for text in other.phrase_texts], dtype=np.int32)
        return replace(
            self,
            ids=self.ids + other.ids,
            vectors=np.concatenate((self.vectors, other.vectors)),
            phrase_texts=texts,
            phrase_vectors=np.concatenate((self.phrase_vectors, other.phrase_vectors[new])),
            phrase_offsets=np.concatenate((self.phrase_offsets, other.phrase_offsets[1:] + self.phrase_offsets[-1])),
            phrase_rows=np.concatenate((self.phrase_rows, moved[other.phrase_rows])),
            phrase_kinds=np.concatenate((self.phrase_kinds, other.phrase_kinds)),
        )


def record_id(record: Talent | Vacancy) -> str:
    """The id of a talent or of a vacancy."""
    return record.talent_id if isinstance(record, Talent) else record.vacancy_id


def record_text(record: Talent | Vacancy) -> str:
    """The whole text of a talent or of a vacancy."""
    return talent_text(record) if isinstance(record, Talent) else vacancy_text(record)


def record_phrases(record: Talent | Vacancy) -> list[Phrase]:
    """The phrases of a talent or of a vacancy."""
    return talent_phrases(record) if isinstance(record, Talent) else vacancy_phrases(record)


class _Builder:
    """Collects the columns of a corpus batch by batch."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._rows: dict[str, int] = {}  # phrase text → row of the table, in order of first use
        self._table: list[Vectors] = []  # its vectors, (dim,) each
        self._ids: dict[str, None] = {}
        self._vectors: list[Vectors] = []
        self._offsets, self._phrase_rows, self._kinds = [0], list[int](), bytearray()

    def add(self, records: Sequence[Talent | Vacancy]) -> None:
        phrases = [record_phrases(record) for record in records]
        for record, own in zip(records, phrases, strict=True):
            for phrase in own:
                self._phrase_rows.append(self._rows.setdefault(phrase.text, len(self._rows)))
                self._kinds.append(phrase.kind.code)
            self._offsets.append(len(self._phrase_rows))
            self._ids[record_id(record)] = None
        if len(self._ids) != len(self._offsets) - 1:
            raise ValueError("two records have the same id; give each record once")
        fresh = list(islice(self._rows, len(self._table), None))
        self._table.extend(self._encoder.encode(fresh, kind=TextKind.PHRASE))
        self._vectors += [
            profile(self._parts(record, own), self._encoder.dim) for record, own in zip(records, phrases, strict=True)
        ]

    def _parts(self, record: Talent | Vacancy, phrases: Sequence[Phrase]) -> list[Part]:
        is_talent = isinstance(record, Talent)
        weights = TALENT_WEIGHTS if is_talent else VACANCY_WEIGHTS
        by_kind: dict[PhraseKind, list[Vectors]] = {}
        for phrase in phrases:
            by_kind.setdefault(phrase.kind, []).append(self._table[self._rows[phrase.text]])
        parts = [Part(weights[kind], np.stack(rows), kind is PhraseKind.SENTENCE) for kind, rows in by_kind.items()]
        weight = OWN_CONDUCT_WEIGHT if is_talent else ASKED_CONDUCT_WEIGHT
        parts.append(Part(weight, conduct_rows(conduct(record), self._encoder.dim)))
        return parts

    def corpus(self) -> EmbeddedCorpus:
        nothing = np.zeros((0, self._encoder.dim), dtype=np.float32)
        return EmbeddedCorpus(
            encoder_version=self._encoder.version,
            ids=list(self._ids),
            vectors=np.stack(self._vectors) if self._vectors else nothing,
            phrase_texts=list(self._rows),
            phrase_vectors=np.stack(self._table) if self._table else nothing,
            phrase_offsets=np.asarray(self._offsets, dtype=np.int64),
            phrase_rows=np.asarray(self._phrase_rows, dtype=np.int32),
            phrase_kinds=np.frombuffer(bytes(self._kinds), dtype=np.uint8),
        )


def _column(path: Path) -> Any:
    return np.load(path, mmap_mode="r", allow_pickle=False)
