"""Which encoder is in force: the one asked for, else the shipped one, else the one fitted in this home."""

import json
from pathlib import Path
from typing import Final

from core.artifacts import load_artifact
from core.errors import ArtifactMissing
from core.settings import Settings
from embeddings.encoder import Encoder
from embeddings.hashed import CONFIG_FILE, HashedNgramEncoder
from embeddings.sentence_transformer import SentenceTransformerEncoder
from embeddings.tfidf import TfidfSvdEncoder

ENCODER_KIND: Final = "encoder"
MODELS_DIR: Final = Path(__file__).parent / "models"
"""Encoders that come with the product, a directory each."""


def load_encoder(settings: Settings, *, models_dir: Path = MODELS_DIR) -> Encoder:
    """Loads the encoder that the settings call for.

    Order: ``settings.encoder`` (path or hub name), the shipped model, the encoder fitted in this home. A path may
    hold what ``kansrijk encoder train`` wrote, or any sentence-transformers model.

    Args:
        settings: the settings in force.
        models_dir: where shipped models are.

    Raises:
        ArtifactMissing: there is none of the three, or the one asked for cannot be had.
        ArtifactCorrupt: its files are damaged.
        ArtifactMismatch: its files are of another format.
    """
    if settings.encoder is not None:
        if is_hashed_model(Path(settings.encoder)):
            return HashedNgramEncoder.load(settings.encoder)
        return SentenceTransformerEncoder(
            settings.encoder, settings.encoder_query_prompt, settings.encoder_passage_prompt
        )
    shipped = shipped_model(models_dir)
    if shipped is not None:
        return HashedNgramEncoder.load(shipped)
    try:
        artifact = load_artifact(settings.encoder_dir, ENCODER_KIND)
    except ArtifactMissing:
        raise ArtifactMissing(f"no encoder was fitted in {settings.home} yet; run kansrijk index") from None
    return TfidfSvdEncoder.load(artifact.path)


def shipped_model(models_dir: Path = MODELS_DIR) -> Path | None:
    """Directory of the shipped model; of several the last by name; ``None`` when the product came without."""
    if not models_dir.is_dir():
        return None
    candidates = sorted(path for path in models_dir.iterdir() if path.is_dir() and path.name[0] not in "._")
    return candidates[-1] if candidates else None


def is_hashed_model(directory: Path) -> bool:
    """Whether a directory holds a model of ``kansrijk encoder train``, to be read without torch."""
    try:
        config = json.loads((directory / CONFIG_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False  # another kind of model, or none: the loader of those says what is wrong
    return isinstance(config, dict) and "piece_words" in config
