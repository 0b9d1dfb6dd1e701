"""The index follows the store, equal content is an equal index, and an erased person is gone from every file."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from embedding_parts import NOW, talent, vacancy
from profile_oracle import record_vector

from core.artifacts import load_artifact, write_artifact
from core.errors import ArtifactCorrupt, ArtifactMismatch, ArtifactMissing, InputError
from core.store import Store
from embeddings import indexer
from embeddings.cache import vector_key
from embeddings.encoder import TextKind
from embeddings.fakes import BagOfWordsEncoder
from embeddings.indexer import (
    INDEX_FORMAT,
    INDEX_KIND,
    fit_default_encoder,
    forget,
    load_index,
    personal_keys,
    update_index,
)
from embeddings.loading import load_encoder
from embeddings.views import talent_phrases, talent_text

N_TALENTS, N_VACANCIES = 30, 12


def in_force(index_dir: Path) -> Path:
    """Folder of the index in force."""
    return load_artifact(index_dir, INDEX_KIND, format_version=INDEX_FORMAT).path


@pytest.fixture
def store(tmp_path):
    with Store.open(f"sqlite:///{tmp_path / 'kansrijk.db'}") as opened:
        # Not in the order of their ids: the index must not depend on it.
        opened.put_talents([talent(number) for number in reversed(range(N_TALENTS))], now=NOW)
        vacancies = [vacancy(number) for number in range(N_VACANCIES)]
        vacancies[3] = vacancy(3, status="filled")
        vacancies[4] = vacancy(4, status="withdrawn")
        opened.put_vacancies(vacancies, now=NOW)
        yield opened


@pytest.fixture
def index_dir(tmp_path):
    return tmp_path / "index"


def files(index_dir: Path) -> dict[str, bytes]:
    path = in_force(index_dir)
    return {
        file.relative_to(path).as_posix(): file.read_bytes()
        for file in path.rglob("*")
        if file.is_file() and file.name != "manifest.json"
    }


def test_builds_both_directions(store, index_dir):
    encoder, read = BagOfWordsEncoder(), []
    report = update_index(store, encoder, index_dir, progress=read.append)
    assert (report.talents, report.vacancies) == (N_TALENTS, N_VACANCIES - 2)
    assert sum(read) == N_TALENTS + N_VACANCIES
    assert report.embedded == encoder.encoded > 0
    index = load_index(index_dir, encoder)
    assert index.talents.ids == [f"t{number:04d}" for number in range(N_TALENTS)]
    assert index.vacancies.ids == [f"v{number:04d}" for number in range(N_VACANCIES) if number not in {3, 4}]
    assert (index.index_version, index.last_seq) == (report.index_version, store.last_seq())
    np.testing.assert_allclose(index.talents.vectors[5], record_vector(talent(5), encoder), atol=1e-6)


def test_again_embeds_nothing_and_changes_nothing(store, index_dir):
    first = update_index(store, BagOfWordsEncoder(), index_dir)
    path = in_force(index_dir)
    encoder = BagOfWordsEncoder()
    second = update_index(store, encoder, index_dir)
    assert (second.embedded, encoder.encoded) == (0, 0)
    assert second.index_version == first.index_version
    assert in_force(index_dir) == path


def test_only_what_changed_is_embedded(store, index_dir):
    first = update_index(store, BagOfWordsEncoder(), index_dir)
    store.put_talents([talent(5, skills=["glasblazen"])], now=NOW)
    report = update_index(store, BagOfWordsEncoder(), index_dir)
    assert report.embedded == 1  # the one new phrase
    assert report.index_version != first.index_version
    index = load_index(index_dir, BagOfWordsEncoder())
    assert "glasblazen" in [phrase.text for phrase in index.talents.phrases(5)]
    assert index.last_seq == store.last_seq()


def test_vectors_that_are_used_no_longer_leave_the_cache(store, index_dir):
    encoder = BagOfWordsEncoder()
    update_index(store, encoder, index_dir)
    old = vector_key(talent(5).skills[0], TextKind.PHRASE)
    assert old in store.vectors(encoder.version, [old])
    store.put_talents([talent(5, skills=["glasblazen"])], now=NOW)
    update_index(store, encoder, index_dir)
    assert old not in store.vectors(encoder.version, [old])


def test_another_encoder_takes_over_the_cache(store, index_dir):
    first, second = BagOfWordsEncoder(), BagOfWordsEncoder(salt="x")
    update_index(store, first, index_dir)
    with pytest.raises(ArtifactMismatch, match="run kansrijk index"):
        load_index(index_dir, second)
    update_index(store, second, index_dir)
    assert len(load_index(index_dir, second).talents) == N_TALENTS
    key = vector_key(talent(5).skills[0], TextKind.PHRASE)
    assert store.vectors(first.version, [key]) == {}
    assert key in store.vectors(second.version, [key])


def test_equal_content_is_an_equal_version_wherever_and_however_it_came(store, index_dir, tmp_path):
    store.put_talents([talent(5, skills=["glasblazen"])], now=NOW)
    update_index(store, BagOfWordsEncoder(), index_dir)
    store.put_talents([talent(5)], now=NOW)
    here = update_index(store, BagOfWordsEncoder(), index_dir)
    with Store.open(f"sqlite:///{tmp_path / 'other.db'}") as other:
        other.put_vacancies([vacancy(number) for number in range(N_VACANCIES) if number not in {3, 4}], now=NOW)
        other.put_talents([talent(number) for number in range(N_TALENTS)], now=NOW)
        there = update_index(other, BagOfWordsEncoder(), tmp_path / "elsewhere")
    assert there.index_version == here.index_version
    assert files(tmp_path / "elsewhere") == files(index_dir)


def test_no_index_says_what_to_do(index_dir):
    with pytest.raises(ArtifactMissing, match="run kansrijk index"):
        load_index(index_dir, BagOfWordsEncoder())


def test_an_index_of_whole_texts_says_that_it_must_be_built_again(index_dir):
    with write_artifact(index_dir, INDEX_KIND, format_version=1) as writer:
        (writer.path / "names.json").write_text("{}")
    with pytest.raises(ArtifactMismatch, match=r"format 1, .*\(kansrijk index\)"):
        load_index(index_dir, BagOfWordsEncoder())


def test_an_empty_store_gives_an_empty_index(tmp_path, index_dir):
    with Store.open(f"sqlite:///{tmp_path / 'empty.db'}") as empty:
        report = update_index(empty, BagOfWordsEncoder(), index_dir)
    assert (report.talents, report.embedded) == (0, 0)
    assert len(load_index(index_dir, BagOfWordsEncoder()).talents) == 0


CANARY = "kwibuszwaluw"


def erase(store: Store, index_dir: Path, talent_id: str) -> None:
    keys = personal_keys([one.record for one in store.talent_revisions() if one.record.talent_id == talent_id])
    store.erase(talent_id, now=NOW)
    forget(store, index_dir, talent_id, keys)


def test_an_erased_person_is_in_no_version_of_the_index_and_not_in_the_cache(store, index_dir):
    encoder = BagOfWordsEncoder()
    person = talent(5, skills=[CANARY, "lassen"], presentation=f"Ik ben {CANARY} en werk hard.")
    store.put_talents([person], now=NOW)
    update_index(store, encoder, index_dir)
    store.put_talents([talent(6, skills=["lassen"])], now=NOW)
    update_index(store, encoder, index_dir)
    keys = [vector_key(text, TextKind.PHRASE) for text in (CANARY, f"Ik ben {CANARY} en werk hard")]
    assert len(store.vectors(encoder.version, keys)) == 2
    holding = [path for path in index_dir.rglob("names.json") if CANARY.encode() in path.read_bytes()]
    assert len(holding) == 2

    erase(store, index_dir, "t0005")

    assert store.vectors(encoder.version, keys) == {}
    every = [file for file in index_dir.rglob("*") if file.is_file()]
    assert every
    for file in every:
        content = file.read_bytes()
        assert CANARY.encode() not in content
        assert b'"t0005"' not in content
        assert keys[0] not in content
    index = load_index(index_dir, encoder)
    assert "t0005" not in index.talents.ids
    assert len(index.talents) == N_TALENTS - 1
    assert "lassen" in [phrase.text for phrase in index.talents.phrases(index.talents.row_of["t0006"])]


def test_forgetting_equals_building_without_the_person(store, index_dir):
    update_index(store, BagOfWordsEncoder(), index_dir)
    erase(store, index_dir, "t0005")
    forgotten = files(index_dir)
    version = load_index(index_dir, BagOfWordsEncoder()).index_version
    report = update_index(store, BagOfWordsEncoder(), index_dir)
    assert report.index_version == version
    assert files(index_dir) == forgotten


def test_earlier_texts_of_a_person_leave_the_cache_too(store, index_dir):
    encoder = BagOfWordsEncoder()
    early = talent(5, skills=[CANARY])
    store.put_talents([early], now=NOW)
    key = vector_key(talent_text(early), TextKind.PASSAGE)
    store.put_vectors(encoder.version, [key], encoder.encode([talent_text(early)]))
    store.put_talents([talent(5)], now=NOW)
    erase(store, index_dir, "t0005")
    assert store.vectors(encoder.version, [key]) == {}


def test_a_reader_that_is_overtaken_by_an_erasure_reads_what_is_in_force(store, index_dir, monkeypatch):
    update_index(store, BagOfWordsEncoder(), index_dir)
    opened = indexer._opened

    def overtaken(artifact):
        monkeypatch.setattr(indexer, "_opened", opened)
        erase(store, index_dir, "t0005")
        return opened(artifact)

    monkeypatch.setattr(indexer, "_opened", overtaken)
    assert "t0005" not in load_index(index_dir, BagOfWordsEncoder()).talents.ids


def test_forgetting_without_an_index_makes_none(store, index_dir):
    erase(store, index_dir, "t0005")
    with pytest.raises(ArtifactMissing):
        load_index(index_dir, BagOfWordsEncoder())


def test_an_index_that_cannot_be_read_is_removed_whole(store, index_dir):
    update_index(store, BagOfWordsEncoder(), index_dir)
    (in_force(index_dir) / "talents" / "vectors.npy").write_bytes(b"x")
    with pytest.raises(ArtifactCorrupt):
        load_index(index_dir, BagOfWordsEncoder())
    erase(store, index_dir, "t0005")
    assert list(index_dir.rglob("names.json")) == []


def test_personal_keys_are_those_of_every_text(store):
    person = talent(5)
    keys = personal_keys([person, person])
    assert len(keys) == len(set(keys)) == 2 + len({phrase.text for phrase in talent_phrases(person)})


def test_the_default_encoder_is_fitted_once_and_found(store, tmp_path):
    from core.settings import Settings

    settings = Settings(home=tmp_path)
    with pytest.raises(ArtifactMissing):
        load_encoder(settings, models_dir=tmp_path / "none")
    fitted = fit_default_encoder(store, settings.encoder_dir, seed=3)
    assert load_encoder(settings, models_dir=tmp_path / "none").version == fitted.version
    assert fit_default_encoder(store, settings.encoder_dir, seed=3).version == fitted.version
    assert update_index(store, fitted, tmp_path / "index").talents == N_TALENTS


def test_an_empty_store_cannot_fit_an_encoder(tmp_path):
    with Store.open(f"sqlite:///{tmp_path / 'empty.db'}") as empty, pytest.raises(InputError, match="import"):
        fit_default_encoder(empty, tmp_path / "encoder")


# Says when it embeds a batch, and takes its time for it, so that a kill falls inside the work.
SLOW_INDEX = """
import sys, time
from pathlib import Path
import embeddings.corpus
from core.store import Store
from embeddings.fakes import BagOfWordsEncoder
from embeddings.indexer import update_index

class Slow(BagOfWordsEncoder):
    def encode(self, texts, **options):
        print("batch", flush=True)
        time.sleep(0.2)
        return super().encode(texts, **options)

embeddings.corpus._BATCH = 4
with Store.open(sys.argv[1]) as store:
    update_index(store, Slow(), Path(sys.argv[2]))
"""


def kill_index_at(batch: int, url: str, index_dir: Path) -> None:
    """Runs the indexer in a process of its own and kills it while it embeds its ``batch``-th batch."""
    command = [sys.executable, "-c", SLOW_INDEX, url, str(index_dir)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path.cwd()) as process:
        assert process.stdout is not None
        for _ in range(batch):
            assert process.stdout.readline() == b"batch\n"
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL


@pytest.mark.slow
def test_killed_at_any_moment_and_run_again_the_index_is_the_same(store, index_dir, tmp_path):
    undisturbed = tmp_path / "undisturbed"
    whole = update_index(store, BagOfWordsEncoder(), undisturbed)
    store.drop_vectors()
    for batch in (1, 4, 6):
        kill_index_at(batch, f"sqlite:///{tmp_path / 'kansrijk.db'}", index_dir)
        with pytest.raises(ArtifactMissing):
            load_index(index_dir, BagOfWordsEncoder())
    report = update_index(store, BagOfWordsEncoder(), index_dir)
    assert 0 < report.embedded < whole.embedded  # what was embedded before a kill is not lost
    manifests = [
        load_artifact(root, INDEX_KIND, format_version=INDEX_FORMAT).manifest for root in (undisturbed, index_dir)
    ]
    assert manifests[0].content_version == manifests[1].content_version
    assert manifests[0].metadata == manifests[1].metadata
    assert files(undisturbed) == files(index_dir)
    assert not list(index_dir.glob(".writing-*"))
