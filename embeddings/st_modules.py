"""The sentence-transformers module of the default encoder, which gives the same vectors.

``SentenceTransformer(folder, trust_remote_code=True)``: from version 6 on, sentence-transformers asks for this word
before it imports any class that is not its own, also one of an installed package. To do without it, build the model
from the module: ``SentenceTransformer(modules=[HashedNgramModule.load(folder)])``.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import torch
from sentence_transformers.base.modules.input_module import InputModule

from embeddings.hashed import CONFIG_FILE, WEIGHTS_FILE, HashedNgramEncoder


class HashedNgramModule(InputModule):
    """Wraps :class:`embeddings.hashed.HashedNgramEncoder`; it has nothing to train and stays on the processor.

    Args:
        encoder: what embeds.
        folder: where it was read from; saving copies its files.
    """

    def __init__(self, encoder: HashedNgramEncoder, folder: Path) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._encoder = encoder
        self._folder = folder

    def preprocess(  # type: ignore[override]  # texts alone, no images or sound
        self, inputs: Sequence[str], prompt: str | None = None, **_: Any
    ) -> dict[str, torch.Tensor]:
        """Embeds the texts, with the prompt before each where there is one."""
        texts = [prompt + text for text in inputs] if prompt else list(inputs)
        return {"sentence_embedding": torch.from_numpy(self._encoder.encode(texts))}

    def forward(self, features: dict[str, torch.Tensor], **_: Any) -> dict[str, torch.Tensor]:
        """Passes on what :meth:`preprocess` made."""
        return features

    def get_embedding_dimension(self) -> int:
        """Number of components of a vector."""
        return self._encoder.dim

    def save(self, output_path: str, *_: Any, **__: Any) -> None:
        """Copies the model's files."""
        for name in (CONFIG_FILE, WEIGHTS_FILE):
            shutil.copyfile(self._folder / name, Path(output_path) / name)

    @classmethod
    def load(cls, model_name_or_path: str, subfolder: str = "", **_: Any) -> Self:  # type: ignore[override]
        """Reads the folder; a hub name is not fetched."""
        folder = Path(model_name_or_path) / subfolder
        return cls(HashedNgramEncoder.load(folder), folder)
