"""Everyone who can be ranked, in memory and column by column, following the store as it changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from core.records import Place, Talent
from core.store import ChangeKind, Store, Stored
from embeddings.corpus import EmbeddedCorpus
from embeddings.encoder import Encoder
from embeddings.faiss_index import VectorIndex
from embeddings.indexer import LoadedIndex
from ranking.columns import TalentColumns
from ranking.features import Candidates
from ranking.matching import gridded


@dataclass(frozen=True, eq=False)
class TalentPool:
    """A value: following a change makes another pool, so that a request reads one state from start to end.

    Attributes:
        candidates: columns and corpus, row by row the same people.
        index: their vectors, row by row.
        seqs: revision of each row's record.
        last_seq: the store's change that this pool has seen.
        places: coordinates by postcode that the columns were built with.
    """

    candidates: Candidates
    index: VectorIndex
    seqs: dict[str, int]
    last_seq: int
    places: Mapping[str, Place]

    def __len__(self) -> int:
        return len(self.candidates.columns)

    @property
    def ids(self) -> list[str]:
        """Talent ids by row."""
        return self.candidates.corpus.ids


def load_pool(store: Store, encoder: Encoder, index: LoadedIndex) -> TalentPool:
    """Puts the index beside the records as they are now.

    Records that changed after the index was built are embedded here; those that are gone, go.
    """
    last_seq = store.last_seq()  # before reading: a change in between is followed once more, never missed
    stored = list(store.iter_talents())
    indexed = index.talents.row_of
    fresh = [item for item in stored if item.seq > index.last_seq or item.record.talent_id not in indexed]
    return _joined(index.talents, stored, fresh, encoder, last_seq=last_seq, places=store.places())


def pool_as_of(store: Store, encoder: Encoder, live: TalentPool, as_of: datetime) -> TalentPool:
    """The pool as it was known at an earlier moment; only records that have changed since are embedded."""
    stored = list(store.iter_talents(as_of=as_of))
    fresh = [item for item in stored if live.seqs.get(item.record.talent_id) != item.seq]
    corpus = live.candidates.corpus
    return _joined(corpus, stored, fresh, encoder, last_seq=live.last_seq, places=live.places)


def pool_of(
    store: Store, encoder: Encoder, ids: Sequence[str], *, as_of: datetime | None, places: Mapping[str, Place]
) -> TalentPool:
    """The pool of some people only, as it was known at a moment; whoever is not there is left out."""
    stored = sorted(store.talents_by_id(ids, as_of=as_of).values(), key=lambda item: item.record.talent_id)
    corpus = EmbeddedCorpus.build([item.record for item in stored], encoder)
    return _joined(corpus, stored, [], encoder, last_seq=0, places=places)


def follow(store: Store, encoder: Encoder, pool: TalentPool) -> TalentPool:
    """Brings a pool up to date with the store; the same pool when nothing changed.

    The work is that of embedding what changed, plus copying the columns.
    """
    changes = store.changes(after_seq=pool.last_seq)
    while changes:
        last_seq = changes[-1].seq
        if any(change.kind is ChangeKind.PLACE for change in changes):
            stored = list(store.iter_talents())  # every column may move; texts only where a record changed
            fresh = [item for item in stored if pool.seqs.get(item.record.talent_id) != item.seq]
            corpus = pool.candidates.corpus
            pool = _joined(corpus, stored, fresh, encoder, last_seq=last_seq, places=store.places())
        else:
            ids = list(dict.fromkeys(change.id for change in changes if change.kind is ChangeKind.TALENT))
            pool = _patched(pool, ids, list(store.talents_by_id(ids).values()), encoder, last_seq)
        changes = store.changes(after_seq=last_seq)
    return pool


def _joined(
    corpus: EmbeddedCorpus,
    stored: Sequence[Stored[Talent]],
    fresh: Sequence[Stored[Talent]],
    encoder: Encoder,
    *,
    last_seq: int,
    places: Mapping[str, Place],
) -> TalentPool:
    """A pool of exactly the stored records, in their order, of which ``fresh`` are embedded now."""
    joined = corpus.replaced([item.record for item in fresh], encoder) if fresh else corpus
    rows = [joined.row_of[item.record.talent_id] for item in stored]
    columns = TalentColumns.build([item.record for item in stored], places)
    return _pool(columns, joined.take(rows), {item.record.talent_id: item.seq for item in stored}, last_seq, places)


def _patched(
    pool: TalentPool, ids: Sequence[str], found: Sequence[Stored[Talent]], encoder: Encoder, last_seq: int
) -> TalentPool:
    """The pool with some records replaced, added or (when no longer found) gone."""
    if not ids:
        return replace(pool, last_seq=last_seq)
    gone = set(ids) - {item.record.talent_id for item in found}
    old = pool.candidates.corpus
    corpus = old.replaced([item.record for item in found], encoder).without(gone) if found else old.without(gone)
    columns = TalentColumns.concatenate(
        [pool.candidates.columns, TalentColumns.build([item.record for item in found], pool.places)]
    )
    if corpus.ids != sorted(corpus.ids):  # as the store gives them: a tie falls the same way after a restart
        corpus = corpus.sorted()
    source = {talent_id: row for row, talent_id in enumerate(old.ids)}
    source.update({item.record.talent_id: len(old) + number for number, item in enumerate(found)})
    rows = np.array([source[talent_id] for talent_id in corpus.ids], dtype=np.int64)
    seqs = {talent_id: seq for talent_id, seq in pool.seqs.items() if talent_id not in gone}
    seqs.update({item.record.talent_id: item.seq for item in found})
    return _pool(columns.take(rows), corpus, seqs, last_seq, pool.places)


def _pool(
    columns: TalentColumns,
    corpus: EmbeddedCorpus,
    seqs: dict[str, int],
    last_seq: int,
    places: Mapping[str, Place],
) -> TalentPool:
    on_grid = gridded(corpus)
    return TalentPool(Candidates(columns, on_grid), VectorIndex.of(on_grid.vectors), seqs, last_seq, places)
