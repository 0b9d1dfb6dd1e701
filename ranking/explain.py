"""Why someone stands where they stand: the model's own contributions to that score, said in Dutch."""

import numpy as np
import numpy.typing as npt

from core.shortlists import BlockedBy, Reason, WouldHelp
from core.vocabulary import KnockOut
from ranking import dutch
from ranking.facts import Pair, Words
from ranking.features import FEATURE_NAMES

Floats = npt.NDArray[np.float64]

MAX_PLUS, MAX_MINUS = 4, 2
_NOTABLE = 0.02  # share of all contributions below which a feature is not worth a sentence


def reasons(pair: Pair, values: Floats, contributions: Floats) -> list[Reason]:
    """The features that moved this score most, the lifting ones first.

    Args:
        pair: whom and what it is about.
        values: (f,) the features that were scored.
        contributions: (f,) TreeSHAP values of that score.

    Returns:
        At most ``MAX_PLUS`` + ``MAX_MINUS`` reasons, one per family, each kind strongest first.
    """
    total = float(np.abs(contributions).sum())
    order = np.argsort(-np.abs(contributions), kind="stable")
    texts = Words(pair)
    told: set[str] = set()
    plus: list[Reason] = []
    minus: list[Reason] = []
    for column in order:
        name, weight = FEATURE_NAMES[column], float(contributions[column])
        family = dutch.SENTENCES[name].family
        into, limit = (plus, MAX_PLUS) if weight > 0 else (minus, MAX_MINUS)
        if abs(weight) < _NOTABLE * total or weight == 0.0:
            break
        if family in told or len(into) >= limit:
            continue
        told.add(family)
        into.append(
            Reason(
                feature=name,
                direction="+" if weight > 0 else "-",
                text=_say(name, weight, values[column], texts),
            )
        )
    return plus + minus


def _say(name: str, weight: float, value: float, texts: Words) -> str:
    sentence = dutch.SENTENCES[name]
    if np.isnan(value):
        template = dutch.UNKNOWN_PLUS if weight > 0 else dutch.UNKNOWN_MINUS
        return template.format(what=sentence.unknown)
    return (sentence.plus if weight > 0 else sentence.minus).format_map(texts)


def similarity_reason(pair: Pair) -> list[Reason]:
    """Without a model there is one honest reason: the texts look alike, and this is where most."""
    texts = Words(pair)
    template = dutch.SENTENCES["skill_mean" if texts["best_offered"] else "similarity"].plus
    return [Reason(feature="similarity", direction="+", text=template.format_map(texts))]


def blocked_by(pair: Pair, codes: list[KnockOut]) -> list[BlockedBy]:
    """What keeps someone off the list."""
    texts = Words(pair)
    return [BlockedBy(code=code, text=dutch.BLOCKED[code].format_map(texts)) for code in codes]


def would_help(pair: Pair, codes: list[KnockOut]) -> list[WouldHelp]:
    """What could take those obstacles away."""
    texts = Words(pair)
    offers = [dutch.WOULD_HELP[code] for code in codes if code in dutch.WOULD_HELP]
    return [WouldHelp(support=support, text=text.format_map(texts)) for support, text in offers]
