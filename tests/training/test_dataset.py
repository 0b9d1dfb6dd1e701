"""Features of shown pairs are those that serving would have computed at that moment."""

import numpy as np
import pytest
from training_parts import NOW, Diary, noon, shown_frame

from core.records import Place, Talent, Vacancy
from core.store import Store
from embeddings.corpus import EmbeddedCorpus
from embeddings.fakes import BagOfWordsEncoder
from ranking.columns import TalentColumns
from ranking.features import FEATURE_NAMES, Candidates, compute_features
from ranking.history import HistoryFeatures
from ranking.matching import gridded
from ranking.outcomes import LABELS
from ranking.query import build_queries
from training.dataset import FeatureBuilder, FeatureRows
from training.shown import Grade, shown_pairs

LABEL = LABELS["retained-1040h-v1"]
PLACES = [Place(postcode="3013", lat=51.9249, lon=4.4690), Place(postcode="3111", lat=51.9214, lon=4.4086)]
COOK_BEFORE = Talent(talent_id="cook", skills=["koken"], hours_max=16, location={"postcode": "3013"})
COOK_AFTER = Talent(talent_id="cook", skills=["koken", "bakken"], hours_max=40, location={"postcode": "3013"})
DRIVER = Talent(talent_id="driver", skills=["rijden"], licences=["CE"], hours_min=32)
KITCHEN = Vacancy(
    vacancy_id="kitchen",
    title="kok",
    skills_required=["koken", "bakken"],
    hours_min=24,
    hours_max=32,
    location={"postcode": "3111"},
    employer={"employer_id": "inn"},
    sector="56",
)
KITCHEN_LATER = KITCHEN.model_copy(update={"hours_min": 8.0, "hours_max": 12.0})


@pytest.fixture
def diary() -> Diary:
    """Two lists of one employer; between them a hire from the first becomes a failure, and the cook's profile grows."""
    diary = Diary()
    for place, who in enumerate(["cook", "driver", "gone"], start=1):
        diary.add("shown", noon("2025-02-03"), ("kitchen", who), rank=place, shortlist_id="s-1")
    diary.add("placed", noon("2025-02-04"), ("kitchen", "driver"), starts_on="2025-02-05", contract_hours_per_week=32)
    diary.add("ended", noon("2025-03-03"), ("kitchen", "driver"), ended_on="2025-03-03")
    diary.add("shown", noon("2025-05-05"), ("bakery", "cook"), rank=1, shortlist_id="s-2")
    diary.add("shown", noon("2025-05-05"), ("bakery", "driver"), rank=2, shortlist_id="s-2")
    diary.add("proposed", noon("2025-05-06"), ("bakery", "cook"))
    return diary


def at(record: Talent | Vacancy, day: str) -> Talent | Vacancy:
    return record.model_copy(update={"updated_at": noon(day)})


@pytest.fixture
def store(sqlite_store: Store, diary: Diary) -> Store:
    sqlite_store.put_places(PLACES, now=NOW)
    for people, when in (([COOK_BEFORE, DRIVER], "2025-01-01"), ([COOK_AFTER], "2025-04-01")):
        sqlite_store.put_talents([at(one, when) for one in people], now=NOW)
    bakery = KITCHEN.model_copy(update={"vacancy_id": "bakery", "title": "bakker"})
    sqlite_store.put_vacancies([at(KITCHEN, "2025-01-01"), at(bakery, "2025-01-01")], now=NOW)
    sqlite_store.put_vacancies([at(KITCHEN_LATER, "2025-06-01")], now=NOW)
    diary.in_store(sqlite_store)
    return sqlite_store


def built(store: Store, encoder: BagOfWordsEncoder) -> FeatureRows:
    events = store.event_columns()
    shown = shown_pairs(events, as_of=NOW, label=LABEL)
    builder = FeatureBuilder(store, encoder, shown)
    return builder.rows(shown, builder.history(events, as_of=NOW, label=LABEL))


def served(asked: Vacancy, people: list[Talent], history: HistoryFeatures, encoder: BagOfWordsEncoder) -> np.ndarray:
    """What serving computes for these records."""
    places = {place.postcode: place for place in PLACES}
    pool = Candidates(TalentColumns.build(people, places), gridded(EmbeddedCorpus.build(people, encoder)))
    rows = np.arange(len(people))
    return compute_features(build_queries([asked], encoder, places)[0], pool, rows, history)[0]


def test_each_list_sees_the_records_and_the_history_of_its_moment(store: Store, encoder: BagOfWordsEncoder) -> None:
    rows = built(store, encoder)
    pairs = list(zip(rows.frame["vacancy_id"], rows.frame["talent_id"], strict=True))
    assert pairs == [("kitchen", "cook"), ("kitchen", "driver"), ("bakery", "cook"), ("bakery", "driver")]
    blank = HistoryFeatures(0.5, 0.0, 0.5)
    first = served(KITCHEN, [COOK_BEFORE, DRIVER], blank, encoder)
    # One failure: all (0 + 2) / 5 = 0.4, sector (0 + 1.6) / 5 = 0.32, employer (0 + 1.28) / 5 = 0.256.
    bakery = KITCHEN.model_copy(update={"vacancy_id": "bakery", "title": "bakker"})
    second = served(bakery, [COOK_AFTER, DRIVER], HistoryFeatures(0.256, 1.0, 0.32), encoder)
    np.testing.assert_allclose(rows.features, np.vstack([first, second]), rtol=1e-12, equal_nan=True)


def test_who_is_erased_is_left_out(store: Store, encoder: BagOfWordsEncoder) -> None:
    assert "gone" not in set(built(store, encoder).frame["talent_id"])
    store.erase("driver", now=NOW)
    assert built(store, encoder).frame["talent_id"].tolist() == ["cook", "cook"]


def test_before_the_first_revision_the_first_stands(store: Store, encoder: BagOfWordsEncoder) -> None:
    store.put_talents([at(Talent(talent_id="gone", hours_max=30), "2025-12-01")], now=NOW)
    frame = built(store, encoder)
    row = frame.frame["talent_id"].tolist().index("gone")
    assert frame.features[row, FEATURE_NAMES.index("hours_above_wish")] == 0.0


def test_the_placement_at_hand_is_not_its_own_evidence(store: Store, encoder: BagOfWordsEncoder) -> None:
    rows = built(store, encoder)
    count = rows.features[:, FEATURE_NAMES.index("employer_placements")]
    assert count.tolist() == [0.0, 0.0, np.log1p(1), np.log1p(1)]


# Tables for the learner.


def test_a_table_holds_lists_of_two_and_more_with_known_grades() -> None:
    frame = shown_frame(
        [
            ("2025-01-01", [0, 1, -1]),
            ("2025-01-02", [3]),
            ("2025-01-03", [-1, 2]),
            ("2025-01-04", [2, 0, 3]),
            ("2025-01-05", [-1, -1]),
        ]
    )
    features = np.arange(len(frame) * 2, dtype=float).reshape(-1, 2)
    table = FeatureRows(frame, features).table()
    assert table.group_sizes.tolist() == [2, 3]
    assert table.grades.tolist() == [0, 1, 2, 0, 3]
    assert table.positions.tolist() == [1, 2, 1, 2, 3]
    assert table.features[:, 0].tolist() == [0, 2, 12, 14, 16]
    assert len(table) == 5


def test_nothing_known_is_an_empty_table() -> None:
    frame = shown_frame([("2025-01-01", [-1, -1])])
    table = FeatureRows(frame, np.zeros((2, 3))).table()
    assert (len(table), table.group_sizes.tolist()) == (0, [])


def test_graded_takes_the_grades_of_another_cutoff_and_drops_what_was_not_shown_yet() -> None:
    now = shown_frame([("2025-01-01", [0, 3]), ("2025-03-01", [1, 0])])
    then = now[now["list_id"] == "s-0"].assign(grade=[0, -1], outcome=[None, "censored"])
    rows = FeatureRows(now, np.arange(8.0).reshape(4, 2)).graded(then)
    assert rows.frame["grade"].tolist() == [Grade.SHOWN, Grade.UNKNOWN]
    assert rows.frame["outcome"].tolist()[1] == "censored"
    assert rows.features.tolist() == [[0, 1], [2, 3]]
    assert rows.frame["talent_id"].tolist() == ["t-0-1", "t-0-2"]


def test_where_keeps_rows_and_features_together() -> None:
    frame = shown_frame([("2025-01-01", [0, 1]), ("2025-01-02", [2, 3])])
    rows = FeatureRows(frame, np.arange(4.0)[:, None]).where(np.array([False, True, True, False]))
    assert rows.frame["grade"].tolist() == [1, 2]
    assert rows.features[:, 0].tolist() == [1, 2]
    assert rows.frame.index.tolist() == [0, 1]
