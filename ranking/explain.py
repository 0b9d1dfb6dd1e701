"""Why someone stands where they stand: the model's own contributions to that score, said in Dutch."""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from core.records import Vacancy
from core.shortlists import BlockedBy, Reason, WouldHelp
from core.vocabulary import KnockOut
from ranking import dutch
from ranking.facts import Pair, Words
from ranking.features import CLOSE, FEATURE_NAMES

Floats = npt.NDArray[np.float64]

MAX_PLUS, MAX_MINUS = 4, 2
_QUOTING = ("skill_mean", "asked_match")  # said with the pair of phrases that come closest
# What is asked and what is to be done are nearly one to a reader: one for and the other against would contradict.
_AKIN: Mapping[str, str] = {"taken": "vaardigheden", "vaardigheden": "taken"}
_NOTABLE = 0.02  # share of all contributions below which a feature is not worth a sentence


def _certificates(vacancy: Vacancy) -> bool:
    return bool(vacancy.certificates_required)


def _behaviours(vacancy: Vacancy) -> bool:
    return bool(vacancy.behaviours)


def _level(vacancy: Vacancy) -> bool:
    return vacancy.education_level_min is not None


# What a vacancy does not ask for is no reason, though it moved the score: nobody has "the licence asked for" then.
_ASKED: Mapping[str, Callable[[Vacancy], bool]] = {
    "desired_mean": lambda vacancy: bool(vacancy.skills_desired),
    "behaviour_fit": _behaviours,
    "behaviour_short": _behaviours,
    "behaviour_expected": _behaviours,
    "education_short": _level,
    "education_over": _level,
    "certificates_to_get": _certificates,
    "certificates_taught": _certificates,
    "licences_missing": lambda vacancy: bool(vacancy.licences_required),
    "language_short": lambda vacancy: bool(vacancy.languages_required),
    "irregular_refused": lambda vacancy: vacancy.irregular_hours is True,
    "training_gap_cover": lambda vacancy: bool(vacancy.training_offered),
}


def _none(value: float) -> bool:
    return value == 0.0


def _some(value: float) -> bool:
    return value > 0.0


def _below(value: float) -> bool:
    return value < 0.0


def _near(value: float) -> bool:
    return value >= CLOSE


def _apart(value: float) -> bool:
    return value < CLOSE


def _always(_: float) -> bool:
    return True


# When the sentence of a feature that lifts, and of one that lowers, is true. A contribution compares with other
# people, a sentence speaks of this one: a feature whose sentence would not be true is left out.
_TRUE: Mapping[str, tuple[Callable[[float], bool], Callable[[float], bool]]] = {
    **dict.fromkeys(
        (
            "education_short",
            "education_over",
            "certificates_to_get",
            "licences_missing",
            "language_short",
            "behaviour_short",
            "hours_below_wish",
            "hours_above_wish",
            "hours_apart",
            "irregular_refused",
        ),
        (_none, _some),
    ),
    **dict.fromkeys(("skill_weakest", "wish_occupation", "experience_occupation"), (_near, _apart)),
    "liking_fit": (_some, _below),
    "liking_against": (_none, _below),
    **dict.fromkeys(("behaviour_level", "behaviour_expected"), (_some, _always)),
    **dict.fromkeys(("behaviour_fit", "training_offered", "employer_placements"), (_some, _always)),
    "certificates_taught": (_some, _some),
}


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
    told: dict[str, bool] = {}
    plus: list[Reason] = []
    minus: list[Reason] = []
    for column in order:
        name, weight = FEATURE_NAMES[column], float(contributions[column])
        family = dutch.SENTENCES[name].family
        into, limit = (plus, MAX_PLUS) if weight > 0 else (minus, MAX_MINUS)
        if abs(weight) < _NOTABLE * total or weight == 0.0:
            break
        if family in told or told.get(_AKIN.get(family, ""), weight > 0) != (weight > 0):
            continue
        if len(into) >= limit or not _can_say(name, weight, values[column], pair.vacancy):
            continue
        told[family] = weight > 0
        into.append(
            Reason(
                feature=name,
                direction="+" if weight > 0 else "-",
                text=_say(name, weight, values[column], texts),
            )
        )
    return plus + minus


def _can_say(name: str, weight: float, value: float, vacancy: Vacancy) -> bool:
    """Whether the vacancy asks about it, and the sentence would be true."""
    if name in _ASKED and not _ASKED[name](vacancy):
        return False
    if np.isnan(value):
        return weight < 0  # that nothing is known against someone is no reason for them
    if_plus, if_minus = _TRUE.get(name, (_always, _always))
    return (if_plus if weight > 0 else if_minus)(value)


def _say(name: str, weight: float, value: float, texts: Words) -> str:
    sentence = dutch.SENTENCES[name]
    if name in _QUOTING and weight > 0:
        # to quote a phrase that is not met would contradict the gaps, where it is named as missing
        return dutch.SKILLS_ROUGHLY if texts["met"] == "0" else dutch.SENTENCES["skill_mean"].plus.format_map(texts)
    if np.isnan(value):
        return dutch.UNKNOWN_MINUS.format(what=sentence.unknown)
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
