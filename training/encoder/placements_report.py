"""What a training on placements gave, and the model card of an adapted encoder."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from training.evaluation import Estimate

REPORT_FILE = "report.json"


@dataclass(frozen=True, slots=True)
class PlacementsReport:
    """Result of a training on placements.

    Attributes:
        version: of the adapted encoder; it is written only when ``promoted``.
        started_from: version of the encoder that it started from.
        label: what counted as retained.
        trained_as_of: nothing after this moment was looked at.
        judged_from: the judged placements were shown from this moment on.
        placements: retained placements that the adapted encoder learned from.
        learned_before_judging: those of them that were known when the judged period began.
        words: words whose vectors were moved.
        metrics: of the encoder before and after, out of time, with intervals over lists.
        forgetting: scores on names and phrases that have nothing to do with the customer, before and after.
        promoted: whether the gate let it pass.
        reasons: the gate's.
    """

    version: str
    started_from: str
    label: str
    trained_as_of: str
    judged_from: str
    placements: int
    learned_before_judging: int
    words: int
    metrics: dict[str, Estimate]
    forgetting: dict[str, float]
    promoted: bool
    reasons: list[str]

    def as_json(self) -> dict[str, object]:
        """Plain values."""
        return asdict(self)

    def card(self) -> str:
        """The README of the model folder, and the report in MLflow."""
        rows = "\n".join(
            f"| {name} | {value.value:.4f} | {value.low:.4f} to {value.high:.4f} | {value.n_lists} |"
            for name, value in self.metrics.items()
        )
        kept = "\n".join(f"| {name} | {value:.3f} |" for name, value in self.forgetting.items())
        reasons = "\n".join(f"- {reason}" for reason in self.reasons)
        return _CARD.format(report=self, rows=rows, kept=kept, reasons=reasons)


def started_from(folder: Path) -> str | None:
    """Version of the encoder that the one in ``folder`` was adapted from; None when it learned from no placements."""
    try:
        report = json.loads((folder / REPORT_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    found = report.get("started_from") if isinstance(report, dict) else None
    return str(found) if found is not None else None


_CARD = """---
language: [nl, en]
library_name: sentence-transformers
tags: [sentence-similarity, feature-extraction, occupations, skills]
---

# Kansrijk's Dutch encoder, adapted with own placements

`{report.version}`, adapted from `{report.started_from}`: the vectors of {report.words} words were moved, so that people
who stayed ({report.label}) lie nearer to their vacancy. It is read, and as fast, as what it was adapted from.

{reasons}

## Data

{report.placements} retained placements known on {report.trained_as_of}, with the texts of the vacancy, of the talent
and of other talents who were shown in the four weeks before, each as it was then, without contact data and statements
on name, age, gender and health. It holds no text and no record; a word was moved only when at least five people or
vacancies use it. **It is derived from personal data**: when one of these people has been erased, train it again and
remove this folder. It is for the organisation whose placements these are; do not pass it on.

## Scores

Learned from the {report.learned_before_judging} placements known on {report.judged_from} and judged on later ones, 95 %
intervals over lists. *pool*: among all who were shown in the four weeks up to the list; *beside*: on the same list.

| measure | value | 95 % interval | lists |
|---|---|---|---|
{rows}

Names and phrases that have nothing to do with these placements (MRR, share right):

| measure | value |
|---|---|
{kept}

## Limits

It learned from whom matchmakers showed and placed in the past, with their habits. People who were never shown took no
part. Those of the encoder it was adapted from hold as well. ESCO: this service uses the ESCO classification of the
European Commission. The shipped weights are EUPL-1.2.
"""
