"""The service on a real store, index and model: what a shortlist promises, checked on a town of 120 people."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from profile_oracle import record_vector
from ranking_parts import NOW, PLACES, query_of, same, talent, vacancy
from ranking_town import Town, job, person, settle

from api.adhoc import vacancy_of_text
from core.errors import ArtifactMismatch, ArtifactMissing, NotFound
from core.records import EVENT_ADAPTER, Vacancy
from core.settings import Settings
from core.store import Store
from core.vocabulary import Band, RankingMode, SupportKind, VacancyStatus
from embeddings.fakes import BagOfWordsEncoder
from embeddings.indexer import update_index
from embeddings.phrases import PhraseKind
from embeddings.views import talent_phrases
from ranking import dutch
from ranking.columns import TalentColumns
from ranking.eligibility import check_eligibility
from ranking.features import FEATURE_NAMES
from ranking.matcher import Matcher
from ranking.model import RankingModel
from ranking.pipeline import Stage, StageClock

TEXT = "Wij zoeken iemand die graag werkt met heftruck en magazijn. Je helpt bij laden en lossen."


@pytest.fixture(scope="session")
def matcher(town: Town, encoder: BagOfWordsEncoder, model: RankingModel) -> Matcher:
    return Matcher.open(town.settings, town.store, encoder, lambda: model)


@pytest.fixture(scope="session")
def semantic(town: Town, encoder: BagOfWordsEncoder) -> Matcher:
    return Matcher.open(town.settings, town.store, encoder, lambda: None)


def eligible_ids(town: Town, asked: Vacancy) -> set[str]:
    """Who may stand on a list, judged over everyone without an index."""
    at = query_of(asked, BagOfWordsEncoder(dim=8)).at
    columns = TalentColumns.build(town.people, PLACES)
    answer = check_eligibility(asked, columns, at, datetime.now(UTC).date())
    return {one.talent_id for one, fits in zip(town.people, answer.eligible, strict=True) if fits}


@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize("k", [1, 5, 20, 200])
def test_full_eligible_and_in_order(matcher: Matcher, town: Town, number: int, k: int) -> None:
    asked = town.jobs[number]
    allowed = eligible_ids(town, asked)
    found = matcher.shortlist(asked, k=k)
    assert found.pool_size == len(allowed)
    assert [entry.rank for entry in found.entries] == list(range(1, min(k, len(allowed)) + 1))
    ids = [entry.talent_id for entry in found.entries]
    assert len(set(ids)) == len(ids)
    assert set(ids) <= allowed
    scores = [entry.score for entry in found.entries]
    assert scores == sorted(scores, reverse=True)
    assert len(allowed) > 3


def test_full_though_retrieval_is_narrow(town: Town, encoder: BagOfWordsEncoder, model: RankingModel) -> None:
    """Eligibility is applied inside the search: the nearest five eligible ones are found behind all the others."""
    narrow = Matcher.open(Settings(home=town.settings.home, threads=1, retrieve=5), town.store, encoder, lambda: model)
    rare = town.jobs[0].model_copy(update={"licences_required": ["CE"], "certificates_required": ["heftruck"]})
    allowed = eligible_ids(town, rare)
    assert 5 < len(allowed) < len(town.people) / 2
    assert len(narrow.shortlist(rare, k=5).entries) == 5
    assert len(narrow.shortlist(rare, k=6).entries) == 6


def test_without_anyone_eligible_the_list_is_empty(
    empty_town: Town, encoder: BagOfWordsEncoder, model: RankingModel
) -> None:
    empty_town.store.put_talents([talent("asleep", skills=["lassen"], active=False)], now=NOW)
    update_index(empty_town.store, encoder, empty_town.settings.index_dir)
    for champion in (model, None):
        matcher = Matcher.open(empty_town.settings, empty_town.store, encoder, lambda champion=champion: champion)
        found = matcher.shortlist(vacancy(skills_required=["lassen"]), k=5)
        assert (found.pool_size, found.entries, found.near_misses) == (0, [], [])
        assert empty_town.store.shortlist(found.shortlist_id) == found


def test_an_answer_names_what_made_it(
    matcher: Matcher, town: Town, model: RankingModel, encoder: BagOfWordsEncoder
) -> None:
    found = matcher.shortlist(town.jobs[1], k=3)
    assert found.vacancy_id == "v-01"
    assert (found.model_version, found.encoder_version) == (model.info.version, encoder.version)
    assert found.index_version == matcher.status().index_version
    assert found.ranking_mode is RankingMode.LEARNED
    assert found.notice is None
    assert found.created_at <= datetime.now(UTC)


def test_a_list_of_an_earlier_day_says_whose_order_it_has(matcher: Matcher, town: Town, model: RankingModel) -> None:
    """The model of the fixture learned until 1 February 2026."""
    before = matcher.shortlist(town.jobs[1], k=3, as_of=datetime(2025, 12, 24, 12, tzinfo=UTC)).notice
    after = matcher.shortlist(town.jobs[1], k=3, as_of=datetime(2026, 2, 3, 12, tzinfo=UTC)).notice
    assert before is not None
    assert after is not None
    for notice, day in ((before, "24-12-2025"), (after, "03-02-2026")):
        assert f"situatie van {day}" in notice
        assert f"model van nu (versie {model.info.version})" in notice
    assert "weet ook wat er daarna is gebeurd" in before
    assert "weet ook" not in after


def test_a_shortlist_is_kept_as_it_was_given(matcher: Matcher, town: Town) -> None:
    found = matcher.shortlist(town.jobs[2], k=7)
    again = town.store.shortlist(found.shortlist_id)
    assert again == found
    assert again.model_dump_json() == found.model_dump_json()


def test_the_features_that_were_used_are_kept_and_give_the_scores(
    matcher: Matcher, town: Town, model: RankingModel
) -> None:
    found = matcher.shortlist(town.jobs[2], k=7)
    kept = town.store.shortlist_features(found.shortlist_id)
    assert kept["names"] == list(FEATURE_NAMES)
    values = np.array([kept["values"][entry.talent_id] for entry in found.entries], dtype=np.float64)
    assert same(model.ranker.score(values), [entry.score for entry in found.entries])
    assert Vacancy.model_validate(kept["vacancy"]) == town.jobs[2]


def test_asking_twice_gives_the_same_answer_twice(matcher: Matcher, town: Town) -> None:
    one, other = (matcher.shortlist(town.jobs[3], k=20) for _ in range(2))
    assert one.entries == other.entries
    assert one.near_misses == other.near_misses
    assert one.shortlist_id != other.shortlist_id


def test_a_longer_list_begins_with_the_shorter_one(matcher: Matcher, town: Town) -> None:
    short, long = (matcher.shortlist(town.jobs[3], k=k).entries for k in (4, 15))
    assert short == long[:4]


def test_a_mere_text_is_a_vacancy(matcher: Matcher, town: Town) -> None:
    asked = vacancy_of_text(TEXT)
    assert asked == vacancy_of_text(TEXT)
    assert asked.vacancy_id != vacancy_of_text(f"{TEXT} Bel ons.").vacancy_id
    found = matcher.shortlist(asked, k=10)
    assert len(found.entries) == 10
    assert found.vacancy_id == asked.vacancy_id


def test_what_is_read_from_a_text_is_told_and_what_is_given_stays(matcher: Matcher, town: Town) -> None:
    text = f"{TEXT} Het is werk voor 32 tot 36 uur per week. Je hebt rijbewijs B."
    read = matcher.shortlist(vacancy_of_text(text), k=3)
    kept = town.store.shortlist_features(read.shortlist_id)["vacancy"]
    assert (kept["hours_min"], kept["hours_max"], kept["licences_required"]) == (32, 36, ["B"])
    assert "uren: 32 tot 36" in (read.notice or "")
    assert "rijbewijs: B" in (read.notice or "")
    filled = vacancy(title="Medewerker", description=text, hours_min=20, hours_max=24, licences_required=["AM"])
    given = matcher.shortlist(filled, k=3)
    kept = town.store.shortlist_features(given.shortlist_id)["vacancy"]
    assert (kept["hours_min"], kept["hours_max"], kept["licences_required"]) == (20, 24, ["AM"])
    assert "uren" not in (given.notice or "")
    assert "rijbewijs" not in (given.notice or "")


def test_a_stored_vacancy_is_read_too_and_stays_as_it_was_stored(matcher: Matcher, town: Town) -> None:
    stored = vacancy("v-told", title="Medewerker", description="Je hebt rijbewijs CE.", updated_at=NOW)
    told = matcher.shortlist(stored, k=5)
    by_form = matcher.shortlist(stored.model_copy(update={"licences_required": ["CE"], "description": "werk"}), k=5)
    assert told.pool_size == by_form.pool_size < matcher.shortlist(vacancy(title="Medewerker"), k=5).pool_size
    assert stored.licences_required == []
    assert "rijbewijs: CE" in (told.notice or "")
    assert by_form.notice is None


def test_an_unsure_reading_keeps_nobody_off_the_list_and_is_a_gap_at_most(matcher: Matcher) -> None:
    everyone = matcher.shortlist(vacancy(title="Medewerker"), k=200)
    unsure = matcher.shortlist(vacancy(title="Medewerker", description="Rijbewijs CE. Eigen vervoer."), k=200)
    assert unsure.pool_size == everyone.pool_size
    assert any(gap.what == "CE" for entry in unsure.entries for gap in entry.gaps)
    assert "niemand valt hierom af: rijbewijs" in (unsure.notice or "")


# Without a champion.


def test_without_a_model_similarity_orders_and_the_answer_says_so(semantic: Matcher, town: Town) -> None:
    found = semantic.shortlist(town.jobs[1], k=20)
    assert found.ranking_mode is RankingMode.SEMANTIC
    assert found.model_version is None
    assert found.notice == dutch.SEMANTIC_ONLY
    assert [entry.score for entry in found.entries] == sorted((e.score for e in found.entries), reverse=True)
    for entry in found.entries:
        assert entry.similarity == pytest.approx(entry.score, abs=1e-4)
        assert entry.retention is None
        assert [reason.feature for reason in entry.reasons] == ["similarity"]


def test_similarity_is_the_cosine_of_the_records(semantic: Matcher, town: Town, encoder: BagOfWordsEncoder) -> None:
    asked = town.jobs[1]
    found = semantic.shortlist(asked, k=200)
    query = record_vector(asked, encoder)
    for entry in found.entries:
        own = record_vector(person(int(entry.talent_id[2:])), encoder)
        assert entry.similarity == pytest.approx(float(own @ query), abs=2e-3)


# What is said of an entry.


def test_every_entry_speaks_of_its_own_person(matcher: Matcher, town: Town) -> None:
    offered_by = {one.talent_id: _words(one) for one in town.people}
    seen = 0
    for number in range(4):
        for entry in matcher.shortlist(town.jobs[number], k=20).entries:
            for skill in entry.matched_skills:
                assert skill.offered in offered_by[entry.talent_id]
                assert skill.required in town.jobs[number].skills_required
                seen += 1
            for reason in entry.reasons:
                assert "{" not in reason.text
                assert reason.text[0].isupper() or reason.text[0].isdigit()
                assert reason.text.endswith(".")
                assert reason.feature in FEATURE_NAMES
    assert seen > 0


def _words(one: object) -> set[str]:
    return {phrase.text for phrase in talent_phrases(one) if phrase.kind is not PhraseKind.INTEREST}


def test_retention_is_a_chance_with_an_interval(matcher: Matcher, town: Town) -> None:
    for entry in matcher.shortlist(town.jobs[1], k=20).entries:
        assert entry.retention is not None
        assert entry.retention.low <= entry.retention.probability <= entry.retention.high
        assert entry.retention.band in Band


def test_unknowns_are_what_the_vacancy_asks_and_the_profile_does_not_say(matcher: Matcher, town: Town) -> None:
    asked = town.jobs[0]
    for entry in matcher.shortlist(asked, k=200).entries:
        one = person(int(entry.talent_id[2:]))
        expected = {
            name
            for name in ("licences", "certificates", "languages", "education_level", "irregular_hours", "transport",
                         "available_from", "max_travel_km")
            if getattr(one, name) is None
        }  # fmt: skip
        if one.hours_min is None and one.hours_max is None:
            expected.add("hours")
        if one.location.postcode is None:
            expected.add("location")
        if not one.behaviours:
            expected.add("behaviours")
        assert set(entry.unknowns) == expected


def test_nothing_is_unknown_that_is_not_asked(matcher: Matcher, town: Town) -> None:
    for entry in matcher.shortlist(vacancy(title="Medewerker haven", description=TEXT), k=50).entries:
        assert entry.unknowns == []


def test_gaps_by_hand(empty_town: Town, encoder: BagOfWordsEncoder, model: RankingModel) -> None:
    town = settle(empty_town, encoder)
    town.store.put_talents(
        [
            talent(
                "gap",
                skills=["zeldzaam ambacht"],
                certificates=["BHV"],
                licences=["B"],
                languages=[{"code": "nld", "spoken": 1}],
                education_level=1,
            ),
            talent("whole", skills=["zeldzaam ambacht"], certificates=["VCA", "HACCP"], education_level=4),
        ],
        now=NOW,
    )
    asked = vacancy(
        title="zeldzaam ambacht",
        skills_required=["zeldzaam ambacht", "lassen", "timmeren"],
        certificates_required=["VCA", "HACCP"],
        education_level_min=3,
        training_offered=["VCA", "HACCP", "timmeren"],
    )
    found = {
        entry.talent_id: entry
        for entry in Matcher.open(town.settings, town.store, encoder, lambda: model).shortlist(asked, k=200).entries
    }
    gaps = [(gap.kind, gap.what, gap.bridge) for gap in found["gap"].gaps]
    assert gaps == [
        ("certificate", "VCA", "inwerken"),
        ("certificate", "HACCP", "inwerken"),
        ("education", "niveau 3", None),
        ("skill", "lassen", "bijscholing"),  # that the employer teaches something else does not help here
        ("skill", "timmeren", "inwerken"),
    ]
    assert [gap.kind for gap in found["whole"].gaps] == ["skill", "skill"]
    assert [skill.required for skill in found["gap"].matched_skills] == ["zeldzaam ambacht"]
    assert found["gap"].matched_skills[0].similarity == pytest.approx(1.0, abs=2e-3)


# Near misses.


def test_near_misses_are_blocked_by_something_that_would_help(matcher: Matcher, town: Town) -> None:
    seen = 0
    for number in range(0, 12, 2):
        asked = town.jobs[number]
        found = matcher.shortlist(asked, k=5)
        allowed = eligible_ids(town, asked)
        floor = float(np.median([entry.score for entry in found.entries]))
        for rank, miss in enumerate(found.near_misses, start=1):
            assert miss.rank == rank
            assert miss.talent_id not in allowed
            assert miss.score >= floor
            assert miss.blocked_by
            assert len(miss.would_help) == len(miss.blocked_by)
            assert all(help_.support in SupportKind and help_.text for help_ in miss.would_help)
            seen += 1
        assert len(found.near_misses) <= 5
    assert seen > 0


def test_a_near_miss_by_hand(empty_town: Town, encoder: BagOfWordsEncoder) -> None:
    town = settle(empty_town, encoder)
    skills = {"skills": ["zeldzaam ambacht"], "presentation": "Ik doe graag zeldzaam ambacht."}
    town.store.put_talents(
        [
            talent("near", **skills, licences=[]),
            talent("far", **skills, licences=[], hours_max=8),
            talent("asleep", **skills, active=False),
            talent("unknown", **skills),
        ],
        now=NOW,
    )
    asked = vacancy(title="zeldzaam ambacht", licences_required=["B"], hours_min=32)
    found = Matcher.open(town.settings, town.store, encoder, lambda: None).shortlist(asked, k=3)
    assert found.entries[0].talent_id == "unknown"
    assert found.entries[0].unknowns == ["licences", "hours"]
    assert found.near_misses[0].talent_id == "near"
    assert not {"far", "asleep"} & {one.talent_id for one in [*found.near_misses, *found.entries]}
    near = found.near_misses[0]
    assert [(block.code, block.text) for block in near.blocked_by] == [
        ("licence", "Heeft niet het gevraagde rijbewijs (B).")
    ]
    assert [help_.support for help_ in near.would_help] == [SupportKind.TRAINING]
    assert [(gap.kind, gap.what) for gap in near.gaps] == [("licence", "B")]


# Time.


def test_what_happens_later_does_not_change_an_answer_as_of_before(
    empty_town: Town, encoder: BagOfWordsEncoder, model: RankingModel
) -> None:
    town = settle(empty_town, encoder)
    then, after = NOW + timedelta(hours=1), NOW + timedelta(days=9)
    ask = {"k": 30, "as_of": then}

    def open_matcher() -> Matcher:
        return Matcher.open(town.settings, town.store, encoder, lambda: model)

    before = [open_matcher().shortlist(one, **ask) for one in town.jobs[:4]]
    town.store.put_talents(
        [person(number).model_copy(update={"skills": ["anders"], "updated_at": after}) for number in range(60)],
        now=after,
    )
    events = []
    for number in range(24):  # everyone who was placed is said to have left, to have worked, to be placed again
        pair = {"vacancy_id": f"v-{number % 12:02d}", "talent_id": f"t-{number:03d}", "occurred_at": after}
        events += [
            {"event_id": f"l-{number}", "kind": "ended", "ended_on": "2025-06-01"} | pair,
            {"event_id": f"h-{number}", "kind": "hours", "total_hours": number * 100} | pair,
            {"event_id": f"p-{number}", "kind": "placed", "starts_on": "2026-04-01", "contract_hours_per_week": 8}
            | pair,
        ]
    town.store.put_events([EVENT_ADAPTER.validate_python(event) for event in events], now=after)
    again = [open_matcher().shortlist(one, **ask) for one in town.jobs[:4]]
    for one, other in zip(before, again, strict=True):
        assert one.entries == other.entries
        assert one.near_misses == other.near_misses
        assert one.pool_size == other.pool_size
    live = open_matcher().shortlist(town.jobs[0], k=30)
    assert live.entries != before[0].entries


def test_the_live_answer_follows_the_store(empty_town: Town, encoder: BagOfWordsEncoder, model: RankingModel) -> None:
    town = settle(empty_town, encoder)
    matcher = Matcher.open(town.settings, town.store, encoder, lambda: None)
    asked = vacancy(title="zeldzaam ambacht")
    town.store.put_talents([talent("new", presentation="Mijn vak is een zeldzaam ambacht.")], now=NOW)
    assert matcher.shortlist(asked, k=3).entries[0].talent_id == "new"
    town.store.erase("new", now=NOW)
    assert "new" not in {entry.talent_id for entry in matcher.shortlist(asked, k=200).entries}
    assert matcher.status().talents == 120


# The other direction.


def test_a_talent_gets_open_vacancies_with_the_score_of_the_shortlist(matcher: Matcher, town: Town) -> None:
    forward = {one.vacancy_id: matcher.shortlist(one, k=200) for one in town.jobs}
    for number in (3, 7, 50):
        talent_id = f"t-{number:03d}"
        found = matcher.vacancies(talent_id, k=12)
        there = {key: entry for key, one in forward.items() for entry in one.entries if entry.talent_id == talent_id}
        assert {entry.vacancy_id for entry in found.entries} == set(there)
        assert found.pool_size == len(there)
        assert [entry.rank for entry in found.entries] == list(range(1, len(there) + 1))
        scores = [entry.score for entry in found.entries]
        assert scores == sorted(scores, reverse=True)
        for entry in found.entries:
            twin = there[entry.vacancy_id]
            assert entry.score == twin.score
            assert entry.retention == twin.retention
            assert entry.reasons == twin.reasons
            assert (entry.gaps, entry.unknowns, entry.travel_km) == (twin.gaps, twin.unknowns, twin.travel_km)


def test_only_what_is_open_is_offered(empty_town: Town, encoder: BagOfWordsEncoder) -> None:
    town = settle(empty_town, encoder)
    matcher = Matcher.open(town.settings, town.store, encoder, lambda: None)
    everything = {entry.vacancy_id for entry in matcher.vacancies("t-001", k=20).entries}
    one, other, third = sorted(everything)[:3]
    closed = {
        one: {"status": VacancyStatus.FILLED},
        other: {"closes_on": (datetime.now(UTC) - timedelta(days=2)).date()},
        third: {"closes_on": (datetime.now(UTC) + timedelta(days=2)).date()},
    }
    changed = [job(int(key[2:])).model_copy(update=fields) for key, fields in closed.items()]
    town.store.put_vacancies(changed, now=NOW)
    assert {entry.vacancy_id for entry in matcher.vacancies("t-001", k=20).entries} == everything - {one, other}


def test_a_talent_without_any_vacancy_gets_none(empty_town: Town, encoder: BagOfWordsEncoder) -> None:
    empty_town.store.put_talents([talent("only")], now=NOW)
    update_index(empty_town.store, encoder, empty_town.settings.index_dir)
    matcher = Matcher.open(empty_town.settings, empty_town.store, encoder, lambda: None)
    assert matcher.vacancies("only").entries == []
    assert matcher.vacancies("only").ranking_mode is RankingMode.SEMANTIC


def test_a_talent_who_is_not_there(matcher: Matcher) -> None:
    with pytest.raises(NotFound, match="check the id"):
        matcher.vacancies("nobody")


# What does not fit together.


def test_without_an_index_it_does_not_open(encoder: BagOfWordsEncoder, empty_town: Town) -> None:
    with pytest.raises(ArtifactMissing, match="kansrijk index"):
        Matcher.open(empty_town.settings, empty_town.store, encoder, lambda: None)


def test_another_encoder_than_that_of_the_index_is_refused(town: Town) -> None:
    with pytest.raises(ArtifactMismatch, match="kansrijk index"):
        Matcher.open(town.settings, town.store, BagOfWordsEncoder(dim=512, salt="other"), lambda: None)


def test_a_model_of_another_encoder_is_refused_and_the_status_says_so(
    town: Town, encoder: BagOfWordsEncoder, model: RankingModel
) -> None:
    stranger = replace(model, info=replace(model.info, encoder_version="another"))
    matcher = Matcher.open(town.settings, town.store, encoder, lambda: stranger)
    with pytest.raises(ArtifactMismatch, match="kansrijk train"):
        matcher.shortlist(town.jobs[0])
    status = matcher.status()
    assert not status.ready
    assert status.reason is not None
    assert "another" in status.reason


def test_status(matcher: Matcher, semantic: Matcher) -> None:
    assert (matcher.status().ready, matcher.status().ranking_mode) == (True, RankingMode.LEARNED)
    assert (semantic.status().ready, semantic.status().ranking_mode) == (True, RankingMode.SEMANTIC)
    assert matcher.status().talents == 120


def test_the_clock_counts_every_stage(matcher: Matcher, town: Town) -> None:
    clock = StageClock()
    matcher.shortlist(town.jobs[0], k=5, clock=clock)
    assert set(clock.seconds) == set(Stage)
    assert all(seconds >= 0 for seconds in clock.seconds.values())


def test_the_store_is_left_open(empty_town: Town, encoder: BagOfWordsEncoder) -> None:
    town = settle(empty_town, encoder)
    Matcher.open(town.settings, town.store, encoder, lambda: None).close()
    assert isinstance(town.store, Store)
    town.store.ping()
