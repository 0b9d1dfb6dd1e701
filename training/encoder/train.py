"""Trains the encoder from ESCO, the same for the same seed on the same machine."""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as nn

from core.errors import TrainingRefused
from embeddings.hashed import HashedConfig, HashedNgramEncoder, pieces_of, words_of
from training.encoder.esco import Esco, read_esco
from training.encoder.evaluate import score
from training.encoder.export import quantise, write_model
from training.encoder.objective import LossWeights, Objective, sums
from training.encoder.pairs import BOILERPLATE, Sampler, glossary
from training.encoder.report import EncoderReport
from training.encoder.splits import all_labels, held_out
from training.encoder.table import FeatureTable, WordBatch, known_features, text_counts
from training.encoder.world_texts import world_deeds

_MIN_OCCUPATIONS = 50
_WARM_UP_STEPS = 50
_LOG_EVERY = 100
_TERM_COUNT = 3
"""A term stands for this many texts: each gets a vector."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """How to train; the defaults made the shipped model.

    Attributes:
        seed: of the start, the examples and the dropout.
        steps: number of batches.
        minutes: stop after this long even if steps are left; None for no limit. A model that was stopped by the
            clock is not reproducible, and its report says so.
        dim: components of a vector.
        names, documents, skills, terms, groups: examples of each kind in a batch.
        feature_rate, anchor_rate: step sizes of features and anchors, both by Adam.
        feature_dropout: share of a word's features left out at random.
        word_dropout: share of a text's words left out at random.
        threads: of torch.
        world: learn from the wording of the synthetic world's skills too.
    """

    seed: int = 0
    steps: int = 500
    minutes: float | None = None
    dim: int = 256
    names: int = 768
    documents: int = 384
    skills: int = 384
    terms: int = 384
    groups: int = 96
    feature_rate: float = 0.008
    anchor_rate: float = 0.008
    feature_dropout: float = 0.2
    word_dropout: float = 0.1
    threads: int = 1
    world: bool = False
    losses: LossWeights = field(default_factory=LossWeights)
    encoder: HashedConfig = field(default_factory=HashedConfig)


def train_encoder(
    esco_dir: Path, out: Path, *, seed: int = 0, minutes: float | None = None, plan: TrainingPlan | None = None
) -> EncoderReport:
    """Trains twice: without the held-out names, for the report, and with all of ESCO, for use.

    Args:
        esco_dir: ESCO in Dutch and English; see :func:`training.encoder.esco.read_esco`.
        out: folder for the model, written beside and then renamed; what was there is replaced.
        seed: of everything that is drawn; ``plan``'s own seed is ignored.
        minutes: limit of each of the two trainings.
        plan: everything else; None for the defaults.

    Raises:
        FileUnreadable: ESCO is incomplete.
        TrainingRefused: there are too few occupations to learn from.
    """
    plan = replace(plan or TrainingPlan(), seed=seed, minutes=minutes)
    esco = read_esco(esco_dir)
    if len(esco.occupations) < _MIN_OCCUPATIONS:
        raise TrainingRefused(f"{esco_dir} has fewer than {_MIN_OCCUPATIONS} occupations; give all of ESCO")
    split = held_out(esco, seed=seed)
    started = time.monotonic()
    trial, _ = fit(esco, split.labels, plan)
    names, concepts = score(trial, split.names), score(trial, split.concepts)
    encoder, steps = fit(esco, all_labels(esco), plan)
    report = EncoderReport(
        seed=seed,
        steps=steps,
        stopped_by_clock=steps < plan.steps,
        seconds=time.monotonic() - started,
        version=encoder.version,
        features=encoder.n_features,
        held_out_names=names,
        held_out_concepts=concepts,
    )
    write_model(out, encoder, report)
    return report


def fit(esco: Esco, labels: Mapping[int, Sequence[str]], plan: TrainingPlan) -> tuple[HashedNgramEncoder, int]:
    """Trains once.

    Args:
        esco: descriptions, skills and English names.
        labels: the Dutch names to learn from, by number of the occupation; absent occupations are not seen.
        plan: how.

    Returns:
        The encoder, and the number of steps taken.
    """
    torch.set_num_threads(plan.threads)
    torch.manual_seed(plan.seed)
    trainer = _Trainer(esco, labels, plan)
    deadline = time.monotonic() + 60.0 * plan.minutes if plan.minutes else float("inf")
    step = 0
    while step < plan.steps and time.monotonic() < deadline:
        loss = trainer.step(step / plan.steps, step)
        step += 1
        if step % _LOG_EVERY == 0:
            _log.info("step %d of %d, loss %.3f", step, plan.steps, loss)
    return trainer.encoder(), step


class _Trainer:
    def __init__(self, esco: Esco, labels: Mapping[int, Sequence[str]], plan: TrainingPlan) -> None:
        self._plan = plan
        self._rng = np.random.default_rng(plan.seed)
        self._sampler = Sampler(esco, labels, plan.seed, world_deeds(labels) if plan.world else None)
        keys, counts = known_features(*_vocabularies(esco, labels))
        self._table = FeatureTable(keys, counts, plan.dim, self._rng)
        groups = [concept.group for concept in esco.occupations]
        self._objective = Objective(groups, len(esco.skills), plan.dim, plan.losses)
        self._optimiser = torch.optim.Adam(self._objective.parameters(), lr=plan.anchor_rate)
        self._seen = sorted(labels)

    def step(self, progress: float, number: int) -> float:
        """Draws a batch and learns from it; ``progress`` from 0 to 1 lowers the step size to almost nothing."""
        plan = self._plan
        scale = min(1.0, (number + 1) / _WARM_UP_STEPS) * max(0.02, 1.0 - progress)
        batch = self._sampler.batch(plan.names, plan.documents, plan.skills, plan.terms, plan.groups)
        parts = (
            batch.names, batch.partners, batch.documents, batch.skills, batch.terms, batch.meanings, batch.groups,
        )  # fmt: skip
        words, vectors, rows = self._forward([text for part in parts for text in part])
        sizes = [len(part) for part in parts]
        names, partners, documents, skills, *others = torch.split(rows, sizes)
        loss = self._objective(names, partners, documents, skills, tuple(others), batch)
        for group in self._optimiser.param_groups:
            group["lr"] = plan.anchor_rate * scale
        self._optimiser.zero_grad()
        loss.backward()
        self._optimiser.step()
        if vectors.grad is not None:
            self._table.learn(words, vectors.grad.numpy(), plan.feature_rate * scale)
        return float(loss.item())

    def _forward(self, texts: Sequence[str]) -> tuple[WordBatch, torch.Tensor, torch.Tensor]:
        """Embeds texts with dropout, all pieces counting equally: every sentence must learn what it is worth.

        Training with the encoder's attention as well made no difference beyond the noise (``docs/encoder.md``).
        """
        numbers: dict[str, int] = {}
        columns: list[int] = []
        lengths: list[int] = []
        pieces: list[int] = []
        for text in texts:
            found = pieces_of(text, self._plan.encoder.piece_words) or [[""]]
            pieces.append(len(found))
            for piece in found:
                columns += [numbers.setdefault(word, len(numbers)) for word in piece]
                lengths.append(len(piece))
        words = self._table.words(list(numbers), self._plan.feature_dropout)
        vectors = torch.from_numpy(words.vectors).requires_grad_()
        per_piece, per_text = np.array(lengths), np.array(pieces)
        kept = self._rng.random(len(columns)) >= self._plan.word_dropout
        kept |= np.repeat(per_piece == 1, per_piece)
        piece_rows = sums(vectors, columns, per_piece, kept.astype(np.float32))
        pooled = sums(piece_rows, range(len(lengths)), per_text, np.ones(len(lengths), dtype=np.float32))
        return words, vectors, nn.normalize(pooled, dim=1)

    def encoder(self) -> HashedNgramEncoder:
        """What was learned, as it will be shipped: rounded to eight bits."""
        anchors = self._objective.unit_anchors().detach().numpy()[self._seen]
        fields = self._objective.unit_fields().numpy()
        weights = quantise(self._table.keys, self._table.vectors, anchors, fields)
        return HashedNgramEncoder(weights, self._plan.encoder)


def _vocabularies(esco: Esco, labels: Mapping[int, Sequence[str]]) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Words of the texts that may be seen: Dutch and English."""
    dutch: list[str] = BOILERPLATE.read_text(encoding="utf-8").splitlines()
    for term, meaning in glossary():
        dutch += [term] * _TERM_COUNT + [meaning]
    dutch += esco.groups.values()
    english: list[str] = []
    for number, names in labels.items():
        dutch += [*names, esco.occupations[number].description_nl]
        english += esco.occupations[number].labels_en
    for skill in esco.skills:
        dutch += [*skill.labels_nl, skill.description_nl]
        english += skill.labels_en[:3]
    return text_counts([words_of(text) for text in dutch]), text_counts([words_of(text) for text in english])
