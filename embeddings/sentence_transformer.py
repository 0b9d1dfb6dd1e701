"""Any sentence-transformers model as an encoder. Only this file names sentence-transformers and its hub."""

import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.errors import ArtifactCorrupt, ArtifactMissing
from embeddings.encoder import MAX_TEXT_CHARS, TextKind, Vectors, unit_rows

_BATCH = 64  # texts that go through the network at once; sorted by length by the library
# Other formats of the same weights, which a hub repository may hold beside those that are loaded.
_OTHER_FORMATS = ("*.onnx", "onnx/*", "openvino/*", "*.h5", "*.msgpack", "*.ot", "*.gguf", "tf_model*")
_NOT_CONTENT = (".md", ".lock")


class SentenceTransformerEncoder:
    """Encodes texts with a sentence-transformers model on the processor."""

    def __init__(self, name_or_path: str, query_prompt: str = "", passage_prompt: str = "") -> None:
        """Loads a model; torch is imported here and not before.

        Args:
            name_or_path: directory of a saved model, or its name on the Hugging Face hub, to which
                ``@revision`` may be added.
            query_prompt: put before a query, and before phrases, which are compared with each other.
            passage_prompt: put before a passage.

        Raises:
            ArtifactMissing: there is no such directory, and the hub does not have the name or does not answer.
            ArtifactCorrupt: the files do not hold a model that can be loaded.
        """
        directory = _resolve(name_or_path)
        self._prompts = {
            TextKind.QUERY: query_prompt,
            TextKind.PASSAGE: passage_prompt,
            TextKind.PHRASE: query_prompt,
        }
        self._version = _fingerprint(directory, [query_prompt, passage_prompt])
        self._lock = threading.Lock()  # fast tokenizers change their own padding while they work
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415  takes seconds

        try:
            self._model = SentenceTransformer(
                str(directory), device="cpu", local_files_only=True, trust_remote_code=False
            )
            self._model.eval()
            self._dim = int(self._embed(["kansrijk"], "").shape[1])
        except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
            raise ArtifactCorrupt(
                f"{name_or_path} is no usable sentence-transformers model ({type(error).__name__}); "
                "set KANSRIJK_ENCODER to a directory that SentenceTransformer.save wrote"
            ) from error

    @property
    def version(self) -> str:
        """Fingerprint of the model's files and the prompts."""
        return self._version

    @property
    def dim(self) -> int:
        """Components of the model's sentence embedding."""
        return self._dim

    def encode(self, texts: Sequence[str], *, kind: TextKind = TextKind.PASSAGE) -> Vectors:
        """Embeds texts; see :class:`embeddings.encoder.Encoder`."""
        vectors = np.zeros((len(texts), self._dim), dtype=np.float32)
        # A blank text has no meaning, but a model gives it a vector, and a prompt would even fill it.
        filled = [row for row, text in enumerate(texts) if text.strip()]
        if filled:
            vectors[filled] = self._embed([_encodable(texts[row]) for row in filled], self._prompts[kind])
        return vectors

    def _embed(self, texts: list[str], prompt: str) -> Vectors:
        with self._lock:
            raw = self._model.encode(
                texts,
                prompt=prompt or None,
                batch_size=_BATCH,
                show_progress_bar=False,
                convert_to_numpy=True,
                normalize_embeddings=False,  # done below, in float64
            )
        return unit_rows(np.asarray(raw))


def _resolve(name_or_path: str) -> Path:
    """The directory with the model's files, fetched from the hub when it is not a directory here."""
    path = Path(name_or_path).expanduser()
    if path.is_dir():
        return path
    from huggingface_hub import snapshot_download  # noqa: PLC0415  takes a second
    from huggingface_hub.errors import HFValidationError  # noqa: PLC0415

    name, _, revision = name_or_path.partition("@")
    try:
        return Path(snapshot_download(name, revision=revision or None, ignore_patterns=list(_OTHER_FORMATS)))
    except HFValidationError:
        raise ArtifactMissing(
            f"{name_or_path} is neither a directory nor a hub name; correct KANSRIJK_ENCODER"
        ) from None
    except OSError as error:  # not found, not allowed and no connection are all OSErrors of the hub's library
        raise ArtifactMissing(
            f"encoder {name_or_path} is not on this machine and not to be had from the hub "
            f"({type(error).__name__}); check name and connection, or set KANSRIJK_ENCODER to a directory"
        ) from error


def _fingerprint(directory: Path, prompts: list[str]) -> str:
    digest = hashlib.sha256(repr(prompts).encode())
    for file in sorted(directory.rglob("*")):
        name = file.relative_to(directory)
        hidden = any(part.startswith(".") for part in name.parts)
        if file.is_file() and file.suffix not in _NOT_CONTENT and not hidden:
            with file.open("rb") as content:
                digest.update(f"\0{name}\0{hashlib.file_digest(content, 'sha256').hexdigest()}".encode())
    return "st-" + digest.hexdigest()[:16]


def _encodable(text: str) -> str:
    """Tokenizers take UTF-8 only; half a surrogate pair becomes a question mark."""
    return text[:MAX_TEXT_CHARS].encode("utf-8", "replace").decode()
