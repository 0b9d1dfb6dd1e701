"""Brings the index up to date: embeds what changed, writes one artifact with both corpora, forgets people."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from core.artifacts import Artifact, load_artifact, write_artifact
from core.errors import ArtifactCorrupt, ArtifactError, ArtifactMismatch, ArtifactMissing
from core.records import Talent, Vacancy
from core.store import Store, Stored
from core.vocabulary import VacancyStatus
from embeddings.cache import KEY_BYTES, CachedEncoder, vector_key
from embeddings.corpus import EmbeddedCorpus, record_phrases, record_text
from embeddings.encoder import Encoder, TextKind, Vectors
from embeddings.loading import ENCODER_KIND
from embeddings.tfidf import TfidfSvdEncoder

INDEX_KIND: Final = "index"
INDEX_FORMAT: Final = 2
"""2: a record's vector is made of its phrases' (:mod:`embeddings.profiles`); 1: it was that of its whole text."""
_VERSION_CHARS: Final = 16
_TALENTS, _VACANCIES, _KEYS = "talents", "vacancies", "keys.bin"

Progress = Callable[[int], None]
"""Told how many further records were read."""
R = TypeVar("R", Talent, Vacancy)


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What :func:`update_index` did.

    Attributes:
        talents: talents in the index.
        vacancies: open vacancies in it.
        embedded: texts that had to be embedded; the others came from the cache.
        seconds: wall time.
        index_version: fingerprint of the index's content.
    """

    talents: int
    vacancies: int
    embedded: int
    seconds: float
    index_version: str


@dataclass(frozen=True, slots=True)
class LoadedIndex:
    """An index that was built for the encoder in force.

    Attributes:
        talents: every talent of the store, by id.
        vacancies: every open vacancy, by id.
        index_version: fingerprint of the content: equal content, equal version.
        last_seq: the last change of the store that is surely in it; follow the store from there.
    """

    talents: EmbeddedCorpus
    vacancies: EmbeddedCorpus
    index_version: str
    last_seq: int


def update_index(store: Store, encoder: Encoder, index_dir: Path, *, progress: Progress | None = None) -> IndexReport:
    """Embeds new and changed texts and writes the index; a killed run, run again, gives the same result.

    Args:
        store: holds records and the cache of vectors.
        encoder: makes the vectors.
        index_dir: root of the index artifact.
        progress: told how many further records were read.

    Raises:
        Conflict: another process is writing the index.
    """
    started = time.monotonic()
    used = _UsedKeys(store)
    cached = CachedEncoder(encoder, used)
    with write_artifact(index_dir, INDEX_KIND, format_version=INDEX_FORMAT) as writer:
        # First the number, then the records: what changes in between has a higher one and is followed later.
        last_seq = store.last_seq()
        talents = EmbeddedCorpus.build(_records(store.iter_talents(), progress), cached).sorted()
        still_open = (
            vacancy for vacancy in _records(store.iter_vacancies(), progress) if vacancy.status is VacancyStatus.OPEN
        )
        vacancies = EmbeddedCorpus.build(still_open, cached).sorted()
        _save(writer.path, talents, vacancies, used.keys)
        writer.metadata["last_seq"] = last_seq
        # Before the new index is in force, while the old one still tells what it used: a kill in between
        # leaves nothing behind that a later run would not see.
        _prune_cache(store, encoder.version, index_dir, used.keys)
    return IndexReport(
        len(talents),
        len(vacancies),
        cached.embedded,
        time.monotonic() - started,
        writer.content_version[:_VERSION_CHARS],
    )


def load_index(index_dir: Path, encoder: Encoder) -> LoadedIndex:
    """Loads the index in force; vectors stay on disk (memory-mapped) until they are used.

    Raises:
        ArtifactMissing: there is none yet.
        ArtifactCorrupt: its files are damaged.
        ArtifactMismatch: it was built with another encoder or for another version of Kansrijk.
    """
    index = _read(index_dir)
    for corpus in (index.talents, index.vacancies):
        if corpus.encoder_version != encoder.version or corpus.dim != encoder.dim:
            raise ArtifactMismatch(
                f"the index was built with encoder {corpus.encoder_version} and the encoder in force is "
                f"{encoder.version}; run kansrijk index"
            )
    return index


def fit_default_encoder(store: Store, encoder_dir: Path, seed: int = 0) -> TfidfSvdEncoder:
    """Fits the default encoder on the texts and phrases of all talents and vacancies, and saves it.

    Raises:
        InputError: there are too few texts.
        Conflict: another process is writing the encoder.
    """
    with write_artifact(encoder_dir, ENCODER_KIND) as writer:
        texts: dict[str, None] = {}
        for record in _every_record(store):
            texts[record_text(record)] = None
            texts.update((phrase.text, None) for phrase in record_phrases(record))
        encoder = TfidfSvdEncoder.fit(list(texts), seed)
        encoder.save(writer.path)
        writer.metadata |= {"encoder_version": encoder.version, "seed": seed}
    return encoder


def personal_keys(revisions: Iterable[Talent]) -> list[bytes]:
    """Cache keys of everything that was ever embedded of one person.

    Args:
        revisions: the person's record as it is and as it was; read them before the store erases them.
    """
    keys: dict[bytes, None] = {}
    for talent in revisions:
        # Whole texts: nothing embeds them now, but indexes of format 1 did, and may have left them in the cache.
        for kind in (TextKind.PASSAGE, TextKind.QUERY):
            keys[vector_key(record_text(talent), kind)] = None
        keys.update((vector_key(phrase.text, TextKind.PHRASE), None) for phrase in record_phrases(talent))
    return list(keys)


def forget(store: Store, index_dir: Path, talent_id: str, keys: Sequence[bytes]) -> int:
    """Removes a person from the cache of vectors, the index in force and every older version of it.

    Call it after ``store.erase``, with keys from before: then no index that is built at the same time can
    bring the person back. Phrases that others use stay in the index, and are embedded anew when the cache is
    asked for them. An index that cannot be read is removed whole.

    Args:
        store: holds the cache.
        index_dir: root of the index artifact.
        talent_id: the person.
        keys: from :func:`personal_keys`.

    Returns:
        Number of vectors that were removed from the cache.

    Raises:
        Conflict: another process kept writing the index; run the erasure again.
    """
    with write_artifact(index_dir, INDEX_KIND, keep=1, format_version=INDEX_FORMAT) as writer:
        dropped = store.drop_vectors(keys=keys) if keys else 0
        try:
            index, used = _read(index_dir), _read_keys(index_dir)
        except ArtifactError:
            writer.withdrawn = True
            return dropped
        talents = index.talents.without([talent_id])
        shared = {vector_key(text, TextKind.PHRASE) for text in talents.phrase_texts + index.vacancies.phrase_texts}
        _save(writer.path, talents, index.vacancies, (used - set(keys)) | shared)
        writer.metadata["last_seq"] = index.last_seq
    return dropped


class _UsedKeys:
    """The store's cache, taking note of every key that was asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.keys: set[bytes] = set()

    def vectors(self, encoder_version: str, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        self.keys.update(keys)
        return self._store.vectors(encoder_version, keys)

    def put_vectors(self, encoder_version: str, keys: Sequence[bytes], vectors: Vectors) -> None:
        self._store.put_vectors(encoder_version, keys, vectors)


def _records(stream: Iterator[Stored[R]], progress: Progress | None) -> Iterator[R]:
    for stored in stream:
        yield stored.record
        if progress is not None:
            progress(1)


def _every_record(store: Store) -> Iterator[Talent | Vacancy]:
    yield from (stored.record for stored in store.iter_talents())
    yield from (stored.record for stored in store.iter_vacancies())


def _prune_cache(store: Store, encoder_version: str, index_dir: Path, used: set[bytes]) -> None:
    """Drops vectors of other encoders, and those that the index in force used and the new one does not."""
    store.drop_vectors(keep_version=encoder_version)
    try:
        stale = _read_keys(index_dir) - used
    except ArtifactError:
        return  # no index in force tells what it used; the rows that stay cost space only
    if stale:
        store.drop_vectors(keys=sorted(stale))


def _save(directory: Path, talents: EmbeddedCorpus, vacancies: EmbeddedCorpus, keys: set[bytes]) -> None:
    for name, corpus in ((_TALENTS, talents), (_VACANCIES, vacancies)):
        (directory / name).mkdir()
        corpus.save(directory / name)
    (directory / _KEYS).write_bytes(b"".join(sorted(keys)))


def _read(index_dir: Path) -> LoadedIndex:
    artifact = _artifact(index_dir)
    try:
        return _opened(artifact)
    except ArtifactCorrupt:
        if artifact.path.exists():
            raise
        return _read(index_dir)  # an erasure put another version in its place while it was opened


def _opened(artifact: Artifact) -> LoadedIndex:
    last_seq = artifact.manifest.metadata.get("last_seq")
    if not isinstance(last_seq, int):
        raise ArtifactCorrupt(f"the index in {artifact.path} does not say its last change; run kansrijk index")
    return LoadedIndex(
        EmbeddedCorpus.load(artifact.path / _TALENTS),
        EmbeddedCorpus.load(artifact.path / _VACANCIES),
        artifact.manifest.content_version[:_VERSION_CHARS],
        last_seq,
    )


def _read_keys(index_dir: Path) -> set[bytes]:
    content = (_artifact(index_dir).path / _KEYS).read_bytes()
    return {content[start : start + KEY_BYTES] for start in range(0, len(content), KEY_BYTES)}


def _artifact(index_dir: Path) -> Artifact:
    try:
        return load_artifact(index_dir, INDEX_KIND, format_version=INDEX_FORMAT)
    except ArtifactMissing:
        raise ArtifactMissing(f"there is no index in {index_dir} yet; run kansrijk index") from None
