"""The loss: names, documents and skills near their concepts' anchors, and near other names of the same concept."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as nn

from training.encoder.pairs import Batch


@dataclass(frozen=True, slots=True)
class LossWeights:
    """Shares of the parts of the loss.

    Attributes:
        names: names against the anchors of all occupations.
        documents: documents against the same.
        skills: skills against the anchors of all skills.
        trades: skills against the anchors of the occupations that need them.
        glossary: terms against the meanings of the batch.
        groups: names of ISCO groups against the anchors of their occupations.
        partners: names and documents against the names of the batch (InfoNCE with several positives).
        smoothing: share of a target that goes to the occupations of the same ISCO unit group.
        temperature: divides all cosines.
        rivalry: how many times a skill counts as a negative of one that does something else with the same thing.
    """

    names: float = 1.0
    documents: float = 0.7
    skills: float = 0.4
    trades: float = 0.3
    glossary: float = 0.4
    groups: float = 0.2
    partners: float = 0.8
    smoothing: float = 0.1
    temperature: float = 0.06
    rivalry: float = 8.0


class Objective(torch.nn.Module):
    """Holds the anchors, which are learned with the features.

    Args:
        groups: the ISCO unit group of each occupation.
        n_skills: number of skills.
        dim: components of a vector.
        weights: shares of the parts.
    """

    def __init__(self, groups: Sequence[str], n_skills: int, dim: int, weights: LossWeights) -> None:
        super().__init__()
        self.anchors = torch.nn.Parameter(torch.randn(len(groups), dim) / dim**0.5)
        self.skills = torch.nn.Parameter(torch.randn(n_skills, dim) / dim**0.5)
        self._weights = weights
        numbers = np.unique(np.array(groups), return_inverse=True)[1]
        same = torch.from_numpy((numbers[:, None] == numbers[None, :]).astype(np.float32))
        self._neighbours = same / same.sum(dim=1, keepdim=True)
        self._numbers = torch.from_numpy(numbers)
        self._n_fields = int(numbers.max()) + 1

    def unit_anchors(self) -> torch.Tensor:
        """Anchors of the occupations, unit rows."""
        return nn.normalize(self.anchors, dim=1)

    @torch.no_grad()
    def unit_fields(self) -> torch.Tensor:
        """Mean anchor of each ISCO unit group, unit rows."""
        totals = torch.zeros(self._n_fields, self.anchors.shape[1])
        return nn.normalize(totals.index_add(0, self._numbers, self.unit_anchors()), dim=1)

    def forward(
        self,
        names: torch.Tensor,
        partners: torch.Tensor,
        documents: torch.Tensor,
        skills: torch.Tensor,
        others: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
        batch: Batch,
    ) -> torch.Tensor:
        """The loss of a step.

        Args:
            names: unit rows, shape (names, dim); the others likewise.
            partners: one for each name.
            documents: of the first names' concepts.
            skills: one for each skill drawn.
            others: terms, their meanings, and groups.
            batch: the concepts they belong to.
        """
        weights, anchors = self._weights, self.unit_anchors()
        loss = weights.names * self._against_anchors(names, anchors, batch.targets)
        concepts = torch.tensor(batch.concepts)
        queries, owners = names, concepts
        if len(documents):
            targets = [(number,) for number in batch.document_concepts]
            loss = loss + weights.documents * self._against_anchors(documents, anchors, targets)
            queries = torch.cat([names, documents])
            owners = torch.cat([concepts, torch.tensor(batch.document_concepts)])
        if len(skills):
            loss = loss + weights.skills * self._against_skills(skills, batch)
            rows = [row for row, owners in enumerate(batch.skill_occupations) if owners]
            if weights.trades and rows:
                trades = [batch.skill_occupations[row] for row in rows]
                loss = loss + weights.trades * self._against_anchors(skills[rows], anchors, trades)
        terms, meanings, groups = others
        if len(terms):
            logits = terms @ meanings.T / weights.temperature
            loss = loss + weights.glossary * nn.cross_entropy(logits, torch.arange(len(terms)))
        if len(groups):
            loss = loss + weights.groups * self._against_anchors(groups, anchors, batch.group_occupations)
        positives = (owners[:, None] == concepts[None, :]).float()
        positives = positives / positives.sum(dim=1, keepdim=True)
        logs = nn.log_softmax(queries @ partners.T / weights.temperature, dim=1)
        return loss - weights.partners * (positives * logs).sum(dim=1).mean()

    def _against_skills(self, rows: torch.Tensor, batch: Batch) -> torch.Tensor:
        logits = rows @ nn.normalize(self.skills, dim=1).T / self._weights.temperature
        counts = torch.tensor([len(found) for found in batch.skill_rivals])
        columns = torch.tensor([rival for found in batch.skill_rivals for rival in found], dtype=torch.long)
        more = torch.tensor(math.log(self._weights.rivalry))  # e^(x + log n) is n times e^x
        logits = logits.index_put((torch.repeat_interleave(counts), columns), more, accumulate=True)
        return nn.cross_entropy(logits, torch.tensor(batch.skill_concepts))

    def _against_anchors(
        self, rows: torch.Tensor, anchors: torch.Tensor, targets: Sequence[tuple[int, ...]]
    ) -> torch.Tensor:
        logs = nn.log_softmax(rows @ anchors.T / self._weights.temperature, dim=1)
        share = self._weights.smoothing
        wanted = share * self._neighbours[[owners[0] for owners in targets]]
        rows_of = torch.tensor([row for row, owners in enumerate(targets) for _ in owners])
        columns = torch.tensor([owner for owners in targets for owner in owners])
        parts = torch.tensor([(1.0 - share) / len(owners) for owners in targets for _ in owners])
        wanted.index_put_((rows_of, columns), parts, accumulate=True)
        return -(wanted * logs).sum(dim=1).mean()


def sums(
    values: torch.Tensor,
    columns: Sequence[int],
    counts: npt.NDArray[np.int64],
    weights: npt.NDArray[np.float32],
) -> torch.Tensor:
    """Weighted sums of groups of rows.

    Args:
        values: shape (n, dim).
        columns: rows of ``values``, group after group.
        counts: how many of them each group takes; positive.
        weights: one for each of ``columns``.

    Returns:
        Shape (len(counts), dim).
    """
    starts = torch.from_numpy(np.cumsum(counts) - counts)
    picked = torch.tensor(columns, dtype=torch.long)
    return nn.embedding_bag(picked, values, starts, mode="sum", per_sample_weights=torch.from_numpy(weights))
