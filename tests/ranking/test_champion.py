"""Another model comes into force while requests run: none fails, none is of two models, none waits."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ranking_town import Town

from core.artifacts import CURRENT, write_artifact
from core.errors import ArtifactError, ArtifactMismatch
from core.settings import Settings
from embeddings.fakes import BagOfWordsEncoder
from ranking import matcher as matcher_module
from ranking.champion import MODEL_KIND, ChampionFollower, Flaw, LeftAside, LiveModel
from ranking.features import FEATURE_NAMES
from ranking.matcher import REHEARSED, Matcher
from ranking.model import RankingModel
from ranking.rankers import LinearRanker

WIDTH, POLL_S = len(FEATURE_NAMES), 0.02


def numbered(model: RankingModel, number: int) -> RankingModel:
    """A model of its own: no two give one row the same score."""
    weights = np.random.default_rng(number).normal(size=WIDTH)
    ranker = LinearRanker(FEATURE_NAMES, np.full(WIDTH, 0.5), np.ones(WIDTH), weights, float(number))
    return replace(model, info=replace(model.info, version=str(number)), ranker=ranker)


def put_in_force(root: Path, model: RankingModel) -> None:
    with write_artifact(root, MODEL_KIND) as writer:
        model.save(writer.path)
        writer.metadata["version"] = model.info.version


def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


def version(source: Callable[[], RankingModel | None]) -> str | None:
    model = source()
    return model.info.version if model else None


def test_another_model_serves_within_seconds_after_its_rehearsal(tmp_path: Path, model: RankingModel) -> None:
    rehearsed: list[str] = []
    with LiveModel(tmp_path, poll_s=POLL_S) as live:
        live.rehearse_with(lambda one: rehearsed.append(one.info.version))
        assert live() is None
        put_in_force(tmp_path, numbered(model, 1))
        until(lambda: version(live) == "1")
        put_in_force(tmp_path, numbered(model, 2))
        until(lambda: version(live) == "2")
        assert rehearsed == ["1", "2"]
        with write_artifact(tmp_path, MODEL_KIND) as writer:
            writer.withdrawn = True
        until(lambda: live() is None)


def test_the_model_that_is_there_at_the_start_serves_at_once(tmp_path: Path, model: RankingModel) -> None:
    put_in_force(tmp_path, numbered(model, 4))
    with LiveModel(tmp_path, poll_s=60) as live:
        assert version(live) == "4"
        started = time.monotonic()
    assert time.monotonic() - started < 5  # closing does not wait for the next look


def test_nobody_sees_a_model_before_its_rehearsal_is_over(tmp_path: Path, model: RankingModel) -> None:
    put_in_force(tmp_path, numbered(model, 1))
    begun, go_on = threading.Event(), threading.Event()

    def rehearse(_: RankingModel) -> None:
        begun.set()
        assert go_on.wait(10)

    with LiveModel(tmp_path, poll_s=POLL_S) as live:
        live.rehearse_with(rehearse)
        put_in_force(tmp_path, numbered(model, 2))
        assert begun.wait(5)
        assert version(live) == "1"
        go_on.set()
        until(lambda: version(live) == "2")


def test_a_model_that_cannot_be_read_or_fails_its_rehearsal_is_left_aside(
    tmp_path: Path, model: RankingModel, caplog: pytest.LogCaptureFixture
) -> None:
    put_in_force(tmp_path, numbered(model, 1))

    def rehearse(one: RankingModel) -> None:
        if one.info.version == "2":
            raise ZeroDivisionError("a person's row")
        if one.info.version == "4":
            raise ArtifactMismatch("another encoder")

    with LiveModel(tmp_path, poll_s=POLL_S) as live:
        live.rehearse_with(rehearse)
        put_in_force(tmp_path, numbered(model, 2))
        until(lambda: "ZeroDivisionError" in caplog.text)
        assert version(live) == "1"
        assert live.left_aside == LeftAside("2", Flaw.FAILED_REHEARSAL)
        put_in_force(tmp_path, numbered(model, 3))
        until(lambda: version(live) == "3")
        assert live.left_aside is None
        put_in_force(tmp_path, numbered(model, 4))
        until(lambda: live.left_aside == LeftAside("4", Flaw.UNFIT))
        put_in_force(tmp_path, numbered(model, 3))
        until(lambda: live.left_aside is None)
        newest = tmp_path / (tmp_path / CURRENT).read_text()
        (newest / "ranker.json").write_text("{}")
        (tmp_path / "next").write_text(newest.name + " ")  # another pointer to what is damaged now
        (tmp_path / "next").replace(tmp_path / CURRENT)  # in one step, or the follower may read half of it
        until(lambda: "ArtifactCorrupt" in caplog.text)
        assert version(live) == "3"
        assert live.left_aside == LeftAside(None, Flaw.DAMAGED)
    assert "row" not in caplog.text


def test_a_damaged_model_at_the_start_is_said_and_a_good_one_heals_it(tmp_path: Path, model: RankingModel) -> None:
    put_in_force(tmp_path, numbered(model, 1))
    (tmp_path / (tmp_path / CURRENT).read_text() / "ranker.json").write_text("{}")
    with LiveModel(tmp_path, poll_s=POLL_S) as live:
        with pytest.raises(ArtifactError):
            live()
        assert live.left_aside == LeftAside(None, Flaw.DAMAGED)
        put_in_force(tmp_path, numbered(model, 2))

        def healed() -> bool:
            try:
                return version(live) == "2"
            except ArtifactError:
                return False

        until(healed)


@pytest.mark.parametrize("kind", ["live", "follower"])
def test_every_answer_during_twenty_promotions_is_of_one_model_and_none_fails(
    kind: str,
    tmp_path: Path,
    town: Town,
    encoder: BagOfWordsEncoder,
    model: RankingModel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(matcher_module, "REHEARSED", 3)  # enough to take a while
    models = {str(number): numbered(model, number) for number in range(1, 21)}
    put_in_force(tmp_path, models["1"])
    stop = threading.Event()

    def ask(matcher: Matcher, number: int) -> list[tuple[str, bool]]:
        answers = []
        while not stop.is_set():
            found = matcher.shortlist(town.jobs[number], k=5)
            values = town.store.shortlist_features(found.shortlist_id)["values"]
            rows = np.array([values[entry.talent_id] for entry in found.entries], dtype=np.float64)
            expected = models[str(found.model_version)].ranker.score(rows)
            answers.append((str(found.model_version), expected.tolist() == [entry.score for entry in found.entries]))
        return answers

    with LiveModel(tmp_path, poll_s=POLL_S) as live, ThreadPoolExecutor(4) as threads:
        source = live if kind == "live" else ChampionFollower(tmp_path)
        matcher = Matcher.open(Settings(home=town.settings.home, threads=1), town.store, encoder, source)
        live.rehearse_with(matcher.rehearse)
        asking = [threads.submit(ask, matcher, number) for number in (1, 3, 5, 7)]
        try:
            for number in range(2, 21):
                put_in_force(tmp_path, models[str(number)])
                if number % 5 == 0:  # the others follow each other faster than anybody reads
                    until(lambda number=number: version(source) == str(number), 20)
        finally:
            stop.set()
    answers = [answer for part in asking for answer in part.result()]
    assert all(consistent for _, consistent in answers)
    assert len({one for one, _ in answers}) > 1
    assert len(answers) > 10


def test_a_rehearsal_answers_recent_requests_and_keeps_nothing(
    town: Town, encoder: BagOfWordsEncoder, model: RankingModel
) -> None:
    matcher = Matcher.open(town.settings, town.store, encoder, lambda: model)
    for number in range(3):
        matcher.shortlist(town.jobs[number], k=4)
    before = [one.shortlist.shortlist_id for one in town.store.recent_shortlists(100)]
    assert matcher.rehearse(numbered(model, 9)) == min(len(before), REHEARSED)
    assert [one.shortlist.shortlist_id for one in town.store.recent_shortlists(100)] == before
    stranger = replace(model, info=replace(model.info, encoder_version="another"))
    with pytest.raises(ArtifactMismatch, match="kansrijk train"):
        matcher.rehearse(stranger)
