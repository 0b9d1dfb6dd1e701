"""Which encoder is in force: the one asked for, else the shipped one, else the one fitted in this home."""

from importlib import import_module
from pathlib import Path
from typing import Final

from core.artifacts import load_artifact
from core.errors import ArtifactMissing
from core.settings import Settings
from embeddings.encoder import Encoder
from embeddings.sentence_transformer import SentenceTransformerEncoder
from embeddings.tfidf import TfidfSvdEncoder

ENCODER_KIND: Final = "encoder"
MODELS_DIR: Final = Path(__file__).parent / "models"
"""Encoders that come with the product, a directory each."""


def load_encoder(settings: Settings, *, models_dir: Path = MODELS_DIR) -> Encoder:
    """Loads the encoder that the settings call for.

    Order: ``settings.encoder`` (path or hub name), the shipped model, the encoder fitted in this home.

    Args:
        settings: the settings in force.
        models_dir: where shipped models are.

    Raises:
        ArtifactMissing: there is none of the three, or the one asked for cannot be had.
        ArtifactCorrupt: its files are damaged.
        ArtifactMismatch: its files are of another format.
    """
    if settings.encoder is not None:
        return SentenceTransformerEncoder(
            settings.encoder, settings.encoder_query_prompt, settings.encoder_passage_prompt
        )
    shipped = shipped_model(models_dir)
    if shipped is not None:
        return _load_shipped(shipped)
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


def _load_shipped(directory: Path) -> Encoder:
    # The n-gram encoder lands after this file; importing it by name keeps a tree without it usable.
    encoder: Encoder = import_module("embeddings.hashed").HashedNgramEncoder.load(directory)
    return encoder
