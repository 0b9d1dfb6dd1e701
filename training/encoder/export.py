"""Writes the model folder, which sentence-transformers and :class:`embeddings.hashed.HashedNgramEncoder` read."""

import json
import os
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file

from embeddings.encoder import unit_rows
from embeddings.hashed import CONFIG_FILE, WEIGHTS_FILE, HashedNgramEncoder, HashedWeights

_MODULES = [{"idx": 0, "name": "0", "path": "", "type": "embeddings.st_modules.HashedNgramModule"}]
_SENTENCE_TRANSFORMERS: dict[str, object] = {"similarity_fn_name": "dot", "prompts": {}, "default_prompt_name": None}
_STEPS = 127

Floats = npt.NDArray[np.float32]


class ModelReport(Protocol):
    """What a training tells of its model."""

    def as_json(self) -> dict[str, object]:
        """Plain values for ``report.json``."""
        ...

    def card(self) -> str:
        """The README of the model folder."""
        ...


def quantise(keys: npt.NDArray[np.uint64], vectors: Floats, anchors: Floats, fields: Floats) -> HashedWeights:
    """Rounds each feature's vector to 8 bits of its largest component, anchors and fields to 16 bits."""
    scales = (np.abs(vectors).max(axis=1) / _STEPS).astype(np.float32)
    safe = np.where(scales > 0, scales, np.float32(1.0))
    table = np.rint(vectors / safe[:, None]).astype(np.int8)
    return HashedWeights(keys, table, scales, _halved(anchors), _halved(fields))


def write_model(out: Path, encoder: HashedNgramEncoder, report: ModelReport) -> None:
    """Writes the folder beside, then renames it: a reader sees the old one or the new one, never a part."""
    out.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".writing-", dir=out.parent))
    try:
        _write_files(beside, encoder, report)
        beside.chmod(0o755)  # mkdtemp made it private
        if out.exists():
            retired = Path(tempfile.mkdtemp(prefix=".retired-", dir=out.parent))
            os.replace(out, retired / out.name)  # noqa: PTH105 (Path.replace would do the same)
            beside.rename(out)
            shutil.rmtree(retired)
        else:
            beside.rename(out)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _write_files(folder: Path, encoder: HashedNgramEncoder, report: ModelReport) -> None:
    weights = encoder.weights
    tensors = {
        "keys": weights.keys,
        "table": weights.table,
        "scales": weights.scales,
        "anchors": weights.anchors.astype(np.float16),
        "fields": weights.fields.astype(np.float16),
    }
    save_file({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}, folder / WEIGHTS_FILE)
    (folder / WEIGHTS_FILE).chmod(0o644)  # safetensors lets only the owner read
    _write_json(folder / CONFIG_FILE, asdict(encoder.config))
    _write_json(folder / "modules.json", _MODULES)
    _write_json(folder / "config_sentence_transformers.json", _SENTENCE_TRANSFORMERS)
    _write_json(folder / "report.json", report.as_json())
    (folder / "README.md").write_text(report.card(), encoding="utf-8")


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _halved(rows: Floats) -> Floats:
    """Unit rows as they are after a round trip through the file."""
    return unit_rows(rows).astype(np.float16).astype(np.float32)
