from pathlib import Path

import numpy as np
import orjson
import pytest
from ranking_parts import same

from core.artifacts import write_artifact
from core.errors import ArtifactCorrupt, ArtifactMismatch
from ranking.champion import MODEL_KIND, ChampionFollower
from ranking.features import FEATURE_NAMES
from ranking.model import RankingModel

FEATURES = np.random.default_rng(5).normal(size=(30, len(FEATURE_NAMES)))


def test_saved_and_loaded_it_answers_the_same(model: RankingModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    back = RankingModel.load(tmp_path)
    assert back.info == model.info
    assert same(back.ranker.score(FEATURES), model.ranker.score(FEATURES))
    assert same(back.ranker.contributions(FEATURES), model.ranker.contributions(FEATURES))
    assert back.retention is not None
    assert model.retention is not None
    assert same(back.retention.predict(FEATURES), model.retention.predict(FEATURES))


def test_without_a_retention_head(model: RankingModel, tmp_path: Path) -> None:
    RankingModel(model.info, model.ranker, None).save(tmp_path)
    assert RankingModel.load(tmp_path).retention is None


def test_it_holds_text_only(model: RankingModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["about.json", "ranker.json"]
    for path in tmp_path.iterdir():
        path.read_text(encoding="utf-8")


def test_another_encoder_is_refused(model: RankingModel) -> None:
    model.check_encoder(model.info.encoder_version)
    with pytest.raises(ArtifactMismatch, match="kansrijk train"):
        model.check_encoder("another")


def about(directory: Path, **changes: object) -> None:
    path = directory / "about.json"
    path.write_bytes(orjson.dumps(orjson.loads(path.read_bytes()) | changes))


@pytest.mark.parametrize(
    "names", [list(FEATURE_NAMES[:-1]), [*FEATURE_NAMES, "age"], list(reversed(FEATURE_NAMES)), []]
)
def test_other_features_are_refused(model: RankingModel, tmp_path: Path, names: list[str]) -> None:
    model.save(tmp_path)
    about(tmp_path, feature_names=names)
    with pytest.raises(ArtifactMismatch, match="kansrijk train"):
        RankingModel.load(tmp_path)


def test_a_ranker_of_other_features_is_refused(model: RankingModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    text = (tmp_path / "ranker.json").read_text(encoding="utf-8")
    (tmp_path / "ranker.json").write_text(text.replace("similarity", "resemblance"), encoding="utf-8")
    with pytest.raises(ArtifactMismatch, match="resemblance"):
        RankingModel.load(tmp_path)


def test_a_retention_head_of_other_features_is_refused(model: RankingModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    assert model.retention is not None
    names = list(model.retention.names)
    text = orjson.dumps(model.retention.to_json()).decode()
    turned = text.replace(orjson.dumps(names).decode(), orjson.dumps([*names[1:], names[0]]).decode())
    about(tmp_path, retention=orjson.loads(turned))
    with pytest.raises(ArtifactMismatch, match="kansrijk train"):
        RankingModel.load(tmp_path)


@pytest.mark.parametrize("name", ["about.json", "ranker.json"])
@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b"\xff\xfe\x00", b"null"])
def test_damaged_files_are_refused(model: RankingModel, tmp_path: Path, name: str, content: bytes | None) -> None:
    model.save(tmp_path)
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ArtifactCorrupt, match="train again"):
        RankingModel.load(tmp_path)


@pytest.mark.parametrize("part", ["version", "label", "encoder_version", "trained_as_of", "feature_names", "retention"])
def test_a_missing_part_is_refused(model: RankingModel, tmp_path: Path, part: str) -> None:
    model.save(tmp_path)
    path = tmp_path / "about.json"
    content = orjson.loads(path.read_bytes())
    del content[part]
    path.write_bytes(orjson.dumps(content))
    with pytest.raises(ArtifactCorrupt, match="train again"):
        RankingModel.load(tmp_path)


# The champion, followed on disk.


def put_in_force(root: Path, model: RankingModel) -> None:
    with write_artifact(root, MODEL_KIND) as writer:
        model.save(writer.path)


def renamed(model: RankingModel, version: str) -> RankingModel:
    info = model.info
    return RankingModel(
        type(info)(version, info.label, info.encoder_version, info.trained_as_of, info.feature_names),
        model.ranker,
        model.retention,
    )


def test_the_champion_is_followed_as_it_changes(model: RankingModel, tmp_path: Path) -> None:
    follower = ChampionFollower(tmp_path / "models")
    assert follower() is None
    put_in_force(tmp_path / "models", renamed(model, "1"))
    first = follower()
    assert first is not None
    assert first.info.version == "1"
    assert follower() is first
    put_in_force(tmp_path / "models", renamed(model, "2"))
    second = follower()
    assert second is not None
    assert second.info.version == "2"


def test_a_damaged_champion_is_refused_each_time(model: RankingModel, tmp_path: Path) -> None:
    root = tmp_path / "models"
    put_in_force(root, model)
    for path in root.rglob("ranker.json"):
        path.write_text(path.read_text(encoding="utf-8").replace("leaf_value=", "leaf_value=9", 1), encoding="utf-8")
    follower = ChampionFollower(root)
    for _ in range(2):
        with pytest.raises(ArtifactCorrupt):
            follower()
