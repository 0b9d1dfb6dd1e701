"""What a good data scientist makes of the records in an afternoon: twenty features, LightGBM, no encoder of ours.

The baseline that the product must leave behind. It gets the same knock-outs, the same shown pairs and the same
cut-off, and is tried in three ways, of which the reader may take the best.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer

from core.records import Talent, Vacancy
from core.vocabulary import BEHAVIOUR_CODE_MIN
from embeddings.views import talent_text, vacancy_text
from ranking.columns import TalentColumns
from ranking.eligibility import language_gap, missing_certificates
from ranking.outcomes import Outcome
from ranking.qualifications import licence_categories, licences_held
from ranking.travel import distance_km, travel_minutes
from training.shown import GAIN, Grade, list_sizes

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

_WORD = re.compile(r"\w{3,}")
# Small trees: the shown pairs are some twenty thousand, the placements less than a thousand.
SETTINGS: dict[str, Any] = {
    "num_leaves": 5, "min_data_in_leaf": 30, "learning_rate": 0.05, "feature_fraction": 0.6, "bagging_fraction": 0.8,
    "bagging_freq": 1, "lambda_l2": 5.0, "num_threads": 1, "seed": 7, "deterministic": True, "verbosity": -1,
}  # fmt: skip
ROUNDS = 200


@dataclass(frozen=True)
class People:
    """Talents with what the baseline reads of them, row by row.

    Attributes:
        talents: the records.
        columns: of the same.
        words: of each field of words, one set a talent.
        vectorizer: character TF-IDF fitted on the talents.
        texts: their rows.
    """

    talents: Sequence[Talent]
    columns: TalentColumns
    words: list[tuple[set[str], set[str], set[str], set[str], set[str]]]
    vectorizer: TfidfVectorizer
    texts: Any

    @classmethod
    def read(cls, talents: Sequence[Talent], columns: TalentColumns) -> "People":
        """Splits words and fits the vectorizer."""
        vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=2, sublinear_tf=True)
        texts = vectorizer.fit_transform([talent_text(talent) for talent in talents])
        return cls(talents, columns, [_words_of(talent) for talent in talents], vectorizer, texts)

    def similarity(self, vacancy: Vacancy) -> Floats:
        """TF-IDF cosine with everybody (n,)."""
        return np.asarray((self.texts @ self.vectorizer.transform([vacancy_text(vacancy)]).T).todense())[:, 0]

    def features(self, vacancy: Vacancy, at: tuple[float | None, float | None], rows: Rows) -> Floats:
        """The twenty (len(rows), 20)."""
        talents = self.columns.take(rows)
        skills = _words([*vacancy.skills_required, *vacancy.skills_desired])
        work, text = _words([vacancy.title, vacancy.occupation or ""]), _words([vacancy.description])
        overlaps = [
            (_share(able, skills), _share(wish, work), _share(past, work), _share(likes, text), len(told & text))
            for able, likes, wish, past, told in (self.words[row] for row in rows)
        ]
        return np.column_stack([self.similarity(vacancy)[rows], np.array(overlaps), *_numbers(vacancy, talents, at)])


def _numbers(vacancy: Vacancy, talents: TalentColumns, at: tuple[float | None, float | None]) -> list[Floats]:
    """The fourteen that are no words."""
    km = distance_km(talents.lat, talents.lon, at[0], at[1]) if at[0] and at[1] else np.full(len(talents), np.nan)
    minutes = travel_minutes(km, talents.transport)
    low, high = vacancy.hours_min or np.nan, vacancy.hours_max or np.nan
    level = vacancy.education_level_min or np.nan
    asked = [item.code - BEHAVIOUR_CODE_MIN for item in vacancy.behaviours]
    marks = talents.behaviours[:, asked]
    needed = frozenset().union(*(licence_categories(text) for text in vacancy.licences_required))
    return [
        km,
        minutes,
        np.fmax(km / talents.max_km, minutes / talents.max_minutes),
        talents.experience_months,
        np.nansum(marks, axis=1) / np.maximum((~np.isnan(marks)).sum(axis=1), 1),
        talents.education - level,
        np.array([np.nan if c is None else len(missing_certificates(vacancy, c)) for c in talents.certificates]),
        np.array([np.nan if held is None else len(needed - licences_held(held)) for held in talents.licences]),
        language_gap(vacancy.languages_required, talents),
        np.fmin(high, talents.hours_max) - np.fmax(low, talents.hours_min),
        talents.irregular * float(bool(vacancy.irregular_hours)),
        np.full(len(talents), float(len(vacancy.training_offered))),
        talents.completeness,
        np.full(len(talents), float(len(vacancy.behaviours))),
    ]


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in _WORD.findall(text.lower())}


def _words_of(talent: Talent) -> tuple[set[str], set[str], set[str], set[str], set[str]]:
    past = [work.occupation for work in talent.experience or ()]
    lists = (talent.skills or (), talent.interests or (), talent.preferred_occupations or (), past)
    able, likes, wish, worked = (_words(texts) for texts in lists)
    return able, likes, wish, worked, _words([talent.presentation])


def _share(have: set[str], asked: set[str]) -> float:
    return len(have & asked) / max(len(asked), 1)


class Obvious:
    """LightGBM on the twenty, learned from shown pairs in three ways."""

    def __init__(self, features: Floats, shown: pd.DataFrame) -> None:
        """Fits.

        Args:
            features: (n, 20) of the shown pairs.
            shown: the pairs, of :func:`training.shown.shown_pairs`, row by row.
        """
        grade = shown["grade"].to_numpy(dtype=np.int64)
        known, placed = grade != Grade.UNKNOWN, shown["outcome"].notna().to_numpy()
        resolved = placed & (shown["outcome"] != Outcome.CENSORED).to_numpy()
        lasted = (shown["outcome"] == Outcome.RETAINED).to_numpy()
        sizes = list_sizes(shown["list_id"][known])
        ranking = SETTINGS | {"objective": "lambdarank", "label_gain": list(GAIN), "lambdarank_truncation_level": 30}
        self._order = lgb.train(ranking, lgb.Dataset(features[known], grade[known], group=sizes), ROUNDS)
        self._proposed = _classifier(features, (grade >= Grade.PROPOSED) | placed)
        self._placed = _classifier(features, placed)
        self._lasts = _classifier(features[resolved], lasted[resolved])

    def scores(self, features: Floats) -> dict[str, Floats]:
        """Scores (n,) by the name of the way."""
        return {
            "obvious 20, LambdaMART": np.asarray(self._order.predict(features)),
            "obvious 20, two heads": np.asarray(self._placed.predict(features)) * self._lasts.predict(features),
            "obvious 20, proposed": np.asarray(self._proposed.predict(features)),
        }


def _classifier(features: Floats, happened: npt.NDArray[np.bool_]) -> lgb.Booster:
    return lgb.train(SETTINGS | {"objective": "binary"}, lgb.Dataset(features, happened.astype(np.float64)), ROUNDS)
