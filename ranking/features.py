"""The features: one table that names and explains them, and the code that computes them for training and serving."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.records import Vacancy
from embeddings.corpus import EmbeddedCorpus
from embeddings.phrases import PhraseKind
from ranking.columns import TalentColumns
from ranking.conduct import asked_behaviours
from ranking.eligibility import is_taught, language_gap, missing_certificates
from ranking.history import HistoryFeatures
from ranking.likings import work_themes
from ranking.matching import PhraseMatch
from ranking.qualifications import licence_categories, licences_held
from ranking.query import VacancyQuery
from ranking.travel import USUAL_LIMIT, distance_km, travel_minutes, usual_minutes
from ranking.trees import Columns

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Feature:
    """One column of the ranker's input.

    Attributes:
        name: stored in every model and checked when one is loaded.
        unit: of the value.
        monotone: 1 when more can only be better, -1 when more can only be worse, 0 when the data may decide.
        why: what it says about a lasting placement, and for a monotone one why the direction is beyond doubt.
    """

    name: str
    unit: str
    monotone: int
    why: str


FEATURES: tuple[Feature, ...] = (
    Feature("similarity", "cosine", 0, "the whole profile beside the whole vacancy"),
    Feature("skill_coverage", "share", 1, "asked skills that something offered comes close to; asked means needed"),
    Feature("skill_weakest", "cosine", 1, "the asked skill that is met worst; asked means needed"),
    Feature("skill_mean", "cosine", 1, "how close the offer comes to the asked skills on average; asked means needed"),
    Feature("desired_mean", "cosine", 1, "the same for skills that are welcome; those never stand in the way"),
    Feature("asked_match", "mean square cosine", 0, "all asked skills and tasks; one real match outweighs vague ones"),
    Feature(
        "listed_match", "mean square cosine", 0, "the same for listed skills only: they say most surely what one can"
    ),
    Feature("told_match", "mean square cosine", 0, "the same for the presentation only"),
    Feature("experience_match", "mean square cosine", 0, "the same for earlier work only"),
    Feature("interest_match", "mean square cosine", 0, "the same for interests only"),
    Feature("task_mean", "cosine", 0, "how close the tasks come to anything the talent tells"),
    Feature("task_best", "cosine", 0, "the task that fits best: a way in"),
    Feature("told_task_mean", "cosine", 0, "how much of what the talent tells of themselves returns in the work"),
    Feature("interest_occupation", "cosine", 0, "interests beside the occupation"),
    Feature("interest_task", "cosine", 0, "interests beside the tasks: people stay where they like the work"),
    Feature(
        "liking_fit",
        "share of theme",
        1,
        "what the talent says they like or not beside the work; nobody leaves for liking it",
    ),
    Feature(
        "liking_against",
        "share of theme",
        1,
        "the part that they would rather not do, 0 is nothing; less of that is never worse",
    ),
    Feature("wish_occupation", "cosine", 0, "preferred occupations beside the occupation and title"),
    Feature("experience_occupation", "cosine", 0, "earlier work beside the occupation and title"),
    Feature("experience_months", "ln(1 + months)", 0, "earlier work of any kind"),
    Feature("behaviour_fit", "mean weight", 1, "asked behaviours by level; asked means needed"),
    Feature(
        "behaviour_short", "share", -1, "asked behaviours known to be insufficient; what is asked and lacks is no help"
    ),
    Feature("behaviour_level", "mean weight", 1, "all examined behaviours, asked or not; more of them helps anywhere"),
    Feature(
        "behaviour_expected",
        "mean weight",
        1,
        "asked behaviours, the unknown at the person's own level; asked means needed",
    ),
    Feature("education_short", "levels", -1, "levels below what is asked; what is asked and lacks is no help"),
    Feature("education_over", "levels", 0, "levels above what is asked: may be bored, may grow"),
    Feature(
        "certificates_to_get", "count", -1, "required certificates not held, taught on the job or not; each is a hurdle"
    ),
    Feature("certificates_taught", "count", 0, "of those, how many the employer teaches"),
    Feature("licences_missing", "count", -1, "required driving licences not held; each is a hurdle"),
    Feature(
        "language_short", "levels", -1, "largest shortfall in a required language; what is asked and lacks is no help"
    ),
    Feature(
        "hours_below_wish",
        "hours per week",
        -1,
        "offered hours below the least that the talent wants; too little to live on",
    ),
    Feature(
        "hours_above_wish",
        "hours per week",
        -1,
        "offered hours above the most that the talent wants; too much to keep up",
    ),
    Feature(
        "hours_apart",
        "hours per week",
        -1,
        "the middle of what the talent wants to the nearest hours offered; further from what one wants is never better",
    ),
    Feature("hours_overlap", "share", 0, "share of the vacancy's range that suits the talent"),
    Feature("hours_offered", "hours per week", 0, "size of the job"),
    Feature(
        "irregular_refused", "0 or 1", -1, "irregular hours asked of someone who refuses them; that never helps to stay"
    ),
    Feature("travel_km", "kilometres", -1, "distance; nobody stays because it is further"),
    Feature(
        "travel_minutes",
        "minutes",
        -1,
        "modelled time with the talent's own transport; nobody stays because it takes longer",
    ),
    Feature(
        "travel_share",
        "share of own limit",
        -1,
        "distance or time as a share of their own limit; nearer to it is never easier",
    ),
    Feature(
        "travel_time",
        "minutes",
        -1,
        "the same, by bicycle or public transport for who did not say; nobody stays because it takes longer",
    ),
    Feature(
        "travel_strain",
        "share of limit",
        -1,
        "that time as a share of their own limit, or of a usual one; nearer to it is never easier",
    ),
    Feature("training_gap_cover", "cosine", 0, "training offered beside the asked skills that are met worst"),
    Feature("training_offered", "count", 0, "an employer who teaches invests in staying"),
    Feature(
        "employer_retention",
        "rate",
        1,
        "smoothed share of the employer's earlier placements that lasted; who kept people is no worse",
    ),
    Feature("employer_placements", "ln(1 + count)", 0, "how much that rate rests on"),
    Feature("sector_retention", "rate", 1, "the same for the sector; where people stayed it is no worse"),
    Feature("completeness", "share", 0, "how much of the profile is filled in"),
)
FEATURE_NAMES: tuple[str, ...] = tuple(feature.name for feature in FEATURES)
COLUMNS = Columns(FEATURE_NAMES, tuple(feature.monotone for feature in FEATURES))

# A phrase "comes close" from here on; phrases of unrelated trades stay below it in the default encoder.
CLOSE = 0.45

# What a behaviour counts for that someone says to have and that nobody examined: that of the level "sufficient".
SAID_OF_ONESELF = 0.6

ABLE = (PhraseKind.SKILL, PhraseKind.EXPERIENCE, PhraseKind.SENTENCE)
TOLD = (PhraseKind.SENTENCE, PhraseKind.SKILL, PhraseKind.INTEREST)
ASKED = (PhraseKind.SKILL_REQUIRED, PhraseKind.SKILL_DESIRED, PhraseKind.SENTENCE)
WORK = (PhraseKind.OCCUPATION, PhraseKind.TITLE)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Talents as the features read them: columns and corpus row by row the same people, vectors on the grid."""

    columns: TalentColumns
    corpus: EmbeddedCorpus


def asked_phrases(match: PhraseMatch) -> Rows:
    """What counts as asked: the required skills, or the sentences of the text when none are listed."""
    required = match.asked([PhraseKind.SKILL_REQUIRED])
    return required if len(required) else match.asked([PhraseKind.SENTENCE])


def compute_features(
    query: VacancyQuery, candidates: Candidates, rows: Rows, history: HistoryFeatures
) -> tuple[Floats, PhraseMatch]:
    """Computes all features of one vacancy with n candidates.

    Args:
        query: the vacancy.
        candidates: everyone who may be named by ``rows``.
        rows: (n,) rows of the candidates.
        history: of the vacancy's employer, as of the moment of asking.

    Returns:
        Values of shape (n, len(FEATURES)) in the order of ``FEATURES``, NaN where unknown, and the phrase
        similarities that they were made of. Each row depends on its own candidate alone.
    """
    talents = candidates.columns.take(rows)
    match = PhraseMatch.of(query.corpus, query.row, candidates.corpus, rows)
    similarity = candidates.corpus.vectors[rows] @ query.vector
    groups = (
        {"similarity": similarity},
        _skills(match),
        _tasks_and_wishes(match),
        _background(query.vacancy, talents),
        _qualifications(query.vacancy, talents),
        _hours(query.vacancy, talents),
        _travel(query, talents),
        _employer(query.vacancy, history, len(rows)),
    )
    named = {name: values for group in groups for name, values in group.items()}
    values = np.empty((len(rows), len(FEATURE_NAMES)))
    for column, name in enumerate(FEATURE_NAMES):
        values[:, column] = named[name]
    return values, match


def _mean(values: npt.NDArray[np.float32], n: int) -> Floats:
    """Mean over the first axis in float64; NaN when there is nothing to average."""
    if not len(values):
        return np.full(n, np.nan)
    mean: Floats = values.astype(np.float64).mean(axis=0)
    return mean


def _skills(match: PhraseMatch) -> dict[str, Floats]:
    best = match.best(asked_phrases(match), ABLE)
    desired = match.best(match.asked([PhraseKind.SKILL_DESIRED]), ABLE)
    nothing = np.full(match.n, np.nan)
    known = ~np.isnan(best[0]) if len(best) else np.zeros(match.n, dtype=bool)
    weakest_asked = np.where(np.isnan(best), np.inf, best).argmin(axis=0) if len(best) else None
    training = match.asked([PhraseKind.TRAINING])
    return {
        "skill_coverage": np.where(known, (best >= CLOSE).mean(axis=0), np.nan) if len(best) else nothing,
        "skill_weakest": best.min(axis=0).astype(np.float64) if len(best) else nothing,
        "skill_mean": _mean(best, match.n),
        "desired_mean": _mean(desired, match.n),
        "training_gap_cover": nothing
        if weakest_asked is None or not len(training)
        else np.where(known, _asked_to_asked(match, asked_phrases(match)[weakest_asked], training), np.nan),
    }


def _asked_to_asked(match: PhraseMatch, phrases: Rows, training: Rows) -> Floats:
    """Similarity of some of the vacancy's phrases to the nearest training that it offers."""
    within = match.asked_vectors @ match.asked_vectors[training].T
    nearest: Floats = within.max(axis=1)[phrases].astype(np.float64)
    return nearest


def _tasks_and_wishes(match: PhraseMatch) -> dict[str, Floats]:
    tasks = match.asked([PhraseKind.SENTENCE])
    tasks = tasks if len(tasks) else asked_phrases(match)
    work = match.asked(WORK)
    work = work if len(work) else tasks
    everything = match.asked(ASKED)
    task_best = match.best(tasks, ABLE)
    interest_task = match.best(tasks, (PhraseKind.INTEREST,))
    n = match.n
    return {
        "asked_match": _mean_square(match.best(everything, ABLE), n),
        "listed_match": _mean_square(match.best(everything, (PhraseKind.SKILL,)), n),
        "told_match": _mean_square(match.best(everything, (PhraseKind.SENTENCE,)), n),
        "experience_match": _mean_square(match.best(everything, (PhraseKind.EXPERIENCE,)), n),
        "interest_match": _mean_square(match.best(everything, (PhraseKind.INTEREST,)), n),
        "task_mean": _mean(task_best, n),
        "task_best": _best(task_best, n),
        "told_task_mean": match.offered_mean(np.concatenate([tasks, asked_phrases(match)]), TOLD),
        "interest_occupation": _best(match.best(work, (PhraseKind.INTEREST,)), n),
        "interest_task": _best(interest_task, n),
        "wish_occupation": _best(match.best(work, (PhraseKind.OCCUPATION,)), n),
        "experience_occupation": _best(match.best(work, (PhraseKind.EXPERIENCE,)), n),
    }


def _mean_square(values: npt.NDArray[np.float32], n: int) -> Floats:
    """Mean of the squares over the first axis; a cosine below 0 is no match at all."""
    return _mean(np.maximum(values, 0.0) ** 2, n)


def _best(values: npt.NDArray[np.float32], n: int) -> Floats:
    return values.max(axis=0).astype(np.float64) if len(values) else np.full(n, np.nan)


def _background(vacancy: Vacancy, talents: TalentColumns) -> dict[str, Floats]:
    level = np.nan if vacancy.education_level_min is None else float(vacancy.education_level_min)
    short = np.maximum(level - talents.education, 0.0)
    return {
        **_behaviours(vacancy, talents),
        **_likings(vacancy, talents),
        "experience_months": np.log1p(talents.experience_months),
        "education_short": short if vacancy.education_level_min else np.zeros(len(talents)),
        "education_over": np.maximum(talents.education - level, 0.0),
        "completeness": talents.completeness,
    }


def _behaviours(vacancy: Vacancy, talents: TalentColumns) -> dict[str, Floats]:
    asked = asked_behaviours(vacancy)
    weights = talents.behaviours[:, asked]
    known = ~np.isnan(weights)
    n_known = np.where(known.any(axis=1), known.sum(axis=1), np.nan)
    total = np.zeros(len(talents))
    for column in range(len(asked)):  # one after another: numpy's own sum goes in another order for a single row
        total += np.where(known[:, column], weights[:, column], 0.0)
    level = talents.behaviour_level
    expected = np.zeros(len(talents))
    told = talents.behaviours_told[:, asked]
    for column in range(len(asked)):
        guess = np.where(told[:, column], SAID_OF_ONESELF, np.where(np.isnan(level), 0.0, level))
        expected += np.where(known[:, column], weights[:, column], guess)
    return {
        "behaviour_fit": total / n_known,
        "behaviour_short": (weights < 0).sum(axis=1) / n_known,
        "behaviour_level": level,
        "behaviour_expected": np.where(np.isnan(level) & ~told.any(axis=1), np.nan, expected / max(len(asked), 1))
        if asked
        else level,
    }


def _likings(vacancy: Vacancy, talents: TalentColumns) -> dict[str, Floats]:
    work = work_themes(vacancy)
    fit, against = np.zeros(len(talents)), np.zeros(len(talents))
    for theme in np.flatnonzero(work):  # one after another, as above
        fit += work[theme] * talents.likings[:, theme]
        against += work[theme] * np.minimum(talents.likings[:, theme], 0.0)
    told = bool(work.any())
    return (
        {"liking_fit": fit, "liking_against": against}
        if told
        else dict.fromkeys(("liking_fit", "liking_against"), np.full(len(talents), np.nan))
    )


def _qualifications(vacancy: Vacancy, talents: TalentColumns) -> dict[str, Floats]:
    needed = frozenset().union(*(licence_categories(text) for text in vacancy.licences_required))
    nothing = np.zeros(len(talents))  # where nothing is asked, nothing is missing, whatever is known
    return {
        "certificates_to_get": _counted(talents.certificates, lambda held: len(missing_certificates(vacancy, held)))
        if vacancy.certificates_required
        else nothing,
        "certificates_taught": _counted(
            talents.certificates,
            lambda held: sum(is_taught(vacancy, need) for need in missing_certificates(vacancy, held)),
        )
        if vacancy.certificates_required
        else nothing,
        "licences_missing": _counted(talents.licences, lambda held: len(needed - licences_held(held)))
        if needed
        else nothing,
        "language_short": language_gap(vacancy.languages_required, talents),
    }


def _counted(lists: npt.NDArray[np.object_], count: Callable[[tuple[str, ...]], int]) -> Floats:
    """Counts once per distinct list; NaN where the list is unknown."""
    counts = {held: np.nan if held is None else float(count(held)) for held in set(lists)}
    return np.fromiter((counts[held] for held in lists), dtype=np.float64, count=len(lists))


def _hours(vacancy: Vacancy, talents: TalentColumns) -> dict[str, Floats]:
    low = np.nan if vacancy.hours_min is None else vacancy.hours_min
    high = np.nan if vacancy.hours_max is None else vacancy.hours_max
    overlap = np.fmin(high, talents.hours_max) - np.fmax(low, talents.hours_min)
    width = np.maximum(high - low, 1.0)  # a fixed number of hours is a range of one
    known = ~(np.isnan(talents.hours_min) & np.isnan(talents.hours_max))
    middle = (np.fmin(talents.hours_min, talents.hours_max) + np.fmax(talents.hours_min, talents.hours_max)) / 2.0
    irregular = np.nan if vacancy.irregular_hours is None else float(vacancy.irregular_hours)
    n = len(talents)
    return {
        "hours_below_wish": np.maximum(talents.hours_min - high, 0.0),
        "hours_above_wish": np.maximum(low - talents.hours_max, 0.0),
        "hours_apart": np.maximum(np.fmax(low - middle, middle - high), 0.0),
        "hours_overlap": np.where(known, np.clip((overlap + (high == low)) / width, 0.0, 1.0), np.nan),
        "hours_offered": np.full(n, (np.fmin(low, high) + np.fmax(low, high)) / 2.0),  # of one known end that end
        "irregular_refused": irregular * (1.0 - talents.irregular) if irregular != 0.0 else np.zeros(n),
    }


_TRAVEL = ("travel_km", "travel_minutes", "travel_share", "travel_time", "travel_strain")


def _travel(query: VacancyQuery, talents: TalentColumns) -> dict[str, Floats]:
    lat, lon = query.at
    n = len(talents)
    if lat is None or lon is None:
        return dict.fromkeys(_TRAVEL, np.full(n, np.nan))
    km = distance_km(talents.lat, talents.lon, lat, lon)
    minutes = travel_minutes(km, talents.transport)
    share = np.fmax(km / np.maximum(talents.max_km, 0.5), minutes / np.maximum(talents.max_minutes, 1.0))
    usual = usual_minutes(km, talents.transport, talents.transport_known)
    strain = usual / np.maximum(np.where(np.isnan(talents.max_minutes), USUAL_LIMIT, talents.max_minutes), 1.0)
    return {
        "travel_km": km,
        "travel_minutes": minutes,
        "travel_share": share,
        "travel_time": usual,
        "travel_strain": strain,
    }


def _employer(vacancy: Vacancy, history: HistoryFeatures, n: int) -> dict[str, Floats]:
    return {
        "training_offered": np.full(n, float(len(vacancy.training_offered))),
        "employer_retention": np.full(n, history.employer_retention),
        "employer_placements": np.full(n, np.log1p(history.employer_placements)),
        "sector_retention": np.full(n, history.sector_retention),
    }
