"""What a training gave, and the model card that goes with the model."""

from dataclasses import asdict, dataclass

from training.encoder.evaluate import EncoderMetrics


@dataclass(frozen=True, slots=True)
class EncoderReport:
    """Result of a training.

    Attributes:
        seed: of everything that was drawn.
        steps: batches learned from.
        stopped_by_clock: the time limit came before the last step; such a model is not reproducible.
        seconds: of both trainings together.
        version: of the encoder that was written.
        features: features with a learned vector.
        held_out_names: unseen names of seen occupations, by a model that was trained without them.
        held_out_concepts: names of unseen occupations, by the same.
    """

    seed: int
    steps: int
    stopped_by_clock: bool
    seconds: float
    version: str
    features: int
    held_out_names: EncoderMetrics
    held_out_concepts: EncoderMetrics

    def as_json(self) -> dict[str, object]:
        """Plain values for a JSON file; speed and duration are left out, they are not the model's."""
        values = asdict(self)
        del values["seconds"]
        for task in ("held_out_names", "held_out_concepts"):
            del values[task]["texts_per_second"]
        return values

    def card(self) -> str:
        """The README of the model folder."""
        return model_card(self)


def model_card(report: EncoderReport) -> str:
    """The README of the model folder."""
    rows = "\n".join(
        f"| {name} | {metrics.queries} | {metrics.map:.3f} | {metrics.mrr:.3f} | {metrics.success_1:.3f} |"
        f" {metrics.recall_10:.3f} |"
        for name, metrics in (
            ("unseen names of seen occupations", report.held_out_names),
            ("names of unseen occupations", report.held_out_concepts),
        )
    )
    return _CARD.format(report=report, rows=rows)


_CARD = """---
language: [nl, en]
license: eupl-1.2
library_name: sentence-transformers
tags: [sentence-similarity, feature-extraction, occupations, skills, esco]
---

# Kansrijk's Dutch encoder for work

Turns Dutch (and English) occupation names, skills, advertisements and presentations into vectors of unit length whose
inner product is their similarity. {report.features} words and character n-grams have a learned vector of 256
components; no neural network is run, so a laptop embeds thousands of texts a second.

```python
from sentence_transformers import SentenceTransformer

model = SentenceTransformer("embeddings/models/werk-nl", trust_remote_code=True)
```

The module is `embeddings.st_modules.HashedNgramModule` of this product; since version 6 sentence-transformers asks for
`trust_remote_code=True` for every class that is not its own. Nothing is fetched.

`embeddings.hashed.HashedNgramEncoder.load` reads the same folder without torch and gives the same vectors.

## Data, licence and attribution

Trained on nothing but ESCO v1.2.1 (Dutch and English names, descriptions, skills, relations, names of ISCO groups),
some 340 sentences of advertisement boilerplate, and a glossary of some 2,200 Dutch words of work (places, tools,
materials, deeds, abbreviations; no job titles) with their meaning, the last two written for this project. **This
service uses the ESCO classification of the European Commission**; re-use with attribution under Commission Decision
2011/833/EU; adapted. The weights are EUPL-1.2.

## Intended use

Finding and ranking jobs and people by meaning, as one signal among others and with a person deciding. Not for
judging people, and not as the only ground to turn anyone down.

## Scores

Held out from training, in ESCO's own style (so easier than other people's lists); made by `kansrijk encoder train`:

| task | queries | MAP | MRR | success@1 | recall@10 |
|---|---|---|---|---|---|
{rows}

The scores are of a model trained without the held-out names (seed {report.seed}); the shipped model has seen all of
ESCO. Version: `{report.version}`. More, with baselines and ablations: `docs/encoder.md`.

## Limits

- It knows ESCO's words. A trade, tool or brand that ESCO does not name is known by its letters only.
- Word order is not seen: "A helpt B" equals "B helpt A", and "geen" weighs little.
- ESCO names occupations in male and female forms; both lie close together, but not always equally close to all texts.
- Other languages than Dutch and English are not understood.
"""
