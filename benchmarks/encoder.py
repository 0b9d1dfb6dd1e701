"""Compares encoders on the stand-ins of ``docs/encoder.md``; each row of its table is one run of this command.

    python -m benchmarks.encoder --esco DIR --encoder shipped
    python -m benchmarks.encoder --esco DIR --encoder tfidf
    python -m benchmarks.encoder --esco DIR --encoder trained --keep TRIAL
    python -m benchmarks.encoder --esco DIR --encoder shipped --model TRIAL --attention 0 --association 0
    python -m benchmarks.encoder --esco DIR --encoder sentence-transformers --model PATH

``trained`` trains without the held-out names first, and ``--keep`` writes what it gave, so that ``shipped --model``
can measure it with other settings. What is shipped has seen those names: its first two figures are no test.
"""

import argparse
import json
import random
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from embeddings.encoder import Encoder, TextKind, Vectors, unit_rows
from embeddings.hashed import HashedConfig, HashedNgramEncoder
from training.encoder.esco import Esco, read_esco
from training.encoder.evaluate import LinkingTask, score
from training.encoder.export import write_model
from training.encoder.objective import LossWeights
from training.encoder.pairs import label_key
from training.encoder.report import EncoderReport
from training.encoder.splits import Split, all_labels, held_out, linking_task
from training.encoder.train import TrainingPlan, fit

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

DATA = Path(__file__).parents[1] / "training" / "encoder" / "data"
SHIPPED = Path(__file__).parents[1] / "embeddings" / "models" / "werk-nl"
N_TITLES = 1_079
ENCODERS = ("shipped", "trained", "tfidf", "sentence-transformers")
MENTIONS = (
    "Wij zoeken een {}.", "Als {} kom je bij ons in een hecht team terecht.", "Vacature {} in Rotterdam.",
    "Ben jij de {} die wij zoeken?", "Ervaring als {} is mooi meegenomen.",
    "In de functie van {} heb je een afwisselende baan.",
)  # fmt: skip


class CharacterTfidf:
    """Character n-grams of 3 to 5 with inverse document frequency, hashed to 2^14 axes: the untrained baseline.

    Hashing keeps the vectors dense, as the protocol wants them. It hardly matters for names; on advertisements with a
    mention a full vocabulary scored 0.12 higher.
    """

    version = "tfidf-3-5"
    dim = 1 << 14

    def __init__(self, texts: Sequence[str]) -> None:
        from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer  # noqa: PLC0415

        self._hasher = HashingVectorizer(
            analyzer="char_wb", ngram_range=(3, 5), n_features=self.dim, norm=None, alternate_sign=False
        )
        self._weights = TfidfTransformer(sublinear_tf=True).fit(self._hasher.transform(texts))

    def encode(self, texts: Sequence[str], *, kind: TextKind = TextKind.PASSAGE) -> Vectors:  # noqa: ARG002
        """Embeds texts."""
        dense: Vectors = self._weights.transform(self._hasher.transform(texts)).toarray().astype(np.float32)
        return dense


class SentenceTransformersEncoder:
    """Any model that sentence-transformers can load."""

    def __init__(self, model: "SentenceTransformer", version: str) -> None:
        self._model = model
        self.version = version
        self.dim = int(self._model.get_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str], *, kind: TextKind = TextKind.PASSAGE) -> Vectors:  # noqa: ARG002
        """Embeds texts."""
        return unit_rows(self._model.encode(list(texts), batch_size=64, show_progress_bar=False))


class Joined:
    """Two encoders side by side, each with the root of its share: their inner product is the weighted sum."""

    def __init__(self, first: Encoder, second: Encoder, share: float) -> None:
        self._parts = ((first, share**0.5), (second, (1.0 - share) ** 0.5))
        self.version = f"{first.version}+{second.version}"
        self.dim = first.dim + second.dim

    def encode(self, texts: Sequence[str], *, kind: TextKind = TextKind.PASSAGE) -> Vectors:
        """Embeds texts."""
        parts = [encoder.encode(texts, kind=kind) * np.float32(root) for encoder, root in self._parts]
        return unit_rows(np.hstack(parts))


def hand_written_names(esco: Esco) -> LinkingTask:
    """Occupation names written by hand in the style of official lists, and the ESCO labels that mean the same."""
    return _named(esco, _lines("names_nl.tsv"))


def official_style_names(esco: Esco, *, choosing: bool) -> LinkingTask:
    """A second list, larger and harder: its odd lines for choosing a recipe, its even lines for reporting."""
    return _named(esco, _lines("names_official_style_nl.tsv")[0 if choosing else 1 :: 2])


def _lines(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def _named(esco: Esco, lines: Sequence[Sequence[str]]) -> LinkingTask:
    """Links names to all labels of the occupations whose labels are given with them, separated by bars."""
    labels = all_labels(esco)
    owners: dict[str, list[tuple[int, int]]] = {}
    for number, names in labels.items():
        for place, name in enumerate(names):
            owners.setdefault(label_key(name), []).append((number, place))
    queries: list[str] = []
    wanted: list[set[int]] = []
    for query, answers in lines:
        found: set[int] = set()
        for answer in answers.split("|"):
            hits = owners.get(label_key(answer), [])
            found |= {number for number, place in hits if place == 0} or {number for number, _ in hits[:2]}
        if found:
            queries.append(query)
            wanted.append(found)
    bare = linking_task([(query, min(found)) for query, found in zip(queries, wanted, strict=True)], labels)
    rows = {name: row for row, name in enumerate(bare.corpus)}
    relevant = tuple(tuple(sorted({rows[name] for n in found for name in labels[n]})) for found in wanted)
    return LinkingTask(bare.queries, bare.corpus, relevant, (-1,) * len(queries))


def advertisements(esco: Esco, share_mentioned: float, *, seed: int = 3) -> LinkingTask:
    """Hand-written advertisements among boilerplate, to be linked to their title among 1,079.

    Args:
        esco: the other titles are its names.
        share_mentioned: share of the advertisements in which a sentence names the occupation.
        seed: of the drawing.
    """
    rng = random.Random(seed)  # noqa: S311 (not for secrets)
    rows = _lines("ads_nl.tsv")
    frames = (DATA / "ad_frames_nl.txt").read_text(encoding="utf-8").splitlines()
    titles = {label_key(title): title for title, _ in rows}
    for concept in rng.sample(esco.occupations, len(esco.occupations)):
        if len(titles) < N_TITLES:
            name = rng.choice(concept.labels_nl)
            titles.setdefault(label_key(name), name)
    texts = []
    for title, body in rows:
        parts = [*rng.sample(frames, 7), body]
        if rng.random() < share_mentioned:
            parts.insert(rng.randrange(4), rng.choice(MENTIONS).format(title.lower()))
        texts.append(" ".join(parts))
    relevant = tuple((row,) for row in range(len(rows)))
    return LinkingTask(tuple(texts), tuple(titles.values()), relevant, (-1,) * len(rows))


def phrase_accuracy(encoder: Encoder, name: str = "phrases_nl.tsv") -> float:
    """Share of the triples in which the phrase is nearer to its synonym than to the other trade."""
    rows = _lines(name)
    first, same, other = (encoder.encode([row[place] for row in rows], kind=TextKind.PHRASE) for place in range(3))
    return float(np.mean((first * same).sum(axis=1) > (first * other).sum(axis=1)))


def speed(encoder: Encoder, texts: Sequence[str]) -> float:
    """Texts a second, the second time round: a service has seen most words before."""
    encoder.encode(texts)
    started = time.perf_counter()
    encoder.encode(texts)
    return len(texts) / (time.perf_counter() - started)


def measure(encoder: Encoder, esco: Esco, split: Split) -> dict[str, object]:
    """All figures of one encoder."""
    plain, mentioned = advertisements(esco, 0.0), advertisements(esco, 0.5)
    names = hand_written_names(esco)
    return {
        "held_out_names": asdict(score(encoder, split.names)),
        "held_out_concepts": asdict(score(encoder, split.concepts)),
        "hand_written_names": asdict(score(encoder, names)),
        "official_style_names_chosen_on": asdict(score(encoder, official_style_names(esco, choosing=True))),
        "official_style_names": asdict(score(encoder, official_style_names(esco, choosing=False))),
        "advertisements": asdict(score(encoder, plain)),
        "advertisements_mentioned": asdict(score(encoder, mentioned)),
        "phrases": phrase_accuracy(encoder),
        "phrases_test": phrase_accuracy(encoder, "phrases_test_nl.tsv"),
        "short_texts_per_second": speed(encoder, split.names.corpus[:5_000]),
        "advertisements_per_second": speed(encoder, plain.queries * 4),
    }


def _encoder(arguments: argparse.Namespace, esco: Esco, split: Split) -> Encoder:
    match arguments.encoder:
        case "shipped":
            return _configured(HashedNgramEncoder.load(arguments.model or SHIPPED), arguments)
        case "trained":
            losses = LossWeights(names=arguments.names, documents=arguments.documents, skills=arguments.skills)
            plan = TrainingPlan(
                seed=arguments.seed,
                steps=arguments.steps,
                losses=losses,
                terms=arguments.terms,
                groups=arguments.groups,
            )
            encoder, steps = fit(esco, split.labels, plan)
            if arguments.keep:
                _keep(encoder, steps, split, arguments)
            return _configured(encoder, arguments)
        case "sentence-transformers":
            from sentence_transformers import SentenceTransformer  # noqa: PLC0415

            return SentenceTransformersEncoder(SentenceTransformer(arguments.model, device="cpu"), arguments.model)
        case _:
            return CharacterTfidf(_tfidf_texts(esco, split))


def _keep(encoder: HashedNgramEncoder, steps: int, split: Split, arguments: argparse.Namespace) -> None:
    """Writes a model folder whose card says how the model does on what it has not seen."""
    report = EncoderReport(
        seed=arguments.seed,
        steps=steps,
        stopped_by_clock=False,
        seconds=0.0,
        version=encoder.version,
        features=encoder.n_features,
        held_out_names=score(encoder, split.names),
        held_out_concepts=score(encoder, split.concepts),
    )
    write_model(arguments.keep, encoder, report)


def _tfidf_texts(esco: Esco, split: Split) -> list[str]:
    texts = list(split.names.corpus)
    texts += [concept.description_nl for concept in (*esco.occupations, *esco.skills)]
    return texts


def _configured(encoder: HashedNgramEncoder, arguments: argparse.Namespace) -> HashedNgramEncoder:
    config = replace(
        encoder.config,
        attention_power=arguments.attention,
        association_weight=arguments.association,
        phrase_association_weight=arguments.phrase_association,
        unknown_weight=arguments.unknown,
    )
    return HashedNgramEncoder(encoder.weights, config)


def main() -> None:
    """Prints one JSON object."""
    defaults, losses, plan = HashedConfig(), LossWeights(), TrainingPlan()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--esco", type=Path, required=True)
    parser.add_argument("--encoder", choices=ENCODERS, required=True)
    parser.add_argument("--model", help="path of a model")
    parser.add_argument("--keep", type=Path, help="where to write the trained model")
    parser.add_argument("--tfidf-share", type=float, default=0.0, help="join with character TF-IDF by this share")
    parser.add_argument("--attention", type=float, default=defaults.attention_power)
    parser.add_argument("--association", type=float, default=defaults.association_weight)
    parser.add_argument("--phrase-association", type=float, default=defaults.phrase_association_weight)
    parser.add_argument("--unknown", type=float, default=defaults.unknown_weight)
    parser.add_argument("--names", type=float, default=losses.names, help="share of this loss in training")
    parser.add_argument("--documents", type=float, default=losses.documents)
    parser.add_argument("--skills", type=float, default=losses.skills)
    parser.add_argument("--steps", type=int, default=plan.steps)
    parser.add_argument("--terms", type=int, default=plan.terms, help="words of the glossary in a step")
    parser.add_argument("--groups", type=int, default=plan.groups, help="names of ISCO groups in a step")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    esco = read_esco(arguments.esco)
    split = held_out(esco, seed=0)
    encoder = _encoder(arguments, esco, split)
    if arguments.tfidf_share:
        encoder = Joined(encoder, CharacterTfidf(_tfidf_texts(esco, split)), 1.0 - arguments.tfidf_share)
    print(json.dumps(measure(encoder, esco, split), indent=2))


if __name__ == "__main__":
    main()
