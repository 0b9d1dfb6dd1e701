"""The report and the record of a run that was tuned, on the world of all tests of learning."""

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import numpy as np
import orjson
import pytest
from training_parts import Market

import training.learning
from core.settings import Settings
from embeddings.fakes import BagOfWordsEncoder
from ranking.features import FEATURE_NAMES
from training.gate import Verdict
from training.learning import TrainReport, train_ranker
from training.registry import Registry
from training.report import training_report
from training.run_record import run_record, store_name
from training.trained import Trained

N_TRIALS = 3


class Page(HTMLParser):
    """Collects what a browser would make of it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture(scope="module")
def tuned_home(new_home: Callable[[str], Settings]) -> Settings:
    return new_home("tuned")


@pytest.fixture(scope="module")
def tuned(market: Market, tuned_home: Settings, encoder: BagOfWordsEncoder) -> tuple[TrainReport, Trained]:
    """A run with a search, as the command line starts it, and what its report was made of."""
    seen: list[Trained] = []

    def kept(trained: Trained) -> object:
        seen.append(trained)
        return run_record(trained)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training.learning, "run_record", kept)
        report = train_ranker(market.store, encoder, tuned_home, as_of=market.cutoff, trials=N_TRIALS)
    return report, seen[0]


@pytest.fixture(scope="module")
def trained_on(tuned: tuple[TrainReport, Trained]) -> Trained:
    return tuned[1]


def test_the_run_in_mlflow_has_its_trials_under_it(tuned: tuple[TrainReport, Trained], tuned_home: Settings) -> None:
    import mlflow

    client = mlflow.MlflowClient(tracking_uri=tuned_home.tracking_uri)
    run = client.get_run(client.get_model_version("kansrijk-ranker", tuned[0].model_version).run_id)
    inside = client.search_runs([run.info.experiment_id], f"tags.mlflow.parentRunId = '{run.info.run_id}'")
    found = {one.info.run_name: one.data.metrics["trial_ndcg_at_10"] for one in inside}
    search = tuned[1].tuning
    assert search is not None
    assert found == {f"trial-{n:03d}": trial.ndcg_at_10 for n, trial in enumerate(search.trials)}
    assert run.data.params["tuned_over"] == str(N_TRIALS)
    assert run.data.params["num_leaves"] == str(search.trials[search.best].parameters["num_leaves"])
    assert {name.path for name in client.list_artifacts(run.info.run_id)} >= {"report.html", "evaluation.json"}
    contexts = [
        tag.value for used in run.inputs.dataset_inputs for tag in used.tags if tag.key == "mlflow.data.context"
    ]
    assert sorted(contexts) == ["evaluation", "training"]
    assert run.data.tags["synthetic"] == "true"


def test_the_page_stands_on_its_own_and_can_be_heard(trained_on: Trained) -> None:
    text = training_report(trained_on)
    page = Page(text)
    links = [value for _, given in page.tags for name, value in given.items() if name in {"src", "href", "xlink:href"}]
    assert all(str(link).startswith(("#", "data:image/png")) for link in links)
    assert not {tag for tag, _ in page.tags} & {"script", "link", "iframe", "img"}
    assert "url(http" not in text
    pictures = [given for tag, given in page.tags if tag == "svg"]
    assert len(pictures) >= 6
    assert all(given["role"] == "img" and len(str(given["aria-label"])) > 40 for given in pictures)
    ids = [given["id"] for _, given in page.tags if "id" in given]
    assert len(ids) == len(set(ids))
    assert len(text) < 1_000_000


def test_the_page_tells_what_was_found(tuned: tuple[TrainReport, Trained]) -> None:
    report, trained_on = tuned
    words = Page(training_report(trained_on)).words
    for reason in trained_on.reasons:
        assert reason in words
    for name, value in report.candidates.items():
        assert f"{value['value']:.3f}" in words, name
    assert f"Search for settings: {N_TRIALS} tried" in words
    assert trained_on.retention is not None
    assert f"{trained_on.retention.reliability.ece:.3f}" in words
    for name in FEATURE_NAMES:
        assert name in words
    assert "Synthetic data." in words
    assert report.promoted == ("Passed: it may be put in service." in words)


def test_the_shap_summary_names_the_feature_that_moves_scores_most(trained_on: Trained) -> None:
    """Of the same rows, by way of scores alone: taking a feature's own part out of the sum."""
    features = trained_on.past.rows.features
    rows = features[np.unique(np.linspace(0, len(features) - 1, 400).astype(int))]
    parts = trained_on.model.ranker.contributions(rows)
    base = trained_on.model.ranker.score(rows) - parts.sum(axis=1)
    assert base == pytest.approx(np.full(len(rows), base[0]))
    most = FEATURE_NAMES[int(np.abs(parts).mean(axis=0).argmax())]
    caption = re.search(r"SHAP summary: .*?mean effect \((\w+)\)", unescape(training_report(trained_on)))
    assert caption is not None
    assert caption[1] == most


def test_what_is_not_there_is_not_shown(trained_on: Trained) -> None:
    bare = replace(
        trained_on,
        retention=None,
        tuning=None,
        synthetic=False,
        verdict=Verdict(False, ["<b>not</b> better & not promoted"]),
        evaluation=replace(trained_on.evaluation, segments=[], curve=[], entities=None),
    )
    text = training_report(bare)
    words = Page(text).words
    assert "Not passed: it is kept out of service." in words
    assert "<b>not</b> better & not promoted" in words
    assert "<b>" not in text
    for absent in ("Synthetic data", "Search for settings", "by segment", "Learning curve", "Reliability diagram"):
        assert absent not in words
    assert "no retention head" in words


def test_same_data_same_page(trained_on: Trained) -> None:
    assert training_report(trained_on) == training_report(trained_on)


def test_the_record_says_what_data_it_was(trained_on: Trained) -> None:
    record = run_record(trained_on)
    rows = trained_on.past.rows
    learned, judged = record.data
    assert (learned.context, judged.context) == ("training", "evaluation")
    assert learned.digest == record.tags["data"]
    assert len(learned.rows) == len(rows.frame)
    inside = (rows.frame["shown_at"] >= trained_on.split.test_from) & (
        rows.frame["shown_at"] <= trained_on.split.test_until
    )
    assert judged.counts["shown"] == len(judged.rows) == int(inside.sum()) < len(rows.frame)
    assert judged.digest != learned.digest
    assert orjson.loads(record.reports["features.json"]) == list(FEATURE_NAMES)
    assert all(np.isfinite(value) for value in record.metrics.values())
    assert record.example is not None
    assert np.isnan(record.example[1]).all()


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("postgresql://ann:s3cret@db.example:5432/kansrijk?sslpassword=x", "postgresql://db.example:5432/kansrijk"),
        ("postgresql+psycopg://ann@db.example/kansrijk", "postgresql+psycopg://db.example/kansrijk"),
        ("sqlite:////var/lib/kansrijk/kansrijk.db", "sqlite:////var/lib/kansrijk/kansrijk.db"),
    ],
)
def test_a_store_is_named_without_secrets(url: str, name: str) -> None:
    assert store_name(url) == name


def test_versions_are_listed_with_what_they_are(tuned: tuple[TrainReport, Trained], tuned_home: Settings) -> None:
    (version,) = Registry.open(tuned_home).versions()
    assert (version.label, version.encoder_version) == ("retained-1040h-v1", tuned[1].model.info.encoder_version)
    assert version.trained_as_of == tuned[1].model.info.trained_as_of
