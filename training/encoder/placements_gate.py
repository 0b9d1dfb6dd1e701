"""The gate of an adapted encoder: better at finding those who stayed later on, and nothing forgotten."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from embeddings.encoder import Encoder, TextKind
from training.encoder.evaluate import LinkingTask, score
from training.encoder.words import Question
from training.evaluation import Estimate, estimate
from training.gate import Verdict

MAX_LOST_PHRASES, MAX_LOST_NAMES = 0.05, 0.02
"""How much may be lost on phrases (share of triples right) and names (MRR) that are not the customer's."""

_DATA = Path(__file__).parent / "data"


def compare(
    old: Encoder, new: Encoder, texts: Sequence[str], asked: Sequence[Question]
) -> tuple[dict[str, Estimate], Estimate]:
    """How well both find the talents who stayed, and the difference in nDCG, paired per list.

    With one right answer nDCG is 1 / log2(1 + rank); equal similarities count against it. ``pool`` is among all who
    were looked at in those weeks, ``beside`` among those of the same list.
    """
    metrics: dict[str, Estimate] = {}
    gains: dict[str, npt.NDArray[np.float64]] = {}
    lists = np.unique([one.list_id for one in asked], return_inverse=True)[1]

    def per_list(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.bincount(lists, values) / np.bincount(lists)

    for name, encoder in (("before", old), ("after", new)):
        ranks = _ranks(encoder, texts, asked)
        for place, among in enumerate(("pool", "beside")):
            gains[f"{among}_{name}"] = per_list(1.0 / np.log2(1.0 + ranks[:, place]))
            metrics[f"{among}_ndcg_{name}"] = estimate(gains[f"{among}_{name}"])
        metrics[f"pool_mrr_{name}"] = estimate(per_list(1.0 / ranks[:, 0]))
        metrics[f"pool_recall_50_{name}"] = estimate(per_list((ranks[:, 0] <= 50).astype(np.float64)))
    for among in ("pool", "beside"):
        metrics[f"{among}_difference"] = estimate(gains[f"{among}_after"] - gains[f"{among}_before"])
    return metrics, metrics["pool_difference"]


def judge(difference: Estimate, beside: Estimate, kept: dict[str, float]) -> Verdict:
    """Keeps only what finds demonstrably better, is not demonstrably worse within a list, and has not forgotten."""
    shown = f"nDCG {difference.value:+.4f} [{difference.low:+.4f}, {difference.high:+.4f}]"
    found = f"later retained talents out of time: {shown} over {difference.n_lists} lists"
    reasons = []
    better = difference.n_lists > 0 and difference.low > 0
    if not better:
        reasons.append(f"not demonstrably better at finding {found}")
    if beside.high < 0:
        reasons.append(
            f"demonstrably worse among those of one list: nDCG {beside.value:+.4f} "
            f"[{beside.low:+.4f}, {beside.high:+.4f}]"
        )
    for name, most in (("phrases", MAX_LOST_PHRASES), ("names", MAX_LOST_NAMES)):
        lost = kept[f"{name}_before"] - kept[f"{name}_after"]
        if lost > most:
            reasons.append(f"it forgot general {name}: {lost:.3f} lost, at most {most} is allowed")
    return Verdict(False, reasons) if reasons else Verdict(True, [f"better at finding {found}"])


def forgetting(old: Encoder, new: Encoder) -> dict[str, float]:
    """What both know of work in general: phrases and names that come with the product.

    Phrases: share of triples in which the phrase is nearer to its synonym than to another trade with the same words.
    Names: MRR of the names that mean the same, among all names of the list.
    """
    triples = _rows("phrases_nl.tsv")
    names = _rows("names_nl.tsv")
    corpus = sorted({answer for _, answers in names for answer in answers.split("|")})
    relevant = tuple(tuple(corpus.index(answer) for answer in answers.split("|")) for _, answers in names)
    task = LinkingTask(tuple(query for query, _ in names), tuple(corpus), relevant, (-1,) * len(names))
    kept = {}
    for name, encoder in (("before", old), ("after", new)):
        phrase, same, other = (encoder.encode(part, kind=TextKind.PHRASE) for part in zip(*triples, strict=True))
        kept[f"phrases_{name}"] = float(np.mean((phrase * same).sum(axis=1) > (phrase * other).sum(axis=1)))
        kept[f"names_{name}"] = score(encoder, task).mrr
    return kept


def _ranks(encoder: Encoder, texts: Sequence[str], asked: Sequence[Question]) -> npt.NDArray[np.int64]:
    """Ranks (1 is best) of the answers among all others and among those beside them: (questions, 2)."""
    vacancies = encoder.encode([texts[one.vacancy] for one in asked], kind=TextKind.QUERY)
    rows = np.unique(np.concatenate([np.append(one.others, one.answer) for one in asked]))
    talents = encoder.encode([texts[row] for row in rows], kind=TextKind.PASSAGE)
    ranks = np.empty((len(asked), 2), dtype=np.int64)
    for number, (one, vector) in enumerate(zip(asked, vacancies, strict=True)):
        own = talents[np.searchsorted(rows, one.answer)] @ vector
        for place, others in enumerate((one.others, one.beside)):
            ranks[number, place] = 1 + np.count_nonzero(talents[np.searchsorted(rows, others)] @ vector >= own)
    return ranks


def _rows(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (_DATA / name).read_text(encoding="utf-8").splitlines() if line]
