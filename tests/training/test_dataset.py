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
from ranking.reading import VacancyReader
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
    return builder.rows(shown, builder.history(events, as_of=NOW))


def served(asked: Vacancy, people: list[Talent], history: HistoryFeatures, encoder: BagOfWordsEncoder) -> np.ndarray:
    """What serving computes for these records."""
    places = {place.postcode: place for place in PLACES}
    pool = Candidates(TalentColumns.build(people, places), gridded(EmbeddedCorpus.build(people, encoder)))
    rows = np.arange(len(people))
    told = VacancyReader(places).told(asked)
    return compute_features(build_queries([told], encoder, places)[0], pool, rows, history)[0]


@pytest.mark.parametrize("batch", [1, 2_048])  # with 1 the revisions of a vacancy lie in different batches
def test_each_list_sees_the_records_and_the_history_of_its_moment(
    store: Store, encoder: BagOfWordsEncoder, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.dataset.BATCH", batch)
    rows = built(store, encoder)
    pairs = list(zip(rows.frame["vacancy_id"], rows.frame["talent_id"], strict=True))
    assert pairs == [("kitchen", "cook"), ("kitchen", "driver"), ("bakery", "cook"), ("bakery", "driver")]
    blank = HistoryFeatures(0.5, 0.0, 0.5)
    first = served(KITCHEN, [COOK_BEFORE, DRIVER], blank, encoder)
    # One failure: all (0 + 2) / 5 = 0.4, sector (0 + 1.6) / 5 = 0.32, employer (0 + 1.28) / 5 = 0.256.
    bakery = KITCHEN.model_copy(update={"vacancy_id": "bakery", "title": "bakker"})
    second = served(bakery, [COOK_AFTER, DRIVER], HistoryFeatures(0.256, 1.0, 0.32), encoder)
    np.testing.assert_allclose(rows.features, np.vstack([first, second]), rtol=1e-12, equal_nan=True)


def test_a_vacancy_that_changes_while_training_reads_keeps_its_numbers(
    store: Store, encoder: BagOfWordsEncoder
) -> None:
    """The revisions are counted first and read later; one that is written in between must not take another's place."""
    events = store.event_columns()
    shown = shown_pairs(events, as_of=NOW, label=LABEL)
    before = built(store, encoder)
    builder = FeatureBuilder(store, encoder, shown)
    bakery = KITCHEN.model_copy(update={"vacancy_id": "bakery", "title": "lasser", "hours_min": 1.0})
    store.put_vacancies([at(bakery, "2025-01-02")], now=NOW)
    after = builder.rows(shown, builder.history(events, as_of=NOW))
    np.testing.assert_array_equal(after.features, before.features)


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


@pytest.mark.parametrize("batch", [1, 2_048])
def test_lists_computed_together_are_to_the_bit_as_each_by_itself(
    sqlite_store: Store, encoder: BagOfWordsEncoder, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oracle computes every pair alone, with a list of one, and looks its revisions up by comparing moments."""
    monkeypatch.setattr("training.dataset.BATCH", batch)
    rng = np.random.default_rng(4)
    words = ["koken", "bakken", "rijden", "snoeien", "laden", "poetsen", "bellen", "tellen"]
    people = [
        Talent(
            talent_id=f"p-{number}",
            skills=rng.choice(words, size=rng.integers(0, 5), replace=False).tolist(),
            interests=rng.choice(words, size=rng.integers(0, 3), replace=False).tolist(),
            hours_max=float(rng.integers(8, 40)),
            location={"postcode": "3013"},
        )
        for number in range(12)
    ]
    sqlite_store.put_places(PLACES, now=NOW)
    sqlite_store.put_talents([at(one, "2025-01-01") for one in people], now=NOW)
    sqlite_store.put_vacancies([at(KITCHEN, "2025-01-01")], now=NOW)
    sqlite_store.put_vacancies([at(KITCHEN_LATER, "2025-03-20")], now=NOW)
    sqlite_store.put_talents([at(people[0].model_copy(update={"skills": ["tellen"]}), "2025-03-20")], now=NOW)
    diary = Diary()
    for month, shown_then in {2: (9, 1, 2), 3: (3, 4, 5), 4: (6, 7, 8), 5: (0, 10, 11)}.items():
        for place, number in enumerate(shown_then, start=1):
            diary.add(
                "shown", noon(f"2025-{month:02}-03"), ("kitchen", f"p-{number}"), rank=place, shortlist_id=f"s-{month}"
            )
    diary.add("placed", noon("2025-02-04"), ("kitchen", "p-1"), starts_on="2025-02-05", contract_hours_per_week=32)
    diary.add("ended", noon("2025-02-20"), ("kitchen", "p-1"), ended_on="2025-02-20")
    diary.in_store(sqlite_store)
    events = sqlite_store.event_columns()
    shown = shown_pairs(events, as_of=NOW, label=LABEL)
    builder = FeatureBuilder(sqlite_store, encoder, shown)
    history = builder.history(events, as_of=NOW)
    rows = builder.rows(shown, history)
    for row, pair in enumerate(rows.frame.itertuples()):
        moment = pair.shown_at.to_datetime64()
        later = moment >= np.datetime64("2025-03-20")
        person = people[int(pair.talent_id[2:])]
        if pair.talent_id == "p-0" and later:
            person = person.model_copy(update={"skills": ["tellen"]})
        asked = KITCHEN_LATER if later else KITCHEN
        alone = served(asked, [person], history.features(asked, moment), encoder)
        np.testing.assert_array_equal(rows.features[row], alone[0])
    outcomes_known = rows.features[:, FEATURE_NAMES.index("employer_placements")]
    assert len(rows.frame) == 12
    assert outcomes_known.tolist() == [0.0] * 3 + [np.log1p(1)] * 9


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


# Vacancies that tell it in their text.


def test_what_a_text_tells_is_a_feature_as_if_a_form_told_it(
    sqlite_store: Store, diary: Diary, encoder: BagOfWordsEncoder
) -> None:
    """The oracle is the same vacancy with the fields filled by hand, its text left as it is."""
    text = "Je bakt taarten. Je hebt rijbewijs B. Het is werk voor 24 tot 32 uur per week."
    told = Vacancy(vacancy_id="kitchen", title="kok", description=text)
    by_hand = told.model_copy(
        update={"skills_required": ["taarten bakken"], "licences_required": ["B"], "hours_min": 24.0, "hours_max": 32.0}
    )
    diary.in_store(sqlite_store)
    people = [at(COOK_BEFORE.model_copy(update={"licences": []}), "2025-01-01"), at(DRIVER, "2025-01-01")]
    sqlite_store.put_talents(people, now=NOW)
    features = []
    for vacancy in (told, by_hand):
        sqlite_store.put_vacancies([at(vacancy, "2025-01-01")], now=NOW)
        features.append(built(sqlite_store, encoder).features)
        assert (
            sqlite_store.vacancies_by_id(["kitchen"])["kitchen"].record.licences_required == vacancy.licences_required
        )
    np.testing.assert_array_equal(features[0], features[1])
    named = dict(zip(FEATURE_NAMES, features[0].T, strict=True))
    assert named["licences_missing"].tolist() == [1.0, 0.0]  # the driver's CE includes B
    assert named["hours_offered"][0] == 28.0
