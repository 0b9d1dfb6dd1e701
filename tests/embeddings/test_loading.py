"""Which encoder is chosen, in which order."""

import json
from dataclasses import asdict, fields

import numpy as np
import pytest
from embedding_parts import WORDS, save_tiny_model, talent, tiny_hashed
from safetensors.numpy import save_file

from core.artifacts import write_artifact
from core.errors import ArtifactMissing
from core.settings import Settings, load_settings
from embeddings.encoder import TextKind
from embeddings.hashed import CONFIG_FILE, WEIGHTS_FILE
from embeddings.loading import ENCODER_KIND, is_hashed_model, load_encoder, shipped_model
from embeddings.sentence_transformer import SentenceTransformerEncoder
from embeddings.tfidf import TfidfSvdEncoder
from embeddings.views import talent_text


def fitted_in(settings: Settings) -> TfidfSvdEncoder:
    encoder = TfidfSvdEncoder.fit([*WORDS, talent_text(talent(1))], dim=8)
    with write_artifact(settings.encoder_dir, ENCODER_KIND) as writer:
        encoder.save(writer.path)
    return encoder


def test_nothing_there_says_what_to_do(tmp_path):
    with pytest.raises(ArtifactMissing, match="run kansrijk index"):
        load_encoder(Settings(home=tmp_path), models_dir=tmp_path / "models")


def test_the_encoder_of_this_home(tmp_path):
    settings = Settings(home=tmp_path)
    fitted = fitted_in(settings)
    assert load_encoder(settings, models_dir=tmp_path / "models").version == fitted.version


def test_the_encoder_that_was_asked_for_wins(tmp_path):
    model = save_tiny_model(tmp_path / "model")
    settings = Settings(home=tmp_path, encoder=str(model), encoder_query_prompt="vraag: ")
    fitted_in(settings)
    assert load_encoder(settings).version == SentenceTransformerEncoder(str(model), "vraag: ").version


def test_prompts_come_from_the_environment(tmp_path, monkeypatch):
    """As for e5: one word before a question, another before what is searched."""
    model = save_tiny_model(tmp_path / "model")
    monkeypatch.setenv("KANSRIJK_ENCODER", str(model))
    monkeypatch.setenv("KANSRIJK_ENCODER_QUERY_PROMPT", "magazijn ")
    monkeypatch.setenv("KANSRIJK_ENCODER_PASSAGE_PROMPT", "kantoor ")
    encoder, plain = load_encoder(load_settings(home=tmp_path)), SentenceTransformerEncoder(str(model))
    for kind, word in (
        (TextKind.QUERY, "magazijn"),
        (TextKind.PHRASE, "magazijn"),
        (TextKind.PASSAGE, "kantoor"),
    ):
        found = encoder.encode(["koken kassa"], kind=kind)
        np.testing.assert_allclose(found, plain.encode([f"{word} koken kassa"]), atol=1e-6)
        assert abs(found - plain.encode(["koken kassa"])).max() > 0.01
    assert encoder.version != plain.version


def test_an_encoder_that_was_asked_for_and_is_not_there_is_not_replaced_by_another(tmp_path):
    settings = Settings(home=tmp_path, encoder=str(tmp_path / "not" / "there"))
    fitted_in(settings)
    with pytest.raises(ArtifactMissing, match="KANSRIJK_ENCODER"):
        load_encoder(settings)


def test_the_shipped_model_is_a_directory_among_the_models(tmp_path):
    assert shipped_model(tmp_path / "absent") is None
    (tmp_path / "README.md").write_text("x")
    (tmp_path / "__pycache__").mkdir()
    assert shipped_model(tmp_path) is None
    (tmp_path / "nl-1").mkdir()
    (tmp_path / "nl-2").mkdir()
    assert shipped_model(tmp_path) == tmp_path / "nl-2"


def save_tiny_hashed(directory):
    encoder = tiny_hashed()
    directory.mkdir(parents=True)
    weights = {field.name: getattr(encoder._weights, field.name) for field in fields(encoder._weights)}
    save_file(weights, directory / WEIGHTS_FILE)
    (directory / CONFIG_FILE).write_text(json.dumps(asdict(encoder.config)))
    return encoder


def test_the_shipped_model_wins_from_the_home(tmp_path):
    settings = Settings(home=tmp_path)
    fitted_in(settings)
    shipped = save_tiny_hashed(tmp_path / "models" / "nl-1")
    assert load_encoder(settings, models_dir=tmp_path / "models").version == shipped.version


def test_a_trained_encoder_can_be_asked_for_by_path(tmp_path):
    trained = save_tiny_hashed(tmp_path / "trained")
    settings = Settings(home=tmp_path, encoder=str(tmp_path / "trained"))
    assert load_encoder(settings).version == trained.version


def test_no_other_model_is_taken_for_a_trained_one(tmp_path):
    assert not is_hashed_model(tmp_path)
    assert not is_hashed_model(save_tiny_model(tmp_path / "model"))
    (tmp_path / CONFIG_FILE).write_text("[")
    assert not is_hashed_model(tmp_path)
    (tmp_path / CONFIG_FILE).write_text('{"model_type": "bert"}')
    assert not is_hashed_model(tmp_path)
