"""Scores an encoder on query–corpus–annotation folders: linking occupation names, or advertisements to titles.

Measures, averaged over the queries that have a relevant corpus element (the definitions of trec_eval, on the whole
ranking): *average precision*, the mean over the relevant elements of the precision at their rank (MAP); *reciprocal
rank* of the first relevant element (MRR); *success at k*, whether one of the first k is relevant; *recall at 10*, the
share of the relevant elements among the first 10. Rank 1 is best; equal scores rank in the order of the corpus.
"""

import csv
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.errors import FileUnreadable
from embeddings.encoder import Encoder, TextKind

_QUERIES_PER_BLOCK = 128
_MAX_TEXTS = 1_000_000
QUERIES, CORPUS, ANNOTATIONS = "queries.tsv", "corpus_elements.tsv", "annotations.tsv"


@dataclass(frozen=True, slots=True)
class LinkingTask:
    """Queries, the corpus, and which elements are relevant.

    Attributes:
        queries: q texts.
        corpus: n texts.
        relevant: for each query, the rows of the corpus that are relevant; a query with none is left out.
        excluded: for each query a row of the corpus that does not take part (the query itself), or -1.
    """

    queries: tuple[str, ...]
    corpus: tuple[str, ...]
    relevant: tuple[tuple[int, ...], ...]
    excluded: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class EncoderMetrics:
    """Quality and speed; see the module for the definitions.

    Attributes:
        map: mean average precision.
        mrr: mean reciprocal rank.
        success_1: share of queries with a relevant element first.
        success_5: share of queries with one among the first five.
        success_10: share of queries with one among the first ten.
        recall_10: mean share of the relevant elements among the first ten.
        queries: number of queries scored.
        texts_per_second: queries and corpus elements embedded per second.
    """

    map: float
    mrr: float
    success_1: float
    success_5: float
    success_10: float
    recall_10: float
    queries: int
    texts_per_second: float


def evaluate_encoder(encoder: Encoder, directory: Path) -> EncoderMetrics:
    """Scores an encoder on a folder.

    Args:
        encoder: anything that implements :class:`embeddings.encoder.Encoder`.
        directory: holds ``queries.tsv`` (id, text), ``corpus_elements.tsv`` (id, text) and ``annotations.tsv`` (query
            id, 0, corpus id, 1), tab separated, UTF-8, without header.

    Raises:
        FileUnreadable: a file is missing, a line is malformed, an id is unknown or given twice.
    """
    return score(encoder, read_task(directory))


def read_task(directory: Path) -> LinkingTask:
    """Reads a folder of three files; raises FileUnreadable, naming file and line."""
    queries, corpus = _texts(directory / QUERIES), _texts(directory / CORPUS)
    query_rows = {name: row for row, name in enumerate(queries)}
    corpus_rows = {name: row for row, name in enumerate(corpus)}
    relevant: list[set[int]] = [set() for _ in queries]
    path = directory / ANNOTATIONS
    for number, fields in _lines(path, 4):
        query, element = query_rows.get(fields[0]), corpus_rows.get(fields[2])
        if query is None or element is None:
            raise FileUnreadable(f"{path}, line {number}: the id is not in {QUERIES if query is None else CORPUS}")
        if fields[3] not in {"0", "1"}:
            raise FileUnreadable(f"{path}, line {number}: the fourth field must be 0 or 1")
        if fields[3] == "1":
            relevant[query].add(element)
    if not any(relevant):
        raise FileUnreadable(f"{path} marks nothing as relevant; there is nothing to score")
    rows = tuple(tuple(sorted(found)) for found in relevant)
    return LinkingTask(tuple(queries.values()), tuple(corpus.values()), rows, (-1,) * len(queries))


def score(encoder: Encoder, task: LinkingTask) -> EncoderMetrics:
    """Embeds queries and corpus, ranks the corpus for each query by inner product, and averages the measures."""
    started = time.perf_counter()
    corpus = encoder.encode(task.corpus, kind=TextKind.PASSAGE)
    queries = encoder.encode(task.queries, kind=TextKind.QUERY)
    seconds = time.perf_counter() - started
    asked = [row for row, relevant in enumerate(task.relevant) if relevant]
    rows: list[tuple[float, ...]] = []
    for start in range(0, len(asked), _QUERIES_PER_BLOCK):
        block = asked[start : start + _QUERIES_PER_BLOCK]
        for row, similarities in zip(block, queries[block] @ corpus.T, strict=True):
            if task.excluded[row] >= 0:
                similarities[task.excluded[row]] = -np.inf
            rows.append(_measures(_ranks(similarities, np.array(task.relevant[row]))))
    means = np.mean(np.array(rows), axis=0) if rows else np.zeros(6)
    speed = (len(task.queries) + len(task.corpus)) / max(seconds, 1e-9)
    map_, mrr, success_1, success_5, success_10, recall_10 = means.tolist()
    return EncoderMetrics(map_, mrr, success_1, success_5, success_10, recall_10, len(rows), speed)


def _ranks(similarities: npt.NDArray[np.float32], relevant: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Ranks (1 is best) of the relevant rows, ascending; equal scores rank by row.

    Only elements at least as similar as the least similar relevant one are counted, without sorting the corpus.
    """
    ordered = relevant[np.lexsort((relevant, -similarities[relevant]))]
    ranks = np.empty(len(ordered), dtype=np.int64)
    for place, row in enumerate(ordered):
        value = similarities[row]
        ranks[place] = 1 + np.count_nonzero(similarities > value) + np.count_nonzero(similarities[:row] == value)
    return ranks


def _measures(ranks: npt.NDArray[np.int64]) -> tuple[float, ...]:
    """Average precision, reciprocal rank, success at 1, 5 and 10, recall at 10; of ascending ranks."""
    precision = np.arange(1, len(ranks) + 1) / ranks
    first = int(ranks[0])
    found = float(np.count_nonzero(ranks <= 10)) / len(ranks)
    return float(precision.mean()), 1.0 / first, float(first == 1), float(first <= 5), float(first <= 10), found


def _texts(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, (name, text) in _lines(path, 2):
        if name in found:
            raise FileUnreadable(f"{path}, line {number}: the id was given before; ids must differ")
        found[name] = text
    if not found:
        raise FileUnreadable(f"{path} is empty; give at least one line of id, tab, text")
    return found


def _lines(path: Path, n_fields: int) -> Iterator[tuple[int, list[str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, fields in enumerate(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE), start=1):
                if not fields:
                    continue
                if len(fields) != n_fields:
                    raise FileUnreadable(f"{path}, line {number}: expected {n_fields} fields separated by tabs")
                if number > _MAX_TEXTS:
                    raise FileUnreadable(f"{path} has more than {_MAX_TEXTS} lines; give a smaller one")
                yield number, fields
    except FileNotFoundError:
        wanted = f"{QUERIES}, {CORPUS} and {ANNOTATIONS}"
        raise FileUnreadable(f"there is no {path.name} in {path.parent}; give a folder with {wanted}") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FileUnreadable(f"{path} cannot be read as tab-separated UTF-8: {error}") from error
