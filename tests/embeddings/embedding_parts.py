"""What the tests of this folder share: records, a tiny sentence-transformers model, brute force."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from core.records import Talent, Vacancy
from embeddings.encoder import unit_rows
from embeddings.hashed import HashedConfig, HashedNgramEncoder, HashedWeights
from embeddings.ngrams import word_features

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
_VOCABULARY = """
heftruck magazijn orders verzamelen vrachtwagen laden lossen scanner voorraad koken keuken
bakken gasten bediening zorg ouderen wassen begeleiden kinderen schilderen timmeren metselen
lassen elektra zonnepanelen monteren kassa winkel vakken schoonmaken kantoor telefoon
administratie plannen tuin planten snoeien haven containers sjorren
"""
WORDS = _VOCABULARY.split()


def talent(number: int, **fields: object) -> Talent:
    """A talent with words that depend on its number alone."""
    pick = np.random.default_rng(number).choice(WORDS, size=14).tolist()
    given = {
        "talent_id": f"t{number:04d}",
        "presentation": f"Ik ben goed in {pick[0]} en {pick[1]}. Ik wil graag {pick[2]} leren met {pick[3]}.",
        "skills": [f"{pick[4]} {pick[5]}", pick[6]],
        "interests": [pick[7]],
        "preferred_occupations": [f"medewerker {pick[8]}"],
        "experience": [{"occupation": f"hulp {pick[9]}", "text": f"Ik deed {pick[10]} en {pick[11]}."}],
        "certificates": [f"certificaat {pick[12]}"],
        "updated_at": NOW,
    }
    return Talent.model_validate(given | fields)


def vacancy(number: int, **fields: object) -> Vacancy:
    """A vacancy with words that depend on its number alone."""
    pick = np.random.default_rng(10_000 + number).choice(WORDS, size=10).tolist()
    given = {
        "vacancy_id": f"v{number:04d}",
        "title": f"Medewerker {pick[0]}",
        "description": f"Je doet {pick[1]} en {pick[2]} in ons team. Wij leren je {pick[3]}.",
        "occupation": f"medewerker {pick[4]}",
        "skills_required": [pick[5], f"{pick[6]} {pick[7]}"],
        "training_offered": [pick[8]],
        "updated_at": NOW,
    }
    return Vacancy.model_validate(given | fields)


def save_tiny_model(directory: Path, *, seed: int = 0, dim: int = 16) -> Path:
    """Saves a real sentence-transformers model: random word vectors over ``WORDS``, unknown words weigh nothing."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.normalizers import Lowercase
    from tokenizers.pre_tokenizers import Whitespace

    vocabulary = ["[UNK]", *WORDS]
    tokenizer = Tokenizer(WordLevel({word: row for row, word in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.normalizer = Lowercase()
    tokenizer.pre_tokenizer = Whitespace()
    weights = np.random.default_rng(seed).normal(size=(len(vocabulary), dim)).astype(np.float32)
    weights[0] = 0.0
    module = StaticEmbedding(tokenizer, embedding_weights=weights)
    SentenceTransformer(modules=[module], device="cpu").save(str(directory), create_model_card=False)
    return directory


def tiny_hashed(*, seed: int = 0, dim: int = 16) -> HashedNgramEncoder:
    """The shipped encoder's code with random vectors for the n-grams of ``WORDS``."""
    hashes, _ = word_features(WORDS)
    keys = np.unique(hashes)
    random = np.random.default_rng(seed)
    weights = HashedWeights(
        keys=keys,
        table=random.integers(-127, 128, size=(len(keys), dim), dtype=np.int8),
        scales=np.full(len(keys), 0.01, dtype=np.float32),
        anchors=unit_rows(random.normal(size=(4, dim))),
        fields=unit_rows(random.normal(size=(2, dim))),
    )
    return HashedNgramEncoder(weights, HashedConfig(dim=dim))


def nearest(queries, vectors, k, allowed=None):
    """Oracle: for each query all pairs (row, similarity), best first, ties by row, by Python's own sort."""
    answers = []
    for query in queries:
        scored = [
            (float(np.float32(sum(float(a) * float(b) for a, b in zip(query, row, strict=True)))), number)
            for number, row in enumerate(vectors)
            if allowed is None or allowed[number]
        ]
        answers.append(sorted(scored, key=lambda pair: (-pair[0], pair[1]))[:k])
    return answers
