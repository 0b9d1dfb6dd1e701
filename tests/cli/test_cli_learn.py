import numpy as np
import pytest
from cli_process import run_here

from core.settings import Settings
from ranking.features import FEATURE_NAMES
from ranking.model import ModelInfo, RankingModel
from ranking.rankers import CoverageRanker
from training.registry import Registry
from training.tracking import RunRecord


def test_without_history_training_is_refused_with_its_reasons(kansrijk):
    done = kansrijk("train", "--json")
    assert done.code == 4, done.err
    report = done.json
    assert (report["model_version"], report["promoted"]) == (None, False)
    assert (report["metrics"], report["baselines"]) == ({}, {})
    assert len(report["reasons"]) >= 1
    assert all("import" in reason for reason in report["reasons"])

    for_people = kansrijk("train")
    assert (for_people.code, for_people.out) == (4, "")
    assert "No model was trained" in for_people.err


def test_an_empty_registry_and_what_it_refuses(kansrijk):
    listed = kansrijk("models", "--json")
    assert (listed.code, listed.json) == (0, {"versions": [], "champion": None, "challenger": None})
    for command in (["promote", "1"], ["rollback"]):
        done = kansrijk(*command, "--json")
        assert done.code == 1, done.err
        assert "kansrijk models" in done.json["error"]


def test_an_unknown_label_is_refused(kansrijk):
    done = kansrijk("train", "--label", "geluk", "--json")
    assert done.code == 1
    assert "geluk" in done.json["error"]


def test_too_few_placements_leave_the_encoder_as_it_is(kansrijk, tmp_path):
    done = kansrijk("encoder", "train", "--placements", "--out", tmp_path / "own", "--json")
    assert done.code == 4, done.err
    report = done.json
    assert (report["version"], report["promoted"]) == (None, False)
    assert report["reasons"][0].startswith("0 retained placements")
    assert not (tmp_path / "own").exists()


def test_an_encoder_learns_from_one_thing_at_a_time(kansrijk, tmp_path):
    for sources in ([], ["--placements", "--esco", tmp_path]):
        done = kansrijk("encoder", "train", "--out", tmp_path / "own", *sources)
        assert done.code == 2
        assert "--esco DIR or --placements" in done.err


@pytest.mark.parametrize("number", ["0", "501", "-1", "many"])
def test_a_search_has_its_bounds(kansrijk, number):
    done = kansrijk("train", "--tune", number)
    assert done.code == 2
    assert "--tune" in done.err


def test_models_are_listed_with_their_quality_and_what_they_were_made_for(tmp_path):
    registry = Registry.open(Settings(home=tmp_path))
    info = ModelInfo("", "retained-1040h-v1", "werk-nl-9", "2026-01-31", FEATURE_NAMES)
    parts = ("value", "low", "high")
    metrics = {
        f"test_ndcg_minus_similarity_{part}": value for part, value in zip(parts, (0.12, 0.034, 0.2), strict=True)
    }
    tags = {"content": "c", "label": info.label, "encoder_version": info.encoder_version, "trained_as_of": "2026-01-31"}
    record = RunRecord(
        parameters={"ranker": "coverage"},
        metrics={"test_ndcg_at_10_coverage": 0.6123, **metrics},
        curve=[(1, 0.5)],
        tags=tags,
        reports={},
        promotable=True,
        example=np.zeros((1, len(FEATURE_NAMES))),
    )
    registry.record(record, RankingModel(info, CoverageRanker(FEATURE_NAMES), None))
    registry.promote("1")
    (version,) = run_here("--home", tmp_path, "models", "--json").json["versions"]
    assert version["metrics"] == {"test_ndcg_at_10_coverage": 0.6123, **metrics}
    assert {name: version[name] for name in ("label", "encoder_version", "trained_as_of", "ranker", "aliases")} == {
        "label": "retained-1040h-v1",
        "encoder_version": "werk-nl-9",
        "trained_as_of": "2026-01-31",
        "ranker": "coverage",
        "aliases": ["champion"],
    }
    first, second = run_here("--home", tmp_path, "models").err.splitlines()
    assert " ".join(first.split()) == "1 champion coverage nDCG@10 0.612, +0.120 [+0.034, +0.200] over similarity"
    assert second.strip() == "as of 2026-01-31, retained-1040h-v1, encoder werk-nl-9, passed the gate"
