"""How fast the default encoder is on this machine; best measured when nothing else runs.

    python -m benchmarks.encoder_speed
    python -m benchmarks.encoder_speed --threads 1

Prints one JSON object: short texts and advertisements of 300 words a second, all threads together; one short text after
another in milliseconds (median and 95th percentile); and the seconds from the start of a process to its first vector
(the best of five). Texts are made from a seed out of the encoder's own kind of words. The encoder remembers words that
it has met, and a running service has met most: advertisements are timed once with words that all were met before in
other advertisements, and, like the short texts, once with a tenth of the words made up and never met.
"""

import argparse
import json
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from core.settings import Settings
from embeddings.encoder import Encoder
from embeddings.loading import load_encoder

ROOT = Path(__file__).parents[1]
WORDS = ROOT / "training" / "encoder" / "data" / "names_nl.tsv"
PROSE = ROOT / "training" / "encoder" / "data" / "ads_nl.tsv"
AD_WORDS = 300
NEW_SHARE = 0.1
FIRST_VECTOR = (
    "from core.settings import Settings; from embeddings.loading import load_encoder;"
    "assert load_encoder(Settings()).encode(['kok']).any()"
)


def short_texts(n: int, seed: int) -> list[str]:
    """N texts of two to six words, a tenth of the words made up."""
    rng = random.Random(seed)  # noqa: S311 (not for secrets)
    words = WORDS.read_text(encoding="utf-8").replace("|", " ").replace("\t", " ").split()
    return [" ".join(_word(rng, words) for _ in range(rng.randint(2, 6))) for _ in range(n)]


def advertisements(n: int, seed: int, *, new: float) -> list[str]:
    """N texts of 300 words: sentences of advertisements in any order, a share ``new`` of the words made up."""
    rng = random.Random(seed)  # noqa: S311 (not for secrets)
    sentences = [one for line in PROSE.read_text(encoding="utf-8").split("\t") for one in line.split(". ")]
    texts = []
    for _ in range(n):
        words: list[str] = []
        while len(words) < AD_WORDS:
            words += (rng.choice(sentences).rstrip(".") + ".").split()
        texts.append(" ".join(_word(rng, [word], new) for word in words[:AD_WORDS]))
    return texts


def per_second(encoder: Encoder, texts: Sequence[str], threads: int, *, batch: int = 256) -> float:
    """Texts embedded a second by so many threads, in batches."""
    encoder.encode(texts[:batch])
    batches = [texts[start : start + batch] for start in range(0, len(texts), batch)]
    started = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(encoder.encode, batches))
    return len(texts) / (time.perf_counter() - started)


def milliseconds(encoder: Encoder, texts: Sequence[str]) -> list[float]:
    """Of each text by itself."""
    found = []
    for text in texts:
        started = time.perf_counter()
        encoder.encode([text])
        found.append((time.perf_counter() - started) * 1_000.0)
    return found


def first_vector_seconds() -> float:
    """From the start of a process to its first vector."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", FIRST_VECTOR], cwd=ROOT, check=True)
    return time.perf_counter() - started


def measured(*, n_short: int, n_ads: int, n_single: int, starts: int, threads: int) -> dict[str, float]:
    """All figures of the default encoder."""
    encoder = load_encoder(Settings())
    encoder.encode(advertisements(200, seed=4, new=0.0))
    known, fresh = advertisements(n_ads, seed=2, new=0.0), advertisements(n_ads, seed=2, new=NEW_SHARE)
    one_by_one = milliseconds(encoder, short_texts(n_single, seed=3))
    return {
        "threads": threads,
        "short_texts_per_second": per_second(encoder, short_texts(n_short, seed=1), threads),
        "advertisements_per_second": per_second(encoder, known, threads, batch=64),
        "advertisements_with_new_words_per_second": per_second(encoder, fresh, threads, batch=64),
        "one_text_ms_median": float(np.median(one_by_one)),
        "one_text_ms_p95": float(np.percentile(one_by_one, 95)),
        "first_vector_s": min(first_vector_seconds() for _ in range(starts)),
    }


def _word(rng: random.Random, words: Sequence[str], new: float = NEW_SHARE) -> str:
    word = rng.choice(words)
    return word if rng.random() >= new else word[: rng.randint(1, 4)] + "".join(rng.choices("aeiorstn", k=5))


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    print(
        json.dumps(measured(n_short=20_000, n_ads=2_000, n_single=2_000, starts=5, threads=options.threads), indent=2)
    )


if __name__ == "__main__":
    main()
