"""A leak of each kind is planted, and must be found with the rows named; a clean history must pass."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from training_parts import NOW, Diary, Market, noon

from core.errors import TrainingRefused
from core.records import Talent, Vacancy
from core.settings import Settings
from core.store import Store
from embeddings.fakes import BagOfWordsEncoder
from ranking.features import FEATURE_NAMES
from ranking.history import PlacementHistory, _Track
from ranking.outcomes import LABELS
from training import gate
from training.dataset import FeatureBuilder, FeatureRows
from training.leakage import NAMED, Source, check_leaks, features_as_served, in_time, until
from training.learning import train_ranker
from training.shown import list_sizes, shown_pairs

LABEL = LABELS["retained-1040h-v1"]
BEFORE, SHOWN, AFTER = noon("2025-01-01"), noon("2025-03-03"), noon("2025-06-02")


def clean(store: Store) -> Diary:
    """Three lists of one employer; the first hire fails before the second list is made."""
    people = [Talent(talent_id=f"t-{n}", skills=[f"vak {n % 3}"], updated_at=BEFORE) for n in range(6)]
    jobs = [
        Vacancy(vacancy_id=f"v-{n}", title=f"vak {n}", employer={"employer_id": "inn"}, sector="56", updated_at=BEFORE)
        for n in range(3)
    ]
    store.put_talents(people, now=NOW)
    store.put_vacancies(jobs, now=NOW)
    diary = Diary()
    for number, when in enumerate([SHOWN, SHOWN + timedelta(days=60), SHOWN + timedelta(days=120)]):
        for place in range(1, 4):
            pair = (f"v-{number}", f"t-{number + place - 1}")
            diary.add("shown", when, pair, rank=place, shortlist_id=f"s-{number}")
    hired = ("v-0", "t-1")
    diary.add("placed", SHOWN + timedelta(days=5), hired, starts_on="2025-03-10", contract_hours_per_week=32)
    diary.add("ended", SHOWN + timedelta(days=30), hired, ended_on="2025-04-02")
    return diary


def source_of(store: Store, encoder: BagOfWordsEncoder) -> tuple[FeatureRows, Source]:
    events = store.event_columns()
    shown = shown_pairs(events, as_of=NOW, label=LABEL)
    builder = FeatureBuilder(store, encoder, shown)
    rows = builder.rows(shown, builder.history(events, as_of=NOW))
    return rows, Source(store, encoder, builder, events)


def refusal(rows: FeatureRows, source: Source) -> str:
    with pytest.raises(TrainingRefused) as refused:
        check_leaks(rows, source)
    (reason,) = refused.value.reasons
    assert reason in str(refused.value)
    return reason


def test_a_clean_history_passes(sqlite_store: Store, encoder: BagOfWordsEncoder) -> None:
    clean(sqlite_store).in_store(sqlite_store)
    rows, source = source_of(sqlite_store, encoder)
    assert len(np.unique(rows.features[:, FEATURE_NAMES.index("employer_retention")])) == 2
    check_leaks(rows, source)


def test_a_talent_who_is_only_known_as_they_were_later_is_refused(
    sqlite_store: Store, encoder: BagOfWordsEncoder
) -> None:
    diary = clean(sqlite_store)
    last = SHOWN + timedelta(days=120)
    sqlite_store.put_talents([Talent(talent_id="late", skills=["vak 1"], updated_at=last + timedelta(days=1))], now=NOW)
    diary.add("shown", last, ("v-2", "late"), rank=4, shortlist_id="s-2")
    diary.in_store(sqlite_store)
    reason = refusal(*source_of(sqlite_store, encoder))
    assert "1 rows use a record that was written after the talent was shown: vacancy v-2, talent late" in reason
    assert "shown 2025-07-01" in reason


def test_lists_with_a_later_record_can_be_left_out_whole(sqlite_store: Store, encoder: BagOfWordsEncoder) -> None:
    diary = clean(sqlite_store)
    last = SHOWN + timedelta(days=120)
    sqlite_store.put_talents(
        [Talent(talent_id="late", skills=["vak 1"], updated_at=last + timedelta(hours=5))], now=NOW
    )
    diary.add("shown", last, ("v-2", "late"), rank=4, shortlist_id="s-2")
    diary.in_store(sqlite_store)
    rows, source = source_of(sqlite_store, encoder)
    assert "--leave-out-late" in refusal(rows, source)  # the same day is late too
    kept = rows.where(in_time(rows, source.builder))
    assert sorted(set(kept.frame["vacancy_id"])) == ["v-0", "v-1"]
    assert len(kept.frame) == 6
    check_leaks(kept, source)


def test_a_vacancy_that_is_only_known_as_it_was_later_is_refused(
    sqlite_store: Store, encoder: BagOfWordsEncoder
) -> None:
    diary = clean(sqlite_store)
    sqlite_store.put_vacancies([Vacancy(vacancy_id="late", title="vak 1", updated_at=AFTER)], now=NOW)
    for place in (1, 2):
        diary.add("shown", SHOWN, ("late", f"t-{place}"), rank=place, shortlist_id="s-9")
    diary.in_store(sqlite_store)
    reason = refusal(*source_of(sqlite_store, encoder))
    assert "2 rows use a record that was written after" in reason
    for place in (1, 2):
        assert f"vacancy late, talent t-{place}, shown 2025-03-03" in reason


def test_a_record_without_a_date_and_one_with_an_earlier_version_are_no_leak(
    sqlite_store: Store, encoder: BagOfWordsEncoder
) -> None:
    diary = clean(sqlite_store)
    sqlite_store.put_talents([Talent(talent_id="undated", skills=["vak 1"])], now=NOW)
    sqlite_store.put_talents([Talent(talent_id="t-0", skills=["vak 9"], updated_at=AFTER)], now=NOW)
    diary.add("shown", SHOWN, ("v-0", "undated"), rank=4, shortlist_id="s-0")
    diary.in_store(sqlite_store)
    check_leaks(*source_of(sqlite_store, encoder))


def test_a_pair_that_was_shown_after_its_own_placement_is_refused(
    sqlite_store: Store, encoder: BagOfWordsEncoder
) -> None:
    diary = clean(sqlite_store)
    early = SHOWN + timedelta(days=100)
    diary.add("placed", early, ("v-2", "t-3"), starts_on="2025-06-12", contract_hours_per_week=32)
    diary.in_store(sqlite_store)
    reason = refusal(*source_of(sqlite_store, encoder))
    assert "1 rows were shown after their own placement: vacancy v-2, talent t-3, shown 2025-07-01" in reason


@pytest.mark.parametrize("name", ["employer_retention", "similarity", "travel_km"])
def test_a_feature_that_could_not_have_been_computed_then_is_refused(
    sqlite_store: Store, encoder: BagOfWordsEncoder, name: str
) -> None:
    clean(sqlite_store).in_store(sqlite_store)
    rows, source = source_of(sqlite_store, encoder)
    features = rows.features.copy()
    features[4, FEATURE_NAMES.index(name)] = 0.123
    reason = refusal(replace(rows, features=features), source)
    row = rows.frame.iloc[4]
    assert f"1 rows have other features ({name})" in reason
    assert f"vacancy {row['vacancy_id']}, talent {row['talent_id']}" in reason


def test_an_employers_history_that_knows_later_outcomes_is_refused(
    sqlite_store: Store, encoder: BagOfWordsEncoder
) -> None:
    """As if outcomes were known at the signature: only the list that was made before the end tells the difference."""
    diary = clean(sqlite_store)
    diary.add("shown", SHOWN + timedelta(days=10), ("v-2", "t-0"), rank=1, shortlist_id="s-7")
    diary.add("shown", SHOWN + timedelta(days=10), ("v-2", "t-5"), rank=2, shortlist_id="s-7")
    diary.in_store(sqlite_store)
    rows, source = source_of(sqlite_store, encoder)
    known = source.builder.history(source.events, as_of=NOW)

    def early(track: _Track) -> _Track:
        return replace(track, known_at=np.full_like(track.known_at, np.datetime64("2025-03-08")))

    history = PlacementHistory(
        {key: early(track) for key, track in known.employers.items()},
        {key: early(track) for key, track in known.sectors.items()},
        early(known.overall),
    )
    reason = refusal(source.builder.rows(rows.frame, history), source)
    assert "employer_retention" in reason
    assert "2 rows" in reason
    assert "talent t-0, shown 2025-03-13" in reason


def test_a_refusal_names_some_and_counts_all(sqlite_store: Store, encoder: BagOfWordsEncoder) -> None:
    diary = clean(sqlite_store)
    late = Vacancy(vacancy_id="late", title="vak", updated_at=AFTER)
    sqlite_store.put_vacancies([late], now=NOW)
    sqlite_store.put_talents([Talent(talent_id=f"x-{n}") for n in range(15)], now=NOW)
    for n in range(15):
        diary.add("shown", SHOWN, ("late", f"x-{n}"), rank=n + 1, shortlist_id="s-9")
    diary.in_store(sqlite_store)
    reason = refusal(*source_of(sqlite_store, encoder))
    assert reason.count("vacancy late") == NAMED
    assert "15 rows" in reason
    assert "and 5 more" in reason


def test_training_refuses_before_anything_is_fitted(
    sqlite_store: Store, home: Settings, encoder: BagOfWordsEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    diary = Diary()
    late = Vacancy(vacancy_id="v-7", title="vak", updated_at=NOW)
    sqlite_store.put_vacancies([Vacancy(vacancy_id=f"v-{n}", title="vak") for n in range(80) if n != 7], now=NOW)
    sqlite_store.put_vacancies([late], now=NOW)
    sqlite_store.put_talents([Talent(talent_id=f"t-{n}") for n in range(20)], now=NOW)
    for n in range(80):
        when = SHOWN + timedelta(days=n)
        for place in (1, 2):
            diary.add("shown", when, (f"v-{n}", f"t-{(n + place) % 20}"), rank=place, shortlist_id=f"s-{n}")
        pair = (f"v-{n}", f"t-{(n + 1) % 20}")
        diary.add("placed", when + timedelta(days=1), pair, starts_on=when.date(), contract_hours_per_week=40)
        diary.add("ended", when + timedelta(days=9), pair, ended_on=when.date() + timedelta(days=9))
    diary.in_store(sqlite_store)
    with pytest.raises(TrainingRefused, match="vacancy v-7, talent t-8, shown 2025-03-10") as refused:
        train_ranker(sqlite_store, encoder, home, as_of=NOW)
    assert all(reason.startswith("leak: ") for reason in refused.value.reasons)
    monkeypatch.setattr(gate, "MIN_LISTS", 80)
    with pytest.raises(TrainingRefused, match="79 shown lists"):  # what is left was looked at, and found too little
        train_ranker(sqlite_store, encoder, home, as_of=NOW, leave_out_late=True)


def test_on_a_whole_history_every_list_is_what_serving_would_have_seen(
    market: Market, encoder: BagOfWordsEncoder
) -> None:
    rows, source = source_of(market.store, encoder)
    starts = np.concatenate(([0], np.cumsum(list_sizes(rows.frame["list_id"]))))
    for number in range(0, len(starts) - 1, 40):
        span = slice(int(starts[number]), int(starts[number + 1]))
        then = features_as_served(rows.frame[span], source)
        np.testing.assert_array_equal(then, rows.features[span])


def test_until_is_what_had_occurred(market: Market) -> None:
    events = market.store.event_columns()
    when = market.cutoff - timedelta(days=300)
    cut = until(events, when)
    assert cut.event_id.tolist() == market.store.event_columns(until=when).event_id.tolist()
    assert 0 < len(cut) < len(events)
